"""The job attributes of one document on their way to a printer that may refuse some, or take the job without them.

Pure: attributes and the names that an answer calls unsupported in, what is still sent out. Q-112, Q-113.
"""

from __future__ import annotations

from collections.abc import Collection

from backend.delivery.attempt import JobAttributes
from filters.common.dataclass import replace

#: Attributes that mean nothing without copies.
ABOUT_COPIES = ("copies", "multiple-document-handling")
#: What is left out together when a printer does not say what it refuses: first what printers dislike most, last what
#: wastes paper or ink when it is missing. Others go first of all.
GROUPS = (
    ("media-col",),
    ("finishings", "finishings-col"),
    ("output-bin",),
    ("page-delivery", "print-content-optimize", "print-rendering-intent", "print-scaling"),
    ("number-up", "orientation-requested", "page-ranges"),
    ("print-quality", "printer-resolution"),
    ABOUT_COPIES,
    ("media",),
    ("sides",),
    ("print-color-mode",),
)
#: How often a document is sent for the sake of its attributes; then it goes without any.
MOST_ROUNDS = 8


def leave_out(sent: JobAttributes, unsupported: Collection[str]) -> JobAttributes:
    """After a refusal: leave out those that the answer names, or the next group when it names none of them."""
    rounds = sent.rounds + 1
    named = ignored(sent, unsupported)
    names = named or _next_group(sent.names)
    if rounds >= MOST_ROUNDS:
        names = sent.names
    copies_named = sent.copies_named or "copies" in named
    return replace(_without(sent, names), rounds=rounds, left_out=tuple(names), copies_named=copies_named)


def ignored(sent: JobAttributes, unsupported: Collection[str]) -> list[str]:
    """After an acceptance: return the names of those that the printer has taken the job without."""
    return [name for name in sent.names if name in unsupported]


def after_ignoring(sent: JobAttributes, names: Collection[str]) -> JobAttributes:
    """Return what a later request carries: all of it but copies, which are made by sending then."""
    return replace(_without(sent, ["copies"]), copies_named=True) if "copies" in names else sent


def _without(sent: JobAttributes, names: list[str]) -> JobAttributes:
    """Copies that the printer does not make are sent one by one, and none of them asks for more."""
    copies = sent.copies
    if "copies" in names:
        copies, names = 1, [*names, *ABOUT_COPIES]
    return replace(sent, attributes=tuple(each for each in sent.attributes if each.name not in names), copies=copies)


def _next_group(names: list[str]) -> list[str]:
    known = {name for group in GROUPS for name in group}
    groups = ([name for name in names if name not in known], *GROUPS)
    return next((found for group in groups if (found := [name for name in names if name in group])), [])
