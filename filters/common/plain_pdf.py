"""PDF as everyday programs write it, read without pypdf: ISO 32000-1 sections 7.2, 7.3 and 7.5.

To import pypdf takes longer than to look through an ordinary document. So a document is first read here, strictly:

    xref  rows of 20 octets  trailer << ... /Prev >>        or        n 0 obj << /Type /XRef ... >> stream

with objects where the table says, each under its number, and in streams of objects. What is not exactly so, is
encrypted, or is not known here is ``NotCertain``: then pypdf reads the document, and what it says counts. The reader
has of pypdf's interface what ``inspection``, ``contents`` and ``correction`` use, and gives the same values.
"""

from __future__ import annotations

import os
import re
import zlib

TYPE_CHECKING = False  # slow to import
if TYPE_CHECKING:
    from typing import Any, BinaryIO

#: Octets of documents that are read here; for larger ones pypdf costs little.
MOST_BYTES = 64 << 20
#: Octets of a table or of objects that are unpacked.
MOST_UNPACKED = 16 << 20
#: Objects in a document, and tables one after the other.
MOST_OBJECTS, MOST_TABLES = 500_000, 50
#: Levels of arrays and dictionaries in each other.
DEEPEST = 40

_WHITE = rb"[\t\n\r ]"
_END = rb"(?![^\t\n\r ()<>\[\]{}/%])"
_SKIPPED = rb"[\t\n\r ]*(?:%[^\r\n]*[\r\n][\t\n\r ]*)*"
_TOKEN = re.compile(
    _SKIPPED + rb"(?:/([!\"$&-'*-.0-;=?-Z\\^-z|~]+)" + _END  # 1 a name, of letters that need no #
    + rb"|([0-9]{1,10})" + _WHITE + rb"+([0-9]{1,5})" + _WHITE + rb"+R" + _END  # 2, 3 a reference
    + rb"|([-+]?[0-9]{1,15})" + _END  # 4 a number
    + rb"|([-+]?(?:[0-9]{1,15}\.[0-9]{0,15}|\.[0-9]{1,15}))" + _END  # 5
    + rb"|(<<)|(>>)|(\[)|(\])"  # 6 to 9
    + rb"|(\([^()\\]*(?:\\.[^()\\]*)*\)|<[0-9A-Fa-f\t\n\r ]*>)"  # 10 a string
    + rb"|(true|false|null)" + _END  # 11
    + rb")",
    re.DOTALL,
)  # fmt: skip
_OBJECT = re.compile(_WHITE + rb"*([0-9]{1,10})" + _WHITE + rb"+([0-9]{1,5})" + _WHITE + rb"+obj" + _END)
_BEHIND = re.compile(_SKIPPED + rb"(?:(endobj)" + _END + rb"|stream(?:\r\n|\n))")
_ENDSTREAM = re.compile(_WHITE + rb"*endstream" + _END)
_STARTXREF = re.compile(rb"[\r\n]startxref" + _WHITE + rb"+([0-9]{1,15})[\t ]*[\r\n]+(?=%%EOF)")
_XREF = re.compile(rb"xref *(?:\r\n|\n|\r)")
_PART = re.compile(rb"([0-9]{1,10}) ([0-9]{1,10}) *(?:\r\n|\n|\r)")
_ROW = re.compile(rb"([0-9]{10}) ([0-9]{5}) ([nf])(?: \r| \n|\r\n)")
_TRAILER = re.compile(_WHITE + rb"*trailer" + _END)
_NUMBERS = re.compile(rb"[0-9\t\n\r ]*")
_ROW_SIZE = 20
_WORDS = {b"true": True, b"false": False, b"null": None}
#: Codes of a table or of a stream of objects that are known here.
_FLATE = ("/FlateDecode", "/Fl")


class NotCertain(ValueError):
    """The document is not of the form that is read here; it may be right all the same."""


class Reference:
    """An object by its number."""

    __slots__ = ("idnum", "_reader")

    def __init__(self, number: int, reader: PlainReader) -> None:
        self.idnum = number
        self._reader = reader

    def get_object(self) -> Any:
        """Return the object."""
        return self._reader.get_object(self.idnum)

    def __repr__(self) -> str:
        return f"IndirectObject({self.idnum}, 0)"


class Dictionary(dict):  # type: ignore[type-arg]
    """A dictionary, of which [] gives what a reference stands for, and get and raw_get the reference."""

    def __getitem__(self, name: str) -> Any:
        return resolved(dict.__getitem__(self, name))

    def raw_get(self, name: str) -> Any:
        """Return a value as it is written."""
        return dict.__getitem__(self, name)


class Stream(Dictionary):
    """A stream: its dictionary, and in ``_data`` what is between stream and endstream."""

    _data: bytes


def resolved(value: Any) -> Any:
    """Return what a reference stands for, of this reader or of pypdf; all else as it is."""
    return value.get_object() if hasattr(value, "get_object") else value


class PlainReader:
    """A document.

    Attributes:
        trailer: the newest one, with what only older ones have.
        places: numbers of objects and where they begin, those in streams of objects left out.
    """

    def __init__(self, file: BinaryIO) -> None:
        """Read the table of objects, and see that each is in its place.

        Raises:
            NotCertain: the document is not of this form.
        """
        if file.seek(0, os.SEEK_END) > MOST_BYTES:
            raise NotCertain("it is large")
        file.seek(0)
        self._data = file.read()
        self._places: dict[int, int] = {}
        self._packed: dict[int, tuple[int, int]] = {}
        self._known: dict[int, Any] = {}
        self._unpacked: dict[int, list[tuple[int, bytes]]] = {}
        self._begun: set[int] = set()
        self.trailer = Dictionary()
        self._read_tables(self._first_table())
        if "/Encrypt" in self.trailer:
            raise NotCertain("encrypted")
        self.places = sorted(self._places.items())
        for number, at in self.places:
            self._begin(number, at)

    def get_object(self, number: int) -> Any:
        """Return an object.

        Raises:
            NotCertain: there is none, or it is not of this form.
        """
        if number not in self._known:
            if number in self._begun:
                raise NotCertain("objects go round in a circle, or it was none before")
            self._begun.add(number)
            if number in self._places:
                found = self._read_object(number, self._places[number])
            elif number in self._packed:
                found = self._read_packed(number, *self._packed[number])
            else:
                raise NotCertain(f"no object {number}")
            self._known[number] = found
        return self._known[number]

    # --- copies

    @property
    def pages(self) -> dict[int, Dictionary]:
        """The pages of a tree without branches, in order, by the numbers of their objects.

        Raises:
            NotCertain: the tree has branches, or hands something down to its pages, or a page is there twice.
        """
        tree = self.trailer["/Root"]["/Pages"]
        kids = tree["/Kids"]
        if tree.keys() != {"/Type", "/Kids", "/Count"} or not all(isinstance(kid, Reference) for kid in kids):
            raise NotCertain("tree of pages")
        found = {kid.idnum: _dictionary(kid.get_object()) for kid in kids}
        if not len(found) == len(kids) == tree["/Count"] or any(page["/Type"] != "/Page" for page in found.values()):
            raise NotCertain("tree of pages")
        return found

    def with_pages(self, numbers: list[int]) -> bytes:
        """Return the document with these of its pages alone: what it had of others is blank, all else in its place.

        Raises:
            NotCertain: its pages stand in a stream of objects.
        """
        data, blank = bytearray(self._data), self.pages.keys() - set(numbers)
        kids = b" ".join(b"%d 0 R" % number for number in numbers)
        tree = self.trailer["/Root"].raw_get("/Pages").idnum
        objects = {tree: b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(numbers), kids), **dict.fromkeys(blank, b" null")}
        for number, content in objects.items():
            if number not in self._places:
                raise NotCertain("pages in objects")
            begin = self._begin(number, self._places[number])
            _, end = self._parse(self._data, begin)
            if len(content) > end - begin:
                raise NotCertain("no room")
            data[begin:end] = content.ljust(end - begin)
        return bytes(data)

    # --- tables of objects, section 7.5.4 to 7.5.8

    def _first_table(self) -> int:
        last = self._data.rfind(b"%%EOF")
        found = _STARTXREF.match(self._data, self._data.rfind(b"startxref") - 1)
        if not found or found.end() != last:
            raise NotCertain("startxref")
        return int(found[1])

    def _read_tables(self, at: int) -> None:
        seen: set[int] = set()
        free: set[int] = set()
        while at not in seen and len(seen) < MOST_TABLES:
            seen.add(at)
            if not self._data[at - 1 : at].isspace():
                raise NotCertain("table")
            found = _XREF.match(self._data, at)
            table, freed, trailer = self._read_rows(found.end()) if found else self._read_table_stream(at)
            if found and "/XRefStm" in trailer:
                # What old readers are not to see of this table (7.5.8.4): free in its rows, there in its stream.
                hidden, _, _ = self._read_table_stream(_whole(trailer.raw_get("/XRefStm")))
                table = {**hidden, **table}
                freed -= hidden.keys()
            if not free.isdisjoint(table):
                raise NotCertain("an object that was taken out")
            for number, place in table.items():
                if number not in self._places and number not in self._packed:
                    if isinstance(place, int):
                        self._places[number] = place
                    else:
                        self._packed[number] = place
            free |= freed
            for name, value in trailer.items():
                self.trailer.setdefault(name, value)
            if "/Prev" not in trailer:
                return
            at = _whole(trailer.raw_get("/Prev"))
        raise NotCertain("tables have no end")

    def _read_rows(self, at: int) -> tuple[dict[int, Any], set[int], Dictionary]:
        places: dict[int, Any] = {}
        free: set[int] = set()
        while part := _PART.match(self._data, at):
            first, count = int(part[1]), int(part[2])
            end = part.end() + count * _ROW_SIZE
            rows = _ROW.findall(self._data, part.end(), end) if count <= MOST_OBJECTS else []
            if len(rows) != count:
                raise NotCertain("rows of a table")
            for number, (place, generation, use) in enumerate(rows, first):
                if use == b"f":
                    free.add(number)
                elif generation != b"00000" or number in places or not number:
                    raise NotCertain("generations")
                else:
                    places[number] = int(place)
            at = end
        behind = _TRAILER.match(self._data, at)
        if not behind or free & places.keys():
            raise NotCertain("trailer")
        trailer, _ = self._parse(self._data, behind.end())
        return places, free, _dictionary(trailer)

    def _read_table_stream(self, at: int) -> tuple[dict[int, Any], set[int], Dictionary]:
        head = _OBJECT.match(self._data, at)
        if not head or head.start(1) != at:
            raise NotCertain("table")
        stream = self._read_object(int(head[1]), at)
        if not isinstance(stream, Stream) or stream.get("/Type") != "/XRef":
            raise NotCertain("table")
        widths = [_whole(width) for width in stream.get("/W", ())]
        index = [_whole(each) for each in stream.get("/Index") or [0, stream.get("/Size")]]
        if len(widths) != 3 or not 1 <= widths[1] <= 8 or max(widths[0], widths[2]) > 4 or len(index) % 2:
            raise NotCertain("table")
        if sum(index[1::2]) > MOST_OBJECTS:
            raise NotCertain("table")
        rows, size, at = self._unpack(stream), sum(widths), 0
        places: dict[int, Any] = {}
        free: set[int] = set()
        for first, count in zip(index[::2], index[1::2]):
            for number in range(first, first + count):
                row = rows[at : at + size]
                if len(row) != size or number in places or number in free:
                    raise NotCertain("table")
                at += size
                middle = widths[0] + widths[1]
                kind = int.from_bytes(row[: widths[0]], "big") if widths[0] else 1
                place, last = int.from_bytes(row[widths[0] : middle], "big"), int.from_bytes(row[middle:], "big")
                if kind == 0:
                    free.add(number)
                elif kind == 1 and last == 0 and number:
                    places[number] = place
                elif kind == 2 and number:
                    places[number] = (place, last)
                else:
                    raise NotCertain("table")
        return places, free, stream

    # --- objects, sections 7.3 and 7.5.7

    def _begin(self, number: int, at: int) -> int:
        head = _OBJECT.match(self._data, at)
        if not head or int(head[1]) != number or int(head[2]) or head.start(1) > at + 2:
            raise NotCertain(f"object {number}")
        return head.end()

    def _read_object(self, number: int, at: int) -> Any:
        value, end = self._parse(self._data, self._begin(number, at))
        behind = _BEHIND.match(self._data, end)
        if not behind:
            raise NotCertain(f"end of object {number}")
        if behind[1]:
            return value
        stream = Stream(_dictionary(value))
        begin = behind.end()
        end = begin + _whole(stream["/Length"])
        if "/F" in stream or not _ENDSTREAM.match(self._data, end):
            raise NotCertain(f"length of stream {number}")
        stream._data = self._data[begin:end]
        return stream

    def _read_packed(self, number: int, container: int, place: int) -> Any:
        if container not in self._unpacked:
            self._unpacked[container] = self._take_apart(container)
        objects = self._unpacked[container]
        if not place < len(objects) or objects[place][0] != number:
            raise NotCertain(f"object {number} in {container}")
        value, end = self._parse(objects[place][1], 0)
        if objects[place][1][end:].strip(b"\t\n\r "):
            raise NotCertain(f"object {number} in {container}")
        return value

    def _take_apart(self, number: int) -> list[tuple[int, bytes]]:
        if number not in self._places:
            raise NotCertain("objects in objects")
        stream = self.get_object(number)
        if not isinstance(stream, Stream) or stream.get("/Type") != "/ObjStm":
            raise NotCertain("objects")
        data = self._unpack(stream)
        count, first = _whole(stream["/N"]), _whole(stream["/First"])
        if not _NUMBERS.fullmatch(data, 0, first):
            raise NotCertain("objects")
        head = [int(word) for word in data[:first].split()]
        if len(head) != 2 * count:
            raise NotCertain("objects")
        starts = [first + at for at in head[1::2]]
        if starts != sorted(starts):
            raise NotCertain("objects")
        return [(n, data[start:end]) for n, start, end in zip(head[::2], starts, [*starts[1:], len(data)])]

    def _unpack(self, stream: Stream) -> bytes:
        codes = stream.get("/Filter")
        codes = codes if isinstance(codes, list) else [codes]
        if codes == [None]:
            return stream._data
        if len(codes) != 1 or codes[0] not in _FLATE:
            raise NotCertain("code of a table")
        unpacker = zlib.decompressobj()
        try:
            data = unpacker.decompress(stream._data, MOST_UNPACKED)
        except zlib.error:
            raise NotCertain("table") from None
        if not unpacker.eof:
            raise NotCertain("table")
        parameters = stream.get("/DecodeParms")
        parameters = parameters[0] if isinstance(parameters, list) and len(parameters) == 1 else parameters
        if parameters is None:
            return data
        return _unpredicted(data, _dictionary(parameters))

    def _parse(self, data: bytes, at: int) -> tuple[Any, int]:
        """Return the value that begins here, and where it ends."""
        inside: list[list[Any]] = []
        values: list[Any] = []
        kinds: list[bool] = []
        while True:
            token = _TOKEN.match(data, at)
            if not token:
                raise NotCertain("a word")
            at, kind = token.end(), token.lastindex
            value: Any = None
            if kind == 1:
                value = "/" + token[1].decode("ascii")
            elif kind == 3:
                value = Reference(int(token[2]), self)
                if int(token[3]):
                    raise NotCertain("generations")
            elif kind == 4:
                value = int(token[4])
            elif kind == 5:
                value = float(token[5])
            elif kind in (6, 8):
                if len(inside) == DEEPEST:
                    raise NotCertain("depth")
                inside.append(values)
                kinds.append(kind == 6)
                values = []
                continue
            elif kind in (7, 9):
                if not inside or kinds.pop() != (kind == 7):
                    raise NotCertain("brackets")
                value = _made_dictionary(values) if kind == 7 else values
                values = inside.pop()
            elif kind == 10:
                value = token[10]
            else:
                value = _WORDS[token[11]]
            if not inside:
                return value, at
            values.append(value)


def _made_dictionary(values: list[Any]) -> Dictionary:
    names = values[::2]
    made = Dictionary(zip(names, values[1::2]))
    if len(made) * 2 != len(values) or not all(isinstance(name, str) for name in names):
        raise NotCertain("dictionary")
    return made


def _dictionary(value: Any) -> Dictionary:
    if not isinstance(value, Dictionary):
        raise NotCertain("dictionary")
    return value


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise NotCertain("number")
    return value


def _unpredicted(data: bytes, parameters: Dictionary) -> bytes:
    """Return rows of octets without their predictor (section 7.4.4.4): none, or PNG's None, Sub and Up."""
    if parameters.get("/Predictor", 1) == 1:
        return data
    if parameters["/Predictor"] not in range(10, 16) or not parameters.keys() <= {"/Predictor", "/Columns"}:
        raise NotCertain("predictor")
    size = _whole(parameters.get("/Columns", 1))
    if not 0 < size <= 64 or len(data) % (size + 1):
        raise NotCertain("predictor")
    rows, above = [], bytes(size)
    for at in range(0, len(data), size + 1):
        kind, row = data[at], data[at + 1 : at + 1 + size]
        if kind == 2:
            row = bytes([(a + b) & 255 for a, b in zip(row, above)])
        elif kind == 1:
            sums, left = bytearray(), 0
            for octet in row:
                left = (left + octet) & 255
                sums.append(left)
            row = bytes(sums)
        elif kind:
            raise NotCertain("predictor")
        rows.append(row)
        above = row
    return b"".join(rows)
