"""How much memory a document may take in a filter of ours: RLIMIT_AS, getrlimit(2)."""

from __future__ import annotations

import resource


def limit_memory(more: int) -> tuple[int, int]:
    """Allow so many bytes beyond what the process has now, and return the limits before, for setrlimit."""
    before = soft, most = resource.getrlimit(resource.RLIMIT_AS)
    allowed = _address_space() + more
    if most != resource.RLIM_INFINITY:
        allowed = min(allowed, most)
    if soft == resource.RLIM_INFINITY or soft > allowed:
        resource.setrlimit(resource.RLIMIT_AS, (allowed, most))
    return before


def _address_space() -> int:
    """Return the bytes of address space that the process has, 0 where /proc does not tell."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[0]) * resource.getpagesize()
    except (OSError, ValueError, IndexError):
        return 0
