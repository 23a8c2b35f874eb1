"""Standard input, output and errors of a program that may have been started with some of them closed."""

from __future__ import annotations

import os


def hold_closed_streams() -> None:
    """Put a null device in the place of each that is closed.

    The next file would get its number, and be read as the document or written to as the log. What stands in for
    standard input cannot be read, and for standard output not written, so that the job fails and is not lost.
    """
    for number, mode in ((0, os.O_WRONLY), (1, os.O_RDONLY), (2, os.O_RDWR)):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, mode), True)
