"""A strict reader of PJL and PCL 5 for tests: what a printer would put where, or an error.

Written from HP's references, not from what our filters send: "PCL 5 Printer Language Technical Reference Manual" (2
syntax, 4 job control, 5 page control, 6 cursor, 8 fonts, 9 and 11 soft fonts, 13 and 14 patterns), "PCL 5 Comparison
Guide" and "Printer Job Language Technical Reference Manual". Real printers ignore what they do not know; this one
raises PclError for unknown commands, values out of range, stray controls, codes that do not print, commands that
would eject a page in its middle, wrong byte counts and wrong checksums.

Lengths are in 1/7200 inch. Positions are those of PCL: x from the left edge of the logical page, y from the top.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field
from typing import Callable, Optional

UEL = b"\x1b%-12345X"

#: Logical pages in portrait, by page size code: width and length of the sheet in 1/300 inch, metric or not.
#: Technical Reference Manual, chapter 2, and the manuals of later printers.
SHEETS = {
    1: (2175, 3150, False),
    2: (2550, 3300, False),
    3: (2550, 4200, False),
    6: (3300, 5100, False),
    9: (2480, 3897, True),
    10: (2550, 3900, False),
    15: (1650, 2550, False),
    17: (2303, 3188, True),
    19: (3188, 4606, True),
    24: (1240, 1748, True),
    25: (1748, 2480, True),
    26: (2480, 3507, True),
    27: (3507, 4960, True),
    45: (2149, 3035, True),
    46: (3035, 4299, True),
    65: (2078, 2952, True),
    71: (1181, 1748, True),
    72: (1748, 2362, True),
    74: (1200, 1800, False),
    75: (1500, 2400, False),
    78: (900, 1500, False),
    80: (1162, 2250, False),
    81: (1237, 2850, False),
    90: (1299, 2598, True),
    91: (1913, 2704, True),
    92: (1346, 1913, True),
    93: (2704, 3826, True),
    100: (2078, 2952, True),
    102: (1162, 2662, False),
    110: (1417, 2775, True),
    111: (1063, 2421, True),
}
OFFSETS = {False: (75, 60), True: (71, 59)}  # portrait, landscape; 1/300 inch
#: Codes below 0x20 and from 0x7F to 0x9F that print in Windows Latin 1 (Comparison Guide, appendix C).
_WINDOWS_ONLY = bytes(set(range(0x80, 0xA0)) - {0x81, 0x8D, 0x8F, 0x90, 0x9D})

_PARAMETER = re.compile(rb"([+-]?)([0-9]{0,5})(?:\.([0-9]{1,4}))?([`-~@-^])")


class PclError(Exception):
    """What a printer would not have understood, and at which byte."""

    def __init__(self, offset: int, what: str) -> None:
        super().__init__(f"byte {offset}: {what}")
        self.offset = offset


@dataclass(frozen=True)
class SoftGlyph:
    """A downloaded character: its TrueType outline."""

    glyph_id: int
    outline: bytes


@dataclass
class SoftFont:
    """A downloaded font: traits and characters."""

    symbol_set: int
    spacing: int
    typeface: int
    weight: int
    style: int
    font_type: int
    pitch_units: int
    units_per_em: int
    first: int
    last: int
    tables: dict[str, bytes]
    glyphs: dict[int, SoftGlyph] = field(default_factory=dict)


@dataclass(frozen=True)
class Glyph:
    """One character on paper."""

    x: int
    y: int
    text: str
    width: int
    bold: bool = False
    italic: bool = False
    underline: bool = False
    white: bool = False
    soft: Optional[SoftGlyph] = None
    #: How black it is, in hundredths.
    grey: int = 100


@dataclass(frozen=True)
class Rectangle:
    """A filled rectangle; grey 100 is black."""

    x: int
    y: int
    width: int
    height: int
    grey: int


@dataclass
class Page:
    """One side, as it was when it was ejected."""

    size: int
    orientation: int
    duplex: int
    source: Optional[int]
    width: int
    length: int
    left: int
    glyphs: list[Glyph] = field(default_factory=list)
    rectangles: list[Rectangle] = field(default_factory=list)
    #: What was called by macros, which are not looked into.
    macros: list[bytes] = field(default_factory=list)

    def lines(self, left: int = 0, right: int = 10**9) -> list[tuple[int, str]]:
        """Return the text between two x positions: y and characters, blanks filled in from x = left or the first."""
        by_y: dict[int, list[Glyph]] = {}
        for glyph in self.glyphs:
            if left <= glyph.x < right and glyph.text not in ("", " "):
                by_y.setdefault(glyph.y, []).append(glyph)
        return [(y, _line_of(by_y[y], left)) for y in sorted(by_y)]

    def text(self, x: float, y: float, cell: int, pitch: float) -> list[str]:
        """Return the rows of a grid whose first cell is at x and whose first baseline is at y."""
        rows: list[str] = []
        for glyph in sorted(self.glyphs, key=lambda g: (g.y, g.x)):
            row, column = round((glyph.y - y) / pitch), round((glyph.x - x) / cell)
            if glyph.text in ("", " "):
                continue
            assert row >= 0 and column >= 0, glyph
            assert abs(glyph.y - y - row * pitch) <= 7 and abs(glyph.x - x - column * cell) <= 7, glyph
            rows += [""] * (row + 1 - len(rows))
            rows[row] = rows[row].ljust(column) + glyph.text if len(rows[row]) <= column else rows[row]
        return rows


def _line_of(glyphs: list[Glyph], left: int) -> str:
    line = ""
    for glyph in sorted(glyphs, key=lambda g: g.x):
        column = round((glyph.x - left) / glyph.width)
        if len(line) <= column:
            line = line.ljust(column) + glyph.text
    return line


@dataclass
class PrintedJob:
    """A whole job."""

    name: str
    settings: dict[str, str]
    pages: list[Page]

    @property
    def copies(self) -> int:
        """Copies, whichever way they were asked for."""
        return int(self.settings.get("COPIES", "1")) * int(self.settings.get("QTY", "1"))


def parse_job(data: bytes, identify: Callable[[SoftGlyph], str] = lambda glyph: "\ufffd") -> PrintedJob:
    """Read one whole job. ``identify`` names the character of a downloaded glyph.

    Raises:
        PclError: anything in it is not as the references say, or the job is not whole.
    """
    name, settings, start = _read_pjl_start(data)
    end = data.find(UEL, start)
    if end < 0:
        raise PclError(len(data), "the job has no UEL at its end")
    printer = _Printer(data, start, end, identify)
    printer.run()
    _read_pjl_end(data, end, name)
    return PrintedJob(name, settings, printer.pages)


_PJL_LINE = re.compile(rb"@PJL ([^\x00-\x08\x0a-\x1f\x7f-\xff]*?)\r?\n")


def _read_pjl_start(data: bytes) -> tuple[str, dict[str, str], int]:
    if not data.startswith(UEL + b"@PJL"):
        raise PclError(0, "no UEL with @PJL right after it")
    at = len(UEL)
    name, settings = None, {}
    while True:
        line = _PJL_LINE.match(data, at)
        if not line:
            raise PclError(at, f"not a line of PJL: {data[at:at + 30]!r}")
        at = line.end()
        words = line.group(1).decode("ascii")
        job = re.fullmatch(r'JOB NAME = "([ !#-~]{0,80})"', words)
        setting = re.fullmatch(r"SET ([A-Z]+) = ([A-Z0-9]+)", words)
        if job and name is None:
            name = job.group(1)
        elif setting and name is not None:
            settings[setting.group(1)] = setting.group(2)
        elif words == "ENTER LANGUAGE = PCL" and name is not None:
            return name, settings, at
        else:
            raise PclError(at, f"unknown or misplaced PJL: {words}")


def _read_pjl_end(data: bytes, end: int, name: str) -> None:
    expected = UEL + b'@PJL EOJ NAME = "' + name.encode("ascii") + b'"\r\n' + UEL
    if data[end:] != expected:
        raise PclError(end, f"the end of the job is {data[end:end + 80]!r}")


def _fixed(sign: bytes, whole: bytes, decimals: Optional[bytes]) -> float:
    value = float((whole or b"0") + b"." + (decimals or b"0"))
    return -value if sign == b"-" else value


class _Printer:
    """The state of a printer, and one method for each command."""

    def __init__(self, data: bytes, start: int, end: int, identify: Callable[[SoftGlyph], str]) -> None:
        self.data, self.at, self.end = data, start, end
        self.identify = identify
        self.pages: list[Page] = []
        self.was_reset = False
        self.reset()

    # -- the machine ---------------------------------------------------------------------------------------------------

    def reset(self) -> None:
        """Reset, TRM chapter 4: user defaults; temporary fonts are deleted."""
        self.unit = 7200 // 300
        self.size, self.orientation, self.duplex = 2, 0, 0
        self.source: Optional[int] = None
        self.custom = (61200, 79200)
        self.fonts: dict[int, SoftFont] = {}
        self.font_id = 0
        self.character_code = 0
        self.symbol_set = _symbol_set_value(8, "U")
        self.spacing, self.pitch, self.height, self.style, self.weight, self.face = 0, 10.0, 12.0, 0, 0, 4099
        self.rectangle = [0, 0]
        self.fill_grey = 100
        self.macro_id, self.macros = 0, {}  # type: int, dict[int, bytes]
        self.pattern = self.opaque = 0
        self.wrap = False
        self.hmi = 720
        self.vmi = 1200.0
        self.underline = False
        self.page: Optional[Page] = None
        self.x = self.y = self.margin = 0

    def run(self) -> None:
        """Read everything up to the end of the job."""
        if self.data[self.at : self.at + 2] != b"\x1bE":
            raise PclError(self.at, "PCL does not start with a reset")
        while self.at < self.end:
            byte = self.data[self.at]
            if byte == 0x1B:
                self.escape()
            elif byte == 0x0D:
                self.x = self.margin
                self.at += 1
            elif byte == 0x0A:
                self.y += round(self.vmi)
                if self.y > self.sheet().length:
                    raise self.fail("a line feed below the logical page")
                self.at += 1
            elif byte == 0x0C:
                self.eject()
                self.at += 1
            else:
                self.text()
        if self.data[self.end - 2 : self.end] != b"\x1bE":
            raise PclError(self.end, "PCL does not end with a reset")

    def sheet(self) -> Page:
        """Return the page that is being printed."""
        if self.page is None:
            if self.size == 101:
                width, length, metric = self.custom[0], self.custom[1], False
            else:
                width, length, metric = SHEETS[self.size]
                width, length = width * 24, length * 24
            landscape = self.orientation % 2
            left = OFFSETS[metric][landscape] * 24
            if landscape:
                width, length = length, width
            self.page = Page(self.size, self.orientation, self.duplex, self.source, width - 2 * left, length, left)
        return self.page

    @property
    def marked(self) -> bool:
        """Tell whether anything is on the page."""
        return self.page is not None and bool(self.page.glyphs or self.page.rectangles)

    def eject(self) -> None:
        """Form feed: print the page, an empty one too."""
        self.pages.append(self.sheet())
        self.page = None
        self.y = 0

    def fail(self, what: str) -> PclError:
        return PclError(self.at, what)

    # -- text ----------------------------------------------------------------------------------------------------------

    def current_soft_font(self) -> Optional[SoftFont]:
        """Font selection by traits, TRM chapter 8: symbol set first, then spacing, style, weight, typeface."""
        found = [font for font in self.fonts.values() if font.symbol_set == self.symbol_set]
        if not found:
            return None
        if len({(font.weight, font.style) for font in found}) != len(found):
            raise self.fail("two downloaded fonts cannot be told apart")
        found.sort(
            key=lambda font: (font.spacing != self.spacing, font.style != self.style, font.weight != self.weight)
        )
        return found[0]

    def text(self) -> None:
        """Print codes up to the next control."""
        start = self.at
        while self.at < self.end and self.data[self.at] not in b"\x1b\r\n\f":
            self.at += 1
        soft = self.current_soft_font()
        for offset, code in enumerate(self.data[start : self.at], start):
            self.print_code(offset, code, soft)

    def print_code(self, offset: int, code: int, soft: Optional[SoftFont]) -> None:
        page = self.sheet()
        if soft and code == 0x20:
            # Space is a control where it is no glyph: it moves by HMI (TRM 6).
            character, glyph = " ", None
        elif soft:
            character, glyph = self.soft_character(offset, code, soft)
        else:
            character, glyph = self.resident_character(offset, code), None
        page.glyphs.append(
            Glyph(
                self.x,
                self.y,
                character,
                self.hmi,
                self.weight > 0 if glyph is None else bool(soft and soft.weight > 0),
                self.style == 1,
                self.underline,
                self.pattern == 1 and self.opaque == 1,
                glyph,
                self.fill_grey if self.pattern == 2 else 100,
            )
        )
        self.x += self.hmi

    def resident_character(self, offset: int, code: int) -> str:
        if self.symbol_set != _symbol_set_value(19, "U"):
            raise PclError(offset, f"text under symbol set {self.symbol_set}, which the parser does not know")
        if 0x20 <= code < 0x7F or code >= 0xA0 or code in _WINDOWS_ONLY:
            return bytes([code]).decode("cp1252")
        raise PclError(offset, f"control or unassigned code {code:02X}")

    def soft_character(self, offset: int, code: int, font: SoftFont) -> tuple[str, Optional[SoftGlyph]]:
        if font.font_type == 1 and not (0x21 <= code <= 0x7F or 0xA0 <= code <= 0xFF):
            raise PclError(offset, f"code {code:02X} does not print in a font of type 1")
        if code not in font.glyphs:
            raise PclError(offset, f"code {code:02X} is not in the downloaded font")
        return self.identify(font.glyphs[code]), font.glyphs[code]

    # -- syntax --------------------------------------------------------------------------------------------------------

    def escape(self) -> None:
        """Read one escape sequence, TRM chapter 2."""
        second = self.data[self.at + 1 : self.at + 2]
        if second in (b"E", b"9"):
            self.at += 2
            if second == b"E":
                if self.marked:
                    self.eject()
                self.reset()
            self.margin = 0
            return
        if not second or not 0x21 <= second[0] <= 0x2F:
            raise self.fail(f"unknown escape sequence {self.data[self.at:self.at + 8]!r}")
        if second == b"(" and self.data[self.at + 2 : self.at + 3].isdigit():
            self.parameters(second, b"", self.at + 2)
            return
        group = self.data[self.at + 2 : self.at + 3]
        if not group or not 0x60 <= group[0] <= 0x7E:
            raise self.fail(f"unknown escape sequence {self.data[self.at:self.at + 8]!r}")
        self.parameters(second, group, self.at + 3)

    def parameters(self, second: bytes, group: bytes, at: int) -> None:
        """Read values and final characters until an upper-case one."""
        while True:
            found = _PARAMETER.match(self.data, at)
            if not found or found.end() > self.end:
                raise PclError(at, f"no value and final character: {self.data[at:at + 12]!r}")
            sign, whole, decimals, final = found.groups()
            value = _fixed(sign, whole, decimals)
            if abs(value) > 32767:
                raise PclError(at, f"value out of range: {found.group()!r}")
            last = final.isupper() or final == b"@"
            self.at = found.end()
            self.command(found.start(), (second + group).decode(), final.upper().decode(), sign.decode(), value, last)
            at = self.at
            if last:
                return

    def command(self, offset: int, prefix: str, final: str, sign: str, value: float, last: bool) -> None:
        if prefix == "(":
            if not last:
                raise PclError(offset, "symbol set commands do not join")
            if final == "X":
                self.select_by_id(offset, int(value))
                return
            self.symbol_set = _symbol_set_value(int(value), final)
            self.new_font()
            return
        try:
            handler = _COMMANDS[prefix + final]
        except KeyError:
            raise PclError(offset, f"unknown command ESC {prefix}{value:g}{final}") from None
        try:
            handler(self, value, sign)
        except _OutOfRange as error:
            raise PclError(offset, f"ESC {prefix}{value:g}{final}: {error}") from None

    def select_by_id(self, offset: int, number: int) -> None:
        """Font selection by ID, TRM 8-22: what the font is becomes what is asked for, but for pitch and height."""
        font = self.fonts.get(number)
        if font is None:
            raise PclError(offset, f"there is no font {number}")
        self.symbol_set, self.weight, self.style = font.symbol_set, font.weight, font.style
        self.spacing, self.face = font.spacing, font.typeface
        self.new_font()

    def take(self, count: int) -> bytes:
        """Take the binary data after a command."""
        binary = self.data[self.at : self.at + count]
        if self.at + count > self.end:
            raise self.fail(f"{count} bytes of binary data, but the job ends before")
        self.at += count
        return binary

    # -- commands ------------------------------------------------------------------------------------------------------

    def new_font(self) -> None:
        """A change of font sets HMI to the pitch again (TRM 5, HMI), in whole units as GhostPCL has it."""
        self.hmi = round(7200 / self.pitch / self.unit) * self.unit

    def new_page_setup(self) -> None:
        if self.marked:
            raise _OutOfRange("would eject the page")
        self.page = None
        self.x = self.y = self.margin = 0

    def set_size(self, value: float, sign: str) -> None:
        _one_of(value, {*SHEETS, 101})
        self.new_page_setup()
        self.size = int(value)

    def set_orientation(self, value: float, sign: str) -> None:
        _one_of(value, range(4))
        self.new_page_setup()
        self.orientation = int(value)
        self.vmi, self.hmi = 1200.0, round(7200 / self.pitch)

    def set_source(self, value: float, sign: str) -> None:
        _one_of(value, range(70))
        self.new_page_setup()
        self.source = int(value)

    def set_duplex(self, value: float, sign: str) -> None:
        _one_of(value, range(3))
        self.new_page_setup()
        self.duplex = int(value)

    def set_unit(self, value: float, sign: str) -> None:
        if value < 96 or 7200 % int(value):
            raise _OutOfRange("7200 is no multiple of it")
        self.unit = 7200 // int(value)

    def set_hmi(self, value: float, sign: str) -> None:
        _between(value, 0, 840)
        self.hmi = round(value * 60)

    def set_left_margin(self, value: float, sign: str) -> None:
        """Left margin, TRM 5: the left edge of a column; it stays there when HMI changes."""
        _between(value, 0, self.sheet().width / max(self.hmi, 1))
        self.margin = round(value * self.hmi)
        self.x = max(self.x, self.margin)

    def set_vmi(self, value: float, sign: str) -> None:
        _between(value, 0, 336)
        self.vmi = value * 150

    def set_top_margin(self, value: float, sign: str) -> None:
        _between(value, 0, 300)
        if not self.vmi:
            raise _OutOfRange("ignored while VMI is 0")

    def move_x(self, value: float, sign: str) -> None:
        self.x = round(value * self.unit) + (self.x if sign else 0)
        if self.x < 0:
            raise _OutOfRange("left of the logical page")

    def move_y(self, value: float, sign: str) -> None:
        self.y = round(value * self.unit) + (self.y if sign else 0)
        if not 0 <= self.y <= self.sheet().length:
            raise _OutOfRange("above or below the logical page")

    def trait(name: str) -> Callable[[_Printer, float, str], None]:  # type: ignore[misc]
        def change(self: _Printer, value: float, sign: str) -> None:
            setattr(self, name, value)
            self.new_font()

        return change

    set_pitch, set_height = trait("pitch"), trait("height")
    set_style, set_weight = trait("style"), trait("weight")

    def set_spacing(self, value: float, sign: str) -> None:
        _one_of(value, {0})
        self.new_font()

    def set_face(self, value: float, sign: str) -> None:
        _one_of(value, {4099, 4102})
        self.face = int(value)
        self.new_font()

    def set_underline(self, value: float, sign: str) -> None:
        _one_of(value, {0, 3})
        self.underline = True

    def end_underline(self, value: float, sign: str) -> None:
        self.underline = False

    def set_rectangle_width(self, value: float, sign: str) -> None:
        self.rectangle[0] = round(value * self.unit)

    def set_rectangle_height(self, value: float, sign: str) -> None:
        self.rectangle[1] = round(value * self.unit)

    def set_fill(self, value: float, sign: str) -> None:
        _between(value, 1, 100)
        self.fill_grey = int(value)

    def fill(self, value: float, sign: str) -> None:
        _one_of(value, {0, 1, 2})
        grey = {0: 100, 1: 0, 2: self.fill_grey}[int(value)]
        self.sheet().rectangles.append(Rectangle(self.x, self.y, self.rectangle[0], self.rectangle[1], grey))

    def set_pattern(self, value: float, sign: str) -> None:
        _one_of(value, {0, 1, 2})
        self.pattern = int(value)

    def set_opaque(self, value: float, sign: str) -> None:
        """Pattern transparency: a white pattern leaves nothing white unless it is opaque (TRM 13)."""
        _one_of(value, {0, 1})
        self.opaque = int(value)

    def name_media(self, value: float, sign: str) -> None:
        name = self.take(int(value))
        if name[:1] != b"d" or not name[1:].isascii() or not name[1:].decode().isprintable():
            raise _OutOfRange(f"no media name: {name!r}")

    # -- macros --------------------------------------------------------------------------------------------------------

    def control_macro(self, value: float, sign: str) -> None:
        """Macro control, TRM chapter 12: define, end a definition, call."""
        _one_of(value, {0, 1, 3})
        if value == 0:
            end = self.data.find(b"\x1b&f1X", self.at, self.end)
            if end < 0 or self.marked:
                raise _OutOfRange("a macro that does not end, or begins in the middle of a page")
            self.macros[self.macro_id] = self.take(end - self.at)
        elif value == 3:
            if self.macro_id not in self.macros:
                raise _OutOfRange("no such macro")
            self.sheet().macros.append(self.macros[self.macro_id])

    # -- soft fonts ----------------------------------------------------------------------------------------------------

    def set_font_id(self, value: float, sign: str) -> None:
        _between(value, 0, 32767)
        self.font_id = int(value)

    def set_character_code(self, value: float, sign: str) -> None:
        _between(value, 0, 65535)
        self.character_code = int(value)

    def control_font(self, value: float, sign: str) -> None:
        _one_of(value, range(7))
        if value == 2:
            if self.marked:
                raise _OutOfRange("a font deleted before its page is printed")
            if self.fonts.pop(self.font_id, None) is None:
                raise _OutOfRange("no such font")
        elif value not in (4, 5):
            raise _OutOfRange("not used by us")

    def load_header(self, value: float, sign: str) -> None:
        self.fonts[self.font_id] = read_font_header(self.take(int(value)))

    def load_character(self, value: float, sign: str) -> None:
        record = self.take(int(value))
        font = self.fonts.get(self.font_id)
        if font is None:
            raise _OutOfRange("a character without a font")
        glyph = font.glyphs[self.character_code] = read_character(record)
        metrics = font.tables["hmtx"][4 * glyph.glyph_id : 4 * glyph.glyph_id + 4]
        if glyph.outline and metrics[2:] != glyph.outline[2:4]:
            raise _OutOfRange("the left side bearing is not where the outline starts, so the glyph would be shifted")
        if not font.first <= self.character_code <= font.last:
            raise _OutOfRange(f"character {self.character_code} is not between the font's first and last")


class _OutOfRange(Exception):
    pass


def _one_of(value: float, allowed: object) -> None:
    if value != int(value) or int(value) not in allowed:  # type: ignore[operator]
        raise _OutOfRange("value not allowed")


def _between(value: float, lowest: float, highest: float) -> None:
    if not lowest <= value <= highest:
        raise _OutOfRange(f"not between {lowest} and {highest}")


def _symbol_set_value(number: int, letter: str) -> int:
    """Comparison Guide, appendix C: 32 times the number, plus the letter less 64."""
    return number * 32 + ord(letter) - 64


def _only(*values: float) -> Callable[[_Printer, float, str], None]:
    def check(self: _Printer, value: float, sign: str) -> None:
        _one_of(value, set(values))

    return check


_COMMANDS: dict[str, Callable[[_Printer, float, str], None]] = {
    "&uD": _Printer.set_unit,
    "&lA": _Printer.set_size,
    "&lH": _Printer.set_source,
    "&lM": _only(*range(5)),
    "&lG": _only(*range(50)),
    "&lT": _only(1),
    "&aG": _only(1),
    "&aL": _Printer.set_left_margin,
    "&lO": _Printer.set_orientation,
    "&lS": _Printer.set_duplex,
    "&lL": _only(0),
    "&lC": _Printer.set_vmi,
    "&lE": _Printer.set_top_margin,
    "&fI": lambda self, value, sign: setattr(self, "custom", (round(value * 10), self.custom[1])),
    "&fJ": lambda self, value, sign: setattr(self, "custom", (self.custom[0], round(value * 10))),
    "&fY": lambda self, value, sign: setattr(self, "macro_id", int(value)),
    "&fX": _Printer.control_macro,
    "&kH": _Printer.set_hmi,
    "&kG": _only(0),
    "&sC": _only(1),
    "&nW": _Printer.name_media,
    "&dD": _Printer.set_underline,
    "&d@": _Printer.end_underline,
    "*pX": _Printer.move_x,
    "*pY": _Printer.move_y,
    "(sP": _Printer.set_spacing,
    "(sH": _Printer.set_pitch,
    "(sV": _Printer.set_height,
    "(sS": _Printer.set_style,
    "(sB": _Printer.set_weight,
    "(sT": _Printer.set_face,
    "*cA": _Printer.set_rectangle_width,
    "*cB": _Printer.set_rectangle_height,
    "*cG": _Printer.set_fill,
    "*cP": _Printer.fill,
    "*vT": _Printer.set_pattern,
    "*vO": _Printer.set_opaque,
    "*cD": _Printer.set_font_id,
    "*cE": _Printer.set_character_code,
    "*cF": _Printer.control_font,
    ")sW": _Printer.load_header,
    "(sW": _Printer.load_character,
}


def _u16(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 2], "big")


def read_font_header(data: bytes) -> SoftFont:
    """Read a font header of format 15 (TrueType), TRM chapter 11.

    0 descriptor size 72 | 2 format 15 | 3 type | 13 spacing | 14 symbol set | 16 pitch | 23 style | 24 weight
    25, 26 typeface | 36 first code | 38 last code | 64 scale factor | 70 technology 1 | 72 segments | 0, checksum
    """
    if len(data) < 84 or _u16(data, 0) != 72 or data[2] != 15 or data[70] != 1:
        raise _OutOfRange("not a header of format 15")
    if sum(data[64:]) % 256:
        raise _OutOfRange("the checksum of the header is wrong")
    if data[-2] or not _u16(data, 16):
        raise _OutOfRange("reserved byte not 0, or no pitch")
    at, tables = 72, {}
    while True:
        tag, size = data[at : at + 2], _u16(data, at + 2)
        segment = data[at + 4 : at + 4 + size]
        at += 4 + size
        if tag == b"\xff\xff":
            break
        if tag != b"GT" or len(segment) != size:
            raise _OutOfRange(f"unknown segment {tag!r}")
        tables = read_truetype(segment)
    if at != len(data) - 2:
        raise _OutOfRange("bytes left over after the segments")
    underline, thickness = struct.unpack(">hH", data[66:70])
    if not -_u16(data, 64) < underline < 0 < thickness < -underline or data[71]:
        raise _OutOfRange("an underline that is not below the letters, or a variety")
    weight = data[24] - 256 if data[24] > 127 else data[24]
    return SoftFont(
        _u16(data, 14), data[13], data[26] * 256 + data[25], weight, data[4] * 256 + data[23], data[3], _u16(data, 16),
        _u16(data, 64), _u16(data, 36), _u16(data, 38), tables,
    )  # fmt: skip


def read_truetype(data: bytes) -> dict[str, bytes]:
    """Read the table directory of a TrueType file; tables are in order, aligned, and have the right checksums."""
    count = _u16(data, 4)
    if data[:4] != b"\0\1\0\0":
        raise _OutOfRange("not a TrueType file")
    power = count.bit_length() - 1
    if struct.unpack(">HHH", data[6:12]) != (16 << power, power, 16 * count - (16 << power)):
        raise _OutOfRange("what the search in the directory begins with is wrong")
    tables: dict[str, bytes] = {}
    for number in range(count):
        entry = data[12 + 16 * number : 28 + 16 * number]
        tag = entry[:4].decode("ascii")
        checksum, offset, length = (int.from_bytes(entry[i : i + 4], "big") for i in (4, 8, 12))
        table = data[offset : offset + length]
        if len(table) != length or offset % 4:
            raise _OutOfRange(f"table {tag} is cut or not aligned")
        padded = table + bytes(-length % 4)
        if (
            tag != "head"
            and sum(int.from_bytes(padded[i : i + 4], "big") for i in range(0, len(padded), 4)) % 2**32 != checksum
        ):
            raise _OutOfRange(f"table {tag} has a wrong checksum")
        tables[tag] = table
    if list(tables) != sorted(tables) or not {"gdir", "head", "hhea", "hmtx", "maxp"} <= set(tables):
        raise _OutOfRange(f"tables are {list(tables)}")
    if (len(tables["gdir"]), len(tables["head"]), len(tables["hhea"])) != (0, 54, 36):
        raise _OutOfRange("gdir, head or hhea have a wrong size")
    if len(tables["hmtx"]) != 4 * _u16(tables["hhea"], 34) or _u16(tables["hhea"], 34) != _u16(tables["maxp"], 4):
        raise _OutOfRange("hmtx, hhea and maxp do not agree")
    return tables


def read_character(data: bytes) -> SoftGlyph:
    """Read a character of format 15, TRM 11-67: 0F 00 02 0F, size, glyph id, outline, 0, checksum."""
    if data[:4] != b"\x0f\0\2\x0f":
        raise _OutOfRange("not a character of format 15")
    size = _u16(data, 4)
    if len(data) != size + 6 or sum(data[4:]) % 256 or data[-2]:
        raise _OutOfRange("size or checksum of a character is wrong")
    outline = data[8:-2]
    if outline and int.from_bytes(outline[:2], "big", signed=True) < 0:
        raise _OutOfRange("a composite glyph, whose parts are not sent")
    return SoftGlyph(_u16(data, 6), outline)
