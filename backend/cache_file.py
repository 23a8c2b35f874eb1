"""Small files in the cache folder: one JSON object each, read with suspicion, replaced atomically.

Rules of this module:

- the folder belongs to lp, as whom all filters run: what stands there may be a pipe, a link, rubbish or half a file,
  and leads at worst to nothing being known;
- reading and writing never block and never raise.
"""

from __future__ import annotations

import os
import stat

TYPE_CHECKING = False  # typing is slow to import, and only the type checker needs it
if TYPE_CHECKING:
    from typing import Any, Mapping

#: A file longer than this was not written by us.
LONGEST_FILE = 16384


def cache_folder(environ: Mapping[str, str]) -> str:
    """Return the folder for what is remembered."""
    return os.path.join(environ.get("CUPS_CACHEDIR") or "/var/cache/cups", "ipps443")


def job_file(folder: str, name: str, job_uuid: str | None) -> str | None:
    """Return the path of a file that belongs to one job; None without a job-uuid that may be part of a name."""
    return os.path.join(folder, name.format(job_uuid)) if job_uuid and is_job_uuid(job_uuid) else None


def is_job_uuid(text: str) -> bool:
    """Tell whether a text may be a job-uuid: digits and hyphens, and nothing that means something in a path."""
    return all(character in "0123456789abcdef-" for character in text)


def remove(path: str) -> None:
    """Delete a file; one that is not there, or cannot be deleted, does not matter."""
    try:
        os.unlink(path)
    except OSError:
        pass


def decode_values(data: bytes) -> dict[str, Any]:
    """Return the object in a file's bytes; an empty one if they are damaged."""
    import json

    try:
        values = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}


def read_values(path: str) -> dict[str, Any]:
    """Return the object in a file; an empty one if there is none."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return {}
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return {}
        return decode_values(os.read(descriptor, LONGEST_FILE))
    except OSError:
        return {}
    finally:
        os.close(descriptor)


def write_values(path: str, values: Mapping[str, Any], *, flush: bool = False) -> str | None:
    """Write an object to a file, replacing it; return None, or why that was not possible, for a DEBUG line.

    Args:
        flush: it has to be on the disk before this returns.
    """
    import json

    temporary = f"{path}.{os.getpid()}.new"
    try:
        os.makedirs(os.path.dirname(path), 0o750, exist_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        return error.strerror or str(error)
    try:
        os.write(descriptor, json.dumps(dict(values)).encode("utf-8"))
        if flush:
            os.fdatasync(descriptor)
        os.rename(temporary, path)
    except OSError as error:
        remove(temporary)
        return error.strerror or str(error)
    finally:
        os.close(descriptor)
    return None
