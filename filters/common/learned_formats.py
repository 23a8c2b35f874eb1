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
_DEFAULT_PORT, _UPGRADE_PORT = "443", "631"


def file_name(host: str, port: int) -> str:
    """Return the file name for a printer, unlike for unlike printers."""
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "-.") else f"_{ord(c):x}_" for c in host.lower())
    return f"{safe[:180].lstrip('.')}_{port}.json"


def formats_refused(environ: Mapping[str, str], now: float) -> frozenset[str]:
    """Return the types that the printer of a job's queue lists and is known to refuse.

    A device URI is read as the backend does it; of one that it would not take nothing is known.
    """
    try:
        host, port = _printer_of(environ.get("DEVICE_URI", ""))
    except ValueError:
        return frozenset()
    folder = os.path.join(environ.get("CUPS_CACHEDIR") or "/var/cache/cups", "ipps443")
    values = _read_object(os.path.join(folder, file_name(host, port)))
    learned, refused = values.get("learned"), values.get("refused")
    if not isinstance(learned, int) or not isinstance(refused, str) or not now - KEPT_SECONDS <= learned <= now:
        return frozenset()
    return frozenset(refused.split())


def _printer_of(uri: str) -> tuple[str, int]:
    """Return host and port of a device URI; raise ValueError for one that has none."""
    before, _, query = uri.partition("://")[2].partition("?")
    place = before.partition("/")[0].rpartition("@")[2]
    is_upgrade = "tls=upgrade" in (_unquote(each) for each in query.split("&"))
    host, bracket, port = place.partition("]")
    if bracket:  # an address of IPv6; a zone is behind %25, %, or + as CUPS has it
        host = host[1:]
        host = host[3:].replace("+", "%25") if host[:3].lower() == "v1." else host
        address, _, zone = host.replace("%25", "%").partition("%")
        host, port = f"{address.lower()}%{_unquote(zone)}" if zone else address.lower(), port[1:]
    else:
        host, _, port = place.partition(":")
        host = _unquote(host)
    port = port or (_UPGRADE_PORT if is_upgrade else _DEFAULT_PORT)
    if not port.isdecimal() or not port.isascii() or len(port) > 5:
        raise ValueError(f"no port: {port}")
    return host, int(port)


def _unquote(text: str) -> str:
    if "%" not in text:
        return text
    from urllib.parse import unquote_to_bytes  # slow to import, and few URIs need it

    return unquote_to_bytes(text).decode("utf-8")


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
