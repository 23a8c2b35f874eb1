"""ipps443ctl add: from nothing to a queue, and with a real cupsd from nothing to paper."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.control.testpage import A4, draw_page
from backend.cupsd.printer_state import texts
from backend.ipp.decoder import decode_message
from backend.ipp.tags import Tag
from backend.trust.fingerprint import as_hex
from tests.cups.recorded import control
from tests.cups.server import CupsServer
from tests.printer import Certificate, Faults, Printer, make_certificate
from tests.unit.backend.printer.test_languages import ANSWERS as DATA, given
from tests.unit.control.conftest import Cups, Desk
from tests.unit.control.models import install_models

OWN, OTHER = (make_certificate("localhost") for _ in range(2))


@pytest.fixture
def cupsd() -> Cups:
    return Cups({"old": {"device-uri": "ipp://elsewhere/"}})


@pytest.fixture
def desk(tmp_path: Path, cupsd: Cups) -> Desk:
    """An administrator of a machine with some descriptions and cupsd."""
    return Desk(tmp_path, cups=lambda: cupsd, environ=install_models(tmp_path / "data"))


@pytest.fixture
def printer() -> Iterator[Printer]:
    with Printer(certificate=OWN) as printer:
        yield printer


def uri(printer: Printer, rest: str = "") -> str:
    return f"ipps443://localhost:{printer.port}{rest}"


def pins_of(certificate: Certificate) -> list[tuple[bytes | None, bytes | None]]:
    return [(certificate.cert_sha256, certificate.spki_sha256)]


# --- trust ------------------------------------------------------------------------------------------------


def test_asks_before_it_trusts(desk: Desk, cupsd: Cups, printer: Printer) -> None:
    """On a terminal the certificate is shown, and yes pins it and makes the queue."""
    desk.typed = "yes\n"
    assert desk.run("add", "front-desk", uri(printer)) == 0
    assert as_hex(OWN.cert_sha256) in desk.output and "lp -d front-desk" in desk.output
    assert desk.on_file("localhost", printer.port) == pins_of(OWN)
    (made,) = cupsd.made
    assert (made["name"], made["device"]) == ("front-desk", uri(printer, "/ipp/print"))
    assert made["text"].startswith('*PPD-Adobe: "4.3"') and made["accepts"] == "front-desk"
    assert cupsd.enabled == ["front-desk"] and not printer.jobs


@pytest.mark.parametrize("typed, status", [("\n", 1), ("no\n", 1), (None, 2)])
def test_no_is_no(desk: Desk, cupsd: Cups, printer: Printer, typed: str | None, status: int) -> None:
    """No, or nobody to ask: no pin, no queue, no byte of HTTP."""
    desk.typed = typed
    assert desk.run("add", "front-desk", uri(printer)) == status
    assert (desk.text, cupsd.made, printer.http_bytes) == (None, [], 0)


def test_fingerprint(desk: Desk, cupsd: Cups, printer: Printer) -> None:
    """A fingerprint takes the place of the question, and must fit, also when the printer is pinned already."""
    right, wrong = (["--fingerprint", as_hex(made.spki_sha256)] for made in (OWN, OTHER))
    assert desk.run("add", "one", uri(printer), *wrong) == 1 and desk.text is None
    assert desk.run("add", "one", uri(printer), *right) == 0
    assert desk.run("add", "two", uri(printer), *right) == 0
    assert desk.run("add", "three", uri(printer), *wrong) == 1
    assert [made["name"] for made in cupsd.made] == ["one", "two"]


def test_changed_certificate(desk: Desk, cupsd: Cups, printer: Printer) -> None:
    """A printer that is pinned with another certificate is refused even with --yes, unless --replace is said too."""
    desk.write(f"localhost:{printer.port} spki-sha256:{OTHER.spki_sha256.hex()}\n")
    before = desk.text
    assert desk.run("add", "one", uri(printer), "--yes") == 1 and "[T02]" in desk.errors
    assert (desk.text, cupsd.made, printer.http_bytes) == (before, [], 0)
    assert desk.run("add", "one", uri(printer), "--yes", "--replace") == 0
    assert desk.on_file("localhost", printer.port) == pins_of(OWN)


def test_pin_in_the_uri(desk: Desk, cupsd: Cups, printer: Printer) -> None:
    """A URI with a pin of its own needs no pin file; with a wrong one nothing is pinned beside it."""
    good = uri(printer, f"/ipp/print?pin={as_hex(OWN.spki_sha256)}")
    assert desk.run("add", "one", good) == 0 and cupsd.made[0]["device"] == good
    for more in ((), ("--replace",)):
        assert desk.run("add", "two", uri(printer, f"?pin={as_hex(OTHER.spki_sha256)}"), "--yes", *more) == 1
    assert desk.text is None and len(cupsd.made) == 1


def test_damaged_pin_file(desk: Desk, cupsd: Cups, printer: Printer) -> None:
    """A pin file that cannot be read is no reason to begin a new one."""
    desk.write("rubbish\n")
    assert desk.run("add", "one", uri(printer), "--yes") == 1 and "line 1" in desk.errors
    assert desk.text == "rubbish\n" and not cupsd.made


def test_missing_authority(desk: Desk, cupsd: Cups, printer: Printer) -> None:
    """A printer that a CA vouches for, whose file is gone, is not pinned in passing."""
    line = f"localhost:{printer.port} ca:gone.pem\n"
    desk.write(line)
    assert desk.run("add", "one", uri(printer), "--fingerprint", as_hex(OWN.cert_sha256)) == 1
    assert "gone.pem" in desk.errors and desk.text == line and not cupsd.made


# --- the queue --------------------------------------------------------------------------------------------


def test_what_was_found_is_used(desk: Desk, cupsd: Cups) -> None:
    """Path and TLS options that the printer needs go into the queue; path and model into the pin too."""
    with Printer(certificate=OWN, faults=Faults(path="/printer", tls="1.0")) as printer:
        value = desk.value("add", "one", uri(printer, "?resend=yes"), "--yes", "--label", "Room 1", "--legacy")
        expected = uri(printer, "/printer?resend=yes&tls=legacy")
        assert cupsd.made[0]["device"] == value["device_uri"] == expected
        assert cupsd.made[0]["info"] == "Room 1" and value["queue"] == "one"
        (pin,) = desk.pins.pins
        assert (pin.path, pin.model, pin.label) == ("/printer", value["printer"]["make_and_model"], "Room 1")
        assert value["pinned"]["spki_sha256"] == OWN.spki_sha256.hex()


def test_password(desk: Desk, cupsd: Cups) -> None:
    """The password goes to cupsd in the device URI, and into no word of ours."""
    with Printer(certificate=OWN, faults=Faults(auth="basic")) as printer:
        assert desk.run("add", "one", uri(printer), "--yes") == 1 and "--model" in desk.errors and not cupsd.made
        secret = uri(printer, "/ipp/print").replace("://", "://someone:secret@")
        assert desk.run("add", "one", secret) == 0
        assert cupsd.made[0]["device"] == secret
        assert "secret" not in desk.output + desk.errors + str(desk.text)


def test_model(desk: Desk, cupsd: Cups, printer: Printer, tmp_path: Path) -> None:
    """--model decides; without it a printer that no description fits is refused with the installed ones."""
    assert desk.run("add", "one", uri(printer), "--yes", "--model", "drv:///sample.drv/laserjet.ppd") == 0
    assert cupsd.made[0]["ppdname"] == "drv:///sample.drv/laserjet.ppd"
    desk.environ = install_models(tmp_path / "other", **{"only.ppd": "*PPD-Adobe"})
    with Printer(certificate=OWN, faults=Faults(format="octet-only")) as printer:
        assert desk.run("add", "two", uri(printer), "--yes") == 1
        assert "--model" in desk.errors and "ipps443/only.ppd" in desk.errors and len(cupsd.made) == 1
        assert desk.run("add", "two", uri(printer), "--model", "printer") == 1
        assert (
            "nothing can be made for what it takes (application/octet-stream)" in desk.errors and len(cupsd.made) == 1
        )


@pytest.mark.parametrize(
    "formats, kind",
    [
        (["application/pdf"], "application/pdf"),
        (["application/vnd.hp-PCL", "application/pdf", "image/urf"], "application/pdf"),
        (["image/pwg-raster", "image/urf"], "image/urf"),
        (["image/jpeg", "image/pwg-raster"], "image/pwg-raster"),
        (["application/vnd.hp-PCL", "image/urf"], "image/urf"),
        (["application/vnd.hp-PCL"], None),
        (["application/vnd.hp-PCL", "image/jpeg"], None),
        (["image/jpeg", "application/octet-stream"], "image/jpeg"),
    ],
)
def test_made_from_the_printer(desk: Desk, cupsd: Cups, formats: list[str], kind: str | None) -> None:
    """PDF or raster, with PCL or without, is made of what the printer says; --model chooses, and can insist on it."""
    with Printer(certificate=OWN, attributes=given(formats, "MFG:A;MDL:B;")) as printer:
        value = desk.value("add", "one", uri(printer), "--yes")
        assert value["description"] == ("printer" if kind else "ipps443/pcl5.ppd")
        assert (f" {kind} {0 if kind == 'image/jpeg' else 10} " in cupsd.made[0].get("text", "")) == bool(kind)
        assert desk.run("add", "two", uri(printer), "--model", "printer") == (
            0 if kind or "image/jpeg" in formats else 1
        )
        assert desk.run("add", "three", uri(printer), "--model", "ipps443/pcl5.ppd") == 0
        assert cupsd.made[-1]["ppdname"] == "ipps443/pcl5.ppd" and "text" not in cupsd.made[-1]


def test_password_and_description(desk: Desk, cupsd: Cups) -> None:
    """A printer that wants a password before it says what it is can be described with it."""
    with Printer(certificate=OWN, faults=Faults(auth="basic"), attributes=given(["application/pdf"], "")) as printer:
        secret = uri(printer, "/ipp/print").replace("://", "://someone:secret@")
        assert desk.run("pin", f"localhost:{printer.port}", "--yes") == 0
        assert desk.run("describe", uri(printer)) == 1 and "user name and password" in desk.errors
        assert desk.run("describe", secret) == 0 and desk.output.startswith('*PPD-Adobe: "4.3"')
        assert desk.run("add", "one", secret) == 0 and "secret" not in cupsd.made[0]["text"]
        assert desk.run("add", "two", uri(printer), "--model", "printer") == 1 and len(cupsd.made) == 1


@pytest.mark.parametrize("name", ["HP-DeskJet-3630", "HP-OfficeJet-Pro-7740", "Canon-CNMF720C", "Epson-XP-6000"])
def test_inkjets(desk: Desk, cupsd: Cups, name: str) -> None:
    """A printer that means PCL3GUI by PCL, or takes pictures only, gets no PCL queue, but one for Apple raster."""
    message = decode_message((DATA / f"{name}.bin").read_bytes()).message
    formats = texts(message, "document-format-supported", Tag.PRINTER_ATTRIBUTES)
    device_id = "".join(texts(message, "printer-device-id"))
    with Printer(certificate=OWN, attributes=given(list(formats), device_id)) as printer:
        assert desk.run("add", "one", uri(printer), "--yes") == 0
        assert "application/vnd.cups-raster image/urf " in cupsd.made[0]["text"]
        assert desk.run("probe", uri(printer)) == 0
        assert "add makes one from what the printer says (image/urf)" in desk.output and "pcl5.ppd" not in desk.output


def test_name_in_use(desk: Desk, cupsd: Cups, printer: Printer) -> None:
    """A queue that prints elsewhere is left alone, before anything is pinned; one for this printer is set up anew."""
    assert desk.run("add", "old", uri(printer), "--yes") == 1
    assert "ipp://elsewhere/" in desk.errors and desk.text is None and not cupsd.made
    cupsd.queues["same"] = {"device-uri": uri(printer, "/other")}
    assert desk.run("add", "same", uri(printer), "--yes") == 0 and len(cupsd.made) == 1


@pytest.mark.parametrize("name", ["", "a b", "a/b", "a#b", "-x", "ä" * 64])
def test_bad_name(desk: Desk, printer: Printer, name: str) -> None:
    """What cupsd takes for no name is refused first."""
    assert desk.run("add", "--yes", "--", name, uri(printer)) == 2 and desk.text is None


def test_without_cupsd(desk: Desk, printer: Printer) -> None:
    """Without cupsd nothing is pinned either; a refusal of cupsd is told."""
    good = desk.cups
    desk.cups = Desk.cups
    assert desk.run("add", "one", uri(printer), "--yes") == 1 and "cupsd does not answer" in desk.errors
    assert desk.text is None
    desk.cups = good
    assert desk.run("add", "forbidden", uri(printer), "--yes") == 1 and "client-error-forbidden" in desk.errors


# --- with a real cupsd ------------------------------------------------------------------------------------


def test_from_nothing_to_paper(cups: CupsServer, printer: Printer, tmp_path: Path) -> None:
    """Two commands: add, and lp. Then the device list shows the printer with its model."""
    document = tmp_path / "a.txt"
    document.write_text("hello\n")
    fingerprint = as_hex(OWN.cert_sha256)
    more = ("--label", "Front desk", "--model", "ipps443/generic-pcl5e.ppd")
    done = control(cups, "add", "front-desk", uri(printer), "--fingerprint", fingerprint, *more)
    assert (done.returncode, done.stderr) == (0, "")
    assert cups.wait(cups.lp("front-desk", document)) == "completed"
    assert b"hello" in printer.printed[0].document
    document.with_suffix(".pdf").write_bytes(draw_page([("queue", "front-desk")], A4))
    assert cups.wait(cups.lp("front-desk", document.with_suffix(".pdf"))) == "completed"
    assert len(printer.printed) == 2 and len(printer.printed[1].document) > 1000
    listed = cups.run("lpinfo", "-l", "-v").stdout
    assert f"uri = {uri(printer)}" in listed and "info = Front desk" in listed and "Scripted" in listed


# --- lists ------------------------------------------------------------------------------------------------


def test_add_from_a_list(desk: Desk, cupsd: Cups, printer: Printer, tmp_path: Path) -> None:
    """Queues with places and words of the list; with a second run nothing is done, and what failed is made up for."""
    path = tmp_path / "fleet.csv"
    with Printer(certificate=OTHER) as second:
        rows = [
            f"{name},{uri(each)},{as_hex(OWN.cert_sha256)},Room 1,Desk"
            for name, each in (("a", printer), ("b", second))
        ]
        path.write_text("queue,uri,fingerprint,location,label\n" + "\n".join(rows) + "\n")
        value = desk.value("add", "--from", str(path), "--dry-run")
        assert [each["status"] for each in value["printers"]] == [0, 1] and not cupsd.made and desk.text is None
        value = desk.value("add", "--from", str(path))
        assert [(each["queue"], each["status"]) for each in value["printers"]] == [("a", 0), ("b", 1)]
        assert [(made["name"], made["location"], made["info"]) for made in cupsd.made] == [("a", "Room 1", "Desk")]
        cupsd.queues["a"] = as_made(cupsd.made[0])
        second.certificate = OWN
        value = desk.value("add", "--from", str(path))
    assert [(each["status"], each["changed"]) for each in value["printers"]] == [(0, False), (0, True)]
    assert [made["name"] for made in cupsd.made] == ["a", "b"]


def as_made(made: dict[str, str]) -> dict[str, str]:
    """Return what cupsd says of a queue that was made."""
    return {"device-uri": made["device"], "printer-info": made["info"], "printer-location": made["location"]}


@pytest.mark.parametrize(
    ("row", "changes"),
    (
        ("{0},Room 1,Desk", {}),
        ("{0}/ipp/print,,", {}),
        ("{0},Room 2,Desk", {"location": "Room 2"}),
        ("{0},Room 1,Table", {"info": "Table"}),
        ("{0}/ipp,Room 1,Desk", {"device": "{0}/ipp"}),
        ("{0}?waitjob=false,,", {"device": "{0}/ipp/print?waitjob=false"}),
    ),
)
def test_list_that_says_something_else_now(
    desk: Desk, cupsd: Cups, printer: Printer, tmp_path: Path, row: str, changes: dict[str, str]
) -> None:
    """Run again, path, options, words and place of a queue become those of the list; all else of it stays."""
    path, host = tmp_path / "fleet.csv", uri(printer)
    head, finger = "queue,fingerprint,uri,location,label\n", as_hex(OWN.cert_sha256)
    path.write_text(f"{head}a,{finger},{host},Room 1,Desk\n")
    assert desk.run("add", "--from", str(path)) == 0
    cupsd.queues["a"] = as_made(cupsd.made.pop())
    printer.faults = Faults(path="any")
    changes = {name: text.format(host) for name, text in changes.items()}
    path.write_text(f"{head}a,{finger},{row.format(host)}\n")
    text, words = desk.text, ["add", "--from", str(path)]
    for is_dry, said in ((True, "Queue a would have: "), (False, "Queue a has now: ")):
        assert desk.run(*words, *["--dry-run"] * is_dry) == 0 and (said in desk.output) is bool(changes)
        (result,) = desk.kept["printers"]
        assert (result["status"], result["changed"], result["changes"]) == (0, bool(changes), changes)
        assert not is_dry or (desk.text == text and not cupsd.made)
    assert cupsd.made == ([{"name": "a", **changes}] if changes else [])
    assert [(pin.label, pin.path) for pin in desk.pins.pins] == [
        (changes.get("info", "Desk"), "/ipp" if "device" in changes and "?" not in row else None)
    ]
    cupsd.queues["a"].update({WORDS[name]: text for name, text in changes.items()})
    cupsd.made.clear()
    assert desk.value("add", "--from", str(path))["changed"] is False and not cupsd.made


def test_list_with_a_path_that_does_not_answer(desk: Desk, cupsd: Cups, printer: Printer, tmp_path: Path) -> None:
    """The queue keeps the one that does, with each run."""
    path = tmp_path / "fleet.csv"
    path.write_text(f"queue,uri,fingerprint\na,{uri(printer, '/ipp')},{as_hex(OWN.cert_sha256)}\n")
    assert desk.run("add", "--from", str(path)) == 0
    cupsd.queues["a"] = as_made(cupsd.made.pop())
    assert cupsd.queues["a"]["device-uri"] == uri(printer, "/ipp/print")
    assert desk.value("add", "--from", str(path))["changed"] is False and not cupsd.made


WORDS = {"device": "device-uri", "info": "printer-info", "location": "printer-location"}


def test_bad_name_in_a_list(desk: Desk, cupsd: Cups, printer: Printer, tmp_path: Path) -> None:
    """No queue is made of a list in which one has no name."""
    path = tmp_path / "fleet.csv"
    path.write_text(f"queue,uri,fingerprint\na,{uri(printer)},{as_hex(OWN.cert_sha256)}\na b,{uri(printer)},\n")
    assert desk.run("add", "--from", str(path)) == 2 and not cupsd.made and desk.text is None


@pytest.mark.parametrize("words", ([], ["a"], ["a", "b", "--from", "x"], ["--from", "/nowhere"]))
def test_add_of_nothing(desk: Desk, words: list[str]) -> None:
    """Queue and URI, or a list."""
    assert desk.run("add", *words) == 2


@pytest.mark.parametrize("of", ("cert_sha256", "spki_sha256"))
def test_printer_that_is_off(desk: Desk, cupsd: Cups, of: str) -> None:
    """With fingerprint and description it gets queue and pin unseen, and is trusted when it comes, or refused."""
    with Printer(certificate=OWN) as printer:
        where, port = uri(printer), printer.port
    words = ["add", "later", where, "--fingerprint", as_hex(getattr(OWN, of))]
    assert desk.run(*words) == 1 and "--model" in desk.errors and not cupsd.made and desk.text is None
    assert desk.run(*words, "--model", "ipps443/pcl5.ppd", "--dry-run") == 0 and not cupsd.made and desk.text is None
    assert desk.run(*words, "--model", "ipps443/pcl5.ppd") == 0
    assert (cupsd.made[0]["name"], cupsd.made[0]["device"]) == ("later", where)
    with Printer(certificate=OWN, port=port) as printer:
        assert desk.run("verify", where) == 0
        printer.certificate = OTHER
        assert desk.run("verify", where) == 1
        printer.certificate = OWN
        assert desk.run("pin", where, "--fingerprint", as_hex(OWN.cert_sha256), "--replace") == 0
    assert desk.on_file("localhost", port) == pins_of(OWN)


def test_printer_of_a_list_that_is_off(desk: Desk, cupsd: Cups, printer: Printer, tmp_path: Path) -> None:
    """Without --model it is out of reach, exit code 3, as it says; the others get their queues."""
    with Printer(certificate=OWN) as off:
        where = uri(off)
    path, finger = tmp_path / "fleet.csv", as_hex(OWN.cert_sha256)
    path.write_text(f"queue,uri,fingerprint\na,{where},{finger}\nb,{uri(printer)},{finger}\n")
    value = desk.value("add", "--from", str(path))
    assert [each["status"] for each in value["printers"]] == [3, 0]
    assert value["printers"][0]["error"]["code"] == "N01" and [made["name"] for made in cupsd.made] == ["b"]
    assert desk.run("add", "--from", str(path)) == 3


def test_printer_that_is_off_keeps_its_pins(desk: Desk, cupsd: Cups, printer: Printer) -> None:
    """A different fingerprint for a pinned printer that is out of reach needs --replace."""
    assert desk.run("pin", uri(printer), "--yes") == 0
    text = desk.text
    printer.__exit__(None, None, None)
    words = ["add", "q", uri(printer), "--fingerprint", as_hex(OTHER.cert_sha256), "--model", "ipps443/pcl5.ppd"]
    assert desk.run(*words) == 1 and "--replace" in desk.errors
    assert desk.text == text and not cupsd.made


@pytest.mark.parametrize("scheme", ["", "ipps443://"])
def test_printer_that_is_off_by_its_name(desk: Desk, cupsd: Cups, scheme: str) -> None:
    """A program is told the device URI of the queue, whether it was given a URI or a name."""
    with Printer(certificate=OWN) as printer:
        host = f"localhost:{printer.port}"
    words = ["--fingerprint", as_hex(OWN.cert_sha256), "--model", "ipps443/pcl5.ppd"]
    value = desk.value("add", "later", f"{scheme}{host}", *words)
    assert value["device_uri"].startswith(f"ipps443://{host}") and cupsd.made[0]["device"].startswith(
        f"ipps443://{host}"
    )
