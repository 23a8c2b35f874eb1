"""Packages, backend and filters."""

from __future__ import annotations

import importlib.util
import os
import shutil
import stat
import subprocess
from collections.abc import Iterable, Iterator

from backend.control.checks.access import USER, blocked
from backend.control.checks.finding import NOTE, REINSTALL, Finding, Installation
from backend.control.descriptions import installed_descriptions
from backend.control.network import FOLDERS
from backend.control.packages import how_to_install

#: Python packages by import name, and the Debian package that brings each.
PACKAGES = (
    ("h11", "python3-h11"),
    ("cryptography", "python3-cryptography"),
    ("cups", "python3-cups"),
    ("PIL", "python3-pil"),
    ("pypdf", "python3-pypdf"),
    ("reportlab", "python3-reportlab"),
)


#: What has to be done about a program that others could write.
CHANGED = f"others could have changed it: bring it back as it was, {REINSTALL}"

#: Programs that a filter of ours starts.
PROGRAMS = {"pdftopcl": ("gs", "ghostscript"), "imagetopcl": ("gs", "ghostscript")}

#: Programs that a command of ours asks, and that are needed for nothing else.
OPTIONAL = {"ipps443ctl find": ("avahi-browse", "avahi-daemon avahi-utils")}

#: Every installation has them, whatever its descriptions name.
OWN_FILTERS = (
    "texttopcl",
    "texttopdf443",
    "pdftopcl",
    "pdftopwg443",
    "pdfcheck443",
    "imagetopcl",
    "imagetopdf443",
    "scstopcl",
    "scstopdf443",
)


def check_packages(installation: Installation) -> Iterable[Finding]:
    """Python packages and programs are there."""
    for module, package in PACKAGES:
        if importlib.util.find_spec(module) is None:
            yield Finding(module, "this Python package is missing", how_to_install(package))
    used = {name for found in installed_descriptions(installation.console.environ) for name in found.filters}
    for name, (program, package) in PROGRAMS.items():
        if name in used and shutil.which(program) is None:
            yield Finding(program, f"this program is missing, which {name} needs", _program(package))
    for name, (program, package) in OPTIONAL.items():
        if shutil.which(program, path=FOLDERS) is None:
            yield Finding(program, f"this program is missing, which only {name} needs", _program(package), NOTE)


def _program(package: str) -> str:
    """Return the command that brings a program; no virtual environment has it."""
    return f"apt-get install {package}" if shutil.which("apt-get") else REINSTALL


def check_backend(installation: Installation) -> Iterable[Finding]:
    """The backend is where cupsd looks for it, will be run, as lp, and runs."""
    path = os.path.join(installation.server_folder, "backend", "ipps443")
    found = list(_check_program(path, REINSTALL))
    yield from found
    if not found:
        yield from _try_backend(path, installation)


def check_filters(installation: Installation) -> Iterable[Finding]:
    """Our filters and those that the installed descriptions name are there, and will be run."""
    named = {name for found in installed_descriptions(installation.console.environ) for name in found.filters}
    for name in sorted(named.union(OWN_FILTERS)):
        yield from check_filter(name, installation)


def check_filter(name: str, installation: Installation) -> Iterable[Finding]:
    """A filter, by the name that descriptions call it, is there, and will be run."""
    path = name if name.startswith("/") else os.path.join(installation.server_folder, "filter", name)
    yield from _check_program(path, REINSTALL if name in OWN_FILTERS else "apt-get install cups cups-filters")


def _check_program(path: str, fix: str) -> Iterator[Finding]:
    """Check what cupsd checks before it runs a program, and that it runs it as lp and not as root."""
    if not os.path.isfile(path):
        yield Finding(path, "it is missing", fix)
        return
    status = os.stat(path)
    repair = f"chown root:root {path} && chmod 0755 {path}"
    if status.st_uid != 0:
        yield Finding(path, "it does not belong to root, so cupsd does not run it", repair, then=CHANGED)
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        yield Finding(path, "others may write it, so cupsd does not run it", repair, then=CHANGED)
    if status.st_mode & 0o555 != 0o555:
        yield Finding(path, f"{USER} cannot run it; cupsd would run it as root, or not at all", repair)
    yield from blocked(path)


def _try_backend(path: str, installation: Installation) -> Iterator[Finding]:
    """Let it list its devices, as the user of the backend."""
    environ = {"CUPS_SERVERROOT": installation.server_root, "PATH": "/usr/bin:/bin"}
    try:
        done = subprocess.run(
            [path], env=environ, user=USER, group=USER, extra_groups=[], capture_output=True, text=True, timeout=20
        )
    except (OSError, subprocess.SubprocessError) as error:
        yield Finding(path, f"it does not run ({error})", REINSTALL)
        return
    if not done.stdout.startswith("network ipps443 "):
        last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        yield Finding(path, f"it does not list its devices ({last})", REINSTALL)
