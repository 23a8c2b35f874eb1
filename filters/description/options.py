"""Options of a PPD, made from keywords that a printer lists: PPD 4.3 section 5.2, PWG 5100.13, PWG 5100.7."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from filters.common.dataclass import dataclass
from filters.description.attributes import PrinterAttributes
from filters.description.words import is_keyword, name_apart, text_of

#: More choices than this are no printer's.
MOST_CHOICES = 400


@dataclass(frozen=True)
class Choice:
    """One choice. ``keyword`` is what it means in IPP; ``code`` is its value in the PPD."""

    name: str
    text: str
    keyword: str
    code: str = ""


@dataclass(frozen=True)
class Option:
    """One option that people choose from.

    Attributes:
        attribute: the attribute of IPP that it becomes.
        is_printers: the default is what the printer does when nobody says anything, so that it is not sent.
    """

    keyword: str
    text: str
    attribute: str
    choices: tuple[Choice, ...]
    default: str
    is_printers: bool = False


@dataclass(frozen=True)
class _Kind:
    """An option whose choices are keywords that the printer lists."""

    keyword: str
    text: str
    attribute: str
    known: Mapping[str, str]


_SOURCES = {
    "auto": "Automatic",
    "by-pass-tray": "Multi-purpose tray",
    "disc": "Disc",
    "large-capacity": "Large capacity tray",
    "main": "Main tray",
    "manual": "Manual feed",
    "photo": "Photo tray",
}
_TYPES = {
    "auto": "Automatic",
    "cardstock": "Card stock",
    "labels": "Labels",
    "photographic": "Photo paper",
    "photographic-glossy": "Glossy photo paper",
    "photographic-high-gloss": "High gloss photo paper",
    "photographic-matte": "Matte photo paper",
    "photographic-semi-gloss": "Semi-gloss photo paper",
    "stationery": "Plain paper",
    "stationery-bond": "Bond paper",
    "stationery-coated": "Coated paper",
    "stationery-colored": "Coloured paper",
    "stationery-fine": "Fine paper",
    "stationery-heavyweight": "Heavy paper",
    "stationery-inkjet": "Inkjet paper",
    "stationery-letterhead": "Letterhead",
    "stationery-lightweight": "Light paper",
    "stationery-preprinted": "Preprinted paper",
    "stationery-prepunched": "Prepunched paper",
    "transparency": "Transparency",
}
_BINS = {"auto": "Automatic", "face-down": "Face down", "face-up": "Face up"}
_SCALINGS = {"auto": "Automatic", "auto-fit": "Fit if larger", "fill": "Fill the page", "fit": "Fit", "none": "None"}
_DELIVERIES = {
    "reverse-order-face-down": "Last page first, face down",
    "reverse-order-face-up": "Last page first, face up",
    "same-order-face-down": "First page first, face down",
    "same-order-face-up": "First page first, face up",
    "system-specified": "As the printer is set",
}

KINDS = (
    _Kind("InputSlot", "Paper source", "media-source", _SOURCES),
    _Kind("MediaType", "Type of paper", "media-type", _TYPES),
    _Kind("OutputBin", "Output bin", "output-bin", _BINS),
    _Kind("print-scaling", "Scaling by the printer", "print-scaling", _SCALINGS),
    _Kind("print-content-optimize", "Optimise for", "print-content-optimize", {"auto": "Automatic"}),
    _Kind("print-rendering-intent", "Rendering intent", "print-rendering-intent", {"auto": "Automatic"}),
    _Kind("page-delivery", "Page delivery", "page-delivery", _DELIVERIES),
)
#: The default where a printer does not say what it does when nobody chooses: nothing is sent.
UNTOLD = Choice("default", "As the printer is set", "default")
_SIDES = (
    ("one-sided", "None", "Off", "<</Duplex false>>setpagedevice"),
    ("two-sided-long-edge", "DuplexNoTumble", "Long edge (portrait)", "<</Duplex true/Tumble false>>setpagedevice"),
    ("two-sided-short-edge", "DuplexTumble", "Short edge (landscape)", "<</Duplex true/Tumble true>>setpagedevice"),
)


def permitted(words: Iterable[str], attribute: str, notes: list[str]) -> list[str]:
    """Return the words that can be choices, each once; those that cannot are named in a note."""
    words = list(dict.fromkeys(words))
    good = [word for word in words if is_keyword(word)]
    left_out = [word for word in words if not is_keyword(word)] + good[MOST_CHOICES:]
    if left_out:
        notes.append(f"{attribute}: {len(left_out)} left out, such as {ascii(left_out[0])[:60]}")
    return good[:MOST_CHOICES]


def keyword_options(printer: PrinterAttributes, strings: Mapping[str, str], notes: list[str]) -> list[Option]:
    """Return trays, types of paper, bins and what else is a list of keywords."""
    found = [_keyword_option(kind, printer, strings, notes) for kind in KINDS]
    return [option for option in found if option is not None]


def _keyword_option(
    kind: _Kind, printer: PrinterAttributes, strings: Mapping[str, str], notes: list[str]
) -> Option | None:
    words = permitted(_listed(kind.attribute, printer), kind.attribute, notes)
    if not words:
        return None
    names = name_apart(words if UNTOLD.name in words else [UNTOLD.name, *words])[-len(words) :]
    choices = tuple(
        Choice(name, text_of(kind.attribute, word, strings, kind.known), word) for name, word in zip(names, words)
    )
    own = _own_default(kind.attribute, printer)
    meant = next((each.name for each in choices if each.keyword == own), "")
    # Automatic is what people mean who do not choose a tray, whatever is loaded at the moment.
    auto = next((each.name for each in choices if each.keyword in ("auto", UNTOLD.keyword)), "")
    first = (auto, meant) if kind.attribute == "media-source" else (meant, auto)
    default = next(filter(None, first), "")
    if not default and len(choices) > 1:
        choices = (UNTOLD, *choices)
    default = default or choices[0].name
    return Option(kind.keyword, kind.text, kind.attribute, choices, default, is_printers=meant in ("", default))


def _listed(attribute: str, printer: PrinterAttributes) -> tuple[str, ...]:
    """Return what a printer lists; trays and types may stand in media-col-database alone, or with what is loaded."""
    listed = printer.keywords(f"{attribute}-supported")
    if listed or not attribute.startswith("media-"):
        return listed
    entries = printer.collections("media-col-database") or printer.collections("media-col-ready")
    return tuple(word for each in entries for word in each.keywords(attribute))


def _own_default(attribute: str, printer: PrinterAttributes) -> str:
    if attribute.startswith("media-"):
        return next((each.word(attribute) for each in printer.collections("media-col-default")), "")
    return printer.word(f"{attribute}-default")


def sides_option(printer: PrinterAttributes) -> Option | None:
    """Return Duplex, None for a printer that prints on one side."""
    listed = printer.keywords("sides-supported")
    choices = tuple(
        Choice(name, text, word, code) for word, name, text, code in _SIDES if word in listed or word == "one-sided"
    )
    if len(choices) < 2:
        return None
    default = printer.word("sides-default")
    chosen = next((each.name for each in choices if each.keyword == default), "None")
    return Option("Duplex", "Two-sided", "sides", choices, chosen)


def collation_option(printer: PrinterAttributes, by_filter: bool) -> Option | None:
    """Return Collate, None for a printer that does not say that it makes copies both ways.

    Args:
        by_filter: CUPS's filters make copies; they collate if the job says so, whatever the default of a description.
    """
    listed = printer.keywords("multiple-document-handling-supported")
    collated, uncollated = "separate-documents-collated-copies", "separate-documents-uncollated-copies"
    if collated not in listed or uncollated not in listed:
        return None
    choices = Choice("True", "On", collated), Choice("False", "Off", uncollated)
    usual = printer.word("multiple-document-handling-default")
    default = "False" if by_filter or usual == uncollated else "True"
    return Option("Collate", "Collate copies", "multiple-document-handling", choices, default)
