"""ipps443ctl probe: finds out how a printer wants to be spoken to, without printing anything.

Rules of this module:

- TLS handshakes are all that an unproven printer gets; every byte of HTTP goes to a printer that is trusted as a job
  would trust it (``proof``), and the only operation is Get-Printer-Attributes;
- nothing is written: neither pins, nor what jobs learn, whose folder belongs to lp.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from dataclasses import dataclass, replace

from backend import errors
from backend.connection import Connection, PeerCertificate
from backend.control import describe
from backend.control.console import Console
from backend.control.descriptions import Description, choose_description, installed_descriptions, printer_languages
from backend.control.host import PrinterHost, Refused, parse_printer_host
from backend.control.viewing import environ_of_job
from backend.credentials import Credentials
from backend.device_uri import DEFAULT_PATH, DeviceURI, Timeouts
from backend.interview import Profile, interview
from backend.ipp.message import Message
from backend.ipp.tags import Tag
from backend.learned import Facts
from backend.printer import Printer
from backend.printer_state import texts
from backend.proof import Proof
from backend.stop_signal import StopSignal
from backend.trust.certificate import printable
from backend.trust.certificate import CertificateFacts
from backend.trust.fingerprint import as_hex
from backend.trust.pins import Judgement
from filters.report import Report

#: Where printers keep their IPP service (Q-43); a path in the URI comes before them.
PATHS = (DEFAULT_PATH, "/ipp", "/ipp/port1", "/ipp/lp", "/", "/printer", "/ipp/printer")

#: What is tried when the usual handshake fails, and the options that a queue needs then: a printer that breaks at
#: TLS 1.3 or at a server name it does not know, and one that has nothing newer than TLS 1.1.
TLS_WAYS: tuple[tuple[dict[str, object], str], ...] = (
    ({}, ""),
    ({"tls": "1.2-only"}, "tls=1.2-only"),
    ({"sni": False}, "sni=no"),
    ({"tls": "legacy"}, "tls=legacy"),
)

#: Handshakes that find out which versions there are.
VERSION_PROFILES = ("1.3", "1.2-only")

#: What is of use for a choice and not asked for jobs.
MORE_ATTRIBUTES = ("color-supported", "printer-info", "printer-location", "sides-supported")

#: Somebody sits there and waits.
TIMEOUTS = Timeouts(connect=15, handshake=15, probe=10, write=30, reply=30, read=30)

#: Answers that mean: not this path.
OTHER_PATH = (errors.HttpRefused, errors.IppRefused, errors.MalformedResponse, errors.ConnectionLost)


@dataclass(frozen=True)
class Findings:
    """What a printer turned out to be."""

    #: With the TLS options and the path that work.
    printer: PrinterHost
    #: The options that were added for that, such as "tls=legacy".
    option: str
    judgement: Judgement
    tls_version: str
    cipher: str
    tls_versions: tuple[str, ...]
    #: Paths that did not answer, and what came instead.
    tried: tuple[tuple[str, str], ...]
    #: None when the printer wants a user name and password before it says anything.
    profile: Profile | None = None
    more: Message | None = None

    def text(self, name: str) -> str:
        """Return an attribute as one line without control characters, "" without it."""
        for message in (self.profile.attributes if self.profile else None, self.more):
            if message is not None and message.get(name, Tag.PRINTER_ATTRIBUTES) is not None:
                return printable(", ".join(texts(message, name, Tag.PRINTER_ATTRIBUTES)))
        return ""

    @property
    def color(self) -> bool | None:
        """color-supported."""
        found = self.more.get("color-supported", Tag.PRINTER_ATTRIBUTES) if self.more else None
        return found.value if found and isinstance(found.value, bool) else None

    @property
    def formats(self) -> tuple[str, ...]:
        """document-format-supported."""
        return self.profile.formats if self.profile else ()

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that our descriptions can write and the printer takes."""
        return printer_languages(self.formats, self.text("printer-device-id"))

    @property
    def framing(self) -> str:
        """How a document would be sent."""
        chunks = self.profile.facts.chunks if self.profile else None
        return {True: "chunked", False: "sized", None: "unknown"}[chunks]

    def choose(self, environ: Mapping[str, str]) -> Description | None:
        """Return the installed description that fits."""
        name = self.text("printer-make-and-model")
        return choose_description(installed_descriptions(environ), self.languages, name, self.color)


# --- the command ------------------------------------------------------------------------------------------


def probe(arguments: Namespace, console: Console) -> int:
    """Say how a printer wants to be spoken to, and which URI and description a queue for it should have."""
    printer, option, peer = find_tls(parse_printer_host(arguments.uri), console)
    try:
        findings = examine(printer, option, console)
    except errors.TrustError:
        _show_stranger(printer, peer, console)
        raise
    uri = device_uri_text(arguments.uri, findings, password=False)
    description = findings.choose(console.environ)
    for line in _lines(findings, uri, description):
        console.say(line)
    console.say_json(findings_value(findings, uri, description, console))
    return 0


def _show_stranger(printer: PrinterHost, peer: PeerCertificate, console: Console) -> None:
    """Show the certificate of a printer that is not trusted; the error that follows says what to run."""
    facts = CertificateFacts(peer.der)
    console.say(f"Printer {printer.key} presents ({peer.tls_version}, {peer.cipher}):")
    for line in describe.certificate_lines(facts) + describe.unusual_lines(facts, printer.host, console.clock()):
        console.say(line)
    console.say("It is not trusted, so only handshakes were made. Compare a fingerprint, pin it, and probe again.")
    console.say_json(
        {
            "host": printer.address,
            "port": printer.port,
            "trusted": False,
            "certificate": describe.certificate_value(facts, printer.host, console.clock()),
        }
    )


# --- TLS --------------------------------------------------------------------------------------------------


def find_tls(printer: PrinterHost, console: Console) -> tuple[PrinterHost, str, PeerCertificate]:
    """Return the printer with TLS options that make a handshake, the option for its queue, and what it showed.

    Raises: the error of the first try if none goes well.
    """
    first: errors.IppsError | None = None
    for changes, option in _ways(printer.uri):
        way = replace(printer, uri=replace(printer.uri, **changes))  # type: ignore[arg-type]
        try:
            return way, option, console.fetch(way)
        except (errors.TlsRefused, errors.PrinterUnreachable) as error:
            first = first or error
            if isinstance(error, errors.PrinterUnreachable) and "TLS handshake" not in error.reason:
                break  # nobody is there, which no option changes
    assert first is not None
    raise first


def _ways(uri: DeviceURI) -> tuple[tuple[dict[str, object], str], ...]:
    """Return what may be tried: what the URI says about TLS is not ours to change."""
    said = uri.tls != DeviceURI.tls or not uri.sni or uri.clientcert or uri.trust in ("ca", "system")
    return TLS_WAYS[:1] if said else TLS_WAYS


def find_versions(printer: PrinterHost, agreed: str, console: Console) -> tuple[str, ...]:
    """Return the TLS versions that the printer speaks, as far as handshakes show."""
    found = {agreed}
    for profile in VERSION_PROFILES if printer.uri.tls in ("1.2", "1.2-only", "1.3") else ():
        try:
            found.add(console.fetch(replace(printer, uri=replace(printer.uri, tls=profile))).tls_version)
        except (errors.TlsRefused, errors.PrinterUnreachable):
            continue
    return tuple(sorted(found))


# --- IPP --------------------------------------------------------------------------------------------------


def examine(printer: PrinterHost, option: str, console: Console, paths: tuple[str, ...] = PATHS) -> Findings:
    """Ask a trusted printer about itself, path by path until one answers.

    Raises:
        TrustError: it is not trusted; it got no byte of HTTP.
        PrinterUnreachable, PrinterBusy: it cannot answer now.
        Refused: no path answers.
    """
    judgements: list[Judgement] = []
    environ = environ_of_job(printer, console)
    proof = Proof(printer.uri, environ, judgements.append)
    connection = proof.connect(StopSignal(), TIMEOUTS.connect, TIMEOUTS.handshake)
    connection.close()
    versions = find_versions(printer, connection.tls_version, console)
    tried: list[tuple[str, str]] = []
    for path in dict.fromkeys((printer.uri.path, *paths)):
        asked = _make_printer(replace(printer.uri, path=path, timeouts=TIMEOUTS), proof)
        found = replace(printer, uri=replace(printer.uri, path=path))
        try:
            profile = interview(asked, Facts(), Report(-1), may_probe=True)
            more = asked.get_attributes(MORE_ATTRIBUTES).message
            proven = asked.proven or connection
            return _findings(found, option, judgements[-1], proven, versions, tried, profile, more)
        except errors.AuthenticationRequired:
            return _findings(found, option, judgements[-1], connection, versions, tried, None, None)
        except OTHER_PATH as error:
            tried.append((path, _answer(error)))
        finally:
            asked.disconnect()
    answers = "; ".join(f"{path}: {what}" for path, what in tried)
    which = "no usual path" if paths else "no such path"
    raise Refused(f"{printer.key} answers on {which} ({answers}); look for the path of its IPP service and give it")


def _findings(
    printer: PrinterHost,
    option: str,
    judgement: Judgement,
    connection: Connection,
    versions: tuple[str, ...],
    tried: list[tuple[str, str]],
    profile: Profile | None,
    more: Message | None,
) -> Findings:
    agreed = connection.tls_version, connection.cipher
    return Findings(printer, option, judgement, *agreed, versions, tuple(tried), profile, more)


def _make_printer(uri: DeviceURI, proof: Proof) -> Printer:
    from getpass import getuser

    return Printer(
        uri,
        user=getuser(),
        stop=StopSignal(),
        report=Report(-1),  # nobody reads the backend's messages here
        proof=proof,
        credentials=Credentials(uri.user, uri.password, uri.printer_name),
    )


def _answer(error: errors.IppsError) -> str:
    if isinstance(error, errors.HttpRefused):
        return f"HTTP {error.status}"
    if isinstance(error, errors.IppRefused):
        return error.keyword
    return "no IPP" if isinstance(error, errors.MalformedResponse) else "connection lost"


# --- words ------------------------------------------------------------------------------------------------


def device_uri_text(written: str, findings: Findings, password: bool) -> str:
    """Return the device URI for a queue: what was written, with the path that answers and the option that it needs."""
    printer = findings.printer
    text = written.strip() if password and "://" in written else printer.text or printer.device_uri
    head, _, query = text.partition("?")
    authority = head.partition("://")[2].partition("/")[0]
    options = [*query.split("&"), findings.option]
    query = "&".join(option for option in options if option)
    return f"ipps443://{authority}{printer.uri.path}" + (f"?{query}" if query else "")


def _lines(findings: Findings, uri: str, description: Description | None) -> list[str]:
    rows = [
        ("printer", f"{findings.printer.key}, proven by {findings.judgement.fingerprint}"),
        ("TLS", f"{findings.tls_version} with {findings.cipher}; speaks {', '.join(findings.tls_versions)}"),
        *[("not here", f"{path} ({what})") for path, what in findings.tried],
        ("path", findings.printer.uri.path),
    ]
    if findings.profile is None:
        rows.append(("password", "it wants a user name and password before it says anything: write them into the URI"))
    else:
        rows += _attribute_rows(findings, findings.profile)
    rows.append(("device URI", uri))
    rows.append(("description", _describe_choice(findings, description)))
    return [f"{name:{describe.MARGIN}}{value}" for name, value in rows if value]


def _attribute_rows(findings: Findings, profile: Profile) -> list[tuple[str, str]]:
    return [
        ("model", findings.text("printer-make-and-model")),
        ("firmware", profile.facts.firmware),
        ("named", findings.text("printer-info")),
        ("stands", findings.text("printer-location")),
        ("IPP", f"{profile.facts.version}, documents {findings.framing}"),
        ("formats", ", ".join(findings.formats)),
        ("colour", {True: "yes", False: "no", None: ""}[findings.color]),
        ("sides", findings.text("sides-supported")),
        ("state", findings.text("printer-state-reasons").replace("none", "")),
    ]


def _describe_choice(findings: Findings, description: Description | None) -> str:
    if description is not None:
        return f"{description.name}  ({description.nickname})"
    if findings.languages:
        return f"none of the installed ones is for {', '.join(findings.languages)}; see lpinfo -m"
    return "cannot be told, because the printer does not say which languages it takes; see lpinfo -m"


def findings_value(
    findings: Findings, uri: str, description: Description | None, console: Console
) -> dict[str, object]:
    """Return the findings for a program."""
    facts = CertificateFacts(findings.judgement.der)
    profile = findings.profile
    return {
        "host": findings.printer.address,
        "port": findings.printer.port,
        "trusted": True,
        "fingerprint": as_hex(facts.cert_sha256),
        "certificate": describe.certificate_value(facts, findings.printer.host, console.clock()),
        "tls_version": findings.tls_version,
        "cipher": findings.cipher,
        "tls_versions": list(findings.tls_versions),
        "path": findings.printer.uri.path,
        "tried": [{"path": path, "answer": what} for path, what in findings.tried],
        "needs_password": profile is None,
        "framing": findings.framing,
        "ipp_version": profile.facts.version if profile else None,
        "make_and_model": findings.text("printer-make-and-model"),
        "firmware": profile.facts.firmware if profile else "",
        "formats": list(findings.formats),
        "color": findings.color,
        "device_uri": uri,
        "description": description.name if description else None,
    }
