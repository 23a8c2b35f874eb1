"""Real PDF documents out of Debian packages: which, where from, and what each is there for.

    python3 -m tests.documents FOLDER

fetches the packages with apt-get, installs none of them, and unpacks them into the folder; tests/run --soak does it and
names the folder in IPPS443_DOCUMENTS.
"""

from __future__ import annotations

import glob
import gzip
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

#: Names the folder into which the packages are unpacked.
FOLDER_VARIABLE = "IPPS443_DOCUMENTS"


@dataclass(frozen=True)
class Document:
    """A document; ``pages`` as page-ranges of lp, ``paper`` as PageSize."""

    package: str
    path: str
    pages: str
    paper: str
    purpose: str

    @property
    def name(self) -> str:
        """The name without folder and suffixes."""
        return os.path.basename(self.path).partition(".pdf")[0]

    def read(self, folder: str) -> bytes:
        """Return the document."""
        content = Path(folder, self.path).read_bytes()
        return gzip.decompress(content) if self.path.endswith(".gz") else content

    @property
    def page_numbers(self) -> list[int]:
        """The pages as numbers."""
        ranges = (part.split("-") for part in self.pages.split(","))
        return [number for ends in ranges for number in range(int(ends[0]), int(ends[-1]) + 1)]


DOC = "usr/share/doc"
DOCUMENTS = tuple(
    Document(*fields)
    for fields in (
        ("debian-policy", f"{DOC}/debian-policy/policy.pdf.gz", "1,9-10,193", "Letter", "a manual with links"),
        ("debian-policy", f"{DOC}/debian-policy/fhs/fhs-3.0.pdf.gz", "1,10-11", "Letter", "a manual made by FOP"),
        ("maint-guide", f"{DOC}/maint-guide/maint-guide.en.pdf", "1,20-21", "A4", "a manual on A4"),
        ("debian-faq", f"{DOC}/debian/FAQ/debian-faq.en.pdf.gz", "1,12-13", "A4", "a manual with tables"),
        ("debian-refcard", f"{DOC}/debian-refcard/refcard-ja-a4.pdf.gz", "1-2", "A4", "lying pages in Japanese"),
        ("debian-refcard", f"{DOC}/debian-refcard/refcard-hi-a4.pdf.gz", "1-2", "A4", "lying pages in Devanagari"),
        ("debian-refcard", f"{DOC}/debian-refcard/refcard-en-lt.pdf.gz", "1-2", "Letter", "lying pages on Letter"),
        ("octave-doc", f"{DOC}/octave/refcard-legal.pdf", "1-3", "Legal", "lying pages on Legal, three columns"),
        ("pari-doc", "usr/share/pari/doc/refcard.pdf", "1-2", "A4", "lying pages full of formulas"),
        ("groff", f"{DOC}/groff-base/examples/mom/slide-demo.pdf.gz", "1-4", "A4", "coloured slides, 16 to 9"),
        ("groff", f"{DOC}/groff-base/examples/mom/penguin.pdf.gz", "1", "A4", "a page as small as a stamp, soft mask"),
        ("xfig-doc", f"{DOC}/xfig/xfig-howto.pdf", "18-20", "Letter", "a page turned by /Rotate among upright ones"),
        ("xfig-doc", f"{DOC}/xfig/xfig_ref_en.pdf", "4-6", "A4", "screenshots with soft masks"),
        ("circuit-macros", f"{DOC}/circuit-macros/examples/examples.pdf", "1,21-23,47", "Letter", "drawings, turned"),
        ("circuit-macros", f"{DOC}/circuit-macros/examples/keyboard.pdf", "1", "A4", "a page wider than the sheet"),
        ("asymptote-doc", f"{DOC}/asymptote/asymptote.pdf", "135-136,165-166", "Letter", "shadings, wide images"),
        ("texworks-help-en", f"{DOC}/texworks-help-en/manual.pdf", "1,19,23", "A4", "transparency groups"),
        ("python-reportlab-doc", f"{DOC}/python-reportlab-doc/reportlab-userguide.pdf", "1,24,100", "A4", "alpha"),
        ("gutenprint-doc", f"{DOC}/gutenprint-doc/gutenprint-users-manual.pdf", "24-27", "Letter", "large pictures"),
        ("lure-of-the-temptress", f"{DOC}/lure-of-the-temptress/Manual.pdf", "1-3", "A4", "scans as large as pages"),
        ("lure-of-the-temptress", f"{DOC}/lure-of-the-temptress/Manual_es.pdf", "1,36-38", "A4", "sizes mixed, colour"),
        ("fonts-sil-charis", f"{DOC}/fonts-sil-charis/documentation/pdf/features.pdf.gz", "1-3", "A4", "rare letters"),
        ("gnuplot-doc", f"{DOC}/gnuplot/gnuplot.pdf", "30,60,150", "Letter", "plots"),
        ("cups-filters", "usr/share/cups/data/form_english.pdf", "1", "A4", "a form with fields"),
    )
)


def packages() -> list[str]:
    """Return the packages, each once."""
    return list(dict.fromkeys(document.package for document in DOCUMENTS))


def fetch(folder: str) -> None:
    """Fetch the packages and unpack them into a folder; one that cannot be had is named and left out."""
    with tempfile.TemporaryDirectory() as downloads:
        for package in packages():
            done = subprocess.run(["apt-get", "-q", "download", package], cwd=downloads, capture_output=True, text=True)
            if done.returncode:
                print(f"{package}: {(done.stderr.strip().splitlines() or ['not fetched'])[-1]}")
        for file in sorted(glob.glob(f"{downloads}/*.deb")):
            subprocess.run(["dpkg-deb", "-x", file, folder], check=True)


if __name__ == "__main__":
    fetch(sys.argv[1])
