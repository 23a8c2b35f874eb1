"""Pictures of every kind for tests, and how each is to look: drawn by Pillow, put on white by Pillow."""

from __future__ import annotations

import io
import struct
import zlib
from functools import partial
from typing import Any, Callable, Iterable

from PIL import Image, ImageDraw

SIZE = (300, 200)
#: EXIF orientation -> what was done to the picture, which is to be undone.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def drawing(mode: str = "RGB", size: tuple[int, int] = SIZE) -> Any:
    """Return a picture whose every corner looks different."""
    width, height = size
    picture = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(picture)
    for x in range(width):
        draw.line((x, height // 3, x, height // 2), fill=(x * 255 // width,) * 3)
    draw.rectangle((0, 0, width // 4, height // 4), fill=(200, 30, 30))
    draw.rectangle((width - width // 4, height - height // 4, width, height), fill=(20, 120, 40))
    draw.ellipse((width // 3, height * 5 // 9, width // 2, height * 8 // 9), fill=(20, 20, 120))
    return picture.convert(mode)


def mask() -> Any:
    """Return an alpha channel: a disc, and a ramp from nothing to full."""
    alpha = Image.new("L", SIZE, 0)
    draw = ImageDraw.Draw(alpha)
    draw.ellipse((20, 20, 250, 180), fill=255)
    for x in range(SIZE[0] - 255, SIZE[0]):
        draw.line((x, 150, x, 199), fill=x - (SIZE[0] - 255))
    return alpha


def on_white(picture: Any) -> Any:
    """Return a picture with alpha as it looks on paper."""
    return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture.convert("RGBA")).convert("RGB")


def saved(picture: Any, kind: str, **options: Any) -> bytes:
    """Return the file of a picture."""
    with io.BytesIO() as file:
        picture.save(file, kind, **options)
        return file.getvalue()


def turned(kind: str, orientation: int) -> tuple[bytes, list[Any]]:
    """Return a picture that is to be turned as its metadata say."""
    stored = drawing().transpose(TURNS[orientation])
    if kind == "TIFF":
        return saved(stored, kind, tiffinfo={0x0112: orientation}), [drawing()]
    exif = Image.Exif()
    exif[0x0112] = orientation
    return saved(stored, kind, exif=exif, quality=95, lossless=True), [drawing()]


def with_alpha(kind: str, mode: str = "RGBA") -> tuple[bytes, list[Any]]:
    """Return a picture with an alpha channel."""
    picture = drawing("L" if mode == "LA" else "RGB")
    picture.putalpha(mask())
    return saved(picture, kind, **({"lossless": True} if kind == "WEBP" else {})), [on_white(picture)]


def with_transparent_color(kind: str, mode: str) -> tuple[bytes, list[Any]]:
    """Return a picture one colour of which is transparent: the rectangle at its top left."""
    picture = drawing(mode) if mode != "P" else drawing().quantize(32)
    color = picture.getpixel((5, 5))
    if mode == "L":
        look = picture.point(lambda value: 255 if value == color else value)
    else:
        look = drawing()
        ImageDraw.Draw(look).rectangle((0, 0, SIZE[0] // 4, SIZE[1] // 4), fill="white")
    return saved(picture, kind, transparency=color), [look]


def deep(kind: str) -> tuple[bytes, list[Any]]:
    """Return a grey picture with 16 bits, whose lower halves say something else than the upper ones."""
    grey = drawing("L").tobytes()
    data = bytes(half for value in grey for half in (255 - value, value))
    return saved(Image.frombytes("I;16", SIZE, data), kind), [drawing("L")]


def png(bits: int, kind: int, size: tuple[int, int], samples: bytes, transparent: bytes) -> bytes:
    """Return a PNG with one transparent colour, of a depth that Pillow does not write; samples fill their rows."""
    length = len(samples) // size[1]
    rows = [b"\0" + samples[at : at + length] for at in range(0, len(samples), length)]
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", *size, bits, kind, 0, 0, 0)),
        (b"tRNS", transparent),
        (b"IDAT", zlib.compress(b"".join(rows))),
        (b"IEND", b""),
    ]
    parts = [struct.pack(">I", len(data)) + name + data for name, data in chunks]
    return b"\x89PNG\r\n\x1a\n" + b"".join(part + struct.pack(">I", zlib.crc32(part[4:])) for part in parts)


def deep_with_transparent_color() -> tuple[bytes, list[Any]]:
    """Return a picture with 16 bits, the rectangle at its top left transparent, and halves that Pillow leaves out."""
    picture = drawing()
    color: Any = picture.getpixel((5, 5))
    look = picture.copy()
    look.putdata([(255, 255, 255) if pixel == color else pixel for pixel in picture.getdata()])
    deep = bytes(half for value in picture.tobytes() for half in (value, 90))
    return png(16, 2, SIZE, deep, bytes(half for value in color for half in (value, 90))), [look]


def shallow_with_transparent_color(bits: int) -> tuple[bytes, list[Any]]:
    """Return a grey picture with 2 or 4 bits, of four stripes; the second is transparent."""
    size, per_octet = SIZE, 8 // bits
    step = (1 << bits) // 4
    levels = [stripe * step for stripe in range(4)]
    samples = b""
    for level in levels:
        octet = sum(level << bits * place for place in range(per_octet))
        samples += bytes([octet]) * (size[0] // per_octet * size[1] // 4)
    look = Image.new("L", size, 255)
    for stripe in (0, 2, 3):
        grey = levels[stripe] * 255 // ((1 << bits) - 1)
        look.paste(grey, (0, stripe * size[1] // 4, size[0], (stripe + 1) * size[1] // 4))
    return png(bits, 0, size, samples, bytes([0, levels[1]])), [look]


def floating() -> tuple[bytes, list[Any]]:
    """Return a grey picture in floating point, from 0 to 1."""
    return saved(drawing("L").convert("F").point(lambda value: value * (1 / 255) + 0), "TIFF"), [drawing("L")]


def several(compression: str = "tiff_lzw") -> tuple[bytes, list[Any]]:
    """Return a TIFF with three pages that differ in mode."""
    pages = [drawing(), drawing("L"), drawing("1")]
    data = saved(pages[0], "TIFF", save_all=True, append_images=pages[1:], compression=compression)
    return data, [drawing(), drawing("L"), drawing("1")]


def moving(kind: str) -> tuple[bytes, list[Any]]:
    """Return an animation, of which the first picture is to be printed."""
    black = Image.new("RGB", SIZE, "black")
    return saved(drawing(), kind, save_all=True, append_images=[black, black], duration=100), [drawing()]


def plain(kind: str, mode: str = "RGB", **options: Any) -> tuple[bytes, list[Any]]:
    """Return a picture with nothing special."""
    return saved(drawing(mode), kind, **options), [drawing(mode).convert("RGB")]


def palette(kind: str) -> tuple[bytes, list[Any]]:
    """Return a picture with a palette."""
    return saved(drawing().quantize(64), kind), [drawing()]


def of_kinds(kinds: tuple[str, ...], orientations: Iterable[int]) -> dict[str, Callable[[], tuple[bytes, list[Any]]]]:
    """Return what makes pictures of some kinds in some orientations, by name."""
    return {f"{kind} turned {o}": partial(turned, kind, o) for kind in kinds for o in orientations}


PICTURES: dict[str, Callable[[], tuple[bytes, list[Any]]]] = {
    **of_kinds(("JPEG", "TIFF"), TURNS),
    **of_kinds(("PNG", "WEBP"), (5, 6, 8)),
    "RGBA PNG": lambda: with_alpha("PNG"),
    "LA PNG": lambda: with_alpha("PNG", "LA"),
    "RGBA WebP": lambda: with_alpha("WEBP"),
    "RGBA TIFF": lambda: with_alpha("TIFF"),
    "transparent red PNG": lambda: with_transparent_color("PNG", "RGB"),
    "transparent grey PNG": lambda: with_transparent_color("PNG", "L"),
    "transparent palette PNG": lambda: with_transparent_color("PNG", "P"),
    "transparent palette GIF": lambda: with_transparent_color("GIF", "P"),
    "16 bits PNG": lambda: deep("PNG"),
    "transparent 16 bits PNG": deep_with_transparent_color,
    "transparent 4 bits PNG": lambda: shallow_with_transparent_color(4),
    "transparent 2 bits PNG": lambda: shallow_with_transparent_color(2),
    "16 bits TIFF": lambda: deep("TIFF"),
    "floating TIFF": floating,
    "pages LZW": several,
    "pages Deflate": lambda: several("tiff_deflate"),
    "fax TIFF": lambda: plain("TIFF", "1", compression="group4"),
    "moving GIF": lambda: moving("GIF"),
    "moving WebP": lambda: moving("WEBP"),
    "moving PNG": lambda: moving("PNG"),
    "JPEG": lambda: plain("JPEG", quality=95),
    "grey JPEG": lambda: plain("JPEG", "L", quality=95),
    "CMYK JPEG": lambda: plain("JPEG", "CMYK", quality=95),
    "CMYK TIFF": lambda: plain("TIFF", "CMYK"),
    "palette PNG": lambda: palette("PNG"),
    "palette BMP": lambda: palette("BMP"),
    "BMP": lambda: plain("BMP"),
    "one bit PNG": lambda: plain("PNG", "1"),
    "PPM": lambda: plain("PPM"),
    "SGI": lambda: plain("SGI"),
}
