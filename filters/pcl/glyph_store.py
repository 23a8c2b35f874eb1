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
from typing import TYPE_CHECKING, Any, Iterable, Iterator, Mapping, Optional

from filters.codepage.symbol_set import NAME
from filters.common.dataclass import dataclass, field
from filters.layout.clusters import JOINER, KEYCAP, is_marked, is_picture, is_regional, letter_of
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
    encode_points,
    transform,
)

if TYPE_CHECKING:
    from filters.pcl.font_files import Font, FontChain
    from filters.pcl.harfbuzz import PlacedGlyph

#: Fonts and bytes that a printer keeps for us: the 3,500 characters that Chinese commonly uses are a megabyte. Printers
#: with TLS have many times that; for smaller ones, behind something that has it, there is an option.
MOST_FONTS = 64
MOST_BYTES = 1_200_000
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
#: Stands for no character in a table of codes (codecs.charmap_build).
_NONE = "\ufffe"
#: Cells that move on in every font without a glyph of their own, and their code.
_BLANKS = {ord(" "): 0x20, ord(FILLER): 0x20}
#: What a table of codes begins with, up to the first of CODES: ends of lines stay what they are.
_CONTROLS = "\0" + _NONE * 9 + "\n" + _NONE * 2 + "\r" + _NONE * 18 + " "
#: CODES that follow each other, before those of the upper half.
_LOW_CODES = CODES.index(0xA1)

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
#: letters, and the same of a key. Left, bottom, right, top.
_WHOLE = (100, -250, 2366, 1650)
_HALVES = ((60, 100, 1210, 1250), (1256, 100, 2406, 1250))
_QUARTERS = ((250, 740, 1210, 1650), (1256, 740, 2216, 1650), (250, -250, 1210, 660), (1256, -250, 2216, 660))
_FLAG = (100, -100, 2366, 1500, 100)
_KEY, _ON_KEY = (483, -100, 1983, 1400, 100), ((783, 150, 1683, 1150),)
_LETTERS_OF_FLAG = ((330, 200, 1160, 1200), (1306, 200, 2136, 1200))

#: A character, or a cluster of them that is one glyph, and the face of it.
Key = tuple[str, int]
#: What a side has of each face, each once, in an order in which neighbours are chosen together.
Wanted = Mapping[int, Mapping[str, None]]
_Glyphs = dict[str, Optional[GlyphRecord]]


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
    #: The characters of CODES, one each, U+FFFE where there is none.
    shown: str
    #: The same as a set, with blanks and all that prints as a box.
    characters: set[str]
    #: Characters and clusters to their codes.
    codes: dict[str, int]
    #: The code of its box, 0 if it has none.
    box: int
    #: The last side that needed it.
    used: int
    #: Characters and clusters that print as a box.
    boxes: set[str] = field(default_factory=set)
    #: The codes in the form that makes most of encoding, once that was wanted.
    _table: Any = None

    def encode(self, text: str) -> bytes:
        """Return the codes of characters that the font has."""
        if self._table is None:
            self._table = self._make_table()
        if self.boxes:
            return text.translate(self._table).encode("latin-1")
        return codecs.charmap_encode(text.replace(FILLER, " "), "strict", self._table)[0]

    def _make_table(self) -> Any:
        if self.boxes:
            boxes = dict.fromkeys([ord(character) for character in self.boxes if len(character) == 1], self.box)
            return {**boxes, **dict(zip(map(ord, self.shown), CODES)), **_BLANKS}
        low, high = self.shown[:_LOW_CODES], self.shown[_LOW_CODES:]
        return codecs.charmap_build(_CONTROLS + low.ljust(CODES[_LOW_CODES] - CODES[0], _NONE) + high)

    def code(self, name: str) -> int:
        """Return the code of one character or cluster."""
        return self.box if name in self.boxes else self.codes[name]

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
    #: By face: characters to the fonts in the printer that have them, and to what was found for them.
    _places: dict[int, dict[str, LoadedFont]] = field(default_factory=lambda: {face: {} for face in _FACES})
    _fonts: list[LoadedFont] = field(default_factory=list)
    _found: dict[int, _Glyphs] = field(default_factory=lambda: {face: {} for face in _FACES})
    #: Those of them that take two cells.
    _wide: set[str] = field(default_factory=set)
    _side: int = 0

    def set_line(self, line: float) -> None:
        """Say how far lines are apart, in cells, before anything is looked for."""
        self.line = line
        for chain in (self.regular, self.bold):
            chain.set_line(line)

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
        if sum(map(len, self._found.values())) > _MOST_FOUND:
            for found in self._found.values():
                found.clear()
            self._wide.clear()
        self.regular.look_at(characters)

    def place(self, character: str, face: int) -> LoadedFont:
        """Return the font with a character that was prepared."""
        name, found = self.key(character, face)
        return self._places[found][name]

    def places(self, text: str) -> Iterator[Optional[LoadedFont]]:
        """Give the upright fonts with the characters of a text that were prepared, None for blanks."""
        return map(self._places[0].get, text)

    def only_font(self, characters: Iterable[str]) -> Optional[LoadedFont]:
        """Return the font that has all of some characters that were prepared, and prints none as a box, or None."""
        font = next((self._places[0][character] for character in characters), None)
        return font if font and not font.boxes and font.characters.issuperset(characters) else None

    def use_again(self, font: LoadedFont) -> bool:
        """Begin a side that needs this font and no other; False if it is not in the printer any more."""
        if font not in self._fonts:
            return False
        self._side += 1
        font.used = self._side
        return True

    def prepare(self, wanted: Wanted) -> bytes:
        """Return what has to be sent before a side that has these characters, and see that they stay until then."""
        self._side += 1
        names = self._not_there(wanted)
        if not any(names.values()):
            self._mark_used(wanted)
            return b""
        self.look_at("".join([character for some in names.values() for character in some]))
        forgotten = self._make_room(wanted, names)
        if forgotten:
            # What was in the fonts that are gone now is new as well.
            names = self._not_there(wanted)
            for face, some in names.items():
                self._find_all(some, face)
        self._mark_used(wanted)
        out = [forgotten]
        for face, some in sorted(names.items()):
            out += self._load([name for name in some if name not in self._wide], face)
            out += self._load([name for name in some if name in self._wide], face)
        return b"".join(out)

    def _not_there(self, wanted: Wanted) -> dict[int, list[str]]:
        """Return which characters of each face the printer has not got."""
        names = {}
        for face, characters in wanted.items():
            there = self._places[face]
            names[face] = [name for name in characters if name not in there] if there else list(characters)
        return names

    def end_side(self) -> bytes:
        """Return what deletes fonts as long as a side that needed more than the budget has left more than that: those
        of wide characters first, and of these the ones that were not used for longest."""
        out = b""
        for font in self._fonts:
            if len(font.boxes) > _MOST_BOXES:
                self._forget_boxes(font)
        for font in sorted(self._fonts, key=lambda font: (not font.wide, font.used)):
            if sum(f.size for f in self._fonts) > self.most_bytes:
                out += self._delete(font)
        return out

    def _mark_used(self, wanted: Wanted) -> None:
        for font in self._needed(wanted):
            font.used = self._side

    def _needed(self, wanted: Wanted) -> list[LoadedFont]:
        """Return the fonts that have some of what is wanted."""
        there = [self._places[face].get(name) for face, characters in wanted.items() for name in characters]
        return list({id(font): font for font in there if font}.values())

    def _make_room(self, wanted: Wanted, new: Mapping[int, list[str]]) -> bytes:
        """Delete fonts that the side does not need, those first that were not used for longest; if that is not enough,
        all of them: a few characters from each of many fonts are cheaper sent again together."""
        glyphs = [glyph for face, some in new.items() for glyph in self._find_all(some, face)]
        outlines = [glyph.outline for glyph in glyphs if glyph]
        # Wide and narrow characters of a face go in fonts of their own.
        groups = [
            len(part) for some in new.values() for part in (self._wide.intersection(some), set(some) - self._wide)
        ]
        fonts = sum(-(-count // len(CODES)) for count in groups)
        size = sum(map(len, outlines)) + len(outlines) * _BYTES_PER_GLYPH
        needed = set(map(id, self._needed(wanted)))
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
        places = self._places[font.face]
        for name in (*font.codes, *font.boxes):
            places.pop(name, None)
        return delete_font(font.number)

    def _load(self, names: list[str], face: int) -> list[bytes]:
        """Return fonts with characters; what has no glyph, or no room any more, will be a box."""
        if not names:
            return []
        # What stands together in one font is chosen together; with a single font there is nothing to choose.
        names = names if len(names) > len(CODES) else sorted(names)
        found = self._found[face]
        room = (_SYMBOL_SETS - len(self._fonts) - 2) * len(CODES)
        glyphs = self._find_all(names, face)
        boxes = {name for name, glyph in zip(names, glyphs) if not glyph} if None in glyphs else set()
        drawn = [name for name in names if name not in boxes] if boxes else names
        missing, drawn = sorted([*boxes, *drawn[room:]]), drawn[:room]
        if missing and _BOX not in self._places[face]:
            found[_BOX] = _box()
            drawn.append(_BOX)
        out = []
        while drawn:
            batch, drawn = drawn[: len(CODES)], drawn[len(CODES) :]
            if not drawn:
                batch += self._rest_of_alphabets(names, face)[: len(CODES) - len(batch)]
            out.append(self._send(batch, face))
        for name in missing:
            self._print_as_box(name, face)
        return out

    def _send(self, names: list[str], face: int) -> bytes:
        number = min(set(range(_SYMBOL_SETS)) - {font.number for font in self._fonts})
        glyphs = [glyph for glyph in self._find_all(names, face) if glyph]
        data = load_font(number, glyphs, self.typeface, bool(face & BOLD_FACE))
        shown = "".join([name if len(name) == 1 else _NONE for name in names])
        codes = dict(zip(names, CODES))
        font = LoadedFont(
            *(number, face, len(data), *self._commands(number, face), names[0] in self._wide),
            *(shown, {" ", FILLER, *shown} - {_NONE}, codes),
            codes.get(_BOX, 0),
            self._side,
        )
        self._places[face].update(dict.fromkeys(names, font))
        self._fonts.append(font)
        return data

    def _commands(self, number: int, face: int) -> tuple[bytes, bytes]:
        """Return the commands that choose a font and go back."""
        resident = pcl.symbol_set(NAME)
        if not self.by_number:
            return select_font(number), resident
        # A font chosen by its number takes its weight along, into whatever is chosen next.
        return pcl.font_by_id(number), resident + (pcl.STROKE_WEIGHT(0) if face & BOLD_FACE else b"")

    def _print_as_box(self, name: str, face: int) -> None:
        font = self._places[face][_BOX]
        font.used = self._side
        font.characters.add(name)
        font.boxes.add(name)
        font._table = None
        self._places[face][name] = font

    def _forget_boxes(self, font: LoadedFont) -> None:
        """Forget which characters a font prints as a box; its box stays for those that come again."""
        for name in font.boxes:
            del self._places[font.face][name]
        font.characters -= font.boxes
        font.boxes.clear()
        font._table = None

    def _rest_of_alphabets(self, characters: list[str], face: int) -> list[str]:
        if characters[0] in self._wide:
            return []
        rest: list[str] = []
        last_code = max(last for _, last in _ALPHABETS)
        codes = [code for character in characters if len(character) == 1 and (code := ord(character)) <= last_code]
        for first, last in (_ASCII, *_ALPHABETS) if codes else ():
            low, high = _WITH_ASCII if (first, last) == _ASCII else (first, last)
            if any(low <= code <= high for code in codes):
                others = [c for c in map(chr, range(first, last + 1)) if c not in characters]
                rest += [c for c in others if c not in self._places[face] and self._find(c, face)]
        return rest

    def _find_all(self, names: list[str], face: int) -> list[Optional[GlyphRecord]]:
        found = self._found[face]
        try:
            return list(map(found.__getitem__, names))
        except KeyError:
            return [self._find(name, face) for name in names]

    def _find(self, character: str, face: int) -> Optional[GlyphRecord]:
        known = self._found[face]
        if character not in known:
            chain = self.bold if face & BOLD_FACE else self.regular
            if _is_wide(character):
                self._wide.add(character)
            if face & ITALIC_FACE:
                known[character] = _slanted(self._find(character, face & BOLD_FACE))
            elif len(character) > 1:
                is_one = is_picture(character[1:])
                make = _picture if is_one else _marked if is_marked(character[1:]) else _shaped
                known[character] = make(chain, character)
            else:
                found = self._look_for(chain, character) or self._look_for(chain, _compatible(character))
                known[character] = found
        return known[character]

    def _look_for(self, chain: FontChain, character: str) -> Optional[GlyphRecord]:
        place = chain.find(character) if character else None
        try:
            return GlyphRecord(_fitted(*place, _is_wide(character), self.line)) if place else None
        except BROKEN_FONT:
            return None


def _is_slanted(name: str) -> bool:
    """Tell whether a character, or a cluster by its name, leans in italics: frames, signs and wide ones do not."""
    character = name[1:2] or name
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
    try:
        return _record([contour for glyph in _placed(*shaped, narrow) for contour in glyph]) if shaped else None
    except BROKEN_FONT:
        return None


def _placed(font: Font, glyphs: list[PlacedGlyph], narrow: float, at: float = 0.0) -> Iterator[Contours]:
    """Give the contours of glyphs that follow each other, narrowed, from a place on."""
    scale = UNITS_PER_EM / font.units_per_em
    for glyph in glyphs:
        outline = font.outline(glyph.glyph)
        place = (at + glyph.x) * narrow, glyph.y
        yield transform(decode_outline(outline), scale * narrow, 0, 0, scale, *place) if outline else []
        at += glyph.advance


def _marked(chain: FontChain, name: str) -> Optional[GlyphRecord]:
    """Return the outline of a letter with marks, in the middle of a cell as the letter without them is; None where its
    font does not know their places."""
    shaped = chain.shape(name[1:])
    if not shaped:
        return None
    font, glyphs = shaped
    try:
        width = font.advance(font.glyph_of(ord(name[1]))) * UNITS_PER_EM / font.units_per_em
        if not width or round(width) != sum(glyph.advance for glyph in glyphs):
            return None
        narrow = min(1.0, ADVANCE / width)
        drawn = list(filter(None, _placed(font, glyphs, narrow, (ADVANCE / narrow - width) / 2)))
        for contours in drawn:
            xs = [point.x for contour in contours for point in contour]
            if not 0 <= max(xs) + min(xs) <= 2 * ADVANCE:
                return None  # what has no place on the letter stands beside it
        return _record([contour for contours in drawn for contour in contours])
    except BROKEN_FONT:
        return None


def _picture(chain: FontChain, name: str) -> Optional[GlyphRecord]:
    """Return the outline of joined emoji: that of a font that has them as one, else all of them, small; None for none.

    A flag is made of its letters in a frame, as fonts without colours show it, and a key of what is on it.
    """
    text = name[1:]
    places: tuple[tuple[int, int, int, int], ...]
    try:
        shaped = chain.shape(text)
        if shaped and len(shaped[1]) == 1:
            return _record(_put_into(_outline_of(shaped[0], shaped[1][0].glyph), _WHOLE))
        if is_regional(text[0]):
            places = _LETTERS_OF_FLAG
            parts = [_found_outline(chain, letter_of(regional)) for regional in text[:2]]
        elif text.endswith(KEYCAP):
            places, parts = _ON_KEY, [_found_outline(chain, text[0])]
        else:
            parts = [_found_outline(chain, part) for part in text if part != JOINER][: len(_QUARTERS)]
            places = _QUARTERS if len(parts) > 2 else _HALVES
    except BROKEN_FONT:
        return None
    if not all(parts):
        return None
    contours = [c for part, place in zip(parts, places) for c in _put_into(part, place)]
    frame = _FLAG if is_regional(text[0]) else _KEY if text.endswith(KEYCAP) else None
    return _record(contours + (_frame(*frame) if frame else []))


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
    points = font.points(glyph)
    if not points.xs:
        return b""
    scale = UNITS_PER_EM / font.units_per_em
    cell = ADVANCE * (2 if wide else 1)
    up = scale
    if wide:
        smaller = min(line * ADVANCE / UNITS_PER_EM, 1.0)
        scale, up = scale * _WIDER * smaller, up * _HIGHER * smaller
    left, right = round(min(points.xs) * scale), round(max(points.xs) * scale)
    # A mark without advance is drawn to the left of where it is told to be: over the cell before it.
    width = advance * scale or cell
    narrow = min(1.0, cell / max(width, right - left)) if advance else 1.0
    start = round((cell - width * narrow if advance else cell - right - left) / 2)
    across = scale * narrow
    xs, ys = [x * across + start for x in points.xs], [y * up for y in points.ys]
    outline = encode_points(points._replace(xs=xs, ys=ys))
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
