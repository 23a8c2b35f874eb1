"""Which document-format a document is sent as: RFC 8011 section 5.1.10, docs/quirks.md, Q-97. Pure.

Also whether a file whose type nobody knows is for a printer at all: one that is not prints as sheets of rubbish.
"""

from __future__ import annotations

import re  # expressions are compiled where they are used, which an ordinary job hardly does

OCTET_STREAM = "application/octet-stream"
PCL = "application/vnd.hp-PCL"
UEL = b"\x1b%-12345X"

#: CUPS types that say nothing about the document.
UNTOLD = ("", "application/vnd.cups-raw", OCTET_STREAM, "application/vnd.cups-command")
#: PJL names of languages (PJL "ENTER LANGUAGE"), as they stand in the first bytes of a job.
PJL_LANGUAGES = (
    (b"LANGUAGE=PCLXL", "application/vnd.hp-PCLXL"),
    (b"LANGUAGE=POSTSCRIPT", "application/postscript"),
    (b"LANGUAGE=PDF", "application/pdf"),
    (b"LANGUAGE=PCL", PCL),
)
#: Beginnings of the types of documents that do not say themselves how they are to be printed.
WITHOUT_OPTIONS = ("application/pdf", "image/", "text/")
#: How documents begin.
BEGINNINGS = (
    (b"\x1bE", PCL),
    (b"%PDF-", "application/pdf"),
    (b"%!", "application/postscript"),
    (b") HP-PCL XL", "application/vnd.hp-PCLXL"),
    (b"\x89PNG", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"RaS2", "image/pwg-raster"),
    (b"UNIRAST\0", "image/urf"),
)

#: How PCL begins that does not begin with a reset: group, value and letter, or a symbol set.
_PCL_COMMAND = rb"\x1b(?:[&*][a-z][-+]?[0-9]*\.?[0-9]*[@-Z`-z]|[()](?:s[-+]?[0-9]*\.?[0-9]*|[0-9]+)[@-Z`-z])"
#: Beginnings of other data for printers: CUPS raster, PJL without UEL, BJL, ZjStream, EPS with a preview.
_FOR_PRINTERS = (
    b"RaS",
    b"SaR",
    b"tSaR",
    b"3SaR",
    b"2SaR",
    b"@PJL",
    b"BJLSTART",
    b"JZJZ",
    b"\xc5\xd0\xd3\xc6",
    b"\x04%!",
)
#: Beginnings of files that are never for a printer, whatever is in them.
_OTHERS = (b"\x7fELF", b"MZ", b"RIFF", b"\x1bLua", b"\xca\xfe\xba\xbe", b"SQLite format 3\0", b"7z\xbc\xaf", b"Rar!")
_ZIP, _XPS = b"PK\x03\x04", (b".fdseq", b".fpage")
# PCL somewhere in the middle: a command with a value, which chance does not make.
_PCL_INSIDE = rb"\x1b[&*(][a-z]-?[0-9]+[A-Za-z]"
_TEXT = bytes(range(0x20, 0x7F)) + b"\b\t\n\v\f\r\x1a\x1b"
#: Bytes of a text that may be none of ASCII's, in hundredths.
_MOST_ODD = 5


def cups_type(final_content_type: str, content_type: str) -> str:
    """Return the document's type from what cupsd says: FINAL_CONTENT_TYPE, which may begin with "printer/QUEUE/"."""
    kind = final_content_type or content_type
    if kind.startswith("printer/"):
        kind = "/".join(kind.split("/")[2:])
    return "" if kind in UNTOLD else kind


def recognise(head: bytes) -> str:
    """Return the type that the first bytes of a document show, "" if they show none."""
    if head.startswith(UEL):
        pjl = head.upper().replace(b" ", b"")
        return next((kind for word, kind in PJL_LANGUAGES if word in pjl), PCL)
    if re.match(_PCL_COMMAND, head):
        return PCL
    return next((kind for beginning, kind in BEGINNINGS if head.startswith(beginning)), "")


def may_be_for_printer(sample: bytes) -> bool:
    """Tell whether a file of a type that CUPS does not know may be print data, or text, from its first bytes.

    A language for printers is known by its first command, by PJL, PDF or PostScript behind some bytes of something
    else, or by commands of PCL in the middle. Zip files are for printers only if they are XPS, which their directory
    shows: the sample may end with the end of the file. Text that is not quite text may be what a printer understands.
    """
    if sample.startswith(_OTHERS):
        return False
    if sample.startswith(_ZIP):
        return any(name in sample for name in _XPS)
    start = sample.lstrip(b"\0\r\n\t ")
    if start.startswith((b"\x1b", *_FOR_PRINTERS)) or recognise(start):
        return True
    if UEL in sample or b"%PDF-" in sample[:1024] or b"%!PS" in sample[:1024] or re.search(_PCL_INSIDE, sample):
        return True
    odd = len(sample.translate(None, _TEXT))
    return b"\0" not in sample and odd * 100 <= len(sample) * _MOST_ODD


def real_type(kind: str, head: bytes) -> str:
    """Return what a document is, "" if nothing tells: CUPS's own word for it first, then its beginning."""
    return kind or recognise(head)


def ends_properly(head: bytes, tail: bytes) -> bool:
    """Tell whether a document's end is the one that belongs to its beginning, so that nothing can be missing."""
    tail = tail.rstrip(b"\r\n\0")
    if head.startswith(UEL):
        return tail.endswith(UEL)
    if head.startswith(b"\x1bE"):
        return tail.endswith((b"\x1bE", UEL))
    if head.startswith((b"%PDF-", b"%!")):
        return b"%%EOF" in tail[-64:] or tail.endswith(b"\x04")
    return head.startswith(b"\xff\xd8\xff") and tail.endswith(b"\xff\xd9")  # JPEG; raster has no end of its own


def is_plainly_listed(kind: str, formats: tuple[str, ...], device_id: str) -> bool:
    """Tell whether a printer lists a document's type, and nothing in its device id can mean that it does not take it.

    False means only: look closer (``languages``).
    """
    kind, listed = kind.lower(), (name.partition(";")[0].strip().lower() for name in formats)
    if "pcl" not in kind:
        return kind in listed
    words = device_id.upper().replace(":", ",").replace(";", ",")
    return kind in listed and (not device_id or any(word in words for word in (",PCL,", ",PCL5", ",PCL6", ",PCLXL")))


def choose_formats(kind: str, head: bytes, supported: tuple[str, ...]) -> tuple[str, ...]:
    """Return the formats to try in turn; "" means: leave the attribute out.

    Args:
        kind: the type that CUPS names, "" if it names none.
        head: the first bytes of the document.
        supported: document-format-supported; empty if the printer does not say.
    """
    spelled = {name.lower(): name for name in supported}
    real = real_type(kind, head)
    wanted = [spelled.get(real.lower(), "" if supported else real), spelled.get(OCTET_STREAM, "")]
    return tuple(dict.fromkeys([name for name in wanted if name] + [""]))


def last(refused: str, formats: tuple[str, ...]) -> tuple[str, ...]:
    """Return formats with those last that the printer is known to refuse, a list with blanks between them."""
    words = refused.split()
    return tuple(sorted(formats, key=lambda name: name.lower() in words)) if words else formats
