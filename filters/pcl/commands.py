"""PCL 5 commands by name: HP PCL 5 Printer Language Technical Reference Manual, chapter 2 for the syntax.

    ESC X                                              two characters
    ESC <parameterised> <group> <value> <final>        for example ESC & l 26 A, page size A4

Commands with the same two characters after ESC join into one: the final letters become lower case, all but the last.
A value is a decimal number of at most four decimals. The names are those of the manual's command list.
"""

from __future__ import annotations

from filters.common.dataclass import dataclass

TYPE_CHECKING = False  # slow to import
if TYPE_CHECKING:
    from typing import Union

    Number = Union[int, float]

ESC = b"\x1b"
RESET = b"\x1bE"
UNIVERSAL_EXIT_LANGUAGE = b"\x1b%-12345X"
CLEAR_HORIZONTAL_MARGINS = b"\x1b9"
CARRIAGE_RETURN = b"\r"
NEW_LINE = b"\r\n"
FORM_FEED = b"\f"


@dataclass(frozen=True)
class Command:
    """A command that takes a value: the two characters after ESC, and the final one."""

    group: bytes
    final: bytes

    def __call__(self, value: Number) -> bytes:
        """Return the command with a value."""
        return ESC + self.group + number(value) + self.final


# Job control, chapter 4
SIMPLEX_DUPLEX = Command(b"&l", b"S")  # 0 simplex, 1 long edge, 2 short edge
OUTPUT_BIN = Command(b"&l", b"G")
#: IPP's "sides" -> values of that.
SIDES = {"one-sided": 0, "two-sided-long-edge": 1, "two-sided-short-edge": 2}
DUPLEX_SIDE = Command(b"&a", b"G")  # 0 the next side, 1 the front of a sheet, 2 its back
JOB_SEPARATION = Command(b"&l", b"T")  # 1 moves what follows aside in the bin
UNIT_OF_MEASURE = Command(b"&u", b"D")  # PCL units per inch
# Page control, chapter 5
PAGE_SIZE = Command(b"&l", b"A")
PAPER_SOURCE = Command(b"&l", b"H")
MEDIA_TYPE = Command(b"&l", b"M")
CUSTOM_WIDTH = Command(b"&f", b"I")  # decipoints
CUSTOM_LENGTH = Command(b"&f", b"J")  # decipoints
ORIENTATION = Command(b"&l", b"O")  # 0 portrait, 1 landscape, 2 and 3 the same upside down
TOP_MARGIN = Command(b"&l", b"E")  # lines
LEFT_MARGIN = Command(b"&a", b"L")  # columns, as wide as cells are when it is said
PERFORATION_SKIP = Command(b"&l", b"L")
HORIZONTAL_MOTION_INDEX = Command(b"&k", b"H")  # 1/120 inch
VERTICAL_MOTION_INDEX = Command(b"&l", b"C")  # 1/48 inch
LINE_TERMINATION = Command(b"&k", b"G")  # 0: CR, LF and FF are just that
END_OF_LINE_WRAP = Command(b"&s", b"C")  # 0 on, 1 off
# Cursor, chapter 6
HORIZONTAL_POSITION = Command(b"*p", b"X")  # PCL units
# Fonts, chapter 8
SPACING = Command(b"(s", b"P")  # 0 fixed
PITCH = Command(b"(s", b"H")  # characters per inch
HEIGHT = Command(b"(s", b"V")  # points
STYLE = Command(b"(s", b"S")  # 0 upright, 1 italic
STROKE_WEIGHT = Command(b"(s", b"B")  # 0 medium, 3 bold
TYPEFACE = Command(b"(s", b"T")
UNDERLINE = Command(b"&d", b"D")  # 0 fixed, 3 floating
UNDERLINE_OFF = b"\x1b&d@"
# Soft fonts, chapters 9 and 11
FONT_ID = Command(b"*c", b"D")
CHARACTER_CODE = Command(b"*c", b"E")
FONT_CONTROL = Command(b"*c", b"F")  # 2 deletes the font of the current id
FONT_HEADER = Command(b")s", b"W")  # number of bytes that follow
CHARACTER_DATA = Command(b"(s", b"W")  # number of bytes that follow
# Macros, chapter 12
MACRO_ID = Command(b"&f", b"Y")
MACRO_CONTROL = Command(b"&f", b"X")  # 0 starts, 1 ends a definition, 3 calls: what it changes is as before after it
# Rectangles and patterns, chapters 13 and 14
RECTANGLE_WIDTH = Command(b"*c", b"A")  # PCL units
RECTANGLE_HEIGHT = Command(b"*c", b"B")  # PCL units
FILL_RECTANGLE = Command(b"*c", b"P")  # 0 black, 2 grey
GREY = Command(b"*c", b"G")  # per cent of black
PATTERN_TRANSPARENCY = Command(b"*v", b"O")  # 0 transparent, 1 opaque: white needs it to show
CURRENT_PATTERN = Command(b"*v", b"T")  # 0 black, 1 white, 2 grey


def number(value: Number) -> bytes:
    """Return a value as PCL writes numbers: no exponent, no more than four decimals, none that are nothing."""
    if isinstance(value, int):
        return b"%d" % value
    text = b"%.4f" % value
    text = text.rstrip(b"0").rstrip(b".")
    return b"0" if text == b"-0" else text


def combine(*commands: bytes) -> bytes:
    """Join commands; neighbours of the same group share one escape character."""
    joined = bytearray()
    group = b""
    for command in commands:
        if group and command[1:3] == group and len(command) > 3:
            joined[-1:] = joined[-1:].lower()
            joined += command[3:]
        else:
            joined += command
        group = command[1:3] if _is_parameterised(command) else b""
    return bytes(joined)


def position(x: int, y: int) -> bytes:
    """Return the command that moves the cursor to a place in PCL units: both coordinates in one sequence."""
    return b"\x1b*p%dx%dY" % (x, y)


def _is_parameterised(command: bytes) -> bool:
    return len(command) > 3 and command[:1] == ESC and 0x21 <= command[1] <= 0x2F and command[-1:].isupper()


def symbol_set(identifier: str) -> bytes:
    """Return the command that makes a symbol set such as "19U" that of the primary font."""
    return b"\x1b(" + identifier.encode("ascii")


def font_by_id(number_of_font: int) -> bytes:
    """Return the command that makes a font that was sent the primary one, by its number (8-22)."""
    return b"\x1b(%dX" % number_of_font


def primary_font(pitch: Number, height: Number, typeface: int, weight: int = 0, symbols: str = "19U") -> bytes:
    """Return the whole description of a fixed-pitch primary font; short ones pick surprising fonts (8-22)."""
    return symbol_set(symbols) + combine(
        SPACING(0), PITCH(pitch), HEIGHT(height), STYLE(0), STROKE_WEIGHT(weight), TYPEFACE(typeface)
    )


def name_media_type(name: str) -> bytes:
    """Return the command that chooses a media type by its name (PCL 5 Comparison Guide 2-78)."""
    text = b"d" + name.encode("ascii", "replace")
    return b"\x1b&n%dW%s" % (len(text), text)
