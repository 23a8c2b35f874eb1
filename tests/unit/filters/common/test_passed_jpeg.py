"""filters.common.passed_jpeg: when cupsd wanted pages of a JPEG."""

from __future__ import annotations

import pytest

from filters.common.passed_jpeg import has_pages_of_jpeg


@pytest.mark.parametrize("content_type, is_jpeg", [("image/jpeg", True), ("Image/JPEG", True), ("image/png", False)])
@pytest.mark.parametrize(
    "kind, is_pages",
    [("application/pdf", True), ("image/URF", True), ("image/pwg-raster", True), ("image/jpeg", False), ("", False)],
)
def test_pages_of_jpeg(content_type: str, is_jpeg: bool, kind: str, is_pages: bool) -> None:
    """A JPEG came, and one of the three types in which pages go out was asked for, however they are written."""
    assert has_pages_of_jpeg(content_type, kind) is (is_jpeg and is_pages)
