"""One run of the backend for one job: the story. What is left to do when it ends otherwise is in ``unfinished``.

Device URI, pins, connect, judge the certificate before the first byte of a request, ask the printer what it takes,
choose the framing, send; if it refuses for want of a length, send sized; watch.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping

from backend import __version__, learned
from backend.cache_file import cache_folder
from backend.credentials import Credentials
from backend.delivery import Delivered, Delivery, Order
from backend.device_uri import DeviceURI, parse_device_uri
from backend.document import Document
from backend.document_format import UEL, WITHOUT_OPTIONS, choose_formats, cups_type, real_type
from backend.errors import (
    ConnectionLost,
    DocumentIncomplete,
    DocumentUnreadable,
    MalformedResponse,
    PrinterBusy,
    PrinterUnreachable,
)
from backend.interview import Profile, interview, parse_version
from backend.ipp.message import Message
from backend.ipp.operations import clean_name, succeeded
from backend.job_lock import JobLock
from backend.job_record import ACCEPTED, CANCELLED, SENDING, WAITING, JobRecord, JobRecords
from backend.patience import Patience
from backend.printer import VERSIONS, Printer
from backend.printer_state import texts
from backend.proof import Proof
from backend.side_channel import SideChannel, open_side_channel
from backend.stop_signal import StopSignal
from backend.trust.pins import Judgement
from backend.watch import StateShown, watch_job
from filters.dataclass import replace
from filters.job import Job, job_uuid
from filters.report import Report

#: Answers that are no IPP before it is believed that no printer is there.
MOST_NOT_UNDERSTOOD = 4
#: Words about trust that outlive a job and are taken back by the next trusted connection (spec 4).
TRUST_WORDS = ("cups-pki-unknown", "cups-pki-changed", "cups-pki-expired", "cups-certificate-error")
#: How much of a printer description is looked at to know whether it is one of ours.
PPD_BEGINNING = 16384
#: Seconds between two looks whether an earlier run of the job has ended.
EARLIER_RUN_SECONDS = 0.2


class Run:
    """One run of the backend for one job."""

    def __init__(self, job: Job, environ: Mapping[str, str], stop: StopSignal, report: Report) -> None:
        self.job = job
        self.environ = environ
        self.stop = stop
        self.report = report
        self.shown = StateShown(report)
        self.uri: DeviceURI | None = None
        self.printer: Printer | None = None
        self.document: Document | None = None
        self.delivery: Delivery | None = None
        self.records = JobRecords("", None)
        self.lock = JobLock("", None)
        #: What a run of this job that was killed left behind.
        self.earlier: JobRecord | None = None
        self.side_channel: SideChannel | None = None
        #: Which of the job's documents and copies is being printed, from 0.
        self.index = 0
        self.cache = cache_folder(environ)
        self.up_time: int | None = None
        self.accepted_at = 0.0
        self._mark = (job_uuid(job.options) or os.urandom(6).hex()).replace("-", "")[:12]
        self._said: set[str] = set()
        self._words: list[str] = []

    # --- the story

    def print_job(self) -> None:
        """Print all documents of the job."""
        self.uri = parse_device_uri(self.environ.get("DEVICE_URI", ""))
        self.records = JobRecords(self.cache, job_uuid(self.job.options))
        self.lock = JobLock(self.cache, job_uuid(self.job.options))
        self._open_side_channel()
        self._wait_for_earlier_run()
        earlier = self.records.read()
        self.earlier = earlier if earlier and earlier.printer == self.uri.printer_uri else None
        self.patience = Patience(
            self.stop,
            self.report,
            in_class="CLASS" in self.environ,
            contimeout=self.uri.contimeout,
            since=self.earlier.since if self.earlier else 0,
        )
        self.printer = self._make_printer()
        self.stop.before_waiting(self._show_progress)
        if not self.job.files:
            self._print_descriptor(0)
        for path in self.job.files:
            copies = self.job.copies
            while copies > 0:
                copies -= self._print_file(path, copies)

    def _wait_for_earlier_run(self) -> None:
        """Wait for a run of this job whose cupsd was killed and that still sends; it stops where it would sleep."""
        said = False
        while not self.lock.take():
            if not said:
                self.report.info("An earlier run of this job is still at work; waiting for its end")
                said = True
            self.stop.sleep(EARLIER_RUN_SECONDS)

    def _print_file(self, path: str, copies: int) -> int:
        """Print a file, in so many copies if the printer makes them; return how many it has made."""
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise DocumentUnreadable(path, error.strerror or str(error)) from None
        try:
            return self._print_descriptor(descriptor, copies)
        finally:
            os.close(descriptor)

    def _print_descriptor(self, descriptor: int, copies: int = 1) -> int:
        """Print one document, unless an earlier run of this job that was killed has done it; return the copies made."""
        assert self.uri and self.printer
        if self.earlier is not None and self.earlier.index > self.index:
            self.index += 1
            return 1
        keep = self.uri.spool != "no" or self.uri.transfer == "sized"
        folder = self.environ.get("TMPDIR") or "/tmp"
        self.document = Document(descriptor, folder=folder, keep=keep)
        profile = self._learn_about_printer()
        if not self.document.wait_for_beginning(self.stop):
            self.report.warning("The job is empty; nothing was printed")
            self.index += 1
            return 1
        delivered = self._deliver(profile, copies)
        self.accepted_at = time.monotonic()
        self.record(ACCEPTED, delivered.job_id)
        self._watch(delivered)
        self.shown.document_done()
        self.document.discard_rest(self.stop)
        self.document.close()
        self._take_back("cups-waiting-for-job-completed")
        self.delivery = None
        self.index += delivered.copies
        return delivered.copies

    def record(self, phase: str, job_id: int | None, since: int = 0) -> None:
        """Write down for the next run how far this one got."""
        assert self.uri
        copies = self.delivery.copies if self.delivery else 1
        record = JobRecord(self.uri.printer_uri, self.index, phase, job_id, since, self.up_time, copies)
        trouble = self.records.write(record)
        if trouble:
            self.report.debug(f"no record of this job can be written: {trouble}")

    def _learn_about_printer(self) -> Profile:
        """Reach the printer and ask what it takes, for as long as that takes."""
        assert self.printer and self.uri
        self._show("connecting-to-device")
        known = learned.recall(self.cache, self.uri.host, self.uri.port, time.time())
        self._use_version(known)
        self.report.debug(f"ipps443 {__version__} to {self.uri.printer_uri}, {_in_words(known)}")
        profile = self._interview_patiently(known)
        self.patience.succeeded()
        self._take_back("connecting-to-device")
        self.up_time = profile.up_time
        model = " ".join(texts(profile.attributes, "printer-make-and-model")) or "of no known model"
        how = "Create-Job and Send-Document" if profile.creates_jobs else "Print-Job"
        self.report.debug(f"{self.printer.name} is {model}, {_in_words(profile.facts)}, prints by {how}")
        if self.side_channel is not None:
            self.side_channel.connected = True
            self.side_channel.device_id = "".join(texts(profile.attributes, "printer-device-id"))
        self.shown.show(profile.attributes)
        if replace(profile.facts, learned=known.learned) != known:
            self._remember(profile.facts)
        return profile

    def _interview_patiently(self, known: learned.Facts) -> Profile:
        """Ask until the printer can be reached, is not busy, and takes jobs (unless waitprinter=false)."""
        assert self.printer and self.uri
        not_understood = 0
        while True:
            try:
                profile = interview(self.printer, known, self.report, may_probe=self._may_probe)
                if self.uri.waitprinter and not profile.accepts_jobs:
                    raise PrinterBusy(self.printer.name, "it does not accept jobs now")
                return profile
            except MalformedResponse as error:
                # A printer that is starting up says strange things; something else on its address does so for ever.
                not_understood += 1
                if not_understood >= MOST_NOT_UNDERSTOOD:
                    raise
                self.printer.disconnect()
                self.patience.wait(error)
            except (PrinterUnreachable, PrinterBusy, ConnectionLost) as error:
                self.printer.disconnect()
                self.patience.wait(error)

    @property
    def _may_probe(self) -> bool:
        assert self.uri and self.document
        return self.uri.transfer == "auto" and self.document.size is None

    def _use_version(self, known: learned.Facts) -> None:
        assert self.printer and self.uri
        version = parse_version(known.version if self.uri.version == "auto" else self.uri.version)
        self.printer.target = replace(self.printer.target, version=version or VERSIONS[0])

    def _remember(self, facts: learned.Facts) -> None:
        assert self.uri
        trouble = learned.remember(self.cache, self.uri.host, self.uri.port, facts, time.time())
        if trouble:
            self.report.debug(f"what was learned about the printer cannot be written to {self.cache}: {trouble}")

    def _deliver(self, profile: Profile, copies: int) -> Delivered:
        assert self.printer and self.document
        kind = cups_type(self.environ.get("FINAL_CONTENT_TYPE", ""), self.environ.get("CONTENT_TYPE", ""))
        self.delivery = Delivery(
            self.printer,
            profile,
            self._order(kind, profile, copies),
            self.document,
            stop=self.stop,
            report=self.report,
            patience=self.patience,
            check_complete=self._check_complete,
            record=self.record,
            show_state=self.shown.show,
        )
        self.report.info("Sending the job")
        earlier = self.earlier
        if earlier is not None and earlier.index == self.index and earlier.phase != WAITING:
            delivered = self.delivery.take_up(earlier)
        else:
            delivered = self.delivery.run()
        self.report.debug(
            f"{self.printer.name} has the job: job-id {delivered.job_id}, {delivered.bytes_sent} bytes,"
            f" {delivered.framing.value}"
        )
        self._show("cups-waiting-for-job-completed")
        facts = profile.facts
        if self.delivery.send_document_fails:
            facts = replace(facts, send_document=False)
        if self.delivery.chunks_refused:
            facts = replace(facts, chunks=False)
        if facts != profile.facts:
            self._remember(facts)
        return delivered

    def _order(self, kind: str, profile: Profile, copies: int) -> Order:
        """Return what is asked of the printer, with the job's options for a document that does not carry them."""
        assert self.printer and self.document
        formats = choose_formats(kind, self.document.head, profile.formats)
        size = "still being made" if self.document.size is None else f"{self.document.size} bytes"
        self.report.debug(f"the document is {kind or 'of no known type'}, {size}; sent as {formats[0] or 'no type'}")
        real = real_type(kind, self.document.head)
        if not real.lower().startswith(WITHOUT_OPTIONS):
            return Order(self.job_name, formats)
        from backend.job_attributes import SUPPORTED_ATTRIBUTES, choose_job_attributes
        from filters.streams import read_description

        # cupsd names a description for raw queues as well, which have none.
        description = read_description(self.job.ppd if os.path.exists(self.job.ppd) else "", self.report)
        supported = self._ask_about(SUPPORTED_ATTRIBUTES)
        is_file = bool(self.job.files)
        chosen = choose_job_attributes(self.job.options, description, supported, is_file=is_file, copies=copies)
        if chosen.refused:
            told = f"{self.printer.name} does not take {', '.join(chosen.refused)}; printed without"
            self._say_once(self.report.warning, told)
        return Order(self.job_name, formats, chosen.attributes, chosen.copies)

    def _ask_about(self, attributes: tuple[str, ...]) -> Message | None:
        """Ask the printer for some of its attributes; None if it has no answer to that."""
        assert self.printer
        try:
            message = self.printer.get_attributes(attributes).message
        except (ConnectionLost, MalformedResponse, PrinterUnreachable) as error:
            self.report.debug(f"no word about {attributes[0]} and others: {error.text}")
            self.printer.disconnect()
            return None
        return message if message and succeeded(message.code) else None

    def _watch(self, delivered: Delivered) -> None:
        assert self.printer and self.uri
        if delivered.job_id is not None and self.uri.waitjob:
            self.report.info("Waiting for the printer to finish the job")
            watch_job(self.printer, delivered.job_id, self.report, self.stop, self.shown, self.up_time)

    # --- parts of it

    @property
    def job_name(self) -> str:
        """The job's name at the printer; it ends in a mark by which the job is found again (spec 5.6)."""
        number = f" ({self.index + 1})" if self.index else ""
        return clean_name(self.job.title, ending=f"{number} {self._mark}").strip()

    def _open_side_channel(self) -> None:
        self.side_channel = open_side_channel(lambda: self.document is None or self.document.drain())
        if self.side_channel is not None:
            self.stop.attend(self.side_channel.descriptor, self.side_channel.serve)
            self.stop.before_waiting(self.side_channel.answer_drain)

    def _make_printer(self) -> Printer:
        assert self.uri
        user, password = self.uri.user, self.uri.password
        if password is None:
            user = self.environ.get("AUTH_USERNAME") or user
            password = self.environ.get("AUTH_PASSWORD")
        return Printer(
            self.uri,
            user=self.job.user,
            stop=self.stop,
            report=self.report,
            proof=Proof(self.uri, self.environ, self._note_judgement),
            credentials=Credentials(user, password, self.uri.printer_name),
        )

    def _note_judgement(self, judgement: Judgement) -> None:
        """Say what is worth saying about a connection that is trusted, once."""
        assert self.uri
        if not self._said:
            self.report.state(*(f"-{word}" for word in TRUST_WORDS))
            self._said.add("trusted")
            self.report.debug(
                f"{self.uri.printer_name} is trusted: certificate {judgement.fingerprint}, {judgement.by}"
            )
        for warning in judgement.warnings:
            self._say_once(self.report.warning, f"{self.uri.printer_name}: {warning}")
        if judgement.renewed:
            self._say_once(self.report.info, f"{self.uri.printer_name} has a renewed certificate with its pinned key")

    def _say_once(self, say: Callable[[str], None], text: str) -> None:
        if text not in self._said:
            self._said.add(text)
            say(text)

    def _check_complete(self, document: Document) -> None:
        """Raise DocumentIncomplete when PCL from our own filters has no end: a filter died (spec 5.7)."""
        if self.job.files or not document.head.startswith(UEL) or document.tail.endswith(UEL):
            return
        if self._is_own_description():
            raise DocumentIncomplete("it has a PJL beginning and no end")

    def _is_own_description(self) -> bool:
        try:
            with open(self.job.ppd, "rb") as file:
                return b"ipps443" in file.read(PPD_BEGINNING)
        except OSError:
            return False

    # --- what the queue shows

    def _show_progress(self) -> None:
        if self.printer is not None and self.document is not None:
            self.shown.show_sent(self.printer.document_bytes, self.document.size)

    def _show(self, word: str) -> None:
        self._words.append(word)
        self.report.state(f"+{word}")

    def _take_back(self, word: str) -> None:
        if word in self._words:
            self._words.remove(word)
            self.report.state(f"-{word}")

    def leave(self) -> None:
        """Take back all words of this run."""
        for word in list(self._words):
            self._take_back(word)
        self.shown.clear()

    # --- for ends that are not the good one
    @property
    def may_be_on_paper(self) -> bool:
        """True if something of the job may have been printed: by this run, or by one before it."""
        earlier = self.earlier is not None and self.earlier.phase in (SENDING, ACCEPTED, CANCELLED)
        return self.index > 0 or earlier or (self.delivery is not None and self.delivery.at_risk)


def _in_words(facts: learned.Facts) -> str:
    """Return what is known of a printer, for whoever reads the log."""
    chunks = {True: "takes chunks", False: "wants a length", None: "chunks not known"}[facts.chunks]
    return f"{chunks}, IPP {facts.version or 'not known'}"
