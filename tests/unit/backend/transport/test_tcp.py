"""backend.transport.tcp: names and addresses, deadlines, and what failures are called."""

from __future__ import annotations

import errno
import select
import socket
import threading

import pytest

from backend.cupsd.stop_signal import JobStopped, StopSignal
from backend.errors import PrinterUnreachable
from backend.transport import tcp
from backend.transport.tcp import resolve
from tests.printer import Certificate
from tests.unit.backend.tls_peer import peer, server_context
from tests.unit.backend.transport.loopback import connected, failure, stays


def test_a_refused_connection_is_a_printer_out_of_reach() -> None:
    """Nobody listens."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    error = failure(port, host="127.0.0.1", printer="office")
    assert isinstance(error, PrinterUnreachable)
    assert (error.printer, error.reason) == ("office", "127.0.0.1: Connection refused")
    listener.close()


def addresses(monkeypatch: pytest.MonkeyPatch, *found: tuple[str, int]) -> None:
    """Let the resolver find these addresses for every name."""
    answers = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", address) for address in found]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **more: answers)


def free_port() -> int:
    """Return a port where nobody listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def test_tries_all_addresses(certificate: Certificate, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first one that answers is taken, in the resolver's order."""
    with peer(stays, server_context(certificate)) as server:
        addresses(monkeypatch, ("127.0.0.2", free_port()), ("127.0.0.1", server.port), ("127.0.0.3", 1))
        made = connected(server.port, "printer")
        assert made.certificate == certificate.der
        made.drop()


def test_names_each_address_that_did_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them with their reasons."""
    port = free_port()
    addresses(monkeypatch, ("127.0.0.2", port), ("127.0.0.3", port))
    error = failure(port, host="printer")
    assert isinstance(error, PrinterUnreachable)
    assert error.reason == "127.0.0.2: Connection refused; 127.0.0.3: Connection refused"


@pytest.mark.parametrize(
    "code, words", [(socket.EAI_NONAME, "its name has no address"), (socket.EAI_AGAIN, "try later")]
)
def test_a_name_without_an_address_is_a_printer_out_of_reach(
    monkeypatch: pytest.MonkeyPatch, code: int, words: str
) -> None:
    """What the resolver says becomes the reason."""

    def getaddrinfo(*args: object, **more: object) -> None:
        raise socket.gaierror(code, "try later")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    error = failure(443, host="printer")
    assert isinstance(error, PrinterUnreachable) and error.reason == words


def test_a_dead_name_server_does_not_keep_the_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the deadline nor SIGTERM waits for the resolver, and its late answer hurts nobody."""
    release, left = threading.Event(), threading.Event()

    def getaddrinfo(*args: object, **more: object) -> list[object]:
        release.wait(20)
        left.set()
        return []

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    error = failure(443, host="printer", connect_seconds=0.1)
    assert isinstance(error, PrinterUnreachable) and error.reason == "no answer in time"
    stop = StopSignal()
    threading.Timer(0.1, stop.request).start()
    with pytest.raises(JobStopped):
        resolve("printer", 443, 20, stop)
    release.set()
    assert left.wait(5)


def test_a_name_that_cannot_be_written_is_out_of_reach() -> None:
    """A label of 64 letters never reaches a name server."""
    assert isinstance(failure(443, host="a" * 64), PrinterUnreachable)


def test_errors_have_names_and_no_numbers() -> None:
    """What people read is what the system says, without errno."""
    assert tcp.words_of(OSError(errno.EHOSTUNREACH, "No route to host")) == "No route to host"
    assert tcp.words_of(TimeoutError(errno.ETIMEDOUT, "x")) == "no answer in time"
    assert tcp.words_of(OSError()) == "OSError"


class Seconds:
    """A clock for the module, moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.mark.parametrize(
    "used, shares",
    [
        ((None, None, None), (10, 10, 10)),
        ((0, 0, 0), (10, 15, 30)),
        ((4, None, 0), (10, 13, 13)),
        ((30, 0, 0), (10, 0.1, 0.1)),
    ],
)
def test_each_address_has_its_share_of_the_time(
    monkeypatch: pytest.MonkeyPatch, used: tuple[float | None, ...], shares: tuple[float, ...]
) -> None:
    """What is left is divided by the addresses that are left: the last one is tried as well, however many are silent.

    Args:
        used: the seconds that each takes to fail; None is all that it has.
    """
    clock, given = Seconds(), []

    def never(family: object, address: object, seconds: float, stop: StopSignal) -> socket.socket:
        given.append(seconds)
        takes = used[len(given) - 1]
        clock.now += seconds if takes is None else takes
        raise TimeoutError(errno.ETIMEDOUT, "x")

    found = [(socket.AF_INET, (f"192.0.2.{number}", 443)) for number in range(3)]
    monkeypatch.setattr(tcp, "time", clock)
    monkeypatch.setattr(tcp, "resolve", lambda *args: found)
    monkeypatch.setattr(tcp, "_connect_one", never)
    with pytest.raises(PrinterUnreachable) as caught:
        tcp.connect_tcp("printer", 443, "printer", 30, StopSignal())
    assert given == pytest.approx(list(shares))
    assert caught.value.reason.count("no answer in time") == 3


def test_the_time_of_the_name_server_is_part_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The addresses divide what it has left of the time."""
    clock, given = Seconds(), []

    def slow(*args: object) -> list[object]:
        clock.now += 20
        return [(socket.AF_INET, ("192.0.2.1", 443))]

    def never(family: object, address: object, seconds: float, stop: StopSignal) -> socket.socket:
        given.append(seconds)
        raise TimeoutError

    monkeypatch.setattr(tcp, "time", clock)
    monkeypatch.setattr(tcp, "resolve", slow)
    monkeypatch.setattr(tcp, "_connect_one", never)
    with pytest.raises(PrinterUnreachable):
        tcp.connect_tcp("printer", 443, "printer", 30, StopSignal())
    assert given == pytest.approx([10])


def test_an_address_that_is_silent_has_a_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that is switched off answers nothing: the connection waits for its share and no longer."""
    stop, waits = StopSignal(), []

    def silent(seconds: float, wanted: dict[int, int]) -> dict[int, int]:
        waits.append((seconds, list(wanted.values())))
        return {}

    monkeypatch.setattr(stop, "wait", silent)
    monkeypatch.setattr(socket.socket, "connect_ex", lambda sock, address: errno.EINPROGRESS)
    with pytest.raises(TimeoutError):
        tcp._connect_one(socket.AF_INET, ("192.0.2.1", 443), 7, stop)
    assert waits == [(7, [select.POLLOUT])]


def test_a_connection_sends_at_once_and_asks_whether_the_printer_lives() -> None:
    """Small requests wait for nothing, and a peer that is gone without a word is noticed within two minutes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        made = tcp.connect_tcp("127.0.0.1", listener.getsockname()[1], "printer", 5, StopSignal())
    with made:
        assert made.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert made.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        asked = [
            made.getsockopt(socket.IPPROTO_TCP, option)
            for option in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
        ]
        assert asked == [60, 15, 4]
        assert not made.getblocking()
