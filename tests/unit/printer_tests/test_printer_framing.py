"""HTTP of the scripted printer, seen by a raw client: what no test of the backend would miss if a switch did nothing.

Most switches are a row of a table: what a chunked and a sized request on a fair connection come to.
"""

from __future__ import annotations

import os

import pytest

from backend.ipp.encoder import encode_message

from tests.printer import Printer
from tests.unit.printer_tests.client import Client, attributes_request, outcome, print_request, value

DOCUMENT = os.urandom(1000)
LARGE = os.urandom(100_000)
CHUNKS = (LARGE[:30_000], LARGE[30_000:70_000], LARGE[70_000:])
OK = "successful-ok"

# What a chunked and a sized Print-Job with a document of 1000 bytes come to, each on a connection of its own, and how
# many jobs print.
REQUESTS = [
    ("chunk=min-1000", "400 close_notify", OK, 1),
    ("chunk=411,refuse_close=keep", "411", OK, 1),
    ("chunk=411,refuse_close=rst", "411 rst", OK, 1),
    ("interim=unasked", f"100 {OK}", f"100 {OK}", 2),
    ("interim=102", f"102 {OK}", f"102 {OK}", 2),
    ("interim=103", f"103 {OK}", f"103 {OK}", 2),
    ("answer=no-type", "200", "200", 2),
    ("answer=other-type", "200", "200", 2),
    ("answer=ipp-in:403", "403", "403", 2),
    ("answer=truncated:503", "503 silence", "503 silence", 2),
    ("answer=long-length", "200 silence", "200 silence", 2),
    ("answer=short", "200 fin", "200 fin", 2),
    ("keepalive=close", f"{OK} close_notify", f"{OK} close_notify", 2),
    ("close_notify=abrupt,keepalive=close", f"{OK} fin", f"{OK} fin", 2),
    ("skip=1,chunk=411,sized=411", OK, "411 close_notify", 1),
    ("times=1,chunk=411,sized=411", "411 close_notify", OK, 1),
    ("only_connection=2,chunk=411,sized=411", OK, "411 close_notify", 1),
    ("handshake=close", "fin", "fin", 0),
    ("handshake=rst", "rst", "rst", 0),
    ("lose_reply=after-accept", "rst", "rst", 2),
    ("lose_reply=after-accept:fin", "fin", "fin", 2),
    ("lose_reply=after-accept:close", "close_notify", "close_notify", 2),
    ("lose_reply=after-accept:hang", "silence", "silence", 2),
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


@pytest.mark.parametrize("fault, first", [("chunk=411,refuse_close=confuse", 411), ("chunk=ignore", 200)])
def test_a_body_may_be_taken_for_requests(fault, first):
    """What is not read as a body is read as a request line, which gets 400 and a complaint (Q-07)."""
    with Printer(faults=fault) as printer, Client(printer) as client:
        client.post(print_request(printer), CHUNKS, True)
        assert [client.reply().status, client.reply().status] == [first, 400]
        assert len(printer.complaints) == 1 and printer.jobs == []


@pytest.mark.parametrize("fault, sent", [("gap=0.1", b"5\r\n"), ("idle_limit=0.1", b"1\r\nx\r\n")])
def test_a_pause_in_the_body_may_be_fatal(fault, sent):
    """Behind the size line of a chunk (Q-14), or anywhere (Q-15): the connection is reset."""
    with Printer(faults=fault) as printer, Client(printer) as client:
        client.head("Transfer-Encoding: chunked")
        client.send(sent)
        assert client.is_silent(0.3) == ("gap" in fault)
        if "gap" in fault:
            client.send(b"hello\r\n")
        assert client.ending() == "rst"


HEAD = b"POST /ipp/print HTTP/1.1\r\nHost: x\r\n"


@pytest.mark.parametrize(
    "octets, status, complaints",
    [
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400, 1),
        (HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", 400, 1),
        (HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n", 400, 1),
        (HEAD.replace(b"Host:", b"Host :") + b"\r\n", 400, 1),
        (b"POST /ipp/print HTTP/1.1\nHost: x\n\n", 400, 1),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n", 400, 1),
        (HEAD + b"\r\n", 411, 0),
        (HEAD + b"Host: y\r\nContent-Length: 0\r\n\r\n", 400, 0),
    ],
)
def test_what_is_no_http_is_refused_and_noted(octets, status, complaints):
    """A fair printer is strict: a client's mistake is refused, and stands in the complaints if it was no HTTP."""
    with Printer() as printer, Client(printer) as client:
        client.send(octets)
        assert client.reply().status == status
        assert len(printer.complaints) == complaints


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


@pytest.mark.parametrize(
    "fault, header, sizes",
    [
        ("reply=chunked", "transfer-encoding", []),
        ("reply=odd-chunks", "transfer-encoding", []),
        ("reply=late-zero:0.1", "transfer-encoding", []),
        ("reply=split", "content-length", [1, 2, 3, 5]),
        ("reply=one-byte", "content-length", [1] * 50),
        ("drip=0.0001", "content-length", [1] * 50),
        ("reply=close", None, []),
    ],
)
def test_replies_may_be_framed_in_any_way(fault, header, sizes):
    """The message is the same in each framing, whole or in pieces (Q-20, Q-25, Q-70)."""
    with Printer(faults=fault) as printer, Client(printer) as client:
        reply = client.ask(attributes_request(printer, "printer-name"))
        assert value(reply.message, "printer-name") == "scripted"
        framed = {name for name in reply.headers if name in ("transfer-encoding", "content-length")}
        assert framed == ({header} if header else set())
        assert [len(piece) for piece in client.reads[: len(sizes)]] == sizes


@pytest.mark.parametrize(
    "fault", ["slow_reply=0.3", "gpa_delay=0.3", "handshake=slow:0.3", "reply_when=printed,job_time=0.3", "rest=0.3"]
)
def test_a_printer_may_take_its_time(fault):
    """Silence for a while, in which nothing more is read either, and then all is well."""
    with Printer(faults=fault) as printer, Client(printer, handshake=False) as client:
        if fault.startswith("handshake"):
            client.raw.settimeout(0.1)
            with pytest.raises(TimeoutError):
                client.handshake()
            client.raw.settimeout(10)
        client.handshake()
        asks = attributes_request(printer, "printer-name") if "printed" not in fault else print_request(printer)
        assert not fault.startswith("rest") or client.ask(asks).status == 200
        client.post(asks, b"text" if "printed" in fault else b"")
        assert fault.startswith("handshake") or client.is_silent(0.1)
        assert client.reply().ipp_status == OK


@pytest.mark.parametrize(
    "fault, repeated",
    [("answer=two-lengths", b"Content-Length: "), ("answer=endless-headers", b"X-Nothing: " + b"0" * 1000 + b"\r\n")],
)
def test_a_head_may_say_something_again_and_again(fault, repeated):
    """Two lengths, or headers without end."""
    with Printer(faults=fault) as printer, Client(printer) as client:
        client.post(attributes_request(printer))
        received = b""
        while received.count(repeated) < 2:
            received += client.receive()
        assert received.startswith(b"HTTP/1.1 200 ")


def test_offering_gzip_may_be_answered_with_rubbish():
    """accept_encoding=gzip-garbage: identity is safe, gzip is not (Q-32)."""
    with Printer(faults="accept_encoding=gzip-garbage") as printer, Client(printer) as client:
        client.post(attributes_request(printer), b"", False, "Accept-Encoding: identity")
        assert client.reply().ipp_status == OK
        client.post(attributes_request(printer), b"", False, "Accept-Encoding: gzip, identity")
        assert client.reply().headers["content-encoding"] == "gzip"


@pytest.mark.parametrize("host, came", [("[::1]", OK), ("printer.example.", "400 close_notify")])
def test_the_host_may_matter(host, came):
    """Other hosts get an HTTP error (Q-40)."""
    with Printer(faults="host=strict:printer.example+[::1]") as printer:
        assert outcome(printer, None, b"text", False, f"Host: {host}") == came


# --- connections ---


@pytest.mark.parametrize("direction", ["received", "sent"])
@pytest.mark.parametrize("how, ending", [("", "rst"), (":fin", "fin"), (":close", "close_notify")])
def test_a_connection_can_be_cut_after_any_byte(direction, how, ending):
    """Exactly N bytes have come, or gone, when the connection ends."""
    with Printer(faults=f"cut={direction}:150{how}") as printer, Client(printer) as client:
        client.post(print_request(printer), b"text" * 100)
        assert client.ending() == ending
        assert (printer.http_bytes if direction == "received" else printer.connection_log[0].sent) == 150


@pytest.mark.parametrize("fault, second", [("keepalive=stuck@3072", "silence"), ("keepalive=close-after-2", "close")])
def test_keep_alive_may_be_a_lie(fault, second):
    """The first reply promises keep-alive; the second request ends the connection, or is not read (Q-29)."""
    with Printer(faults=fault) as printer, Client(printer) as client:
        assert client.ask(attributes_request(printer)).headers["connection"] == "Keep-Alive"
        client.post(print_request(printer), LARGE)
        if second == "close":
            assert client.reply().headers["connection"] == "close" and client.ending() == "close_notify"
        else:
            assert client.is_silent() and printer.printed == []


def test_an_idle_connection_may_be_closed():
    """idle_close=S: without a request the connection ends in order, before the first and between two (Q-30)."""
    with Printer(faults="idle_close=0.1") as printer:
        for requests in (0, 1):
            with Client(printer) as client:
                for _ in range(requests):
                    client.ask(attributes_request(printer))
                assert client.ending() == "close_notify"


@pytest.mark.parametrize("fault, second", [("max_conn=1:refuse", "rst"), ("max_conn=1:hang", "silence")])
def test_surplus_connections(fault, second):
    """While one is open the second is reset or silent (Q-45)."""
    with Printer(faults=fault) as printer, Client(printer) as client:
        assert outcome(printer, silent=second == "silence") == second
        assert client.ask(print_request(printer), b"text").ipp_status == OK


@pytest.mark.parametrize("fault, silent", [("close_notify=no-reply", True), ("close_notify=ok", False)])
def test_close_notify_may_never_be_answered(fault, silent):
    """close_notify=no-reply: the client's is not answered, and TCP stays open (Q-67)."""
    with Printer(faults=fault) as printer, Client(printer) as client:
        client.ask(attributes_request(printer))
        client._tls_close()
        assert client.is_silent(0.1 if silent else 5) == silent


def test_a_printer_may_stall_in_mid_body():
    """Reading stops with a reason, the printer is stopped, and then it all goes on."""
    with Printer(faults="stall=50000:0.5") as printer, Client(printer) as client, Client(printer) as other:
        message = encode_message(print_request(printer))
        client.head(f"Content-Length: {len(message) + len(LARGE)}")
        client.send(message + LARGE[:60_000])
        assert printer.wait_until(lambda: printer.ipp.stalled)
        asked = other.ask(attributes_request(printer)).message
        assert (value(asked, "printer-state"), value(asked, "printer-state-reasons")) == (5, "media-empty-error")
        client.send(LARGE[60_000:])
        assert client.reply().ipp_status == OK and printer.printed[0].document == LARGE
