"""Framing faults of the scripted printer, seen by a raw client: Q-01 to Q-18."""

from __future__ import annotations

import os

import pytest

from backend.ipp.encoder import encode_message

from tests.printer import Printer
from tests.unit.printer_tests.client import (
    Client,
    Ended,
    attributes_request,
    create_request,
    document_request,
    eventually,
    print_request,
)

DOCUMENT = os.urandom(100_000)
CHUNKS = (DOCUMENT[:30_000], DOCUMENT[30_000:70_000], DOCUMENT[70_000:])


def test_a_fair_printer_takes_both_framings_byte_for_byte():
    """Chunked and sized documents arrive whole, and the framing is on record."""
    with Printer() as printer, Client(printer) as client:
        request = print_request(printer)
        assert client.ask(request, CHUNKS, chunked=True).ipp_status == "successful-ok"
        assert client.ask(request, DOCUMENT).ipp_status == "successful-ok"
        assert [job.document for job in printer.printed] == [DOCUMENT, DOCUMENT]
        assert [str(each) for each in printer.operations] == ["Print-Job chunked", "Print-Job sized"]
        assert printer.operations[0].chunk_sizes[1:] == [30_000, 40_000, 30_000]
        assert printer.connections == printer.handshakes == 1


def test_bytes_are_counted_exactly():
    """http_bytes is the number of bytes sent after the handshake, not one more."""
    with Printer() as printer, Client(printer) as client:
        sent = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
        client.send(sent)
        assert client.reply().status == 200
        assert printer.http_bytes == len(sent)


@pytest.mark.parametrize("chunked", [True, False])
def test_any_split_of_a_request_is_read_the_same(chunked):
    """A request that comes byte by byte is the same request."""
    with Printer() as printer, Client(printer) as client:
        for byte in client.request(print_request(printer), b"short", chunked):
            client.send(bytes([byte]))
        assert client.reply().ipp_status == "successful-ok"
        assert printer.printed[0].document == b"short"


@pytest.mark.parametrize(
    "fault, status",
    [
        ("chunk=400", 400),
        ("chunk=411", 411),
        ("chunk=417", 417),
        ("chunk=501", 501),
        ("chunk=505", 505),
        ("chunk=status:420", 420),
        ("chunk=ops:SendDocument", 411),
        ("chunk=ignore:400", 400),
    ],
)
def test_chunked_requests_are_refused_and_sized_ones_taken(fault, status):
    """A refusal for chunks leaves no job, closes, and does not concern a sized request."""
    with Printer(faults=fault) as printer:
        with Client(printer) as client:
            client.head("Transfer-Encoding: chunked")
            client.chunk(encode_message(print_request(printer)))
            reply = client.reply()
            assert reply.status == status
            assert reply.headers["content-type"] == "text/html"
        with Client(printer) as client:
            assert client.ask(print_request(printer), DOCUMENT).ipp_status == "successful-ok"
        assert [job.document for job in printer.printed] == [DOCUMENT]
        assert [request.http_status for request in printer.requests] == [status, 200]


@pytest.mark.parametrize("fault", ["sized=400", "sized=411", "sized=501", "sized=505", "sized=status:420"])
def test_sized_requests_can_be_refused_too(fault):
    """The same refusals exist for requests with a length, and chunked ones pass."""
    with Printer(faults=fault) as printer:
        with Client(printer) as client:
            assert client.ask(print_request(printer), DOCUMENT).status == int(fault[-3:])
        with Client(printer) as client:
            assert client.ask(print_request(printer), CHUNKS, chunked=True).status == 200
        assert len(printer.printed) == 1


@pytest.mark.parametrize("fault, chunked", [("chunk=413@50000", True), ("sized=413@50000", False)])
def test_413_comes_once_the_buffer_is_full(fault, chunked):
    """Below its limit the printer takes the request, above it 413 comes, and no job is left."""
    with Printer(faults=fault) as printer:
        with Client(printer) as client:
            assert client.ask(print_request(printer), b"x" * 40_000, chunked).status == 200
        with Client(printer) as client:
            assert client.ask(print_request(printer), [b"x" * 30_000] * 3, chunked).status == 413
        assert [job.size for job in printer.jobs] == [40_000]


def test_a_refusal_may_wait_for_the_first_chunk():
    """refuse_at=chunk1: nothing after the headers, 411 after the first chunk."""
    with Printer(faults="chunk=411,refuse_at=chunk1") as printer, Client(printer) as client:
        client.head("Transfer-Encoding: chunked")
        assert client.is_silent()
        client.chunk(encode_message(print_request(printer)))
        assert client.reply().status == 411
        assert client.ending() == "close_notify"
        assert printer.jobs == []


def test_a_refusal_may_wait_for_the_end():
    """refuse_at=end: silence until the zero chunk, then 411, and what came is no job."""
    with Printer(faults="chunk=411,refuse_at=end,refuse_close=keep") as printer, Client(printer) as client:
        client.head("Transfer-Encoding: chunked")
        client.chunk(encode_message(print_request(printer)))
        client.chunk(DOCUMENT)
        assert client.is_silent()
        client.send(b"0\r\n\r\n")
        assert client.reply().status == 411
        assert printer.jobs == []
        assert client.ask(attributes_request(printer, "printer-state")).status == 200


def test_a_refusal_may_wait_for_a_number_of_bytes():
    """refuse_at=N: the refusal comes once so many bytes of body have come."""
    with Printer(faults="chunk=411,refuse_at=20000") as printer, Client(printer) as client:
        client.head("Transfer-Encoding: chunked")
        client.chunk(encode_message(print_request(printer)))
        client.chunk(bytes(10_000))
        assert client.is_silent()
        client.chunk(bytes(10_000))
        assert client.reply().status == 411


def test_after_a_refusal_the_connection_may_live_on():
    """refuse_close=keep: the rest of the body is read, and the next request is answered."""
    with Printer(faults="chunk=411,refuse_close=keep") as printer, Client(printer) as client:
        client.post(print_request(printer), CHUNKS, True)
        reply = client.reply()
        assert (reply.status, reply.headers["connection"]) == (411, "Keep-Alive")
        assert client.ask(print_request(printer), DOCUMENT).ipp_status == "successful-ok"


def test_after_a_refusal_the_connection_may_be_reset():
    """refuse_close=rst: the answer comes, and RST after it."""
    with Printer(faults="chunk=411,refuse_close=rst") as printer, Client(printer) as client:
        client.head("Transfer-Encoding: chunked")
        with pytest.raises(Ended) as end:
            assert client.reply().status == 411
            client.receive()
        assert end.value.how == "rst"


def test_after_a_refusal_the_body_may_be_taken_for_requests():
    """refuse_close=confuse: chunk lines are read as a request line, which gets 400."""
    with Printer(faults="chunk=411,refuse_close=confuse") as printer, Client(printer) as client:
        client.post(print_request(printer), CHUNKS, True)
        assert client.reply().status == 411
        assert client.reply().status == 400
        assert len(printer.complaints) == 1


def test_chunks_may_be_refused_for_some_operations_only():
    """chunk=ops: Send-Document may be chunked, Create-Job may not (Q-11)."""
    with Printer(faults="chunk=ops:Send-Document") as printer:
        with Client(printer) as client:
            assert client.ask(create_request(printer), chunked=True).status == 411
        with Client(printer) as client:
            assert client.ask(create_request(printer)).status == 200
            assert client.ask(document_request(printer, 1), CHUNKS, chunked=True).status == 200
        assert printer.printed[0].document == DOCUMENT


@pytest.mark.parametrize(
    "fault, status, jobs",
    [("chunk=ignore", "client-error-bad-request", 0), ("chunk=ignore:empty-job", "successful-ok", 1)],
)
def test_transfer_encoding_may_be_ignored(fault, status, jobs):
    """The body counts as empty, and its octets are taken for the next request (Q-07)."""
    with Printer(faults=fault) as printer, Client(printer) as client:
        client.post(print_request(printer), CHUNKS, True)
        assert client.reply().ipp_status == status
        assert client.reply().status == 400
        assert [job.size for job in printer.jobs] == [0] * jobs
        assert printer.printed == []


def test_chunk_lines_may_come_out_on_paper():
    """chunk=raw: the stored document has the chunk lines in it (Q-08)."""
    with Printer(faults="chunk=raw") as printer, Client(printer) as client:
        assert client.ask(print_request(printer), (b"one", b"three"), chunked=True).status == 200
        assert printer.jobs[0].document == b"\r\n3\r\none\r\n5\r\nthree\r\n0\r\n\r\n"


def test_bytes_may_be_lost_at_chunk_borders():
    """chunk=drop-byte: each chunk of the document loses its last byte (Q-09); a single byte vanishes."""
    with Printer(faults="chunk=drop-byte") as printer, Client(printer) as client:
        assert client.ask(print_request(printer), (b"one", b"!", b"three"), chunked=True).status == 200
        assert printer.jobs[0].document == b"onthre"


@pytest.mark.parametrize("fault, sizes", [("chunk=max-1000", [1001]), ("chunk=min-1000", [999, 2000])])
def test_chunks_of_a_wrong_size_may_be_refused(fault, sizes):
    """Too large and too small chunks get 400; the last may be small (Q-10)."""
    with Printer(faults=fault) as printer:
        message = encode_message(print_request(printer))
        with Client(printer) as client:
            client.head("Transfer-Encoding: chunked")
            client.chunk((message + bytes(sizes[0]))[: sizes[0]])
            if len(sizes) > 1:
                client.chunk(bytes(sizes[1]))
            assert client.reply().status == 400
        with Client(printer) as client:
            client.head("Transfer-Encoding: chunked")
            client.chunk(message + bytes(1000 - len(message)))
            client.chunk(b"end")
            client.send(b"0\r\n\r\n")
            assert client.reply().status == 200


@pytest.mark.parametrize(
    "fault, ending",
    [
        ("chunk=rst@headers", "rst"),
        ("chunk=rst@chunk1", "rst"),
        ("chunk=rst@body-middle", "rst"),
        ("chunk=rst@chunk:2", "rst"),
        ("chunk=fin@chunk1", "fin"),
        ("chunk=fin@body:20000", "fin"),
        ("chunk=close@body-first", "close_notify"),
    ],
)
def test_chunks_may_end_the_connection(fault, ending):
    """The connection ends as said, for chunked requests only (Q-12)."""
    with Printer(faults=fault) as printer:
        with Client(printer) as client:
            with pytest.raises(Ended) as end:
                client.head("Transfer-Encoding: chunked")
                client.chunk(encode_message(print_request(printer)))
                client.chunk(bytes(30_000))
                client.receive()
            assert end.value.how in (ending, "while sending")
        assert printer.wait_until(lambda: printer.connection_log[0].ended_by.startswith(ending[:3]))
        with Client(printer) as client:
            assert client.ask(print_request(printer), DOCUMENT).status == 200
        assert [job.document for job in printer.printed] == [DOCUMENT]


@pytest.mark.parametrize("fault, jobs", [("chunk=hang", 0), ("chunk=hang@headers", 0), ("chunk=hang@reply", 1)])
def test_a_chunked_request_may_never_be_answered(fault, jobs):
    """Silence, with the job printed or not even begun (Q-13)."""
    with Printer(faults=fault) as printer, Client(printer) as client:
        client.post(print_request(printer), b"short", True)
        assert client.is_silent()
        assert eventually(lambda: len(printer.printed) == jobs)


def test_a_reply_may_stop_half_way():
    """chunk=hang@mid-reply: half of the body, then silence."""
    with Printer(faults="chunk=hang@mid-reply") as printer, Client(printer) as client:
        client.post(print_request(printer), b"short", True)
        head = client._head()
        length = int(head.headers["content-length"])
        client.exactly(length // 2)
        assert client.is_silent() and not client.buffer
        assert len(printer.printed) == 1


def test_a_gap_inside_a_chunk_may_be_fatal():
    """gap=S: a size line whose data comes too late resets; the gap is on record (Q-14)."""
    with Printer(faults="gap=0.1") as printer, Client(printer) as client:
        client.head("Transfer-Encoding: chunked")
        client.send(b"5\r\n")
        client.is_silent(0.3)
        client.send(b"hello\r\n")
        assert client.ending() == "rst"
        assert printer.requests[0].framing.longest_gap > 0.1


def test_a_pause_in_the_body_may_be_fatal():
    """idle_limit=S: a body that pauses is reset, and what came is an aborted job (Q-15)."""
    with Printer(faults="idle_limit=0.1") as printer, Client(printer) as client:
        client.head("Transfer-Encoding: chunked")
        client.chunk(encode_message(print_request(printer)))
        assert client.ending() == "rst"
        assert [job.printed for job in printer.jobs] == [False]


def test_faults_may_be_for_documents_only():
    """only=documents: Get-Printer-Attributes is served fairly, Print-Job is not."""
    with Printer(faults="only=documents,chunk=411") as printer:
        with Client(printer) as client:
            assert client.ask(attributes_request(printer), chunked=True).status == 200
            assert client.ask(print_request(printer), CHUNKS, chunked=True).status == 411


def test_faults_may_be_for_some_operations_only():
    """only=OPS: the operations named have the faults."""
    with Printer(faults="only=Get-Printer-Attributes,answer=empty") as printer, Client(printer) as client:
        assert client.ask(attributes_request(printer)).body == b""
        assert client.ask(print_request(printer), DOCUMENT).ipp_status == "successful-ok"


def test_faults_may_begin_later_and_end():
    """skip and times: the first is served, the second refused, the third served again."""
    with Printer(faults="skip=1,times=1,chunk=411,refuse_close=keep") as printer, Client(printer) as client:
        got = [client.ask(print_request(printer), CHUNKS, chunked=True).status for _ in range(3)]
        assert got == [200, 411, 200]
        assert [job.document for job in printer.printed] == [DOCUMENT, DOCUMENT]


@pytest.mark.parametrize(
    "fault, bad", [("only_connection=2,chunk=411", [2]), ("only_connection=2-3,chunk=411", [2, 3])]
)
def test_faults_may_be_for_some_connections_only(fault, bad):
    """only_connection: the others are served fairly."""
    with Printer(faults=fault) as printer:
        for number in range(1, 5):
            with Client(printer) as client:
                status = client.ask(print_request(printer), CHUNKS, chunked=True).status
                assert status == (411 if number in bad else 200)


@pytest.mark.parametrize(
    "octets",
    [
        b"POST /ipp/print HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /ipp/print HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"POST /ipp/print HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
        b"POST /ipp/print HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        b"POST /ipp/print HTTP/1.1\r\nHost: x\r\nContent-Length: five\r\n\r\n",
        b"POST /ipp/print HTTP/1.1\r\nHost : x\r\n\r\n",
        b"POST /ipp/print HTTP/1.1\nHost: x\n\n",
        b"hello\r\n",
        b"POST /ipp/print HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n",
    ],
)
def test_what_is_no_http_is_refused_and_noted(octets):
    """A fair printer is strict: a client's mistake gets 400 and stands in the complaints."""
    with Printer() as printer, Client(printer) as client:
        client.send(octets)
        assert client.reply().status == 400
        assert client.ending() == "close_notify"
        assert len(printer.complaints) == 1


@pytest.mark.parametrize(
    "head",
    [
        b"POST /ipp/print HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /ipp/print HTTP/1.1\r\nHost: x\r\nHost: y\r\nContent-Length: 0\r\n\r\n",
        b"POST /ipp/print HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
    ],
)
def test_requests_without_length_or_host_are_refused(head):
    """A POST without any length gets 411, one without exactly one Host 400."""
    with Printer() as printer, Client(printer) as client:
        client.send(head)
        assert client.reply().status == (411 if b"Length" not in head else 400)
