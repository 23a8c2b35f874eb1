"""ipps443ctl probe, and the choice of a printer description."""

from __future__ import annotations

import contextlib
import socket
import time
from pathlib import Path

import pytest

from backend.control import examination, progress
from backend.control.descriptions import choose_description, installed_descriptions, printer_languages
from backend.control.examination import PATHS
from backend.control.host import parse_printer_host
from backend.ipp.message import attribute
from backend.ipp.tags import Tag
from backend.printer.learned import Facts, remember
from backend.trust.fingerprint import as_hex
from tests.printer import Faults, Printer, make_certificate
from tests.unit.control.conftest import Desk
from tests.unit.control.models import MODELS, install_models

OWN, OTHER = (make_certificate("localhost") for _ in range(2))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """An administrator of a machine with some descriptions."""
    return Desk(tmp_path, environ=install_models(tmp_path / "data"))


def host(printer: Printer) -> str:
    return f"localhost:{printer.port}"


def pinned(desk: Desk, printer: Printer) -> str:
    """Pin the printer and return its HOST."""
    cert = printer.certificate
    assert cert is not None
    desk.write(f"localhost:{printer.port} spki-sha256:{cert.spki_sha256.hex()}\n")
    return host(printer)


def operations(printer: Printer) -> set[str]:
    return {operation.name for operation in printer.operations}


# --- a printer that is not trusted ------------------------------------------------------------------------


def test_unknown_printer(desk: Desk) -> None:
    """Of a printer without a pin the certificate is shown, and what to pin; it gets no byte of HTTP."""
    with Printer(certificate=OWN) as printer:
        desk.write("")
        assert desk.run("probe", host(printer)) == 1
        assert as_hex(OWN.cert_sha256) in desk.output and "only handshakes" in desk.output
        assert f"ipps443ctl pin localhost:{printer.port}" in desk.errors and "[T01]" in desk.errors
        value = desk.value("probe", host(printer))
        assert value["trusted"] is False and value["certificate"]["cert_sha256"] == OWN.cert_sha256.hex()
        assert printer.http_bytes == 0


def test_changed_printer(desk: Desk) -> None:
    """A printer with another certificate than the pinned one gets no byte of HTTP either."""
    with Printer(certificate=OWN) as printer:
        name = pinned(desk, printer)
        printer.certificate = OTHER
        assert desk.run("probe", name) == 1 and "[T02]" in desk.errors
        assert printer.http_bytes == 0


def test_unreachable_printer(desk: Desk) -> None:
    """Nobody there: exit code 2, after some tries."""
    with Printer(certificate=OWN) as printer:
        name = pinned(desk, printer)
    assert desk.run("probe", name) == 3 and "cannot be reached" in desk.errors and desk.slept


# --- what is found ----------------------------------------------------------------------------------------


def test_proposal(desk: Desk) -> None:
    """Model, formats, framing, versions, a URI and a description are found with Get-Printer-Attributes alone."""
    with Printer(certificate=OWN) as printer:
        before = (pinned(desk, printer), desk.text)
        value = desk.value("probe", before[0])
        assert (value["trusted"], value["framing"], value["path"]) == (True, "chunked", "/ipp/print")
        assert value["tls_versions"] == ["TLSv1.2", "TLSv1.3"] and value["tls_version"] == "TLSv1.3"
        assert "application/vnd.hp-PCL" in value["formats"] and value["make_and_model"]
        assert value["device_uri"] == f"ipps443://localhost:{printer.port}/ipp/print"
        assert value["description"] == "printer"
        assert operations(printer) == {"Get-Printer-Attributes"} and not printer.jobs
        assert desk.run("probe", before[0]) == 0
        for words in (value["make_and_model"], "documents chunked", value["device_uri"], "ipps443/pcl5.ppd"):
            assert words in desk.output
        assert desk.text == before[1]


# The scripted printer at /ipp answers below it as well, at the path that is tried first.
@pytest.mark.parametrize("path", [path for path in PATHS if not "/ipp/print".startswith(path) or path == "/"])
@pytest.mark.parametrize("path_error", ["404", "400", "not-found"])
def test_path(desk: Desk, path: str, path_error: str) -> None:
    """The path is looked for where printers have it, and the others are named with their answers."""
    with Printer(certificate=OWN, faults=Faults(path=path, path_error=path_error)) as printer:
        value = desk.value("probe", pinned(desk, printer))
        assert value["path"] == path and value["device_uri"].endswith(f":{printer.port}{path}")
        said = "client-error-not-found" if path_error == "not-found" else f"HTTP {path_error}"
        assert value["tried"][0] == {"path": "/ipp/print", "answer": said}
        assert not printer.jobs


def test_format_that_jobs_have_found_to_be_refused(desk: Desk) -> None:
    """The proposal names the format that the description will have, until the printer has different firmware."""
    cache = str(desk.folder / "cache")
    desk.environ["CUPS_CACHEDIR"] = cache
    formats = attribute("document-format-supported", Tag.MIME_MEDIA_TYPE, "application/pdf", "image/urf")
    with Printer(OWN, Faults(firmware="7"), attributes={formats.name: formats}) as printer:
        name = pinned(desk, printer)
        assert desk.run("probe", name) == 0 and "what the printer says (application/pdf)" in desk.output
        for firmware, said in (("7", "image/urf"), ("8", "application/pdf")):
            facts = Facts(refused="application/pdf", firmware=firmware)
            remember(f"{cache}/ipps443", "localhost", printer.port, facts, desk.now.timestamp())
            assert desk.run("probe", name) == 0 and f"what the printer says ({said})" in desk.output


def test_path_of_the_uri_comes_first(desk: Desk) -> None:
    """A path that no list has is taken from the URI."""
    with Printer(certificate=OWN, faults=Faults(path="/queues/one")) as printer:
        uri = f"ipps443://{pinned(desk, printer)}/queues/one"
        value = desk.value("probe", uri)
        assert (value["device_uri"], value["tried"]) == (uri, [])
        assert desk.run("probe", host(printer)) == 1 and "answers on no usual path" in desk.errors


@pytest.mark.parametrize("chunk", ["411", "400", "ignore:400"])
def test_sized(desk: Desk, chunk: str) -> None:
    """A printer that takes no chunks is found out by a question, not by a document."""
    with Printer(certificate=OWN, faults=Faults(chunk=chunk)) as printer:
        assert desk.value("probe", pinned(desk, printer))["framing"] == "sized"


def test_ipp_version(desk: Desk) -> None:
    """The version of IPP that the printer answers properly is found."""
    with Printer(certificate=OWN, faults=Faults(ipp="1.1-only")) as printer:
        assert desk.value("probe", pinned(desk, printer))["ipp_version"] == "1.1"


@pytest.mark.parametrize(
    "faults, option",
    [
        (Faults(tls13="alert"), "tls=1.2-only"),
        (Faults(tls13="close"), "tls=1.2-only"),
        (Faults(sni="reject"), "sni=no"),
    ],
)
def test_tls(desk: Desk, faults: Faults, option: str) -> None:
    """What a printer needs of TLS is tried, and written into the URI behind what stands there."""
    with Printer(certificate=OWN, faults=faults) as printer:
        uri = f"ipps443://{pinned(desk, printer)}/ipp/print"
        assert desk.value("probe", uri)["device_uri"] == f"{uri}?{option}"
        assert desk.value("probe", f"{uri}?resend=yes")["device_uri"] == f"{uri}?resend=yes&{option}"


def test_tls_of_the_uri_stays(desk: Desk) -> None:
    """What the URI says about TLS is not changed, so a printer that cannot do it is refused."""
    with Printer(certificate=OWN, faults=Faults(tls="1.2")) as printer:
        assert desk.run("probe", f"ipps443://{pinned(desk, printer)}?tls=1.3") == 3


def test_password(desk: Desk) -> None:
    """A printer that wants a password says nothing without it; the password of a URI is used and never shown."""
    with Printer(certificate=OWN, faults=Faults(auth="basic")) as printer:
        name = pinned(desk, printer)
        value = desk.value("probe", name)
        assert value["needs_password"] is True and value["description"] is None
        assert desk.run("probe", name) == 0 and "user name and password" in desk.output
        assert desk.run("probe", f"ipps443://someone:secret@{name}/ipp/print") == 0
        assert "ipps443/pcl5.ppd" in desk.output and "secret" not in desk.output + desk.errors


# --- descriptions -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "formats, device_id, languages",
    [
        (("application/vnd.hp-PCL",), "", ("PCL 5",)),
        (("application/pdf", "application/vnd.hp-PCLXL;x=y"), "", ("PCL XL", "PDF")),
        (("application/octet-stream",), "MFG:A;CMD:PJL,PCLXL,PCL;MDL:B;", ("PCL 5", "PCL XL")),
        (("application/octet-stream",), "COMMAND SET: PCL5E, PDF", ("PCL 5", "PDF")),
        (("application/octet-stream", "image/urf"), "MFG:A;CMD:PCL3GUI,URF;", ()),
        ((), "", ()),
    ],
)
def test_languages(formats: tuple[str, ...], device_id: str, languages: tuple[str, ...]) -> None:
    """The languages come from the formats and from the device id; PCL3GUI is none of them."""
    assert printer_languages(formats, device_id) == languages


@pytest.mark.parametrize(
    "languages, model, color, name",
    [
        (("PCL 5", "PCL XL", "PDF"), "Any", False, "pcl5.ppd"),
        (("PCL 5", "PCL XL", "PDF"), "Any", None, "pcl5.ppd"),
        (("PCL 5", "PCL XL", "PDF"), "Any", True, "xl-color.ppd"),
        (("PCL XL",), "Any", False, "xl.ppd"),
        (("PDF",), "Any", True, "pdf.ppd"),
        (("PDF",), "Any", False, "pdf.ppd"),
        (("PDF",), "Any", None, "pdf.ppd"),
        (("PCL 5", "PDF"), "Any", False, "pcl5.ppd"),
        (("PCL 5", "PDF"), "Any", True, "pdf.ppd"),
        (("PCL 5",), "Acme Laser 77dn", False, "special.ppd"),
        (("PDF",), "ACME LASER-77 MFP", False, "special.ppd"),
        (("PCL 5",), "Acme Laser 770", False, "pcl5.ppd"),
        ((), "Any", None, None),
    ],
)
def test_choice(tmp_path: Path, languages: tuple[str, ...], model: str, color: bool | None, name: str | None) -> None:
    """A description for the model comes first, colour for colour printers, then the better language for text."""
    found = choose_description(installed_descriptions(install_models(tmp_path)), languages, model, color)
    assert (found and found.name) == (name and f"ipps443/{name}")


def test_nothing_installed(tmp_path: Path) -> None:
    """Without a folder of descriptions there is nothing to choose from; what is no description is not chosen."""
    assert installed_descriptions({"CUPS_DATADIR": str(tmp_path)}) == ()
    found = installed_descriptions(install_models(tmp_path, **{"a.ppd": "rubbish", "b.txt": MODELS["pcl5.ppd"]}))
    assert [d.name for d in found] == ["ipps443/a.ppd"]
    assert choose_description(found, ("PCL 5",), "rubbish", None) is None


# --- what is wrong, by name -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "faults, words",
    [
        ("answer=html", "(/ipp/print: a web page; "),
        ("answer=html", "turn IPP on at the printer, or correct the port"),
        ("answer=status:403", "allow this computer at the printer"),
        ("path=/queues/one", "look for the path of its IPP service"),
        ("redirect=301:/elsewhere", "/ipp/print: HTTP 301, points to /elsewhere"),
    ],
)
def test_no_path(desk: Desk, faults: str, words: str) -> None:
    """A printer that answers on no path says what it answers instead, and what to do."""
    with Printer(certificate=OWN, faults=faults) as printer:
        assert desk.run("probe", pinned(desk, printer)) == 1
        assert words in desk.errors and "answers on no usual path" in desk.errors and not printer.jobs


def test_a_printer_that_is_slow_at_each_path_is_not_asked_at_all_of_them(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One whose answers never end kept a command for eight minutes."""
    monkeypatch.setattr(examination, "MOST_SECONDS", -1)
    with Printer(certificate=OWN, faults="answer=status:404") as printer:
        name = pinned(desk, printer)
        assert desk.run("probe", name) == 1
        assert "(/ipp/print: HTTP 404); it is too slow to try others" in desk.errors


@pytest.mark.parametrize("seconds, found", [(120, "/ipp/port1"), (-1, None)])
def test_doctor_looks_for_the_path_only_so_long(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, seconds: int, found: str | None
) -> None:
    """The same where a queue has a wrong path."""
    monkeypatch.setattr(examination, "MOST_SECONDS", seconds)
    with Printer(certificate=OWN, faults="path=/ipp/port1") as printer:
        target = parse_printer_host(f"ipps443://{pinned(desk, printer)}/wrong")
        assert examination.find_path(target, {"CUPS_SERVERROOT": str(desk.folder)}) == found


def test_ports_are_looked_at_side_by_side() -> None:
    """One that takes connections is found; ports at which not even a refusal comes back cost one short time in all."""
    with contextlib.ExitStack() as sockets:

        def listen(backlog: int) -> int:
            listener = sockets.enter_context(socket.socket())
            listener.bind(("127.0.0.1", 0))
            listener.listen(backlog)
            return int(listener.getsockname()[1])

        taken, closed, deaf = listen(5), listen(0), [listen(0) for _ in range(4)]
        for port in deaf * 4:  # their queues are full, and the kernel drops what comes
            waiting = sockets.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.1", port))
        began = time.monotonic()
        found = examination.find_ports(parse_printer_host("127.0.0.1"), [*deaf, taken])
        assert found == [taken] and time.monotonic() - began < 2 * examination.PORT_SECONDS
    assert examination.find_ports(parse_printer_host("127.0.0.1"), [closed]) == []
    assert examination.find_ports(parse_printer_host("127.0.0.1"), []) == []


def test_wrong_password(desk: Desk) -> None:
    """A user name and password that the printer refuses are named, and not taken for missing ones."""
    with Printer(certificate=OWN, faults=Faults(auth="digest-sha256", password="geheim")) as printer:
        name = pinned(desk, printer)
        assert desk.run("probe", f"ipps443://someone:falsch@{name}/ipp/print") == 1
        assert "refuses the user name and password" in desk.errors and "[P06]" in desk.errors
        assert "falsch" not in desk.output + desk.errors


@pytest.mark.parametrize("tls", ["1.2", "1.3"])
def test_client_certificate(desk: Desk, tls: str) -> None:
    """A printer that demands a client certificate is named as such, before and after the handshake's end."""
    with Printer(certificate=OWN, client_ca=OWN) as printer:
        name = pinned(desk, printer)
        printer.faults = Faults(client_cert="require", tls=tls)
        assert desk.run("probe", name) == 3 and "demands a client certificate" in desk.errors
        assert "clientcert=LABEL" in desk.errors and printer.http_bytes == 0


# --- progress ---------------------------------------------------------------------------------------------


def test_progress(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a printer takes its time, it is said on standard error what is going on, and for how long; else nothing."""
    with Printer(certificate=OWN) as printer:
        name = pinned(desk, printer)
        assert desk.run("probe", name) == 0 and desk.errors == ""
        monkeypatch.setattr(progress, "FIRST", 0.1)
        monkeypatch.setattr(progress, "EVERY", 0.1)
        printer.faults = Faults(slow_reply="0.35")
        assert desk.run("probe", name) == 0
        said = [line for line in desk.errors.splitlines() if "asking localhost" in line]
        assert len(said) >= 2 and f"asking {name} about itself at /ipp/print (0 s)" in desk.errors
        printer.faults = Faults(handshake="slow:0.35")
        assert desk.run("probe", name) == 0
        for words in ("making a TLS handshake with", "connecting to", "asking"):
            assert words in desk.errors, desk.errors
