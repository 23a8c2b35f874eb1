"""filters.common.printer_copies: whether the printer makes the copies, and whether our text filter knows."""

from __future__ import annotations

import pytest

from filters.common.job import parse_job
from filters.common.printer_copies import are_left_by_text_filter, are_left_to_printer

FILTER = '*cupsFilter2: "text/plain application/pdf 10 texttopdf443"\n'


@pytest.mark.parametrize(
    "copies, uri, line, by_printer",
    [
        (2, "ipps443://x/", '*ipps443Copies: "True"', True),
        (1, "ipps443://x/", '*ipps443Copies: "True"', False),
        (2, "ipps://x/", '*ipps443Copies: "True"', False),
        (2, "ipps443://x/", '*ipps443Copies: "False"', False),
        (2, "ipps443://x/", '*% *ipps443Copies: "True"', False),
    ],
)
@pytest.mark.parametrize(
    "content_type, filters, by_filter",
    [
        ("text/plain", FILTER, True),
        ("TEXT/plain", "*%\n" + FILTER, True),
        ("text/html", FILTER, False),
        ("text.plain", FILTER, False),
        ("text/plain", FILTER.replace("443", ""), False),
        ("text/plain", f"*%{FILTER}", False),
        ("text/plain", "", False),
    ],
)
def test_who_makes_copies(
    copies: int, uri: str, line: str, by_printer: bool, content_type: str, filters: str, by_filter: bool
) -> None:
    """Several copies of our backend's, whose printer says that it makes them; and the filter of the document's type."""
    job = parse_job(["x", "1", "u", "t", str(copies), ""], {"DEVICE_URI": uri, "CONTENT_TYPE": content_type})
    description = f'*PPD-Adobe: "4.3"\n{line}\n{filters}'
    assert are_left_to_printer(job, description) is by_printer
    assert are_left_by_text_filter(job, description) is (by_printer and by_filter)
