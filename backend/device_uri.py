"""The device URI and its options: text to one value.

    ipps443://[user[:password]@]host[:port][/path][?option=value&...]

Rules of this module:

- an option that is not known, given twice (but for ``pin``) or has a bad value is refused, with the name of the
  nearest known one: a mistyped ``pin`` must never mean "no pin";
- ``+`` is a plus sign; percent-encoding is undone once, in user, password, host and option values;
- the password appears in no error and in no representation.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from backend.errors import BadDeviceURI
from backend.trust import BY_CA, EXPIRED_WORDS, TRUST_WORDS
from backend.trust.addresses import (
    DEFAULT_PORT,
    canonical_host,
    is_ipv6,
    is_zone,
    parse_port,
    split_authority,
    to_ascii,
)
from backend.trust.fingerprint import parse_fingerprint
from filters.common.dataclass import dataclass, field, fields, replace

SCHEME = "ipps443"
#: RFC 2817 works on a plain IPP port.
UPGRADE_PORT = 631
DEFAULT_PATH = "/ipp/print"

#: Ports on which printers take raw data and print whatever comes, a handshake too, and the CUPS backend for them.
RAW_PORTS = {515: "lpd", **dict.fromkeys(range(9100, 9108), "socket")}

#: What besides letters and digits stands in a path as it is (RFC 3986 section 3.3).
PATH_CHARACTERS = "/%:@!$&'()*+,;=-._~"

TRUE_WORDS = ("true", "yes", "on", "1")
FALSE_WORDS = ("false", "no", "off", "0")


@dataclass(frozen=True)
class Timeouts:
    """Seconds per phase. ``write`` and ``reply`` count from the last progress and lead to an inquiry, not to an end."""

    connect: float = 30
    handshake: float = 30
    probe: float = 10
    write: float = 120
    reply: float = 300
    read: float = 60


@dataclass(frozen=True)
class DeviceURI:
    """A device URI taken apart. ``host`` has no brackets and keeps a zone id after ``%``."""

    host: str
    port: int = DEFAULT_PORT
    path: str = DEFAULT_PATH
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    pins: tuple[bytes, ...] = ()
    trust: str | None = None
    expired: str = "warn"
    tls: str = "1.2"
    sni: bool = True
    clientcert: str | None = None
    transfer: str = "auto"
    spool: str = "auto"
    resend: bool = False
    version: str = "auto"
    waitjob: bool = True
    waitprinter: bool = True
    contimeout: int = 604800
    timeouts: Timeouts = Timeouts()
    trace: str = "no"

    @property
    def bracketed_host(self) -> str:
        """The host as it stands in URIs and in Host: IPv6 in brackets, IDNA, no trailing dot, no zone id."""
        if ":" in self.host:
            return f"[{self.host.partition('%')[0]}]"
        return to_ascii(self.host).removesuffix(".")

    @property
    def host_field(self) -> str:
        """The value of the HTTP Host field: the port only when it is not 443 (Q-40)."""
        return self.bracketed_host if self.port == DEFAULT_PORT else f"{self.bracketed_host}:{self.port}"

    @property
    def printer_uri(self) -> str:
        """The printer-uri attribute. The port is always written: a bare ipps URI means 631."""
        return f"ipps://{self.bracketed_host}:{self.port}{self.path}"

    @property
    def plain(self) -> str:
        """The device URI without user, password and options, for a command that someone may copy."""
        zone = self.host.partition("%")[2]
        host = f"{self.bracketed_host[:-1]}%25{zone}]" if zone else self.bracketed_host
        return f"{SCHEME}://{host}:{self.port}{self.path}"

    @property
    def printer_name(self) -> str:
        """What people are shown: the host, and the port when it is not 443."""
        return self.host_field


def without_password(text: str) -> str:
    """Return a device URI without user and password, for messages, also when it is malformed.

    Everything up to the last "@" goes, wherever that stands: a password with a bare slash or question mark in it
    does not end where the authority does, and one that follows a mistyped scheme is a password all the same.
    """
    ours = text[: len(SCHEME) + 3].lower() == f"{SCHEME}://"
    rest = text[len(SCHEME) + 3 :] if ours else text
    return (f"{SCHEME}://" if ours else "") + rest.rpartition("@" if "@" in rest else "%40")[2]


def quoted(text: str) -> str:
    """Return a device URI as a word for the shell, in quotes as people write it, also where it could do without."""
    from shlex import quote

    word = quote(text)
    return word if word.startswith("'") else f"'{word}'"


def _end_of_authority(rest: str) -> int:
    """Return where host and port end."""
    return min((at for at in (rest.find(c) for c in "/?") if at >= 0), default=len(rest))


class _Refused(Exception):
    """A part of the URI is wrong: the reason, and the nearest right word."""

    def __init__(self, reason: str, nearest: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.nearest = nearest


def _decode(text: str, what: str) -> str:
    """Undo percent-encoding, refuse what is not UTF-8 or has control characters."""
    position = text.find("%")
    while position >= 0:
        digits = text[position + 1 : position + 3]
        if len(digits) != 2 or not all(c in "0123456789abcdefABCDEF" for c in digits):
            raise _Refused(f"{what} has a % that is not followed by two hex digits")
        position = text.find("%", position + 3)
    try:
        decoded = _unquote(text)
    except UnicodeError:  # bytes that are not UTF-8, percent-encoded or as they came in the environment
        raise _Refused(f"{what} is not UTF-8") from None
    if any(ord(c) < 32 or ord(c) == 127 for c in decoded):
        raise _Refused(f"{what} contains a control character")
    return decoded


def _unquote(text: str) -> str:
    if "%" not in text:
        return text.encode("utf-8").decode("utf-8")
    from urllib.parse import unquote_to_bytes  # slow to import, and few URIs need it

    return unquote_to_bytes(text).decode("utf-8")


def _nearest(word: str, known: tuple[str, ...]) -> str | None:
    import difflib

    return next(iter(difflib.get_close_matches(word.lower(), known, n=1, cutoff=0.5)), None)


def _one_of(*words: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value not in words:
            raise _Refused(f"is {value!r} and must be one of {', '.join(words)}", _nearest(value, words))
        return value

    return parse


def _boolean(value: str) -> bool:
    if value.lower() in TRUE_WORDS:
        return True
    if value.lower() in FALSE_WORDS:
        return False
    raise _Refused(f"is {value!r} and must be true or false")


def _sni(value: str) -> bool:
    return _one_of("auto", "no")(value) == "auto"


def _trace(value: str) -> str:
    """Return no, yes, or what a trace has besides."""
    words = value.split(",")
    for word in words if len(words) > 1 else ():
        _one_of("hex", "document", "keys")(word)
    return value if len(words) > 1 else _one_of("no", "yes", "hex", "document", "keys")(value)


def _yes_no(value: str) -> bool:
    return _one_of("no", "yes")(value) == "yes"


def _seconds(value: str) -> int:
    if not value.isascii() or not value.isdigit() or len(value) > 9:
        raise _Refused(f"is {value!r} and must be a number of seconds")
    return int(value)


def _label(value: str) -> str:
    if not value or not all(c.isalnum() or c in "-_." for c in value) or value.startswith("."):
        raise _Refused(f"is {value!r} and must be a label of letters, digits, dot, dash and underscore")
    return value


def _timeouts(value: str) -> Timeouts:
    known = tuple(f.name for f in fields(Timeouts))
    changed: dict[str, float] = {}
    for part in value.split(","):
        phase, _, seconds = part.partition(":")
        if phase not in known:
            raise _Refused(
                f"names the phase {phase!r}, which must be one of {', '.join(known)}", _nearest(phase, known)
            )
        if phase in changed:
            raise _Refused(f"names the phase {phase} twice")
        changed[phase] = _positive(phase, seconds)
    return replace(Timeouts(), **changed)


def _positive(phase: str, seconds: str) -> float:
    whole, _, part = seconds.partition(".")
    if not (whole + part).isascii() or not (whole + part).isdigit() or not 0 < float(seconds) <= 86400:
        raise _Refused(f"has {seconds!r} seconds for {phase}; it must be a number above 0 and up to 86400")
    return float(seconds)


def _pin(value: str) -> bytes:
    try:
        return parse_fingerprint(value)
    except ValueError as error:
        raise _Refused(f"is no pin: {error}") from None


@dataclass(frozen=True)
class _Option:
    field: str
    parse: Callable[[str], Any]


OPTIONS: dict[str, _Option] = {
    "pin": _Option("pins", _pin),
    "trust": _Option("trust", _one_of(*TRUST_WORDS)),
    "expired": _Option("expired", _one_of(*EXPIRED_WORDS)),
    "tls": _Option("tls", _one_of("1.2", "1.3", "1.2-only", "legacy", "upgrade")),
    "sni": _Option("sni", _sni),
    "clientcert": _Option("clientcert", _label),
    "transfer": _Option("transfer", _one_of("auto", "chunked", "sized")),
    "spool": _Option("spool", _one_of("auto", "yes", "no")),
    "resend": _Option("resend", _yes_no),
    "version": _Option("version", _one_of("auto", "1.0", "1.1", "2.0", "2.1", "2.2")),
    "waitjob": _Option("waitjob", _boolean),
    "waitprinter": _Option("waitprinter", _boolean),
    "contimeout": _Option("contimeout", _seconds),
    "timeout": _Option("timeouts", _timeouts),
    "trace": _Option("trace", _trace),
}


def _parse_options(query: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for part in query.split("&"):
        if not part:
            continue
        name, equals, value = part.partition("=")
        name = _decode(name, "an option's name")
        if name == "compression":  # of the stock backend; some printers print what is compressed as it is
            if _decode(value, f"option {name}") != "none":
                raise _Refused(f"option {name} must go: documents are never compressed")
            continue
        option = OPTIONS.get(name)
        if option is None:
            raise _Refused(f"option {name!r} is not known", _nearest(name, tuple(OPTIONS)))
        if not equals or not value:
            raise _Refused(f"option {name} has no value")
        try:
            parsed = option.parse(_decode(value, f"option {name}"))
        except _Refused as refused:
            reason = refused.reason if refused.reason.startswith("option") else f"option {name} {refused.reason}"
            raise _Refused(reason, refused.nearest) from None
        if option.field == "pins":
            values["pins"] = (*values.get("pins", ()), parsed)
        elif option.field in values:
            raise _Refused(f"option {name} stands twice")
        else:
            values[option.field] = parsed
    return values


def _parse_host(text: str) -> tuple[str, int | None]:
    """Return host and port of "name", "name:port", "[v6]", "[v6%25zone]:port"; also CUPS's "[v1.v6+zone]"."""
    try:
        host, port = split_authority(text)
        number = None if port is None else parse_port(port)
    except ValueError as error:
        raise _Refused(str(error)) from None
    if host.startswith("["):
        return _parse_ipv6(host[1:-1]), number
    name = _decode(host, "the host")
    if not _is_name(name):
        raise _Refused("the host name is missing or has characters that no host name has")
    return name, number


def _is_name(name: str) -> bool:
    """Tell whether a name can be in DNS, and a printer of that name be pinned."""
    try:
        pinned = canonical_host(name)
    except ValueError:
        return False
    wire = to_ascii(name)
    labels = wire.removesuffix(".").split(".")
    return "[" not in pinned and len(wire) <= 253 and all(0 < len(label) < 64 for label in labels)


def _parse_ipv6(literal: str) -> str:
    if literal.lower().startswith("v1."):
        literal = literal[3:].replace("+", "%25", 1)
    address, percent, zone = literal.partition("%25")
    if not percent:
        address, percent, zone = literal.partition("%")
    if not is_ipv6(address):
        raise _Refused(f"{address!r} is no IPv6 address")
    zone = _decode(zone, "the zone id")
    if percent and not is_zone(zone):
        raise _Refused("the zone id of the IPv6 address is not one")
    return f"{address.lower()}%{zone}" if zone else address.lower()


def _parse_path(path: str) -> str:
    """Return the request target: DEFAULT_PATH if there is none, characters that no URI has percent-encoded."""
    _decode(path, "the path")
    if all(c.isascii() and (c.isalnum() or c in PATH_CHARACTERS) for c in path):
        return path or DEFAULT_PATH
    from urllib.parse import quote  # slow to import, and few paths need it

    return quote(path, safe=PATH_CHARACTERS)


def _parse(text: str) -> DeviceURI:
    scheme, colon, rest = text.partition("://")
    if not colon or scheme.lower() != SCHEME:
        raise _Refused(f"it must begin with {SCHEME}://")
    if "#" in rest:
        raise _Refused("it must not contain #")
    cut = _end_of_authority(rest)
    authority, rest = rest[:cut], rest[cut:]
    if "@" in rest:
        raise _Refused(
            "it has an @ behind the host; write @ / ? and # in user name, password and path as %40 %2F %3F %23"
        )
    path, _, query = rest.partition("?")
    userinfo, at, hostport = authority.rpartition("@")
    user, has_password, password = userinfo.partition(":")
    host, port = _parse_host(hostport)
    options = _parse_options(query)
    if options.get("tls") == "legacy" and options.get("trust") in BY_CA:
        raise _Refused("tls=legacy needs a pin; no CA can vouch over such a connection")
    if options.get("pins") and options.get("trust") in BY_CA:
        raise _Refused(f"pin and trust={options['trust']} contradict each other: a CA would make the pin mean nothing")
    if port is None:
        port = UPGRADE_PORT if options.get("tls") == "upgrade" else DEFAULT_PORT
    if port in RAW_PORTS:
        raise _Refused(f"port {port} prints what comes; leave it out (443), or use backend {RAW_PORTS[port]}")
    return DeviceURI(
        host=host,
        port=port,
        path=_parse_path(path),
        user=_decode(user, "the user name") if at else None,
        password=_decode(password, "the password") if has_password else None,
        **options,
    )


def parse_device_uri(text: str) -> DeviceURI:
    """Return the device URI as a value.

    Raises:
        BadDeviceURI: it is not of the form above, or an option is unknown or has a bad value.
    """
    try:
        return _parse(text)
    except _Refused as refused:
        raise BadDeviceURI(without_password(text), refused.reason, refused.nearest) from None
