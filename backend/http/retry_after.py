"""Retry-After: when a busy server wants to be asked again, RFC 9110 section 10.2.3. Pure."""

from __future__ import annotations

TYPE_CHECKING = False  # slow to import, and only the type checker needs it
if TYPE_CHECKING:
    from backend.http.exchange import Response

#: Nobody is believed who wants to be left alone for longer, or asked without a pause.
MOST_SECONDS, LEAST_SECONDS = 300.0, 1.0


def retry_after(response: Response) -> float | None:
    """Return for how many seconds a server wants to be left alone, within bounds; None if it does not say.

    A date counts from the server's own clock, if it shows it, because clocks of printers are often wrong.
    """
    value = (response.header("retry-after") or "").strip()
    if value.isascii() and value.isdigit():
        seconds = float(int(value[:9]))
    else:
        later = _seconds_since_1970(value)
        if later is None:
            return None
        now = _seconds_since_1970((response.header("date") or "").strip())
        seconds = later - (_now() if now is None else now)
    return min(max(seconds, LEAST_SECONDS), MOST_SECONDS)


def _now() -> float:
    import time

    return time.time()


def _seconds_since_1970(text: str) -> float | None:
    """Read an HTTP-date in any of its three forms (RFC 9110 section 5.6.7)."""
    if not text:
        return None
    from email.utils import mktime_tz, parsedate_tz

    found = parsedate_tz(text)
    try:
        return float(mktime_tz(found)) if found else None
    except (ValueError, OverflowError):
        return None
