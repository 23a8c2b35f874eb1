"""Real texts of this system by texttopcl and by the stock way: texttopdf | pdftopdf | gstoraster | rastertohp.

    python3 -m tests.bench.bench_corpus [--all] [--per-kind N]

For each text, ours on one line and the stock filters on the next:

- characters lost: those of the text that are not on paper, wherever there. Ours are read back from the print data,
  glyph by glyph, the others from the PDF that texttopdf makes, by the drawings of its fonts; boxes are lost characters;
- pages; bytes that go to the printer; seconds of the whole chain; time until the first byte for the printer.

Both get the same options, A4, and the environment that cupsd gives. The stock filters know neither fit-text nor any
character set but UTF-8.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import shutil
import sys
import tempfile
import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import Any

from filters.pcl.font_files import FontChain
from filters.pcl.glyph_store import GlyphStore
from tests.bench.bench_texttopcl import OURS, STOCK, Measured, environment, measure, stock_description
from tests.pcl_parser import parse_job
from tests.unit.filters.corpus import Sample, samples
from tests.unit.filters.fonts import as_drawn, identify, identify_drawing

_STRUCK = re.compile("(?:(.)\b)+(.)")
_SHOWN = re.compile("/([A-Z0-9]+) [0-9.]+ Tf <([0-9a-f]+)> Tj")


@dataclass(frozen=True)
class Outcome:
    """What became of a text."""

    characters: int
    lost: int
    pages: int
    cost: Measured


def characters_of(text: str) -> Counter[str]:
    """Return the characters of a text that show on paper, with how often they come."""
    plain = _STRUCK.sub(lambda struck: struck.group(2), unicodedata.normalize("NFC", text))
    return Counter(c for c in plain if c not in "\x0c\xad" and not c.isspace() and unicodedata.category(c) != "Cf")


def print_ours(sample: Sample, path: str, directory: str) -> Outcome:
    """Print a text by texttopcl and read it back."""
    kept = os.path.join(directory, "ours.pcl")
    cost = measure(OURS, path, environment(directory, ""), f"PageSize=A4 {sample.options}", kept)
    with open(kept, "rb") as file:
        job = parse_job(file.read(), identify)
    box = GlyphStore(FontChain([]), FontChain([]), 0).outline("x", False)[0]
    glyphs = [glyph for page in job.pages for glyph in page.glyphs]
    found = Counter(g.text for g in glyphs if not g.text.isspace() and not (g.soft and g.soft.outline == box))
    wanted = Counter(as_drawn("".join(characters_of(sample.meaning).elements())))
    return Outcome(sum(wanted.values()), sum((wanted - found).values()), len(job.pages), cost)


def print_stock(sample: Sample, path: str, directory: str, description: str) -> Outcome:
    """Print a text by the stock filters; what is lost shows in the PDF of the first of them."""
    environ = environment(directory, description)
    options = f"PageSize=A4 {sample.options}"
    kept = os.path.join(directory, "stock.pdf")
    measure(STOCK[:1], path, environ, options, kept)
    found, pages = read_pdf(kept)
    wanted = Counter(as_drawn("".join(characters_of(sample.meaning).elements())))
    cost = measure(STOCK, path, environ, options)
    return Outcome(sum(wanted.values()), sum((wanted - found).values()), pages, cost)


def read_pdf(path: str) -> tuple[Counter[str], int]:
    """Return the characters that texttopdf's PDF shows, and its pages."""
    import pypdf

    reader = pypdf.PdfReader(path)
    found: Counter[str] = Counter()
    drawings: dict[tuple[str, int], str] = {}
    for page in reader.pages:
        contents: Any = page.get_contents()
        fonts = page["/Resources"]["/Font"]  # type: ignore[index]
        for name, codes in _SHOWN.findall(contents.get_data().decode("latin-1")):
            font = fonts["/" + name].get_object()["/DescendantFonts"][0].get_object()
            for at in range(0, len(codes), 4):
                key = str(font["/BaseFont"]), int(codes[at : at + 4], 16)
                if key not in drawings:
                    drawings[key] = _drawn(font, key[1])
                found[drawings[key]] += 1
    found.pop(" ", None)
    found.pop("", None)
    return found, len(reader.pages)


def _drawn(font: Any, glyph: int) -> str:
    """Return the character that a glyph of an embedded font shows: nothing for the one that stands for all others."""
    if not glyph:
        return ""
    embedded = _open_embedded(font)
    glyphs = embedded["glyf"]
    points, ends, flags = glyphs[embedded.getGlyphName(glyph)].getCoordinates(glyphs)
    if not ends:
        return " "
    drawing = tuple((round(x), round(y)) for x, y in points), tuple(ends), tuple(flag & 1 for flag in flags)
    return identify_drawing(drawing)


def _open_embedded(font: Any) -> Any:
    from fontTools.ttLib import TTFont

    data = font["/FontDescriptor"].get_object()["/FontFile2"].get_object().get_data()
    return TTFont(io.BytesIO(data), lazy=True)


def row(name: str, way: str, outcome: Outcome) -> str:
    """Return one line of the table."""
    cost = outcome.cost
    return (
        f"{name[-36:]:<36} {way:<10} {outcome.characters:>7} {outcome.lost:>6} {outcome.pages:>5} "
        f"{cost.output:>10.0f} {cost.wall:>8.3f} {cost.first_byte or 0:>8.3f}"
    )


def choose(everything: bool, per_kind: int) -> list[Sample]:
    """Return the texts to print: all, or some of each kind."""
    found = samples()
    if everything:
        return found
    kinds = sorted({sample.kind for sample in found})
    return [sample for kind in kinds for sample in _spread([s for s in found if s.kind == kind], per_kind)]


def _spread(found: list[Sample], count: int) -> list[Sample]:
    return [found[number * len(found) // count] for number in range(count)] if len(found) > count else found


def compare(chosen: list[Sample], directory: str) -> None:
    """Print the table and its sums."""
    description = stock_description(directory)
    sums: dict[str, list[float]] = {}
    print(f"{'text':<36} {'way':<10} {'chars':>7} {'lost':>6} {'pages':>5} {'bytes':>10} {'seconds':>8} {'first s':>8}")
    for sample in chosen:
        path = os.path.join(directory, "text")
        with open(path, "wb") as file:
            file.write(sample.text)
        outcomes = {"texttopcl": print_ours(sample, path, directory)}
        if description:
            try:
                outcomes["stock"] = print_stock(sample, path, directory, description)
            except SystemExit as failed:
                print(f"{sample.name[-36:]:<36} stock      {failed}")
        for way, outcome in outcomes.items():
            print(row(sample.name, way, outcome), flush=True)
            cost = outcome.cost
            one = (outcome.characters, outcome.lost, outcome.pages, cost.output, cost.wall, cost.first_byte or 0)
            sums[way] = [a + b for a, b in zip(sums.get(way, [0.0] * 6), one)]
    for way, numbers in sums.items():
        characters, lost, pages, output, wall, first = numbers
        cost = Measured(wall, 0, 0, output, first / len(chosen))
        print(row("all of them (first: on average)", way, Outcome(round(characters), round(lost), round(pages), cost)))
    if not description:
        print("the stock filters or their LaserJet description are not installed")


def main() -> int:
    """Read the arguments, print the table."""
    parser = argparse.ArgumentParser(description="Print real texts by texttopcl and by the stock filters.")
    parser.add_argument("--all", action="store_true", help="all texts, more than a hundred")
    parser.add_argument("--per-kind", type=int, default=2, help="texts of each kind")
    arguments = parser.parse_args()
    directory = tempfile.mkdtemp(prefix="bench-corpus-")
    try:
        compare(choose(arguments.all, arguments.per_kind), directory)
    finally:
        shutil.rmtree(directory)
    return 0


if __name__ == "__main__":
    sys.exit(main())
