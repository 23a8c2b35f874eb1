"""What to do about a printer that does not answer a job: one row a kind of error.

Rules of this module:

- a command that trusts a certificate never stands alone: comparing comes first, because who shows the new certificate
  may be an impostor; and none has a fingerprint in it that was only shown;
- a queue with pins in its device URI is fixed by lpadmin, for the pin file does not count there;
- where only someone at the printer, or with the network, can help, there is no command.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
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
    """

    uri: QueueURI
    printer: PrinterHost
    pins_path: str
    find_path: Callable[[], str | None]

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
    return [Finding(case.uri.queue, f"{_without_advice(error)} [{error.code}]", cure.fix, cure.level, cure.first)]


def for_bad_uri(error: Misused, uri: QueueURI) -> Finding:
    """Return the finding for a device URI that cannot be understood."""
    corrected = uri.corrected()
    if corrected is not None:
        return Finding(uri.queue, str(error), uri.lpadmin(corrected), first="check that this is what was meant")
    left = uri.without_unknown()
    if left is not None:
        return Finding(uri.queue, str(error), uri.lpadmin(left), first="see whether it does without what is not known")
    fix = f"lpadmin -p {shlex.quote(uri.queue)} -v 'ipps443://HOST/ipp/print'"
    return Finding(uri.queue, str(error), fix, first="write the device URI as ipps443(8) has it")


def _without_advice(error: errors.IppsError) -> str:
    """Return what happened: the advice of the message stands in the lines behind it."""
    return (
        error.detail.partition(" Nothing was ")[0].rstrip(" .") if isinstance(error, errors.TrustError) else error.text
    )


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
    first = f"make a new certificate at the printer; {COMPARE_FIRST}"
    command = _pin_command(error.command, case)
    return Cure(command, first + WITHOUT_SHOWING * ("NEW-FINGERPRINT" in command))


def _certificate_refused(error: errors.CertificateRefused, case: Case) -> Cure:
    before, colon, command = error.command.rpartition(": ")
    if not colon:
        return Cure(f"ipps443ctl verify {case.name}", error.command)
    before = before.removesuffix(", or compare first, then run").removesuffix(", compare, then run")
    before = before.removesuffix("Compare first, then run").removeprefix("Run, ")
    if "ipps443ctl pin" in command or command.startswith("lpadmin"):
        before = "; ".join(filter(None, (before[:1].lower() + before[1:], COMPARE_FIRST)))
    return Cure(_pin_command(command, case), before)


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
    return Cure(f"ipps443ctl probe {quoted(case.uri.text)}", "let probe look for TLS options that work")


def _client_certificate(error: errors.ClientCertificateWanted, case: Case) -> Cure:
    if error.shown:
        return Cure(first="renew the client certificate, or add the CA that signed it at the printer")
    first = (
        "put certificate and key into the folder clients beside the pin file, as LABEL.pem and LABEL.key (ipps443(8))"
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
    return Cure(case.uri.lpadmin(case.uri.with_address(host)), f"{first}; if it listens at port 443, as most do")


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
        return _other_port("check the port; a printer that hangs is helped by switching it off and on", case)
    return _other_port("look at the printer's power, cable, address and port", case)


def _late(error: errors.HandshakeTimeout, case: Case) -> Cure:
    longer = max(error.longer, 2 * case.printer.uri.timeouts.handshake, Timeouts().handshake)
    text = case.uri.with_timeout("handshake", longer)
    return Cure(case.uri.lpadmin(text), "check that the port is one for TLS; if the printer is only slow")


def _silent(error: errors.SilentPort, case: Case) -> Cure:
    return _other_port("check the port", case)


def _lost(error: errors.ConnectionLost, case: Case) -> Cure:
    found = case.find_path()
    if found is not None:
        return Cure(case.uri.lpadmin(case.uri.with_path(found)), f"the printer answers at {found}")
    return Cure(f"ipps443ctl probe {quoted(case.uri.text)}", "switch the printer off and on; if that does not help")


# --- printer ----------------------------------------------------------------------------------------------


def _http(error: errors.HttpRefused, case: Case) -> Cure:
    if error.status // 100 == 3 and error.location:
        first = f"if printing is at {error.location}, put that into the URI"
        return Cure(f"ipps443ctl probe {quoted(case.uri.text)}", first)
    if error.status in (404, 405, 410):
        return _path(error, case)
    return Cure(first=_lower(error.cure))


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
    return Cure(first="jobs wait; if it stays so, switch the printer off and on", level=WARNING)


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
