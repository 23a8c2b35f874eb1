"""What a printer was when its description was made, as hashes: so that someone can see that it is another one now.

What people change every day, such as the paper in a tray, is none of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from filters.description.attributes import PrinterAttributes

#: Parts of a printer by the words for them, and the attributes that tell about each.
PARTS: dict[str, tuple[str, ...]] = {
    "trays": ("media-source-supported",),
    "paper": ("media-supported", "media-size-supported", "media-type-supported"),
    "bins": ("output-bin-supported",),
    "finishers": ("finishings-supported", "finishing-template-supported"),
    "sides": ("sides-supported",),
    "formats": ("document-format-supported", "urf-supported", "pwg-raster-document-type-supported"),
    "firmware": ("printer-firmware-string-version",),
}
_DIGITS = 16


def state_of(printer: PrinterAttributes) -> dict[str, str]:
    """Return a hash for each part that the printer tells about; the order in which it lists its values is no change."""
    import hashlib

    found = {}
    for part, names in PARTS.items():
        said = [(name, sorted(map(_canonical, printer.all(name)))) for name in names if printer.all(name)]
        if said:
            found[part] = hashlib.sha256(repr(said).encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]
    return found


def _canonical(value: Any) -> str:
    if isinstance(value, Mapping):
        return repr(sorted((str(name), sorted(map(_canonical, values))) for name, values in value.items()))
    return repr(value)
