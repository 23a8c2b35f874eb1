"""ipps443ctl describe: what is asked of a printer, and what becomes of answers of every kind."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backend.control.description_text import is_made_from_printer
from backend.control.refresh import compare_choices
from backend.ipp.message import attribute
from backend.ipp.tags import Tag
from tests.printer import Faults, Printer, make_certificate
from tests.unit.control.conftest import Desk, pinned
from tests.unit.filters.description.printers import complaints, describe

OWN, OTHER = (make_certificate("localhost") for _ in range(2))
STRINGS = b'"media-source.tray-1" = "Drawer one";'


def keywords(name: str, *words: str) -> dict[str, Any]:
    return {name: attribute(name, Tag.KEYWORD, *words)}


PDF = {"document-format-supported": attribute("document-format-supported", Tag.MIME_MEDIA_TYPE, "application/pdf")}
TRAYS = {**PDF, **keywords("media-source-supported", "tray-1")}


def named(uri: str) -> dict[str, Any]:
    """Return a printer's attributes with the address of its strings."""
    return {**TRAYS, "printer-strings-uri": attribute("printer-strings-uri", Tag.TEXT_WITHOUT_LANGUAGE, uri)}


@pytest.fixture
def trap() -> Iterator[socket.socket]:
    """A host that nobody may connect to."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield listener


# --- languages --------------------------------------------------------------------------------------------


def in_languages(printer: Printer, *languages: str) -> None:
    """Give a printer a strings file for each language."""
    for language in languages:
        path = f"/strings/{language}"
        uri = attribute("printer-strings-uri", Tag.URI, f"https://elsewhere{path}")
        printer.ipp.by_language[language] = {"printer-strings-uri": uri}
        printer.ipp.files[path] = (
            f'"media-source.tray-1" = "Tray in {language}"; "media-source" = "Trays"'.encode() + b";"
        )


def spoken_by(*languages: str) -> dict[str, Any]:
    """Return the attributes of a printer that has strings in English, and says that it has them in these."""
    listed = attribute("printer-strings-languages-supported", Tag.NATURAL_LANGUAGE, "en", *languages)
    return {**named("https://elsewhere/strings/en"), "printer-strings-languages-supported": listed}


def test_the_printers_languages(desk: Desk, tmp_path: Path) -> None:
    """Each language that the printer has is in the description, whole, with English where it has no word."""
    with Printer(certificate=OWN, attributes=spoken_by("de", "fr-CA", "zh-hans", "x-klingon")) as printer:
        in_languages(printer, "en", "de", "fr-CA", "zh-hans")
        assert desk.run("describe", pinned(desk, printer)) == 0
        text = desk.output[desk.output.index("*PPD-Adobe") :]
        assert '*cupsLanguages: "de fr zh_CN"' in text and '*InputSlot tray-1/Tray in en: ""' in text
        assert '*de.InputSlot tray-1/Tray in de: ""' in text and '*de.Translation InputSlot/Trays: ""' in text
        assert '*zh_CN.InputSlot tray-1/Tray in zh-hans: ""' in text and '*fr.PageSize A4/A4: ""' in text
        assert complaints(text, tmp_path) == ""
        asked = [request.target for request in printer.requests if request.method == "GET"]
        assert asked == ["/strings/en", "/strings/de", "/strings/fr-CA", "/strings/zh-hans"]


def test_a_printer_that_has_one_language_for_all(desk: Desk) -> None:
    """One that gives the same file whatever language is asked for has one language; the file is fetched once."""
    with Printer(certificate=OWN, attributes=spoken_by("de", "fr")) as printer:
        in_languages(printer, "en")
        assert desk.run("describe", pinned(desk, printer)) == 0
        assert "cupsLanguages" not in desk.output
        assert sum(request.method == "GET" for request in printer.requests) == 1


def test_no_more_languages_than_are_of_use(desk: Desk) -> None:
    """A printer with hundreds of languages is asked for a dozen."""
    languages = [f"{first}{second}" for first in "abcd" for second in "klmnopqrst"]
    with Printer(certificate=OWN, attributes=spoken_by(*languages)) as printer:
        in_languages(printer, "en", *languages)
        assert desk.run("describe", pinned(desk, printer)) == 0
        assert sum(request.method == "GET" for request in printer.requests) == 1 + 12
        for line in desk.output.splitlines():
            assert len(line) <= 255


# --- strings ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_strings_come_from_the_printer(desk: Desk, trap: socket.socket, scheme: str) -> None:
    """Of the address only the path counts: the host that it names gets no connection."""
    address = f"{scheme}://127.0.0.1:{trap.getsockname()[1]}/strings/en.strings?x=1"
    with Printer(certificate=OWN, attributes=named(address)) as printer:
        printer.ipp.files["/strings/en.strings?x=1"] = STRINGS
        assert desk.run("describe", pinned(desk, printer)) == 0
        assert '*InputSlot tray-1/Drawer one: ""' in desk.output.splitlines()
        assert (printer.requests[-1].method, printer.requests[-1].target) == ("GET", "/strings/en.strings?x=1")
        with pytest.raises(BlockingIOError):
            trap.accept()


@pytest.mark.parametrize(
    "address",
    [
        "http://printer",
        "ftp://printer/strings",
        "/strings",
        "file:///etc/passwd",
        "http://printer/a b",
        "http://printer/a\r\nX: y",
        "http://printer/" + "a" * 1001,
        "http://printer/\u00e4",
        "",
    ],
)
def test_odd_addresses(desk: Desk, address: str) -> None:
    """They are not asked for, and the description is made without."""
    with Printer(certificate=OWN, attributes=named(address)) as printer:
        assert desk.run("describe", pinned(desk, printer)) == 0
        assert '*InputSlot tray-1/Tray 1: ""' in desk.output.splitlines()
        assert {request.method for request in printer.requests} == {"POST"}


@pytest.mark.parametrize("body", [None, b"", b"<html></html>", b"\xff\xfe" + STRINGS, bytes(range(256)) * 4000])
def test_files_that_are_no_strings(desk: Desk, body: bytes | None) -> None:
    """Missing, empty or nonsense: the description is made without."""
    with Printer(certificate=OWN, attributes=named("http://printer/s")) as printer:
        if body is not None:
            printer.ipp.files["/s"] = body
        assert desk.run("describe", pinned(desk, printer)) == 0
        assert '*InputSlot tray-1/Tray 1: ""' in desk.output.splitlines()
        assert ("its strings are not at /s" in desk.errors) == (not body)


def test_endless_strings(desk: Desk) -> None:
    """A file of 100 MB is not read to its end; the description is made without, and says so."""
    with Printer(certificate=OWN, attributes=named("http://printer/s")) as printer:
        printer.ipp.files["/s"] = STRINGS + b" " * (100 << 20)
        assert desk.run("describe", pinned(desk, printer)) == 0
        assert '*InputSlot tray-1/Tray 1: ""' in desk.output.splitlines() and "strings cannot be had" in desk.errors


# --- trust ------------------------------------------------------------------------------------------------


def test_only_the_pinned_printer_is_asked(desk: Desk) -> None:
    """Unknown or changed: no byte of HTTP, no description."""
    with Printer(certificate=OWN, attributes=TRAYS) as printer:
        uri = f"ipps443://localhost:{printer.port}"
        desk.write(f"elsewhere:443 spki-sha256:{OWN.spki_sha256.hex()}\n")
        assert desk.run("describe", uri) == 1 and "[T01]" in desk.errors
        desk.write(f"localhost:{printer.port} spki-sha256:{OTHER.spki_sha256.hex()}\n")
        assert desk.run("describe", uri) == 1 and "[T02]" in desk.errors
        assert printer.http_bytes == 0 and "*PPD" not in desk.output


def test_an_impostor_in_the_middle(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A different key at the third connection, where the strings would be asked for: refused, and no GET."""
    with Printer(certificate=OWN, attributes=named("http://printer/s")) as printer:
        uri = pinned(desk, printer)
        real = Printer._certificate_for

        def change(self: Printer, connection: Any) -> Any:
            return OTHER if len(printer.operations) >= 3 else real(self, connection)

        monkeypatch.setattr(Printer, "_certificate_for", change)
        assert desk.run("describe", uri) == 1 and "[T02]" in desk.errors and "*PPD" not in desk.output
        assert all(request.method == "POST" for request in printer.requests)


# --- answers ----------------------------------------------------------------------------------------------


def test_the_database_is_asked_for_by_name(desk: Desk) -> None:
    """media-col-database is not part of "all"; a printer that lists it gets its sizes from it."""
    from backend.ipp.message import Collection

    size = Collection((attribute("x-dimension", Tag.INTEGER, 21000), attribute("y-dimension", Tag.INTEGER, 29700)))
    margins = [attribute(f"media-{edge}-margin", Tag.INTEGER, 0) for edge in ("left", "bottom", "right", "top")]
    entry = Collection((attribute("media-size", Tag.BEG_COLLECTION, size), *margins))
    database = {"media-col-database": attribute("media-col-database", Tag.BEG_COLLECTION, entry)}
    with Printer(certificate=OWN, attributes={**PDF, **database}) as printer:
        assert desk.run("describe", pinned(desk, printer)) == 0
        assert '*ImageableArea A4: "0 0 595.28 841.89"' in desk.output


@pytest.mark.parametrize("faults", ["ipp=1.0-only", "ipp=1.1-only", "chunk=411", "path=/printer", "tls=1.2"])
def test_printers_with_ways_of_their_own(desk: Desk, faults: str) -> None:
    """What probe finds out is used: version, framing, path."""
    with Printer(certificate=OWN, faults=Faults.parse(faults), attributes=TRAYS) as printer:
        assert desk.run("describe", pinned(desk, printer)) == 0, desk.errors
        assert "*InputSlot tray-1" in desk.output


def test_json(desk: Desk) -> None:
    """The text, the format and the notes."""
    with Printer(
        certificate=OWN,
        attributes={
            **TRAYS,
            "output-bin-supported": attribute("output-bin-supported", Tag.NAME_WITHOUT_LANGUAGE, "a b"),
        },
    ) as printer:
        found = desk.value("describe", pinned(desk, printer))
        assert found["format"] == "application/pdf" and found["description"].startswith("*PPD-Adobe")
        assert any(note.startswith("output-bin: 1 left out") for note in found["notes"])


def test_nothing_that_can_be_made(desk: Desk, tmp_path: Path) -> None:
    """PCL alone: refused with what the printer lists, and no file."""
    formats = attribute("document-format-supported", Tag.MIME_MEDIA_TYPE, "application/vnd.hp-PCL")
    with Printer(certificate=OWN, attributes={"document-format-supported": formats}) as printer:
        path = tmp_path / "x.ppd"
        assert desk.run("describe", pinned(desk, printer), "-o", str(path)) == 1
        assert "nothing can be made for what it takes (application/vnd.hp-PCL)" in desk.errors and not path.exists()


# --- what has changed -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "before, after, lines",
    [
        ({}, {}, []),
        ({"media_source_supported": ("a", "b")}, {"media_source_supported": ("b", "c")}, ["InputSlot: +c -a"]),
        ({"media_source_supported": ("a", "b")}, {"media_source_supported": ("b", "a")}, []),
        ({"output_bin_supported": ("a",)}, {}, ["OutputBin: -a"]),
        ({}, {"finishings_supported": (4,)}, ["StaplePosition: +none +staple"]),
        ({"media_supported": ("iso_a4_210x297mm",)}, {"media_supported": ("iso_a5_148x210mm",)}, ["PageSize: +A5 -A4"]),
    ],
)
def test_changes_in_words(before: dict[str, Any], after: dict[str, Any], lines: list[str]) -> None:
    """A line for each option with what came and what went; another order is no change."""
    assert compare_choices(describe(**before).text, describe(**after).text) == lines


@pytest.mark.parametrize(
    "text, made",
    [
        ('*ipps443Source: "printer"', True),
        ('*ipps443Source: "x"', False),
        ("", False),
        ('*%*ipps443Source: "printer"', False),
    ],
)
def test_which_descriptions_are_made(text: str, made: bool) -> None:
    """By their own word."""
    assert is_made_from_printer(f"*A: b\n{text}\n") == made
