"""Requests that some printers refuse although a better one would take them: ``strict``. Q-87, Q-94, Q-112."""

from __future__ import annotations

from typing import Callable

from backend.ipp.codes import Operation, Status
from backend.ipp.message import Message
from backend.ipp.tags import Tag

from tests.printer.faults import Faults

JOB_CREATION = (Operation.PRINT_JOB, Operation.CREATE_JOB, Operation.VALIDATE_JOB)
BAD, UNSUPPORTED = Status.CLIENT_ERROR_BAD_REQUEST, Status.CLIENT_ERROR_ATTRIBUTES_OR_VALUES_NOT_SUPPORTED


def _odd_user(message: Message) -> bool:
    found = message.get("requesting-user-name")
    user = "a" if found is None else str(getattr(found.value, "text", found.value))
    return not (user.isascii() and user.isalnum())


def _job_template(message: Message) -> bool:
    group = message.group(Tag.JOB_ATTRIBUTES)
    return message.code in JOB_CREATION and group is not None and bool(group.attributes)


def _duplicate(message: Message) -> bool:
    return any(len({each.name for each in group.attributes}) < len(group.attributes) for group in message.groups)


# Value of the switch: what offends it, and what that is answered with.
RULES: dict[str, tuple[Callable[[Message], bool], Status]] = {
    "user-alnum": (_odd_user, BAD),
    "job-template": (_job_template, UNSUPPORTED),
    "media-col": (lambda message: message.get("media-col") is not None, UNSUPPORTED),
    "duplicate-attribute": (_duplicate, BAD),
}


def offence(message: Message, faults: Faults) -> Status | None:
    """What the request is refused with, or None."""
    offends, answer = RULES.get(faults.strict, (lambda _: False, None))
    return answer if offends(message) else None
