"""Facts remembered about a printer from one job to the next: one small file per host and port in the cache folder.

Rules of this module:

- the folder may be deleted, damaged or unwritable at any time; then nothing is known, and nothing else happens;
- nothing here decides about trust;
- a fact is forgotten after 30 days and when the printer's firmware string changes, so that an update is tried anew.
"""

from __future__ import annotations

import os

from backend.cupsd.cache_file import read_values, write_values
from filters.common.dataclass import dataclass, replace
from filters.common.learned_formats import KEPT_SECONDS, file_name

#: Characters of a firmware string that are kept, and of a MIME type; and how many types.
LONGEST_FIRMWARE, LONGEST_TYPE, MOST_TYPES = 200, 80, 8


@dataclass(frozen=True)
class Facts:
    """What is known about a printer; None and empty mean not known.

    Attributes:
        chunks: True if it takes chunks, False if it needs a length.
        version: the IPP version it answers properly, such as "1.1".
        send_document: False if it lists Send-Document and fails at it (Q-93).
        firmware: its firmware string when this was learned.
        learned: seconds since 1970.
        refused: MIME types that it lists and takes under no name, in lower case with blanks between them.
        renamed: the same of those that it takes under a different name.
        copies: False if it takes the copies attribute and seems to make one copy.
        at_once: False if it answers the usual question, and none that is about a job's options as well.
    """

    chunks: bool | None = None
    version: str | None = None
    send_document: bool | None = None
    firmware: str = ""
    learned: int = 0
    refused: str = ""
    renamed: str = ""
    copies: bool | None = None
    at_once: bool | None = None

    def with_refused(self, kind: str) -> Facts:
        """Return what is known once a type was refused under every name."""
        return replace(self, refused=_with(self.refused, kind), renamed=_without(self.renamed, kind))

    def with_taken(self, kind: str, refused_names: tuple[str, ...]) -> Facts:
        """Return what is known once a document was taken, after it was refused under some names for its type."""
        renamed = self.renamed
        for name in refused_names:
            renamed = _with(renamed, name)
        return replace(self, refused=_without(self.refused, kind), renamed=renamed)

    def formats_refused(self, firmware: str) -> frozenset[str]:
        """Return the types in ``refused``, none for a printer that has different firmware now."""
        return frozenset(self.refused.split()) if firmware[:LONGEST_FIRMWARE] == self.firmware else frozenset()


_TYPES = {
    "chunks": bool,
    "version": str,
    "send_document": bool,
    "firmware": str,
    "learned": int,
    "refused": str,
    "renamed": str,
    "copies": bool,
    "at_once": bool,
}


def _with(listed: str, kind: str) -> str:
    """Return a list of types with one more; one that is no word, or too long, is not kept."""
    words = listed.split()
    fits = kind.isascii() and kind.split() == [kind] and len(kind) <= LONGEST_TYPE and len(words) < MOST_TYPES
    return " ".join([*words, kind.lower()]) if fits and kind.lower() not in words else listed


def _without(listed: str, kind: str) -> str:
    return " ".join(word for word in listed.split() if word != kind.lower())


def facts_of(values: dict[str, object], now: float) -> Facts:
    """Return the facts in a file's values; what is of the wrong type or too old is not known."""
    good = {name: values[name] for name, kind in _TYPES.items() if type(values.get(name)) is kind}
    facts = Facts(**good)  # type: ignore[arg-type]
    return facts if now - KEPT_SECONDS <= facts.learned <= now else Facts()


def recall(folder: str, host: str, port: int, now: float) -> Facts:
    """Return what is remembered about a printer."""
    return facts_of(read_values(os.path.join(folder, file_name(host, port))), now)


def remember(folder: str, host: str, port: int, facts: Facts, now: float) -> str | None:
    """Write the facts down; return None, or why that was not possible, for a DEBUG line."""
    values = {**vars(facts), "learned": int(now)}
    return write_values(os.path.join(folder, file_name(host, port)), values)


def forget(folder: str, host: str, port: int) -> bool:
    """Delete what is remembered about a printer; False if nothing was.

    Raises:
        OSError: the file cannot be deleted.
    """
    try:
        # The folder itself and no link: who may write around it is lp, and this runs as root (unlinkat(2)).
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        os.unlink(file_name(host, port), dir_fd=descriptor)
    except FileNotFoundError:
        return False
    finally:
        os.close(descriptor)
    return True
