r"""The pin file as text and as pins, in the manner of known_hosts: one pin per line.

    file    = *( line LF )
    line    = blank | "#" comment | key 1*( WSP field )
    key     = host ":" port             ; lower case, no trailing dot, IPv6 in brackets
    field   = "spki-sha256:" digest     ; of the public key, as in the certificate (RFC 5280 4.1.2.7)
            | "cert-sha256:" digest     ; of the whole certificate
            | "ca:" name                ; a file in the pin file's folder; stands alone
            | "label=" value | "added=" date | "path=" value | "model=" value
            | "not-after=" date             ; the end of the pinned certificate, for those who look at dates
            | "acknowledged=" date          ; someone knows that it has ended, or ends soon
            | "x-" name "=" value           ; of others: kept, and means nothing here
    digest  = 64 hex digits | base64
    value   = word | %x22 *( char | "\\" | "\" %x22 ) %x22

Rules: each field at most once; a key with a ca or with at least one hash, never with both; what is not in this grammar
is an error with its line number, because a pin that was not understood must not be the reason for trust or for its
absence. Comments, blank lines, order and spelling survive every edit. Nothing here touches the disk.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from backend import errors
from backend.trust.addresses import pin_key, split_key
from backend.trust.fingerprint import parse_digest, parse_fingerprint
from filters.common.dataclass import dataclass, replace

HEADER = (
    "# Certificates that printers are known by; ipps443(8) trusts no others.\n"
    "# Written by ipps443ctl(8); comments stay. A line that cannot be read stops all queues of this backend.\n"
)

#: One field: its name, its separator and its value. A quoted value must be followed by white space or the end.
_FIELD = r"""([a-z0-9-]+)([:=])(?:"((?:[^"\\]|\\["\\])*)"|([^\s"\\]+))(?=[ \t]|\Z)"""
_SPACE = r"[ \t]+"
_BARE = r"[^\s\"\\]+\Z"
_DATE = r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?\Z"
_FILE_NAME = r"[A-Za-z0-9_][A-Za-z0-9._@+-]*\Z"


@dataclass(frozen=True)
class Pin:
    """One way to recognise one printer. ``host`` is in the form of the pin file."""

    host: str
    port: int
    spki_sha256: bytes | None = None
    cert_sha256: bytes | None = None
    #: From a device URI: the hash of the key or of the certificate, whichever fits.
    either_sha256: bytes | None = None
    ca: str | None = None
    label: str | None = None
    added: str | None = None
    path: str | None = None
    model: str | None = None
    not_after: str | None = None
    acknowledged: str | None = None
    #: Fields "x-...=" of others, with their values.
    extra: tuple[tuple[str, str], ...] = ()
    line: int | None = None

    @property
    def key(self) -> str:
        """Return the key of the pin file."""
        return f"{self.host}:{self.port}"

    @property
    def identity(self) -> tuple[str, bytes | None, bytes | None, bytes | None, str | None]:
        """Return what makes two lines the same pin, whatever their labels say."""
        return (self.key, self.spki_sha256, self.cert_sha256, self.either_sha256, self.ca)


def uri_pins(host: str, port: int, fingerprints: Iterable[str | bytes]) -> tuple[Pin, ...]:
    """Return the pins that a device URI carries itself; raise ValueError for a fingerprint that is none."""
    canonical, number = split_key(pin_key(host, port))
    digests = (f if isinstance(f, bytes) else parse_fingerprint(f) for f in fingerprints)
    return tuple(Pin(canonical, number, either_sha256=digest) for digest in digests)


# --- text to pins -----------------------------------------------------------------------------------------


def _digest(value: str) -> bytes:
    if ":" in value:
        raise ValueError("write the hash without colons")
    return parse_digest(value)


def _ca_file(value: str) -> str:
    if not re.match(_FILE_NAME, value):
        raise ValueError(f'"{value}" is no plain file name (letters, digits, dots; the file lies beside the pin file)')
    return value


def _date(value: str) -> str:
    if not re.match(_DATE, value):
        raise ValueError(f'"{value}" is no date like 2026-01-31')
    return value


def _words(value: str) -> str:
    if not value.isprintable():
        raise ValueError("a control character is in the value")
    return value


def _path(value: str) -> str:
    if not value.startswith("/"):
        raise ValueError(f'path "{value}" does not begin with /')
    return _words(value)


#: Field name as written, with its separator: the name in Pin, and how its value is read. In the order of writing.
_FIELDS = {
    "spki-sha256:": ("spki_sha256", _digest),
    "cert-sha256:": ("cert_sha256", _digest),
    "ca:": ("ca", _ca_file),
    "label=": ("label", _words),
    "added=": ("added", _date),
    "path=": ("path", _path),
    "model=": ("model", _words),
    "not-after=": ("not_after", _date),
    "acknowledged=": ("acknowledged", _date),
}
_EXTRA = r"x-[a-z0-9-]+=\Z"


def parse_pin(text: str, line: int | None = None) -> Pin:
    """Read one line that is neither blank nor a comment; raise ValueError with the reason."""
    key, *rest = re.split(_SPACE, text.strip(" \t\r"), maxsplit=1)
    host, port = split_key(key)
    values = _parse_fields(rest[0] if rest else "")
    hashes = "spki_sha256" in values or "cert_sha256" in values
    if hashes == ("ca" in values):
        raise ValueError(
            "a ca: field stands alone, without a hash" if hashes else "no spki-sha256:, cert-sha256: or ca: in the line"
        )
    return Pin(host, port, line=line, **values)


def _parse_fields(text: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    extra: dict[str, str] = {}
    field_at = re.compile(_FIELD).match
    position = 0
    while position < len(text):
        match = field_at(text, position)
        if not match:
            raise ValueError(f'"{_beginning(text[position:])}" is no field')
        written = match[1] + match[2]
        quoted = match[3]
        value = match[4] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
        if written in _FIELDS:
            name, read = _FIELDS[written]
            _put(values, written, name, read(value))
        elif re.match(_EXTRA, written):
            _put(extra, written, written, _words(value))
        else:
            raise ValueError(f'"{written}" is no known field')
        position = match.end()
        while text[position : position + 1] in (" ", "\t"):
            position += 1
    return {**values, "extra": tuple(extra.items())} if extra else values


def _put(values: dict[str, Any], written: str, name: str, value: Any) -> None:
    if name in values:
        raise ValueError(f'"{written}" stands twice in the line')
    values[name] = value


def _beginning(text: str) -> str:
    """Return the first word, short and printable, for a message."""
    from filters.common.printable import printable

    word = text.split(maxsplit=1)[0] if text.split() else text
    return printable(word[:40])


# --- pins to text -----------------------------------------------------------------------------------------


def format_pin(pin: Pin) -> str:
    """Write one line; raise ValueError for what the grammar cannot say."""
    words = [pin_key(pin.host, pin.port)]
    for written, (name, _read) in _FIELDS.items():
        value = getattr(pin, name)
        if value is not None:
            words.append(written + (value.hex() if isinstance(value, bytes) else _quoted(name, value)))
    words += [written + _quoted("extra", value) for written, value in pin.extra]
    text = "  ".join(words)
    if parse_pin(text, pin.line) != pin:
        raise ValueError(f"a pin for {pin.key} cannot be written to the pin file")
    return text


def _quoted(name: str, value: str) -> str:
    if name not in ("label", "model", "extra") and re.match(_BARE, value):
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


# --- the file ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PinFile:
    """The lines of a pin file as they are written, each with its pin where it has one."""

    lines: tuple[tuple[str, Pin | None], ...] = ()
    path: str = "pins"

    @property
    def text(self) -> str:
        """Return the file's text."""
        return "".join(line + "\n" for line, _pin in self.lines)

    @property
    def pins(self) -> tuple[Pin, ...]:
        """Return all pins in the order of the file."""
        return tuple(pin for _line, pin in self.lines if pin is not None)

    def for_printer(self, host: str, port: int) -> tuple[Pin, ...]:
        """Return the pins of one host and port; another port of the same host is another printer."""
        key = pin_key(host, port)
        return tuple(pin for pin in self.pins if pin.key == key)

    def with_pin(self, pin: Pin) -> PinFile:
        """Return the file with this pin: in place of the same pin if there, else behind its printer's last line."""
        identities = [old.identity if old else None for _line, old in self.lines]
        lines = list(self.lines)
        entry = (format_pin(pin), pin)
        if pin.identity in identities:
            lines[identities.index(pin.identity)] = entry
        else:
            keys = [index for index, (_line, old) in enumerate(lines) if old and old.key == pin.key]
            lines.insert(keys[-1] + 1 if keys else len(lines), entry)
        return self._renumbered(lines)

    def without(self, host: str, port: int, keep: Iterable[Pin] = ()) -> PinFile:
        """Return the file without the pins of one host and port, except those to keep."""
        key = pin_key(host, port)
        kept = {pin.identity for pin in keep}
        return self._renumbered(
            [(line, pin) for line, pin in self.lines if pin is None or pin.key != key or pin.identity in kept]
        )

    def _renumbered(self, lines: list[tuple[str, Pin | None]]) -> PinFile:
        numbered = ((line, pin and replace(pin, line=number)) for number, (line, pin) in enumerate(lines, 1))
        return PinFile(tuple(numbered), self.path)


def parse_pins(text: str, path: str = "pins") -> PinFile:
    """Read a pin file; raise PinFileUnreadable with the number of the first line that is not understood."""
    written = text.split("\n")
    if written[-1] == "":
        written.pop()
    lines = []
    for number, line in enumerate(written, 1):
        bare = line.strip(" \t\r")
        try:
            pin = None if not bare or bare.startswith("#") else parse_pin(bare, number)
        except ValueError as error:
            raise errors.PinFileUnreadable(path, str(error), number) from None
        lines.append((line, pin))
    return PinFile(tuple(lines), path)
