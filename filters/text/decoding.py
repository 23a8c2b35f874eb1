"""UTF-8 text with its controls to lines of cells.

What controls do: HT goes to the next tab stop, BS and CR go back so that what follows is printed over what is there,
FF ends the page, CR LF is LF, CR FF is FF. ESC [ ... m (ECMA-48 SGR) sets bold (1), italic (3), underline (4) and
inverse (7); every other escape sequence and control is left out and counted. None reaches the printer. A control
string (ESC P, for one) that does not end on its line is only its two first characters: the rest is text.

Bytes that are not UTF-8 become U+FFFD, one for each sequence that is broken (Unicode 15, chapter 3.9), and are counted.
"""

from __future__ import annotations

import re
from typing import Iterator

from filters.layout.page import Line, Row, Style
from filters.pcl.symbol_set import CODE_PAGE, PRINTABLE
from filters.text.cells import CellWriter, narrow_cells
from filters.text.events import Event, FormFeed, Lines

#: Bytes that need no looking at: ASCII's printable ones, HT and LF; FF, which is looked for on its own.
_PLAIN = bytes(range(0x20, 0x7F)) + b"\t\n"
_PLAIN_OR_FORM_FEED = _PLAIN + b"\f"
_CODED_OR_FORM_FEED = PRINTABLE + b"\t\n\f"

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_TOKEN = re.compile(
    "(?P<sgr>\x1b\\[[0-9;:]*m)"
    "|(?P<sequence>\x1b\\[[0-?]*[ -/]*[@-~]?|\x1b[P\\]X^_][^\x07\x1b]*(?:\x07|\x1b\\\\)|\x1b[ -/]*[0-~]?)"
    "|(?P<control>[\x00-\x08\x0a-\x1f\x7f-\x9f])"
    "|(?P<text>[^\x00-\x08\x0a-\x1f\x7f-\x9f]+)"
)
# SGR: what each number adds and takes away (ECMA-48 8.3.117)
_SGR = {
    0: (Style.PLAIN, ~Style.PLAIN),
    1: (Style.BOLD, Style.PLAIN),
    3: (Style.ITALIC, Style.PLAIN),
    4: (Style.UNDERLINE, Style.PLAIN),
    7: (Style.INVERSE, Style.PLAIN),
    21: (Style.UNDERLINE, Style.PLAIN),
    22: (Style.PLAIN, Style.BOLD),
    23: (Style.PLAIN, Style.ITALIC),
    24: (Style.PLAIN, Style.UNDERLINE),
    27: (Style.PLAIN, Style.INVERSE),
}
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_REPLACEMENT = "\ufffd"


class TextDecoder:
    """Takes whole lines of UTF-8, gives events; keeps count of what it had to leave out."""

    def __init__(self, tab_width: int = 8) -> None:
        self._tab_width = tab_width
        self._style = 0
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
                lines: list[Line] = page.expandtabs(self._tab_width).split(b"\n")  # type: ignore[assignment]
                if not lines[-1]:
                    lines.pop()
                yield Lines(lines)

    def _pages(self, text: bytes) -> Iterator[Event]:
        for number, page in enumerate(text.split(b"\f")):
            if number:
                yield FormFeed()
            if page:
                lines = page.split(b"\n")
                if not lines[-1]:
                    lines.pop()
                yield Lines([self._line(line) for line in lines])

    def _line(self, raw: bytes) -> Line:
        if not self._style and not raw.translate(None, _PLAIN):
            return raw.expandtabs(self._tab_width)
        text = raw.decode("utf-8", "replace")
        if _REPLACEMENT in text:
            self.bad_sequences += text.count(_REPLACEMENT) - raw.count(b"\xef\xbf\xbd")
        if self._style or _CONTROL.search(text):
            return self._line_with_controls(text)
        if narrow_cells(text):
            return _smallest(Row(text.expandtabs(self._tab_width)))
        writer = CellWriter(self._tab_width)
        writer.write(text, 0)
        return _smallest(writer.row())

    def _line_with_controls(self, text: str) -> Line:
        writer = CellWriter(self._tab_width)
        for token in _TOKEN.finditer(text):
            kind, piece = token.lastgroup, token.group()
            if kind == "text":
                writer.write(piece, self._style)
            elif kind == "sgr":
                self._style = _apply_sgr(self._style, piece[2:-1])
            elif piece == "\b":
                writer.back()
            elif piece == "\r":
                writer.start()
            else:
                self.controls_left_out += 1
        return _smallest(writer.row())


def _apply_sgr(style: int, parameters: str) -> int:
    numbers = iter(parameters.replace(":", ";").split(";"))
    for number in numbers:
        if number in ("38", "48", "58"):
            # A colour: 5;n or 2;r;g;b, whose numbers are no attributes.
            for _ in range({"5": 1, "2": 3}.get(next(numbers, ""), 0)):
                next(numbers, "")
            continue
        add, remove = _SGR.get(int(number[:4] or "0"), (0, 0))
        style = style & ~int(remove) & 0xFF | int(add)
    return style


def _smallest(row: Row) -> Line:
    """Return a row as plain bytes when that is all it is."""
    if row.over or any(row.styles):
        return row
    row = Row(row.text)
    try:
        coded = row.text.encode(CODE_PAGE)
    except UnicodeEncodeError:
        return row
    return row if coded.translate(None, PRINTABLE) else coded
