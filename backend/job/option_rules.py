"""Which options of a job become which IPP attributes: RFC 8011 section 5.2, PWG 5100.13. Pure, data mostly.

One rule an attribute: how its texts are read, which option of printer descriptions means the same, and in which words.
Sides and media have more to them, see ``options`` and ``media_attributes``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from backend.ipp.message import Range, Resolution
from backend.ipp.tags import Tag
from filters.common.dataclass import dataclass
from filters.common.ppd import fold

TYPE_CHECKING = False  # typing is slow to import, and only the type checker needs it
if TYPE_CHECKING:
    from typing import Any

#: Choices that leave a matter to the printer, folded: as a default they ask for nothing.
LEFT_TO_PRINTER = frozenset({"", "auto", "automatic", "autoselect", "default", "none", "plain", "printer"})

#: Choices of printer descriptions, folded, in the words of IPP.
_COLORS = {
    **dict.fromkeys(("gray", "grayscale", "kgray", "black", "blackwhite", "mono", "monochrome"), "monochrome"),
    **dict.fromkeys(("rgb", "srgb", "adobergb", "cmy", "cmyk", "color", "colour"), "color"),
}
_QUALITIES = {"draft": "3", "normal": "4", "high": "5", "best": "5"}
SOURCES = {"bypass": "by-pass-tray", "multipurpose": "by-pass-tray", "manualfeed": "manual", "upper": "top"}
TYPES = {
    "plain": "stationery",
    "bond": "stationery-bond",
    "glossy": "photographic-glossy",
    "letterhead": "stationery-letterhead",
    "preprinted": "stationery-preprinted",
}


# --- texts of options to values -------------------------------------------------------------------------------


def _read_keywords(text: str) -> list[Any]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _read_numbers(text: str) -> list[Any]:
    return [int(word) for word in text.split(",")]


def _read_ranges(text: str) -> list[Any]:
    """Read "1-3,7,9-" as CUPS does: an open end is the last page."""
    ranges = []
    for part in text.split(","):
        lower, dash, upper = part.partition("-")
        first = int(lower or "1")
        ranges.append(Range(first, int(upper) if upper else (2**31 - 1 if dash else first)))
        if first < 1 or len(ranges) > 1 and first <= ranges[-2].upper:
            raise ValueError("pages are counted from 1, and ranges rise")  # RFC 8011 section 5.2.7
    return ranges


def _read_resolutions(text: str) -> list[Any]:
    """Read "600dpi", "600x1200dpi" or "240dpcm"."""
    number, unit = (text[:-3], 3) if text.endswith("dpi") else (text.removesuffix("dpcm"), 4)
    x, _, y = number.partition("x")
    return [Resolution(int(x), int(y or x), unit)]


READERS: dict[Tag, Callable[[str], list[Any]]] = {
    Tag.KEYWORD: _read_keywords,
    Tag.ENUM: _read_numbers,
    Tag.INTEGER: _read_numbers,
    Tag.NAME_WITHOUT_LANGUAGE: lambda text: [text],
    Tag.RANGE_OF_INTEGER: _read_ranges,
    Tag.RESOLUTION: _read_resolutions,
}


@dataclass(frozen=True)
class Rule:
    """One attribute.

    Attributes:
        ppd: the option of printer descriptions that means the same.
        words: its choices, folded; without them a choice is spelled with hyphens.
        by_filter: pdftopdf does it, so that only files that pass no filter need the attribute.
        usual: a value that asks for nothing; cupsd or desktops give it to every job.
        any_language: asked for with PCL and PostScript as well.
    """

    name: str
    tag: Tag
    ppd: str = ""
    words: Mapping[str, str] | None = None
    by_filter: bool = False
    usual: str = ""
    any_language: bool = False

    def in_words_of_ipp(self, choice: str) -> str:
        """Return what a choice of a printer description means, "" if that is not known."""
        return hyphenated(choice) if self.words is None else self.words.get(fold(choice), "")


RULES = (
    Rule("finishings", Tag.ENUM, any_language=True),
    Rule("job-account-id", Tag.NAME_WITHOUT_LANGUAGE, any_language=True),
    Rule("job-accounting-user-id", Tag.NAME_WITHOUT_LANGUAGE, any_language=True),
    Rule("number-up", Tag.INTEGER, by_filter=True, usual="1"),
    Rule("orientation-requested", Tag.ENUM, by_filter=True),
    Rule("output-bin", Tag.KEYWORD, "OutputBin", any_language=True),
    Rule("page-delivery", Tag.KEYWORD),
    Rule("page-ranges", Tag.RANGE_OF_INTEGER, by_filter=True),
    Rule("print-color-mode", Tag.KEYWORD, "ColorModel", _COLORS),
    Rule("print-content-optimize", Tag.KEYWORD, usual="auto"),
    Rule("print-quality", Tag.ENUM, "cupsPrintQuality", _QUALITIES),
    Rule("print-rendering-intent", Tag.KEYWORD, usual="auto"),
    Rule("print-scaling", Tag.KEYWORD, by_filter=True, usual="auto"),
    Rule("printer-resolution", Tag.RESOLUTION),
)
#: What to ask a printer for before ``choose_job_attributes``.
SUPPORTED_ATTRIBUTES = tuple(
    f"{name}-supported"
    for name in (
        *(rule.name for rule in RULES),
        *(
            "copies",
            "finishings-col",
            "media",
            "media-col",
            "media-size",
            "media-source",
            "media-type",
            "multiple-document-handling",
            "sides",
        ),
    )
)


#: The option of descriptions made from the printer for finishings that have no number.
TEMPLATE = "FinishingTemplate"


def leaves_it(choice: str) -> bool:
    """Tell whether a choice leaves the matter to the printer."""
    return fold(choice) in LEFT_TO_PRINTER


def hyphenated(choice: str) -> str:
    """Return a choice of a printer description as CUPS makes a keyword of it: "FaceUp" is "face-up"."""
    spelled = ""
    for before, character in zip(" " + choice, choice):
        border = character.isupper() and before.islower() or character.isdigit() and before.isalpha()
        spelled += ("-" if border else "") + character.lower()
    return spelled.replace("_", "-").replace(" ", "-")
