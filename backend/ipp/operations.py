"""Operations, statuses and requests: RFC 8011 sections 4 and 5.4, appendix B; the numbers are IANA's.

Requests are built as printers want them: charset, language and target first and in the order of RFC 8011 section 4.1.5,
requesting-user-name always (Q-89), last-document always (Q-95), each attribute only in the operation it belongs to; a
name that is empty is left out (Q-86), and so is a group without attributes (Q-85). Whether a printer supports the
operation or an attribute is not looked at here.
"""

from __future__ import annotations

from enum import IntEnum

from backend.ipp.message import Attribute, Group, Message, attribute
from backend.ipp.tags import Tag
from filters.dataclass import dataclass

TYPE_CHECKING = False  # typing is slow to import, and only the type checker needs it
if TYPE_CHECKING:
    from typing import Iterable


class Operation(IntEnum):
    """operation-id: RFC 8011 section 5.4.15, and what was registered later."""

    PRINT_JOB = 0x02
    PRINT_URI = 0x03
    VALIDATE_JOB = 0x04
    CREATE_JOB = 0x05
    SEND_DOCUMENT = 0x06
    SEND_URI = 0x07
    CANCEL_JOB = 0x08
    GET_JOB_ATTRIBUTES = 0x09
    GET_JOBS = 0x0A
    GET_PRINTER_ATTRIBUTES = 0x0B
    HOLD_JOB = 0x0C
    RELEASE_JOB = 0x0D
    RESTART_JOB = 0x0E
    PAUSE_PRINTER = 0x10
    RESUME_PRINTER = 0x11
    PURGE_JOBS = 0x12
    SET_PRINTER_ATTRIBUTES = 0x13
    SET_JOB_ATTRIBUTES = 0x14
    GET_PRINTER_SUPPORTED_VALUES = 0x15
    CREATE_PRINTER_SUBSCRIPTIONS = 0x16
    CREATE_JOB_SUBSCRIPTIONS = 0x17
    GET_SUBSCRIPTION_ATTRIBUTES = 0x18
    GET_SUBSCRIPTIONS = 0x19
    RENEW_SUBSCRIPTION = 0x1A
    CANCEL_SUBSCRIPTION = 0x1B
    GET_NOTIFICATIONS = 0x1C
    GET_RESOURCE_ATTRIBUTES = 0x1E
    GET_RESOURCES = 0x20
    ENABLE_PRINTER = 0x22
    DISABLE_PRINTER = 0x23
    PAUSE_PRINTER_AFTER_CURRENT_JOB = 0x24
    HOLD_NEW_JOBS = 0x25
    RELEASE_HELD_NEW_JOBS = 0x26
    DEACTIVATE_PRINTER = 0x27
    ACTIVATE_PRINTER = 0x28
    RESTART_PRINTER = 0x29
    SHUTDOWN_PRINTER = 0x2A
    STARTUP_PRINTER = 0x2B
    REPROCESS_JOB = 0x2C
    CANCEL_CURRENT_JOB = 0x2D
    SUSPEND_CURRENT_JOB = 0x2E
    RESUME_JOB = 0x2F
    PROMOTE_JOB = 0x30
    SCHEDULE_JOB_AFTER = 0x31
    CANCEL_DOCUMENT = 0x33
    GET_DOCUMENT_ATTRIBUTES = 0x34
    GET_DOCUMENTS = 0x35
    DELETE_DOCUMENT = 0x36
    SET_DOCUMENT_ATTRIBUTES = 0x37
    CANCEL_JOBS = 0x38
    CANCEL_MY_JOBS = 0x39
    RESUBMIT_JOB = 0x3A
    CLOSE_JOB = 0x3B
    IDENTIFY_PRINTER = 0x3C
    VALIDATE_DOCUMENT = 0x3D
    ADD_DOCUMENT_IMAGES = 0x3E
    ACKNOWLEDGE_DOCUMENT = 0x3F
    ACKNOWLEDGE_IDENTIFY_PRINTER = 0x40
    ACKNOWLEDGE_JOB = 0x41
    FETCH_DOCUMENT = 0x42
    FETCH_JOB = 0x43
    GET_OUTPUT_DEVICE_ATTRIBUTES = 0x44
    UPDATE_ACTIVE_JOBS = 0x45
    DEREGISTER_OUTPUT_DEVICE = 0x46
    UPDATE_DOCUMENT_STATUS = 0x47
    UPDATE_JOB_STATUS = 0x48
    UPDATE_OUTPUT_DEVICE_ATTRIBUTES = 0x49
    GET_NEXT_DOCUMENT_DATA = 0x4A
    ALLOCATE_PRINTER_RESOURCES = 0x4B
    CREATE_PRINTER = 0x4C
    DEALLOCATE_PRINTER_RESOURCES = 0x4D
    DELETE_PRINTER = 0x4E
    GET_PRINTERS = 0x4F
    SHUTDOWN_ONE_PRINTER = 0x50
    STARTUP_ONE_PRINTER = 0x51
    CANCEL_RESOURCE = 0x52
    CREATE_RESOURCE = 0x53
    INSTALL_RESOURCE = 0x54
    SEND_RESOURCE_DATA = 0x55
    SET_RESOURCE_ATTRIBUTES = 0x56
    CREATE_RESOURCE_SUBSCRIPTIONS = 0x57
    CREATE_SYSTEM_SUBSCRIPTIONS = 0x58
    DISABLE_ALL_PRINTERS = 0x59
    ENABLE_ALL_PRINTERS = 0x5A
    GET_SYSTEM_ATTRIBUTES = 0x5B
    GET_SYSTEM_SUPPORTED_VALUES = 0x5C
    PAUSE_ALL_PRINTERS = 0x5D
    PAUSE_ALL_PRINTERS_AFTER_CURRENT_JOB = 0x5E
    REGISTER_OUTPUT_DEVICE = 0x5F
    RESTART_SYSTEM = 0x60
    RESUME_ALL_PRINTERS = 0x61
    SET_SYSTEM_ATTRIBUTES = 0x62
    SHUTDOWN_ALL_PRINTERS = 0x63
    STARTUP_ALL_PRINTERS = 0x64
    GET_PRINTER_RESOURCES = 0x65
    GET_USER_PRINTER_ATTRIBUTES = 0x66
    RESTART_ONE_PRINTER = 0x67


class Status(IntEnum):
    """status-code: RFC 8011 appendix B, and what was registered later."""

    SUCCESSFUL_OK = 0x0000
    SUCCESSFUL_OK_IGNORED_OR_SUBSTITUTED_ATTRIBUTES = 0x0001
    SUCCESSFUL_OK_CONFLICTING_ATTRIBUTES = 0x0002
    SUCCESSFUL_OK_IGNORED_SUBSCRIPTIONS = 0x0003
    SUCCESSFUL_OK_TOO_MANY_EVENTS = 0x0005
    SUCCESSFUL_OK_EVENTS_COMPLETE = 0x0007
    CLIENT_ERROR_BAD_REQUEST = 0x0400
    CLIENT_ERROR_FORBIDDEN = 0x0401
    CLIENT_ERROR_NOT_AUTHENTICATED = 0x0402
    CLIENT_ERROR_NOT_AUTHORIZED = 0x0403
    CLIENT_ERROR_NOT_POSSIBLE = 0x0404
    CLIENT_ERROR_TIMEOUT = 0x0405
    CLIENT_ERROR_NOT_FOUND = 0x0406
    CLIENT_ERROR_GONE = 0x0407
    CLIENT_ERROR_REQUEST_ENTITY_TOO_LARGE = 0x0408
    CLIENT_ERROR_REQUEST_VALUE_TOO_LONG = 0x0409
    CLIENT_ERROR_DOCUMENT_FORMAT_NOT_SUPPORTED = 0x040A
    CLIENT_ERROR_ATTRIBUTES_OR_VALUES_NOT_SUPPORTED = 0x040B
    CLIENT_ERROR_URI_SCHEME_NOT_SUPPORTED = 0x040C
    CLIENT_ERROR_CHARSET_NOT_SUPPORTED = 0x040D
    CLIENT_ERROR_CONFLICTING_ATTRIBUTES = 0x040E
    CLIENT_ERROR_COMPRESSION_NOT_SUPPORTED = 0x040F
    CLIENT_ERROR_COMPRESSION_ERROR = 0x0410
    CLIENT_ERROR_DOCUMENT_FORMAT_ERROR = 0x0411
    CLIENT_ERROR_DOCUMENT_ACCESS_ERROR = 0x0412
    CLIENT_ERROR_ATTRIBUTES_NOT_SETTABLE = 0x0413
    CLIENT_ERROR_IGNORED_ALL_SUBSCRIPTIONS = 0x0414
    CLIENT_ERROR_TOO_MANY_SUBSCRIPTIONS = 0x0415
    CLIENT_ERROR_DOCUMENT_PASSWORD_ERROR = 0x0418
    CLIENT_ERROR_DOCUMENT_PERMISSION_ERROR = 0x0419
    CLIENT_ERROR_DOCUMENT_SECURITY_ERROR = 0x041A
    CLIENT_ERROR_DOCUMENT_UNPRINTABLE_ERROR = 0x041B
    CLIENT_ERROR_ACCOUNT_INFO_NEEDED = 0x041C
    CLIENT_ERROR_ACCOUNT_CLOSED = 0x041D
    CLIENT_ERROR_ACCOUNT_LIMIT_REACHED = 0x041E
    CLIENT_ERROR_ACCOUNT_AUTHORIZATION_FAILED = 0x041F
    CLIENT_ERROR_NOT_FETCHABLE = 0x0420
    SERVER_ERROR_INTERNAL_ERROR = 0x0500
    SERVER_ERROR_OPERATION_NOT_SUPPORTED = 0x0501
    SERVER_ERROR_SERVICE_UNAVAILABLE = 0x0502
    SERVER_ERROR_VERSION_NOT_SUPPORTED = 0x0503
    SERVER_ERROR_DEVICE_ERROR = 0x0504
    SERVER_ERROR_TEMPORARY_ERROR = 0x0505
    SERVER_ERROR_NOT_ACCEPTING_JOBS = 0x0506
    SERVER_ERROR_BUSY = 0x0507
    SERVER_ERROR_JOB_CANCELED = 0x0508
    SERVER_ERROR_MULTIPLE_DOCUMENT_JOBS_NOT_SUPPORTED = 0x0509
    SERVER_ERROR_PRINTER_IS_DEACTIVATED = 0x050A
    SERVER_ERROR_TOO_MANY_JOBS = 0x050B
    SERVER_ERROR_TOO_MANY_DOCUMENTS = 0x050C


class JobState(IntEnum):
    """job-state: RFC 8011 section 5.3.7."""

    PENDING = 3
    PENDING_HELD = 4
    PROCESSING = 5
    PROCESSING_STOPPED = 6
    CANCELED = 7
    ABORTED = 8
    COMPLETED = 9

    @property
    def is_final(self) -> bool:
        """Whether the job will not change any more."""
        return self >= JobState.CANCELED


class PrinterState(IntEnum):
    """printer-state: RFC 8011 section 5.4.11."""

    IDLE = 3
    PROCESSING = 4
    STOPPED = 5


def keyword(code: int) -> str:
    """Return a status as the RFC spells it, such as "client-error-not-found"; "0x04ff" if it is not known."""
    try:
        return Status(code).name.lower().replace("_", "-")
    except ValueError:
        return f"0x{code:04x}"


def operation_name(code: int) -> str:
    """Return an operation as the RFC spells it, such as "Print-Job"; "0x4001" if it is not known."""
    try:
        return Operation(code).name.title().replace("_", "-").replace("Uri", "URI")
    except ValueError:
        return f"0x{code:04x}"


def succeeded(code: int) -> bool:
    """Return whether a status belongs to the successful class: RFC 8011 appendix B.1.2."""
    return 0 <= code < 0x0100


# --- Names ------------------------------------------------------------------------------------------------


def clean_name(text: str, limit: int = 255, ending: str = "") -> str:
    """Return a name that printers survive: no control characters (Q-88), at most ``limit`` octets of UTF-8.

    It is cut between characters, and before ``ending``, which stays and must fit. Octets of a command line that are no
    UTF-8 are taken for Latin-1. The result may be empty, and is then to be left out (Q-86).
    """
    whole = "".join(_clean_character(character) for character in text).strip()
    room = max(limit - len(ending.encode("utf-8")), 0)
    return (whole.encode("utf-8")[:room].decode("utf-8", "ignore").rstrip() + ending).strip()


def _clean_character(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # an octet that is no UTF-8: PEP 383
        code -= 0xDC00
        character = chr(code)
    if code < 0x20 or 0x7F <= code < 0xA0:
        return " "
    return "\ufffd" if 0xD800 <= code <= 0xDFFF else character


def sanitised_user(text: str) -> str:
    """Return the letters and digits of a user name, for printers that refuse all else (Q-87); possibly none."""
    return "".join(character for character in text if character.isascii() and character.isalnum())[:255]


# --- Requests ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Target:
    """What all requests of a job have in common."""

    printer_uri: str
    requesting_user_name: str = ""
    version: tuple[int, int] = (2, 0)


def _if_any(name: str, tag: Tag, *values: object) -> list[Attribute]:
    """Return the attribute, or nothing if it would have no value or an empty one."""
    return [attribute(name, tag, *values)] if any(values) else []


def _name(name: str, text: str) -> list[Attribute]:
    return _if_any(name, Tag.NAME_WITHOUT_LANGUAGE, clean_name(text))


def _request(
    target: Target,
    operation: Operation,
    request_id: int,
    operation_attributes: Iterable[Attribute],
    *,
    job_id: int | None = None,
    job_attributes: Iterable[Attribute] = (),
) -> Message:
    head = [
        attribute("attributes-charset", Tag.CHARSET, "utf-8"),
        attribute("attributes-natural-language", Tag.NATURAL_LANGUAGE, "en"),
        attribute("printer-uri", Tag.URI, target.printer_uri),
    ]
    if job_id is not None:
        head.append(attribute("job-id", Tag.INTEGER, job_id))
    head += _name("requesting-user-name", target.requesting_user_name)
    groups = (
        Group(Tag.OPERATION_ATTRIBUTES, (*head, *operation_attributes)),
        Group(Tag.JOB_ATTRIBUTES, tuple(job_attributes)),
    )
    return Message(target.version, operation, request_id, tuple(group for group in groups if group.attributes))


def get_printer_attributes(
    target: Target,
    request_id: int,
    requested: tuple[str, ...] | list[str] = (),
    *,
    operation_attributes: Iterable[Attribute] = (),
) -> Message:
    """Get-Printer-Attributes, RFC 8011 section 4.2.5; without ``requested`` the printer sends all."""
    own = _if_any("requested-attributes", Tag.KEYWORD, *requested)
    return _request(target, Operation.GET_PRINTER_ATTRIBUTES, request_id, [*own, *operation_attributes])


def print_job(
    target: Target,
    request_id: int,
    job_name: str = "",
    document_format: str = "",
    *,
    operation_attributes: Iterable[Attribute] = (),
    job_attributes: Iterable[Attribute] = (),
) -> Message:
    """Print-Job, RFC 8011 section 4.2.1; the document follows the message."""
    document = _if_any("document-format", Tag.MIME_MEDIA_TYPE, document_format)
    everything = [*_name("job-name", job_name), *document, *operation_attributes]
    return _request(target, Operation.PRINT_JOB, request_id, everything, job_attributes=job_attributes)


def create_job(
    target: Target,
    request_id: int,
    job_name: str = "",
    *,
    operation_attributes: Iterable[Attribute] = (),
    job_attributes: Iterable[Attribute] = (),
) -> Message:
    """Create-Job, RFC 8011 section 4.2.4; what concerns the document belongs into Send-Document (Q-94)."""
    everything = [*_name("job-name", job_name), *operation_attributes]
    return _request(target, Operation.CREATE_JOB, request_id, everything, job_attributes=job_attributes)


def send_document(
    target: Target,
    request_id: int,
    job_id: int,
    document_format: str = "",
    *,
    last_document: bool = True,
    operation_attributes: Iterable[Attribute] = (),
) -> Message:
    """Send-Document, RFC 8011 section 4.3.1; the document follows the message."""
    own = _if_any("document-format", Tag.MIME_MEDIA_TYPE, document_format)
    last = attribute("last-document", Tag.BOOLEAN, last_document)
    everything = [*own, *operation_attributes, last]
    return _request(target, Operation.SEND_DOCUMENT, request_id, everything, job_id=job_id)


def get_job_attributes(
    target: Target,
    request_id: int,
    job_id: int,
    requested: tuple[str, ...] | list[str] = (),
    *,
    operation_attributes: Iterable[Attribute] = (),
) -> Message:
    """Get-Job-Attributes, RFC 8011 section 4.3.4; without ``requested`` the printer sends all."""
    everything = [*_if_any("requested-attributes", Tag.KEYWORD, *requested), *operation_attributes]
    return _request(target, Operation.GET_JOB_ATTRIBUTES, request_id, everything, job_id=job_id)


def get_jobs(
    target: Target,
    request_id: int,
    requested: tuple[str, ...] | list[str] = (),
    *,
    which_jobs: str = "",
    my_jobs: bool = False,
    limit: int = 0,
    operation_attributes: Iterable[Attribute] = (),
) -> Message:
    """Get-Jobs, RFC 8011 section 4.2.6; without ``which_jobs`` those not completed, without ``limit`` all."""
    own = [
        *_if_any("limit", Tag.INTEGER, limit),
        *_if_any("requested-attributes", Tag.KEYWORD, *requested),
        *_if_any("which-jobs", Tag.KEYWORD, which_jobs),
        *_if_any("my-jobs", Tag.BOOLEAN, my_jobs),
    ]
    return _request(target, Operation.GET_JOBS, request_id, [*own, *operation_attributes])


def cancel_job(
    target: Target, request_id: int, job_id: int, *, operation_attributes: Iterable[Attribute] = ()
) -> Message:
    """Cancel-Job, RFC 8011 section 4.3.3."""
    return _request(target, Operation.CANCEL_JOB, request_id, operation_attributes, job_id=job_id)
