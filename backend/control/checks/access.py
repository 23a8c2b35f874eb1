"""Who may do what with a file, read from owners and modes: everything here is run by root and used by lp."""

from __future__ import annotations

import os
import pwd
import shlex
from collections.abc import Iterator

from backend.control.checks.finding import ERROR, Finding

#: As whom cupsd runs backends and filters (cups-files.conf(5), "User").
USER = "lp"

#: Words of a reason that say that someone other than root could write.
OPEN_TO_OTHERS = ("others may", "belongs to user", "is a link of user")
#: What has to be done then, once it is closed.
LOOK_THROUGH = "others could have changed it: before queues are enabled, look whether all in it is right"

#: The bits of a mode, for one of owner, group and others.
READ, WRITE, SEARCH = 4, 2, 1


def may(path: str, wanted: int) -> bool:
    """Tell whether the user of the backend may do something with a file, by its owner and mode."""
    status = os.stat(path)
    user = pwd.getpwnam(USER)
    if status.st_uid == user.pw_uid:
        bits = status.st_mode >> 6
    elif status.st_gid in os.getgrouplist(USER, user.pw_gid):
        bits = status.st_mode >> 3
    else:
        bits = status.st_mode
    return bits & wanted == wanted


def closed_folder(path: str) -> str | None:
    """Return the first folder on the way to a file into which the user of the backend cannot go."""
    folder = "/"
    for part in os.path.dirname(os.path.abspath(path)).split("/")[1:]:
        folder = os.path.join(folder, part)
        if os.path.isdir(folder) and not may(folder, SEARCH):
            return folder
    return None


def blocked(path: str) -> Iterator[Finding]:
    """Find the folder that keeps the user of the backend away from a file."""
    folder = closed_folder(path)
    if folder is not None:
        yield Finding(path, f"{USER} cannot go into the folder {folder}", f"chmod a+x {shlex.quote(folder)}")


def repair_file(path: str) -> str:
    """Return the command that makes a file of ours, and its folder, root's alone again and readable for lp."""
    folder = os.path.dirname(path)
    return f"chown root:root {folder} && chmod 0755 {folder} && chown root:{USER} {path} && chmod 0640 {path}"


def damaged_line(path: str, line: int, reason: str, level: str = ERROR) -> Finding:
    """Return the finding for a line that cannot be understood."""
    fix = f"sed -i {line}d {shlex.quote(path)}"
    first = f"correct line {line} of {path}; only if it is not needed"
    return Finding(path, f"line {line}: {reason}", fix, level, first)


def distrusted(path: str, reason: str, follows: str = "", look: str = LOOK_THROUGH) -> Finding:
    """Return why a file is not trusted, and the command that puts it right.

    Args:
        follows: what comes of it.
        look: what has to be done when others could write it.
    """
    reason, _, command = reason.partition("; fix with: ")
    # A command with a path is for a folder above or a link, which the usual repair leaves alone.
    is_elsewhere = "/" in command and not command.endswith(f" {os.path.dirname(path)}")
    then = look if any(words in reason for words in OPEN_TO_OTHERS) else ""
    return Finding(path, reason + follows, command if is_elsewhere else repair_file(path), then=then)
