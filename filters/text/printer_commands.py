"""Commands for printers inside a text: found in the bytes as they come, and left out whole.

What a text may carry, and how far each command reaches:

    PCL 5      ESC & l 8 d 1 O        parametrised: group, then value and letter, again and again; lower case goes on
               ESC ( 8 U              without a group: one value and one letter
               ESC * b 20 W ...       data follow: as many bytes as the value of W, V (raster) or X (transparent) says
               ESC E                  two characters
    HP-GL/2    ESC % 0 B ... ESC % 0 A        everything between, also up to ESC E and UEL
    PJL        UEL @PJL ... LF        all lines that begin with @PJL behind UEL (ESC % -12345X)
    ESC/P(2)   ESC W n, ESC * m nL nH ...     a fixed number of parameters, which may be any byte; some count data
    ESC/POS    GS ! n, GS ( k pL pH ...       the same, behind GS, FS and DLE too
    Proprinter ESC [ g nL nH ...              a count, which text does not have there, and as many bytes

Data that nobody has are not waited for: a count is at most a mebibyte, and what follows a large one is text if it is
lines of that. A stray command with a count does not take the document with it.

ESC [ otherwise, and the strings of ECMA-48 behind ESC P, ], ^ and _, are not looked at here: the decoder knows what
they do to the text. Where the languages mean different things by the same character, what came before in the document
decides, then whether the parameter is one that the command has: a byte of text is rather printed than taken for a
parameter.

PCL: "PCL 5 Printer Language Technical Reference Manual"; ESC/P: Epson's "ESC/P Reference Manual"; ESC/POS: Epson's
"ESC/POS Application Programming Guide"; Proprinter: IBM's "Proprinter III Guide to Operations".
"""

from __future__ import annotations

import re
from typing import Callable, Optional

#: A command without its data that is longer than this is none.
LONGEST_COMMAND = 512

#: Bytes of data that a command may have, and the first of them by which lines of text are told from them.
MOST_DATA, _DOUBTFUL = 1 << 20, 512
#: Longest line of a text, in characters, and what it does not have.
_LONGEST_LINE, _NOT_TEXT = 300, bytes(set(range(0x20)) - set(b"\t\n\f\r")) + b"\x7f"

#: Bytes that are looked at together.
_PIECE = 4096

_ESC = 0x1B
# ESC [ and ESC ] are the decoder's, and a log has one on every other word; but for those with a count behind a letter.
_INTRODUCERS = re.compile(
    rb"\x1b(?:(?![\[\]])|\[(?=\Z|[@FIKSTdg\\](?:\Z|.(?:[\x00-\x06\x0e-\x1a]|\Z))))|[\x1d\x1c\x10]", re.DOTALL
)
_STRINGS = frozenset(b"PX^_\\")
_PARAMETRISED = frozenset(b"&*()%")
_FONTS = frozenset(b"()")
_DIGITS = frozenset(b"0123456789-@")
_BLANKS = frozenset(b" ;,\r\n\t")
_LINE_ENDS = frozenset(b"\t\n\f\r\x1b")
_COUNTED_GS = frozenset(b"(8")
_UEL = b"\x1b%-12345X"
_PJL = b"@PJL"
# A value of PCL and the letter behind it, if one is there; it ends the command if it is a capital.
_VALUE = re.compile(rb"([-+]?[0-9]*(?:\.[0-9]*)?)([@-^`-~]?)")
# Data come behind W of any group, and behind these: transparent text, raster of a plane.
_WITH_DATA = (b"&pX", b"*bV")
_CONTEXT = re.compile(rb"%(-?[0-9]+)([ABX])")
_PART_OF_CONTEXT = re.compile(rb"%-?[0-9]*\Z")
_END_OF_DRAWING = re.compile(rb"\x1b(?:E|%-?[0-9]*[AX])")
#: Two-letter commands of HP-GL/2: what can stand at the beginning of a drawing.
_HP_GL = frozenset(
    b"AA AC AD AR AT BP BR BZ CF CI CO CP CR DC DF DI DL DP DR DT DV EA EC EP ER ES EW FI FN FP FR FT IN IP IR IW "
    b"LA LB LM LO LT MC MG MT NP NR OE OH OI OP OS PA PC PD PE PG PM PP PR PS PU PW QL RA RF RO RP RR RT SA SB SC SD "
    b"SI SL SM SP SR SS ST SV TD TR UL VS WG WU".split()
)
_FLAG = frozenset(b"\x00\x0101")
# ESC/P and ESC/POS behind ESC: commands with one parameter -> the values it has; None is any byte.
_ONE: dict[int, Optional[frozenset[int]]] = {
    **dict.fromkeys(b"-UWwxsG", _FLAG | {2}),
    **dict.fromkeys(b"EMFHT", frozenset(range(4))),  # without a parameter in ESC/P, with one in ESC/POS
    **dict.fromkeys(b"iSm", _FLAG),
    **dict.fromkeys(b"aq", frozenset(b"\x00\x01\x02\x030123")),
    **dict.fromkeys(b"r", frozenset(b"0123456").union(range(7))),
    **dict.fromkeys(b"kR", frozenset(b"0123456789@").union(range(32))),
    **dict.fromkeys(b"t", frozenset(b"\xfe\xff").union(range(64))),
    **dict.fromkeys(b"{hv", frozenset(b"01234").union(range(8))),
    **dict.fromkeys(b" !+/3AdIJNQVlju~\x19", None),
}
#: Bit images of ESC/P: its mode -> bytes in a column. Printable modes are told from other uses by their count.
_IMAGE_COLUMN = {**dict.fromkeys((0, 1, 2, 3, 4, 5, 6, 7), 1), **dict.fromkeys((32, 33, 38, 39, 40), 3)}
_IMAGE_COLUMN.update({64: 6, 65: 6, 70: 6, 71: 6, 72: 6, 73: 6})
#: The highest byte that is taken for the upper half of a count: text has none of them, but for HT to CR.
_HIGH = 8
#: Pulses that open a cash drawer and are printable: what Epson's own examples send.
_PULSES = (b"<x", b"7y", b"22", b"dd")
# ESC/POS behind GS: commands with one, two and three parameters.
_GS = {ord(":"): 0, **dict.fromkeys(b"!BEHITVabcfhrwz/", 1), **dict.fromkeys(b"$\\LPWd", 2), ord("^"): 3}
# ESC/POS and ESC/P of Japan behind FS.
_FS = {**dict.fromkeys(b"&.", 0), **dict.fromkeys(b"!-WC", 1), **dict.fromkeys(b"pS2", 2)}


class _More(Exception):
    """More of the document is needed to know how far a command goes."""


class PrinterCommandRemover:
    """Takes one document in pieces of any size, gives what is text in it."""

    def __init__(self) -> None:
        self._held = b""
        self._final = False
        #: Bytes of data that belong to the last command and are still to come.
        self._data = 0
        #: They may be text.
        self._is_doubtful = False
        #: What takes the bytes instead of the text: a drawing, or lines of PJL.
        self._inside: Optional[Callable[[bytes], bytes]] = None
        self._is_escp = self._is_pcl = False
        #: Text stands on the line so far; lines of PJL have ended it since.
        self._within_line = self._line_is_over = False
        #: Commands that were left out, and, at the end of the document, the bytes that they had with their data.
        self.left_out = self.bytes_left_out = 0

    def feed(self, block: bytes) -> bytes:
        """Return the text in a block; what may be the beginning of a command waits for the next."""
        if not self._held and not self._data and self._inside is None and not _has_introducer(block):
            self._note_line(block)
            return block
        # What follows a command is copied for each of them, so that of a large block not all may be at hand.
        pieces = [block[at : at + _PIECE] for at in range(0, len(block), _PIECE)]
        text = b"".join([self._text(self._held + piece) for piece in pieces])
        self.bytes_left_out += len(block) - len(text)
        return text

    def finish(self) -> bytes:
        """Return what is left at the end of the document, the last call; a command that is cut there is left out."""
        self._final = True
        text = self._text(self._held)
        self.bytes_left_out -= len(text)
        return text

    def _text(self, data: bytes) -> bytes:
        self._held = b""
        texts = []
        while data:
            if self._is_doubtful:
                first = data[:_DOUBTFUL]
                if len(first) < _DOUBTFUL and not self._final:
                    self._held = data
                    break
                self._is_doubtful = False
                if _is_lines(first):
                    self._data, self._inside = 0, None
            elif self._data:
                left = self._data
                self._data = max(left - len(data), 0)
                data = data[left:]
            elif self._inside is not None:
                data = self._inside(data)
            else:
                text, data = self._next_command(data)
                self._note_line(text)
                texts.append(text)
        return b"".join(texts)

    def _note_line(self, text: bytes) -> None:
        if text:
            self._within_line = not text.endswith((b"\n", b"\f"))

    def _next_command(self, data: bytes) -> tuple[bytes, bytes]:
        """Return the text before the next command, and what follows the command."""
        found = _INTRODUCERS.search(data)
        if not found:
            return data, b""
        at = found.start()
        command = data[at : at + LONGEST_COMMAND]
        before = self._is_escp, self._is_pcl
        is_end = self._final or len(command) == LONGEST_COMMAND
        try:
            length = self._measure(_Bytes(command, is_end))
        except _More:
            length = LONGEST_COMMAND
        if length > len(command) and not is_end:
            (self._is_escp, self._is_pcl), self._data, self._inside = before, 0, None
            self._held = data[at:]
            return data[:at], b""
        if length:
            self.left_out += 1
            if self._data > MOST_DATA:
                self._data, self._inside = 0, None
            self._is_doubtful = self._data >= _DOUBTFUL
            return data[:at], data[at + length :]
        # Not one of a printer: the decoder's.
        return data[: at + 1], data[at + 1 :]

    def _measure(self, command: _Bytes) -> int:
        """Return the length of a command up to its data, 0 if it is none; remember how many bytes of data follow."""
        if command[0] != _ESC:
            return self._measure_pos(command)
        second = command[1]
        if second == ord("["):
            return self._measure_proprinter(command)
        if second in _PARAMETRISED and (length := self._measure_pcl(command)):
            return length
        return self._measure_escp(command, second)

    # PCL

    def _measure_pcl(self, command: _Bytes) -> int:
        if command[1] == ord("%"):
            return self._measure_context(command)
        has_group = 0x60 <= command[2] <= 0x7E
        if not has_group and (command[1] not in _FONTS or command[2] not in _DIGITS):
            return 0
        start = at = 3 if has_group else 2
        while True:
            found = _VALUE.match(command.data, at)
            assert found
            value, letter, end = found[1], found[2], found.end()
            goes_on = letter >= b"`"
            if not letter:
                if end == len(command.data) and not command.is_end:
                    raise _More
                # ESC ( - and a count is one of ESC/P2.
                return end if at > start or len(value) > (0 if has_group else 1) else 0
            if goes_on and not has_group:
                return 0  # a character set of ISO 2022, ESC ( B or ESC ( 0, with text behind
            if at > start and not value and (goes_on or _is_letter(command[end])):
                return at  # the last letter should have been a capital; text goes on here
            at = end
            self._is_pcl = True
            if has_group and (letter in b"Ww" or command.data[1:3] + letter.upper() in _WITH_DATA):
                self._data = _whole(value)
            if self._data and goes_on:
                # ESC * b 10 v (data) 10 W (data): the command goes on behind the data.
                prefix = command.data[:3]
                self._inside = lambda data: self._go_on(prefix, data)
            if self._data or not goes_on:
                return at

    def _go_on(self, prefix: bytes, data: bytes) -> bytes:
        """Put the beginning of a combined command before what follows its data."""
        self._inside = None
        if not re.match(rb"[-+.0-9]", data):
            return data
        self.left_out -= 1
        return prefix + data

    def _measure_context(self, command: _Bytes) -> int:
        """Measure ESC % # letter: into HP-GL/2, back to PCL, and UEL."""
        found = _CONTEXT.match(command.data, 1)
        if not found:
            if not _PART_OF_CONTEXT.match(command.data, 1):
                return 0
            if not command.is_end:
                raise _More
            return len(command.data)
        if found[2] == b"X":
            self._inside = self._skip_pjl
        elif found[2] == b"B" and self._is_drawing(command, found.end()):
            self._inside = self._skip_drawing
        self._is_pcl = True
        return found.end()

    def _is_drawing(self, command: _Bytes, at: int) -> bool:
        while command[at] in _BLANKS:
            at += 1
        first, second = command[at], command[at + 1]
        return first == _ESC or second == -1 or bytes((first & ~0x20, second & ~0x20)) in _HP_GL

    def _skip_drawing(self, data: bytes) -> bytes:
        """Return what comes behind a drawing, from the command on that ends it."""
        found = _END_OF_DRAWING.search(data)
        if found:
            self._inside = None
            return data[found.start() :]
        # An escape character in a label or a command for the plotter is part of the drawing.
        end = data[-len(_UEL) :]
        return self._wait(end[end.rindex(b"\x1b") :] if b"\x1b" in end else b"")

    def _skip_pjl(self, data: bytes) -> bytes:
        """Return what comes behind the next line of PJL, or everything if there is none."""
        if data.startswith(_PJL):
            line, line_end, rest = data.partition(b"\n")
            if _UEL in line:
                return data[line.index(_UEL) :]
            if line_end:
                self._line_is_over = self._within_line
                return rest
            # Of a long line its beginning and what may be the beginning of UEL are enough.
            return self._wait(_PJL + data[max(len(_PJL), len(data) - len(_UEL)) :])
        if _PJL.startswith(data):
            return self._wait(data)
        self._inside = None
        line_end, self._line_is_over = b"\n" if self._line_is_over else b"", False
        return line_end + data

    def _wait(self, held: bytes) -> bytes:
        self._held = held
        return b""

    # IBM's Proprinter

    def _measure_proprinter(self, command: _Bytes) -> int:
        """ESC [ and a letter that ECMA-48 has too: what counts is the upper half of the count, which no text has."""
        if command[4] == -1:
            return 0
        self._data = command[3] + 256 * command[4]
        return self._established(5)

    # ESC/P and ESC/POS

    def _measure_escp(self, command: _Bytes, second: int) -> int:
        if measure := _MEASURES.get(second):
            if length := measure(self, command):
                return self._established(length)
        elif second in _ONE and not (self._is_pcl and not self._is_escp and second > ord("/")):
            values, parameter = _ONE[second], command[2]
            if values is None:
                # The end of a line, or the next command, is rather that, as behind the cursor keys of a terminal.
                is_one = self._is_escp or parameter not in _LINE_ENDS
            else:
                is_one = parameter in values
            if is_one:
                if parameter < 0x20:
                    self._is_escp = True
                return 3
        if second == ord("@"):
            self._is_escp = True
        return self._measure_iso_2022(command, second)

    def _measure_iso_2022(self, command: _Bytes, second: int) -> int:
        """Measure what is left: ESC, any number of characters up to "/", one above; or ESC and nothing known."""
        if second in _STRINGS:
            return 0
        at = 1
        while 0x20 <= command[at] <= 0x2F and at < 4:
            at += 1
        return at + (0x30 <= command[at] <= 0x7E) if 0x20 <= second < 0x7F else 0

    def _count(self, command: _Bytes, at: int) -> Optional[int]:
        """Return the count of two bytes at a place, None if it is rather text."""
        low, high = command[at], command[at + 1]
        if high == -1:
            # Cut at the end of the document.
            return 0 if self._is_escp or _is_parameter(low) else None
        return low + 256 * high if high < _HIGH or (self._is_escp and high < 0x20) else None

    def _counted(self, command: _Bytes, at: int, unit: int = 1) -> int:
        count = self._count(command, at)
        if count is None:
            return 0
        self._data = count * unit
        return at + 2

    def _measure_image(self, command: _Bytes) -> int:
        unit = _IMAGE_COLUMN.get(command[2])
        return self._counted(command, 3, unit) if unit else 0

    def _measure_paren(self, command: _Bytes) -> int:
        return self._counted(command, 3) if command[2] >= 0x21 else 0

    def _measure_graphics(self, command: _Bytes) -> int:
        """ESC K, L, Y, Z: bit images of 8 dots."""
        return self._counted(command, 2)

    def _measure_two(self, command: _Bytes) -> int:
        """ESC $, c and backslash: a measure in two bytes, which may be negative."""
        if command[3] in (0xFC, 0xFD, 0xFE, 0xFF) and command[1] == ord("\\"):
            return 4
        return 0 if self._count(command, 2) is None else 4

    def _measure_mode(self, command: _Bytes) -> int:
        """ESC X m nL nH and ESC ^ m nL nH."""
        if command[1] == ord("X"):
            return 5 if command[2] < 0x20 and self._count(command, 3) is not None else 0
        return self._counted(command, 3, 2) if command[2] in (0, 1) else 0

    def _measure_tabs(self, command: _Bytes) -> int:
        """ESC B, D and b: positions, rising, up to NUL."""
        at = 3 if command[1] == ord("b") else 2
        if at == 3 and command[2] > 7:
            return 0
        last = 0
        for end in range(at, at + 33):
            if command[end] == 0:
                return end + 1
            if command[end] <= last:
                return 0
            last = command[end]
        return 0

    def _measure_form(self, command: _Bytes) -> int:
        """ESC C n or ESC C NUL n: the length of the page."""
        if not self._is_escp and (self._is_pcl or command[2] in _LINE_ENDS):
            return 0
        return 4 if command[2] == 0 else 3

    def _measure_pair(self, command: _Bytes) -> int:
        """ESC e and ESC f: what is moved, and how far."""
        return 4 if command[2] in _FLAG else 3 if command[2] < 0x20 else 0

    def _measure_p(self, command: _Bytes) -> int:
        """ESC p n of ESC/P: proportional; ESC p m t1 t2 of ESC/POS: a pulse."""
        if command[2] not in _FLAG:
            return 0
        on, off = command[3], command[4]
        printable = all(0x20 <= byte < 0x7F for byte in (on, off))
        # Line ends and tabs are text behind the proportional of ESC/P.
        is_text = on in _LINE_ENDS or off in _LINE_ENDS or -1 in (on, off)
        return 3 if is_text or (printable and bytes((on, off)) not in _PULSES) else 5

    def _measure_download(self, command: _Bytes) -> int:
        """ESC & NUL n m and ESC & y n m: characters of the user, each with its own count."""
        rows, first, last = command[2], command[3], command[4]
        if rows > 3 or first > last >= 0:
            return 0
        characters = last - first + 1
        prefix, place = (1, 0) if rows else (3, 1)
        self._inside = lambda data: self._skip_characters(characters, prefix, place, rows or 3, data)
        return 5

    def _skip_characters(self, characters: int, prefix: int, place: int, rows: int, data: bytes) -> bytes:
        """Leave out one character of the user: its width stands at a place of its prefix."""
        if len(data) < prefix:
            return self._wait(data)
        self._data = data[place] * rows
        left = characters - 1
        self._inside = (lambda more: self._skip_characters(left, prefix, place, rows, more)) if left else None
        return data[prefix:]

    def _measure_raster(self, command: _Bytes) -> int:
        """ESC . c v h m nL nH: raster of m rows, plain (c = 0) or in packed runs (c = 1)."""
        kind = command[2]
        if kind not in (0, 1):
            return 0
        size = command[5] * (((self._count(command, 6) or 0) + 7) // 8)
        if kind == 0:
            self._data = size
        else:
            self._inside = lambda data: self._skip_runs(size, data)
        return 8

    def _skip_runs(self, size: int, data: bytes) -> bytes:
        """Leave out runs (TIFF's PackBits) that make so many bytes."""
        at = 0
        while size > 0 and at < len(data):
            run = data[at]
            length, step = (run + 1, run + 2) if run < 128 else (257 - run, 2)
            if at + step > len(data):
                break
            at, size = at + step, size - length
        if size > 0:
            left = size
            self._inside = lambda more: self._skip_runs(left, more)
            return self._wait(data[at:])
        self._inside = None
        return data[at:]

    def _measure_pos(self, command: _Bytes) -> int:
        """Measure a command behind GS, FS or DLE, which are control characters of their own in other texts."""
        if command[0] == 0x10:
            return self._measure_real_time(command)
        second, third = command[1], command[2]
        if command[0] == 0x1D:
            if second == ord("v") and third == ord("0"):
                self._data = (command[4] + 256 * command[5]) * (command[6] + 256 * command[7])
                return self._established(8)
            if second in _COUNTED_GS and 0x41 <= third <= 0x7A:
                return self._established_count(command, 3, 2 if second == ord("(") else 4)
            if second == ord("k"):
                return self._measure_barcode(command)
            if second == ord("*") and self._is_escp:
                self._data = third * command[3] * 8
                return self._established(4)
            if second == ord("V") and third in (0x41, 0x42, 0x61, 0x62, 0x67, 0x68):
                return self._established(4) if self._is_escp or not 0x20 <= command[3] < 0x7F else 0
        count = (_GS if command[0] == 0x1D else _FS).get(second)
        if count is None:
            return 0
        is_command = self._is_escp or count and all(_is_parameter(command[2 + place]) for place in range(count))
        return self._established(2 + count) if is_command else 0

    def _established(self, length: int) -> int:
        self._is_escp = True
        return length

    def _established_count(self, command: _Bytes, at: int, width: int) -> int:
        count = [command[at + place] for place in range(width)]
        if not self._is_escp and count[-1] >= _HIGH:
            return 0
        self._data = sum(byte << 8 * place for place, byte in enumerate(count))
        return self._established(at + width)

    def _measure_barcode(self, command: _Bytes) -> int:
        kind = command[2]
        if kind <= 6:
            for end in range(3, 260):
                if command[end] in (0, -1):
                    return self._established(end + 1)
        if 0x41 <= kind <= 0x4F and (self._is_escp or command[3] < 0x20):
            self._data = command[3]
            return self._established(4)
        return 0

    def _measure_real_time(self, command: _Bytes) -> int:
        """DLE EOT n, DLE ENQ n, DLE DC4 n m t."""
        if command[1] == 0x14:
            return self._established(5)
        return self._established(3) if command[1] in (4, 5) else 0


_MEASURES: dict[int, Callable[[PrinterCommandRemover, _Bytes], int]] = {
    ord("*"): PrinterCommandRemover._measure_image,
    ord("("): PrinterCommandRemover._measure_paren,
    ord("&"): PrinterCommandRemover._measure_download,
    ord("."): PrinterCommandRemover._measure_raster,
    ord("C"): PrinterCommandRemover._measure_form,
    ord("p"): PrinterCommandRemover._measure_p,
    **dict.fromkeys(b"KLYZ", PrinterCommandRemover._measure_graphics),
    **dict.fromkeys(b"$c\\", PrinterCommandRemover._measure_two),
    **dict.fromkeys(b"X^", PrinterCommandRemover._measure_mode),
    **dict.fromkeys(b"BDb", PrinterCommandRemover._measure_tabs),
    **dict.fromkeys(b"ef", PrinterCommandRemover._measure_pair),
}


class _Bytes:
    """The bytes of a command, as far as they are there."""

    __slots__ = ("data", "is_end")

    def __init__(self, data: bytes, is_end: bool) -> None:
        self.data = data
        self.is_end = is_end

    def __getitem__(self, at: int) -> int:
        """Return a byte, -1 behind the end of the document.

        Raises:
            _More: the byte is still to come.
        """
        if at < len(self.data):
            return self.data[at]
        if self.is_end:
            return -1
        raise _More


def _is_lines(data: bytes) -> bool:
    """Tell whether data are lines of text, two at least, in UTF-8 or mostly in ASCII."""
    text = data.decode("utf-8", "replace")
    lines = text.split("\n")
    if len(lines) < 3 or max(map(len, lines)) > _LONGEST_LINE or text.count("\ufffd") * 4 > len(text):
        return False
    return len(data.translate(None, _NOT_TEXT)) == len(data)


def _has_introducer(block: bytes) -> bool:
    return b"\x1b" in block or b"\x1d" in block or b"\x1c" in block or b"\x10" in block


def _whole(value: bytes) -> int:
    return int(max(0, min(float(value), MOST_DATA + 1))) if re.search(rb"[0-9]", value) else 0


def _is_letter(byte: int) -> bool:
    return 0x41 <= (byte & ~0x20) <= 0x5A


def _is_parameter(byte: int) -> bool:
    """Tell whether a byte is rather a parameter than text: a control that texts do not have."""
    return 0 <= byte < 0x20 and byte not in b"\b\t\n\f\r\x1b"
