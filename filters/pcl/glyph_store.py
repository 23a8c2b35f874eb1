"""Which glyphs are in the printer, and how the missing ones get there in time.

Before a side is printed, all of its characters that symbol set 19U lacks are looked up, and those that the printer has
not got yet are sent in a font of their own. A character of a small alphabet brings its whole alphabet along, so later
sides rarely need a font. When the fonts grow over a budget, those that were not used for longest are deleted, and if
the side needs a little of all of them, as Chinese text does, all are, and what the side needs is sent anew. That
happens between sides: a font must stay until the page that uses it is printed.

What no font has is looked for under its compatibility decomposition (a full-width A is an A), and what is not found
then is a box of our own.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Optional

from filters.dataclass import dataclass, field
from filters.layout.page import FILLER
from filters.pcl import commands as pcl
from filters.pcl.soft_font import (
    ADVANCE,
    CODES,
    FIRST_SYMBOL_SET,
    LAST_SYMBOL_SET,
    UNITS_PER_EM,
    GlyphRecord,
    delete_font,
    load_font,
    select_font,
)
from filters.pcl.symbol_set import NAME
from filters.pcl.truetype import BROKEN_FONT, Point, TrueTypeFont, decode_outline, encode_outline, transform

if TYPE_CHECKING:
    from filters.pcl.font_files import FontChain

#: Fonts and bytes that a printer keeps for us: what a LaserJet of the nineties has room for besides a page.
MOST_FONTS = 32
MOST_BYTES = 400_000
#: Small alphabets, as ranges of code points: whole they cost a few kilobytes.
_ALPHABETS = (
    (0x0100, 0x017F),  # Latin, with all accents
    (0x0384, 0x03CE),  # Greek
    (0x0400, 0x045F),  # Cyrillic
    (0x0531, 0x0586),  # Armenian
    (0x05D0, 0x05EA),  # Hebrew
    (0x10D0, 0x10F0),  # Georgian
    (0x2500, 0x259F),  # lines and blocks
)
#: Glyphs kept here for the next time; a page of Chinese has some two thousand.
_MOST_FOUND = 6000
#: Characters remembered to be boxes from one side to the next: a text that is not text has any number of them.
_MOST_BOXES = 1000
#: Bytes that a glyph takes besides its outline: commands, record, metrics.
_BYTES_PER_GLYPH = 30
#: Fonts that can be told apart; what is beyond them on one side is a box.
_SYMBOL_SETS = LAST_SYMBOL_SET - FIRST_SYMBOL_SET + 1
#: What the store calls its box, which is no character.
_BOX = ""
#: Cells that move on in every font without a glyph of their own.
_BLANKS = {" ": 0x20, FILLER: 0x20}

#: A character, and whether it is one of the bold fonts.
Key = tuple[str, bool]


@dataclass
class LoadedFont:
    """A font in the printer."""

    number: int
    bold: bool
    #: Bytes it took to send.
    size: int
    #: The command that chooses it.
    select: bytes
    #: The command that goes back to the resident one.
    leave: bytes
    #: It has wide characters: such fonts do not stay for long.
    wide: bool
    #: Code points to codes, blanks among them, and the same characters as a set.
    codes: dict[int, int]
    characters: set[str]
    #: Characters that print as a box.
    boxes: set[str]
    #: The last side that needed it.
    used: int = 0


@dataclass
class GlyphStore:
    """The glyphs of one job."""

    regular: FontChain
    bold: FontChain
    typeface: int
    most_fonts: int = MOST_FONTS
    most_bytes: int = MOST_BYTES
    #: Choose fonts by their numbers, not by their symbol sets.
    by_number: bool = False
    _places: dict[Key, LoadedFont] = field(default_factory=dict)
    _fonts: list[LoadedFont] = field(default_factory=list)
    _found: dict[Key, Optional[GlyphRecord]] = field(default_factory=dict)
    _side: int = 0

    def key(self, character: str, bold: bool) -> Key:
        """Return what a character is called here: bold only if a bold font has it."""
        return character, bold and self._find(character, True) is not None

    def outline(self, character: str, bold: bool) -> tuple[bytes, bool]:
        """Return the outline that stands for a character, the box if there is none, and whether it is a bold one."""
        glyph = self._find(character, True) if bold else None
        return (glyph.outline, True) if glyph else ((self._find(character, False) or _box()).outline, False)

    def is_box(self, character: str) -> bool:
        """Tell whether no font has a character, nor anything that looks like it."""
        return self._find(character, False) is None

    def place(self, character: str, bold: bool) -> LoadedFont:
        """Return the font with a character that was prepared."""
        return self._places[self.key(character, bold)]

    def prepare(self, keys: set[Key]) -> bytes:
        """Return what has to be sent before a side that has these characters, and see that they stay until then."""
        self._side += 1
        if len(self._found) > _MOST_FOUND:
            self._found.clear()
        new = keys - self._places.keys()
        if not new:
            self._mark_used(keys)
            return b""
        forgotten = self._make_room(keys, new)
        new = keys - self._places.keys()
        self._mark_used(keys - new)
        for bold in (False, True):
            characters = sorted(c for c, weight in new if weight is bold)
            forgotten += self._load([c for c in characters if not _is_wide(c)], bold)
            forgotten += self._load([c for c in characters if _is_wide(c)], bold)
        return forgotten

    def end_side(self) -> bytes:
        """Return what deletes fonts of wide characters, the oldest first, until half of the budget is free: they are
        large, the next side will need others, and what a page needs must not stay for all the pages after it."""
        out = b""
        for font in self._fonts:
            if len(font.boxes) > _MOST_BOXES:
                self._forget_boxes(font)
        for font in sorted((font for font in self._fonts if font.wide), key=lambda font: font.used):
            if sum(f.size for f in self._fonts) * 2 > self.most_bytes:
                out += self._delete(font)
        return out

    def _mark_used(self, keys: set[Key]) -> None:
        for key in keys:
            self._places[key].used = self._side

    def _make_room(self, keys: set[Key], new: set[Key]) -> bytes:
        """Delete fonts that the side does not need, those first that were not used for longest; if that is not enough,
        all of them: a few characters from each of many fonts are cheaper sent again together."""
        fonts, size = self._wanted(new)
        needed = {id(self._places[key]) for key in keys - new}
        unused = sorted((font for font in self._fonts if id(font) not in needed), key=lambda font: font.used)
        out = b""
        while unused and self._is_over(fonts, size):
            out += self._delete(unused.pop(0))
        while self._fonts and self._is_over(fonts, size):
            out += self._delete(self._fonts[0])
        return out

    def _wanted(self, new: set[Key]) -> tuple[int, int]:
        """Return how many fonts some characters will take, and about how many bytes."""
        sizes = [len(glyph.outline) + _BYTES_PER_GLYPH for key in new if (glyph := self._find(*key))]
        return len(sizes) // len(CODES) + 1, sum(sizes)

    def _is_over(self, fonts: int, size: int) -> bool:
        return len(self._fonts) + fonts > self.most_fonts or sum(f.size for f in self._fonts) + size > self.most_bytes

    def _delete(self, font: LoadedFont) -> bytes:
        self._fonts.remove(font)
        self._places = {key: place for key, place in self._places.items() if place is not font}
        return delete_font(font.number)

    def _load(self, characters: list[str], bold: bool) -> bytes:
        """Return fonts with characters; what has no glyph, or no room any more, will be a box."""
        if not characters:
            return b""
        needed = [(character, glyph) for character in characters if (glyph := self._find(character, bold))]
        needed = needed[: (_SYMBOL_SETS - len(self._fonts) - 2) * len(CODES)]
        missing = sorted(set(characters) - {character for character, _ in needed})
        if missing and (_BOX, bold) not in self._places:
            needed.append((_BOX, _box()))
        out = []
        while needed:
            batch, needed = needed[: len(CODES)], needed[len(CODES) :]
            if not needed:
                batch += self._rest_of_alphabets(characters, bold)[: len(CODES) - len(batch)]
            out.append(self._send(batch, bold))
        for character in missing:
            self._print_as_box(character, bold)
        return b"".join(out)

    def _send(self, batch: list[tuple[str, GlyphRecord]], bold: bool) -> bytes:
        number = min(set(range(_SYMBOL_SETS)) - {font.number for font in self._fonts})
        data = load_font(number, [glyph for _, glyph in batch], self.typeface, bold)
        select, leave = self._commands(number, bold)
        wide = any(map(_is_wide, batch[0][0]))
        font = LoadedFont(number, bold, len(data), select, leave, wide, {}, set(_BLANKS), set(), self._side)
        font.codes = {ord(blank): code for blank, code in _BLANKS.items()}
        for (character, _), code in zip(batch, CODES):
            self._places[character, bold] = font
            if character == _BOX:
                font.codes[-1] = code
            else:
                font.codes[ord(character)] = code
                font.characters.add(character)
        self._fonts.append(font)
        return data

    def _commands(self, number: int, bold: bool) -> tuple[bytes, bytes]:
        """Return the commands that choose a font and go back."""
        resident = pcl.symbol_set(NAME)
        if not self.by_number:
            return select_font(number), resident
        # A font chosen by its number takes its weight along, into whatever is chosen next.
        return pcl.font_by_id(number), resident + (pcl.STROKE_WEIGHT(0) if bold else b"")

    def _print_as_box(self, character: str, bold: bool) -> None:
        font = self._places[_BOX, bold]
        font.used = self._side
        font.codes[ord(character)] = font.codes[-1]
        font.characters.add(character)
        font.boxes.add(character)
        self._places[character, bold] = font

    def _forget_boxes(self, font: LoadedFont) -> None:
        """Forget which characters a font prints as a box; its box stays for those that come again."""
        for character in font.boxes:
            del self._places[character, font.bold], font.codes[ord(character)]
        font.characters -= font.boxes
        font.boxes.clear()

    def _rest_of_alphabets(self, characters: list[str], bold: bool) -> list[tuple[str, GlyphRecord]]:
        rest = []
        for first, last in _ALPHABETS:
            if any(first <= ord(character) <= last for character in characters):
                others = [c for c in map(chr, range(first, last + 1)) if c not in characters]
                new = [c for c in others if (c, bold) not in self._places]
                rest += [(c, glyph) for c in new if (glyph := self._find(c, bold))]
        return rest

    def _find(self, character: str, bold: bool) -> Optional[GlyphRecord]:
        key = (character, bold)
        if key not in self._found:
            chain = self.bold if bold else self.regular
            self._found[key] = _look_for(chain, character) or _look_for(chain, _compatible(character))
        return self._found[key]


def _look_for(chain: FontChain, character: str) -> Optional[GlyphRecord]:
    place = chain.find(character) if character else None
    try:
        return GlyphRecord(_fitted(*place, wide=_is_wide(character))) if place else None
    except BROKEN_FONT:
        return None


def _compatible(character: str) -> str:
    """Return the one character that a character is only another form of, or nothing."""
    other = unicodedata.normalize("NFKD", character)
    return other if len(other) == 1 and other != character else ""


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"


def _fitted(font: TrueTypeFont, glyph: int, wide: bool) -> bytes:
    """Return an outline in our units that stands in its cell, in the middle if it is narrower."""
    outline, advance = font.outline(glyph), font.advance(glyph)
    if font.units_per_em == UNITS_PER_EM and advance == ADVANCE and not wide or not outline:
        return outline
    scale = UNITS_PER_EM / font.units_per_em
    cell = ADVANCE * (2 if wide else 1)
    contours = transform(decode_outline(outline), scale, 0, 0, scale, 0, 0)
    xs = [point.x for contour in contours for point in contour]
    # A mark without advance is drawn to the left of where it is told to be: over the cell before it.
    width = advance * scale or cell
    if not advance:
        return encode_outline(transform(contours, 1, 0, 0, 1, (cell - max(xs) - min(xs)) / 2, 0))
    narrow = min(1.0, cell / max(width, max(xs) - min(xs)))
    return encode_outline(transform(contours, narrow, 0, 0, 1, (cell - width * narrow) / 2, 0))


def _box() -> GlyphRecord:
    """Return an empty box: what stands for a character that nobody can draw."""

    def square(left: int, bottom: int, right: int, top: int) -> list[Point]:
        corners = ((left, bottom), (left, top), (right, top), (right, bottom))
        return [Point(x, y, True) for x, y in corners]

    outer, inner = square(150, 0, 1083, 1493), square(270, 120, 963, 1373)
    return GlyphRecord(encode_outline([outer, inner[::-1]]))
