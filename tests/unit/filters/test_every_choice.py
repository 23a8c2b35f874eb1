"""Every choice of every option of every description makes other print data than its neighbours.

Options and choices are read from the descriptions as ppdc makes them, so that one that is added there without effect on
the printer fails here. What exactly each choice becomes is tested where it is made; for PDF in test_pdf_to_pcl.py.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from filters.common.media import CUSTOM_PAGE, choose_media
from tests.drawn_sheets import draw_sheets
from tests.pcl_parser import parse_job
from tests.unit.filters.pdf_documents import make_pdf, needs_gs
from tests.unit.filters.pdf_job import PCL5E, PCL6, PCL6_COLOR, RENDERED, choices, description, descriptions, run_pdf
from tests.unit.filters.scs.job import print_scs
from tests.unit.filters.text_job import run_job, warnings

#: Options that mean something for PDF alone: text is written in the printer's own letters, which are black.
ONLY_FOR_PDF = {"Resolution", "ColorModel"}
#: Options that mean something for spooled files of IBM i alone, and the choice that "auto" stands for.
ONLY_FOR_SCS = {"scs-codepage": "037", "scs-dbcs": None, "scs-cor": "ibm", "scs-landscape": "normal"}
#: PageRegion is PageSize once more, and goes with it.
SAME = {"PageRegion"}

#: A text on which each choice shows: long lines, words, tabs, more lines than any page has, all codes of all character
#: sets, carriage control in the first column.
PROBE = (
    b"".join(b"%d\tword " % number + b"x" * 30 + b" word" * number + b"\n" for number in range(1, 25))
    + b"-plain\n+over\n0two\n1page\n"
    + b"\n".join(bytes(range(at, at + 16)) for at in range(0x40, 0x100, 16))
    + b"\n\x11machine \x05\n"
    + b"\n" * 80
    + b"end\n"
)
#: A value beside the list for each option that takes one.
CUSTOM = {
    "cpi": "13.7",
    "lpi": "7.5",
    "tab-width": "3",
    "fit-text": "100x40",
    "text-charset": "cp866",
    "record-length": "99",
}
#: Spooled files with all codes of a code page, two-byte text, and more columns than any paper has.
SCS_PROBE = bytes.fromhex("2BC10284 2BC20242") + b"\x15".join(
    [bytes(range(at, at + 16)) for at in range(0x40, 0xF0, 16)]
    + [b"\x0e\x45\x62\x42\xc1\x49\x96\x45\xeb\x0f" + b"\xc1" * 120]
)


def text_data(options: str, ppd: str, folder: object) -> bytes:
    """Return what texttopcl makes of the probe."""
    path = f"{folder}/description.ppd"
    with open(path, "w", encoding="utf-8") as file:
        file.write(descriptions()[ppd])
    code, output, messages = run_job(PROBE, options, environ={"PPD": path})
    assert code == 0 and not [line for line in warnings(messages) if "possible" in line or "not known, the" in line]
    parse_job(output)
    return output


def options_of(ppd: str) -> list[str]:
    """Return all options that a description shows to users."""
    found = re.findall(r"^\*OpenUI \*(\S+?)/", descriptions()[ppd], re.M)
    assert found
    return [option for option in found if option not in SAME]


def assert_all_differ(option: str, outputs: dict[str, bytes]) -> None:
    """Assert that no two choices of an option print the same."""
    for choice, output in outputs.items():
        same = [other for other in outputs if other != choice and outputs[other] == output]
        assert not same, f"{option}={choice} prints as {', '.join(same)}"


@pytest.mark.parametrize("ppd", RENDERED[1:])
def test_descriptions_have_the_same_choices(ppd: str) -> None:
    """What the first description has all have, with the same choices and defaults; only what is for PDF differs."""
    assert set(options_of(ppd)) - ONLY_FOR_PDF == set(options_of(PCL5E)) - ONLY_FOR_PDF
    one, other = description(ppd), description(PCL5E)
    for option in set(options_of(ppd)) - ONLY_FOR_PDF:
        assert one.defaults[option] == other.defaults[option]
        assert [(choice, one.value(option, choice)) for choice in choices(ppd, option)] == [
            (choice, other.value(option, choice)) for choice in choices(PCL5E, option)
        ]


@pytest.mark.parametrize("ppd", [PCL5E, PCL6_COLOR])
def test_text(ppd: str, tmp_path: object) -> None:
    """For text every choice of every option counts, those for PDF alone left out, and the default is one of them."""
    plain = text_data("", ppd, tmp_path)
    for option in set(options_of(ppd)) - ONLY_FOR_PDF - ONLY_FOR_SCS.keys():
        outputs = {choice: text_data(f"{option}={choice}", ppd, tmp_path) for choice in choices(ppd, option)}
        if option in CUSTOM:
            assert outputs.pop("Custom", None) is None
            outputs["Custom"] = text_data(f"{option}=Custom.{CUSTOM[option]}", ppd, tmp_path)
        assert len(outputs) > 1
        assert_all_differ(option, outputs)
        default = description(ppd).defaults[option]
        if option == "cpi":  # upright A4 gets 80 columns unless a pitch is asked for
            assert text_data(f"PageSize=Letter cpi={default}", ppd, tmp_path) == text_data(
                "PageSize=Letter", ppd, tmp_path
            )
            continue
        assert outputs[default] == plain, f"{option}={default} is the default, and prints something else"


def test_spooled_files(tmp_path: Path) -> None:
    """For spooled files every choice of their options counts, and "auto" is what it stands for."""
    ppd = PCL5E
    (path := tmp_path / "description.ppd").write_text(descriptions()[ppd])
    assert ONLY_FOR_SCS.keys() <= set(options_of(ppd))
    for option, stands_for in ONLY_FOR_SCS.items():
        outputs = {}
        for choice in set(choices(ppd, option)) - {"Custom"}:
            result = print_scs(SCS_PROBE, f"{option}={choice}", ppd=str(path))
            assert result.exit_code == 0 and not [line for line in result.lines if "possible" in line]
            parse_job(result.output)
            outputs[choice] = result.output
        automatic = outputs.pop("auto")
        assert_all_differ(option, outputs)
        assert [choice for choice, output in outputs.items() if output == automatic] == [stands_for] * bool(stands_for)


@pytest.mark.parametrize("ppd", RENDERED)
def test_options_for_pdf_alone(ppd: str, tmp_path: object) -> None:
    """What is said to be for PDF alone leaves text as it is."""
    plain = text_data("", ppd, tmp_path)
    for option in ONLY_FOR_PDF & set(options_of(ppd)):
        assert {text_data(f"{option}={choice}", ppd, tmp_path) for choice in choices(ppd, option)} == {plain}


def test_values_beside_the_lists(tmp_path: Path) -> None:
    """Every option that takes a value of the user's takes it from the job and as the queue's default."""
    ppd = PCL5E
    custom = {name.removeprefix("Custom") for name, _ in description(ppd).values if name.startswith("Custom")}
    assert custom == {*CUSTOM, "PageSize", "scs-codepage"}
    for option, value in CUSTOM.items():
        from_job = text_data(f"{option}=Custom.{value}", ppd, tmp_path)
        assert from_job == text_data(f"{option}={value}", ppd, tmp_path)
        text = re.sub(rf"^\*Default{option}: .*", f"*Default{option}: Custom.{value}", descriptions()[ppd], flags=re.M)
        (path := tmp_path / "custom.ppd").write_text(text)
        assert run_job(PROBE, environ={"PPD": str(path)})[1] == from_job, option


def test_numbers_of_paper() -> None:
    """Every page size has its own number in its description, or is asked for by its measures, which are those of it."""
    for size in choices(PCL5E, "PageSize"):
        number = description(PCL5E).value("ipps443PageCode", size)
        paper = choose_media({"PageSize": size}, description(PCL5E)).size
        assert paper.code == (int(number) if number else CUSTOM_PAGE) and bool(number) != ("_" in size), size
        measures = [float(word) for word in (description(PCL5E).value("PaperDimension", size) or "").split()]
        assert [paper.width / 100, paper.length / 100] == pytest.approx(measures, abs=1), size


#: Sizes that Ghostscript knows and does not know, and one that is asked for by its measures.
SOME_PAPER = ("A4", "Folio", "Env9", "EnvISOB5", "jpn_hagaki")


@needs_gs
@pytest.mark.parametrize("size", SOME_PAPER)
def test_paper_for_pdf(size: str) -> None:
    """A page is asked for by its number, or by its measures, and is that of the sheet on which a PDF is printed."""
    number = description(PCL5E).value("ipps443PageCode", size)
    width, length = map(float, (description(PCL5E).value("PaperDimension", size) or "").split())
    for ppd in (PCL5E, PCL6):
        done = run_pdf(make_pdf((width, length)), f"Resolution=75dpi PageSize={size}", ppd)
        assert done.code == 0
        asked = set(re.findall(rb"\x1b&l(?:0s)?([0-9]+)A", done.output))
        assert asked == ({(number or "101").encode()} if ppd == PCL5E else set())
        (sheet,) = draw_sheets(done.output, 72)
        assert abs(sheet.width - width) <= 2 and abs(sheet.height - length) <= 2, sheet.size
        assert sheet.convert("L").histogram()[0] > 100
