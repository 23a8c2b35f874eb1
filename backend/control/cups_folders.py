"""Where this CUPS keeps what is not ours: cups-config(1), and what stands in for it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping


def data_folder(environ: Mapping[str, str]) -> str:
    """Return <datadir>: models and MIME rules."""
    return environ.get("CUPS_DATADIR") or _ask_cups_config("--datadir", "/usr/share/cups")


def program_folder(environ: Mapping[str, str]) -> str:
    """Return <serverbin>: backends and filters."""
    return environ.get("CUPS_SERVERBIN") or _ask_cups_config("--serverbin", "/usr/lib/cups")


def description_of_queue(server_root: str, queue: str) -> str:
    """Return the path of the description that cupsd has copied for a queue."""
    return os.path.join(server_root, "ppd", f"{queue}.ppd")


def _ask_cups_config(option: str, usual: str) -> str:
    """Return what cups-config says; only development packages bring it."""
    program = shutil.which("cups-config")
    if program is None:
        return usual
    done = subprocess.run([program, option], capture_output=True, text=True, check=False)
    return done.stdout.strip() or usual
