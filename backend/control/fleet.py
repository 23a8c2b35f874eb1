"""Several printers in one command: named on the command line, or in a list (CSV) with one printer a line.

Rules:

- each printer has a result of its own, and what happens to one stops no other;
- a list is read whole before anything is done, so that a fault in its last line changes nothing;
- run again, a list changes only what is not yet as it says: interrupted half-way, it is run again.
"""

from __future__ import annotations

import csv
from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass, replace

from backend.control.console import Console
from backend.control.failure import FAILURES, explain_failure, worst
from backend.control.host import Misused, parse_printer_host
from backend.trust.fingerprint import parse_fingerprint
from filters.common.printable import printable

#: The columns of a list, by the words of its first line; only uri has to be there.
COLUMNS = ("queue", "uri", "fingerprint", "location", "label")

#: Far beyond any fleet.
LARGEST_LIST = 16 << 20


@dataclass(frozen=True)
class Entry:
    """One printer of a list; what is empty was not said."""

    uri: str
    queue: str = ""
    fingerprint: str = ""
    location: str = ""
    label: str = ""


def read_list(text: str, path: str) -> list[Entry]:
    """Read a list: the first line names the columns; blank lines and those that begin with # do not count.

    A byte order mark, with which spreadsheets begin a file in UTF-8, is none of its text.

    Raises:
        Misused: with the number of the line.
    """
    lines_of: dict[str, int] = {}
    lines = text.removeprefix("\ufeff").splitlines()
    rows = ((number, line) for number, line in enumerate(lines, 1) if line.strip()[:1] not in ("", "#"))
    columns: list[str] = []
    entries = []
    for number, line in rows:
        try:
            fields = [field.strip() for field in next(csv.reader([line], strict=True))]
        except csv.Error as error:
            raise Misused(f"{path}, line {number}: {error}") from None
        if not columns:
            columns = _checked_columns([field.lower() for field in fields], f"{path}, line {number}")
            continue
        if len(fields) > len(columns):
            raise Misused(f"{path}, line {number}: more fields than the first line has names")
        entry = Entry(**{"uri": "", **dict(zip(columns, fields))})
        try:
            same = _name_of(entry)
            if lines_of.setdefault(same.lower(), number) != number:
                raise Misused(f"{same} stands in line {lines_of[same.lower()]} already")
        except Misused as error:
            raise Misused(f"{path}, line {number}: {error}") from None
        entries.append(entry)
    if not entries:
        raise Misused(f"{path}: no printer is in it")
    return entries


def _name_of(entry: Entry) -> str:
    """Return what stands in a list once: a queue, in whatever case, or where there is none, a printer.

    Raises:
        Misused: a field is wrong.
    """
    printer = parse_printer_host(entry.uri)
    for column in ("location", "label"):
        if printable(getattr(entry, column)) != getattr(entry, column):
            raise Misused(f"{column}: only one line of printable characters")
    if entry.fingerprint:
        try:
            parse_fingerprint(entry.fingerprint)
        except ValueError as error:
            raise Misused(f"fingerprint: {error}") from None
    return f"queue {entry.queue}" if entry.queue else printer.key


def _checked_columns(columns: list[str], place: str) -> list[str]:
    if "uri" not in columns or len(set(columns)) < len(columns) or not set(columns) <= set(COLUMNS):
        why = "; commas separate them, not semicolons" if any(";" in column for column in columns) else ""
        known = ",".join(COLUMNS)
        raise Misused(f"{place}: the first line names the columns, uri among them; there are: {known}{why}")
    return columns


def read_entries(arguments: Namespace, console: Console) -> list[Entry]:
    """Return the printers that a command is about, from its words or from its list; raise Misused."""
    hosts = arguments.hosts
    if arguments.from_file is None:
        if not hosts:
            raise Misused("say which printer: HOST, or --from FILE")
        return [Entry(host) for host in hosts]
    if hosts:
        raise Misused("either HOST or --from FILE")
    return read_list(_read(arguments.from_file, console), arguments.from_file)


def _read(path: str, console: Console) -> str:
    try:
        if path == "-":
            text = console.input.read(LARGEST_LIST + 1)
        else:
            with open(path, encoding="utf-8-sig") as file:
                text = file.read(LARGEST_LIST + 1)
    except OSError as error:
        raise Misused(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Misused(f"{path}: it is not UTF-8") from None
    if len(text) > LARGEST_LIST:
        raise Misused(f"{path}: too large for a list of printers")
    return text


def for_each(arguments: Namespace, console: Console, run: Callable[[Namespace, Console], int]) -> int:
    """Run a command for each printer; for one named on the command line just as if there were no others."""
    console.dry_run = arguments.dry_run
    entries = read_entries(arguments, console)
    if arguments.from_file is None and len(entries) == 1:
        return run(_words(arguments, entries[0]), console)
    return run_entries(entries, arguments, console, run)


def run_entries(
    entries: list[Entry], arguments: Namespace, console: Console, run: Callable[[Namespace, Console], int]
) -> int:
    """Run a command for each printer of a list, say how each went, and return the worst exit code."""
    statuses, values = [], console.results
    console.say_json({"changed": False, "dry_run": console.dry_run, "printers": values})  # also if it is interrupted
    for number, entry in enumerate(entries, 1):
        printer = parse_printer_host(entry.uri)
        console.say(f"[{number}/{len(entries)}] {entry.queue or printer.key}")
        own = replace(console, value={}, in_list=True)
        try:
            status = run(_words(arguments, entry), own)
        except FAILURES as error:
            status, code, text = explain_failure(error)
            console.complain(f"{printer.key}: {text}")
            own.fail_json(code, text)
        statuses.append(status)
        named = {"queue": entry.queue} if entry.queue else {}
        values.append({"host": printer.address, "port": printer.port, **named, "status": status, **own.value})
        console.say_json({"changed": any(value.get("changed") for value in values)})
        console.output.flush()
    changed = sum(bool(value.get("changed")) for value in values)
    failed = sum(status != 0 for status in statuses)
    would = "would be changed" if console.dry_run else "changed"
    console.say(f"{len(entries)} printers: {changed} {would}, {failed} failed, the others are as they should be.")
    return worst(statuses)


def _words(arguments: Namespace, entry: Entry) -> Namespace:
    """Return the words of the command for one printer; the list's own count more than those for all."""
    own = {"host": entry.uri, "uri": entry.uri, "queue": entry.queue, "location": entry.location}
    if entry.fingerprint:
        own["fingerprint"] = entry.fingerprint
    if entry.label:
        own["label"] = entry.label
    return Namespace(**{**vars(arguments), **own})
