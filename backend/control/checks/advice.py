"""What to do about a printer that does not answer a job: one row a kind of error.

Rules of this module:

- a command that trusts a certificate never stands alone: comparing comes first, because who shows the new certificate
  may be an impostor; and none has a fingerprint in it that was only shown;
- a queue with pins in its device URI is fixed by lpadmin, for the pin file does not count there;
- where only someone at the printer, or with the network, can help, there is no command.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from backend import errors
from backend.control.checks.access import distrusted
from backend.control.checks.finding import COMPARE_FIRST, ERROR, NOTE, REINSTALL, WARNING, Finding
from backend.control.checks.queue_uri import QueueURI
from backend.control.examination import is_web_page
from backend.control.handshakes import is_about_versions
from backend.control.host import Misused, PrinterHost
from backend.device_uri import DEFAULT_PATH, DEFAULT_PORT, UPGRADE_PORT, Timeouts, quoted

#: What a person has to look at who finds a different certificate.
CHANGED = f"ask who has changed the printer; {COMPARE_FIRST}; if it differs, it is not your printer: do not pin it"
WITHOUT_SHOWING = "; then write it in the place of NEW-FINGERPRINT"


@dataclass(frozen=True)
class Case:
    """A queue whose printer does not answer.

    Attributes:
        find_path: looks for the path on which the printer answers.
        find_ports: looks which of ports take a connection at the printer's address.
    """

    uri: QueueURI
    printer: PrinterHost
    pins_path: str
    find_path: Callable[[], str | None]
    find_ports: Callable[[Iterable[int]], list[int]]

    @property
    def name(self) -> str:
        """The printer, as commands take it."""
        return shlex.quote(self.printer.name)


@dataclass(frozen=True)
class Cure:
    """What to do: first by hand, then the command."""

    fix: str = ""
    first: str = ""
    level: str = ERROR
    other: str = ""


def find_for(error: errors.IppsError, case: Case) -> list[Finding]:
    """Return the finding for an error; none for what a check of its own says."""
    for kind, advise in ADVICE.items():
        if isinstance(error, kind):
            cure = advise(error, case)
            break
    else:
        cure = Cure(f"ipps443ctl explain {error.code}", "read what the message means")
    if cure is None:
        return []
    return [
        Finding(
            case.uri.queue, f"{_without_advice(error)} [{error.code}]", cure.fix, cure.level, cure.first, cure.other
        )
    ]


def for_bad_uri(error: Misused, uri: QueueURI) -> Finding:
    """Return the finding for a device URI that cannot be understood."""
    corrected = uri.corrected()
    if corrected is not None:
        return Finding(uri.queue, str(error), uri.lpadmin(corrected), first="check that this is what was meant")
    left = uri.without_unknown()
    if left is not None:
        return Finding(uri.queue, str(error), uri.lpadmin(left), first="see whether it does without what is not known")
    repaired = uri.repaired()
    if repaired is not None:
        text, what = repaired
        other = (
            "" if not what.startswith("trust=") else f"if a CA is meant to vouch: {uri.lpadmin(uri.with_option('pin'))}"
        )
        port = f"; the port of printers for TLS is mostly {DEFAULT_PORT}" * (what == "the port")
        return Finding(uri.queue, str(error), uri.lpadmin(text), first=f"this leaves {what} out{port}", other=other)
    fix = f"lpadmin -p {shlex.quote(uri.queue)} -E -v 'ipps443://HOST/ipp/print'"
    first = "write the printer's name or address in the place of HOST; ipps443(8) has the options"
    return Finding(uri.queue, str(error), fix, first=first)


def _without_advice(error: errors.IppsError) -> str:
    """Return what happened: the advice of the message stands in the lines behind it."""
    if isinstance(error, errors.TrustError):
        return error.detail.partition(" Nothing was ")[0].rstrip(" .")
    if isinstance(error, errors.PrinterBusy):
        return error.text.partition(". The job waits")[0]
    cure = getattr(error, "cure", "")
    return error.text.removesuffix(cure).rstrip(" .") if cure else error.text


# --- trust ------------------------------------------------------------------------------------------------


def _pin_command(command: str, case: Case) -> str:
    """Return the command of an error, which enables the queue too where it is lpadmin's."""
    if command.startswith("lpadmin"):
        return case.uri.lpadmin(case.uri.with_option("pin=sha256:NEW-FINGERPRINT"))
    return command


def _unknown(error: errors.PrinterUnknown, case: Case) -> Cure:
    if error.elsewhere and " or " not in error.elsewhere:
        first = f"if the queue is meant for {error.elsewhere}, whose key this is"
        return Cure(case.uri.lpadmin(case.uri.with_address(error.elsewhere)), first)
    return Cure(_pin_command(error.command, case), COMPARE_FIRST)


def _changed(error: errors.CertificateChanged, case: Case) -> Cure:
    if error.elsewhere and " or " not in error.elsewhere:
        first = f"look which printer has the address {case.printer.host}; if the queue is meant for {error.elsewhere}"
        return Cure(case.uri.lpadmin(case.uri.with_address(error.elsewhere)), first)
    command = _pin_command(error.command, case)
    return Cure(command, CHANGED + WITHOUT_SHOWING * ("NEW-FINGERPRINT" in command))


def _expired(error: errors.CertificateExpired, case: Case) -> Cure:
    first = f"look at the clock of this machine; make a new certificate at the printer; {COMPARE_FIRST}"
    command = _pin_command(error.command, case)
    other = f"to print with the old certificate: {case.uri.lpadmin(case.uri.with_option('expired'))}"
    return Cure(command, first + WITHOUT_SHOWING * ("NEW-FINGERPRINT" in command), other=other)


def _certificate_refused(error: errors.CertificateRefused, case: Case) -> Cure:
    before, colon, command = error.command.rpartition(": ")
    if not colon:
        return Cure(f"ipps443ctl verify {case.name}", error.command)
    before = before.removesuffix(", or compare first, then run").removesuffix(", compare, then run")
    before = before.removesuffix("Compare first, then run").removeprefix("Run, ")
    other = ""
    if error.names:
        before = f"it is for {', '.join(error.names)}, and the queue says {case.printer.host}: better use that name"
        port = f":{case.printer.port}" * (case.printer.port != DEFAULT_PORT)
        other = f"use the name: {case.uri.lpadmin(case.uri.with_address(error.names[0] + port))}"
    if "ipps443ctl pin" in command or command.startswith("lpadmin"):
        before = "; ".join(filter(None, (before[:1].lower() + before[1:], COMPARE_FIRST)))
    elif "ipps443ctl import" in command:
        other = f"pin the certificate itself; {COMPARE_FIRST}: ipps443ctl pin {case.name}"
    return Cure(_pin_command(command, case), before, other=other)


def _unreadable(error: errors.PinFileUnreadable, case: Case) -> Cure | None:
    if error.path == case.pins_path:
        return None
    if "does not exist" in error.reason and error.path.endswith(".pem") and "/clients/" not in error.path:
        return Cure(f"ipps443ctl import --ca FILE {case.name} --replace", "get the CA's certificate from who runs it")
    return Cure(distrusted(error.path, error.reason).fix)


def _installation(error: errors.InstallationBroken, case: Case) -> Cure | None:
    if "a hash alone" in error.reason:
        return Cure(f"ipps443ctl pin {case.name} --replace", COMPARE_FIRST)
    return None if case.printer.uri.clientcert else Cure(REINSTALL)


def _tls_refused(error: errors.TlsRefused, case: Case) -> Cure:
    if "unrecognized name" in error.reason:
        return Cure(
            case.uri.lpadmin(case.uri.with_option("sni=no")), "better use the printer's own name in the URI; else"
        )
    if is_about_versions(error) and case.printer.uri.tls not in ("legacy", "upgrade"):
        first = "turn on TLS 1.2 at the printer, or look for new firmware; only if it is too old for that"
        return Cure(case.uri.lpadmin(case.uri.with_option("tls=legacy")), first)
    first = (
        "mostly its certificate or its TLS settings are out of date: make a new certificate at the printer, turn on TLS"
        " 1.2, look for new firmware; else let probe look for TLS options that work"
    )
    return Cure(f"ipps443ctl probe {quoted(case.uri.text)}", first)


def _client_certificate(error: errors.ClientCertificateWanted, case: Case) -> Cure:
    if error.shown:
        return Cure(first="renew the client certificate, or add the CA that signed it at the printer")
    first = (
        f"put a certificate and its key into {os.path.dirname(case.pins_path)}/clients/, as LABEL.pem and LABEL.key, of"
        " root:lp with mode 0640 (ipps443(8)); LABEL is any word"
    )
    return Cure(case.uri.lpadmin(case.uri.with_option("clientcert=LABEL")), first)


def _not_tls(error: errors.NotTls, case: Case) -> Cure:
    if case.printer.port == UPGRADE_PORT:
        first = "turn IPPS on at the printer (mostly at port 443); if it has TLS by upgrade only"
        return Cure(case.uri.lpadmin(case.uri.with_option("tls=upgrade")), first)
    return _other_port("turn IPPS on at the printer", case)


def _other_port(first: str, case: Case) -> Cure:
    """Return the command that takes the port out of the URI; by hand alone if there is none."""
    if case.printer.port == DEFAULT_PORT:
        return Cure(first=first)
    host = case.printer.uri.bracketed_host
    return Cure(
        case.uri.lpadmin(case.uri.with_address(host)), f"{first}; if it listens at port {DEFAULT_PORT}, as most do"
    )


def _upgrade_refused(error: errors.UpgradeRefused, case: Case) -> Cure:
    return Cure(case.uri.lpadmin(case.uri.with_option("tls")))


def _not_verified(error: errors.NotVerified, case: Case) -> Cure:
    return Cure(f"ipps443ctl verify {quoted(case.uri.text)}")


# --- network ----------------------------------------------------------------------------------------------


def _unreachable(error: errors.PrinterUnreachable, case: Case) -> Cure:
    if error.reason == "its name has no address" or "name resolution" in error.reason:
        text = case.uri.with_address("HOST" + (f":{case.printer.port}" if case.printer.port != DEFAULT_PORT else ""))
        return Cure(case.uri.lpadmin(text), "correct the name of the printer, here in the place of HOST, or in DNS")
    if "handshake" in error.reason or "closed the connection" in error.reason:
        return _other_port("switch the printer off and on, if it hangs; check the port", case)
    if "onnection refused" in error.reason:
        return _refused(case)
    first = (
        f"nothing at all answers at {case.printer.host}: see that it is on and connected; that this is its address,"
        " which it shows at its panel; that no firewall is between"
    )
    return Cure(f"ping -c 3 {shlex.quote(case.printer.address)}", first)


#: Ports of printers that take a connection where another one is refused, the best first.
PRINTER_PORTS = (DEFAULT_PORT, UPGRADE_PORT)
OTHER_PORTS = {9100: "raw data", 515: "LPD", 80: "its web page"}


def _refused(case: Case) -> Cure:
    """Say what takes connections where the port of the queue takes none: a device is on at this address."""
    host, port = case.printer.uri.bracketed_host, case.printer.port
    found = [each for each in case.find_ports((*PRINTER_PORTS, *OTHER_PORTS)) if each != port]
    seen = f"{case.printer.host} refuses port {port}"
    for good in PRINTER_PORTS:
        if good in found:
            text = case.uri.with_address(host if good == DEFAULT_PORT else f"{host}:{good}")
            return Cure(case.uri.lpadmin(text), f"{seen} and takes port {good}: the port in the device URI is wrong")
    if found:
        which = ", ".join(f"{each} ({OTHER_PORTS[each]})" for each in found)
        first = f"{seen} and takes {which}: it is on, and IPPS is off; turn it on, mostly on its web page (HTTPS, IPPS)"
        return _other_port(first, case)
    tried = ", ".join(str(each) for each in (*PRINTER_PORTS, *OTHER_PORTS) if each != port)
    first = (
        f"{seen} and all others that printers have ({tried}): it is starting, its printing is turned off, or this is"
        " the address of a different device now; see that it is on and awake; compare the address with the one that its"
        " panel shows; then"
    )
    return _other_port(first, case)


def _late(error: errors.HandshakeTimeout, case: Case) -> Cure:
    longer = max(error.longer, 2 * case.printer.uri.timeouts.handshake, Timeouts().handshake)
    text = case.uri.with_timeout("handshake", longer)
    return Cure(
        case.uri.lpadmin(text),
        f"check that port {case.printer.port} is one for TLS; if it hangs, switch it off and on; if it is only slow",
    )


def _silent(error: errors.SilentPort, case: Case) -> Cure:
    return _other_port("it is no port for TLS: correct it", case)


def _lost(error: errors.ConnectionLost, case: Case) -> Cure:
    found = case.find_path()
    if found is not None:
        return Cure(case.uri.lpadmin(case.uri.with_path(found)), f"the printer answers at {found}")
    return Cure(f"ipps443ctl probe {quoted(case.uri.text)}", "switch the printer off and on; if that does not help")


# --- printer ----------------------------------------------------------------------------------------------


def _http(error: errors.HttpRefused, case: Case) -> Cure:
    if error.status // 100 == 3 and error.location:
        return _moved(error.location, case)
    if error.status in (404, 405, 410):
        return _path(error, case)
    if error.status in (403, 451):
        first = "allow this computer at the printer: its web page has a list of who may print (access control)"
        return Cure(first=first)
    if error.status == 501:
        return _other_port("turn on IPP at the printer, on its web page", case)
    return Cure(first=_lower(error.cure))


def _moved(location: str, case: Case) -> Cure:
    """Return the command with the place that a redirect names, if that can be one for IPP over TLS."""
    scheme, separator, rest = location.partition("://")
    authority, slash, path = rest.partition("/") if separator else (case.printer.name, "/", location.lstrip("/"))
    if separator and scheme.lower() not in ("https", "ipps"):
        first = f"it points to {location}, which is not encrypted: turn on IPPS at the printer; then look what answers"
        return Cure(f"ipps443ctl probe {quoted(case.uri.text)}", first)
    text = case.uri.with_address(authority, slash + path.partition("?")[0])
    first = f"it points to {location}; look whether printing is there: ipps443ctl probe {quoted(text)}; if so"
    return Cure(case.uri.lpadmin(text), first)


def _ipp(error: errors.IppRefused, case: Case) -> Cure:
    if error.keyword in ("client-error-not-found", "client-error-gone", "server-error-operation-not-supported"):
        return _path(error, case)
    if error.keyword == "server-error-version-not-supported":
        return Cure(case.uri.lpadmin(case.uri.with_option("version=1.1")))
    if error.cure.startswith("Run "):
        return Cure(f"ipps443ctl probe {quoted(case.uri.text)}", "look at the printer's settings for IPP")
    return Cure(first=_lower(error.cure))


def _user(error: errors.UserRefused, case: Case) -> Cure:
    return Cure(first="allow this user, or everyone, at the printer")


def _malformed(error: errors.MalformedResponse, case: Case) -> Cure:
    what = "a page for browsers answers at this path: " if is_web_page(error) else ""
    cure = _path(error, case)
    return Cure(cure.fix, what + cure.first)


def _path(error: errors.IppsError, case: Case) -> Cure:
    """Return the command with the path on which the printer answers; without one it is the administrator's to find."""
    found = case.find_path()
    if found is not None:
        return Cure(case.uri.lpadmin(case.uri.with_path(found)), f"the printer answers at {found}")
    first = (
        "turn IPP on at the printer, or look in its manual for the path of its IPP service, here in the place of PATH"
    )
    return Cure(case.uri.lpadmin(case.uri.with_path("/PATH")), first)


def _password(error: errors.AuthenticationRequired, case: Case) -> Cure:
    text = case.uri.text
    if case.printer.uri.path == DEFAULT_PATH and "/ipp/print" not in text:
        text = case.uri.with_path(DEFAULT_PATH)
    if error.in_uri:
        return Cure(case.uri.lpadmin(text, account=True), "write what the printer takes in the place of USER:PASSWORD")
    if not case.uri.is_stored:
        first = "if the device URI has them, it is not saved yet: run this again in a minute; else write them in"
        return Cure(case.uri.lpadmin(text, account=True), first, WARNING)
    if case.uri.asks:
        return Cure(
            first="give user name and password with each job: lp and the web interface ask for them", level=NOTE
        )
    fix = f"lpadmin -p {shlex.quote(case.uri.queue)} -o auth-info-required=username,password"
    return Cure(fix, "if everyone has a password of their own, let lp ask for it; else write one into the URI", WARNING)


def _busy(error: errors.PrinterBusy, case: Case) -> Cure:
    return Cure(first="wait, jobs wait too; if it stays so, switch the printer off and on", level=WARNING)


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


#: The kinds of errors, each before those that it is a kind of.
ADVICE: dict[type[errors.IppsError], Callable[[Any, Case], Cure | None]] = {
    errors.PrinterUnknown: _unknown,
    errors.CertificateChanged: _changed,
    errors.CertificateExpired: _expired,
    errors.CertificateRefused: _certificate_refused,
    errors.PinFileUnreadable: _unreadable,
    errors.InstallationBroken: _installation,
    errors.ClientCertificateWanted: _client_certificate,
    errors.TlsRefused: _tls_refused,
    errors.NotTls: _not_tls,
    errors.UpgradeRefused: _upgrade_refused,
    errors.NotVerified: _not_verified,
    errors.HandshakeTimeout: _late,
    errors.PrinterUnreachable: _unreachable,
    errors.SilentPort: _silent,
    errors.ConnectionLost: _lost,
    errors.HttpRefused: _http,
    errors.UserRefused: _user,
    errors.IppRefused: _ipp,
    errors.MalformedResponse: _malformed,
    errors.AuthenticationRequired: _password,
    errors.PrinterBusy: _busy,
}
