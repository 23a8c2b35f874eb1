"""Ghostscript at work: gs(1), "-dSAFER".

In its safe mode it reads the file on its command line and its own resources, writes to standard output and its folder
for temporary files, which is one that nobody else has, and starts nothing. It has no network code. Options and folders
that its environment could name are kept from it. Its memory, its time for a page and its output are limited, because a
document of a few hundred octets can ask for all there is.
"""

from __future__ import annotations

import os
import resource
import select
import signal
import subprocess
import time

from filters.common.dataclass import dataclass
from filters.common.settings import Settings

TYPE_CHECKING = False  # slow to import
if TYPE_CHECKING:
    from typing import Iterator, Mapping

#: Size of one read.
BLOCK_SIZE = 65536
#: What Ghostscript may know of our environment.
_PASSED_ON = ("PATH", "LANG", "LC_ALL")


@dataclass(frozen=True)
class Limits:
    """What a document may take: bytes of memory, seconds for a page, bytes of output."""

    memory: int
    seconds_per_page: float
    output: int

    @classmethod
    def from_settings(cls, settings: Settings) -> Limits:
        """Return what the settings allow."""
        return cls(settings["render-memory"], settings["render-seconds-per-page"], settings["render-output"])


class LimitReached(Exception):
    """The document takes more than it may: ``setting`` names the limit."""

    def __init__(self, setting: str) -> None:
        self.setting = setting


class Renderer:
    """A running Ghostscript."""

    def __init__(
        self,
        arguments: list[str],
        document: int,
        temporary: str,
        environ: Mapping[str, str],
        limits: Limits,
        waits: bool = False,
    ) -> None:
        """Start it on a file that is open as ``document``, and that its arguments name by ``document_path``.

        Args:
            waits: it gets itself ready, and reads the file no sooner than ``begin`` says: in front of the file it has a
                pipe to read, in which nothing comes.

        Raises:
            OSError: it cannot be started.
        """
        self._limits = limits
        self._waited = 0.0
        self._pipe = os.pipe() if waits else ()
        if self._pipe:
            arguments = [*arguments[:-1], document_path(self._pipe[0]), arguments[-1]]

        def limit() -> None:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
            resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
            resource.setrlimit(resource.RLIMIT_FSIZE, (limits.output, limits.output))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

        self._process = subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=(document, *self._pipe[:1]),
            cwd=temporary,
            preexec_fn=limit,
            env={**{name: environ[name] for name in _PASSED_ON if name in environ}, "TMPDIR": temporary},
        )

    def begin(self) -> None:
        """Let it read the document."""
        for descriptor in self._pipe:
            os.close(descriptor)
        self._pipe = ()

    def output(self) -> Iterator[tuple[bool, bytes]]:
        """Give pieces as they come, True with print data, False with its words, until it has closed both.

        Raises:
            LimitReached: it takes longer for a page than it may, or gives more than it may.
        """
        assert self._process.stdout is not None and self._process.stderr is not None
        pages = self._process.stdout.fileno()
        poll, open_ends = select.poll(), {pages, self._process.stderr.fileno()}
        for descriptor in open_ends:
            poll.register(descriptor, select.POLLIN)
        given = 0
        while open_ends:
            for descriptor in self._wait_for(poll):
                if piece := os.read(descriptor, BLOCK_SIZE):
                    given += len(piece) if descriptor == pages else 0
                    if given > self._limits.output:
                        raise LimitReached("render-output")
                    yield descriptor == pages, piece
                else:
                    poll.unregister(descriptor)
                    open_ends.discard(descriptor)

    def page_begins(self) -> None:
        """Count the time anew, for another page."""
        self._waited = 0.0

    def _wait_for(self, poll: select.poll) -> list[int]:
        """Return what can be read; only the time counts that Ghostscript lets us wait."""
        left = self._limits.seconds_per_page - self._waited
        start = time.monotonic()
        ready = [descriptor for descriptor, _ in poll.poll(max(left, 0) * 1000)]
        self._waited += time.monotonic() - start
        if not ready or self._waited > self._limits.seconds_per_page:
            raise LimitReached("render-seconds-per-page")
        return ready

    def wait(self) -> int:
        """Return its exit status when it has ended, negative after a signal."""
        return self._process.wait()

    def kill(self) -> None:
        """End it at once, if it has not ended."""
        self._process.kill()
        self._process.wait()
        self.begin()
        for stream in (self._process.stdout, self._process.stderr):
            if stream:
                stream.close()


def document_path(document: int) -> str:
    """Return the path of an open file, which may have no name."""
    return f"/proc/self/fd/{document}"
