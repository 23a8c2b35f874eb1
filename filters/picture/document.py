"""Pictures as a PDF with a page for each: ISO 32000-1, 8.9 (images), 8.6 (colour spaces), 7.5 (the file).

No /Interpolate and no soft masks: both make renderers draw the whole page dot by dot.
"""

from __future__ import annotations

from typing import BinaryIO, Iterable

from filters.picture.decoding import Picture, compressed_rows
from filters.picture.placement import Place, Sheet

_SPACES = {1: b"/DeviceGray", 3: b"/DeviceRGB", 4: b"/DeviceCMYK"}
# How the unit square of a picture lies after it was turned to the left so many quarters, with the sides w and h.
_TURNED = {
    0: "{w} 0 0 {h} {x} {y}",
    1: "0 {h} -{w} 0 {xw} {y}",
    2: "-{w} 0 0 -{h} {xw} {yh}",
    3: "0 -{h} {w} 0 {x} {yh}",
}


class PdfWriter:
    """Writes a PDF from top to bottom into a file."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._places: list[int] = [0, 0]
        self._pages: list[int] = []
        self._write(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")

    def _write(self, data: bytes) -> None:
        self._file.write(data)

    def _begin(self, number: int = 0) -> int:
        if not number:
            self._places.append(0)
            number = len(self._places)
        self._places[number - 1] = self._file.tell()
        self._write(b"%d 0 obj\n" % number)
        return number

    def _stream(self, dictionary: bytes, pieces: Iterable[bytes]) -> int:
        """Write a stream; its length is known only behind it."""
        length = len(self._places) + 2
        number = self._begin()
        self._write(b"<<" + dictionary + b"/Length %d 0 R>>\nstream\n" % length)
        start = self._file.tell()
        for piece in pieces:
            self._write(piece)
        size = self._file.tell() - start
        self._write(b"\nendstream\nendobj\n")
        self._begin()
        self._write(b"%d\nendobj\n" % size)
        return number

    def add_page(self, picture: Picture, place: Place, sheet: Sheet) -> None:
        """Write a page with a picture in its place."""
        image = self._image(picture)
        contents = self._stream(b"", [_contents(picture, place)])
        self._pages.append(self._begin())
        self._write(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %s %s]"
            b"/Contents %d 0 R/Resources<</XObject<</I %d 0 R>>>>>>\nendobj\n"
            % (_number(sheet.width), _number(sheet.length), contents, image)
        )

    def _image(self, picture: Picture) -> int:
        if picture.image is None:
            # The JPEG's own sides: it is turned where it is placed.
            size = (picture.height, picture.width) if picture.orientation[1] % 2 else (picture.width, picture.height)
            space = self._space(picture, picture.components)
            more = b"/BitsPerComponent 8/Filter/DCTDecode"
            if picture.inverted:
                more += b"/Decode[1 0 1 0 1 0 1 0]"
            pieces: Iterable[bytes] = [picture.jpeg]
        else:
            size = (picture.width, picture.height)
            bits = 1 if picture.image.mode == "1" else 8
            space = self._space(picture, len(picture.image.getbands()))
            more = b"/BitsPerComponent %d/Filter/FlateDecode" % bits
            pieces = compressed_rows(picture.image)
        dictionary = b"/Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace %s" % (*size, space)
        return self._stream(dictionary + more, pieces)

    def _space(self, picture: Picture, components: int) -> bytes:
        space = _SPACES[components]
        if not picture.profile:
            return space
        profile = self._stream(b"/N %d/Alternate%s" % (components, space), [picture.profile])
        return b"[/ICCBased %d 0 R]" % profile

    def finish(self) -> None:
        """Write what stands at the end of a PDF."""
        self._begin(1)
        self._write(b"<</Type/Catalog/Pages 2 0 R>>\nendobj\n")
        self._begin(2)
        kids = b" ".join(b"%d 0 R" % page for page in self._pages)
        self._write(b"<</Type/Pages/Count %d/Kids[%s]>>\nendobj\n" % (len(self._pages), kids))
        start = self._file.tell()
        self._write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(self._places) + 1))
        self._write(b"".join(b"%010d 00000 n \n" % place for place in self._places))
        self._write(b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(self._places) + 1, start))
        self._file.flush()


def _contents(picture: Picture, place: Place) -> bytes:
    mirrored, quarters = picture.orientation
    # Turned by its own orientation first, then as the place wants it; pixels are turned already, but for JPEG.
    turned = (quarters + place.quarters) % 4
    matrix = _TURNED[turned].format(
        w=_text(place.width),
        h=_text(place.height),
        x=_text(place.left),
        y=_text(place.bottom),
        xw=_text(place.left + place.width),
        yh=_text(place.bottom + place.height),
    )
    clip = " ".join(_text(value) for value in place.clip)
    mirror = "-1 0 0 1 1 0 cm " if mirrored else ""
    return f"q {clip} re W n {matrix} cm {mirror}/I Do Q".encode()


def _text(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".") or "0"


def _number(value: float) -> bytes:
    return _text(value).encode()
