r"""The administrator's settings: ipps443.conf as text and as values.

    file    = *( line LF )
    line    = blank | "#" comment | "[queue" 1*WSP name "]" | name "=" value
    name    = as cupsd has names of queues, see queue_name
    size    = digits [ "K" | "M" | "G" ]       ; with or without "iB"; of 1024
    word    = one of those that the setting knows, in whatever case
    path    = "/" *CHAR

A line before the first section is for all queues, one in the section of a queue takes its place there; of two lines for
one setting the last counts. What is not in this grammar, or has a value that makes no sense, is a problem with the
number of its line, and the setting keeps the value that it has without it. Nothing here touches the disk.
"""

from __future__ import annotations

import re

from filters.common.dataclass import dataclass
from filters.common.queue_name import is_queue_name

TYPE_CHECKING = False  # slow to import
if TYPE_CHECKING:
    from typing import Callable, Optional, Union

    Value = Union[int, str]

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30

_SECTION = re.compile(r"\[queue[ \t]+(.+)\]")
_SETTING = re.compile(r"([A-Za-z0-9-]+)[ \t]*=[ \t]*(.*)")
_SIZE = re.compile(r"([0-9]{1,15})[ \t]*([KMG]?)(?:iB|B)?", re.I)
_UNITS = {"": 1, "k": KIB, "m": MIB, "g": GIB}


@dataclass(frozen=True)
class Setting:
    """A setting: its value unless said otherwise, how it is read, and what may be written, in words."""

    default: Value
    read: Callable[[str], Optional[Value]]
    words: str


def _size(least: int, most: int) -> Callable[[str], Optional[int]]:
    def read(text: str) -> Optional[int]:
        found = _SIZE.fullmatch(text)
        size = int(found[1]) * _UNITS[found[2].lower()] if found else -1
        return size if least <= size <= most else None

    return read


def _number(least: int, most: int) -> Callable[[str], Optional[int]]:
    def read(text: str) -> Optional[int]:
        number = int(text) if re.fullmatch("[0-9]{1,9}", text) else -1
        return number if least <= number <= most else None

    return read


def _one_of(*words: str) -> Setting:
    """Return a setting whose value is one of some words, the first one unless said otherwise."""

    def read(text: str) -> Optional[str]:
        return text.lower() if text.lower() in words else None

    return Setting(words[0], read, f"{', '.join(words[:-1])} or {words[-1]}")


def _path(text: str) -> Optional[str]:
    return text if text.startswith("/") and text.isprintable() and not text.endswith("/") else None


#: All settings by name. Ghostscript does not start with less memory than the least one here.
SETTINGS: dict[str, Setting] = {
    "render-memory": Setting(GIB, _size(128 * MIB, 1024 * GIB), "a size such as 1G, from 128M on"),
    "render-seconds-per-page": Setting(120, _number(1, 86400), "seconds, 1 to 86400"),
    "render-output": Setting(2 * GIB, _size(MIB, 1024 * GIB), "a size such as 2G, from 1M on"),
    # The audit log: auto is yes wherever its folder is, which the installer makes.
    "audit": _one_of("auto", "yes", "required", "no"),
    "audit-title": _one_of("full", "hash", "none"),
    "audit-log": Setting("/var/log/ipps443/audit.log", _path, "the path of a file, from / on"),
    "audit-forward": _one_of("no", "syslog", "journal"),
    # Printers that announce themselves in the device list: ipps443ctl find --in-device-list writes it.
    "found-in-device-list": _one_of("off", "on"),
}


@dataclass(frozen=True)
class Problem:
    """A line that is not as it should be."""

    line: int
    reason: str


@dataclass(frozen=True)
class Settings:
    """The settings for one queue, and what is wrong with the file, wherever it stands."""

    values: dict[str, Value]
    problems: tuple[Problem, ...] = ()

    def __getitem__(self, name: str) -> int:
        """Return a setting that is a number."""
        return int(self.values[name])

    def word(self, name: str) -> str:
        """Return a setting that is a word or a path."""
        return str(self.values[name])


def read_value(name: str, text: str) -> Value:
    """Return the value of a setting.

    Raises:
        ValueError: with the reason; the name or the value is none.
    """
    if name not in SETTINGS:
        raise ValueError(f"there is no setting {name[:40]}; there are {', '.join(SETTINGS)}")
    value = SETTINGS[name].read(text.strip())
    if value is None:
        raise ValueError(f"{name} is {SETTINGS[name].words}, not {text.strip()[:40] or 'empty'}")
    return value


def parse_settings(text: str, queue: str = "") -> Settings:
    """Read the file for one queue."""
    general: dict[str, Value] = {}
    own: dict[str, Value] = {}
    problems: list[Problem] = []
    into: dict[str, Value] = general
    for number, line in enumerate(text.split("\n"), 1):
        bare = line.strip()
        if not bare or bare.startswith("#"):
            continue
        section, setting = _section(bare), _SETTING.fullmatch(bare)
        if section is not None:
            into = own if section.lower() == queue.lower() else {}
        elif setting:
            try:
                into[setting[1].lower()] = read_value(setting[1].lower(), setting[2])
            except ValueError as error:
                problems.append(Problem(number, str(error)))
        else:
            if bare.startswith("["):
                # What stands below it is for nobody, rather than for all.
                into = {}
            problems.append(Problem(number, "this is neither name = value nor [queue NAME]"))
    defaults = {name: setting.default for name, setting in SETTINGS.items()}
    return Settings({**defaults, **general, **own}, tuple(problems))


def _section(line: str) -> str | None:
    """Return the queue of a line that begins a section, None for any other line."""
    found = _SECTION.fullmatch(line)
    return found[1] if found and is_queue_name(found[1]) else None


def set_value(text: str, queue: str, name: str, value: str) -> str:
    """Return the file's text with one setting in one section (of all queues for ""); the rest stays as it is written.

    Raises:
        ValueError: the name, the value or the queue is none.
    """
    name = name.lower()
    read_value(name, value)
    if queue and not is_queue_name(queue):
        raise ValueError(f"{queue[:40]} cannot be the name of a queue")
    lines = text.split("\n")
    if lines and lines[-1] == "":
        lines.pop()
    here, place, last = "", None if queue else 0, None
    for number, line in enumerate(lines):
        section, setting = _section(line.strip()), _SETTING.fullmatch(line.strip())
        here = here if section is None else section
        if line.strip().startswith("[") and section is None:
            here = "\n"
        if here.lower() == queue.lower() and not line.strip().startswith("#") and line.strip():
            place = number + 1
            if setting and setting[1].lower() == name:
                last = number
    written = f"{name} = {value.strip()}"
    if last is not None:
        lines[last] = written
    elif place is not None:
        lines.insert(place if queue or place else _first_section(lines), written)
    else:
        lines += [*([""] if lines else []), f"[queue {queue}]", written]
    return "".join(line + "\n" for line in lines)


def _first_section(lines: list[str]) -> int:
    """Return where the lines for all queues end when there are none yet: behind the comments at the beginning."""
    for number, line in enumerate(lines):
        if line.strip() and not line.strip().startswith("#"):
            return number
    return len(lines)
