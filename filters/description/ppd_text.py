"""Lines of a PPD: PPD 4.3 sections 2 to 5. What they are made of has been cleaned; each line is looked at again."""

from __future__ import annotations

import re
from collections.abc import Iterable

from filters.description.options import Option

#: Octets of a line: CUPS reads no description with a longer one (PPD 4.3 section 3.1).
LONGEST_LINE = 255

#: *Keyword, *Keyword choice, *Keyword choice/text; each with a value in quotes or without. Nothing else is a line here.
_LINE = re.compile(
    r"\*(?:%[^\n\"]*|[A-Za-z0-9][A-Za-z0-9._+-]{0,79}(?: (?:\*?[A-Za-z0-9][A-Za-z0-9._+-]{0,90}|))?(?:/[^:\"\n<>*]*)?"
    r":(?: (?:\"[^\"\n]*\"|[^\"\n]*))?)"
)


class UnsafeLine(ValueError):
    """A line that would not be read as it was meant; a fault of ours."""


def quoted(keyword: str, value: str, choice: str = "", text: str = "") -> str:
    """Return a line whose value stands between quotes."""
    return f'*{keyword}{" " + choice if choice else ""}{"/" + text if text else ""}: "{value}"'


def option_lines(option: Option, order: int) -> list[str]:
    """Return the lines of an option that people choose from."""
    keyword = option.keyword
    return [
        f"*OpenUI *{keyword}/{option.text}: PickOne",
        f"*OrderDependency: {order} AnySetup *{keyword}",
        f"*Default{keyword}: {option.default}",
        *(quoted(keyword, each.code, each.name, each.text) for each in option.choices),
        f"*CloseUI: *{keyword}",
    ]


def join(lines: Iterable[str]) -> str:
    """Return the text of a PPD.

    Raises:
        UnsafeLine: a line is none.
    """
    lines = list(lines)
    for line in lines:
        if not _LINE.fullmatch(line) or not line.isprintable():
            raise UnsafeLine(ascii(line)[:200])
    return "\n".join(lines) + "\n"
