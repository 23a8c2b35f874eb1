"""The operations of the scripted printer: RFC 8011 section 4, with the IPP faults (Q-80 to Q-117).

`IPPService.serve` reads one request from a body, carries it out and returns the reply as bytes. A fair printer checks
in the order of RFC 8011 section 4.1: version, request-id, charset and language, operation, target; then the faults
have their turn.
"""

from __future__ import annotations

import threading
import time
import zlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, Iterator

from backend.errors import MalformedMessage
from backend.ipp.encoding import decode_message, encode_message, message_length
from backend.ipp.message import Group, Message, attribute
from backend.ipp.operations import JobState, Operation, PrinterState, Status, keyword, operation_name
from backend.ipp.tags import Tag

from tests.printer import attributes as said
from tests.printer.bad_encodings import spoil
from tests.printer.body import Body, Refused
from tests.printer.faults import Faults, plain_name
from tests.printer.http_messages import Request
from tests.printer.jobs import Document, JobList, ReceivedJob
from tests.printer.strictness import locks_up, offence
from tests.printer.wire import Break, Gone

HEADER_LIMIT = 1 << 20  # octets of attributes before a request is taken for rubbish
DOCUMENT_OPERATIONS = {Operation.PRINT_JOB, Operation.SEND_DOCUMENT}


@dataclass(eq=False)
class ReceivedOperation:
    """One IPP request as it came, and how it was answered."""

    name: str
    message: Message
    notes: tuple[str, ...]
    request: Request
    status: str = ""
    document_bytes: int = 0

    @property
    def framing(self) -> str:
        return self.request.framing.kind

    @property
    def chunk_sizes(self) -> list[int]:
        return self.request.framing.chunk_sizes

    @property
    def connection(self) -> int:
        return self.request.connection

    @property
    def user(self) -> str | None:
        return text_of(self.message, "requesting-user-name")

    def __str__(self) -> str:
        return f"{self.name} {self.framing}"


@dataclass(eq=False)
class Call:
    """What one operation works on."""

    operation: ReceivedOperation
    body: Body
    first: bytes  # document bytes that came with the attributes
    faults: Faults

    @property
    def message(self) -> Message:
        return self.operation.message

    def blocks(self) -> Iterator[bytes]:
        self.body.in_document = True
        if self.first:
            yield self.first
        for block in self.body:  # not "yield from": that would end the body with the loop that leaves off
            yield block


class Refuse(Exception):
    """The operation ends with this status."""

    def __init__(self, status: Status | int, *groups: Group, unread: bool = False) -> None:
        super().__init__(keyword(int(status)))
        self.status = int(status)
        self.groups = groups
        self.unread = unread  # answer before the document has been read


@dataclass
class IPPService:
    """Jobs, operations and the state of the printer."""

    uri: Callable[[], str]
    faults: Callable[[], Faults]
    wait: Callable[[float], bool]
    directory: Path | None
    extra: dict[str, Any] = field(default_factory=dict)  # printer attributes in the place of ours
    on_job: Callable[[ReceivedJob], None] = lambda job: None
    jobs: JobList = field(default_factory=JobList)
    operations: list[ReceivedOperation] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)
    stalled: str | None = None
    released: threading.Event = field(default_factory=threading.Event)
    _counts: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _abort_jobs: threading.Event = field(default_factory=threading.Event)

    # --- one request ---

    def serve(self, body: Body, request: Request, faults: Faults) -> bytes:
        """Carry out the operation in a body; the reply, encoded and perhaps spoilt.

        Raises Break, Gone or Refused when the request has no IPP reply.
        """
        octets, first = read_message(body)
        if octets is None:
            return bare_reply(Status.CLIENT_ERROR_BAD_REQUEST, first)
        try:
            decoded = decode_message(octets)
        except MalformedMessage:
            return bare_reply(Status.CLIENT_ERROR_BAD_REQUEST, octets)
        message = decoded.message
        operation = ReceivedOperation(operation_name(message.code), message, decoded.notes, request)
        request.operation = operation.name
        self.operations.append(operation)
        call = Call(operation, body, first, faults)
        unread = False
        try:
            status, groups = self._carry_out(call)
        except Refuse as refusal:
            status, groups, unread = refusal.status, list(refusal.groups), refusal.unread
        if not unread:
            for _ in call.blocks():
                pass
        operation.status = keyword(status)
        return self._reply(message, status, groups, faults)

    def _carry_out(self, call: Call) -> tuple[int, list[Group]]:
        self._check(call)
        groups = HANDLERS[call.message.code](self, call)
        return self._status_of(call), groups

    def _status_of(self, call: Call) -> int:
        if call.message.code == Operation.GET_PRINTER_ATTRIBUTES and call.faults.gpa == "internal-error":
            return int(Status.SERVER_ERROR_INTERNAL_ERROR)
        return int(Status.SUCCESSFUL_OK)

    def _check(self, call: Call) -> None:
        """Refuse what may not be carried out."""
        message, faults = call.message, call.faults
        self._check_version(message, faults)
        if message.request_id <= 0 or not begins_right(message):
            raise Refuse(Status.CLIENT_ERROR_BAD_REQUEST)
        if text_of(message, "attributes-charset", "").lower() not in ("utf-8", "us-ascii"):
            raise Refuse(Status.CLIENT_ERROR_CHARSET_NOT_SUPPORTED)
        if not said.supports(message.code, faults):
            raise Refuse(Status.SERVER_ERROR_OPERATION_NOT_SUPPORTED)
        if not (message.get("printer-uri") or message.get("job-uri")):
            raise Refuse(Status.CLIENT_ERROR_BAD_REQUEST)
        self._check_faults(call)

    def _check_version(self, message: Message, faults: Faults) -> None:
        version = ".".join(map(str, message.version))
        if faults.ipp == f"rst-{version}":
            raise Break("rst", "ipp")
        if version not in said.VERSIONS[faults.ipp]:
            raise Refuse(Status.SERVER_ERROR_VERSION_NOT_SUPPORTED)

    def _check_faults(self, call: Call) -> None:
        faults, name = call.faults, plain_name(call.operation.name)
        self._validate_faults(call)
        refused = offence(call.message, faults)
        if locks_up(call.message, faults):
            self._lock_up()
        if refused is not None:
            raise Refuse(refused)
        boot = faults.setting("boot")
        if boot.form == "S:busy" and time.monotonic() < self.began + boot.seconds:
            raise Refuse(Status.SERVER_ERROR_SERVICE_UNAVAILABLE, unread=True)
        for busy in faults.settings("busy"):
            if busy.operation == name and self._still(f"busy {name}", busy.places.get("number")):
                raise Refuse(Status.SERVER_ERROR_BUSY, unread=True)
        for wanted in faults.settings("status"):
            if wanted.operation == name and self._still(f"status {name}", wanted.places.get("number")):
                raise Refuse(status_code(wanted.status))

    def _lock_up(self) -> None:
        self.wait(1e9)
        raise Gone

    def _still(self, key: str, limit: str | None) -> bool:
        """Count an event; whether it is among the first so many."""
        with self._lock:
            self._counts[key] += 1
            return limit is None or self._counts[key] <= int(limit)

    def _validate_faults(self, call: Call) -> None:
        if call.message.code != Operation.VALIDATE_JOB:
            return
        setting = call.faults.setting("validate")
        if setting.form == "hang":
            self._lock_up()
        if setting.form == "bad-request":
            raise Refuse(Status.CLIENT_ERROR_BAD_REQUEST)
        if setting.form == "close-N-of-M":
            with self._lock:
                turn = self._counts["validate"] % setting.second
                self._counts["validate"] += 1
            if turn < setting.number:
                raise Break("close", "validate")

    def _reply(self, message: Message, status: int, groups: list[Group], faults: Faults) -> bytes:
        head = [
            attribute("attributes-charset", Tag.CHARSET, "utf-8"),
            attribute("attributes-natural-language", Tag.NATURAL_LANGUAGE, "en"),
        ]
        if status > 0xFF:
            head.append(attribute("status-message", Tag.TEXT_WITHOUT_LANGUAGE, keyword(status)))
        reply = Message(
            reply_version(message, status, faults), status, 1, (Group(Tag.OPERATION_ATTRIBUTES, tuple(head)), *groups)
        )
        octets = encode_message(reply)
        return spoil(octets[:4] + reply_id(message, status, faults) + octets[8:], faults)

    # --- operations ---

    def get_printer_attributes(self, call: Call) -> list[Group]:
        faults = call.faults
        self.wait(float(faults.gpa_delay))
        if faults.ipp2 == "empty" and call.message.version[0] >= 2:
            return []
        everything = said.printer_attributes(
            self.uri(), faults, self.state(faults), self.reasons(faults), len(self.waiting()), max(1, self.up_time())
        )
        given = {each.name: each for each in said.of_values(self.extra)}
        everything = [each for each in everything if each.name not in given] + list(given.values())
        requested = requested_attributes(call.message, ("all",))
        return [Group(Tag.PRINTER_ATTRIBUTES, tuple(said.select(everything, requested, said.template_names())))]

    def empty_job(self, faults: Faults) -> bytes:
        """What a printer does that takes a chunked body for an empty one: a job without a document."""
        job = self.jobs.new(name=None, user=None, attributes={}, template=())
        self.jobs.print(job, faults)
        request = Message((1, 1), Operation.PRINT_JOB, 1, ())
        return self._reply(request, int(Status.SUCCESSFUL_OK), [self._job_group(job, faults)], faults)

    def validate_job(self, call: Call) -> list[Group]:
        self._check_job(call)
        return []

    def print_job(self, call: Call) -> list[Group]:
        self._check_job(call)
        job = self._new_job(call, "Print-Job")
        self._receive(call, job, last=True, forget=True)
        return [self._job_group(job, call.faults)]

    def create_job(self, call: Call) -> list[Group]:
        self._check_job(call)
        return [self._job_group(self._new_job(call, "Create-Job"), call.faults)]

    def send_document(self, call: Call) -> list[Group]:
        job = self._job_of(call)
        last = call.message.get("last-document")
        if last is None:
            raise Refuse(Status.CLIENT_ERROR_BAD_REQUEST)
        if job.closed or job.state.is_final:
            raise Refuse(Status.CLIENT_ERROR_NOT_POSSIBLE)
        self._check_format(call)
        if job.documents and call.faults.multi_doc == "cancel":
            self.jobs.cancel(job, "job-canceled-at-device")
            raise Refuse(Status.SERVER_ERROR_JOB_CANCELED)
        if job.documents and call.faults.multi_doc == "refuse":
            raise Refuse(Status.SERVER_ERROR_MULTIPLE_DOCUMENT_JOBS_NOT_SUPPORTED)
        self._receive(call, job, last=bool(last.value), forget=False)
        return [self._job_group(job, call.faults)]

    def cancel_job(self, call: Call) -> list[Group]:
        job = self._job_of(call)
        if job.state.is_final:
            raise Refuse(Status.CLIENT_ERROR_NOT_POSSIBLE)
        self.jobs.cancel(job)
        self.on_job(job)
        return []

    def get_job_attributes(self, call: Call) -> list[Group]:
        job = self._job_of(call)
        everything = said.job_attributes(job, self.uri(), call.faults, self.began)
        requested = requested_attributes(call.message, ("all",))
        return [Group(Tag.JOB_ATTRIBUTES, tuple(said.select(everything, requested, said.JOB_TEMPLATE_STEMS)))]

    def get_jobs(self, call: Call) -> list[Group]:
        message, faults = call.message, call.faults
        which = text_of(message, "which-jobs", "not-completed")
        if which not in ("completed", "not-completed"):
            wrong = Group(Tag.UNSUPPORTED_ATTRIBUTES, (said.keywords("which-jobs", which),))
            raise Refuse(Status.CLIENT_ERROR_ATTRIBUTES_OR_VALUES_NOT_SUPPORTED, wrong)
        mine = message.get("my-jobs")
        user = text_of(message, "requesting-user-name")
        limit = message.get("limit")
        found = [job for job in self.jobs.jobs if job.state.is_final == (which == "completed")]
        if which == "completed":
            found = [] if faults.history != "keep" else found[::-1]  # RFC 8011 section 4.2.6: newest first
        if mine is not None and mine.value:
            found = [job for job in found if job.user == user]
        requested = requested_attributes(message, ("job-uri", "job-id"))
        return [self._listed(job, requested, faults) for job in found[: limit.value if limit else None]]

    def _listed(self, job: ReceivedJob, requested: tuple[str, ...], faults: Faults) -> Group:
        everything = said.job_attributes(job, self.uri(), faults, self.began)
        return Group(Tag.JOB_ATTRIBUTES, tuple(said.select(everything, requested, said.JOB_TEMPLATE_STEMS)))

    # --- jobs ---

    def _check_job(self, call: Call) -> None:
        if call.faults.accepting == "no":
            raise Refuse(Status.SERVER_ERROR_NOT_ACCEPTING_JOBS)
        self._check_format(call)

    def _check_format(self, call: Call) -> None:
        format_, faults = text_of(call.message, "document-format"), call.faults
        refused = {
            "any": format_ is not None and format_ not in said.FORMATS["any"],
            "octet-only": format_ not in (None, said.OCTETS),
            "refuse-octet": format_ == said.OCTETS,
            "pcl-only": format_ not in (None, said.PCL),
        }
        if refused.get(faults.format):
            wrong = Group(Tag.UNSUPPORTED_ATTRIBUTES, (attribute("document-format", Tag.MIME_MEDIA_TYPE, format_),))
            raise Refuse(Status.CLIENT_ERROR_DOCUMENT_FORMAT_NOT_SUPPORTED, wrong)
        compression = text_of(call.message, "compression", "none")
        if compression not in ("none", "gzip") or (compression == "gzip" and faults.gzip == "refuse"):
            wrong = Group(Tag.UNSUPPORTED_ATTRIBUTES, (said.keywords("compression", compression),))
            raise Refuse(Status.CLIENT_ERROR_COMPRESSION_NOT_SUPPORTED, wrong)

    def _new_job(self, call: Call, created_by: str) -> ReceivedJob:
        message = call.message
        group = message.group(Tag.JOB_ATTRIBUTES)
        template = tuple(group.attributes) if group else ()
        everything = {each.name: each.value for part in message.groups for each in part.attributes}
        job = self.jobs.new(
            name=text_of(message, "job-name"),
            user=text_of(message, "requesting-user-name"),
            attributes=everything,
            template=template,
        )
        job.created_by = created_by
        return job

    def _receive(self, call: Call, job: ReceivedJob, last: bool, forget: bool) -> None:
        """Take the document into the job; what a loss or a refusal on the way leaves behind is decided here."""
        document = self._new_document(call, job)
        job.documents.append(document)
        try:
            self._take_blocks(call, job, document)
        except Refused:
            self._drop(job, document, forget)
            raise
        except Refuse:
            document.end(complete=False)
            raise
        except Exception:
            document.end(complete=False)
            self._broken_off(call.faults, job, document, forget)
            raise
        document.end(complete=True)
        self._accept(call, job, document, last, forget)

    def _accept(self, call: Call, job: ReceivedJob, document: Document, last: bool, forget: bool) -> None:
        lost = call.faults.setting("lose_reply")
        if lost.form != "none":
            self.wait(float(call.faults.slow_reply))
        when, _, how = lost.form.partition(":")
        if when == "before-accept":
            self._drop(job, document, forget)
            raise Break(how or "rst", "reply-status")
        if last:
            self.jobs.print(job, call.faults)
        self.on_job(job)
        if when == "after-accept":
            raise Break(how or "rst", "reply-status")
        if call.faults.reply_when == "printed" and last:
            self.wait(max(0.0, job.end - time.monotonic()))

    def _drop(self, job: ReceivedJob, document: Document, forget: bool) -> None:
        document.end(complete=False)
        job.documents.remove(document)
        if forget:
            self.jobs.forget(job)

    def _broken_off(self, faults: Faults, job: ReceivedJob, document: Document, forget: bool) -> None:
        """The ``partial`` switch."""
        if faults.partial == "vanish":
            self._drop(job, document, forget)
        elif faults.partial == "print":
            self.jobs.print(job, faults)
        elif faults.partial == "abort" and not job.state.is_final:
            self.jobs.abort(job)
        self.on_job(job)

    def _new_document(self, call: Call, job: ReceivedJob) -> Document:
        message = call.message
        document = Document(
            framing=call.operation.framing,
            chunk_sizes=call.operation.chunk_sizes,
            operation=call.operation.name,
            format=text_of(message, "document-format"),
            compression=text_of(message, "compression"),
        )
        job.document_format = job.document_format or document.format
        if call.faults.store != "keep":
            document.keep_nothing(call.faults.store == "count")
        elif self.directory is not None:
            ending = "" if not job.documents else f"-{len(job.documents) + 1}"
            document.keep_in(self.directory / f"job-{job.id}{ending}.prn")
        return document

    def _take_blocks(self, call: Call, job: ReceivedJob, document: Document) -> None:
        unpack = zlib.decompressobj(31) if document.compression == "gzip" and call.faults.gzip == "ok" else None
        stalls = call.faults.stall != "none"
        for block in call.blocks():
            call.operation.document_bytes += len(block)
            if job.first_byte is None and call.faults.begin == "first-byte":
                job.first_byte = time.monotonic()
            document.write(unpack.decompress(block) if unpack else block)
            if self._abort_jobs.is_set() or job.closed:
                self._interrupted(job)
            if stalls:
                self._stall(document, call.faults)

    def _interrupted(self, job: ReceivedJob) -> None:
        """The job was cancelled while its document came in, or a surplus connection made the printer abort."""
        if self._abort_jobs.is_set():
            self._abort_jobs.clear()
            self.jobs.abort(job)
        raise Refuse(Status.SERVER_ERROR_JOB_CANCELED)

    def abort_incoming(self) -> None:
        """What max-conn=N:abort does to the job that is coming in."""
        if any(job.incoming for job in self.jobs.jobs):
            self._abort_jobs.set()

    def _stall(self, document: Document, faults: Faults) -> None:
        """The ``stall`` switch: once for each document that grows beyond N bytes."""
        setting = faults.setting("stall")
        if document.size < setting.number or document.stalled:
            return
        document.stalled = True
        self.stalled = setting.places.get("text") or "media-empty-error"
        seconds = float(setting.places["seconds"]) if "seconds" in setting.places else None
        self.released.clear()
        until = time.monotonic() + (seconds if seconds is not None else 1e9)
        while not self.released.is_set() and time.monotonic() < until and not self.wait(0.02):
            pass
        self.stalled = None

    def _job_of(self, call: Call) -> ReceivedJob:
        message, history = call.message, call.faults.history
        number = message.get("job-id")
        uri = message.get("job-uri")
        if number is None and uri is None:
            raise Refuse(Status.CLIENT_ERROR_BAD_REQUEST)
        text = str(number.value) if number is not None else str(uri.value if uri else "").rpartition("/")[2]
        job = self.jobs.find(int(text)) if text.isdigit() else None
        if job is None or (history == "none" and job.state.is_final):
            raise Refuse(Status.CLIENT_ERROR_NOT_FOUND)
        if history == "not-possible" and job.state.is_final:
            raise Refuse(Status.CLIENT_ERROR_NOT_POSSIBLE)
        return job

    def _job_group(self, job: ReceivedJob, faults: Faults) -> Group:
        tag = Tag.PRINTER_ATTRIBUTES if faults.job_id == "wrong-group" else Tag.JOB_ATTRIBUTES
        everything = said.job_attributes(job, self.uri(), faults, self.began)
        names = ("job-id", "job-uri", "job-state", "job-state-reasons")
        return Group(tag, tuple(each for each in everything if each.name in names))

    # --- the printer's state ---

    def up_time(self) -> int:
        return int(time.monotonic() - self.began) + 1

    def waiting(self) -> list[ReceivedJob]:
        return [job for job in self.jobs.jobs if not job.state.is_final]

    def state(self, faults: Faults) -> PrinterState:
        states = [job.state for job in self.waiting()]
        if self.stalled or JobState.PROCESSING_STOPPED in states:
            return PrinterState.STOPPED
        if JobState.PROCESSING in states and faults.state != "stuck-idle":
            return PrinterState.PROCESSING
        return PrinterState.IDLE

    def reasons(self, faults: Faults) -> tuple[str, ...]:
        """printer-state-reasons at this moment."""
        age = time.monotonic() - self.began
        found = [word for word in map(lambda text: _in_its_time(text, age), faults.words("reasons")) if word]
        if self.stalled:
            found.append(self.stalled)
        return tuple(found) or ("none",)


HANDLERS: dict[int, Callable[[IPPService, Call], list[Group]]] = {
    Operation.GET_PRINTER_ATTRIBUTES: IPPService.get_printer_attributes,
    Operation.VALIDATE_JOB: IPPService.validate_job,
    Operation.PRINT_JOB: IPPService.print_job,
    Operation.CREATE_JOB: IPPService.create_job,
    Operation.SEND_DOCUMENT: IPPService.send_document,
    Operation.CANCEL_JOB: IPPService.cancel_job,
    Operation.GET_JOB_ATTRIBUTES: IPPService.get_job_attributes,
    Operation.GET_JOBS: IPPService.get_jobs,
}


def read_message(body: Body) -> tuple[bytes | None, bytes]:
    """The octets of the IPP message at the beginning of a body, and the document bytes that came along.

    None and the octets read when they are no message to its end.
    """
    octets = bytearray()
    for block in body:
        octets += block
        length = message_length(bytes(octets))
        if length is not None:
            return bytes(octets[:length]), bytes(octets[length:])
        if len(octets) > HEADER_LIMIT:
            break
    return None, bytes(octets)


def bare_reply(status: Status, octets: bytes = b"") -> bytes:
    """A reply to something that is no IPP message; its request-id is echoed when there is one."""
    request_id = octets[4:8] if len(octets) >= 8 else bytes(4)
    message = Message(
        (1, 1),
        int(status),
        1,
        (
            Group(
                Tag.OPERATION_ATTRIBUTES,
                (
                    attribute("attributes-charset", Tag.CHARSET, "utf-8"),
                    attribute("attributes-natural-language", Tag.NATURAL_LANGUAGE, "en"),
                ),
            ),
        ),
    )
    encoded = encode_message(message)
    return encoded[:4] + request_id + encoded[8:]


def text_of(message: Message, name: str, default: Any = None) -> Any:
    """The text of an attribute, also of one with a language."""
    found = message.get(name)
    if found is None or found.value is None:
        return default
    return getattr(found.value, "text", found.value)


def requested_attributes(message: Message, default: tuple[str, ...]) -> tuple[str, ...]:
    found = message.get("requested-attributes")
    return found.all if found is not None else default


def begins_right(message: Message) -> bool:
    """RFC 8011 section 4.1.4: charset and language come first, in that order."""
    if not message.groups or message.groups[0].tag != Tag.OPERATION_ATTRIBUTES:
        return False
    names = [each.name for each in message.groups[0].attributes[:2]]
    return names == ["attributes-charset", "attributes-natural-language"]


def status_code(word: str) -> Status:
    return Status[word.upper().replace("-", "_")]


def reply_version(message: Message, status: int, faults: Faults) -> tuple[int, int]:
    if faults.reply_version != "echo":
        major, _, minor = faults.reply_version.partition(".")
        return int(major), int(minor)
    if status == Status.SERVER_ERROR_VERSION_NOT_SUPPORTED:
        # RFC 8011 section 4.1.8: the closest version that is supported.
        known = [tuple(map(int, version.split("."))) for version in said.VERSIONS[faults.ipp]]
        lower = [version for version in known if version <= message.version]
        return max(lower) if lower else min(known)  # type: ignore[return-value]
    return message.version


def reply_id(message: Message, status: int, faults: Faults) -> bytes:
    """The four octets of the request-id."""
    unsupported = status == Status.SERVER_ERROR_VERSION_NOT_SUPPORTED and faults.version_error == "id-0"
    number = {"echo": message.request_id, "0": 0, "wrong": message.request_id ^ 0x55}[faults.reply_id]
    return (0 if unsupported else number).to_bytes(4, "big", signed=True)


def _in_its_time(text: str, age: float) -> str:
    """A word of the ``reasons`` switch: "word" always, "word@2-5" from second 2 to 5."""
    word, _, span = text.partition("@")
    if not span:
        return word
    begin, _, end = span.partition("-")
    return word if float(begin) <= age < float(end or "inf") else ""
