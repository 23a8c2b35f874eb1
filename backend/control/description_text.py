"""The text of a printer description (PPD), as far as commands look into it: what it needs, whence it came, its choices.

Read line by line with patterns, so that a damaged description says little and breaks nothing.
"""

from __future__ import annotations

import re

from filters.description.generate import SOURCE

#: A description is text of a few kilobytes; more than this is none.
LONGEST_DESCRIPTION = 1 << 20


def read_description(path: str) -> str:
    """Return the text of a description, "" if it cannot be read."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(LONGEST_DESCRIPTION)
    except OSError:
        return ""


def value_of(text: str, keyword: str) -> str:
    """Return the quoted value of a main keyword, "" without it."""
    found = re.search(rf'^\*{keyword}:\s*"([^"]*)"', text, re.MULTILINE)
    return found[1].strip() if found else ""


def version_of(text: str) -> str:
    """Return the version of the product that a description came with, "" before 0.2.0."""
    return value_of(text, "ipps443Version")


def is_made_from_printer(text: str) -> bool:
    """Tell whether a description was made from what a printer said."""
    return value_of(text, "ipps443Source") == SOURCE


def state_of_printer(text: str) -> dict[str, str]:
    """Return what the printer was when its description was made: a hash for each part."""
    return dict(re.findall(r'^\*ipps443State (\w+): "([0-9a-f]+)"', text, re.MULTILINE))


def conversion_programs(text: str) -> frozenset[str]:
    """Return the filter programs that a description names; "-" means none."""
    values = re.findall(r'^\*cupsFilter2?:\s*"([^"]*)"', text, re.MULTILINE)
    return frozenset(value.split()[-1] for value in values if value.split()) - {"-"}


def types_written(text: str) -> set[str]:
    """Return the MIME types, in lower case, in which the printer gets documents: the last ones of cupsFilter2."""
    lines = [line.split() for line in re.findall(r'^\*cupsFilter2:\s*"([^"]*)"', text, re.MULTILINE)]
    return {line[1].lower() for line in lines if len(line) >= 4}


def is_color(text: str) -> bool:
    """Return ColorDevice."""
    return bool(re.search(r"^\*ColorDevice:\s*True", text, re.MULTILINE))


def choices(text: str) -> dict[str, list[str]]:
    """Return the choices of all options but PageRegion, which repeats PageSize."""
    options = re.findall(r"^\*(?:OpenUI \*([^/\s]+)/|(Custom\S+) True)", text, re.MULTILINE)
    names = [option or custom for option, custom in options if option != "PageRegion"]
    return {name: re.findall(rf"^\*{re.escape(name)} ([^/:\s]+)[/:]", text, re.MULTILINE) for name in names}


def has_choice(text: str, option: str, value: str) -> bool:
    """Tell whether an option with a default has this choice, or takes custom values."""
    if not re.search(rf"^\*Default{re.escape(option)}:", text, re.MULTILINE):
        return False
    if value.startswith("Custom."):
        return bool(re.search(rf"^\*Custom{re.escape(option)}[ \t]+True", text, re.MULTILINE))
    return bool(re.search(rf"^\*{re.escape(option)}[ \t]+{re.escape(value)}[/:]", text, re.MULTILINE))
