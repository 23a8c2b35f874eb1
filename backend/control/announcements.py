r"""What printers announce by DNS-SD (RFC 6763), out of the lines of ``avahi-browse --parsable --resolve``.

    line    = "=;" interface ";" protocol ";" name ";" type ";" domain ";" host ";" address ";" port ";" txt
    name    = *( CHAR | "\" 3DIGIT | "\" CHAR )      ; the digits are a byte in decimal
    txt     = [ string *( SP string ) ]              ; each in quotes, escaped in the same way

Anyone on the network can announce anything: a line that is not in this form is nothing, and of the others no word is
believed. Which characters can be shown is the affair of whoever shows them.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from backend.trust.addresses import canonical_host, is_address

#: What is looked for, and how each is written in an announcement.
SERVICES = ("_ipps._tcp", "_ipp._tcp")

#: A line is at most so long: a whole multicast message (RFC 6762 section 17), each byte escaped.
LONGEST_LINE = 4 * 9000

#: Characters of a name, a model, a place that are kept; names of DNS-SD have at most 63 bytes.
LONGEST_WORD = 80

_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"(?: |\Z)')
_ESCAPE = re.compile(rb"\\(?:([0-9]{3})|(.))", re.DOTALL)
_PATH = re.compile(r"[A-Za-z0-9._~/-]{1,100}")


@dataclass(frozen=True)
class Announcement:
    """One service at one address."""

    name: str
    service: str
    #: In the form of the pin file; "" if it can be no host's name.
    host: str
    #: Without brackets, with the zone that a link-local one needs.
    address: str
    port: int
    model: str = ""
    location: str = ""
    #: Path of the IPP service, "" if it is none that could stand in a device URI as it is.
    path: str = ""


def parse_announcements(lines: Iterable[str]) -> Iterator[Announcement]:
    """Yield what is announced, each once."""
    seen = set()
    for line in lines:
        found = parse_line(line)
        if found is not None and found not in seen:
            seen.add(found)
            yield found


def parse_line(line: str) -> Announcement | None:
    """Read one line; None for one that announces no printer that could be connected to."""
    fields = line.rstrip("\n").split(";", 9)
    if len(fields) != 10 or fields[0] != "=" or len(line) > LONGEST_LINE:
        return None
    _, interface, _, name, service, _, host, address, port, text = fields
    number = int(port) if re.fullmatch("[0-9]{1,5}", port) else 0
    usable = usable_address(address, interface)
    if service not in SERVICES or not usable or not 1 <= number <= 65535:
        return None
    words = parse_txt(text)
    return Announcement(
        name=_word(unescape(name)),
        service=service,
        host=_host(host),
        address=usable,
        port=number,
        model=_word(words.get("ty") or words.get("product", "").strip("()")),
        location=_word(words.get("note", "")),
        path=_path(words.get("rp", "")),
    )


def unescape(text: str) -> str:
    """Return a name or a string of TXT as it was announced; bytes that are no UTF-8 become U+FFFD."""

    def byte(found: re.Match[bytes]) -> bytes:
        if found[1] is None:
            return found[2]
        return bytes([int(found[1])]) if int(found[1]) < 256 else found[0]

    return _ESCAPE.sub(byte, text.encode("utf-8", "surrogateescape")).decode("utf-8", "replace")


def parse_txt(text: str) -> Mapping[str, str]:
    """Return the keys of a TXT record in small letters, with their values; of two that are alike the first counts."""
    words: dict[str, str] = {}
    for string in _STRING.findall(text):
        key, _, value = unescape(string).partition("=")
        words.setdefault(key.lower(), value)
    return words


def usable_address(text: str, interface: str) -> str:
    """Return an address that a printer on the network can have, "" for all else.

    One of this machine itself counts only if it came from this machine: others must not have its own services tried.
    """
    if "%" in text or not is_address(text):
        return ""
    address = ipaddress.ip_address(text)
    mapped = getattr(address, "ipv4_mapped", None)
    if address.is_unspecified or address.is_multicast or text == "255.255.255.255" or mapped is not None:
        return ""
    if address.is_loopback and interface != "lo":
        return ""
    if address.version == 6 and address.is_link_local:
        return f"{address}%{interface}" if re.fullmatch(r"[A-Za-z0-9_.-]{1,15}", interface) else ""
    return str(address)


def _host(text: str) -> str:
    try:
        return canonical_host(text)
    except ValueError:
        return ""


def _word(text: str) -> str:
    return " ".join(text.split())[:LONGEST_WORD]


def _path(text: str) -> str:
    return "/" + text.lstrip("/") if _PATH.fullmatch(text) else ""
