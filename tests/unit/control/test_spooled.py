"""ipps443ctl scs, scs-table and preview for spooled files of IBM i."""

from __future__ import annotations

import json
import multiprocessing
from pathlib import Path

import pytest

from filters.scs.controls import CONTROLS, find_control
from tests.scs_pages import SAMPLES
from tests.unit.control.conftest import Desk


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.scs")), ids=lambda path: path.stem)
def test_every_byte_is_explained(desk: Desk, path: Path) -> None:
    """The steps of a file put together are the file."""
    code = desk.run("scs", "--json", str(path))
    steps = json.loads(desk.output)["controls"]
    assert b"".join(bytes.fromhex(step["data"]) for step in steps) == path.read_bytes()
    assert code == (1 if any(step["odd"] for step in steps) else 0)
    offsets = [step["offset"] for step in steps]
    assert offsets == sorted(set(offsets))


def test_what_a_control_does(desk: Desk) -> None:
    """A line has offset, bytes, name, parameters and effect."""
    assert desk.run("scs", str(SAMPLES / "jt-5219.scs")) == 0
    assert "000080  2BD2064035701734          SPPS      width 13680, height 5940" in desk.output
    assert "SCG       character set 697, code page 285  code page" in desk.output
    assert '"Envelope"  at line 1, column 13' in desk.output
    assert desk.output.splitlines()[-1] == "175 bytes, 29 controls and texts, 2 pages, 0 odd"


def test_one_page(desk: Desk) -> None:
    """--page shows what belongs to one page."""
    assert desk.run("scs", "--page", "2", str(SAMPLES / "jt-5219.scs")) == 0
    assert "Envelope" in desk.output and "Invoice" not in desk.output


@pytest.mark.parametrize("page", ("0", "x", "-1", "", "9" * 5000))
def test_pages_that_are_none(desk: Desk, page: str) -> None:
    """A page has a number from 1."""
    assert desk.run("scs", f"--page={page}", str(SAMPLES / "jt-5219.scs")) == 2


def test_odd_places(desk: Desk) -> None:
    """What is odd stands at its line, and the exit code says that there is something."""
    assert desk.run("scs", str(SAMPLES / "15-unknown-and-odd.scs")) == 1
    odd = [line for line in desk.output.splitlines() if "<-" in line]
    assert [line[:6] for line in odd] == ["00005B", "000077", "0000E1", "0000F8"]
    assert "unknown control 2B D2 7E" in odd[0]


def test_a_file_that_ends_within_a_control(desk: Desk) -> None:
    """The place where a file breaks off is shown."""
    assert desk.run("scs", str(SAMPLES / "17-truncated-in-csp.scs")) == 1
    assert desk.output.splitlines()[-2].startswith("0000C8  2BD20A48")
    assert "the file ends within this control" in desk.output.splitlines()[-2]


@pytest.mark.parametrize("end", (b"\x34", b"\x2b", b"\x2b\xd2", b"\x03", b"\x04", b"\x28\x41", b"\x34\xc4"))
def test_every_end_is_explained(desk: Desk, end: bytes, tmp_path: Path) -> None:
    """A control of which only the beginning is there is shown with what is there."""
    (path := tmp_path / "file").write_bytes(b"\xc1" + end)
    assert desk.run("scs", "--json", str(path)) == 1
    assert json.loads(desk.output)["controls"][-1]["data"] == end.hex().upper()


def test_code_pages(desk: Desk) -> None:
    """Text is shown in the code page that -o says, two-byte text too."""
    assert desk.run("scs", "-o", "scs-dbcs=930", str(SAMPLES / "jt-5553.scs")) == 1
    assert '"日本語帳票"' in desk.output
    assert desk.run("scs", "-o", "scs-codepage=none", str(SAMPLES / "jt-5553.scs")) == 2


def test_files_that_are_none(desk: Desk, tmp_path: Path) -> None:
    """A file of another type, or none, is refused."""
    path = tmp_path / "file"
    path.write_bytes(b"\x5a\x00\x10\xd3\xa8\xa8\x00\x00\x00DOC00001")
    assert desk.run("scs", str(path)) == 1
    assert "*AFPDS" in desk.errors
    assert desk.run("scs", str(tmp_path / "missing")) == 2


def test_every_control_of_the_table_is_found() -> None:
    """A control of the table is found by its bytes, and has a name, an effect and a source or none to have."""
    for entry in CONTROLS:
        head = {"csp": bytes((0x2B, entry.code, 3, entry.type or 0)), "position": bytes((0x34, entry.code, 1))}
        control = head.get(entry.kind, bytes((entry.code, 0, 0)))
        assert find_control(control) is entry
        assert entry.name and entry.summary


# -- the table ---------------------------------------------------------------------------------------------------------


def test_entries_are_set_and_removed(desk: Desk, tmp_path: Path) -> None:
    """scs-table writes entries, changes them, takes them away, and leaves comments alone."""
    assert desk.run("scs-table", "office", "drawer.2=Tray2", "page.132x66=A4 landscape fit") == 0
    (path,) = [p for p in tmp_path.rglob("scs/office")]
    assert path.stat().st_mode & 0o777 == 0o640
    path.write_text(path.read_text() + "# mine\n")
    assert desk.run("scs-table", "office", "drawer.2=Tray3", "codepage=273") == 0
    assert desk.run("scs-table", "office", "page.132x66=") == 0
    lines = path.read_text().splitlines()
    assert lines[2:] == ["drawer.2 = Tray3", "# mine", "codepage = 273"]
    value = desk.value("scs-table", "office")
    assert value["entries"] == {"drawer.2": "Tray3", "codepage": "273"}


@pytest.mark.parametrize("entry", ("drawer.x=Tray2", "colour=red", "drawer.2", "=x", "drawer.2=\x1bE", "drawer.2=a#b"))
def test_bad_entries_change_nothing(desk: Desk, entry: str, tmp_path: Path) -> None:
    """An entry that is not possible is refused, and none of the others is written."""
    assert desk.run("scs-table", "office", "drawer.3=Tray3", entry) == 2
    assert not list(tmp_path.rglob("scs/office"))


def test_two_at_once(tmp_path: Path) -> None:
    """Administrators who work at the same time do not undo each other's work."""
    drawers = range(1, 9)
    processes = [multiprocessing.Process(target=_set_drawer, args=(tmp_path, drawer)) for drawer in drawers]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        assert process.exitcode == 0
    entries = Desk(tmp_path).value("scs-table", "office")["entries"]
    assert entries == {f"drawer.{drawer}": f"Tray{drawer}" for drawer in drawers}


def _set_drawer(folder: Path, drawer: int) -> None:
    assert Desk(folder).run("scs-table", "office", f"drawer.{drawer}=Tray{drawer}") == 0


@pytest.mark.parametrize("queue", ("../pins", ".", "a/b", ""))
def test_queues_that_are_none(desk: Desk, queue: str) -> None:
    """The name of a queue is no path."""
    assert desk.run("scs-table", queue, "drawer.2=Tray2") == 2


def test_no_table(desk: Desk) -> None:
    """A queue without a table is told how to get one."""
    assert desk.run("scs-table", "office") == 0
    assert "has no table" in desk.output


# -- preview -----------------------------------------------------------------------------------------------------------


def test_preview(desk: Desk, tmp_path: Path) -> None:
    """A spooled file is drawn as it will be printed."""
    pypdf = pytest.importorskip("pypdf")
    pytest.importorskip("reportlab")
    target = tmp_path / "out.pdf"
    assert desk.run("preview", str(SAMPLES / "01-joblog-132x66.scs"), "-o", str(target), "-o", "page-ranges=2-3") == 0
    pages = pypdf.PdfReader(str(target)).pages
    assert len(pages) == 2
    assert "CPF1001" in pages[0].extract_text()


def test_no_preview_of_print_data(desk: Desk, tmp_path: Path) -> None:
    """Print data that the IBM i has made have no pages to draw, and nothing is written."""
    pytest.importorskip("reportlab")
    target = tmp_path / "out.pdf"
    assert desk.run("preview", str(SAMPLES / "07-atrn-pcl-inside.scs"), "-o", str(target)) == 1
    assert "print data" in desk.errors and not target.exists()
