"""backend.job.destination: the printer of a job, reached for as long as that takes, and what is kept of it."""

from __future__ import annotations

import base64
import os
import time
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Union, cast

import pytest

from backend.cupsd.identity import Identity
from backend.cupsd.job_record import JobRecords
from backend.cupsd.queue_display import CONNECTING, QueueDisplay
from backend.cupsd.side_channel import SideChannel
from backend.cupsd.stop_signal import StopSignal
from backend.device_uri import parse_device_uri
from backend.errors import (
    AuthenticationRequired,
    ConnectionLost,
    GaveUpWaiting,
    IppsError,
    MalformedResponse,
    PrinterBusy,
    PrinterUnreachable,
)
from backend.http.exchange import Response
from backend.ipp.message import Group, Message, attribute
from backend.ipp.tags import Tag
from backend.job import destination as module
from backend.job.cups_job import CupsJob
from backend.job.destination import Destination, find_destination, trust_noter
from backend.job.documents import Place
from backend.job.journal import Journal
from backend.printer import learned
from backend.printer.capabilities import Capabilities
from backend.printer.learned import Facts
from backend.printer.printer import Printer
from backend.trust.judgement import Judgement
from filters.common.dataclass import replace
from filters.common.job import Job
from filters.common.report import Report
from tests.unit.backend.job.conftest import Told

PIN = "pin=sha256:" + "0" * 64
LOST, BUSY = ConnectionLost("printer", "asking", "reset"), PrinterBusy("printer", "it prints for others")
UNREACHABLE, RUBBISH = PrinterUnreachable("printer", "no answer"), MalformedResponse("printer", "not IPP")


class Said(Told):
    """Notes the other lines as well."""

    def info(self, text: str) -> None:
        self.told.append(f"INFO {text}")

    def debug(self, text: str) -> None:
        self.told.append(f"DEBUG {text}")


class Stop(StopSignal):
    """Nobody sleeps."""

    def __init__(self) -> None:
        super().__init__()
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        assert len(self.slept) < 50, "it waits for ever"


class World:
    """A queue, and what its printer answers to the question what it takes, one after the other."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.report, self.stop = folder, Said(), Stop()
        self.answers: Sequence[Union[Capabilities, IppsError]] = [capabilities()]
        self.asked: list[tuple[Facts, bool]] = []
        self.side_channel = SideChannel(-1, lambda: True)
        monkeypatch.setattr(module, "ask_capabilities", self._ask)

    def _ask(
        self, printer: Printer, facts: Facts, report: Report, *, may_probe: bool, more: tuple[str, ...]
    ) -> Capabilities:
        self.asked.append((facts, may_probe))
        answer = self.answers[min(len(self.asked), len(self.answers)) - 1]
        if isinstance(answer, IppsError):
            raise answer
        return answer

    def destination(self, query: str = "", user: str = "", place: Place = Place(), **more: Any) -> Destination:
        """Return the destination of a queue, with more of an environment."""
        side_channel = more.pop("side_channel", self.side_channel)
        waiting_since = more.pop("waiting_since", 0)
        cups_job = CupsJob(Job(7, "anna", "Report", 1), {"CUPS_CACHEDIR": str(self.folder), **more}, self.report)
        return find_destination(
            cups_job,
            parse_device_uri(f"ipps443://{user}printer/?{PIN}&{query}"),
            Journal(JobRecords(str(self.folder), None), Identity(b"", ""), place, self.report, job_id=7, joined=False),
            stop=self.stop,
            display=QueueDisplay(self.report),
            report=self.report,
            side_channel=side_channel,
            waiting_since=waiting_since,
        )

    def recall(self) -> Facts:
        """Return what later jobs know."""
        return learned.recall(os.path.join(self.folder, "ipps443"), "printer", 443, time.time())


def capabilities(facts: Facts = Facts(chunks=True, version="2.0"), accepts: bool = True) -> Capabilities:
    """Return what a printer says of itself."""
    said = (
        attribute("printer-is-accepting-jobs", Tag.BOOLEAN, accepts),
        attribute("printer-make-and-model", Tag.TEXT_WITHOUT_LANGUAGE, "Laser 9"),
        attribute("printer-device-id", Tag.TEXT_WITHOUT_LANGUAGE, "MFG:x;"),
    )
    return Capabilities(Message((2, 0), 0, 1, (Group(Tag.PRINTER_ATTRIBUTES, said),)), facts)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A printer that answers at once."""
    return World(tmp_path, monkeypatch)


@pytest.mark.parametrize(
    "query, keeps",
    [("", True), ("spool=yes", True), ("spool=no", False), ("spool=no&transfer=sized", True), ("transfer=sized", True)],
)
def test_when_a_copy_is_kept(world: World, query: str, keeps: bool) -> None:
    """Unless the queue wants none; a document with its length needs one."""
    assert world.destination(query).keeps_copy is keeps


def test_what_is_learned_is_told_and_kept(world: World) -> None:
    """Filters that ask hear that the printer is there; the log has what it is; the next job knows."""
    assert world.destination().learn(size_known=False) == capabilities()
    assert world.asked == [(Facts(), True)]
    assert world.side_channel.connected and world.side_channel.device_id == "MFG:x;"
    words = [each for each in world.report.told if not each.startswith("DEBUG")]
    assert words == [f"+{CONNECTING}", f"-{CONNECTING}"]
    log = [each for each in world.report.told if each.startswith("DEBUG")]
    assert (
        "chunks not known, IPP not known" in log[0] and "Laser 9, takes chunks, IPP 2.0, prints by Print-Job" in log[1]
    )
    assert replace(world.recall(), learned=0) == capabilities().facts


def test_what_is_known_is_not_written_again(world: World) -> None:
    """And the question goes out in the version that the printer answers."""
    world.answers = [capabilities(Facts(chunks=False, version="1.1"))]
    destination = world.destination(side_channel=None)
    destination.learn(size_known=False)
    (path,) = (world.folder / "ipps443").glob("*.json")
    before = path.stat().st_ino
    world.answers = [capabilities(world.recall())]
    again = world.destination(side_channel=None)
    again.learn(size_known=False)
    assert path.stat().st_ino == before and again.printer.target.version == (1, 1)
    assert again.printer.connections.has_spoken and not destination.printer.connections.has_spoken


@pytest.mark.parametrize("query, version", [("version=1.0", (1, 0)), ("version=2.2", (2, 2)), ("", (2, 0))])
def test_the_version_of_the_queue(world: World, query: str, version: tuple[int, int]) -> None:
    """It is asked in that one; else in the first."""
    destination = world.destination(query)
    destination.learn(size_known=False)
    assert destination.printer.target.version == version


@pytest.mark.parametrize(
    "query, size_known, may_probe",
    [("", False, True), ("", True, False), ("transfer=chunked", False, False), ("transfer=sized", False, False)],
)
def test_chunks_are_asked_about_where_they_matter(world: World, query: str, size_known: bool, may_probe: bool) -> None:
    """Not for a file, and not where the queue has decided."""
    world.destination(query).learn(size_known=size_known)
    assert world.asked[0][1] is may_probe


@pytest.mark.parametrize("trouble", [LOST, BUSY, UNREACHABLE, RUBBISH, capabilities(accepts=False)])
def test_a_printer_that_is_not_ready_is_waited_for(world: World, trouble: Union[Capabilities, IppsError]) -> None:
    """Out of reach, busy, starting up, or not accepting jobs: asked again after a pause."""
    world.answers = [trouble, trouble, capabilities()]
    assert world.destination().learn(size_known=False).accepts_jobs
    assert world.stop.slept == [5, 5]


def test_a_queue_that_does_not_wait_for_the_printer(world: World) -> None:
    """waitprinter=no: whether it takes the job is seen when it is sent."""
    world.answers = [capabilities(accepts=False)]
    assert not world.destination("waitprinter=no").learn(size_known=False).accepts_jobs
    assert world.stop.slept == []


def test_what_is_no_printer_is_not_waited_for_for_ever(world: World) -> None:
    """A web page instead of IPP again and again: something else is on that port."""
    world.answers = [RUBBISH]
    with pytest.raises(MalformedResponse):
        world.destination().learn(size_known=False)
    assert len(world.asked) == 4


@pytest.mark.parametrize(
    "query, more, slept",
    [("", {"CLASS": "all"}, [5]), ("contimeout=100", {"waiting_since": int(time.time()) - 200}, [])],
)
def test_in_a_class_the_next_member_gets_the_job(
    world: World, query: str, more: dict[str, Any], slept: list[int]
) -> None:
    """In a class the next member gets the job after five seconds; contimeout counts from the first of earlier runs."""
    world.answers = [UNREACHABLE]
    with pytest.raises(GaveUpWaiting):
        world.destination(query, **more).learn(size_known=False)
    assert world.stop.slept == slept


@pytest.mark.parametrize(
    "age, seconds, gives_up",
    [
        (0, 6599, False),
        (0, 6600, True),
        (1000, 5599, False),
        (1000, 5600, True),
        (6500, 119, False),
        (6500, 120, True),
        (-1000, 6599, False),  # the clock was put back
        (-1000, 6600, True),
    ],
)
def test_a_run_ends_in_good_time(
    world: World, monkeypatch: pytest.MonkeyPatch, age: int, seconds: int, gives_up: bool
) -> None:
    """All documents of a job share the time that cupsd has for it, and each has a little."""
    monkeypatch.setattr(time, "time", lambda: 1_700_000_000.0 + age)
    destination = world.destination(place=Place(began=1_700_000_000 if age else 0))
    clock = iter([0.0, float(seconds)])
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    destination.retry_policy.wait(UNREACHABLE)
    if gives_up:
        with pytest.raises(PrinterUnreachable):
            destination.retry_policy.wait(UNREACHABLE)
    else:
        destination.retry_policy.wait(UNREACHABLE)


CHALLENGE = Response(401, "", "1.1", (("www-authenticate", 'Basic realm="x"'),), b"", complete=True, early=False)


@pytest.mark.parametrize(
    "user, environ, sent",
    [
        ("", {}, []),
        ("", {"AUTH_USERNAME": "bert", "AUTH_PASSWORD": "b"}, ["bert:b"]),
        ("", {"AUTH_PASSWORD": "b"}, [":b"]),
        ("anna@", {"AUTH_PASSWORD": "b"}, ["anna:b"]),
        ("anna:a@", {}, ["anna:a"]),
        ("anna:a@", {"AUTH_USERNAME": "bert", "AUTH_PASSWORD": "b"}, ["anna:a", "bert:b"]),
        ("anna:a@", {"AUTH_PASSWORD": "b"}, ["anna:a", "anna:b"]),
        ("anna:a@", {"AUTH_USERNAME": "anna", "AUTH_PASSWORD": "a"}, ["anna:a"]),
    ],
)
def test_names_and_passwords(world: World, user: str, environ: dict[str, str], sent: list[str]) -> None:
    """Those of the device URI first; those that cupsd has asked the user for stand in for them, or come after."""
    credentials = world.destination(user=user, **cast(Any, environ)).printer.credentials
    fields = []
    with pytest.raises(AuthenticationRequired):
        while True:
            credentials.take_challenge(CHALLENGE)
            fields.append(credentials.field("POST", "/") or "")
    assert [base64.b64decode(each.removeprefix("Basic ")).decode() for each in fields] == sent


def test_what_is_said_of_connections_that_are_trusted(world: World) -> None:
    """Each thing once, however many connections there are."""
    journal = Journal(JobRecords("", None), Identity(b"", ""), Place(), world.report, job_id=7, joined=False)
    note = trust_noter("printer", journal, QueueDisplay(world.report), world.report)
    said_of_it = SimpleNamespace(warnings=("it expires soon",), renewed=True, fingerprint="sha256:00", by="a pin")
    judgement = cast(Judgement, said_of_it)
    note(judgement)
    note(judgement)
    said = [each for each in world.report.told if each.startswith(("WARNING", "INFO"))]
    assert said == ["WARNING printer: it expires soon", "INFO printer has a renewed certificate with its pinned key"]
