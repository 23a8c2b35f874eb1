"""The scripted printer as a program, for benches and the demo.

    python3 -m tests.printer --port 443 --directory DIR --fault chunk=411

It prints "ready PORT sha256:HEX" (the hash of the certificate) on one line and serves until SIGTERM. Jobs are written
to the directory as job-N.prn, each with a job-N.json that says what came and how.
"""

from __future__ import annotations

import argparse
import json
import queue
import signal
import sys
from pathlib import Path
from typing import Any

from tests.printer.certificates import Certificate, make_certificate, read_certificate
from tests.printer.faults import BadFault, Faults, describe
from tests.printer.jobs import ReceivedJob
from tests.printer.server import Printer


def parse(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python3 -m tests.printer", description="A scripted TLS IPP printer on loopback."
    )
    parser.add_argument("--port", type=int, default=443, help="0 for a free one")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (loopback)")
    parser.add_argument("--directory", type=Path, help="where jobs are written")
    parser.add_argument(
        "--fault", action="append", default=[], metavar="SWITCH=VALUE", help="may be repeated, or joined by commas"
    )
    parser.add_argument("--list-faults", action="store_true", help="show all switches with their values")
    parser.add_argument("--certificate", type=Path, help="PEM file, with its chain")
    parser.add_argument("--key", type=Path, help="PEM file")
    parser.add_argument("--common-name", help="make a self-signed certificate with this name")
    parser.add_argument(
        "--save-certificate", type=Path, help="write the certificate there, as a printer's web page would export it"
    )
    return parser.parse_args(argv)


def choose_certificate(options: argparse.Namespace, faults: Faults) -> Certificate | None:
    """The certificate of the command line; None leaves it to the faults."""
    if options.certificate:
        return read_certificate(options.certificate, options.key or options.certificate)
    if faults.cert != "own":
        return None
    name = options.common_name or "localhost"
    return make_certificate(common_name=name, names=(name, "localhost", "127.0.0.1", "::1"), key="rsa2048")


def describe_job(job: ReceivedJob) -> dict[str, Any]:
    """What job-N.json says."""
    return {
        "id": job.id,
        "name": job.name,
        "user": job.user,
        "document-format": job.document_format,
        "framing": job.framing,
        "chunks": sum(len(document.chunk_sizes) for document in job.documents),
        "bytes": job.size,
        "sha256": job.sha256,
        "complete": job.complete,
        "state": job.state.name.lower().replace("_", "-"),
        "printed": job.printed,
        "pages": job.pages,
        "copies": job.copies,
        "documents": [{"bytes": document.size, "sha256": document.sha256} for document in job.documents],
    }


def write_job(directory: Path, job: ReceivedJob) -> None:
    """Write job-N.json in one go, so that who waits for it never reads half of it."""
    path = directory / f"job-{job.id}.json"
    draft = path.with_suffix(".tmp")
    draft.write_text(json.dumps(describe_job(job), indent=1) + "\n")
    draft.rename(path)


def main(argv: list[str]) -> int:
    options = parse(argv)
    if options.list_faults:
        print(describe())
        return 0
    try:
        faults = Faults.parse(",".join(options.fault))
    except BadFault as error:
        print(error, file=sys.stderr)
        return 2
    return serve(options, faults)


def serve(options: argparse.Namespace, faults: Faults) -> int:
    if options.directory:
        options.directory.mkdir(parents=True, exist_ok=True)
    printer = Printer(choose_certificate(options, faults), faults, options.port, options.host, options.directory)
    ended: queue.SimpleQueue[ReceivedJob | None] = queue.SimpleQueue()
    printer.ipp.on_job = ended.put
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.put(None))
    try:
        printer.start()
    except OSError as error:
        print(f"Port {options.port} cannot be used: {error}.", file=sys.stderr)
        return 1
    if options.save_certificate:
        options.save_certificate.write_bytes(printer.certificate.cert_pem)
    print(f"ready {printer.port} {printer.pin()}", flush=True)
    write_jobs(ended, options.directory)
    printer.stop()
    return 0


def write_jobs(ended: queue.SimpleQueue[ReceivedJob | None], directory: Path | None) -> None:
    """Write the description of each job whose document has come, until the end is wanted."""
    while (job := ended.get()) is not None:
        if directory:
            write_job(directory, job)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
