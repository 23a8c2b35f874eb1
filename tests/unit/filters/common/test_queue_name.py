"""Names of queues: what cupsd can have, and what is made anew."""

from __future__ import annotations

import os

import pytest

from backend.trace.trace_switch import switch_path
from filters.common.queue_name import is_queue_name, may_be_made
from filters.common.settings import parse_settings, set_value


@pytest.mark.parametrize("name", ["floor1", "B\u00fcro", "-q", "it's", '"q"', "what?", "a\\b", ".q", "q" * 127])
def test_names_that_cupsd_has(name: str) -> None:
    """Settings, tables and traces are for each queue that cupsd can have, and lie in their own folder."""
    assert is_queue_name(name)
    assert switch_path("/x", name) == f"/x/trace/{name}" == os.path.normpath(f"/x/trace/{name}")
    text = set_value("", name, "render-memory", "2G")
    assert not parse_settings(text, name).problems
    assert parse_settings(text, name).values["render-memory"] == 2 << 30
    assert parse_settings(text, "other").values["render-memory"] == 1 << 30


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "a b",
        "a/b",
        "../pins",
        "a#",
        "a]",
        "a\tb",
        "a\n",
        "a\x7f",
        "\u202eq",
        "\udc80",
        "q" * 128,
        "\u00fc" * 64,
    ],
)
def test_names_that_nothing_has(name: str) -> None:
    """What cupsd refuses, ends a section, leads out of the folder or cannot be seen, is the name of no queue."""
    assert not is_queue_name(name) and not may_be_made(name)
    assert switch_path("/x", name) is None
    if name:
        with pytest.raises(ValueError, match="name of a queue"):
            set_value("", name, "render-memory", "2G")


@pytest.mark.parametrize("name", ["-q", "it's", '"q"', "what?", "a\\b"])
def test_names_that_are_not_made(name: str) -> None:
    """lpadmin takes none of these, and neither does add."""
    assert is_queue_name(name) and not may_be_made(name)
    assert may_be_made(name.strip("-'\"?").replace("\\", "").replace("'", "") or "q")
