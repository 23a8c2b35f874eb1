"""The grammar of the printer's faults: what is declared is used somewhere, all else is refused."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from tests.printer.faults import REQUEST, BadFault, Faults

TESTS = Path(__file__).parents[2]


def test_text_and_fields_are_two_ways_to_say_the_same():
    """The text form, joined by commas, gives the same faults as named fields, and comes back as that text.

    A switch may be written with hyphens, as its values are, and a list be given in parts.
    """
    faults = Faults.parse("chunk=413@500, refuse-close=rst,at=rst@headers,at=hang@body-end")
    assert faults == Faults(chunk="413@500", refuse_close="rst", at="rst@headers+hang@body-end")
    assert Faults.parse(str(faults)) == faults


@pytest.mark.parametrize(
    "text",
    ["chunk=412", "chunk=413@x", "chunk", "chnuk=411", "at=rst@nowhere", "status=PrintJob", "supplies=low+none"],
)
def test_unknown_switches_and_values_are_refused(text):
    """What is not in the grammar is an error that says what there is."""
    with pytest.raises(BadFault, match="there are|switches are"):
        Faults.parse(text)


def test_a_value_is_taken_apart():
    """The places of a form are found by name."""
    setting = Faults(chunk="413@500").setting("chunk")
    assert (setting.form, setting.number) == ("413@N", 500)
    assert Faults(at="rst@body:10+hang@headers").settings("at")[0].phase == "body:10"
    assert Faults(only="Print-Job+senddocument").setting("only").operations == {"printjob", "senddocument"}


def test_faults_of_a_kind_can_be_taken_back():
    """A request that the faults are not for is served with the fair values of its kind."""
    faults = Faults(chunk="411", tls="1.2", state="aborted")
    assert faults.fair(REQUEST).given() == {"tls": "1.2", "state": "aborted"}


def test_no_form_is_there_without_use():
    """The word with which it begins stands behind the switch, or in a file that puts the switch and words together."""
    texts = [path.read_text() for path in TESTS.rglob("*.py") if "printer" not in path.parent.name]
    unused = set()
    for declared in dataclasses.fields(Faults):
        name = declared.name
        together = rf"\b{name}=\{{|Faults\((?:[^)]*, )?{name}=[a-z]"
        for form in set(declared.metadata["forms"]) - {declared.default}:
            word = re.escape(re.split(r"[A-Z]|:(?=[a-z-]+$)", form)[0].rstrip(":@"))
            behind, quoted = rf"\b{name}=\"?(?:[^\s,\"]*\+)?{word}", rf"[\"', ]{word}"
            if not any(
                re.search(behind, text) or re.search(together, text) and re.search(quoted, text) for text in texts
            ):
                unused.add(f"{name}={form}")
    assert not unused
