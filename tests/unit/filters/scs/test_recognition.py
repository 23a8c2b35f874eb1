"""The MIME rule for spooled files: it knows them, and takes nothing else for one."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from filters.scs.recognition import _FEWEST_OF_LINES, ENOUGH, looks_like_scs, name_of_other
from tests.pcl_parser import parse_job
from tests.scs_pages import SAMPLES
from tests.unit.filters.scs.job import print_scs

CHECKOUT = Path(__file__).resolve().parents[4]
TERM = re.compile(r"\s*([+!()]|(string|contains|int|char|ascii|regex)\(([^()]*)\))")
#: Bytes that the rules look at.
HEAD = 1024
Rule = Callable[[bytes], bool]


def rule_of(kind: str) -> Rule:
    """Return the rule of a type out of ppd/ipps443.types, as a function of the beginning of a file."""
    text = (CHECKOUT / "ppd" / "ipps443.types").read_text().replace("\\\n", " ")
    line = next(line for line in text.splitlines() if line.startswith(kind + "\t"))
    words = re.sub(r"priority\(\d+\)", "", line.removeprefix(kind)).strip()
    tokens = [found for found in TERM.finditer(words)]
    assert "".join(found.group() for found in tokens) == words
    return _group(tokens[::-1])


def _group(tokens: list[re.Match[str]]) -> Rule:
    """Return what is there up to the end of a group: all of it if it is joined by +, else any of it (mime.types(5))."""
    terms, signs = [_one(tokens)], set()
    while tokens and tokens[-1][1] != ")":
        signs.add(tokens[-1][1] == "+")
        if tokens[-1][1] == "+":
            tokens.pop()
        terms.append(_one(tokens))
    assert len(signs) < 2, "+ and blanks in one group"
    return (lambda start: all(term(start) for term in terms)) if True in signs else lambda start: _any(terms, start)


def _any(terms: list[Rule], start: bytes) -> bool:
    return any(term(start) for term in terms)


def _one(tokens: list[re.Match[str]]) -> Rule:
    token = tokens.pop()
    if token[1] == "!":
        denied = _one(tokens)
        return lambda start: not denied(start)
    if token[1] == "(":
        group = _group(tokens)
        tokens.pop()
        return group
    return _term(token[2], token[3])


def _term(name: str, arguments: str) -> Rule:
    if name == "regex":
        pattern = re.compile(_data(arguments.partition(",")[2]))
        return lambda start: bool(pattern.search(start.partition(b"\0")[0]))
    numbers, _, last = arguments.rpartition(",")
    at = int(numbers.split(",")[0])
    if name == "string":
        return lambda start: start[at:].startswith(_data(last))
    if name == "contains":
        length = int(numbers.split(",")[1])
        return lambda start: _data(last) in start[at : at + length + len(_data(last)) - 1]
    if name == "ascii":
        return lambda start: not start[at : at + int(last)].translate(None, _ASCII)
    size = {"int": 4, "char": 1}[name]
    return lambda start: start[at : at + size] == int(last, 16).to_bytes(size, "big")


_ASCII = bytes((8, 9, 10, 12, 13, 27, *range(32, 127)))


def _data(text: str) -> bytes:
    """Return the bytes of a value: some in quotes, some as hexadecimal numbers."""
    parts = re.findall(r'"([^"]*)"|<([0-9A-F]+)>', text)
    return b"".join(quoted.encode() or bytes.fromhex(number) for quoted, number in parts)


def files_below(folder: str) -> Iterator[str]:
    """Give all regular files below a folder."""
    for place, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)
            if os.path.isfile(path) and not os.path.islink(path):
                yield path


SPOOLED = rule_of("application/vnd.ibm-scs")
MODCAP, IPDS = rule_of("application/vnd.ibm.modcap"), rule_of("application/vnd.ibm-ipds")
RECORDS = rule_of("application/vnd.ibm.afplinedata")
OTHERS = (MODCAP, IPDS, RECORDS)


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.scs")), ids=lambda path: path.stem)
def test_samples_are_known(path: Path) -> None:
    """Every spooled file with anything in it is known to CUPS, and to ipps443ctl, and is taken for no other type."""
    start = path.read_bytes()[:HEAD]
    assert SPOOLED(start) is bool(start)
    assert not _any([*OTHERS], start)
    assert (looks_like_scs(start) == "SCS") is bool(start)
    assert name_of_other(start[:512]) is None


@pytest.mark.parametrize(
    "start",
    (
        b"",
        b"\0" * 100,
        b"plain text\n",
        b"%PDF-1.4",
        b"\x1bE\x1b&l26A",
        b"\x2b\x2b\x2b",
        b"+ a list in Markdown",
        b"Z is a letter",
        # At signs, which are blanks in EBCDIC, make no records of a text.
        b"@@@@@@@@ an address\n",
        b"@" * 600,
        "@@@@@ \xe9".encode(),
        "caf\xe9     @@@@@".encode("latin-1"),
    ),
    ids=repr,
)
def test_others_are_not(start: bytes) -> None:
    """Text, PDF, PCL, NULs and the like are no spooled files."""
    assert not SPOOLED(start) and not _any([*OTHERS], start)
    assert looks_like_scs(start) is None


@pytest.mark.soak
def test_no_file_of_this_system_is_taken_for_one() -> None:
    """Not one file below /usr is taken for a spooled file."""
    hits, count = [], 0
    for path in files_below("/usr"):
        try:
            with open(path, "rb") as file:
                start = file.read(HEAD)
        except OSError:
            continue
        count += 1
        if SPOOLED(start) or _any([*OTHERS], start):
            hits.append(path)
    assert count > 1000
    assert hits == []


AFPDS = b"\x5a\x00\x10\xd3\xa8\xa8\x00\x00\x00DOC00001"


LINES = "RECORDS WITHOUT ANY CONTROL".ljust(133).encode("cp037") * 3
MAP = b"\x5a\x00\x10\xd3\xab\xcc\x00\x00\x00" + "MAP00001".encode("cp037")


@pytest.mark.parametrize(
    ("start", "name"),
    (
        (AFPDS, "*AFPDS"),
        (b"\x00\x05\xd6\x97\x00\x00\x06\xd6\x03\x80\x00", "*IPDS"),
        (b"\x00\x05\xd6\x97\x00", "*IPDS"),
        (b"\x00\x05\xd6\x03\x00\x00\x06\xd6\x97", "*IPDS"),
        (LINES, "*LINE"),
        ("1 A RECORD".ljust(40).encode("cp037") + b"\x15" + AFPDS + bytes(40), "*AFPDSLINE"),
        (LINES[:133] + MAP + LINES, "*AFPDSLINE"),
        (MAP + LINES, "*AFPDSLINE"),
    ),
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_other_types_are_named(start: bytes, name: str) -> None:
    """Data of the IBM i that are no SCS have their own names, and CUPS knows them as such."""
    assert name_of_other(start) == name
    assert RECORDS(start) is name.endswith("LINE")
    assert (MODCAP(start) or IPDS(start)) is not RECORDS(start)
    assert not SPOOLED(start)


def field(length: int = 8, middle: int = 0xD3, kind: int = 0xA8, flags: int = 0) -> bytes:
    """Return the introducer of a structured field."""
    return bytes((0x5A, *length.to_bytes(2, "big"), middle, kind, 0xA8, flags))


@pytest.mark.parametrize(
    ("start", "name"),
    (
        (field(8), "*AFPDS"),
        (field(0x7FFF), "*AFPDS"),
        (field(kind=0xAB), "*AFPDSLINE"),
        (field(kind=0xAF), "*AFPDSLINE"),
        *((changed, None) for changed in (field(7), field(0x8000), field(middle=0xD2), field(flags=1), field(kind=1))),
        (field()[:6], None),
        (b"\0\x05\xd6\x97\0", "*IPDS"),
        (b"\0\x05\xd6\x97\0\0\x05\xd6", "*IPDS"),
        (b"\0\xff\xd6\x97\0", "*IPDS"),
        *((other, None) for other in (b"\0\x05\xd6\x97", b"\0\x04\xd6\x97\0", b"\1\0\xd6\x97\0", b"\0\x05\xd5\x97\0")),
        (b"\0\x05\xd6\x97\0\0\x05\xd5", None),
        (b"\x40" * _FEWEST_OF_LINES, "*LINE"),
        (b"\0\0" + b"\xfe" * _FEWEST_OF_LINES, "*LINE"),
        (b"\x40" * (_FEWEST_OF_LINES - 1), None),
        (b"\x3f" + b"\x40" * _FEWEST_OF_LINES, None),
        (b"\xff" + b"\x40" * _FEWEST_OF_LINES, None),
        (b"\x40" * (ENOUGH - 7) + field(), "*AFPDSLINE"),
        (b"\x40" * (ENOUGH - 6) + field(), None),
        (b"\x40" * ENOUGH + b"\xff", "*LINE"),
    ),
)
def test_limits_of_other_types(start: bytes, name: str | None) -> None:
    """Lengths, flags and kinds at their limits; what is beyond is none of these types."""
    assert name_of_other(start) == name


STARTS = """
    2BC101 2BC102 2BC104 2BC201 2BC202 2BC204 2BC602 2BC801 2BC803 2BD10381 2BD10601 2BD10705 2BD203 2BD204
    2BD206 2BD209 2BD20A 2BD306F6 2BFD04 000000002BC1 000000002BC8 000000002BD2
""".split()


def test_beginnings_of_spooled_files() -> None:
    """All that they begin with, for us as for CUPS, and NULs with a control within a hundred bytes."""
    for start in (*map(bytes.fromhex, STARTS), bytes(98) + b"\x2b\xc1"):
        assert looks_like_scs(start) == "SCS" and SPOOLED(start) and name_of_other(start + b"\x40" * 99) is None
    for start in (bytes(3) + b"\x2b\xc1", bytes(99) + b"\x2b\xc1", b"\x2b\xc1\x03"):
        assert looks_like_scs(start) is None
    assert looks_like_scs(AFPDS) == looks_like_scs(MAP) == "*AFPDS"


@pytest.mark.parametrize(
    "text",
    ("  ORDER LIST", "\n\nORDER", "! a call", "!  Lynn", "Attention!  Lying", "xxOUT", "!..Ly", "!!!L!!!"),
    ids=repr,
)
def test_text_without_controls_in_front_is_no_other_type(text: str) -> None:
    """What printer sessions send begins with text, and no letters of it make another type of the file."""
    stream = text.replace("\n", "\x85").encode("cp037") + b"\x15" + "more".encode("cp037") + b"\x0c"
    assert name_of_other(stream) is None
    assert not MODCAP(stream) and not IPDS(stream) and not RECORDS(stream)
    result = print_scs(stream)
    assert result.exit_code == 0 and len(parse_job(result.output).pages) == 1
