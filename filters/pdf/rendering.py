"""How the pages of a PDF are to be rendered: from options and printer description to Ghostscript's command line.

What a description says about it, with the meaning it has here:

    *ipps443Language: "PCLXL"                 PCL5E (as without it) or PCLXL
    *ColorDevice: True                        whether ColorModel, or print-color-mode, can ask for colour
    *Resolution 600dpi/...: "..."             dots per inch, by the name of the choice
    *ipps443PJL TonerSave.On: "ECONOMODE = ON"      PJL settings, see filters.pcl.model
    *InputSlot Tray2/...: "<</MediaPosition 1>>setpagedevice"    always the number of PCL 5, see SOURCES_OF_XL

Ghostscript's devices are described in its documentation, "Details of Ghostscript output devices".
"""

from __future__ import annotations

import re
from typing import Iterable, Optional

from filters.dataclass import dataclass
from filters.job import Job, find_sides, get_option
from filters.pcl.media import UNITS_PER_INCH, Media, PaperSize
from filters.pcl.model import Model
from filters.ppd import PrinterDescription

GHOSTSCRIPT = "gs"

#: Printer languages as descriptions name them -> Ghostscript's devices, without and with colour.
DEVICES = {
    "PCL5E": ("ljet4", "ljet4"),
    "PCLXL": ("pxlmono", "pxlcolor"),
}
#: Numbers of paper sources in PCL 5 (ESC & l # H) -> in PCL XL (attribute MediaSource): PCL XL Feature Reference,
#: "MediaSource": 2 manual, 3 multi-purpose tray, 4 upper, 5 lower, 6 envelope, 7 third cassette. Automatic is what a
#: printer does that is told nothing.
SOURCES_OF_XL = {2: 2, 4: 3, 1: 4, 5: 5, 6: 6, 3: 6, 8: 7}
#: Numbers of types of paper in PCL 5 (ESC & l # M) -> what PCL XL calls them (attribute MediaType).
TYPES_OF_XL = {0: "Plain", 1: "Bond", 2: "Special", 3: "Glossy", 4: "Transparency"}
#: Resolutions that make sense; others are a slip or an attack on the memory.
RESOLUTIONS = range(75, 2401)
DEFAULT_RESOLUTION = 600

#: Points by which pages and sheets may differ that are meant to be of one size; sizes differ by more.
SAME_SIZE = 3

_RESOLUTION = re.compile(r"([0-9]{2,4})(?:x[0-9]+)?dpi")
_COLORS = frozenset(("rgb", "srgb", "color", "colour", "cmyk"))


@dataclass(frozen=True)
class Rendering:
    """Choices for all pages of a job.

    Attributes:
        language: a key of DEVICES.
        sides: "one-sided", "two-sided-long-edge", "two-sided-short-edge".
        source, media_type, output_bin: numbers of PCL 5; None leaves it to the printer.
        media_name: type of paper by name, in place of the number.
        pjl: more settings at the beginning of the job, as "ECONOMODE = ON".
    """

    language: str = "PCL5E"
    color: bool = False
    resolution: int = DEFAULT_RESOLUTION
    sides: str = "one-sided"
    source: Optional[int] = None
    media_type: Optional[int] = None
    media_name: Optional[str] = None
    output_bin: Optional[int] = None
    pjl: tuple[str, ...] = ()


def choose_rendering(job: Job, description: PrinterDescription, media: Media, model: Model) -> Rendering:
    """Return how to render a job: its options first, then the defaults of the description."""
    language = description.value("ipps443Language", "") or "PCL5E"
    return Rendering(
        language=language if language in DEVICES else "PCL5E",
        color=(description.value("ColorDevice", "") == "True" and _wants_color(job, description)),
        resolution=_resolution(_option(job, description, "Resolution")),
        sides=find_sides(job.options) or find_sides(description.defaults) or "one-sided",
        source=media.source,
        media_type=media.type_number,
        media_name=media.type_name,
        output_bin=media.output_bin,
        pjl=model.pjl,
    )


def _option(job: Job, description: PrinterDescription, name: str) -> str:
    return job.option(name) or _default(description, name)


def _default(description: PrinterDescription, name: str) -> str:
    return description.defaults.get(name, "")


def _wants_color(job: Job, description: PrinterDescription) -> bool:
    model = job.option("ColorModel")
    mode = (get_option(job.options, "print-color-mode") or "auto").lower()
    if model is None and mode != "auto":
        return mode == "color"
    return (model or _default(description, "ColorModel")).lower() in _COLORS


def _resolution(choice: str) -> int:
    found = _RESOLUTION.fullmatch(choice)
    dots = int(found[1]) if found else DEFAULT_RESOLUTION
    return dots if dots in RESOLUTIONS else DEFAULT_RESOLUTION


def command_line(rendering: Rendering, path: str) -> list[str]:
    """Return the arguments with which Ghostscript renders the file at ``path`` to standard output.

    Its words go to standard error, because standard output is for the pages.
    """
    return [
        GHOSTSCRIPT,
        "-dSAFER",
        "-dBATCH",
        "-dNOPAUSE",
        "-dNOPROMPT",
        f"-sDEVICE={DEVICES[rendering.language][rendering.color]}",
        f"-r{rendering.resolution}",
        "-sstdout=%stderr",
        "-sOutputFile=%stdout",
        *_device_options(rendering),
        "-f",
        path,
    ]


def common_size(sizes: Iterable[tuple[int, int]], wanted: PaperSize) -> Optional[PaperSize]:
    """Return the sheet that the job asks for if all pages, upright or lying, are as large as it is, else None."""
    sheet = sorted((wanted.width * 72 / UNITS_PER_INCH, wanted.length * 72 / UNITS_PER_INCH))
    fits = all(abs(a - b) <= SAME_SIZE for size in sizes for a, b in zip(sorted(size), sheet))
    return wanted if fits else None


def _device_options(rendering: Rendering) -> list[str]:
    """Return what the device itself writes for each page; the rest is said at the beginning of the job."""
    if rendering.language == "PCL5E":
        return [] if rendering.source is None else [f"-dMediaPosition={rendering.source}"]
    options = [
        f"-dDuplex={_boolean(rendering.sides != 'one-sided')}",
        f"-dTumble={_boolean(rendering.sides == 'two-sided-short-edge')}",
    ]
    if rendering.source in SOURCES_OF_XL:
        options.append(f"-dMediaPosition={SOURCES_OF_XL[rendering.source]}")
    media_type = rendering.media_name or TYPES_OF_XL.get(rendering.media_type or 0)
    if media_type and (rendering.media_name or rendering.media_type is not None):
        options.append(f"-sMediaType={media_type}")
    return options


def _boolean(value: bool) -> str:
    return "true" if value else "false"
