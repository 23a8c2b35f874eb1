"""PDF with faults: those that cost nothing on paper, those that lose something, and those that ask for too much."""

from __future__ import annotations

import io
import random
import zlib
from typing import Any

from tests.unit.filters.test_pdf_inspection import built

FLATE = b"/Filter /FlateDecode"
WORDS = b"BT /F1 30 Tf 65 700 Td (words on it) Tj ET 0.5 g 300 400 120 60 re f\n"
SIZE = b"/MediaBox [0 0 595 842]"


def one_page(
    content: bytes,
    resources: bytes = b"",
    objects: tuple[bytes, ...] = (),
    filters: bytes = b"",
    length: int | None = None,
    page: bytes = SIZE,
    tree: bytes = b"",
) -> bytes:
    """Return a document of one page; ``objects`` are numbered from 6 on."""
    return built(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count 1 /Kids [3 0 R] %s >>" % tree,
        b"<< /Type /Page /Parent 2 0 R %s /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> %s >> >>"
        % (page, resources),
        stream(content, filters, length),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        *objects,
    ).read()


def stream(data: bytes, entries: bytes = b"", length: int | None = None) -> bytes:
    """Return a stream object."""
    size = len(data) if length is None else length
    return b"<< /Length %d %s >> stream\n%s\nendstream" % (size, entries, data)


def with_picture(data: bytes, filters: bytes, size: int = 64, colors: bytes = b"/DeviceGray", *more: bytes) -> bytes:
    """Return a document with a picture."""
    entries = b"/Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent 8 /ColorSpace %s /Filter /%s" % (
        size,
        size,
        colors,
        filters,
    )
    content = WORDS + b"q 300 0 0 300 100 100 cm /I Do Q"
    return one_page(content, b"/XObject << /I 6 0 R >>", (stream(data, entries), *more))


PLAIN = one_page(WORDS)
_chance = random.Random(1)
_LINES = b"".join(b"%d %d m %d %d l S\n" % tuple(_chance.randrange(1, 595) for _ in range(4)) for _ in range(2000))
PACKED = zlib.compress(WORDS + _LINES)
_PIXELS = bytes(_chance.randrange(256) for _ in range(64 * 64))
_PICTURE = zlib.compress(_PIXELS)


def _changed(data: bytes, at: int, by: bytes) -> bytes:
    return data[:at] + by + data[at + len(by) :]


def _ascii85(data: bytes) -> bytes:
    import base64

    return base64.a85encode(data) + b"~>"


def _flushed(data: bytes) -> bytes:
    packer = zlib.compressobj()
    return packer.compress(data) + packer.flush(zlib.Z_SYNC_FLUSH)


def saved_by_a_browser(blanks: int = 20) -> bytes:
    """Return a document with objects in a stream and an addition whose /Prev names the blanks before the old table."""

    def table(number: int, size: int, more: bytes, rows: list[tuple[int, int, int]]) -> bytes:
        data = b"".join(bytes((kind,)) + place.to_bytes(4, "big") + bytes((last,)) for kind, place, last in rows)
        entries = b"/Type /XRef /Size %d /W [1 4 1] /Root 1 0 R %s" % (size, more)
        return b"%d 0 obj\n%s\nendobj\n" % (number, stream(data, entries))

    packed = b"1 0 2 34 << /Type /Catalog /Pages 2 0 R >> << /Type /Pages /Count 1 /Kids [3 0 R] >>"
    page = b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> %s >>" % SIZE
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    objects = {3: page, 4: stream(WORDS), 5: font, 6: stream(packed, b"/Type /ObjStm /N 2 /First 9")}
    document, places = b"%PDF-1.6\n", {}
    for number, content in objects.items():
        places[number] = len(document)
        document += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    before = len(document)
    document += b" " * blanks
    rows = [
        (0, 0, 0),
        (2, 6, 0),
        (2, 6, 1),
        *((1, places[number], 0) for number in (3, 4, 5, 6)),
        (1, len(document), 0),
    ]
    document += table(7, 8, b"", rows) + b"startxref\n%d\n%%%%EOF\n" % (before + blanks)
    added = len(document)
    document += b"3 0 obj\n%s\nendobj\n" % page
    end = len(document)
    document += table(8, 9, b"/Prev %d /Index [3 1 8 1]" % before, [(1, added, 0), (1, end, 0)])
    return document + b"startxref\n%d\n%%%%EOF\n" % end


def _aes(secret: bytes, data: bytes, mode: Any) -> bytes:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms

    return Cipher(algorithms.AES(secret), mode).encryptor().update(data)


def _hash_of_revision_6(password: bytes, salt: bytes, more: bytes = b"") -> bytes:
    """Return what ISO 32000-2 algorithm 2.B makes of a password."""
    import hashlib

    from cryptography.hazmat.primitives.ciphers import modes

    key, turn, last = hashlib.sha256(password + salt + more).digest(), 0, 0
    while turn < 64 or last > turn - 32:
        packed = _aes(key[:16], (password + key + more) * 64, modes.CBC(key[16:32]))
        key = (hashlib.sha256, hashlib.sha384, hashlib.sha512)[sum(packed[:16]) % 3](packed).digest()
        turn, last = turn + 1, packed[-1]
    return key[:32]


def with_aes_password(password: bytes) -> bytes:
    """Return a document that opens with a password, and whose content is encrypted by AES with 256 bits."""
    from cryptography.hazmat.primitives.ciphers import modes

    key, salts, zeros = bytes(range(32)), b"checking" + b"unlocked", modes.CBC(bytes(16))
    user = _hash_of_revision_6(password, salts[:8]) + salts
    names = {
        b"U": user,
        b"UE": _aes(_hash_of_revision_6(password, salts[8:]), key, zeros),
        b"O": _hash_of_revision_6(b"owner", salts[:8], user) + salts,
        b"OE": _aes(_hash_of_revision_6(b"owner", salts[8:], user), key, zeros),
        b"Perms": _aes(key, b"\xfc\xff\xff\xff\xff\xff\xff\xffTadbabcd", modes.ECB()),
    }
    entries = b" ".join(b"/%s <%s>" % (name, value.hex().encode()) for name, value in names.items())
    form = b"/Filter /Standard /V 5 /R 6 /Length 256 /P -4 /StmF /StdCF /StrF /StdCF "
    form += b"/CF << /StdCF << /CFM /AESV3 /AuthEvent /DocOpen /Length 32 >> >>"
    padding = 16 - len(WORDS) % 16
    content = bytes(16) + _aes(key, WORDS + bytes([padding]) * padding, zeros)
    return one_page(content).replace(b"/Root", b"/Encrypt << %s %s >> /ID [<61> <61>] /Root" % (form, entries))


A85 = b"/Filter [/ASCII85Decode /FlateDecode]"

#: Faults of form that everyday programs and networks leave; all of the page prints.
HARMLESS = {
    "plain": PLAIN,
    "packed": one_page(PACKED, filters=FLATE),
    "packed-as-text": one_page(_ascii85(PACKED), filters=A85),
    "no-checksum": one_page(PACKED[:-4], filters=FLATE),
    "no-checksum-close": one_page(PACKED[:-4], filters=FLATE).replace(b"\nendstream", b"endstream"),
    "flushed": one_page(_flushed(WORDS + _LINES), filters=FLATE),
    "flushed-form": one_page(
        WORDS + b"/X Do",
        b"/XObject << /X 6 0 R >>",
        (stream(_flushed(b"0 0 10 10 re f"), b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] " + FLATE),),
    ),
    "flushed-note": one_page(WORDS, objects=(stream(_flushed(_PIXELS), FLATE),)),
    "flushed-note-close": one_page(WORDS, objects=(stream(_flushed(_PIXELS), FLATE).replace(b"\nendstr", b"endstr"),)),
    "saved-by-a-browser": saved_by_a_browser(),
    "saved-by-a-browser-close": saved_by_a_browser(3),
    "packed-nothing": one_page(b"", filters=FLATE),
    "length-too-short": one_page(WORDS, length=3),
    "length-too-long": one_page(WORDS, length=5000),
    "words-before": b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n" + PLAIN,
    "nothing-behind": PLAIN.rstrip(),
    "zeros-behind": PLAIN + bytes(5000),
    "words-behind": PLAIN + b"\r\n--boundary--\r\n" + b"<html>hello</html>" * 200,
    "half-an-end": PLAIN[:-4],
    "no-end": PLAIN[: PLAIN.rindex(b"%%EOF")],
    "wrong-offset": PLAIN.replace(b"startxref\n", b"startxref\n1"),
    "shifted-table": PLAIN.replace(b"%PDF-1.4\n", b"%PDF-1.4\n%abcdefgh\n"),
    "table-from-1": PLAIN.replace(b"xref\n0 6", b"xref\n1 6"),
    "no-endobj": PLAIN.replace(b"endobj", b"      "),
    "old-header": PLAIN.replace(b"%PDF-1.4", b"%!PS-Adobe-3.0 PDF-1.4"),
    "wrong-places": PLAIN.replace(b"0000000009 00000 n", b"0000000003 00000 n"),
    "wrong-count": PLAIN.replace(b"/Count 1", b"/Count 7"),
    "more-Q-than-q": one_page(WORDS + b"Q Q"),
    "more-q-than-Q": one_page(b"q q " + WORDS),
    "strange-numbers": one_page(b"1 w 0.-5 0 m --5 10 l S " + WORDS),
    "font-that-nobody-has": PLAIN.replace(b"/BaseFont /Helvetica", b"/BaseFont /Unknown12"),
    "bad-profile": with_picture(_PICTURE, b"FlateDecode", 64, b"[/ICCBased 7 0 R]", stream(b"0123456789", b"/N 1")),
    "empty-page": PLAIN.replace(b"/Contents 4 0 R", b"               "),
    "empty-content": one_page(b""),
    "no-size": one_page(WORDS, page=b""),
}
#: Content that is lost, whoever finds it.
LOST = {
    "half": PLAIN[: len(PLAIN) // 2],
    "without-its-table": PLAIN[: PLAIN.index(b"xref")],
    "half-of-an-addition": PLAIN + b"4 0 obj " + stream(WORDS)[:40],
    "linearized-cut-off": PLAIN.replace(b"%PDF-1.4\n", b"%PDF-1.4\n9 0 obj << /Linearized 1 /L 900000 >> endobj\n"),
    "content-not-there": PLAIN.replace(b"/Contents 4 0 R", b"/Contents 9 0 R"),
    "part-not-there": PLAIN.replace(b"/Contents 4 0 R", b"/Contents [4 0 R 9 0 R]"),
    "form-not-there": one_page(WORDS + b"/X Do", b"/XObject << /X 99 0 R >>"),
    "packed-cut-off": one_page(PACKED[: len(PACKED) // 2], filters=FLATE),
    "wrong-checksum": one_page(PACKED[:-4] + b"abcd", filters=FLATE),
    "object-with-a-hole": PLAIN.replace(b"5 0 obj << /Type /Font", bytes(22)),
    "one-bit": one_page(_changed(PACKED, len(PACKED) // 2, bytes([PACKED[len(PACKED) // 2] ^ 1])), filters=FLATE),
    "font-with-a-hole": one_page(
        WORDS,
        objects=(
            stream(_changed(zlib.compress(_PIXELS), 1000, bytes(500)), b"/Length1 4096 " + FLATE),
            b"<< /Type /FontDescriptor /FontName /AAAAAA+Foo /Flags 32 /FontFile2 6 0 R >>",
        ),
    ).replace(b"/Type1 /BaseFont /Helvetica", b"/TrueType /BaseFont /AAAAAA+Foo /FontDescriptor 7 0 R"),
    "packed-with-a-hole": one_page(_changed(PACKED, len(PACKED) // 3, bytes(500)), filters=FLATE),
    "packed-as-text-cut-off": one_page(_ascii85(PACKED)[: len(PACKED) // 2] + b"~>", filters=A85),
    "flushed-with-a-hole": one_page(_changed(_flushed(WORDS + _LINES), 3000, bytes(500)), filters=FLATE),
    "flushed-cut-off": one_page(_flushed(WORDS + _LINES)[:-40], filters=FLATE),
    "saved-by-a-browser-cut-off": saved_by_a_browser()[:-200],
    "saved-by-a-browser-without-contents": saved_by_a_browser().replace(b"4 0 obj\n", b"4 0 xxx\n"),
    "form-cut-off": one_page(
        WORDS + b"/X Do",
        b"/XObject << /X 6 0 R >>",
        (stream(PACKED[:200], b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] " + FLATE),),
    ),
    "picture-cut-off": with_picture(_PICTURE[: len(_PICTURE) // 2], b"FlateDecode"),
    "picture-of-rubbish": with_picture(b"\x01rubbish" * 50, b"DCTDecode"),
    "jpx-of-rubbish": with_picture(b"\x01rubbish" * 50, b"JPXDecode"),
    "jbig2-of-rubbish": with_picture(b"\x01rubbish" * 50, b"JBIG2Decode"),
    "unknown-filter": with_picture(b"abc" * 50, b"FooDecode"),
    "unknown-form": one_page(WORDS + b"/Im0 Do"),
}


def _forms(levels: int) -> tuple[bytes, ...]:
    objects = []
    for level in range(levels):
        deeper = level < levels - 1
        resources = b"/Resources << /XObject << /X %d 0 R >> >>" % (7 + level) if deeper else b""
        content = b"/X Do " * 10 if deeper else b"0 0 10 10 re f"
        objects.append(stream(content, b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] " + resources))
    return tuple(objects)


def _huge_picture() -> bytes:
    """Return a JPEG 2000 of a few hundred octets that says it is 30,000 dots wide and high."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.new("L", (64, 64)).save(buffer, "JPEG2000", num_resolutions=1)
    data, side = bytearray(buffer.getvalue()), (30000).to_bytes(4, "big")
    size, box = data.index(b"\xff\x51"), data.index(b"ihdr")
    for at in (size + 6, size + 10, size + 22, size + 26, box + 4, box + 8):
        data[at : at + 4] = side
    return with_picture(bytes(data), b"JPXDecode", 30000)


_TILE = b"/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 .01 .01] /XStep .003 /YStep .003"
#: Documents of some hundred octets or little more that take all there is -> what stops them.
BOMBS = {
    "forms": (lambda: one_page(WORDS + b"/X Do", b"/XObject << /X 6 0 R >>", _forms(12)), "render-seconds-per-page"),
    "pattern": (
        lambda: one_page(
            b"/Pattern cs /P scn " + b"0 0 595 842 re f " * 2000,
            b"/Pattern << /P 6 0 R >>",
            (stream(b"0 0 1 1 re f", _TILE + b" /Resources << >>"),),
        ),
        "render-seconds-per-page",
    ),
    "picture": (_huge_picture, "render-memory"),
}
