"""One run of a job at a time. A backend outlives a cupsd that is killed, and the next cupsd runs the job beside it.

    <cache folder>/job-<name>.lock, mode 0600: locked by the run that is at work, whose process id is in it

The lock is gone with the process, however that dies; the file may stay then, and serves the next run.
"""

from __future__ import annotations

import fcntl
import os
import stat

from backend.cupsd.cache_file import job_file, make_private, remove

OPEN_FLAGS = os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


class JobLock:
    """The lock on one job. Without a name, or where no folder can be written, nobody has to wait."""

    def __init__(self, folder: str, name: str | None, more_folders: tuple[str, ...] = ()) -> None:
        """
        Args:
            name: from Identity.name.
            more_folders: where the lock is if the first folder cannot be written.
        """
        self._folders = (folder, *more_folders)
        self._name = name
        self._path = job_file(folder, "job-{}.lock", name)
        self._descriptor: int | None = None

    def take(self) -> bool:
        """Take the job, unless it is ours already; False while another run has it."""
        if self._path is None or self._descriptor is not None:
            return True
        descriptor = self._open()
        if descriptor is None:
            return True
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not _is_ours(descriptor):
                os.close(descriptor)
                return True
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        except BlockingIOError:
            os.close(descriptor)
            return False
        except OSError:
            pass  # a file system without locks, or without room for a number
        if not _is_at(self._path, descriptor):
            # Whoever had it has removed it meanwhile, so this is the lock of nobody.
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def _open(self) -> int | None:
        for number, folder in enumerate(self._folders):
            path = job_file(folder, "job-{}.lock", self._name)
            try:
                if path is None or number and not make_private(folder):
                    continue
                os.makedirs(folder, 0o750, exist_ok=True)
                descriptor = os.open(path, os.O_RDWR | os.O_CREAT | OPEN_FLAGS, 0o600)
            except OSError:
                continue
            self._path = path
            return descriptor
        return None

    def holder(self) -> int | None:
        """Return the process id of the run that has the job; None if that is not known to be one of ours."""
        try:
            descriptor = os.open(self._path or "", os.O_RDONLY | OPEN_FLAGS)
        except OSError:
            return None
        try:
            pid = int(os.read(descriptor, 32).partition(b"\n")[0])
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                return pid if b"ipps443" in file.read() else None
        except (OSError, ValueError):
            return None
        finally:
            os.close(descriptor)

    def release(self) -> None:
        """Let the next run have the job; only when nothing will be said to the printer any more."""
        if self._path is not None and self._descriptor is not None:
            remove(self._path)
            os.close(self._descriptor)
            self._descriptor = None


def _is_ours(descriptor: int) -> bool:
    """Tell whether it is a file of its own, and not another name for one that is not ours to write to."""
    status = os.fstat(descriptor)
    return stat.S_ISREG(status.st_mode) and status.st_nlink <= 1


def _is_at(path: str, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except OSError:
        return False
