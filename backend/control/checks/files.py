"""What the installer lays out and jobs need: descriptions, MIME rules, folders, the secret, settings and tables."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable

from backend.control.checks.access import (
    READ,
    SEARCH,
    USER,
    WRITE,
    blocked,
    closed_folder,
    damaged_line,
    distrusted,
    may,
    repair_file,
)
from backend.control.checks.finding import REINSTALL, UNSEEN, WARNING, Finding, Installation
from backend.control.cups_folders import data_folder
from backend.control.description_text import read_description
from backend.control.descriptions import installed_descriptions
from backend.control.packages import IN_THE_SOURCES, INSTALLER
from backend.control.settings import path_of_settings
from backend.cupsd.cache_file import cache_folder
from backend.cupsd.identity import look_at_secret
from backend.discovery import FOUND_FILE, is_of_this_hour, read_found, shows_found
from backend.errors import SettingsUnreadable as SettingsNotBelieved
from backend.trace.audit_settings import read_audit_settings
from backend.trace.trace_file import names, queue_of, safe_queue, trace_folder
from backend.trace.trace_switch import read_switch
from filters.common.settings_file import SettingsUnreadable, read_settings
from filters.scs.queue_table import parse_table


def check_descriptions(installation: Installation) -> Iterable[Finding]:
    """The printer descriptions are there."""
    folder = os.path.join(data_folder(installation.console.environ), "model", "ipps443")
    found = installed_descriptions(installation.console.environ)
    if not found:
        yield Finding(folder, "no printer description is there", REINSTALL)
    for description in found:
        if not description.languages:
            yield Finding(os.path.join(folder, os.path.basename(description.name)), "it is damaged", REINSTALL)


def check_mime(installation: Installation) -> Iterable[Finding]:
    """The MIME rules are there, and cupsd can read them."""
    path = os.path.join(data_folder(installation.console.environ), "mime", "ipps443.types")
    fix = f"{INSTALLER} && systemctl restart cups  {IN_THE_SOURCES}"
    if not os.path.isfile(path):
        yield Finding(path, "the MIME rules are missing, so some PCL would be printed as text", fix)
    elif "application/vnd.cups-raw" not in read_description(path):
        yield Finding(path, "the MIME rules are damaged, so some PCL would be printed as text", fix)
    elif not may(path, READ):
        yield Finding(path, "only root can read it", f"chmod 0644 {path} && systemctl restart cups")


def check_cache(installation: Installation) -> Iterable[Finding]:
    """What jobs learn can be written by lp."""
    folder = cache_folder(installation.console.environ)
    # As lp itself, who may write around it: what root gives away there could be a link to something else. What is in it
    # stays, because it keeps interrupted jobs from being printed twice.
    as_lp = f"setpriv --reuid {USER} --regid {USER} --clear-groups"
    without = "so nothing is learned of printers, and records of jobs are kept elsewhere [D06]"
    if not os.path.isdir(folder):
        fix = f"rm -f {folder} && {as_lp} mkdir -m 0750 {folder}"
        yield Finding(folder, f"the folder for what jobs learn is missing, {without}", fix)
        return
    if not may(folder, READ | WRITE | SEARCH):
        give = f"find {folder} -xdev '(' -type d -o -links 1 ')' -execdir chown -h {USER}:{USER} '{{}}' +"
        yield Finding(folder, f"{USER} cannot write into it, {without}", f"{give} && {as_lp} chmod 0750 {folder}")
        return
    yield from blocked(os.path.join(folder, "-"))


def check_audit(installation: Installation) -> Iterable[Finding]:
    """The audit log can be written by lp, if there is to be one."""
    environ = {**installation.console.environ, "CUPS_SERVERROOT": installation.server_root}
    try:
        settings = read_audit_settings(environ, installation.queue or "")
    except SettingsNotBelieved:
        return  # the check of the settings says why
    if settings is None:
        return
    path, folder = settings.path, os.path.dirname(settings.path)
    log = shlex.quote(path)
    new = f"install -o {USER} -g adm -m 0640 /dev/null {log}"
    if not os.path.isdir(folder):
        make = f"install -d -m 0755 {shlex.quote(folder)}"
        yield Finding(path, "its folder is missing, so jobs are not recorded", f"{make} && {new}")
        return
    if not os.path.isfile(path):
        yield Finding(path, "the audit log is missing, so jobs are not recorded", new)
    elif not may(path, READ | WRITE):
        yield Finding(path, f"{USER} cannot write it", f"chown {USER}:adm {log} && chmod 0640 {log}")
    yield from blocked(path)


def check_traces(installation: Installation) -> Iterable[Finding]:
    """No keys of connections lie about, and whoever looks knows which queues are traced."""
    folder = trace_folder(cache_folder(installation.console.environ))
    wanted = installation.queue and safe_queue(installation.queue)
    for queue in sorted({queue_of(name) for name in names(folder, ".keys")}):
        is_name = queue == safe_queue(queue) and not queue.startswith("-")  # lp may make files of any name here
        if is_name and wanted in (None, queue):
            trouble = f"the keys of connections of queue {queue} are kept, with which recorded jobs can be read"
            yield Finding(folder, trouble, f"ipps443ctl trace {queue} off")
    switches = os.path.join(installation.console.folder, "trace")
    for queue in sorted(os.listdir(switches)) if os.path.isdir(switches) else []:
        switch = read_switch(os.path.join(switches, queue))
        is_on = switch is not None and installation.console.clock().timestamp() < switch.until
        if is_on and installation.queue in (None, queue):
            fix = f"ipps443ctl trace {shlex.quote(queue)} off"
            yield Finding(f"queue {queue}", "its jobs are traced", fix, level="note")


def check_secret(installation: Installation) -> Iterable[Finding]:
    """The secret under which jobs are marked is there, and lp alone can read it."""
    path = os.path.join(installation.console.folder, "secret")
    fix = "ipps443ctl secret"
    key, trouble = look_at_secret(path)
    if not key:
        yield Finding(path, f"the secret of this machine: {trouble}; jobs go on [C06]", fix, WARNING)
    elif not may(path, READ):
        repair = f"chown root:{USER} {path} && chmod 0640 {path}"
        yield Finding(path, f"{USER} cannot read it; jobs go on [C06]", repair, WARNING)
    elif closed_folder(path):
        yield Finding(path, f"{USER} cannot go into its folder, see the check of the pin file", "", UNSEEN)


def check_settings(installation: Installation) -> Iterable[Finding]:
    """The settings can be read by lp, written by nobody but root, and understood."""
    path = path_of_settings(installation.console)
    if not os.path.lexists(path):
        return
    try:
        problems = read_settings(path).problems
    except SettingsUnreadable as error:
        yield distrusted(path, error.reason, ", so jobs stop [C10], or wait in their filters [F07]")
        return
    for problem in reversed(problems):  # to delete a line changes the numbers of those behind it
        yield damaged_line(path, problem.line, f"{problem.reason}; the line does not count [F07]", WARNING)
    if not may(path, READ):
        yield Finding(path, f"{USER} cannot read it, so jobs with PDF stop", repair_file(path))


def check_device_list(installation: Installation) -> Iterable[Finding]:
    """Where the device list shows printers that announce themselves, something fills it."""
    console = installation.console
    path = os.path.join(cache_folder(console.environ), FOUND_FILE)
    if shows_found(path_of_settings(console)) and not is_of_this_hour(read_found(path), console.clock().timestamp()):
        trouble = "printers that are not pinned shall be in the device list, and none were looked for within the hour"
        yield Finding(path, trouble, "ipps443ctl find --in-device-list on", WARNING)


def check_tables(installation: Installation) -> Iterable[Finding]:
    """The tables of queues for spooled files of IBM i can be read by lp, and understood."""
    folder = os.path.join(installation.console.folder, "scs")
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    for name in names:
        path = os.path.join(folder, name)
        if name.endswith((".new", ".lock")) or not os.path.isfile(path):
            continue
        with open(path, encoding="utf-8", errors="replace") as file:
            problems = parse_table(file.read()).problems
        for problem in reversed(problems):
            number, _, reason = problem.partition(": ")
            yield damaged_line(path, int(number.removeprefix("line ")), f"{reason}; the line does not count")
        if not may(path, READ) or closed_folder(path):
            yield Finding(
                path, f"{USER} cannot read it", f"chown -R root:{USER} {folder} && chmod -R u=rwX,g=rX {folder}"
            )
