"""The printer descriptions that are installed, and which of them fits what a printer says about itself.

What a description needs from the printer is read from the description: the last types of its cupsFilter2 lines, which
are what the printer gets. Nothing depends on file names, so new descriptions are found without a change here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from backend.control.cups_folders import data_folder
from backend.control.description_text import (
    conversion_programs,
    is_color,
    read_description,
    types_written,
    value_of,
)
from backend.printer import languages

#: The folder of our descriptions below <datadir>/model, and the beginning of the names that lpadmin -m takes.
FOLDER = "ipps443"

#: The languages that descriptions of ours write, the better one for text first, with their MIME types.
LANGUAGES = tuple((name, types) for name, types, _ in languages.LANGUAGES if name in ("PCL 5", "PCL XL", "PDF"))


@dataclass(frozen=True)
class Description:
    """A printer description. ``languages`` are those of ``LANGUAGES`` that the printer must take."""

    name: str
    nickname: str
    manufacturer: str
    model: str
    color: bool
    languages: frozenset[str]
    #: Programs that its conversion lines name.
    filters: frozenset[str]


def installed_descriptions(environ: Mapping[str, str]) -> tuple[Description, ...]:
    """Return our descriptions below <datadir>, by name."""
    folder = os.path.join(data_folder(environ), "model", FOLDER)
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(".ppd"))
    except OSError:
        return ()
    return tuple(parse_description(f"{FOLDER}/{name}", read_description(os.path.join(folder, name))) for name in names)


def parse_description(name: str, text: str) -> Description:
    """Read the lines that matter for a choice."""
    finals = types_written(text)
    written = frozenset(language for language, types in LANGUAGES if finals & set(types))
    return Description(
        name,
        value_of(text, "NickName"),
        value_of(text, "Manufacturer"),
        value_of(text, "ModelName"),
        is_color(text),
        written,
        conversion_programs(text),
    )


def printer_languages(formats: Iterable[str], device_id: str) -> tuple[str, ...]:
    """Return the languages of ours that a printer takes, from document-format-supported and its device id."""
    taken = languages.languages_of(formats, device_id)
    return tuple(name for name, _ in LANGUAGES if name in taken)


def choose_description(
    descriptions: Iterable[Description], taken_languages: Iterable[str], make_and_model: str, color: bool | None
) -> Description | None:
    """Return the description that fits best, None if the printer takes what none of them writes.

    One made for this model comes first; then colour, if the printer has it; then the language that suits text better.
    """
    taken = set(taken_languages)
    order = [name for name, _ in LANGUAGES]

    def fits(description: Description) -> bool:
        if _is_for(description, make_and_model):
            return True
        # PDF may hold colours for any printer; in the other languages a printer without colour fails at them.
        colors_fit = color or not description.color or description.languages == {"PDF"}
        return (
            description.manufacturer.lower() == "generic"
            and bool(colors_fit)
            and bool(description.languages)
            and description.languages <= taken
        )

    def rank(description: Description) -> tuple[bool, bool, int, str]:
        first = min((order.index(language) for language in description.languages), default=len(order))
        plain = bool(color) and not description.color
        return not _is_for(description, make_and_model), plain, first, description.name

    usable = sorted((description for description in descriptions if fits(description)), key=rank)
    return usable[0] if usable else None


def _is_for(description: Description, make_and_model: str) -> bool:
    """Tell whether a description was made for this model, by its name."""
    if description.manufacturer.lower() == "generic" or not description.model:
        return False
    words = _words(description.model.removeprefix(description.manufacturer))
    # Letters behind the number (1552n, 1552dn) are variants of the model.
    return bool(words) and re.search(rf"\b{words}[a-z]{{0,2}}\b", _words(make_and_model)) is not None


def _words(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", text.lower()))
