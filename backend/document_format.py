"""Which document-format a document is sent as: RFC 8011 section 5.1.10, printer-quirks Q-97. Pure."""

from __future__ import annotations

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
    return next((kind for beginning, kind in BEGINNINGS if head.startswith(beginning)), "")


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
    return False


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
