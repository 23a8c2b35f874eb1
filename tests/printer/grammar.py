"""The grammar of the scripted printer's faults: forms, the places in them, and values taken apart. See ``faults``."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

CONNECTION, REQUEST, PRINTER = "connection", "request", "printer"

# In the order in which one connection passes through them. "body-middle" is half of a sized body, and 64 KiB or the
# second chunk of a chunked one, whichever comes first.
PHASES = (
    "accept",
    "hello",
    "handshake",
    "headers",
    "body-first",
    "chunk1",
    "body-middle",
    "body-end",
    "reply-status",
    "reply-headers",
    "reply-body",
    "reply-middle",
    "reply-end",
)

_PLACES = {
    "N": r"(?P<number>\d+)",
    "S": r"(?P<seconds>\d+(?:\.\d+)?)",
    "CODE": r"(?P<code>\d{3})",
    "OP": r"(?P<operation>[A-Za-z]+(?:-[A-Za-z]+)*)",
    "OPS": r"(?P<operations>[A-Za-z-]+(?:\+[A-Za-z-]+)*)",
    "STATUS": r"(?P<status>[a-z][a-z0-9-]+|0x[0-9a-f]{4})",
    "PHASE": rf"(?P<phase>{'|'.join(PHASES)}|body:\d+|chunk:\d+)",
    "TEXT": r"(?P<text>.+)",
}


class BadFault(ValueError):
    """A switch or a value that does not exist."""


@dataclass(frozen=True)
class Setting:
    """One value, taken apart: the form it follows, and what stood in the form's places."""

    form: str
    places: dict[str, str]

    @property
    def number(self) -> int:
        return int(self.places["number"])

    @property
    def seconds(self) -> float:
        return float(self.places["seconds"])

    @property
    def code(self) -> int:
        return int(self.places["code"])

    @property
    def phase(self) -> str:
        return self.places["phase"]

    @property
    def status(self) -> str:
        return self.places["status"]

    @property
    def text(self) -> str:
        return self.places["text"]

    @property
    def operation(self) -> str:
        return plain_name(self.places["operation"])

    @property
    def operations(self) -> frozenset[str]:
        return operation_set(self.places["operations"])


def plain_name(operation: str) -> str:
    """An operation's name without hyphens and capitals, so that "Print-Job", "PrintJob" and "PRINT_JOB" are one."""
    return re.sub(r"[^a-z]", "", operation.lower())


def operation_set(text: str) -> frozenset[str]:
    """The operations of a list such as ``Create-Job+PrintJob``."""
    return frozenset(plain_name(name) for name in text.split("+"))


def switch(default: str, forms: str, meaning: str, kind: str = REQUEST, several: bool = False) -> Any:
    """Declare one switch: its fair value, the forms of its values, what it does, and which kind it is."""
    return dataclasses.field(
        default=default, metadata={"forms": tuple(forms.split()), "meaning": meaning, "kind": kind, "several": several}
    )


@lru_cache(maxsize=None)
def _pattern(form: str) -> re.Pattern[str]:
    parts = re.split(r"([A-Z]+)", form)
    return re.compile("".join(_PLACES[part] if part in _PLACES else re.escape(part) for part in parts), re.DOTALL)


def match(declared: dataclasses.Field[Any], value: str) -> Setting:
    """Find the form that a value follows; plain words win over places that take anything."""
    forms = declared.metadata["forms"]
    if value in forms and value == value.lower():
        return Setting(value, {})
    for form in forms:
        found = _pattern(form).fullmatch(value)
        if found:
            return Setting(form, found.groupdict())
    raise BadFault(f'{declared.name}={value}: no such value; there are: {" ".join(forms)}')
