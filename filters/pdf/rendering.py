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

from filters.common.dataclass import dataclass
from filters.common.job import Job, find_sides, get_option, not_known, unknown_sides
from filters.common.media import UNITS_PER_INCH, Media, PaperSize
from filters.common.ppd import PrinterDescription
from filters.pcl.model import Model

TYPE_CHECKING = False  # slow to import
if TYPE_CHECKING:
    from typing import Iterable, Optional

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
TYPES_OF_XL: dict[Optional[int], str] = {0: "Plain", 1: "Bond", 2: "Special", 3: "Glossy", 4: "Transparency"}
#: Resolutions that make sense; others are a slip or an attack on the memory.
RESOLUTIONS = range(75, 2401)
DEFAULT_RESOLUTION = 600

#: Points by which pages and sheets may differ that are meant to be of one size; sizes differ by more.
SAME_SIZE = 3

_RESOLUTION = re.compile(r"([0-9]{2,4})(?:x[0-9]+)?dpi")
#: Choices of ColorModel: those that are colour, and others that are known besides those of the description.
_COLORS = frozenset(("rgb", "srgb", "color", "colour", "cmyk"))
_GREYS = frozenset(("gray", "grey", "grayscale", "k", "black", "mono", "monochrome"))
#: print-color-mode of IPP (PWG 5100.13, 6.2.3) -> whether that is colour; None leaves it to the queue.
_COLOR_MODES = {
    "auto": None,
    "color": True,
    "auto-monochrome": False,
    "bi-level": False,
    "highlight": False,
    "monochrome": False,
    "process-bi-level": False,
    "process-monochrome": False,
}


@dataclass(frozen=True)
class Rendering:
    """Choices for all pages of a job.

    Attributes:
        language: a key of DEVICES.
        sides: "one-sided", "two-sided-long-edge", "two-sided-short-edge".
        source, media_type, output_bin: numbers of PCL 5; None leaves it to the printer.
        media_name: type of paper by name, in place of the number.
        pjl: more settings at the beginning of the job, as "ECONOMODE = ON".
        problems: what was wrong with the options, a line each.
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
    problems: tuple[str, ...] = ()


def choose_rendering(job: Job, description: PrinterDescription, media: Media, model: Model) -> Rendering:
    """Return how to render a job: its options first, then the defaults of the description."""
    language = description.value("ipps443Language", "") or "PCL5E"
    problems: list[str] = []
    return Rendering(
        language=language if language in DEVICES else "PCL5E",
        color=_wants_color(job, description, problems) and description.value("ColorDevice", "") == "True",
        resolution=_resolution(job, description, problems),
        sides=find_sides(job.options) or find_sides(description.defaults) or "one-sided",
        source=media.source,
        media_type=media.type_number,
        media_name=media.type_name,
        output_bin=media.output_bin,
        pjl=model.pjl,
        problems=(*problems, *unknown_sides(job.options)),
    )


def _wants_color(job: Job, description: PrinterDescription, problems: list[str]) -> bool:
    default = description.defaults.get("ColorModel", "")
    model = job.option("ColorModel")
    if model is not None and not _is_color_model(model, description):
        problems.append(not_known("ColorModel", model))
        model = None
    mode = get_option(job.options, "print-color-mode") or "auto"
    if mode.lower() not in _COLOR_MODES:
        problems.append(not_known("print-color-mode", mode))
    wanted = _COLOR_MODES.get(mode.lower()) if model is None else None
    return (model or default).lower() in _COLORS if wanted is None else wanted


def _is_color_model(choice: str, description: PrinterDescription) -> bool:
    return choice.lower() in _COLORS | _GREYS or description.choice("ColorModel", choice) is not None


def _resolution(job: Job, description: PrinterDescription, problems: list[str]) -> int:
    asked = job.option("Resolution")
    dots = _read_resolution(asked or "")
    if asked and dots is None:
        problems.append(not_known("Resolution", asked))
    return dots or _read_resolution(description.defaults.get("Resolution", "")) or DEFAULT_RESOLUTION


def _read_resolution(choice: str) -> Optional[int]:
    found = _RESOLUTION.fullmatch(choice)
    return int(found[1]) if found and int(found[1]) in RESOLUTIONS else None


@dataclass(frozen=True)
class PageCopies:
    """The pages of a document, counted from 1, that are drawn; the others are copies, which the printer makes.

    Attributes:
        copies: of each page.
        quantity: of all of them, one after the other.
    """

    pages: tuple[int, ...]
    copies: int = 1
    quantity: int = 1


def command_line(rendering: Rendering, path: str, copied: Optional[PageCopies] = None) -> list[str]:
    """Return the arguments with which Ghostscript renders the file at ``path`` to standard output.

    Its words go to standard error, because standard output is for the pages.
    """
    return [
        GHOSTSCRIPT,
        "-dSAFER",
        "-dBATCH",
        "-dNOPAUSE",
        f"-sDEVICE={DEVICES[rendering.language][rendering.color]}",
        f"-r{rendering.resolution}",
        "-sstdout=%stderr",
        "-sOutputFile=%stdout",
        *_device_options(rendering),
        *([f"-dNumCopies={copied.copies}"] if copied and copied.copies > 1 else ()),
        *([f"-sPageList={','.join(map(str, copied.pages))}"] if copied else ()),
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
        # PCL XL enlarges pictures in the printer. Those whose pixels are to be smoothed (/Interpolate true) Ghostscript
        # would enlarge itself, and write each dot of the page: 267 MB in place of 139 kB for 400 by 250 pixels.
        "-dInterpolateControl=0",
        f"-dDuplex={_boolean(rendering.sides != 'one-sided')}",
        f"-dTumble={_boolean(rendering.sides == 'two-sided-short-edge')}",
    ]
    if rendering.source in SOURCES_OF_XL:
        options.append(f"-dMediaPosition={SOURCES_OF_XL[rendering.source]}")
    media_type = rendering.media_name or TYPES_OF_XL.get(rendering.media_type)
    if media_type:
        options.append(f"-sMediaType={media_type}")
    return options


def _boolean(value: bool) -> str:
    return "true" if value else "false"
