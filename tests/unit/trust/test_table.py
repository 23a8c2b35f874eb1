"""A hundred ways to come to a wrong printer, each with the real backend, real TLS and a real certificate.

Every row must end in refusal: the exit code that stops the queue, the word and the code that say why, the pin file as
it was, and not one byte of HTTP, user name or password at the printer. T-rows are the ways in which CUPS comes to trust
a certificate that it did not expect. ``pytest -s`` shows the table.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from tests.printer import Certificate, Faults, Printer, make_authority, make_certificate, with_chain
from tests.unit.trust.certificates import day

LAUNCHER = Path(__file__).resolve().parents[3] / "backend" / "ipps443"
JOB = b"\x1b%-12345X@PJL\r\n@PJL ENTER LANGUAGE = PCL\r\n\x1bEsecret words\x0c\x1bE\x1b%-12345X"
STOP = 4

#: Code of the message: the word that goes into printer-state-reasons.
WORDS = {
    "T01": "cups-pki-unknown",
    "T02": "cups-pki-changed",
    "T03": "cups-pki-expired",
    "T04": "cups-certificate-error",
    "T05": "cups-certificate-error",
    "T06": "cups-certificate-error",
    "T07": "cups-certificate-error",
    "C01": "",
    "C04": "",
}


@lru_cache(maxsize=None)
def made(kind: str) -> Certificate:
    """Return a certificate: the printer's own, or one that somebody else shows in its place."""
    arguments: dict[str, Any] = {"not_before": day(2020), "not_after": day(2090), **KINDS[kind]()}
    return make_certificate(**arguments)


@lru_cache(maxsize=None)
def authority() -> Certificate:
    """Return the site's CA."""
    return make_authority("Site CA")


KINDS: dict[str, Callable[[], dict[str, Any]]] = {
    "own": lambda: {},
    "own-expired": lambda: {"not_after": day(2022)},
    "own-future": lambda: {"not_before": day(2088)},
    "own-1972": lambda: {"not_before": day(1970), "not_after": day(1972)},
    "own-rsa512": lambda: {"key": "rsa512"},
    "own-rsa1024": lambda: {"key": "rsa1024"},
    "own-renewed": lambda: {"key": made("own"), "not_after": day(2095)},
    "own-signed": lambda: {"issuer": authority()},
    "own-signed-other-name": lambda: {"issuer": authority(), "names": ("elsewhere",)},
    "own-signed-expired": lambda: {"issuer": authority(), "not_after": day(2022)},
    "later": lambda: {"not_after": day(2099)},
    "equal": lambda: {},
    "earlier": lambda: {"not_after": day(2089)},
    "expired": lambda: {"not_after": day(2023)},
    "future": lambda: {"not_before": day(2089), "not_after": day(2099)},
    "1972": lambda: {"not_before": day(1970), "not_after": day(1972)},
    "rsa512": lambda: {"key": "rsa512"},
    "rsa2048": lambda: {"key": "rsa2048"},
    "sha1": lambda: {"key": "rsa2048", "signature": "sha1"},
    "other-name": lambda: {"common_name": "x", "names": ("x",)},
    "serial-1": lambda: {"serial": 1},
    "signed-by-another": lambda: {"issuer": make_authority("Site CA")},
}


#: Writes what is on file for localhost and a port; returns the text of the pin file, or None for no file.
OnFile = Callable[[int], "str | None"]


def pinned(*kinds: str, by: str = "both", host: str = "localhost", port: int | None = None) -> OnFile:
    """Put certificates on file."""

    def text(own_port: int) -> str:
        lines = []
        for kind in kinds:
            hashes = {"spki": made(kind).spki_sha256.hex(), "cert": made(kind).cert_sha256.hex()}
            fields = [f"{name}-sha256:{digest}" for name, digest in hashes.items() if by in (name, "both")]
            lines.append(f"{host}:{port or own_port} " + " ".join(fields))
        return "\n".join(["# pins", *lines, ""])

    return text


def written(text: str) -> OnFile:
    return lambda port: text.replace("PORT", str(port))


def nothing(port: int) -> None:
    return None


def vouched(port: int) -> str:
    """Put the site's CA on file."""
    return f"localhost:{port} ca:site.pem\n"


@dataclass(frozen=True)
class Row:
    """One way to the wrong printer."""

    name: str
    on_file: OnFile
    shown: str | Certificate
    code: str
    options: str = ""
    faults: dict[str, Any] = field(default_factory=dict)
    #: Changes something about the pin file after it was written.
    spoil: Callable[[Path], None] = lambda path: None
    host: str = "localhost"


def changed_rows() -> list[Row]:
    """Return every certificate of somebody else against every form of pin."""
    impostors = [kind for kind in KINDS if not kind.startswith("own") and kind != "rsa512"]
    forms = {"both": pinned("own"), "key": pinned("own", by="spki"), "certificate": pinned("own", by="cert")}
    rows = [
        Row(f"T-1 Q-58 {kind}, {form} on file", on_file, kind, "T02")
        for kind in impostors
        for form, on_file in forms.items()
    ]
    for digest in ("spki_sha256", "cert_sha256"):
        option = f"pin=sha256:{getattr(made('own'), digest).hex()}"
        rows += [Row(f"T-1 Q-58 {kind}, {digest} in the URI", pinned(kind), kind, "T02", option) for kind in impostors]
    return rows


def chained(shape: str) -> Certificate:
    return with_chain(shape, not_before=day(2020))


def remove_ca(path: Path) -> None:
    path.with_name("site.pem").unlink()


def append_rubbish(path: Path) -> None:
    path.write_text(path.read_text() + "what?\n")


def overwrite(path: Path) -> None:
    path.write_bytes(b"\0\xff" * 99)


def truncated(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 20)


#: A key of 512 bits is too short for the signatures of TLS 1.3.
TLS12 = {"tls": "1.2"}

OTHER_ROWS: list[Row] = [
    Row("T-2 old one expired, new one later", pinned("own-expired"), "later", "T02"),
    Row("T-2 old one expired, new one expired later", pinned("own-expired"), "expired", "T02"),
    Row("T-2 old one expired, new one in the future", pinned("own-expired"), "future", "T02"),
    Row("T-3 no pin file", nothing, "own", "T05"),
    Row("T-3 empty pin file", written(""), "own", "T01"),
    Row("T-3 cut off", pinned("own"), "own", "T05", spoil=truncated),
    Row("T-3 rubbish", pinned("own"), "own", "T05", spoil=overwrite),
    Row("T-3 one bad line below the right one", pinned("own"), "own", "T05", spoil=append_rubbish),
    Row("T-3 others may write it", pinned("own"), "own", "T05", spoil=lambda path: path.chmod(0o666)),
    Row("T-3 others may replace it", pinned("own"), "own", "T05", spoil=lambda path: path.parent.chmod(0o777)),
    Row("T-3 a folder in its place", nothing, "own", "T05", spoil=lambda path: path.mkdir()),
    Row("T-4 pinned under its address", pinned("own", host="127.0.0.1"), "own", "T01"),
    Row("T-4 pinned under a longer name", pinned("own", host="localhost.localdomain"), "own", "T01"),
    Row("T-4 Q-60 pinned for another port", pinned("own", port=443), "own", "T01"),
    Row("T-4 pinned for the name, called by address", pinned("own"), "own", "T01", host="127.0.0.1"),
    Row("T-6 two home-made certificates", pinned("own"), "signed-by-another", "T02"),
    Row("T-6 the same, with a CA on file", vouched, "signed-by-another", "T04"),
    Row("T-8 encryption=never", pinned("own"), "own", "C01", "encryption=never"),
    Row("T-8 encryption=ifrequested", pinned("own"), "own", "C01", "encryption=ifrequested"),
    Row("T-8 a mistyped pin", pinned("own"), "own", "C01", f"pins=sha256:{'0' * 64}"),
    Row("T-8 a pin with SHA-1", pinned("own"), "own", "C01", f"pin=sha1:{'0' * 40}"),
    Row("T-8 an empty pin", pinned("own"), "own", "C01", "pin="),
    Row("T-10 chain of two", pinned("own"), replace(made("later"), chain=(authority().cert_pem,)), "T02"),
    Row("T-11 the right CA appended, CA mode", vouched, replace(made("later"), chain=(authority().cert_pem,)), "T04"),
    Row("T-12 nothing for this printer on file", pinned("own", host="other"), "own", "T01"),
    Row("T-13 certificate pinned, renewed with its key", pinned("own", by="cert"), "own-renewed", "T02"),
    Row("Q-50 TLS 1.0 only", pinned("own"), "own", "T06", faults={"tls": "1.0"}),
    Row("Q-50 TLS 1.1 only", pinned("own"), "own", "T06", faults={"tls": "1.1"}),
    Row("Q-51 TLS 1.3 wanted, 1.2 there", pinned("own"), "own", "T06", "tls=1.3", {"tls": "1.2"}),
    Row("Q-51 TLS 1.2 wanted, 1.3 there", pinned("own"), "own", "T06", "tls=1.2-only", {"tls": "1.3"}),
    Row("Q-53 RC4 only", pinned("own"), "own", "T06", faults={"suite": "rc4"}),
    Row("Q-53 3DES only, legacy", pinned("own"), "own", "T06", "tls=legacy", {"suite": "3des"}),
    Row("Q-54 no RFC 5746", pinned("own"), "own", "T06", faults={"legacy": "no-rfc5746"}),
    Row("Q-54 alert 40", pinned("own"), "own", "T06", faults={"handshake": "alert:40"}),
    Row("Q-54 alert 70", pinned("own"), "own", "T06", faults={"handshake": "alert:70"}),
    Row("Q-55 512 bits, pinned", pinned("own-rsa512"), "own-rsa512", "T04", faults=TLS12),
    Row("Q-55 512 bits, pinned by its key", pinned("own-rsa512", by="spki"), "own-rsa512", "T04", faults=TLS12),
    Row("Q-55 512 bits, legacy, of somebody else", pinned("own"), "rsa512", "T02", "tls=legacy", TLS12),
    Row("Q-59 three pins, a fourth certificate", pinned("own", "serial-1", "rsa2048"), "later", "T02"),
    Row("Q-61 expired, strict", pinned("own-expired"), "own-expired", "T03", "expired=refuse"),
    Row("Q-61 1972, strict", pinned("own-1972"), "own-1972", "T03", "expired=refuse"),
    Row("Q-62 future, strict", pinned("own-future"), "own-future", "T03", "expired=refuse"),
    Row("Q-64 CA on file, no intermediate sent", vouched, chained("leaf"), "T04"),
    Row("Q-64 CA on file, chain of another", vouched, chained("full"), "T04"),
    Row("Q-64 CA on file, another name", vouched, "own-signed-other-name", "T04"),
    Row("Q-64 CA on file, expired", vouched, "own-signed-expired", "T03"),
    Row("Q-64 CA on file, self-signed", vouched, "own", "T04"),
    Row("Q-64 CA on file, its file gone", vouched, "own-signed", "T05", spoil=remove_ca),
    Row("trust=ca, right pin, no CA", pinned("own"), "own", "T01", "trust=ca"),
    Row("trust=pin, CA only", vouched, "own-signed", "T01", "trust=pin"),
    Row("trust=system, right pin", pinned("own"), "own", "T04", "trust=system"),
    Row("Q-73 plain HTTP", pinned("own"), "own", "T07", faults={"tls": "plain"}),
]  # fmt: skip

ROWS = changed_rows() + OTHER_ROWS

TRUSTED = [
    Row("both on file", pinned("own"), "own", ""),
    Row("key on file", pinned("own", by="spki"), "own", ""),
    Row("certificate on file", pinned("own", by="cert"), "own", ""),
    Row("Q-55 1024 bits", pinned("own-rsa1024"), "own-rsa1024", ""),
    Row("Q-55 512 bits, legacy", pinned("own-rsa512"), "own-rsa512", "", "tls=legacy", TLS12),
    Row("Q-61 1972", pinned("own-1972"), "own-1972", ""),
    Row("Q-62 future", pinned("own-future"), "own-future", ""),
    Row("Q-63 renewed with its key", pinned("own"), "own-renewed", ""),
    Row("Q-64 signed by the CA on file", vouched, "own-signed", ""),
    Row("pin in the URI, no pin file", nothing, "own", "", f"pin=sha256:{made('own').spki_sha256.hex()}"),
]


@dataclass(frozen=True)
class Outcome:
    """What one run came to."""

    exit_code: int
    errors: list[str]
    words: set[str]
    text: str


def snapshot(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Return all files below a folder with their modes."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path): (path.stat().st_mode, path.read_bytes()) for path in files}


def run(row: Row, printer: Printer, folder: Path) -> Outcome:
    """Run the backend for one job to the printer of a row."""
    (folder / "cache").mkdir()
    trust = folder / "ipps443"
    trust.mkdir(mode=0o755)
    (trust / "site.pem").write_bytes(authority().cert_pem)
    text = row.on_file(printer.port)
    if text is not None:
        (trust / "pins").write_text(text)
        (trust / "pins").chmod(0o640)
    row.spoil(trust / "pins")
    before = snapshot(trust)
    options = "&".join(filter(None, (row.options, "timeout=connect:5,handshake:5,reply:10,probe:5", "contimeout=5")))
    environ = {
        "DEVICE_URI": f"ipps443://somebody:passw0rd@{row.host}:{printer.port}/ipp/print?{options}",
        "CUPS_SERVERROOT": str(folder),
        "CUPS_CACHEDIR": str(folder / "cache"),
        "TMPDIR": str(folder),
        "PRINTER": "laser",
        "PATH": "/usr/bin:/bin",
        "HOME": "/nonexistent",
    }
    arguments = [
        str(LAUNCHER),
        "1",
        "Somebody",
        "A title",
        "1",
        "job-uuid=urn:uuid:c0ffee00-5eed-4bad-9a7e-123456789abc",
    ]
    done = subprocess.run(arguments, input=JOB, env=environ, capture_output=True, timeout=60)
    assert snapshot(trust) == before, "the pin file is not as it was"
    return read(done)


def read(done: subprocess.CompletedProcess[bytes]) -> Outcome:
    """Read what the backend said; STATE words are those that it leaves behind."""
    lines = [line.partition(": ") for line in done.stderr.decode().splitlines()]
    words: set[str] = set()
    for prefix, _, text in lines:
        if prefix == "STATE":
            names = set(text.lstrip("+-").split(","))
            words = words - names if text.startswith("-") else words | names
    errors = [text for prefix, _, text in lines if prefix == "ERROR"]
    return Outcome(done.returncode, errors, words, done.stderr.decode())


@pytest.fixture(scope="module")
def table() -> Any:
    """Collect the rows, and print them at the end."""
    rows: list[str] = []
    yield rows
    print(f"\n{'fault':58} {'code':4} {'word':23} exit  bytes")
    print("\n".join(rows))
    print(f"{len(rows)} rows")


def shown_by(row: Row) -> Certificate:
    return made(row.shown) if isinstance(row.shown, str) else row.shown


def test_a_hundred_rows() -> None:
    """There are at least a hundred, and no two have the same name."""
    assert len({row.name for row in ROWS}) == len(ROWS) >= 100


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_refused(row: Row, tmp_path: Path, table: list[str]) -> None:
    """The queue stops, the message says why, and the peer has got nothing."""
    with Printer(certificate=shown_by(row), faults=Faults(**row.faults)) as printer:
        outcome = run(row, printer, tmp_path)
        printer.wait_quiet(3)
        # To a peer without TLS the hello of the handshake looks like a request; it is all that it gets.
        leaked = 0 if row.code == "T07" and printer.http_bytes < 600 else printer.http_bytes
        table.append(f"{row.name:58} {row.code:4} {WORDS[row.code]:23} {outcome.exit_code:4} {leaked:6}")
        assert outcome.exit_code == STOP, outcome.text
        assert leaked == 0 and printer.users_seen == [] and printer.credentials_seen == [] and printer.jobs == []
    (error,) = outcome.errors
    assert error.endswith(f"[{row.code}]"), error
    assert {word for word in outcome.words if word.startswith("cups-")} == set(filter(None, [WORDS[row.code]]))
    assert "passw0rd" not in outcome.text
    if row.code in ("T01", "T02", "T03"):
        assert shown_by(row).cert_sha256.hex() in error and ("ipps443ctl " in error or "lpadmin -p laser -v" in error)


@pytest.mark.parametrize("row", TRUSTED, ids=[row.name for row in TRUSTED])
def test_trusted(row: Row, tmp_path: Path) -> None:
    """The same run, with the right certificate, prints: so the refusals above are refusals of the certificate."""
    with Printer(certificate=shown_by(row), faults=Faults(**row.faults)) as printer:
        outcome = run(row, printer, tmp_path)
        assert outcome.exit_code == 0, outcome.text
        assert [job.document for job in printer.printed] == [JOB]
    assert not {word for word in outcome.words if word.startswith("cups-")}


@pytest.mark.parametrize("name, connections", [("T-5 T-14 after a reconnect", 1), ("T-5 T-14 after two reconnects", 2)])
def test_another_certificate_after_a_reconnect(name: str, connections: int, tmp_path: Path) -> None:
    """T-5, T-14: a printer that is another one at a later connection gets nothing on that connection."""
    row = Row(name, pinned("own"), "own", "T02")
    faults = Faults(cert=f"rotate-after-{connections}:later", keepalive="close")
    with Printer(certificate=made("own"), faults=faults) as printer:
        outcome = run(row, printer, tmp_path)
        printer.wait_quiet(3)
        assert outcome.exit_code == STOP and outcome.errors[-1].endswith("[T02]"), outcome.text
        assert all(seen.received == 0 for seen in printer.connection_log[connections:])
        assert all(seen.received > 0 for seen in printer.connection_log[:connections])
        assert not printer.printed


@pytest.mark.parametrize("jobs", [6, pytest.param(100, marks=pytest.mark.soak)])
def test_three_certificates_at_random(jobs: int, tmp_path: Path) -> None:
    """Q-59: a printer that shows one of three certificates, all on file, prints every job."""
    kinds = ("own", "own-rsa1024", "own-1972")
    with Printer(faults=Faults(cert="random-of-3")) as printer:
        printer.certificates = [made(kind) for kind in kinds]
        for job in range(jobs):
            folder = tmp_path / str(job)
            folder.mkdir()
            outcome = run(Row("Q-59", pinned(*kinds), "own", ""), printer, folder)
            assert outcome.exit_code == 0, outcome.text
        assert len(printer.printed) == jobs


def test_resumption_is_not_used(tmp_path: Path) -> None:
    """Q-71: a printer that would resume sessions has to prove its certificate on each connection."""
    row = Row("Q-71", pinned("own"), "own", "T02")
    faults = Faults(cert="rotate-after-1:later", keepalive="close", resume="on")
    with Printer(certificate=made("own"), faults=faults) as printer:
        outcome = run(row, printer, tmp_path)
        assert outcome.exit_code == STOP and outcome.errors[-1].endswith("[T02]"), outcome.text
        assert all(seen.received == 0 for seen in printer.connection_log[1:])
