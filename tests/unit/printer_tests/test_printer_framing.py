"""Framing, refusals, connections and replies of the scripted printer, seen by a raw client: Q-01 to Q-45, Q-67, Q-68.

Most switches are a row of a table: what a chunked and a sized request on a fair connection come to.
"""

from __future__ import annotations

import os
import socket

import pytest

from backend.ipp.encoder import encode_message

from tests.printer import Faults, Printer
from tests.unit.printer_tests.client import (
    Client,
    Ended,
    attributes_request,
    create_request,
    document_request,
    outcome,
    print_request,
    value,
)

DOCUMENT = os.urandom(1000)
LARGE = os.urandom(100_000)
CHUNKS = (LARGE[:30_000], LARGE[30_000:70_000], LARGE[70_000:])
OK = "successful-ok"

# What a chunked and a sized Print-Job with a document of 1000 bytes come to, each on a connection of its own, and how
# many jobs print.
REQUESTS = [
    ("chunk=400", "400 close_notify", OK, 1),
    ("chunk=411", "411 close_notify", OK, 1),
    ("chunk=417", "417 close_notify", OK, 1),
    ("chunk=501", "501 close_notify", OK, 1),
    ("chunk=505", "505 close_notify", OK, 1),
    ("chunk=status:420", "420 close_notify", OK, 1),
    ("chunk=413@500", "413 close_notify", OK, 1),
    ("chunk=413@5000", OK, OK, 2),
    ("chunk=ops:Print-Job", OK, OK, 2),
    ("chunk=ops:SendDocument", "411 close_notify", OK, 1),
    ("chunk=ignore:400", "400", OK, 1),
    ("chunk=max-999", "400 close_notify", OK, 1),
    ("chunk=max-1000", OK, OK, 2),
    ("chunk=min-1000", "400 close_notify", OK, 1),
    ("chunk=rst@headers", "rst", OK, 1),
    ("chunk=rst@body-middle", "rst", OK, 1),
    ("chunk=rst@chunk:2", "rst", OK, 1),
    ("chunk=fin@body:500", "fin", OK, 1),
    ("chunk=close@body-first", "close_notify", OK, 1),
    ("chunk=hang", "silence", OK, 1),
    ("chunk=hang@body-end", "silence", OK, 1),
    ("chunk=hang@reply", "silence", OK, 2),
    ("chunk=hang@mid-reply", "200 silence", OK, 2),
    ("chunk=411,refuse_at=end", "411", OK, 1),
    ("chunk=411,refuse_close=keep", "411", OK, 1),
    ("chunk=411,refuse_close=rst", "411 rst", OK, 1),
    ("sized=400", OK, "400 close_notify", 1),
    ("sized=411", OK, "411 close_notify", 1),
    ("sized=501", OK, "501 close_notify", 1),
    ("sized=505", OK, "505 close_notify", 1),
    ("sized=status:420", OK, "420 close_notify", 1),
    ("sized=413@500", OK, "413 close_notify", 1),
    ("interim=unasked", f"100 {OK}", f"100 {OK}", 2),
    ("interim=repeated:3", f"100 100 100 {OK}", f"100 100 100 {OK}", 2),
    ("interim=with-headers", f"100 {OK}", f"100 {OK}", 2),
    ("interim=102", f"102 {OK}", f"102 {OK}", 2),
    ("interim=103", f"103 {OK}", f"103 {OK}", 2),
    ("early_reply=503@5000", OK, OK, 2),
    ("early_reply=503@500", "503 close_notify", "503 close_notify", 0),
    ("early_reply=503@0,refuse_close=rst", "503 rst", "503 rst", 0),
    ("early_reply=ok@500", f"{OK} close_notify", f"{OK} close_notify", 0),
    ("early_reply=ipp:server-error-busy@500", "server-error-busy close_notify", "server-error-busy close_notify", 0),
    ("reply=chunked", OK, OK, 2),
    ("reply=odd-chunks", OK, OK, 2),
    ("reply=late-zero:0.1", OK, OK, 2),
    ("reply=no-zero", "200 silence", "200 silence", 2),
    ("http=1.0", f"{OK} close_notify", f"{OK} close_notify", 2),
    ("answer=html", "200", "200", 2),
    ("answer=html:503", "503", "503", 2),
    ("answer=no-type", "200", "200", 2),
    ("answer=other-type", "200", "200", 2),
    ("answer=status:500", "500", "500", 2),
    ("answer=ipp-in:403", "403", "403", 2),
    ("answer=empty", "200", "200", 2),
    ("answer=truncated:503", "503 silence", "503 silence", 2),
    ("answer=long-length", "200 silence", "200 silence", 2),
    ("answer=short", "200 fin", "200 fin", 2),
    ("keepalive=close", f"{OK} close_notify", f"{OK} close_notify", 2),
    ("close_notify=abrupt,keepalive=close", f"{OK} fin", f"{OK} fin", 2),
    ("redirect=301", "301 close_notify", "301 close_notify", 0),
    ("path=/ipp/port1", "404 close_notify", "404 close_notify", 0),
    ("path=none", "404 close_notify", "404 close_notify", 0),
    ("path=/x,path_error=400", "400 close_notify", "400 close_notify", 0),
    ("path=/x,path_error=not-found", "client-error-not-found", "client-error-not-found", 0),
    ("host=strict:printer.example", "400 close_notify", "400 close_notify", 0),
    ("boot=1,refuse_close=keep", "503", OK, 1),
    ("tls=plain", OK, OK, 2),
    ("tls=plain:426", "426 fin", "426 fin", 0),
    ("only=Get-Printer-Attributes,chunk=411", OK, OK, 2),
    ("only=documents,chunk=411", "411 close_notify", OK, 1),
    ("skip=1,chunk=411,sized=411", OK, "411 close_notify", 1),
    ("times=1,chunk=411,sized=411", "411 close_notify", OK, 1),
    ("only_connection=2,chunk=411,sized=411", OK, "411 close_notify", 1),
    ("only_connection=2-3,chunk=411,sized=411", OK, "411 close_notify", 1),
    ("sleep=1", "rst", OK, 1),
    # Where the connection ends, and whether the job prints all the same.
    ("at=rst@accept", "rst", "rst", 0),
    ("at=rst@hello", "rst", "rst", 0),
    ("at=close@hello", "fin", "fin", 0),
    ("at=rst@handshake", "rst", "rst", 0),
    ("at=rst@headers", "rst", "rst", 0),
    ("at=fin@headers", "fin", "fin", 0),
    ("at=close@headers", "close_notify", "close_notify", 0),
    ("at=half-close@headers", "fin", "fin", 0),
    ("at=rst@body-first", "rst", "rst", 0),
    ("at=rst@chunk1", "rst", OK, 1),
    ("at=rst@chunk:2", "rst", OK, 1),
    ("at=rst@body:500", "rst", "rst", 0),
    ("at=fin@body-middle", "fin", "fin", 0),
    ("at=rst@body-end", "rst", "rst", 0),
    ("at=rst@reply-status", "rst", "rst", 2),
    ("at=rst@reply-headers", "rst", "rst", 2),
    ("at=close@reply-body", "200 close_notify", "200 close_notify", 2),
    ("at=fin@reply-middle", "200 fin", "200 fin", 2),
    ("handshake=hang", "silence", "silence", 0),
    ("at=hang@accept", "silence", "silence", 0),
    ("at=hang@hello", "silence", "silence", 0),
    ("at=hang@handshake", "silence", "silence", 0),
    ("at=hang@body-first", "silence", "silence", 0),
    ("at=hang@reply-headers", "silence", "silence", 2),
    ("at=hang@reply-middle", "200 silence", "200 silence", 2),
    ("cut=received:30", "rst", "rst", 0),
    ("cut=received:150:fin", "fin", "fin", 0),
    ("cut=received:400:close", "close_notify", "close_notify", 0),
    ("cut=received:10,only_connection=2", OK, "rst", 1),
    ("cut=sent:1", "rst", "rst", 2),
    ("cut=sent:150:fin", "fin", "fin", 2),
    ("cut=sent:30:close", "close_notify", "close_notify", 2),
    ("lose_reply=after-accept", "rst", "rst", 2),
    ("lose_reply=after-accept:fin", "fin", "fin", 2),
    ("lose_reply=after-accept:close", "close_notify", "close_notify", 2),
    ("lose_reply=after-accept:hang", "silence", "silence", 2),
    ("lose_reply=before-accept", "rst", "rst", 0),
    ("lose_reply=before-accept:fin", "fin", "fin", 0),
    ("lose_reply=before-accept:close", "close_notify", "close_notify", 0),
    ("lose_reply=before-accept:hang", "silence", "silence", 0),
]


@pytest.mark.parametrize("fault, chunked, sized, printed", REQUESTS)
def test_what_a_request_comes_to(fault, chunked, sized, printed):
    """The outcome is the row's for each framing; what prints is the whole document, and nothing else is a job done."""
    with Printer(faults=fault) as printer:
        for wanted, framing in ((chunked, True), (sized, False)):
            assert outcome(printer, None, DOCUMENT, framing, silent="silence" in wanted) == wanted
        assert printer.wait_until(lambda: len(printer.printed) == printed)
        assert [job.document for job in printer.printed] == [DOCUMENT] * printed
        assert not any(job.printed for job in printer.jobs if not job.complete)


@pytest.mark.parametrize("chunked", [True, False])
def test_any_split_of_a_request_is_read_the_same(chunked):
    """A request that comes byte by byte is the same request."""
    with Printer() as printer, Client(printer) as client:
        for byte in client.request(print_request(printer), b"short", chunked):
            client.send(bytes([byte]))
        assert client.reply().ipp_status == OK
        assert printer.printed[0].document == b"short"


def test_framing_and_bytes_are_on_record():
    """What came is counted to the byte: the chunks, the framings, the connection, all after the handshake."""
    with Printer() as printer, Client(printer) as client:
        sent = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
        client.send(sent)
        assert client.reply().status == 200 and printer.http_bytes == len(sent)
        assert client.ask(print_request(printer), CHUNKS, chunked=True).ipp_status == OK
        assert client.ask(print_request(printer), LARGE).ipp_status == OK
        assert [job.document for job in printer.printed] == [LARGE, LARGE]
        assert [str(each) for each in printer.operations] == ["Print-Job chunked", "Print-Job sized"]
        assert printer.operations[0].chunk_sizes[1:] == [30_000, 40_000, 30_000]
        assert printer.connections == printer.handshakes == 1


@pytest.mark.parametrize(
    "fault, sizes", [("refuse_at=chunk1", [1000]), ("refuse_at=20000", [19_000, 2000]), ("refuse_at=end", [1000, 0])]
)
def test_a_refusal_may_wait(fault, sizes):
    """refuse_at: silence until the first chunk, so many bytes or the zero chunk; then 411, and what came is no job."""
    with Printer(faults=f"chunk=411,{fault}") as printer, Client(printer) as client:
        client.head("Transfer-Encoding: chunked")
        body = encode_message(print_request(printer)) + bytes(20_000)
        for size in sizes:
            assert client.is_silent()
            client.chunk(body[:size])
        assert client.reply().status == 411
        assert printer.jobs == []


@pytest.mark.parametrize(
    "fault, first, jobs",
    [
        ("chunk=411,refuse_close=confuse", 411, 0),
        ("chunk=ignore", 200, 0),
        ("chunk=ignore:empty-job", 200, 1),
    ],
)
def test_a_body_may_be_taken_for_requests(fault, first, jobs):
    """What is not read as a body is read as a request line, which gets 400 and a complaint (Q-07)."""
    with Printer(faults=fault) as printer, Client(printer) as client:
        client.post(print_request(printer), CHUNKS, True)
        assert [client.reply().status, client.reply().status] == [first, 400]
        assert len(printer.complaints) == 1
        assert [job.size for job in printer.jobs] == [0] * jobs and printer.printed == []


def test_after_a_refusal_the_connection_may_live_on():
    """refuse_close=keep: the rest of the body is read, and the next request is answered."""
    with Printer(faults="chunk=411,refuse_close=keep") as printer, Client(printer) as client:
        assert client.ask(print_request(printer), CHUNKS, chunked=True).status == 411
        assert client.ask(print_request(printer), LARGE).ipp_status == OK


def test_chunks_may_be_refused_for_some_operations_only():
    """chunk=ops: Send-Document may be chunked, Create-Job may not (Q-11)."""
    with Printer(faults="chunk=ops:Send-Document") as printer:
        assert outcome(printer, create_request(printer), b"", True) == "411 close_notify"
        assert outcome(printer, create_request(printer), b"") == OK
        assert outcome(printer, document_request(printer, 1), CHUNKS, True) == OK
        assert printer.printed[0].document == LARGE


@pytest.mark.parametrize(
    "fault, document", [("chunk=raw", b"\r\n3\r\none\r\n1\r\n!\r\n0\r\n\r\n"), ("chunk=drop-byte", b"on")]
)
def test_chunks_may_be_read_wrongly(fault, document):
    """Chunk lines come out on paper (Q-08), or each chunk of the document loses its last byte (Q-09)."""
    with Printer(faults=fault) as printer:
        assert outcome(printer, None, (b"one", b"!"), True) == OK
        assert printer.jobs[0].document == document


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


HEAD = b"POST /ipp/print HTTP/1.1\r\nHost: x\r\n"


@pytest.mark.parametrize(
    "octets, status, complaints",
    [
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400, 1),
        (HEAD + b"Transfer-Encoding: gzip\r\n\r\n", 400, 1),
        (HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", 400, 1),
        (HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n", 400, 1),
        (HEAD + b"Content-Length: five\r\n\r\n", 400, 1),
        (HEAD.replace(b"Host:", b"Host :") + b"\r\n", 400, 1),
        (b"POST /ipp/print HTTP/1.1\nHost: x\n\n", 400, 1),
        (b"hello\r\n", 400, 1),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n", 400, 1),
        (HEAD + b"\r\n", 411, 0),
        (HEAD + b"Host: y\r\nContent-Length: 0\r\n\r\n", 400, 0),
        (HEAD.replace(b"Host: x\r\n", b"") + b"Content-Length: 0\r\n\r\n", 400, 0),
    ],
)
def test_what_is_no_http_is_refused_and_noted(octets, status, complaints):
    """A fair printer is strict: a client's mistake is refused, and stands in the complaints if it was no HTTP."""
    with Printer() as printer, Client(printer) as client:
        client.send(octets)
        assert client.reply().status == status
        assert len(printer.complaints) == complaints


# --- interim replies ---


@pytest.mark.parametrize("fault, interim", [("expect=ok", [100]), ("expect=ignore", []), ("http=1.0", [])])
def test_100_comes_when_it_is_asked_for_or_never(fault, interim):
    """Expect: 100-continue gets 100 before the body is there, or is ignored and the body taken (Q-04, Q-20)."""
    with Printer(faults=fault) as printer, Client(printer) as client:
        octets = encode_message(attributes_request(printer))
        client.head(f"Content-Length: {len(octets)}", "Expect: 100-continue")
        assert client.is_silent(5 if interim else 0.1) == (not interim)
        client.send(octets)
        reply = client.reply()
        assert (reply.status, reply.interim) == (200, interim)


@pytest.mark.parametrize("fault", ["expect=400", "expect=417"])
def test_expect_may_be_refused(fault):
    """Requests with Expect get 400 or 417, others pass (Q-05, Q-22)."""
    with Printer(faults=fault) as printer:
        assert outcome(printer, None, b"", False, "Expect: 100-continue") == f"{fault[-3:]} close_notify"
        assert outcome(printer) == OK


def test_a_late_100_comes_after_the_first_bytes_of_the_body():
    """interim=late: nothing after the headers."""
    with Printer(faults="interim=late") as printer, Client(printer) as client:
        client.head("Transfer-Encoding: chunked")
        assert client.is_silent()
        client.chunk(encode_message(print_request(printer)))
        assert client._head().status == 100


# --- replies ---


@pytest.mark.parametrize(
    "fault, header, sizes",
    [
        ("reply=chunked", "transfer-encoding", []),
        ("reply=odd-chunks", "transfer-encoding", []),
        ("reply=late-zero:0.1", "transfer-encoding", []),
        ("reply=split", "content-length", [1, 2, 3, 5]),
        ("reply=one-byte", "content-length", [1] * 50),
        ("slow_reply=0.2,drip=0.0001", "content-length", [1] * 50),
        ("reply=close", None, []),
    ],
)
def test_replies_may_be_framed_in_any_way(fault, header, sizes):
    """The message is the same in each framing, whole or in pieces, at once or late (Q-20, Q-25, Q-70)."""
    with Printer(faults=fault) as printer, Client(printer) as client:
        client.post(attributes_request(printer, "printer-name"))
        assert "slow" not in fault or client.is_silent(0.1)
        reply = client.reply()
        assert value(reply.message, "printer-name") == "scripted"
        framed = {name for name in reply.headers if name in ("transfer-encoding", "content-length")}
        assert framed == ({header} if header else set())
        assert [len(piece) for piece in client.reads[: len(sizes)]] == sizes


@pytest.mark.parametrize(
    "fault, content_type, begins",
    [
        ("answer=html", "text/html", b"<html>"),
        ("answer=no-type", None, b"\x02\x00"),
        ("answer=other-type", "application/octet-stream", b"\x02\x00"),
        ("answer=status:500", None, b""),
        ("answer=ipp-in:403", "application/ipp", b"\x02\x00"),
        ("answer=empty", "application/ipp", b""),
        ("answer=garbage", "application/ipp", b"\x00\x01\x02\x03"),
    ],
)
def test_an_answer_may_be_something_else(fault, content_type, begins):
    """The job is printed, and the answer is not what it should be (Q-27, Q-28)."""
    with Printer(faults=fault) as printer, Client(printer) as client:
        reply = client.ask(print_request(printer), b"text")
        assert reply.headers.get("content-type") == content_type
        assert reply.body[: len(begins)] == begins and bool(reply.body) == bool(begins)
        assert len(printer.printed) == 1


@pytest.mark.parametrize(
    "fault, begins, repeated",
    [
        ("answer=two-lengths", b"HTTP/1.1 200 ", b"Content-Length: "),
        ("answer=bad-status-line", b"HTTQ/", b""),
        ("answer=endless-headers", b"HTTP/1.1 200 ", b"X-Nothing: " + b"0" * 1000 + b"\r\n"),
        ("endless=interim", b"HTTP/1.1 100 ", b"HTTP/1.1 100 Continue\r\n\r\n"),
        ("endless=head", b"HTTP/1.1 200 ", b"0" * 99),
        ("endless=body", b"HTTP/1.1 200 ", b"0" * 99),
        ("endless=chunks", b"HTTP/1.1 200 ", b"1\r\n0\r\n"),
        ("endless=extension", b"HTTP/1.1 200 ", b"0" * 99),
        ("endless=trailer,drip=0.0001", b"HTTP/1.1 200 ", b"0" * 9),
    ],
)
def test_a_reply_may_be_none_or_without_end(fault, begins, repeated):
    """A bad status line, two lengths, or one part again and again."""
    with Printer(faults=fault) as printer, Client(printer) as client:
        client.post(attributes_request(printer))
        received = b""
        while received.count(repeated) < 2:
            received += client.receive()
        assert received.startswith(begins)


def test_offering_gzip_may_be_answered_with_rubbish():
    """accept_encoding=gzip-garbage: identity is safe, gzip is not (Q-32)."""
    with Printer(faults="accept_encoding=gzip-garbage") as printer, Client(printer) as client:
        client.post(attributes_request(printer), b"", False, "Accept-Encoding: identity")
        assert client.reply().ipp_status == OK
        client.post(attributes_request(printer), b"", False, "Accept-Encoding: gzip, identity")
        assert client.reply().headers["content-encoding"] == "gzip"


def test_a_printer_may_need_a_rest():
    """rest: for a while after a reply nothing is read, so what was sent on stays unconfirmed; then all goes on."""
    with Printer(faults="rest=0.5") as printer, Client(printer) as client:
        assert client.ask(attributes_request(printer, "printer-name")).status == 200
        client.post(attributes_request(printer, "printer-name"))
        assert client.is_silent(0.2)
        assert client.reply().status == 200


@pytest.mark.parametrize(
    "fault, path, host, came",
    [
        ("path=/ipp/port1", "/ipp/port1", "x", OK),
        ("path=any", "/printers/x", "x", OK),
        ("host=strict:printer.example+[::1]", "/ipp/print", "[::1]", OK),
        ("host=strict:printer.example+[::1]", "/ipp/print", "printer.example.", "400 close_notify"),
    ],
)
def test_the_path_and_the_host_may_matter(fault, path, host, came):
    """Other resources and hosts get an HTTP error (Q-40, Q-43, Q-44)."""
    with Printer(faults=fault) as printer:
        assert outcome(printer, None, b"text", False, f"Host: {host}", path=path) == came


@pytest.mark.parametrize(
    "fault, location", [("redirect=301", "https://localhost:631/ipp/print"), ("redirect=302:https://x.example/", None)]
)
def test_a_redirect_says_where_to(fault, location):
    """3xx with Location (Q-39)."""
    with Printer(faults=fault) as printer, Client(printer) as client:
        reply = client.ask(print_request(printer), b"text")
        assert (str(reply.status), reply.headers["location"]) == (fault[9:12], location or "https://x.example/")


def test_a_get_shows_a_page():
    """GET / is answered with HTML, other resources with 404, other methods with 405."""
    with Printer() as printer, Client(printer) as client:
        for method, path, status in (("GET", "/", 200), ("GET", "/x", 404), ("PUT", "/", 405)):
            client.head(method=method, path=path)
            assert client.reply().status == status


@pytest.mark.parametrize("fault", ["boot=0.2:503", "boot=0.2:busy"])
def test_a_printer_may_take_its_time_to_start(fault):
    """boot=S: errors for some seconds, then service."""
    with Printer(faults=fault) as printer:
        assert outcome(printer) != OK
        assert printer.wait_until(lambda: outcome(printer) == OK)


# --- connections ---


def test_a_half_closed_printer_reads_on_and_a_gone_one_does_not():
    """After half-close what the client sends is taken; after fin it is answered with RST."""
    for fault, refused in (("at=half-close@headers", False), ("at=fin@headers", True)):
        with Printer(faults=fault) as printer, Client(printer) as client:
            client.head("Content-Length: 1000000")
            assert client.ending() == "fin"

            def send_on() -> bool:
                try:
                    client.send(bytes(10_000))
                    return False
                except Ended:
                    return True

            assert any([send_on() for _ in range(20)]) == refused


@pytest.mark.parametrize(
    "fault, count",
    [("cut=received:1", 1), ("cut=received:400:close", 400), ("cut=sent:1", 1), ("cut=sent:250:fin", 250)],
)
def test_a_connection_can_be_cut_after_any_byte(fault, count):
    """Exactly N bytes have come, or gone, when the connection ends; who ended it is on record."""
    with Printer(faults=fault) as printer, Client(printer) as client:
        client.post(print_request(printer), b"text" * 100)
        client.ending()
        assert (printer.http_bytes if "received" in fault else sum(map(len, client.reads))) == count
        assert printer.wait_until(lambda: printer.connection_log[0].ended_by.endswith("@cut"))


def test_stopping_a_printer_frees_whoever_waits():
    """A hanging connection ends when the printer stops, and at once; then nobody listens."""
    with Printer(faults="at=hang@headers") as printer:
        client = Client(printer)
        client.head("Content-Length: 10")
        client.is_silent()
    assert client.ending() in ("fin", "rst")
    client.raw.close()
    with pytest.raises(ConnectionRefusedError):
        Client(printer)


@pytest.mark.parametrize(
    "fault, second",
    [("keepalive=lie", "fin"), ("keepalive=lie:rst", "rst"), ("keepalive=lie:hang", "silence")]
    + [("keepalive=stuck@3072", "silence"), ("keepalive=close-after-2", "close")],
)
def test_keep_alive_may_be_a_lie(fault, second):
    """The first reply promises keep-alive; the second request ends the connection, or is not answered (Q-29)."""
    with Printer(faults=fault) as printer, Client(printer) as client:
        assert client.ask(attributes_request(printer)).headers["connection"] == "Keep-Alive"
        # In one piece where the connection ends, which may be noticed between two.
        client.post(print_request(printer), b"text" if second in ("fin", "rst") else LARGE)
        if second == "close":
            assert client.reply().headers["connection"] == "close" and client.ending() == "close_notify"
        else:
            assert ("silence" if second == "silence" and client.is_silent() else client.ending()) == second
            assert printer.printed == []


def test_the_client_may_ask_for_the_end():
    """Connection: close is obeyed."""
    with Printer() as printer:
        assert outcome(printer, None, b"text", False, "Connection: close") == f"{OK} close_notify"


def test_an_idle_connection_may_be_closed():
    """idle_close=S: without a request the connection ends in order, before the first and between two (Q-30)."""
    with Printer(faults="idle_close=0.1") as printer:
        for requests in (0, 1):
            with Client(printer) as client:
                for _ in range(requests):
                    client.ask(attributes_request(printer))
                assert client.ending() == "close_notify"


@pytest.mark.parametrize(
    "fault, second, first",
    [
        ("max_conn=1:refuse", "rst", OK),
        ("max_conn=1:hang", "silence", OK),
        ("max_conn=1:abort", "rst", "server-error-job-canceled"),
    ],
)
def test_surplus_connections(fault, second, first):
    """While one is open the second is reset or silent, or aborts the job of the first (Q-45)."""
    with Printer(faults=fault) as printer, Client(printer) as client:
        client.head("Transfer-Encoding: chunked")
        client.chunk(encode_message(print_request(printer)))
        assert printer.wait_until(lambda: printer.jobs)
        assert outcome(printer, silent=second == "silence") == second
        client.chunk(b"more")
        client.send(b"0\r\n\r\n")
        assert client.reply().ipp_status == first


def test_a_slow_reader_makes_the_sender_wait():
    """slow_read: what is small arrives whole, what is large cannot be sent at once."""
    with Printer(faults="slow_read=16384:0.05") as printer:
        assert outcome(printer, None, LARGE[:50_000]) == OK
        with Client(printer, timeout=0.3) as client, pytest.raises(TimeoutError):
            client.post(print_request(printer), bytes(8_000_000))
        assert printer.jobs[1].size < 4_000_000


@pytest.mark.parametrize("fault, silent", [("close_notify=no-reply", True), ("close_notify=ok", False)])
def test_close_notify_may_never_be_answered(fault, silent):
    """close_notify=no-reply: the client's is not answered, and TCP stays open (Q-67)."""
    with Printer(faults=fault) as printer, Client(printer) as client:
        client.ask(attributes_request(printer))
        client._tls_close()
        assert client.is_silent(0.1 if silent else 5) == silent


def test_reserved_port_is_kept_and_refuses() -> None:
    """Until a printer is switched on nothing listens on its port, and no one else can get it; then it answers there."""
    printer = Printer().reserve()
    port = printer.port
    try:
        with socket.socket() as client, pytest.raises(ConnectionRefusedError):
            client.connect(("127.0.0.1", port))
        with socket.socket() as other, pytest.raises(OSError):
            other.bind(("127.0.0.1", port))
        printer.start()
        assert printer.port == port and outcome(printer) == OK
    finally:
        printer.stop()
    with Printer(port=port) as again:
        assert outcome(again) == OK


@pytest.mark.parametrize("size, more", [(300, 0), (1561, 1), (9000, 700)])
def test_all_but_the_hello_is_counted(size: int, more: int) -> None:
    """A printer without TLS counts what comes behind one record of handshake, however long that is."""
    with Printer(faults="tls=plain") as printer:
        for sent, beyond in ((b"\x16\x03\x01" + size.to_bytes(2, "big") + bytes(size + more), more), (b"POST /", 6)):
            with socket.create_connection(("127.0.0.1", printer.port)) as client:
                client.sendall(sent)
                client.shutdown(socket.SHUT_WR)
                printer.wait_until(lambda: printer.connection_log and printer.connection_log[-1].received == len(sent))
            assert printer.connection_log[-1].beyond_hello == beyond


def test_faults_can_be_replaced_while_the_printer_runs():
    """The next request has the new ones, also on a connection that is open."""
    with Printer(faults="chunk=411,refuse_close=keep") as printer, Client(printer) as client:
        assert client.ask(print_request(printer), b"text", chunked=True).status == 411
        printer.faults = Faults()
        assert client.ask(print_request(printer), b"text", chunked=True).status == 200
