"""What comes out on paper when cupsd, the printer or the backend ends in the middle of a job.

A round prints one job and lets something end at a random moment. Then all goes on, and the job is printed exactly once,
or held with a message that says what to do.

Known limits of cupsd 2.4, which no backend can mend, are kept out of the rounds:

- it counts a backend that was killed by SIGKILL as one that has done its work;
- it forgets a job when it is killed before the job's file is on the disk; so it is killed after that.

Another one is counted: at SIGTERM it takes a job that the printer has accepted for completed and does not run it again,
although lpstat may go on listing it as pending.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

import pytest

from tests.cups.server import CupsServer, wait_until
from tests.printer import Certificate, Faults, Printer, make_certificate

QUEUE = "restart"
#: Some hundred kilobytes of PCL, which the printer takes its time to read, and to print.
TEXT = "".join(f"Page {page}.\n" + "A line of text that is there to be long.\n" * 40 + "\f" for page in range(80))
FAULTS = Faults(slow_read="16384:0.05", job_time="0.4", begin="complete")
TIMEOUTS = "connect:5,handshake:5,probe:3,write:5,reply:5,read:5"
#: The longest wait before something ends, in seconds; a job that is left alone needs a little less.
LATEST = 2.2
#: Seconds after it was switched on in which the printer gets no job. Its clock counts whole seconds from 1, and a
#: printer whose clock says the same as before counts as one that was not switched off.
WARM_UP = 2.5
OVER = ("canceled", "aborted", "completed")
SEED = 443


@dataclass
class Place:
    """A cupsd with one queue, its printer, and what has come out of it so far."""

    cups: CupsServer
    certificate: Certificate
    printer: Printer
    printed_before: int = 0
    job: int = 0
    counted_as_completed: bool = False
    switched_on: float = field(default_factory=time.monotonic)

    @property
    def printed(self) -> int:
        """Jobs on paper since the last round began."""
        return self.printed_before + len(self.printer.printed)

    def new_round(self) -> None:
        """Forget what is on paper, and print."""
        self.printer.ipp.jobs.jobs.clear()
        self.printed_before = 0
        self.counted_as_completed = False
        time.sleep(max(0.0, self.switched_on + WARM_UP - time.monotonic()))
        self.job = self.cups.lp(QUEUE, text=TEXT)

    def job_is_on_disk(self) -> bool:
        """Tell whether cupsd has written the job's control file and has closed it."""
        path = self.cups.root / "spool" / f"c{self.job:05}"
        return path.exists() and path.stat().st_size > 0


def cupsd_restarts(place: Place) -> None:
    """As log rotation does every night."""
    place.cups.stop()
    path = place.cups.root / "cache" / "job.cache"
    listed = path.read_text().partition(f"<Job {place.job}>\n")[2] if path.exists() else ""
    place.counted_as_completed = listed.startswith("State 9\n")
    place.cups.start()


def cupsd_is_killed(place: Place) -> None:
    """A crash; what it started goes on, and the job is run again beside it."""
    place.cups.kill()
    place.cups.start()


def printer_restarts(place: Place) -> None:
    """The plug is pulled and put in again: it forgets its jobs, and prints nothing more of them."""
    place.printed_before += len(place.printer.printed)
    port = place.printer.port
    place.printer.stop()
    time.sleep(0.3)
    place.printer = Printer(place.certificate, FAULTS, port=port)
    place.printer.start()
    place.switched_on = time.monotonic()


def backend_crashes(place: Place) -> None:
    """SIGSEGV, as a fault in a library would."""
    for process in place.cups.processes("ipps443"):
        os.kill(process, signal.SIGSEGV)


def cupsd_is_killed_and_late(place: Place) -> None:
    """The same, and what it had started has ended before it is there again."""
    place.cups.kill()
    wait_until(lambda: not place.cups.processes("ipps443"), 30, "end of the backend")
    place.cups.start()


Event = Callable[[Place], None]
#: What a backend that goes on after its cupsd has died may lead to.
EVENTS = (
    cupsd_restarts,
    printer_restarts,
    backend_crashes,
    cupsd_is_killed,
)


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    """A cupsd that writes its jobs to the disk at once, and runs a job again when its backend has failed."""
    certificate = make_certificate()
    with CupsServer("DirtyCleanInterval 0", "ErrorPolicy retry-current-job") as cups:
        printer = Printer(certificate, FAULTS)
        printer.start()
        cups.add_queue(QUEUE, printer.uri(pin=True, timeout=TIMEOUTS))
        found = Place(cups, certificate, printer)
        try:
            yield found
        finally:
            found.printer.stop()


def is_at_rest(place: Place) -> bool:
    """Tell whether the job is over, or held with a message of ours."""
    state = place.cups.job_state(place.job)
    return (
        place.counted_as_completed
        or state.state in OVER
        or (state.state == "pending-held" and state.message.endswith("]"))
    )


def play(place: Place, event: Event, moment: float) -> tuple[str, int]:
    """Play one round; return how the job ended, and how often it is on paper."""
    place.new_round()
    wait_until(place.job_is_on_disk, 20, "job file on the disk")
    time.sleep(moment)
    event(place)
    wait_until(partial(is_at_rest, place), 120, f"end of job {place.job}")
    wait_until(lambda: not place.cups.processes("ipps443"), 60, "end of all backends")
    # A backend that outlived its cupsd may have left the printer something to print.
    # An empty job, of which only Create-Job had come, stays there until the printer's time is up.
    begun = [job for job in place.printer.jobs if job.size]
    wait_until(lambda: all(job.state.is_final for job in begun), 30, "end of all jobs at the printer")
    state = place.cups.job_state(place.job)
    ended = f"{state.state} {state.message[-5:]}" if state.state not in OVER else state.state
    ended = "completed" if place.counted_as_completed else ended
    place.cups.run("cancel", "-a", "-x", QUEUE, check=False)
    return ended, place.printed


def play_rounds(place: Place, event: Event, rounds: int) -> list[str]:
    """Play rounds of one event at random moments; return those that went wrong."""
    moments, wrong = random.Random(f"{SEED} {event.__name__} {rounds}"), []
    for number in range(rounds):
        moment = moments.uniform(0, LATEST)
        ended, printed = play(place, event, moment)
        good = printed == 1 if ended == "completed" else ended.startswith("pending-held") and printed <= 1
        if not good:
            log = "\n".join(line for line in place.cups.job_log(place.job) if not line.startswith(("envp", "argv")))
            wrong.append(f"round {number}, at {moment:.2f} s: {ended}, printed {printed}\n{log}")
    return wrong


def somebody_wants_it_again(place: Place) -> None:
    """lp -H restart, once the job is over."""
    place.cups.wait(place.job)
    place.cups.run("lp", "-i", str(place.job), "-H", "restart")


def test_restarted_by_hand(place: Place) -> None:
    """A job that somebody wants once more is printed once more: the same cupsd has seen its end."""
    assert play(place, somebody_wants_it_again, 0) == ("completed", 2)


@pytest.mark.parametrize("event", EVENTS[:3])
def test_printed_once_or_held(place: Place, event: Event) -> None:
    """Whatever ends in mid-job, the job is printed once, or held with a message."""
    wrong = play_rounds(place, event, 2)
    assert not wrong, "\n".join(wrong)


def test_printed_once_over_a_crash_of_cupsd(place: Place) -> None:
    """A backend that has brought a job to its end after its cupsd died leaves word of that for the next run."""
    ended, printed = play(place, cupsd_is_killed_and_late, 1.2)
    assert printed == 1, ended


@pytest.mark.soak
@pytest.mark.parametrize("event", EVENTS)
def test_printed_once_or_held_in_many_rounds(place: Place, event: Event) -> None:
    """The same at 200 random moments."""
    wrong = play_rounds(place, event, 50)
    assert not wrong, "\n".join(wrong)
