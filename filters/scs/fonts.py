"""Fonts by their IBM numbers, and pitches: JTOpen's SCSFontData, ALLY B-27, HCL.

    1 to 65        10 to the inch        211 to 239    15
    66 to 153      12                    240 to 246    5
    154 to 200     proportional          247 to 257, 274 to 279, 300 to 400    17.14
    201 to 210     13.3                  258 259    18      280 to 284    20      285 to 290    27
"""

from __future__ import annotations

from typing import NamedTuple

from filters.layout.runs import BY_PITCH, COURIER, GOTHIC


class KnownFont(NamedTuple):
    """What a number says about a font."""

    cell: float
    face: str = BY_PITCH
    bold: bool = False
    italic: bool = False


_CELLS = (
    (range(1, 66), 144.0),
    (range(66, 154), 120.0),
    (range(154, 201), 120.0),
    (range(201, 211), 108.0),
    (range(211, 240), 96.0),
    (range(240, 247), 288.0),
    (range(247, 258), 84.0),
    (range(258, 260), 80.0),
    (range(274, 280), 84.0),
    (range(280, 285), 72.0),
    (range(285, 291), 54.0),
    (range(300, 401), 84.0),
)
_BOLD = frozenset((38, 39, 46, 69, 72, 110, 111, 112, 245, 253))
_ITALIC = frozenset((18, 43, 68, 71, 91, 112))
_GOTHIC = frozenset((39, 40, 66, 68, 69, 203, 204, 221, 222, 223, 230, 252, 253, 281, 290))

#: SCD: its number, and how wide a cell is.
_DENSITIES = {
    0x05: 288.0,
    0x08: 1440 / 8.6,
    0x0A: 144.0,
    0x0B: 120.0,  # proportional
    0x0C: 120.0,
    0x0F: 96.0,
    0x10: 86.4,  # 16.7
    0x11: 84.0,  # 17.1
    0x12: 80.0,
    0x14: 72.0,
    0xFF: 144.0,
}


def font_of_id(number: int) -> KnownFont:
    """Return what is known of a font."""
    cell = next((cell for numbers, cell in _CELLS if number in numbers), 144.0)
    face = GOTHIC if number in _GOTHIC else COURIER if cell > 96 else BY_PITCH
    return KnownFont(cell, face, number in _BOLD, number in _ITALIC)


def cell_of_density(density: int) -> float:
    """Return the width of a cell, 0 for no change."""
    if density in _DENSITIES:
        return _DENSITIES[density]
    return 1440 / density if 4 < density <= 27 else 0.0
