"""What to do about a printer that does not answer a job: one row a kind of error.

Rules of this module:

- a command that trusts a certificate never stands alone: comparing comes first, because who shows the new certificate
  may be an impostor; and none has a fingerprint in it that was only shown;
- a queue with pins in its device URI is fixed by lpadmin, for the pin file does not count there;
- where only someone at the printer, or with the network, can help, there is no command.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from backend import errors
from backend.control.checks.access import USER, distrusted
from backend.control.checks.finding import COMPARE_FIRST, ERROR, NOTE, REINSTALL, WARNING, Finding
from backend.control.checks.queue_uri import QueueURI, is_understood
from backend.control.examination import PATHS, is_web_page
from backend.control.failure import is_about_versions
from backend.control.host import Misused, PrinterHost, parse_printer_host
from backend.device_uri import DEFAULT_PATH, DEFAULT_PORT, UPGRADE_PORT, DeviceURI, Timeouts, quoted
from backend.trust import pin_store
from backend.trust.pin_file import PinFile, parse_pins

#: What a person has to look at who finds a different certificate.
CHANGED = f"ask who has changed the printer; {COMPARE_FIRST}; if it differs, it is not your printer: do not pin it"
WITHOUT_SHOWING = "; then write it in the place of NEW-FINGERPRINT"


@dataclass(frozen=True)
class Case:
    """A queue whose printer does not answer.

    Attributes:
        find_path: looks for the path on which the printer answers.
        find_ports: looks which of ports take a connection at the printer's address.
        shakes_hands: tells whether a TLS handshake is made with a different ``tls`` option.
    """

    uri: QueueURI
    printer: PrinterHost
    pins_path: str
    find_path: Callable[[], str | None]
    find_ports: Callable[[Iterable[int]], list[int]]
    shakes_hands: Callable[[str], bool]

    @property
    def name(self) -> str:
        """The printer, as commands take it."""
        return shlex.quote(self.printer.name)

    @property
    def host(self) -> str:
        """The printer's host as the device URI has it, without port."""
        return self.uri.host

    def usual_port(self) -> str:
        """Return the device URI with the usual port, at which TLS begins at once."""
        return self.uri.with_address(self.host, without="tls" if self.printer.uri.tls == "upgrade" else "")

    def pins(self) -> PinFile:
        """Return the pins on file; none if they cannot be read, which a check of its own says."""
        try:
            return pin_store.read_pins_if_any(self.pins_path)
        except errors.PinFileUnreadable:
            return parse_pins("", self.pins_path)

    def pin_for(self, address: str) -> str:
        """Return what comes after a command that leads the queue to a different host[:port]: a pin of its own."""
        if self.printer.uri.pins or self.printer.uri.trust == "system":
            return ""
        if re.fullmatch(r"(HOST|ADDRESS)(:\d+)?", address):
            return f"if ipps443ctl list does not have it, {COMPARE_FIRST}: ipps443ctl pin {address}"
        printer = parse_printer_host(f"ipps443://{address}/")
        if self.pins().for_printer(printer.host, printer.port):
            return ""
        return f"it needs a pin of its own: {COMPARE_FIRST}; then ipps443ctl pin {shlex.quote(printer.name)}"


@dataclass(frozen=True)
class Cure:
    """What to do: first by hand, then the command."""

    fix: str = ""
    first: str = ""
    level: str = ERROR
    other: str = ""
    then: str = ""


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
            case.uri.queue,
            f"{_without_advice(error)} [{error.code}]",
            cure.fix,
            cure.level,
            cure.first,
            cure.other,
            cure.then,
        )
    ]


def for_bad_uri(error: Misused, uri: QueueURI) -> Finding:
    """Return the finding for a device URI that cannot be understood."""
    corrected = uri.corrected()
    if corrected is not None:
        return Finding(uri.queue, str(error), uri.lpadmin(corrected), first="check that this is what was meant")
    left = uri.without_unknown()
    if left is not None:
        return Finding(uri.queue, str(error), uri.lpadmin(left), first="this leaves out what ipps443 does not know")
    if is_understood(uri.text) and not is_understood(uri.whole):
        first = "write user name and password anew, and % @ / ? and # in them as %25 %40 %2F %3F %23"
        return Finding(uri.queue, str(error), uri.lpadmin(), first=first)
    repaired = uri.repaired()
    if repaired is not None:
        text, what = repaired
        other = (
            f"if a CA is meant to vouch: {uri.lpadmin(uri.with_option('pin'))}"
            if what.startswith("trust=") and "pin=" in uri.text
            else ""
        )
        port = f"; what is sent there is printed, and printers have TLS mostly at {DEFAULT_PORT}" * (what == "the port")
        if what == "sni=no":
            other = f"or with a pin in the place of the CA; {COMPARE_FIRST}: ipps443ctl pin {quoted(uri.text)}"
        return Finding(uri.queue, str(error), uri.lpadmin(text), first=f"this leaves {what} out{port}", other=other)
    fix = f"lpadmin -p {shlex.quote(uri.queue)} -E -v 'ipps443://HOST/ipp/print'"
    first = "write the printer's name or address in the place of HOST, and the options that are wanted (ipps443(8))"
    return Finding(uri.queue, str(error), fix, first=first)


def _without_advice(error: errors.IppsError) -> str:
    """Return what happened: the advice of the message stands in the lines behind it."""
    if isinstance(error, errors.TrustError):
        return error.detail.rpartition(" Nothing was ")[0].rstrip(" .") or error.detail
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
    several = len(case.printer.uri.pins) > 1
    then = "the new pin stands in the place of all that were there; add others that still hold" if several else ""
    return Cure(command, CHANGED + WITHOUT_SHOWING * ("NEW-FINGERPRINT" in command), then=then)


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
        before = f"it is for {', '.join(error.names)}, and the queue says {case.printer.host}"
        other = _its_own_name(error.names, case)
    if "ipps443ctl pin" in command or command.startswith("lpadmin"):
        before = "; ".join(filter(None, (before[:1].lower() + before[1:], COMPARE_FIRST)))
    elif "ipps443ctl import" in command:
        other = f"pin the certificate itself; {COMPARE_FIRST}: ipps443ctl pin {case.name}"
    return Cure(_pin_command(command, case), before, other=other)


def _its_own_name(names: tuple[str, ...], case: Case) -> str:
    """Return how the queue gets the name of the certificate, which may be that of another machine of the same CA.

    A public CA vouches for every machine there is, so there is no command for those.
    """
    name = next((each for each in names if "*" not in each), "")
    if not name or case.printer.uri.trust == "system":
        return ""
    address = (f"[{name}]" if ":" in name else name) + f":{case.printer.port}" * (case.printer.port != DEFAULT_PORT)
    command = f"{_trust_same_ca(address, case)}{case.uri.lpadmin(case.uri.with_address(address))}"
    return f"only if whoever runs the printer says that this is its name, and no other machine's: {command}"


def _trust_same_ca(address: str, case: Case) -> str:
    """Return the command that lets the CAs on file for the printer vouch for it under a different name, too."""
    folder = os.path.dirname(case.pins_path)
    files = [pin.ca for pin in case.pins().for_printer(case.printer.host, case.printer.port) if pin.ca]
    paths = [shlex.quote(os.path.join(folder, name)) for name in dict.fromkeys(files)]
    return "".join(f"ipps443ctl import --ca {path} {shlex.quote(address)} && " for path in paths)


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
        if "unknown ca" in error.reason:
            return Cure(first="import the CA that signed the client certificate at the printer")
        return Cure(first="renew the client certificate, or import the CA that signed it at the printer")
    folder = f"{os.path.dirname(case.pins_path)}/clients"
    first = (
        "get a certificate and its key from whoever makes client certificates, as PEM, in the place of CERTIFICATE and"
        " KEY; LABEL is any word, LABEL.pem and LABEL.key the names here"
    )
    put = f"install -o root -g {USER} -m 0640"
    files = f"install -d -m 0755 {folder} && {put} CERTIFICATE {folder}/LABEL.pem && {put} KEY {folder}/LABEL.key"
    return Cure(f"{files} && {case.uri.lpadmin(case.uri.with_option('clientcert=LABEL'))}", first)


def _not_tls(error: errors.NotTls, case: Case) -> Cure:
    if case.printer.port == UPGRADE_PORT:
        first = "turn IPPS on at the printer (mostly at port 443); if it has TLS by upgrade only"
        return Cure(case.uri.lpadmin(case.uri.with_option("tls=upgrade")), first)
    return _other_port("turn IPPS on at the printer", case)


def _other_port(first: str, case: Case) -> Cure:
    """Return what to do by hand, and the command for the usual port if something takes a connection there."""
    if case.printer.port == DEFAULT_PORT or not case.find_ports((DEFAULT_PORT,)):
        return Cure(first=first)
    text = case.uri.lpadmin(case.usual_port())
    other = f"port {DEFAULT_PORT} takes connections there; if that is the printer's IPPS: {text}"
    return Cure(first=first, other=other, then=case.pin_for(case.host))


def _upgrade_refused(error: errors.UpgradeRefused, case: Case) -> Cure:
    if case.printer.port != UPGRADE_PORT:
        return Cure(case.uri.lpadmin(case.uri.with_option("tls")))
    first = f"turn IPPS on at the printer, at port {DEFAULT_PORT}; port {UPGRADE_PORT} is without TLS there"
    return Cure(case.uri.lpadmin(case.usual_port()), first, then=case.pin_for(case.host))


def _not_verified(error: errors.NotVerified, case: Case) -> Cure:
    return Cure(f"ipps443ctl verify {quoted(case.uri.text)}")


# --- network ----------------------------------------------------------------------------------------------


def is_unknown_name(error: object) -> bool:
    """Tell whether a printer cannot be reached because its name has no address."""
    return isinstance(error, errors.PrinterUnreachable) and (
        error.reason == "its name has no address" or "name resolution" in error.reason
    )


def _unreachable(error: errors.PrinterUnreachable, case: Case) -> Cure:
    port = f":{case.printer.port}" * (case.printer.port != DEFAULT_PORT)
    if is_unknown_name(error):
        first = "correct the name of the printer, here in the place of HOST, or in DNS"
        return Cure(case.uri.lpadmin(case.uri.with_address(f"HOST{port}")), first, then=case.pin_for(f"HOST{port}"))
    if "handshake" in error.reason or "closed the connection" in error.reason:
        what = f"the printer hangs: switch it off and on; or port {case.printer.port} is none for TLS: correct it"
        return _smaller_hello(case) or _other_port(what, case)
    new_address = f"if it has a different address now: {case.uri.lpadmin(case.uri.with_address(f'ADDRESS{port}'))}"
    then = case.pin_for(f"ADDRESS{port}")
    if "onnection refused" in error.reason:
        return _refused(case, new_address, then)
    first = (
        f"nothing at all answers at {case.printer.host}: see that it is on and connected; that this is its address,"
        " which it shows at its panel; that no firewall is between"
    )
    return Cure(f"ping -c 3 {shlex.quote(case.printer.address)}", first, other=new_address, then=then)


def _smaller_hello(case: Case) -> Cure | None:
    """Return the command for a printer that answers only to a smaller first message; None for all others."""
    if case.printer.uri.tls != DeviceURI.tls or not case.shakes_hands("1.2-only"):
        return None
    first = "the printer answers a smaller first TLS message, and the usual one not: look for new firmware, else"
    return Cure(case.uri.lpadmin(case.uri.with_option("tls=1.2-only")), first)


#: Ports of printers that take a connection where another one is refused, the best first.
PRINTER_PORTS = (DEFAULT_PORT, UPGRADE_PORT)
OTHER_PORTS = {9100: "raw data", 515: "LPD", 80: "its web page"}
#: Ports that are on file for the same host, of which no more are looked at.
MOST_PORTS = 8


def _refused(case: Case, new_address: str, then: str) -> Cure:
    """Say what takes connections where the port of the queue takes none: a device is on at this address."""
    host, port = case.host, case.printer.port
    found = [each for each in case.find_ports((*PRINTER_PORTS, *OTHER_PORTS)) if each != port]
    seen = f"{case.printer.host} refuses port {port}"
    for good in PRINTER_PORTS:
        if good in found:
            address = host if good == DEFAULT_PORT else f"{host}:{good}"
            text = case.usual_port() if good == DEFAULT_PORT else case.uri.with_address(address)
            # Plain IPP stands at 631 too, and stays there when IPPS is turned off.
            is_off = "" if good == DEFAULT_PORT else ", or IPPS was turned off at the printer: then turn it on"
            first = f"{seen} and takes port {good}: the port in the device URI is wrong{is_off}"
            return Cure(case.uri.lpadmin(text), first, then=case.pin_for(address))
    pinned = {pin.port for pin in case.pins().pins if pin.host == case.printer.host}
    on_file = case.find_ports(sorted(pinned)[:MOST_PORTS]) if port not in pinned else []
    if len(on_file) == 1:
        address = f"{host}:{on_file[0]}"
        first = f"{seen}; a pin is on file for port {on_file[0]}, which takes connections: the port in the URI is wrong"
        return Cure(case.uri.lpadmin(case.uri.with_address(address)), first)
    if found:
        which = ", ".join(f"{each} ({OTHER_PORTS[each]})" for each in found)
        first = f"{seen} and takes {which}: it is on, and IPPS is off; turn it on, mostly on its web page (HTTPS, IPPS)"
        return Cure(first=first, other=new_address, then=then)
    tried = ", ".join(str(each) for each in (*PRINTER_PORTS, *OTHER_PORTS) if each != port)
    first = (
        f"{seen} and all others that printers have ({tried}): it is starting, its printing is turned off, or this is"
        " the address of a different device now. Switch it on; compare the address with the one that its panel shows;"
        " jobs print by themselves then"
    )
    return Cure(first=first, other=new_address, then=then)


def _late(error: errors.HandshakeTimeout, case: Case) -> Cure:
    longer = 2 * max(error.seconds, case.printer.uri.timeouts.handshake, Timeouts().handshake)
    other = f"if it is only slow: {case.uri.lpadmin(case.uri.with_timeout('handshake', longer))}"
    first = f"check that port {case.printer.port} is one for TLS; if the printer hangs, switch it off and on"
    return _smaller_hello(case) or Cure(first=first, other=other)


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
    """Return the command with the place that a redirect names, if that can be one for IPP over TLS.

    Only host, port and path are taken from it: with options or an account a printer could choose whom the queue trusts.
    """
    look = f"ipps443ctl probe {quoted(case.uri.text)}"
    try:
        parts = urlsplit(location)
        scheme, host, port = parts.scheme.lower(), parts.hostname or "", parts.port
    except ValueError:
        return Cure(look, f"it points to {location}, which is no place that there is; look what answers")
    if scheme and scheme not in ("https", "ipps"):
        first = f"it points to {location}, which is not encrypted: turn on IPPS at the printer; then look what answers"
        return Cure(look, first)
    path = parts.path if parts.path.startswith("/") else f"/{parts.path}"
    if host:
        port = port or (UPGRADE_PORT if scheme == "ipps" else DEFAULT_PORT)
        address = (f"[{host}]" if ":" in host else host) + f":{port}" * (port != DEFAULT_PORT)
        text = case.uri.with_address(address, path)
    else:
        address, text = "", case.uri.with_path(path)
    if (scheme and not host) or not is_understood(text):
        return Cure(look, f"it points to {location}, which is no place for IPP over TLS; look what answers")
    first = f"it points to {location}; look whether printing is there: ipps443ctl probe {quoted(text)}; if so"
    return Cure(case.uri.lpadmin(text), first, then=case.pin_for(address) if address else "")


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
        f"none of the usual paths answers ({', '.join(PATHS)}): turn IPP on at the printer, or look in its manual for"
        " the path of its IPP service, here in the place of PATH"
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
