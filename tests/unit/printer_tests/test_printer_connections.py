"""How connections of the scripted printer begin, last and end: Q-12, Q-13, Q-29 to Q-31, Q-45, Q-67, Q-68, Q-110."""

from __future__ import annotations

import os
import socket

import pytest

from backend.ipp.encoder import encode_message

from tests.printer import Printer
from tests.printer.faults import PHASES
from tests.unit.printer_tests.client import Client, Ended, attributes_request, eventually, print_request

DOCUMENT = os.urandom(200_000)
ENDINGS = {"rst": "rst", "fin": "fin", "close": "close_notify", "half-close": "fin"}

# At which phases a job is printed although the connection ends there.
PRINTED = {"reply-status", "reply-headers", "reply-body", "reply-middle", "reply-end"}


def _try_to_print(printer: Printer, chunked: bool = True) -> str:
    """Send a job in two chunks; how the connection ended, or "answered" or "silence"."""
    try:
        with Client(printer) as client:
            chunks = (DOCUMENT[:100_000], DOCUMENT[100_000:])
            client.post(print_request(printer), chunks, chunked)
            if client.is_silent(0.3):
                return "silence"
            client.reply()
            return "answered" if client.is_silent(0.1) else client.ending()
    except Ended as end:
        return end.how


# A sized body has no chunks; and before a body comes its framing does not matter.
MOMENTS = [(phase, True) for phase in (*PHASES, "body:150000", "chunk:2")]
MOMENTS += [(phase, False) for phase in ("body-first", "body-middle", "body:150000", "body-end", "reply-middle")]


@pytest.mark.parametrize("phase, chunked", MOMENTS)
@pytest.mark.parametrize("how", ["rst", "fin", "close", "half-close"])
def test_a_connection_may_end_at_each_phase(how, phase, chunked):
    """At every phase the connection ends as said; the job is printed only if the whole document had come."""
    with Printer(faults=f"at={how}@{phase}") as printer:
        ended = _try_to_print(printer, chunked)
        if phase in ("accept", "hello", "handshake"):
            assert printer.requests == []
        # What is still being sent may meet the end first, and before TLS there is no close_notify.
        assert ended in (ENDINGS[how], "fin" if phase in ("accept", "hello") else ended, "rst", "while sending")
        assert printer.wait_until(lambda: printer.connection_log[0].ended_by == f"{how}@{phase}" or ":" in phase)
        assert printer.wait_quiet()
        assert len(printer.printed) == (phase in PRINTED)
        assert not any(job.printed for job in printer.jobs if not job.complete)


@pytest.mark.parametrize(
    "fault, ending",
    [
        ("at=rst@headers", "rst"),
        ("at=fin@headers", "fin"),
        ("at=close@headers", "close_notify"),
        ("at=half-close@headers", "fin"),
    ],
)
def test_the_ways_to_end_are_told_apart(fault, ending):
    """With nothing under way the client sees exactly RST, FIN without close_notify, or close_notify."""
    with Printer(faults=fault) as printer, Client(printer) as client:
        client.head("Content-Length: 10")
        assert client.ending() == ending


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
    "fault", [f"at=hang@{phase}" for phase in PHASES if phase not in ("hello", "accept", "reply-end")]
)
def test_a_connection_may_fall_silent_at_each_phase(fault):
    """Nothing more comes, and nothing ends, from that phase on."""
    with Printer(faults=fault) as printer, Client(printer) as client:
        client.post(print_request(printer), (b"text",), True)
        if "reply-" in fault and "status" not in fault:
            with pytest.raises(TimeoutError):
                client.raw.settimeout(0.3)
                client.reply()
        else:
            assert client.is_silent()
        assert printer.wait_until(lambda: len(printer.printed) == ("reply" in fault))


@pytest.mark.parametrize("fault", ["at=hang@accept", "at=hang@hello", "handshake=hang"])
def test_a_handshake_may_never_be_answered(fault):
    """The connection is accepted and silent."""
    with Printer(faults=fault) as printer, Client(printer, handshake=False) as client:
        client.raw.settimeout(0.3)
        with pytest.raises(TimeoutError):
            client.handshake()
        assert printer.connections == 1 and printer.handshakes == 0


def test_stopping_a_printer_frees_whoever_waits():
    """A hanging connection ends when the printer stops, and at once."""
    with Printer(faults="at=hang@headers") as printer:
        client = Client(printer)
        client.head("Content-Length: 10")
        client.is_silent()
    assert client.ending() in ("fin", "rst")
    client.raw.close()


# --- keep-alive ---


@pytest.mark.parametrize("fault, ending", [("keepalive=lie", "fin"), ("keepalive=lie:rst", "rst")])
def test_keep_alive_may_be_a_lie(fault, ending):
    """The first reply promises keep-alive, the second request ends the connection (Q-29)."""
    with Printer(faults=fault) as printer, Client(printer) as client:
        assert client.ask(attributes_request(printer)).headers["connection"] == "Keep-Alive"
        client.post(print_request(printer), b"text")
        assert client.ending() == ending
        assert printer.jobs == []


def test_keep_alive_may_hang():
    """keepalive=lie:hang: the second request is never answered."""
    with Printer(faults="keepalive=lie:hang") as printer, Client(printer) as client:
        client.ask(attributes_request(printer))
        client.post(attributes_request(printer))
        assert client.is_silent()


def test_a_connection_may_be_good_for_some_requests_only():
    """close-after-N says close in the N-th reply, and keepalive=close in the first."""
    for fault, wanted in (("keepalive=close-after-2", ["Keep-Alive", "close"]), ("keepalive=close", ["close"])):
        with Printer(faults=fault) as printer, Client(printer) as client:
            assert [client.ask(attributes_request(printer)).headers["connection"] for _ in wanted] == wanted
            assert client.ending() == "close_notify"


def test_a_reused_connection_may_get_stuck():
    """keepalive=stuck@N: N bytes into the second request nothing more is read."""
    with Printer(faults="keepalive=stuck@3072") as printer, Client(printer) as client:
        assert client.ask(print_request(printer), DOCUMENT).status == 200
        client.post(print_request(printer), DOCUMENT)
        assert client.is_silent()
        assert len(printer.printed) == 1 and len(printer.jobs) == 2


def test_the_client_may_ask_for_the_end():
    """Connection: close is obeyed."""
    with Printer() as printer, Client(printer) as client:
        client.post(attributes_request(printer), b"", False, "Connection: close")
        assert client.reply().headers["connection"] == "close"
        assert client.ending() == "close_notify"


def test_an_idle_connection_may_be_closed():
    """idle_close=S: without a request the connection ends in order, before the first and between two (Q-30)."""
    with Printer(faults="idle_close=0.1") as printer:
        with Client(printer) as client:
            assert client.ending() == "close_notify"
        with Client(printer) as client:
            client.ask(attributes_request(printer))
            assert client.ending() == "close_notify"


# --- how many ---


def test_surplus_connections_may_be_reset():
    """max_conn=1:refuse: the second is reset while the first is open (Q-45)."""
    with Printer(faults="max_conn=1:refuse") as printer, Client(printer) as first:
        with pytest.raises(Ended) as end:
            Client(printer)
        assert end.value.how in ("rst", "while sending")
        assert first.ask(attributes_request(printer)).status == 200
        first.raw.close()
        assert printer.wait_quiet()
        with Client(printer) as second:
            assert second.ask(attributes_request(printer)).status == 200


def test_surplus_connections_may_be_silent():
    """max_conn=1:hang: the second is accepted and never answered."""
    with Printer(faults="max_conn=1:hang") as printer, Client(printer):
        second = Client(printer, handshake=False)
        second.raw.settimeout(0.3)
        with pytest.raises(TimeoutError):
            second.handshake()
        second.raw.close()


def test_a_surplus_connection_may_abort_the_job():
    """max_conn=1:abort: the job that is coming in is aborted by it (Q-45)."""
    with Printer(faults="max_conn=1:abort") as printer, Client(printer) as first:
        first.head("Transfer-Encoding: chunked")
        first.chunk(encode_message(print_request(printer)))
        assert printer.wait_until(lambda: printer.jobs)
        with pytest.raises(Ended):
            Client(printer)
        first.chunk(b"more")
        first.send(b"0\r\n\r\n")
        assert first.reply().ipp_status == "server-error-job-canceled"
        assert printer.printed == [] and printer.jobs[0].state.name == "ABORTED"


def test_a_sleeping_printer_resets_the_first_connections():
    """sleep=N (Q-110)."""
    with Printer(faults="sleep=2") as printer:
        for _ in range(2):
            with pytest.raises(Ended):
                Client(printer)
        with Client(printer) as client:
            assert client.ask(attributes_request(printer)).status == 200


# --- speed ---


def test_a_slow_reader_makes_the_sender_wait():
    """slow_read: what is small arrives whole, what is large cannot be sent at once."""
    with Printer(faults="slow_read=16384:0.05") as printer:
        with Client(printer) as client:
            assert client.ask(print_request(printer), DOCUMENT[:50_000]).status == 200
            assert printer.printed[0].document == DOCUMENT[:50_000]
        with Client(printer) as client, pytest.raises(TimeoutError):
            client.raw.settimeout(0.3)
            client.post(print_request(printer), bytes(8_000_000))
        assert printer.jobs[1].size < 4_000_000


# --- cut anywhere ---


@pytest.mark.parametrize(
    "fault, count, ending",
    [
        ("cut=received:1", 1, "rst"),
        ("cut=received:30", 30, "rst"),
        ("cut=received:400", 400, "rst"),
        ("cut=received:1:fin", 1, "fin"),
        ("cut=received:150:fin", 150, "fin"),
        ("cut=received:30:close", 30, "close_notify"),
        ("cut=received:400:close", 400, "close_notify"),
    ],
)
def test_a_connection_can_be_cut_after_any_byte_received(fault, count, ending):
    """The printer has read exactly N bytes when the connection ends."""
    with Printer(faults=fault) as printer:
        with Client(printer) as client:
            with pytest.raises(Ended) as end:
                client.post(print_request(printer), b"text" * 100)
                raise Ended(client.ending())
            assert end.value.how in (ending, "while sending")
        assert printer.wait_quiet()
        assert printer.http_bytes == count
        assert printer.printed == []


@pytest.mark.parametrize(
    "fault, count, ending",
    [
        ("cut=sent:1", 1, "rst"),
        ("cut=sent:30", 30, "rst"),
        ("cut=sent:250", 250, "rst"),
        ("cut=sent:1:fin", 1, "fin"),
        ("cut=sent:150:fin", 150, "fin"),
        ("cut=sent:30:close", 30, "close_notify"),
        ("cut=sent:250:close", 250, "close_notify"),
    ],
)
def test_a_connection_can_be_cut_after_any_byte_sent(fault, count, ending):
    """The client has got exactly N bytes when the connection ends, and the job is printed."""
    with Printer(faults=fault) as printer:
        with Client(printer) as client:
            client.post(print_request(printer), b"text")
            assert client.ending() == ending
            assert sum(map(len, client.reads)) == count
        assert len(printer.printed) == 1


def test_a_cut_after_the_last_byte_received_loses_only_the_reply():
    """With the whole request in, the job is printed and the reply does not come."""
    with Printer() as printer, Client(printer) as client:
        client.ask(print_request(printer), b"text")
        whole = printer.http_bytes
    with Printer(faults=f"cut=received:{whole}", port=0) as printer, Client(printer) as client:
        client.post(print_request(printer), b"text")
        assert client.ending() == "rst"
        assert eventually(lambda: len(printer.printed) == 1)


def test_a_cut_can_be_for_one_connection():
    """only_connection confines it, counting from 1."""
    with Printer(faults="cut=received:10,only_connection=2") as printer:
        endings: list[int | str] = []
        for _ in range(3):
            with Client(printer) as client:
                client.post(attributes_request(printer))
                try:
                    endings.append(client.reply().status)
                except Ended as end:
                    endings.append(end.how)
        assert endings == [200, "rst", 200]


# --- close_notify ---


def test_close_notify_may_never_be_answered():
    """close_notify=no-reply: ours is not answered, and TCP stays open (Q-67)."""
    with Printer(faults="close_notify=no-reply") as printer, Client(printer) as client:
        client.ask(attributes_request(printer))
        client._tls_close()
        assert client.is_silent()
    with Printer() as printer, Client(printer) as client:
        client.ask(attributes_request(printer))
        client._tls_close()
        assert not client.is_silent(5)


def test_tcp_may_end_without_close_notify():
    """close_notify=abrupt: FIN alone after a complete reply (Q-68)."""
    with Printer(faults="close_notify=abrupt,keepalive=close") as printer, Client(printer) as client:
        assert client.ask(attributes_request(printer)).status == 200
        assert client.ending() == "fin"


def test_reserved_port_is_kept_and_refuses() -> None:
    """Until a printer is switched on nothing listens on its port, and no one else can get it; then it answers there."""
    printer = Printer().reserve()
    try:
        with socket.socket() as client, pytest.raises(ConnectionRefusedError):
            client.connect(("127.0.0.1", printer.port))
        with socket.socket() as other, pytest.raises(OSError):
            other.bind(("127.0.0.1", printer.port))
        port = printer.port
        printer.start()
        assert printer.port == port and _try_to_print(printer) == "answered"
    finally:
        printer.stop()


def test_reserved_port_is_free_after_its_printer() -> None:
    """A printer that was never switched on leaves its port."""
    printer = Printer().reserve()
    printer.stop()
    with socket.socket() as other:
        other.bind(("127.0.0.1", printer.port))


@pytest.mark.parametrize("more", (0, 1, 700))
@pytest.mark.parametrize("size", (300, 1561, 9000))
def test_all_but_the_hello_is_counted(size: int, more: int) -> None:
    """A printer without TLS counts what comes behind one record of handshake, however long that is."""
    with Printer(faults="tls=plain") as printer:
        with socket.create_connection(("127.0.0.1", printer.port)) as client:
            client.sendall(b"\x16\x03\x01" + size.to_bytes(2, "big") + bytes(size) + bytes(more))
            client.shutdown(socket.SHUT_WR)
            eventually(lambda: printer.http_bytes == 5 + size + more)
    assert printer.connection_log[0].beyond_hello == more


def test_a_request_is_no_hello() -> None:
    """What is sent in clear counts from its first byte."""
    with Printer(faults="tls=plain") as printer:
        with socket.create_connection(("127.0.0.1", printer.port)) as client:
            client.sendall(b"POST /ipp/print HTTP/1.1\r\n")
            eventually(lambda: printer.http_bytes == 26)
    assert printer.connection_log[0].beyond_hello == 26
