"""The device list: what lpinfo -v and the web interface show. backend(7), "DEVICE DISCOVERY". No network."""

from __future__ import annotations

import os
from collections.abc import Iterable
from urllib.parse import quote

from backend.device_uri import PATH_CHARACTERS, DEFAULT_PORT, SCHEME
from backend.trust.pins import Pin


def quoted(text: str) -> str:
    """Return a field of a device line: in quotes, on one line."""
    clean = "".join(c if c.isprintable() else " " for c in text)
    return '"' + clean.replace("\\", "\\\\").replace('"', '\\"') + '"'


def device_lines(pins: Iterable[Pin]) -> list[str]:
    """Return one line for the scheme, and one for each pinned printer."""
    lines = [f'network {SCHEME} "Unknown" "IPP over TLS on port 443 (ipps443, pinned certificate)"']
    seen = set()
    for pin in pins:
        uri = pinned_uri(pin)
        if uri not in seen:
            seen.add(uri)
            model = pin.model or "Unknown"
            label = pin.label or f"{pin.host} (ipps443)"
            lines.append(f"network {uri} {quoted(model)} {quoted(label)}")
    return lines


def pinned_uri(pin: Pin) -> str:
    """Return the device URI of a pinned printer."""
    host = pin.host.strip("[]").replace("%", "%25", 1)
    host = f"[{host}]" if ":" in host else host
    port = "" if pin.port == DEFAULT_PORT else f":{pin.port}"
    path = quote(pin.path or "", safe=PATH_CHARACTERS.replace("@", ""))
    return f"{SCHEME}://{host}{port}{path}"


def list_devices(pin_file: str) -> int:
    """Write the device list to standard output; pins that cannot be read show no printers, and that is all."""
    from backend.errors import PinFileUnreadable
    from backend.trust.pin_store import read_pins

    pins: Iterable[Pin] = ()
    try:
        pins = read_pins(pin_file).pins
    except PinFileUnreadable as error:
        os.write(2, f"DEBUG: {error}\n".encode())
    os.write(1, "".join(f"{line}\n" for line in device_lines(pins)).encode())
    return 0
