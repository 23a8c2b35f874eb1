"""What each control of a spooled file does.

Which source is followed where they differ is said beside the function that decides, with the letters of ``controls``.
"""

from __future__ import annotations

from typing import Callable, Union

from filters.codepage.pages import UnknownPage, find_page
from filters.layout.runs import BOLD, BY_PITCH, INVERSE, ITALIC, OVER, UNDERLINE, Rule
from filters.scs.fonts import cell_of_density, font_of_id
from filters.scs.justification import Field
from filters.scs.page import Raw, Setup
from filters.scs.state import BOX, DEFAULT_LINE, DEFAULT_LINES, HALF, NARROWEST_CELL, NOWHERE, RULE, WIDEST_CELL
from filters.scs.text import TextPrinter

#: Local numbers of code pages (SCGL): AX's names, JT's numbers.
LOCAL_PAGES = {
    0x00: "500",
    0x01: "037",
    0x02: "273",
    0x03: "274",
    0x04: "275",
    0x05: "500",  # 276, Canadian French, which 500 took the place of
    0x06: "277",
    0x07: "278",
    0x08: "297",
    0x09: "280",
    0x0A: "281",
    0x0B: "290",
    0x0C: "282",
    0x0D: "284",
    0x0E: "284",
    0x0F: "285",
}


class ControlledPrinter(TextPrinter):
    """Does what controls say."""

    def _nl(self, _: bytes) -> None:
        self._new_line()

    def _rnl(self, _: bytes) -> None:
        if self._field:
            self._end_field(ends_line=False)
        self._indent = 0.0
        self._new_line()

    def _lf(self, _: bytes) -> None:
        self._down(self._half_lines / 2)

    def _cr(self, _: bytes) -> None:
        if self._field:
            self._end_field(ends_line=False)
        self._x = self._left + self._indent
        self._past_margin = False

    def _ff(self, _: bytes) -> None:
        self._past_margin = False
        self._end_page()

    def _rff(self, _: bytes) -> None:
        self._indent = 0.0
        self._ff(b"")

    def _bs(self, _: bytes) -> None:
        step = self._advance * (2 if self._pairs else 1)
        lowest = 0.0 if self._past_margin else min(self._left, self._x)
        self._x = max(self._x - step, lowest)

    def _ht(self, _: bytes) -> None:
        later = [stop for stop in self._stops if self._left + stop > self._x + HALF]
        self._x = self._left + min(later) if later else self._x + self._advance

    def _it(self, _: bytes) -> None:
        self._ht(b"")
        self._indent = self._x - self._left

    def _vt(self, _: bytes) -> None:
        later = [line for line in self._vertical if line > self._line]
        self._down(min(later) - self._line if later else 1)

    def _vcs(self, parameters: bytes) -> None:
        """Go to a channel: 1 is the top margin, 2 to 12 are the first eleven stops of SVF (XRX 2-20)."""
        number = parameters[0]
        channel = number - 0x80 if 0x81 <= number <= 0x89 else number - 0x70 if 0x7A <= number <= 0x7C else 0
        stops = [self._top_line, *self._vertical[:11]]
        self._x = self._left + self._indent
        if 1 <= channel <= len(stops):
            line = stops[channel - 1]
            if line <= self._line:
                self._end_page(line, keep_column=True)
            else:
                self._down(line - self._line)
        else:
            self._down(1)

    def _so(self, _: bytes) -> None:
        if not self._pairs:
            self._pairs = True
            self._x += self._shift_cells[0] * self._cell

    def _si(self, _: bytes) -> None:
        if self._pairs:
            self._pairs = False
            self._x += self._shift_cells[1] * self._cell

    def _enp(self, _: bytes) -> None:
        self._silent = False

    def _inp(self, _: bytes) -> None:
        self._silent = True

    def _sps(self, _: bytes) -> None:
        self._level -= 1

    def _sbs(self, _: bytes) -> None:
        self._level += 1

    def _one_blank(self, _: bytes) -> None:
        self._x += self._advance

    def _sub(self, _: bytes) -> None:
        self._put_one(BOX)

    def _ge(self, _: bytes) -> None:
        self._note("graphics of code page 310 (APL)")
        self._put_one(BOX)

    def _wus(self, _: bytes) -> None:
        """Underline the word that ends here, back to the last blank."""
        y = self._y + self._level * self._line_pitch / 2
        end = self._x
        for number in range(len(self._runs) - 1, -1, -1):
            x, run_y, text, font, style = self._runs[number]
            if style & OVER:
                continue
            if run_y != y or abs(x + len(text) * font.cell - end) > HALF:
                return
            blank: Union[bytes, str] = b" " if isinstance(text, bytes) else " "
            start = text.rfind(blank) + 1  # type: ignore[arg-type]
            self._simple = False
            word = (x + start * font.cell, y, text[start:], font, style | UNDERLINE)
            if start:
                self._runs[number : number + 1] = [(x, y, text[:start], font, style), word]
                return
            self._runs[number] = word
            end = x

    def _sa(self, parameters: bytes) -> None:
        kind, value = parameters[0], parameters[1]
        if kind == 0x00:
            self._style = self._font_style
            self._pairs = False
        elif kind == 0x41:
            styles = {0xF2: INVERSE, 0xF4: UNDERLINE, 0xF8: BOLD}
            self._style = self._font_style | styles.get(value, 0)
        elif kind in (0x42, 0x43) and value == 0xF8:
            self._pairs = True
        elif kind == 0x43:
            self._pairs = False

    def _ahpp(self, parameters: bytes) -> None:
        if parameters[0]:
            self._x = self._left + (parameters[0] - 1) * self._advance

    def _avpp(self, parameters: bytes) -> None:
        self._absolute_line(parameters[0])

    def _rhpp(self, parameters: bytes) -> None:
        self._x += parameters[0] * self._advance

    def _rvpp(self, parameters: bytes) -> None:
        if parameters[0]:
            self._down(parameters[0])

    def _transparent_data(self, data: bytes) -> None:
        if self.unwrapping:
            self._done.append(Raw(data))
        elif data[:1] == b"\x1b" and not self.has_marks and not self.pages:
            # Host Print Transform in the dress of SCS: everything that follows is for the printer.
            self.unwrapping = True
            self._done.append(Raw(data))
        elif self._may_pass and data:
            self._simple = False
            self._transparent.append((self._x, self._y, data))
        elif data:
            self._note("transparent data")

    def _trn(self, data: bytes) -> None:
        """Take transparent data of a mainframe, which may be ordinary text in EBCDIC."""
        if self._transparent_is_text and not self.unwrapping:
            self._print(bytes(code for code in data if 0x40 <= code < 0xFF))
        else:
            self._transparent_data(data)

    def _shf(self, parameters: bytes) -> None:
        """Set columns; with more parameters than one those of 3270: margins and stops."""
        columns = parameters[0] if parameters else 0
        self.columns = columns or None
        self._by_columns = self._auto_line = True
        if len(parameters) > 1:
            wide = columns or 132
            left = parameters[1]
            right = parameters[2] if len(parameters) > 2 else 0
            stops = [stop for stop in parameters[3:] if stop]
            good = (left or 1) <= (right or wide) <= wide and all(stop <= wide for stop in stops)
            if not good:
                left, stops = 1, []
            at_start = abs(self._x - self._left - self._indent) < HALF
            self._left = (max(left, 1) - 1) * self._cell + self._margin
            if at_start:
                self._x = self._left + self._indent
            self._stops = [(stop - max(left, 1)) * self._cell for stop in stops if stop > left]
        self._set_right()

    def _svf(self, parameters: bytes) -> None:
        """Set lines; the current line is the first from now on, of the next page if this one has marks further down."""
        lines = (parameters[0] if parameters else 0) or DEFAULT_LINES
        top = parameters[1] if len(parameters) > 1 else 1
        bottom = parameters[2] if len(parameters) > 2 else 0
        stops = [stop for stop in parameters[3:] if stop]
        if not 1 <= (top or 1) <= (bottom or lines) <= lines:
            top, bottom, stops = 1, 0, []
        self._top_line = top or 1
        self._vertical = sorted(stop for stop in stops if stop <= lines)
        if any(run[1] > 0 for run in self._runs):
            self._lines = lines
            self._end_page(keep_column=True)
        self._lines = lines
        self._auto_page = True
        self._line = float(self._top_line)
        self._y = (self._top_line - 1) * self._line_pitch

    def _sld(self, parameters: bytes) -> None:
        distance = parameters[0] if parameters else 0
        self._line_pitch = distance * 20.0 if distance else DEFAULT_LINE
        self._set_font()

    def _ssld(self, parameters: bytes) -> None:
        distance = _two(parameters, 0)
        if distance:
            self._line_pitch = float(distance)
            self._set_font()

    def _scgl(self, parameters: bytes) -> None:
        number = LOCAL_PAGES.get(parameters[0])
        if number is None:
            self._use_page(self._default_page)
        else:
            self._use_page(find_page(number))

    def _scg(self, parameters: bytes) -> None:
        number = str(_two(parameters, 2))
        try:
            self._use_page(find_page(number))
        except UnknownPage:
            self._note(f"a code page that is not known, {number}")

    def _sfg(self, parameters: bytes) -> None:
        """Choose a font: its width is what counts, its number says how it looks (JT, TN)."""
        number, width = _two(parameters, 0), _two(parameters, 2)
        kind = parameters[4] if len(parameters) > 4 else 1
        known = font_of_id(number)
        # The width of a typographic font is its height, in three twentieths of a point; letters have six tenths of it.
        cell = width * 3 * 0.6 if kind == 4 else float(width)
        self._cell = cell if NARROWEST_CELL <= cell <= WIDEST_CELL else known.cell
        rule = self._font_rules.get(number)
        self._face = rule.face if rule else known.face
        if rule and rule.cell:
            self._cell = rule.cell
        style = (BOLD if known.bold else 0) | (ITALIC if known.italic else 0)
        self._style = self._style & ~self._font_style | style
        self._font_style = style
        self._set_font()

    def _scd(self, parameters: bytes) -> None:
        cell = cell_of_density(_two(parameters, 0))
        if cell:
            self._cell, self._face = cell, BY_PITCH
            self._set_font()

    def _bes(self, _: bytes) -> None:
        self._style |= BOLD

    def _ees(self, _: bytes) -> None:
        self._style = self._style & ~BOLD | self._font_style & BOLD

    def _bus(self, _: bytes) -> None:
        self._style |= UNDERLINE

    def _eus(self, _: bytes) -> None:
        self._style &= ~UNDERLINE

    def _bos(self, parameters: bytes) -> None:
        self._strike = parameters[:1] if parameters[0] >= 0x40 else b"\x61"

    def _eos(self, _: bytes) -> None:
        self._strike = b""

    def _stab(self, parameters: bytes) -> None:
        unit = parameters[0] if parameters else 0
        places = [_two(parameters, at + 1) for at in range(1, len(parameters) - 2, 3)]
        if unit == 0:
            self._stops = sorted((place - 1) * self._cell for place in places if place)
        else:
            self._stops = sorted(float(place) for place in places)

    def _sil(self, parameters: bytes) -> None:
        number = parameters[0]
        self._indent = self._stops[number - 1] if 1 <= number <= len(self._stops) else 0.0

    def _sls(self, parameters: bytes) -> None:
        if parameters[0]:
            self._half_lines = parameters[0]

    def _rlm(self, _: bytes) -> None:
        self._past_margin = True

    def _jtf(self, parameters: bytes) -> None:
        """Justify the text from here on; this ends SJM (ALLY B-22)."""
        right = self._left + _two(parameters, 0)
        share = parameters[2] if len(parameters) > 2 else 0
        self._justifies = False
        if self._field:
            self._end_field(ends_line=False)
        self._share = min(share, 100) / 100 if share else self._share
        self._field = Field(len(self._runs), right, self._share)
        self._last_y = NOWHERE  # nothing is joined to what was before

    def _sjm(self, parameters: bytes) -> None:
        self._justifies = parameters[0] == 1
        if self._field and self._field.is_line and not self._justifies:
            self._field = None
        if not self._field:
            self._open_line()

    def _shm(self, parameters: bytes) -> None:
        left = _two(parameters, 0)
        if left:
            at_start = abs(self._x - self._left - self._indent) < HALF
            self._left = self._margin = float(left)
            if at_start:
                self._x = self._left + self._indent
            self._set_right()
        if len(parameters) > 3 and _two(parameters, 2):
            self._right_margin = float(_two(parameters, 2))
            if not self._field:
                self._open_line()

    def _svm(self, parameters: bytes) -> None:
        if _two(parameters, 0):
            self._top = float(_two(parameters, 0))

    def _spps(self, parameters: bytes) -> None:
        width, height = _two(parameters, 0), _two(parameters, 2) if len(parameters) > 3 else 0
        self._change_setup(
            width=width if 0 < width <= 0x7FFF else self._next_setup.width,
            height=height if 0 < height <= 0x7FFF else self._next_setup.height,
        )
        self._by_columns = self._auto_line = False
        if height:
            self._auto_page = False
        self._set_right()

    def _sic(self, parameters: bytes) -> None:
        """Begin a job: what was set is set no longer, and in duplex a new sheet begins."""
        if self.has_marks:
            self._end_page(1)
        setup = self._next_setup
        self._next_setup = self._setup = Setup(
            setup.form, setup.drawer, setup.bin, setup.jog, setup.quality, setup.duplex
        )
        self._start_job()
        self._start_page(1)
        self._starts_job = self.pages > 0
        self._change_setup(job=parameters[0] if parameters else 255)

    def _ppm(self, parameters: bytes) -> None:
        """Set up paper; 0 and what is left out change nothing (JT sends it twice, the second time without duplex)."""
        p = parameters + bytes(8)
        old = self._next_setup
        self._change_setup(
            form=p[2] or old.form,
            drawer=p[3] or old.drawer,
            jog=p[4] or old.jog,
            bin=p[5] or old.bin,
            quality=old.quality if not p[6] else 0 if p[6] == 0xFF else p[6],
            duplex=p[7] or old.duplex,
        )

    def _spsu(self, parameters: bytes) -> None:
        if len(parameters) > 1:
            self._change_setup(manual=parameters[1] == 1)

    def _sto(self, parameters: bytes) -> None:
        if len(parameters) >= 4:
            self._change_setup(rotation=_two(parameters, 2))

    def _sfss(self, parameters: bytes) -> None:
        self._double = parameters[0] & 0xF0 == 0x20
        self._set_font()

    def _spcc(self, parameters: bytes) -> None:
        how = parameters[1] if len(parameters) > 1 else parameters[0]
        self._shift_cells = {0: (0, 0), 2: (0, 2)}.get(how, (1, 1))

    def _dgl(self, parameters: bytes) -> None:
        """Draw lines of a grid: 80 one across from the first place to the second, 40 one down at each, until 00.

        Places count from the left edge of the page (JT javadoc); a line across is above the line of text.
        """
        direction = parameters[1] if len(parameters) > 1 else 0
        places = tuple(float(_two(parameters, at)) for at in range(2, len(parameters) - 1, 2))
        self._simple = False
        if direction & 0x80 and len(places) > 1:
            self._draw(Rule(min(places[:2]), self._top_of_line, abs(places[1] - places[0]), RULE))
        else:
            self._end_grid(self._top_of_line)
            self._grid = (places, self._top_of_line) if direction & 0x40 else ((), 0.0)


def _two(parameters: bytes, at: int) -> int:
    """Return two bytes as a number; IndexError when they are not there."""
    return parameters[at] << 8 | parameters[at + 1]


Action = Callable[[ControlledPrinter, bytes], None]

#: What each control does, by its name; what is not here does nothing.
ACTIONS: dict[str, Action] = {
    "HT": ControlledPrinter._ht,
    "RNL": ControlledPrinter._rnl,
    "SPS": ControlledPrinter._sps,
    "VT": ControlledPrinter._vt,
    "FF": ControlledPrinter._ff,
    "CR": ControlledPrinter._cr,
    "SO": ControlledPrinter._so,
    "SI": ControlledPrinter._si,
    "ENP": ControlledPrinter._enp,
    "NL": ControlledPrinter._nl,
    "BS": ControlledPrinter._bs,
    "IFS": ControlledPrinter._nl,
    "IGS": ControlledPrinter._nl,
    "IRS": ControlledPrinter._nl,
    "IUS": ControlledPrinter._one_blank,
    "WUS": ControlledPrinter._wus,
    "INP": ControlledPrinter._inp,
    "LF": ControlledPrinter._lf,
    "IR": ControlledPrinter._rnl,
    "SBS": ControlledPrinter._sbs,
    "IT": ControlledPrinter._it,
    "RFF": ControlledPrinter._rff,
    "SUB": ControlledPrinter._sub,
    "VCS": ControlledPrinter._vcs,
    "GE": ControlledPrinter._ge,
    "SA": ControlledPrinter._sa,
    "ATRN": ControlledPrinter._transparent_data,
    "TRN": ControlledPrinter._trn,
    "AHPP": ControlledPrinter._ahpp,
    "AVPP": ControlledPrinter._avpp,
    "RHPP": ControlledPrinter._rhpp,
    "RVPP": ControlledPrinter._rvpp,
    "SHF": ControlledPrinter._shf,
    "SVF": ControlledPrinter._svf,
    "SLD": ControlledPrinter._sld,
    "SCG": ControlledPrinter._scg,
    "SCGL": ControlledPrinter._scgl,
    "SFG": ControlledPrinter._sfg,
    "BES": ControlledPrinter._bes,
    "EES": ControlledPrinter._ees,
    "STAB": ControlledPrinter._stab,
    "SIL": ControlledPrinter._sil,
    "SLS": ControlledPrinter._sls,
    "RLM": ControlledPrinter._rlm,
    "JTF": ControlledPrinter._jtf,
    "SJM": ControlledPrinter._sjm,
    "SHM": ControlledPrinter._shm,
    "SSLD": ControlledPrinter._ssld,
    "SCD": ControlledPrinter._scd,
    "SPPS": ControlledPrinter._spps,
    "SIC": ControlledPrinter._sic,
    "PPM": ControlledPrinter._ppm,
    "SVM": ControlledPrinter._svm,
    "SPSU": ControlledPrinter._spsu,
    "STO": ControlledPrinter._sto,
    "BUS": ControlledPrinter._bus,
    "EUS": ControlledPrinter._eus,
    "BOS": ControlledPrinter._bos,
    "EOS": ControlledPrinter._eos,
    "DGL": ControlledPrinter._dgl,
    "SFSS": ControlledPrinter._sfss,
    "SPCC": ControlledPrinter._spcc,
}
