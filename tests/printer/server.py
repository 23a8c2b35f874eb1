"""The scripted printer: listens on loopback, a thread for each connection, and what it has seen open to the test.

    with Printer(faults=Faults(chunk="411")) as printer:
        run_backend(printer.uri("/ipp/print", pin=True))
    assert [job.document for job in printer.printed] == [expected]

`faults` and `certificate` may be replaced while it runs; connections that are open keep what they began with, except
for the faults of requests (see `faults`), which count from the next request.
"""

from __future__ import annotations

import contextlib
import socket
import tempfile
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote

from tests.printer.auth import Authenticator, Credential
from tests.printer.call import ReceivedOperation
from tests.printer.certificates import Certificate, certificates_for
from tests.printer.exchange import Exchange, Site
from tests.printer.faults import CONNECTION, REQUEST, Faults
from tests.printer.http_messages import NotHTTP, Reply, Request, error_page, read_request
from tests.printer.ipp_service import IPPService
from tests.printer.jobs import ReceivedJob
from tests.printer.tls import ContextMaker, start_tls
from tests.printer.upgrade import serve_upgrade
from tests.printer.wire import Break, Connection, Gone, Stream


@dataclass
class _Count:
    """A number that several threads raise."""

    value: int = 0

    def __post_init__(self) -> None:
        self._lock = threading.Lock()

    def next(self) -> int:
        with self._lock:
            self.value += 1
            return self.value


class Printer:
    """A TLS IPP printer on loopback with the given faults."""

    def __init__(
        self,
        certificate: Certificate | None = None,
        faults: Faults | str = Faults(),
        port: int = 0,
        host: str = "127.0.0.1",
        directory: Path | str | None = None,
        attributes: dict[str, Any] | None = None,
        client_ca: Certificate | None = None,
    ) -> None:
        """
        Args:
            certificate: shown first; one is made when not given.
            directory: documents go there as job-N.prn; otherwise they stay in memory.
            attributes: printer attributes in the place of ours, as Attribute or as plain values.
            client_ca: who signs the clients' certificates, for the ``client_cert`` fault.
        """
        self.faults = Faults.parse(faults) if isinstance(faults, str) else faults
        self.certificates = list(certificates_for(self.faults, certificate))
        self.host = host
        self.requests: list[Request] = []
        self.connection_log: list[Connection] = []
        self.credentials_seen: list[Credential] = []
        self.complaints: list[str] = []  # what was no HTTP
        self._wanted_port = port
        self._random = Random(0)
        self._stopping = threading.Event()
        self._streams: set[Stream] = set()
        self._lock = threading.Lock()
        self._matching = _Count()
        self._folder = tempfile.TemporaryDirectory(prefix="printer-")
        self._contexts = ContextMaker(Path(self._folder.name), client_ca)
        self._listener: socket.socket | None = None
        self.ipp = IPPService(
            uri=self._own_uri,
            faults=lambda: self.faults,
            wait=self._stopping.wait,
            directory=Path(directory) if directory is not None else None,
            extra=attributes or {},
        )
        self._site = Site(self.ipp, Authenticator(), self.credentials_seen, self._turn, self._boots)

    # --- life ---

    def __enter__(self) -> Printer:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def reserve(self) -> Printer:
        """Take the port without listening: a printer that is switched off refuses connections, and no one else does."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((self.host, self._wanted_port))
        self._listener = listener
        self.port: int = listener.getsockname()[1]
        return self

    def start(self) -> None:
        if self._listener is None:
            self.reserve()
        assert self._listener is not None
        self._listener.listen(64)
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def stop(self) -> None:
        """End everything; connections that are open are cut."""
        self._stopping.set()
        if self._listener is not None:
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
        with self._lock:
            streams = list(self._streams)
        for stream in streams:
            stream.abandon()
        until = time.monotonic() + 2
        while self._streams and time.monotonic() < until:
            time.sleep(0.005)
        with contextlib.suppress(OSError):
            self._folder.cleanup()

    # --- what tests ask ---

    @property
    def certificate(self) -> Certificate:
        """The certificate shown; assigning another makes this printer an impostor, or renews it."""
        return self.certificates[0]

    @certificate.setter
    def certificate(self, certificate: Certificate) -> None:
        self.certificates = [certificate]

    def uri(self, path: str = "/ipp/print", scheme: str = "ipps443", host: str = "localhost", **options: Any) -> str:
        """A device URI of this printer. ``pin=True`` stands for its certificate's hash; lists repeat an option."""
        pairs = [(key, value) for key, values in options.items() for value in _listed(values)]
        pinned = [(key, self.pin() if value is True and key == "pin" else value) for key, value in pairs]
        query = "&".join(f"{key}={quote(str(value), safe=':,+')}" for key, value in pinned)
        return f"{scheme}://{host}:{self.port}{path}{'?' if query else ''}{query}"

    def pin(self) -> str:
        return f"sha256:{self.certificate.cert_sha256.hex()}"

    @property
    def jobs(self) -> list[ReceivedJob]:
        return list(self.ipp.jobs.jobs)

    @property
    def printed(self) -> list[ReceivedJob]:
        """The jobs that came out on paper, whole."""
        return [job for job in self.jobs if job.printed]

    @property
    def operations(self) -> list[ReceivedOperation]:
        return list(self.ipp.operations)

    @property
    def operation_names(self) -> list[str]:
        return [operation.name for operation in self.ipp.operations]

    @property
    def connections(self) -> int:
        """Connections opened."""
        return len(self.connection_log)

    @property
    def handshakes(self) -> int:
        """TLS handshakes completed."""
        return sum(connection.handshake for connection in self.connection_log)

    @property
    def http_bytes(self) -> int:
        """Bytes received after the handshakes."""
        return sum(connection.received for connection in self.connection_log)

    def release(self) -> None:
        """Go on after a stall that waits for this."""
        self.ipp.intake.released.set()

    def wait_until(self, condition: Any, seconds: float = 10.0) -> bool:
        """Wait for something that the printer's threads bring about; whether it came."""
        until = time.monotonic() + seconds
        while not condition() and time.monotonic() < until:
            time.sleep(0.005)
        return bool(condition())

    def wait_quiet(self, seconds: float = 10.0) -> bool:
        """Wait until no connection is open."""
        return self.wait_until(lambda: not self._streams, seconds)

    # --- connections ---

    def _own_uri(self) -> str:
        scheme = "ipp" if self.faults.tls.startswith("plain") else "ipps"
        path = self.faults.path if self.faults.path.startswith("/") else "/ipp/print"
        return f"{scheme}://localhost:{self.port}{path}"

    def _accept(self, listener: socket.socket) -> None:
        while not self._stopping.is_set():
            try:
                raw, _ = listener.accept()
            except OSError:
                return
            seen = Connection(len(self.connection_log) + 1)
            self.connection_log.append(seen)
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            faults = self._faults_for(seen)
            stream = Stream(raw, seen, faults, self._stopping.wait)
            with self._lock:
                self._streams.add(stream)
            threading.Thread(target=self._serve, args=(stream,), daemon=True).start()

    def _faults_for(self, seen: Connection) -> Faults:
        """The faults of one connection: fair ones when ``only_connection`` does not mean it."""
        setting = self.faults.setting("only_connection")
        if setting.form == "all":
            return self.faults
        return self.faults if seen.number == setting.number else self.faults.fair(CONNECTION, REQUEST)

    def _serve(self, stream: Stream) -> None:
        try:
            self._converse(stream)
            stream.close()
        except Break as fault:
            with contextlib.suppress(Gone):
                stream.end(fault.how)
        except (Gone, OSError):
            pass
        finally:
            stream.dispose()
            with self._lock:
                self._streams.discard(stream)

    def _converse(self, stream: Stream) -> None:
        """From the accepted connection to its last request."""
        faults = stream.faults
        self._greet(stream)
        first = b""
        if faults.upgrade != "none":
            serve_upgrade(stream)
        if not faults.tls.startswith("plain") and faults.upgrade != "accept-plain":
            start_tls(stream, self._certificate_for(stream.seen), self._contexts)
        stream.strike("handshake")
        while True:
            request = self._next_request(stream, first)
            if request is None:
                return
            self._second_request(stream, request)
            if not self._exchange(stream, request):
                return
            self._after_exchange(stream)

    def _greet(self, stream: Stream) -> None:
        """Faults of a connection before anything has been said."""
        sleep = self.faults.setting("sleep")
        if sleep.form == "N" and stream.seen.number <= sleep.number:
            stream.end("rst")
        stream.strike("accept")
        limit = stream.faults.setting("max_conn")
        if limit.form != "none" and len(self._streams) > limit.number:
            kind = limit.form.partition(":")[2]
            if kind == "abort":
                self.ipp.intake.abort_incoming()
            stream.end("hang" if kind == "hang" else "rst")

    def _certificate_for(self, seen: Connection) -> Certificate:
        setting = self.faults.setting("cert")
        if setting.form == "random-of-N":
            return self._random.choice(self.certificates)
        changed = setting.form == "rotate-after-N" and seen.number > setting.number and len(self.certificates) > 1
        return self.certificates[changed]

    def _next_request(self, stream: Stream, first: bytes) -> Request | None:
        idle = stream.faults.setting("idle_close")
        stream.timeout(idle.seconds if idle.form == "S" else None)
        try:
            request = read_request(stream, first)
        except TimeoutError:
            return None
        except NotHTTP as error:
            self._bad_request(stream, error)
            return None
        stream.timeout(None)
        if request is not None:
            self.requests.append(request)
        return request

    def _bad_request(self, stream: Stream, error: NotHTTP) -> None:
        self.complaints.append(f"connection {stream.seen.number}: {error}")
        status_line, headers = Reply(400, b"", "text/html").head([("Content-Length", str(len(error_page(400))))], True)
        stream.write(status_line + headers + error_page(400))

    def _second_request(self, stream: Stream, request: Request) -> None:
        """``keepalive=lie``: nothing comes back on a connection that is used again."""
        form = stream.faults.keepalive
        if request.number > 1 and form.startswith("lie"):
            raise Break(form.partition(":")[2] or "fin")

    def _exchange(self, stream: Stream, request: Request) -> bool:
        # Faults of requests are those of now; whether this connection is meant was decided when it came.
        faults = self.faults if self._faults_for(stream.seen) is self.faults else stream.faults
        plain = faults.setting("tls")
        if plain.form == "plain:CODE":
            faults = replace(faults, early_reply=f"{plain.code}@0")
        try:
            return Exchange(stream, request, faults, self._site).run()
        except NotHTTP as error:
            self._bad_request(stream, error)
            return False

    def _after_exchange(self, stream: Stream) -> None:
        stuck = stream.faults.setting("keepalive")
        if stuck.form == "stuck@N" and stream.stop_reading_at is None:
            stream.stop_reading_at = stream.seen.received + stuck.number

    # --- which requests the faults are for ---

    def _turn(self, faults: Faults) -> bool:
        """Count one matching request; whether ``skip`` and ``times`` mean it."""
        number, skip = self._matching.next(), int(faults.skip)
        times = faults.setting("times")
        return number > skip and (times.form == "always" or number <= skip + times.number)

    def _boots(self, faults: Faults) -> bool:
        setting = faults.setting("boot")
        return setting.form == "N" and len(self.requests) <= setting.number


def _listed(values: Any) -> list[Any]:
    return list(values) if isinstance(values, (list, tuple)) else [values]
