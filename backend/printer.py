"""What we say to a printer: ask, print, watch, cancel. IPP operations over judged TLS connections.

Rules of this module:

- every connection is judged before its first byte of HTTP (``connect_and_judge``), the second and the tenth as well;
- requests without a document carry their length, but for the one question that finds out about chunks;
- a kept connection is distrusted: a request that fails on one before any byte of the answer is asked once more on a
  new one, unless it carries a document (Q-29, Q-30).
"""

from __future__ import annotations

import os
from collections.abc import Collection

from backend.connection import Connection
from backend.credentials import Credentials
from backend.device_uri import DeviceURI
from backend.document import Source
from backend.errors import ConnectionLost, HttpRefused, IppRefused, MalformedMessage, MalformedResponse
from backend.ipp import operations
from backend.ipp.encoding import decode_message, encode_message
from backend.ipp.message import Message
from backend.ipp.operations import JobState, Status, Target, keyword, operation_name, succeeded
from backend.ipp.tags import Tag
from backend.printer_state import number, texts
from backend.proof import Proof
from backend.stop_signal import StopSignal
from backend.transfer import Found
from filters.dataclass import dataclass, replace
from filters.report import Report

TYPE_CHECKING = False  # see _import_session
if TYPE_CHECKING:
    from backend.http.exchange import Response
    from backend.session import Request, Session, Stalled

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
    "printer-state-reasons",
)
JOB_ATTRIBUTES = (
    "job-id",
    "job-impressions",
    "job-impressions-completed",
    "job-media-sheets-completed",
    "job-name",
    "job-state",
    "job-state-reasons",
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


class Printer:
    """The printer at a device URI."""

    def __init__(
        self,
        uri: DeviceURI,
        *,
        user: str,
        stop: StopSignal,
        report: Report,
        proof: Proof,
        credentials: Credentials,
        version: tuple[int, int] = VERSIONS[0],
    ) -> None:
        """
        Args:
            user: the requesting-user-name.
            proof: opens the connections, and lets none pass that is not to the expected printer.
        """
        self.uri = uri
        self.name = uri.printer_name
        self.target = Target(uri.printer_uri, user, version)
        self._stop = stop
        self._report = report
        self._proof = proof
        self._session: Session | None = None
        self._keeps_connections = True
        self._request_id = int.from_bytes(os.urandom(3), "big") + 1  # random and positive
        self.credentials = credentials
        #: The connection that proved the printer's key last, for messages and the audit log.
        self.proven: Connection | None = None

    # --- connections

    def connect_and_judge(self) -> Session:
        """Return a new session whose peer has proven to be the expected printer.

        Raises:
            TrustError: it has not; nothing was sent.
            PrinterUnreachable: there is no connection.
        """
        timeouts = self.uri.timeouts
        connection = self._proof.connect(self._stop, timeouts.connect, timeouts.handshake, _import_session)
        if not connection.has_forward_secrecy and self.proven is None:
            self._report.warning(
                f"{self.name} has only {connection.cipher}: who records the job and gets its key later can read it;"
                " turn on newer TLS suites at the printer"
            )
        self.proven = connection
        self._report.debug(f"{connection.tls_version} with {connection.cipher} to {self.name}")
        from backend.session import Session

        return Session(connection, self.name, self._stop, timeouts)

    def session(self) -> Session:
        """Return the session that is open, or a new one."""
        if self._session is not None and self._session.reusable and self._keeps_connections:
            return self._session
        self.disconnect()
        self._session = self.connect_and_judge()
        return self._session

    def disconnect(self) -> None:
        """End the session that is open."""
        if self._session is not None:
            self._session.close()
            self._session = None

    @property
    def document_bytes(self) -> int:
        """Bytes of a document that went out in the newest exchange; 0 if it carried none."""
        return self._session.progress.document_bytes if self._session is not None else 0

    def beside(self, seconds: float) -> Printer:
        """Return a second view of the same printer, for one inquiry while this one's connection is busy."""
        timeouts = replace(self.uri.timeouts, connect=seconds, handshake=seconds, write=seconds, reply=seconds)
        timeouts = replace(timeouts, read=seconds)
        return Printer(
            replace(self.uri, timeouts=timeouts),
            user=self.target.requesting_user_name,
            stop=self._stop,
            report=self._report,
            proof=self._proof,
            credentials=self.credentials,
            version=self.target.version,
        )

    # --- requests

    def next_request_id(self) -> int:
        """Return the request-id for the next message."""
        self._request_id += 1
        return self._request_id

    def _request(self, message: Message, chunked: bool) -> Request:
        from backend.session import Request

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
        response = session.perform(request, source, stalled=stalled, reply_seconds=reply_seconds)
        reply = Reply(response, self._decode(response))
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

    def distrust_connections(self) -> None:
        """Open a new connection for each request from now on: the printer breaks those that it keeps (Q-29)."""
        if self._keeps_connections:
            self._report.debug(f"{self.name} did not keep its connection; a new one for each request from now on")
        self._keeps_connections = False
        self.disconnect()

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
            reply = self._ask_once(message, chunked, reply_seconds, idempotent)
            if reply.response.status != 401:
                self.credentials.accepted()
                return reply
            self.credentials.take_challenge(reply.response)

    def _ask_once(self, message: Message, chunked: bool, reply_seconds: float | None, idempotent: bool) -> Reply:
        """Send a request, once more on a new connection if a kept one fails."""
        session = self.session()
        kept = session.exchanges > 0
        try:
            return self.perform(session, message, chunked=chunked, reply_seconds=reply_seconds)
        except (ConnectionLost, MalformedResponse):
            if not kept:
                raise
            self.distrust_connections()
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
                    jobs.append((number(job, "job-id", Tag.JOB_ATTRIBUTES), describe_job(job)))
        return jobs

    def _job_by_id(self, job_id: int) -> Found:
        request = operations.get_job_attributes(self.target, self.next_request_id(), job_id, JOB_ATTRIBUTES)
        message = self.expect_message(self.ask(request))
        if message.code in (Status.CLIENT_ERROR_NOT_FOUND, Status.CLIENT_ERROR_GONE, Status.CLIENT_ERROR_NOT_POSSIBLE):
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
        gone = (Status.CLIENT_ERROR_NOT_FOUND, Status.CLIENT_ERROR_NOT_POSSIBLE, Status.CLIENT_ERROR_GONE)
        return succeeded(message.code) or message.code in gone


def _import_session() -> None:
    """Import h11, which takes a third of all imports, while the printer makes its part of the handshake."""
    import backend.session  # noqa: F401


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


def describe_job(message: Message) -> Found:
    """Return what job attributes say about a job."""
    return Found(
        number(message, "job-state", Tag.JOB_ATTRIBUTES),
        texts(message, "job-state-reasons", Tag.JOB_ATTRIBUTES),
        number(message, "job-impressions-completed", Tag.JOB_ATTRIBUTES),
    )
