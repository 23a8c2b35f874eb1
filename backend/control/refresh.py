"""ipps443ctl refresh: give a queue the current text of its printer description, and keep its defaults.

cupsd copies a description when a queue is made, so a queue keeps that of an older version until someone brings a new
one. Options that the new one does not have any more, and values, are left out and named.
"""

from __future__ import annotations

import contextlib
import os
import re
from argparse import Namespace
from collections.abc import Mapping
from typing import Any

from backend import errors
from backend.control.console import Console
from backend.control.cups_folders import data_folder, description_of_queue
from backend.control.description_text import (
    choices,
    has_choice,
    is_made_from_printer,
    read_description,
    value_of,
    version_of,
)
from backend.control.descriptions import Description, installed_descriptions
from backend.control.examination import examine
from backend.control.host import Misused, PrinterHost, Refused
from backend.control.made import PRINTER, make_description
from backend.control.queues import connect_to_cupsd, give_description, own_queue, printer_of, reason_of
from backend.control.sudo import sudo_advice

_OPTION = re.compile(r"^\*(?:JCL)?OpenUI[ \t]+\*([^/:\s]+)", re.MULTILINE)
_DEFAULT = re.compile(r"^\*Default([^\s:]+):[ \t]*(\S+)[ \t]*$", re.MULTILINE)
#: Sizes that stand in several options and have one default.
PAGE_SIZES = ("PageSize", "PageRegion", "ImageableArea", "PaperDimension")


def refresh(arguments: Namespace, console: Console) -> int:
    """Bring the current description to a queue."""
    cups, name = connect_to_cupsd(console), arguments.queue
    queue = own_queue(name, cups)
    old = _read_own(description_of_queue(console.server_root, name))
    if arguments.model == PRINTER or not arguments.model and is_made_from_printer(old):
        called, text = PRINTER, _make_anew(printer_of(name, queue), console)
    else:
        called = _find(old, arguments.model, console.environ).name
        text = read_description(os.path.join(data_folder(console.environ), "model", called))
    new, lost = keep_defaults(old, text)
    _give(cups, name, new)
    version = version_of(new) or "no known version"
    what = f"a description made from the printer by {version}" if called == PRINTER else f"{called} of {version}"
    console.say(f"Queue {name} has {what}, with its defaults.")
    changed = compare_choices(old, new) if called == PRINTER and is_made_from_printer(old) else []
    for option in changed:
        console.say(f"Changed: {option}")
    for option in lost:
        console.say(f"Not kept, because the description does not have it any more: {option}")
    console.say_json(
        {"queue": name, "description": called, "description_version": version, "not_kept": lost, "changed": changed}
    )
    return 0


def _read_own(path: str) -> str:
    """Return the description of a queue, "" if it has none.

    Raises:
        Refused: it is not for this user, who would else be told that it is none of ours.
    """
    with contextlib.suppress(FileNotFoundError):
        try:
            open(path, "rb").close()
        except OSError as error:
            raise Refused(f"{path} cannot be read: {error.strerror}{sudo_advice(error)}") from None
    return read_description(path)


def _make_anew(printer: PrinterHost, console: Console) -> str:
    """Ask the printer of a queue again, as the queue reaches it, and return its description."""
    try:
        findings = examine(printer, "", console, paths=())
        made = make_description(findings, console)
    except errors.AuthenticationRequired as error:
        raise Refused(str(error)) from None
    for note in made.notes:
        console.note(note)
    return made.text


def compare_choices(old: str, new: str) -> list[str]:
    """Return what is there now and was not, and the other way round, a line for each option."""
    before, after = choices(old), choices(new)
    lines = []
    for option in dict.fromkeys((*before, *after)):
        was, now = before.get(option, []), after.get(option, [])
        words = [f"+{choice}" for choice in now if choice not in was]
        words += [f"-{choice}" for choice in was if choice not in now]
        if words:
            lines.append(f"{option}: {' '.join(words)}")
    return lines


def _find(old: str, wanted: str | None, environ: Mapping[str, str]) -> Description:
    """Return the installed description that the queue's own is an older text of, or the one asked for."""
    installed = installed_descriptions(environ)
    if wanted:
        found = [each for each in installed if each.name in (wanted, f"ipps443/{wanted}", f"ipps443/{wanted}.ppd")]
    else:
        nickname = value_of(old, "NickName")
        found = [each for each in installed if nickname and each.nickname == nickname]
    if len(found) == 1:
        return found[0]
    known = " ".join(each.name for each in installed) or "none; run install.sh"
    why = "no such description is installed" if wanted else "its description is none of ours, or was renamed"
    raise Misused(f"{why}; choose one with --model. Installed: {known}")


def keep_defaults(old: str, new: str) -> tuple[str, list[str]]:
    """Return a description with the defaults that someone has chosen in an older text, and those it does not know."""
    options = {*_OPTION.findall(old), *PAGE_SIZES}
    defaults = [each for each in _DEFAULT.findall(old) if each[0] in options]
    kept = {option: value for option, value in defaults if not _is_printers(option, value, old)}
    lost = []
    for option, value in kept.items():
        if not has_choice(new, option, value):
            if option not in PAGE_SIZES or option == "PageSize":
                lost.append(f"{option}={value}")
            continue
        value = value.replace("\\", "\\\\")
        new = re.sub(rf"^(\*Default{re.escape(option)}:[ \t]*)\S+", rf"\g<1>{value}", new, flags=re.MULTILINE)
    return new, lost


def _is_printers(option: str, value: str, text: str) -> bool:
    """Tell whether a default is only what the printer does by itself, so that nobody has chosen it."""
    return f'\n*ipps443PrinterDefault {option}: "{value}"\n' in text


def _give(cups: Any, name: str, text: str) -> None:
    """Give a queue its description; all else of it stays."""
    try:
        give_description(name, text, cups)
    except Exception as error:  # noqa: B902 - pycups has errors of its own
        raise Refused(f"cupsd does not take the description for {name}: {reason_of(error)}") from None
