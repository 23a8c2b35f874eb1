"""Lines on standard error as cupsd reads them: filter(7) and backend(7), "MESSAGES".

Rules of this module: every line has a prefix CUPS knows, is one write, and is shorter than 1 KiB, because
all filters of a job share one pipe and cupsd splits what it reads at line ends (a longer line, or one in two
writes, can be mixed with another program's words).
"""

from __future__ import annotations

import os

#: Longest line written, in bytes with its line feed. PIPE_BUF is 4096; cupsd's own limit is 4096 too.
LONGEST_LINE = 1000


def one_line(text: str) -> str:
    """Return the text on one line, without control characters, so that it cannot be read as a second message."""
    if not (text.isascii() and text.isprintable()):
        from filters.common.printable import printable  # most lines need none of it

        text = printable(text, " ")
    return " ".join(text.split())


def cut(line: bytes, limit: int) -> bytes:
    """Return at most ``limit`` bytes of UTF-8, cut between characters."""
    if len(line) <= limit:
        return line
    return line[: limit - 3].decode("utf-8", "ignore").encode("utf-8") + b"..."


class Report:
    """Writes messages for cupsd on a file descriptor, standard error unless told otherwise."""

    #: What a trace of the job has; "" if there is none.
    traced = ""
    #: The file in which it has the keys of connections; "" if it has none.
    key_log = ""

    def __init__(self, descriptor: int = 2) -> None:
        self._descriptor = descriptor

    def _write(self, prefix: str, text: str) -> None:
        line = f"{prefix}: {one_line(text)}".encode("utf-8", "replace")
        try:
            os.write(self._descriptor, cut(line, LONGEST_LINE - 1) + b"\n")
        except OSError:
            # Nobody reads any more (cupsd died, or the pipe is closed): the job goes on without messages.
            pass

    def error(self, text: str) -> None:
        """Tell the user why the job or the queue stops: one line, what happened and what to do, and the code."""
        self._write("ERROR", text)

    def warning(self, text: str) -> None:
        """Tell the user what is not as asked, while the job goes on."""
        self._write("WARNING", text)

    def info(self, text: str) -> None:
        """Set the message that lpstat and the web interface show for the printer."""
        self._write("INFO", text)

    def debug(self, text: str) -> None:
        """Say something to whoever reads the error log at LogLevel debug."""
        self._write("DEBUG", text)

    def detail(self, event: str, *values: object) -> None:
        """Tell a trace of the job what happened, by the event's name; without one nobody listens."""

    def fault(self, program: str, error: Exception) -> None:
        """Tell about a fault of a program of ours: one line for the user, the rest for whoever fixes it."""
        import traceback

        for line in "".join(traceback.format_exception(error)).splitlines():
            self.debug(line)
        self.error(f"{program} has a fault and cannot print this document: {type(error).__name__}: {error} [F05]")

    def state(self, *words: str) -> None:
        """Add ("+word") or remove ("-word") printer-state-reasons, one line for each sign."""
        for sign in "+-":
            signed = [word[1:] for word in words if word[:1] == sign]
            if signed:
                self._write("STATE", sign + ",".join(signed))

    def job_state(self, word: str) -> None:
        """Set the job's job-state-reasons; cupsd keeps an account-... of a job that is then held."""
        self._write("JOBSTATE", word)

    def page_total(self, total: int) -> None:
        """Raise the page count of the job to ``total``; cupsd ignores a smaller number."""
        self._write("PAGE", f"total {total}")

    def page(self, number: int, copies: int) -> None:
        """Count one page, number ``number``, printed ``copies`` times."""
        self._write("PAGE", f"{number} {copies}")

    def attribute(self, name: str, value: str) -> None:
        """Set a printer attribute of the queue, such as marker-levels or auth-info-required.

        A value that is too long for a line is left out: cut, its quotes would not close, and cupsd would read on in the
        next line.
        """
        if len(f"ATTR: {name}={one_line(value)}".encode("utf-8", "replace")) < LONGEST_LINE:
            self._write("ATTR", f"{name}={value}")
        else:
            self.debug(f"{name} is too long and left out")
