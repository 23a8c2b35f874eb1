"""ipps443ctl probe: how a printer wants to be spoken to, and which URI and description a queue for it should have."""

from __future__ import annotations

from argparse import Namespace

from backend import errors
from backend.control import describe
from backend.control.console import Console
from backend.control.descriptions import Description
from backend.control.examination import Findings, examine
from backend.control.handshakes import find_tls
from backend.control.host import PrinterHost, parse_printer_host
from backend.control.made import PRINTER
from backend.control.progress import Progress
from backend.printer.capabilities import Capabilities
from backend.transport.connection import PeerCertificate
from backend.trust.certificate import CertificateFacts
from backend.trust.fingerprint import as_hex


def probe(arguments: Namespace, console: Console) -> int:
    """Say how a printer wants to be spoken to, and which URI and description a queue for it should have."""
    printer = parse_printer_host(arguments.uri)
    with Progress(console, f"making a TLS handshake with {printer.key}"):
        printer, option, peer = find_tls(printer, console, arguments.legacy)
    try:
        findings = examine(printer, option, console)
    except errors.TrustError:
        _show_stranger(printer, peer, console)
        raise
    uri = device_uri_text(arguments.uri, findings, password=False)
    description = findings.choose(console.environ)
    for line in _lines(findings, uri, description, console):
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


def device_uri_text(written: str, findings: Findings, password: bool) -> str:
    """Return the device URI for a queue: what was written, with the path that answers and the option that it needs."""
    printer = findings.printer
    text = written.strip() if password and "://" in written else printer.text or printer.device_uri
    head, _, query = text.partition("?")
    authority = head.partition("://")[2].partition("/")[0]
    options = [*query.split("&"), findings.option]
    query = "&".join(option for option in options if option)
    return f"ipps443://{authority}{printer.uri.path}" + (f"?{query}" if query else "")


def _lines(findings: Findings, uri: str, description: Description | None, console: Console) -> list[str]:
    rows = [
        ("printer", f"{findings.printer.key}, proven by {findings.judgement.fingerprint}"),
        ("TLS", f"{findings.tls_version} with {findings.cipher}; speaks {', '.join(findings.tls_versions)}"),
        *[("not here", f"{path} ({what})") for path, what in findings.tried],
        ("path", findings.printer.uri.path),
    ]
    if findings.capabilities is None:
        rows.append(("password", "it wants a user name and password before it says anything: write them into the URI"))
    else:
        rows += _attribute_rows(findings, findings.capabilities)
    rows.append(("device URI", uri))
    rows.append(("description", _describe_choice(findings, description, console)))
    return [f"{name:{describe.MARGIN}}{value}" for name, value in rows if value]


def _attribute_rows(findings: Findings, capabilities: Capabilities) -> list[tuple[str, str]]:
    return [
        ("model", findings.text("printer-make-and-model")),
        ("firmware", capabilities.facts.firmware),
        ("named", findings.text("printer-info")),
        ("stands", findings.text("printer-location")),
        ("IPP", f"{capabilities.facts.version}, documents {findings.framing}"),
        ("formats", ", ".join(findings.formats)),
        ("colour", {True: "yes", False: "no", None: ""}[findings.color]),
        ("sides", findings.text("sides-supported")),
        ("state", findings.text("printer-state-reasons").replace("none", "")),
    ]


def _describe_choice(findings: Findings, description: Description | None, console: Console) -> str:
    made = findings.made_format(console)
    if made:
        other = f"; or {description.name} with --model" if description else ""
        return f"add makes one from what the printer says ({made}){other}"
    if description is not None:
        return f"{description.name}  ({description.nickname})"
    if findings.languages:
        return f"none of the installed ones is for {', '.join(findings.languages)}; see lpinfo -m"
    if findings.listed:
        return f"none of the installed ones writes what it takes: {', '.join(findings.listed)}"
    return "cannot be told, because the printer does not say which languages it takes; see lpinfo -m"


def findings_value(
    findings: Findings, uri: str, description: Description | None, console: Console
) -> dict[str, object]:
    """Return the findings for a program."""
    facts = CertificateFacts(findings.judgement.der)
    capabilities = findings.capabilities
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
        "needs_password": capabilities is None,
        "framing": findings.framing,
        "ipp_version": capabilities.facts.version if capabilities else None,
        "make_and_model": findings.text("printer-make-and-model"),
        "firmware": capabilities.facts.firmware if capabilities else "",
        "formats": list(findings.formats),
        "color": findings.color,
        "device_uri": uri,
        "description": PRINTER if findings.made_format(console) else description.name if description else None,
    }
