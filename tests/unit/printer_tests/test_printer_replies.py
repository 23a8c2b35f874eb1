"""Interim replies, early replies and bad replies of the scripted printer.

Q-05, Q-18, Q-20 to Q-28, Q-32, Q-38 to Q-44.
"""

from __future__ import annotations

import pytest

from backend.ipp.encoder import encode_message

from tests.printer import Printer
from tests.unit.printer_tests.client import Client, Ended, attributes_request, eventually, print_request, value

EXPECT = "Expect: 100-continue"


# --- interim ---


def test_a_fair_printer_says_100_when_asked_and_only_then():
    """Expect: 100-continue gets 100 before the body is there; without it no 1xx comes."""
    with Printer() as printer, Client(printer) as client:
        octets = encode_message(attributes_request(printer))
        client.head(f"Content-Length: {len(octets)}", EXPECT)
        assert client._head().status == 100
        client.send(octets)
        assert client.reply().status == 200
        assert client.ask(octets).interim == []


@pytest.mark.parametrize("fault", ["expect=ignore", "http=1.0"])
def test_100_may_never_come(fault):
    """Expect is ignored, and the body is taken all the same (Q-04, Q-20)."""
    with Printer(faults=fault) as printer, Client(printer) as client:
        octets = encode_message(attributes_request(printer))
        client.head(f"Content-Length: {len(octets)}", EXPECT)
        assert client.is_silent()
        client.send(octets)
        reply = client.reply()
        assert (reply.status, reply.interim) == (200, [])


@pytest.mark.parametrize("fault", ["expect=400", "expect=417"])
def test_expect_may_be_refused(fault):
    """Requests with Expect get 400 or 417, others pass (Q-05, Q-22)."""
    with Printer(faults=fault) as printer:
        with Client(printer) as client:
            client.head("Content-Length: 500", EXPECT)
            assert client.reply().status == int(fault[-3:])
        with Client(printer) as client:
            assert client.ask(attributes_request(printer)).status == 200


@pytest.mark.parametrize(
    "fault, interim",
    [
        ("interim=unasked", [100]),
        ("interim=late", [100]),
        ("interim=repeated:3", [100, 100, 100]),
        ("interim=with-headers", [100]),
        ("interim=102", [102]),
        ("interim=103", [103]),
    ],
)
@pytest.mark.parametrize("chunked", [True, False])
def test_interim_replies_may_come_unasked(fault, interim, chunked):
    """1xx replies precede the final one, which is right (Q-21, Q-23)."""
    with Printer(faults=fault) as printer, Client(printer) as client:
        reply = client.ask(print_request(printer), b"text", chunked)
        assert (reply.status, reply.interim, reply.ipp_status) == (200, interim, "successful-ok")


def test_a_late_100_comes_after_the_first_bytes_of_the_body():
    """interim=late: nothing after the headers."""
    with Printer(faults="interim=late") as printer, Client(printer) as client:
        client.head("Transfer-Encoding: chunked")
        assert client.is_silent()
        client.chunk(encode_message(print_request(printer)))
        assert client._head().status == 100


# --- early ---


@pytest.mark.parametrize(
    "fault, status",
    [("early_reply=503@10000", 503), ("early_reply=ok@10000", 200), ("early_reply=ipp:server-error-busy@10000", 200)],
)
def test_a_final_reply_may_come_in_mid_body(fault, status):
    """The reply comes after N bytes, the job is gone, and the connection closes (Q-18)."""
    with Printer(faults=fault) as printer, Client(printer) as client:
        client.head("Transfer-Encoding: chunked")
        client.chunk(encode_message(print_request(printer)))
        assert client.is_silent()
        client.chunk(bytes(10_000))
        reply = client.reply()
        assert reply.status == status
        if status == 200:
            assert reply.ipp_status == ("successful-ok" if "ok@" in fault else "server-error-busy")
        assert client.ending() == "close_notify"
        assert printer.jobs == []


def test_an_early_reply_does_not_come_to_a_short_body():
    """A body shorter than N is served."""
    with Printer(faults="early_reply=503@10000") as printer, Client(printer) as client:
        assert client.ask(print_request(printer), b"short").status == 200


def test_an_early_reply_may_be_followed_by_a_reset():
    """refuse_close=rst tears the connection while the client still sends."""
    with Printer(faults="early_reply=503@0,refuse_close=rst") as printer, Client(printer) as client:
        client.head("Content-Length: 1000000")
        with pytest.raises(Ended) as end:
            assert client.reply().status == 503
            client.receive()
        assert end.value.how == "rst"


# --- framing of replies ---


@pytest.mark.parametrize(
    "fault, header",
    [
        ("reply=chunked", "transfer-encoding"),
        ("reply=odd-chunks", "transfer-encoding"),
        ("reply=late-zero:0.1", "transfer-encoding"),
        ("reply=split", "content-length"),
        ("reply=one-byte", "content-length"),
        ("reply=close", None),
    ],
)
def test_replies_may_be_framed_in_any_way(fault, header):
    """The message is the same in each framing (Q-20, Q-25, Q-70)."""
    with Printer(faults=fault) as printer, Client(printer) as client:
        reply = client.ask(attributes_request(printer, "printer-name"))
        assert value(reply.message, "printer-name") == "scripted"
        framed = {name for name in reply.headers if name in ("transfer-encoding", "content-length")}
        assert framed == ({header} if header else set())
        if fault == "reply=one-byte":
            assert all(len(piece) == 1 for piece in client.reads)
        if fault == "reply=split":
            assert [len(piece) for piece in client.reads[:4]] == [1, 2, 3, 5]
        if fault == "reply=odd-chunks":
            assert client.ask(attributes_request(printer)).status == 200


def test_a_zero_chunk_may_never_come():
    """reply=no-zero: the last chunk is there, the zero chunk is not (Q-25)."""
    with Printer(faults="reply=no-zero") as printer, Client(printer) as client:
        client.post(attributes_request(printer, "printer-name"))
        client._head()
        client.exactly(int(client.line(), 16))
        assert client.line() == b"\r\n"
        assert client.is_silent() and client.buffer == b""


def test_an_old_printer_says_http_1_0_and_closes():
    """http=1.0: the status line says so and each reply closes (Q-04)."""
    with Printer(faults="http=1.0") as printer, Client(printer) as client:
        reply = client.ask(attributes_request(printer))
        assert (reply.version, reply.headers["connection"]) == ("HTTP/1.0", "close")
        assert client.ending() == "close_notify"


# --- what replaces a reply; the operation is carried out ---


@pytest.mark.parametrize(
    "fault, status, content_type, begins",
    [
        ("answer=html", 200, "text/html", b"<html>"),
        ("answer=html:503", 503, "text/html", b"<html>"),
        ("answer=no-type", 200, None, b"\x02\x00"),
        ("answer=other-type", 200, "application/octet-stream", b"\x02\x00"),
        ("answer=status:500", 500, None, b""),
        ("answer=ipp-in:403", 403, "application/ipp", b"\x02\x00"),
        ("answer=empty", 200, "application/ipp", b""),
        ("answer=garbage", 200, "application/ipp", b"\x00\x01\x02\x03"),
    ],
)
def test_an_answer_may_be_something_else(fault, status, content_type, begins):
    """The job is printed, and the answer is not what it should be (Q-27, Q-28)."""
    with Printer(faults=fault) as printer, Client(printer) as client:
        reply = client.ask(print_request(printer), b"text")
        assert (reply.status, reply.headers.get("content-type")) == (status, content_type)
        assert reply.body[: len(begins)] == begins and bool(reply.body) == bool(begins)
        assert len(printer.printed) == 1


def test_an_error_page_may_be_shorter_than_it_says():
    """answer=truncated: the rest never comes, and the connection stays (Q-26)."""
    with Printer(faults="answer=truncated:503") as printer, Client(printer) as client:
        client.post(attributes_request(printer))
        head = client._head()
        assert (head.status, head.headers["content-length"]) == (503, "500")
        while not client.is_silent():
            client.buffer += client.receive()
        assert 0 < len(client.buffer) < 500


def test_a_message_may_be_shorter_than_it_says():
    """answer=long-length: the whole message, and a length that says more."""
    with Printer(faults="answer=long-length") as printer, Client(printer) as client:
        client.post(attributes_request(printer, "printer-name"))
        length = int(client._head().headers["content-length"])
        client.exactly(length - 100)
        assert client.is_silent() and client.buffer == b""


def test_a_reply_may_end_with_tcp_in_its_middle():
    """answer=short: half of the body, then FIN without close_notify (Q-68)."""
    with Printer(faults="answer=short") as printer, Client(printer) as client:
        client.post(attributes_request(printer))
        length = int(client._head().headers["content-length"])
        assert client.ending() == "fin"
        assert sum(map(len, client.reads)) < length + 200


def test_a_reply_may_have_two_lengths():
    """answer=two-lengths: two Content-Length headers that differ."""
    with Printer(faults="answer=two-lengths") as printer, Client(printer) as client:
        client.post(attributes_request(printer))
        lengths = [value for name, value in client._head().all_headers if name == "content-length"]
        assert len(set(lengths)) == 2


def test_a_status_line_may_be_none():
    """answer=bad-status-line."""
    with Printer(faults="answer=bad-status-line") as printer, Client(printer) as client:
        client.post(attributes_request(printer))
        assert not client.line().startswith(b"HTTP/")


def test_headers_may_never_end():
    """answer=endless-headers: more than a megabyte of them."""
    with Printer(faults="answer=endless-headers") as printer, Client(printer) as client:
        client.post(attributes_request(printer))
        received = b""
        while len(received) < 1 << 20:
            received += client.receive()
        assert b"\r\n\r\n" not in received


@pytest.mark.parametrize(
    "faults, repeated",
    [
        ("endless=interim", b"HTTP/1.1 100 Continue\r\n\r\n" * 9),
        ("endless=head", b"0" * 99),
        ("endless=body", b"0" * 99),
        ("endless=chunks", b"1\r\n0\r\n" * 9),
        ("endless=extension", b"0" * 99),
        ("endless=trailer,drip=0.0001", b"0" * 99),
    ],
)
def test_a_part_of_a_reply_may_never_end(faults, repeated):
    """endless: as fast as it is read, or in single bytes."""
    with Printer(faults=faults) as printer, Client(printer) as client:
        client.post(attributes_request(printer))
        received = b""
        while repeated not in received[-2000:]:
            received += client.receive()
        assert received.startswith(b"HTTP/1.1 ")


def test_offering_gzip_may_be_answered_with_rubbish():
    """accept_encoding=gzip-garbage: identity is safe, gzip is not (Q-32)."""
    with Printer(faults="accept_encoding=gzip-garbage") as printer, Client(printer) as client:
        client.post(attributes_request(printer), b"", False, "Accept-Encoding: identity")
        assert client.reply().ipp_status == "successful-ok"
        client.post(attributes_request(printer), b"", False, "Accept-Encoding: gzip, identity")
        assert client.reply().headers["content-encoding"] == "gzip"


def test_replies_may_be_slow():
    """slow_reply and drip: silence first, then one byte at a time."""
    with Printer(faults="slow_reply=0.3,drip=0.0001") as printer, Client(printer) as client:
        client.post(attributes_request(printer, "printer-name"))
        assert client.is_silent(0.1)
        assert client.reply().status == 200
        assert all(len(piece) == 1 for piece in client.reads)


def test_a_printer_may_need_a_rest():
    """rest: for a while after a reply nothing is read, so what was sent on stays unconfirmed; then all goes on."""
    with Printer(faults="rest=0.5") as printer, Client(printer) as client:
        client.post(attributes_request(printer, "printer-name"))
        assert client.reply().status == 200
        client.post(attributes_request(printer, "printer-name"))
        assert client.is_silent(0.2)
        assert client.reply().status == 200


# --- where and to whom ---


@pytest.mark.parametrize(
    "fault, path, status",
    [
        ("path=/ipp/port1", "/ipp/port1", 200),
        ("path=/ipp/port1", "/ipp/print", 404),
        ("path=/,path_error=400", "/ipp/print", 400),
        ("path=none", "/ipp/print", 404),
        ("path=any", "/printers/x", 200),
    ],
)
def test_the_path_may_be_another(fault, path, status):
    """Other resources get an HTTP error (Q-43, Q-44)."""
    with Printer(faults=fault) as printer, Client(printer) as client:
        client.post(attributes_request(printer), path=path)
        assert client.reply().status == status


def test_a_wrong_path_may_be_an_ipp_error():
    """path_error=not-found: HTTP 200 with client-error-not-found, and the request-id of nothing."""
    with Printer(faults="path=/ipp/port1,path_error=not-found") as printer, Client(printer) as client:
        assert client.ask(attributes_request(printer)).ipp_status == "client-error-not-found"


def test_a_wrong_host_is_refused():
    """host=strict: another Host gets 400 (Q-40)."""
    with Printer(faults="host=strict:printer.example+[::1]") as printer:
        for host, status in (("printer.example", 200), ("[::1]", 200), ("printer.example.", 400), ("localhost", 400)):
            with Client(printer) as client:
                client.post(attributes_request(printer), b"", False, f"Host: {host}")
                assert client.reply().status == status


@pytest.mark.parametrize(
    "fault, status, location",
    [
        ("redirect=301", 301, "https://localhost:631/ipp/print"),
        ("redirect=302:https://x.example/", 302, "https://x.example/"),
    ],
)
def test_a_redirect_may_come(fault, status, location):
    """3xx with Location, and nothing printed (Q-39)."""
    with Printer(faults=fault) as printer, Client(printer) as client:
        reply = client.ask(print_request(printer), b"text")
        assert (reply.status, reply.headers["location"]) == (status, location)
        assert printer.jobs == []


def test_plain_http_may_be_spoken_on_the_tls_port():
    """tls=plain: HTTP without TLS (Q-73); tls=plain:426 asks for an upgrade (Q-38)."""
    with Printer(faults="tls=plain") as printer, Client(printer, plain=True) as client:
        assert client.ask(attributes_request(printer)).status == 200
        assert printer.handshakes == 0
    with Printer(faults="tls=plain:426") as printer, Client(printer, plain=True) as client:
        assert client.ask(attributes_request(printer)).status == 426


def test_a_get_shows_a_page():
    """GET / is answered with HTML, other resources with 404, other methods with 405."""
    with Printer() as printer, Client(printer) as client:
        for method, path, status in (("GET", "/", 200), ("GET", "/x", 404), ("PUT", "/", 405)):
            client.head(method=method, path=path)
            assert client.reply().status == status


def test_a_printer_may_be_starting():
    """boot=N: HTTP 503 to the first requests (Q-109)."""
    with Printer(faults="boot=2,refuse_close=keep") as printer, Client(printer) as client:
        assert [client.ask(attributes_request(printer)).status for _ in range(3)] == [503, 503, 200]


@pytest.mark.parametrize("fault", ["boot=0.2:503", "boot=0.2:busy"])
def test_a_printer_may_take_its_time_to_start(fault):
    """boot=S: errors for some seconds, then service."""
    with Printer(faults=fault) as printer:

        def ready() -> bool:
            with Client(printer) as client:
                reply = client.ask(attributes_request(printer))
                return reply.status == 200 and reply.ipp_status == "successful-ok"

        assert not ready()
        assert eventually(ready)
