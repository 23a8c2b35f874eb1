"""Staples, holes, folds and the rest: finishings and finishing-template of PWG 5100.1 as options of a PPD.

Each kind is an option of its own, so that a job can have several. A choice is the keyword of the value; a line
``*cupsIPPFinishings 20/staple-top-left: "*StaplePosition staple-top-left"`` leads back to its number.
"""

from __future__ import annotations

from collections.abc import Mapping

from filters.description.attributes import PrinterAttributes
from filters.description.options import Choice, Option, permitted
from filters.description.words import name_apart, text_of

_EDGES = ("left", "top", "right", "bottom")
_CORNERS = ("top-left", "bottom-left", "top-right", "bottom-right")

#: finishings (type2 enum) by number.
FINISHINGS: dict[int, str] = {
    4: "staple",
    5: "punch",
    6: "cover",
    7: "bind",
    8: "saddle-stitch",
    9: "edge-stitch",
    10: "fold",
    11: "trim",
    12: "bale",
    13: "booklet-maker",
    14: "jog-offset",
    15: "coat",
    16: "laminate",
    **{20 + at: f"staple-{corner}" for at, corner in enumerate(_CORNERS)},
    **{24 + at: f"edge-stitch-{edge}" for at, edge in enumerate(_EDGES)},
    **{28 + at: f"staple-dual-{edge}" for at, edge in enumerate(_EDGES)},
    **{32 + at: f"staple-triple-{edge}" for at, edge in enumerate(_EDGES)},
    **{50 + at: f"bind-{edge}" for at, edge in enumerate(_EDGES)},
    60: "trim-after-pages",
    61: "trim-after-documents",
    62: "trim-after-copies",
    63: "trim-after-job",
    **{70 + at: f"punch-{corner}" for at, corner in enumerate(_CORNERS)},
    **{74 + at: f"punch-dual-{edge}" for at, edge in enumerate(_EDGES)},
    **{78 + at: f"punch-triple-{edge}" for at, edge in enumerate(_EDGES)},
    **{82 + at: f"punch-quad-{edge}" for at, edge in enumerate(_EDGES)},
    **{86 + at: f"punch-multiple-{edge}" for at, edge in enumerate(_EDGES)},
    **{
        90 + at: f"fold-{way}"
        for at, way in enumerate(
            (
                "accordion",
                "double-gate",
                "gate",
                "half",
                "half-z",
                "left-gate",
                "letter",
                "parallel",
                "poster",
                "right-gate",
                "z",
                "engineering-z",
            )
        )
    },
}

#: Options, what people read, and how the keywords of their choices begin.
_OPTIONS = (
    ("StaplePosition", "Staple", ("staple", "saddle-stitch", "edge-stitch")),
    ("Punch", "Punch", ("punch",)),
    ("Fold", "Fold", ("fold",)),
    ("Bind", "Bind", ("bind",)),
    ("Trim", "Trim", ("trim",)),
    ("Booklet", "Booklet", ("booklet",)),
    ("OtherFinishing", "Other finishing", ("cover", "bale", "jog", "coat", "laminate")),
)
#: The option for templates without a number.
TEMPLATES = "FinishingTemplate"
_NONE = Choice("none", "None", "none")


def finishing_options(
    printer: PrinterAttributes, strings: Mapping[str, str], notes: list[str]
) -> tuple[list[Option], list[tuple[int, str, str]]]:
    """Return the options, and for cupsIPPFinishings the numbers with option and choice."""
    numbers = [number for number in printer.numbers("finishings-supported") if number != 3]
    unknown = [number for number in numbers if number not in FINISHINGS]
    if unknown:
        notes.append(f"finishings: {len(unknown)} left out that no standard knows, such as {unknown[0]}")
    options, translated = [], []
    own = printer.numbers("finishings-default")
    for option, text, beginnings in _OPTIONS:
        known = [number for number in numbers if FINISHINGS.get(number, "").startswith(beginnings)]
        if not known:
            continue
        choices = [_NONE] + [
            Choice(word, _text(word, strings), word) for word in (FINISHINGS[number] for number in sorted(known))
        ]
        default = next((FINISHINGS[number] for number in own if number in known), "none")
        options.append(Option(option, text, "finishings", tuple(choices), default, is_printers=True))
        translated += [(number, option, FINISHINGS[number]) for number in sorted(known)]
    templates = _templates(printer, strings, notes, {FINISHINGS.get(number) for number in numbers})
    return options + templates, translated


def _templates(
    printer: PrinterAttributes, strings: Mapping[str, str], notes: list[str], numbered: set[str | None]
) -> list[Option]:
    """Return an option for finishing-template where it has more than the numbers say."""
    listed = [
        word for each in printer.collections("finishings-col-database") for word in each.keywords("finishing-template")
    ]
    listed += printer.keywords("finishing-template-supported")
    words = [word for word in dict.fromkeys(listed) if word not in numbered and word != "none"]
    words = permitted(words, "finishing-template", notes)
    if words and "finishing-template" not in printer.keywords("finishings-col-supported"):
        notes.append(
            f"finishing-template: {len(words)} left out, such as {words[0]}, because finishings-col-supported lacks it"
        )
        words = []
    if not words:
        return []
    choices = [_NONE] + [
        Choice(name, _text(word, strings), word) for name, word in zip(name_apart(["none", *words])[1:], words)
    ]
    return [Option(TEMPLATES, "Finishing", "finishings-col", tuple(choices), "none", is_printers=True)]


def _text(word: str, strings: Mapping[str, str]) -> str:
    return text_of("finishing-template", word, strings)
