"""ipps443ctl jobs: what waits, is held or has failed, why, and what helps."""

from __future__ import annotations

from typing import Any

import pytest

from backend.trace.audit_log import encode_record
from tests.unit.control.conftest import Cups, Desk

OURS = {"device-uri": "ipps443://hall/ipp/print", "printer-state": 3, "printer-state-message": ""}


class Jobs(Cups):
    """cupsd with jobs."""

    jobs: dict[int, dict[str, Any]] = {}

    def getJobs(self, **wanted: Any) -> Any:  # noqa: N802
        assert not wanted["my_jobs"]
        over, requested_attributes = wanted["which_jobs"] == "completed", wanted["requested_attributes"]
        return {
            number: {name: value for name, value in job.items() if name in requested_attributes}
            for number, job in self.jobs.items()
            if (job["job-state"] >= 7) == over
        }


def job(state: int, message: str = "", queue: str = "office") -> dict[str, Any]:
    """Return a job as cupsd has it."""
    return {
        "job-state": state,
        "job-printer-uri": f"ipp://localhost/printers/{queue}",
        "job-printer-state-message": message,
        "names": ("anna", "Report"),
        "job-state-reasons": "none",
    }


@pytest.fixture
def cups(desk: Desk) -> Jobs:
    """A cupsd with two queues of ours and one that is not."""
    cups = Jobs({"office": dict(OURS), "attic": dict(OURS), "other": {"device-uri": "ipp://x/"}})
    desk.cups = lambda: cups
    return cups


def test_each_with_reason_code_and_cure(desk: Desk, cups: Jobs) -> None:
    """Held and failed jobs in the words of their last message; other queues, and what is printed, are left out."""
    cups.jobs = {
        1: job(4, "Printer hall refuses this job: quota. Held; fix the account [P22]"),
        2: job(8, "No room [D03]", "attic"),
        3: job(9),
        4: job(4, queue="other"),
        5: job(7),
        6: {**job(4), "job-state-reasons": ["job-hold-until-specified"]},
    }
    assert desk.run("jobs") == 1
    assert "office-1  held  anna  Report" in desk.output and "attic-2  failed" in desk.output
    found = {each["job"]: each for each in desk.value("jobs")["jobs"]}
    assert sorted(found) == [1, 2, 6]
    assert (found[1]["code"], found[2]["code"], found[6]["code"]) == ("P22", "D03", "")
    assert found[1]["fix"] and found[6]["fix"] == "lp -i office-6 -H resume"
    assert found[6]["reason"] == "job-hold-until-specified"
    assert [each["job"] for each in desk.value("jobs", "attic")["jobs"]] == [2]
    assert desk.run("jobs", "other") == 1 and "no queue other" in desk.errors


def test_failed_jobs_of_others_crowd_out_none(desk: Desk, cups: Jobs) -> None:
    """The newest failed jobs of the queues that are asked for are shown, however many others have failed since."""
    cups.jobs = {1: job(8, "No room [D03]", "attic"), **{number: job(8, queue="other") for number in range(2, 60)}}
    cups.jobs |= {number: job(8, queue="office") for number in range(60, 120)}
    assert [each["job"] for each in desk.value("jobs", "attic")["jobs"]] == [1]
    assert [each["job"] for each in desk.value("jobs", "office")["jobs"]] == list(range(100, 120))


def test_waiting_jobs(desk: Desk, cups: Jobs) -> None:
    """One that is at work on a printer out of reach, and one behind a stopped queue; waiting is no failure."""
    cups.jobs = {
        1: job(5, "Printer hall cannot be reached: no answer; trying again in 30 seconds [N01]"),
        2: job(3, queue="attic"),
    }
    cups.queues["attic"].update({"printer-state": 5, "printer-state-message": "Nothing was sent [T02]"})
    assert desk.run("jobs") == 0
    first, second = desk.value("jobs")["jobs"]
    assert (first["state"], first["code"], second["state"], second["code"]) == ("at work", "N01", "waiting", "T02")


def test_the_reason_outlives_cupsd(desk: Desk, cups: Jobs) -> None:
    """A cupsd that was started anew has forgotten the message; the audit log has it."""
    path = desk.folder / "audit.log"
    record = {"time": "2026", "event": "print", "phase": "end", "queue": "office", "job": 7, "said": "Held; look [P25]"}
    path.write_bytes(encode_record(record))
    assert desk.run("set", f"audit-log={path}") == 0
    cups.jobs = {7: job(4)}
    assert desk.value("jobs")["jobs"][0]["code"] == "P25"


def test_names_in_the_cure(desk: Desk, cups: Jobs) -> None:
    """Queue, job, host and device URI stand in it as they are, so that its commands can be pasted."""
    cups.queues["attic"]["device-uri"] = "ipps443://loft:8443/queues/one?transfer=sized"
    cups.jobs = {
        1: job(4, "Printer loft:8443 refuses the user name and password of the device URI. x [P06]", "attic"),
        2: job(4, "Printer loft:8443 presents a different certificate than pin= in the URI. x [T02]", "attic"),
        3: job(4, "Pin file /etc/cups/ipps443/pins: it does not exist. x [T05]", "attic"),
    }
    first, second, third = (each["fix"] for each in desk.value("jobs")["jobs"])
    assert "lpadmin -p attic -E -v 'ipps443://USER:PASSWORD@loft:8443/queues/one?transfer=sized'" in first
    assert "lp -i attic-1 -H resume" in first
    assert "pin file does not count for this queue" in second and "doctor attic has the lpadmin command" in second
    assert "ipps443ctl pin loft:8443, which" in third and "cupsenable attic" in third


def test_codes_in_the_words_of_others(desk: Desk, cups: Jobs) -> None:
    """The code of a message is the last one: a certificate may have any name."""
    message = 'Certificate of p refused: "[P06] x" signed it, which is no CA on file. Nothing was sent. Import [T04]'
    cups.jobs = {1: job(4, message), 2: job(4, "Printer p refuses this job: used red instead. Held; look at it [P21]")}
    first, second = desk.value("jobs")["jobs"]
    assert first["code"] == "T04" and "CA" in first["fix"]
    assert "as the message says" not in second["fix"]


def test_held_because_cupsd_cannot_run_the_backend(desk: Desk, cups: Jobs) -> None:
    """To release it alone would hold it again."""
    cups.jobs = {1: {**job(4), "job-state-reasons": ["resources-are-not-ready"]}}
    (found,) = desk.value("jobs")["jobs"]
    assert found["reason"] == "cupsd cannot run the backend (resources-are-not-ready)"
    assert found["fix"] == "sudo ipps443ctl doctor office, then: lp -i office-1 -H resume"


def test_stopped_by_hand(desk: Desk, cups: Jobs) -> None:
    """No message of ours: someone has stopped the queue, and doctor would say no more."""
    cups.jobs = {1: job(3)}
    cups.queues["office"].update({"printer-state": 5, "printer-state-message": "gone fishing"})
    (found,) = desk.value("jobs")["jobs"]
    assert found["reason"] == "gone fishing" and "ask why, then: cupsenable office" in found["fix"]


def test_nothing_waits(desk: Desk, cups: Jobs) -> None:
    """It says so; without cupsd it is told that."""
    assert desk.run("jobs") == 0 and "No job waits" in desk.output
    desk.cups = lambda: (_ for _ in ()).throw(RuntimeError("no"))
    assert desk.run("jobs") == 1
