"""Data that someone else made for the printer, to be put among our own: PCL 5 Technical Reference Manual, chapter 2.

Kept are whole commands and printable text. Left out are what would end the job or the page, or set the printer up
anew (reset, universal exit, form feed, paper and orientation), and a command at the end that is not whole: it would
take our next bytes for its own.
"""

from __future__ import annotations

import re

_COMMAND = re.compile(rb"\x1b(?:[0-~]|[!-/][`-~]?(?:[-+0-9.]*[`-~])*(?P<value>[-+0-9.]*)(?P<end>[@-^]))")
_TAKES_DATA = b"W"
_RESET = b"\x1bE"
#: Page control, of which much ejects the page that is begun, and languages that are not PCL.
_PAGE_CONTROL = (b"\x1b&l", b"\x1b&f", b"\x1b%-")
_ENTER_HP_GL, _LEAVE_HP_GL = re.compile(rb"\x1b%-?[0-9]+B"), b"\x1b%0A"
_UNIVERSAL_EXIT = b"\x1b%-12345X"
#: Text among commands: no form feed, no escape, no control that ends or feeds pages.
_UNWANTED = bytes(code for code in range(0x20) if code not in (0x08, 0x09, 0x0A, 0x0D, 0x0E, 0x0F))
#: ETX ends a label of HP-GL/2 (LB), which would take all that follows otherwise.
_UNWANTED_IN_HP_GL = _UNWANTED.replace(b"\x03", b"")


def safe_commands(data: bytes) -> bytes:
    """Return what may be put among our own commands."""
    kept = bytearray()
    at, in_hp_gl = 0, False
    while at < len(data):
        if data[at] != 0x1B:
            end = data.find(b"\x1b", at)
            end = len(data) if end < 0 else end
            kept += data[at:end].translate(None, _UNWANTED_IN_HP_GL if in_hp_gl else _UNWANTED)
            at = end
            continue
        if data.startswith(_UNIVERSAL_EXIT, at):
            break  # what follows is not PCL
        command = _COMMAND.match(data, at)
        if not command:
            # Not whole, or none: the escape is left out, and with it what would be read as its command.
            break
        end = command.end() + _length_of_data(command)
        if end > len(data):
            break
        text = command.group()
        if text != _RESET and not text.startswith(_PAGE_CONTROL):
            kept += data[at:end]
            in_hp_gl = bool(_ENTER_HP_GL.match(text)) or in_hp_gl and not text.endswith(b"A")
        at = end
    return bytes(kept) + (_LEAVE_HP_GL if in_hp_gl else b"")


def _length_of_data(command: re.Match[bytes]) -> int:
    if command["end"] != _TAKES_DATA:
        return 0
    digits = command["value"].lstrip(b"+-")
    return int(digits) if digits.isdigit() and len(digits) < 9 else 0
