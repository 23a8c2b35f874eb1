"""Which printer a pin belongs to: host and port, written in one way only.

The host follows RFC 3986 section 3.2.2 and RFC 6874 (zone ids). The key of the pin file is lower case,
without trailing dot, IPv6 in brackets and in the short form of RFC 5952, the port always written. A zone id keeps its
case, because names of network interfaces do. Whether the name exists is not checked here.
"""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass

#: HTTPS; the port that gives the backend its name.
DEFAULT_PORT = 443

SCHEME = "ipps443"

_NAME = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?\Z")
_ZONE = re.compile(r"[A-Za-z0-9_.~-]+\Z")
_PORT = re.compile(r"[1-9][0-9]{0,4}\Z")


@dataclass(frozen=True)
class PrinterAddress:
    """A printer as an administrator names it on the command line."""

    host: str
    port: int = DEFAULT_PORT
    path: str | None = None
    legacy: bool = False

    @property
    def key(self) -> str:
        """Return the key of the pin file."""
        return pin_key(self.host, self.port)


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
    name = bare.lower()
    if not name.isascii():
        name = _ascii_name(name)
    name = name[:-1] if name.endswith(".") else name
    if not _NAME.match(name) or ".." in name or len(name) > 253:
        raise ValueError(f'"{host}" is no host name or address')
    return name


def _ascii_name(name: str) -> str:
    """Return the form of an internationalised name that DNS and certificates use (RFC 3490)."""
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError:
        raise ValueError(f'"{name}" is no host name') from None


def _canonical_ipv6(address: str) -> str:
    number, percent, zone = address.partition("%")
    if percent and not _ZONE.match(zone):
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


def parse_printer_address(text: str, default_port: int = DEFAULT_PORT) -> PrinterAddress:
    """Read what an administrator types for HOST: name, name:port, [v6]:port, a bare address, or a device URI.

    Of a device URI only host, port, path and tls=legacy are taken; user, password and all other options are dropped.
    """
    scheme, separator, rest = text.strip().partition("://")
    if not separator:
        host, port = _split_authority(text.strip(), default_port)
        return PrinterAddress(host, port)
    if scheme.lower() != SCHEME:
        raise ValueError(f'"{scheme}" is not the scheme {SCHEME}')
    return _parse_device_uri(rest, default_port)


def _parse_device_uri(rest: str, default_port: int) -> PrinterAddress:
    from urllib.parse import unquote

    rest, _, query = rest.partition("?")
    authority, slash, path = rest.partition("/")
    options = {option.lower() for option in query.split("&")}
    default = 631 if "tls=upgrade" in options else default_port
    host, port = _split_authority(unquote(authority.rpartition("@")[2]), default)
    return PrinterAddress(host, port, slash + path if slash else None, "tls=legacy" in options)


def _split_authority(authority: str, default_port: int) -> tuple[str, int]:
    """Split "host", "host:port", "[v6]", "[v6]:port" and a bare IPv6 address."""
    if authority.startswith("["):
        host, bracket, port = authority.partition("]")
        if not bracket or (port and not port.startswith(":")):
            raise ValueError(f'"{authority}" is no address in brackets')
        host, port = host[1:], port[1:]
    elif authority.count(":") > 1:
        host, port = authority, ""
    else:
        host, _, port = authority.partition(":")
    if port and not _PORT.match(port):
        raise ValueError(f'"{port}" is no port number')
    number = int(port) if port else default_port
    pin_key(host, number)
    return canonical_host(host), number
