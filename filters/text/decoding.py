"""UTF-8 text with its controls to lines of cells.

What controls do: HT goes to the next tab stop, BS and CR go back so that what follows is printed over what is there,
FF ends the page, CR LF is LF, CR FF is FF. ESC [ ... m (ECMA-48 SGR) sets bold (1), italic (3), underline (4) and
inverse (7); every other escape sequence and control is left out and counted. None reaches the printer. A control
string (ESC P, for one) that does not end on its line is only its two first characters: the rest is text. U+009B is
ESC [ where a number and a letter follow; by itself it is rather a quotation mark of cp1252 that went astray.

A soft hyphen is printed where a line ends, and nowhere else: within a line nobody has broken the word there.

Bytes that are not UTF-8 become U+FFFD, one for each sequence that is broken (Unicode 15, chapter 3.9), and are counted.
"""

from __future__ import annotations

import re
from operator import mul
from typing import Iterator

from filters.codepage.symbol_set import CODE_PAGE, MISSING, PRINTABLE
from filters.layout.page import Line, Row, Style
from filters.text.cells import CellWriter, narrow_cells, wide_cells
from filters.text.events import Event, FormFeed, Lines

#: Bytes that need no looking at: ASCII's printable ones, HT and LF; FF, which is looked for on its own.
_PLAIN = bytes(range(0x20, 0x7F)) + b"\t\n"
_PLAIN_OR_FORM_FEED = _PLAIN + b"\f"
_CODED_OR_FORM_FEED = PRINTABLE + b"\t\n\f"

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_TOKEN = re.compile(
    "(?P<sgr>\x1b\\[[0-9;:]*m|\x9b[0-9;:]+m)"
    "|(?P<sequence>\x9b[0-?]+[@-~]"
    "|\x1b\\[[0-?]*[ -/]*[@-~]?|\x1b[P\\]X^_][^\x07\x1b]*(?:\x07|\x1b\\\\)|\x1b[ -/]*[0-~]?)"
    "|(?P<control>[\x00-\x08\x0a-\x1f\x7f-\x9f])"
    "|(?P<text>[^\x00-\x08\x0a-\x1f\x7f-\x9f]+)"
)
#: The same character struck again, at least once; and characters on underscores. Blanks and tabs stay as they are.
_STRUCK = re.compile("(?P<bold>(?:([^\b\t ])\b\\2)+)(?!\b)|(?P<underlined>(?:_\b[^\b\t_])+)(?!\b)")
_SGR_ONLY = re.compile("\x1b\\[([0-9;:]*)m")
_BOLD_BYTE, _UNDERLINE_BYTE = bytes((Style.BOLD,)), bytes((Style.UNDERLINE,))
_STYLE_BYTES = [bytes((style,)) for style in range(256)]
#: Lines remembered by their attributes, with the styles of their pieces, and characters of the longest of them.
_MOST_LINES, _LONGEST_KEPT = 1000, 1000
# SGR: what each number adds and takes away (ECMA-48 8.3.117)
_SGR = {
    0: (Style.PLAIN, ~Style.PLAIN),
    1: (Style.BOLD, Style.PLAIN),
    2: (Style.GREY, Style.PLAIN),
    3: (Style.ITALIC, Style.PLAIN),
    4: (Style.UNDERLINE, Style.PLAIN),
    7: (Style.INVERSE, Style.PLAIN),
    21: (Style.UNDERLINE, Style.PLAIN),
    22: (Style.PLAIN, Style.BOLD | Style.GREY),
    23: (Style.PLAIN, Style.ITALIC),
    24: (Style.PLAIN, Style.UNDERLINE),
    27: (Style.PLAIN, Style.INVERSE),
}
_SOFT_HYPHEN = b"\xc2\xad"
# Neither at the end of a line, whatever blanks and styles follow, nor one of those that are struck over each other.
_WITHIN_LINE = b"(?<!\x08)(?:%b)+(?!\x08|[ \t]*(?:\x1b\\[[0-9;:]*m[ \t]*)*(?:[\n\f]|\\Z))" % _SOFT_HYPHEN
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_REPLACEMENT = "\ufffd"


class TextDecoder:
    """Takes whole lines of UTF-8, gives events; keeps count of what it had to leave out."""

    def __init__(self, tab_width: int = 8) -> None:
        self._tab_width = tab_width
        self._style = 0
        #: The style before a line and the parameters of all SGR on it -> the styles of its pieces.
        self._styles_of_lines: dict[tuple[int | str, ...], list[bytes]] = {}
        self._at_start = True
        #: Line feeds and form feeds are counted here only as far as a message needs them.
        self.bad_sequences = 0
        self.controls_left_out = 0

    def decode(self, text: bytes) -> Iterator[Event]:
        """Give the events of some lines; the last one may have no line feed."""
        if self._at_start:
            self._at_start = False
            text = text.removeprefix(_BYTE_ORDER_MARK)
        if b"\r" in text:
            text = text.replace(b"\r\n", b"\n").replace(b"\r\f", b"\f")
        if not text.isascii() and _SOFT_HYPHEN in text:
            text = re.sub(_WITHIN_LINE, b"", text)
        coded = self._coded(text)
        if coded is not None:
            yield from self._plain_pages(coded)
        else:
            yield from self._pages(text)

    def _coded(self, text: bytes) -> bytes | None:
        """Return the text in symbol set 19U if it is nothing but characters of it, tabs and ends of lines."""
        if self._style:
            return None
        if not text.translate(None, _PLAIN_OR_FORM_FEED):
            return text
        if b"\x1b" in text or b"\b" in text:
            return None
        try:
            coded = text.decode("utf-8").encode(CODE_PAGE)
        except UnicodeError:
            return None
        return None if coded.translate(None, _CODED_OR_FORM_FEED) else coded

    def _plain_pages(self, coded: bytes) -> Iterator[Event]:
        for number, page in enumerate(coded.split(b"\f")):
            if number:
                yield FormFeed()
            if page:
                if b"\t" in page:
                    page = page.expandtabs(self._tab_width)
                trimmed = b" \n" not in page and page[-1:] != b" "
                lines: list[Line] = page.split(b"\n")  # type: ignore[assignment]
                if not lines[-1]:
                    lines.pop()
                yield Lines(lines, trimmed)

    def _pages(self, text: bytes) -> Iterator[Event]:
        for number, page in enumerate(text.split(b"\f")):
            if number:
                yield FormFeed()
            if page:
                page = page.removesuffix(b"\n")
                lines = self._lines_together(page)
                yield Lines([self._line(line) for line in page.split(b"\n")] if lines is None else lines)

    def _lines_together(self, page: bytes) -> list[Line] | None:
        """Return lines that have nothing to them but characters whose cells are certain, else None."""
        try:
            text = page.decode("utf-8")
        except UnicodeDecodeError:
            return None
        if self._style or b"\x1b" in page:
            return self._lines_of_sgr(text)
        if _has_controls(text):
            return None
        cells = text.expandtabs(self._tab_width) if narrow_cells(text) else wide_cells(text)
        return None if cells is None else [_without_styles(line) for line in cells.split("\n")]

    def _line(self, raw: bytes) -> Line:
        if not self._style and not raw.translate(None, _PLAIN):
            return raw.expandtabs(self._tab_width)
        text = raw.decode("utf-8", "replace")
        if _REPLACEMENT in text:
            self.bad_sequences += text.count(_REPLACEMENT) - raw.count(b"\xef\xbf\xbd")
        if self._style or _CONTROL.search(text):
            return self._line_with_controls(text)
        cells = text.expandtabs(self._tab_width) if narrow_cells(text) else wide_cells(text)
        if cells is not None:
            return _without_styles(cells)
        writer = CellWriter(self._tab_width)
        writer.write(text, 0)
        return _smallest(writer.row())

    def _line_with_controls(self, text: str) -> Line:
        if "\b" in text:
            row = None if self._style else _struck_row(text, self._tab_width)
            if row:
                return _smallest(row)
        elif lines := self._lines_of_sgr(text):
            return lines[0]
        writer = CellWriter(self._tab_width)
        for token in _TOKEN.finditer(text):
            kind, piece = token.lastgroup, token.group()
            if kind == "text":
                writer.write(piece, self._style)
            elif kind == "sgr":
                self._style = _apply_sgr(self._style, piece.lstrip("\x1b\x9b[")[:-1])
            elif piece == "\b":
                writer.back()
            elif piece == "\r":
                writer.start()
            else:
                self.controls_left_out += 1
        return _smallest(writer.row())

    def _lines_of_sgr(self, text: str) -> list[Line] | None:
        """Return lines in which there is nothing but narrow characters and SGR, else None."""
        shown = _SGR_ONLY.sub("", text)
        if "\t" in shown or _has_controls(shown) or not narrow_cells(shown):
            return None
        return [
            self._styled_line(line) if self._style or "\x1b" in line else _without_styles(line)
            for line in text.split("\n")
        ]

    def _styled_line(self, line: str) -> Line:
        """Return a line of narrow characters and SGR."""
        first, *rest = _SGR_ONLY.split(line)
        pieces = [first, *rest[1::2]]
        key = (self._style, *rest[::2])
        styles = self._styles_of_lines.get(key)
        if styles is None:
            styles = self._find_styles(self._style, rest[::2])
            if len(self._styles_of_lines) >= _MOST_LINES:
                self._styles_of_lines.clear()
            if len(line) <= _LONGEST_KEPT:
                self._styles_of_lines[key] = styles
        self._style = styles[-1][0]
        of_cells = b"".join(map(mul, styles, map(len, pieces)))
        cells = "".join(pieces)
        return Row(cells, of_cells) if of_cells.strip(b"\0") else _without_styles(cells)

    def _find_styles(self, style: int, sequences: list[str]) -> list[bytes]:
        """Return the style of each piece of a line, which is as many times its byte as it has cells."""
        styles = [_STYLE_BYTES[style]]
        for parameters in sequences:
            style = _apply_sgr(style, parameters)
            styles.append(_STYLE_BYTES[style])
        return styles


def _has_controls(text: str) -> bool:
    """Tell whether there is a control character in a text, but for ends of lines and tabs."""
    # The quick way for ASCII: an expression looks at each character by itself.
    return bool(text.encode("ascii").translate(None, _PLAIN) if text.isascii() else _CONTROL.search(text))


def _struck_row(text: str, tab_width: int) -> Row | None:
    """Return a line in which letters are struck twice or on underscores, and that is all there is to it, else None."""
    pieces: list[str] = []
    styles: list[bytes] = []
    at = 0
    # Looking for the backspace first costs less than trying the expression at each character.
    while (back := text.find("\b", at)) >= 0:
        struck = _STRUCK.match(text, back - 1) if back > at else None
        if not struck:
            return None
        start, end = struck.span()
        before = text[at:start]
        if not at and "\t" in before:
            before = before.expandtabs(tab_width)
        letters = text[start:end:3] if struck.lastgroup == "bold" else text[start + 2 : end : 3]
        pieces += (before, letters)
        styles += (bytes(len(before)), (_BOLD_BYTE if struck.lastgroup == "bold" else _UNDERLINE_BYTE) * len(letters))
        at = end
    after = text[at:]
    line = "".join(pieces) + after
    if "\t" in line or _CONTROL.search(line) or not narrow_cells(line):
        return None
    return Row(line, b"".join(styles) + bytes(len(after)))


def _apply_sgr(style: int, parameters: str) -> int:
    numbers = iter(parameters.replace(":", ";").split(";"))
    for number in numbers:
        if number in ("38", "48", "58"):
            # A colour: 5;n or 2;r;g;b, whose numbers are no attributes.
            for _ in range({"5": 1, "2": 3}.get(next(numbers, ""), 0)):
                next(numbers, "")
        add, remove = _SGR.get(int(number[:4] or "0"), (0, 0))
        style = style & ~int(remove) & 0xFF | int(add)
    return style


def _smallest(row: Row) -> Line:
    """Return a row as plain bytes when that is all it is."""
    if row.over or any(row.styles):
        return row
    return _without_styles(row.text)


def _without_styles(text: str) -> Line:
    """Return a line of these cells: plain bytes if the symbol set has all characters."""
    if text.isascii() and text.isprintable():
        return text.encode("ascii")
    return Row(text) if MISSING.search(text) else text.encode(CODE_PAGE)
