"""Records without controls (*LINE): refused by name, or passed on as text where a job says how to read them."""

from __future__ import annotations

from pathlib import Path

import pytest

from filters.scs_records import LINE_DATA
from tests.unit.filters.scs.job import Result, print_scs
from tests.unit.filters.scs.test_recognition import AFPDS, LINES

PPD = '*PPD-Adobe: "4.3"\n*OpenUI *text-charset: PickOne\n*Default{}\n*text-charset x/x: ""\n*CloseUI: *text-charset\n'


def pass_on(data: bytes, options: str = "", ppd: str = "") -> Result:
    """Run the filter as cupsd does for a file of this type."""
    return print_scs(data, options, ppd=ppd, kind=LINE_DATA)


@pytest.mark.parametrize(
    "options", ("", "scs-codepage=273", "record-length=133", "text-charset=utf-8", "text-charset=no")
)
def test_line_data_are_refused(options: str) -> None:
    """Where nothing says how to read records they are refused by name, with what to change."""
    result = pass_on(LINES * 1000, options)
    assert (result.exit_code, result.output) == (1, b"")
    (line,) = result.lines
    assert line.startswith("ERROR: This spooled file is *LINE, not *SCS; on the IBM i set DEVTYPE(*SCS)")
    assert line.endswith("[F10]") and len(line) - len("ERROR: ") <= 160


@pytest.mark.parametrize(
    "options",
    ("text-charset=cp037 record-length=133", "text-charset=ibm1140", "document-format=text/plain;charset=cp273"),
)
def test_records_pass_where_a_job_names_their_code_page(options: str) -> None:
    """Records of a file in FCFC form go to the filter for text as they are."""
    data = LINES * 1000
    assert pass_on(data, options) == Result(0, data, [])


@pytest.mark.parametrize(("charset", "passes"), (("cp273", True), ("utf-8", False), ("iso8859-1", False)))
def test_records_pass_where_the_queue_is_for_ebcdic(tmp_path: Path, charset: str, passes: bool) -> None:
    """They do so too on a queue whose description has a code page of EBCDIC."""
    ppd = tmp_path / "q.ppd"
    ppd.write_text(PPD.format(f"text-charset: {charset}"))
    assert pass_on(LINES, ppd=str(ppd)).output == (LINES if passes else b"")


def test_mixed_data_never_pass() -> None:
    """Fields of AFP among records are no text, whatever a job says."""
    result = pass_on(LINES[:133] + AFPDS + LINES, "text-charset=cp037")
    assert (result.exit_code, result.output) == (1, b"")
    assert "*AFPDSLINE" in result.lines[0] and "DEVTYPE(*SCS)" in result.lines[0]


@pytest.mark.parametrize(
    ("data", "name", "advice"),
    (
        (AFPDS, "*AFPDS", "TRANSFORM(*YES) for the queue, or DEVTYPE(*SCS)"),
        (b"\x00\x05\xd6\x97\x00" * 20, "*IPDS", "set DEVTYPE(*SCS) in the printer file"),
        (LINES, "*LINE", "text-charset=cp037"),
    ),
)
def test_each_type_has_its_advice(data: bytes, name: str, advice: str) -> None:
    """Host Print Transform takes *AFPDS, so TRANSFORM is named for that one alone."""
    result = print_scs(data)
    (error,) = [line for line in result.lines if line.startswith("ERROR")]
    assert (result.exit_code, result.output, error) == (1, b"", result.lines[-1]) and len(error) < 168
    assert name in error and advice in error and "DEVTYPE(*SCS)" in error
    assert ("TRANSFORM" in result.lines[-1]) is (data == AFPDS)
