"""Arguments and options of a job, with libcups' own parser as the oracle where it is installed."""

from __future__ import annotations

import ctypes
import ctypes.util

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from filters.common.job import (
    Job,
    JobUsageError,
    find_sides,
    get_option,
    job_uuid,
    parse_boolean,
    parse_job,
    parse_options,
)

ARGUMENTS = ["texttopcl", "7", "anna", "letter.txt", "2", "media=A4 sides=one-sided"]


def test_five_arguments_mean_standard_input():
    """Five arguments make a job without files; queue, type and description come from the environment."""
    job = parse_job(ARGUMENTS, {"PRINTER": "office", "CONTENT_TYPE": "text/plain", "PPD": "/etc/cups/ppd/office.ppd"})
    assert job == Job(
        7,
        "anna",
        "letter.txt",
        2,
        {"media": "A4", "sides": "one-sided"},
        (),
        "office",
        "text/plain",
        "/etc/cups/ppd/office.ppd",
    )


def test_every_further_argument_is_a_file():
    """Six and more arguments name files, in their order."""
    assert parse_job(ARGUMENTS + ["/a b", "/c"], {}).files == ("/a b", "/c")


@pytest.mark.parametrize("count", range(0, 6))
def test_too_few_arguments(count):
    """Fewer than five arguments are refused, with their number in the reason."""
    with pytest.raises(JobUsageError) as caught:
        parse_job(ARGUMENTS[: max(count, 1)], {})
    assert str(max(count, 1) - 1) in caught.value.reason


@pytest.mark.parametrize(
    "copies, expected", [("1", 1), ("0", 1), ("+3", 3), (" 4 ", 4), ("99999", 32767), ("9" * 30, 32767)]
)
def test_copies(copies, expected):
    """Copies are at least one and no more than PCL can count."""
    assert parse_job(ARGUMENTS[:4] + [copies, ""], {}).copies == expected


@pytest.mark.parametrize("bad", ["", "two", "1.5", "-1", "0x10", "\u0663"])
@pytest.mark.parametrize("place", [1, 4])
def test_numbers_that_are_none(bad, place):
    """A job-id or number of copies that is no number is refused."""
    arguments = list(ARGUMENTS)
    arguments[place] = bad
    with pytest.raises(JobUsageError):
        parse_job(arguments, {})


def test_arguments_that_are_not_utf_8():
    """Bytes of the arguments that are not UTF-8 become U+FFFD, so that nothing later fails to encode them."""
    job = parse_job(["f", "1", "u\udcff", "t\udce4", "1", "x=\udcff"], {})
    assert (job.user, job.title, job.options) == ("u\ufffd", "t\ufffd", {"x": "\ufffd"})


@pytest.mark.parametrize(
    "text, options",
    [
        ("", {}),
        ("  ", {}),
        ("media=A4", {"media": "A4"}),
        ("a=1 b=2\tc=3\n", {"a": "1", "b": "2", "c": "3"}),
        ("landscape", {"landscape": "true"}),
        ("nolandscape noCollate", {"landscape": "false", "Collate": "false"}),
        ("a =1", {"a": "1"}),
        ("a= b=2", {"a": "", "b": "2"}),
        ("a=", {"a": ""}),
        ("=x a=1", {}),
        ('a="one two" b=3', {"a": "one two", "b": "3"}),
        ("a='one \"two\"'", {"a": 'one "two"'}),
        ('a="x\\"y"', {"a": 'x"y'}),
        ("a=one\\ two", {"a": "one two"}),
        ("a=x\\\\y", {"a": "x\\y"}),
        ('a="open b=2', {"a": "open b=2"}),
        ("a=x,'y z',w", {"a": "x,'y", "z',w": "true"}),
        ("a='y z',w", {"a": "y z,w"}),
        ("c={x=1 y={z=2 w=3}} d", {"c": "{x=1 y={z=2 w=3}}", "d": "true"}),
        ("c={x=\\} y} d=1", {"c": "{x=} y}", "d": "1"}),
        ("{a=1 b=2}", {"a": "1", "b": "2"}),
        ("{a=1 b=2", {"{a": "1", "b": "2"}),
        ("a=1 A=2", {"a": "2"}),
        ("no", {}),
        ("print-quality=3 cupsPrintQuality=High", {"cupsPrintQuality": "High"}),
    ],
)
def test_options(text, options):
    """An options string reads as filter(7) and cupsParseOptions() say."""
    assert parse_options(text) == options


class _Option(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("value", ctypes.c_char_p)]


def _options_of_libcups(text: str) -> dict[str, str]:
    library = ctypes.CDLL("libcups.so.2")
    options = ctypes.POINTER(_Option)()
    count = library.cupsParseOptions(text.encode(), 0, ctypes.byref(options))
    found = {options[i].name.decode(): options[i].value.decode() for i in range(count)}
    library.cupsFreeOptions(count, options)
    return found


_PIECES = st.sampled_from(list("aB=, '\"\\{}\t") + ["no", "media", "a=b", "print-quality=", "cupsPrintQuality=", "ä"])


@pytest.mark.skipif(not ctypes.util.find_library("cups"), reason="libcups is not installed")
@given(st.lists(_PIECES, max_size=25).map("".join))
@settings(max_examples=400, deadline=None)
@example("a='b' c={d='e f'} no nox")
def test_options_as_libcups_reads_them(text):
    """Whatever the string, our options are those of libcups."""
    assert parse_options(text) == _options_of_libcups(text)


def test_names_are_found_in_any_case():
    """An option is found in whatever case it is asked for, its exact name first."""
    assert get_option({"PageSize": "A4"}, "pagesize") == "A4"
    assert get_option({"Media": "A4", "media": "A5"}, "media") == "A5"
    assert get_option({}, "media") is None
    assert Job(1, "", "", 1, {"PageSize": "A4"}).option("pagesize") == "A4"


def test_job_uuid():
    """The UUID comes without its prefix, and only when it is one."""
    uuid = "0b8a9c35-9e0c-3c53-5b6f-3f9fcd0f2a11"
    assert job_uuid({"job-uuid": f"urn:uuid:{uuid.upper()}"}) == uuid
    assert job_uuid({"job-uuid": uuid}) is None
    assert job_uuid({}) is None


@pytest.mark.parametrize(
    "value, default, expected",
    [("true", False, True), ("Yes", False, True), ("off", True, False), ("perhaps", True, True), (None, False, False)],
)
def test_booleans(value, default, expected):
    """Yes and no have several words; anything else leaves the default."""
    assert parse_boolean(value, default) is expected


@pytest.mark.parametrize(
    "options, sides",
    [
        ({}, None),
        ({"sides": "two-sided-short-edge"}, "two-sided-short-edge"),
        ({"Duplex": "DuplexNoTumble"}, "two-sided-long-edge"),
        ({"Duplex": "None"}, "one-sided"),
        ({"sides": "one-sided", "Duplex": "DuplexTumble"}, "one-sided"),
        ({"sides": "both"}, None),
    ],
)
def test_sides(options, sides):
    """IPP's and the PPD's words for duplexing give IPP's word; sides comes first."""
    assert find_sides(options) == sides


PIN = "73519264"


@pytest.mark.parametrize(
    "options, text, whole",
    [
        (f"job-password={PIN}", PIN, True),
        (f"job-password={PIN} finishings=3", PIN, True),
        (f"finishings=3 job-password={PIN}", PIN, True),
        (f"JOB-PASSWORD={PIN} x=1", PIN, True),
        (f"job-password={PIN} fitplot number-up=1", PIN, True),
        (f"job-password={PIN} nofitplot number-up=1", PIN, True),
        (f"job-password={PIN},1 x=1", f"{PIN},1", True),
        ("job-password=7351 9264 x=1", "7351", False),
        ("job-password=7351 9264", "7351", False),
        ("job-password= 7351 x=1", "", False),
        ("job-password= x=1", "", True),
        ("job-password=73\\519264 x=1", "73519264", False),
        ("job-password=7351'9264 x=1", "7351'9264", False),
        ('job-password="73519264" x=1', "73519264", False),
        ("job-password={73519264} x=1", "{73519264}", False),
        ("job-password=7351\t9264", "7351", False),
        ("job-password", "true", False),
    ],
)
def test_the_pin_is_no_option(options: str, text: str, whole: bool) -> None:
    """It is taken out, and cupsd, which writes it without quotes, leaves doubts about some."""
    job = parse_job(["x", "1", "u", "t", "1", options], {})
    assert job.password is not None and (job.password.text, job.password.whole) == (text, whole)
    assert not any("job-password" in name.lower() for name in job.options)
    assert PIN not in repr(job) and PIN not in repr(job.password)


@pytest.mark.parametrize("options", ["", "x=1", "xjob-password=1", "title='job-password=1'"])
def test_a_job_without_a_pin(options: str) -> None:
    """Nothing that merely looks like one counts."""
    assert parse_job(["x", "1", "u", "t", "1", options], {}).password is None
