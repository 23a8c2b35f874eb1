"""ipps443ctl identify: the right printer blinks, and no other one hears of it."""

from __future__ import annotations

from typing import Any

import pytest

from backend.ipp.message import attribute
from backend.ipp.tags import Tag
from tests.printer import Faults, Printer, make_certificate
from tests.unit.control.conftest import Cups, Desk, pinned

OWN, OTHER = (make_certificate("localhost") for _ in range(2))
FLASH = {"identify-actions-default": attribute("identify-actions-default", Tag.KEYWORD, "flash", "sound")}


def queue_for(desk: Desk, uri: str) -> None:
    """Let cupsd have a queue for a printer."""
    desk.cups = lambda: Cups({"q": {"device-uri": uri}, "other": {"device-uri": "ipp://x/"}})


@pytest.mark.parametrize("attributes, how", [(FLASH, " (flash, sound)"), ({}, "")])
def test_it_shows_itself(desk: Desk, attributes: dict[str, Any], how: str) -> None:
    """Identify-Printer goes to the printer, once, with its address and nothing about how."""
    with Printer(certificate=OWN, attributes=attributes) as printer:
        queue_for(desk, pinned(desk, printer))
        assert desk.run("identify", "q") == 0, desk.errors
        (asked,) = [each for each in printer.operations if each.name == "Identify-Printer"]
        names = [each.name for group in asked.message.groups for each in group.attributes]
        assert names[:3] == ["attributes-charset", "attributes-natural-language", "printer-uri"]
        assert "identify-actions" not in names
        assert desk.output.endswith(f"shows itself now{how}.\n")


def test_one_that_cannot(desk: Desk) -> None:
    """A printer that does not list the operation is not asked for it."""
    with Printer(certificate=OWN, faults=Faults(missing="Identify-Printer")) as printer:
        queue_for(desk, pinned(desk, printer))
        assert desk.run("identify", "q") == 1
        assert "does not list Identify-Printer" in desk.errors
        assert "Identify-Printer" not in [each.name for each in printer.operations]


def test_one_that_is_not_trusted(desk: Desk) -> None:
    """A printer with a different certificate gets no byte of HTTP."""
    with Printer(certificate=OWN) as printer:
        uri = pinned(desk, printer)
        printer.certificate = OTHER
        queue_for(desk, uri)
        assert desk.run("identify", "q") == 1
        assert not printer.http_bytes


@pytest.mark.parametrize("name, words", [("none", "knows no queue"), ("other", "not print through")])
def test_other_queues(desk: Desk, name: str, words: str) -> None:
    """A queue that is not there or prints otherwise is named."""
    queue_for(desk, "ipps443://printer")
    assert desk.run("identify", name) == 2 and words in desk.errors
