"""Rounds of damaged input: whatever comes is read or refused in a known way, within bounds, and nothing else happens.

Each round begins with inputs that are right and damages them by a seed of its own, so a failure comes again with the
number that it names. A short round runs with the other tests, a long one with "tests/run --soak".
"""

from __future__ import annotations

import contextlib
import resource
import signal
import socket
import ssl
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from types import FrameType

import pytest

from backend import errors
from backend.control.descriptions import parse_description
from backend.control.host import Misused, parse_printer_host
from backend.device_uri import parse_device_uri, without_password
from backend.exit_status import ExitStatus
from backend.ipp.encoder import encode_message
from backend.ipp.message import Group, Message, attribute
from backend.ipp.tags import Tag
from backend.trust.pin_file import HEADER, parse_pins
from filters.common.ppd import parse_ppd
from tests.answers import Answers
from tests.faults.harness import DOCUMENT, environment, own_certificate, places
from tests.unit.control.models import MODELS
from tests.unit.test_launchers import ROOT

ANSWERS = Path(__file__).resolve().parents[1] / "data" / "printers"

#: Inputs of a short and of a long round.
ROUNDS = [pytest.param(400, id="short"), pytest.param(40_000, id="long", marks=pytest.mark.soak)]
RUNS = [pytest.param(1, id="short"), pytest.param(12, id="long", marks=pytest.mark.soak)]

#: No input may take so many seconds by far, even on a machine that is busy, nor a round so much memory.
MOST_SECONDS = 20
MOST_MEMORY = 128 << 20
#: Damaged inputs grow to this at most.
LONGEST = 64 << 10

#: Pieces that mean something to one reader or another.
PIECES = [
    *(bytes([code]) for code in b"\x00\xff\n\r\t \x1b\"\\%@:/?#&=+*[]'"),
    *(
        b"\x7f\xff",
        b"\xff\xff",
        b"\x80\x00\x00\x00",
        b"\x00\x00\x00\x00",
        b"\x03",
        b"\x1b[2J",
        b"\xe2\x80\xae",
        b"\xc0\x80",
    ),
    *(b"\x34\x00\x00\x00\x00", b"\x37\x00\x00\x00\x00", b"%00", b"%0a", b"4294967296", b"-1", b"1e999", b"A" * 300),
    *(b"pin=", b"pin", b"sha256:", b"ca:", b"*%", b"*End", b"../", b"localhost", b"$(id)"),
]


def damage(random: Random, seeds: list[bytes]) -> bytes:
    """Return one of the inputs with some damage: bits, cuts, repeats, pieces, and parts of a different one."""
    octets = bytearray(random.choice(seeds))
    for _ in range(random.choice((1, 1, 1, 2, 3, 8))):
        at = random.randrange(len(octets) + 1)
        end = min(len(octets), at + random.choice((1, 2, 4, 30, 1000)))
        kind = random.randrange(6)
        if kind == 0 and at < len(octets):
            octets[at] ^= 1 << random.randrange(8)
        elif kind == 1:
            del octets[at:end]
        elif kind == 2:
            octets[at:at] = octets[at:end] * random.choice((1, 2, 40))
        elif kind == 3:
            octets[at:at] = random.choice(PIECES)
        elif kind == 4:
            octets[at:end] = random.choice(PIECES)
        else:
            other = random.choice(seeds)
            begin = random.randrange(len(other) + 1)
            octets[at:at] = other[begin : begin + random.choice((8, 100, 2000))]
        del octets[LONGEST:]
    return bytes(octets)


def too_slow(_number: int, _frame: FrameType | None) -> None:
    raise AssertionError(f"an input takes more than {MOST_SECONDS} seconds")


def fuzz(rounds: int, seeds: list[bytes], read: Callable[[bytes], str]) -> Counter[str]:
    """Read damaged inputs; return how many of them came to what."""
    counts: Counter[str] = Counter()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    old = signal.signal(signal.SIGALRM, too_slow)
    try:
        for number in range(rounds):
            octets = damage(Random(number), seeds)
            signal.alarm(MOST_SECONDS)
            try:
                counts[read(octets)] += 1
            except Exception as error:
                raise AssertionError(f"input {number}, {octets[:400]!r}: {error!r}") from error
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, old)
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < MOST_MEMORY
    return counts


# --- answers of printers ----------------------------------------------------------------------------------


def job_answer() -> bytes:
    """Return an answer about a job that goes well."""
    operation = (
        attribute("attributes-charset", Tag.CHARSET, "utf-8"),
        attribute("attributes-natural-language", Tag.NATURAL_LANGUAGE, "en"),
    )
    job = (
        attribute("job-id", Tag.INTEGER, 7),
        attribute("job-state", Tag.ENUM, 9),
        attribute("job-state-reasons", Tag.KEYWORD, "job-completed-successfully"),
        attribute("job-impressions-completed", Tag.INTEGER, 3),
    )
    return encode_message(
        Message((2, 0), 0, 1, (Group(Tag.OPERATION_ATTRIBUTES, operation), Group(Tag.JOB_ATTRIBUTES, job)))
    )


@pytest.mark.parametrize("rounds", ROUNDS)
def test_answers(rounds: int) -> None:
    """Answers of real printers and about jobs, damaged: decoded or refused, and lines that cupsd understands."""
    seeds = [path.read_bytes() for path in sorted(ANSWERS.glob("*.bin"))] + [job_answer()] * 4
    answers = Answers()

    def read(octets: bytes) -> str:
        before = answers.decoded
        answers.read(octets)
        return {0: "refused", 1: "read with patience", 2: "read strictly"}[answers.decoded - before]

    told = fuzz(rounds, seeds, read)
    answers.close()
    assert told["refused"] and told["read with patience"]


class Liar:
    """A pinned printer that answers each request with a damaged answer, and closes or goes on."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.random = Random(seed)
        self.answers = [path.read_bytes() for path in sorted(ANSWERS.glob("*.bin"))] + [job_answer()]
        self.certificate = own_certificate()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(*self.certificate.write(folder))

    def __enter__(self) -> Liar:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                raw, _ = self._listener.accept()
            except OSError:
                return
            with contextlib.suppress(OSError, ValueError):
                raw.settimeout(5)
                with self.context.wrap_socket(raw, server_side=True) as sock:
                    while sock.recv(65536):
                        sock.sendall(self._answer())
                        if self.random.random() < 0.5:
                            break
            raw.close()

    def _answer(self) -> bytes:
        body = self.random.choice(self.answers)
        if self.random.random() < 0.5:
            body = damage(self.random, [body])
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\nContent-Length: %d\r\n\r\n" % len(body)
        if self.random.random() < 0.5:
            head = damage(self.random, [head, head.replace(b"200 OK", b"401 No"), b"HTTP/1.1 100 Continue\r\n\r\n"])
        return head + body


@pytest.mark.parametrize("runs", RUNS)
def test_whole_jobs(runs: int, tmp_path: Path) -> None:
    """Whole jobs with a printer that answers damaged things: an exit code that cupsd knows, an ERROR, and an end."""
    import subprocess

    for seed in range(runs):
        with Liar(tmp_path, seed) as liar, places() as folder:
            pin = liar.certificate.cert_sha256.hex()
            limits = "timeout=connect:5,handshake:5,probe:2,write:2,reply:2,read:2&contimeout=4&waitjob=false"
            uri = f"ipps443://localhost:{liar.port}/ipp/print?pin=sha256:{pin}&{limits}"
            command = [str(ROOT / "backend/ipps443"), "7", "me", "title", "1", ""]
            with subprocess.Popen(
                command, env=environment(folder, uri), stdin=subprocess.PIPE, stderr=subprocess.PIPE
            ) as process:
                try:
                    _, said = process.communicate(DOCUMENT, 90)
                except subprocess.TimeoutExpired:
                    process.kill()
                    raise AssertionError(f"seed {seed} takes too long") from None
        status = ExitStatus(process.returncode)
        assert status is ExitStatus.CUPS_BACKEND_OK or b"\nERROR: " in b"\n" + said, (seed, said)
        assert b"[I01]" not in said and b"Traceback" not in said, (seed, said)


# --- what is written by people ----------------------------------------------------------------------------


@pytest.mark.parametrize("rounds", ROUNDS)
def test_descriptions(rounds: int) -> None:
    """Printer descriptions: whatever is damaged, what is left of them is read."""

    def read(octets: bytes) -> str:
        text = octets.decode("utf-8", "replace")
        parse_ppd(text)
        found = parse_description("x.ppd", text)
        return "with a language" if found.languages else "without"

    told = fuzz(rounds, [text.encode() for text in MODELS.values()] + [LONG_DESCRIPTION.encode()], read)
    assert told["with a language"] and told["without"]


LONG_DESCRIPTION = "\n".join(
    [
        '*PPD-Adobe: "4.3"',
        "*OpenUI *PageSize/Media Size: PickOne",
        "*DefaultPageSize: A4",
        *[f'*PageSize {name}/{name}: "<</PageSize[{size} 9]>>setpagedevice"' for size, name in enumerate("ABCDE", 500)],
        "*CloseUI: *PageSize",
        *[f'*InputSlot Tray{number}/Tray {number}: "{number}"' for number in range(9)],
        '*ipps443PJL cpi/10: "SET PITCH=10"',
        '*cupsFilter2: "text/plain application/vnd.hp-pcl 0 texttopcl"',
    ]
)

URIS = [
    b"ipps443://printer.example.com",
    b"ipps443://someone:5ecretword@printer:8443/ipp/print?pin=sha256:" + b"ab" * 32 + b"&tls=1.3&resend=yes",
    b"ipps443://someone:5ecretword@[fe80::1%25eth0]:443/?timeout=connect:3,read:5&trust=ca&expired=refuse",
    b"ipps443://someone:5ecretword@192.0.2.1/ipp/port1?transfer=sized&spool=no&version=1.1&sni=no&clientcert=lp",
]


@pytest.mark.parametrize("rounds", ROUNDS)
def test_device_uris(rounds: int) -> None:
    """Device URIs: understood or refused; a pin that was written is never overlooked, and no password is shown."""

    def read(octets: bytes) -> str:
        text = octets.decode("utf-8", "replace")
        try:
            uri = parse_device_uri(text)
        except errors.BadDeviceURI as error:
            # Without an @ nothing tells that it was a password, and a repeated piece may be anything.
            assert "5ecretword" not in str(error) or ":5ecretword@" not in text or text.count("5ecretword") > 1
            return "refused"
        query = text.partition("?")[2].partition("#")[0]
        if any(option.startswith("pin=") for option in query.split("&")):
            assert uri.pins
        assert "5ecretword" not in repr(uri) or ":5ecretword@" not in text
        for shown in (uri.printer_uri, uri.host_field):
            assert shown.isprintable() and " " not in shown
        without_password(text)
        with contextlib.suppress(Misused):
            parse_printer_host(text)
        return "understood"

    told = fuzz(rounds, URIS, read)
    assert told["refused"] and told["understood"]


PINS = (
    HEADER
    + f"""printer.example:443  spki-sha256:{'ab' * 32}  cert-sha256:{'cd' * 32}  label="My \\"desk\\""  added=2026-01-31
# a comment
[2001:db8::1]:8443  ca:site-ca.pem  path=/ipp/print  model="Some Printer 77"

192.0.2.1:443 cert-sha256:{'0f' * 32}
"""
).encode()


@pytest.mark.parametrize("rounds", ROUNDS)
def test_pin_files(rounds: int) -> None:
    """Pin files: each line is understood, or the file refused with its number; what is read is written as it was."""

    def read(octets: bytes) -> str:
        try:
            text = octets.decode("utf-8")
        except UnicodeDecodeError:
            return "no text"
        try:
            file = parse_pins(text)
        except errors.PinFileUnreadable as error:
            assert error.line and error.line <= text.count("\n") + 1
            return "refused"
        assert file.text in (text, text + "\n")
        for pin in file.pins:
            assert pin.spki_sha256 or pin.cert_sha256 or pin.ca
            assert not set(pin.host) & set("*?/@\\\"' \t") and pin in file.for_printer(pin.host, pin.port)
        return "understood"

    told = fuzz(rounds, [PINS], read)
    assert told["refused"] and told["understood"]
