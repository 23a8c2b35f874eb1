"""The trace of a job: what it has, what it must not have, and that it is not there when nobody wants it."""

from __future__ import annotations

import os
import ssl
import stat
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.ipp.message import Attribute, Collection, Group, Message, Range, Resolution, Value
from backend.ipp.tags import Tag
from backend.trace import trace_file, traced
from backend.trace.story import answer_lines, attribute_text, hex_lines, message_lines
from backend.trace.trace_switch import Switch, parse_switch
from backend.trace.traced import traced_report
from filters.common.job import parse_job
from filters.common.report import Report
from tests.cups_lines import texts
from tests.printer import Printer, make_certificate
from tests.secret_marks import PASSWORD, PIN
from tests.unit.backend.test_main import ARGUMENTS, Backend, pinned

DOCUMENT = b"\x1bE" + "Marked-Document \u00e9".encode("cp037") + b"MarkedText" + b"\x1bE"
ARGUMENTS_OF_KEYS = ["office", "7", "anna", "Report", "1", ""]
KEYS = {"DEVICE_URI": "ipps443://printer/?trace=keys"}
JOB = (*ARGUMENTS[:4], f"{ARGUMENTS[4]} sides=one-sided job-password={PIN}")


@pytest.fixture
def backend(tmp_path: Path) -> Backend:
    """The launcher with folders of its own."""
    return Backend(tmp_path)


def traces(backend: Backend, suffix: str = ".trace") -> list[Path]:
    """Return the files of all traces with that end, the oldest first."""
    folder = backend.cache / "ipps443" / "trace"
    return sorted(path for path in folder.iterdir() if path.suffix == suffix) if folder.exists() else []


def switch(backend: Backend, line: str, queue: str = "office") -> None:
    """Set the switch of a queue."""
    path = backend.root / "ipps443" / "trace" / queue
    path.parent.mkdir(exist_ok=True)
    path.write_text(line)
    path.chmod(0o640)


def test_a_trace_is_a_story(backend: Backend) -> None:
    """From the job to its exit: connection, questions and answers with attributes, document, messages."""
    with Printer(faults=f"user=anna,password={PASSWORD},auth=basic") as printer:
        assert backend.run(pinned(printer, trace="yes"), DOCUMENT, ARGUMENTS).status == 0
    (path,) = traces(backend)
    text = path.read_text()
    position = 0
    for part in (
        "job 7 of anna on queue office",
        "device URI ipps443://localhost:",
        "connecting to localhost",
        "connected to ",
        "> Get-Printer-Attributes, IPP 2.0, request-id ",
        ">     Host: localhost",
        ">         attributes-charset (charset) = utf-8",
        "< HTTP 200 OK: successful-ok",
        "<         printer-state (enum) = ",
        "> Create-Job",
        ">     Authorization: (left out)",
        "> document begins, size not known",
        f"> {len(DOCUMENT)} octets of the document, {len(DOCUMENT)} in all",
        "> document ends; from here on the printer is waited for",
        "STATE +cups-waiting-for-job-completed",
        "exit 0",
    ):
        position = text.find(part, position)
        assert position >= 0, f"{part}\n{text}"
    assert all(line.startswith("+") for line in text.splitlines())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert traces(backend, ".keys") == traces(backend, ".document") == []


def test_a_trace_has_no_secrets(backend: Backend) -> None:
    """Neither password nor PIN nor a word of the document, unless the document is wanted."""
    with Printer(faults=f"user=anna,password={PASSWORD}") as printer:
        for words in ("yes", "hex", "document"):
            backend.run(pinned(printer, trace=words), DOCUMENT, JOB)
    plain, hexadecimal, with_document = (path.read_text() for path in traces(backend))
    for text in (plain, hexadecimal, with_document):
        assert PASSWORD not in text and PIN not in text
    assert "Marked" not in plain and "Marked" not in with_document


def test_hex_and_document(backend: Backend) -> None:
    """The beginning in ASCII and in EBCDIC, and all of what was sent."""
    long = DOCUMENT + b"x" * 100000
    with Printer() as printer:
        assert backend.run(printer.uri(pin=True, trace="hex,document"), long).status == 0
    (path,) = traces(backend)
    text = path.read_text()
    assert "000000  1b 45 d4" in text and "MarkedText" in text and "|..Marked-Documen|" in text
    assert "000ff0  " in text and "001000  " not in text
    (document,) = traces(backend, ".document")
    assert document.read_bytes() == long and stat.S_IMODE(document.stat().st_mode) == 0o600


def test_keys(backend: Backend) -> None:
    """A key log in the form of NSS, for us alone from its first moment whatever the umask, and a warning."""
    old = os.umask(0)
    try:
        with Printer() as printer:
            ended = backend.run(printer.uri(pin=True, trace="keys"), DOCUMENT)
    finally:
        os.umask(old)
    (path,) = traces(backend, ".keys")
    assert "CLIENT_TRAFFIC_SECRET_0 " in path.read_text() and stat.S_IMODE(path.stat().st_mode) == 0o600
    assert any(text.endswith("[C11]") for text in texts(ended.lines, "WARNING"))


def test_keys_that_are_taken_away_do_not_come_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Turned off while a job waits, its later connections leave no file, least of all one for all to read."""
    report = traced_report(parse_job(ARGUMENTS_OF_KEYS, {}), {"CUPS_CACHEDIR": str(tmp_path), **KEYS}, Report(2))
    (path,) = tmp_path.rglob("*.keys")
    path.unlink()
    context = ssl.create_default_context()
    context.keylog_filename = report.key_log
    assert not list(tmp_path.rglob("*.keys"))


def test_a_part_of_a_pin_is_no_option(tmp_path: Path) -> None:
    """CUPS passes a PIN on without quotes: behind a blank in it its end looks like an option."""
    for options in ("job-password=12 secret34 sides=one-sided", "job-password=12 se=cr"):
        traced_report(
            parse_job([*ARGUMENTS_OF_KEYS[:5], options], {}), {"CUPS_CACHEDIR": str(tmp_path), **KEYS}, Report(2)
        )
    written = "".join(path.read_text() for path in tmp_path.rglob("*.trace"))
    assert "not shown" in written and "secret34" not in written and "se=" not in written


def test_a_trace_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a printer says, for as long as it is watched."""
    monkeypatch.setattr(traced, "LARGEST", 4000)
    report = traced_report(parse_job(ARGUMENTS_OF_KEYS, {}), {"CUPS_CACHEDIR": str(tmp_path), **KEYS}, Report(2))
    for _ in range(1000):
        report.debug("x" * 100)
    (path,) = tmp_path.rglob("*.trace")
    text = path.read_text()
    assert len(text) < 4100 and text.endswith("the job goes on\n")


#: Troubles, and what of docs/diagnosis.md names their cause.
CAUSES: tuple[tuple[str, str, bytes, tuple[str, ...]], ...] = (
    ("option", "strict=job-template", b"%PDF-1.4 x\n%%EOF\n", ("sides (keyword)", "attributes-or-values", "refuses")),
    ("rubbish", "", "INVOICE 4711".encode("cp037"), ("|INVOICE 4711", "application/octet-stream")),
    ("certificate", "", b"\x1bEx\x1bE", ("presents a different certificate", "exit 4")),
)


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause[0])
def test_the_trace_alone_shows_the_cause(backend: Backend, cause: tuple[str, str, bytes, tuple[str, ...]]) -> None:
    """What docs/diagnosis.md says is to be seen; of a certificate that is refused, that nothing was sent."""
    name, faults, document, parts = cause
    arguments = (*ARGUMENTS[:4], f"{ARGUMENTS[4]} sides=two-sided-long-edge")
    kind = "application/pdf" if document.startswith(b"%PDF") else "application/vnd.cups-raw"
    with Printer(faults=faults) as printer:
        uri = printer.uri(pin=True, trace="hex")
        if name == "certificate":
            printer.certificate = make_certificate()
        backend.run(uri, document, arguments, CONTENT_TYPE=kind)
    (path,) = traces(backend)
    text = path.read_text()
    for part in parts:
        assert part in text
    assert name != "certificate" or " > " not in text


def test_no_other_way_to_keys(backend: Backend, tmp_path: Path) -> None:
    """SSLKEYLOGFILE does nothing, with a trace or without."""
    log = tmp_path / "keys"
    with Printer() as printer:
        for words in ("yes", "no"):
            assert backend.run(printer.uri(pin=True, trace=words), DOCUMENT, SSLKEYLOGFILE=str(log)).status == 0
    assert not log.exists() and traces(backend, ".keys") == []


@pytest.mark.parametrize(
    "printer, is_asked, waited, told",
    [
        (0.4, True, 0.4, []),
        (0.4, True, 0.6, ["the filter was waited for: 0.600 seconds"]),
        (0.6, True, 0.4, ["the printer took 0.600 seconds for the last block"]),
        # A file is not asked whether it is ready.
        (0.6, False, 0.6, []),
    ],
)
def test_what_is_worth_a_line(
    monkeypatch: pytest.MonkeyPatch, printer: float, is_asked: bool, waited: float, told: list[str]
) -> None:
    """Of the filter and of the printer a line tells only if they were waited for."""
    clock, lines = [0.0], list[str]()
    monkeypatch.setattr(traced.time, "monotonic", lambda: clock[0])
    source: Any = SimpleNamespace(size=None, fileno=lambda: 5, next_block=lambda: b"block")
    report: Any = SimpleNamespace(line=lines.append, block=lambda block: None)
    document = traced.TracedSource(source, report)
    for _ in range(2):
        clock[0] += printer
        if is_asked:
            assert document.fileno() == 5
        clock[0] += waited
        assert document.next_block() == b"block"
    assert [line for line in lines if not line.startswith(">")] == told * 2


def test_a_switch_turns_itself_off(backend: Backend) -> None:
    """After its time, after its jobs, for other queues, and where others may write it nothing is traced."""
    now = int(time.time())
    environ = backend.environ("ipps443://printer")
    over = Switch(frozenset(), now - 100, now - 1, 5).as_line()
    twice, often = (Switch(frozenset(), now - 100, now + 600, jobs).as_line() for jobs in (2, 9))
    for line, queue, count in (
        (over, "office", 0),
        (twice, "attic", 0),
        (twice, "office", 1),
        (twice, "office", 2),
        (twice, "office", 2),
        ("rubbish", "office", 2),
        (often, "office", 2),
    ):
        switch(backend, line)
        if line == often:
            (backend.root / "ipps443" / "trace" / "office").chmod(0o666)
        traced_report(parse_job(ARGUMENTS_OF_KEYS, {"PRINTER": queue}), environ, Report(2))
        assert len(traces(backend)) == count


def test_a_trace_that_cannot_be_written(backend: Backend) -> None:
    """The job prints, with a warning."""
    (backend.cache / "ipps443" / "trace").write_text("")
    with Printer() as printer:
        ended = backend.run(printer.uri(pin=True, trace="yes"), DOCUMENT)
        assert ended.status == 0 and len(printer.printed) == 1
    assert any(text.endswith("[C12]") for text in texts(ended.lines, "WARNING"))


def test_the_last_twenty_are_kept(tmp_path: Path) -> None:
    """Of each older one all files go."""
    for number in range(30):
        name = f"20260601T1000{number:02d}-office-{number}-abcd"
        for suffix in trace_file.SUFFIXES:
            os.close(trace_file.make(str(tmp_path), name + suffix))
    trace_file.prune(str(tmp_path), "home")
    assert len(list(tmp_path.iterdir())) == 90
    trace_file.prune(str(tmp_path), "office")
    assert len(list(tmp_path.iterdir())) == 60 and "-10-" in trace_file.names(str(tmp_path))[0]


@pytest.mark.parametrize(
    "text", ["", "yes 1 2", "yes 1 2 x", "all 1 2 3", "hex,all 1 2 3", "yes 1 2 3 4", "yes -1 2 3"]
)
def test_what_is_no_switch(text: str) -> None:
    """It counts for nothing."""
    assert parse_switch(text) is None


def test_a_switch_is_read_as_it_was_written() -> None:
    """Both ways, with words and without."""
    for words in ((), ("hex",), ("hex", "document", "keys")):
        made = Switch(frozenset(words), 1, 2, 3)
        assert parse_switch(made.as_line()) == made


def attribute(name: str, tag: int, *values: object) -> Attribute:
    """Return an attribute."""
    return Attribute(name, tuple(Value(tag, value) for value in values))


def test_attributes_in_words() -> None:
    """Each kind of value reads as people write it; what is secret is left out, in collections too."""
    inner = attribute("job-password", Tag.OCTET_STRING, b"1234")
    cases = {
        attribute("copies-supported", Tag.RANGE_OF_INTEGER, Range(1, 99)): "copies-supported (range-of-integer) = 1-99",
        attribute("r", Tag.RESOLUTION, Resolution(600, 300)): "r (resolution) = 600x300dpi",
        attribute("sides", Tag.KEYWORD, "a", "b"): "sides (keyword) = a, b",
        attribute("job-password", Tag.OCTET_STRING, b"1234"): "job-password = (left out)",
        attribute("x", 0x5A, b"\x01"): "x (0x5a) = 01",
    }
    for made, text in cases.items():
        assert attribute_text(made) == text
    nested = Attribute("c", (Value(Tag.BEG_COLLECTION, Collection((inner,))),))
    message = Message((2, 0), 0, 1, (Group(Tag.JOB_ATTRIBUTES, (nested,)),))
    assert list(message_lines(message))[1].endswith("{job-password = (left out)}")


@given(st.binary(max_size=100))
def test_hex_of_anything(data: bytes) -> None:
    """Every octet is there once, on lines of one form."""
    lines = list(hex_lines(data))
    assert bytes.fromhex("".join(line[8:55] for line in lines)) == data
    assert all(line.isascii() and line.isprintable() and line.count("|") >= 4 for line in lines)


@pytest.mark.parametrize("kind", ["www", "proxy"])
def test_fields_of_authentication_are_left_out(kind: str) -> None:
    """What either side says to prove itself is left out, the printer's proof after the password as well (RFC 7615)."""
    prefix = "Proxy-" if kind == "proxy" else ""
    names = ["WWW-Authenticate" if kind == "www" else "Proxy-Authenticate"]
    names += [prefix + "Authorization", prefix + "Authentication-Info", "Cookie", "Set-Cookie"]
    headers = [(name.lower(), 'Digest rspauth="5ecret"') for name in names] + [("server", "5erver")]
    lines = list(answer_lines(SimpleNamespace(status=200, reason="OK", early=False, headers=headers, body=b""), None))
    assert "5ecret" not in "".join(lines) and lines[-1].endswith("server: 5erver") and len(lines) == 7
