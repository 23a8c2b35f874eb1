"""Data that someone else made for the printer, to be put among our own: PCL 5 Technical Reference Manual, chapter 2.

Kept are whole commands and printable text. Left out are what would end the job or the page, or set the printer up
anew (reset, universal exit, form feed, paper and orientation). The data end before a command that is not whole, or of
which printers may see another length than is seen here: our next bytes would be its own, or its data be commands.
"""

from __future__ import annotations

import re

_COMMAND = re.compile(rb"\x1b(?:[0-~]|[!-/][`-~]?(?:[-+0-9.]*[`-~])*[-+0-9.]*[@-^])")
_PARAMETER = re.compile(rb"([-+0-9.]*)([@-~])")
#: Commands that have data behind them, by their group: raster and patterns, fonts, alphanumeric ids, text as it is.
_TAKES_DATA = {
    **dict.fromkeys((b"*c", b"*v", b"*m", b"*l", b"*i", b"*g", b"(s", b")s", b"(f", b"&n"), b"W"),
    b"*b": b"WV",
    b"&p": b"X",
}
#: Commands are printed as text from here on, and no longer.
_DISPLAY = (b"\x1bY", b"\x1bZ")
_RESET = b"\x1bE"
#: Page control, of which much ejects the page that is begun, and languages that are not PCL.
_PAGE_CONTROL = (b"\x1b&l", b"\x1b&f", b"\x1b%-")
#: The way into HP-GL/2 and out of it.
_ENTER_HP_GL, _LEFT_HP_GL, _LEAVE_HP_GL = re.compile(rb"\x1b%[0-9]+B"), re.compile(rb"\x1b%[0-9]*A"), b"\x1b%0A"
#: Instructions of HP-GL/2 that say where text ends: a label, the character that ends labels (ETX unless one is given),
#: and coordinates whose coding looks like either; and those that set everything back.
_LABELS = re.compile(rb"LB|DT(.)|PE[^;]*|(?<![A-Z])(?:IN|DF)", re.I | re.S)
_ETX, _NO_END = b"\x03", b";\n\x1b"
_UNIVERSAL_EXIT = b"\x1b%-12345X"
#: Text among commands: no form feed, no escape, no control that ends or feeds pages.
_UNWANTED = bytes(code for code in range(0x20) if code not in (0x08, 0x09, 0x0A, 0x0D, 0x0E, 0x0F))
#: ETX ends a label of HP-GL/2 (LB), which would take all that follows otherwise.
_UNWANTED_IN_HP_GL = _UNWANTED.replace(b"\x03", b"")


def safe_commands(data: bytes) -> bytes:
    """Return what may be put among our own commands."""
    kept = bytearray()
    at, in_hp_gl, drawing, label_end = 0, False, 0, _ETX
    while at < len(data):
        if data[at] != 0x1B:
            end = data.find(b"\x1b", at)
            end = len(data) if end < 0 else end
            text = data[at:end].translate(None, _UNWANTED_IN_HP_GL if in_hp_gl else _UNWANTED)
            if _UNIVERSAL_EXIT in kept[-8:] + text:
                break  # put together of data and text
            kept += text
            at = end
            continue
        if data.startswith(_UNIVERSAL_EXIT, at):
            break  # what follows is not PCL
        command = _COMMAND.match(data, at)
        if not command:
            # Not whole, or none: the escape is left out, and with it what would be read as its command.
            break
        text = command.group()
        length = _length_of_data(text)
        end = command.end() + (length or 0)
        if length is None or end > len(data) or _UNIVERSAL_EXIT in kept[-8:] + data[at:end]:
            break
        if in_hp_gl and not _ENTER_HP_GL.fullmatch(text) and not _LEFT_HP_GL.fullmatch(text):
            break
        if text != _RESET and not text.startswith(_PAGE_CONTROL):
            if in_hp_gl and _LEFT_HP_GL.fullmatch(text):
                rest, label_end = _end_of_label(bytes(kept[drawing:]), label_end)
                kept += rest
            kept += data[at:end]
            drawing = drawing if in_hp_gl else len(kept)
            in_hp_gl = bool(_ENTER_HP_GL.fullmatch(text)) or in_hp_gl and not _LEFT_HP_GL.fullmatch(text)
        at = end
    if in_hp_gl:
        kept += (_end_of_label(bytes(kept[drawing:]), label_end)[0] or _ETX) + _LEAVE_HP_GL
    return bytes(kept)


def _end_of_label(drawing: bytes, ends_with: bytes) -> tuple[bytes, bytes]:
    """Return what ends the label that HP-GL/2 leaves open, nothing if it leaves none, and what ends labels from there
    on; before it they end with ``ends_with``."""
    at = 0
    while found := _LABELS.search(drawing, at):
        at = found.end()
        instruction = found[0][:2].upper()
        if instruction == b"LB":
            end = drawing.find(ends_with, at)
            if end < 0:
                return ends_with, ends_with
            at = end + 1
        elif instruction != b"PE":
            ends_with = found[1] if found[1] and found[1] not in _NO_END else _ETX
    return b"", ends_with


def _length_of_data(command: bytes) -> int | None:
    """Return how many bytes of data a command has behind it, None where printers may differ."""
    if command in _DISPLAY:
        return None
    group, length = command[1:3], 0
    takers = _TAKES_DATA.get(group, b"")
    for value, letter in _PARAMETER.findall(command, 3):
        if letter.upper() == b"W" or letter.upper() in takers:
            digits = value.removeprefix(b"+") or b"0"
            if letter not in takers or not digits.isdigit() or len(digits) > 8:
                return None  # data behind a part of a command, of a command that has none, or of an odd length
            length = int(digits)
    return length
