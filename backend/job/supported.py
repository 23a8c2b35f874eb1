"""What a printer supports of what a job may ask for: NAME-supported of RFC 8011 section 5.4. Pure."""

from __future__ import annotations

from backend.ipp.message import Attribute, LanguageString, Message, Range, Value
from backend.ipp.tags import Tag
from backend.ipp.values import write_value
from filters.common.ppd import fold

TYPE_CHECKING = False  # typing is slow to import, and only the type checker needs it
if TYPE_CHECKING:
    from typing import Any


class Supported:
    """A printer's answer about SUPPORTED_ATTRIBUTES; without one it says nothing about any of them."""

    def __init__(self, answer: Message | None) -> None:
        self._answer = answer

    def listed(self, name: str) -> tuple[Any, ...] | None:
        """Return the values that the printer lists for an attribute, None if it does not say."""
        found = self._answer.get(f"{name}-supported", Tag.PRINTER_ATTRIBUTES) if self._answer else None
        return found.all if found else None

    def value(self, name: str, tag: Tag, wanted: Any, asked: bool) -> Value | None:
        """Return a value as the printer spells it, None if it is not to be sent, or cannot be."""
        listed = self.listed(name)
        tags = [tag]
        if listed is None:
            sent = wanted if asked else None
        elif tag == Tag.NAME_WITHOUT_LANGUAGE:
            sent = wanted if True in listed else None  # an account: the printer says whether it has them, not which
        elif isinstance(wanted, str):
            sent = _spelled(wanted, listed)
            tags.append(Tag.NAME_WITHOUT_LANGUAGE)  # vendors' own values may be names in the place of keywords
        else:
            sent = wanted if _is_among(wanted, listed) else None
        return next((Value(each, sent) for each in tags if sent is not None and _can_be_sent(each, sent)), None)

    def keyword(self, name: str, wanted: str | None, asked: bool) -> Attribute | None:
        """Return an attribute of one keyword."""
        value = self.value(name, Tag.KEYWORD, wanted, asked) if wanted else None
        return Attribute(name, (value,)) if value else None


def _can_be_sent(tag: Tag, value: Any) -> bool:
    """Tell whether the syntax of a tag allows a value."""
    try:
        write_value(tag, value)
    except ValueError:
        return False
    return True


def _spelled(wanted: str, listed: tuple[Any, ...]) -> str | None:
    """Return that one of a printer's values that means a keyword: equal but for case, blanks and punctuation."""
    words = [str(getattr(each, "text", each)) for each in listed if isinstance(each, (str, LanguageString))]
    if wanted in words:
        return wanted
    return next((each for each in words if fold(each) == fold(wanted) != ""), None)


def _is_among(wanted: Any, listed: tuple[Any, ...]) -> bool:
    """Tell whether a printer's values, or ranges of values, have one; page-ranges-supported is a boolean."""
    if isinstance(wanted, Range):
        return True in listed
    ranges = (each for each in listed if isinstance(each, Range) and isinstance(wanted, int))
    return wanted in listed or any(each.lower <= wanted <= each.upper for each in ranges)
