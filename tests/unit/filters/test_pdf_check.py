"""The filter before pdftopdf: sizes of paper, arguments, and how it ends."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from pathlib import Path

import pytest

from filters.common.job import parse_options
from filters.pdf_check import is_scaled, unknown_to_cups
from tests.unit.filters.pdf_damage import PLAIN, one_page
from tests.unit.filters.pdf_documents import make_pdf, needs_gs
from tests.unit.filters.pdf_job import CHECK, PCL5E, description, descriptions, run_pdf
from tests.unit.filters.test_pdf_damage import checked


@pytest.mark.parametrize(
    "options, name",
    [
        ("media=jpn_oufuku", "jpn_oufuku_148x200mm"),
        ("media=iso_a4", "iso_a4_210x297mm"),
        ("media=Tray1,om_16k", "om_16k_195x270mm"),
        ("media=na_index-4x6", ""),
        ("media=jpn_hagaki", ""),
        ("media=Tray1,na_index-5x8", ""),
        ("PageSize=na_index-4x6_4x6in", "na_index-4x6_4x6in"),
        ("PageSize=custom_a_80x50mm", "custom_80x50mm_80x50mm"),
        ("media=na_index-4x6_4x6in", ""),
        ("media=na_index-4x6 PageSize=Custom.288x432", ""),
        ("media=custom_label_80x50mm", ""),
        ("media=Custom.80x50mm", ""),
        ("PageSize=Custom.80x50mm", ""),
        ("media=A4", ""),
        ("PageSize=a5", ""),
        ("media=Tray1", ""),
        ("", ""),
    ],
)
def test_sizes_that_cups_does_not_know(options: str, name: str) -> None:
    """A size by a name that we know and pdftopdf does not is one warning, with the name that it knows."""
    words = unknown_to_cups(parse_options(options), description(PCL5E))
    assert words.endswith(f"write media={name}") if name else not words


def test_the_warning_is_written() -> None:
    """It is a WARNING of the job, and the document is passed on."""
    done = checked(PLAIN, "media=jpn_oufuku")
    assert (done.code, done.output) == (0, PLAIN)
    assert [line for line in done.messages if line.startswith("WARNING")] == [
        "WARNING: CUPS does not know the size media=jpn_oufuku; write media=jpn_oufuku_148x200mm"
    ]


@pytest.mark.parametrize("options", ["media=Custom.6x30mm", "PageSize=Custom.80x1300mm", "media=Custom.17x85"])
def test_paper_outside_the_limits(options: str) -> None:
    """Paper that the description does not allow is refused by both filters, with its limits."""
    for done in (checked(PLAIN, options), run_pdf(PLAIN, options, PCL5E)):
        assert (done.code, done.output) == (1, b"") and len(done.errors) == 1
        assert "is not between 13 x 13 and 330 x 1219 mm; choose another size [F02]" in done.errors[0]


@pytest.mark.parametrize(
    "options, scaled",
    [
        ("fit-to-page", True),
        ("fitplot=true", True),
        ("print-scaling=fill", True),
        ("print-scaling=auto-fit", True),
        ("number-up=2", True),
        ("scaling=50", True),
        ("booklet", True),
        ("nofit-to-page", False),
        ("print-scaling=none", False),
        ("print-scaling=auto", False),
        ("number-up=1", False),
        ("", False),
    ],
)
def test_scaled(options: str, scaled: bool) -> None:
    """Options that take a page from its place are known."""
    assert is_scaled(parse_options(options)) == scaled


@needs_gs
@pytest.mark.parametrize("width, length", [(80, 50), (50, 80), (120, 40), (80, 210), (105, 20)])
def test_labels_are_not_turned(width: int, length: int) -> None:
    """The measures are those of the paper as it lies in the tray, and the page stands upright on it."""
    points = (width * 72 / 25.4, length * 72 / 25.4)
    output = run_pdf(make_pdf(points), f"media=Custom.{width}x{length}mm Resolution=300dpi", PCL5E).output
    measures = {(int(a), int(b)) for a, b in re.findall(rb"\x1b&f([0-9]+)i([0-9]+)J\x1b&l101A", output)}
    assert measures == {(round(width * 720 / 25.4), round(length * 720 / 25.4))}
    assert b"\x1b&l0O" in output and b"\x1b&l1O" not in output and b"\x1b&l-180u36Z" in output


@needs_gs
def test_lying_pages_on_listed_paper_are_turned() -> None:
    """A page that lies on paper of the list is turned as before."""
    output = run_pdf(make_pdf((842, 595)), "media=A4 Resolution=300dpi", PCL5E).output
    assert b"\x1b&l1O\x1b&l26A" in output and b"\x1b&l0O" not in output


def test_stopped() -> None:
    """SIGTERM while it waits for the document ends it without a word for the user."""
    process = subprocess.Popen(
        [CHECK, "1", "u", "t", "1", ""], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdin
    process.stdin.write(PLAIN[:100])
    process.stdin.flush()
    while not any(name.startswith(f"{tempfile.gettempdir()}/ipps443-") for name in open_files(process.pid)):
        assert process.poll() is None
    process.terminate()
    output, messages = process.communicate(timeout=20)
    assert (process.returncode, output) == (1, b"") and b"ERROR" not in messages


def open_files(process: int) -> list[str]:
    """Return the names of the files that a process has open."""
    folder = f"/proc/{process}/fd"
    found = []
    for name in os.listdir(folder):
        try:
            found.append(os.readlink(f"{folder}/{name}"))
        except OSError:
            continue
    return found


@needs_gs
@pytest.mark.parametrize("model", ["generic-pcl5e", "generic-pcl6"])
def test_empty_pages_on_queues_of_0_1_0(model: str) -> None:
    """Where this filter does not run, an empty page may be a lost one: one WARNING with the command that helps."""
    old = (Path(__file__).parents[2] / "data" / "0.1.0" / f"{model}.ppd").read_text()
    for document, ppd, count in (
        (one_page(b""), old, 1),
        (PLAIN, old, 0),
        (one_page(b""), descriptions()[model], 0),
    ):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "description.ppd")
            path.write_text(ppd)
            done = run_pdf(document, "Resolution=75dpi", PPD=str(path), PRINTER="office")
        warnings = [line for line in done.messages if line.startswith("WARNING")]
        assert done.code == 0 and len(warnings) == count
        assert all(line.endswith("ipps443ctl refresh office") for line in warnings)
