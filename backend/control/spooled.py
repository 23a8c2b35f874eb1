"""ipps443ctl scs and scs-table: a spooled file of IBM i explained, and the table of a queue shown and edited."""

from __future__ import annotations

import os
import shlex
from argparse import Namespace
from typing import TYPE_CHECKING

from backend.control.console import Console
from backend.control.host import Misused, Refused
from backend.control.sudo import sudo_advice
from backend.trust import pin_store
from filters.common.job import parse_options
from filters.common.queue_name import is_queue_name

if TYPE_CHECKING:  # tables that no other command needs
    from filters.scs.explain import Step
    from filters.scs.settings import ScsSettings

#: Bytes of a control shown on a line.
_SHOWN = 12
#: A file that is larger is no spooled file of a size that anyone reads control by control.
LARGEST = 64 << 20

HEADER = (
    "# Spooled files of IBM i on this queue, see scstopcl(8): drawers, bins, pages and fonts by the names of\n"
    "# the printer description. Written by ipps443ctl(8); comments stay.\n"
)


def scs(arguments: Namespace, console: Console) -> int:
    """Explain a spooled file control by control; exit code 1 when something odd stands in it."""
    from filters.scs.explain import explain
    from filters.scs.machine import Machine
    from filters.scs.recognition import ENOUGH, name_of_other

    data = _read(arguments.spooled)
    other = name_of_other(data[:ENOUGH])
    if other:
        raise Refused(f"{arguments.spooled} is {other}, not *SCS")
    settings = _settings(arguments.o or [])
    steps = list(explain(data, Machine(settings.codepage, settings.dbcs)))
    page = _page_number(arguments.page)
    wanted = [step for step in steps if page is None or step.page == page]
    console.say("offset  bytes                     name      parameters and effect")
    for step in wanted:
        console.say(_line(step))
    odd = [step for step in wanted if step.odd]
    pages = max((step.page for step in steps if step.name == "text"), default=0)
    console.say(f"{len(data)} bytes, {len(steps)} controls and texts, {pages} page{'s' * (pages != 1)}, {len(odd)} odd")
    console.say_json({"controls": [{**step._asdict(), "data": step.data.hex().upper()} for step in wanted]})
    return 1 if odd else 0


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise Misused(f"{path}: {error.strerror}") from None
    if len(data) > LARGEST:
        raise Misused(f"{path} has more than {LARGEST >> 20} MiB")
    return data


def _settings(values: list[str]) -> ScsSettings:
    from filters.common.ppd import PrinterDescription
    from filters.scs.queue_table import QueueTable
    from filters.scs.settings import read_scs_settings

    settings, problems = read_scs_settings(parse_options(" ".join(values)), PrinterDescription(), QueueTable())
    if problems:
        raise Misused(problems[0])
    return settings


def _page_number(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text)):
        raise Misused(f"--page {text}: the number of a page, from 1")
    return int(text)


def _line(step: Step) -> str:
    shown = step.data[:_SHOWN].hex().upper() + (".." if len(step.data) > _SHOWN else "")
    words = "  ".join(word for word in (step.parameters, step.effect) if word)
    return f"{step.offset:06X}  {shown:26}{step.name:9} {words}" + (f"   <- {step.odd}" if step.odd else "")


def scs_table(arguments: Namespace, console: Console) -> int:
    """Show the table of a queue, or change entries of it: NAME=VALUE sets one, NAME= removes it."""
    from filters.scs.queue_table import parse_table

    path = _table_path(arguments.queue, console)
    changes = [_change(word) for word in arguments.entries or []]
    if changes:
        pin_store.prepare_folder(console.folder)
        with pin_store.locked(os.path.dirname(path)):
            text = _changed(_read_table(path) or HEADER, changes)
            pin_store.write_beside(console.pins_path, f"scs/{arguments.queue}", text.encode("utf-8"))
    else:
        text = _read_table(path)
    table = parse_table(text)
    for problem in table.problems:
        console.complain(f"{path}, {problem}; the line does not count")
    if not text.strip():
        console.say(
            f"{arguments.queue} has no table; this makes one:"
            f" ipps443ctl scs-table {shlex.quote(arguments.queue)} drawer.2=Tray2"
        )
    for line in text.splitlines():
        console.say(line)
    console.say_json({"path": path, "entries": dict(_entries(text)), "problems": table.problems})
    return 1 if table.problems else 0


def _table_path(queue: str, console: Console) -> str:
    if not is_queue_name(queue):
        raise Misused(f"{queue!r} is no name of a queue")
    return os.path.join(console.folder, "scs", queue)


def _read_table(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}{sudo_advice(error)}") from None


def _change(word: str) -> tuple[str, str]:
    """Return name and value of a change that is possible."""
    from filters.scs.queue_table import BadLine, QueueTable, set_entry

    name, equals, value = word.partition("=")
    name, value = name.strip().lower(), value.strip()
    if not equals or not name or "\n" in word or "#" in word:
        raise Misused(f"{word!r}: write NAME=VALUE, or NAME= to remove an entry")
    try:
        if value:
            set_entry(QueueTable(), name, value)
    except BadLine as error:
        raise Misused(f"{word}: {error}") from None
    return name, value


def _entries(text: str) -> list[tuple[str, str]]:
    lines = (line.split("#", 1)[0].partition("=") for line in text.splitlines())
    return [(name.strip().lower(), value.strip()) for name, equals, value in lines if equals]


def _changed(text: str, changes: list[tuple[str, str]]) -> str:
    """Return the text with entries set or removed; what is not named stays as it is."""
    lines = text.splitlines()
    for name, value in changes:
        at = [n for n, line in enumerate(lines) if line.split("#", 1)[0].partition("=")[0].strip().lower() == name]
        new = [f"{name} = {value}"] if value else []
        lines = [line for n, line in enumerate(lines) if n not in at[1:]]
        lines = lines[: at[0]] + new + lines[at[0] + 1 :] if at else lines + new
    return "\n".join(lines) + "\n"
