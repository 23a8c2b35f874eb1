"""Pages of spooled files as lines of text, in the form in which tests/scs has what is expected of them.

    === page N {...} MPP ... MPL ...
    the lines from the top, and under a line what is special about some of its columns:
        ^B 30-36 (7)     columns 30 to 36 are bold, seven of them letters; U underlined, X struck out
        ^over 1:_ 2:_    printed over these columns
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from filters.layout.page import FILLER
from filters.layout.runs import BOLD, OVER, STRIKE, UNDERLINE
from filters.scs.machine import Machine
from filters.scs.page import Page

SAMPLES = Path(__file__).parent / "scs"


def read_pages(data: bytes, cuts: Iterable[int] = (), **settings: Any) -> tuple[list[Page], Machine]:
    """Return the pages of a stream that comes in pieces, and the machine that read it."""
    machine = Machine(**settings)
    places = [0, *cuts, len(data)]
    items = [item for a, b in zip(places, places[1:]) for item in machine.feed(data[a:b])]
    return [item for item in [*items, *machine.finish()] if isinstance(item, Page)], machine


class Cells:
    """A line of a page by its columns."""

    def __init__(self) -> None:
        self.text: dict[int, str] = {}
        self.bold: set[int] = set()
        self.underlined: set[int] = set()
        self.struck: set[int] = set()
        self.over: dict[int, str] = {}

    @property
    def line(self) -> str:
        """Return the text of the line; the second cell of a wide character is no column of its own."""
        last = max(self.text, default=-1)
        return "".join(self.text.get(n, " ") for n in range(last + 1)).replace(FILLER, "").replace("\xa0", " ").rstrip()


def lines_of(page: Page) -> dict[int, Cells]:
    """Return the lines of a page by their number, from 0."""
    lines: dict[int, Cells] = {}
    for x, y, coded, font, style in page.runs:
        cells = lines.setdefault(round(y / page.line), Cells())
        text = coded.decode("cp1252") if isinstance(coded, bytes) else coded
        start = round((x - page.left) / font.cell) if not font.double else round((x - page.left) * 2 / font.cell)
        step = 2 if font.double else 1
        for number, character in enumerate(text):
            column = start + number * step
            if style & OVER:
                strike = style == STRIKE
                cells.struck |= {column + 1} if strike else set()
                if not strike:
                    cells.over[column + 1] = character
                continue
            if character != " " or column not in cells.text:
                cells.text[column] = character
            if style & BOLD and character.strip():
                cells.bold.add(column + 1)
            if style & UNDERLINE:
                cells.underlined.add(column + 1)
    return lines


def marks(cells: Cells) -> list[str]:
    """Return what is special about a line."""
    kinds = (("B", cells.bold), ("U", cells.underlined), ("X", cells.struck))
    found = [f"    ^{kind} {min(columns)}-{max(columns)} ({len(columns)})" for kind, columns in kinds if columns]
    if cells.over:
        found.append("    ^over " + " ".join(f"{c}:{o}" for c, o in sorted(cells.over.items())))
    return found


def dump(page: Page) -> str:
    """Return a page as text."""
    setup = page.setup
    values: dict[str, object] = {
        "form": setup.form,
        "drawer": setup.drawer,
        "dest": setup.bin,
        "quality": setup.quality,
        "duplex": setup.duplex,
        "rotation": f"{setup.rotation:04X}",
    }
    if setup.job is not None:
        values["sic"] = setup.job
    if setup.width:
        values.update(w=setup.width, h=setup.height)
    head = f"=== page {page.number} {values} MPP {page.columns} MPL {page.lines}"
    lines = lines_of(page)
    body: list[str] = []
    for number in range(max(lines, default=0) + 1):
        cells = lines.get(number, Cells())
        body += [cells.line, *marks(cells)]
    return "\n".join([head, *body]).rstrip("\n")


def expected_pages(path: Path) -> list[str]:
    """Return the pages that are expected, with their notes left out, in our form.

    A low line over a letter is an underline for us, not a character over another (ALLY p. 4-20); a soft hyphen is a
    hyphen (undocprint). Both are the same on paper.
    """
    text = path.read_text()
    pages = re.split(r"^(?==== page )", text.split("=== notes")[0].split("--- notes")[0], flags=re.M)[1:]
    return [_in_our_form(page) for page in pages]


def _in_our_form(page: str) -> str:
    lines = [_underlined(line.rstrip()) for line in page.rstrip("\n").split("\n")]
    while len(lines) > 1 and not lines[-1]:
        lines.pop()
    return "\n".join(lines).replace("\N{SOFT HYPHEN}", "-").replace("\N{NO-BREAK SPACE}", " ")


def _underlined(line: str) -> str:
    over = re.findall(r"(\d+):_", line) if line.startswith("    ^over ") else []
    if over and len(over) == line.count(":"):
        return f"    ^U {over[0]}-{over[-1]} ({len(over)})"
    return line


def header(page: str) -> dict[str, object]:
    """Return the values of a page's first line."""
    found = re.match(r"=== page (\d+) (\{.*?\}) MPP (\S+) MPL (\S+)", page)
    assert found
    return {"page": found[1], **ast.literal_eval(found[2]), "mpp": found[3], "mpl": found[4]}
