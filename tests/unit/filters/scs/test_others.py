"""scstopcl beside other converters, in one table: how many words and lines each has of each sample."""

from __future__ import annotations

import shutil

import pytest

from tests.bench.bench_scstopcl import OURS, compare_results, score
from tests.scs_pages import SAMPLES


@pytest.mark.soak
def test_table(capsys: pytest.CaptureFixture[str]) -> None:
    """The table of all converters that are installed is printed."""
    compare_results()
    table = capsys.readouterr().out
    assert len(table.splitlines()) > len(list(SAMPLES.glob("*.scs")))
    with capsys.disabled():
        print(table)


@pytest.mark.skipif(not shutil.which("pr3287"), reason="pr3287 is missing: install pr3287")
def test_beside_pr3287() -> None:
    """Of files of the mainframe's own controls pr3287 has the same lines, and of none more than ours."""
    for name in ("jt-3812", "jt-5219", "11-formfeed-variants"):
        ours = score([*OURS, "1", "user", "title", "1", ""], SAMPLES / f"{name}.scs")
        theirs = score(["pr3287"], SAMPLES / f"{name}.scs")
        assert theirs.words == theirs.all_words, name
        assert ours.lines == ours.all_lines >= theirs.lines > 0, name
