"""The way out for someone who is not root, in the same words everywhere."""

from __future__ import annotations

import os

from backend.trust.pin_store import RUN_WITH_SUDO


def sudo_advice(error: OSError) -> str:
    """Return what is added to the reason where only root may do it, "" where sudo would change nothing."""
    return f"; {RUN_WITH_SUDO}" if isinstance(error, PermissionError) and os.geteuid() != 0 else ""
