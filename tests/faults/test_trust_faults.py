"""Whom the backend sends a job to: certificates, pins and options, with everything that CUPS would have accepted.

Quirks T-1 to T-14 and Q-50 to Q-73. In each case a password is in the device URI or in the
environment, and a printer that is not the expected one asks for it. For all refusals: exit 4, the right state word and
message, the pin file as it was, and not one octet of HTTP, no name and no password at the other end.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.faults.harness import (
    DOCUMENT,
    PASSWORD,
    SHORT_TIMEOUTS,
    TIMEOUTS,
    Outcome,
    Run,
    after,
    device_uri,
    places,
    run_backend,
)
from tests.faults.invariant import violations
from tests.faults.trust_world import (
    KINDS,
    certificate,
    fingerprint,
    make_all,
    write_client,
    write_on_file,
    write_pins,
)
from tests.printer import Faults, Printer, make_certificate
from tests.printer.wire import Connection

pytestmark = pytest.mark.usefixtures("quickly")

#: Message codes and the words that they leave in printer-state-reasons.
WORDS = {"T01": "cups-pki-unknown", "T02": "cups-pki-changed", "T03": "cups-pki-expired"}
EXIT = {"T": 4, "C": 4, "N": 1, "P": 4}
Setup = Callable[[Path, Printer], None]


@dataclass(frozen=True)
class Case:
    """One printer and one queue.

    Attributes:
        expected: "trusted", or the code of the message.
        shows: the printer's certificate; several with "+" if it changes after some connections or at random.
        file: lines of the pin file; None: there is no file.
        uri: pins in the device URI.
        known: the certificates that are the printer's own, when one after another is shown.
    """

    name: str
    expected: str
    shows: str = "own"
    file: tuple[str, ...] | None = ("cert:own",)
    uri: tuple[str, ...] = ()
    options: dict[str, str] = field(default_factory=dict)
    faults: str = ""
    host: str = "localhost"
    setup: Setup = lambda folder, printer: None
    environ: dict[str, str | None] = field(default_factory=dict)
    known: str = ""
    client_ca: str = ""


@dataclass(frozen=True)
class Seen:
    """What came of a case, and what strangers have seen of it."""

    outcome: Outcome
    octets: int
    names: int
    passwords: int
    connections: tuple[Connection, ...]
    pin_file_unchanged: bool


# --- the cases -------------------------------------------------------------------------------------------------


def kinds() -> Iterator[Case]:
    """Each kind of certificate is trusted under its own pin and refused under another, whatever it says of itself."""
    styles = ("cert:", "spki:", "cert64:", "both:")
    for number, kind in enumerate(KINDS):
        style = styles[number % 4]
        in_file = "cert:" if style == "cert64:" else style
        in_uri = "spki:" if style == "both:" else style
        if number % 3:
            yield Case(f"{kind}, pin in the file", "trusted", kind, (in_file + kind,))
            yield Case(f"{kind}, no pin", "T01", kind, ())
        else:
            yield Case(f"{kind}, pin in the URI", "trusted", kind, None, (in_uri + kind,))
            yield Case(f"{kind}, with another's pin", "T02", kind, (in_file + "own",))


def stock_rows() -> Iterator[Case]:
    """T-1 to T-14: where CUPS trusts on first use, and what its reconnects let through."""
    yield Case("T-1 self-made, same name, ends later", "T02", "later")
    yield Case("T-1 self-made, same name, ends at the same time", "T02", "equal")
    yield Case("T-1 self-made, same name, ends earlier", "T02", "earlier")
    yield Case("T-2 the pinned one has expired, the other ends later", "T02", "later", ("cert:expired",))
    yield Case("T-2 and is not yet valid", "T02", "later-not-yet-valid", ("cert:expired",))
    yield Case("T-2 and has expired as well", "T02", "later-expired", ("cert:expired",))
    yield Case("T-3 no pin file", "T05", file=None)
    yield Case("T-3 an empty pin file", "T01", file=())
    yield Case("T-3 a cut-off line", "T05", file=("=@ cert-sha256:0123456789",))
    yield Case("T-3 a good line and one that is none", "T05", file=("cert:own", "=rubbish"))
    yield Case("T-3 a hash of zeros", "T02", file=("=@ cert-sha256:" + "0" * 64,))
    yield Case("T-3 a line without a hash", "T05", file=("=@",))
    yield Case("T-3 octets that are no text", "T05", setup=lambda folder, _: append(folder, b"\xff\xfe\x00"))
    yield Case("T-3 others may write the file", "T05", setup=lambda folder, _: pins(folder).chmod(0o666))
    yield Case("T-3 others may replace the file", "T05", setup=lambda folder, _: pins(folder).parent.chmod(0o777))
    yield Case("T-3 a folder in its place", "T05", file=None, setup=lambda folder, _: pins(folder).mkdir())
    yield Case("T-3 a pipe in its place", "T05", file=None, setup=lambda folder, _: os.mkfifo(pins(folder)))
    yield Case("T-3 a link to nothing", "T05", file=None, setup=lambda folder, _: pins(folder).symlink_to("nothing"))
    yield Case("T-4 a pin for another port", "T01", setup=lambda folder, printer: repin(folder, "localhost", 443))
    yield Case("T-4 a pin for another spelling", "T01", setup=lambda folder, p: repin(folder, "127.0.0.1", p.port))
    yield Case(
        "T-4 a pin for a name that looks alike", "T01", setup=lambda folder, p: repin(folder, "localhos_t", p.port)
    )
    yield Case("T-4 a pin for the name, called by its address", "T01", host="127.0.0.1",
               setup=lambda folder, p: repin(folder, "localhost", p.port))  # fmt: skip
    turned: dict[str, Any] = {"known": "own", "shows": "own+later"}
    yield Case(
        "T-5 another one at the second connection", "T02", faults="keepalive=close,cert=rotate-after-1", **turned
    )
    yield Case("T-5 after the job was created", "T02", faults="keepalive=close,cert=rotate-after-2", **turned)
    yield Case("T-5 after a 401", "T02", faults="keepalive=close,cert=rotate-after-1,auth=basic", **turned)
    yield Case("T-5 after a redirect within", "P01", faults="redirect=302", **turned)
    yield Case("T-5 after 411 to the document", "T02", faults="chunk=411,only=documents,cert=rotate-after-1", **turned)
    yield Case("T-6 two self-made ones, trust=ca", "T04", "two-self-made", ("ca:root",), options={"trust": "ca"})
    yield Case("T-6 two self-made ones, a CA's line", "T04", "two-self-made", ("ca:root",))
    yield Case("T-7 a pin below HOME only", "T05", file=None, setup=in_home)
    yield Case("T-8 encryption=never", "C01", options={"encryption": "never"})
    yield Case("T-8 encryption=ifrequested", "C01", options={"encryption": "ifrequested"})
    yield Case("T-8 a mistyped pin", "C01", file=None, options={"pinn": "sha256:" + "0" * 64})
    yield Case("T-8 a pin with SHA-1", "C01", file=None, options={"pin": "sha1:" + "0" * 40})
    yield Case("T-8 an empty pin", "C01", file=None, options={"pin": ""})
    yield Case("T-9 changed is not unknown", "T02", "second", ("spki:own",))
    yield Case("T-10 a chain whose second certificate is the pinned one", "T02", "impostor-with-own-behind")
    yield Case("T-10 a chain, pinned by nobody", "T01", "signed-full", ())
    yield Case("T-11 a known root behind a self-made one", "T04", "self-made-with-root-behind", ("ca:root",))
    yield Case("T-11 a root of the same name", "T04", "signed-by-false-root", ("ca:root",))
    yield Case("T-12 first contact", "T01", file=("=other.example:443 cert-sha256:" + "1" * 64,))
    yield Case("T-13 the same serial number and issuer", "T02", "same-serial")


def quirks() -> Iterator[Case]:
    """Q-50 to Q-73: TLS as printers speak it."""
    rsa: dict[str, Any] = {"shows": "rsa2048", "file": ("cert:rsa2048",)}
    legacy: dict[str, Any] = {"options": {"tls": "legacy"}}
    for version in ("1.0", "1.1"):
        yield Case(f"Q-50 TLS {version} only", "T06", faults=f"tls={version}")
        yield Case(f"Q-50 TLS {version} only, tls=legacy", "trusted", faults=f"tls={version}", **legacy)
        yield Case(
            f"Q-50 TLS {version} only, tls=legacy, an impostor", "T02", "later", faults=f"tls={version}", **legacy
        )
    yield Case("Q-50 TLS 1.2 only, tls=1.3", "T06", faults="tls=1.2", options={"tls": "1.3"})
    yield Case("Q-50 TLS 1.3 only, tls=1.3", "trusted", faults="tls=1.3", options={"tls": "1.3"})
    yield Case("Q-51 TLS 1.3 meets an alert", "T06", faults="tls13=alert")
    yield Case("Q-51 TLS 1.3 meets the end", "N03", faults="tls13=close")
    for trouble in ("alert", "close"):
        yield Case(f"Q-51 {trouble}, tls=1.2-only", "trusted", faults=f"tls13={trouble}", options={"tls": "1.2-only"})
    yield Case("Q-51 TLS 1.3 only, tls=1.2-only", "T06", faults="tls=1.3", options={"tls": "1.2-only"})
    yield Case("Q-53 no forward secrecy", "trusted", faults="tls=1.2,suite=rsa-aes128-gcm", **rsa)
    yield Case("Q-53 CBC", "trusted", faults="tls=1.2,suite=rsa-aes128-cbc", **rsa)
    yield Case("Q-53 3DES", "T06", faults="tls=1.2,suite=3des", **rsa)
    yield Case("Q-53 RC4", "T06", faults="tls=1.2,suite=rc4", **rsa)
    yield Case("Q-53 3DES, tls=legacy", "T06", faults="tls=1.2,suite=3des", **rsa, **legacy)
    yield Case("Q-53 RC4, tls=legacy", "T06", faults="tls=1.2,suite=rc4", **rsa, **legacy)
    yield Case("Q-54 no RFC 5746", "T06", faults="legacy=no-rfc5746", **rsa)
    yield Case("Q-54 no RFC 5746, tls=legacy", "trusted", faults="legacy=no-rfc5746", **rsa, **legacy)
    yield Case("Q-55 512 bit", "T04", "weak", ("cert:weak",), faults="tls=1.2")
    yield Case("Q-55 512 bit, tls=legacy", "trusted", "weak", ("cert:weak",), faults="tls=1.2", **legacy)
    yield Case("Q-55 512 bit, pinned by its key", "T04", "weak", ("spki:weak",), faults="tls=1.2")
    yield Case("Q-55 512 bit, tls=legacy, an impostor", "T02", "weak", faults="tls=1.2", **legacy)
    yield Case("Q-59 three pins, a fourth one", "T02", "later", ("cert:own", "cert:second", "spki:third"))
    yield Case("Q-59 three at random, three pins", "trusted", "own+second+third",
               ("cert:own", "cert:second", "spki:third"), known="own+second+third",
               faults="cert=random-of-3,keepalive=close")  # fmt: skip
    yield Case("Q-59 one of them not pinned", "T02", "own+third", ("cert:own", "cert:second"),
               faults="cert=rotate-after-2,keepalive=close", known="own")  # fmt: skip
    for kind in ("expired", "dated-1972", "not-yet-valid"):
        yield Case(f"Q-61 {kind}, expired=refuse", "T03", kind, (f"cert:{kind}",), options={"expired": "refuse"})
        yield Case(f"Q-61 {kind}, expired=warn", "trusted", kind, (f"cert:{kind}",), options={"expired": "warn"})
    yield Case("Q-61 in its dates, expired=refuse", "trusted", options={"expired": "refuse"})
    yield Case("Q-63 renewed with the same key, key pin", "trusted", "renewed", ("spki:own",))
    yield Case("Q-63 renewed with the same key, both hashes", "trusted", "renewed", ("both:own",))
    yield Case("Q-63 renewed with the same key, certificate pin", "T02", "renewed", ("cert:own",))
    yield Case("Q-63 renewed, another name", "trusted", "renewed-other-name", ("spki:own",))
    yield Case("Q-63 renewed between two connections", "trusted", "own+renewed", ("spki:own",),
               faults="cert=rotate-after-1,keepalive=close", known="own+renewed")  # fmt: skip
    yield Case("Q-65 another device with the same serial number", "T02", "same-serial", ("spki:own",))
    yield Case("Q-66 a name is needed", "trusted", faults="sni=require:localhost")
    yield Case("Q-66 a name is needed, sni=no", "T06", faults="sni=require", options={"sni": "no"})
    yield Case("Q-66 a name is refused", "T06", faults="sni=reject")
    yield Case("Q-66 a name is refused, sni=no", "trusted", faults="sni=reject", options={"sni": "no"})
    yield Case("Q-66 an address is no name", "trusted", faults="sni=reject", host="127.0.0.1")
    yield Case("Q-69 silence in the handshake", "N03", faults="handshake=hang")
    yield Case("Q-69 half a handshake", "N03", faults="handshake=hang@half")
    yield Case("Q-71 tickets, another one later", "T02", "own+later", known="own",
               faults="resume=on,keepalive=close,cert=rotate-after-1")  # fmt: skip
    yield Case("Q-71 tickets, the same one", "trusted", faults="resume=on,keepalive=close")
    for number in (40, 42, 48, 70, 71, 80, 112, 120):
        yield Case(f"Q-72 alert {number}", "T06", faults=f"handshake=alert:{number}")
    yield Case("Q-72 reset", "N03", faults="handshake=rst")
    yield Case("Q-72 rubbish", "T07", faults="handshake=garbage")
    yield Case("Q-73 HTTP without TLS", "T07", faults="tls=plain")
    yield Case("Q-38 HTTP without TLS, 426", "T07", faults="tls=plain:426")


def authorities() -> Iterator[Case]:
    """A CA on file, or the system's: signatures, names and dates are really verified."""
    ca: dict[str, Any] = {"options": {"trust": "ca"}}
    system: dict[str, Any] = {"options": {"trust": "system"}}
    root: dict[str, Any] = {"file": ("ca:root",)}
    for shows in ("signed", "signed-with-intermediate", "signed-full", "signed-reversed", "signed-extra-root"):
        yield Case(f"CA: {shows}", "trusted", shows, **root)
    yield Case("CA: trust=ca", "trusted", "signed", **root, **ca)
    for shows in (
        "signed-without-intermediate",
        "signed-other-name",
        "signed-by-no-ca",
        "signed-by-foreign",
        "own",
        "signed-address",
    ):
        yield Case(f"CA: {shows}", "T04", shows, **root)
    for shows in ("signed-expired", "signed-future", "signed-old-intermediate"):
        yield Case(f"CA: {shows}", "T03", shows, **root)
    yield Case("CA: an address", "trusted", "signed-address", host="127.0.0.1", **root)
    yield Case("CA: the intermediate is on file", "trusted", "signed-without-intermediate", ("ca:between",))
    yield Case("CA: a pin beside it fits", "trusted", "own", ("ca:root", "cert:own"))
    yield Case("CA: a pin beside it does not fit, the CA does", "trusted", "signed", ("ca:root", "cert:own"))
    yield Case("CA: neither fits", "T02", "later", ("ca:root", "cert:own"))
    yield Case("CA: trust=ca, only the pin fits", "T04", "own", ("ca:root", "cert:own"), **ca)
    yield Case("CA: trust=pin, only the CA fits", "T02", "signed", ("ca:root", "cert:own"), options={"trust": "pin"})
    yield Case("CA: trust=ca, no CA on file", "T01", "signed", ("cert:own",), **ca)
    yield Case("CA: its file is missing", "T05", "signed", ("ca:nobody",))
    yield Case("CA: its file is rubbish", "C04", "signed", ("ca:nobody",), setup=rubbish_ca)
    yield Case("CA: sni=no", "C01", "signed", options={"sni": "no"}, **root)
    yield Case("CA: another one at the second connection", "T04", "signed+later",
               faults="keepalive=close,cert=rotate-after-1", known="signed", **root)  # fmt: skip
    yield Case("trust=system, not the system's", "T04", "signed", (), **system)
    yield Case("trust=system, a pin fits", "T04", **system)
    yield Case("trust=system, no pin file", "T04", "signed", None, **system)
    yield Case("trust=system, the system's", "trusted", "signed", (), setup=system_ca,
               environ={"SSL_CERT_FILE": "@/etc/system.pem"}, **system)  # fmt: skip
    yield Case("trust=system, another name", "T04", "signed-other-name", (), setup=system_ca,
               environ={"SSL_CERT_FILE": "@/etc/system.pem"}, **system)  # fmt: skip
    yield Case("a CA in the environment means nothing to a pin", "T02", "signed", setup=system_ca,
               environ={"SSL_CERT_FILE": "@/etc/system.pem"})  # fmt: skip
    yield Case("tls=legacy and trust=ca", "C01", "signed", options={"tls": "legacy", "trust": "ca"}, **root)


def uri_pins() -> Iterator[Case]:
    """Pins in the device URI replace the pin file."""
    yield Case("URI: two pins, the second fits", "trusted", uri=("cert:second", "cert:own"), file=None)
    yield Case("URI: two pins, none fits", "T02", "later", uri=("cert:second", "spki:own"), file=None)
    yield Case("URI: the file's pin does not count", "T02", uri=("cert:second",))
    yield Case("URI: the file's faults do not count", "trusted", uri=("spki64:own",), file=("=rubbish",))
    yield Case("URI: the pin of the second in the chain", "T02", "impostor-with-own-behind", None, ("cert:own",))
    yield Case("URI: expired=refuse", "T03", "expired", None, ("spki:expired",), options={"expired": "refuse"})
    yield Case("URI: an impostor at the second connection", "T02", "own+later", None, ("cert:own",), known="own",
               faults="keepalive=close,cert=rotate-after-1")  # fmt: skip


def client_certificates() -> Iterator[Case]:
    """Our own certificate is shown to the printer whose certificate is on file, and to nobody else."""
    ours: dict[str, Any] = {
        "options": {"clientcert": "office"},
        "client_ca": "client-ca",
        "faults": "client_cert=require",
    }
    both = "cert:own", "spki:own"
    yield Case("client certificate", "trusted", file=("both:own",), setup=client_and("own"), **ours)
    yield Case("client certificate, asked for by nobody", "trusted", setup=client_and("own"), options=ours["options"])
    yield Case("client certificate, an impostor asks", "T02", "later", setup=client_and("own"), **ours)
    yield Case("client certificate, an impostor, a pin in the URI", "T02", "later", None, ("cert:own",),
               setup=client_and("own"), **ours)  # fmt: skip
    older: dict[str, Any] = {**ours, "faults": "client_cert=require,tls=1.2"}
    yield Case("client certificate, TLS 1.2, an impostor asks", "T10", "later", setup=client_and("own"), **older)
    yield Case(
        "client certificate, the printer renewed its own", "T04", "renewed", both, setup=client_and("own"), **ours
    )
    yield Case("client certificate, the printer's is not on file", "C04", setup=client_and(""), **ours)
    yield Case("client certificate, expired printer", "trusted", "expired", ("cert:expired",),
               setup=client_and("expired"), **ours)  # fmt: skip
    demands: dict[str, Any] = {"client_ca": "client-ca", "known": "own"}
    for version in ("1.2", "1.3"):
        faults = f"client_cert=require,tls={version}"
        yield Case(f"client certificate demanded, TLS {version}", "T11", faults=faults, **demands)
        yield Case(f"client certificate demanded, TLS {version}, key pin in the URI", "T11", "own", None, ("spki:own",),
                   faults=faults, **demands)  # fmt: skip
        yield Case(f"client certificate demanded, TLS {version}, an impostor", "T02" if version == "1.3" else "T11",
                   "later", faults=faults, client_ca="client-ca")  # fmt: skip
        yield Case(
            f"client certificate, TLS {version}, of another CA",
            "T11",
            file=("both:own",),
            setup=client_and("own"),
            options=ours["options"],
            faults=faults,
            client_ca="root",
            known="own",
        )
    yield Case("client certificate, missing", "C04", **ours)
    yield Case("client certificate, key missing", "C04", setup=without_key, **ours)


def upgrades() -> Iterator[Case]:
    """tls=upgrade: OPTIONS in clear, nothing else, and never on without TLS (RFC 2817)."""
    up: dict[str, Any] = {"options": {"tls": "upgrade"}}
    yield Case("upgrade", "trusted", faults="upgrade=accept", **up)
    yield Case("upgrade, an impostor", "T02", "later", faults="upgrade=accept", **up)
    yield Case("upgrade, no pin", "T01", file=(), faults="upgrade=accept", **up)
    for answer in ("decline:200", "decline:426", "decline:501", "close", "rst", "hang"):
        # No answer at all is a printer that cannot be reached, and is waited for.
        expected = "T09" if answer.startswith("decline") else "N03"
        yield Case(f"upgrade, {answer}", expected, faults=f"upgrade={answer}", **up)
    yield Case("upgrade, HTTP goes on without TLS", "T07", faults="upgrade=accept-plain", **up)
    yield Case("upgrade, not asked for", "N03", faults="upgrade=accept")


# --- what the cases do beforehand -------------------------------------------------------------------------------


def pins(folder: Path) -> Path:
    """The pin file."""
    return folder / "etc" / "ipps443" / "pins"


def append(folder: Path, octets: bytes) -> None:
    pins(folder).write_bytes(pins(folder).read_bytes() + octets)


def repin(folder: Path, host: str, port: int) -> None:
    write_pins(folder, ("cert:own",), f"{host}:{port}")


def in_home(folder: Path, printer: Printer) -> None:
    """Put the printer's certificate where CUPS would look for it below HOME."""
    store = folder / "home" / ".cups" / "ssl"
    store.mkdir(parents=True)
    (store / "localhost.crt").write_bytes(certificate("own").cert_pem)


def rubbish_ca(folder: Path, printer: Printer) -> None:
    (folder / "etc" / "ipps443" / "nobody.pem").write_text("rubbish\n")


def system_ca(folder: Path, printer: Printer) -> None:
    (folder / "etc" / "system.pem").write_bytes(certificate("root").cert_pem)


def client_and(name: str) -> Setup:
    """Our certificate, and the printer's on file if there is a name."""

    def set_up(folder: Path, printer: Printer) -> None:
        write_client(folder, "office", "client")
        if name:
            write_on_file(folder, name)

    return set_up


def without_key(folder: Path, printer: Printer) -> None:
    client_and("own")(folder, printer)
    (folder / "etc" / "ipps443" / "clients" / "office.key").unlink()


# --- playing them -----------------------------------------------------------------------------------------------

CASES = [
    *stock_rows(), *quirks(), *authorities(), *uri_pins(), *client_certificates(), *upgrades(), *kinds()
]  # fmt: skip


def play(case: Case) -> Seen:
    """Run the backend for a case, and look at the other end."""
    shown = [certificate(name) for name in case.shows.split("+")]
    faults = case.faults
    if case.expected[0] == "T" and "auth" not in faults:
        faults = f"{faults},auth=basic".strip(",") if not case.known else faults
    client_ca = certificate(case.client_ca) if case.client_ca else None
    with places() as folder, Printer(certificate=shown[0], faults=faults, client_ca=client_ca) as printer:
        printer.certificates = list(shown)
        if case.file is not None:
            write_pins(folder, case.file, f"{case.host}:{printer.port}")
        case.setup(folder, printer)
        before = read(pins(folder))
        outcome = run_backend(
            printer, uri=queue_uri(case, printer), folder=folder, environ=queue_environment(case, folder)
        )
        return look(case, printer, outcome, before == read(pins(folder)))


def queue_uri(case: Case, printer: Printer) -> str:
    """Return the device URI of a case."""
    timeouts = SHORT_TIMEOUTS if "hang" in case.faults or "accept-plain" in case.faults else TIMEOUTS
    options: dict[str, Any] = {"pin": None, "timeout": timeouts, **case.options}
    if case.uri:
        options["pin"] = [f"sha256:{fingerprint(word)}" for word in case.uri]
    user = "" if len(case.name) % 2 else f"someone:{PASSWORD}"
    return device_uri(printer, user=user, host=case.host, **options)


def queue_environment(case: Case, folder: Path) -> dict[str, Any]:
    """Return the credentials that cupsd would pass, and what the case adds."""
    added = {name: value and value.replace("@", str(folder)) for name, value in case.environ.items()}
    return {"AUTH_USERNAME": "someone", "AUTH_PASSWORD": PASSWORD, "HOME": str(folder / "home"), **added}


def read(path: Path) -> bytes | None:
    """Return what is in a file; None if there is none."""
    return path.read_bytes() if path.is_file() else None


def look(case: Case, printer: Printer, outcome: Outcome, unchanged: bool) -> Seen:
    """Count what strangers have seen: all that is not a certificate of the printer's own."""
    own = {certificate(name).cert_sha256 for name in (case.known or "").split("+") if name}
    strangers = {each.number: each for each in printer.connection_log if each.certificate_sha256 not in own}
    requests = [request for request in printer.requests if request.connection in strangers]
    asked = {request.connection for request in requests}
    return Seen(
        outcome=outcome,
        # A ClientHello, or the request to upgrade, is all that a peer without TLS may get: neither is a request here.
        octets=sum(each.received for each in strangers.values() if each.handshake or each.number in asked),
        names=sum(operation.connection in strangers for operation in printer.operations),
        passwords=sum(request.header("authorization") is not None for request in requests),
        connections=tuple(strangers.values()),
        pin_file_unchanged=unchanged,
    )


@pytest.fixture(scope="module", autouse=True)
def all_certificates() -> None:
    """Make the certificates before the first case."""
    make_all()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_only_the_expected_printer_gets_anything(case: Case, outcome_of: Any) -> None:
    """A printer is trusted by what is on file of it, on every connection; another one sees nothing at all."""
    seen: Seen = outcome_of(play)
    outcome = seen.outcome
    assert violations(outcome) == [], str(outcome)
    assert seen.pin_file_unchanged
    if case.expected != "trusted":
        check_refusal(case, seen)
    else:
        assert (outcome.exit_code, outcome.printed) == (0, 1), str(outcome)
        assert outcome.jobs[-1].document == DOCUMENT


def check_refusal(case: Case, seen: Seen) -> None:
    """Compare a refusal with what is expected, and look for leaks."""
    outcome = seen.outcome
    assert (outcome.exit_code, outcome.code) == (EXIT[case.expected[0]], case.expected), str(outcome)
    word = WORDS.get(case.expected, "cups-certificate-error")
    assert outcome.words_left == ({word} if case.expected[0] == "T" else set()), str(outcome)
    if case.expected != "P01":
        assert (seen.octets, seen.names, seen.passwords) == (0, 0, 0), str(outcome)
        assert outcome.printed == 0, str(outcome)
    assert all(each.client_certificate is None for each in seen.connections)
    shown = case.shows.split("+")[-1]
    if case.expected in ("T01", "T02", "T03"):
        assert certificate(shown).cert_sha256.hex() in "".join(outcome.said("DEBUG"))
        assert "Nothing was sent" in outcome.errors[0] and len(outcome.errors[0]) <= 160
    if case.expected == "T02" and "cert:own" in (case.uri or case.file or ()):
        assert certificate("own").cert_sha256.hex() in "".join(outcome.said("DEBUG"))


def test_before_tls_nothing_but_the_upgrade_is_said() -> None:
    """With tls=upgrade an impostor sees OPTIONS with three fields before TLS, and no name."""
    for fault in ("upgrade=accept", "upgrade=decline:426"):
        with Printer(certificate=certificate("later"), faults=fault) as printer:
            pin = f"sha256:{fingerprint('cert:own')}"
            uri = device_uri(printer, user=f"someone:{PASSWORD}", pin=pin, tls="upgrade")
            outcome = run_backend(printer, uri=uri)
        assert outcome.exit_code == 4
        expected = (
            f"OPTIONS * HTTP/1.1\r\nHost: localhost:{printer.port}\r\nConnection: Upgrade\r\nUpgrade: TLS/1.2\r\n\r\n"
        )
        seen = printer.connection_log[0]
        assert seen.before_tls + seen.received == len(expected)
        assert printer.requests == []


@pytest.mark.parametrize("suite, warns", [("rsa-aes128-gcm", 1), ("default", 0)])
def test_a_suite_without_forward_secrecy_is_a_warning(suite: str, warns: int) -> None:
    """The pinned printer prints, and whoever looks after it learns what its suite is worth, once a job (Q-53)."""
    with Printer(certificate=make_certificate(key="rsa2048"), faults=f"tls=1.2,suite={suite}") as printer:
        outcome = run_backend(printer, uri=device_uri(printer))
    assert outcome.exit_code == 0
    assert sum("can read it" in text for text in outcome.said("WARNING")) == warns


def test_ten_jobs_to_a_printer_with_three_certificates() -> None:
    """Three certificates at random behind one name and three pins: every connection of every job is trusted (Q-59)."""
    names = ("own", "second", "third")
    with Printer(certificate=certificate("own"), faults="cert=random-of-3,keepalive=close") as printer:
        printer.certificates = [certificate(name) for name in names]
        pin = [f"sha256:{fingerprint(f'cert:{name}')}" for name in names]
        for _ in range(10):
            assert run_backend(printer, uri=device_uri(printer, pin=pin)).exit_code == 0
        assert len(printer.printed) == 10
        assert len({each.certificate_sha256 for each in printer.connection_log}) == 3


def test_another_certificate_after_a_failed_reconnect() -> None:
    """A connection that fails in between does not make the next one trusted (T-14)."""
    with Printer(certificate=certificate("own"), faults="keepalive=close") as printer:

        def change(run: Run) -> None:
            if printer.connections == 1:
                printer.faults = Faults(at="rst@accept")
            elif printer.connections == 2:
                printer.faults, printer.certificate = Faults(auth="basic"), certificate("later")

        feed = after(DOCUMENT, 0, lambda run: printer.faults.at == "rst@accept")
        uri = device_uri(printer, user=f"someone:{PASSWORD}")
        outcome = run_backend(printer, uri=uri, feed=feed, watch=change)
    assert (outcome.exit_code, outcome.code, outcome.printed) == (4, "T02", 0), str(outcome)
    assert violations(outcome) == []
    ends = [(each.handshake, each.received > 0) for each in printer.connection_log]
    assert ends == [(True, True), (False, False), (True, False)]


#: What is done to the pin file between the first connection of a run and the second, what it then shows, what follows.
MEANWHILE: dict[str, tuple[tuple[str, ...], str, str]] = {
    "withdrawn": (("=# nothing",), "own", "T01"),
    "of another port": (("=localhost:443 cert-sha256:" + "0" * 64,), "own", "T01"),
    "another's": (("cert:later",), "own", "T02"),
    "damaged": (("=what is this",), "own", "T05"),
    "withdrawn, the key is another": (("cert:own",), "later", "T02"),
    "the new one added": (("cert:own", "cert:later"), "later", "trusted"),
    "a pin of the key added": (("cert:second", "spki:own"), "own", "trusted"),
}


@pytest.mark.parametrize("name", MEANWHILE)
def test_a_pin_that_changes_while_a_job_waits(name: str) -> None:
    """What is on file when the document goes out decides about it, not what was when the run began."""
    lines, shows, expected = MEANWHILE[name]
    with places() as folder, Printer(certificate=certificate("own"), faults="keepalive=close") as printer:
        write_pins(folder, ("cert:own",), f"localhost:{printer.port}")
        changed: list[Run] = []

        def change(run: Run) -> None:
            if not changed and printer.operations:
                write_pins(folder, lines, f"localhost:{printer.port}")
                printer.faults, printer.certificate = Faults(keepalive="close", auth="basic"), certificate(shows)
                if expected == "trusted":
                    printer.faults = Faults(keepalive="close")
                changed.append(run)

        feed = after(DOCUMENT, 0, lambda run: bool(changed))
        uri = device_uri(printer, user=f"someone:{PASSWORD}", pin=None)
        outcome = run_backend(printer, uri=uri, feed=feed, watch=change, folder=folder)
    assert violations(outcome) == [], str(outcome)
    if expected == "trusted":
        assert (outcome.exit_code, outcome.printed) == (0, 1), str(outcome)
        return
    assert (outcome.exit_code, outcome.code, outcome.printed) == (4, expected, 0), str(outcome)
    assert [each.received > 0 for each in printer.connection_log[1:]] in ([], [False]), str(outcome)
    assert not any(request.header("authorization") for request in printer.requests)
