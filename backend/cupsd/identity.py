"""Who a run of a job is: the name of its record and its lock, and the mark by which its job is found at the printer.

Both are HMAC-SHA-256 under a secret of this machine. A client chooses its job-uuid and may read those of others, cupsd
uses job numbers again, and jobs move between queues; so what counts is all of this together:

    job-uuid, CUPS job number, user      the run: record and lock
    ... and the number of the document   the mark, 12 hex digits at the end of the job's name at the printer

    /etc/cups/ipps443/secret    root:lp 0640, 32 random bytes, made by the installer

Rules of this module:

- nothing of what a client chose becomes part of a path;
- without that file the secret is one that lp keeps in the cache folder: others still cannot guess a mark.
"""

from __future__ import annotations

import os
import stat

from backend.cupsd.cache_file import cache_folder
from backend.trust.fingerprint import sha256
from filters.common.dataclass import dataclass
from filters.common.trusted_file import config_path

TYPE_CHECKING = False  # typing is slow to import, and only the type checker needs it
if TYPE_CHECKING:
    from typing import Mapping

#: Octets of the secret; a shorter file is none.
SECRET_SIZE = 32
MARK_DIGITS = 12
NAME_DIGITS = 32
#: The block of SHA-256, in octets.
BLOCK = 64


@dataclass(frozen=True)
class Secret:
    """The key of all marks. ``warning`` says what is wrong with it, "" if nothing is."""

    key: bytes
    warning: str = ""


@dataclass(frozen=True)
class Identity:
    """One job of cupsd, however often it is run."""

    key: bytes
    job: str

    @property
    def name(self) -> str:
        """What the files of this job are called."""
        return keyed(self.key, f"run\0{self.job}")[:NAME_DIGITS]

    def mark(self, document: int, index: int) -> str:
        """Return the mark of one document, and of the copy or part of it with that index."""
        return keyed(self.key, f"mark\0{document}\0{index}\0{self.job}")[:MARK_DIGITS]


def identify(secret: Secret, job_uuid: str, job_id: int, user: str) -> Identity:
    """Return the identity of a job; no argument of a program can have a NUL in it."""
    return Identity(secret.key, f"{job_id}\0{user}\0{job_uuid}")


def keyed(key: bytes, text: str) -> str:
    """Return the HMAC-SHA-256 of a text in hex, RFC 2104. The module hmac takes twenty times as long to import."""
    key = (key if len(key) <= BLOCK else sha256(key).digest()).ljust(BLOCK, b"\0")
    inner = sha256(bytes(octet ^ 0x36 for octet in key) + text.encode("utf-8", "surrogateescape")).digest()
    return str(sha256(bytes(octet ^ 0x5C for octet in key) + inner).hexdigest())


def secret_path(environ: Mapping[str, str]) -> str:
    """Return the path of the secret that the installer makes."""
    return config_path(environ, "secret")


def read_secret(environ: Mapping[str, str]) -> Secret:
    """Return the machine's secret, or the best there is in its place."""
    path = secret_path(environ)
    key, trouble = look_at_secret(path)
    if key:
        return Secret(key)
    warning = f"{path}: {trouble}; jobs are marked without it. Run ipps443ctl doctor [C06]"
    return Secret(_own_secret(cache_folder(environ)) or _machine(), warning)


def look_at_secret(path: str) -> tuple[bytes, str]:
    """Return the secret in a file, and why it is none; one of them is empty."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        return b"", error.strerror or str(error)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return b"", "not a file"
        if status.st_mode & 0o027:
            return b"", "open to others, so no secret"
        key = os.read(descriptor, SECRET_SIZE)
        return (key, "") if len(key) == SECRET_SIZE else (b"", "too short for a secret")
    except OSError as error:
        return b"", error.strerror or str(error)
    finally:
        os.close(descriptor)


def _own_secret(folder: str) -> bytes:
    """Return the secret that lp keeps for itself, made at its first use; empty where nothing can be kept."""
    path = os.path.join(folder, "secret")
    key, _ = look_at_secret(path)
    if key:
        return key
    temporary = f"{path}.{os.urandom(8).hex()}.new"
    try:
        os.makedirs(folder, 0o750, exist_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError:
        return b""
    try:
        os.write(descriptor, os.urandom(SECRET_SIZE))
        os.link(temporary, path)  # whoever comes first has made it
    except OSError:
        pass
    finally:
        os.close(descriptor)
        os.unlink(temporary)
    return look_at_secret(path)[0]


def _machine() -> bytes:
    """Return what tells this machine from others; it is no secret."""
    try:
        with open("/etc/machine-id", "rb") as file:
            return file.read(64)
    except OSError:
        return b"ipps443"
