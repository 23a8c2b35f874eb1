"""The operations of the scripted printer: RFC 8011 section 4, with the IPP faults (Q-80 to Q-117).

`IPPService.serve` reads one request from a body, carries it out and returns the reply as bytes. A fair printer checks
in the order of RFC 8011 section 4.1: version, request-id, charset and language, operation, target; then the faults
have their turn.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable

from backend.errors import MalformedMessage
from backend.ipp.codes import JobState, Operation, PrinterState, Status, keyword, operation_name
from backend.ipp.decoder import decode_message
from backend.ipp.encoder import encode_message
from backend.ipp.message import Attribute, Group, Message, attribute
from backend.ipp.tags import Tag

from tests.printer import attributes as said
from tests.printer.body import Body
from tests.printer.call import Call, ReceivedOperation, Refuse
from tests.printer.faults import Faults, plain_name
from tests.printer.http_messages import Request
from tests.printer.intake import Intake
from tests.printer.ipp_messages import (
    LATIN1,
    REPLY_HEAD,
    bare_reply,
    begins_right,
    read_message,
    reply_version,
    requested_attributes,
    status_code,
    text_of,
)
from tests.printer.jobs import JobList, ReceivedJob
from tests.printer.strictness import JOB_CREATION, offence


@dataclass
class IPPService:
    """Jobs, operations and the state of the printer."""

    uri: Callable[[], str]
    faults: Callable[[], Faults]
    wait: Callable[[float], bool]
    directory: Path | None
    extra: dict[str, Any] = field(default_factory=dict)  # printer attributes in the place of ours
    by_language: dict[str, dict[str, Any]] = field(default_factory=dict)  # the same for who asks in that language
    files: dict[str, bytes] = field(default_factory=dict)  # what a GET finds, by path, such as strings files
    on_job: Callable[[ReceivedJob], None] = lambda job: None
    jobs: JobList = field(default_factory=JobList)
    operations: list[ReceivedOperation] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)
    _counts: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.intake = Intake(self.jobs, self.wait, self.directory, lambda job: self.on_job(job))

    @property
    def stalled(self) -> str | None:
        """The state reason with which the printer has stopped in mid-body."""
        return self.intake.stalled

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
        ignored = self._ignored(call.message, call.faults)
        if ignored:
            status = int(Status.SUCCESSFUL_OK_IGNORED_OR_SUBSTITUTED_ATTRIBUTES)
            return status, [Group(Tag.UNSUPPORTED_ATTRIBUTES, tuple(ignored)), *groups]
        return self._status_of(call), groups

    def _ignored(self, message: Message, faults: Faults) -> list[Attribute]:
        """The Job Template attributes of a new job that this printer ignores, and says so."""
        group = message.group(Tag.JOB_ATTRIBUTES)
        pin = [each for each in (message.get("job-password"),) if each and faults.pin == "told"]
        if message.code not in JOB_CREATION or group is None:
            return pin if message.code in JOB_CREATION else []
        unsupported = said.unsupported(group.attributes, self._everything(faults))
        about_copies = [each for each in group.attributes if each.name == "copies"]
        if faults.copies in ("ignore", "told"):
            unsupported = [each for each in unsupported if each not in about_copies]
        return pin + unsupported + (about_copies if faults.copies == "told" else [])

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
        if ".".join(map(str, message.version)) not in said.VERSIONS[faults.ipp]:
            raise Refuse(Status.SERVER_ERROR_VERSION_NOT_SUPPORTED)

    def _check_faults(self, call: Call) -> None:
        faults, name = call.faults, plain_name(call.operation.name)
        refused = offence(call.message, faults)
        if refused is not None:
            raise Refuse(refused)
        boot = faults.setting("boot")
        if boot.form == "S:busy" and time.monotonic() < self.began + boot.seconds:
            raise Refuse(Status.SERVER_ERROR_SERVICE_UNAVAILABLE, unread=True)
        for busy in faults.settings("busy"):
            if busy.operation == name and self._still(f"busy {name}", busy.places.get("number")):
                raise Refuse(Status.SERVER_ERROR_BUSY, unread=True)
        mine = faults.status_user in ("all", text_of(call.message, "requesting-user-name"))
        for wanted in faults.settings("status") if mine else ():
            if wanted.operation == name and self._still(f"status {name}", wanted.places.get("number")):
                raise Refuse(status_code(wanted.status))

    def _still(self, key: str, limit: str | None) -> bool:
        """Count an event; whether it is among the first so many."""
        with self._lock:
            self._counts[key] += 1
            return limit is None or self._counts[key] <= int(limit)

    def _reply(self, message: Message, status: int, groups: list[Group], faults: Faults) -> bytes:
        head = list(REPLY_HEAD)
        if status > 0xFF:
            said = keyword(status) if faults.says == "keyword" else faults.says
            head.append(attribute("status-message", Tag.TEXT_WITHOUT_LANGUAGE, said))
        reply = Message(
            reply_version(message, status, faults), status, 1, (Group(Tag.OPERATION_ATTRIBUTES, tuple(head)), *groups)
        )
        octets = encode_message(reply)
        octets = octets[:4] + message.request_id.to_bytes(4, "big", signed=True) + octets[8:]
        return octets if faults.encoding == "ok" else octets[:-1] + LATIN1 + octets[-1:]

    # --- operations ---

    def get_printer_attributes(self, call: Call) -> list[Group]:
        faults = call.faults
        self.wait(float(faults.gpa_delay))
        if faults.ipp2 == "empty" and call.message.version[0] >= 2:
            return []
        asked = call.message.get("attributes-natural-language")
        own = self.by_language.get(str(asked.value) if asked else "", {})
        everything = [own.get(each.name, each) for each in self._everything(faults)]
        requested = requested_attributes(call.message, ("all",))
        return [Group(Tag.PRINTER_ATTRIBUTES, tuple(said.select(everything, requested, said.template_names())))]

    def _everything(self, faults: Faults) -> list[Attribute]:
        """All that this printer says of itself."""
        everything = said.printer_attributes(
            self.uri(), faults, self.state(), self.reasons(faults), len(self.waiting()), max(1, self.up_time())
        )
        given = {each.name: each for each in said.of_values(self.extra)}
        return [each for each in everything if each.name not in given] + list(given.values())

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
        job = self._new_job(call)
        self.intake.receive(call, job, last=True, forget=True)
        return [self._job_group(job, call.faults)]

    def create_job(self, call: Call) -> list[Group]:
        self._check_job(call)
        return [self._job_group(self._new_job(call), call.faults)]

    def send_document(self, call: Call) -> list[Group]:
        job = self._job_of(call)
        last = call.message.get("last-document")
        if last is None:
            raise Refuse(Status.CLIENT_ERROR_BAD_REQUEST)
        if job.closed or job.state.is_final:
            raise Refuse(Status.CLIENT_ERROR_NOT_POSSIBLE)
        self._check_format(call)
        self.intake.receive(call, job, last=bool(last.value), forget=False)
        return [self._job_group(job, call.faults)]

    def cancel_job(self, call: Call) -> list[Group]:
        job = self._job_of(call)
        if job.state.is_final:
            raise Refuse(Status.CLIENT_ERROR_NOT_POSSIBLE)
        self.jobs.cancel(job)
        self.on_job(job)
        return []

    def identify_printer(self, call: Call) -> list[Group]:
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
        pin = call.message.get("job-password", Tag.OPERATION_ATTRIBUTES)
        if pin is not None and call.faults.pin in ("refuse", "unnamed"):
            named = [Group(Tag.UNSUPPORTED_ATTRIBUTES, (pin,))] if call.faults.pin == "refuse" else []
            raise Refuse(Status.CLIENT_ERROR_ATTRIBUTES_OR_VALUES_NOT_SUPPORTED, *named)
        if call.faults.accepting == "no":
            raise Refuse(Status.SERVER_ERROR_NOT_ACCEPTING_JOBS)
        self._check_format(call)

    def _formats(self) -> set[str]:
        """The formats of a fair printer, and those that a test says that it lists."""
        listed = (each for each in said.of_values(self.extra) if each.name == "document-format-supported")
        return {*said.FORMATS["any"], *(name for each in listed for name in each.all)}

    def _check_format(self, call: Call) -> None:
        format_, faults = text_of(call.message, "document-format"), call.faults
        has_document = call.message.code in (Operation.PRINT_JOB, Operation.SEND_DOCUMENT)
        refused = {
            "any": format_ is not None and format_ not in self._formats(),
            "octet-only": format_ not in (None, said.OCTETS),
            "refuse-octet": format_ == said.OCTETS,
            "pcl-only": format_ not in (None, said.PCL),
            "refuse-pdf": format_ in ("application/pdf", said.OCTETS) or format_ is None and has_document,
            "refuse-jpeg": format_ in ("image/jpeg", said.OCTETS) or format_ is None and has_document,
            "refuse-pdf-name": format_ == "application/pdf",
        }
        if refused.get(faults.format):
            named = (attribute("document-format", Tag.MIME_MEDIA_TYPE, format_),) if format_ else ()
            wrong = Group(Tag.UNSUPPORTED_ATTRIBUTES, named)
            raise Refuse(Status.CLIENT_ERROR_DOCUMENT_FORMAT_NOT_SUPPORTED, wrong)
        compression = text_of(call.message, "compression", "none")
        if compression != "none":
            wrong = Group(Tag.UNSUPPORTED_ATTRIBUTES, (said.keywords("compression", compression),))
            raise Refuse(Status.CLIENT_ERROR_COMPRESSION_NOT_SUPPORTED, wrong)

    def _new_job(self, call: Call) -> ReceivedJob:
        message = call.message
        group = message.group(Tag.JOB_ATTRIBUTES)
        template = tuple(group.attributes) if group else ()
        everything = {each.name: each.value for part in message.groups for each in part.attributes}
        return self.jobs.new(
            name=text_of(message, "job-name"),
            user=text_of(message, "requesting-user-name"),
            attributes=everything,
            template=template,
        )

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

    def state(self) -> PrinterState:
        states = [job.state for job in self.waiting()]
        if self.stalled:
            return PrinterState.STOPPED
        return PrinterState.PROCESSING if JobState.PROCESSING in states else PrinterState.IDLE

    def reasons(self, faults: Faults) -> tuple[str, ...]:
        """printer-state-reasons at this moment."""
        stalled = (self.stalled,) if self.stalled else ()
        return faults.words("reasons") + stalled or ("none",)


HANDLERS: dict[int, Callable[[IPPService, Call], list[Group]]] = {
    Operation.GET_PRINTER_ATTRIBUTES: IPPService.get_printer_attributes,
    Operation.VALIDATE_JOB: IPPService.validate_job,
    Operation.PRINT_JOB: IPPService.print_job,
    Operation.CREATE_JOB: IPPService.create_job,
    Operation.SEND_DOCUMENT: IPPService.send_document,
    Operation.CANCEL_JOB: IPPService.cancel_job,
    Operation.GET_JOB_ATTRIBUTES: IPPService.get_job_attributes,
    Operation.GET_JOBS: IPPService.get_jobs,
    Operation.IDENTIFY_PRINTER: IPPService.identify_printer,
}
