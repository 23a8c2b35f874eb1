"""The fonts of a PDF of text: the resident face of a printer stood in for, and glyphs of installed fonts.

Courier is Nimbus Mono, which comes with Ghostscript: its outlines (CFF, ISO 32000-1 section 9.9) go into the file as
they are, so that no printer has to have a font of its own. Other characters are glyphs of the fonts that texttopcl
sends, as fonts of type 3 (section 9.6.5), 223 characters each. All characters of all fonts are one cell wide; a wide
one is followed by a blank.
"""

from __future__ import annotations

import os
import struct
from typing import Callable, Iterable, Optional

from filters.layout.page import BOLD_FACE, FILLER, Style
from filters.pcl.glyph_store import GlyphStore
from filters.pcl.soft_font import ADVANCE
from filters.pcl.truetype import Contours, decode_outline
from filters.pdf.contours import draw_contours, find_box
from filters.pdf.object_writer import ObjectWriter

#: Width of a cell of all fonts in em, and in thousandths of it.
WIDTH, _WIDTH = 0.6, 600
#: Where distributions put Nimbus Mono as OpenType.
FOLDERS = (
    "/usr/share/fonts/opentype/urw-base35",
    "/usr/share/fonts/urw-base35",
    "/usr/share/fonts/gsfonts",
    "/usr/share/fonts/truetype",
    "/usr/share/fonts/OTF",
)
_FACES = {
    int(Style.PLAIN): ("NimbusMonoPS-Regular", "Courier"),
    int(Style.BOLD): ("NimbusMonoPS-Bold", "Courier-Bold"),
    int(Style.ITALIC): ("NimbusMonoPS-Italic", "Courier-Oblique"),
    int(Style.BOLD | Style.ITALIC): ("NimbusMonoPS-BoldItalic", "Courier-BoldOblique"),
}
#: A font file is no larger; what is, is another one.
_LARGEST_FILE = 4 << 20
#: FontDescriptor.Flags (table 123): fixed pitch, not of the standard Latin set alone, italic.
_FIXED_PITCH, _NONSYMBOLIC, _ITALIC = 1, 32, 64

#: Codes of a font of type 3; below them is the blank.
_BLANK, _FIRST, _LAST = 32, 33, 255
#: Characters without a glyph that are remembered: a text that is not text has any number of them.
_MOST_BOXES = 1000


class Courier:
    """The four faces of Courier."""

    def __init__(self, folders: Iterable[str] = FOLDERS) -> None:
        self._folders = tuple(folders)
        self._used: set[int] = set()
        #: Nimbus Mono is there, at least upright.
        self.is_embedded = self._path(0) is not None

    def name(self, style: int) -> bytes:
        """Return the name of the face for a style in the resources of all pages."""
        face = style & (Style.BOLD | Style.ITALIC)
        self._used.add(face)
        return b"C%d" % face

    def _path(self, face: int) -> Optional[str]:
        paths = (os.path.join(folder, f"{_FACES[face][0]}.otf") for folder in self._folders)
        return next((path for path in paths if os.path.isfile(path)), None)

    def write(self, writer: ObjectWriter) -> list[tuple[bytes, int]]:
        """Write the faces that were used; return their names and numbers."""
        return [(b"C%d" % face, writer.add(self._font(face, writer))) for face in sorted(self._used)]

    def _font(self, face: int, writer: ObjectWriter) -> bytes:
        family, standard = (name.encode("ascii") for name in _FACES[face])
        outlines = read_cff(self._path(face) or "")
        if not outlines:
            return b"<</Type/Font/Subtype/Type1/BaseFont/%b/Encoding/WinAnsiEncoding>>" % standard
        file = writer.add_stream(outlines, b"/Subtype/Type1C")
        flags = _FIXED_PITCH | _NONSYMBOLIC | (_ITALIC if face & Style.ITALIC else 0)
        descriptor = writer.add(
            b"<</Type/FontDescriptor/FontName/%b/Flags %d/FontBBox[-100 -300 800 900]/ItalicAngle %d/Ascent 629"
            b"/Descent -157/CapHeight 563/StemV %d/FontFile3 %d 0 R>>"
            % (family, flags, -12 if face & Style.ITALIC else 0, 100 if face & Style.BOLD else 41, file)
        )
        widths = b" ".join([b"%d" % _WIDTH] * (256 - _BLANK))
        return (
            b"<</Type/Font/Subtype/Type1/BaseFont/%b/Encoding/WinAnsiEncoding/FirstChar 32/LastChar 255/Widths[%b]"
            b"/FontDescriptor %d 0 R>>" % (family, widths, descriptor)
        )


def read_cff(path: str) -> bytes:
    """Return the outlines of an OpenType font (table CFF, OpenType specification 1.9), b"" if it has none."""
    try:
        with open(path, "rb") as file:
            data = file.read(_LARGEST_FILE)
        for number in range(struct.unpack_from(">H", data, 4)[0]):
            tag, _, start, length = struct.unpack_from(">4sIII", data, 12 + 16 * number)
            if tag == b"CFF " and start + length <= len(data):
                return data[start : start + length]
    except (OSError, struct.error):
        pass
    return b""


class _GlyphFont:
    """A font of type 3 that is not full yet, or is."""

    def __init__(self) -> None:
        #: The objects that draw the characters from ``_FIRST`` on, and the characters.
        self.procedures: list[int] = []
        self.characters: list[str] = []


class Glyph:
    """A character of a font of type 3."""

    __slots__ = ("font", "code", "bold", "box")

    def __init__(self, font: bytes, code: int, bold: bool, box: bool) -> None:
        self.font = font
        self.code = code
        #: It is bold already.
        self.bold = bold
        #: Nobody has it.
        self.box = box


class GlyphFonts:
    """Characters that Courier lacks. Each is written when it is first used, the fonts at the end."""

    def __init__(self, writer: ObjectWriter, open_glyphs: Callable[[], GlyphStore]) -> None:
        self._writer = writer
        self._open_glyphs = open_glyphs
        self._store: Optional[GlyphStore] = None
        self._fonts: list[_GlyphFont] = []
        self._glyphs: dict[tuple[str, int], Glyph] = {}
        self._boxes: dict[tuple[str, int], Glyph] = {}
        self._box: Optional[Glyph] = None

    def look_at(self, characters: str) -> None:
        """Learn from the characters of a side which fonts suit them."""
        if characters:
            self.store().look_at(characters)

    def store(self) -> GlyphStore:
        """Return the glyphs, opened when they are first needed."""
        self._store = self._store or self._open_glyphs()
        return self._store

    def find(self, character: str, face: int) -> Glyph:
        """Return the glyph of a character, or of a cluster of them by its name; a box if there is none."""
        key = (character, face)
        found = self._glyphs.get(key) or self._boxes.get(key)
        return found or self._make(key)

    def _make(self, key: tuple[str, int]) -> Glyph:
        character, face = key
        store = self.store()
        if character == FILLER:
            glyph = self._glyphs[key] = Glyph(self._font_with_room(), _BLANK, True, False)
        elif store.is_box(character):
            outline, _ = store.outline(character, 0)
            glyph = self._box = self._box or self._add("\ufffd", outline, False, True)
            if len(self._boxes) < _MOST_BOXES:
                self._boxes[key] = glyph
        else:
            outline, found = store.outline(character, face)
            same = self._glyphs.get((character, found))
            glyph = self._glyphs[key] = same or self._add(character, outline, bool(found & BOLD_FACE), False)
            self._glyphs[character, found] = glyph
        return glyph

    def _font_with_room(self) -> bytes:
        if not self._fonts or len(self._fonts[-1].characters) > _LAST - _FIRST:
            self._fonts.append(_GlyphFont())
        return b"G%d" % (len(self._fonts) - 1)

    def _add(self, character: str, outline: bytes, bold: bool, box: bool) -> Glyph:
        name = self._font_with_room()
        font = self._fonts[-1]
        # The name of a cluster tells first how narrow it is.
        font.characters.append(character[1:] or character)
        font.procedures.append(self._writer.add_stream(_procedure(outline)))
        return Glyph(name, _FIRST + len(font.characters) - 1, bold, box)

    def write(self) -> list[tuple[bytes, int]]:
        """Write the fonts; return their names and numbers."""
        if not self._fonts:
            return []
        blank = self._writer.add_stream(b"%d 0 0 0 0 0 d1" % ADVANCE)
        return [(b"G%d" % number, self._font(font, blank)) for number, font in enumerate(self._fonts)]

    def _font(self, font: _GlyphFont, blank: int) -> int:
        procedures = [blank, *font.procedures]
        codes = range(_BLANK, _BLANK + len(procedures))
        names = b"".join([b"/g%d" % code for code in codes])
        drawn = b"".join([b"/g%d %d 0 R" % (code, number) for code, number in zip(codes, procedures)])
        unicodes = self._writer.add_stream(_to_unicode(font.characters))
        return self._writer.add(
            b"<</Type/Font/Subtype/Type3/FontBBox[0 0 0 0]/FontMatrix[%.8f 0 0 %.8f 0 0]/FirstChar %d/LastChar %d"
            b"/Widths[%b]/Encoding<</Type/Encoding/Differences[%d%b]>>/CharProcs<<%b>>/Resources<<>>/ToUnicode %d 0 R>>"
            % (
                WIDTH / ADVANCE,
                WIDTH / ADVANCE,
                codes[0],
                codes[-1],
                b" ".join([b"%d" % ADVANCE] * len(codes)),
                _BLANK,
                names,
                drawn,
                unicodes,
            )
        )


class _Path:
    """Collects the operators of a path (ISO 32000-1 table 59)."""

    def __init__(self) -> None:
        self.operators: list[bytes] = []

    def moveTo(self, x: float, y: float) -> None:  # named as draw_contours calls them
        self.operators.append(b"%d %d m" % (round(x), round(y)))

    def lineTo(self, x: float, y: float) -> None:
        self.operators.append(b"%d %d l" % (round(x), round(y)))

    def curveTo(self, *points: float) -> None:
        self.operators.append(b"%d %d %d %d %d %d c" % tuple([round(value) for value in points]))

    def close(self) -> None:
        self.operators.append(b"h")


def draw_path(contours: Contours) -> bytes:
    """Return the operators of a path with some contours."""
    path = _Path()
    draw_contours(path, contours)
    return b"\n".join(path.operators)


def _procedure(outline: bytes) -> bytes:
    """Return what draws a glyph: its width and box, then the path, filled."""
    contours = [contour for contour in decode_outline(outline) if contour] if outline else []
    if not contours:
        return b"%d 0 0 0 0 0 d1" % ADVANCE
    return b"%d 0 %d %d %d %d d1\n" % (ADVANCE, *find_box(contours)) + draw_path(contours) + b"\nf"


def _to_unicode(characters: list[str]) -> bytes:
    """Return the CMap that tells which characters the codes are (section 9.10.3)."""
    pairs = [(_BLANK, " "), *enumerate(characters, _FIRST)]
    lines = []
    for start in range(0, len(pairs), 100):
        part = pairs[start : start + 100]
        lines.append(b"%d beginbfchar" % len(part))
        lines += [
            b"<%02x><%b>" % (code, text.encode("utf-16-be", "replace").hex().encode("ascii")) for code, text in part
        ]
        lines.append(b"endbfchar")
    return (
        b"/CIDInit/ProcSet findresource begin\n12 dict begin\nbegincmap\n/CMapName/ipps443 def\n/CMapType 2 def\n"
        b"1 begincodespacerange\n<00><ff>\nendcodespacerange\n"
        + b"\n".join(lines)
        + b"\nendcmap\nCMapName currentdict/CMap defineresource pop\nend\nend"
    )
