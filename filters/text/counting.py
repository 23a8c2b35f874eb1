"""Numbers with what they count, for messages."""

from __future__ import annotations


def counted(number: int, one: str) -> str:
    """Return a number with a noun, which has an s unless it is one."""
    return f"{number} {one}{'s' * (number != 1)}"
