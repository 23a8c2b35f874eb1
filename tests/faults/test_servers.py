"""Servers that were not written here in front of the printer, or in its place. Q-41.

nginx ends TLS in front of the scripted printer (request buffering on and off, HTTP/1.0 to the printer, a limit for
bodies); a WSGI server of the standard library that knows Content-Length only. What is not installed is skipped, and the
reason says what is missing. Other printers through cupsd: tests/cups/test_foreign.py.
"""

from __future__ import annotations

import contextlib
import shutil
import socket
import socketserver
import ssl
import subprocess
import threading
import urllib.request
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from wsgiref.simple_server import ServerHandler, WSGIRequestHandler, WSGIServer

import pytest

from tests.cups.server import free_port, search_path
from tests.faults.harness import (
    DOCUMENT,
    after,
    device_uri,
    own_certificate,
    pcl,
    run_backend,
    wait_until,
)
from tests.faults.invariant import violations
from tests.printer import Printer

LARGE = pcl(3_000_000)


def answers(port: int) -> bool:
    """Tell whether a port takes connections."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def front_uri(printer: Printer, port: int, **options: Any) -> str:
    """Return the device URI of a server in front of a printer, with its certificate's pin."""
    pin = f"sha256:{own_certificate().cert_sha256.hex()}"
    return device_uri(printer, pin=pin, **options).replace(f":{printer.port}/", f":{port}/")


# --- nginx ------------------------------------------------------------------------------------------------------

NGINX = """
worker_processes 1;
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {certificate};
        ssl_certificate_key {key};
        client_max_body_size {limit};
        location / {{
            proxy_pass http://127.0.0.1:{upstream};
            proxy_set_header Host localhost;
            proxy_request_buffering {buffering};
            proxy_http_version {version};
            {more}
        }}
    }}
}}
"""


@contextlib.contextmanager
def nginx(
    folder: Path, printer: Printer, buffering: str, version: str, limit: str = "0", more: str = ""
) -> Iterator[int]:
    """Run nginx with TLS in front of a printer without TLS."""
    program = shutil.which("nginx", path=search_path())
    if program is None:
        pytest.skip("nginx is missing")
    certificate, key = own_certificate().write(folder, "front")
    port = free_port()
    configuration = NGINX.format(
        folder=folder, port=port, certificate=certificate, key=key, upstream=printer.port,
        buffering=buffering, version=version, limit=limit, more=more,
    )  # fmt: skip
    path = folder / "nginx.conf"
    path.write_text(configuration)
    command = [program, "-p", str(folder), "-c", str(path), "-e", str(folder / "error.log")]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        assert wait_until(lambda: answers(port) or process.poll() is not None, 20)
        assert process.poll() is None, (folder / "error.log").read_text()
        yield port
    finally:
        process.terminate()
        process.wait(10)


def plain_printer(faults: str = "") -> Printer:
    """A printer without TLS, for a front that has it."""
    return Printer(certificate=own_certificate(), faults=",".join(filter(None, ("tls=plain", faults))))


@pytest.mark.parametrize("transfer", ("auto", "chunked", "sized"))
@pytest.mark.parametrize(("buffering", "version"), (("on", "1.1"), ("off", "1.1"), ("on", "1.0"), ("off", "1.0")))
def test_nginx_in_front(buffering: str, version: str, transfer: str, tmp_path: Path) -> None:
    """Through nginx the job arrives once and whole, whatever it does to the framing on the way to the printer."""
    with plain_printer() as printer, nginx(tmp_path, printer, buffering, version) as port:
        outcome = run_backend(printer, LARGE, uri=front_uri(printer, port, transfer=transfer))
    assert outcome.exit_code == 0 and violations(outcome) == [], str(outcome)


def test_nginx_while_the_filter_works(tmp_path: Path) -> None:
    """Chunks go through nginx to the printer while the input is still open, when it does not collect them."""
    seen: list[int] = []
    with plain_printer() as printer, nginx(tmp_path, printer, "off", "1.1") as port:

        def half_is_there(run: Any) -> bool:
            arrived = sum(job.size for job in printer.jobs)
            seen.append(arrived)
            return arrived > 50_000

        feed = after(DOCUMENT, 150_000, half_is_there)
        outcome = run_backend(printer, uri=front_uri(printer, port), feed=feed)
    assert outcome.exit_code == 0 and violations(outcome) == [], str(outcome)
    assert outcome.framing == "chunked" and 50_000 < seen[-1] < len(DOCUMENT)


@pytest.mark.parametrize("buffering", ("on", "off"))
def test_nginx_with_a_limit(buffering: str, tmp_path: Path) -> None:
    """A job beyond nginx's limit for bodies is cancelled as too large, and does not come back (Q-02)."""
    with plain_printer() as printer, nginx(tmp_path, printer, buffering, "1.1", "100k") as port:
        outcome = run_backend(printer, LARGE, uri=front_uri(printer, port))
    assert (outcome.exit_code, outcome.code, outcome.printed) == (5, "P05", 0), str(outcome)
    assert violations(outcome) == []


@pytest.mark.parametrize("buffering", ("on", "off"))
def test_nginx_when_the_printer_breaks_off(buffering: str, tmp_path: Path) -> None:
    """502 in the middle of a job: the printer is asked, and the job printed once."""
    fault = "at=rst@body-middle,only=documents,times=1"
    with plain_printer(fault) as printer, nginx(tmp_path, printer, buffering, "1.1") as port:
        outcome = run_backend(printer, LARGE, uri=front_uri(printer, port))
    assert outcome.exit_code == 0 and violations(outcome) == [], str(outcome)


@pytest.mark.parametrize("buffering", ("on", "off"))
def test_nginx_when_the_answer_is_lost(buffering: str, tmp_path: Path) -> None:
    """502 or 504 after the printer has taken the job: it is found there, and not sent again."""
    for fault in ("lose_reply=after-accept", "lose_reply=after-accept:hang"):
        more = "proxy_read_timeout 2s;"
        with plain_printer(fault) as printer, nginx(tmp_path, printer, buffering, "1.1", more=more) as port:
            outcome = run_backend(printer, LARGE, uri=front_uri(printer, port))
        assert outcome.exit_code == 0 and violations(outcome) == [], str(outcome)


def test_nginx_without_a_printer(tmp_path: Path) -> None:
    """502 because the printer is off: the job waits, and nothing is lost."""
    with plain_printer() as printer:
        pass
    with nginx(tmp_path, printer, "on", "1.1") as port:
        outcome = run_backend(printer, uri=front_uri(printer, port))
    assert (outcome.exit_code, outcome.code, outcome.printed) == (1, "N03", 0), str(outcome)
    assert violations(outcome) == []


# --- a WSGI server of the standard library ----------------------------------------------------------------------


class _Handler(WSGIRequestHandler):
    """wsgiref's handler, silent; it knows Content-Length and nothing else."""

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def handle(self) -> None:
        with contextlib.suppress(OSError, ssl.SSLError):
            super().handle()


class _Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def __init__(self, printer: Printer, refuses: bool) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.printer = printer
        self.refuses = refuses
        self.refused = 0
        self.set_app(self.pass_on)

    def pass_on(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Pass a body of known length on to the printer; without a length there is none."""
        length = environ.get("CONTENT_LENGTH")
        if not length and self.refuses:
            self.refused += 1
            start_response("411 Length Required", [("Content-Length", "0")])
            return [b""]
        body = environ["wsgi.input"].read(int(length or 0))
        url = f"http://127.0.0.1:{self.printer.port}{environ['PATH_INFO']}"
        request = urllib.request.Request(url, body, {"Content-Type": "application/ipp"})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=30) as reply:
            answer = reply.read()
        start_response("200 OK", [("Content-Type", "application/ipp"), ("Content-Length", str(len(answer)))])
        return [answer]

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


@contextlib.contextmanager
def wsgi(folder: Path, printer: Printer, refuses: bool) -> Iterator[_Server]:
    """Run the WSGI server with TLS in front of a printer without."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*own_certificate().write(folder, "wsgi"))
    server = _Server(printer, refuses)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@pytest.mark.parametrize("refuses", (True, False), ids=("411", "empty body"))
@pytest.mark.parametrize("transfer", ("auto", "chunked", "sized"))
def test_wsgi_server_that_knows_content_length_only(refuses: bool, transfer: str, tmp_path: Path) -> None:
    """A server that takes a body without Content-Length for empty gets the job with its length, once."""
    assert ServerHandler.http_version == "1.0"
    with plain_printer() as printer, wsgi(tmp_path, printer, refuses) as server:
        uri = front_uri(printer, server.server_port, transfer=transfer)
        outcome = run_backend(printer, LARGE, uri=uri)
    assert outcome.exit_code == 0 and violations(outcome) == [], str(outcome)
    assert outcome.framing == "sized"
    assert server.refused == (1 if refuses and transfer != "sized" else 0)
