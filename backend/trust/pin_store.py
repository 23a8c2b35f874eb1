"""The pin file on disk: read with suspicion, replaced atomically.

Rules:

- a file that is missing, is no regular file, belongs to someone else, or can be written by group or others (or lies in
  a folder that can, or below one) is refused with the reason; it is never "first use";
- a new version is written beside the old one, flushed to the disk and renamed over it, so that a crash at any moment
  leaves the old file or the new one;
- writers wait for each other on a lock file beside it. Readers need no lock.

Only ipps443ctl writes. The file belongs to root and to the group that the backend runs in, mode 0640.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Callable

from backend import errors
from backend.trust.pin_file import HEADER, PinFile, parse_pins
from filters.common import trusted_file
from filters.common.trusted_file import RUN_WITH_SUDO, config_path

FILE = "pins"
FILE_MODE = 0o640
FOLDER_MODE = 0o750

#: The group of backends unless cups-files.conf says otherwise (cups-files.conf(5), "Group").
DEFAULT_GROUP = "lp"

#: Far beyond any fleet (about 80,000 pins), and small enough to read in one go.
LARGEST_FILE = 16 << 20

#: Seconds to wait for a different ipps443ctl, which holds the lock for milliseconds.
LOCK_TIMEOUT = 20.0


def pins_path(environ: Mapping[str, str]) -> str:
    """Return the path of the pin file of this CUPS installation."""
    return config_path(environ, FILE)


# --- reading ----------------------------------------------------------------------------------------------


def read_pins(path: str) -> PinFile:
    """Read the pin file; raise PinFileUnreadable for whatever could make it say something its owner did not mean."""
    data = read_trusted_file(path)
    try:
        return parse_pins(data.decode("utf-8"), path)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise errors.PinFileUnreadable(path, "it is not UTF-8", line) from None


def read_trusted_file(path: str) -> bytes:
    """Read a file on which trust depends, after a look at who may write it; raise PinFileUnreadable."""
    try:
        return trusted_file.read_trusted_file(path, LARGEST_FILE)
    except FileNotFoundError:
        raise errors.PinFileUnreadable(path, "it does not exist; ipps443ctl pin HOST makes it") from None
    except trusted_file.NotTrusted as error:
        raise errors.PinFileUnreadable(path, error.reason) from None


def check_trusted_file(path: str) -> None:
    """Look at a file that OpenSSL will read itself, such as a client's key; raise PinFileUnreadable."""
    try:
        trusted_file.check_trusted_file(path, LARGEST_FILE)
    except trusted_file.NotTrusted as error:
        raise errors.PinFileUnreadable(path, error.reason) from None


# --- writing ----------------------------------------------------------------------------------------------


def read_pins_if_any(path: str) -> PinFile:
    """Read the pin file for someone who will not trust a printer by it; before the first pin it is empty."""
    return read_pins(path) if os.path.lexists(path) else parse_pins("", path)


def update_pins(path: str, edit: Callable[[PinFile], PinFile]) -> PinFile:
    """Change the pin file as one step no one can see half of, and return its new version.

    ``edit`` gets the file as it is at that moment, so that two administrators do not undo each other's work. Raises
    PinFileNotWritten when the file stays as it was, PinFileUnreadable when it cannot be understood in the first place.
    """
    path = os.path.realpath(path)  # where configuration management keeps the file elsewhere, the link stays
    prepare_folder(os.path.dirname(path))
    with locked(path):
        old = read_pins(path) if os.path.lexists(path) else parse_pins(HEADER, path)
        new = edit(old)
        if new.text != old.text or not os.path.lexists(path):
            _write(path, new.text.encode("utf-8"), FILE_MODE)
    return new


def write_beside(path: str, name: str, content: bytes) -> str:
    """Put a file (a CA's certificate, a copy of a pinned one) into the pin file's folder and return its path."""
    target = os.path.join(os.path.dirname(path), name)
    prepare_folder(os.path.dirname(path))
    prepare_folder(os.path.dirname(target))
    with locked(path):
        _write(target, content, FILE_MODE)
    return target


def prepare_folder(folder: str) -> None:
    """Make the pin file's folder if it is missing, for root and the backend's group."""
    if os.path.isdir(folder):
        return
    try:
        os.mkdir(folder, 0o700)
        _give_to_backend(folder, FOLDER_MODE)
    except FileExistsError:
        return
    except OSError as error:
        raise _not_written(folder, error) from None


@contextmanager
def locked(path: str) -> Iterator[None]:
    """Hold the lock of the pin file or of one beside it; the kernel lets go of it when the process dies."""
    import fcntl

    try:
        descriptor = os.open(path + ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise _not_written(path, error) from None
    try:
        deadline = time.monotonic() + LOCK_TIMEOUT
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise errors.PinFileNotWritten(path, "a different ipps443ctl is changing it; try again") from None
                time.sleep(0.02)
        yield
    finally:
        os.close(descriptor)


def _write(path: str, content: bytes, mode: int) -> None:
    """Replace one file; the caller holds the lock, so the name of the new one is free."""
    new = path + ".new"
    try:
        with _open_new(new) as descriptor:
            _write_all(descriptor, content)
            _give_to_backend(descriptor, mode)
            os.fsync(descriptor)
        os.rename(new, path)
        _flush_folder(os.path.dirname(path) or ".")
    except (OSError, errors.IppsError) as error:
        with suppress(OSError):  # a folder that lets nobody in was the reason
            os.unlink(new)
        raise (_not_written(path, error) if isinstance(error, OSError) else error) from None


@contextmanager
def _open_new(path: str) -> Iterator[int]:
    with suppress(FileNotFoundError):
        os.unlink(path)  # left by a crash
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _write_all(descriptor: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]


def _flush_folder(folder: str) -> None:
    """Make the rename itself survive a power failure."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _give_to_backend(target: int | str, mode: int) -> None:
    """Let the backend's group read the file or folder. Only root can; for others it stays their own."""
    if os.geteuid() == 0:
        os.chown(target, 0, _backend_group())
    os.chmod(target, mode)


def _backend_group() -> int:
    import grp

    name = DEFAULT_GROUP
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        reason = f'there is no group "{name}", in which the backend would read it; install CUPS first'
        raise errors.PinFileNotWritten(FILE, reason) from None


def _not_written(path: str, error: OSError) -> errors.PinFileNotWritten:
    reason = error.strerror or str(error)
    if isinstance(error, PermissionError) and os.geteuid() != 0:
        reason = f"only root may change it; {RUN_WITH_SUDO}"
    return errors.PinFileNotWritten(path, reason)
