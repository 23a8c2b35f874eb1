"""Trouble of one job or one user in a real cupsd: the job is held in the printer's words, and the queue goes on."""

from __future__ import annotations

from typing import Any

import pytest

from backend.ipp.message import attribute
from backend.ipp.tags import Tag
from tests.cups.server import CupsServer
from tests.printer import Printer
from tests.printer.faults import Faults
from tests.secret_marks import PIN

SENTENCE = "Quota of user anna is used up"
TEXT = "one page\n"
MAKING = ("Create-Job", "Print-Job", "Send-Document")
PIN_TAKEN: dict[str, Any] = {
    "job-password-supported": attribute("job-password-supported", Tag.INTEGER, 16),
    "job-password-encryption-supported": attribute("job-password-encryption-supported", Tag.KEYWORD, "sha2-256"),
}


@pytest.mark.parametrize(
    "status, code",
    [
        ("client-error-account-limit-reached", "P22"),
        ("client-error-not-authorized", "P23"),
        ("client-error-conflicting-attributes", "P21"),
    ],
)
def test_one_user_does_not_stop_the_queue(cups: CupsServer, status: str, code: str) -> None:
    """The job is held and says why in lpstat, in the printer's words; the next user's job prints."""
    listed, name = "+".join(f"{operation}:{status}" for operation in MAKING), f"trouble-{code}"
    with Printer(faults=f"status={listed},says={SENTENCE},status_user=anna") as printer:
        cups.add_queue(name, printer.uri(pin=True))
        held = cups.lp(name, options=("-U", "anna"), text=TEXT)
        cups.wait_for_job(held, ("pending-held",))
        assert cups.wait(cups.lp(name, options=("-U", "bert"), text=TEXT)) == "completed"
        assert [job.user for job in printer.printed] == ["bert"]
        assert cups.queue_state(name).state == "idle"
        state = cups.job_state(held)
        assert SENTENCE in state.message and state.message.endswith(f"[{code}]")
        assert SENTENCE in cups.run("lpstat", "-l", "-o", name).stdout
        told = any(line.startswith("Job held indefinitely - account") for line in cups.job_log(held))
        assert told == (code == "P22"), "what cupsd makes of JOBSTATE"
        printer.faults = Faults()
        cups.run("lp", "-i", str(held), "-H", "resume")
        assert cups.wait(held) == "completed" and len(printer.printed) == 2


@pytest.mark.parametrize("model", ["ipps443/generic-pcl5e.ppd", "ipps443/generic-pdf.ppd", None])
def test_a_pin_on_every_queue(cups: CupsServer, model: str | None) -> None:
    """The job has its PIN, and no line and no file of ours; cupsd's own debug log shows all options."""
    name = f"pin-{(model or 'raw').rpartition('/')[2].partition('.')[0]}"
    with Printer(attributes=PIN_TAKEN) as printer:
        cups.add_queue(name, printer.uri(pin=True), model)
        job = cups.lp(name, options=("-o", f"job-password={PIN}"), text=TEXT)
        assert cups.wait(job) == "completed"
        (printed,) = printer.printed
        assert printed.attributes["job-password-encryption"] == "sha2-256"
        assert len(printed.attributes["job-password"]) == 32
    assert not [line for line in cups.job_log(job) if PIN in line and not line.startswith("argv[5]=")]
    ours = [path for path in (cups.root / "cache" / "ipps443").rglob("*") if path.is_file()]
    assert not [path for path in ours if PIN.encode() in path.read_bytes()] and not cups.temporary_files


@pytest.mark.parametrize("options", [f"job-password={PIN}", "job-password=12 34", "job-password=12'34"])
def test_a_pin_that_cannot_be_taken(cups: CupsServer, options: str) -> None:
    """The job is held, and nothing of it goes to the printer; the queue goes on."""
    said = {} if PIN in options else PIN_TAKEN
    name = f"no-pin-{len(options)}-{len(said)}{options.count(chr(39))}"
    with Printer(attributes=said) as printer:
        cups.add_queue(name, printer.uri(pin=True))
        held = cups.lp(name, options=("-o", options), text=TEXT)
        cups.wait_for_job(held, ("pending-held",))
        assert printer.jobs == [] and "[P24]" in cups.job_state(held).message
        assert cups.wait(cups.lp(name, text=TEXT)) == "completed"
        cups.run("cancel", str(held))
