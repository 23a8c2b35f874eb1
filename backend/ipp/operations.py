"""Requests: RFC 8011 section 4.

They are built as printers want them: charset, language and target first and in the order of RFC 8011 section 4.1.5,
requesting-user-name always (Q-89), last-document always (Q-95), each attribute only in the operation it belongs to; a
name that is empty is left out (Q-86), and so is a group without attributes (Q-85). Whether a printer supports the
operation or an attribute is not looked at here.
"""

from __future__ import annotations

from backend.ipp.codes import Operation
from backend.ipp.message import Attribute, Group, Message, attribute
from backend.ipp.tags import Tag
from filters.common.dataclass import dataclass

TYPE_CHECKING = False  # typing is slow to import, and only the type checker needs it
if TYPE_CHECKING:
    from typing import Iterable

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
    natural_language: str = "en",
) -> Message:
    head = [
        attribute("attributes-charset", Tag.CHARSET, "utf-8"),
        attribute("attributes-natural-language", Tag.NATURAL_LANGUAGE, natural_language),
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
    natural_language: str = "en",
) -> Message:
    """Get-Printer-Attributes, RFC 8011 section 4.2.5; without ``requested`` the printer sends all."""
    own = _if_any("requested-attributes", Tag.KEYWORD, *requested)
    attributes = [*own, *operation_attributes]
    return _request(target, Operation.GET_PRINTER_ATTRIBUTES, request_id, attributes, natural_language=natural_language)


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


def identify_printer(target: Target, request_id: int) -> Message:
    """Identify-Printer, PWG 5100.13 section 5.1; how is left to the printer (identify-actions-default)."""
    return _request(target, Operation.IDENTIFY_PRINTER, request_id, ())


def cancel_job(
    target: Target, request_id: int, job_id: int, *, operation_attributes: Iterable[Attribute] = ()
) -> Message:
    """Cancel-Job, RFC 8011 section 4.3.3."""
    return _request(target, Operation.CANCEL_JOB, request_id, operation_attributes, job_id=job_id)
