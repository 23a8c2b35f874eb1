"""The grammar of the printer's faults: what is declared is tested somewhere, all else is refused."""

from __future__ import annotations

import ast
import dataclasses
from pathlib import Path

import pytest

from tests.printer.faults import REQUEST, BadFault, Faults, describe

# Fair values that are written in another way than the default, and what is only slower than its like.
NOT_FAULTS = {("cert", "rsa4096")}


def test_without_arguments_nothing_is_wrong():
    """A printer without faults has every switch at its first, fair form."""
    assert Faults().given() == {}
    assert str(Faults()) == "fair"


def test_text_and_fields_are_two_ways_to_say_the_same():
    """The text form, joined by commas, gives the same faults as named fields, and comes back as that text.

    A switch may be written with hyphens, as its values are, and a list be given in parts.
    """
    faults = Faults.parse("chunk=413@500, refuse-close=rst,at=rst@headers,at=hang@body-end")
    assert faults == Faults(chunk="413@500", refuse_close="rst", at="rst@headers+hang@body-end")
    assert Faults.parse(str(faults)) == faults


@pytest.mark.parametrize(
    "text",
    [
        "chunk=412",
        "chunk=413",
        "chunk=413@x",
        "chunk",
        "chnuk=411",
        "at=rst@nowhere",
        "chunk=rst@nowhere",
        "tls=1.4",
        "status=PrintJob",
        "strict=empty-name+nonsense",
        "times=-1",
        "skip=many",
    ],
)
def test_unknown_switches_and_values_are_refused(text):
    """What is not in the grammar is an error that says what there is."""
    with pytest.raises(BadFault, match="there are|switches are"):
        Faults.parse(text)


def test_values_are_strings():
    """A number in the place of a string is refused, not guessed."""
    with pytest.raises(BadFault):
        Faults(chunk=411)  # type: ignore[arg-type]


def test_a_value_is_taken_apart():
    """The places of a form are found by name."""
    setting = Faults(chunk="413@500").setting("chunk")
    assert (setting.form, setting.number) == ("413@N", 500)
    assert Faults(at="rst@body:10+hang@headers").settings("at")[0].phase == "body:10"
    assert Faults(only="Print-Job+senddocument").setting("only").operations == {"printjob", "senddocument"}
    assert Faults(path="/ipp/port1").setting("path").text == "/ipp/port1"


def test_faults_of_a_kind_can_be_taken_back():
    """A request that the faults are not for is served with the fair values of its kind."""
    faults = Faults(chunk="411", tls="1.2", state="stuck")
    assert faults.fair(REQUEST).given() == {"tls": "1.2", "state": "stuck"}


def test_the_list_of_faults_names_every_switch():
    """--list-faults shows every switch with its forms."""
    text = describe()
    for declared in dataclasses.fields(Faults):
        assert f"{declared.name}={declared.default}" in text
        assert declared.metadata["meaning"] in text


def _written_faults() -> set[tuple[str, str]]:
    """Every (switch, form) that some string in this folder's tests gives to a printer."""
    found = set()
    for path in Path(__file__).parent.glob("test_printer_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Constant) and isinstance(node.value, str) and "=" in node.value):
                continue
            try:
                faults = Faults.parse(node.value)
            except BadFault:
                continue
            for name in faults.given():
                several = Faults.__dataclass_fields__[name].metadata["several"]
                settings = faults.settings(name) if several else [faults.setting(name)]
                found |= {(name, setting.form) for setting in settings}
    return found


def test_every_form_of_every_switch_is_shown_on_the_wire_by_some_test():
    """No fault exists that no test gives to a printer."""
    declared = {(each.name, form) for each in dataclasses.fields(Faults) for form in each.metadata["forms"]}
    fair = {(each.name, each.default) for each in dataclasses.fields(Faults)}
    missing = declared - fair - NOT_FAULTS - _written_faults()
    assert not missing, sorted(missing)
