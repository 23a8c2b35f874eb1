"""The printer that a spooled file is written for: what is set, the page that is being printed, and moving on it.

Set-up of paper (PPM, SPPS, STO) belongs to the page that has no mark yet, else to the next one. A page ends by a form
feed, by going up, and by going down past its last line.
"""

from __future__ import annotations

from typing import Any, Mapping, Optional, Union

from filters.codepage.iconv import Converter
from filters.codepage.pages import CodePage, find_page
from filters.layout.runs import BY_PITCH, STRIKE, UNITS_PER_INCH, Font, Rule, Run
from filters.scs.justification import Field, justify
from filters.scs.page import Page, Raw, Setup
from filters.scs.queue_table import FontRule
from filters.scs.rows import join_strikes

Item = Union[Page, Raw]

DEFAULT_CELL, DEFAULT_LINE = 144.0, 240.0
DEFAULT_LINES = 66
#: 40 to the inch, and one; what a font says beyond that is a slip.
NARROWEST_CELL, WIDEST_CELL = 36.0, 1440.0
#: 13.2 inches: as many columns as old printers have, whatever the pitch.
DEFAULT_WIDTH = 132 * 144
#: Runs after which those of a page that stand in the same place are joined, so that memory has an end.
MOST_RUNS = 20_000
#: Fonts and rules kept at a time, for the same reason.
MOST_FONTS, MOST_RULES = 5_000, 20_000
#: Where SPPS has switched off ends of lines and pages, what is farther away than twice its largest page is on no sheet.
FARTHEST = 2 * 0x7FFF
BEYOND = "text beyond the edge of the paper, which is not printed; scs-cor=fit makes it smaller"
#: Half a unit: positions of pitches such as 16.67 are not whole numbers.
HALF = 0.5
NOWHERE = float("-inf")

#: How thick the lines of a grid are.
RULE = UNITS_PER_INCH / 100
BOX = "\u25a1"


class State:
    """Keeps what a stream has set, and the page it is at.

    Args:
        codepage: what the queue says; the stream may say otherwise.
        dbcs: number of a mixed page, whose single-byte half then stands for ``codepage``.
        transparent: "drop" data for the printer in the midst of text, "pass" them on, or print them as "text" (TRN).
        show_hidden: print text between INP and ENP.
        fonts: faces and pitches that the queue has for fonts by their numbers.
    """

    def __init__(
        self,
        codepage: str = "037",
        dbcs: str = "",
        transparent: str = "drop",
        show_hidden: bool = False,
        fonts: Mapping[int, FontRule] = {},
    ) -> None:
        self._default_page = find_page(dbcs or codepage)
        self._dbcs = dbcs
        self._may_pass = transparent == "pass"
        self._transparent_is_text = transparent == "text"
        self._show_hidden = show_hidden
        self._converter: Optional[Converter] = None
        self._tail = b""
        self._done: list[Item] = []
        #: What was not as it should be, with how often it came.
        self.notes: dict[str, int] = {}
        #: The whole stream is print data in the dress of SCS.
        self.unwrapping = False
        self.pages = 0
        self._fonts: dict[Font, Font] = {}
        self._setup = self._next_setup = Setup()
        self._starts_job = self._next_starts_job = False
        self._font_rules = fonts
        self._start_job()
        self._start_page(1)

    def _start_job(self) -> None:
        """Set everything as it is before the first control, and after SIC."""
        self._cell, self._line_pitch, self._face, self._double = DEFAULT_CELL, DEFAULT_LINE, BY_PITCH, False
        self._font_style = self._style = 0
        self._strike = b""
        self.columns: Optional[int] = None
        self._lines = DEFAULT_LINES
        self._by_columns = self._auto_line = self._auto_page = True
        self._left = self._margin = self._top = self._indent = 0.0
        self._top_line = 1
        self._stops: list[float] = []
        self._vertical: list[int] = []
        self._half_lines = 2
        self._level = 0
        #: SJM is on; the right margin of SHM; the share that JTF gave last.
        self._justifies, self._right_margin, self._share = False, 0.0, 1.0
        self._pairs = self._silent = self._past_margin = False
        self._shift_cells = (1, 1)
        #: Where lines down are open, and from where on.
        self._grid: tuple[tuple[float, ...], float] = ((), 0.0)
        self._use_page(self._default_page)
        self._set_font()

    def _use_page(self, page: CodePage) -> None:
        self._codepage = page
        self._to_cp1252 = page.to_cp1252

    def _set_font(self) -> None:
        font = Font(self._cell * (2 if self._double else 1), self._line_pitch, self._face, self._double)
        if len(self._fonts) > MOST_FONTS:
            self._fonts.clear()
        self._font = self._fonts.setdefault(font, font)
        self._advance = self._font.cell
        self._set_right()

    def _set_right(self) -> None:
        """Reckon where the last column ends; without SHF a page is 13.2 inches wide."""
        if not self._auto_line:
            self._right = float("inf")
        elif self.columns is None:
            self._right = self._left + DEFAULT_WIDTH + HALF
        else:
            # Columns are those of the pitch; a character of double width takes two.
            self._right = self._left + self.columns * self._cell + HALF

    def _start_page(self, line: float) -> None:
        self._runs: list[Run] = []
        self._rules: list[Rule] = []
        self._transparent: list[tuple[float, float, bytes]] = []
        self._last_y, self._last_x = NOWHERE, NOWHERE
        self._crossed = False
        self._simple = True
        self._first: Optional[tuple[float, float]] = None
        self._page_font: Optional[Font] = self._font
        self._setup, self._starts_job = self._next_setup, self._next_starts_job
        self._next_starts_job = False
        self._most_runs, self._most_rules = MOST_RUNS, MOST_RULES
        self._line = line
        self._y = (line - 1) * self._line_pitch
        self._x = self._left + self._indent
        self._field: Optional[Field] = None
        self._open_line()

    def _open_line(self) -> None:
        """Begin the field of a line, where SJM asks for it."""
        if self._justifies and self._right_margin:
            self._field = Field(len(self._runs), self._right_margin, 1.0, True)
            self._last_y = NOWHERE  # nothing is joined to what was before

    def _end_field(self, ends_line: bool = True) -> None:
        """Justify the field that is open, of SJM only lines that end with NL, and begin the next line's."""
        field, self._field = self._field, None
        if field and (not field.is_line or ends_line and not self._past_margin):
            runs = justify(self._runs[field.first :], field.right, field.share)
            if len(runs) > 1:
                self._runs[field.first :] = runs
                self._simple = False
                self._last_y = NOWHERE
        self._open_line()

    def _end_page(self, line: Optional[float] = None, keep_column: bool = False) -> None:
        x = self._x
        if self._field:
            self._end_field(ends_line=False)
        self._done.append(self._take_page())
        line = float(self._top_line) if line is None else line
        if line > self._lines:
            line = (line - 1) % self._lines + 1
        self._start_page(max(line, 1))
        if keep_column:
            self._x = x

    def _take_page(self) -> Page:
        self.pages += 1
        if self._grid[0]:
            self._end_grid(self._top_of_line + self._line_pitch)
            self._grid = (self._grid[0], -0.75 * self._line_pitch)
            self._simple = False
        runs = join_strikes(self._runs) if self._crossed else self._runs
        cell, pitch = self._first or (self._cell, self._line_pitch)
        return Page(
            self.pages,
            self._setup,
            self.columns,
            self._lines,
            self._by_columns,
            cell,
            pitch,
            self._margin,
            self._top,
            runs,
            self._rules,
            self._transparent,
            self._page_font,
            self._simple and self._page_font is not None and not self._crossed,
            self._starts_job,
        )

    @property
    def has_marks(self) -> bool:
        """Whether there is something on the page."""
        return bool(self._runs or self._rules or self._transparent)

    @property
    def place(self) -> tuple[int, float, float, float]:
        """Page, line, x and y of what would be printed next."""
        return self.pages + 1, self._line, self._x, self._y

    @property
    def font(self) -> Font:
        """The font of what would be printed next."""
        return self._font

    @property
    def setup(self) -> Setup:
        """What the next page asks of the printer."""
        return self._next_setup

    def _change_setup(self, **values: Any) -> None:
        self._next_setup = self._next_setup._replace(**values)
        if not self.has_marks:
            self._setup = self._next_setup

    def _note(self, text: str) -> None:
        if text in self.notes or len(self.notes) < 200:
            self.notes[text] = self.notes.get(text, 0) + 1

    def _put(self, x: float, text: Union[bytes, str], end: float) -> None:
        """Add text to the page, joined to what ends where it starts."""
        style = self._style
        if not style and text.isspace() and not self._strike:
            return
        runs, font, y = self._runs, self._font, self._y
        if self._level:
            y += self._level * self._line_pitch / 2
        if x > FARTHEST and not self._auto_line or y > FARTHEST and not self._auto_page:
            self._note(BEYOND)
            return
        if self._first is None:
            self._first = (self._cell, self._line_pitch)
            self._page_font = font
        elif font is not self._page_font:
            self._page_font = None
        if style:
            self._simple = False
        if y == self._last_y:
            if x < self._last_x - HALF:
                self._crossed = True
            elif x - self._last_x < HALF and runs:
                last = runs[-1]
                if last[3] is font and last[4] == style and type(last[2]) is type(text):
                    runs[-1] = (last[0], y, last[2] + text, font, style)  # type: ignore[operator]
                    self._last_x = end
                    if self._strike:
                        self._strike_out(x, y, len(text))
                    return
        elif y < self._last_y:
            self._crossed = True
        self._last_y, self._last_x = y, max(end, self._last_x) if y == self._last_y else end
        runs.append((x, y, text, font, style))
        if self._strike:
            self._strike_out(x, y, len(text))
        if len(runs) > self._most_runs:
            self._join()

    def _strike_out(self, x: float, y: float, count: int) -> None:
        coded = self._strike.translate(self._to_cp1252)
        character: Union[bytes, str] = self._decode(self._strike) if coded == b"\0" else coded
        self._runs.append((x, y, character * count, self._font, STRIKE))
        self._simple = False
        self._last_y = NOWHERE  # nothing is joined to it
        self._crossed = True

    def _join(self) -> None:
        """Join what stands in one place, so that a page of overprinting does not grow for ever."""
        self._runs = join_strikes(self._runs)
        self._field = None
        self._crossed = True
        self._most_runs = max(MOST_RUNS, 2 * len(self._runs))
        self._last_y = NOWHERE

    def _decode(self, text: bytes) -> str:
        import codecs

        decoded, _ = codecs.charmap_decode(text, "replace", self._codepage.characters)  # type: ignore[arg-type]
        if "\ufffd" in decoded:
            self._note(f"codes that code page {self._codepage.number} does not have")
            decoded = decoded.replace("\ufffd", BOX)
        return decoded

    def _down(self, lines: float) -> None:
        """Go down; past the last line the page ends, and what is left is counted on the next."""
        line = self._line + lines
        if line > self._lines and self._auto_page:
            self._end_page(line - self._lines, keep_column=True)
        else:
            self._line = line
            self._y += lines * self._line_pitch

    def _new_line(self, keep_pairs: bool = False) -> None:
        if self._field:
            self._end_field()
        self._x = self._left + self._indent
        self._past_margin = False
        self._down(self._half_lines / 2)
        if not keep_pairs:
            self._end_pairs()

    def _absolute_line(self, line: int) -> None:
        """Go to a line (AVPP); up means the next page (JT, PTX: forms move to that line of the next logical page)."""
        if not line or line == self._line:
            return
        if line < self._line:
            self._end_page(line, keep_column=True)
        elif line > self._lines and self._auto_page:
            self._end_page(line - self._lines, keep_column=True)
        else:
            self._y += (line - self._line) * self._line_pitch
            self._line = line

    def _end_pairs(self) -> None:
        if self._pairs:
            self._note("two-byte text without a shift-in at its end")
            self._pairs = False

    @property
    def _top_of_line(self) -> float:
        return self._y - 0.75 * self._line_pitch

    def _draw(self, *rules: Rule) -> None:
        """Add rules to the page, each of them once where there are very many."""
        self._rules += rules
        if len(self._rules) > self._most_rules:
            self._rules = list(dict.fromkeys(self._rules))
            self._most_rules = max(MOST_RULES, 2 * len(self._rules))

    def _end_grid(self, bottom: float) -> None:
        """Draw the lines down that are open."""
        places, top = self._grid
        if bottom > top:
            self._draw(*(Rule(place, top, RULE, bottom - top) for place in places))
