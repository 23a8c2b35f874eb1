"""The type of PWG raster in which the pages of a job go out, as the description says it.

cups-filters 1.28 asks the job's options before the description, and makes sGray or sRGB of print-color-mode, which
cupsd adds to each job, whatever the printer lists. Before that it takes pwg-raster-document-type.
"""

from __future__ import annotations

import re

from filters.common.job import get_option

TYPE_CHECKING = False  # slow to import
if TYPE_CHECKING:
    from typing import Mapping

    from filters.common.ppd import PrinterDescription

OPTION = "pwg-raster-document-type"
#: Types that descriptions ask for (PWG 5102.4), with cupsColorSpace and cupsBitsPerColor of CUPS raster.
TYPES = {"sgray_8": (18, 8), "sgray_16": (18, 16), "srgb_8": (19, 8), "black_1": (3, 1)}
_CODE = re.compile(r"/cupsColorSpace ([0-9]{1,3})/cupsBitsPerColor ([0-9]{1,3})/")


def with_raster_type(options: Mapping[str, str], description: PrinterDescription) -> dict[str, str]:
    """Return the options of a job with the type that its ColorModel means; as they are where nothing says it."""
    found = _CODE.search(description.value("ColorModel", _color_model(options, description)) or "")
    numbers = (int(found[1]), int(found[2])) if found else None
    kept = {name: value for name, value in options.items() if name.lower() != OPTION}
    return next(({**kept, OPTION: name} for name, each in TYPES.items() if each == numbers), dict(options))


def _color_model(options: Mapping[str, str], description: PrinterDescription) -> str:
    """Return the choice of a job: by its name, by its print-color-mode, or the queue's."""
    chosen = get_option(options, "ColorModel")
    if chosen and description.choice("ColorModel", chosen):
        return chosen
    default = description.defaults.get("ColorModel", "")
    mode = get_option(options, "output-mode") or get_option(options, "print-color-mode") or ""
    if mode == "monochrome" and default not in ("Gray", "RGB"):
        return default  # cupsd calls all grey defaults so
    said = {value: name.partition(".")[2] for (k, name), value in description.values.items() if k == "ipps443Keyword"}
    named = {**said, "monochrome": "Gray", "color": "RGB"}.get(mode) or mode
    return named if description.choice("ColorModel", named) else default
