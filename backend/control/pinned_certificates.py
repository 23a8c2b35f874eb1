"""The certificates beside the pin file: copies of the pinned ones, each named by its own hash, and those of CAs."""

from __future__ import annotations

import os
from datetime import datetime, timezone

from backend.transport.pin_check import CERTIFICATES_FOLDER
from backend.trust import pin_store
from backend.trust.certificate import cert_sha256
from backend.trust.certificate_file import load_certificates
from backend.trust.pin_file import Pin


def copy_name(digest: bytes) -> str:
    """Return the name of the copy of a pinned certificate, below the folder of the pin file."""
    return f"{CERTIFICATES_FOLDER}/{digest.hex()}.pem"


def certificates_on_file(pin: Pin, folder: str) -> tuple[bytes, ...]:
    """Return the CA's certificates, or the copy of the pinned one; none for a pin that has no copy.

    Args:
        folder: that of the pin file.

    Raises:
        PinFileUnreadable: the file is not there, or others may write it.
        NoCertificate: there is none in it.
    """
    name = pin.ca or (pin.cert_sha256 and copy_name(pin.cert_sha256))
    if not name:
        return ()
    found = load_certificates(pin_store.read_trusted_file(os.path.join(folder, name)))
    return tuple(der for der in found if pin.ca or cert_sha256(der) == pin.cert_sha256)


def end_on_file(pin: Pin) -> datetime | None:
    """Return the end that a pin's line has of its certificate: a pin file that is brought from elsewhere has no copies.

    None also for a day that is in no calendar, which someone has written by hand.
    """
    try:
        return datetime.fromisoformat(pin.not_after[:10]).replace(tzinfo=timezone.utc) if pin.not_after else None
    except ValueError:
        return None
