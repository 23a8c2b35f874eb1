"""The faults that tests/run --mutants plants, and what it says of them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.mutants import Runner, Tree, choose, find_faults, main

SOURCE = '''\
"""Text."""
from x import debug

def most(a: int, b: int = 3, c: "list[1]" = []) -> int:
    """Text."""
    debug(a + 1)
    for each in c:
        if a < 0 or not each:
            continue
        b += each - 1
    return max(a, b)
'''
MODULE = "def larger(a, b):\n    return a if a > b else b\n"
TEST = "from backend.numbers import larger\n\ndef test_larger():\n    assert larger(2, 1) == larger(1, 2) == 2\n"


def test_faults() -> None:
    """Each kind of fault, where it may be: not in annotations, nor in what is said for the debug log."""
    found = [(fault.kind, fault.line, fault.before, fault.after) for fault in find_faults(SOURCE.encode())]
    assert sorted(found) == [
        ("and/or", 8, "a < 0 or not each", "(a < 0 and (not each))"),
        ("comparison", 8, "a < 0", "(a <= 0)"),
        ("condition", 8, "a < 0 or not each", "(not (a < 0 or not each))"),
        ("constant", 4, "3", "(2)"),
        ("constant", 4, "3", "4"),
        ("constant", 8, "0", "(-1)"),
        ("constant", 8, "0", "1"),
        ("constant", 10, "1", "(0)"),
        ("constant", 10, "1", "2"),
        ("removed", 9, "continue", "pass"),
        ("removed", 10, "b += each - 1", "pass"),
        ("return", 11, "return max(a, b)", "return None"),
        ("sign", 10, "each - 1", "(each + 1)"),
    ]


def test_each_fault_compiles_and_changes_its_line_only() -> None:
    """Behind text of more than one octet a character, too."""
    source = SOURCE.replace("a < 0", "'ä€' < a").encode()
    for fault in find_faults(source):
        planted = fault.plant(source)
        compile(planted, "module", "exec")
        changed = [number for number, (a, b) in enumerate(zip(source.split(b"\n"), planted.split(b"\n")), 1) if a != b]
        assert changed == [fault.line]


def test_the_same_faults_each_time() -> None:
    """Which ones are planted depends on the module alone; all kinds have a chance."""
    faults = find_faults(SOURCE.encode())
    assert choose("a.py", faults, 0.5) == choose("a.py", faults, 0.5) != choose("b.py", faults, 0.5)
    assert choose("a.py", faults, 0.5, 1) == choose("a.py", faults, 0.5, 1) != choose("a.py", faults, 0.5)
    assert len(choose("a.py", faults, 0.5)) == 6 and len(choose("a.py", faults, 0.0)) == 1


def write_files(folder: Path, files: dict[str, str]) -> None:
    """Put a checkout into a folder."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def test_tests_of_a_module(tmp_path: Path) -> None:
    """Its own, those of its folder, and those that import it, or what does; no others."""
    files = {
        "filters/pdf/boxes.py": "",
        "filters/pdf/pages.py": "import filters.pdf.boxes",
        "tests/unit/filters/pdf/test_boxes.py": "",
        "tests/unit/filters/pdf/test_fonts.py": "",
        "tests/unit/filters/test_whole.py": "import filters.pdf.pages",
        "tests/unit/filters/test_pdf_pages.py": "from filters.pdf import pages",
        "tests/unit/filters/test_text.py": "",
        "tests/unit/filters/job.py": "from filters.pdf.pages import run",
        "tests/unit/filters/test_jobs.py": "from tests.unit.filters.job import run_job",
        "tests/unit/backend/test_pdf.py": "",
    }
    write_files(tmp_path, files)
    boxes, pages = (
        [Path(test).stem for test in Tree(tmp_path).tests_of(f"filters/pdf/{name}.py")] for name in ("boxes", "pages")
    )
    assert boxes == ["test_boxes", "test_pdf_pages", "test_fonts", "test_jobs", "test_whole"]
    assert pages == ["test_pdf_pages", "test_whole", "test_boxes", "test_fonts", "test_jobs"]


def test_a_test_that_names_the_module_comes_first(tmp_path: Path) -> None:
    """Of those that run all commands through one function, the ones that run this one are the likeliest to notice."""
    files = {
        "backend/control/listing.py": "",
        "tests/unit/control/test_add.py": 'run("add")',
        "tests/unit/control/test_jobs.py": 'run("listings")',
        "tests/unit/control/test_viewing.py": 'run("listing")',
    }
    write_files(tmp_path, files)
    tests = Tree(tmp_path).tests_of("backend/control/listing.py")
    assert [Path(test).stem for test in tests] == ["test_viewing", "test_add", "test_jobs"]


def test_what_is_not_noticed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A fault that no test notices is printed, one that makes a test fail is counted, and the checkout is as it was."""
    write_files(tmp_path, {"backend/numbers.py": MODULE, "tests/unit/backend/test_numbers.py": TEST})
    (tmp_path / "setup.cfg").write_text("[tool:pytest]\nmarkers =\n    soak: long\n")
    assert main(["backend", "--share", "1"], tmp_path) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "backend/numbers.py:2: a > b -> (a >= b)  (comparison)"
    assert said[-1].split() == ["in", "all", "3", "2", "67", "%"]
    assert (tmp_path / "backend/numbers.py").read_text() == MODULE


@pytest.mark.skipif(os.geteuid() != 0, reason="only root could harm the machine")
def test_a_fault_cannot_harm_the_machine(tmp_path: Path) -> None:
    """For root all is read-only where tests with faults run, but for what is temporary."""
    test = "import os\n\ndef test_machine():\n    open('beside', 'w').close()\n"
    test += "    assert not any(os.access(folder, os.W_OK) for folder in ('/etc', '/usr', '/root', '/var/cache'))\n"
    (tmp_path / "test_machine.py").write_text(test)
    (tmp_path / "setup.cfg").write_text("[tool:pytest]\nmarkers =\n    soak: long\n")
    runner = Runner(tmp_path)
    try:
        assert runner.is_whole("test_machine.py")
    finally:
        runner.close()
    assert (tmp_path / "beside").exists()


def test_an_area_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A mistyped area is no success."""
    assert main(["backend/trsut"], tmp_path) == 2
    assert "name a folder" in capsys.readouterr().out
