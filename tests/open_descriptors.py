"""What a test's process has open, for tests of what closes its files."""

from __future__ import annotations

import os


def open_descriptors() -> set[str]:
    """Return the numbers of what is open.

    What other tests have left may be closed at any time, so a test looks whether there are new ones, not how many.
    """
    return {*os.listdir("/proc/self/fd")}
