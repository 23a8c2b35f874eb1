"""Ghostscript at work: gs(1), "-dSAFER".

In its safe mode it reads the file on its command line and its own resources, writes to standard output and its folder
for temporary files, which is one that nobody else has, and starts nothing. It has no network code. Options and folders
that its environment could name are kept from it.
"""

from __future__ import annotations

import os
import select
import subprocess
from typing import Iterator, Mapping

#: Size of one read.
BLOCK_SIZE = 65536
#: What Ghostscript may know of our environment.
_PASSED_ON = ("PATH", "LANG", "LC_ALL")


class Renderer:
    """A running Ghostscript."""

    def __init__(self, arguments: list[str], document: int, temporary: str, environ: Mapping[str, str]) -> None:
        """Start it on a file that is open as ``document``, and that its arguments name by ``document_path``.

        Raises:
            OSError: it cannot be started.
        """
        self._process = subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=(document,),
            cwd=temporary,
            env={**{name: environ[name] for name in _PASSED_ON if name in environ}, "TMPDIR": temporary},
        )

    def output(self) -> Iterator[tuple[bool, bytes]]:
        """Give pieces as they come, True with print data, False with its words, until it has closed both."""
        assert self._process.stdout is not None and self._process.stderr is not None
        pages = self._process.stdout.fileno()
        poll, open_ends = select.poll(), {pages, self._process.stderr.fileno()}
        for descriptor in open_ends:
            poll.register(descriptor, select.POLLIN)
        while open_ends:
            for descriptor, _ in poll.poll():
                if piece := os.read(descriptor, BLOCK_SIZE):
                    yield descriptor == pages, piece
                else:
                    poll.unregister(descriptor)
                    open_ends.discard(descriptor)

    def wait(self) -> int:
        """Return its exit status when it has ended, negative after a signal."""
        return self._process.wait()

    def kill(self) -> None:
        """End it at once, if it has not ended."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdout, self._process.stderr):
            if stream:
                stream.close()


def document_path(document: int) -> str:
    """Return the path of an open file, which may have no name."""
    return f"/proc/self/fd/{document}"
