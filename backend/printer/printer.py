"""What we say to a printer: ask, print, watch, cancel. IPP operations over judged TLS connections.

Rules of this module:

- every connection is judged before its first byte of HTTP (``Connections``);
- requests without a document carry their length, but for the one question that finds out about chunks;
- a kept connection is distrusted: a request that fails on one before any byte of the answer is asked once more on a
  new one, unless it carries a document (Q-29, Q-30).
"""

from __future__ import annotations

import os
from collections.abc import Collection

from backend.cupsd.printer_state import number, texts
from backend.cupsd.stop_signal import StopSignal
from backend.device_uri import DeviceURI
from backend.document.sources import Source
from backend.errors import (
    ConnectionLost,
    HttpRefused,
    IppRefused,
    MalformedMessage,
    MalformedResponse,
)
from backend.http import FRAMING_REFUSALS
from backend.ipp import operations
from backend.ipp.codes import JobState, keyword, operation_name, succeeded
from backend.ipp.decoder import decode_message
from backend.ipp.encoder import encode_message
from backend.ipp.message import Message
from backend.ipp.operations import Target
from backend.ipp.tags import Tag
from backend.printer.connections import Connections
from backend.printer.credentials import Credentials
from backend.printer.job_status import JOB_ATTRIBUTES, JOB_IS_GONE, Found, describe_job
from backend.transport.pin_check import PinCheck
from filters.common.dataclass import dataclass, replace
from filters.common.report import Report

TYPE_CHECKING = False  # see _import_session
if TYPE_CHECKING:
    from backend.http.exchange import Response
    from backend.transport.session import Request, Session, Stalled

#: What is asked of a printer before a job: only what is used, because all of it takes some printers 10 s (Q-42).
PRINTER_ATTRIBUTES = (
    "copies-supported",
    "document-format-supported",
    "ipp-versions-supported",
    "marker-colors",
    "marker-high-levels",
    "marker-levels",
    "marker-low-levels",
    "marker-message",
    "marker-names",
    "marker-types",
    "operations-supported",
    "printer-device-id",
    "printer-firmware-string-version",
    "printer-is-accepting-jobs",
    "printer-make-and-model",
    "printer-state",
    "printer-state-message",
    "printer-state-reasons",
    "printer-up-time",
    "queued-job-count",
)
#: What is asked while a job waits or prints.
STATE_ATTRIBUTES = (
    "marker-colors",
    "marker-levels",
    "marker-names",
    "marker-types",
    "printer-state",
    "printer-state-message",
    "printer-state-reasons",
)
#: IPP versions from the one to try first to the last resort (Q-80 ... Q-82).
VERSIONS = ((2, 0), (1, 1), (1, 0))
#: How many jobs are looked through for one of ours.
MOST_JOBS = 500


@dataclass(frozen=True)
class Reply:
    """An IPP answer and the HTTP response it came in. ``message`` is None when the body is no IPP message."""

    response: Response
    message: Message | None

    @property
    def status(self) -> int | None:
        """The IPP status, None without a message."""
        return self.message.code if self.message else None

    @property
    def job_id(self) -> int | None:
        """The job that the answer is about, None if it names none."""
        return number(self.message, "job-id", Tag.JOB_ATTRIBUTES) if self.message else None

    @property
    def unsupported(self) -> frozenset[str]:
        """Names of the attributes that the printer does not support (RFC 8011 section 4.1.7)."""
        groups = self.message.groups_of(Tag.UNSUPPORTED_ATTRIBUTES) if self.message else []
        return frozenset(each.name for group in groups for each in group.attributes)

    @property
    def retry_after(self) -> float | None:
        """Seconds for which the printer wants to be left alone, None if it does not say."""
        from backend.http.retry_after import retry_after

        return retry_after(self.response)


class Printer:
    """The printer at a device URI."""

    def __init__(
        self,
        uri: DeviceURI,
        *,
        user: str,
        stop: StopSignal,
        report: Report,
        pin_check: PinCheck,
        credentials: Credentials,
        version: tuple[int, int] = VERSIONS[0],
    ) -> None:
        """
        Args:
            user: the requesting-user-name.
            pin_check: opens the connections, and lets none pass that is not to the expected printer.
        """
        self.uri = uri
        self.name = uri.printer_name
        self.target = Target(uri.printer_uri, user, version)
        self._stop = stop
        self._report = report
        self.connections = Connections(self.name, pin_check, uri.timeouts, stop, report)
        self._request_id = int.from_bytes(os.urandom(3), "big") + 1  # random and positive
        self.credentials = credentials
        #: It is known to take requests in chunks, and that it takes no others (Q-03).
        self.takes_chunks = False
        self._wants_chunks = False

    # --- connections

    def session(self) -> Session:
        """Return the session that is open, or a new one: see ``Connections``."""
        return self.connections.session()

    def disconnect(self) -> None:
        """End the session that is open."""
        self.connections.disconnect()

    def beside(self, seconds: float) -> Printer:
        """Return a second view of the same printer, for one inquiry while this one's connection is busy."""
        timeouts = replace(self.uri.timeouts, connect=seconds, handshake=seconds, write=seconds, reply=seconds)
        timeouts = replace(timeouts, read=seconds)
        beside = Printer(
            replace(self.uri, timeouts=timeouts),
            user=self.target.requesting_user_name,
            stop=self._stop,
            report=self._report,
            pin_check=self.connections.pin_check,
            credentials=self.credentials,
            version=self.target.version,
        )
        beside.takes_chunks, beside._wants_chunks = self.takes_chunks, self._wants_chunks
        return beside

    # --- requests

    def next_request_id(self) -> int:
        """Return the request-id for the next message."""
        self._request_id += 1
        return self._request_id

    def _request(self, message: Message, chunked: bool) -> Request:
        from backend.transport.session import Request

        headers = [
            ("Host", self.uri.host_field),
            ("Content-Type", "application/ipp"),
            ("Accept", "application/ipp"),
            ("Accept-Encoding", "identity"),
            ("User-Agent", "ipps443"),
        ]
        authorization = self.credentials.field("POST", self.uri.path)
        if authorization:
            headers.append(("Authorization", authorization))
        return Request(self.uri.path, headers, encode_message(message), chunked)

    def perform(
        self,
        session: Session,
        message: Message,
        source: Source | None = None,
        *,
        chunked: bool = False,
        stalled: Stalled | None = None,
        reply_seconds: float | None = None,
    ) -> Reply:
        """Send one request in a session, with the document if there is one, and return the answer.

        Raises:
            ConnectionLost, MalformedResponse: as Session.perform.
        """
        request = self._request(message, chunked)
        self._report.detail("request", message, request.target, request.headers, chunked)
        if source is not None and self._report.traced:
            from backend.trace.traced import tap

            source = tap(source, self._report)
        response = session.perform(request, source, stalled=stalled, reply_seconds=reply_seconds)
        reply = Reply(response, self._decode(response))
        self._report.detail("answer", response, reply.message)
        self._report.debug(
            f"{operation_name(message.code)}: HTTP {response.status},"
            f" {keyword(reply.message.code) if reply.message else 'no IPP message'}"
        )
        if reply.message and reply.message.request_id != message.request_id:
            self._report.debug(f"request-id {reply.message.request_id} came back for {message.request_id}")
        return reply

    def _decode(self, response: Response) -> Message | None:
        """Return the IPP message of a response, whatever its HTTP status (Q-28); None if it has none (Q-27)."""
        kind = (response.header("content-type") or "application/ipp").partition(";")[0].strip().lower()
        if kind != "application/ipp" or not response.body:
            return None
        try:
            decoded = decode_message(response.body)
        except MalformedMessage as error:
            self._report.debug(f"{self.name}: {error.text}; the answer begins {response.body[:32].hex()}")
            return None
        if decoded.message.version[0] not in (1, 2):
            self._report.debug(f"{self.name}: no version of IPP begins its answer: {response.body[:32].hex()}")
            return None
        for note in decoded.notes[:5]:
            self._report.debug(f"{self.name}: its answer has faults: {note}")
        return decoded.message

    def ask(
        self,
        message: Message,
        *,
        chunked: bool = False,
        reply_seconds: float | None = None,
        idempotent: bool = True,
    ) -> Reply:
        """Send a request without a document; answer the printer's challenge if it wants a user name and password.

        Args:
            idempotent: it may be sent once more when a kept connection breaks before the answer.

        Raises:
            AuthenticationRequired: there is none, or it was refused.
            ConnectionLost, MalformedResponse, PrinterUnreachable, TrustError.
        """
        while True:
            reply = self._ask_once(message, chunked or self._wants_chunks, reply_seconds, idempotent)
            if reply.response.status != 401:
                break
            self.credentials.take_challenge(reply.response)
        if reply.response.status in FRAMING_REFUSALS and self.takes_chunks and not (chunked or self._wants_chunks):
            reply = self._ask_in_chunks(message, reply, reply_seconds, idempotent)
        self.credentials.accepted()
        return reply

    def _ask_in_chunks(self, message: Message, refused: Reply, reply_seconds: float | None, idempotent: bool) -> Reply:
        """Ask a printer in chunks that has refused a length; what works is kept, else the refusal stands."""
        self.disconnect()
        try:
            reply = self._ask_once(message, True, reply_seconds, idempotent)
        except (ConnectionLost, MalformedResponse):
            self.disconnect()
            return refused
        self._wants_chunks = reply.response.status == 200
        return reply if self._wants_chunks else refused

    def _ask_once(self, message: Message, chunked: bool, reply_seconds: float | None, idempotent: bool) -> Reply:
        """Send a request, once more on a new connection if a kept one fails."""
        session = self.session()
        kept = session.exchanges > 0
        try:
            return self.perform(session, message, chunked=chunked, reply_seconds=reply_seconds)
        except (ConnectionLost, MalformedResponse):
            if not kept:
                raise
            self.connections.distrust()
            if not idempotent:
                raise
        session = self.session()
        return self.perform(session, message, chunked=chunked, reply_seconds=reply_seconds)

    def expect_message(self, reply: Reply) -> Message:
        """Return the IPP message of a reply.

        Raises:
            HttpRefused: the HTTP status says no.
            MalformedResponse: it says yes, and no IPP message is there.
        """
        if reply.message is not None:
            return reply.message
        response = reply.response
        if response.status != 200:
            location = response.header("location") or ""
            raise HttpRefused(self.name, self.uri.path, response.status, response.reason, location)
        kind = response.header("content-type") or "no type"
        raise MalformedResponse(self.name, f"{kind} instead of application/ipp", response.body[:64])

    # --- operations

    def get_attributes(self, requested: tuple[str, ...] = PRINTER_ATTRIBUTES, **how: object) -> Reply:
        """Ask the printer about itself."""
        message = operations.get_printer_attributes(self.target, self.next_request_id(), requested)
        return self.ask(message, **how)  # type: ignore[arg-type]

    def has_restarted(self, up_time: int | None) -> bool:
        """Tell whether the printer has run for less time than it had before; False if it does not tell.

        Args:
            up_time: its printer-up-time then.
        """
        if up_time is None:
            return False
        message = self.get_attributes(("printer-up-time",)).message
        now = number(message, "printer-up-time", Tag.PRINTER_ATTRIBUTES) if message else None
        return now is not None and now < up_time

    def find_job(self, job_id: int | None, job_name: str, besides: Collection[int] = ()) -> tuple[int | None, Found]:
        """Ask for a job by its id, else by its name, and return its id and what the printer says of it.

        Args:
            besides: ids of jobs of that name that are over and done with. Of several others the one that got
                furthest is meant: an empty job that was created on the way must not hide one that printed.

        Raises:
            IppRefused: the printer does not answer the question.
            ConnectionLost, MalformedResponse, HttpRefused, PrinterUnreachable, TrustError.
        """
        if job_id is not None:
            return job_id, self._job_by_id(job_id)
        jobs = self.jobs_named(job_name)
        return max((job for job in jobs if job[0] not in besides), key=_how_far, default=(None, Found(None)))

    def jobs_named(self, job_name: str) -> list[tuple[int | None, Found]]:
        """Return ids and states of all jobs of that name.

        Raises: as ``find_job``.
        """
        jobs: list[tuple[int | None, Found]] = []
        for which in ("not-completed", "completed"):
            request = operations.get_jobs(
                self.target, self.next_request_id(), JOB_ATTRIBUTES, which_jobs=which, limit=MOST_JOBS
            )
            message = self.expect_message(self.ask(request))
            if not succeeded(message.code):
                if which == "completed":
                    break  # a printer without history
                raise IppRefused(self.name, "Get-Jobs", message.code, keyword(message.code))
            for group in message.groups_of(Tag.JOB_ATTRIBUTES):
                job = Message(message.version, message.code, message.request_id, (group,))
                if job_name in texts(job, "job-name", Tag.JOB_ATTRIBUTES):
                    job_id = number(job, "job-id", Tag.JOB_ATTRIBUTES) or 0
                    jobs.append((job_id if job_id > 0 else None, describe_job(job)))
        return jobs

    def _job_by_id(self, job_id: int) -> Found:
        request = operations.get_job_attributes(self.target, self.next_request_id(), job_id, JOB_ATTRIBUTES)
        message = self.expect_message(self.ask(request))
        if message.code in JOB_IS_GONE:
            return Found(None)
        if not succeeded(message.code):
            raise IppRefused(self.name, "Get-Job-Attributes", message.code, keyword(message.code))
        return describe_job(message)

    def cancel(self, job_id: int) -> bool:
        """Cancel a job at the printer; True if the printer says that it did, or that there is nothing to cancel."""
        message = self.expect_message(
            self.ask(
                operations.cancel_job(self.target, self.next_request_id(), job_id),
                reply_seconds=min(10.0, self.uri.timeouts.reply),
            )
        )
        return succeeded(message.code) or message.code in JOB_IS_GONE


def _how_far(job: tuple[int | None, Found]) -> tuple[int, int]:
    """Rank jobs by how much of them may have been printed; of equals the last."""
    job_id, found = job
    if found.job_state in (JobState.ABORTED, JobState.CANCELED):
        rank = 4 if found.impressions else 0
    elif found.job_state == JobState.COMPLETED:
        rank = 2 if found.impressions == 0 else 4
    else:
        rank = 1 if "job-incoming" in found.reasons else 3
    return rank, job_id or 0
