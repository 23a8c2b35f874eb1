"""libcups as a second opinion: the library behind every CUPS program reads and writes IPP messages, too.

pycups (module ``cups``) reads messages but shows only some kinds of values, and the one in Debian 12 cannot write; so
libcups itself is called through ctypes for the rest. Names are those of cups/ipp.h.
"""

from __future__ import annotations

import ctypes
import ctypes.util

from backend.ipp.message import Attribute, Collection, LanguageString, Message, Value
from backend.ipp.tags import Tag

IPP_STATE_IDLE, IPP_STATE_DATA = 0, 3
_CONTEXT = 1  # handed to the callbacks, which do not look at it; libcups wants something that is not NULL

_IOCB = ctypes.CFUNCTYPE(ctypes.c_ssize_t, ctypes.c_void_p, ctypes.POINTER(ctypes.c_ubyte), ctypes.c_size_t)
_POINTER, _INT, _TEXT = ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p

#: Arguments behind (ipp, group, ...), all functions return a pointer.
_FUNCTIONS: dict[str, list[object]] = {
    "ippNew": [],
    "ippAddSeparator": [_POINTER],
    "ippAddOutOfBand": [_POINTER, _INT, _INT, _TEXT],
    "ippAddIntegers": [_POINTER, _INT, _INT, _TEXT, _INT, _POINTER],
    "ippAddBooleans": [_POINTER, _INT, _TEXT, _INT, _POINTER],
    "ippAddOctetString": [_POINTER, _INT, _TEXT, _TEXT, _INT],
    "ippAddDate": [_POINTER, _INT, _TEXT, _TEXT],
    "ippAddResolutions": [_POINTER, _INT, _TEXT, _INT, _INT, _POINTER, _POINTER],
    "ippAddRanges": [_POINTER, _INT, _TEXT, _INT, _POINTER, _POINTER],
    "ippAddCollections": [_POINTER, _INT, _TEXT, _INT, _POINTER],
    "ippAddStrings": [_POINTER, _INT, _INT, _TEXT, _INT, _TEXT, _POINTER],
    "ippAddString": [_POINTER, _INT, _INT, _TEXT, _TEXT, _TEXT],
}


def load() -> ctypes.CDLL | None:
    """Return the library, or None if this machine has none."""
    try:
        library = ctypes.CDLL(ctypes.util.find_library("cups") or "libcups.so.2")
    except OSError:
        return None
    for name, arguments in _FUNCTIONS.items():
        function = getattr(library, name)
        function.restype, function.argtypes = _POINTER, arguments
    for name in ("ippReadIO", "ippWriteIO"):
        getattr(library, name).argtypes = [_POINTER, _IOCB, _INT, _POINTER, _POINTER]
    for name in ("ippSetState", "ippSetOperation", "ippSetRequestId"):
        getattr(library, name).argtypes = [_POINTER, _INT]
    library.ippSetVersion.argtypes = [_POINTER, _INT, _INT]
    library.ippDelete.argtypes = [_POINTER]
    for name in ("ippOpString", "ippErrorString", "ippTagString"):
        getattr(library, name).restype = _TEXT
    return library


def read(library: ctypes.CDLL, octets: bytes) -> tuple[int, int, int]:
    """Let libcups read a message; return the message (to be deleted), the state it ends in, and the bytes read."""
    position = 0

    @_IOCB
    def give(_context: int, buffer: ctypes.Array[ctypes.c_ubyte], size: int) -> int:
        nonlocal position
        piece = octets[position : position + size]
        ctypes.memmove(buffer, piece, len(piece))
        position += len(piece)
        return len(piece)

    ipp = library.ippNew()
    state = library.ippReadIO(_CONTEXT, give, 1, None, ipp)
    return ipp, state, position


def write(library: ctypes.CDLL, ipp: int) -> bytes:
    """Let libcups write a message, and delete it."""
    written = bytearray()

    @_IOCB
    def take(_context: int, buffer: ctypes.Array[ctypes.c_ubyte], size: int) -> int:
        written.extend(ctypes.string_at(buffer, size))
        return size

    library.ippSetState(ipp, IPP_STATE_IDLE)
    state = library.ippWriteIO(_CONTEXT, take, 1, None, ipp)
    library.ippDelete(ipp)
    assert state == IPP_STATE_DATA, state
    return bytes(written)


def build(library: ctypes.CDLL, message: Message) -> int:
    """Put a message together with the functions that C programs use; all values of an attribute have one tag."""
    ipp = library.ippNew()
    library.ippSetVersion(ipp, *message.version)
    library.ippSetOperation(ipp, message.code)
    library.ippSetRequestId(ipp, message.request_id)
    last = None
    for group in message.groups:
        if group.tag == last:
            library.ippAddSeparator(ipp)
        last = group.tag
        for attribute in group.attributes:
            _add(library, ipp, group.tag, attribute)
    return int(ipp)


def _add(library: ctypes.CDLL, ipp: int, group: int, attribute: Attribute) -> None:
    tag, name, values, count = attribute.values[0].tag, attribute.name.encode(), attribute.all, len(attribute.values)
    if Tag(tag).is_out_of_band:
        library.ippAddOutOfBand(ipp, group, tag, name)
    elif tag in (Tag.INTEGER, Tag.ENUM):
        library.ippAddIntegers(ipp, group, tag, name, count, (_INT * count)(*values))
    elif tag == Tag.BOOLEAN:
        library.ippAddBooleans(ipp, group, name, count, (ctypes.c_char * count)(*[bytes([value]) for value in values]))
    elif tag == Tag.OCTET_STRING:
        library.ippAddOctetString(ipp, group, name, values[0], len(values[0]))
    elif tag == Tag.DATE_TIME:
        library.ippAddDate(ipp, group, name, values[0])
    elif tag == Tag.RESOLUTION:
        x, y = (_INT * count)(*[value.x for value in values]), (_INT * count)(*[value.y for value in values])
        library.ippAddResolutions(ipp, group, name, count, values[0].units, x, y)
    elif tag == Tag.RANGE_OF_INTEGER:
        lower, upper = (_INT * count)(*[v.lower for v in values]), (_INT * count)(*[v.upper for v in values])
        library.ippAddRanges(ipp, group, name, count, lower, upper)
    elif tag == Tag.BEG_COLLECTION:
        collections = (_POINTER * count)(*[_collection(library, value) for value in values])
        library.ippAddCollections(ipp, group, name, count, collections)
        for collection in collections:
            library.ippDelete(collection)
    elif isinstance(values[0], LanguageString):
        language, text = values[0].language.encode(), values[0].text.encode()
        library.ippAddString(ipp, group, tag, name, language, text)
    else:
        texts = (_TEXT * count)(*[value.encode() for value in values])
        library.ippAddStrings(ipp, group, tag, name, count, None, texts)


def _collection(library: ctypes.CDLL, collection: Collection) -> int:
    ipp = library.ippNew()
    for member in collection.attributes:
        _add(library, ipp, Tag.JOB_ATTRIBUTES, member)
    return int(ipp)


def can_read(values: tuple[Value, ...]) -> bool:
    """Say whether libcups keeps the values as they are.

    It gives all values of an attribute one tag, and has extension tags in another place than RFC 8010 section 3.9.
    """
    tags = {value.tag for value in values}
    return len(tags) == 1 and Tag.EXTENSION not in tags and all(can_read(member.values) for member in _members(values))


def can_build(values: tuple[Value, ...]) -> bool:
    """Say whether the functions of ``build`` take the values as they are.

    Some take one value only, or one unit for all; and codes are put into lower case and cut.
    """
    tag = values[0].tag
    if not can_read(values) or (len(values) > 1 and tag in _ONE_BY_ONE):
        return False
    if tag in (Tag.CHARSET, Tag.NATURAL_LANGUAGE):
        return all(_is_code(value.value) for value in values)
    if isinstance(values[0].value, LanguageString):
        return _is_code(values[0].value.language)
    if tag == Tag.RESOLUTION:
        return len({value.value.units for value in values}) == 1
    return all(can_build(member.values) for member in _members(values))


def _is_code(text: str) -> bool:
    """Tell whether libcups keeps a language as it is: "c" and "posix" become "en"."""
    return text == text.lower().replace("_", "-")[:31] and text not in ("c", "posix")


_ONE_BY_ONE = {Tag.OCTET_STRING, Tag.DATE_TIME, Tag.TEXT_WITH_LANGUAGE, Tag.NAME_WITH_LANGUAGE}


def _members(values: tuple[Value, ...]) -> list[Attribute]:
    return [member for value in values if value.tag == Tag.BEG_COLLECTION for member in value.value.attributes]
