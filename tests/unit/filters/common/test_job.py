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
    format_options,
    get_option,
    job_uuid,
    parse_boolean,
    parse_job,
    parse_options,
    unknown_sides,
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


_NAMES = st.text("abXY-", min_size=1).filter(lambda name: name.casefold()[:2] != "no")


@given(st.dictionaries(_NAMES, st.text("aB =,'\"\\{}\t\n\v", min_size=1) | st.just("{a=1 b={c=2}}")))
def test_written_options(options):
    """Options read as they were written, whatever their values; a collection has its braces."""
    options = {name.lower(): value for name, value in options.items() if value[0] != "{" or value == "{a=1 b={c=2}}"}
    assert parse_options(format_options(options)) == options


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
    for other in (uuid, f"urn:uuid:{uuid}0", f"urn:uuid:{uuid[1:]}", f"urn:guid:{uuid}"):
        assert job_uuid({"job-uuid": other}) is None
    assert job_uuid({}) is None


@pytest.mark.parametrize(
    "words, expected", [("true on Yes 1", True), ("false OFF no none 0", False), ("perhaps", None)]
)
def test_booleans(words, expected):
    """Yes and no have several words; anything else leaves the default."""
    for default in (True, False):
        for word in words.split():
            assert parse_boolean(f" {word} ", default) is (default if expected is None else expected)
        assert parse_boolean(None, default) is default


SIDES = {
    "one-sided": "one-sided none OFF false simplex",
    "two-sided-long-edge": "two-sided-long-edge on true DuplexNoTumble",
    "two-sided-short-edge": "two-sided-short-edge DuplexTumble",
}


@pytest.mark.parametrize("option", ["sides", "Duplex", "JCLDuplex", "EFDuplex", "KD03Duplex", "kd03duplex"])
@pytest.mark.parametrize("sides", SIDES)
def test_sides(option, sides):
    """IPP's and the PPD's words for duplexing give IPP's word."""
    for word in SIDES[sides].split():
        assert find_sides({option: word}) == sides and not unknown_sides({option: word})
        assert find_sides({"sides": "both", option.upper(): word}) == (None if option == "sides" else sides)
    (line,) = unknown_sides({option: "both"})
    assert find_sides({option: "both"}) is None
    assert line.casefold() == f"option {option}=both is not known, the queue's default is used".casefold()


def test_sides_comes_first():
    """And then in the order of libcups."""
    assert find_sides({"KD03Duplex": "None", "Duplex": "DuplexTumble", "sides": "on"}) == "two-sided-long-edge"
    assert find_sides({"KD03Duplex": "None", "Duplex": "DuplexTumble"}) == "two-sided-short-edge"
    assert find_sides({}) is None


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
    assert "password" not in repr(job) and PIN not in repr(job.password)


@pytest.mark.parametrize("options", ["", "x=1", "xjob-password=1", "title='job-password=1'"])
def test_a_job_without_a_pin(options: str) -> None:
    """Nothing that merely looks like one counts."""
    assert parse_job(["x", "1", "u", "t", "1", options], {}).password is None


@pytest.mark.parametrize(
    "options, encryption, following",
    [
        (f"job-password={PIN} job-password-encryption=sha2-256 x=1", "sha2-256", "job-password-encryption"),
        (f"Job-Password-Encryption=none job-password={PIN} Media=A4", "none", "media"),
        (f"job-password={PIN}  x=1", "", "x"),
        (f"job-password={PIN} fitplot x=1", "", ""),
        (f"job-password={PIN}", "", ""),
    ],
)
def test_what_stands_beside_a_pin(options: str, encryption: str, following: str) -> None:
    """How it is encrypted, and the option behind it, by which the backend knows where it ends."""
    job = parse_job(["x", "1", "u", "t", "1", options], {"DEVICE_URI": "ipps443://x:1/"})
    assert job.password and (job.password.encryption, job.password.following) == (encryption, following)
    assert job.backend == "ipps443" and "job-password-encryption" not in (name.lower() for name in job.options)
