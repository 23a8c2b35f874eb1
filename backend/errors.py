"""What can go wrong, by name. Each class is one thing an administrator can act on.

Rules of this module:

- errors carry values, and their text says on one line what happened and what to do;
- each class has a stable ``code``, which docs/errors.md explains and which never changes its meaning;
- which CUPS exit code an error leads to is decided in ``exit_status`` and nowhere else.

Letters of the codes: C configuration, T trust and TLS, N network, P printer, D document.
"""

from __future__ import annotations

from filters.dataclass import dataclass, field


class IppsError(Exception):
    """Root of all errors of this package."""

    code = "I00"

    @property
    def text(self) -> str:
        """What happened and what to do, on one line, without the code."""
        return super().__str__()

    def __str__(self) -> str:
        return f"{self.text} [{self.code}]"


# --- C: configuration -------------------------------------------------------------------------------------


@dataclass(eq=False)
class BadDeviceURI(IppsError):
    """The device URI cannot be understood. ``uri`` never contains the password."""

    code = "C01"
    uri: str
    reason: str
    nearest: str | None = None

    @property
    def text(self) -> str:
        hint = f' Did you mean "{self.nearest}"?' if self.nearest else ""
        return f"Device URI {self.uri}: {self.reason}.{hint} Correct it with lpadmin -v."


@dataclass(eq=False)
class OptionNotSupported(IppsError):
    """The option or the value is right, but this version cannot do it yet."""

    code = "C02"
    option: str

    @property
    def text(self) -> str:
        return f"Device URI option {self.option} is not supported yet; remove it with lpadmin -v."


@dataclass(eq=False)
class UsageError(IppsError):
    """Wrong number or form of arguments."""

    code = "C03"
    reason: str

    @property
    def text(self) -> str:
        return f"{self.reason}. Usage: ipps443 job-id user title copies options [file ...]"


@dataclass(eq=False)
class InstallationBroken(IppsError):
    """A package or file that belongs to the installation is missing or damaged."""

    code = "C04"
    reason: str

    @property
    def text(self) -> str:
        return f"The installation of ipps443 is damaged ({self.reason}); run install.sh again."


# --- T: trust and TLS -------------------------------------------------------------------------------------


class TrustError(IppsError):
    """The printer's key was not proven to be the expected one. Nothing was sent to it."""

    #: The word that goes into printer-state-reasons and stays there until a trusted connection.
    state_word = "cups-certificate-error"


@dataclass(eq=False)
class PrinterUnknown(TrustError):
    """No pin is on file for this host and port."""

    code = "T01"
    state_word = "cups-pki-unknown"
    printer: str
    presented: str
    validity: str
    command: str

    @property
    def text(self) -> str:
        return (
            f"No pin for printer {self.printer}. It presents {self.presented}, {self.validity}."
            f" Nothing was sent. If the printer shows the same fingerprint, run: {self.command}"
        )


@dataclass(eq=False)
class CertificateChanged(TrustError):
    """Pins are on file for this host and port, and none of them fits."""

    code = "T02"
    state_word = "cups-pki-changed"
    printer: str
    presented: str
    expected: str
    validity: str
    command: str

    @property
    def text(self) -> str:
        return (
            f"Printer {self.printer} presents another certificate: {self.presented}, {self.validity};"
            f" expected {self.expected}. Nothing was sent. If the change is yours, run: {self.command}"
        )


@dataclass(eq=False)
class CertificateExpired(TrustError):
    """The pin fits, the dates do not, and the queue asked for expired=refuse."""

    code = "T03"
    state_word = "cups-pki-expired"
    printer: str
    presented: str
    validity: str
    command: str

    @property
    def text(self) -> str:
        return (
            f"The certificate of printer {self.printer} is out of its dates ({self.validity}); it presents"
            f" {self.presented}. Nothing was sent. Renew it at the printer, then run: {self.command}"
        )


@dataclass(eq=False)
class CertificateRefused(TrustError):
    """The certificate cannot be read, its key is too weak, or a CA did not vouch for it."""

    code = "T04"
    printer: str
    presented: str
    reason: str
    command: str = ""

    @property
    def text(self) -> str:
        what_to_do = f" {self.command}" if self.command else ""
        return (
            f"The certificate of printer {self.printer} was refused: {self.reason}."
            f" It presents {self.presented}. Nothing was sent.{what_to_do}"
        )


@dataclass(eq=False)
class PinFileUnreadable(TrustError):
    """The pin file is missing, unreadable, writable by others, or has a line that cannot be understood."""

    code = "T05"
    path: str
    reason: str
    line: int | None = None

    @property
    def text(self) -> str:
        place = f"{self.path}, line {self.line}" if self.line else self.path
        return f"Pin file {place}: {self.reason}. Nothing was sent. Mend it, or see: ipps443ctl list"


@dataclass(eq=False)
class TlsRefused(TrustError):
    """The handshake ended by an alert, or without a version or cipher suite in common."""

    code = "T06"
    printer: str
    reason: str
    offered: str

    @property
    def text(self) -> str:
        return (
            f"Printer {self.printer} and this queue cannot agree on TLS: {self.reason}; offered: {self.offered}."
            " Nothing was sent. See the tls option in ipps443(8)"
        )


@dataclass(eq=False)
class NotVerified(TrustError):
    """OpenSSL ended the handshake because no expected CA vouches for the certificate. ``verify_code`` is OpenSSL's."""

    code = "T10"
    printer: str
    verify_code: int
    reason: str

    @property
    def text(self) -> str:
        return (
            f"The certificate of printer {self.printer} was refused in the handshake: {self.reason}."
            f" Nothing was sent. Run: ipps443ctl verify {self.printer}"
        )


@dataclass(eq=False)
class UpgradeRefused(TrustError):
    """tls=upgrade: the printer does not change to TLS on this port (RFC 2817)."""

    code = "T09"
    printer: str
    reason: str

    @property
    def text(self) -> str:
        return (
            f"Printer {self.printer} does not change to TLS on this port ({self.reason}). Nothing of the job was sent."
            " Try without tls=upgrade on port 443, or turn on TLS at the printer"
        )


@dataclass(eq=False)
class NotTls(TrustError):
    """Something answered on the port, but not TLS."""

    code = "T07"
    printer: str
    seen: str

    @property
    def text(self) -> str:
        return (
            f"Printer {self.printer} does not speak TLS on this port (it says {self.seen!r})."
            " Nothing was sent. Turn on HTTPS or IPPS at the printer, or correct the port"
        )


@dataclass(eq=False)
class PinFileNotWritten(IppsError):
    """The pin file, or a certificate beside it, could not be changed and is as it was before."""

    code = "T08"
    path: str
    reason: str

    @property
    def text(self) -> str:
        return f"{self.path} was not changed: {self.reason}"


# --- N: network -------------------------------------------------------------------------------------------


@dataclass(eq=False)
class PrinterUnreachable(IppsError):
    """No connection: no address, refused, no answer, or the handshake timed out or was reset."""

    code = "N01"
    printer: str
    reason: str

    @property
    def text(self) -> str:
        return f"Printer {self.printer} cannot be reached: {self.reason}. Check power, cable and address"


@dataclass(eq=False)
class ConnectionLost(IppsError):
    """The connection broke, closed or fell silent in ``phase``."""

    code = "N02"
    printer: str
    phase: str
    reason: str

    @property
    def text(self) -> str:
        return f"The connection to printer {self.printer} was lost while {self.phase}: {self.reason}"


@dataclass(eq=False)
class GaveUpWaiting(IppsError):
    """The printer stayed out of reach or busy for as long as this queue waits."""

    code = "N03"
    waited: int
    last: str

    @property
    def text(self) -> str:
        return f"Gave up after {self.waited} seconds: {self.last}"


# --- P: printer -------------------------------------------------------------------------------------------


@dataclass(eq=False)
class HttpRefused(IppsError):
    """The printer's HTTP server answered a request with a status that is not 200."""

    code = "P01"
    printer: str
    path: str
    status: int
    reason: str = ""
    location: str = ""

    @property
    def text(self) -> str:
        more = f", points to {self.location}" if self.location else ""
        reason = f" {self.reason}" if self.reason else ""
        return (
            f"Printer {self.printer} answers HTTP {self.status}{reason} for path {self.path}{more}."
            " Correct the path in the device URI"
        )


@dataclass(eq=False)
class IppRefused(IppsError):
    """The printer answered an operation with an IPP error."""

    code = "P02"
    printer: str
    operation: str
    status: int
    keyword: str
    message: str = ""

    @property
    def text(self) -> str:
        message = f" ({self.message})" if self.message else ""
        return f"Printer {self.printer} refuses {self.operation}: {self.keyword}{message}"


@dataclass(eq=False)
class PrinterBusy(IppsError):
    """The printer says that it cannot take a job now."""

    code = "P03"
    printer: str
    reason: str

    @property
    def text(self) -> str:
        return f"Printer {self.printer} is busy: {self.reason}"


@dataclass(eq=False)
class DocumentRefused(IppsError):
    """The printer does not take this kind of document."""

    code = "P04"
    printer: str
    document_format: str
    reason: str

    @property
    def text(self) -> str:
        return (
            f"Printer {self.printer} does not take documents of type {self.document_format}: {self.reason}."
            " The job is cancelled; choose another printer description"
        )


@dataclass(eq=False)
class DocumentTooLarge(IppsError):
    """The printer refuses the job because of its size, also with its length announced."""

    code = "P05"
    printer: str
    size: int

    @property
    def text(self) -> str:
        return f"Printer {self.printer} refuses the job as too large ({self.size} bytes). The job is cancelled"


@dataclass(eq=False)
class AuthenticationRequired(IppsError):
    """The printer wants a user name and password, or another one."""

    code = "P06"
    printer: str
    tried: int
    methods: str = ""

    @property
    def text(self) -> str:
        what = "refuses the user name or password" if self.tried else "asks for a user name and password"
        return (
            f"Printer {self.printer} {what}. Release the job in the web interface, which asks for them,"
            " or print it again with lp -o auth-info=USER,PASSWORD"
        )


@dataclass(eq=False)
class JobCancelledAtPrinter(IppsError):
    """The job was accepted and then cancelled at the printer."""

    code = "P07"
    printer: str

    @property
    def text(self) -> str:
        return f"The job was cancelled at printer {self.printer}"


@dataclass(eq=False)
class JobAbortedAtPrinter(IppsError):
    """The printer accepted the job and gave it up."""

    code = "P08"
    printer: str
    reason: str

    @property
    def text(self) -> str:
        return f"Printer {self.printer} gave the job up: {self.reason}. Nothing more was sent; print it again if needed"


@dataclass(eq=False)
class JobInDoubt(IppsError):
    """Document bytes went out, no answer came, and nothing can clear up whether the job printed."""

    code = "P09"
    printer: str
    reason: str

    @property
    def text(self) -> str:
        return (
            f"It is not known whether printer {self.printer} printed the job: {self.reason}. The job is held."
            " Look at the printer; then release the job with lp -i JOB -H resume, or cancel it"
        )


@dataclass(eq=False)
class JobLostRepeatedly(IppsError):
    """Whenever the document is sent, the connection breaks; what the printer had of it was cancelled unprinted."""

    code = "P13"
    printer: str
    times: int
    reason: str

    @property
    def text(self) -> str:
        return (
            f"Printer {self.printer} lost the job {self.times} times, nothing was printed: {self.reason}."
            " The job is held; look at printer and network, then release it with lp -i JOB -H resume"
        )


@dataclass(eq=False)
class PartlyPrinted(IppsError):
    """Some of the job's documents or copies are printed, and then it failed: another run would print them again.

    Attributes:
        done: how many of them are printed.
    """

    code = "P14"
    printer: str
    done: int
    reason: str

    @property
    def text(self) -> str:
        return (
            f"Of this job {self.done} {'document or copy is' if self.done == 1 else 'documents or copies are'} printed,"
            f" and then it went wrong: {self.reason}. The job is held; lp -i JOB -H resume prints all of it again"
        )


@dataclass(eq=False)
class CopyNeeded(IppsError):
    """The printer refused the document for a reason that sending it again would mend, and no copy was kept."""

    code = "P12"
    printer: str
    reason: str

    @property
    def text(self) -> str:
        return (
            f"Printer {self.printer} has not printed the job ({self.reason}), and no copy was kept to send it again."
            " The job is held; release it with lp -i JOB -H resume"
        )


@dataclass(eq=False)
class MalformedMessage(IppsError):
    """Bytes from the printer that are no IPP message, or a message of ours that cannot be encoded."""

    code = "P10"
    reason: str
    offset: int = 0

    @property
    def text(self) -> str:
        return f"Not an IPP message: {self.reason} at offset {self.offset}"


@dataclass(eq=False)
class MalformedResponse(IppsError):
    """The printer's answer is not HTTP, or not IPP inside HTTP."""

    code = "P11"
    printer: str
    reason: str
    beginning: bytes = field(default=b"", repr=False)

    @property
    def text(self) -> str:
        return f"Printer {self.printer} sends an answer that is not understood: {self.reason}"


# --- D: document ------------------------------------------------------------------------------------------


@dataclass(eq=False)
class DocumentIncomplete(IppsError):
    """The input ended before the document did: a filter died."""

    code = "D01"
    reason: str

    @property
    def text(self) -> str:
        return f"The job's data ends too early ({self.reason}). It was not printed; look for the filter's message above"


@dataclass(eq=False)
class DocumentUnreadable(IppsError):
    """A file named in the arguments cannot be read."""

    code = "D02"
    path: str
    reason: str

    @property
    def text(self) -> str:
        return f"The job's file {self.path} cannot be read: {self.reason}"


@dataclass(eq=False)
class NoRoomForCopy(IppsError):
    """The folder for temporary files is full or cannot be written."""

    code = "D03"
    folder: str
    reason: str

    @property
    def text(self) -> str:
        return f"No room for the job's copy in {self.folder}: {self.reason}. Make room there"
