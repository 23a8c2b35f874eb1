"""Which printer a pin belongs to: host and port, written in one way only.

The host follows RFC 3986 section 3.2.2 and RFC 6874 (zone ids). The key of the pin file is lower case,
without trailing dot, IPv6 in brackets and in the short form of RFC 5952, the port always written. A zone id keeps its
case, because names of network interfaces do. Whether the name exists is not checked here.
"""

from __future__ import annotations

import re
import socket

#: HTTPS; the port that gives the backend its name.
DEFAULT_PORT = 443

#: Whatever a resolver may know as a name, but nothing that has a meaning in a URI or in the pin file.
_NAME = re.compile(r"""[^\s/?#@\[\]\\<>"'%:]+\Z""")
_ZONE = re.compile(r"""[^\s/?#@\[\]\\<>"'%:]+\Z""")
_PORT = re.compile(r"[1-9][0-9]{0,4}\Z")


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
    name = _ascii_name(bare.lower())
    name = name[:-1] if name.endswith(".") else name
    if not _NAME.match(name) or not name.isprintable() or not name.strip(".") or ".." in name or len(name) > 253:
        raise ValueError(f'"{host}" is no host name or address')
    return name


def _ascii_name(name: str) -> str:
    """Return the form of an internationalised name that DNS and certificates use (RFC 3490), where it has one."""
    if name.isascii():
        return name
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError:
        return name


def _canonical_ipv6(address: str) -> str:
    number, percent, zone = address.partition("%")
    if percent and not (_ZONE.match(zone) and zone.isprintable()):
        raise ValueError(f'"{address}" has no usable zone id after the percent sign')
    try:
        short = socket.inet_ntop(socket.AF_INET6, socket.inet_pton(socket.AF_INET6, number))
    except (OSError, UnicodeError, ValueError):
        raise ValueError(f'"{address}" is no IPv6 address') from None
    return short + percent + zone


def split_key(key: str) -> tuple[str, int]:
    """Split a key of the pin file; raise ValueError, with the right spelling, when it is written another way."""
    host, colon, port = key.rpartition(":")
    if not colon or not host or host.count("[") != host.count("]"):
        raise ValueError(f'"{key}" is not host:port')
    if not _PORT.match(port):
        raise ValueError(f'"{port}" is no port number')
    wanted = pin_key(host, int(port))
    if wanted != key:
        raise ValueError(f'write "{wanted}" instead of "{key}"')
    return canonical_host(host), int(port)


def parse_host_and_port(text: str, default_port: int = DEFAULT_PORT) -> tuple[str, int]:
    """Read "name", "name:port", "[v6]", "[v6]:port" or a bare address as somebody types it; raise ValueError."""
    host, port = _split_authority(text)
    if port and not _PORT.match(port):
        raise ValueError(f'"{port}" is no port number')
    number = int(port) if port else default_port
    pin_key(host, number)
    return canonical_host(host), number


def _split_authority(authority: str) -> tuple[str, str]:
    if authority.startswith("["):
        host, bracket, port = authority.partition("]")
        if not bracket or (port and not port.startswith(":")):
            raise ValueError(f'"{authority}" is no address in brackets')
        return host[1:], port[1:]
    if authority.count(":") > 1:
        return authority, ""
    host, _, port = authority.partition(":")
    return host, port
