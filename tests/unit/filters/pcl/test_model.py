"""What a printer description says about a model besides its paper."""

from __future__ import annotations

import pytest

from filters.common.ppd import parse_ppd
from filters.pcl.model import Model, read_model
from tests.pcl_parser import parse_job
from tests.unit.filters.text_job import run_job, warnings

PPD = """*PPD-Adobe: "4.3"
*DefaultOutputBin: Upper
*ipps443PJL Economy: "ECONOMODE = ON"
*ipps443PJL OutputBin.Stacker: "OUTBIN = OPTIONALOUTBIN1"
*ipps443PJL OutputBin.Upper: "OUTBIN = UPPER"
*ipps443Typeface Narrow: "4099"
"""


def test_a_description_without_such_lines():
    """Courier below 15 characters per inch, Letter Gothic from there on, and no PJL."""
    model = read_model({}, parse_ppd(""))
    assert model == Model() and (model.typeface(14.9), model.typeface(15)) == (4099, 4102)


@pytest.mark.parametrize(
    "options, settings",
    [({}, "UPPER"), ({"outputbin": "stacker"}, "OPTIONALOUTBIN1"), ({"OutputBin": "Rear"}, None)],
)
def test_pjl(options, settings):
    """Settings come with every job, or with those that chose something, by themselves or by default."""
    expected = ("ECONOMODE = ON", f"OUTBIN = {settings}") if settings else ("ECONOMODE = ON",)
    assert read_model(options, parse_ppd(PPD)).pjl == expected


@pytest.mark.parametrize(
    "line",
    [
        '*ipps443PJL X: "ECONOMODE"',
        '*ipps443PJL X: "A = B@PJL EOJ"',
        "*ipps443PJL X: A = 'B'",
        '*ipps443PJL X: "A = B\n@PJL RESET"',
        '*ipps443Typeface Wide: "Courier"',
        '*ipps443Typeface Narrow: "99999"',
    ],
)
def test_lines_that_are_wrong(line):
    """A setting that would be something else, and a face that is no number, are left out and named."""
    model = read_model({}, parse_ppd(line + "\n"))
    assert (model.pjl, model.wide, model.narrow) == ((), 4099, 4102)
    assert len(model.problems) == 1 and line.split(":")[0].strip("*") in model.problems[0]


def test_in_print_data(tmp_path):
    """PJL settings stand in the wrapper, and the description's face is chosen."""
    (tmp_path / "ppd").write_text(PPD + '*ipps443PJL Wrong: "?"\n')
    code, output, messages = run_job(b"text\n", "cpi=17", environ={"PPD": str(tmp_path / "ppd")})
    assert code == 0 and parse_job(output).settings == {"ECONOMODE": "ON", "OUTBIN": "UPPER"}
    assert b"s0p16.98h" in output and b"4099T" in output
    assert len(warnings(messages)) == 1


def test_options_for_pictures_have_no_meaning():
    """Options that place pictures of pages change nothing, and the error log says so."""
    words = "mirror fitplot fit-to-page print-scaling=fill position=center"
    _, output, messages = run_job(b"text\n", words)
    assert output == run_job(b"text\n")[1]
    debug = "".join(message for message in messages if message.startswith("DEBUG:"))
    assert all(word.partition("=")[0] in debug for word in words.split()) and not warnings(messages)
