"""The audit log: one JSON object a line, written by many at once.

Rules of this module:

- a record is one line of less than 4 KiB, in ASCII, and one write with O_APPEND: the kernel puts it at the end, whole,
  however many write at that moment;
- a line that the full disk cut short stays alone: whoever writes next begins a new line, an empty one at worst;
- the file is opened anew for each record, so that none goes into a file that logrotate has put away for good.
"""

from __future__ import annotations

import os
import stat
import time

from backend.cupsd.cache_file import encode_values

TYPE_CHECKING = False  # typing is slow to import, and only the type checker needs it
if TYPE_CHECKING:
    from typing import Mapping

#: The form of the records.
VERSION = 1
#: Octets of a record with its line end.
LONGEST_RECORD = 4000
#: Characters of each text in a record that gets longer; one becomes up to twelve octets.
CUT_TO = 60, 20
#: Texts of ours, which mean nothing if they are cut.
WHOLE = frozenset(("time", "event", "phase", "outcome", "run", "sha256", "key"))
#: logrotate renames the log and makes a new one; nothing must be lost in between. Seconds, and how often it is tried.
ROTATION_PAUSE, ROTATION_TRIES = 0.05, 20
#: How often by a run that has to be gone within two seconds, and has to tell the printer before.
HASTY_TRIES = 2
#: Looks at a last line without an end before it counts as cut short, and the seconds between them.
LOOKS, LOOK_PAUSE = 3, 0.002
#: Who may read what a command of root's makes: as the installer does.
MODE, OWNER, GROUP = 0o640, "lp", "adm"


def now() -> str:
    """Return the time as RFC 3339 writes it, in UTC and with milliseconds."""
    seconds = time.time()
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{int(seconds * 1000) % 1000:03d}Z"


def encode_record(values: Mapping[str, object]) -> bytes:
    """Return a record as its line; what is None is left out, and texts that are too long are cut."""
    kept = {name: value for name, value in values.items() if value is not None}
    line = encode_values(kept) + b"\n"
    for length in CUT_TO:
        if len(line) <= LONGEST_RECORD:
            break
        for name, value in kept.items():
            if isinstance(value, str) and len(value) > length and name not in WHOLE:
                kept[name] = value[:length] + "..."
        line = encode_values(kept) + b"\n"
    return line


def append(path: str, line: bytes, *, flush: bool = False, in_haste: bool = False) -> str:
    """Write a record; return "", or why that was not possible.

    Args:
        flush: it has to be on the disk before this returns.
        in_haste: there is no time to wait for a new log while the old one is put away.
    """
    try:
        descriptor = _open(path, HASTY_TRIES if in_haste else ROTATION_TRIES)
    except OSError as error:
        return error.strerror or str(error)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return "not a file"
        if _is_cut_short(descriptor):
            line = b"\n" + line
        if os.write(descriptor, line) != len(line):
            return "No space left on device"
        if flush:
            os.fdatasync(descriptor)
    except OSError as error:
        return error.strerror or str(error)
    finally:
        os.close(descriptor)
    return ""


def _is_cut_short(descriptor: int) -> bool:
    """Tell whether the last line has no end. Of one that is being written its size may be seen before its text."""
    for _ in range(LOOKS):
        size = os.fstat(descriptor).st_size
        if not size or os.pread(descriptor, 1, size - 1) == b"\n":
            return False
        time.sleep(LOOK_PAUSE)
    return True


def trouble_with(path: str) -> str:
    """Return why no record can be written, "" if one can, as far as that can be seen without writing one."""
    try:
        descriptor = _open(path)
    except OSError as error:
        return error.strerror or str(error)
    try:
        return "" if stat.S_ISREG(os.fstat(descriptor).st_mode) else "not a file"
    finally:
        os.close(descriptor)


def _open(path: str, tries: int = ROTATION_TRIES) -> int:
    """Open the log for one record; wait a moment for a new one while the old one is put away."""
    flags = os.O_RDWR | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    for left in range(tries, -1, -1):
        try:
            return os.open(path, flags)
        except FileNotFoundError:
            if not os.path.isdir(os.path.dirname(path)):
                raise
        try:
            return _make(path, flags)
        except OSError:
            if not left:
                raise
        time.sleep(ROTATION_PAUSE)
    raise AssertionError("the last try returns or raises")


def _make(path: str, flags: int) -> int:
    """Make the log, if we may write in its folder."""
    descriptor = os.open(path, flags | os.O_CREAT | os.O_EXCL, MODE)
    if os.geteuid() == 0:
        from grp import getgrnam
        from pwd import getpwnam

        try:
            os.fchown(descriptor, getpwnam(OWNER).pw_uid, getgrnam(GROUP).gr_gid)
        except (KeyError, OSError):
            pass  # a machine without them; whoever cannot write says so
    return descriptor
