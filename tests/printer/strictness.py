"""Requests that some printers refuse although a better one would take them: the ``strict`` switch.

Q-85 to Q-89, Q-94, Q-95, Q-112, Q-117.
"""

from __future__ import annotations

from typing import Callable

from backend.ipp.codes import Operation, Status
from backend.ipp.message import Message
from backend.ipp.tags import Tag

from tests.printer.faults import Faults

JOB_CREATION = (Operation.PRINT_JOB, Operation.CREATE_JOB, Operation.VALIDATE_JOB)
# The group that says which attributes belong to an operation is small for us, so a table of the misplaced ones is
# enough.
NAMES = ("requesting-user-name", "job-name", "document-name")


def _name(message: Message, name: str) -> str | None:
    found = message.get(name)
    return None if found is None else str(getattr(found.value, "text", found.value))


def _empty_group(message: Message) -> bool:
    return any(not group.attributes for group in message.groups)


def _empty_name(message: Message) -> bool:
    return any(_name(message, name) == "" for name in NAMES)


def _odd_user(message: Message) -> bool:
    user = _name(message, "requesting-user-name")
    return user is not None and not (user.isascii() and user.isalnum())


def _control_in_job_name(message: Message) -> bool:
    return any(ord(character) < 32 for character in _name(message, "job-name") or "")


def _long_name(message: Message) -> bool:
    return any(len((_name(message, name) or "").encode()) > 255 for name in NAMES)


def _no_user(message: Message) -> bool:
    return not _name(message, "requesting-user-name")


def _no_last_document(message: Message) -> bool:
    return message.code == Operation.SEND_DOCUMENT and message.get("last-document") is None


def _format_in_create_job(message: Message) -> bool:
    misplaced = ("document-format", "compression")
    return message.code == Operation.CREATE_JOB and any(message.get(name) for name in misplaced)


def _job_template(message: Message) -> bool:
    group = message.group(Tag.JOB_ATTRIBUTES)
    return message.code in JOB_CREATION and group is not None and bool(group.attributes)


def _media_col(message: Message) -> bool:
    return message.get("media-col") is not None


def _duplicate(message: Message) -> bool:
    return any(len({each.name for each in group.attributes}) < len(group.attributes) for group in message.groups)


BAD, UNSUPPORTED = Status.CLIENT_ERROR_BAD_REQUEST, Status.CLIENT_ERROR_ATTRIBUTES_OR_VALUES_NOT_SUPPORTED

# Value of the switch: what offends it, and what that is answered with.
RULES: dict[str, tuple[Callable[[Message], bool], Status]] = {
    "empty-group": (_empty_group, BAD),
    "empty-name": (_empty_name, BAD),
    "user-alnum": (_odd_user, BAD),
    "user-alnum-internal": (_odd_user, Status.SERVER_ERROR_INTERNAL_ERROR),
    "name-max-255": (_long_name, Status.CLIENT_ERROR_REQUEST_VALUE_TOO_LONG),
    "require-user": (_no_user, BAD),
    "request-id": (lambda message: message.request_id <= 0, BAD),
    "last-document": (_no_last_document, BAD),
    "create-job-format": (_format_in_create_job, UNSUPPORTED),
    "job-template": (_job_template, UNSUPPORTED),
    "media-col": (_media_col, UNSUPPORTED),
    "duplicate-attribute": (_duplicate, BAD),
}


def offence(message: Message, faults: Faults) -> Status | None:
    """What the request is refused with, or None."""
    rules = [RULES[setting.form] for setting in faults.settings("strict") if setting.form in RULES]
    return next((answer for offends, answer in rules if offends(message)), None)


def locks_up(message: Message, faults: Faults) -> bool:
    """Whether the request is of the kind that this printer never answers (Q-88)."""
    return faults.has("strict", "job-name-control-hang") and _control_in_job_name(message)
