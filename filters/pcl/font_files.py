"""Which installed font has a character.

Letters of scripts such as Chinese or Thai come from one face a job, which fontconfig chooses by language. All others
come from a list of files in the order in which they are asked: the fixed-pitch families, whose letters fit into cells
as they are, then proportional ones (FreeMono comes late, because it is a hairline beside the others). What is in none
of them, fontconfig finds by what its fonts cover. Without fontconfig the other files are asked as well, by name. Files
are opened when a character is looked for that none before has.
"""

from __future__ import annotations

import os
from copy import copy
from typing import TYPE_CHECKING, Iterator, Optional, Union

from filters.pcl.scripts import CJK, TALL, east_asian_language, script_of
from filters.pcl.soft_font import ADVANCE, UNITS_PER_EM
from filters.pcl.truetype import BROKEN_FONT, TrueTypeFont, open_font

if TYPE_CHECKING:  # slow to import, and only needed for what the files of the list lack
    from filters.pcl.fontconfig import Fontconfig
    from filters.pcl.freetype import OutlineFont
    from filters.pcl.harfbuzz import PlacedGlyph, Shaper

#: A font of either kind of outlines.
Font = Union[TrueTypeFont, "OutlineFont"]

#: Where distributions put TrueType fonts.
FOLDERS = ("/usr/share/fonts/truetype", "/usr/share/fonts/TTF", "/usr/local/share/fonts", "/usr/share/fonts")
#: The beginnings of names, best first: regular and bold. What begins with none of them comes last, by name.
_FAMILIES = (
    ("DejaVuSansMono.", "DejaVuSansMono-Bold."),
    ("LiberationMono-Regular", "LiberationMono-Bold."),
    ("NotoSansMono-Regular", "NotoSansMono-Bold."),
    ("DejaVuSans.", "DejaVuSans-Bold."),
    ("NotoSans-Regular", "NotoSans-Bold."),
    ("FreeMono.", "FreeMonoBold."),
    ("FreeSans.", "FreeSansBold."),
    ("FreeSerif.", "FreeSerifBold."),
    ("Symbola", "Symbola"),
)
#: A typewriter face of half the weight of all others: not beside them where there is another one.
_HAIRLINE = "FreeMono"
_ENDINGS = (".ttf", ".ttc")
#: Styles that are no fallback for upright letters.
_OTHER_STYLES = ("italic", "oblique", "bold", "condensed", "light", "thin", "black", "medium", "emoji")
#: Files asked for one character at most: a system with a thousand fonts is not to stop a job.
_MOST_FILES = 300
#: How high syllables may be, in lines, as other letters; and from which size on they are as good as that.
_TALLEST, _AS_HIGH = 1.2, 0.97
#: Clusters remembered with their glyphs: a language has some hundred.
_MOST_SHAPED = 5000


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


def open_any_font(path: str, number: int = 0) -> Optional[Font]:
    """Open a font of a file with outlines of either kind; None if it cannot be used."""
    font = open_font(path, number)
    if font:
        return font
    from filters.pcl.freetype import open_outline_font

    return open_outline_font(path, number)


class FontChooser:
    """Fonts by script and by what they cover, as fontconfig knows them; opened once a job."""

    def __init__(self, locale: str = "") -> None:
        self._locale = locale
        #: Distance of lines in cells.
        self.line = UNITS_PER_EM / ADVANCE
        self._fontconfig: Optional[Fontconfig] = None
        self._is_missing = False
        self._east_asian = ""
        self._faces: dict[tuple[str, bool], Optional[Font]] = {}
        self._files: dict[tuple[str, int], Optional[Font]] = {}
        self._shapers: dict[int, Optional[Shaper]] = {}

    def look_at(self, characters: str) -> None:
        """Learn from a side which language its Chinese characters are; the first side that has some decides."""
        if not self._east_asian and any(script_of(character) == CJK for character in characters):
            self._east_asian = east_asian_language(characters, self._locale)

    def face_of_script(self, character: str, bold: bool) -> Optional[Font]:
        """Return the face that all letters of a character's script come from."""
        script = script_of(character)
        if not script:
            return None
        key = (script, bold)
        if key not in self._faces:
            self.look_at(character)
            font = self._match(character, self._east_asian if script == CJK else script, bold)
            self._faces[key] = self._lowered(font, TALL[script]) if font and script in TALL else font
        return self._faces[key]

    def _lowered(self, font: Font, syllable: str) -> Font:
        """Return a font that is made smaller if its syllables are too high for the lines."""
        place = next((place for place, found in self._files.items() if found is font), None)
        shaper = self.shaper(font)
        glyphs = shaper.shape(syllable) if shaper else []
        if not place or not glyphs or not all(glyph.glyph for glyph in glyphs):
            return font
        try:
            height = _height(font, glyphs)
        except BROKEN_FONT:
            return font
        smaller = _TALLEST * self.line * ADVANCE / height
        if smaller > _AS_HIGH:
            return font
        lowered = copy(font)
        lowered.units_per_em = round(font.units_per_em / smaller)
        self._shapers[id(lowered)] = _open_shaper(*place, round(UNITS_PER_EM * smaller))
        return lowered

    def covering(self, character: str, bold: bool) -> Optional[Font]:
        """Return a font that has a character, if there is any."""
        return self._match(character, "", bold)

    @property
    def is_there(self) -> bool:
        """Whether fontconfig is installed."""
        if not self._fontconfig and not self._is_missing:
            try:
                from filters.pcl.fontconfig import Fontconfig

                self._fontconfig = Fontconfig()
            except (ImportError, OSError):
                self._is_missing = True
        return not self._is_missing

    def shaper(self, font: Font, path: Optional[str] = None) -> Optional[Shaper]:
        """Return what shapes text in a font that was found here, or in a file; None without HarfBuzz."""
        if id(font) not in self._shapers:
            opened = [place for place, found in self._files.items() if found is font]
            places = [(path, 0)] if path else opened
            self._shapers[id(font)] = _open_shaper(*places[0]) if places else None
        return self._shapers[id(font)]

    def _match(self, character: str, language: str, bold: bool) -> Optional[Font]:
        if not self.is_there:
            return None
        assert self._fontconfig
        match = self._fontconfig.match(character, language, bold)
        if match and os.path.basename(match.path).startswith(_HAIRLINE):
            match = self._fontconfig.match(character, language, bold, family="sans-serif")
        if not match or bold and not match.is_bold:
            return None
        place = (match.path, match.number)
        if place not in self._files:
            self._files[place] = open_any_font(*place)
        return self._files[place]


def _height(font: Font, glyphs: list[PlacedGlyph]) -> float:
    """Return the height of glyphs that are placed, in our units, 1 at least."""
    scale = UNITS_PER_EM / font.units_per_em
    ys = [y * scale + glyph.y for glyph in glyphs for y in font.points(glyph.glyph).ys]
    return max(max(ys, default=0) - min(ys, default=0), 1)


def _open_shaper(path: str, number: int, em: int = UNITS_PER_EM) -> Optional[Shaper]:
    try:
        from filters.pcl.harfbuzz import Shaper

        return Shaper(path, number, em)
    except (ImportError, OSError):
        return None


class FontChain:
    """Fonts of one weight: those of scripts, then a list of files opened one after the other."""

    def __init__(self, paths: list[str], chooser: Optional[FontChooser] = None, bold: bool = False) -> None:
        self._families = [path for path in paths if _is_of_family(path)]
        self._others = [path for path in paths if not _is_of_family(path)]
        self._chooser = chooser
        self._bold = bold
        self._open: dict[str, Optional[Font]] = {}
        self._shaped: dict[str, list[PlacedGlyph]] = {}

    def look_at(self, characters: str) -> None:
        """Learn from the characters of a side what language it may be in."""
        if self._chooser:
            self._chooser.look_at(characters)

    def set_line(self, line: float) -> None:
        """Say how far lines are apart, in cells, before anything is looked for."""
        if self._chooser:
            self._chooser.line = line

    def find(self, character: str) -> Optional[tuple[Font, int]]:
        """Return the first font that has a character, and its glyph there."""
        code = ord(character)
        for font in self._fonts(character):
            try:
                if font and (glyph := font.glyph_of(code)):
                    return font, glyph
            except BROKEN_FONT:
                continue  # the next one may have it
        return None

    def shape(self, text: str) -> Optional[tuple[Font, list[PlacedGlyph]]]:
        """Return the glyphs of letters that are written as one, and their font; None if that cannot be had."""
        if not self._chooser:
            return None
        font = self._chooser.face_of_script(text[0], self._bold)
        if not script_of(text[0]) and (found := self.find(text[0])):
            font = found[0]
        shaper = self._chooser.shaper(font, self._path_of(font)) if font else None
        if not font or not shaper:
            return None
        glyphs = self._shaped.get(text)
        if glyphs is None:
            if len(self._shaped) > _MOST_SHAPED:
                self._shaped.clear()
            glyphs = self._shaped[text] = shaper.shape(text)
        return (font, glyphs) if glyphs and all(glyph.glyph for glyph in glyphs) else None

    def _fonts(self, character: str) -> Iterator[Optional[Font]]:
        chooser = self._chooser
        if chooser:
            yield chooser.face_of_script(character, self._bold)
        yield from map(self._opened, self._families)
        if chooser and chooser.is_there:
            yield chooser.covering(character, self._bold)
        else:
            yield from map(self._opened, self._others)

    def _path_of(self, font: Font) -> Optional[str]:
        return next((path for path, opened in self._open.items() if opened is font), None)

    def _opened(self, path: str) -> Optional[Font]:
        if path not in self._open:
            self._open[path] = open_font(path)
        return self._open[path]


def _is_of_family(path: str) -> bool:
    name = os.path.basename(path)
    return any(name.startswith(start) for family in _FAMILIES for start in family)
