"""The record that keeps a job from being printed twice: where it cannot be kept, it is kept elsewhere, and said."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from backend.cupsd.cache_file import memory_folder, second_folder
from tests.faults.harness import SHORT, Outcome, Run, comes_from_another_cupsd, device_uri, own_certificate
from tests.faults.harness import pcl, places, record_in, run_backend
from tests.printer import Printer

ARGUMENTS = ("7", "somebody", "a title", "1", "job-uuid=urn:uuid:c0ffee00-5eed-4bad-9a7e-123456789abc")


def print_twice(printer: Printer, folder: Path, before: str = "", **change: object) -> tuple[Outcome, Outcome]:
    """Print a job, and let another cupsd run it again that has not heard of its end."""
    uri = device_uri(printer)
    first = run_backend(printer, SHORT, uri=uri, folder=folder, arguments=ARGUMENTS)
    cache = folder / "cache" / "ipps443"
    where = cache if cache.is_dir() else Path(second_folder(str(cache)))
    comes_from_another_cupsd(record_in(where))
    if "mtime" in change:
        os.utime(record_in(where), (float(str(change["mtime"])),) * 2)
    return first, run_backend(printer, SHORT, uri=uri, folder=folder, arguments=ARGUMENTS)


def take_cache_away(folder: Path) -> None:
    """Put a file in the place of the folder."""
    (folder / "cache" / "ipps443").rmdir()
    (folder / "cache" / "ipps443").write_text("")


def warnings(outcome: Outcome, word: str) -> list[str]:
    return [text for text in outcome.said("WARNING") if word in text]


def test_interrupted_after_its_end() -> None:
    """It is not printed again, which a WARNING says; there is no word about records otherwise."""
    with places() as folder, Printer(certificate=own_certificate()) as printer:
        first, second = print_twice(printer, folder)
        assert (first.exit_code, second.exit_code, len(printer.printed)) == (0, 0, 1), str(second)
        assert warnings(second, "by an earlier run") and not warnings(first, "[D06]") and not warnings(first, "[C06]")


def test_without_a_cache_folder_the_record_is_elsewhere() -> None:
    """A file is in the place of the folder: said, kept in the second place, and found there by the next run."""
    with places() as folder, Printer(certificate=own_certificate()) as printer:
        take_cache_away(folder)
        first, second = print_twice(printer, folder)
        assert (first.exit_code, second.exit_code, len(printer.printed)) == (0, 0, 1), str(second)
        (told,) = warnings(first, "[D06]")
        assert "/var/tmp/" in told and warnings(second, "by an earlier run")


def taken_by_others(folder: Path) -> Path:
    """Let someone else have a place where anybody may write."""
    folder.mkdir(0o777)
    folder.chmod(0o777)
    return folder


def test_without_a_disk_the_record_is_in_memory() -> None:
    """Neither disk takes it: the next run, and the next document of the job, find it all the same."""
    with places() as folder, Printer(certificate=own_certificate()) as printer:
        take_cache_away(folder)
        second = taken_by_others(Path(second_folder(str(folder / "cache" / "ipps443"))))
        outcome = run_backend(printer, SHORT, uri=device_uri(printer), folder=folder, arguments=ARGUMENTS)
        (told,) = warnings(outcome, "[D06]")
        memory = Path(memory_folder(str(folder / "cache" / "ipps443")))
        assert outcome.exit_code == 0 and str(memory) in told and not os.listdir(second)
        assert [path.name.partition("-")[0] for path in memory.iterdir()] == ["ended"]


def test_without_any_place_it_is_said() -> None:
    """Somebody else has taken the other places, and nothing of theirs is used: the job is printed, with a WARNING."""
    with places() as folder, Printer(certificate=own_certificate()) as printer:
        take_cache_away(folder)
        others = [taken_by_others(Path(p(str(folder / "cache" / "ipps443")))) for p in (second_folder, memory_folder)]
        outcome = run_backend(printer, SHORT, uri=device_uri(printer), folder=folder, arguments=ARGUMENTS)
        (told,) = warnings(outcome, "[D06]")
        assert outcome.exit_code == 0 and "printed twice" in told and not [n for p in others for n in os.listdir(p)]


@pytest.mark.parametrize("seconds", [60, 3600, 10**7])
def test_a_clock_that_was_put_back(seconds: int) -> None:
    """A record of the future is not old."""
    with places() as folder, Printer(certificate=own_certificate()) as printer:
        _, second = print_twice(printer, folder, mtime=time.time() + seconds)
        assert (second.exit_code, len(printer.printed)) == (0, 1), str(second)


def test_what_another_job_left_is_not_read() -> None:
    """Another number, another user: the same uuid leads nowhere."""
    with places() as folder, Printer(certificate=own_certificate()) as printer:
        uri = device_uri(printer)
        run_backend(printer, SHORT, uri=uri, folder=folder, arguments=ARGUMENTS)
        comes_from_another_cupsd(record_in(folder / "cache" / "ipps443"))
        for number, user in (("8", "somebody"), ("7", "else")):
            outcome = run_backend(printer, SHORT, uri=uri, folder=folder, arguments=(number, user, *ARGUMENTS[2:]))
            assert outcome.exit_code == 0 and not warnings(outcome, "by an earlier run")
        assert len(printer.printed) == 3
        assert len({job.name for job in printer.jobs}) == 3


def test_a_lock_of_another_job_is_no_lock() -> None:
    """Whoever prints for a long time with the uuid of another job does not make it wait."""
    hangs = "at=hang@body-middle,only=documents"
    with places() as folder, Printer(certificate=own_certificate(), faults=hangs) as slow:
        with Printer(certificate=own_certificate()) as printer:

            def print_the_other(run: Run) -> bool:
                if slow.jobs and slow.jobs[0].size:
                    found.append(run_backend(printer, SHORT, folder=folder, arguments=("8", "victim", *ARGUMENTS[2:])))
                return bool(found)

            found: list[Outcome] = []
            run_backend(slow, pcl(300_000), folder=folder, arguments=ARGUMENTS, stop_when=print_the_other)
            assert found[0].exit_code == 0 and not any("earlier run" in text for text in found[0].said("INFO"))


def test_sent_to_a_different_printer_before() -> None:
    """The job was moved by a restart, and may be on paper elsewhere: it is held, and says where."""
    with places() as folder, Printer(certificate=own_certificate()) as printer:
        run_backend(printer, SHORT, uri=device_uri(printer), folder=folder, arguments=ARGUMENTS)
        changes = {"printed": 0, "status": None, "phase": "sending", "printer": "ipps://elsewhere:443/ipp/print"}
        comes_from_another_cupsd(record_in(folder / "cache" / "ipps443"), **changes)
        outcome = run_backend(printer, SHORT, uri=device_uri(printer), folder=folder, arguments=ARGUMENTS)
        assert (outcome.exit_code, outcome.code, len(printer.printed)) == (3, "P09", 1), str(outcome)
        assert "elsewhere" in outcome.errors[-1]


@pytest.mark.parametrize("environ, exit_code", [({}, 0), ({"CLASS": "offices"}, 3)], ids=["lpmove", "in a class"])
def test_stopped_while_sending_and_moved(environ: dict[str, str], exit_code: int) -> None:
    """Whoever moves a job gets all of it at the other printer, and is told; cupsd itself moves it within a class."""
    slow = "slow_read=20000:0.2,begin=first-byte"
    with places() as folder, Printer(certificate=own_certificate(), faults=slow) as first:
        document = pcl(200_000)
        run_backend(first, document, folder=folder, environ=environ, stop_when=lambda run: has_some(first))
        with Printer(certificate=own_certificate()) as second:
            outcome = run_backend(second, document, folder=folder, environ=environ)
            assert (outcome.exit_code, len(second.printed)) == (exit_code, 0 if exit_code else 1), str(outcome)
            said = outcome.errors if exit_code else outcome.said("WARNING")
            assert any(f"localhost:{first.port}" in text for text in said), str(outcome)


def has_some(printer: Printer) -> bool:
    """A part of a document is there."""
    return bool(printer.jobs) and printer.jobs[0].size > 0
