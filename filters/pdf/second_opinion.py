"""What Ghostscript thinks of a PDF that pypdf cannot read.

pypdf is stricter than printing needs, and its versions differ: a table of objects that begins some blanks behind its
place, as browsers leave it when they save a form that was filled in, is enough. So before a document is refused for
that alone, Ghostscript draws it and throws the pages away. Only if it has nothing to complain of is the document whole.
"""

from __future__ import annotations

import re
from typing import BinaryIO, Mapping, Optional

from filters.common.report import Report
from filters.common.temporary_folder import temporary_folder
from filters.pdf.inspection import PdfFacts
from filters.pdf.renderer import LimitReached, Limits, Renderer, document_path
from filters.pdf.rendering import GHOSTSCRIPT
from filters.pdf.words import Words

_ARGUMENTS = (
    GHOSTSCRIPT,
    "-dSAFER",
    "-dBATCH",
    "-dNOPAUSE",
    "-sDEVICE=nullpage",
    "-sstdout=%stderr",
)


#: What Ghostscript says of a document that its reader has to open with a password.
_PASSWORD = "requires a password"
#: Revision 5 of encryption (Acrobat 9), of which Ghostscript says so also where no password is needed.
_REVISION_5 = re.compile(rb"/R\s*5\b(?!\s+[0-9]+\s+R)")
_LOOKED_THROUGH = 64 << 20


class SecondOpinion:
    """Asks Ghostscript about documents, which begin with their header."""

    def __init__(self, environ: Mapping[str, str], limits: Limits, report: Report) -> None:
        self._environ = environ
        self._limits = limits
        self._report = report

    def can_draw_all(self, document: BinaryIO) -> bool:
        """Tell whether all of a document can be drawn."""
        words, _ = self._draw(document)
        if words is None or words.complaint or words.lost or words.fonts or words.memory:
            return False
        return 0 < words.page == words.other_count

    def asks_for_password(self, document: BinaryIO) -> bool:
        """Tell whether a document cannot be opened without a password; only its first page is drawn."""
        document.seek(0)
        if _REVISION_5.search(document.read(_LOOKED_THROUGH)):
            return False
        _, said = self._draw(document, "-dFirstPage=1", "-dLastPage=1")
        return any(_PASSWORD in line for line in said)

    def _draw(self, document: BinaryIO, *options: str) -> tuple[Optional[Words], list[str]]:
        """Draw on nothing, and return the words about it, None where it did not come to its end, and its lines."""

        words, said = Words(PdfFacts(0, ())), list[str]()
        arguments = [*_ARGUMENTS, *options, "-f", document_path(document.fileno())]
        with temporary_folder() as temporary:
            try:
                renderer = Renderer(arguments, document.fileno(), temporary, self._environ, self._limits)
            except OSError as error:
                self._report.debug(f"Ghostscript cannot be asked: {error}")
                return None, said
            try:
                for is_output, piece in renderer.output():
                    said += [] if is_output else words.take(piece)
                    if words.new_page():
                        renderer.page_begins()
                status = renderer.wait()
            except LimitReached:
                return None, said
            finally:
                renderer.kill()
        for line in said:
            self._report.debug(f"gs: {line}")
        return None if status else words, said
