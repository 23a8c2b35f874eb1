"""filters.common.plain_pdf: what it reads, and each thing that it is not certain of, in a document right but for that.

That it says what pypdf says is in test_pdf_plain.
"""

from __future__ import annotations

import io
import zlib
from typing import Any, Callable, Optional

import pytest

from filters.common.plain_pdf import Dictionary, NotCertain, PlainReader, Reference, Stream, _unpredicted
from tests.unit.filters.pdf_damage import PLAIN, WORDS, one_page, stream
from tests.unit.filters.test_pdf_inspection import built


def opened(document: bytes) -> PlainReader:
    """Return the reader of a document."""
    return PlainReader(io.BytesIO(document))


def last_object(text: bytes) -> Any:
    """Return the object that is written so, in a document that is all right."""
    return opened(one_page(WORDS, objects=(text,))).get_object(6)


@pytest.mark.parametrize(
    "text, value",
    [
        (b"/A-b.c", "/A-b.c"),
        (b"-12", -12),
        (b"+.5", 0.5),
        (b"7.", 7.0),
        (b"(a\\)b)", b"(a\\)b)"),
        (b"<0a F>", b"<0a F>"),
        (b"[true false null]", [True, False, None]),
        (b"[1 0 2]", [1, 0, 2]),
        (b"% comment\n[ << /A [ ] /B 1 >> % another\r /C ]", [{"/A": [], "/B": 1}, "/C"]),
        (b"<< /Length 0 >> stream\n\nendstream", {"/Length": 0}),
        (b"<< /Length 2 >> stream\r\nab endstream", {"/Length": 2}),
    ],
)
def test_values(text: bytes, value: object) -> None:
    """What is written, by section 7.3."""
    found = last_object(text)
    assert found == value and type(found) in (type(value), Dictionary, Stream)
    assert not isinstance(found, Stream) or found._data == text.partition(b"stream")[2].strip()[: found["/Length"]]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"/A#42",
        b"((a))",
        b"1e5",
        b"nothing",
        b">>",
        b"]",
        b"[ 1 >>",
        b"<< /A 1 ]",
        b"<< /A >>",
        b"<< 1 2 >>",
        b"<< /A 1 /A 2 >>",
        b"5 1 R",
        b"1 2",
        b"[ ] stream\n\nendstream",
        b"<< /Length 1 >> stream\nab endstream",
        b"<< /Length -1 >> stream\nendstream",
        b"<< /Length true >> stream\n1endstream",
        b"<< /Length 1. >> stream\n1endstream",
        b"<< /Length 0 /F (x) >> stream\nendstream",
        b"<< /Length 0 >> stream endstream",
        b"<< /Length 6 0 R >> stream\n\nendstream",
    ],
)
def test_what_is_not_certain(text: bytes) -> None:
    """Words, brackets, dictionaries and lengths that are not as they are everywhere; each time it is asked for."""
    reader = opened(one_page(WORDS, objects=(text,)))
    for _ in range(2):
        with pytest.raises(NotCertain):
            reader.get_object(6)


def test_depth() -> None:
    """Forty levels, and not one more."""
    found, levels = last_object(b"[" * 40 + b"]" * 40), 1
    while found:
        (found,), levels = found, levels + 1
    assert levels == 40
    with pytest.raises(NotCertain):
        last_object(b"[" * 41 + b"]" * 41)


def test_references() -> None:
    """[] gives the object, get and raw_get what stands there; an object is read once."""
    reader = opened(PLAIN)
    root = reader.trailer["/Root"]
    assert root is reader.get_object(1) and root["/Pages"] is reader.get_object(2)
    for found in (root.get("/Pages"), root.raw_get("/Pages")):
        assert (type(found), found.idnum, repr(found)) == (Reference, 2, "IndirectObject(2, 0)")
    with pytest.raises(NotCertain):
        reader.get_object(6)


def changed(old: bytes, new: bytes, document: bytes = PLAIN) -> bytes:
    """Return a document with something else in it, once, and startxref where the table is then."""
    assert document.count(old) == 1, old
    head, _, tail = document.replace(old, new).rpartition(b"startxref\n")
    return head + b"startxref\n%d\n" % (head.rindex(b"xref\n0 ")) + tail.partition(b"\n")[2]


def row(number: int, use: bytes = b"n", generation: int = 0, document: bytes = PLAIN) -> bytes:
    """Return the row of an object."""
    return b"%010d %05d %s \n" % (document.find(b"\n%d 0 obj" % number) + 1, generation, use)


#: In the font's object, or behind it.
ROWS_READ = {
    "as it is": changed(b"startxref", b"startxref"),
    "blanks before the number": changed(b"5 0 obj", b"\n 5 0 obj"),
    "parts": changed(b"trailer", b"7 1\n" + row(5).replace(b"n", b"f") + b"6 1 \r\n" + row(0, b"f") + b"trailer"),
    "no rows": changed(b"trailer", b"9 0\ntrailer"),
    "a generation of what is free": changed(b"trailer", b"6 1\n" + row(6, b"f", 2) + b"trailer"),
}
ROWS_REFUSED = {
    "encrypted": changed(b"/Root", b"/Encrypt 5 0 R /Root"),
    "too many blanks before the number": changed(b"5 0 obj", b"\n  5 0 obj"),
    "another number": changed(b"5 0 obj", b"6 0 obj"),
    "a generation": changed(b"5 0 obj", b"5 1 obj"),
    "no object": changed(b"5 0 obj", b"5 0 obi"),
    "an object that is no object": changed(b"trailer", b"6 1\n%010d 00000 n \ntrailer" % 20),
    "a generation in a row": changed(row(5), row(5, generation=1)),
    "a row twice": changed(b"trailer", b"5 1\n" + row(5) + b"trailer"),
    "object 0": changed(b"xref\n0", b"0 0 obj null endobj\nxref\n0").replace(
        b"0000000000 65535 f", b"%010d 00000 n" % PLAIN.index(b"xref\n")
    ),
    "free and in use": changed(b"trailer", b"5 1\n" + row(5, b"f") + b"trailer"),
    "a row that is none": changed(row(5), row(5, b"m")),
    "fewer rows than are told": changed(b"\n0 6", b"\n0 7"),
    "more rows than are told": changed(b"trailer", row(5, b"f") + b"trailer"),
    "no trailer": changed(b"trailer", b"trailor"),
    "a trailer that is none": changed(b"<< /Size 6 /Root 1 0 R >>", b"[/Size 6 /Root 1 0 R]"),
    "behind something else": changed(b"endobj\nxref", b"endobj;xref"),
    "its own predecessor": changed(b"/Root", b"/Prev %d /Root" % PLAIN.index(b"xref\n")),
    "a predecessor that is no number": changed(b"/Root", b"/Prev true /Root"),
    "an end twice": PLAIN + b"%%EOF\n",
    "no end": PLAIN.replace(b"%%EOF", b"%EOF"),
    "no beginning of the table": PLAIN.replace(b"startxref", b"stortxref"),
    "something before startxref": PLAIN.replace(b"\nstartxref", b"; startxref"),
    "a place that is none": PLAIN.replace(b"startxref\n", b"startxref\n1"),
}


@pytest.mark.parametrize("name", ROWS_READ)
def test_tables_of_rows(name: str) -> None:
    """Section 7.5.4: places are as the rows have them, in the order of the numbers, and nothing is free of them."""
    document = ROWS_READ[name]
    reader = opened(document)
    assert [number for number, _ in reader.places] == [1, 2, 3, 4, 5]
    assert all(document[at:].split()[:3] == [b"%d" % number, b"0", b"obj"] for number, at in reader.places)
    assert reader.trailer["/Size"] == 6


@pytest.mark.parametrize("name", ROWS_REFUSED)
def test_tables_of_rows_that_are_not_certain(name: str) -> None:
    """The document is refused before anything of it is used."""
    assert ROWS_REFUSED[name] not in ROWS_READ.values()
    with pytest.raises(NotCertain):
        opened(ROWS_REFUSED[name])


PAGES = b"<< /Type /Catalog /Pages 2 0 R >> << /Type /Pages /Count 1 /Kids [3 0 R] >>"
PACKED = {"data": b"8 0 9 34 " + PAGES, "entries": b"/Type /ObjStm /N 2 /First 9"}


def with_table(
    widths: str = "121",
    rows: Optional[dict[int, tuple[int, int, int]]] = None,
    index: tuple[int, ...] = (0, 8),
    entries: bytes = b"/Type /XRef",
    packed: Optional[dict[str, bytes]] = None,
    pack: Callable[[bytes], bytes] = bytes,
    blanks: bytes = b"",
    end: bytes = b"",
) -> bytes:
    """Return a document whose table is a stream, object 7, and some of whose objects are in object 6."""
    packed = {**PACKED, **(packed or {})}
    document = one_page(WORDS, objects=(stream(packed["data"], packed["entries"]),)).partition(b"xref\n")[0]
    at = len(document + blanks)
    kept = {number: (1, document.index(b"\n%d 0 obj" % number) + 1, 0) for number in range(1, 7)}
    kept = {0: (0, 0, 0), **kept, 7: (1, at, 0), 8: (2, 6, 0), 9: (2, 6, 1), 10: (0, 0, 0), **(rows or {})}
    sizes = [int(width) for width in widths]
    numbers = [number for first, count in zip(index[::2], index[1::2]) for number in range(first, first + count)]
    data = b"".join(
        value.to_bytes(size, "big") for number in numbers for value, size in zip(kept[number], sizes) if size
    )
    entries += b" /Root 1 0 R /W [%s] " % " ".join(widths).encode()
    entries += b"/Index [%s]" % " ".join(map(str, index)).encode() if index != (0, 8) else b"/Size 8"
    document += blanks + b"7 0 obj %s endobj\n" % stream(pack(data), entries)
    return document + end + b"startxref\n%d\n%%%%EOF\n" % at


def cut(data: bytes) -> bytes:
    """Return packed octets without their end."""
    return zlib.compress(data)[:-6]


STREAMS_READ: dict[str, dict[str, Any]] = {
    "as it is": {},
    "wide": {"widths": "484"},
    "narrow": {"widths": "020", "index": (1, 7)},
    "no kind": {"widths": "021", "index": (1, 7)},
    "no generation": {"widths": "120"},
    "in parts": {"index": (4, 4, 1, 3)},
    "a large number": {"index": (0, 8, 600_000, 1), "rows": {600_000: (0, 0, 0)}},
    "packed": {"entries": b"/Type /XRef /Filter /FlateDecode", "pack": zlib.compress},
    "packed by a short name, in a list": {"entries": b"/Type /XRef /Filter [/Fl]", "pack": zlib.compress},
    "no predictor": {
        "entries": b"/Type /XRef /Filter /FlateDecode /DecodeParms [<< /Predictor 1 >>]",
        "pack": zlib.compress,
    },
}
STREAMS_REFUSED: dict[str, dict[str, Any]] = {
    "another type": {"entries": b"/Type /XReg"},
    "two widths": {"widths": "12"},
    "four widths": {"widths": "1211"},
    "a first width": {"widths": "521"},
    "no width": {"widths": "101", "rows": {number: (0, 0, 0) for number in range(8)}},
    "a width": {"widths": "191"},
    "a last width": {"widths": "125"},
    "an odd number of numbers": {"index": (0, 8, 9)},
    "a number twice": {"index": (0, 8, 5, 1)},
    "a free number twice": {"index": (0, 8, 0, 1)},
    "a generation": {"rows": {5: (1, PLAIN.index(b"5 0 obj"), 1)}},
    "object 0": {"rows": {0: (1, with_table().index(b"7 0 obj"), 0)}, "blanks": b"0 0 obj null endobj\n"},
    "object 0 in a stream": {"rows": {0: (2, 6, 0)}},
    "another kind": {"rows": {0: (3, 0, 0)}},
    "cut off": {"pack": lambda data: data[:-1]},
    "another code": {"entries": b"/Type /XRef /Filter /LZWDecode", "pack": zlib.compress},
    "two codes": {"entries": b"/Type /XRef /Filter [/Fl /Fl]", "pack": zlib.compress},
    "two predictors": {"entries": b"/Type /XRef /Filter /Fl /DecodeParms [null null]", "pack": zlib.compress},
    "not packed": {"entries": b"/Type /XRef /Filter /Fl"},
    "packed without end": {"entries": b"/Type /XRef /Filter /Fl", "pack": cut},
}


@pytest.mark.parametrize("name", STREAMS_READ)
def test_tables_in_streams(name: str) -> None:
    """Section 7.5.8."""
    reader = opened(with_table(**STREAMS_READ[name]))
    assert [number for number, _ in reader.places] == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize("name", STREAMS_REFUSED)
def test_tables_in_streams_that_are_not_certain(name: str) -> None:
    """Each thing in which one differs."""
    with pytest.raises(NotCertain):
        opened(with_table(**STREAMS_REFUSED[name]))


def test_a_table_that_begins_elsewhere() -> None:
    """Neither blanks before its number, nor an object that is no stream, are a table."""
    document = with_table(blanks=b"\n")
    at = document.index(b"\n7 0 obj")
    with pytest.raises(NotCertain):
        opened(document.replace(b"startxref\n%d" % (at + 1), b"startxref\n%d" % at))
    document = with_table(end=b"9 0 obj << /Type /XRef /Root 1 0 R /W [1 2 1] /Size 0 >> endobj\n")
    at = document.index(b"9 0 obj")
    with pytest.raises(NotCertain):
        opened(document[: document.rindex(b"startxref")] + b"startxref\n%d\n%%%%EOF\n" % at)


PACKED_READ: dict[str, dict[str, bytes]] = {
    "as they are": {},
    "blanks": {"data": b"8\t0\r\n9 35 " + PAGES.replace(b">> <<", b">> \n<<") + b" \n", "entries": PACKED["entries"]},
    "packed": {
        "data": zlib.compress(PACKED["data"]),
        "entries": PACKED["entries"] + b"/Filter /FlateDecode /DecodeParms << /Predictor 1 >>",
    },
}
PACKED_REFUSED: dict[str, dict[str, bytes]] = {
    "another type": {"entries": b"/Type /ObjStn /N 2 /First 9"},
    "fewer": {"entries": b"/Type /ObjStm /N 1 /First 9"},
    "more": {"entries": b"/Type /ObjStm /N 3 /First 9"},
    "another number": {"data": b"8 0 7 34 " + PAGES},
    "fewer than the table has": {"data": b"8 0      " + PAGES, "entries": b"/Type /ObjStm /N 1 /First 9"},
    "no numbers": {"data": b"8 0 9 3x " + PAGES},
    "no first number": {"data": b"x 0 9 34 " + PAGES},
    "another blank": {"data": b"8 0 9\x0b34 " + PAGES},
    "no order": {"data": b"8 1 9 0  [ << /Type /Pages /Count 1 /Kids [3 0 R] >>"},
    "another behind it": {"data": b"8 0 9 34 " + PAGES + b" null"},
}
BOTH: dict[str, Any] = {"index": (0, 10)}


@pytest.mark.parametrize("name", PACKED_READ)
def test_objects_in_streams(name: str) -> None:
    """Section 7.5.7; nothing of them has a place."""
    reader = opened(with_table(**BOTH, packed=PACKED_READ[name]))
    assert len(reader.places) == 7 and reader.get_object(9)["/Count"] == 1
    assert reader.get_object(8) == {"/Type": "/Catalog", "/Pages": reader.get_object(8).raw_get("/Pages")}


@pytest.mark.parametrize("name", PACKED_REFUSED)
def test_objects_in_streams_that_are_not_certain(name: str) -> None:
    """Each thing in which they differ."""
    with pytest.raises(NotCertain):
        opened(with_table(**BOTH, packed=PACKED_REFUSED[name])).get_object(9)


@pytest.mark.parametrize("container, number", [(2, 0), (4, 0), (8, 0), (11, 0), (6, 2), (6, 0)])
def test_where_no_packed_objects_are(container: int, number: int) -> None:
    """What is no stream, or none of objects, or in one itself, or not there; and places in one that has fewer."""
    reader = opened(with_table(**BOTH, rows={9: (2, container, number)}))
    with pytest.raises(NotCertain):
        reader.get_object(9)


@pytest.mark.parametrize(
    "data, parameters, found",
    [
        (b"\2ab", {}, b"\2ab"),
        (b"\2ab", {"/Predictor": 1, "/Columns": 7}, b"\2ab"),
        (b"\0ab\0cd", {"/Predictor": 10, "/Columns": 2}, b"abcd"),
        (b"\2\1\2\2\1\xff\2\0\1", {"/Predictor": 12, "/Columns": 2}, b"\1\2\2\1\2\2"),
        (b"\1\1\2\1\3\xfe", {"/Predictor": 15, "/Columns": 2}, b"\1\3\3\1"),
        (b"\1\1\2\2\1\1", {"/Predictor": 11, "/Columns": 2}, b"\1\3\2\4"),
        (b"\0a\2\1", {"/Predictor": 12}, b"ab"),
        (b"\0" + b"a" * 64, {"/Predictor": 12, "/Columns": 64}, b"a" * 64),
        (b"\0" + b"a" * 65, {"/Predictor": 12, "/Columns": 65}, None),
        (b"\0\0", {"/Predictor": 12, "/Columns": 0}, None),
        (b"\0ab\0c", {"/Predictor": 12, "/Columns": 2}, None),
        (b"\3ab", {"/Predictor": 12, "/Columns": 2}, None),
        (b"\0ab", {"/Predictor": 2, "/Columns": 2}, None),
        (b"\0ab", {"/Predictor": 9, "/Columns": 2}, None),
        (b"\0ab", {"/Predictor": 16, "/Columns": 2}, None),
        (b"\0ab", {"/Predictor": 12, "/Columns": 2, "/Colors": 1}, None),
    ],
)
def test_predictors(data: bytes, parameters: dict[str, int], found: Optional[bytes]) -> None:
    """Section 7.4.4.4: none, and of PNG's None, Sub and Up, in rows of up to 64 octets."""
    if found is not None:
        assert _unpredicted(data, Dictionary(parameters)) == found
        return
    with pytest.raises(NotCertain):
        _unpredicted(data, Dictionary(parameters))


def with_additions(count: int) -> bytes:
    """Return a document with a table for each of so many additions."""
    document, at = PLAIN, PLAIN.index(b"xref\n")
    for number in range(count):
        previous, at = at, len(document)
        document += b"xref\n6 1\n%strailer << /Size %d /Prev %d >>\n" % (row(9, b"f"), 7 + number, previous)
        document += b"startxref\n%d\n%%%%EOF\n" % at
    return document


def test_additions() -> None:
    """What they have is as they have it, their trailer too; what they take out and an older table has is refused."""
    at = len(PLAIN)
    for changed_row, is_there in ((b"%010d 00000 n \n" % at, True), (row(5, b"f", 1), False)):
        addition = b"5 0 obj [7] endobj\nxref\n5 1\n%strailer << /Size 9 /Prev %d >>\n" % (
            changed_row,
            PLAIN.index(b"xref"),
        )
        document = PLAIN + addition + b"startxref\n%d\n%%%%EOF\n" % (at + 19)
        if is_there:
            reader = opened(document)
            assert (reader.places[-1], reader.get_object(5), reader.trailer["/Size"]) == ((5, at), [7], 9)
            assert reader.trailer["/Root"]["/Type"] == "/Catalog"
            continue
        with pytest.raises(NotCertain):
            opened(document)


def test_additions_for_new_readers() -> None:
    """What is free in the rows of an addition and there in its stream is not taken out (7.5.8.4)."""
    at = len(PLAIN)
    table = b"7 0 obj %s endobj\n" % stream(b"\1%s\0" % at.to_bytes(2, "big"), b"/Type /XRef /W [1 2 1] /Index [5 1]")
    rows = b"xref\n5 1\n%strailer << /Prev %d /XRefStm %d >>\n" % (row(5, b"f", 1), PLAIN.index(b"xref"), at + 19)
    document = PLAIN + b"5 0 obj [7] endobj\n" + table + rows
    assert opened(document + b"startxref\n%d\n%%%%EOF\n" % (at + 19 + len(table))).get_object(5) == [7]


def with_free_rows(count: int) -> bytes:
    """Return a document with so many rows in one part of its table."""
    return changed(b"trailer", b"6 %d\n" % count + row(9, b"f") * count + b"trailer")


def with_unpacked(size: int) -> bytes:
    """Return a document with packed objects of so many octets."""
    data = zlib.compress(PACKED["data"].ljust(size))
    return with_table(**BOTH, packed={"data": data, "entries": PACKED["entries"] + b"/Filter /Fl"})


@pytest.mark.parametrize(
    "make, most, number", [(with_additions, 49, 5), (with_free_rows, 500_000, 5), (with_unpacked, 16 << 20, 9)]
)
def test_limits(make: Callable[[int], bytes], most: int, number: int) -> None:
    """Tables one after the other, rows of one, and octets of packed objects: so many, and not one more."""
    assert opened(make(most)).get_object(number)
    with pytest.raises(NotCertain):
        opened(make(most + 1)).get_object(number)


def test_large_documents() -> None:
    """64 MiB are read; more is left to pypdf before it is read."""

    class Large(io.BytesIO):
        size = 64 << 20

        def seek(self, offset: int, whence: int = 0) -> int:
            return super().seek(offset, whence) or self.size

        def read(self, size: Optional[int] = -1) -> bytes:
            assert self.size == 64 << 20, "it was read"
            return PLAIN

    assert PlainReader(Large()).get_object(5)
    Large.size += 1
    with pytest.raises(NotCertain):
        PlainReader(Large())


def with_tree(tree: bytes, page: bytes = b"<</Type/Page>>") -> bytes:
    """Return a document with that tree of its pages, objects 3 and 4."""
    return built(b"<< /Type /Catalog /Pages 2 0 R >>", tree, b"<</Type/Page>>", page).getvalue()


def test_some_of_the_pages() -> None:
    """Others are blank, and all else is where it was; if there is no room for the new tree, that is not certain."""
    document = with_tree(b"<</Type/Pages/Kids[3 0 R 4 0 R]/Count 2>>").replace(b"2 0 obj <<", b"2 0 obj<<")
    document = document.replace(b"3 0 obj", b" 3 0 obj")
    reader = opened(document)
    assert reader.pages == {3: {"/Type": "/Page"}, 4: {"/Type": "/Page"}} and [*reader.pages] == [3, 4]
    for number, other in ((3, 4), (4, 3)):
        kept = document.replace(b"/Kids[3 0 R 4 0 R]/Count 2>>", b"/Count 1/Kids[%d 0 R]>>      " % number)
        kept = kept.replace(b"%d 0 obj <</Type/Page>>" % other, b"%d 0 obj null          " % other)
        assert reader.with_pages([number]) == kept and opened(kept).pages.keys() == {number}
    assert reader.with_pages([4, 3]) == document.replace(b"/Kids[3 0 R 4 0 R]/Count 2", b"/Count 2/Kids[4 0 R 3 0 R]")
    with pytest.raises(NotCertain):
        reader.with_pages([3, 4, 3])


@pytest.mark.parametrize(
    "tree, page",
    [
        (b"<</Type/Pages/Kids[3 0 R 4 0 R]/Count 3>>", b"<</Type/Page>>"),
        (b"<</Type/Pages/Kids[3 0 R 3 0 R]/Count 2>>", b"<</Type/Page>>"),
        (b"<</Type/Pages/Kids[3 0 R 3 0 R]/Count 1>>", b"<</Type/Page>>"),
        (b"<</Type/Pages/Kids[3 0 R 4 0 R]/Count 2/Rotate 90>>", b"<</Type/Page>>"),
        (b"<</Type/Pages/Kids[3 0 R <</Type/Page>>]/Count 2>>", b"<</Type/Page>>"),
        (b"<</Type/Pages/Kids[3 0 R 4 0 R]/Count 2>>", b"<</Type/Pages>>"),
        (b"<</Type/Pages/Kids[3 0 R 4 0 R]/Count 2>>", b"null"),
    ],
)
def test_trees_of_pages_that_are_not_certain(tree: bytes, page: bytes) -> None:
    """Miscounted, with a page twice or in its place, with something for all pages, with branches."""
    with pytest.raises(NotCertain):
        opened(with_tree(tree, page)).pages


def test_pages_in_streams() -> None:
    """They are found, but cannot be taken out."""
    reader = opened(with_table(**BOTH).replace(b"/Pages 2 0 R", b"/Pages 9 0 R"))
    assert reader.pages.keys() == {3}
    with pytest.raises(NotCertain):
        reader.with_pages([3])
