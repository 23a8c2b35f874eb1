"""ipps443ctl trace: on, off, show."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from backend.trace.trace_file import make, new_name, safe_queue
from backend.trace.trace_switch import read_switch
from tests.unit.control.conftest import Desk


@pytest.fixture
def folder(desk: Desk) -> str:
    """The folder of the traces, with two of them."""
    desk.environ["CUPS_CACHEDIR"] = str(desk.folder / "cache")
    folder = desk.folder / "cache" / "ipps443" / "trace"
    for name in ("20260601T000100-office-7-aaaa", "20260601T000200-office-2-8-bbbb", "20260601T000300-office-7-cccc"):
        for suffix in (".trace", ".keys"):
            descriptor = make(str(folder), name + suffix)
            os.write(descriptor, f"+0.000 {name}\x1b[31m\n".encode())
            os.close(descriptor)
    return str(folder)


def test_on_and_off(desk: Desk, folder: str) -> None:
    """A switch for so long and so many jobs; off removes it, and the keys of that queue."""
    path = str(desk.folder / "ipps443" / "trace" / "office")
    assert desk.run("trace", "office", "on") == 0, desk.errors
    switch = read_switch(path)
    now = int(desk.now.timestamp())
    assert switch and (switch.words, switch.since, switch.until, switch.jobs) == (frozenset(), now, now + 1800, 5)
    assert os.stat(path).st_mode & 0o777 == 0o640
    assert desk.run("trace", "office", "on", "--hex", "--keys", "--for", "2h", "--jobs", "3") == 0
    assert "password" in desk.output
    switch = read_switch(path)
    assert switch and (switch.words, switch.until, switch.jobs) == (frozenset(("hex", "keys")), now + 7200, 3)
    assert desk.run("trace", "office", "off") == 0 and desk.run("trace", "office", "off") == 0
    assert not os.path.exists(path)
    assert [name for name in os.listdir(folder) if name.endswith(".keys")] == ["20260601T000200-office-2-8-bbbb.keys"]


@pytest.mark.parametrize("linked", ["cache/ipps443", "cache/ipps443/trace"])
def test_linked_folder_is_left_alone(desk: Desk, folder: str, linked: str) -> None:
    """lp may put a link where the traces were, or around them; root deletes and shows nothing behind it."""
    place, elsewhere = desk.folder / linked, desk.folder / "elsewhere"
    place.rename(elsewhere)
    place.symlink_to(elsewhere)
    before = sorted(elsewhere.rglob("*"))
    assert desk.run("trace", "office", "off") == 0
    assert desk.run("trace", "office", "show", "7") == 1 and "no trace of job 7" in desk.errors
    assert sorted(elsewhere.rglob("*")) == before and len(before) >= 6


@pytest.mark.parametrize("queue", ["B\u00fcro", "q" * 100])
def test_queues_whose_files_have_other_names(desk: Desk, folder: str, queue: str) -> None:
    """Letters that are not plain, and long names: the trace is found, and its keys go, with a trace or without."""
    name = new_name(queue, 9)
    for suffix in (".trace", ".keys"):
        os.close(make(folder, name + suffix))
    os.close(make(folder, new_name(queue, 10) + ".keys"))
    assert desk.run("trace", queue, "show") == 0 and "job 9" in desk.output
    assert desk.run("trace", queue, "off") == 0
    assert not [each for each in os.listdir(folder) if safe_queue(queue) in each and each.endswith(".keys")]


def test_show(desk: Desk, folder: str) -> None:
    """The traces of the queue, whether it is on, and the newest of a job; nothing in it moves a cursor."""
    assert desk.run("trace", "office") == 0
    assert "off" in desk.output and desk.output.count("job 7") == 2 and "office-2" not in desk.output
    assert desk.run("trace", "office", "show", "7") == 0
    assert "cccc" in desk.output and "\x1b" not in desk.output
    assert desk.run("trace", "office", "show", "8") == 1 and "no trace of job 8" in desk.errors
    assert desk.value("trace", "office-2", "show", "8")["lines"][0].startswith("+0.000")
    os.close(make(folder, "20260531T000100-office-6-dddd.trace"))  # older than the switch
    desk.run("trace", "office", "on", "--jobs", "3")
    assert desk.run("trace", "office") == 0 and "on for 1 more jobs" in desk.output


@pytest.mark.parametrize(
    "words",
    [
        ["../pins", "on"],
        ["..", "on"],
        ["office", "on", "--for", "soon"],
        ["office", "on", "--for", "8d"],
        ["office", "on", "--for", "0m"],
        ["office", "on", "--jobs", "0"],
        ["office", "on", "--jobs", "100"],
        ["office", "on", "--jobs", "9" * 5000],
    ],
)
def test_what_makes_no_sense(desk: Desk, folder: str, words: list[str]) -> None:
    """It is refused, and nothing is written."""
    assert desk.run("trace", *words) == 2
    assert not (Path(desk.path).parent / "trace").exists()
