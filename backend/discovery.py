"""The device list: what lpinfo -v and the web interface show. backend(7), "DEVICE DISCOVERY". No network.

Printers that announce themselves stand in it, as not pinned, only where root has switched that on: out of a file that a
timer fills (``ipps443ctl find --fill-device-list``), because cupsd and whoever looks at the page would wait for them.

    file    = "ipps443-found 1 " seconds LF *( uri TAB model TAB name LF )      ; seconds since 1970

The file belongs to lp, and its words to anyone on the network: what is not of this form is left out.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable, Mapping
from urllib.parse import quote

from backend.cupsd.cache_file import cache_folder, read_beginning
from backend.device_uri import PATH_CHARACTERS, DEFAULT_PORT, SCHEME
from backend.trust.pin_file import Pin
from filters.common.printable import printable
from filters.common.report import Report
from filters.common.trusted_file import SETTINGS

#: The file in the cache folder, how it begins, and how much of it is read.
FOUND_FILE = "found"
FOUND_HEAD = "ipps443-found 1 "
LONGEST_FOUND = 1 << 16
#: Seconds after which it says nothing any more: the timer, every 15 minutes, has stopped.
STALE = 3600
#: Printers that the list shows at most.
MOST_FOUND = 100
#: The setting that switches it on.
SETTING = "found-in-device-list"

#: The device URI of one; compiled only where it is switched on.
_FOUND_URI = (
    SCHEME + r"://([A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+(?:%25[A-Za-z0-9_.-]+)?\])(?::([0-9]{1,5}))?(?:/[A-Za-z0-9._~/-]*)?"
)


def quoted(text: str) -> str:
    """Return a field of a device line: in quotes, on one line."""
    text = printable(text, " ")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


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
            line = f"network {uri} {quoted(model)} {quoted(label)}"
            identity = device_id(pin)
            lines.append(f"{line} {quoted(identity)}" if identity else line)
    return lines


def device_id(pin: Pin) -> str:
    """Return what an IEEE 1284 device id would say of a printer's make and model; "" if neither is known."""
    words = "".join(" " if character in ';:"\\' else character for character in pin.model or "").split()
    return f"MFG:{words[0]};MDL:{' '.join(words[1:])};" if len(words) > 1 else ""


def pinned_uri(pin: Pin) -> str:
    """Return the device URI of a pinned printer."""
    host = pin.host.strip("[]").replace("%", "%25", 1)
    host = f"[{host}]" if ":" in host else host
    port = "" if pin.port == DEFAULT_PORT else f":{pin.port}"
    path = quote(pin.path or "", safe=PATH_CHARACTERS.replace("@", ""))
    return f"{SCHEME}://{host}{port}{path}"


def found_text(printers: Iterable[tuple[str, str, str]], now: float) -> str:
    """Return the file for printers that were found: device URI, model and name of each, the last two made one line."""
    lines = [f"{FOUND_HEAD}{int(now)}\n"]
    length = len(lines[0])
    for uri, *words in list(printers)[:MOST_FOUND]:
        line = "\t".join([uri, *(" ".join(printable(word, " ").split()) for word in words)]) + "\n"
        length += len(line.encode())
        if length > LONGEST_FOUND:
            break
        lines.append(line)
    return "".join(lines)


def is_of_this_hour(text: str, now: float) -> bool:
    """Tell whether the file says something, and was written not long ago."""
    head = text.partition("\n")[0]
    seconds = head.removeprefix(FOUND_HEAD)
    return head != seconds and bool(re.fullmatch("[0-9]{1,12}", seconds)) and 0 <= now - int(seconds) <= STALE


def found_lines(text: str, pins: Iterable[Pin], now: float) -> list[str]:
    """Return a device line for each printer of the file that is not pinned; none if the file is not of this hour."""
    if not is_of_this_hour(text, now):
        return []
    taken = {(pin.host, pin.port) for pin in pins}
    shown = []
    for line in text.split("\n")[1 : MOST_FOUND + 1]:
        uri, *words = line.split("\t")
        place = re.fullmatch(_FOUND_URI, uri)
        if place is None or len(words) != 2:
            continue
        host, port = place[1].replace("%25", "%"), int(place[2] or DEFAULT_PORT)
        if (host, port) not in taken:
            taken.add((host, port))
            model, name = words
            shown.append(f"network {uri} {quoted(model or 'Unknown')} {quoted('not pinned: ' + (name or host))}")
    return shown


def read_found(path: str) -> str:
    """Return the file's text; "" if there is none, or if it is none of ours."""
    return read_beginning(path, LONGEST_FOUND).decode("utf-8", "replace")


def shows_found(settings_path: str) -> bool:
    """Tell whether the administrator wants printers that are not pinned in the list; unreadable settings are a no."""
    from filters.common.settings_file import SettingsUnreadable, read_settings

    try:
        return read_settings(settings_path).word(SETTING) == "on"
    except SettingsUnreadable:
        return False


def list_devices(pin_file: str, environ: Mapping[str, str]) -> int:
    """Write the device list to standard output; pins that cannot be read show no printers, and that is all."""
    from backend.errors import PinFileUnreadable
    from backend.trust.pin_store import read_pins

    pins: tuple[Pin, ...] = ()
    lines: list[str] = []
    try:
        pins = read_pins(pin_file).pins
        found = read_found(os.path.join(cache_folder(environ), FOUND_FILE))
        if found and shows_found(os.path.join(os.path.dirname(pin_file), SETTINGS)):
            lines = found_lines(found, pins, time.time())
    except PinFileUnreadable as error:
        Report().debug(str(error))
    os.write(1, "".join(f"{line}\n" for line in [*device_lines(pins), *lines]).encode())
    return 0
