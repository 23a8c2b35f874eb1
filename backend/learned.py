"""Facts remembered about a printer from one job to the next: one small file per host and port in the cache folder.

Rules of this module:

- the folder may be deleted, damaged or unwritable at any time; then nothing is known, and nothing else happens;
- nothing here decides about trust;
- a fact is forgotten after 30 days and when the printer's firmware string changes, so that an update is tried anew.
"""

from __future__ import annotations

import os

from backend.cache_file import decode_values, read_values, write_values
from filters.dataclass import dataclass, asdict, replace

#: Seconds after which a fact has to be learned again.
KEPT_SECONDS = 30 * 24 * 3600


@dataclass(frozen=True)
class Facts:
    """What is known about a printer; None and empty mean not known.

    Attributes:
        chunks: True if it takes chunks, False if it needs a length.
        version: the IPP version it answers properly, such as "1.1".
        send_document: False if it lists Send-Document and fails at it (Q-93).
        firmware: its firmware string when this was learned.
        learned: seconds since 1970.
    """

    chunks: bool | None = None
    version: str | None = None
    send_document: bool | None = None
    firmware: str = ""
    learned: int = 0


_TYPES = {"chunks": bool, "version": str, "send_document": bool, "firmware": str, "learned": int}


def file_name(host: str, port: int) -> str:
    """Return the file name for a printer, unlike for unlike printers."""
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "-.") else f"_{ord(c):x}_" for c in host.lower())
    return f"{safe[:180].lstrip('.')}_{port}.json"


def decode_facts(data: bytes, now: float) -> Facts:
    """Return the facts in a file's bytes; what is damaged, of the wrong type or too old is not known."""
    return _to_facts(decode_values(data), now)


def _to_facts(values: dict[str, object], now: float) -> Facts:
    good = {name: values[name] for name, kind in _TYPES.items() if type(values.get(name)) is kind}
    facts = Facts(**good)  # type: ignore[arg-type]
    return facts if now - KEPT_SECONDS <= facts.learned <= now else Facts()


def recall(folder: str, host: str, port: int, now: float) -> Facts:
    """Return what is remembered about a printer."""
    return _to_facts(read_values(os.path.join(folder, file_name(host, port))), now)


def remember(folder: str, host: str, port: int, facts: Facts, now: float) -> str | None:
    """Write the facts down; return None, or why that was not possible, for a DEBUG line."""
    values = asdict(replace(facts, learned=int(now)))
    return write_values(os.path.join(folder, file_name(host, port)), values)


def forget(folder: str, host: str, port: int) -> bool:
    """Delete what is remembered about a printer; False if nothing was.

    Raises:
        OSError: the file cannot be deleted.
    """
    try:
        os.unlink(os.path.join(folder, file_name(host, port)))
    except FileNotFoundError:
        return False
    return True
