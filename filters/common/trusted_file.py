"""A file of root's on which something depends, such as the pins: read only if no one else can have written it.

Rules:

- it is a regular file, belongs to root, and neither group nor others may write it;
- each folder above it and each link on the way belongs to root too, and no one else can replace what lies there;
- a person may use files of his own outside of CUPS's folder, from his own shell.
"""

from __future__ import annotations

import os
import stat

TYPE_CHECKING = False  # typing is slow to import, and only the type checker needs it
if TYPE_CHECKING:
    from typing import Mapping

#: Where CUPS has its configuration unless it says otherwise (cups-config(1)).
DEFAULT_SERVER_ROOT = "/etc/cups"

#: What is said wherever only root may do something.
RUN_WITH_SUDO = "run the command with sudo"
#: Folder for all that is ours in there: pins, secret, settings, tables of queues, switches of traces.
FOLDER = "ipps443"
SETTINGS = "ipps443.conf"

#: The lowest number of a user who is a person (UID_MIN of login.defs(5)); services, such as lp, have lower ones.
FIRST_PERSON = 1000

#: As many links on the way to a file as the kernel follows (path_resolution(7)).
MOST_LINKS = 40


def config_path(environ: Mapping[str, str], *names: str) -> str:
    """Return the path of something that is ours in the configuration of this CUPS installation."""
    return os.path.join(environ.get("CUPS_SERVERROOT") or DEFAULT_SERVER_ROOT, FOLDER, *names)


def settings_path(environ: Mapping[str, str]) -> str:
    """Return the path of the settings; reading them imports more, see ``settings_file``."""
    return config_path(environ, SETTINGS)


class NotTrusted(Exception):
    """The file is there and is not believed, or cannot be read; ``reason`` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def read_trusted_file(path: str, largest: int) -> bytes:
    """Return the content of a file of root's, of so many octets at most.

    Raises:
        FileNotFoundError: there is none.
        NotTrusted: others than root could have written it, or it cannot be read.
    """
    try:
        # Not blocking: a pipe in its place must not hold the queue.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            owners = _owners(path)
            reason = _distrust(os.fstat(descriptor), owners, largest) or _distrust_way(path, owners)
            if reason:
                raise NotTrusted(reason)
            blocks = []
            while block := os.read(descriptor, 1 << 20):
                blocks.append(block)
            return b"".join(blocks)
        finally:
            os.close(descriptor)
    except FileNotFoundError:
        raise
    except OSError as error:
        if isinstance(error, PermissionError) and os.geteuid() >= FIRST_PERSON:
            raise NotTrusted(f"only root may read it; {RUN_WITH_SUDO}") from None
        raise NotTrusted(error.strerror or str(error)) from None


def check_trusted_file(path: str, largest: int) -> None:
    """Look at a file that a library will read; raise NotTrusted, also if it is missing."""
    try:
        owners = _owners(path)
        reason = _distrust(os.stat(path), owners, largest) or _distrust_way(path, owners)
    except OSError as error:
        reason = error.strerror or str(error)
    if reason:
        raise NotTrusted(reason)


def _owners(path: str) -> tuple[int, ...]:
    """Return who may own a file on which trust depends: root, and for files of his own whoever runs this by hand.

    Under cupsd we run as lp, as all filters do, so a file of lp proves nothing, wherever it lies: whom root has started
    as someone else, and users of the system (lp has 7), have no files of their own. In CUPS's own folder no one has.
    """
    user = os.geteuid()
    own = os.path.abspath(path).startswith(DEFAULT_SERVER_ROOT + os.sep)
    if user == 0 or user < FIRST_PERSON or own:
        return (0,)
    try:
        by_hand = os.stat(f"/proc/{os.getppid()}").st_uid == user
    except OSError:
        by_hand = False
    return (0, user) if by_hand else (0,)


def _distrust(status: os.stat_result, owners: tuple[int, ...], largest: int) -> str | None:
    """Return why a file with this status is not to be trusted, or None."""
    if not stat.S_ISREG(status.st_mode):
        return "it is no regular file"
    if status.st_uid not in owners:
        return f"it belongs to user {status.st_uid} and not to root; fix with: chown root"
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return "others may write it; fix with: chmod 0640"
    return "it is too large" if status.st_size > largest else None


def _distrust_way(path: str, owners: tuple[int, ...]) -> str | None:
    """Return why someone else may put a different file in this place, or None.

    Every folder from the root to the file is looked at, and every link on the way with the folders that it leads
    through: who may write one of them may exchange what lies below, whomever it belongs to.
    """
    place, parts, links = "/", os.path.abspath(path).split("/")[::-1], 0
    while parts:
        part = parts.pop()
        if part in ("", ".", ".."):
            place = os.path.dirname(place) if part == ".." else place
            continue
        reason = _distrust_folder(place, owners)
        if reason:
            return reason
        entry = os.path.join(place, part)
        status = os.lstat(entry)
        if not stat.S_ISLNK(status.st_mode):
            place = entry
            continue
        links += 1
        if status.st_uid not in owners or links > MOST_LINKS:
            return f"{entry} is a link of user {status.st_uid} and not of root; fix with: chown -h root {entry}"
        target = os.readlink(entry)
        place = "/" if target.startswith("/") else place
        parts += target.split("/")[::-1]
    return None


def _distrust_folder(folder: str, owners: tuple[int, ...]) -> str | None:
    status = os.lstat(folder)
    if status.st_uid not in owners:
        return f"its folder {folder} belongs to user {status.st_uid} and not to root; fix with: chown root {folder}"
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH) and not status.st_mode & stat.S_ISVTX:
        return f"others may write its folder {folder}; fix with: chmod go-w {folder}"
    return None
