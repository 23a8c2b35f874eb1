"""A queue of a list that is there already: what of it is not as the list says.

Rules of this module:

- what the list does not say stays: an empty location, a device URI without a path or without an option that ``add``
  finds out by itself;
- user and password cannot be compared, because cupsd tells them to nobody.
"""

from __future__ import annotations

from argparse import Namespace
from dataclasses import fields
from typing import Any

from backend.control.host import Misused, PrinterHost, parse_printer_host
from backend.device_uri import DeviceURI

#: Parts of a device URI that say which printer it is, or that cupsd does not tell.
NOT_COMPARED = ("host", "port", "user", "password")
#: What add puts into a device URI where the printer needs it.
FOUND_OUT = ("tls", "sni")

#: What a queue has, as pycups calls it when it is set and when it is asked for, and where the list says it.
WORDS = (("info", "printer-info", "label"), ("location", "printer-location", "location"))


def other_words(queue: dict[str, Any], arguments: Namespace) -> dict[str, str]:
    """Return words and place of the list that a queue does not have, as pycups sets them."""
    wanted = {name: (attribute, str(getattr(arguments, word) or "")) for name, attribute, word in WORDS}
    return {name: text for name, (attribute, text) in wanted.items() if text and str(queue.get(attribute, "")) != text}


def is_reached_as(queue: dict[str, Any], printer: PrinterHost) -> bool:
    """Tell whether a queue has the path and the options that are written for its printer."""
    try:
        there = parse_printer_host(str(queue.get("device-uri", ""))).uri
    except Misused:
        return False
    return all(
        getattr(there, name) == getattr(printer.uri, name)
        or (name in FOUND_OUT and getattr(printer.uri, name) == getattr(DeviceURI, name))
        or (name == "path" and not _has_path(printer))
        for name in (each.name for each in fields(DeviceURI))
        if name not in NOT_COMPARED
    )


def _has_path(printer: PrinterHost) -> bool:
    return "/" in (printer.text or "").partition("://")[2].partition("?")[0]
