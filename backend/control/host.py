"""HOST on the command line: name, name:port, [v6]:port, or the device URI of the queue."""

from __future__ import annotations

from dataclasses import dataclass

from backend import errors
from backend.device_uri import DEFAULT_PATH, DeviceURI, parse_device_uri, without_password
from backend.trust.addresses import DEFAULT_PORT, canonical_host, parse_host_and_port, pin_key


class Refused(Exception):
    """The command was understood and is not carried out; the text says why. Exit code 1."""


class Misused(Exception):
    """The command line makes no sense; the text says why. Exit code 2."""


def is_ours(device_uri: object) -> bool:
    """Tell whether a device URI, as cupsd has it, goes through this backend."""
    return str(device_uri or "").lower().startswith("ipps443://")


@dataclass(frozen=True)
class PrinterHost:
    """A printer as an administrator names it. ``host`` is in the form of the pin file."""

    host: str
    port: int
    #: How a queue would reach and trust it; all usual when HOST was no device URI.
    uri: DeviceURI
    #: The device URI as it was written, without user and password.
    text: str | None = None

    @property
    def key(self) -> str:
        """Return host and port as the pin file writes them."""
        return pin_key(self.host, self.port)

    @property
    def name(self) -> str:
        """Return the shortest form that ipps443ctl takes."""
        return self.host if self.port == DEFAULT_PORT else self.key

    @property
    def address(self) -> str:
        """Return the host as sockets want it, without brackets."""
        return self.host.strip("[]")

    @property
    def path(self) -> str | None:
        """Return the path in the device URI when it is not the usual one."""
        return None if self.uri.path == DEFAULT_PATH else self.uri.path

    @property
    def device_uri(self) -> str:
        """Return a device URI for a queue."""
        return f"ipps443://{self.name.replace('%', '%25')}{self.uri.path}"


def parse_printer_host(text: str) -> PrinterHost:
    """Read HOST; raise Misused."""
    try:
        if "://" in text:
            uri = parse_device_uri(text.strip())
            return PrinterHost(canonical_host(uri.host), uri.port, uri, without_password(text.strip()))
        host, port = parse_host_and_port(text.strip())
        return PrinterHost(host, port, DeviceURI(host.strip("[]"), port))
    except errors.BadDeviceURI as error:
        raise Misused(f"{error.detail} [{error.code}]") from None
    except ValueError as error:
        raise Misused(str(error)) from None
