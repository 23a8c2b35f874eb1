"""Names and addresses of hosts, and which printer a pin belongs to: host and port, written in one way only.

The host follows RFC 3986 section 3.2.2 and RFC 6874 (zone ids). The key of the pin file is lower case,
without trailing dot, IPv6 in brackets and in the short form of RFC 5952, the port always written. A zone id keeps its
case, because names of network interfaces do. Whether the name exists is not checked here.
"""

from __future__ import annotations

import re
import socket

#: HTTPS; the port that gives the backend its name.
DEFAULT_PORT = 443

#: What stands in names of hosts (RFC 952, RFC 1123 section 2.1), the underscore that people use all the same, and
#: letters of other scripts for which there is no IDNA form. No "*": a pin for "any host" would mean none.
_NAME = r"[\w.-]+\Z"
_ZONE = r"[\w.-]+\Z"


def pin_key(host: str, port: int) -> str:
    """Return "host:port" as the pin file writes it; raise ValueError for what can be no host or no port."""
    if not 1 <= port <= 65535:
        raise ValueError(f"port {port} is not between 1 and 65535")
    return f"{canonical_host(host)}:{port}"


def canonical_host(host: str) -> str:
    """Return the host as the pin file writes it, without a port."""
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if ":" in bare:
        return f"[{_canonical_ipv6(bare)}]"
    name = to_ascii(bare.lower()) or bare.lower()
    name = name[:-1] if name.endswith(".") else name
    if not re.match(_NAME, name) or not name.isprintable() or "" in name.split(".") or len(name) > 253:
        raise ValueError(f'"{host}" is no host name or address')
    return name


def to_ascii(name: str) -> str:
    """Return the form of a name that DNS, certificates and HTTP use (RFC 3490), "" if it has none."""
    if name.isascii():
        return name
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError:
        return ""


def in_dns(name: str) -> bytes:
    """Return a name as it stands in DNS.

    Raises:
        UnicodeError: it cannot stand there.
    """
    if name.isascii() and all(0 < len(label) < 64 for label in name.split(".")):
        return name.encode("ascii")  # the codec would do the same; it takes a millisecond to import
    return name.encode("idna")


def is_address(host: str) -> bool:
    """Whether a host, without brackets, is an address and no name; a zone id may follow."""
    number = host.partition("%")[0]
    return _is_ip(socket.AF_INET, number) or _is_ip(socket.AF_INET6, number)


def is_ipv6(number: str) -> bool:
    """Whether this is an IPv6 address, without brackets and zone id."""
    return _is_ip(socket.AF_INET6, number)


def is_zone(name: str) -> bool:
    """Whether this can be a zone id: the name of a network interface, or its number."""
    return re.match(_ZONE, name) is not None and name.isprintable()


def _is_ip(family: int, number: str) -> bool:
    try:
        socket.inet_pton(family, number)
    except (OSError, UnicodeError, ValueError):
        return False
    return True


def _canonical_ipv6(address: str) -> str:
    number, percent, zone = address.partition("%")
    if percent and not is_zone(zone):
        raise ValueError(f'"{address}" has no usable zone id after the percent sign')
    if not is_ipv6(number):
        raise ValueError(f'"{address}" is no IPv6 address')
    short = socket.inet_ntop(socket.AF_INET6, socket.inet_pton(socket.AF_INET6, number))
    return short + percent + zone


def _is_port(text: str) -> bool:
    """Tell whether a text is the number of a port, written in the one way there is."""
    return text.isascii() and text.isdecimal() and text[0] != "0" and len(text) <= 5


def split_key(key: str) -> tuple[str, int]:
    """Split a key of the pin file; raise ValueError, with the right spelling, when it is written in a different way."""
    host, colon, port = key.rpartition(":")
    if not colon or not host or host.count("[") != host.count("]"):
        raise ValueError(f'"{key}" is not host:port')
    if not _is_port(port):
        raise ValueError(f'"{port}" is no port number')
    wanted = pin_key(host, int(port))
    if wanted != key:
        raise ValueError(f'write "{wanted}" instead of "{key}"')
    return canonical_host(host), int(port)


def parse_host_and_port(text: str, default_port: int = DEFAULT_PORT) -> tuple[str, int]:
    """Read "name", "name:port", "[v6]", "[v6]:port" or a bare address as someone types it; raise ValueError."""
    is_bare = text.count(":") > 1 and not text.startswith("[")
    host, port = (text, None) if is_bare else split_authority(text)
    return canonical_host(host), default_port if port is None else parse_port(port)


def split_authority(authority: str) -> tuple[str, str | None]:
    """Split "name", "name:port", "[v6]" and "[v6]:port"; an address keeps its brackets, a port is not yet a number.

    Raises:
        ValueError: it has none of these forms.
    """
    if authority.startswith("["):
        address, bracket, rest = authority.partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise ValueError("the brackets of the IPv6 address are not closed")
        return address + bracket, rest[1:] if rest else None
    name, colon, port = authority.partition(":")
    if ":" in port:
        raise ValueError("an IPv6 address must stand in brackets")
    return name, port if colon else None


def parse_port(text: str) -> int:
    """Return the number of a port that someone has written; raise ValueError for what is none."""
    if not text.isascii() or not text.isdigit() or len(text) > 5 or not 1 <= int(text) <= 65535:
        raise ValueError("the port is not a number from 1 to 65535")
    return int(text)
