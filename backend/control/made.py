"""Descriptions made from printers: asked over the pinned connection, made by filters.description, given to cupsd.

Rules of this module:

- every byte goes to a printer that is trusted as a job would trust it; of an address that the printer names for its
  strings only the path counts, and it is asked for over the same kind of connection;
- a printer that does not answer gets no description; nothing is made up for it.
"""

from __future__ import annotations

import re
from argparse import Namespace
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from backend import __version__, errors
from backend.control.console import Console
from backend.control.examination import TIMEOUTS, Findings, examine, make_printer
from backend.control.handshakes import find_tls
from backend.control.host import Refused, parse_printer_host
from backend.control.monitoring import environ_of_job
from backend.control.waiting import Waiting
from backend.cupsd.cache_file import cache_folder
from backend.device_uri import DeviceURI
from backend.ipp.codes import keyword, succeeded
from backend.ipp.message import Message
from backend.ipp.operations import get_printer_attributes
from backend.ipp.tags import Tag
from backend.printer import learned
from backend.printer.attributes import plain_attributes
from backend.printer.capabilities import parse_version
from backend.printer.printer import Printer
from backend.transport.pin_check import PinCheck
from filters.description.generate import Generated, NoFormat, describe_printer
from filters.description.strings import MOST_OCTETS, parse_strings
from filters.description.translations import MOST_LANGUAGES, locale_of

#: What --model takes for a description made from the printer.
PRINTER = "printer"

#: What is asked for; the database of media comes only when it is named (PWG 5100.7).
EVERYTHING, DATABASE = "all", "media-col-database"

#: The path of a strings file: no blanks, nothing that HTTP would take for the end of it.
_PATH = re.compile(r"https?://[^/?#\s]+(/[!-~]{0,1000})", re.IGNORECASE)


def describe(arguments: Namespace, console: Console) -> int:
    """Write the description that a queue for a printer would get."""
    printer, option, _peer = find_tls(parse_printer_host(arguments.uri), console, arguments.legacy)
    made = make_description(examine(printer, option, console), console)
    for note in made.notes:
        console.note(note)
    if arguments.o:
        try:
            with open(arguments.o, "w", encoding="utf-8") as file:
                file.write(made.text)
        except OSError as error:
            raise Refused(f"{arguments.o} cannot be written: {error.strerror}") from None
        console.say(f"{arguments.o} describes {printer.key} ({made.format}).")
    else:
        for line in made.text.splitlines():
            console.say(line)
    console.say_json({"description": made.text, "format": made.format, "notes": list(made.notes)})
    return 0


def make_description(findings: Findings, console: Console) -> Generated:
    """Ask a trusted printer for all about itself, and return its description.

    Raises:
        Refused: it does not say what it can do, or takes nothing that can be made for it.
        TrustError, PrinterUnreachable, ConnectionLost: as a job.
    """
    if findings.capabilities is None:
        raise Refused(
            f"{findings.printer.key} wants a user name and password before it says what it is: write them into the URI"
        )
    uri = replace(findings.printer.uri, timeouts=TIMEOUTS)
    printer = make_printer(uri, PinCheck(uri, environ_of_job(findings.printer, console), lambda _judgement: None))
    printer.target = replace(
        printer.target, version=parse_version(findings.capabilities.facts.version) or printer.target.version
    )
    try:
        attributes = Waiting(console).until(lambda: ask_all(printer))
        refused = formats_refused(uri, attributes, console.environ, console.clock().timestamp())
        return describe_asked(printer, attributes, refused=refused, in_all_languages=True)
    finally:
        printer.disconnect()


def formats_refused(
    uri: DeviceURI, attributes: Mapping[str, tuple[Any, ...]], environ: Mapping[str, str], now: float
) -> frozenset[str]:
    """Return the formats that jobs have found a printer to list and to refuse."""
    facts = learned.recall(cache_folder(environ), uri.host, uri.port, now)
    firmware = " ".join(str(each) for each in attributes.get("printer-firmware-string-version", ()))
    return facts.formats_refused(firmware)


def describe_asked(
    printer: Printer,
    attributes: Mapping[str, tuple[Any, ...]],
    *,
    refused: Collection[str] = (),
    in_all_languages: bool = False,
) -> Generated:
    """Return the description of a printer that has been asked for everything but its strings.

    Args:
        refused: formats that it is known to refuse.
        in_all_languages: those of the printer; each is a file of its own, which takes its time.

    Raises:
        Refused: it takes nothing that can be made for it.
    """
    strings, notes = _strings(printer, attributes)
    translations = _translations(printer, attributes) if in_all_languages else {}
    try:
        made = describe_printer(attributes, strings, __version__, translations, refused)
    except NoFormat as error:
        listed = ", ".join(error.listed) or "it does not say"
        raise Refused(f"{printer.name}: nothing can be made for what it takes ({listed})") from None
    return replace(made, notes=(*made.notes, *notes))


def ask_all(printer: Printer) -> dict[str, tuple[Any, ...]]:
    """Return all attributes of a printer, with the database of its media."""
    found: dict[str, tuple[Any, ...]] = {}
    trouble = ""
    for requested in ((EVERYTHING, DATABASE), (EVERYTHING,), (DATABASE,)):
        if (found and requested == (EVERYTHING,)) or DATABASE in found:
            continue
        message = printer.expect_message(printer.get_attributes(requested))
        if _answers(message):
            found = plain_attributes(message) | found
        else:
            trouble = trouble or keyword(message.code)
    if not found:
        raise Refused(f"{printer.name} does not say what it can do ({trouble})")
    return found


def _answers(message: Message) -> bool:
    return succeeded(message.code) and message.group(Tag.PRINTER_ATTRIBUTES) is not None


def _strings(printer: Printer, attributes: Mapping[str, tuple[Any, ...]]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the printer's own words, and a note where it names a file that it does not give."""
    address = next((each for each in attributes.get("printer-strings-uri", ()) if isinstance(each, str)), "")
    path = _PATH.fullmatch(address)
    if not path:
        return {}, ()
    try:
        body = _fetch(printer, path[1])
    except errors.TrustError:
        raise
    except errors.IppsError as error:
        return {}, (f"its strings cannot be had: {error.text}",)
    return (parse_strings(body), ()) if body else ({}, (f"its strings are not at {path[1][:60]}",))


def _translations(printer: Printer, attributes: Mapping[str, tuple[Any, ...]]) -> dict[str, dict[str, str]]:
    """Return the printer's own words in further languages, by locale; a file that cannot be had is left out.

    The address of the strings depends on the language in which it is asked for (PWG 5100.13 section 5.6).
    """
    found: dict[str, dict[str, str]] = {}
    usual = attributes.get("printer-strings-uri", ())
    for language in attributes.get("printer-strings-languages-supported", ()) if usual else ():
        locale = locale_of(language) if isinstance(language, str) else ""
        if not locale or locale in found:
            continue
        if len(found) >= MOST_LANGUAGES:
            break
        requested = ("printer-strings-uri",)
        try:
            request = get_printer_attributes(
                printer.target, printer.next_request_id(), requested, natural_language=language
            )
            said = plain_attributes(printer.expect_message(printer.ask(request)))
            if said.get("printer-strings-uri") in (None, usual):
                continue
            strings, _ = _strings(printer, said)
        except errors.TrustError:
            raise
        except errors.IppsError:
            break  # a printer that has had enough of questions
        if strings:
            found[locale] = strings
    return found


def _fetch(printer: Printer, path: str) -> bytes:
    """Return the file at a path of the printer, b"" if it gives none."""
    from backend.transport.session import Request

    printer.disconnect()
    headers = [("Host", printer.uri.host_field), ("Accept-Encoding", "identity"), ("User-Agent", "ipps443")]
    response = printer.session().perform(Request(path, headers, b"", method="GET"))
    return response.body[:MOST_OCTETS] if response.status == 200 else b""
