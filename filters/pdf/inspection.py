"""What a PDF is, before it is rendered: ISO 32000-1 sections 7.6 (encryption) and 7.7.3 (page tree), through pypdf.

A file that cannot print is refused here, with words for the person who sent it; Ghostscript would print a page of its
own error messages, or nothing. Looked at: that the file opens, the number of pages, sizes of the first ones. Not looked
at: what is on the pages.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Iterator

from filters.dataclass import dataclass

if TYPE_CHECKING:
    from typing import BinaryIO

    from pypdf import PdfReader

POINTS_PER_INCH = 72
#: No office printer takes a longer side; a page beyond it is a plan or a slip, and costs minutes and gigabytes.
LONGEST_SIDE = 48 * POINTS_PER_INCH
#: Pages that are looked at, which bounds time and memory; longer documents are of one kind all through.
PAGES_LOOKED_AT = 500
#: What the page tree hands down to its pages.
INHERITED = ("/MediaBox", "/Rotate")
#: What pypdf raises for files that are not as they should be, besides its own errors.
_NOT_AS_IT_SHOULD_BE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NotImplementedError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
)


class PdfRefused(Exception):
    """The file cannot be printed; ``reason`` says why and what to do."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class PdfFacts:
    """Pages, and the sizes of the first ones, each once: width and height in points as they are read."""

    pages: int
    sizes: tuple[tuple[int, int], ...]


def inspect_pdf(file: BinaryIO) -> PdfFacts:
    """Return what there is to print.

    Raises:
        PdfRefused: empty, no PDF, damaged, protected by a password, without pages, or with a page that is too large.
    """
    if file.seek(0, os.SEEK_END) == 0:
        raise PdfRefused("it is empty, damaged or protected by a password; save it anew without one, and print that")
    facts = _read_facts(file)
    if not facts.pages:
        raise PdfRefused("it has no pages; save it anew, and print that")
    for width, height in facts.sizes:
        if max(width, height) > LONGEST_SIDE:
            inches = f"{width / POINTS_PER_INCH:.0f} x {height / POINTS_PER_INCH:.0f} inches"
            raise PdfRefused(f"a page of {inches} is too large; scale it down, and print that")
    return facts


def _read_facts(file: BinaryIO) -> PdfFacts:
    import logging

    from pypdf import PdfReader
    from pypdf.errors import DependencyError, PyPdfError

    # What pypdf thinks of a file's small faults would reach standard error in a form that cupsd does not know.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL + 1)
    try:
        reader = PdfReader(file)
        if reader.is_encrypted and not reader.decrypt(""):
            raise PdfRefused("it is protected by a password; save it without one, and print that")
        sizes = [_size(page) for page in _first_pages(reader)]
        count = len(sizes) if len(sizes) < PAGES_LOOKED_AT else int(_page_tree(reader).get("/Count", len(sizes)))
    except DependencyError:
        raise PdfRefused("it is encrypted in a way that is not known here; save it without, and print that") from None
    except (PyPdfError, *_NOT_AS_IT_SHOULD_BE) as error:
        brief = (str(error) or type(error).__name__)[:80]
        raise PdfRefused(f"it is damaged or no PDF ({brief}); save it anew, and print that") from None
    return PdfFacts(count, tuple(dict.fromkeys(sizes)))


def _page_tree(reader: PdfReader) -> Any:
    return reader.trailer["/Root"]["/Pages"]  # type: ignore[index]


def _first_pages(reader: PdfReader) -> Iterator[dict[str, Any]]:
    """Give the first pages with what they inherit; the tree is walked only so far, and never in circles."""
    waiting: list[tuple[Any, dict[str, Any]]] = [(_page_tree(reader), {})]
    given, steps = 0, 0
    while waiting and given < PAGES_LOOKED_AT:
        node, inherited = waiting.pop()
        node = node.get_object()
        steps += 1
        if steps > 4 * PAGES_LOOKED_AT:
            raise ValueError("its page tree has no end")
        own = {**inherited, **{name: node[name] for name in INHERITED if name in node}}
        if "/Kids" in node:
            # Of a flat tree no more kids are kept than are looked at.
            waiting += [(kid, own) for kid in reversed(node["/Kids"][:PAGES_LOOKED_AT])]
        else:
            given += 1
            yield {**own, "/UserUnit": node.get("/UserUnit", 1)}


def _size(page: dict[str, Any]) -> tuple[int, int]:
    left, bottom, right, top = (float(edge.get_object()) for edge in page["/MediaBox"].get_object())
    unit = float(page["/UserUnit"])
    width, height = abs(round((right - left) * unit)), abs(round((top - bottom) * unit))
    turned = int(page.get("/Rotate", 0)) % 180 == 90
    return (height, width) if turned else (width, height)
