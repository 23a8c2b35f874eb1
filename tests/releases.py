"""Which release of Debian the tests run on, for what is known to differ."""

from __future__ import annotations

from pathlib import Path


def debian() -> int:
    """Return the number of this release of Debian, 0 elsewhere: os-release(5)."""
    try:
        lines = Path("/etc/os-release").read_text().splitlines()
    except OSError:
        return 0
    values = dict(line.split("=", 1) for line in lines if "=" in line)
    number = values.get("VERSION_ID", "").strip('"').partition(".")[0]
    return int(number) if values.get("ID") == "debian" and number.isdigit() else 0
