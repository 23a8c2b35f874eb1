"""What a PDF is, before it is rendered: ISO 32000-1 sections 7.6 (encryption) and 7.7.3 (page tree).

A file that cannot print is refused here, with words for the person who sent it; Ghostscript would print a page of its
own error messages, or nothing. Looked at: that the file opens, the number of pages, sizes of the first ones. Not looked
at: what is on the pages.
"""

from __future__ import annotations

import os
import zlib
from contextlib import contextmanager

from filters.common.dataclass import dataclass
from filters.pdf.boxes import US_LETTER, box_in
from filters.pdf.contents import ContentCheck, has_flushed_stream
from filters.common.plain_pdf import NotCertain, PlainReader, resolved

TYPE_CHECKING = False  # slow to import
if TYPE_CHECKING:
    from typing import Any, BinaryIO, Callable, Iterator, Optional, TypeVar

    from pypdf import PdfReader

    Reader = PdfReader | PlainReader
    T = TypeVar("T")

POINTS_PER_INCH = 72
#: No office printer takes a longer side; a page beyond it is a plan or a slip, and costs minutes and gigabytes.
LONGEST_SIDE = 48 * POINTS_PER_INCH
#: Pages that are looked at, which bounds time and memory; longer documents are of one kind all through.
PAGES_LOOKED_AT = 500
#: What the page tree hands down to its pages.
INHERITED = ("/MediaBox", "/CropBox", "/Rotate")
#: Boxes that it does not hand down.
_OWN = ("/TrimBox",)
#: What pypdf raises for files that are not as they should be, besides its own errors.
_NOT_AS_IT_SHOULD_BE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NameError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
)
PASSWORD = "it is protected by a password; save it without one, and print that"


class PdfRefused(Exception):
    """The file cannot be printed; ``reason`` says why and what to do."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class EncryptionUnknown(PdfRefused):
    """pypdf cannot read it; other programs may."""


class NotRead(PdfRefused):
    """pypdf finds fault with how it is written; that other programs can read it is possible."""


@dataclass(frozen=True)
class PdfFacts:
    """Pages, and the sizes of the first ones, each once: width and height in points as they are read.

    Attributes:
        may_be_empty: a page has nothing on it, or there are more than were looked at.
        counted_wrongly: the document says that it has another number of pages.
        flushed: packed data in it are flushed instead of finished.
    """

    pages: int
    sizes: tuple[tuple[int, int], ...]
    may_be_empty: bool = False
    counted_wrongly: bool = False
    flushed: bool = False


def inspect_pdf(file: BinaryIO) -> PdfFacts:
    """Return what there is to print.

    Raises:
        PdfRefused: empty, no PDF, damaged, protected by a password, without pages, or with a page that is too large.
    """
    facts = read_plainly(file, find_facts) or read_facts(open_pdf(file))
    for width, height in facts.sizes:
        if max(width, height) > LONGEST_SIDE:
            inches = f"{width / POINTS_PER_INCH:.0f} x {height / POINTS_PER_INCH:.0f} inches"
            raise PdfRefused(f"a page of {inches} is too large; scale it down, and print that")
    return PdfFacts(facts.pages, facts.sizes, facts.may_be_empty, facts.counted_wrongly, has_flushed_stream(file))


def read_plainly(file: BinaryIO, look: Callable[[PlainReader], T]) -> Optional[T]:
    """Return what ``look`` finds in a document of the usual form, None where pypdf has to read it.

    What is wrong with a document is for pypdf to say.
    """
    try:
        return look(PlainReader(file))
    except NotRead:  # it has taken too long
        raise
    except (NotCertain, PdfRefused, MemoryError, zlib.error, *_NOT_AS_IT_SHOULD_BE):
        return None


def open_pdf(file: BinaryIO) -> PdfReader:
    """Return pypdf's reader of a document that it can read.

    Raises:
        PdfRefused: empty, no PDF, damaged, or protected by a password.
        EncryptionUnknown: encrypted in a way that pypdf cannot read.
    """
    import logging

    from pypdf import PdfReader

    if file.seek(0, os.SEEK_END) == 0:
        raise PdfRefused("it is empty, damaged or protected by a password; save it anew without one, and print that")
    # What pypdf thinks of a file's small faults would reach standard error in a form that cupsd does not know.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL + 1)
    with damage_refused():
        reader = PdfReader(file)
        if reader.is_encrypted and not reader.decrypt(""):
            raise PdfRefused(PASSWORD)
    return reader


def read_facts(reader: PdfReader) -> PdfFacts:
    """Return pages and sizes.

    Raises:
        PdfRefused: damaged, or without pages.
    """
    with damage_refused():
        return find_facts(reader)


def find_facts(reader: Reader) -> PdfFacts:
    """Return pages and sizes.

    Raises:
        PdfRefused: something is missing, or there are no pages.
        Exception: the document is damaged in another way.
    """
    pages = list(_first_pages(reader))
    said = int(_page_tree(reader).get("/Count", len(pages)))
    sizes = [_size(page) for page in pages]
    count = len(pages) if len(pages) < PAGES_LOOKED_AT else said
    if not count:
        raise PdfRefused("it has no pages; save it anew, and print that")
    empty = count > len(pages) or any(page["empty"] for page in pages)
    return PdfFacts(count, tuple(dict.fromkeys(sizes)), empty, count != said)


@contextmanager
def damage_refused() -> Iterator[None]:
    """Let what pypdf raises for a document that is not as it should be be a refusal.

    Raises:
        NotRead: in its place.
        PdfRefused: only those who have a certain key can read it.
        EncryptionUnknown: it is encrypted in a way that pypdf does not know.
    """
    from pypdf.errors import DependencyError, PyPdfError

    try:
        yield
    except DependencyError:
        raise EncryptionUnknown(
            "it is encrypted in a way that is not known here; save it without, and print that"
        ) from None
    except NotImplementedError as error:
        if "encryption" not in str(error):
            raise NotRead(
                f"it is written in a way that is not known here ({str(error)[:60]}); save it anew, and print that"
            ) from None
        # By the keys of those who may read it, ISO 32000-1 section 7.6.4.
        raise PdfRefused("it is protected by a certificate; save it without one, and print that") from None
    except (PyPdfError, *_NOT_AS_IT_SHOULD_BE) as error:
        brief = (str(error) or type(error).__name__)[:80]
        raise NotRead(f"it is damaged or no PDF ({brief}); save it anew, and print that") from None


def _page_tree(reader: Reader, raw: bool = False) -> Any:
    root: Any = reader.trailer["/Root"]
    return root.raw_get("/Pages") if raw else root["/Pages"]


def walk_pages(reader: Reader, most: int) -> Iterator[tuple[Optional[int], Any, dict[str, Any]]]:
    """Give the first pages: number of the object, the page, and the boxes that it has or inherits.

    The tree is walked only so far, and never in circles.
    """
    waiting: list[tuple[Any, dict[str, Any]]] = [(_page_tree(reader, raw=True), {})]
    given, steps = 0, 0
    while waiting and given < most:
        reference, inherited = waiting.pop()
        node = resolved(reference)
        steps += 1
        if steps > 4 * most:
            raise ValueError("its page tree has no end")
        own = {**inherited, **{name: node[name] for name in INHERITED if name in node}}
        if "/Kids" in node:
            # Of a flat tree no more kids are kept than are looked at.
            waiting += [(kid, own) for kid in reversed(node["/Kids"][:most])]
        else:
            given += 1
            own.update((name, node[name]) for name in _OWN if name in node)
            yield getattr(reference, "idnum", None), node, own


def _first_pages(reader: Reader) -> Iterator[dict[str, Any]]:
    contents = ContentCheck()
    for number, (_, node, page) in enumerate(walk_pages(reader, PAGES_LOOKED_AT), 1):
        trouble = contents.find_trouble(node)
        if trouble:
            raise PdfRefused(f"it is damaged: what page {number} shows is {trouble}; save it anew, and print that")
        yield {**page, "/UserUnit": node.get("/UserUnit", 1), "empty": contents.is_empty(node)}


def _size(page: dict[str, Any]) -> tuple[int, int]:
    box = box_in(page.get("/MediaBox")) or US_LETTER
    unit = float(page["/UserUnit"])
    width, height = abs(round(box.width * unit)), abs(round(box.height * unit))
    turned = int(page.get("/Rotate", 0)) % 180 == 90
    return (height, width) if turned else (width, height)
