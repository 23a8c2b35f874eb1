"""The job attributes of one document on their way to a printer that may refuse some, or take the job without them.

Pure: answers in, what is still sent and how many copies it makes out. Q-112, Q-113.
"""

from __future__ import annotations

from backend.ipp.message import Attribute, Message
from backend.ipp.tags import Tag

#: Attributes that mean nothing without copies.
ABOUT_COPIES = ("copies", "multiple-document-handling")


class OptionsSent:
    """What is sent of a job's options.

    Attributes:
        attributes: those that the next request carries.
        copies: how many copies the printer makes because of them.
    """

    def __init__(self, attributes: tuple[Attribute, ...], copies: int) -> None:
        self.attributes = attributes
        self.copies = copies
        self._refused_before = False
        self._unsupported: frozenset[str] = frozenset()

    def hear(self, answer: Message | None) -> None:
        """Take from an answer which attributes the printer does not support (RFC 8011 section 4.1.7)."""
        groups = answer.groups_of(Tag.UNSUPPORTED_ATTRIBUTES) if answer else []
        self._unsupported = frozenset(each.name for group in groups for each in group.attributes)

    def leave_out(self) -> list[str]:
        """After a refusal: leave out those that the answer names; the second time, or when it names none, all of them.

        Returns:
            the names of what was left out.
        """
        names = [each.name for each in self.attributes]
        named = [name for name in names if name in self._unsupported and not self._refused_before]
        self._refused_before = True
        left_out = named or names
        self._drop(left_out)
        return left_out

    def ignored(self) -> list[str]:
        """After an acceptance: return the names of those that the printer has taken the job without."""
        names = [each.name for each in self.attributes if each.name in self._unsupported]
        if "copies" in names:
            self._drop(["copies"])
        return names

    def _drop(self, names: list[str]) -> None:
        """Copies that the printer does not make are sent one by one, and none of them asks for more."""
        if "copies" in names:
            self.copies = 1
            names = [*names, *ABOUT_COPIES]
        self.attributes = tuple(each for each in self.attributes if each.name not in names)
