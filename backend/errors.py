"""What can go wrong, by name. Each class is one thing an administrator can act on.

Rules of this module:

- errors carry values; ``template`` puts them on one line: what happened, what to do;
- each class has a stable ``code``, which never changes its meaning; ``control.explanations`` has the long form;
- which CUPS exit code an error leads to is decided in ``exit_status`` and nowhere else.

Letters of the codes: C configuration, T trust and TLS, N network, P printer, D document.
"""

from __future__ import annotations

from filters.common.dataclass import dataclass, field

#: Characters of a message without its code, and those that are left to the printer's own words whatever else it says.
LONGEST_TEXT, LEAST_SAID = 154, 28
#: Characters of a printer's name, or the name of a file, in a message that gets too long.
LONGEST_NAME = 40
#: The values that are names, and those that are words of others.
NAMES, WORDS = ("printer", "uri", "path", "place", "folder", "elsewhere"), ("reason", "said", "last", "document_format")


class IppsError(Exception):
    """Root of all errors of this package."""

    code = "I00"
    #: What happened and what to do, with the names of the values that belong there.
    template = ""

    @property
    def text(self) -> str:
        """What happened and what to do, on one line, without the code."""
        return _fill(self.wording, self) or super().__str__()

    @property
    def wording(self) -> str:
        """The message for the case."""
        return self.template

    @property
    def detail(self) -> str:
        """All that there is to say, for whoever asks (doctor, verify), without the code."""
        return self.text

    def __str__(self) -> str:
        return f"{self.text} [{self.code}]"


class _Values(dict[str, object]):
    """The values of an error for a message, a code at their end taken off: a message has one code."""

    def __init__(self, error: IppsError) -> None:
        super().__init__()
        self._error = error

    def __missing__(self, name: str) -> object:
        value = getattr(self._error, name)
        return _without_code(value) if isinstance(value, str) else value


def _without_code(text: str) -> str:
    return text[:-6] if text[-6:-4] == " [" and text[-3:-1].isdigit() and text[-1] == "]" else text


def _fill(message: str, error: IppsError) -> str:
    """Return a message with its values. If it gets too long, names are cut first and the words of others then."""
    values = _Values(error)
    text = message.format_map(values)
    for name in NAMES:
        if len(text) > LONGEST_TEXT and f"{{{name}}}" in message:
            values[name] = _short(str(values[name]))
            text = message.format_map(values)
    for name in WORDS:
        if len(text) > LONGEST_TEXT and f"{{{name}}}" in message:
            said = str(values[name])
            room = max(LEAST_SAID, len(said) + LONGEST_TEXT - len(text))
            values[name] = said if len(said) <= room else said[: room - 3].rstrip(" .") + "..."
            text = message.format_map(values).replace("....", "...")
    return text


def _short(name: str) -> str:
    """Return a name, of a very long one the beginning and the end."""
    return name if len(name) <= LONGEST_NAME else f"{name[:24]}...{name[-13:]}"


# --- C: configuration -------------------------------------------------------------------------------------


@dataclass(eq=False)
class BadDeviceURI(IppsError):
    """The device URI cannot be understood. ``uri`` never contains the password."""

    code, template = "C01", "Device URI: {reason}.{hint} For the right one: sudo ipps443ctl doctor"
    uri: str
    reason: str
    nearest: str | None = None

    @property
    def detail(self) -> str:
        """What is wrong, whole, without advice."""
        return f"device URI {self.uri}: {self.reason}.{self.hint}".rstrip(".")

    @property
    def hint(self) -> str:
        """The known word that was probably meant."""
        return f' Did you mean "{self.nearest}"?' if self.nearest else ""


@dataclass(eq=False)
class UsageError(IppsError):
    """Wrong number or form of arguments."""

    code, template = "C03", "{reason}. Usage: ipps443 job-id user title copies options [file ...]"
    reason: str


INSTALL_AGAIN = "Run install.sh again"


@dataclass(eq=False)
class InstallationBroken(IppsError):
    """A package or file that belongs to the installation, or to the queue's client certificate, is missing or damaged.

    Attributes:
        cure: what to do, where installing again does not help.
    """

    code, template = "C04", "The installation of ipps443 is damaged: {reason}. {cure}"
    of_queue = "Client certificate of this queue: {reason}. {cure}"
    reason: str
    cure: str = INSTALL_AGAIN

    @property
    def wording(self) -> str:
        """What installing again does not cure is no matter of the installation."""
        return self.template if self.cure == INSTALL_AGAIN else self.of_queue


@dataclass(eq=False)
class AuditLogUnwritable(IppsError):
    """The settings want a record of each job, and none can be written. Nothing was sent."""

    code, template = "C09", "Audit log {path}: {reason}. Nothing was sent; held. Make room or fix it: ipps443ctl doctor"
    path: str
    reason: str


@dataclass(eq=False)
class SettingsUnreadable(IppsError):
    """The settings cannot be read, and nobody knows what they demand of jobs. Nothing was sent."""

    code, template = "C10", "Settings {path}: {reason}. Nothing was sent. Fix them, or see: sudo ipps443ctl doctor"
    path: str
    reason: str


# --- T: trust and TLS -------------------------------------------------------------------------------------


class TrustError(IppsError):
    """The printer's key was not proven to be the expected one. Nothing was sent to it."""

    #: The word that goes into printer-state-reasons and stays there until a trusted connection.
    state_word = "cups-certificate-error"
    #: What to do when the command is too long for a message.
    WHERE_ALL_IS_SAID = "sudo ipps443ctl doctor"
    #: The command in short, if there is something better.
    brief = ""
    #: ``template`` with both fingerprints in full, dates and command.
    full = ""
    #: Something of the job had gone to the printer over an earlier connection, which was trusted.
    may_be_on_paper = False

    @property
    def wording(self) -> str:
        """The message; a command that does not fit is not cut, but replaced by what shows it or says it in short."""
        chosen = self._as_it_is(self.chosen)
        if "{command}" not in chosen or len(_fill(chosen, self)) <= LONGEST_TEXT:
            return chosen
        return chosen.replace("{command}", self.brief or self.WHERE_ALL_IS_SAID)

    @property
    def chosen(self) -> str:
        """The message for the case, with the place of its command."""
        return self.template

    @property
    def detail(self) -> str:
        """All that there is to say, with the fingerprints in full."""
        return self._as_it_is(self.full).format_map(_Values(self)) or self.text

    def _as_it_is(self, message: str) -> str:
        """Return a message that does not say of a job that it was not sent when it was."""
        for nothing in NOTHING if self.may_be_on_paper else ():
            message = message.replace(nothing, SENT_BEFORE)
        return message


#: What is said of a job that was sent before, over a connection to the expected printer, and in the place of what.
SENT_BEFORE, NOTHING = "Maybe it printed", ("Nothing was sent", "Nothing was printed")


@dataclass(eq=False)
class PrinterUnknown(TrustError):
    """No pin is on file for this host and port.

    Attributes:
        elsewhere: the name, or names, of a printer for which this very key is pinned.
    """

    code = "T01"
    state_word = "cups-pki-unknown"
    template = "No pin for printer {printer}. Nothing was sent. Compare its fingerprint first, then: {command}"
    known = (
        "No pin for printer {printer}. Nothing was sent. Its key is pinned for {elsewhere}: use that name in the URI"
    )
    full = (
        "No pin for printer {printer}. It presents {presented}, {validity}. Nothing was sent."
        " If the printer itself shows the same fingerprint, run: {command}"
    )
    printer: str
    presented: str
    validity: str
    command: str
    elsewhere: str = ""

    @property
    def chosen(self) -> str:
        """A printer that is known under a different name needs no new pin."""
        return self.known if self.elsewhere else self.template

    @property
    def detail(self) -> str:
        """All that there is to say, with the fingerprints in full."""
        return super().detail + (f" Its key is pinned for {self.elsewhere} already." if self.elsewhere else "")


@dataclass(eq=False)
class CertificateChanged(TrustError):
    """Pins are on file for this host and port, and none of them fits.

    Attributes:
        elsewhere: the name, or names, of a printer for which this very key is pinned.
        kinds: which kind of key it shows and which one is pinned, if these differ.
    """

    code = "T02"
    state_word = "cups-pki-changed"
    template = "Printer {printer} presents a different certificate. Nothing was sent. Compare first, then: {command}"
    known = "Printer {printer} presents the certificate pinned for {elsewhere}. Nothing was sent. Check which one it is"
    kind = "Printer {printer} presents a different certificate ({kinds}). Nothing was sent. Compare, then: {command}"
    in_uri = (
        "Printer {printer} presents a different certificate than pin= in the URI. Nothing was sent. Compare: {command}"
    )
    full = (
        "Printer {printer} presents a different certificate: {presented}, {validity}; expected {expected} ({place})."
        " Nothing was sent. If the change is yours, compare first, then run: {command}"
    )
    printer: str
    presented: str
    expected: str
    validity: str
    command: str
    elsewhere: str = ""
    kinds: str = ""

    @property
    def chosen(self) -> str:
        """Two printers may have changed their addresses, or one may have two keys."""
        if self.elsewhere or self.kinds:
            return self.known if self.elsewhere else self.kind
        return self.in_uri if self.is_pinned_in_uri else self.template

    @property
    def is_pinned_in_uri(self) -> bool:
        """The command for such a queue changes its device URI, because the pin file does not count there."""
        return self.command.startswith("lpadmin")

    @property
    def place(self) -> str:
        """Where the expected pins stand."""
        return "pin= in the device URI" if self.is_pinned_in_uri else "the pin file"

    @property
    def detail(self) -> str:
        """All that there is to say, with the fingerprints in full."""
        if self.elsewhere:
            return super().detail + f" Its key is pinned for {self.elsewhere}: check which printer has this address."
        return super().detail + (f" The keys are of two kinds ({self.kinds})." if self.kinds else "")


@dataclass(eq=False)
class CertificateExpired(TrustError):
    """The pin fits, the dates do not, and the queue asked for expired=refuse."""

    code = "T03"
    state_word = "cups-pki-expired"
    template = (
        "Certificate of {printer}: out of date (expired=refuse). Nothing was sent. Renew it, compare, then: {command}"
    )
    dated = "Certificate of {printer}: {validity} (expired=refuse). Nothing was sent. Renew it, compare: {command}"
    full = (
        "The certificate of printer {printer} is out of its dates ({validity}), and the device URI has"
        " expired=refuse; it presents {presented}."
        " Nothing was sent. Renew it at the printer, compare the new fingerprint, then run: {command}"
    )
    printer: str
    presented: str
    validity: str
    command: str

    @property
    def chosen(self) -> str:
        """The dates are said where they have room."""
        dated = self.dated.replace("{command}", self.WHERE_ALL_IS_SAID)
        return self.dated if len(_fill(dated, self)) <= LONGEST_TEXT else self.template


@dataclass(eq=False)
class CertificateRefused(TrustError):
    """The certificate cannot be read, its key is too weak, or a CA did not vouch for it.

    Attributes:
        command: what to do, a sentence that ends in a command.
        brief: the same in short, if that has no room.
        names: for which a CA has signed it, where the queue has a different one.
    """

    code, template = "T04", "Certificate of {printer} refused: {reason}. Nothing was sent. {command}"
    full = "Certificate of {printer} refused: {reason}. It presents {presented}. Nothing was sent. {command}"
    WHERE_ALL_IS_SAID = "See: sudo ipps443ctl doctor"
    printer: str
    presented: str
    reason: str
    command: str = ""
    brief: str = ""
    names: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return super().text.rstrip()


@dataclass(eq=False)
class PinFileUnreadable(TrustError):
    """The pin file is missing, unreadable, writable by others, or has a line that cannot be understood."""

    code, template = "T05", "Pin file {place}: {said}. Nothing was sent. For what fixes it: sudo ipps443ctl doctor"
    full = "Pin file {place}: {reason}. Nothing was sent. Fix it, or see: sudo ipps443ctl doctor"
    path: str
    reason: str
    line: int | None = None

    @property
    def place(self) -> str:
        """Return the file and, if it is one line that is wrong, its number."""
        return f"{self.path}, line {self.line}" if self.line else self.path

    @property
    def said(self) -> str:
        """What is wrong; the command that fixes it is too long for a message."""
        return self.reason.partition("; ")[0].replace("Permission denied", "lp may not read it")


@dataclass(eq=False)
class TlsRefused(TrustError):
    """The handshake ended by an alert, or without a version or cipher suite in common."""

    code, template = "T06", "Printer {printer} refuses TLS: {reason}. Nothing was sent. {cure}"
    full = "Printer {printer} refuses TLS: {reason} (offered: {offered}). Nothing was sent. {cure}"
    printer: str
    reason: str
    offered: str

    @property
    def cure(self) -> str:
        """What helps against this alert: the name in the hello (RFC 6066 section 3), or what was offered."""
        if "unrecognized name" in self.reason:
            return "Use its own name in the device URI, or sni=no"
        if self.is_about_versions:
            return "Its TLS is too old, or off: sudo ipps443ctl doctor"
        return "To find options: sudo ipps443ctl doctor"

    @property
    def is_about_versions(self) -> bool:
        """Tell whether the printer has only older versions, or so its answer says."""
        return any(reason in self.reason for reason in VERSION_REASONS)


#: How OpenSSL says that the versions do not fit: the printer's alert 70, or its hello of an old version.
VERSION_REASONS = ("protocol version", "unsupported protocol", "wrong ssl version")


@dataclass(eq=False)
class ClientCertificateWanted(TlsRefused):
    """The printer ended the connection because we showed no client certificate, or (``shown``) a wrong one."""

    code = "T11"
    template = "Printer {printer} demands a client certificate: {reason}. Nothing was printed. Set clientcert=LABEL"
    wrong = "Printer {printer} refuses the client certificate: {reason}. Nothing was printed. {cure}"
    full = ""
    printer: str
    reason: str
    offered: str
    shown: bool = False

    @property
    def cure(self) -> str:
        """What helps against this alert (RFC 8446 section 6.2)."""
        if "unknown ca" in self.reason:
            return "Add its CA there"
        return "Renew it" if "expired" in self.reason else "Renew it, or add its CA"

    @property
    def wording(self) -> str:
        """Said apart, because one wants a certificate and the other a different one."""
        return self._as_it_is(self.wrong if self.shown else self.template)


@dataclass(eq=False)
class NotVerified(TrustError):
    """OpenSSL ended the handshake because no expected CA vouches for the certificate. ``verify_code`` is OpenSSL's."""

    code, template = "T10", "Certificate of {printer} refused: {reason}. Nothing was sent. Run: {command}"
    printer: str
    verify_code: int
    reason: str

    @property
    def command(self) -> str:
        """The command that shows the certificate."""
        return f"ipps443ctl verify {self.printer}"


@dataclass(eq=False)
class UpgradeRefused(TrustError):
    """tls=upgrade: the printer does not change to TLS on this port (RFC 2817)."""

    code = "T09"
    template = "Printer {printer} does not change to TLS: {reason}. Nothing was sent. Take tls=upgrade out of its URI"
    printer: str
    reason: str


@dataclass(eq=False)
class NotTls(TrustError):
    """Something answered on the port, but not TLS."""

    code = "T07"
    template = "Printer {printer} speaks no TLS here, but: {said}. Nothing was sent. Turn IPPS on, or correct the port"
    printer: str
    seen: str

    @property
    def said(self) -> str:
        """What it speaks instead."""
        return self.seen or "something else"


@dataclass(eq=False)
class PinFileNotWritten(IppsError):
    """The pin file, or a certificate beside it, could not be changed and is as it was before."""

    code, template = "T08", "{path} was not changed: {reason}"
    path: str
    reason: str


# --- N: network -------------------------------------------------------------------------------------------


@dataclass(eq=False)
class PrinterUnreachable(IppsError):
    """No connection: no address, refused, no answer, or the handshake timed out or was reset."""

    code, template = "N01", "Printer {printer} cannot be reached: {reason}. {cure}"
    printer: str
    reason: str

    @property
    def cure(self) -> str:
        """What helps: power and cable are in order where somebody answers, and count for nothing without an address."""
        return next((cure for words, cure in WHERE_TO_LOOK if words in self.reason), IT_IS_OFF)


#: Where to look for a printer from which nothing comes, not even a refusal.
IT_IS_OFF = "Off, or a wrong address: check power, cable and address"
#: Words of a reason for not being reached, and where to look then.
WHERE_TO_LOOK = (
    ("name has no address", "Correct the name, or DNS"),
    ("name resolution", "Correct the name, or DNS"),
    ("onnection refused", "A device is on there: check port, IPPS and address"),
    ("handshake", "Check the port, or restart the printer"),
    ("closed the connection", "Check the port, or restart the printer"),
)


@dataclass(eq=False)
class HandshakeTimeout(PrinterUnreachable):
    """The printer took the connection, and the handshake was not made in time.

    Attributes:
        seconds: how long it was waited for.
        silent: not a byte came.
    """

    code = "N04"
    template = "Printer {printer} takes the connection, then: {reason}. Check the port, or switch it off and on"
    printer: str
    reason: str
    seconds: float
    silent: bool = False


@dataclass(eq=False)
class SilentPort(IppsError):
    """A port that takes connections and never says anything, which no printer with TLS does."""

    code = "N05"
    template = (
        "{printer} takes connections and has said nothing in {tries} tries of up to {seconds:g} seconds."
        " Correct the port (mostly 443)"
    )
    printer: str
    tries: int
    seconds: float


@dataclass(eq=False)
class ConnectionLost(IppsError):
    """The connection broke, closed or fell silent in ``phase``."""

    code, template = "N02", "The connection to printer {printer} was lost while {phase}: {reason}"
    printer: str
    phase: str
    reason: str


@dataclass(eq=False)
class GaveUpWaiting(IppsError):
    """The printer stayed out of reach or busy for as long as this queue waits."""

    code, template = "N03", "Gave up after {waited} seconds: {last}"
    waited: int
    last: str


# --- P: printer -------------------------------------------------------------------------------------------

CORRECT_PATH = "Correct the path in the device URI"
#: What to do about HTTP statuses (RFC 9110 section 15) that all jobs get, and about those without a row of their own.
HTTP_CURES = {
    **dict.fromkeys((404, 405, 410), CORRECT_PATH),
    **dict.fromkeys((403, 451), "Allow this computer at the printer"),
    **dict.fromkeys((407, 511), "Let this computer pass the proxy"),
    **dict.fromkeys((411, 417), "Try transfer=chunked in the device URI, else new firmware"),
    421: "Use the printer's own name in the device URI",
    426: "Try without tls=, or turn on IPPS there",
    501: "Turn on IPP at the printer, or correct the port",
    505: "Look for new firmware",
}
HTTP_CURES_BY_CLASS = {3: CORRECT_PATH, 4: "Run ipps443ctl probe", 5: "Switch the printer off and on"}
#: What to do about IPP statuses (RFC 8011 appendix B) that all jobs get.
IPP_CURES = {
    **dict.fromkeys((0x0406, 0x0407, 0x0501), CORRECT_PATH),
    0x040C: "Correct the port in the device URI",
    0x0503: "Set version=1.1 in the device URI",
}
#: With what the advice ends for a job that is only taken when it is printed in a different way.
ANEW = " instead"
#: And about those that one job gets, which is held; HTTP statuses as well.
JOB_CURES = {
    **dict.fromkeys((0x0408, 413), f"print fewer pages at a time{ANEW}"),
    **dict.fromkeys((0x0409, 414, 431), f"print it with a shorter title{ANEW}"),
    **dict.fromkeys((0x040A, 415), f"print it as PDF{ANEW}"),
    **dict.fromkeys((0x0411, 0x0415), f"save the document anew, print that{ANEW}"),
    **dict.fromkeys((0x0412, 0x0500, 0x0504, 500, 502, 503, 504), "look at the printer"),
    **dict.fromkeys((404, 410), "correct the path in the device URI"),
}


@dataclass(eq=False)
class HttpRefused(IppsError):
    """The printer's HTTP server answered a request with a status that is not 200."""

    code, template = "P01", "Printer {printer} answers {said}. {cure}"
    printer: str
    path: str
    status: int
    reason: str = ""
    location: str = ""

    @property
    def said(self) -> str:
        """The status, what it was the answer to, and where a redirect leads."""
        more = f", points to {self.location}" if self.location else ""
        return f"HTTP {self.status} {self.reason}".rstrip() + f" for path {self.path}{more}"

    @property
    def cure(self) -> str:
        """What to do about this status."""
        if self.location and self.status // 100 == 3:
            return "If printing is there, put that into the device URI"
        return HTTP_CURES.get(self.status) or HTTP_CURES_BY_CLASS.get(self.status // 100) or HTTP_CURES_BY_CLASS[4]


@dataclass(eq=False)
class IppRefused(IppsError):
    """The printer answered an operation with an IPP error."""

    code, template = "P02", "Printer {printer} refuses {operation}: {said}. {cure}"
    printer: str
    operation: str
    status: int
    keyword: str
    message: str = ""
    named: str = ""

    @property
    def said(self) -> str:
        """The status in short, which attributes it is about, and the printer's own sentence unless that is the same."""
        short = self.keyword.removeprefix("client-error-").removeprefix("server-error-")
        own = "" if self.message in (self.keyword, short) else self.message
        more = ": ".join(filter(None, (self.named, own)))
        return f"{short} ({more})" if more else self.keyword

    @property
    def cure(self) -> str:
        """What to do about this status."""
        return IPP_CURES.get(self.status, "Run ipps443ctl doctor")


class JobRefused(IppRefused):
    """The printer refuses this job for what it asks for or is; other jobs may do."""

    code, template = "P21", "Printer {printer} refuses this job: {said}. Held; {cure}"

    @property
    def cure(self) -> str:
        """What to do about this status."""
        return JOB_CURES.get(self.status, f"print it with other options{ANEW}")


class AccountRefused(IppRefused):
    """The printer refuses the job for its user's account: a quota, a closed account (PWG 5100.16)."""

    code, template = (
        "P22",
        "Printer {printer} refuses this job: {said}. Held; have the account put right, then release it",
    )


class UserRefused(IppRefused):
    """The printer does not let this user print, and has asked for no password."""

    code, template = "P23", "Printer {printer} does not let this user print: {said}. Held; allow it there"


@dataclass(eq=False)
class JobPasswordNotTaken(IppsError):
    """The job asks for a PIN that the printer cannot take. The PIN stands in no field."""

    code, template = "P24", "The job has a PIN, and printer {printer} {reason}. Held; see ipps443(8)"
    printer: str
    reason: str


@dataclass(eq=False)
class JobReleaseNotTaken(IppsError):
    """The job is to wait at the printer for someone, in a way that we cannot ask a printer for."""

    code = "P28"
    template = "The job is to wait at printer {printer} ({action}), which cannot be told that. Held; see ipps443(8)"
    printer: str
    action: str


@dataclass(eq=False)
class JobNotPrinted(IppsError):
    """The printer calls the job completed, and says that nothing of it, or not all, came out."""

    code, template = "P25", "Printer {printer} did not print the job: {reason}. Held; look at the printer"
    printer: str
    reason: str


#: printer-is-accepting-jobs (RFC 8011 section 5.4.23) is false.
NOT_ACCEPTING = "printer-is-accepting-jobs is false"


@dataclass(eq=False)
class PrinterBusy(IppsError):
    """The printer says that it cannot take a job now. ``retry_after``: seconds, if it says when it can."""

    code, template = "P03", "Printer {printer} is busy: {reason}. The job waits; if it stays so, switch it off and on"
    closed = "Printer {printer} takes no jobs now ({reason}). The job waits; switch that on, at its panel or web page"
    printer: str
    reason: str
    retry_after: float | None = None

    @property
    def wording(self) -> str:
        """A printer that someone has told to take no jobs is not busy, and waiting alone does not help."""
        return self.closed if self.reason == NOT_ACCEPTING else self.template


#: Words of a printer that could read a document of this kind, but not this one (RFC 8011, PWG 5100.7).
NOT_READ = ("document-format-error", "document-unprintable", "document-access-error", "document-fetch-error")
NOT_OPENED = ("document-password", "document-permission", "document-security")


@dataclass(eq=False)
class DocumentRefused(IppsError):
    """The printer does not take this kind of document (``of_kind``: whatever it is called), or cannot read this one.

    ``may_be_on_paper``: it says so of a job that it had accepted.
    """

    code = "P04"
    template = "Printer {printer} takes no {document_format}: {reason}. Cancelled; choose a different description"
    not_read = "Printer {printer} cannot read the document: {reason}. Cancelled; save it anew, and print that"
    not_opened = "Printer {printer} may not open the document: {reason}. Cancelled; save it without protection"
    printer: str
    document_format: str
    reason: str
    of_kind: bool = False
    may_be_on_paper: bool = False

    @property
    def wording(self) -> str:
        """A different description helps against one of three."""
        if any(word in self.reason for word in NOT_OPENED):
            return self.not_opened
        return self.not_read if any(word in self.reason for word in NOT_READ) else self.template


@dataclass(eq=False)
class ListedFormatRefused(IppsError):
    """The printer refuses what it lists and what the queue's description makes. ``command`` gives it another one."""

    code, template = (
        "P26",
        "Printer {printer} refuses {kind}, which it lists. Held; release it after: {command}",
    )
    printer: str
    kind: str
    command: str


@dataclass(eq=False)
class PassedFormatRefused(IppsError):
    """The printer refuses a JPEG as it is; run again, the job has pages made of it."""

    code, template = "P29", "Printer {printer} refuses {kind}. Nothing to do: the picture is made anew, as pages"
    printer: str
    kind: str


@dataclass(eq=False)
class DocumentTooLarge(IppsError):
    """The printer refuses the job because of its size, also with its length announced."""

    code = "P05"
    template = "Printer {printer} refuses the job as too large ({size} bytes). Cancelled; print fewer pages at a time"
    printer: str
    size: int


@dataclass(eq=False)
class AuthenticationRequired(IppsError):
    """The printer wants a user name and password, or another one. ``in_uri``: those of the device URI are refused."""

    code = "P06"
    template = (
        "Printer {printer} wants a user name and password. Release the job in the web interface, which asks for them"
    )
    refused = (
        "Printer {printer} refuses the user name or password. Release the job in the web interface, which asks for them"
    )
    refused_in_uri = (
        "Printer {printer} refuses the user name and password of the device URI. Correct them with lpadmin -v"
    )
    printer: str
    tried: int
    methods: str = ""
    in_uri: bool = False

    @property
    def wording(self) -> str:
        """Where they come from decides where they are corrected."""
        return self.refused_in_uri if self.in_uri else self.refused if self.tried else self.template


@dataclass(eq=False)
class JobCancelledAtPrinter(IppsError):
    """The job was accepted and then cancelled at the printer."""

    code, template = "P07", "The job was cancelled at printer {printer}"
    printer: str


@dataclass(eq=False)
class JobAbortedAtPrinter(IppsError):
    """The printer accepted the job and gave it up."""

    code, template = (
        "P08",
        "Printer {printer} gave the job up: {reason}. Held; look at it, then release or cancel the job",
    )
    printer: str
    reason: str


@dataclass(eq=False)
class JobInDoubt(IppsError):
    """Document bytes went out, no answer came, and nothing can clear up whether the job printed."""

    code = "P09"
    template = "Printer {printer} may have printed the job: {reason}. Held; look, then release or cancel it"
    printer: str
    reason: str


@dataclass(eq=False)
class JobLostRepeatedly(IppsError):
    """Whenever the document is sent, the connection breaks; what the printer had of it was cancelled unprinted."""

    code = "P13"
    template = "Printer {printer} lost the job {times} times unprinted: {reason}. Held; look there, then release"
    printer: str
    times: int
    reason: str


@dataclass(eq=False)
class PartlyPrinted(IppsError):
    """Some of the job's documents or copies are printed, and then it failed: another run would print them again.

    Attributes:
        done: how many of them are printed.
    """

    code, template = "P14", "Of this job {printed}, then it went wrong: {reason}. Held; releasing it prints the rest"
    printer: str
    done: int
    reason: str

    @property
    def printed(self) -> str:
        """How much is printed."""
        return f"{self.done} {'document or copy is' if self.done == 1 else 'documents or copies are'} printed"


@dataclass(eq=False)
class CopyNeeded(IppsError):
    """The printer refused the document for a reason that sending it again would fix, and no copy was kept."""

    code = "P12"
    template = "Printer {printer} printed nothing: {reason}; no copy was kept. Held; release it to print it"
    printer: str
    reason: str


@dataclass(eq=False)
class MalformedMessage(IppsError):
    """Bytes from the printer that are no IPP message, or a message of ours that cannot be encoded."""

    code, template = "P10", "Not an IPP message: {reason} at offset {offset}. Check the path in the device URI"
    reason: str
    offset: int = 0


@dataclass(eq=False)
class MalformedResponse(IppsError):
    """The printer's answer is not HTTP, or not IPP inside HTTP."""

    code, template = "P11", "Printer {printer} sends an answer that is not understood: {reason}. Check port and path"
    printer: str
    reason: str
    beginning: bytes = field(default=b"", repr=False)


# --- D: document ------------------------------------------------------------------------------------------


@dataclass(eq=False)
class DocumentIncomplete(IppsError):
    """The input ended before the document did: a filter died."""

    code = "D01"
    template = (
        "The job's data ends too early: {reason}. It is not printed, or in part. Look for the filter's message above"
    )
    reason: str


@dataclass(eq=False)
class DocumentInterrupted(IppsError):
    """The run for an earlier document of the job was killed, and cupsd has gone on to the next one."""

    code = "D05"
    template = (
        "Document {document} of this job was interrupted and may not be complete. Held; lp -i JOB -H resume goes on"
    )
    document: int


@dataclass(eq=False)
class PrintedUnclear(IppsError):
    """An earlier run has printed some documents of the job on a queue of a different kind, see ``job.documents``."""

    code = "D07"
    template = (
        "Part of the job may have been printed before its queue changed. Held; look at the printer;"
        " lp -i JOB -H resume prints all of it"
    )


@dataclass(eq=False)
class DocumentUnreadable(IppsError):
    """A file named in the arguments cannot be read."""

    code, template = "D02", "The job's file {path} cannot be read: {reason}. Look at its permissions, then print again"
    path: str
    reason: str


@dataclass(eq=False)
class DocumentUnknown(IppsError):
    """The file is of a type that CUPS does not know, and nothing that a printer would understand."""

    code = "D04"
    template = (
        "The file is of no type that can be printed here. Cancelled; print it from its program or as PDF;"
        " data for the printer: lp -o raw"
    )


@dataclass(eq=False)
class NoRoomForCopy(IppsError):
    """The folder for temporary files is full or cannot be written."""

    code, template = "D03", "No room for the job's copy in {folder}: {reason}. Make room there"
    folder: str
    reason: str
