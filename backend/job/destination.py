"""The printer of a job: reached, trusted and asked what it takes, for as long as that takes."""

from __future__ import annotations

import time
from collections.abc import Callable

from backend import __version__
from backend.cupsd.printer_state import texts
from backend.cupsd.queue_display import CONNECTING, QueueDisplay
from backend.cupsd.retry import LEAST_SECONDS, RUN_SECONDS, RetryPolicy
from backend.cupsd.stop_signal import StopSignal
from backend.device_uri import DeviceURI
from backend.errors import NOT_ACCEPTING, ConnectionLost, MalformedResponse, PrinterBusy, PrinterUnreachable
from backend.job.cups_job import CupsJob
from backend.job.journal import Journal
from backend.printer import learned
from backend.printer.capabilities import Capabilities, ask_capabilities, parse_version
from backend.printer.credentials import Credentials
from backend.printer.printer import VERSIONS, Printer
from backend.transport.pin_check import PinCheck
from filters.common.dataclass import replace
from filters.common.report import Report

TYPE_CHECKING = False
if TYPE_CHECKING:
    from backend.cupsd.side_channel import SideChannel
    from backend.trust.judgement import Judgement

#: Answers that are no IPP before it is believed that no printer is there.
MOST_NOT_UNDERSTOOD = 4


class Destination:
    """The printer that the device URI names, and what is known of it."""

    def __init__(
        self,
        cups_job: CupsJob,
        uri: DeviceURI,
        printer: Printer,
        retry_policy: RetryPolicy,
        display: QueueDisplay,
        report: Report,
        side_channel: SideChannel | None,
    ) -> None:
        self.uri = uri
        self.printer = printer
        self.retry_policy = retry_policy
        self._cache = cups_job.cache
        self._display = display
        self._report = report
        self._side_channel = side_channel

    @property
    def keeps_copy(self) -> bool:
        """True if documents are kept until the printer has them, so that they can be sent again."""
        return self.uri.spool != "no" or self.uri.transfer == "sized"

    def learn(self, *, size_known: bool, more: tuple[str, ...] = ()) -> Capabilities:
        """Reach the printer and ask what it takes, for as long as that takes.

        Args:
            size_known: the document has a length, so that nobody needs to know whether the printer takes chunks.
            more: attributes that are to be asked for along with the rest, as of ``ask_capabilities``.

        Raises:
            IppsError: it will not tell, or this run has waited long enough.
        """
        printer = self.printer
        self._display.show_word(CONNECTING)
        known = learned.recall(self._cache, self.uri.host, self.uri.port, time.time())
        version = parse_version(known.version if self.uri.version == "auto" else self.uri.version)
        printer.target = replace(printer.target, version=version or VERSIONS[0])
        printer.connections.has_spoken |= known.learned > 0
        self._report.debug(f"ipps443 {__version__} to {self.uri.printer_uri}, {_in_words(known)}")
        capabilities = self._ask_patiently(known, self.uri.transfer == "auto" and not size_known, more)
        self.retry_policy.succeeded()
        self._display.take_back(CONNECTING)
        self._show(capabilities)
        if replace(capabilities.facts, learned=known.learned) != known:
            self.remember(capabilities.facts)
        return capabilities

    def _ask_patiently(self, known: learned.Facts, may_probe: bool, more: tuple[str, ...]) -> Capabilities:
        """Ask until the printer can be reached, is not busy, and takes jobs (unless waitprinter=false)."""
        not_understood = 0
        while True:
            try:
                capabilities = ask_capabilities(self.printer, known, self._report, may_probe=may_probe, more=more)
                if self.uri.waitprinter and not capabilities.accepts_jobs:
                    raise PrinterBusy(self.printer.name, NOT_ACCEPTING)
                return capabilities
            except MalformedResponse as error:
                # A printer that is starting up says strange things; something else on its address does so for ever.
                not_understood += 1
                if not_understood >= MOST_NOT_UNDERSTOOD:
                    raise
                self.printer.disconnect()
                self.retry_policy.wait(error)
            except (PrinterUnreachable, PrinterBusy, ConnectionLost) as error:
                self.printer.disconnect()
                self.retry_policy.wait(error)

    def _show(self, capabilities: Capabilities) -> None:
        """Tell cupsd, filters that ask, and whoever reads the log, what the printer says of itself."""
        attributes, facts = capabilities.attributes, capabilities.facts
        model = " ".join(texts(attributes, "printer-make-and-model")) or "of no known model"
        how = "Create-Job and Send-Document" if capabilities.creates_jobs else "Print-Job"
        self._report.debug(f"{self.printer.name} is {model}, {_in_words(facts)}, prints by {how}")
        if self._side_channel is not None:
            self._side_channel.connected = True
            self._side_channel.device_id = "".join(texts(attributes, "printer-device-id"))
        self._display.show(attributes)

    def remember(self, facts: learned.Facts) -> None:
        """Write down for later jobs what this one has learned about the printer."""
        trouble = learned.remember(self._cache, self.uri.host, self.uri.port, facts, time.time())
        if trouble:
            self._report.debug(f"what was learned about the printer cannot be written to {self._cache}: {trouble}")


def find_destination(
    cups_job: CupsJob,
    uri: DeviceURI,
    journal: Journal,
    *,
    stop: StopSignal,
    display: QueueDisplay,
    report: Report,
    side_channel: SideChannel | None,
    waiting_since: int,
) -> Destination:
    """Return the printer of a device URI, to which nothing has been said yet.

    Args:
        waiting_since: seconds since 1970; since when earlier runs of the job have been waiting, 0 if they have not.

    Raises:
        PinFileUnreadable, BadDeviceURI, InstallationBroken: nobody could be trusted.
    """
    age = max(0.0, time.time() - journal.place.began) if journal.place.began else 0.0
    retry_policy = RetryPolicy(
        stop,
        report,
        in_class="CLASS" in cups_job.environ,
        contimeout=uri.contimeout,
        since=waiting_since,
        run_seconds=max(LEAST_SECONDS, RUN_SECONDS - age),
    )
    pin_check = PinCheck(uri, cups_job.environ, trust_noter(uri.printer_name, journal, display, report))
    pin_check.key_log = report.key_log
    printer = Printer(
        uri,
        user=cups_job.job.user,
        stop=stop,
        report=report,
        pin_check=pin_check,
        credentials=_credentials(cups_job, uri),
    )
    return Destination(cups_job, uri, printer, retry_policy, display, report, side_channel)


def _credentials(cups_job: CupsJob, uri: DeviceURI) -> Credentials:
    """Return name and password of the device URI; those that cupsd has asked for stand in for them, or come after."""
    given_user = cups_job.environ.get("AUTH_USERNAME") or uri.user or ""
    given_password = cups_job.environ.get("AUTH_PASSWORD")
    if uri.password is None:
        return Credentials(given_user, given_password, uri.printer_name, in_uri=False, others=())
    others = ((given_user, given_password),) if given_password is not None else ()
    return Credentials(uri.user, uri.password, uri.printer_name, in_uri=True, others=others)


def trust_noter(name: str, journal: Journal, display: QueueDisplay, report: Report) -> Callable[[Judgement], None]:
    """Return what says what is worth saying about connections that are trusted, once."""
    said: set[str] = set()

    def note(judgement: Judgement) -> None:
        if display.show_trust():
            report.debug(f"{name} is trusted: certificate {judgement.fingerprint}, {judgement.by}")
        for warning in judgement.warnings:
            journal.warn(f"{name}: {warning}")
        renewed = f"{name} has a renewed certificate with its pinned key"
        if judgement.renewed and renewed not in said:
            said.add(renewed)
            report.info(renewed)

    return note


def _in_words(facts: learned.Facts) -> str:
    """Return what is known of a printer, for whoever reads the log."""
    chunks = {True: "takes chunks", False: "wants a length", None: "chunks not known"}[facts.chunks]
    return f"{chunks}, IPP {facts.version or 'not known'}"
