"""filters.text.printer_commands: what is a command for a printer in a text, and how far it reaches."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.text.printer_commands import PrinterCommandRemover
from tests.unit.filters.text_job import run_job, warnings

PCL = {
    "two characters": (b"a\x1bEb\x1b9c\x1b=d", b"abcd"),
    "parametrised": (b"a\x1b&l8D\x1b(s16.67H small\x1b(s3BBold\x1b(s0B.", b"a smallBold."),
    "combined": (b"a\x1b&l1o5.4c8D\x1b(s0p10h12v0s0b4099Tb\x1b*p300x-40Yc", b"abc"),
    "symbol sets": (b"a\x1b(10U\x1b)8U\x1b(3@\x1b(22Xb", b"ab"),
    "no value": (b"a\x1b&d@b\x1b&dDc\x1b*rBd", b"abcd"),
    "no data": (b"a\x1b(4Wbc\x1b&p0Xd\x1b*b0vM2\x1b*b-3We\x1b*b2.9Wxyf\x1b*bWg", b"abcd2efg"),
    "lower case at the end": (b"\x1b&l1o5.4c8dREPORT\x1b&l8d small", b"REPORT small"),
    "no letter": (b"a\x1b&l8\r\nb\x1b(s16.\r\n\x1b(16\r\nc", b"a\r\nb\r\n\r\nc"),
    "raster": (b"a\x1b*t300R\x1b*r1A\x1b*b5W\x1b\x01\n\f\x00\x1b*rBb", b"ab"),
    "raster in one command": (b"a\x1b*b2m3vxyz3v\x1b\x1b\x1b4WabcdTEXT", b"aTEXT"),
    "transparent data": (b"a\x1b&p5XHellob", b"ab"),
    "fonts": (b"a\x1b*c10D\x1b)s4WWxyz\x1b*c65E\x1b(s3W\n\n\nb", b"ab"),
    "type of paper": (b"a\x1b&n6WdPlainb", b"ab"),
    "longest": (b"a\x1b&l" + b"0" * 508 + b"Hb\x1b&l" + b"0" * 509 + b"Hc", b"abHc"),
    "macro": (b"a\x1b&f1y0X\x1b*c10a20b0P\x1b&f1xb", b"ab"),
    "HP-GL/2": (b"a\x1b%0BIN;SP1;PU0,0;PD100,100;LBlabel\x03;\x1b%0Ab", b"ab"),
    "HP-GL/2 with an escape in it": (b"a\x1b%1Bin;lbx\x1by\x03\x1b.(;\x1b%1Ab", b"ab"),
    "HP-GL/2 behind blanks": (b"a\x1b%0B ;,\r\n \tpu;\x1b%0Ab\x1b%0B\x1b%0Ac", b"abc"),
    "HP-GL/2 up to a reset": (b"a\x1b%1BIN;PU0,0\x1bEb", b"ab"),
    "HP-GL/2 up to UEL": (b"a\x1b%-1BIN;PU0,0\x1b%-12345Xb", b"ab"),
    "words after ESC % 0 B": (b"a\x1b%0B zz top", b"a zz top"),
    "PJL": (b'a\x1b%-12345X@PJL JOB NAME="x"\r\n@PJL SET COPIES=2\r\n@PJL ENTER LANGUAGE=PCL\r\nb', b"a\nb"),
    "PJL at the beginning": (b"\x1b%-12345X@PJL\r\n@PJL ENTER LANGUAGE=PCL\r\n\x1bEb\n", b"b\n"),
    "PJL at the end of a job": (b"a\x1bE\x1b%-12345X@PJL EOJ\n\x1b%-12345X\x1b%-12345Xb", b"a\nb"),
    "PJL ended by UEL": (b"a\x1b%-12345X@PJL COMMENT\x1b%-12345Xb", b"ab"),
}
ESC_P = {
    "bit images": (b"a\x1b*\x01\x03\x00xyzb\x1b*!\x01\x00\x1b\n\fc\x1bK\x02\x00xyd\x1bL\x01\x00xe", b"abcde"),
    "image, then the end of a line as a measure": (b"a\x1b*\x00\x01\x00x\x1bJ\nb", b"ab"),
    "tabs": (b"a\x1bD" + bytes((*range(1, 33), 0)) + b"b\x1bB\x05\x0a\x00c\x1bB\x07\x07\x00d", b"abc\x07\x07\x00d"),
    "too many tabs": (b"a\x1bD" + bytes((*range(1, 34), 0)), b"a" + bytes((*range(1, 34), 0))),
    "ESC/P2": (b"a\x1b(U\x01\x00\x0ab\x1b(-\x03\x00\x01\x02\x01c\x1b(c\x04\x00xxxxd\x1b(C\x02\x00AAe", b"abcde"),
    "raster": (b"a\x1b.\x00\x14\x14\x02\x09\x00xxxxb\x1b.\x01\x14\x14\x02\x10\x00\xfdxc", b"abc"),
    "packed runs": (
        b"\x1b.\1\1\1\1\0\4\x7f"
        + b"x" * 128
        + b"a\x1b.\1\1\1\x81\1\0\x80x\x1b.\1\1\1\1\x28\0\xfdx\0yb\x1b.\1\1\1\2\1\0\0x\0y\xc3\xa9",
        b"ab\xc3\xa9",
    ),
    "raster of ESC/POS": (
        b"\x1dv0\0\2\1\1\0" + b"x" * 258 + b"a\x1dv0\0\1\0\2\1" + b"x" * 258 + b"b\x1d*\1\2" + b"x" * 16 + b"c",
        b"abc",
    ),
    "longest code": (
        b"a\x1dk\4" + b"1" * 256 + b"\0b\x1dkA\x1f" + b"1" * 31 + b"c\x1dkA 1" + b"2" * 31 + b"d",
        b"abcd",
    ),
    "characters": (b"a\x1b&\x00AB\x00\x02\x00xxxxxx\x00\x01\x00yyyb\x1b&\x03AB\x02xxxxxx\x01yyyc", b"abc"),
    "receipt": (
        b"\x1b@\x1d!\x11TITLE\x1d!\x00\n\x1ba\x01mid\x1ba0\x1bE\x01bold\x1bE\x00\x1bd\x03\x1dV\x00",
        b"TITLE\nmidbold",
    ),
    "drawers": (b"\x1bp\x00<xa\x1bp0\x19\xfab\x1bp\x007yc\x1bp022d\x1bp1dde", b"abcde"),
    "no parameter": (b"\x1b@a\x1d:b\x1c&c\x1c.d", b"abcd"),
    "codes": (
        b"a\x1d(k\x03\x001A2b\x1dk\x04123\x00c\x1dkI\x03abcd\x1dv0\x00\x01\x00\x02\x00XXe\x10\x04\x01f",
        b"abcdef",
    ),
}
PROPRINTER = {
    "bit images": (b"a\x1b[g\x05\x00\x08wxyzb\x1b[g\x01\x10" + b"q" * 4097 + b"c", b"abc"),
    "sizes": (b"a\x1b[@\x04\x00\x00\x00\x11\x02b\x1b[\\\x04\x00ABCDc", b"abc"),
    "fonts": (b"a\x1b[I\x05\x00\x0b\x00\x90\x01Xb\x1b[T\x05\x00\x00\x00\x03\x52\x00c", b"abc"),
    "set-up": (b"a\x1b[K\x04\x00\x00&\x01\x02b\x1b[d\x01\x00!c\x1b[F\x02\x00ABd", b"abcd"),
}
COMMANDS = {
    **PCL,
    **{f"ESC/P {kind}": case for kind, case in ESC_P.items()},
    **{f"Proprinter {kind}": case for kind, case in PROPRINTER.items()},
}
NOT_COMMANDS = {
    "a terminal's": b"a\x1b[Kb\n\x1b[Kc\r\n\x1b[K\x1b[1md\x1b[gx\x07\x1b[2Ke\x1b[I\x1b[Kf\t\x1b[Fg\x08\x1b[Kh",
    "plain": b"Price (net) & 5% *new*\r\n@PJL is for printers\n",
    "separators": b"001\x1fafield\x1e\x1d01234nam\x1chello\x10",
    "words behind separators": b"\x1dVA x\x1d!ab\x1dkA x\x1dk\4" + b"1" * 257 + b"\0\x1d(A\0\x08",
    "ANSI": b"a\x1b[1mb\x1b[0mc\x1b]0;title\x07d\x1b]8;;http://x\x1b\\e\x1bP1$r0m\x1b\\f\x1b[38;5;1mg",
    "UTF-8": "ä€漢\u00a0\u009bx".encode(),
}
CUT = [b"\x1b&l8", b"\x1b&l", b"\x1b&", b"\x1b(s16.", b"\x1b%-1234", b"\x1b%-12345X@PJL SET", b"\x1b%-12345X@PJ"]
CUT += [b"\x1b*b20Wabc", b"\x1b%0BIN;PU", b"\x1b&p9X12", b"\x1bK\x20\x00abc", b"\x1b@\x1bW", b"\x1b.\x00\x14\x14"]
CUT += [
    b"\x1b%0B",
    b"\x1b%0BI",
    b"\x1b@\x1b*!",
    b"\x1dk",
    b"\x1dkA",
    b"\x1dk\x04123",
    b"\x1d(k\x03",
    b"\x1dv0\x01",
    b"\x1b&\x00A",
]
CUT += [b"\x1b&\x00AB\x00", b"\x1b[g\x05\x00", b"\x1bK\x05", b"\x1b@\x1bKA"]


def remove(document: bytes, size: int = 65536) -> tuple[bytes, int]:
    """Return the text of a document that comes in pieces of a size, and the number of commands left out."""
    remover = PrinterCommandRemover()
    pieces = [remover.feed(document[at : at + size]) for at in range(0, len(document), size)]
    text = b"".join([*pieces, remover.finish()])
    assert remover.bytes_left_out == len(document) - len(text)
    return text, remover.left_out


@pytest.mark.parametrize("kind", COMMANDS)
def test_commands_are_left_out_whole(kind: str) -> None:
    """No letter, number or data of a command stays, and no character of the text goes, however the text is cut."""
    document, text = COMMANDS[kind]
    for size in (65536, 1, 2, 3, 7):
        found, left_out = remove(document, size)
        assert (found, left_out > 0) == (text, True), size
    # What is whole does not wait for what follows.
    assert PrinterCommandRemover().feed(document) == text


def but(octets: bytes) -> bytes:
    """Return all octets but some."""
    return bytes(octet for octet in range(256) if octet not in octets)


ANY, PRINTABLE = but(b""), bytes(range(0x20, 0x7F))
NO_LINE_END, NEITHER = but(b"\t\n\f\r\x1b"), but(b"\t\n\f\r\x1b" + PRINTABLE)
CONTROLS = but(b"\b\t\n\f\r\x1b" + ANY[0x20:])
UPPER, LOWER = bytes(range(0x40, 0x5F)), bytes(range(0x60, 0x7F))
MEASURES = b"3? A? I? J? N? Q? V? d? j? l? u? ~?"
#: What came before; beginnings of commands, behind one character and before "?"; what follows "?"; its values.
PARAMETERS = [
    # ESC/P and ESC/POS.
    (b"", b"\x1b", b"U? W? w? x? s? G?", b"", b"\0\1\00201"),
    (b"", b"\x1b", b"-?", b"", b"\0\1\2" + bytes(range(0x30, 0x7F))),  # ESC - A is one of ISO 2022
    (b"", b"\x1b", b"E? M? F? H? T?", b"", b"\0\1\2\3"),
    (b"", b"\x1b", b"i? S? m?", b"", b"\0\00101"),
    (b"", b"\x1b", b"a? q?", b"", b"\0\1\2\0030123"),
    (b"", b"\x1b", b"r?", b"", ANY[:7] + b"0123456"),
    (b"", b"\x1b", b"k? R?", b"", ANY[:32] + b"0123456789@"),
    (b"", b"\x1b", b"t?", b"", ANY[:64] + b"\xfe\xff"),
    (b"", b"\x1b", b"{? h? v?", b"", ANY[:8] + b"01234"),
    (b"", b"\x1b", b"!? +? /?  ? \x19? " + MEASURES, b"", NO_LINE_END),
    (b"\x1b@", b"\x1b", b"!? +? /?  ? \x19? " + MEASURES, b"", ANY),
    (b"\x1b&l8D", b"\x1b", b"!? +? /?  ? \x19?", b"", NO_LINE_END),
    (b"\x1b&l8D", b"\x1b", b"E? U? C? " + MEASURES, b"", b""),
    (b"\x1b%0A", b"\x1b", MEASURES, b"", b""),
    (b"\x1b&l8D\x1b@", b"\x1b", MEASURES, b"", ANY),
    (b"", b"\x1b", b"C?", b"", NO_LINE_END[1:]),
    (b"\x1b@", b"\x1b", b"C?", b"", ANY[1:]),
    (b"", b"\x1b", b"C?", b"\xff", b"\0"),
    (b"", b"\x1b", b"e? f?", b"", ANY[2:0x20]),
    (b"", b"\x1b", b"e? f?", b"\xff", b"\0\00101"),
    (b"", b"\x1b", b"p?", b"", b"\0\00101"),
    (b"", b"\x1b", b"p0?", b"\xff", NO_LINE_END),
    (b"", b"\x1b", b"p0? p1?", b" ", NEITHER),
    (b"", b"\x1b", b"p0 ? p1~?", b"", NEITHER),
    (b"", b"\x1b", b"p0<?", b"", NEITHER + b"x"),
    (b"", b"\x1b", b"*?", b"\0\0", ANY[:8] + b" !&'(@AFGHI"),
    (b"", b"\x1b", b"(?", b"\0\0", but(ANY[:0x21] + b"@")),
    (b"", b"\x1b", b"^?", b"\0\0", b"\0\1"),
    (b"", b"\x1b", b"X?", b"\0\0", ANY[:0x20]),
    (b"", b"\x1b", b"$? c? \\?", b"\0", ANY),
    (b"", b"\x1b", b"X\0\0? $\0? c\0?", b"", ANY[:8]),
    (b"", b"\x1b", b"\\\0?", b"", ANY[:8] + b"\xfc\xfd\xfe\xff"),
    (b"\x1b@", b"\x1b", b"X\0\0? $\0? c\0?", b"", ANY[:0x20]),
    (b"", b"\x1b", b"b?", b"\1\0", ANY[:8]),
    (b"", b"\x1b", b"&?", b"AA\0", b"\1\2\3"),
    (b"", b"\x1b", b"&?", b"\0\0\0\0\0", b"\0"),
    (b"", b"\x1b", b".?", b"\0\0\0\0\0", b"\0\1"),
    # PCL: a group, and the letter at the end; a capital, or the next one is not of the command.
    (b"", b"\x1b", b"&?", b"1A", LOWER),
    (b"", b"\x1b", b"(?", b"A", bytes(range(0x20, 0x3A)) + LOWER),  # ESC ( / A is one of ISO 2022
    (b"", b"\x1b", b"(1?", b"", UPPER),
    (b"", b"\x1b", b"&l1?", b"", bytes(set(UPPER + LOWER) - set(b"Ww"))),
    # ESC/POS behind GS, FS and DLE.
    (b"", b"\x1d", b"V?", b"", CONTROLS),
    (b"", b"\x1d", b"V?", b"\0", b"ABabgh"),
    (b"", b"\x1d", b"VA? Vh?", b"", but(PRINTABLE)),
    (b"\x1b@", b"\x1d", b"VA?", b"", ANY),
    (b"", b"\x1d", b"k?", b"\0", ANY[:7] + b"ABCDEFGHIJKLMNO"),
    (b"", b"\x1d", b"(?", b"\0\0", ANY[0x41:0x7B]),
    (b"", b"\x1d", b"8?", b"\0\0\0\0", ANY[0x41:0x7B]),
    (b"", b"\x1d", b"*?", b"\0", b""),
    (b"\x1b@", b"\x1d", b"*?", b"\0", ANY),
    (b"", b"\x1d", b"v?", b"\0\0\0\0\0", b"0"),
    (b"", b"\x10", b"?", b"\1", b"\4\5"),
    (b"", b"\x10", b"?", b"\1\1\1", b"\x14"),
    (b"", b"\x1d", b"!? B? E? H? I? T? a? b? c? f? h? r? w? z? /?", b"", CONTROLS),
    (b"", b"\x1d", b"$? \\? L? P? W? d?", b"\1", CONTROLS),
    (b"", b"\x1d", b"$\1? \\\1? L\1? P\1? W\1? d\1? ^\1\1?", b"", CONTROLS),
    (b"", b"\x1d", b"^?", b"\1\1", CONTROLS),
    (b"", b"\x1c", b"!? -? W? C?", b"", CONTROLS),
    (b"", b"\x1c", b"p\1? S\1? 2\1?", b"", CONTROLS),
    (b"\x1b@", b"\x1d", b"!? a? $0? ^00?", b"", ANY),
]


@pytest.mark.parametrize("before, first, commands, behind, values", PARAMETERS)
def test_values_of_parameters(before: bytes, first: bytes, commands: bytes, behind: bytes, values: bytes) -> None:
    """A command has the values that its parameter can have, and others are text."""
    for command in commands[:-1].split(b"? "):
        head = before + first + command
        taken = {octet for octet in ANY if remove(head + bytes((octet,)) + behind + b"|")[0] == b"|"}
        assert taken == set(values), command


#: Beginnings of commands with a count, octets of what is counted, and the highest upper half of a count in a text.
COUNTED = [
    *((b"", b"\x1b" + head, 1, 7) for head in (b"K", b"L", b"Y", b"Z", b"(A")),
    *((b"", b"\x1b*" + bytes((mode,)), 1, 7) for mode in range(8)),
    *((b"", b"\x1b*" + bytes((mode,)), 3, 7) for mode in (32, 33, 38, 39, 40)),
    *((b"", b"\x1b*" + bytes((mode,)), 6, 7) for mode in (64, 65, 70, 71, 72, 73)),
    (b"", b"\x1b^\0", 2, 7),
    (b"", b"\x1b^\1", 2, 7),
    (b"\x1b@", b"\x1bK", 1, 0x1F),
    (b"", b"\x1d(A", 1, 7),
    (b"\x1b@", b"\x1d(A", 1, 0xFF),
]


@pytest.mark.parametrize("before, head, unit, highest", COUNTED)
def test_counts(before: bytes, head: bytes, unit: int, highest: int) -> None:
    """As many octets go as are counted; what is no count is text."""
    for low, high in ((0, 0), (2, 0), (0xFF, 1), (0, highest)):
        data = b"\1" * ((low + 256 * high) * unit)
        assert remove(before + head + bytes((low, high)) + data + b"|") == (b"|", 1 + bool(before))
    if highest < 0xFF:
        text = bytes((0, highest + 1)) + b"\1" * 99999
        assert remove(before + head + text)[0].endswith(text)


@pytest.mark.parametrize(
    "established",
    [b"\x1b@", b"\x1bQ\x1f", b"\x1bx\0", b"\x1b$\0\0", b"\x1b[g\0\0", b"\x1d!\1", b"\x1dk\0\0", b"\x1dkA\0"]
    + [b"\x1d(A\0\0", b"\x1dVA\0", b"\x1dv0\0\0\0\0\0", b"\x10\4\1", b"\x10\x14\1\1\1"],
)
def test_a_command_tells_that_more_may_follow(established: bytes) -> None:
    """Behind a command of ESC/P or ESC/POS the end of a line may be a parameter; behind one of others it is not."""
    assert remove(established + b"\x1bJ\n|")[0] == b"|"
    for other in (b"\x1bQ ", b"\x1bx0", b"\x1bE", b"\x1b=", b"\x1b#8", b"\x1b&l8D"):
        assert remove(other + b"\x1bJ\n|")[0] == b"\n|"


@pytest.mark.parametrize("size", [65536, 1, 3])
@pytest.mark.parametrize("kind", NOT_COMMANDS)
def test_text_stays(kind: str, size: int) -> None:
    """What the decoder knows, separators of records, and words that look like commands stay as they are."""
    assert remove(NOT_COMMANDS[kind], size) == (NOT_COMMANDS[kind], 0)


@pytest.mark.parametrize("size", [65536, 1, 3])
@pytest.mark.parametrize(
    "document, text",
    [
        # The end of a line, and ESC, is no parameter in a document that has shown nothing of a printer so far.
        (b"\x1bA\x1bB\x1bC\x1bD up\x1bH\x1bJ\nnext\n", b" up\nnext\n"),
        (b"up\x1bA\nright\x1bC\r\nend", b"up\nright\r\nend"),
        (b"a\x1bI\nb\x1bV\tc\x1bN\x0cd", b"a\nb\tc\x0cd"),
        (b"a\x1bC\x1b[1mb", b"a\x1b[1mb"),
        (b"\x1b@a\x1bJ\nb\x1bC\x0cc", b"abc"),
        # Sequences of ISO 2022 and of terminals take two characters with them, up to five, and no more.
        (b"\x1b(0lqqk\x1b(B end\x1b$B\x1b(B", b"lqqk end"),
        (b"a\x1b(Bb\x1b)0c\x1b#8d\x1b%Ge\x1b7f\x1b8g\x1bch\x1bMi\x1b=j\x1b>k\x1b}l", b"abcdefghijkl"),
        (b"a\x1b# 8b\x1b#/8c\x1b#0d\x1b#~e\x1b##!8f\x1b##!/8", b"abcdef/8"),
        (b"\x1b#\x7fa\x1b#\x1fb\x1b \n\x1b~\n", b"\x7fa\x1fb\n\n"),
        (b"\x1b\x1fa\x1b\x7fb\x1b\x80c\x1b\x19\n\x1b", b"\x1b\x1fa\x1b\x7fb\x1b\x80c\x1b\x19\n\x1b"),
        # Text behind a combined command of PCL without its capital; a pulse that is cut; characters that are none.
        (b"\x1b&l1oRA\x1b&l1oRZ\x1b&l1oRa\x1b&l1oRz", b"RARZRaRz"),
        (b"\x1b&l1oR@\x1b&l1oR[\x1b&l1oR`\x1b&l1oR{\x1b&l1`2A", b"@[`{"),
        (b"\x1b&\1BA\x1b&\1A\0\x1b.\0\1\1\1\0\x08b\x1bp1x", b"\1BA\1A\0bx"),
        (b"\x1bKA", b"A"),
        (b"\x1b*\x09a\x1bb\x09b\x1becd\x1b.\x02e\x1b&\x04fg\x1bB\x05\x05\x1bpgh", b"\x09a\x09bcd\x02e\x04fg\x05\x05gh"),
        (b"\x1bXabc\x1b\\\x1b^def\x1b\\", b"\x1bXabc\x1b\\\x1b^def\x1b\\"),
    ],
)
def test_no_more_is_taken_than_a_command_has(document: bytes, text: bytes, size: int) -> None:
    """What may be text is text."""
    assert remove(document, size)[0] == text


@pytest.mark.parametrize("size", [65536, 1, 3])
@pytest.mark.parametrize("cut", CUT)
def test_a_command_cut_by_the_end_is_left_out(cut: bytes, size: int) -> None:
    """A command that the end of the document cuts goes."""
    assert remove(b"text" + cut, size)[0] == b"text"


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from([b"\x1b", b"\x1d", b"&", b"(", b"*", b"%", b"l", b"s", b"W", b"3", b"0", b"\x00",
                                 b"A", b"[", b"g", b"B", b"X", b"@PJL", b"\n", b"\x1b%-12345X", b"\x1b@", b"p", b".",
                                 b"text"])),
       st.integers(1, 5))  # fmt: skip
def test_any_cut_gives_the_same(parts: list[bytes], size: int) -> None:
    """However a document comes in pieces, the text is the same, and so is what is counted."""
    document = b"".join(parts)
    assert remove(document, size) == remove(document)


LINES = "".join(f"Zeile {number} größer\n" for number in range(100)).encode()
STRAY = [b"\x1b*b9999W", b"\x1b*b99999999W", b"\x1b&p700X", b"\x1b*b2000v", b"\x1b[g\xff\x05", b"\x1d(k\xff\x07"]
STRAY += [b"\x1d8L\xff\xff\xff\x06", b"\x1b@\x1bK\xff\x04"]


@pytest.mark.parametrize("size", [65536, 1, 7])
@pytest.mark.parametrize("command", STRAY)
def test_a_stray_command_does_not_take_the_document(command: bytes, size: int) -> None:
    """What follows a large count is text if it is lines of that; data are left out, as many as there may be."""
    assert remove(b"first\n" + command + LINES, size)[0] == b"first\n" + LINES
    latin = LINES.decode().encode("latin-1")
    assert remove(b"first\n" + command + latin, size)[0] == b"first\n" + latin
    data = bytes(range(256)) * 9
    left = remove(b"first\n" + command + data, size)[0]
    assert len(left) < len(data) or b"99999999" in command or command.endswith(b"\x06")


@pytest.mark.parametrize("command", [b"\x1d*ab", b"\x1b*b" + b"9" * 400 + b"W", b"\x1b*b-" + b"9" * 400 + b"W"])
def test_no_command_has_data_that_it_cannot_have(command: bytes) -> None:
    """What is no command takes nothing, and a count that is no number of bytes is none either."""
    assert remove(b"first\n" + command + LINES)[0].endswith(LINES)


def test_most_data() -> None:
    """A mebibyte may be data, and no more."""
    for count, left in ((1 << 20, 0), ((1 << 20) + 1, (1 << 20) + 1), (99999999, 1 << 21)):
        for command in (b"\x1b*b%dW" % count, b"\x1d8A" + count.to_bytes(4, "little")):
            assert remove(command + bytes(min(count, 1 << 21)) + b"|")[0] == bytes(left) + b"|", count


@pytest.mark.parametrize(
    "data, is_text",
    [
        (LINES[:512], True),
        (b"x" * 255 + b"\n" + b"x" * 256, False),
        (b"x" * 300 + b"\n\n" + b"x" * 210, True),
        (b"x" * 301 + b"\n\n" + b"x" * 209, False),
        (b"\n\n" + b"\xff" * 128 + b"\n" + b"x" * 190 + b"\n" + b"x" * 190, True),
        (b"\n\n" + b"\xff" * 129 + b"\n" + b"x" * 190 + b"\n" + b"x" * 189, False),
        *((b"\n\n" + bytes((octet,)) + LINES[:509], octet in b"\t\n\f\r" + PRINTABLE) for octet in range(128)),
    ],
)
def test_data_that_are_text(data: bytes, is_text: bool) -> None:
    """Of a large count the first 512 bytes are looked at: lines of text, of which two are whole, are no data."""
    assert PrinterCommandRemover().feed(b"\x1b*b512W" + data) == (data if is_text else b"")
    assert remove(b"\x1b*b511W" + data[:511])[0] == b""


def test_what_is_left_out_is_counted() -> None:
    """One warning says how many bytes went with the commands; a combined command is one."""
    (warning,) = warnings(run_job(b"a\x1b*b600W" + bytes(600) + b"b\x1bE\x07\n" + LINES)[2])
    assert "2 printer commands (609 bytes) and 1 control character left out of the text" in warning
    assert remove(b"\x1b*b2m3vxyz3vxyz4Wabcd\x1b*b1vxTEXT\x1b*b1vx") == (b"TEXT", 3)
    remover = PrinterCommandRemover()
    assert (remover.feed(b"a\x1b&l1O"), remover.left_out) == (b"a", 1)


@pytest.mark.parametrize("options", ["", "text-charset=cp1252", "text-charset=cp850", "text-charset=utf-16-le"])
def test_one_warning_for_a_whole_document(options: str) -> None:
    """A text full of commands prints its words, with one warning, in every character set; nothing of it is sent on."""
    text = "TOTAL\r\n\x1b(s16.67H\x1b&l8D\x1b*b3Wabc\x1b%0BIN;\x1b%0A small \x07\x1b%-12345X@PJL RESET\r\nend\r\n"
    coded = text.encode("utf-16-le") if "16" in options else text.encode("ascii")
    code, output, messages = run_job(coded, options)
    assert code == 0
    (warning,) = warnings(messages)
    assert "printer commands" in warning and "-o raw" in warning
    assert b"16.67H\x1b&l8D" not in output and b"@PJL RESET" not in output and b"abc" not in output
    assert b"small" in output and b"end" in output


def test_machine_carriage_control_keeps_its_bytes() -> None:
    """With machine carriage control ESC as first byte of a record is a way to move the paper, no command."""
    code, output, messages = run_job(b"\x09one\n\x1b\n\x09two\n", "carriage-control=machine")
    assert (code, warnings(messages)) == (0, [])
    assert b"one" in output and b"two" in output
