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

import codecs
import unicodedata
from typing import TYPE_CHECKING, Any, Iterable, Mapping, Optional

from filters.codepage.symbol_set import NAME
from filters.common.dataclass import dataclass, field
from filters.layout.clusters import JOINER, is_picture, is_regional
from filters.layout.page import BOLD_FACE, FILLER, ITALIC_FACE
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
from filters.pcl.truetype import (
    BROKEN_FONT,
    LARGEST_OUTLINE,
    Contours,
    NoTrueType,
    Point,
    decode_outline,
    encode_outline,
    transform,
)

if TYPE_CHECKING:
    from filters.pcl.font_files import Font, FontChain

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
#: ASCII, which comes with letters of those that lines are in one face with.
_ASCII, _WITH_ASCII = (0x0021, 0x007E), (0x0100, 0x052F)
#: Glyphs kept here for the next time; a page of Chinese has some two thousand.
_MOST_FOUND = 6000
#: Characters remembered to be boxes from one side to the next: a text that is not text has any number of them.
_MOST_BOXES = 1000
#: Bytes that a glyph takes besides its outline: commands, record, metrics.
_BYTES_PER_GLYPH = 30
#: Fonts that can be told apart, but for the last, which is a watermark's; what is beyond them on one side is a box.
_SYMBOL_SETS = LAST_SYMBOL_SET - FIRST_SYMBOL_SET
#: What the store calls its box, which is no character.
_BOX = ""
#: Cells that move on in every font without a glyph of their own.
_BLANKS = {" ": 0x20, FILLER: 0x20}

#: How much larger than the em wide characters are, across and up: their em is a sixth narrower than two cells, and a
#: little lower than a line. They are smaller where lines are closer: their em is not higher than a line by more.
_WIDER, _HIGHER = 1.12, 1.04

#: What the name of a cluster begins with that is narrowed: a character of a private plane, by hundredths.
_NARROWED = 0xF0000

#: Medium or bold, and upright or italic. There are few italic fonts, and for most scripts none, so italics are slanted:
#: by 12 degrees, about the middle of small letters.
_FACES = range(4)
_SLANT, _SLANT_ABOUT = 0.2126, 500

#: Where joined emoji stand in their two cells: all of it, halves, quarters; the frame of a flag and its stroke, and its
#: letters. Left, bottom, right, top.
_WHOLE = (100, -250, 2366, 1650)
_HALVES = ((60, 100, 1210, 1250), (1256, 100, 2406, 1250))
_QUARTERS = ((250, 740, 1210, 1650), (1256, 740, 2216, 1650), (250, -250, 1210, 660), (1256, -250, 2216, 660))
_FLAG = (100, -100, 2366, 1500, 100)
_LETTERS_OF_FLAG = ((330, 200, 1160, 1200), (1306, 200, 2136, 1200))
_REGIONAL_A = 0x1F1E6

#: A character, or a cluster of them that is one glyph, and the face of it.
Key = tuple[str, int]


@dataclass
class LoadedFont:
    """A font in the printer."""

    number: int
    face: int
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
    #: Clusters to codes.
    clusters: dict[str, int]
    #: Characters that print as a box.
    boxes: set[str]
    #: The last side that needed it.
    used: int = 0
    #: The codes in the form that makes most of encoding, once that was wanted.
    _table: Any = None

    def encode(self, text: str) -> bytes:
        """Return the codes of characters that the font has."""
        if self.boxes:
            return text.translate(self.codes).encode("latin-1")
        if self._table is None:
            characters = ["\ufffe"] * 256
            for character, code in self.codes.items():
                characters[code] = chr(character) if character >= 0 else "\ufffe"
            # A filler moves on like a blank, and a table has one character a code; ends of lines stay what they are.
            characters[0], characters[0x20], characters[0x0A], characters[0x0D] = "\0", " ", "\n", "\r"
            self._table = codecs.charmap_build("".join(characters))
        return codecs.charmap_encode(text.replace(FILLER, " "), "strict", self._table)[0]

    @property
    def bold(self) -> bool:
        """Whether its glyphs are bold."""
        return bool(self.face & BOLD_FACE)


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
    #: Distance of lines in cells.
    line: float = UNITS_PER_EM / ADVANCE
    _places: dict[Key, LoadedFont] = field(default_factory=dict)
    _fonts: list[LoadedFont] = field(default_factory=list)
    _found: dict[Key, Optional[GlyphRecord]] = field(default_factory=dict)
    _side: int = 0

    def key(self, character: str, face: int) -> Key:
        """Return what a character is called here: bold only if a bold font has it, italic only if it is a letter."""
        if face & BOLD_FACE and self._find(character, BOLD_FACE) is None:
            face &= ~BOLD_FACE
        return character, face if face & ITALIC_FACE and _is_slanted(character) else face & BOLD_FACE

    def outline(self, character: str, face: int) -> tuple[bytes, int]:
        """Return the outline that stands for a character, the box if there is none, and the face that it has."""
        character, found = self.key(character, face)
        return (self._find(character, found) or _box()).outline, found

    def cluster_advance(self, cluster: str, bold: bool = False) -> Optional[int]:
        """Return how wide a cluster is in our units; None if it cannot be drawn as one."""
        shaped = (self.bold.shape(cluster) if bold else None) or self.regular.shape(cluster)
        return sum(glyph.advance for glyph in shaped[1]) if shaped else None

    def is_box(self, character: str) -> bool:
        """Tell whether no font has a character, nor anything that looks like it."""
        return self._find(character, 0) is None

    def look_at(self, characters: str) -> None:
        """Learn from the characters of a side which fonts suit them; outlines found long ago are forgotten."""
        if len(self._found) > _MOST_FOUND:
            self._found.clear()
        self.regular.look_at(characters)

    def place(self, character: str, face: int) -> LoadedFont:
        """Return the font with a character that was prepared."""
        return self._places[self.key(character, face)]

    def only_font(self, characters: Iterable[str]) -> Optional[LoadedFont]:
        """Return the font that has all of some characters that were prepared, and prints none as a box, or None."""
        font = next((self._places[character, 0] for character in characters), None)
        return font if font and not font.boxes and font.characters.issuperset(characters) else None

    def use_again(self, font: LoadedFont) -> bool:
        """Begin a side that needs this font and no other; False if it is not in the printer any more."""
        if font not in self._fonts:
            return False
        self._side += 1
        font.used = self._side
        return True

    def prepare(self, keys: Iterable[Key]) -> bytes:
        """Return what has to be sent before a side that has these characters, and see that they stay until then.

        Args:
            keys: each once; if they take several fonts, neighbours get into the same one.
        """
        self._side += 1
        new = [key for key in keys if key not in self._places]
        if not new:
            self._mark_used(keys)
            return b""
        self.look_at("".join([character for character, _ in new]))
        glyphs = {key: self._find(*key) for key in new}
        forgotten = self._make_room(keys, glyphs)
        if forgotten:
            # What was in the fonts that are gone now is new as well.
            wanted = [key for key in keys if key not in self._places]
            glyphs = {key: glyphs[key] if key in glyphs else self._find(*key) for key in wanted}
        self._mark_used(key for key in keys if key not in glyphs)
        kinds: dict[tuple[int, bool], dict[str, Optional[GlyphRecord]]] = {}
        for (character, face), glyph in glyphs.items():
            kinds.setdefault((face, _is_wide(character)), {})[character] = glyph
        return forgotten + b"".join([self._load(kinds[kind], kind[0]) for kind in sorted(kinds)])

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

    def _mark_used(self, keys: Iterable[Key]) -> None:
        for key in keys:
            self._places[key].used = self._side

    def _make_room(self, keys: Iterable[Key], new: Mapping[Key, Optional[GlyphRecord]]) -> bytes:
        """Delete fonts that the side does not need, those first that were not used for longest; if that is not enough,
        all of them: a few characters from each of many fonts are cheaper sent again together."""
        sizes = [len(glyph.outline) + _BYTES_PER_GLYPH for glyph in new.values() if glyph]
        fonts, size = len(sizes) // len(CODES) + 1, sum(sizes)
        needed = {id(self._places[key]) for key in keys if key not in new}
        unused = sorted((font for font in self._fonts if id(font) not in needed), key=lambda font: font.used)
        out = b""
        while unused and self._is_over(fonts, size):
            out += self._delete(unused.pop(0))
        while self._fonts and self._is_over(fonts, size):
            out += self._delete(self._fonts[0])
        return out

    def _is_over(self, fonts: int, size: int) -> bool:
        return len(self._fonts) + fonts > self.most_fonts or sum(f.size for f in self._fonts) + size > self.most_bytes

    def _delete(self, font: LoadedFont) -> bytes:
        self._fonts.remove(font)
        for character in (_BOX, *font.characters, *font.clusters):
            key = (character, font.face)
            if self._places.get(key) is font:
                del self._places[key]
        return delete_font(font.number)

    def _load(self, glyphs: Mapping[str, Optional[GlyphRecord]], face: int) -> bytes:
        """Return fonts with characters; what has no glyph, or no room any more, will be a box."""
        # What stands together in one font is chosen together; with a single font there is nothing to choose.
        characters = list(glyphs) if len(glyphs) > len(CODES) else sorted(glyphs)
        needed = [(character, glyph) for character in characters if (glyph := glyphs[character])]
        needed = needed[: (_SYMBOL_SETS - len(self._fonts) - 2) * len(CODES)]
        missing = sorted(set(characters) - {character for character, _ in needed})
        if missing and (_BOX, face) not in self._places:
            needed.append((_BOX, _box()))
        out = []
        while needed:
            batch, needed = needed[: len(CODES)], needed[len(CODES) :]
            if not needed:
                batch += self._rest_of_alphabets(characters, face)[: len(CODES) - len(batch)]
            out.append(self._send(batch, face))
        for character in missing:
            self._print_as_box(character, face)
        return b"".join(out)

    def _send(self, batch: list[tuple[str, GlyphRecord]], face: int) -> bytes:
        number = min(set(range(_SYMBOL_SETS)) - {font.number for font in self._fonts})
        data = load_font(number, [glyph for _, glyph in batch], self.typeface, bool(face & BOLD_FACE))
        select, leave = self._commands(number, face)
        wide = _is_wide(batch[0][0])
        font = LoadedFont(number, face, len(data), select, leave, wide, {}, set(_BLANKS), {}, set(), self._side)
        font.codes = {ord(blank): code for blank, code in _BLANKS.items()}
        characters = [character for character, _ in batch]
        self._places.update(dict.fromkeys([(character, face) for character in characters], font))
        for character, code in zip(characters, CODES):
            if len(character) == 1:
                font.codes[ord(character)] = code
            elif character == _BOX:
                font.codes[-1] = code
            else:
                font.clusters[character] = code
        font.characters.update([character for character in characters if len(character) == 1])
        self._fonts.append(font)
        return data

    def _commands(self, number: int, face: int) -> tuple[bytes, bytes]:
        """Return the commands that choose a font and go back."""
        resident = pcl.symbol_set(NAME)
        if not self.by_number:
            return select_font(number), resident
        # A font chosen by its number takes its weight along, into whatever is chosen next.
        return pcl.font_by_id(number), resident + (pcl.STROKE_WEIGHT(0) if face & BOLD_FACE else b"")

    def _print_as_box(self, character: str, face: int) -> None:
        font = self._places[_BOX, face]
        font.used = self._side
        if len(character) > 1:
            font.clusters[character] = font.codes[-1]
        else:
            font.codes[ord(character)] = font.codes[-1]
            font.characters.add(character)
        font.boxes.add(character)
        font._table = None
        self._places[character, face] = font

    def _forget_boxes(self, font: LoadedFont) -> None:
        """Forget which characters a font prints as a box; its box stays for those that come again."""
        for character in font.boxes:
            del self._places[character, font.face]
            if len(character) > 1:
                del font.clusters[character]
            else:
                del font.codes[ord(character)]
        font.characters -= font.boxes
        font.boxes.clear()

    def _rest_of_alphabets(self, characters: list[str], face: int) -> list[tuple[str, GlyphRecord]]:
        rest = []
        last_code = max(last for _, last in _ALPHABETS)
        codes = [code for character in characters if len(character) == 1 and (code := ord(character)) <= last_code]
        for first, last in (_ASCII, *_ALPHABETS):
            low, high = _WITH_ASCII if (first, last) == _ASCII else (first, last)
            if any(low <= code <= high for code in codes):
                others = [c for c in map(chr, range(first, last + 1)) if c not in characters]
                new = [c for c in others if (c, face) not in self._places]
                rest += [(c, glyph) for c in new if (glyph := self._find(c, face))]
        return rest

    def _find(self, character: str, face: int) -> Optional[GlyphRecord]:
        key = (character, face)
        if key not in self._found:
            chain = self.bold if face & BOLD_FACE else self.regular
            if face & ITALIC_FACE:
                self._found[key] = _slanted(self._find(character, face & BOLD_FACE))
            elif len(character) > 1:
                make = _picture if is_picture(character[1:]) else _shaped
                self._found[key] = make(chain, character)
            else:
                found = self._look_for(chain, character) or self._look_for(chain, _compatible(character))
                self._found[key] = found
        return self._found[key]

    def _look_for(self, chain: FontChain, character: str) -> Optional[GlyphRecord]:
        place = chain.find(character) if character else None
        try:
            return GlyphRecord(_fitted(*place, _is_wide(character), self.line)) if place else None
        except BROKEN_FONT:
            return None


def _is_slanted(name: str) -> bool:
    """Tell whether a character, or a cluster by its name, leans in italics: frames, signs and wide ones do not."""
    character = name[-1] if len(name) == 1 else name[1]
    return unicodedata.category(character)[0] in "LNP" and not _is_wide(character)


def _slanted(glyph: Optional[GlyphRecord]) -> Optional[GlyphRecord]:
    """Return a glyph as if it were italic."""
    if not glyph or not glyph.outline:
        return glyph
    contours = transform(decode_outline(glyph.outline), 1, 0, _SLANT, 1, -_SLANT * _SLANT_ABOUT, 0)
    return GlyphRecord(encode_outline(contours))


def narrowed(cluster: str, percent: int) -> str:
    """Return the name of a cluster that is so wide in hundredths of what its font makes it."""
    # A single character has a name of two as well: it is drawn as wide as its font has it.
    return chr(_NARROWED + percent) + cluster


def _shaped(chain: FontChain, name: str) -> Optional[GlyphRecord]:
    """Return the outline of a cluster: all of its glyphs, where they belong."""
    narrow = (ord(name[0]) - _NARROWED) / 100
    shaped = chain.shape(name[1:])
    if not shaped:
        return None
    font, placed = shaped
    contours: Contours = []
    at = 0
    scale = UNITS_PER_EM / font.units_per_em
    try:
        for glyph in placed:
            outline = font.outline(glyph.glyph)
            place = (at + glyph.x) * narrow, glyph.y
            if outline:
                contours += transform(decode_outline(outline), scale * narrow, 0, 0, scale, *place)
            at += glyph.advance
        data = encode_outline(contours)
    except BROKEN_FONT:
        return None
    return GlyphRecord(data) if len(data) <= LARGEST_OUTLINE else None


def _picture(chain: FontChain, name: str) -> Optional[GlyphRecord]:
    """Return the outline of joined emoji: that of a font that has them as one, else all of them, small; None for none.

    A flag is made of its letters in a frame, as fonts without colours show it.
    """
    text = name[1:]
    places: tuple[tuple[int, int, int, int], ...]
    try:
        shaped = chain.shape(text)
        if shaped and len(shaped[1]) == 1:
            return _record(_put_into(_outline_of(shaped[0], shaped[1][0].glyph), _WHOLE))
        if is_regional(text[0]):
            places = _LETTERS_OF_FLAG
            letters = [chr(ord(letter) - _REGIONAL_A + ord("A")) for letter in text[:2]]
            parts = [_found_outline(chain, letter) for letter in letters]
        else:
            parts = [_found_outline(chain, part) for part in text if part != JOINER][: len(_QUARTERS)]
            places = _QUARTERS if len(parts) > 2 else _HALVES
    except BROKEN_FONT:
        return None
    if not all(parts):
        return None
    contours = [c for part, place in zip(parts, places) for c in _put_into(part, place)]
    return _record(contours + (_frame(*_FLAG) if is_regional(text[0]) else []))


def _record(contours: Contours) -> Optional[GlyphRecord]:
    data = encode_outline(contours)
    return GlyphRecord(data) if len(data) <= LARGEST_OUTLINE else None


def _found_outline(chain: FontChain, character: str) -> Contours:
    found = chain.find(character)
    return _outline_of(*found) if found else []


def _outline_of(font: Font, glyph: int) -> Contours:
    outline = font.outline(glyph)
    return decode_outline(outline) if outline else []


def _put_into(contours: Contours, box: tuple[int, int, int, int]) -> Contours:
    """Return contours as large as a box allows, in its middle."""
    xs = [point.x for contour in contours for point in contour]
    ys = [point.y for contour in contours for point in contour]
    left, bottom, right, top = box
    scale = min((right - left) / max(max(xs) - min(xs), 1), (top - bottom) / max(max(ys) - min(ys), 1))
    x = (left + right - (max(xs) + min(xs)) * scale) / 2
    y = (bottom + top - (max(ys) + min(ys)) * scale) / 2
    return transform(contours, scale, 0, 0, scale, x, y)


def _compatible(character: str) -> str:
    """Return the one character that a character is only another form of, or nothing."""
    other = unicodedata.normalize("NFKD", character)
    return other if len(other) == 1 and other != character else ""


def _is_wide(character: str) -> bool:
    return len(character) == 1 and unicodedata.east_asian_width(character) in "WF"


def _fitted(font: Font, glyph: int, wide: bool, line: float) -> bytes:
    """Return an outline in our units that stands in its cell, in the middle if it is narrower."""
    advance = font.advance(glyph)
    if font.units_per_em == UNITS_PER_EM and advance == ADVANCE and not wide:
        return font.outline(glyph)
    contours = font.contours(glyph)
    if not contours:
        return b""
    scale = UNITS_PER_EM / font.units_per_em
    cell = ADVANCE * (2 if wide else 1)
    up = scale
    if wide:
        smaller = min(line * ADVANCE / UNITS_PER_EM, 1.0)
        scale, up = scale * _WIDER * smaller, up * _HIGHER * smaller
    xs = [point[0] for contour in contours for point in contour]
    left, right = round(min(xs) * scale), round(max(xs) * scale)
    # A mark without advance is drawn to the left of where it is told to be: over the cell before it.
    width = advance * scale or cell
    narrow = min(1.0, cell / max(width, right - left)) if advance else 1.0
    start = (cell - width * narrow) / 2 if advance else (cell - right - left) / 2
    outline = encode_outline(
        [
            [Point(round(round(x * scale) * narrow + start), round(y * up), on) for x, y, on in contour]
            for contour in contours
        ]
    )
    if len(outline) > LARGEST_OUTLINE:
        raise NoTrueType(f"glyph {glyph} is too large")
    return outline


def _frame(left: int, bottom: int, right: int, top: int, stroke: int) -> Contours:
    def square(left: int, bottom: int, right: int, top: int) -> list[Point]:
        corners = ((left, bottom), (left, top), (right, top), (right, bottom))
        return [Point(x, y, True) for x, y in corners]

    outer = square(left, bottom, right, top)
    return [outer, square(left + stroke, bottom + stroke, right - stroke, top - stroke)[::-1]]


def _box() -> GlyphRecord:
    """Return an empty box: what stands for a character that nobody can draw."""
    return GlyphRecord(encode_outline(_frame(150, 0, 1083, 1493, 120)))
