"""Pictures to pixels: what test_pictures.py does not see on paper."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any, cast

import pytest

from filters.picture import decoding
from filters.picture.decoding import MOST_PAGES, Picture, PictureRefused, limit_resolution, read_pictures
from filters.picture.placement import Place
from tests.unit.filters.picture_files import PICTURES, drawing, saved
from tests.unit.filters.test_pictures import wide_profile

Image = pytest.importorskip("PIL.Image")


def read(document: bytes) -> list[Picture]:
    """Return the pages of a file."""
    return list(read_pictures(io.BytesIO(document)))


def test_too_little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pixels that find no memory are told of; none of the picture is printed."""

    def without_memory(*arguments: object) -> Picture:
        raise MemoryError

    monkeypatch.setattr(decoding, "_read_page", without_memory)
    with pytest.raises(PictureRefused, match="memory"):
        read(saved(drawing(), "PNG"))


@pytest.mark.parametrize(
    "name", ["JPEG turned 6", "RGBA PNG", "pages LZW", "transparent palette GIF", "BMP", "16 bits PNG", "SGI"]
)
@pytest.mark.parametrize("part", [0.05, 0.5, 0.95])
@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_pictures_that_are_cut_off_are_refused(name: str, part: float) -> None:
    """A file that ends too early is no picture, and what to do is told."""
    document, _ = PICTURES[name]()
    with pytest.raises(PictureRefused, match=r"(damaged|cut off).*print that$"):
        read(document[: int(len(document) * part)])


@pytest.mark.parametrize("document", [b"hello", b"GIF89a", b"\x89PNG\r\n\x1a\n", b"%!PS\nshowpage"])
def test_what_is_no_picture_is_refused(document: bytes) -> None:
    """Documents of other kinds are never looked at by their own programs."""
    with pytest.raises(PictureRefused):
        read(document)


@pytest.mark.parametrize("names, kept", [((), True), ((b"sRGB",), False), ((b"s\0R\0G\0B",), False)])
def test_profiles_that_say_nothing_else(names: tuple[bytes, ...], kept: bool) -> None:
    """What calls itself sRGB, in ASCII or in UTF-16, is sRGB, and left out."""
    profile = bytearray(wide_profile())
    for name in names:
        profile[-len(name) :] = name
    (picture,) = read(saved(drawing(), "PNG", icc_profile=bytes(profile)))
    assert picture.profile == (bytes(profile) if kept else b"")


@pytest.mark.parametrize(
    "dpi, is_sane",
    [
        ((300, 300), True),
        ((204, 98), True),
        ((2, 2), True),
        ((1, 2), False),
        ((2, 1), False),
        ((19999, 19999), True),
        ((20000, 19999), False),
        ((19999, 20000), False),
        ((400, 100), True),
        ((100, 400), True),
        ((401, 100), False),
        ((100, 401), False),
        ((0, 0), False),
        ((300,), False),
        (("x", 300), False),
        (None, False),
    ],
)
def test_resolutions_that_occur(dpi: object, is_sane: bool) -> None:
    """Pixels to the inch count if there may be so many, and their sides are not too different."""
    image = SimpleNamespace(info={"dpi": dpi})
    assert decoding._resolution(image) == (dpi if is_sane else (0, 0))


@pytest.mark.parametrize("mode", ["LA", "La", "RGBA", "RGBa"])
def test_white_shines_through(mode: str) -> None:
    """Half of a dark picture is transparent, in any way of saying that: there it is white."""
    plain = "LA" if mode in ("LA", "La") else "RGBA"
    image = Image.new(plain, (2, 1), 0)
    image.putpixel((0, 0), (0, 255) if plain == "LA" else (0, 0, 0, 255))
    flat = decoding._flatten(image.convert(mode))
    assert flat.mode == ("L" if plain == "LA" else "RGB")
    assert flat.convert("L").tobytes() == b"\x00\xff"


def test_sixteen_bits_of_which_nothing_is_white() -> None:
    """TIFF may count from white (PhotometricInterpretation 0), which Pillow leaves as it is."""
    image = Image.new("I;16", (3, 1))
    image.putdata([0, 0x3333, 0xFFFF])
    for photometric, values in ((0, b"\xff\xcc\x00"), (1, b"\x00\x33\xff")):
        (picture,) = read(saved(image, "TIFF", tiffinfo={262: photometric}))
        assert cast(Any, picture.image).tobytes() == values


@pytest.mark.parametrize(
    "orientation, resolution", [(1, (100, 200)), (3, (100, 200)), (6, (200, 100)), (8, (200, 100))]
)
def test_the_resolution_turns_with_the_pixels(orientation: int, resolution: tuple[float, float]) -> None:
    """EXIF says how a picture stands; what lay across is upright then, its resolution too."""
    exif = Image.Exif()
    exif[0x112] = orientation
    (picture,) = read(saved(Image.new("L", (3, 5)), "PNG", dpi=(100, 200), exif=exif))
    assert tuple(round(each) for each in picture.resolution) == resolution
    assert (picture.width, picture.height) == ((3, 5) if resolution[0] == 100 else (5, 3))


@pytest.mark.parametrize(
    "pixels, points, quarters, kept",
    [
        ((100, 100), (72, 72), 0, (100, 100)),
        ((1000, 1000), (72, 72), 0, (1000, 1000)),
        ((1081, 1000), (72, 72), 0, (900, 900)),
        ((2000, 500), (72, 72), 0, (900, 500)),
        ((2000, 500), (36, 72), 1, (900, 450)),
        ((100, 100), (0.01, 72), 0, (1, 100)),
        ((100, 100), (72, 0.01), 0, (100, 1)),
    ],
)
def test_pixels_that_nobody_sees(
    pixels: tuple[int, int], points: tuple[float, float], quarters: int, kept: tuple[int, int]
) -> None:
    """Of more than 900 to the inch the rest goes, once it is a fifth; at least one stays."""
    picture = Picture(*pixels, (0, 0), Image.new("L", pixels))
    found = limit_resolution(picture, Place(0, 0, *points, quarters, (0, 0, 0, 0)))
    image: Any = found.image
    assert (found.width, found.height) == image.size == kept


def test_a_file_that_leads_in_circles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a file whose pages have no end as many are read as one may have."""
    monkeypatch.setattr(decoding, "_seek", lambda image, number: True)
    assert len(read(saved(Image.new("1", (1, 1)), "TIFF"))) == MOST_PAGES
