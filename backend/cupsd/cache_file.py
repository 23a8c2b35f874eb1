"""Small files in the cache folder: one JSON object each, read with suspicion, replaced atomically.

Rules of this module:

- the folder belongs to lp, as whom all filters run: what stands there may be a pipe, a link, rubbish or half a file,
  and leads at worst to nothing being known;
- reading and writing never block and never raise.
"""

from __future__ import annotations

import os
import stat
from errno import ENOSPC
from importlib import import_module

TYPE_CHECKING = False  # typing is slow to import, and only the type checker needs it
if TYPE_CHECKING:
    from typing import Any, Callable, Mapping

#: A file longer than this was not written by us.
LONGEST_FILE = 16384


def cache_folder(environ: Mapping[str, str]) -> str:
    """Return the folder for what is remembered."""
    return os.path.join(environ.get("CUPS_CACHEDIR") or "/var/cache/cups", "ipps443")


def second_folder(first: str) -> str:
    """Return the folder for what must not be lost when the first one is full or missing; each first one has its own.

    Not $TMPDIR: cupsd empties that when it starts.
    """
    return f"/var/tmp/ipps443-{os.geteuid()}{first.replace('/', '_')}"


def memory_folder(first: str) -> str:
    """Return the folder for it when no disk takes it either: what is there outlives cupsd, though not the machine."""
    return f"/dev/shm/ipps443-{os.geteuid()}{first.replace('/', '_')}"


def job_file(folder: str, name: str, job_uuid: str | None) -> str | None:
    """Return the path of a file that belongs to one job; None without a job-uuid that may be part of a name."""
    return os.path.join(folder, name.format(job_uuid)) if job_uuid and is_job_uuid(job_uuid) else None


def is_job_uuid(text: str) -> bool:
    """Tell whether a text may be a job-uuid: digits and hyphens, and nothing that means something in a path."""
    return all(character in "0123456789abcdef-" for character in text)


def is_private(folder: str) -> bool:
    """Tell whether a folder belongs to us alone."""
    try:
        status = os.lstat(folder)
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & 0o077


def make_private(folder: str) -> bool:
    """Make a folder that belongs to us alone, in one where everyone may write; False if someone else has it."""
    try:
        os.mkdir(folder, 0o700)
    except OSError:
        pass  # it is there, or cannot be made
    return is_private(folder)


def remove(path: str) -> None:
    """Delete a file; one that is not there, or cannot be deleted, does not matter."""
    try:
        os.unlink(path)
    except OSError:
        pass


def decode_values(data: bytes) -> dict[str, Any]:
    """Return the object in a file's bytes; an empty one if they are damaged."""
    try:
        text = data.decode("utf-8").strip(" \t\r\n")
        values, end = _scanner()(text, 0)
    except (ValueError, RecursionError, StopIteration, SystemError):  # the last where json is not there to say what
        return {}
    return values if isinstance(values, dict) and end == len(text) else {}


class _Plainly:
    """How json's scanner in C is told to read everything as it stands."""

    strict = True
    object_hook = object_pairs_hook = None
    parse_float, parse_int, parse_constant = float, int, float


def _scanner() -> Callable[[str, int], tuple[Any, int]]:
    """Return what reads one value of JSON and tells its end.

    The package json takes a millisecond to import. Its small module is Python's own affair, and may look different in
    another version.
    """
    try:
        read: Callable[[str, int], tuple[Any, int]] = import_module("_json").make_scanner(_Plainly())
    except (ImportError, AttributeError):
        read = import_module("json").JSONDecoder().scan_once
    return read


def _quoting() -> Callable[[str], str]:
    """Return what writes a text as JSON."""
    try:
        quoted: Callable[[str], str] = import_module("_json").encode_basestring_ascii
    except (ImportError, AttributeError):
        quoted = import_module("json.encoder").encode_basestring_ascii
    return quoted


def encode_values(values: Mapping[str, object]) -> bytes:
    """Return the JSON object of values that are texts, numbers, booleans and nothing."""
    quoted = _quoting()
    words = {True: "true", False: "false", None: "null"}
    spelled = {
        name: quoted(value)
        if isinstance(value, str)
        else words[value]
        if value is None or isinstance(value, bool)
        else str(value)
        for name, value in values.items()
    }
    return ("{" + ", ".join(f"{quoted(name)}: {value}" for name, value in spelled.items()) + "}").encode("ascii")


def read_beginning(path: str, longest: int) -> bytes:
    """Return so many bytes of a file at most; none if there is no file."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return b""
    try:
        return os.read(descriptor, longest) if stat.S_ISREG(os.fstat(descriptor).st_mode) else b""
    except OSError:
        return b""
    finally:
        os.close(descriptor)


def read_values(path: str) -> dict[str, Any]:
    """Return the object in a file; an empty one if there is none."""
    return decode_values(read_beginning(path, LONGEST_FILE))


def write_values(path: str, values: Mapping[str, Any], *, flush: bool = False) -> str | None:
    """Write an object to a file, replacing it; return None, or why that was not possible, for a DEBUG line.

    Args:
        flush: it has to be on the disk before this returns.
    """
    temporary = f"{path}.{os.urandom(8).hex()}.new"  # in a container the same process ids come again
    try:
        os.makedirs(os.path.dirname(path), 0o750, exist_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        return error.strerror or str(error)
    try:
        data = encode_values(values)
        if os.write(descriptor, data) != len(data):  # what is there already must not give way to a part of the new
            raise OSError(ENOSPC, os.strerror(ENOSPC))
        if flush:
            os.fdatasync(descriptor)
        os.rename(temporary, path)
    except OSError as error:
        remove(temporary)
        return error.strerror or str(error)
    finally:
        os.close(descriptor)
    return None
