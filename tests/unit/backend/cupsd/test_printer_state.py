"""backend.cupsd.printer_state: which of a printer's words reach the queue, and how supplies are written."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from backend.cupsd.printer_state import (
    KNOWN_REASONS,
    WAITING_FOR_SOMEONE,
    changes,
    needs_someone,
    number,
    reasons_to_show,
    sentence,
    standstill,
    supplies,
    texts,
    without_suffix,
)
from backend.ipp.codes import PrinterState
from backend.ipp.message import Attribute, Group, LanguageString, Message, attribute
from backend.ipp.tags import Tag

#: printer-state-reasons of RFC 8011 section 5.4.12 that may stand in a queue, letter by letter.
RFC_8011 = """cover-open developer-empty developer-low door-open fuser-over-temp fuser-under-temp input-tray-missing
interlock-open interpreter-resource-unavailable marker-supply-empty marker-supply-low marker-waste-almost-full
marker-waste-full media-empty media-jam media-low media-needed opc-life-over opc-near-eol output-area-almost-full
output-area-full output-tray-missing spool-area-full toner-empty toner-low""".split()


def answer(*attributes: Attribute) -> Message:
    """Return an answer to Get-Printer-Attributes."""
    return Message((2, 0), 0, 1, (Group(Tag.PRINTER_ATTRIBUTES, attributes),))


def reasons(*words: str) -> Message:
    """Return an answer with printer-state-reasons."""
    return answer(attribute("printer-state-reasons", Tag.KEYWORD, *words))


@pytest.mark.parametrize("word", RFC_8011)
def test_shows_the_words_of_the_standard(word: str) -> None:
    """Each word of the standard that is about the printer's state reaches the queue, with and without its severity."""
    shown = {word, f"{word}-report", f"{word}-warning", f"{word}-error"}
    assert reasons_to_show(reasons(*sorted(shown))) == shown


@pytest.mark.parametrize("word", sorted(KNOWN_REASONS | set(WAITING_FOR_SOMEONE)))
def test_known_words_are_words(word: str) -> None:
    """No word of the tables is a part of one."""
    parts = word.split("-")
    assert all(part.isalpha() and part.islower() for part in parts)


@pytest.mark.parametrize(
    "word",
    ["none", "paused", "stopped", "other", "moving-to-paused", "cups-pki-unknown", "hold-new-jobs", "x", "", "media"],
)
def test_leaves_out_words_that_make_cupsd_act_or_mean_nothing(word: str) -> None:
    """Words such as "paused", which stops a queue, and made-up ones do not reach the queue (Q-111)."""
    assert reasons_to_show(reasons(word, "media-jam-error")) == {"media-jam-error"}


def test_reasons_with_the_wrong_type_or_missing_are_none() -> None:
    """A printer that does not say, or says it as numbers, has no reasons."""
    assert reasons_to_show(answer()) == frozenset()
    assert reasons_to_show(answer(attribute("printer-state-reasons", Tag.INTEGER, 3))) == frozenset()
    elsewhere = Message((2, 0), 0, 1, (Group(Tag.JOB_ATTRIBUTES, reasons("media-jam").groups[0].attributes),))
    assert reasons_to_show(elsewhere) == frozenset()


@pytest.mark.parametrize(
    "shown, now, said",
    [("", "", ()), ("", "b a", ("+a", "+b")), ("a b", "", ("-a", "-b")), ("a b", "b c", ("-a", "+c")), ("a", "a", ())],
)
def test_says_what_changed(shown: str, now: str, said: tuple[str, ...]) -> None:
    """Words that are over are taken back, new ones added, the rest is not repeated (B-18)."""
    assert changes(frozenset(shown.split()), frozenset(now.split())) == said


@pytest.mark.parametrize(
    "reason, bare",
    [("media-jam-error", "media-jam"), ("media-jam", "media-jam"), ("x-report", "x"), ("a-warning-error", "a-warning")],
)
def test_takes_the_severity_off(reason: str, bare: str) -> None:
    """One severity at the end is no part of the word."""
    assert without_suffix(reason) == bare


@pytest.mark.parametrize(
    "message, waits",
    [
        (reasons("none"), False),
        (reasons("toner-low-warning"), False),
        (reasons("media-needed-error"), True),
        (reasons("paused"), True),
        (reasons("none", "door-open"), True),
        (reasons("marker-supply-empty-error"), True),
        (answer(attribute("printer-state", Tag.ENUM, 3)), False),
        (answer(attribute("printer-state", Tag.ENUM, 5)), True),
        (answer(), False),
    ],
)
def test_knows_when_a_printer_waits_for_somebody(message: Message, waits: bool) -> None:
    """Paper, doors and a stopped printer are worth waiting for; low toner is not a reason to stand still."""
    assert needs_someone(message) is waits


def test_writes_supplies_as_cupsd_reads_them() -> None:
    """Marker attributes are values behind commas, strings that need it in quotes."""
    message = answer(
        attribute("marker-names", Tag.NAME_WITHOUT_LANGUAGE, "Black", "Waste Toner", 'a"b\\c', "x,y", ""),
        attribute("marker-colors", Tag.NAME_WITHOUT_LANGUAGE, "#000000", "none"),
        attribute("marker-levels", Tag.INTEGER, 50, -1, -3, 0),
    )
    assert dict(supplies(message)) == {
        "marker-names": '''Black,"Waste Toner","a\\"b\\\\c","x,y",""''',
        "marker-colors": "#000000,none",
        "marker-levels": "50,-1,-3,0",
    }


def test_leaves_out_supplies_that_cannot_be_written() -> None:
    """An attribute without a value, or with values of another kind, gives no line."""
    assert supplies(answer(attribute("marker-levels", Tag.NO_VALUE, None))) == ()
    assert supplies(answer()) == ()


def test_reads_texts_and_numbers_patiently() -> None:
    """Strings count with and without a language, other kinds do not; numbers are no booleans."""
    message = answer(
        attribute("printer-info", Tag.TEXT_WITH_LANGUAGE, LanguageString("en", "Hall")),
        attribute("queued-job-count", Tag.INTEGER, 4),
        attribute("printer-is-accepting-jobs", Tag.BOOLEAN, True),
    )
    assert texts(message, "printer-info") == ("Hall",)
    assert texts(message, "queued-job-count") == ()
    assert texts(message, "missing") == ()
    assert number(message, "queued-job-count") == 4
    assert number(message, "printer-is-accepting-jobs") is None
    assert number(message, "printer-info") is None
    assert number(message, "queued-job-count", Tag.JOB_ATTRIBUTES) is None


@pytest.mark.parametrize(
    "longest, show",
    [
        (120, lambda message: sentence(message, "printer-state-message")),
        (60, lambda message: standstill(message).removeprefix("it has stopped (").removesuffix(")")),
    ],
)
def test_a_printer_s_own_words(longest: int, show: Callable[[Message], str]) -> None:
    """On one line, and no longer than there is room for: behind our words for half of what there is else."""
    whole = "x" * longest
    for said, shown in (
        (whole, whole),
        (whole + "x", whole[3:] + "..."),
        (whole[5:] + " yyyyyy", whole[5:] + " y..."),
        (whole[4:] + " yyyyyy", whole[4:] + "..."),
        ("Load\n\x1bA4. Now..", "Load A4. Now"),
    ):
        words = attribute("printer-state-message", Tag.TEXT_WITHOUT_LANGUAGE, said)
        assert show(answer(attribute("printer-state", Tag.ENUM, PrinterState.STOPPED), words)) == shown
