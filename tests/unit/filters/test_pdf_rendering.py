"""From options and description to Ghostscript's command line, and what stands around its pages."""

from __future__ import annotations

import pytest

from filters.common.dataclass import replace
from filters.common.finished_sets import SETS

from filters.common.job import Job, parse_options
from filters.common.media import choose_media, find_size
from filters.common.ppd import parse_ppd
from filters.pcl.model import read_model
from filters.pdf.envelope import Envelope
from filters.pdf.rendering import _COLOR_MODES, PageCopies, Rendering, choose_rendering, command_line

UEL = b"\x1b%-12345X"
XL_COLOR = """*PPD-Adobe: "4.3"
*ColorDevice: True
*ipps443Language: "PCLXL"
*DefaultColorModel: RGB
*DefaultResolution: 1200dpi
*DefaultDuplex: DuplexTumble
*DefaultInputSlot: Tray2
*InputSlot Tray2/Tray: "<</MediaPosition 1>>setpagedevice"
*InputSlot Tray9/Tray: "<</MediaPosition 23>>setpagedevice"
*MediaType Bond/Bond: "<</MediaType(Bond)/cupsMediaType 1>>setpagedevice"
*MediaType Old/Old: "<</MediaType(Old)/cupsMediaType 9>>setpagedevice"
*ipps443MediaName Old: "Recycled"
*ipps443OutputBin Upper: "1"
*DefaultTonerSave: Printer
*TonerSave Printer/Printer: ""
*TonerSave On/On: ""
*ipps443PJL TonerSave.On: "ECONOMODE = ON"
"""


def chosen(options: str, ppd: str = "") -> Rendering:
    """Return the rendering that options and a description come to."""
    description, parsed = parse_ppd(ppd), parse_options(options)
    return choose_rendering(
        Job(1, "anna", "title", 1, parsed),
        description,
        choose_media(parsed, description),
        read_model(parsed, description),
    )


def test_defaults():
    """Without options and description: PCL 5e, 600 dpi, one side, and the rest as the printer is set."""
    assert chosen("") == Rendering("PCL5E", False, 600, "one-sided")


def test_description_gives_defaults():
    """Language, colour, resolution, sides and tray come from the description when no option says."""
    expected = Rendering("PCLXL", True, 1200, "two-sided-short-edge", source=1)
    assert chosen("", XL_COLOR) == expected


@pytest.mark.parametrize(
    "options, name, value",
    [
        ("Resolution=300dpi", "resolution", 300),
        ("Resolution=300x300dpi", "resolution", 300),
        ("Resolution=75dpi", "resolution", 75),
        ("Resolution=74dpi", "resolution", 1200),
        ("Resolution=2400dpi", "resolution", 2400),
        ("Resolution=2401dpi", "resolution", 1200),
        ("Resolution=lots", "resolution", 1200),
        ("ColorModel=Gray", "color", False),
        *((f"print-color-mode={mode}", "color", mode in ("auto", "color")) for mode in _COLOR_MODES),
        ("print-color-mode=color ColorModel=Gray", "color", False),
        ("sides=one-sided", "sides", "one-sided"),
        ("Duplex=DuplexNoTumble", "sides", "two-sided-long-edge"),
        ("TonerSave=On", "pjl", ("ECONOMODE = ON",)),
        ("TonerSave=Printer", "pjl", ()),
        ("InputSlot=Tray9", "source", 23),
        ("media=A4,tray-9", "source", 23),
        ("MediaType=Bond", "media_type", 1),
        ("MediaType=Old", "media_name", "Recycled"),
        ("OutputBin=Upper", "output_bin", 1),
    ],
)
def test_options(options, name, value):
    """An option of the job comes before the description's default; a value without sense does not count."""
    assert getattr(chosen(options, XL_COLOR), name) == value


@pytest.mark.parametrize(
    "options",
    [
        "Resolution=9999dpi",
        "Resolution=lots",
        "ColorModel=Weird",
        "print-color-mode=weird",
        "sides=foo",
        "Duplex=Both",
        "TonerSave=Maybe",
    ],
)
def test_a_value_that_is_not_known(options):
    """The queue's default is used as if nothing had been said, and one warning names option and value."""
    assert replace(chosen(options, XL_COLOR), problems=()) == chosen("", XL_COLOR)
    (problem,) = problems_of(options)
    assert options in problem


@pytest.mark.parametrize(
    "options",
    [
        "Resolution=75dpi ColorModel=Gray sides=one-sided TonerSave=printer",
        "Resolution=300x300dpi ColorModel=rgb Duplex=none TonerSave=ON",
        "ColorModel=Special print-color-mode=process-monochrome",
        "OutputBin=Upper",
    ],
)
def test_values_that_are_known(options):
    """What can be done, and the description's own choices, come without a warning."""
    assert problems_of(options) == ()


def problems_of(options: str) -> tuple[str, ...]:
    """Return the warnings of a job but for those about paper."""
    ppd = (
        XL_COLOR
        + '*ColorModel Special/Special: ""\n*OutputBin Rear/Rear: ""\n*ipps443PJL OutputBin.Rear: "OUTBIN = REAR"\n'
    )
    return (*chosen(options, ppd).problems, *read_model(parse_options(options), parse_ppd(ppd)).problems)


def test_colour_where_gray_is_usual():
    """Automatic means what the queue has."""
    ppd = XL_COLOR.replace("Model: RGB", "Model: Gray")
    assert [mode for mode in _COLOR_MODES if chosen(f"print-color-mode={mode}", ppd).color] == ["color"]


def test_a_language_that_is_not_known():
    """A description of another kind is taken for one of PCL 5e."""
    assert chosen("", XL_COLOR.replace("PCLXL", "PCL7")).language == "PCL5E"


def test_no_colour_for_printers_without():
    """A printer whose description says that it has no colour gets none, whatever the job asks for."""
    assert not chosen("ColorModel=RGB print-color-mode=color").color


#: What there always is for PCL XL.
SIMPLEX, LONG = [
    ["-dInterpolateControl=0", *said.split()]
    for said in ("-dDuplex=false -dTumble=false", "-dDuplex=true -dTumble=false")
]
PAGES = PageCopies((1, 3), quantity=2)


@pytest.mark.parametrize(
    "rendering, copied, device, options",
    [
        (Rendering(), None, "ljet4", []),
        (Rendering(), PAGES, "ljet4", ["-sPageList=1,3"]),
        (Rendering(), PageCopies((2,), 2), "ljet4", ["-dNumCopies=2", "-sPageList=2"]),
        (Rendering(source=0, sides="two-sided-long-edge"), None, "ljet4", ["-dMediaPosition=0"]),
        (Rendering("PCLXL", source=23, media_type=77), None, "pxlmono", SIMPLEX),
        (Rendering("PCLXL", True, sides="two-sided-long-edge"), None, "pxlcolor", LONG),
        (
            Rendering("PCLXL", sides="two-sided-short-edge"),
            None,
            "pxlmono",
            ["-dInterpolateControl=0", "-dDuplex=true", "-dTumble=true"],
        ),
        *(
            (Rendering("PCLXL", source=source), None, "pxlmono", [*SIMPLEX, f"-dMediaPosition={of_xl}"])
            for source, of_xl in ((1, 4), (2, 2), (3, 6), (4, 3), (5, 5), (6, 6), (8, 7))
        ),
        *(
            (Rendering("PCLXL", media_type=number), None, "pxlmono", [*SIMPLEX, f"-sMediaType={name}"])
            for number, name in enumerate(("Plain", "Bond", "Special", "Glossy", "Transparency"))
        ),
        (Rendering("PCLXL", media_type=9, media_name="Old"), None, "pxlmono", [*SIMPLEX, "-sMediaType=Old"]),
    ],
)
def test_command_line(rendering, copied, device, options):
    """Each choice has its argument; what is not chosen, or PCL XL has no word for, is left to the printer."""
    rendering = replace(rendering, resolution=1200)
    always = ["-dSAFER", "-dBATCH", "-dNOPAUSE", f"-sDEVICE={device}", "-r1200", "-sstdout=%stderr"]
    expected = ["gs", *always, "-sOutputFile=%stdout", *options, "-f", "/proc/self/fd/7"]
    assert command_line(rendering, "/proc/self/fd/7", copied) == expected


PCL5 = b"\x1bE\x1b&l0O pages \x1bE"
XL = UEL + b"@PJL ENTER LANGUAGE = PCLXL\n) HP-PCL XL;1;1\n pages " + UEL
JOB = UEL + b'@PJL JOB NAME = "t"\r\n'
END = UEL + b'@PJL EOJ NAME = "t"\r\n' + UEL


@pytest.mark.parametrize("size", [1, 2, 8, 9, 10, 1000])
@pytest.mark.parametrize(
    "rendering, pages, expected",
    [
        (Rendering(), PCL5, JOB + b"@PJL ENTER LANGUAGE = PCL\r\n\x1bE\x1b&l0S\x1b&l0O pages \x1bE" + END),
        (
            Rendering(sides="two-sided-short-edge", media_type=3, output_bin=2, pjl=("ECONOMODE = ON",)),
            PCL5,
            JOB
            + b"@PJL SET ECONOMODE = ON\r\n@PJL ENTER LANGUAGE = PCL\r\n\x1bE\x1b&l2s3m2G\x1b&l0O pages \x1bE"
            + END,
        ),
        (
            Rendering(sides="two-sided-long-edge", media_type=9, media_name="Old"),
            PCL5,
            JOB + b"@PJL ENTER LANGUAGE = PCL\r\n\x1bE\x1b&l1S\x1b&n4WdOld\x1b&l0O pages \x1bE" + END,
        ),
        (Rendering("PCLXL"), XL, JOB + XL[9:-9] + END),
        (Rendering("PCLXL", output_bin=2), XL, JOB + b"@PJL SET OUTBIN = LOWER\r\n" + XL[9:-9] + END),
        (
            Rendering("PCLXL", output_bin=1, pjl=("ECONOMODE = OFF",)),
            XL,
            JOB + b"@PJL SET ECONOMODE = OFF\r\n@PJL SET OUTBIN = UPPER\r\n" + XL[9:-9] + END,
        ),
    ],
)
def test_envelope(rendering, pages, expected, size):
    """PJL stands around the pages and the settings behind their reset, in whatever pieces the pages come."""
    envelope = Envelope("t", rendering)
    written = b"".join(envelope.take(pages[at : at + size]) for at in range(0, len(pages), size))
    assert written + envelope.end_document() + envelope.end_job() == expected


@pytest.mark.parametrize("rendering, pages", [(Rendering(), PCL5), (Rendering("PCLXL"), XL)])
@pytest.mark.parametrize(
    "sets, quantity, line", [(3, 1, SETS.encode() + b"3"), (1, 3, b"SET QTY = 3"), (1, 1, b"ENTER LANGUAGE")]
)
def test_copies(rendering, pages, sets, quantity, line):
    """Whole ones: sent one after the other by the backend, or made by the printer."""
    envelope = Envelope("t", rendering)
    envelope.sets, envelope.quantity = sets, quantity
    assert envelope.take(pages).startswith(JOB + b"@PJL " + line)


@pytest.mark.parametrize("rendering, pages", [(Rendering(), PCL5), (Rendering("PCLXL"), XL)])
def test_a_renderer_that_fails_leaves_no_end(rendering, pages):
    """Before it is known that the renderer ended well, nothing that looks like the end of a job is written."""
    assert not Envelope("t", rendering).take(pages).endswith(UEL)


def test_two_documents():
    """Documents of one job follow each other in one envelope."""
    xl, pcl5 = Envelope("t", Rendering("PCLXL")), Envelope("t", Rendering())
    twice = [e.take(d) + e.end_document() for e, d in ((xl, XL), (xl, XL), (pcl5, PCL5), (pcl5, PCL5))]
    assert twice[0] + twice[1] + xl.end_job() == JOB + XL[9:-9] + XL[:-9] + END
    assert twice[3] == b"\x1bE\x1b&l0S\x1b&l0O pages \x1bE"


@pytest.mark.parametrize("piece", [1, 7, 16, 1000])
@pytest.mark.parametrize(
    "size, command", [("A5", b"\x1b&l25A"), ("Custom.100x200mm", b"\x1b&f2835i5669J\x1b&l101A"), (None, b"\x1b&l91A")]
)
def test_page_sizes(size, command, piece):
    """The renderer's idea of the paper size is replaced by the job's, on every page, and nothing else is."""
    envelope, page = Envelope("t", Rendering()), b"\x1b&l%dO\x1b&l91A\x1b&l0u140Z ... \x1b&l91A ... \x0c"
    envelope.start_document(find_size(size, parse_ppd("")) if size else None)
    document = b"\x1bE" + page % 0 + page % 1 + page % 0
    pieces = (document[at : at + piece] for at in range(0, len(document), piece))
    written = b"".join(map(envelope.take, pieces)) + envelope.end_document()
    assert written.partition(b"\x1b&l0S")[2] == document[2:].replace(b"O\x1b&l91A", b"O" + command)


def test_a_sheet_that_lies():
    """One that is wider than long is fed as it is: no page is turned on it."""
    envelope = Envelope("t", Rendering())
    envelope.start_document(find_size("Custom.200x100mm", parse_ppd("")))
    written = envelope.take(b"\x1bE\x1b&l1O\x1b&l91A\x1b&l0u140Z ...") + envelope.end_document()
    assert written.endswith(b"\x1b&l0S\x1b&l0O\x1b&f5669i2835J\x1b&l101A\x1b&l-180u36Z ...")


def test_nothing_comes_of_nothing():
    """Without pages nothing is written, not even an end."""
    envelope = Envelope("t", Rendering())
    assert envelope.take(b"") + envelope.take(b"\x1bE") + envelope.end_document() + envelope.end_job() == b""
