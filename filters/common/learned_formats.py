"""What the backend has learned of a queue's printer, as far as filters have to know: formats that it refuses.

The file is the backend's own (``backend.printer.learned``). Filters run as its owner does, and read it with the same
suspicion: what cannot be read, or is too old, says nothing.
"""

from __future__ import annotations

import os
import stat

TYPE_CHECKING = False  # slow to import
if TYPE_CHECKING:
    from typing import Mapping

#: Seconds after which a fact has to be learned again.
KEPT_SECONDS = 30 * 24 * 3600
#: A file longer than this was not written by us.
_LONGEST_FILE = 16384
_DEFAULT_PORT = "443"


def file_name(host: str, port: int) -> str:
    """Return the file name for a printer, unlike for unlike printers."""
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "-.") else f"_{ord(c):x}_" for c in host.lower())
    return f"{safe[:180].lstrip('.')}_{port}.json"


def formats_refused(environ: Mapping[str, str], now: float) -> frozenset[str]:
    """Return the types that the printer of a job's queue lists and is known to refuse.

    Of device URIs the usual forms are understood; after any other a document is only tried once more.
    """
    authority = environ.get("DEVICE_URI", "").partition("://")[2].partition("?")[0].partition("/")[0]
    host, colon, port = authority.rpartition("@")[2].rpartition(":")
    if not colon or port.endswith("]"):
        host, port = authority.rpartition("@")[2], _DEFAULT_PORT
    if not port.isdecimal() or not port.isascii() or len(port) > 5:
        return frozenset()
    folder = os.path.join(environ.get("CUPS_CACHEDIR") or "/var/cache/cups", "ipps443")
    values = _read_object(os.path.join(folder, file_name(host.strip("[]"), int(port))))
    learned, refused = values.get("learned"), values.get("refused")
    if not isinstance(learned, int) or not isinstance(refused, str) or not now - KEPT_SECONDS <= learned <= now:
        return frozenset()
    return frozenset(refused.split())


def _read_object(path: str) -> dict[str, object]:
    import json

    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return {}
    try:
        data = os.read(descriptor, _LONGEST_FILE) if stat.S_ISREG(os.fstat(descriptor).st_mode) else b""
        values = json.loads(data)
    except (OSError, ValueError, RecursionError):
        return {}
    finally:
        os.close(descriptor)
    return values if isinstance(values, dict) else {}
