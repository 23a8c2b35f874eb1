"""backend.job.sending: one part on its way, and what is left of it for later runs and later jobs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from backend.cupsd.identity import Identity
from backend.cupsd.job_record import ACCEPTED, CANCELLED, CREATING, SENDING, WAITING, JobRecord, JobRecords
from backend.cupsd.queue_display import QueueDisplay
from backend.cupsd.stop_signal import StopSignal
from backend.delivery.attempt import Framing, PrintRequest
from backend.delivery.delivery import Delivered
from backend.device_uri import parse_device_uri
from backend.document.document import Document
from backend.ipp.message import Group, Message, attribute
from backend.ipp.tags import Tag
from backend.job import sending as module
from backend.job.destination import Destination
from backend.job.documents import Place
from backend.job.journal import Journal
from backend.job.sending import Sending
from backend.printer.capabilities import Capabilities
from backend.printer.learned import Facts
from filters.common.dataclass import replace
from filters.common.report import Report

URI = parse_device_uri("ipps443://printer/ipp/print")
PDF = "application/pdf"
TAKEN = Delivered(17, Framing.CHUNKED, 9)
LEFT = JobRecord(URI.printer_uri, 2, SENDING, 17, job=7)


class ScriptedDelivery:
    """A delivery that ends well, and notes how it was asked for."""

    copies = 3

    def __init__(self, *values: Any, **named: Any) -> None:
        self.calls: list[Any] = []

    def run(self) -> Delivered:
        self.calls.append("run")
        return TAKEN

    def take_up(self, earlier: JobRecord) -> Delivered:
        self.calls.append(earlier)
        return TAKEN


class World:
    """A destination, and the record of the job."""

    name = "printer"

    def __init__(self, folder: Path) -> None:
        self.folder, self.report = folder, Report()
        self.uri, self.printer, self.retry_policy = URI, self, None
        self.remembered: list[Facts] = []
        self.journal = Journal(self.records, Identity(b"", ""), Place(), self.report, job_id=7, joined=False)
        self.journal.begin()

    @property
    def records(self) -> JobRecords:
        return JobRecords(str(self.folder), "c0ffee")

    def remember(self, facts: Facts) -> None:
        self.remembered.append(facts)

    def sending(self, facts: Facts = Facts(chunks=True), copies: int = 1, sides: str = "one-sided") -> Sending:
        said = Group(Tag.PRINTER_ATTRIBUTES, (attribute("printer-up-time", Tag.INTEGER, 90),))
        reading = os.open(os.devnull, os.O_RDONLY)
        sending = Sending(
            PrintRequest("Report 0123456789ab", (PDF,), (attribute("sides", Tag.KEYWORD, sides),), copies, kind=PDF),
            Document(reading, folder=str(self.folder), keep=False),
            2,
            cast(Destination, cast(Any, self)),
            Capabilities(Message((2, 0), 0, 1, (said,)), facts),
            self.journal,
            check_complete=lambda document: None,
            stop=StopSignal(),
            display=QueueDisplay(self.report),
            report=self.report,
        )
        os.close(reading)
        return sending


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A part that has not been sent."""
    monkeypatch.setattr(module, "Delivery", ScriptedDelivery)
    yield World(tmp_path)


@pytest.mark.parametrize(
    "left, taken_up",
    [
        (None, False),
        *((replace(LEFT, phase=phase), True) for phase in (CREATING, SENDING, ACCEPTED, CANCELLED)),
        (replace(LEFT, phase=WAITING, job_id=None), False),
        (replace(LEFT, index=1), False),
        (replace(LEFT, index=3), False),
    ],
    ids=str,
)
def test_what_an_earlier_run_left_is_taken_up_by_its_own_part(
    world: World, left: JobRecord | None, taken_up: bool
) -> None:
    """A part before it or behind it is sent, and so is one that only waited."""
    sending = world.sending()
    assert sending.deliver(left) == TAKEN
    assert cast(Any, sending.delivery).calls == [left if taken_up else "run"]


def test_the_record_says_which_part_it_is_and_where(world: World) -> None:
    """All that the next run has to know, on the disk before this one goes on."""
    world.sending().note(SENDING, 17)
    record = world.records.read()
    assert record is not None and world.journal.has_touched
    assert (record.phase, record.job_id, record.index, record.about) == (SENDING, 17, 2, 1)
    assert (record.printer, record.up_time, record.copies) == (URI.printer_uri, 90, 3)


@pytest.mark.parametrize(
    "shown, facts",
    [
        ({}, None),
        ({"chunks_refused": True}, Facts(chunks=False)),
        ({"send_document_fails": True}, Facts(chunks=True, send_document=False)),
        ({"chunks_refused": True, "send_document_fails": True}, Facts(chunks=False, send_document=False)),
        ({"copies_refused": True}, Facts(chunks=True, copies=False)),
        ({"formats_refused": (PDF,)}, Facts(chunks=True, renamed=PDF)),
        (
            {"formats_refused": (PDF, "application/octet-stream")},
            Facts(True, renamed=f"{PDF} application/octet-stream"),
        ),
        ({"formats_refused": ("",)}, None),
    ],
)
def test_what_a_delivery_has_shown_is_learned(world: World, shown: dict[str, Any], facts: Facts | None) -> None:
    """Only what is new is written down."""
    world.sending().remember(replace(TAKEN, **shown))
    assert world.remembered == ([facts] if facts else [])
    world.sending(facts or Facts(chunks=True)).remember(replace(TAKEN, **shown))
    assert len(world.remembered) == (1 if facts else 0)


def test_a_format_that_is_taken_again_is_no_refused_one(world: World) -> None:
    """Of the formats that are known as refused only that of the document is forgotten."""
    world.sending(Facts(chunks=True, refused=f"{PDF} image/urf")).remember(TAKEN)
    assert world.remembered == [Facts(chunks=True, refused="image/urf")]


@pytest.mark.parametrize(
    "copies, impressions, pages, sides, learned",
    [
        (2, 1, None, "one-sided", True),
        (3, 2, None, "one-sided", True),
        (2, 2, None, "one-sided", False),
        (2, 0, None, "one-sided", False),
        (2, None, 10, "one-sided", False),
        (2, -1, 10, "one-sided", False),
        (1, 1, 1, "one-sided", False),
        (2, 10, 10, "one-sided", True),
        (2, 20, 10, "one-sided", False),
        (2, 11, 10, "one-sided", False),  # some were lost in between, but it makes copies
        (2, 10, 10, "two-sided-long-edge", False),  # ten sheets of two copies, or ten sides of one
        (2, 5, 10, "two-sided-long-edge", True),
        (2, 2, 1, "two-sided-short-edge", False),
        (2, 1, 1, "two-sided-short-edge", True),
    ],
)
def test_copies_that_are_not_counted(
    world: World, copies: int, impressions: int | None, pages: int | None, sides: str, learned: bool
) -> None:
    """No more sides than one copy has: later jobs are sent so often, and this one is not sent again; said once."""
    delivered = replace(TAKEN, copies=copies)
    for facts in (Facts(chunks=True), Facts(chunks=True, copies=False)):
        sending = world.sending(facts, sides=sides)
        sending.remember(delivered)
        sending.learn_copies(delivered, impressions, pages)
        sending.learn_copies(delivered, impressions, pages)
        assert not cast(Any, sending.delivery).calls
    assert world.remembered == ([Facts(chunks=True, copies=False)] if learned else [])
