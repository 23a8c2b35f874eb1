"""Parts of rendering PDF, each by itself: where a document ends, packed data, what Ghostscript says, sizes."""

from __future__ import annotations

import gc
import io
import os
import zlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any, BinaryIO

import pytest

from filters.common.media import PaperSize
from filters.common.report import Report
from filters.layout.page import FILLER
from filters.layout.runs import (
    BOLD,
    BY_PITCH,
    COURIER,
    GOTHIC,
    INVERSE,
    ITALIC,
    REVERSE_PORTRAIT,
    UNDERLINE,
    Font,
    Placement,
    Rule,
    Run,
    RunSide,
)
from filters.pcl.soft_font import ADVANCE
from filters.pcl.truetype import Point, encode_outline
from filters.pdf.contents import _STEP, find_damaged_stream, find_missing_object, has_flushed_stream, table_places
from filters.pdf.inspection import PdfFacts
from filters.pdf.opening import cut_out
from filters.pdf.renderer import Limits, Renderer
from filters.pdf.rendering import common_size
from filters.pdf.run_drawing import RunDrawing
from filters.pdf.second_opinion import SecondOpinion
from filters.pdf.whole import Extent, NotWhole, find_extent
from filters.pdf.words import FONTS, LOST, MEMORY, STREAM, Words
from tests.open_descriptors import open_descriptors

BODY = b"1 0 obj << >> endobj\nxref\n0 2\n0000000000 65535 f \n0000000009 00000 n \ntrailer << >>\n"
PDF = b"%PDF-1.4\n" + BODY + b"startxref\n30\n"
WHOLE = PDF + b"%%EOF"
LARGE = b"%" + b"larger than what is read at once" * 5000 + b"\n"


def linearized(more: int, first: bytes = b"<< /Linearized 1 /L %d >>") -> bytes:
    """Return a document that says that it has so many octets more."""
    return b"%PDF-1.4\n" + first % (len(WHOLE) + len(first) - 2 + 3 + more) + WHOLE[9:]


@pytest.mark.parametrize(
    "data, extent",
    [
        (WHOLE, Extent(0, len(WHOLE), 5, True, False)),
        (WHOLE + b"\n" * 20, Extent(0, len(WHOLE), 5, True, False)),
        (b"junk\n" + WHOLE, Extent(5, 5 + len(WHOLE), 5, True, False)),
        (PDF, Extent(0, len(PDF) - 1, 5, False, False)),
        (PDF + b"%%E", Extent(0, len(PDF) - 1, 5, False, False)),
        (PDF.replace(b"\n30\n", b"\n31\n") + b"%%EOF", Extent(0, len(WHOLE), 5, True, True)),
        (PDF.replace(b"\n30\n", b"\n99999\n") + b"%%EOF", Extent(0, len(WHOLE) + 3, 5, True, True)),
        (WHOLE.replace(b"xref\n0 2", b"xref\n1 2", 1), Extent(0, len(WHOLE), 5, True, False, True)),
        (b"%!PS-Adobe-3.0 PDF-1.4\n" + WHOLE[9:], Extent(0, len(WHOLE) + 14, 19, True, True)),
        (BODY + b"startxref\n21\n%%EOF", Extent(0, len(BODY) + 18, 0, True, False)),
        (b"j" * 2043 + WHOLE, Extent(2043, 2043 + len(WHOLE), 5, True, False)),
        (b"j" * 2044 + WHOLE, Extent(0, 2044 + len(WHOLE), 0, True, True)),
        (WHOLE + b" " * ((1 << 20) - 5), Extent(0, len(WHOLE), 5, True, True)),
        (linearized(16), Extent(0, len(linearized(16)), 5, True, True)),
        (linearized(16, b"<< /L %d /Linearized 1 >>"), Extent(0, len(linearized(16)), 5, True, True)),
    ],
)
def test_where_a_document_lies(data: bytes, extent: Extent) -> None:
    """From its header to its %%EOF, which alone may be missing; the table is where it says, or readers have to look."""
    assert find_extent(io.BytesIO(data)) == extent


@pytest.mark.parametrize(
    "data",
    [
        PDF[:-4],
        PDF[:40],
        WHOLE + b"\n2 0 obj\n<< >>",
        b"",
        PDF + b"2 0 obj <<",
        WHOLE + b" " * ((1 << 20) - 4),
        linearized(17),
        linearized(17, b"<< /L %d /Linearized 1 >>"),
        b"junk" + linearized(17),
    ],
)
def test_what_is_not_whole(data: bytes) -> None:
    """Without the place of its table, or with more of it behind that, the end is missing."""
    with pytest.raises(NotWhole):
        find_extent(io.BytesIO(data))


@pytest.mark.parametrize(
    "data, document",
    [
        (WHOLE, WHOLE),
        (WHOLE + b"x" * 511, WHOLE + b"x" * 511),
        (WHOLE + b"x" * 512, WHOLE + b"\n"),
        (b"junk" + WHOLE + b"x" * 600, WHOLE + b"\n"),
        (PDF, PDF[:-1] + b"\n%%EOF\n"),
        (b"%!PS-Adobe-3.0 PDF-1.4\n" + LARGE + WHOLE[9:], b"%PDF-1.4".ljust(19) + b"1.4\n" + LARGE + WHOLE[9:] + b"\n"),
    ],
)
def test_what_is_cut_out(data: bytes, document: bytes) -> None:
    """What lies around a document goes, and an end that is missing is written."""
    found, _ = cut_out(io.BytesIO(data), io.BytesIO)
    found.seek(0)
    assert found.read() == document


def flushed(data: bytes) -> bytes:
    """Return data that are packed without being made smaller, and flushed instead of finished."""
    packer = zlib.compressobj(0)
    return packer.compress(data) + packer.flush(zlib.Z_SYNC_FLUSH)


@pytest.mark.parametrize(
    "packed, is_damaged",
    [
        (zlib.compress(b"words"), False),
        (zlib.compress(b"words")[:-6], True),
        (zlib.compress(b"words")[:-4], False),
        (zlib.compress(b"words")[:-4] + b"\0\0\0", False),
        (zlib.compress(b"words")[:-4] + b"\0\0\0\0", True),
        (flushed(b"words"), False),
        (flushed(b"a stream with endstream in it, and endstream"), False),
        (flushed(b"words")[:-4], True),
        (flushed(b"words") + b"more", True),
        (b"", False),
    ],
)
def test_streams_as_their_producers_pack_them(packed: bytes, is_damaged: bool) -> None:
    """Finished or flushed, with any words in them; what is cut is damaged."""
    file = io.BytesIO(b"1 0 obj <</Filter/FlateDecode/Length 5>> stream\n" + packed + b"\nendstream\nendobj\n")
    assert find_damaged_stream(file, [0]) == is_damaged


@pytest.mark.parametrize("before", range(60))
def test_flushed_streams_across_reads(before: int) -> None:
    """Wherever a read ends."""
    end = b"\0\0\xff\xff\r\nendstream"
    assert has_flushed_stream(io.BytesIO(b"x" * (_STEP - before) + end)) == has_flushed_stream(io.BytesIO(end))
    assert not has_flushed_stream(io.BytesIO(b"x" * (_STEP - before) + end[1:]))


@pytest.mark.parametrize(
    "table, places",
    [
        (b"xref\n0 3\n%s f\n%s n\n%s n\n5 1\n%s n\ntrailer\n", [(1, 1), (2, 2), (5, 3)]),
        (b"xref\n7 2\n%s f\n%s n\ntrailer\n%s n\n%s n\n", [(8, 1)]),
        (b"1 0 obj\n7 2\n%s f\n%s n\n%s n\n%s n\n", []),
    ],
)
def test_places_in_a_table(table: bytes, places: list[tuple[int, int]]) -> None:
    """Those in use, by the numbers of their objects; the last table is asked, if the file has it."""
    rows = table % tuple(b"%010d 00000" % number for number in range(4))
    begin, end = b"%PDF-1.4\nstartxref\n0\n%%EOF\n", b"startxref\n%d\n%%%%EOF"
    assert table_places(io.BytesIO(begin + rows + end % len(begin))) == places
    assert table_places(io.BytesIO(begin + rows + b" " * 3000 + end % len(begin))) == places
    size = len(begin + rows + end % 1000)
    assert table_places(io.BytesIO(begin + rows + end % size)) == table_places(io.BytesIO(rows)) == []


@pytest.mark.parametrize(
    "hole, elsewhere, missing",
    [(bytes(16), b"", 3), (bytes(15) + b"x", b"", None), (bytes(16), b"3 0 obj", None), (bytes(16), b"13 0 obj", 3)],
)
def test_holes_in_a_document(hole: bytes, elsewhere: bytes, missing: int | None) -> None:
    """An object whose place is empty, and which stands nowhere else."""
    file = io.BytesIO(b"1 0 obj << >> endobj" + hole + elsewhere)
    assert find_missing_object(file, [(1, 0), (3, 20)]) == missing


@pytest.mark.parametrize(
    "pieces, passed_on, page",
    [
        ([b"Page 1\nhello\nPag", b"e 2\n"], [[b"hello"], []], 2),
        ([b"Processing pages 1 through 3.\n  \n", b"GPL\nx"], [[b"Processing pages 1 through 3."], [b"GPL"]], 0),
        ([b"Page 12 of 13\n"], [[b"Page 12 of 13"]], 0),
    ],
)
def test_words_of_ghostscript(pieces: list[bytes], passed_on: list[list[bytes]], page: int) -> None:
    """Pages are counted; other lines go into the log when they are whole; another number of pages is kept."""
    words = Words(PdfFacts(3, ()))
    assert [[line.encode() for line in words.take(piece)] for piece in pieces] == passed_on
    assert (words.page, words.begun, words.other_count) == (page, page, None)
    words.take(b"\nProcessing pages 1 through 4.\n")
    assert words.other_count == 4


def test_how_much_ghostscript_may_say() -> None:
    """Fifty lines go into the log, and of a line without end its beginning."""
    words = Words(PdfFacts(123456789, ()))
    assert words.take(b"x" * 5000) == [] and words.take(b"yz\n") == ["x" * 4096 + "yz"]
    assert words.take(b"a\n" * 50) == ["a"] * 49 and words.take(b"b\n") == []
    words.take(b"Page 1234567890\nProcessing pages 1 through 1234567890.\n")
    assert (words.page, words.begun, words.other_count) == (123456789, 1, None)
    assert (words.new_page(), words.new_page()) == (True, False)


@pytest.mark.parametrize(
    "line, complaint, lost, fonts, memory",
    [
        ("a fault of form", "", "", False, False),
        (f"   **** Error: {'x' * 300}", f"**** Error: {'x' * 188}", "", False, False),
        *((f"** Error: {each} {'x' * 60}", None, f"{each} {'x' * 60}"[:60], False, None) for each in LOST),
        *((each, "", "", True, False) for each in FONTS),
        *((each, None, None, False, True) for each in MEMORY),
    ],
)
def test_complaints_of_ghostscript(
    line: str, complaint: str | None, lost: str | None, fonts: bool, memory: Any
) -> None:
    """What is lost, is in another font, or had no memory; None is not looked at."""
    words = Words(PdfFacts(1, ()))
    words.take(f"{line}\nnothing more\n".encode())
    for expected, found in (
        (complaint, words.complaint),
        (lost, words.lost),
        (fonts, words.fonts),
        (memory, words.memory),
    ):
        assert expected is None or found == expected


@pytest.mark.parametrize("lost", ["Page drawing error occurred", "request for unknown filter", "error in pattern"])
def test_what_is_lost(lost: str) -> None:
    """In the words of Ghostscript, of which those about form and fonts are others."""
    assert lost in LOST and STREAM == "error reading a stream" and "An embedded font is invalid" in FONTS
    form = ("PDF file was repaired", "error in xref table", "stream inherited a resource", "encountered more Q than q")
    assert not [each for each in (*LOST, STREAM) for said in form if each in said]


@pytest.mark.parametrize(
    "facts, more, lost",
    [
        (PdfFacts(1, ()), "", STREAM),
        (PdfFacts(1, (), may_be_empty=True), "", ""),
        (PdfFacts(1, (), flushed=True), "", ""),
        (PdfFacts(1, ()), FONTS[0], ""),
        (PdfFacts(1, (), may_be_empty=True), LOST[0], LOST[0]),
    ],
)
def test_streams_that_ghostscript_cannot_read(facts: PdfFacts, more: str, lost: str) -> None:
    """They are lost, but for an empty or flushed one, and that of a font."""
    words = Words(facts)
    words.take(f"{STREAM}\n{more}\n".encode())
    assert words.lost == lost


@pytest.mark.parametrize(
    "sizes, fits",
    [
        ([(723, 997)], True),
        ([(724, 1000)], False),
        ([(720, 996)], False),
        ([(1003, 717), (720, 1000)], True),
        ([(720, 1000), (595, 842)], False),
    ],
)
def test_sizes_that_are_meant_to_be_one(sizes: list[tuple[int, int]], fits: bool) -> None:
    """Upright or lying, by three points smaller or larger."""
    paper = PaperSize("own", 72000, 100000)
    assert common_size(sizes, paper) == (paper if fits else None)


@pytest.mark.parametrize(
    "document, said, asks",
    [
        (b"%PDF-1.7 /R 6 /V 5", ["This file requires a password for access."], True),
        (b"%PDF-1.7 /R 6 /V 5", ["Page 1"], False),
        (b"%PDF-1.7 /V 5 /R 5", ["This file requires a password for access."], False),
        (b"%PDF-1.7 /R 5 0 R", ["This file requires a password for access."], True),
    ],
)
def test_who_asks_for_a_password(monkeypatch: pytest.MonkeyPatch, document: bytes, said: list[str], asks: bool) -> None:
    """Ghostscript says so, and is believed but for revision 5, where it asks for one that there is not."""
    asked: list[tuple[str, ...]] = []

    def draw(self: SecondOpinion, document: BinaryIO, *options: str) -> tuple[None, list[str]]:
        asked.append(options)
        return None, said

    monkeypatch.setattr(SecondOpinion, "_draw", draw)
    opinion = SecondOpinion({}, Limits(0, 0, 0), Report(-1))
    file = io.BytesIO(document)
    file.seek(5)
    assert opinion.asks_for_password(file) == asks
    assert asked == ([] if b"/R 5 /" in document or document.endswith(b"/R 5") else [("-dFirstPage=1", "-dLastPage=1")])


def test_a_renderer_that_is_ended_leaves_nothing_open(tmp_path: Path) -> None:
    """Its ends of pipes are closed, and it is gone."""
    gc.collect()  # what other tests have left is closed now, and not while these are counted
    before = len(open_descriptors())
    with open(tmp_path / "document", "wb") as document:
        limits = Limits(1 << 40, 60.0, 1 << 30)
        renderer = Renderer(["sleep", "60"], document.fileno(), str(tmp_path), {"PATH": os.environ["PATH"]}, limits)
        assert len(open_descriptors()) > before + 1
        renderer.kill()
        assert renderer.wait() == -9
        assert len(open_descriptors()) == before + 1


class Canvas:
    """Takes down what is drawn."""

    def __init__(self) -> None:
        self.said: list[tuple[Any, ...]] = []

    def __getattr__(self, name: str) -> Any:
        def take_down(*values: Any, **named: int) -> Any:
            self.said.append((name, *values))
            return self

        return take_down


def test_white_on_a_bar() -> None:
    """Letters in inverse are white on black, those behind them black again."""
    canvas, font = Canvas(), Font()
    runs: list[Run] = [(0.0, 240.0, b"ab", font, INVERSE), (0.0, 480.0, b"c", font, 0)]
    RunDrawing(canvas).draw(RunSide(1, Placement(0, 12240, 15840, 0, 0, 0), runs, [], []))
    said = [each for each in canvas.said if each[0] in ("rect", "setFillGray", "textOut")]
    assert [each[0] for each in said] == ["rect", "setFillGray", "textOut", "setFillGray", "textOut", "setFillGray"]
    assert [each[1] for each in said[1:]] == [1, "ab", 0, "c", 0]
    assert said[0][1:] == pytest.approx((0, 777, 14.4, 12, 0, 1))


def test_what_is_drawn_of_a_side() -> None:
    """Rules, and letters of each face in cells of their width, from the upper left corner of the sheet."""
    canvas = Canvas()
    runs: list[Run] = [
        (0.0, 240.0, b" ab", Font(), UNDERLINE | BOLD),
        (1440.0, 480.0, b"c", Font(face=GOTHIC, double=True), ITALIC),
        (0.0, 480.0, b"d\xa0", Font(line=120.0), BOLD | ITALIC),
        (0.0, 480.0, b" ", Font(), 0),
    ]
    placement = Placement(REVERSE_PORTRAIT, 12240, 15840, 0, 200, 100)
    RunDrawing(canvas).draw(RunSide(1, placement, runs, [Rule(10, 20, 30, 40)], []))
    expected = [
        ("setPageSize", (612, 792)),
        ("setPageRotation", 180),
        ("rect", 10.5, 784, 1.5, 2, 0, 1),
        ("beginText", 17.2, 775),
        ("setFont", "Courier-Bold", 12),
        ("setHorizScale", 100),
        ("setCharSpace", 0),
        ("textOut", "ab"),
        ("drawText",),
        ("setFillGray", 0),
        ("rect", 10, 773.08, 21.6, 0.72, 0, 1),
        ("beginText", 82, 763),
        ("setFont", "Courier-Oblique", 14.4),
        ("setHorizScale", 100 / 1.2),
        ("textOut", "c"),
        ("drawText",),
        ("setFillGray", 0),
        ("beginText", 10, 763),
        ("setFont", "Courier-BoldOblique", 7.2),
        ("setHorizScale", 100),
        ("setCharSpace", 2.88),
        ("textOut", "d"),
        ("drawText",),
        ("setFillGray", 0),
        ("setFillGray", 0),
        ("showPage",),
    ]
    found = [each[:1] if each[0] == "drawText" else each for each in canvas.said]
    assert [each[0] for each in found] == [each[0] for each in expected]
    for one, other in zip(found, expected):
        assert [pytest.approx(each, abs=1e-9) if isinstance(each, float) else each for each in one] == [*other]


@pytest.mark.parametrize(
    "style, has_bold, strikes, double, across",
    [(0, False, [0], False, 4.32), (BOLD, True, [0], True, 7.2), (BOLD, False, [0, 0.24], True, 7.2)],
)
def test_glyphs_that_are_drawn(style: int, has_bold: bool, strikes: list[float], double: bool, across: float) -> None:
    """Each form once; struck again, a dot to the right, for want of a bold one; as wide as a cell if it takes two."""
    canvas, looked_at = Canvas(), list[str]()
    outline = encode_outline([[Point(0, 0, True), Point(9, 9, True), Point(9, 0, True)]])
    store: Any = SimpleNamespace(
        look_at=looked_at.append,
        is_box="\u6f23".__eq__,
        outline=lambda character, face: (b"" if character == "\u6f23" else outline, face if has_bold else 0),
    )
    drawing = RunDrawing(canvas, lambda face: store)
    text = f"a\u6f22{FILLER}\u6f22\u6f23"
    runs: list[Run] = [(0.0, 240.0, text, Font(line=120.0, double=double), style)]
    drawing.draw(RunSide(1, Placement(0, 12240, 15840, 0, 0, 0), runs, [], []))
    assert [set(each) for each in looked_at] == [set(text[1:])] and drawing.missing == {"\u6f23": 1}
    said = [each for each in canvas.said if each[0] in ("beginForm", "transform", "doForm")]
    name = f"u6f22f{store.outline('', style)[1]}"
    assert said[0] == ("beginForm", name, -1, -1, 10, 10) and said[2::2] == [("doForm", name)] * 2 * len(strikes)
    places = [7.2 * column + strike for column in (1, 3) for strike in strikes]
    for (_, *found), at in zip(said[1::2], places):
        assert found == pytest.approx([across / ADVANCE, 0, 0, 4.32 / ADVANCE, at, 780])


@pytest.mark.parametrize(
    "face, cell, is_gothic",
    [(GOTHIC, 7.2, True), (COURIER, 4.0, False), (BY_PITCH, 4.81, False), (BY_PITCH, 4.8, True)],
)
def test_faces(face: str, cell: float, is_gothic: bool) -> None:
    """Letter Gothic where it is asked for, and where letters are narrow and no face is."""
    assert RunDrawing._is_gothic(Font(face=face), cell) is is_gothic
