"""JPEG that goes to the printer as it is: what description, picture filter and backend have to agree about.

``*ipps443Jpeg`` stands in descriptions made from printers that list JPEG beside what else is made for them, and
print-scaling "fit": what they take of it, as jpeg-k-octets-supported, jpeg-x-dimension-supported and
jpeg-y-dimension-supported (PWG 5100.13) say, 0 for no limit, and whether they turn pictures (orientation-requested
"none"). CUPS chooses filters by the type alone, so the filter's type is that of its pages. It writes the JPEG in their
place where that prints alike, and the backend knows it by its first bytes.
"""

from __future__ import annotations

from filters.common.formats import JPEG, PDF, RASTERS

#: The line of a description, and its last word for a printer that turns pictures.
LINE, TURNS = "ipps443Jpeg", "turns"
JPEG_BEGINNING = b"\xff\xd8\xff"
#: Types of the pages that the filter makes otherwise.
_PAGES = (PDF, *RASTERS)


def has_pages_of_jpeg(content_type: str, kind: str) -> bool:
    """Tell whether cupsd had a JPEG for the filters, and wanted pages of it.

    Args:
        content_type: of the document as it came.
        kind: what the filters were to make of it.
    """
    return content_type.lower() == JPEG and kind.lower() in _PAGES
