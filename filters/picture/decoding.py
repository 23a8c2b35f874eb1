"""Files of pictures to pixels that PDF can hold: upright, on white, eight bits or one, of all pages or the first.

    orientation     as EXIF or TIFF says (JPEG is not decoded for that, its pixels are turned where they are placed)
    transparency    white shines through: alpha, a transparent colour or palette entry
    pages           all of a TIFF; of an animation the first, and smaller copies in a file are left out
    depth           16 and 32 bits and floating point to 8
    colour          grey, RGB and CMYK as they are, with their ICC profile if it is not sRGB; others as RGB

A picture that is cut off or damaged is refused as a whole: half of one is not what anyone wants on paper. So is one
with more pixels than memory is allowed for, before its pixels are looked at.
"""

from __future__ import annotations

import io
import zlib
from typing import TYPE_CHECKING, Any, BinaryIO, Iterator, NamedTuple, Optional

if TYPE_CHECKING:
    from PIL import Image

    from filters.picture.placement import Place

#: Formats that are looked for, by Pillow's names. None of them starts another program or names another file.
FORMATS = ("JPEG", "PNG", "TIFF", "GIF", "BMP", "WEBP", "PPM", "SGI", "SUN")
#: Bytes that the pixels of one picture may take.
MOST_BYTES = 400 << 20
#: Pages of one file; a fax has some, and a file that leads in circles has no end.
MOST_PAGES = 2000
#: A profile larger than this is not one.
LARGEST_PROFILE = 4 << 20
#: Dots to the inch beyond which no printer shows a difference; a picture that has more has too many pixels.
ENOUGH_DPI = 900
#: Ratios of the sides of a pixel that occur: those of fax machines are nearly 1 to 2.
MOST_OBLONG = 4.0

_BYTES_PER_PIXEL = {"1": 1, "L": 1, "P": 1, "LA": 4, "PA": 4, "I;16": 2, "I;16L": 2, "I;16B": 2, "I;16N": 2}
# EXIF orientation -> mirrored from left to right first, then turned so many quarters to the left.
_ORIENTATIONS = {
    1: (False, 0),
    2: (True, 0),
    3: (False, 2),
    4: (True, 2),
    5: (True, 1),
    6: (False, 3),
    7: (True, 3),
    8: (False, 1),
}
_EXIF_ORIENTATION = 0x0112
_TIFF_SUBFILE, _TIFF_PHOTOMETRIC = 254, 262
#: Kinds of subfile of TIFF that are no pages: smaller copies, masks.
_NO_PAGE = 1 | 4


class PictureRefused(Exception):
    """A picture cannot be printed; ``reason`` says why, and what to do, ``detail`` what its decoder said."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


class Picture(NamedTuple):
    """One page of pixels.

    Attributes:
        width, height: in pixels, as it is to be seen.
        resolution: pixels to the inch across and down, (0, 0) if the file does not say.
        image: the pixels, in a mode that PDF knows: 1, L, RGB, CMYK; None where ``jpeg`` has them.
        jpeg: a whole JPEG file, whose pixels are mirrored and turned by ``orientation`` first.
        components: of the JPEG: 1, 3 or 4.
        inverted: CMYK as Adobe writes it into JPEG, 0 for full ink.
        profile: ICC profile of the pixels, empty for none.
    """

    width: int
    height: int
    resolution: tuple[float, float]
    image: Optional[Any] = None
    jpeg: bytes = b""
    components: int = 0
    inverted: bool = False
    orientation: tuple[bool, int] = (False, 0)
    profile: bytes = b""


def read_pictures(file: BinaryIO, keep_jpeg: bool = True) -> Iterator[Picture]:
    """Give the pages of a file, one after the other.

    Args:
        file: open at its beginning, to be read from any place.
        keep_jpeg: whether JPEG may stay what it is.

    Raises:
        PictureRefused: the file is none, is damaged, or too large.
    """
    from PIL import Image, UnidentifiedImageError

    # Our own limit is one of bytes, and Pillow's is a warning first.
    Image.MAX_IMAGE_PIXELS = None
    found = 0
    try:
        with Image.open(file, formats=FORMATS) as image:
            for number in range(MOST_PAGES):
                if number and not _seek(image, number):
                    break
                if image.format == "TIFF" and _subfile(image) & _NO_PAGE:
                    continue
                found += 1
                yield _read_page(image, file, keep_jpeg)
                if image.format != "TIFF":
                    break
    except (PictureRefused, GeneratorExit):
        raise
    except UnidentifiedImageError as error:
        reason = "it is damaged, or of a kind that is not known; save it as PNG, and print that"
        raise PictureRefused(reason, str(error)) from None
    except MemoryError:
        raise PictureRefused("it has too many pixels for the memory; make it smaller, and print that") from None
    except Exception as error:
        # Pillow's decoders raise what happens to them: OSError, SyntaxError, struct.error, IndexError and others.
        reason = "it is damaged or cut off; save it anew, and print that"
        raise PictureRefused(reason, f"{type(error).__name__}: {error}") from None
    if not found:
        raise PictureRefused("there is no picture in it")


def _seek(image: Image.Image, number: int) -> bool:
    try:
        image.seek(number)
    except EOFError:
        return False
    return True


def _subfile(image: Any) -> int:
    kind = image.tag_v2.get(_TIFF_SUBFILE, 0)
    return kind if isinstance(kind, int) else 0


def _read_page(image: Any, file: BinaryIO, keep_jpeg: bool) -> Picture:
    width, height = image.size
    if image.format in ("JPEG", "MPO") and _bytes(image) > MOST_BYTES:
        # The decoder can leave out pixels on its way.
        image.draft(None, (max(width // 8, 1), max(height // 8, 1)))
    if min(image.size) < 1 or _bytes(image) > MOST_BYTES:
        raise PictureRefused(f"it has {width} x {height} pixels, too many to print; make it smaller, and print that")
    mode, resolution, profile = image.mode, _resolution(image), _profile(image)
    transparent = _transparent_color(image)
    orientation = _orientation(image)  # of a PNG, Pillow loads all for it
    is_whole = image.size == (width, height)
    image.load()
    if transparent is not None:
        image.info["transparency"] = transparent
    if not is_whole:
        resolution = resolution[0] * image.width / width, resolution[1] * image.height / height
    if image.format in ("JPEG", "MPO") and keep_jpeg and is_whole and mode in ("L", "RGB", "CMYK"):
        return _jpeg_page(image, file, resolution, orientation, profile)
    return _pixels_page(image, resolution, orientation, profile)


def _transparent_color(image: Any) -> Any:
    """Return the transparent colour of a PNG in the 8 bits that Pillow gives pixels; None if it is in them already.

    Pillow keeps the upper half of samples of 16 bits, and stretches those of 2 and 4; how many there are in the file
    is known only before it is loaded.
    """
    color = image.info.get("transparency")
    sample = str(image.tile[0][3]) if image.format == "PNG" and image.tile else ""
    if isinstance(color, tuple) and "16" in sample:
        return tuple(value >> 8 for value in color)
    if isinstance(color, int) and sample in ("L;2", "L;4"):
        return color * {"L;2": 85, "L;4": 17}[sample]
    return None


def _jpeg_page(
    image: Any, file: BinaryIO, resolution: tuple[float, float], orientation: int, profile: bytes
) -> Picture:
    file.seek(0)
    size, turned = image.size, _ORIENTATIONS[orientation]
    if turned[1] % 2:
        size, resolution = size[::-1], resolution[::-1]
    return Picture(
        size[0],
        size[1],
        resolution,
        jpeg=file.read(),
        components=len(image.getbands()),
        inverted=image.mode == "CMYK" and "adobe" in image.info,
        orientation=turned,
        profile=profile,
    )


def _pixels_page(image: Any, resolution: tuple[float, float], orientation: int, profile: bytes) -> Picture:
    flat = _flatten(_without_depth(image))
    if flat.mode not in ("1", "L", "RGB", "CMYK"):
        # Palettes too: Ghostscript makes several times as much PCL XL of them.
        flat = flat.convert("RGB")
    mirrored, quarters = _ORIENTATIONS[orientation]
    # Pillow turns TIFF itself as it loads it.
    flat = flat if image.format == "TIFF" else turn(flat, mirrored, quarters)
    resolution = resolution[::-1] if quarters % 2 else resolution
    return Picture(flat.width, flat.height, resolution, flat, profile=profile)


def turn(image: Any, mirrored: bool, quarters: int) -> Any:
    """Return pixels mirrored from left to right, then turned to the left."""
    from PIL import Image

    if mirrored:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    ways = {1: Image.Transpose.ROTATE_90, 2: Image.Transpose.ROTATE_180, 3: Image.Transpose.ROTATE_270}
    return image.transpose(ways[quarters]) if quarters else image


def _bytes(image: Any) -> int:
    return int(image.size[0] * image.size[1] * _BYTES_PER_PIXEL.get(image.mode, 4))


def _resolution(image: Any) -> tuple[float, float]:
    try:
        across, down = (float(value) for value in image.info.get("dpi", (0, 0)))
    except (TypeError, ValueError, ZeroDivisionError):
        return 0.0, 0.0
    sane = 1 < across < 20000 and 1 < down < 20000 and 1 / MOST_OBLONG <= across / down <= MOST_OBLONG
    return (across, down) if sane else (0.0, 0.0)


def _orientation(image: Any) -> int:
    """Return the EXIF orientation, 1 (upright) if there is none or it makes no sense."""
    try:
        found = image.getexif().get(_EXIF_ORIENTATION, 1)
    except Exception:
        # Metadata may be damaged in any way; the picture is not.
        return 1
    return found if isinstance(found, int) and found in _ORIENTATIONS else 1


def _profile(image: Any) -> bytes:
    """Return the ICC profile if it is one for these pixels and says something else than sRGB."""
    profile = image.info.get("icc_profile") or b""
    if not isinstance(profile, bytes) or not 128 < len(profile) <= LARGEST_PROFILE or profile[36:40] != b"acsp":
        return b""
    if _channels(profile) != {"L": 1, "LA": 1, "RGB": 3, "RGBA": 3, "CMYK": 4}.get(image.mode):
        return b""
    if b"sRGB" in profile or b"s\0R\0G\0B" in profile:
        return b""
    try:
        from PIL import ImageCms

        ImageCms.ImageCmsProfile(io.BytesIO(profile))
    except Exception:
        return b""
    return profile


def _channels(profile: bytes) -> int:
    return {b"GRAY": 1, b"RGB ": 3, b"CMYK": 4}.get(profile[16:20], 0)


def _without_depth(image: Any) -> Any:
    """Return pixels of 8 bits for such of 16 or 32, or in floating point."""
    if not (image.mode.startswith("I") or image.mode == "F"):
        return image
    photometric = image.tag_v2.get(_TIFF_PHOTOMETRIC, 1) if image.format == "TIFF" else 1
    transparent = image.info.get("transparency")
    is_16 = image.mode != "F" and (image.mode != "I" or image.format in ("PNG", "PPM"))
    deep = image.convert("I") if image.mode.startswith("I") else image
    lowest, highest = deep.getextrema()
    if is_16:
        lowest, highest = 0, 65535
    elif 0 <= lowest and highest <= 1 and deep.mode == "F":
        lowest, highest = 0, 1
    elif 0 <= lowest and highest <= 255:
        lowest, highest = 0, 255
    elif 0 <= lowest and highest <= 65535:
        lowest, highest = 0, 65535
    scale = 255 / ((highest - lowest) or 1)
    flat = deep.point(lambda value: value * scale + -lowest * scale).convert("L")
    if photometric == 0 and is_16:
        flat = flat.point(lambda value: 255 - value)
    if isinstance(transparent, int):
        flat.putalpha(_all_but(deep, transparent))
    return flat


def _all_but(deep: Any, value: int) -> Any:
    """Return a mask of the pixels that have not this value."""
    from PIL import ImageChops

    more = deep.point(lambda pixel: pixel * 1 + -value).convert("L")
    less = deep.point(lambda pixel: pixel * -1 + value).convert("L")
    return ImageChops.add(more, less).point(lambda pixel: 255 if pixel else 0)


def _flatten(image: Any) -> Any:
    """Return pixels without transparency, with white behind what was transparent."""
    from PIL import Image

    if image.mode == "RGBa":
        image = image.convert("RGBA")
    if image.mode in ("La",):
        image = image.convert("LA")
    if "transparency" in image.info and image.mode in ("1", "L", "P", "RGB"):
        image = image.convert("LA" if image.mode in ("1", "L") else "RGBA")
    if image.mode == "PA":
        image = image.convert("RGBA")
    if image.mode not in ("LA", "RGBA"):
        return image
    mode = "L" if image.mode == "LA" else "RGB"
    flat = Image.new(mode, image.size, "white")
    flat.paste(image.convert(mode), mask=image.getchannel("A"))
    return flat


def limit_resolution(picture: Picture, place: Place) -> Picture:
    """Return a picture without the pixels that cannot be seen when it is printed in this place."""
    from PIL import Image

    if picture.image is None:
        return picture
    width, height = (place.height, place.width) if place.quarters % 2 else (place.width, place.height)
    most = max(round(width / 72 * ENOUGH_DPI), 1), max(round(height / 72 * ENOUGH_DPI), 1)
    if picture.width <= most[0] * 1.2 and picture.height <= most[1] * 1.2:
        return picture
    size = min(picture.width, most[0]), min(picture.height, most[1])
    image = picture.image
    if image.mode == "1":
        image = image.convert("L")
    return picture._replace(image=image.resize(size, Image.Resampling.BOX), width=size[0], height=size[1])


def compressed_rows(image: Any, step: int = 64) -> Iterator[bytes]:
    """Give the pixels as Flate, some rows at a time, so that they are not all in memory twice."""
    flate = zlib.compressobj(6)
    for top in range(0, image.height, step):
        rows = image.crop((0, top, image.width, min(top + step, image.height)))
        yield flate.compress(rows.tobytes())
    yield flate.flush()
