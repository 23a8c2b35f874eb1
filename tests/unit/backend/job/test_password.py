"""backend.job.password: the PIN of a job as attributes, and what a printer has to say to get it (PWG 5100.11)."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from backend.errors import JobPasswordNotTaken
from backend.ipp.message import Attribute, Group, Message, Range, attribute
from backend.ipp.tags import Tag
from backend.job.password import ENCRYPTIONS, NAMES, job_password_attributes
from filters.common.job import JobPassword

TAKES = attribute("job-password-supported", Tag.INTEGER, 8)


def answer(*said: Attribute) -> Message:
    """Return what a printer says about PINs."""
    return Message((2, 0), 0, 1, (Group(Tag.PRINTER_ATTRIBUTES, said),))


def sent(password: JobPassword, *said: Attribute) -> tuple[Any, Any]:
    """Return job-password and its encryption."""
    attributes = job_password_attributes(password, answer(*said), "printer")
    assert tuple(each.name for each in attributes) == NAMES
    return attributes[0].value, attributes[1].value


def refusal(password: JobPassword, *said: Attribute) -> str:
    """Return why a printer does not get it."""
    with pytest.raises(JobPasswordNotTaken) as caught:
        job_password_attributes(password, answer(*said), "printer")
    assert not password.text or password.text not in caught.value.text
    return caught.value.reason


def length(lower: int, upper: int) -> Attribute:
    """Return which lengths a printer takes."""
    return attribute("job-password-length-supported", Tag.RANGE_OF_INTEGER, Range(lower, upper))


def repertoire(*names: str, kind: str = "supported") -> Attribute:
    """Return which characters a printer takes."""
    return attribute(f"job-password-repertoire-{kind}", Tag.KEYWORD, *names)


@pytest.mark.parametrize(
    "text, said, reason",
    [
        ("12345678", (TAKES,), ""),
        ("123456789", (TAKES,), "at most 8"),
        ("1", (TAKES,), ""),
        ("", (TAKES,), "empty"),
        ("1234", (TAKES, length(4, 6)), ""),
        ("123456", (TAKES, length(4, 6)), ""),
        ("123", (TAKES, length(4, 6)), "at least 4"),
        ("1234567", (TAKES, length(4, 6)), "at most 6"),
        ("123456789", (TAKES, length(1, 99)), "at most 8"),
        ("x" * 255, (attribute("job-password-supported", Tag.INTEGER, 1000),), ""),
        ("x" * 256, (attribute("job-password-supported", Tag.INTEGER, 1000),), "at most 255"),
        ("1", (attribute("job-password-supported", Tag.INTEGER, 1),), ""),
        ("1", (attribute("job-password-supported", Tag.INTEGER, 0),), "cannot take"),
        ("1", (attribute("job-password-supported", Tag.INTEGER, -1),), "cannot take"),
        ("1", (), "cannot take"),
        # Octets count, not characters.
        ("\u00e4\u00e4\u00e4\u00e4", (TAKES, repertoire("iana_utf-8_any")), ""),
        ("\u00e4\u00e4\u00e4\u00e4\u00e4", (TAKES, repertoire("iana_utf-8_any")), "at most 8"),
    ],
)
def test_how_long_it_may_be(text: str, said: tuple[Attribute, ...], reason: str) -> None:
    """From the shortest to the longest that the printer names, and no more octets than it takes."""
    if reason:
        assert reason in refusal(JobPassword(text), *said)
    else:
        assert sent(JobPassword(text), *said) == (text.encode(), "none")


@pytest.mark.parametrize(
    "name, taken, others",
    [
        ("iana_us-ascii_digits", ("1234",), ("12a4", "\u0661\u0662", "1 2")),
        ("iana_us-ascii_letters", ("abCD",), ("abc1", "\u00e4b")),
        ("iana_us-ascii_complex", ("aB1-",), ("aB1", "AB1-", "ab1-", "aBc-")),
        ("iana_us-ascii_any", ("aB1-",), ("\u00e4", "a\x07")),
        ("iana_utf-8_digits", ("\u0661\u0662",), ("12a",)),
        ("iana_utf-8_letters", ("\u00e4b",), ("\u00e41",)),
        ("iana_utf-8_any", ("\u00e41-",), ("a\ufffd", "a\x07")),
        ("made-up", ("aB1-",), ("\u00e4",)),
    ],
)
def test_which_characters_it_may_have(name: str, taken: tuple[str, ...], others: tuple[str, ...]) -> None:
    """Those of the repertoire; of one that nobody knows, what all printers have."""
    for text in taken:
        assert sent(JobPassword(text), TAKES, repertoire(name))[0] == text.encode()
    for text in others:
        assert "other characters" in refusal(JobPassword(text), TAKES, repertoire(name))


def test_what_is_configured_counts_more_than_what_could_be() -> None:
    """And of several repertoires one is enough."""
    configured = repertoire("iana_us-ascii_digits", kind="configured")
    assert "other characters" in refusal(JobPassword("abcd"), TAKES, configured, repertoire("iana_us-ascii_letters"))
    both = repertoire("iana_us-ascii_digits", "iana_us-ascii_letters")
    assert sent(JobPassword("abcd"), TAKES, both)[0] == b"abcd"


def encryptions(*names: str) -> Attribute:
    """Return which encryptions a printer has."""
    return attribute("job-password-encryption-supported", Tag.KEYWORD, *names)


@pytest.mark.parametrize("name", ENCRYPTIONS)
def test_each_encryption(name: str) -> None:
    """The digest of the octets, or the octets themselves."""
    hashed = hashlib.new(ENCRYPTIONS[name], b"1234").digest() if name != "none" else b"1234"
    assert sent(JobPassword("1234"), TAKES, encryptions(name)) == (hashed, name)


@pytest.mark.parametrize(
    "wanted, listed, used",
    [
        ("", ("none", "md5", "sha2-256"), "sha2-256"),
        ("md5", ("none", "md5", "sha2-256"), "md5"),
        ("none", ("none", "sha2-256"), "none"),
        ("sha2-512", ("md5", "sha2-256"), "sha2-256"),
        ("rot13", ("rot13", "md5"), "md5"),
    ],
)
def test_the_encryption_that_is_named_or_the_best(wanted: str, listed: tuple[str, ...], used: str) -> None:
    """What only one side has is none."""
    assert sent(JobPassword("1234", wanted), TAKES, encryptions(*listed))[1] == used


def test_without_an_encryption_in_common_it_stays_here() -> None:
    """It is not sent as it is instead."""
    assert "encryption" in refusal(JobPassword("1234"), TAKES, encryptions("md2", "rc5"))


def test_a_part_of_it_stays_here() -> None:
    """The arguments leave a doubt where it ends."""
    assert "a part of it" in refusal(JobPassword("1234", whole=False), TAKES)


def test_a_printer_that_does_not_answer_gets_nothing() -> None:
    """Nor does it get the job."""
    with pytest.raises(JobPasswordNotTaken, match="cannot take one"):
        job_password_attributes(JobPassword("1234"), None, "printer")
