"""The client certificates of queues: printers that ask who we are."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from datetime import datetime, timezone

from backend import errors
from backend.control.checks.access import READ, USER, blocked, distrusted, may, repair_file
from backend.control.checks.finding import ERROR, WARNING, Finding, Installation
from backend.control.checks.pins import SOON
from backend.control.host import Misused
from backend.transport.pin_check import CLIENTS_FOLDER
from backend.trust.certificate import CertificateFacts
from backend.trust.certificate_file import NoCertificate, load_certificates
from backend.trust.pin_store import check_trusted_file


def check_clients(installation: Installation) -> Iterable[Finding]:
    """The client certificates that queues name are there with their keys, for lp to read, and in their dates."""
    for uri in installation.uris().values():
        try:
            label = uri.printer.uri.clientcert
        except Misused:
            continue  # said by the check of the printer
        if label is not None:
            base = os.path.join(installation.console.folder, CLIENTS_FOLDER, label)
            other = f"if the printer asks for none: {uri.lpadmin(uri.with_option('clientcert'))}"
            found = [*_check_file(f"{base}.pem", other), *_check_file(f"{base}.key", other)]
            yield from found or _check_pair(base, installation.console.clock())


def _check_file(path: str, other: str) -> Iterator[Finding]:
    if not os.path.isfile(path):
        trouble = "it is missing, so every job of the queue stops [C04]"
        what = "KEY" if path.endswith(".key") else "CERTIFICATE"
        first = f"get it from whoever makes client certificates, as PEM, in the place of {what}"
        folder = os.path.dirname(path)
        fix = f"install -d -m 0755 {folder} && install -o root -g {USER} -m 0640 {what} {path}"
        yield Finding(path, trouble, fix, ERROR, first, other)
        return
    try:
        check_trusted_file(path)
    except errors.PinFileUnreadable as error:
        yield distrusted(path, error.reason)
        return
    if not may(path, READ):
        yield Finding(
            path, f"it is there, and {USER} cannot read it, so every job of the queue stops [C04]", repair_file(path)
        )
    yield from blocked(path)


def _check_pair(base: str, now: datetime) -> Iterator[Finding]:
    """Check that certificate and key belong together, and the dates."""
    from ssl import PROTOCOL_TLS_CLIENT, SSLContext, SSLError

    again = f"put certificate and key there anew: {base}.pem, {base}.key"
    try:
        with open(f"{base}.pem", "rb") as file:
            facts = CertificateFacts(load_certificates(file.read())[0])
        SSLContext(PROTOCOL_TLS_CLIENT).load_cert_chain(f"{base}.pem", f"{base}.key", password="")
    except (NoCertificate, SSLError, OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or str(error)
        yield Finding(f"{base}.key", f"certificate and key do not go together ({reason})", "", ERROR, again)
        return
    end = facts.outline.not_after
    if end is not None and end < now.astimezone(timezone.utc) + SOON:
        past = end < now
        trouble = f"it {'ended' if past else 'ends'} on {end:%Y-%m-%d}"
        yield Finding(f"{base}.pem", trouble, "", ERROR if past else WARNING, f"renew it; {again}")
