"""Spooled files that are cut, broken or hostile: what is there prints, and nothing of the input is a command."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from filters.scs.controls import TYPED
from filters.scs.machine import Machine
from filters.scs.page import Page, Raw
from tests.pcl_parser import parse_job
from tests.scs_pages import SAMPLES, dump, read_pages
from tests.unit.filters.scs.job import print_scs

FILES = sorted(SAMPLES.glob("*.scs"))
HEAD = bytes.fromhex("2BC80360012BC102502BC20242")


def places_in(data: bytes) -> list[int]:
    """Return the places of a sample to break: in and behind each kind of control, and some more of a large one."""
    return [*range(0, min(len(data), 300), 3), *range(300, len(data), 197)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_samples_in_pieces_and_broken(path: Path) -> None:
    """However a file comes in pieces its pages are the same; cut off or without a byte it is read to its end.

    A file that ends early has all pages that were complete, and at most one more.
    """
    data = path.read_bytes()
    whole = [dump(page) for page in read_pages(data)[0]]
    assert [dump(page) for page in read_pages(data, range(1, len(data)))[0]] == whole
    for at in places_in(data):
        assert [dump(page) for page in read_pages(data, (at,))[0]] == whole, at
        pages = [dump(page) for page in read_pages(data[:at])[0]]
        assert len(pages) <= len(whole) and pages[:-1] == whole[: max(len(pages) - 1, 0)], at
        rest, machine = read_pages(data[:at] + data[at + 1 :])
        assert rest or machine.unwrapping or not data.strip(b"\0"), at


@pytest.mark.parametrize(
    "data",
    (
        b"",
        b"\0" * 5000,
        b"\xff" * 300,
        b"\x2b",
        b"\x2b\xd2",
        b"\x2b\xd2\x04",
        b"\x34",
        b"\x03",
        b"\x03\xff",
        HEAD,
        b"\x40" * 100,
    ),
    ids=lambda data: f"{len(data)} of {data[:2].hex()}",
)
def test_nothing_to_print(data: bytes) -> None:
    """A file without a mark is an empty job, with a word about it."""
    result = print_scs(data)
    assert (result.exit_code, result.output) == (0, b"")
    assert any("nothing to print" in line for line in result.lines)


TYPES = (0x00, 0x01, 0x11, 0x29, 0x40, 0x48, 0x81, 0xF6, 0xFF)


@pytest.mark.parametrize("count", (0, 1, 2, 3, 5, 9, 255))
def test_any_count_of_any_class(count: int) -> None:
    """A control of any class, type and length is skipped as a whole, known or not, and the text behind it prints."""
    for kind in range(256):
        for sub in TYPES if kind in TYPED else (0,):
            parameters = (bytes((sub,)) + bytes(255))[: max(count - 1, 0)]
            pages, _ = read_pages(bytes((0x2B, kind, count)) + parameters + "text".encode("cp037"))
            texts = [run[2] for page in pages for run in page.runs]
            printed = "".join(text.decode("cp1252") if isinstance(text, bytes) else text for text in texts)
            assert printed.endswith("text"), (kind, sub)


def test_unknown_controls_are_noted_once_for_each_kind() -> None:
    """A thousand unknown controls of three kinds make one warning that names the three."""
    data = HEAD + b"\x2b\xd2\x03\x7e\x01\x2b\xc9\x02\x00\x34\xaa\x01\x2b\xd2\x03\x7e\x01" * 250 + b"\xc1"
    result = print_scs(data)
    warnings = [line for line in result.lines if line.startswith("WARNING")]
    assert len(warnings) == 1
    assert all(word in warnings[0] for word in ("2B D2 7E (500)", "2B C9 (250)", "34 AA (250)"))


def test_a_page_of_overprinting_stays_small() -> None:
    """A hundred thousand letters in one place are one page with a few runs, and memory does not grow with them."""
    machine = Machine()
    for _ in range(100):
        machine.feed(b"\xc1\x16\xc2\x16\xc3\x0d" * 334)
        assert len(machine._runs) < 25_000
    (page,) = machine.finish()
    assert isinstance(page, Page)
    assert len(page.runs) < 10


PAGE = HEAD + bytes.fromhex("2BD206402FD03DE0")


@pytest.mark.parametrize(
    "part",
    (b"\xc1\x15", b"\xc1\x00", b"\xc1\x40\x40", b"\xc1\x34\x4c\x05", bytes.fromhex("2BFD08000080000100FF")),
    ids=lambda part: part.hex(),
)
def test_a_page_without_end_stays_small(part: bytes) -> None:
    """Where SPPS has switched off ends of lines and pages, what no sheet has does not take memory."""
    machine = Machine()
    machine.feed(PAGE)
    for _ in range(100):
        machine.feed(part * 1000)
    runs, rules = machine._runs, machine._rules
    assert len(runs) < 400 and len(rules) <= 20_000
    assert sum(len(run[2]) for run in runs) <= 3000
    result = print_scs(PAGE + part * 1000 + b"\x0c\xc2")
    assert len(parse_job(result.output).pages) == 2
    assert sum("beyond the edge" in line for line in result.lines) == (part[:1] != b"\x2b")


def test_fonts_without_end_stay_few() -> None:
    """A stream with a font for each letter does not keep them all."""
    machine = Machine()
    for width in range(36, 1436):
        pitches = (bytes((0x2B, 0xD2, 4, 0x15, 1, low)) for low in range(0, 256, 20))
        machine.feed(b"".join(bytes.fromhex(f"2BD107050000{width:04X}01") + pitch + b"\xc1\x0d" for pitch in pitches))
    assert len(machine._fonts) <= 5001


@pytest.mark.parametrize("columns", (1, 2, 255))
@pytest.mark.parametrize("lines", (0, 1, 255))
def test_odd_sizes_of_a_page(columns: int, lines: int) -> None:
    """Pages of any number of columns and lines take all text; nothing of it is lost."""
    data = bytes((0x2B, 0xC1, 2, columns, 0x2B, 0xC2, 2, lines)) + b"\x15".join([b"\xc1\xc2\xc3"] * 300)
    pages, _ = read_pages(data)
    letters = sum(len(run[2]) for page in pages for run in page.runs)
    assert letters == 900


def test_shift_out_without_shift_in() -> None:
    """Two-byte text that is not closed ends with its line, as JTOpen leaves it."""
    data = HEAD + b"\x0e\x45\x62\x15\xc1\x0c\x0e\x45\x66\x0c\xc2"
    pages, _ = read_pages(data, dbcs="939")
    texts = [[run[2] for run in page.runs] for page in pages]
    assert texts == [["\u65e5\0", b"A"], ["\u672c\0"], [b"B"]]


@pytest.mark.parametrize(
    ("data", "warned"),
    (
        (b"\xc1\x15\x24\xc2\x14\xc3", 0),
        (b"\xc1\x15\x24\xc2\xc3", 1),
        # The 34 of a place is lost: what was column 36 hides all that follows.
        (b"\xc1\x15\xc4\x24\x34\xc0\x01" + b"\xc2" * 500 + b"\x0c\xc2\x0c", 1),
    ),
    ids=("closed", "open", "damaged"),
)
def test_text_hidden_to_the_end_is_told(data: bytes, warned: int) -> None:
    """Where INP has no ENP, and the rest of a file does not print, a warning says so."""
    result = print_scs(HEAD + data)
    assert sum("scs-inp=print" in line for line in result.lines) == warned
    assert not any("scs-inp=print" in line for line in print_scs(HEAD + data, "scs-inp=print").lines)


@pytest.mark.parametrize(
    "data",
    (
        b"\x1bE",
        b"\x1b%-12345X@PJL SET PAPER=A3\r\n",
        b"\x1b&l",
        b"\x1b*b200W123",
        b"\x1b",
        b"\x1b&l26A\x0c\x1b&l3",
        b"\x1b%0BSP1;PD",
    ),
    ids=repr,
)
@pytest.mark.parametrize("transparent", ("drop", "pass"))
def test_data_for_the_printer_in_text(data: bytes, transparent: str) -> None:
    """Resets, exits and commands cut short in the midst of text do not reach the printer, and no page is lost."""
    stream = HEAD + b"\xc1\xc2" + bytes((3, len(data))) + data + b"\xc3\xc4\x0c\xc5\x0c"
    result = print_scs(stream, f"scs-transparent={transparent}")
    printed = parse_job(result.output.replace(b"\x1b%0BSP1;PD\x03\x1b%0A", b""))
    assert ["".join(text for _, text in page.lines()) for page in printed.pages] == ["ABCD", "E"]
    assert result.output.count(b"\x1bE") == 2
    assert b"PAPER" not in result.output
    dropped = [line for line in result.lines if "data for the printer itself" in line]
    assert len(dropped) == (transparent == "drop")


def test_data_for_the_printer_may_pass() -> None:
    """Where the queue allows it, whole commands reach the printer at their place, and our own set-up follows."""
    data = b"\x1b(s0p24901T*12345*"
    result = print_scs(HEAD + b"\xc1" + bytes((3, len(data))) + data + b"\x0c", "scs-transparent=pass")
    assert data + b"\x1b&u600D" in result.output


def test_host_print_transform_is_unwrapped() -> None:
    """Print data that the IBM i made, in the dress of SCS, go to the printer as they are, with UEL at the end."""
    path = SAMPLES / "07-atrn-pcl-inside.scs"
    machine = Machine()
    items = [*machine.feed(path.read_bytes()), *machine.finish()]
    data = b"".join(item.data for item in items if isinstance(item, Raw))
    assert len(items) == 3 and data.startswith(b"\x1b%-12345X@PJL") and data.endswith(b"\x1b%-12345X")
    assert print_scs(path.read_bytes()).output == data
    assert print_scs(path.read_bytes(), copies=3).output == 3 * data


def test_unwrapped_data_get_their_end() -> None:
    """Print data without UEL get one: the backend takes a job without it for one that is not whole."""
    data = b"\x1bE\x1b&l26Atext\x0c\x1bE"
    assert print_scs(HEAD + bytes((3, len(data))) + data).output == data + b"\x1b%-12345X"


ODD_PLACES = {
    "a font with cells as wide as the sheet": "2BD1070500CCFFFF01 C1 15 C2",
    "a typographic font of giants": "2BD1070500CCFFFF04 C1 15 C2",
    "reverse letters on lines of three inches": "2BC602FF 2841F2 C1 15 C2 15 C3 15 C4 15 C5",
    "text below the sheet": "2BD20640 2FD03DE0 34C4FF 34C4FF C1 15 C2",
    "text to the right of the sheet": "2BD20640 2FD03DE0 34C8FF 34C8FF 34C8FF C1 34C001 C2",
    "grid lines below and beside the sheet": "2BD20640 2FD03DE0 34C4FF 2BFD08000080 7FFF7FFF 2BFD08000040 0000FFFF C1",
    "two-byte text over the end of a page": "2BC20201 2BC10206 0E 4562 4562 4562 4562 4562 0F C1",
    "half lines above the first": "09090909 C1 2841F2 C2",
    "a margin beyond the sheet": "2BD20411FFFF C1 15 C2",
    "a top margin beyond the sheet": "2BD20449FFFF C1 15 C2",
    "thousands of rules": "2BFD08000080 00007000" * 300 + "C1",
}


@pytest.mark.parametrize("name", ODD_PLACES)
@pytest.mark.parametrize("options", ("outputorder=reverse", "scs-dbcs=939 scs-cor=fit"))
def test_odd_places(name: str, options: str) -> None:
    """Whatever a file asks for, what comes out is a whole job with every position on its sheet."""
    result = print_scs(HEAD + bytes.fromhex(ODD_PLACES[name]) + b"\x0c", options)
    assert result.exit_code == 0
    assert parse_job(result.output).pages


def broken(data: bytes, noise: random.Random) -> bytes:
    """Return a file with bytes changed, lost and put in, and with controls that it should not have."""
    out = bytearray(data)
    for _ in range(noise.randrange(1, 12)):
        at, kind = noise.randrange(len(out)), noise.randrange(5)
        if kind == 0:
            out[at] = noise.randrange(256)
        elif kind == 1 and len(out) > 20:
            del out[at : at + noise.randrange(1, 6)]
        elif kind == 2:
            out[at:at] = noise.randbytes(noise.randrange(1, 5))
        elif kind == 3:
            head = bytes((0x2B, noise.choice((0xC1, 0xC2, 0xC6, 0xD1, 0xD2, 0xD3, 0xD4, 0xFD)), noise.randrange(12)))
            out[at:at] = head + bytes(
                noise.choice((0, 1, 2, 0x0A, 0x29, 0x40, 0x48, 0x81, 0xF6, 255)) for _ in range(8)
            )
        else:
            out[at:at] = noise.choice((b"\x0c", b"\x0e", b"\x38", b"\x09", b"\x23", b"\x34\xc4\xff", b"\x28\x41\xf2"))
    return bytes(out)


OPTIONS = ("", "scs-cor=fit", "scs-dbcs=939", "scs-codepage=1025", "outputorder=reverse sides=two-sided-long-edge")


def assert_broken_files_are_whole_jobs(seed: int, count: int) -> None:
    """Assert that broken files come out as jobs that a printer understands, or are refused by name."""
    noise = random.Random(seed)
    samples = [path.read_bytes() for path in FILES if 0 < path.stat().st_size < 2000]
    for _ in range(count):
        data, options = broken(noise.choice(samples), noise), noise.choice(OPTIONS)
        result = print_scs(data, options)
        if result.exit_code:
            assert any("[F10]" in line for line in result.lines), data.hex()
        elif result.output.startswith(b"\x1b%-12345X@PJL JOB"):
            assert parse_job(result.output).pages, data.hex()


def test_broken_files() -> None:
    """Files broken in many ways at once are read to their end."""
    assert_broken_files_are_whole_jobs(0, 80)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 120))
def test_many_broken_files(seed: int) -> None:
    """So are very many of them."""
    assert_broken_files_are_whole_jobs(seed, 500)
