"""A job of three documents, through a real cupsd, when something goes wrong at one: nothing is lost or twice.

The usual run has each event at the second document, which has one before and one after it; the long one at each.
"""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from tests.cups.server import CupsServer, wait_until
from tests.cups.test_several_documents import DATA, OVER, QUEUES
from tests.printer import Faults, Printer

#: At which of the documents something happens.
AT_EACH = [pytest.param(1, marks=pytest.mark.soak), 2, pytest.param(3, marks=pytest.mark.soak)]
#: The printer is busy with each document until the test lets it end.
BUSY = Faults(job_time="600", begin="complete")

#: Texts of three documents; each is on paper once, whatever happens.
TEXTS = ("The first document.\n", "The second document.\n", "The third document.\n")


@dataclass
class Three:
    """A job of three documents on a queue of its own, whose printer treats one of them badly."""

    cups: CupsServer
    printer: Printer
    queue: str
    job: int = 0

    def start(self, folder: Path) -> None:
        paths = []
        for number, text in enumerate(TEXTS):
            path = folder / f"{number}.txt"
            path.write_text(text)
            paths.append(path)
        folder.chmod(0o755)
        self.job = self.cups.lp(self.queue, *paths)

    def printed(self) -> list[int]:
        """Return how often each of the documents is on paper."""
        documents = [job.document for job in self.printer.printed]
        return [sum(text.strip().encode() in document for document in documents) for text in TEXTS]

    def reach(self, number: int) -> None:
        """Go on until the printer is busy with this document, the ones before it being on paper."""
        for before in range(1, number):
            wait_until(lambda: len(self.printer.jobs) == before and self.end_printing(), 30, f"document {before}")
        wait_until(partial(self.has_come, number), 30, f"document {number}")

    def has_come(self, number: int) -> bool:
        """Tell whether a document is at the printer, and the backend knows it: killed before, a run leaves a doubt."""
        names = self.printer.operation_names
        sent = [at for at, name in enumerate(names) if name in ("Print-Job", "Send-Document")]
        return len(sent) >= number and "Get-Job-Attributes" in names[sent[number - 1] :]

    def end_printing(self) -> bool:
        """Let what the printer is busy with be on paper now; tell whether there was any."""
        return self.printer.ipp.jobs.end_printing()

    def hurry(self) -> None:
        """Let the printer be no longer busy with anything, whether it has it or will get it."""
        self.printer.faults = Faults()
        self.end_printing()

    def has_printed(self, number: int) -> bool:
        """Tell whether so many documents are on paper."""
        return sum(self.printed()) == number

    def is_at_rest(self) -> bool:
        """Tell whether the printer has come to the end of all jobs."""
        return all(job.state.is_final for job in self.printer.jobs)

    def wait(self, *states: str) -> str:
        return self.cups.wait_for_job(self.job, states, 60)


@pytest.fixture
def three(cups: CupsServer, request: pytest.FixtureRequest) -> Iterator[Callable[..., Three]]:
    """Makes a queue, whose printer has these faults."""
    printers: list[tuple[str, Printer]] = []

    def make(faults: Faults | None = None, policy: str = "retry-current-job", **options: str) -> Three:
        name = f"three{len(printers)}-" + re.sub(r"\W", "-", request.node.name)[:90]
        printer = Printer(faults=faults or Faults())
        printer.start()
        printers.append((name, printer))
        cups.add_queue(name, printer.uri(pin=True, **options))
        cups.run("lpadmin", "-p", name, "-o", f"printer-error-policy={policy}")
        return Three(cups, printer, name)

    yield make
    for name, printer in printers:
        cups.run("cancel", "-a", "-x", name, check=False)
        cups.run("lpadmin", "-x", name, check=False)
        printer.stop()


@pytest.mark.parametrize("number", AT_EACH)
def test_a_stop_keeps_the_rest_for_later(three: Callable[..., Three], tmp_path: Path, number: int) -> None:
    """Exit 4 at any of the documents: the queue stops, the job waits, and goes on with that document."""
    refused = "Create-Job:client-error-not-found+Print-Job:client-error-not-found"
    job = three(Faults(status=refused, only="Create-Job+Print-Job", skip=str(number - 1)))
    job.start(tmp_path)
    job.cups.wait_for_queue(job.queue, ("stopped",))
    assert job.printed() == [1 if each < number else 0 for each in (1, 2, 3)]
    state = job.cups.job_state(job.job)
    assert state.state == "pending" and "[P02]" in job.cups.queue_state(job.queue).message
    job.printer.faults = Faults()
    job.cups.run("cupsenable", job.queue)
    assert job.wait("completed") and job.printed() == [1, 1, 1]


@pytest.mark.parametrize("number", AT_EACH)
def test_a_cancel_at_the_printer_cancels_the_job(three: Callable[..., Three], tmp_path: Path, number: int) -> None:
    """Exit 5: what is printed stays printed, nothing of the rest is, and the job is cancelled with its message."""
    faults = Faults(
        status="Create-Job:client-error-request-entity-too-large+Print-Job:client-error-request-entity-too-large",
        only="Create-Job+Print-Job",
        skip=str(number - 1),
    )
    job = three(faults)
    job.start(tmp_path)
    assert job.wait(*OVER) == "canceled"
    assert job.printed() == [1 if each < number else 0 for each in (1, 2, 3)]
    assert job.cups.job_state(job.job).message.endswith("[P05]")


@pytest.mark.parametrize("number", AT_EACH)
def test_a_hold_goes_on_with_the_document_in_doubt(three: Callable[..., Three], tmp_path: Path, number: int) -> None:
    """Exit 3: the job is held with its message; released, it goes on, and no printed document is printed again."""
    faults = Faults(chunk="411", refuse_at="end", only="Send-Document", skip=str(number - 1), times="1")
    job = three(faults, spool="no")
    job.start(tmp_path)
    assert job.wait("pending-held") and job.cups.job_state(job.job).message.endswith("[P12]")
    assert job.printed() == [1 if each < number else 0 for each in (1, 2, 3)]
    job.cups.run("lp", "-i", str(job.job), "-H", "resume")
    assert job.wait("completed") and job.printed() == [1, 1, 1]


@pytest.mark.parametrize("number", AT_EACH)
def test_a_password_is_asked_for_at_the_end(three: Callable[..., Three], tmp_path: Path, number: int) -> None:
    """Exit 2: held until someone gives the password, then it goes on with the document that needs it."""
    refused = "Create-Job:client-error-not-authenticated+Print-Job:client-error-not-authenticated"
    job = three(Faults(status=refused, only="Create-Job+Print-Job", skip=str(number - 1)))
    job.start(tmp_path)
    assert job.wait("pending-held") and job.cups.job_state(job.job).message.endswith("[P06]")
    assert job.printed() == [1 if each < number else 0 for each in (1, 2, 3)]
    job.printer.faults = Faults()
    job.cups.run("lp", "-i", str(job.job), "-H", "resume")
    assert job.wait("completed") and job.printed() == [1, 1, 1]


@pytest.mark.parametrize("number", AT_EACH)
def test_a_failure_is_tried_again_from_there(three: Callable[..., Three], tmp_path: Path, number: int) -> None:
    """Exit 1, by contimeout: the error policy runs the job again, and it prints what is missing."""
    faults = Faults(status="Create-Job:server-error-busy*1", only="Create-Job", skip=str(number - 1), times="1")
    job = three(faults, contimeout="0")
    job.start(tmp_path)
    assert job.wait("completed") and job.printed() == [1, 1, 1]
    assert any("status 1 (failed)" in line for line in job.cups.job_log(job.job))


@pytest.mark.parametrize("number", AT_EACH)
def test_a_loss_is_cleared_up(three: Callable[..., Three], tmp_path: Path, number: int) -> None:
    """A connection that breaks in one document: that one is sent again, and the others are printed once."""
    job = three(Faults(at="rst@body:50", only="Send-Document", skip=str(number - 1), times="1"))
    job.start(tmp_path)
    assert job.wait("completed", "pending-held") == "completed" and job.printed() == [1, 1, 1]


# With a document to come cupsd calls the job aborted, else canceled.
@pytest.mark.parametrize("number", [pytest.param(1, marks=pytest.mark.soak), 2, 3])
def test_cancelled_and_wanted_again(three: Callable[..., Three], tmp_path: Path, number: int) -> None:
    """A person's cancel ends the job, and the queue is free; a person's restart prints all of it."""
    job = three(BUSY)
    job.start(tmp_path)
    job.reach(number)
    job.cups.run("cancel", str(job.job))
    wait_until(lambda: not job.cups.processes("ipps443"), 30, "end of the backend")
    assert job.wait(*OVER) == ("canceled" if number == 3 else "aborted")
    before = job.printed()
    assert before == [1] * (number - 1) + [0] * (4 - number)
    job.hurry()
    assert job.cups.wait(job.cups.lp(job.queue, text="Of somebody else.\n"), 20) == "completed"
    job.cups.run("lp", "-i", str(job.job), "-H", "restart")
    assert job.wait("completed", "aborted", "pending-held") == "completed"
    assert job.printed() == [count + 1 for count in before]


@pytest.mark.parametrize("number", AT_EACH)
def test_a_queue_that_is_disabled_and_enabled(three: Callable[..., Three], tmp_path: Path, number: int) -> None:
    """cupsdisable stops the job with SIGTERM in the middle; enabled again, it prints what is missing."""
    job = three(BUSY)
    job.start(tmp_path)
    job.reach(number)
    job.cups.run("cupsdisable", job.queue)
    wait_until(lambda: not job.cups.processes("ipps443"), 30, "end of the backend")
    time.sleep(0.3)
    assert job.cups.job_state(job.job).state == "pending"
    assert job.printed() == [1] * (number - 1) + [0] * (4 - number)
    job.hurry()
    job.cups.run("cupsenable", job.queue)
    assert job.wait("completed", "aborted", "pending-held") == "completed" and job.printed() == [1, 1, 1]


@pytest.mark.parametrize("number", AT_EACH[:2])
def test_a_backend_that_is_killed(three: Callable[..., Three], tmp_path: Path, number: int) -> None:
    """cupsd takes SIGKILL for the end of a document and goes on; the job is held, and goes on where it was."""
    job = three(BUSY)
    job.start(tmp_path)
    job.reach(number)
    (process,) = job.cups.processes("ipps443")
    os.kill(process, signal.SIGKILL)
    assert job.wait("pending-held", *OVER) == "pending-held"
    assert job.cups.job_state(job.job).message.endswith("[D05]")
    assert job.printed() == [1] * (number - 1) + [0] * (4 - number)
    job.hurry()
    job.cups.run("lp", "-i", str(job.job), "-H", "resume")
    assert job.wait("completed", "aborted", "pending-held") == "completed", job.cups.job_state(job.job).message
    assert job.printed() == [1, 1, 1]


@pytest.mark.parametrize("number", AT_EACH)
def test_a_backend_that_is_told_to_leave(three: Callable[..., Three], tmp_path: Path, number: int) -> None:
    """Exit 7 after SIGTERM from someone other than cupsd: it runs the job again, which goes on with that document."""
    job = three(BUSY)
    job.start(tmp_path)
    job.reach(number)
    (process,) = job.cups.processes("ipps443")
    os.kill(process, signal.SIGTERM)
    wait_until(lambda: process not in job.cups.processes("ipps443"), 30, "end of the backend")
    job.hurry()
    assert job.wait("pending-held", *OVER) == "completed" and job.printed() == [1, 1, 1]


def new_description(job: Three) -> None:
    job.cups.run("lpadmin", "-p", job.queue, "-m", QUEUES["pcl5"] or "")


def old_description(job: Three) -> None:
    job.cups.run("lpadmin", "-p", job.queue, "-P", str(DATA / "generic-pcl5e.ppd"))


def to_a_raw_queue(job: Three) -> None:
    job.cups.add_queue(f"{job.queue}-raw", job.printer.uri(pin=True), model=None)
    job.cups.run("lpmove", str(job.job), f"{job.queue}-raw")
    wait_until(lambda: not job.cups.processes("ipps443"), 30, "end of the backend, which cupsd stops")


@pytest.mark.parametrize(
    "begin, change, stopped",
    [
        (None, old_description, False),
        (None, to_a_raw_queue, False),
        (old_description, new_description, True),
        pytest.param(None, old_description, True, marks=pytest.mark.soak),
        pytest.param(None, to_a_raw_queue, True, marks=pytest.mark.soak),
        pytest.param(old_description, new_description, False, marks=pytest.mark.soak),
    ],
)
def test_changed_to_a_queue_of_the_other_kind(
    three: Callable[..., Three],
    tmp_path: Path,
    begin: Callable[[Three], None] | None,
    change: Callable[[Three], None],
    stopped: bool,
) -> None:
    """Nobody can tell then which documents are printed: nothing is left out, nothing printed twice without a word."""
    job = three(BUSY)
    if begin:
        begin(job)
    job.start(tmp_path)
    job.reach(2)
    if stopped:
        job.cups.run("cupsdisable", job.queue)
        wait_until(lambda: not job.cups.processes("ipps443"), 30, "end of the backend")
        time.sleep(0.3)
    change(job)
    job.hurry()
    if stopped:
        job.cups.run("cupsenable", job.queue)
    assert job.wait("pending-held", *OVER) == "pending-held"
    assert job.cups.job_state(job.job).message.endswith("[D07]")
    before = job.printed()
    assert before == ([1, 0, 0] if stopped or change is to_a_raw_queue else [1, 1, 0])
    job.cups.run("lp", "-i", str(job.job), "-H", "resume")
    assert job.wait("completed", "aborted", "pending-held") == "completed"
    assert job.printed() == [count + 1 for count in before]


@pytest.fixture
def own_cups() -> Iterator[CupsServer]:
    """A cupsd that may be restarted, and writes its jobs to the disk at once."""
    with CupsServer("DirtyCleanInterval 0") as server:
        yield server


def restarts(cups: CupsServer) -> None:
    cups.restart()


def is_killed(cups: CupsServer) -> None:
    cups.kill()
    cups.start()


@pytest.mark.parametrize("event", [restarts, is_killed])
@pytest.mark.parametrize("number", AT_EACH)
def test_cupsd_ends(own_cups: CupsServer, tmp_path: Path, event: Callable[[CupsServer], None], number: int) -> None:
    """A restart and a crash in the midst of three documents: what is printed is skipped, and nothing printed twice."""
    with Printer(faults=BUSY) as printer:
        own_cups.add_queue("restarted", printer.uri(pin=True))
        job = Three(own_cups, printer, "restarted")
        job.start(tmp_path)
        job.reach(number)
        event(own_cups)
        job.hurry()
        wait_until(lambda: not own_cups.processes("ipps443"), 60, "end of all backends")
        # A job that the printer has all of counts as completed for a cupsd that is stopped, see test_restart.
        if not (event is restarts and number == 3) and own_cups.job_state(job.job).state not in OVER:
            assert job.wait(*OVER, "pending-held") == "completed", own_cups.job_state(job.job)
        wait_until(job.is_at_rest, 30, "end of all jobs")
        assert job.printed() == [1, 1, 1], own_cups.job_state(job.job)


def test_wanted_again_after_a_restart_of_cupsd(own_cups: CupsServer, tmp_path: Path) -> None:
    """A person's wish is not an interrupted run: lp -i JOB -H restart prints, whichever cupsd saw the first end."""
    with Printer() as printer:
        own_cups.add_queue("again", printer.uri(pin=True))
        job = Three(own_cups, printer, "again")
        job.start(tmp_path)
        assert job.wait(*OVER) == "completed" and job.printed() == [1, 1, 1]
        for times in (2, 3):
            own_cups.restart()
            time.sleep(1.1)
            own_cups.run("lp", "-i", str(job.job), "-H", "restart")
            wait_until(partial(job.has_printed, 3 * times), 30, "another print")
            assert job.wait(*OVER) == "completed" and job.printed() == [times] * 3
            time.sleep(1.1)


@pytest.mark.parametrize("number", AT_EACH)
def test_stopped_before_an_earlier_run_is_cleared_up(own_cups: CupsServer, tmp_path: Path, number: int) -> None:
    """cupsd crashed, the printer is busy for the next run, and the queue is disabled and enabled: printed once."""
    with Printer(faults=BUSY) as printer:
        own_cups.add_queue("doubt", printer.uri(pin=True))
        job = Three(own_cups, printer, "doubt")
        job.start(tmp_path)
        job.reach(number)
        printer.faults = Faults(status="Get-Printer-Attributes:server-error-busy", only="Get-Printer-Attributes")
        own_cups.kill()
        job.end_printing()
        wait_until(lambda: not own_cups.processes("ipps443"), 60, "end of the backend")
        own_cups.start()
        wait_until(lambda: any("trying again in" in line for line in own_cups.job_log(job.job)), 30, "the next run")
        own_cups.run("cupsdisable", "doubt")
        wait_until(lambda: not own_cups.processes("ipps443"), 30, "its end")
        time.sleep(0.3)
        printer.faults = Faults()
        own_cups.run("cupsenable", "doubt")
        assert job.wait(*OVER, "pending-held") == "completed", own_cups.job_state(job.job)
        wait_until(job.is_at_rest, 30, "end of all jobs")
        assert job.printed() == [1, 1, 1]


def test_said_when_an_earlier_run_counts(own_cups: CupsServer, tmp_path: Path) -> None:
    """cupsd died before it knew the end of the job: it is not printed again, and a WARNING says so."""
    with Printer(faults=BUSY) as printer:
        own_cups.add_queue("said", printer.uri(pin=True))
        job = Three(own_cups, printer, "said")
        job.start(tmp_path)
        job.reach(3)
        own_cups.kill()
        job.hurry()
        wait_until(lambda: not own_cups.processes("ipps443"), 60, "end of the backend")
        own_cups.start()
        assert job.wait(*OVER) == "completed" and job.printed() == [1, 1, 1]
        said = [line for line in own_cups.job_log(job.job) if "by an earlier run, and is not printed again" in line]
        assert {line.split()[1] for line in said if line.startswith("Document ")} >= {"1", "2"}


@pytest.mark.parametrize(
    "number, event",
    [
        (1, "disabled"),
        (2, "restarted"),
        pytest.param(2, "disabled", marks=pytest.mark.soak),
        pytest.param(1, "restarted", marks=pytest.mark.soak),
    ],
)
def test_a_filter_that_fails_once(own_cups: CupsServer, tmp_path: Path, number: int, event: str) -> None:
    """cupsd does not tell that a document is empty because its filter has failed; the next pass prints it.

    Not where cupsd has crashed in a later document, of which the record has to keep what is known: then it is said.
    """
    link = own_cups.root / "bin" / "filter" / "texttopcl"
    program, flag = os.readlink(link), own_cups.root / "spool" / "tmp" / "fails"
    link.unlink()
    word = TEXTS[number - 1].split()[1]
    link.write_text(
        f'#!/bin/bash\nd=$(mktemp)\ncat ${{6:+"$6"}} >$d\n'
        f'grep -q {word} $d && [ -e {flag} ] && exit 1\nexec {program} "${{@:1:5}}" <$d\n'
    )
    link.chmod(0o755)
    flag.touch()
    with Printer(faults=BUSY) as printer:
        own_cups.add_queue("fails", printer.uri(pin=True))
        job = Three(own_cups, printer, "fails")
        job.start(tmp_path)
        job.reach(2)  # it is the third
        if event == "disabled":
            own_cups.run("cupsdisable", "fails")
            wait_until(lambda: not own_cups.processes("ipps443"), 30, "end of the backend")
            time.sleep(0.3)
            flag.unlink()
            job.hurry()
            own_cups.run("cupsenable", "fails")
        else:
            flag.unlink()
            is_killed(own_cups)
            job.hurry()
        assert job.wait(*OVER, "pending-held") == "completed", job.cups.job_state(job.job)
        wait_until(job.is_at_rest, 30, "end of all jobs")
        lost = event == "restarted"
        assert job.printed() == [0 if lost and each == number else 1 for each in (1, 2, 3)]
        said = f"Document {number} of the job was empty in an earlier run, and is not printed again"
        assert any(said in line for line in own_cups.job_log(job.job)) is lost


@pytest.mark.parametrize(
    "redirections", ["2>>{log}", "2> >(cat >&2) 4<&-"], ids=["to a file", "copied, no side channel"]
)
def test_behind_a_wrapper(own_cups: CupsServer, tmp_path: Path, redirections: str) -> None:
    """An administrator's script that puts messages elsewhere, or keeps a descriptor to itself: no document is lost."""
    link = own_cups.root / "bin" / "backend" / "ipps443"
    program = os.readlink(link)
    link.unlink()
    wrapped = redirections.format(log=own_cups.root / "spool" / "tmp" / "wrapper.log")
    link.write_text(f'#!/bin/bash\n{program} "$@" {wrapped}\n')
    link.chmod(0o755)
    with Printer() as printer:
        own_cups.add_queue("wrapped", printer.uri(pin=True))
        job = Three(own_cups, printer, "wrapped")
        job.start(tmp_path)
        assert job.wait(*OVER, "pending-held") == "completed" and job.printed() == [1, 1, 1]


def test_somebody_else_with_the_same_uuid(own_cups: CupsServer, tmp_path: Path) -> None:
    """Whoever prints with the job-uuid of another user's job neither takes its place nor makes it wait."""
    with Printer(faults=Faults(job_time="1.5", begin="complete")) as printer:
        own_cups.add_queue("uuid", printer.uri(pin=True))
        own_cups.add_queue("uuid2", printer.uri(pin=True))
        victim = own_cups.lp("uuid", text="Of the victim.\n", options=("-H", "hold"))
        uuid = str(own_cups.job_attributes(victim)["job-uuid"])
        options = ("-o", f"job-uuid={uuid}")
        command = ["lp", "-U", "daemon", "-d", "uuid", *options]
        done = own_cups.run(*command, text="Of the attacker.\n")
        attacker = int(done.stdout.split()[3].rsplit("-", 1)[1])
        assert own_cups.job_attributes(attacker)["job-uuid"] == uuid
        assert own_cups.wait(attacker) == "completed"
        own_cups.kill()  # it has seen nothing, for all that the next one knows
        own_cups.start()
        own_cups.run(*command[:4], "uuid2", *options, text="Of the attacker, again.\n")
        own_cups.run("lp", "-i", str(victim), "-H", "resume")
        assert own_cups.wait(victim, 20) == "completed"
        documents = [job.document for job in printer.printed]
        assert sum(b"Of the victim." in document for document in documents) == 1
        names = [job.name.split()[-1] for job in printer.jobs if job.name]
        assert len(set(names)) == len(names) and not any(mark in uuid.replace("-", "") for mark in names)
