"""ipps443ctl audit: searches the audit log, or checks that each beginning has its end; and what it has of commands."""

from __future__ import annotations

import glob
import gzip
import json
import os
import re
import shlex
import zlib
from argparse import Namespace
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from backend import errors
from backend.control.console import Console
from backend.control.host import Misused, Refused, parse_printer_host
from backend.control.sudo import sudo_advice
from backend.device_uri import without_password
from backend.trace.audit import Audit
from backend.trace.audit_settings import AuditSettings, read_audit_settings
from backend.trust import pin_store
from backend.trust.addresses import canonical_host, pin_key
from backend.trust.fingerprint import as_hex
from backend.trust.pin_file import PinFile
from filters.common.report import Report
from filters.common.settings import SETTINGS

Record = dict[str, Any]

#: How a time span is written: 30m, 12h, 7d.
SPAN = re.compile(r"([0-9]{1,6})([mhdw])")
UNITS = {"m": 60, "h": 3600, "d": 86400, "w": 604800}
#: A run that began so many seconds ago without an end may still be at work.
STILL_AT_WORK = 7200
#: Bytes of a line that are read at once; ours are shorter, and lp may have written others.
LONGEST_LINE = 1 << 20


@dataclass
class Log:
    """What the log, and the older ones that were put away beside it, have."""

    path: str
    records: list[Record] = field(default_factory=list)
    #: Lines that are no records, by file and number.
    broken: list[str] = field(default_factory=list)


def audit(arguments: Namespace, console: Console) -> int:
    """Search the log, or verify it."""
    log = read_log(path_of_log(console))
    if arguments.action == "verify":
        return _verify(log, console)
    return _search(log, arguments, console)


def path_of_log(console: Console) -> str:
    """Return the path of the log, wherever the settings of all queues have it."""
    settings = _settings(console)
    return settings.path if settings is not None else str(SETTINGS["audit-log"].default)


def _settings(console: Console) -> AuditSettings | None:
    try:
        return read_audit_settings({**console.environ, "CUPS_SERVERROOT": console.server_root}, "")
    except errors.SettingsUnreadable as error:  # whose own words are those of a job
        raise Refused(f"{error.path}: {error.reason} [{error.code}]") from None


# --- reading ----------------------------------------------------------------------------------------------


def read_log(path: str) -> Log:
    """Read the log and its older parts, the oldest first."""
    log = Log(path)
    older = [
        name for name in glob.glob(f"{glob.escape(path)}.*") if re.fullmatch(r"\.[0-9]+(\.gz)?", name[len(path) :])
    ]
    older.sort(key=lambda name: -int(name[len(path) + 1 :].partition(".")[0]))
    try:
        for name in (*older, path):
            _read_file(name, log)
    except FileNotFoundError:
        raise Refused(f"{path} is not there; run: sudo ipps443ctl doctor") from None
    except OSError as error:
        raise Refused(
            f"{error.filename or path} cannot be read: {error.strerror or error}{sudo_advice(error)}"
        ) from None
    return log


def _read_file(name: str, log: Log) -> None:
    try:
        _read_lines(name, log)
    except (EOFError, zlib.error):
        log.broken.append(f"{name}, its end")


def _read_lines(name: str, log: Log) -> None:
    with gzip.open(name) if name.endswith(".gz") else open(name, "rb") as file:
        for number, line in enumerate(iter(lambda: file.readline(LONGEST_LINE), b""), 1):
            if not line.strip():
                continue
            try:
                record = json.loads(line)
            except (ValueError, RecursionError):
                record = None
            if _is_record(record) and line.endswith(b"\n"):
                log.records.append(record)
            else:
                log.broken.append(f"{name}, line {number}")


def _is_record(value: object) -> bool:
    """Tell whether a line is one as we write it: values under their names, none of which has others inside."""
    if not isinstance(value, dict) or not isinstance(value.get("time"), str):
        return False
    return not any(isinstance(each, (dict, list)) for each in value.values())


# --- searching --------------------------------------------------------------------------------------------


def _search(log: Log, arguments: Namespace, console: Console) -> int:
    since = _since(arguments.since, console.clock())
    found = [
        record
        for record in log.records
        if record["time"] >= since
        and _fits(arguments.user, record.get("user"))
        and _fits(arguments.printer, record.get("printer"))
        and _fits(arguments.of_queue, record.get("queue"))
    ]
    for record in found:
        console.say(_line(record))
    if not found:
        console.say("Nothing of that kind is in the audit log.")
    console.say_json({"records": found, "broken": log.broken})
    return 0 if found else 1


def _fits(wanted: str | None, value: object) -> bool:
    """Tell whether a value is, or contains, what is searched for, in whatever case."""
    return wanted is None or wanted.lower() in str(value or "").lower()


def _since(text: str | None, now: datetime) -> str:
    """Return the earliest time of records: 7d ago, or from a day on."""
    if text is None:
        return ""
    span = SPAN.fullmatch(text.strip())
    try:
        if span:
            return _iso(now - timedelta(seconds=int(span[1]) * UNITS[span[2]]))
        return _iso(datetime.fromisoformat(text.strip()))
    except ValueError:
        raise Misused("--since: write 30m, 12h, 7d, 4w, or a day such as 2026-06-01") from None
    except OverflowError:
        return ""  # before there was a calendar


def _iso(time: datetime) -> str:
    return time.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")


def _line(record: Record) -> str:
    """Return one event for people."""
    if record.get("event") in ("admin", "trace"):
        of_one = f" [{record['printer']}]" if record.get("printer") else ""
        what = f"{record.get('user', '?')}: ipps443ctl {record.get('words', '')}{of_one}"
        return f"{record['time'][:19]}Z  admin      {what}"
    document = f" document {record['document']}" if record.get("document", 1) != 1 else ""
    name = "refused" if record.get("event") == "refused" else record.get("outcome") or str(record.get("phase"))
    told = [
        f"{record['time'][:19]}Z  {name:10}",
        f"{record.get('queue', '?')}-{record.get('job', '?')}{document}",
        f"{record.get('user', '?')}",
    ]
    told += [f"to {record['printer']}"] if record.get("printer") else []
    told += [f"{record['bytes']} bytes"] if record.get("bytes") else []
    told += [f"{record['pages']} pages"] if record.get("pages") else []
    told += [f"[{record['code']}]"] if record.get("code") else []
    return " ".join(told)


# --- verifying --------------------------------------------------------------------------------------------


def without_end(records: Sequence[Record], now: datetime) -> tuple[list[Record], list[Record]]:
    """Return the beginnings that have no end: those of runs that were killed, and those that may be at work."""
    ended = {str(record.get("run")) for record in records if record.get("phase") == "end"}
    missing = [record for record in records if record.get("phase") == "begin" and str(record.get("run")) not in ended]
    limit = _iso(now - timedelta(seconds=STILL_AT_WORK))
    later = {_job(record): record["time"] for record in records}
    # A later run of the same job means that the one before is over, however young it is.
    killed = [each for each in missing if each["time"] < limit or later[_job(each)] > each["time"]]
    return killed, [each for each in missing if each not in killed]


def _job(record: Record) -> str:
    """Return what tells one job from others; whoever wrote the line may have put anything there."""
    return repr([record.get(name) for name in ("queue", "job", "job-uuid", "user")])


def _verify(log: Log, console: Console) -> int:
    killed, at_work = without_end(log.records, console.clock())
    for record in killed:
        console.say(f"No end: {_line(record)}")
    for place in log.broken:
        console.say(f"No record: {place}")
    for record in at_work:
        console.say(f"Not ended yet: {_line(record)}")
    whole = not killed and not log.broken
    began = sum(record.get("phase") == "begin" for record in log.records)
    console.say(
        f"{len(log.records)} records, {began} beginnings, {len(killed)} without an end, {len(log.broken)} broken."
    )
    console.say_json({"whole": whole, "without_end": killed, "not_ended_yet": at_work, "broken": log.broken})
    return 0 if whole else 1


# --- commands ---------------------------------------------------------------------------------------------


def record_command(words: Sequence[str], status: int, console: Console) -> None:
    """Record a command of ``is_recorded``, whether it was carried out or not."""
    if os.geteuid() != 0:
        return  # who is not root has changed nothing of root's
    try:
        settings = _settings(console)
        if settings is not None:
            _record_command(words, status, settings, console)
    except Refused as error:
        console.complain(f"the audit log has no record of this: {error}")


def _record_command(words: Sequence[str], status: int, settings: AuditSettings, console: Console) -> None:
    event = "trace" if words[0] == "trace" else "admin"
    common = {
        "user": console.environ.get("SUDO_USER") or "root",
        "words": " ".join(shlex.quote(_without_password(word)) for word in words),
    }
    for outcome in _outcomes(words, status, console):
        if not _write(event, {**common, **outcome}, settings, console):
            break  # what is wrong with the log is said once, and not for each printer


def _write(event: str, values: dict[str, object], settings: AuditSettings, console: Console) -> bool:
    """Write one record; False if there was a complaint, which is passed on."""
    reader, writer = os.pipe()
    try:
        Audit(settings, Report(writer)).write(event, values)
    finally:
        os.close(writer)
        with os.fdopen(reader, encoding="utf-8", errors="replace") as said:
            complaints = [line.partition(": ")[2].strip().replace("this job", "this command") for line in said]
    for complaint in complaints:
        console.complain(complaint)
    return not complaints


def _without_password(word: str) -> str:
    return without_password(word) if "://" in word else word


def _outcomes(words: Sequence[str], status: int, console: Console) -> Iterator[dict[str, object]]:
    """Yield what is recorded of a command: itself, and before that each printer of a list that it changed or refused.

    What was as it should be, and what would have been changed (--dry-run), leaves no record of its own.
    """
    try:
        pins = pin_store.read_pins_if_any(console.pins_path)
    except errors.IppsError:
        pins = PinFile(())
    for result in () if console.dry_run else console.results:
        if result.get("changed") or result["status"]:
            host, port = canonical_host(str(result["host"])), int(str(result["port"]))
            named = {"queue": result["queue"]} if "queue" in result else {}
            keys = _keys([(host, port)], pins)
            yield {**_outcome(int(str(result["status"]))), **named, "printer": pin_key(host, port), "keys": keys}
    yield {**_outcome(status), "keys": _keys(_printers(words), pins)}


def _outcome(status: int) -> dict[str, object]:
    return {"outcome": "success" if status == 0 else "failure", "exit": status}


def _keys(printers: Iterable[tuple[str, int]], pins: PinFile) -> str | None:
    """Return the pins of printers, as they are now."""
    found = [pin for host, port in printers for pin in pins.for_printer(host, port)]
    digests = [(pin.spki_sha256 or pin.cert_sha256 or pin.either_sha256, pin.ca) for pin in found]
    return " ".join(as_hex(digest) if digest else f"ca:{ca}" for digest, ca in digests) or None


def _printers(words: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Yield host and port of the printers that a command names."""
    for word in _hosts(words):
        try:
            printer = parse_printer_host(word)
        except Misused:
            continue
        yield printer.host, printer.port


def _hosts(words: Sequence[str]) -> Iterator[str]:
    """Yield the words that may name a printer."""
    yield from (word for word in words[1:] if not word.startswith("-"))
