"""What becomes of jobs at the scripted printer, over time and under faults: Q-16, Q-96, Q-99 to Q-108, Q-116."""

from __future__ import annotations

import hashlib
import os
from typing import Any

import pytest

from backend.ipp.codes import JobState
from backend.ipp.encoder import encode_message
from backend.ipp.message import Message
from backend.ipp.operations import cancel_job, get_jobs
from backend.ipp.tags import Tag

from tests.printer import Printer
from tests.unit.printer_tests.client import (
    Client,
    attributes_request,
    create_request,
    document_request,
    job_request,
    outcome,
    print_request,
    target,
    value,
    values,
)

PAGES = b"one\x0ctwo\x0cthree\x0c"
OK, NOT_POSSIBLE, NOT_FOUND = "successful-ok", "client-error-not-possible", "client-error-not-found"


def ask_job(client: Client, job_id: int = 1) -> Message:
    return client.ask(job_request(client.printer, job_id)).message


def state(client: Client, job_id: int = 1) -> tuple[object, object]:
    message = ask_job(client, job_id)
    return value(message, "job-state"), value(message, "job-state-reasons")


# --- fair ---


def test_a_job_has_states_over_time():
    """Pending while incoming, processing while it prints with impressions counting up, then completed."""
    with Printer(faults="page_time=60") as printer, Client(printer) as client:
        client.ask(create_request(printer))
        assert state(client) == (JobState.PENDING, "job-incoming")
        client.ask(document_request(printer, 1), PAGES)
        client.ask(print_request(printer), b"next")
        assert state(client, 2)[0] == JobState.PENDING and printer.jobs[1].end - printer.jobs[0].end == 60
        for pages in range(3):
            assert state(client) == (JobState.PROCESSING, "job-printing")
            assert value(ask_job(client), "job-impressions-completed") == pages
            job = printer.jobs[0]
            assert job.start is not None
            job.start, job.end, job.paper_out = job.start - 60, job.end - 60, job.paper_out - 60
        assert value(ask_job(client), "job-impressions-completed") == 3
        assert state(client) == (JobState.COMPLETED, "job-completed-successfully")
        assert printer.printed[0].pages == 3


def test_get_jobs_lists_and_chooses():
    """which-jobs, my-jobs and limit; newest first among the completed."""
    with Printer() as printer, Client(printer) as client:
        for user in ("anna", "berta", "anna"):
            client.ask(print_request(printer, user=user), b"text")
        client.ask(create_request(printer))

        def ids(which: str | None = None, **options: Any) -> list[Any]:
            options |= {"which_jobs": which} if which else {}
            message = client.ask(get_jobs(target(printer, user="anna"), 5, **options)).message
            found = [group.get("job-id") for group in message.groups_of(Tag.JOB_ATTRIBUTES)]
            return [each.value for each in found if each]

        assert ids() == ids("not-completed") == [4]
        assert ids("completed") == [3, 2, 1]
        assert ids("completed", my_jobs=True) == [3, 1]
        assert ids("completed", limit=2) == [3, 2]
        reply = client.ask(get_jobs(target(printer), 5, which_jobs="nonsense"))
        assert reply.ipp_status == "client-error-attributes-or-values-not-supported"


def test_a_job_can_be_cancelled_until_it_is_done():
    """Cancel-Job ends a job; afterwards it is not-possible, and so is a document for it, or for one that is done."""
    with Printer(faults="job_time=30") as printer, Client(printer) as client:
        client.ask(print_request(printer), b"text")
        client.ask(create_request(printer))
        for job_id, statuses in ((1, (OK, NOT_POSSIBLE)), (2, (OK, NOT_POSSIBLE)), (77, (NOT_FOUND,))):
            for status in statuses:
                assert client.ask(cancel_job(target(printer), 5, job_id)).ipp_status == status
        assert state(client) == (JobState.CANCELED, "job-canceled-by-user")
        for job_id in (1, 2):
            assert client.ask(document_request(printer, job_id), b"more").ipp_status == NOT_POSSIBLE
        assert [job.document for job in printer.jobs] == [b"text", b""] and printer.printed == []


def test_a_job_may_have_several_documents():
    """They are kept apart, and the job prints after the last."""
    with Printer() as printer, Client(printer) as client:
        client.ask(create_request(printer))
        client.ask(document_request(printer, 1, last_document=False), b"one")
        assert printer.printed == []
        client.ask(document_request(printer, 1), b"two", chunked=True)
        (job,) = printer.printed
        assert [each.content for each in job.documents] == [b"one", b"two"]
        assert [each.framing for each in job.documents] == ["sized", "chunked"]


def test_documents_are_written_to_the_directory(tmp_path):
    """With a directory they are files, named after the job, with the hash taken on the way."""
    document = os.urandom(300_000)
    with Printer(directory=tmp_path) as printer:
        outcome(printer, None, document)
        (job,) = printer.printed
        assert job.path == tmp_path / "job-1.prn" and job.path.read_bytes() == document
        assert job.sha256 == hashlib.sha256(document).hexdigest() and job.size == len(document)


@pytest.mark.parametrize("fault, hashed", [("store=hash", True), ("store=count", False)])
def test_documents_may_only_be_measured(fault, hashed):
    """store: nothing is kept but the hash, or the size."""
    with Printer(faults=fault) as printer:
        outcome(printer)
        (job,) = printer.printed
        assert (job.size, job.document) == (4, b"")
        assert (job.sha256 == hashlib.sha256(b"text").hexdigest()) == hashed


@pytest.mark.parametrize(
    "fault, document, pages", [("", b"", 0), ("", b"text", 1), ("", PAGES, 3), ("pages=7", PAGES, 7)]
)
def test_pages_are_form_feeds_or_a_number(fault, document, pages):
    """pages: counted, at least one; or told."""
    with Printer(faults=fault) as printer:
        outcome(printer, None, document)
        assert printer.jobs[0].pages == pages


# --- what a job comes to ---


@pytest.mark.parametrize(
    "fault, job_state, reason, printed, printer_state",
    [
        ("state=stuck", JobState.PROCESSING, "job-printing", True, 4),
        ("state=stuck-idle", JobState.PROCESSING, "job-printing", True, 3),
        ("state=missing", None, "job-completed-successfully", True, 3),
        ("state=pending-held", JobState.PENDING_HELD, "job-hold-until-specified", False, 3),
        ("state=canceled@page2", JobState.CANCELED, "job-canceled-at-device", False, 3),
        ("state=aborted", JobState.ABORTED, "aborted-by-system", False, 3),
        ("state=document-format-error", JobState.COMPLETED, "document-format-error", False, 3),
        ("state=stopped", JobState.PROCESSING_STOPPED, "printer-stopped", False, 5),
        ("end_reasons=account-closed,job_message=Type", JobState.COMPLETED, "account-closed", True, 3),
    ],
)
def test_a_job_may_come_to_any_end(fault, job_state, reason, printed, printer_state):
    """What the printer says of it and of itself, in words too, and whether paper came out (Q-101 to Q-104)."""
    with Printer(faults=fault) as printer, Client(printer) as client:
        assert client.ask(print_request(printer), PAGES).ipp_status == OK
        assert state(client) == (job_state, reason)
        assert value(ask_job(client), "job-state-message") == ("Type" if "message" in fault else None)
        assert value(client.ask(attributes_request(printer)).message, "printer-state") == printer_state
        assert bool(printer.printed) == printed


def test_a_job_cancelled_at_the_printer_has_printed_pages():
    """state=canceled@pageN: N pages came out, and time went by (Q-103)."""
    with Printer(faults="state=canceled@page2,page_time=0.05") as printer, Client(printer) as client:
        client.ask(print_request(printer), PAGES)
        assert printer.wait_until(lambda: state(client)[0] == JobState.CANCELED)
        assert value(ask_job(client), "job-impressions-completed") == 2
        assert printer.printed == []


@pytest.mark.parametrize("fault, status", [("history=none", NOT_FOUND), ("history=not-possible", NOT_POSSIBLE)])
def test_a_job_may_vanish_when_it_is_done(fault, status):
    """Known while it prints, then not any more (Q-100)."""
    with Printer(faults=f"{fault},job_time=0.3") as printer, Client(printer) as client:
        client.ask(print_request(printer), b"text")
        assert client.ask(job_request(printer, 1)).ipp_status == OK
        assert printer.wait_until(lambda: printer.printed)
        assert client.ask(job_request(printer, 1)).ipp_status == status
        completed = client.ask(get_jobs(target(printer), 5, which_jobs="completed")).message
        assert completed.groups_of(Tag.JOB_ATTRIBUTES) == []


@pytest.mark.parametrize(
    "fault, has_id, has_uri, tag",
    [
        ("job_id=ok", True, True, Tag.JOB_ATTRIBUTES),
        ("job_id=none", False, False, Tag.JOB_ATTRIBUTES),
        ("job_id=wrong-group", True, True, Tag.PRINTER_ATTRIBUTES),
        ("job_id=uri-only", False, True, Tag.JOB_ATTRIBUTES),
    ],
)
def test_the_job_id_may_be_missing_or_misplaced(fault, has_id, has_uri, tag):
    """In the reply to Print-Job and Create-Job (Q-99)."""
    with Printer(faults=fault) as printer, Client(printer) as client:
        for request in (print_request(printer), create_request(printer)):
            message = client.ask(request).message
            assert (message.get("job-id") is not None, message.get("job-uri") is not None) == (has_id, has_uri)
            assert message.get("job-state", tag) is not None


def test_a_job_can_be_named_by_its_uri():
    """job-uri in the place of printer-uri and job-id."""
    with Printer() as printer, Client(printer) as client:
        uri = value(client.ask(print_request(printer), b"text").message, "job-uri")
        message = job_request(printer, 1)
        octets = encode_message(message).replace(b"\x21\x00\x06job-id\x00\x04\x00\x00\x00\x01", b"")
        octets = octets.replace(b"printer-uri", b"job-uri").replace(b"\x45\x00\x0b", b"\x45\x00\x07")
        printed_on = target(printer).printer_uri.encode()
        new = str(uri).encode()
        octets = octets.replace(len(printed_on).to_bytes(2, "big") + printed_on, len(new).to_bytes(2, "big") + new)
        assert client.ask(octets).ipp_status == OK


@pytest.mark.parametrize(
    "fault, impressions, sheets",
    [("impressions=ok", 3, 3), ("impressions=sheets-only", None, 3), ("impressions=missing", None, None)],
)
def test_progress_may_not_be_told(fault, impressions, sheets):
    """Impressions, sheets, or nothing (Q-116)."""
    with Printer(faults=fault) as printer, Client(printer) as client:
        client.ask(print_request(printer), PAGES)
        message = ask_job(client)
        assert value(message, "job-impressions-completed") == impressions
        assert value(message, "job-media-sheets-completed") == sheets


@pytest.mark.parametrize(
    "fault, status, canceled",
    [
        ("multi_doc=cancel", "server-error-job-canceled", True),
        ("multi_doc=refuse", "server-error-multiple-document-jobs-not-supported", False),
    ],
)
def test_a_second_document_may_be_refused(fault, status, canceled):
    """multi_doc: the job is cancelled by it, or only the document refused (Q-96)."""
    with Printer(faults=fault) as printer:
        outcome(printer, create_request(printer), b"")
        outcome(printer, document_request(printer, 1, last_document=False), b"one")
        assert outcome(printer, document_request(printer, 1), b"two") == status
        assert len(printer.jobs[0].documents) == 1
        assert (printer.jobs[0].state == JobState.CANCELED) == canceled


# --- losses ---


def test_an_offline_printer_may_close_after_a_while():
    """slow_reply delays the loss (Q-107)."""
    with Printer(faults="lose_reply=before-accept:close,slow_reply=0.3") as printer, Client(printer) as client:
        client.post(print_request(printer), b"text")
        assert client.is_silent(0.1)
        assert client.ending() == "close_notify"


def test_the_reply_may_wait_for_the_paper():
    """reply_when=printed: no reply before the job is done (Q-106)."""
    with Printer(faults="reply_when=printed,job_time=0.4") as printer, Client(printer) as client:
        client.post(print_request(printer), b"text")
        assert client.is_silent(0.1)
        assert value(client.reply().message, "job-state") == JobState.COMPLETED


@pytest.mark.parametrize(
    "fault, with_create, states, printed",
    [
        ("partial=abort", False, [JobState.ABORTED], 0),
        ("partial=abort", True, [JobState.ABORTED], 0),
        ("partial=print", False, [JobState.COMPLETED], 1),
        ("partial=incoming", False, [JobState.PENDING], 0),
        ("partial=vanish", False, [], 0),
        ("partial=vanish", True, [JobState.PENDING], 0),
    ],
)
def test_a_document_may_break_off(fault, with_create, states, printed):
    """The connection ends in mid-body: the job is aborted, printed as it is, waited for, or unknown."""
    with Printer(faults=fault) as printer:
        with Client(printer) as client:
            if with_create:
                client.ask(create_request(printer))
            client.head("Content-Length: 100000")
            request = document_request(printer, 1) if with_create else print_request(printer)
            client.send(encode_message(request) + b"half of it")
            assert printer.wait_until(lambda: printer.jobs and printer.jobs[0].size == 10)
        assert printer.wait_quiet()
        assert [job.state for job in printer.jobs] == states
        assert not any(job.complete for job in printer.jobs)
        assert [job.document for job in printer.printed] == [b"half of it"] * printed


def test_an_incoming_job_can_be_cancelled_from_another_connection():
    """Cancel-Job while the document comes in: the sender gets server-error-job-canceled."""
    with Printer() as printer, Client(printer) as client:
        client.head("Transfer-Encoding: chunked")
        client.chunk(encode_message(print_request(printer)))
        assert printer.wait_until(lambda: printer.jobs)
        assert outcome(printer, cancel_job(target(printer), 5, 1), b"") == OK
        client.chunk(b"more")
        client.send(b"0\r\n\r\n")
        assert client.reply().ipp_status == "server-error-job-canceled"
        assert printer.printed == [] and state(client) == (JobState.CANCELED, "job-canceled-by-user")


def test_a_printer_may_print_while_it_receives():
    """begin=first-byte: processing, with impressions, while the document is still coming; they stay after a loss."""
    with Printer(faults="begin=first-byte") as printer:
        with Client(printer) as client, Client(printer) as other:
            client.head("Transfer-Encoding: chunked")
            client.chunk(encode_message(print_request(printer)) + PAGES)
            assert printer.wait_until(lambda: printer.jobs and printer.jobs[0].size)
            assert state(other) == (JobState.PROCESSING, "job-incoming")
            assert value(ask_job(other), "job-impressions-completed") == 3
        assert printer.wait_quiet()
        assert (printer.jobs[0].state, printer.jobs[0].impressions) == (JobState.ABORTED, 3)


# --- stalls ---


@pytest.mark.parametrize(
    "fault, reason",
    [
        ("stall=50000:release", "media-empty-error"),
        ("stall=cover-open-error@50000:release", "cover-open-error"),
        ("stall=50000:0.5", "media-empty-error"),
        ("stall=media-jam-error@50000:0.5", "media-jam-error"),
    ],
)
def test_a_printer_may_stall_in_mid_body(fault, reason):
    """Reading stops with a reason, the printer is stopped, and then it all goes on."""
    with Printer(faults=fault) as printer, Client(printer) as client, Client(printer) as other:
        document = os.urandom(200_000)
        message = encode_message(print_request(printer))
        client.head(f"Content-Length: {len(message) + len(document)}")
        client.send(message + document[:100_000])
        assert printer.wait_until(lambda: printer.ipp.stalled)
        asked = other.ask(attributes_request(printer)).message
        assert value(asked, "printer-state") == 5
        assert values(asked, "printer-state-reasons") == [reason]
        if "release" in fault:
            assert printer.jobs[0].size < 100_000 + 1
            printer.release()
        client.send(document[100_000:])
        assert client.reply().ipp_status == OK
        assert printer.printed[0].document == document


def test_a_stalled_printer_makes_the_sender_wait():
    """While it stalls, a large document cannot be sent; nothing is lost by that."""
    with Printer(faults="stall=1000:release") as printer, Client(printer, timeout=0.3) as client:
        with pytest.raises(TimeoutError):
            client.post(print_request(printer), bytes(8_000_000))
        assert printer.jobs[0].size < 1_000_000
