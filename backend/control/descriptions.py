"""The printer descriptions that are installed, and which of them fits what a printer says about itself (spec 8).

What a description needs from the printer is read from the description: the last types of its cupsFilter2 lines, which
are what the printer gets. Nothing depends on file names, so new descriptions are found without a change here.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

#: The folder of our descriptions below <datadir>/model, and the beginning of the names that lpadmin -m takes.
FOLDER = "ipps443"

#: Languages of printers, the better one for text first; their MIME types and names in the CMD field of a device id.
#: PCL3GUI and the like begin with the same letters and are something else.
LANGUAGES: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("PCL 5", ("application/vnd.hp-pcl", "application/pcl"), ("PCL", "PCL5", "PCL5C", "PCL5E")),
    ("PCL XL", ("application/vnd.hp-pclxl", "application/pclxl"), ("PCLXL", "PCL6")),
    ("PDF", ("application/pdf",), ("PDF",)),
)

#: A description is text of a few kilobytes; more than this is none.
LONGEST_DESCRIPTION = 1 << 20


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


def data_folder(environ: Mapping[str, str]) -> str:
    """Return <datadir> of this CUPS."""
    return environ.get("CUPS_DATADIR") or ask_cups_config("--datadir", "/usr/share/cups")


def ask_cups_config(option: str, usual: str) -> str:
    """Return what cups-config(1) says; only development packages bring it."""
    program = shutil.which("cups-config")
    if program is None:
        return usual
    done = subprocess.run([program, option], capture_output=True, text=True, check=False)
    return done.stdout.strip() or usual


def installed_descriptions(environ: Mapping[str, str]) -> tuple[Description, ...]:
    """Return our descriptions below <datadir>, by name."""
    folder = os.path.join(data_folder(environ), "model", FOLDER)
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(".ppd"))
    except OSError:
        return ()
    return tuple(parse_description(f"{FOLDER}/{name}", read_description(os.path.join(folder, name))) for name in names)


def read_description(path: str) -> str:
    """Return the text of a description, "" if it cannot be read."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(LONGEST_DESCRIPTION)
    except OSError:
        return ""


def parse_description(name: str, text: str) -> Description:
    """Read the lines that matter for a choice."""
    lines = [line.split() for line in re.findall(r'^\*cupsFilter2:\s*"([^"]*)"', text, re.MULTILINE)]
    finals = {line[1].lower() for line in lines if len(line) >= 4}
    languages = frozenset(language for language, types, _ in LANGUAGES if finals & set(types))
    return Description(
        name,
        _field(text, "NickName"),
        _field(text, "Manufacturer"),
        _field(text, "ModelName"),
        bool(re.search(r"^\*ColorDevice:\s*True", text, re.MULTILINE)),
        languages,
        conversion_programs(text),
    )


def conversion_programs(text: str) -> frozenset[str]:
    """Return the filter programs that a description names; "-" means none."""
    values = re.findall(r'^\*cupsFilter2?:\s*"([^"]*)"', text, re.MULTILINE)
    return frozenset(value.split()[-1] for value in values if value.split()) - {"-"}


def _field(text: str, keyword: str) -> str:
    found = re.search(rf'^\*{keyword}:\s*"([^"]*)"', text, re.MULTILINE)
    return found[1].strip() if found else ""


def printer_languages(formats: Iterable[str], device_id: str) -> tuple[str, ...]:
    """Return the languages that a printer takes, from document-format-supported and the CMD field of its device id."""
    types = {kind.partition(";")[0].strip().lower() for kind in formats}
    found = re.search(r"(?:^|;)\s*(?:CMD|COMMAND SET)\s*:([^;]*)", device_id, re.IGNORECASE)
    commands = {word.strip().upper() for word in re.split(r"[,\s]", found[1])} if found else set()
    return tuple(name for name, mime, words in LANGUAGES if types & set(mime) or commands & set(words))


def choose_description(
    descriptions: Iterable[Description], languages: Iterable[str], make_and_model: str, color: bool | None
) -> Description | None:
    """Return the description that fits best, None if the printer takes what none of them writes.

    One made for this model comes first; then colour, if the printer has it; then the language that suits text better.
    """
    taken = set(languages)
    order = [name for name, _, _ in LANGUAGES]

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
