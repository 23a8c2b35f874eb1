"""Events of a job as the lines of its trace: the one place that knows them. Pure.

Passwords, PINs and answers to a challenge are left out wherever they would stand; the document has a place of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from backend.ipp.codes import keyword, operation_name
from backend.ipp.message import Attribute, Collection, LanguageString, Message, Range, Resolution, Value
from backend.ipp.tags import Tag

#: Header fields and attributes whose values are left out.
SECRET_FIELDS = frozenset(
    """
    authentication-info authorization cookie proxy-authenticate proxy-authentication-info proxy-authorization
    set-cookie www-authenticate
    """.split()
)
SECRET_WORDS = ("password", "auth-info", "access-pin")
#: Values of one attribute, and characters of one value, that are shown.
MOST_VALUES, LONGEST_VALUE = 40, 200
#: Octets of a line of hexadecimal digits.
PER_LINE = 16
#: The EBCDIC code page whose letters people of IBM i read in the right column.
EBCDIC = "cp037"


def request_lines(message: Message, target: str, headers: Sequence[tuple[str, str]], chunked: bool) -> Iterator[str]:
    """Yield a request: its operation, its HTTP head, its attributes."""
    framing = "chunked" if chunked else "with its length"
    version = ".".join(map(str, message.version))
    yield f"> {operation_name(message.code)}, IPP {version}, request-id {message.request_id}, {framing}"
    yield f">     POST {target} HTTP/1.1"
    yield from (f">     {line}" for line in _fields(headers))
    yield from (f">     {line}" for line in message_lines(message))


def answer_lines(response: Any, message: Message | None) -> Iterator[str]:
    """Yield an answer: HTTP and IPP status, the head, all attributes."""
    status = keyword(message.code) if message is not None else "no IPP message"
    early = ", before the request had ended" if response.early else ""
    yield f"< HTTP {response.status} {response.reason}: {status}{early}"
    yield from (f"<     {line}" for line in _fields(response.headers))
    if message is not None:
        yield from (f"<     {line}" for line in message_lines(message))
    elif response.body:
        yield f"<     {len(response.body)} octets that are no IPP message"


def _fields(headers: Sequence[tuple[str, str]]) -> Iterator[str]:
    for name, value in headers:
        yield f"{name}: {'(left out)' if name.lower() in SECRET_FIELDS else value}"


def message_lines(message: Message) -> Iterator[str]:
    """Yield the attributes of a message, group by group."""
    for group in message.groups:
        yield f"group {_tag(group.tag)}"
        for attribute in group.attributes:
            yield f"    {attribute_text(attribute)}"


def attribute_text(attribute: Attribute) -> str:
    """Return an attribute with its syntax and its values."""
    name, values = attribute.name, attribute.values
    if any(word in name.lower() for word in SECRET_WORDS) and not name.endswith(("-supported", "-default")):
        return f"{name} = (left out)"
    shown = [value_text(value.value) for value in values[:MOST_VALUES]]
    more = f" and {len(values) - MOST_VALUES} more" if len(values) > MOST_VALUES else ""
    return f"{name} ({_tag(values[0].tag) if values else 'no value'}) = {', '.join(shown)}{more}"


def _tag(tag: int) -> str:
    try:
        return Tag(tag).name.lower().replace("_", "-")
    except ValueError:
        return f"0x{tag:02x}"


def value_text(value: Any) -> str:
    """Return one value."""
    if isinstance(value, Value):
        value = value.value
    if value is None:
        return "(none)"
    if isinstance(value, bytes):
        text = value.hex()
    elif isinstance(value, Range):
        text = f"{value.lower}-{value.upper}"
    elif isinstance(value, Resolution):
        text = f"{value.x}x{value.y}{'dpi' if value.units == 3 else 'dpcm'}"
    elif isinstance(value, LanguageString):
        text = f"{value.text} [{value.language}]"
    elif isinstance(value, Collection):
        text = "{" + "; ".join(attribute_text(member) for member in value.attributes) + "}"
    else:
        text = str(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}... ({len(text)} characters)"


def hex_lines(data: bytes, offset: int = 0) -> Iterator[str]:
    """Yield octets with what they are in ASCII and in EBCDIC: IBM i people read the second column."""
    for at in range(0, len(data), PER_LINE):
        part = data[at : at + PER_LINE]
        ascii_ = "".join(chr(octet) if 32 <= octet < 127 else "." for octet in part)
        ebcdic = "".join(c if c.isprintable() and c.isascii() else "." for c in part.decode(EBCDIC))
        yield f"{offset + at:06x}  {part.hex(' '):{PER_LINE * 3 - 1}}  |{ascii_:{PER_LINE}}|  |{ebcdic:{PER_LINE}}|"


def connect_lines(printer: str) -> Iterator[str]:
    """Yield that a connection begins: name, TCP, TLS."""
    yield f"connecting to {printer}"


def connected_lines(connection: Any) -> Iterator[str]:
    """Yield where a connection leads, when its certificate has been judged."""
    yield f"connected to {connection.address}, {connection.tls_version} with {connection.cipher}, certificate trusted"


def stall_lines(phase: str, idle: float) -> Iterator[str]:
    """Yield that nothing moves, and that the printer is asked what is the matter."""
    yield f"nothing has moved for {idle:.0f} seconds while {phase}; asking the printer"


def exit_lines(status: int) -> Iterator[str]:
    """Yield how the job ends."""
    yield f"exit {status}"


#: What an event is called where it happens, and how it reads.
EVENTS: dict[str, Callable[..., Iterator[str]]] = {
    "connect": connect_lines,
    "connected": connected_lines,
    "request": request_lines,
    "answer": answer_lines,
    "stall": stall_lines,
    "exit": exit_lines,
}
