"""Words of printers, certificates, files and cupsd on an administrator's terminal: they are shown and do nothing."""

from __future__ import annotations

import ast
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from backend.ipp.encoder import encode_message
from filters.common.printable import printable
from tests.printer import Printer, ipp_service, make_certificate
from tests.unit.control.conftest import Cups, Desk
from tests.unit.control.models import install_models

OWN = make_certificate("localhost")
#: A title, a cleared screen in C0 and in C1, a turned reading direction, an unseen character, a line of one's own.
ATTACK = "\x1b]0;x\x07\x1b[2J\x9b31m\u202e\u200b\x7f\rWRONG\nTrusted: yes"
CONTROL = Path(__file__).resolve().parents[3] / "backend" / "control"


@pytest.fixture
def cupsd() -> Cups:
    return Cups({})


@pytest.fixture
def desk(tmp_path: Path, cupsd: Cups) -> Desk:
    return Desk(tmp_path, cups=lambda: cupsd, environ=install_models(tmp_path / "data"))


def check(desk: Desk) -> None:
    """Nothing but printable lines was written, and none of them begins with words of the attack."""
    said = desk.output + desk.errors
    assert said
    for line in said.split("\n"):
        assert printable(line) == line
        assert not line.startswith("Trusted: yes")


#: What a printer says of itself and what we show of it; a word of the attack's length stands for it until it is sent.
SHOWN = (
    "printer-make-and-model",
    "printer-info",
    "printer-location",
    "printer-firmware-string-version",
    "document-format-supported",
    "sides-supported",
    "printer-state-reasons",
    "printer-device-id",
)
STAND_IN = "x" * len(ATTACK.encode())


@pytest.fixture(autouse=True)
def no_strict_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    """The scripted printer's encoder refuses such words, as ours does; printers' encoders need not."""

    def encode(message: Any, **more: Any) -> bytes:
        return encode_message(message, **more).replace(STAND_IN.encode(), ATTACK.encode())

    monkeypatch.setattr(ipp_service, "encode_message", encode)


@pytest.mark.parametrize("word", SHOWN)
@pytest.mark.parametrize("more", [[], ["--json"]])
def test_attributes(desk: Desk, word: str, more: list[str]) -> None:
    """What a printer says of itself, in probe, with --json too, where the value stays the same."""
    with Printer(certificate=OWN, attributes={word: STAND_IN}) as printer:
        desk.write(f"localhost:{printer.port} spki-sha256:{OWN.spki_sha256.hex()}\n")
        assert desk.run("probe", f"localhost:{printer.port}", *more) == 0
        check(desk)
        assert "WRONG" in desk.output or more or word in ("printer-device-id", "printer-firmware-string-version")


def test_all_attributes_in_add(desk: Desk, cupsd: Cups) -> None:
    """In add, and in what it gives to cupsd and to the pin file."""
    with Printer(certificate=OWN, attributes=dict.fromkeys(SHOWN, STAND_IN)) as printer:
        words = ["--model", "drv:///sample.drv/laserjet.ppd"]
        assert desk.run("add", "one", f"localhost:{printer.port}", "--yes", *words) == 0, desk.errors
        check(desk)
        for value in cupsd.made[0].values():
            assert printable(value) == value
        assert all(printable(line) == line for line in str(desk.text).split("\n"))


def test_certificates(desk: Desk) -> None:
    """Names in the certificate of someone who has proven nothing."""
    name = "\x1b]0;x\x07\x1b[2Jhost"
    with Printer(certificate=make_certificate(name, names=(name,))) as printer:
        desk.typed = "no\n"
        assert desk.run("pin", f"localhost:{printer.port}") == 1
        check(desk)
        desk.write("")
        assert desk.run("probe", f"localhost:{printer.port}") == 1
        check(desk)
        desk.run("probe", f"localhost:{printer.port}", "--json")
        check(desk)
        assert isinstance(json.loads(desk.output), dict)


@contextmanager
def answering(answer: bytes) -> Iterator[int]:
    """A port on which something answers the first words with an answer of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    sock, _ = listener.accept()
                except OSError:
                    return
                with sock, suppress(OSError):
                    sock.recv(4096)
                    sock.sendall(answer)
                    sock.shutdown(socket.SHUT_WR)
                    while sock.recv(4096):
                        pass

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("command", [["verify"], ["probe"], ["pin", "--yes"], ["add", "one", "--yes"]])
@pytest.mark.parametrize(
    "status", [b"HTTP/1.1 403 \x1b[2J\x1b]0;x\x07no", b"HTTP/1.1 200 \x9b31m\x7f", b"\x1b[2J\x1b[1;1HTrusted: yes"]
)
def test_status_line(desk: Desk, command: list[str], status: bytes) -> None:
    """The status line of an open port, which comes before TLS: with tls=upgrade, and where no TLS is at all."""
    desk.write("")
    with answering(status + b"\r\n\r\n") as port:
        for rest, code in (("?tls=upgrade", 1), ("", 3)):
            words = [*command, f"ipps443://localhost:{port}/ipp/print{rest}"]
            assert desk.run(*words) == code
            check(desk)
            desk.run(*words, "--json")
            check(desk)


@pytest.mark.parametrize("word", ["device-uri", "printer-state-message", "printer-make-and-model"])
def test_words_of_cupsd(desk: Desk, cupsd: Cups, word: str) -> None:
    """What cupsd says of a queue, which whoever made the queue has written."""
    cupsd.queues["one"] = {"device-uri": f"ipp://{ATTACK}/", "printer-state": 5, word: ATTACK}
    for words in (["add", "one", "ipps443://localhost", "--yes"], ["testpage", "one"], ["doctor", "one"]):
        desk.run(*words)
        check(desk)


def test_errors_of_cupsd(desk: Desk, cupsd: Cups) -> None:
    """A message of cupsd's, and the names of queues."""

    def refuse(*_arguments: object, **_more: object) -> None:
        raise RuntimeError(1030, ATTACK)

    cupsd.addPrinter = refuse  # type: ignore
    with Printer(certificate=OWN) as printer:
        assert desk.run("add", "one", f"localhost:{printer.port}", "--yes") == 1
        check(desk)


@pytest.mark.parametrize("where, code", [("import", 2), ("preview", 1), ("host", 2), ("label", 3), ("fingerprint", 2)])
def test_arguments(desk: Desk, where: str, code: int, tmp_path: Path) -> None:
    """Names of files and other arguments, which may come from a list that someone else has written."""
    commands = {
        "import": ["import", f"/nowhere/{ATTACK}", "printer"],
        "preview": ["preview", f"/nowhere/{ATTACK}", "-o", str(tmp_path / "a.pdf")],
        "host": ["show", f"host{ATTACK}"],
        "label": ["pin", "printer.invalid", "--yes", "--label", ATTACK],
        "fingerprint": ["unpin", "printer", "--fingerprint", ATTACK],
    }
    assert desk.run(*commands[where]) == code
    check(desk)


def test_usage(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """Usage messages quote the arguments as well."""
    for words in ([ATTACK], ["show", "a", ATTACK], ["show", f"--{ATTACK}"]):
        assert desk.run(*words) == 2
        said = capsys.readouterr().err + desk.errors
        assert said and all(printable(line) == line for line in said.split("\n"))


def test_pin_file(desk: Desk) -> None:
    """A line that cannot be read is quoted without what it would do."""
    desk.write("")
    for text in (f"a:443 {ATTACK!s}\n", "a:443 label=\x1b[2J\n", "\x1b[2J:443 ca:x.pem\n", "a:443 ca:\x9b2J\n"):
        Path(desk.path).write_text(text)
        assert desk.run("list") == 1
        check(desk)


def test_everything_goes_through_one_function() -> None:
    """No module of the command writes to a stream itself, but the console does."""
    for path in sorted(CONTROL.glob("*.py")):
        calls = [node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
        names = [f.id for f in calls if isinstance(f, ast.Name)]
        written = [ast.unparse(f) for f in calls if isinstance(f, ast.Attribute) and f.attr == "write"]
        assert "print" not in names, path
        if path.name not in ("console.py", "main.py"):
            assert not [w for w in written if w not in ("file.write", "Audit(settings, Report(writer)).write")], path
