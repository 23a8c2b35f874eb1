"""backend.job.refused_formats: what a printer that refuses a listed format teaches, and what the job comes to."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, cast

import pytest

from backend.cupsd.job_record import WAITING
from backend.device_uri import parse_device_uri
from backend.errors import DocumentRefused, JobAbortedAtPrinter, ListedFormatRefused, PassedFormatRefused
from backend.ipp.message import Group, Message, attribute
from backend.ipp.tags import Tag
from backend.job.cups_job import CupsJob
from backend.job.destination import Destination
from backend.job.refused_formats import take_refusal
from backend.job.sending import Sending
from backend.printer.capabilities import Capabilities
from backend.printer.learned import Facts, remember
from filters.common.job import parse_job
from filters.common.report import Report

PDF, URF, PCL = "application/pdf", "image/urf", "application/vnd.hp-PCL"
ERROR = DocumentRefused("printer", PDF, "client-error-document-format-not-supported", of_kind=True)
OURS, MADE = '*ipps443Version: "1"\n', '*ipps443Source: "printer"\n'


class World:
    """A part that was refused, and the printer that did so."""

    name = "printer"

    def __init__(self, kind: str, *formats: str, known: str = "") -> None:
        self.kind, self.printer = kind, self
        self.uri = parse_device_uri("ipps443://printer/ipp/print")
        said = attribute("document-format-supported", Tag.MIME_MEDIA_TYPE, *formats)
        message = Message((2, 0), 0, 1, (Group(Tag.PRINTER_ATTRIBUTES, (said,)),))
        self.facts = Facts(refused=known)
        self.capabilities = Capabilities(message, self.facts)
        self.remembered: list[Facts] = []
        self.noted: list[tuple[str, int | None]] = []
        self.cache = ""  # where facts are written; nowhere without one

    def remember(self, facts: Facts) -> None:
        self.remembered.append(facts)
        if self.cache:
            assert remember(f"{self.cache}/ipps443", self.uri.host, self.uri.port, facts, time.time()) is None

    def note(self, phase: str, job_id: int | None) -> None:
        self.noted.append((phase, job_id))

    def take(
        self, folder: Path, text: str, content: str = PDF, *files: str, error: Any = ERROR, final: str = ""
    ) -> Any:
        """Return what the job comes to on a queue with a description."""
        path = folder / "queue.ppd"
        path.write_text(text)
        environ = {"PPD": str(path), "PRINTER": "a queue", "CONTENT_TYPE": content, "FINAL_CONTENT_TYPE": final}
        environ |= {"DEVICE_URI": "ipps443://printer/ipp/print", "CUPS_CACHEDIR": str(folder)}
        cups_job = CupsJob(parse_job(["ipps443", "1", "u", "t", "1", "", *files], environ), environ, Report(-1))
        return take_refusal(error, cast(Sending, cast(Any, self)), cast(Destination, cast(Any, self)), cups_job)


@pytest.mark.parametrize(
    "formats, text, command",
    [
        ((PDF, URF), OURS + MADE, "ipps443ctl refresh 'a queue'"),
        ((PDF, URF), OURS, "ipps443ctl refresh 'a queue' --model printer"),
        ((PDF, PCL), OURS, "lpadmin -p 'a queue' -m ipps443/generic-pcl5e.ppd"),
        ((PDF,), OURS + MADE, "ipps443ctl probe 'ipps443://printer:443/ipp/print'"),
    ],
)
def test_a_listed_format(tmp_path: Path, formats: tuple[str, ...], text: str, command: str) -> None:
    """It is learned, the job is held with the command that helps, and the next run begins anew."""
    world = World(PDF, *formats)
    error = world.take(tmp_path, text)
    assert isinstance(error, ListedFormatRefused) and error.command == command
    assert world.remembered == [Facts(refused=PDF)] and world.noted == [(WAITING, None)]


def test_the_second_refusal(tmp_path: Path) -> None:
    """What is known to be refused is none of what is left, and a fact that is known is not written again."""
    world = World(URF, PDF, URF, known=f"{PDF} {URF}")
    assert world.take(tmp_path, OURS + MADE).command == "ipps443ctl probe 'ipps443://printer:443/ipp/print'"
    assert world.remembered == []


@pytest.mark.parametrize(
    "formats, text, content, files, learned",
    [
        ((URF,), OURS, PDF, (), False),
        ((PDF, URF), OURS, "application/vnd.cups-raw", (), True),
        ((PDF, URF), OURS, PDF, ("/a/file",), True),
        ((PDF, URF), "*PPD-Adobe: 4.3\n", PDF, (), True),
    ],
)
def test_what_no_description_helps_against(
    tmp_path: Path, formats: tuple[str, ...], text: str, content: str, files: tuple[str, ...], learned: bool
) -> None:
    """A type that is not listed, a document that no filter makes, and a description of someone else."""
    world = World(PDF, *formats)
    assert world.take(tmp_path, text, content, *files) is ERROR
    assert bool(world.remembered) == learned and not world.noted


JPEG = "image/jpeg"
NOT_READ = DocumentRefused("printer", JPEG, "client-error-document-format-error")
PERHAPS_PRINTED = DocumentRefused("printer", "of this job", "document-format-error", may_be_on_paper=True)
ABORTED = JobAbortedAtPrinter("printer", "aborted-by-system")


@pytest.mark.parametrize("formats", [(PDF, JPEG), (PDF,)])
@pytest.mark.parametrize("error", [ERROR, NOT_READ])
def test_a_picture_as_it_is(tmp_path: Path, formats: tuple[str, ...], error: Any) -> None:
    """It is made anew at once, whether its kind is refused, it cannot be read, or JPEG is not listed at all."""
    world = World(JPEG, *formats)
    world.cache = str(tmp_path)
    assert isinstance(world.take(tmp_path, OURS + MADE, JPEG, error=error, final=PDF), PassedFormatRefused)
    assert world.remembered == [Facts(refused=JPEG)] and world.noted == [(WAITING, None)]
    # Another job has learned it since the filter looked.
    world.facts = world.remembered.pop()
    assert isinstance(world.take(tmp_path, OURS + MADE, JPEG, final=PDF), PassedFormatRefused)
    assert not world.remembered


@pytest.mark.parametrize("error", [PERHAPS_PRINTED, ABORTED])
def test_a_picture_that_may_be_on_paper(tmp_path: Path, error: Any) -> None:
    """Nothing is printed again unasked; printed or released again, it has pages."""
    world = World(JPEG, PDF, JPEG)
    world.cache = str(tmp_path)
    assert world.take(tmp_path, OURS + MADE, JPEG, error=error, final=PDF) is error
    assert world.remembered == [Facts(refused=JPEG)] and not world.noted


@pytest.mark.parametrize("known", ["", JPEG])
def test_a_filter_that_does_not_see_what_was_learned(tmp_path: Path, known: str) -> None:
    """What cannot be written down, or read: held, for it would never end."""
    world = World(JPEG, PDF, JPEG, known=known)
    error = world.take(tmp_path, OURS + MADE, JPEG, final=PDF)
    assert isinstance(error, ListedFormatRefused) and error.command == "ipps443ctl refresh 'a queue'"


def test_documents_of_other_filters(tmp_path: Path) -> None:
    """An aborted job, and a document that the printer cannot read, teach nothing about PDF."""
    for error in (NOT_READ, ABORTED):
        world = World(PDF, PDF, URF)
        assert world.take(tmp_path, OURS + MADE, PDF, error=error, final=PDF) is error
        assert not world.remembered and not world.noted
