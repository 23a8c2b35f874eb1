"""What a filter needs of a printer description: PostScript Printer Description File Format 4.3, sections 2 and 5.

Read here: main keywords with their option keywords and values, and the defaults. Not read: constraints, order
dependencies, translations, the grouping of options. A description of some hundred lines takes about a millisecond,
which is why this is not left to a library.
"""

from __future__ import annotations

import re

from filters.common.dataclass import dataclass, field

TYPE_CHECKING = False  # slow to import
if TYPE_CHECKING:
    from typing import Optional

# *MainKeyword option/Translation: "quoted, perhaps over several lines" | plain
# and not *de.MainKeyword or *zh_CN.MainKeyword, which are the words of the option in other languages.
_ENTRY = re.compile(
    r"^\*(?![a-z]{2}(?:_[A-Z]{2})?\.)"
    r'([^\s:%?/]+)(?:[ \t]+([^:/\r\n]*?))?[ \t]*(?:/[^:\r\n]*)?:[ \t]*(?:"([^"]*)"|([^\r\n"]*))',
    re.M,
)
#: Characters of choices that mean nothing when a user writes them: "tray-2" and "Tray2" are the same.
_NO_LETTER = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class PrinterDescription:
    """Defaults by option, and values by main keyword and choice; empty when there is no file."""

    defaults: dict[str, str] = field(default_factory=dict)
    values: dict[tuple[str, str], str] = field(default_factory=dict)

    def value(self, keyword: str, choice: str) -> Optional[str]:
        """Return the value of ``*keyword choice: "value"``; the choice is compared as users write it."""
        exact = self.values.get((keyword, choice))
        if exact is not None:
            return exact
        wanted = fold(choice)
        return next((v for (k, c), v in self.values.items() if k == keyword and fold(c) == wanted), None)

    def choice(self, keyword: str, wanted: str) -> Optional[str]:
        """Return the description's own spelling of a choice."""
        folded = fold(wanted)
        return next((c for (k, c) in self.values if k == keyword and fold(c) == folded), None)


def without_custom(value: str) -> str:
    """Return a value without the prefix that stands before one which is not in the description's list."""
    return value.removeprefix("Custom.")


def fold(choice: str) -> str:
    """Return a choice as it is compared: letters and digits only, lower case."""
    return _NO_LETTER.sub("", choice.lower())


def parse_ppd(text: str) -> PrinterDescription:
    """Read a printer description. Lines that are none are skipped: cupsd has checked the file already."""
    description = PrinterDescription()
    for keyword, option, quoted, plain in _ENTRY.findall(text):
        value = (quoted or plain).strip()
        if keyword.startswith("Default") and not option:
            description.defaults.setdefault(keyword[7:], value)
        else:
            description.values.setdefault((keyword, option), value)
    return description
