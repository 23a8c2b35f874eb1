"""Spooled files made of everything that may stand in one, in any order, with any parameters."""

from __future__ import annotations

import io
import tempfile
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.common.job import parse_job as parse_arguments
from filters.common.ppd import PrinterDescription
from filters.scs.controls import CONTROLS, COUNTED, CSP, FIXED, POSITION, Control
from filters.scs.explain import explain
from filters.scs.machine import Machine
from tests.pcl_parser import parse_job
from tests.scs_pages import dump, read_pages
from tests.unit.filters.scs.job import print_scs

HEAD = bytes.fromhex("2BC80360012BC102502BC20242")


@st.composite
def whole_controls(draw: Any) -> bytes:
    """A control of the table with any parameters, as many as it says."""
    control: Control = draw(st.sampled_from(CONTROLS))
    if control.kind == CSP:
        kind = b"" if control.type is None else bytes((control.type,))
        body = kind + draw(st.binary(max_size=12))
        return bytes((0x2B, control.code, len(body) + 1)) + body
    if control.kind == POSITION:
        return bytes((0x34, control.code, draw(st.integers(0, 255))))
    if control.kind == COUNTED:
        data = draw(st.sampled_from((b"", b"\x1bE", b"\x1b%-12345X@PJL SET A=B\r\n", b"\x1b*b99W", b"\x1b&l", b"~~")))
        return bytes((control.code, len(data))) + data
    following = control.type or 0 if control.kind == FIXED else 0
    return bytes((control.code,)) + draw(st.binary(min_size=following, max_size=following))


TEXT = st.text("ABC xyz019-.,", min_size=1, max_size=30).map(lambda text: text.encode("cp037"))
DAMAGED = st.tuples(whole_controls(), st.integers(1, 5)).map(lambda pair: pair[0][: -pair[1]] or b"\x2b")
PART = st.one_of(TEXT, TEXT, whole_controls(), whole_controls(), DAMAGED, st.binary(max_size=6))
STREAM = st.lists(PART, max_size=25).map(b"".join)


@given(STREAM, st.lists(st.integers(0, 600), max_size=6))
@settings(max_examples=100, deadline=None)
def test_pieces_make_no_difference(data: bytes, cuts: list[int]) -> None:
    """However a stream comes in pieces, its pages are the same, and so is what was odd about it."""
    whole, machine = read_pages(data)
    places = sorted(cut for cut in cuts if cut <= len(data))
    pages, other = read_pages(data, places)
    assert [dump(page) for page in pages] == [dump(page) for page in whole]
    assert other.unwrapping == machine.unwrapping


OPTIONS = st.sampled_from(
    (
        "",
        "scs-cor=fit",
        "scs-cor=off PageSize=A4",
        "scs-dbcs=939",
        "scs-codepage=1025",
        "scs-transparent=pass",
        "scs-transparent=text scs-inp=print",
        "outputorder=reverse sides=two-sided-long-edge",
        "scs-landscape=reverse page-ranges=1-3",
    )
)


@given(STREAM, OPTIONS)
@settings(max_examples=80, deadline=None)
def test_what_comes_out_is_a_whole_job(data: bytes, options: str) -> None:
    """A printer understands all that comes out: PCL that is whole, with nothing of the input as a command."""
    result = print_scs(HEAD + "text".encode("cp037") + data, options)
    assert result.exit_code == 0, result.lines
    assert not any("fault" in line or "Traceback" in line for line in result.lines)
    kinds = [line.split("(")[0] for line in result.lines if line.startswith("WARNING")]
    assert len(kinds) == len(set(kinds))
    if "pass" not in options:  # what is passed on is the host's, but for resets and exits
        assert parse_job(result.output).pages
    assert result.output.count(b"\x1b%-12345X") == 3
    assert b"PJL SET A" not in result.output
    assert result.output.count(b"\x1bE") == 2


@given(STREAM)
@settings(max_examples=80, deadline=None)
def test_every_byte_is_explained(data: bytes) -> None:
    """The explanation of a file leaves out no byte, and its pages are those that print."""
    steps = list(explain(data, Machine()))
    assert b"".join(step.data for step in steps) == data


@given(STREAM)
@settings(max_examples=10, deadline=None)
def test_pdf_of_anything(data: bytes) -> None:
    """The same pages as PDF: one for each."""
    pytest.importorskip("reportlab")
    from filters.scs_to_pdf import draw_scs

    data = HEAD + "text".encode("cp037") + data
    with tempfile.TemporaryFile() as source:
        source.write(data)
        source.seek(0)
        output = io.BytesIO()
        job = parse_arguments(["scstopdf443", "1", "user", "title", "1", ""], {})
        drawn, _ = draw_scs(job, PrinterDescription(), source.fileno(), {}, output)
    assert drawn == len(read_pages(data)[0]) and output.getvalue().rstrip().endswith(b"%%EOF")
