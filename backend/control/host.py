"""HOST on the command line: name, name:port, [v6]:port, or the device URI of the queue."""

from __future__ import annotations

from dataclasses import dataclass

from backend import errors
from backend.trust.addresses import DEFAULT_PORT, canonical_host, parse_host_and_port, pin_key


class Refused(Exception):
    """The command was understood and is not carried out; the text says why. Exit code 1."""


class Misused(Exception):
    """The command line makes no sense; the text says why. Exit code 2."""


@dataclass(frozen=True)
class PrinterHost:
    """A printer as an administrator names it. ``host`` is in the form of the pin file."""

    host: str
    port: int = DEFAULT_PORT
    #: From a device URI: the path, when it is not the usual one, and how to speak TLS.
    path: str | None = None
    tls: str = "1.2"
    sni: bool = True
    #: From a device URI: the queue's own pins, which replace the pin file, and its other rules of trust.
    own_pins: tuple[bytes, ...] = ()
    trust: str | None = None
    expired: str = "warn"
    #: The device URI itself, without user and password.
    uri: str | None = None

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
    def device_uri(self) -> str:
        """Return a device URI for a queue."""
        return f"ipps443://{self.name.replace('%', '%25')}{self.path or '/ipp/print'}"


def parse_printer_host(text: str) -> PrinterHost:
    """Read HOST; raise Misused."""
    try:
        if "://" in text:
            return _from_device_uri(text)
        return PrinterHost(*parse_host_and_port(text.strip()))
    except (ValueError, errors.BadDeviceURI, errors.OptionNotSupported) as error:
        raise Misused(str(error)) from None


def _from_device_uri(text: str) -> PrinterHost:
    from backend.device_uri import DEFAULT_PATH, parse_device_uri, without_password

    uri = parse_device_uri(text.strip())
    path = None if uri.path == DEFAULT_PATH else uri.path
    return PrinterHost(
        canonical_host(uri.host),
        uri.port,
        path,
        tls=uri.tls,
        sni=uri.sni,
        own_pins=uri.pins,
        trust=uri.trust,
        expired=uri.expired,
        uri=without_password(text.strip()),
    )
