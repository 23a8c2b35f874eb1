"""Whether a job is traced: by its device URI, or by a switch that the administrator has set for the queue.

    /etc/cups/ipps443/trace/QUEUE    root:lp 0640, one line: words since until jobs

``words`` are yes, hex, document, keys, joined by commas; ``since`` and ``until`` are seconds since 1970, between which
``jobs`` runs are traced. What is over is as good as not there, so a forgotten switch turns itself off.
"""

from __future__ import annotations

import os

from backend.device_uri import parse_device_uri
from backend.errors import IppsError
from filters.common.dataclass import dataclass
from filters.common.queue_name import is_queue_name
from filters.common.trusted_file import NotTrusted, read_trusted_file

TYPE_CHECKING = False  # typing is slow to import, and only the type checker needs it
if TYPE_CHECKING:
    from typing import Mapping

FOLDER = "trace"
#: What a trace may have besides: the beginning of the document in hex, all of it, the keys of its connections.
WORDS = ("hex", "document", "keys")
LARGEST_SWITCH = 1024


@dataclass(frozen=True)
class Switch:
    """A switch that is on from ``since`` until ``until``, for so many runs."""

    words: frozenset[str]
    since: int
    until: int
    jobs: int

    def as_line(self) -> str:
        """Return it as it stands in its file."""
        return f"{','.join(sorted(self.words)) or 'yes'} {self.since} {self.until} {self.jobs}\n"


def parse_switch(text: str) -> Switch | None:
    """Return the switch in a file, None if it is none."""
    parts = text.split()
    if len(parts) != 4 or not all(part.isascii() and part.isdigit() for part in parts[1:]):
        return None
    words = frozenset(parts[0].split(",")) - {"yes"}
    return Switch(words, *map(int, parts[1:])) if words <= set(WORDS) else None


def switch_path(folder: str, queue: str) -> str | None:
    """Return the path of a queue's switch; None for what cannot be the name of a queue.

    Args:
        folder: that of pins and settings.
    """
    return os.path.join(folder, FOLDER, queue) if is_queue_name(queue) else None


def read_switch(path: str) -> Switch | None:
    """Return the switch of a queue, None without one that can be believed."""
    try:
        return parse_switch(read_trusted_file(path, LARGEST_SWITCH).decode("ascii", "replace"))
    except (FileNotFoundError, NotTrusted):
        return None


def wanted_by_uri(environ: Mapping[str, str]) -> frozenset[str] | None:
    """Return what the device URI wants in the trace of its jobs; None if it wants none."""
    try:
        trace = parse_device_uri(environ.get("DEVICE_URI", "")).trace
    except IppsError:
        return None
    return None if trace == "no" else frozenset(trace.split(",")) - {"yes"}
