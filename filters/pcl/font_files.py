"""Which installed font has a character: a list of files in the order in which they are asked.

First the fixed-pitch families, whose letters fit into cells as they are, then proportional ones for what is left. No
fontconfig: it would take longer than a page. Files are opened when a character is looked for that none before has.
"""

from __future__ import annotations

import os
from typing import Iterator, Optional

from filters.pcl.truetype import BROKEN_FONT, TrueTypeFont, open_font

#: Where distributions put TrueType fonts.
FOLDERS = ("/usr/share/fonts/truetype", "/usr/share/fonts/TTF", "/usr/local/share/fonts", "/usr/share/fonts")
#: The beginnings of names, best first: regular and bold. What begins with none of them comes last, by name.
_FAMILIES = (
    ("DejaVuSansMono.", "DejaVuSansMono-Bold."),
    ("LiberationMono-Regular", "LiberationMono-Bold."),
    ("NotoSansMono-Regular", "NotoSansMono-Bold."),
    ("FreeMono.", "FreeMonoBold."),
    ("DejaVuSans.", "DejaVuSans-Bold."),
    ("NotoSans-Regular", "NotoSans-Bold."),
    ("FreeSans.", "FreeSansBold."),
    ("FreeSerif.", "FreeSerifBold."),
    ("Symbola", "Symbola"),
)
_ENDINGS = (".ttf", ".ttc")
#: Styles that are no fallback for upright letters.
_OTHER_STYLES = ("italic", "oblique", "bold", "condensed", "light", "thin", "black", "medium", "emoji")
#: Files asked for one character at most: a system with a thousand fonts is not to stop a job.
_MOST_FILES = 300


def find_font_files(folders: tuple[str, ...] = FOLDERS) -> tuple[list[str], list[str]]:
    """Return the files of regular fonts and of bold ones, best first."""
    found = sorted(set(_walk(folders)), key=os.path.basename)
    regular = _by_family(found, 0)
    known = set(regular)
    for path in found:
        name = os.path.basename(path).lower()
        if path not in known and not any(style in name for style in _OTHER_STYLES):
            regular.append(path)
    return regular[:_MOST_FILES], _by_family(found, 1)


def _by_family(paths: list[str], weight: int) -> list[str]:
    return [p for family in _FAMILIES for p in paths if os.path.basename(p).startswith(family[weight])]


def _walk(folders: tuple[str, ...], depth: int = 4) -> Iterator[str]:
    for folder in folders:
        try:
            entries = list(os.scandir(folder))
        except OSError:
            continue
        yield from (entry.path for entry in entries if entry.name.lower().endswith(_ENDINGS))
        if depth:
            yield from _walk(tuple(entry.path for entry in entries if entry.is_dir()), depth - 1)


class FontChain:
    """Fonts of one weight, opened one after the other."""

    def __init__(self, paths: list[str]) -> None:
        self._waiting = list(paths)
        self._open: list[TrueTypeFont] = []

    def find(self, character: str) -> Optional[tuple[TrueTypeFont, int]]:
        """Return the first font that has a character, and its glyph there."""
        code = ord(character)
        for font in self._fonts():
            try:
                if glyph := font.glyph_of(code):
                    return font, glyph
            except BROKEN_FONT:
                continue  # the next one may have it
        return None

    def _fonts(self) -> Iterator[TrueTypeFont]:
        yield from self._open
        while self._waiting:
            font = open_font(self._waiting.pop(0))
            if font:
                self._open.append(font)
                yield font
