"""Options of the device URI that decide about the transfer, and what is learned about printers."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from backend.printer.learned import KEPT_SECONDS, file_name
from tests.faults.harness import (
    DOCUMENT,
    Knowledge,
    Outcome,
    Run,
    after,
    device_uri,
    own_certificate,
    pcl,
    places,
    run_backend,
)
from tests.faults.invariant import violations
from tests.printer import Printer

pytestmark = pytest.mark.usefixtures("quickly")

LARGE = pcl(4_000_000)
CHUNKS, NO_CHUNKS = Knowledge(True), Knowledge(False)


def send(faults: str = "", document: bytes = DOCUMENT, **how: Any) -> tuple[Outcome, Printer]:
    """Print to a printer with these faults; what is not an argument of run_backend is an option of the device URI."""
    given = {name: how.pop(name) for name in ("knows", "feed", "watch", "folder") if name in how}
    with Printer(certificate=own_certificate(), faults=faults) as printer:
        return run_backend(printer, document, uri=device_uri(printer, **how), **given), printer


def kinds(printer: Printer) -> set[str]:
    """How the bodies of all requests were framed."""
    return {request.framing.kind for request in printer.requests}


# --- transfer ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("knows", (None, CHUNKS, NO_CHUNKS), ids=("unknown", "chunks", "no chunks"))
def test_sized_never_chunks(knows: Knowledge | None) -> None:
    """transfer=sized: not even the first question goes out in chunks (Q-08)."""
    outcome, printer = send("chunk=raw", transfer="sized", knows=knows)
    assert outcome.exit_code == 0 and violations(outcome) == [], str(outcome)
    assert kinds(printer) == {"sized"}


@pytest.mark.parametrize("knows", (None, CHUNKS, NO_CHUNKS), ids=("unknown", "chunks", "no chunks"))
def test_chunked_chunks_documents_only(knows: Knowledge | None) -> None:
    """transfer=chunked: documents in chunks whatever is known, questions never (Q-11)."""
    outcome, printer = send("chunk=ops:Get-Printer-Attributes+Create-Job+Get-Jobs", transfer="chunked", knows=knows)
    assert outcome.exit_code == 0 and outcome.framing == "sized" and violations(outcome) == [], str(outcome)
    outcome, printer = send(transfer="chunked", knows=knows)
    assert outcome.exit_code == 0 and outcome.framing == "chunked" and violations(outcome) == [], str(outcome)
    assert [request.framing.kind == "chunked" for request in printer.requests] == [
        request.operation == "Send-Document" for request in printer.requests
    ]


# --- spool ------------------------------------------------------------------------------------------------------


def files_in(folder: Path, seen: set[str]) -> Any:
    """Collect what a run has open in its TMPDIR: the copy has no name, but a descriptor."""

    def look(run: Run) -> None:
        try:
            for descriptor in os.listdir(f"/proc/{run.pid}/fd"):
                target = os.readlink(f"/proc/{run.pid}/fd/{descriptor}")
                if target.startswith(str(folder / "tmp")):
                    seen.add(target)
        except OSError:
            pass  # it has just ended

    return look


@pytest.mark.parametrize(
    ("spool", "knows", "kept"),
    (("auto", CHUNKS, True), ("yes", CHUNKS, True), ("no", CHUNKS, False), ("no", NO_CHUNKS, True)),
    ids=("auto", "yes", "no", "no, but sized"),
)
def test_spool_decides_about_the_copy(spool: str, knows: Knowledge, kept: bool) -> None:
    """A copy is kept unless spool=no; a document that goes out with its length needs one all the same."""
    seen: set[str] = set()
    with places() as folder:
        # The filter still works when most of the job is there, so that there is time to look.
        feed = after(LARGE, 3_500_000, lambda run: time.monotonic() > run.began + 2)
        watch = files_in(folder, seen)
        outcome, _ = send(document=LARGE, spool=spool, knows=knows, feed=feed, watch=watch, folder=folder)
    assert outcome.exit_code == 0 and violations(outcome) == [], str(outcome)
    assert bool(seen) is kept and all(path.endswith("(deleted)") for path in seen), seen


@pytest.mark.parametrize(("spool", "exit_code", "code"), (("auto", 0, ""), ("yes", 0, ""), ("no", 3, "P12")))
def test_without_a_copy_a_refusal_holds_the_job(spool: str, exit_code: int, code: str) -> None:
    """What has been sent and refused can be sent again only from a copy; without one the job is held unprinted."""
    outcome, _ = send("chunk=411,refuse_at=100000,only=documents", spool=spool, knows=CHUNKS)
    assert (outcome.exit_code, outcome.code) == (exit_code, code), str(outcome)
    assert violations(outcome) == []


def test_without_a_copy_a_loss_holds_the_job() -> None:
    """The same after a loss, although the printer says that it has printed nothing."""
    outcome, _ = send("at=rst@body-middle,only=documents,times=1", spool="no", resend="yes", knows=CHUNKS)
    assert (outcome.exit_code, outcome.code, outcome.printed) == (3, "P09", 0), str(outcome)
    assert violations(outcome) == []


# --- resend -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("knows", (CHUNKS, NO_CHUNKS), ids=("chunked", "sized"))
@pytest.mark.parametrize("printed", (False, True), ids=("not printed", "printed"))
def test_resend_after_a_loss_that_nothing_clears_up(printed: bool, knows: Knowledge) -> None:
    """resend=no holds the job; resend=yes prints it in any case, and so perhaps twice, as its manual says."""
    when = "after" if printed else "before"
    faults = f"lose_reply={when}-accept,slow_reply=0.1,only=documents,times=1,history=none,missing=Create-Job"
    outcome, _ = send(faults, knows=knows)
    assert (outcome.exit_code, outcome.code, outcome.printed) == (3, "P09", int(printed)), str(outcome)
    assert violations(outcome) == []
    outcome, _ = send(faults, resend="yes", knows=knows)
    assert (outcome.exit_code, outcome.printed, outcome.same) == (0, 1 + printed, True), str(outcome)
    assert violations(outcome) == (["printed 2 times"] if printed else [])


# --- timeout ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phase", "faults", "knows"),
    (
        ("handshake", "handshake=hang,only_connection=1", CHUNKS),
        ("probe", "chunk=hang", None),
        ("write", "at=hang@body-middle,only=documents,times=1", CHUNKS),
        ("reply", "at=hang@reply-status,only=documents,times=1", CHUNKS),
        ("read", "answer=long-length,only=documents,times=1", CHUNKS),
    ),
    ids=lambda value: value if value in ("handshake", "probe", "write", "reply", "read") else "",
)
def test_each_phase_has_its_deadline(phase: str, faults: str, knows: Knowledge | None) -> None:
    """A second for the phase in question ends the waiting, an hour for it does not."""
    long = {"handshake", "probe", "write", "reply", "read"} - {phase}
    timeout = ",".join([f"{phase}:1", *(f"{other}:3600" for other in sorted(long))])
    # Only of a document larger than all buffers on the way something is left to be written.
    outcome, _ = send(faults, LARGE if phase == "write" else DOCUMENT, timeout=timeout, knows=knows, contimeout=60)
    assert outcome.exit_code == 0 and violations(outcome) == [], str(outcome)
    assert 1 <= outcome.seconds < 40


# --- what is learned --------------------------------------------------------------------------------------------


def facts(folder: Path, printer: Printer) -> dict[str, Any]:
    """What is remembered of a printer."""
    found: dict[str, Any] = json.loads(
        (folder / "cache" / "ipps443" / file_name("localhost", printer.port)).read_text()
    )
    return found


@pytest.mark.parametrize(("faults", "chunks"), (("", True), ("chunk=411", False), ("http=1.0", False)))
def test_the_answer_to_the_first_question_is_remembered(faults: str, chunks: bool) -> None:
    """Whether chunks work, with the firmware and the time; the next job asks in no chunks, and costs no question."""
    with places() as folder, Printer(certificate=own_certificate(), faults=faults) as printer:
        for number in range(2):
            outcome = run_backend(printer, uri=device_uri(printer), folder=folder)
            assert outcome.exit_code == 0 and outcome.framing.endswith("chunked" if chunks else "sized"), str(outcome)
            found = facts(folder, printer)
            assert (found["chunks"], found["firmware"]) == (chunks, "1.0")
            assert 0 <= time.time() - found["learned"] < 60
        in_chunks = [each for each in printer.requests if each.framing.kind == "chunked"]
        assert len(in_chunks) == (3 if chunks else 1)  # the question, and the two documents


@pytest.mark.parametrize("why", ("still valid", "another firmware", "31 days old", "forgotten"))
def test_a_verdict_does_not_last_for_ever(why: str) -> None:
    """After another firmware, 30 days or `forget` the printer is asked anew; before that its old word counts."""
    faults = "firmware=2.0" if why == "another firmware" else ""
    with places() as folder, Printer(certificate=own_certificate(), faults=faults) as printer:
        path = folder / "cache" / "ipps443" / file_name("localhost", printer.port)
        age = KEPT_SECONDS + 86400 if why == "31 days old" else 60
        old = {"chunks": False, "version": "2.0", "firmware": "1.0", "learned": int(time.time()) - age}
        path.write_text(json.dumps(old))
        if why == "forgotten":
            path.unlink()  # what ipps443ctl forget does
        outcome = run_backend(printer, uri=device_uri(printer), folder=folder)
        found = facts(folder, printer)
    asked_again = why != "still valid"
    assert outcome.exit_code == 0 and violations(outcome) == [], str(outcome)
    assert outcome.framing == ("chunked" if asked_again else "sized") and found["chunks"] is asked_again
    assert found["firmware"] == ("2.0" if why == "another firmware" else "1.0")


def test_a_refusal_of_the_document_is_learned_only_when_its_length_helped() -> None:
    """A printer that chunks for questions and not for documents is remembered; one that refuses both is not."""
    for faults, exit_code, chunks in (
        ("chunk=ops:PrintJob+SendDocument+Get-Printer-Attributes", 0, True),
        ("chunk=411,only=documents", 0, False),
        ("chunk=411,sized=411,only=documents", 4, True),
    ):
        with places() as folder, Printer(certificate=own_certificate(), faults=faults) as printer:
            outcome = run_backend(printer, uri=device_uri(printer), folder=folder)
            assert outcome.exit_code == exit_code and violations(outcome) == [], str(outcome)
            assert facts(folder, printer)["chunks"] is chunks
