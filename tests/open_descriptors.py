"""What a test's process has open, for tests of what closes its files."""

from __future__ import annotations

import gc
import os


def open_descriptors() -> set[str]:
    """Return the numbers of what is open. What other tests have left goes before, and not in the middle of a test."""
    gc.collect()
    return {*os.listdir("/proc/self/fd")}
