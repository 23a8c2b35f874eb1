"""backend.cupsd.cache_file: what stands in the cache folder is read with suspicion and replaced whole."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.cupsd.cache_file import cache_folder, decode_values, encode_values, read_values, write_values

CHECKOUT = Path(__file__).resolve().parents[4]
pytestmark = pytest.mark.usefixtures("no_descriptor_is_left")
VALUES = {"chunks": True, "version": "1.1", "job_id": None, "name": "Büro"}


def test_written_values_are_read_back(tmp_path: Path) -> None:
    """Both directions, also over an older file, with nothing left beside it."""
    path = str(tmp_path / "printer.json")
    for values in (dict[str, object](old=1), VALUES):
        assert write_values(path, values) is None
        assert read_values(path) == values
    assert os.listdir(tmp_path) == ["printer.json"]


TEXTS = st.text() | st.sampled_from(["\0", '"', "\\", "\ud800", "\U0001f5a8", "\u2028"])


@given(st.dictionaries(TEXTS, TEXTS | st.integers() | st.booleans() | st.none()))
def test_what_is_written_is_the_json_of_everyone_else(values: dict[str, str | int | None]) -> None:
    """Both ways: json reads what we write, and we read what it writes, white space and all."""
    assert json.loads(encode_values(values)) == values == decode_values(encode_values(values))
    for spelled in (json.dumps(values), json.dumps(values, indent=2), f"\n {json.dumps(values)}\r\n"):
        assert decode_values(spelled.encode()) == values


@given(st.binary() | st.text(alphabet='{}[]",:0123456789.eE-ntrufalsINy \\').map(str.encode))
def test_what_is_read_is_what_json_reads(data: bytes) -> None:
    """Whatever stands in a file: the same object, or none for both."""
    try:
        expected = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        expected = None
    assert repr(decode_values(data)) == repr(expected if isinstance(expected, dict) else {})


@pytest.mark.parametrize("module", [sys.modules["_json"], None, ModuleType("_json")])
def test_json_is_read_with_and_without_the_small_module(
    module: ModuleType | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Python without it, or with a different one, has the package."""
    monkeypatch.setitem(cast(dict[str, object], sys.modules), "_json", module)
    assert decode_values(encode_values(VALUES)) == VALUES and decode_values(b"{") == {}


@pytest.mark.parametrize("flush", (False, True))
def test_files_are_for_their_owner_only(tmp_path: Path, flush: bool) -> None:
    """Mode 0600, whatever the umask; the folder is made and closed to others."""
    before = os.umask(0)
    try:
        path = tmp_path / "cache" / "printer.json"
        assert write_values(str(path), VALUES, flush=flush) is None
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o750


def test_flush_reaches_the_disk_before_the_name_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With flush the bytes are on the disk before the rename; without it nobody waits for the disk."""
    happened: list[str] = []
    sync, rename = os.fdatasync, os.rename

    def noted_sync(descriptor: int) -> None:
        happened.append("sync")
        sync(descriptor)

    def noted_rename(source: str, target: str) -> None:
        happened.append("rename")
        rename(source, target)

    monkeypatch.setattr(os, "fdatasync", noted_sync)
    monkeypatch.setattr(os, "rename", noted_rename)
    write_values(str(tmp_path / "flushed"), VALUES, flush=True)
    write_values(str(tmp_path / "not"), VALUES)
    assert happened == ["sync", "rename", "rename"]


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"null", b"[1]", b'"text"', b"\xff\xfe{}", json.dumps(VALUES).encode()[:-1], b"[" * 8000, b"\0" * 100],
    ids=["empty", "cut", "null", "list", "text", "no-utf-8", "half", "deep", "zeros"],
)
def test_damaged_files_say_nothing(tmp_path: Path, data: bytes) -> None:
    """Rubbish, half a file and values of another kind lead to nothing being known, and to no error."""
    path = tmp_path / "printer.json"
    path.write_bytes(data)
    assert decode_values(data) == {} == read_values(str(path))


def test_a_file_too_long_to_be_ours_says_nothing(tmp_path: Path) -> None:
    """Only so much is read as we ever write."""
    path = tmp_path / "printer.json"
    for size, keys in ((16384, {"a"}), (16385, set())):
        path.write_text(json.dumps({"a": "x" * (size - len('{"a": ""}'))}))
        assert read_values(str(path)).keys() == keys


def test_nothing_but_a_regular_file_is_read(tmp_path: Path) -> None:
    """A link, a folder, and a pipe that nobody writes to are not followed, and do not block."""
    (tmp_path / "real").write_text('{"a": 1}')
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    assert read_values(str(tmp_path / "real")) == {"a": 1}
    assert [read_values(str(tmp_path / name)) for name in ("link", "folder", "pipe", "missing")] == [{}, {}, {}, {}]


def test_a_link_is_replaced_and_not_written_through(tmp_path: Path) -> None:
    """Somebody's link at the place of the file does not lead us into another file."""
    (tmp_path / "other").write_text("precious")
    (tmp_path / "printer.json").symlink_to(tmp_path / "other")
    assert write_values(str(tmp_path / "printer.json"), VALUES) is None
    assert (tmp_path / "other").read_text() == "precious"
    assert read_values(str(tmp_path / "printer.json")) == VALUES


def test_a_folder_that_cannot_be_made_is_a_reason(tmp_path: Path) -> None:
    """Where a file stands in the folder's place the reason comes back as a text, and nothing is raised."""
    (tmp_path / "file").write_text("")
    assert write_values(str(tmp_path / "file" / "printer.json"), VALUES) in ("Not a directory", "File exists")


def test_a_file_that_cannot_be_replaced_is_a_reason(tmp_path: Path) -> None:
    """A folder in the file's place: the reason comes back, and the temporary file goes."""
    (tmp_path / "printer.json").mkdir()
    assert write_values(str(tmp_path / "printer.json"), VALUES) == "Is a directory"
    assert os.listdir(tmp_path) == ["printer.json"]


def test_a_full_disk_is_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When writing fails the old file stays as it was, and no half of the new one is left."""
    path = tmp_path / "printer.json"
    write_values(str(path), {"old": 1})

    def full(*arguments: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    assert write_values(str(path), VALUES) == "No space left on device"
    monkeypatch.undo()
    assert read_values(str(path)) == {"old": 1} and os.listdir(tmp_path) == ["printer.json"]


@pytest.mark.parametrize(
    "environ, folder",
    [
        ({"CUPS_CACHEDIR": "/somewhere"}, "/somewhere/ipps443"),
        ({"CUPS_CACHEDIR": ""}, "/var/cache/cups/ipps443"),
        ({}, "/var/cache/cups/ipps443"),
    ],
)
def test_folder_is_below_that_of_cups(environ: dict[str, str], folder: str) -> None:
    """CUPS says where its cache is; without it the usual place is taken."""
    assert cache_folder(environ) == folder


def test_damaged_files_where_json_was_never_imported() -> None:
    """As in a job: Python's small module has no words for a fault then. In tests json is always there."""
    program = (
        f"import sys; sys.path.insert(0, {str(CHECKOUT)!r})\n"
        "from backend.cupsd.cache_file import decode_values\n"
        "for damaged in sys.argv[1:]:\n"
        "    for name in [each for each in sys.modules if each.startswith('json')]:\n"
        "        del sys.modules[name]\n"
        "    print(decode_values(damaged.encode()), end='')"
    )
    damaged = ["{", '{"a"', '{"a": "x', '{"a": 1', '{"a": 1,}', '{"a": tru', "[1, 2"]
    command = ["/usr/bin/python3", "-I", "-S", "-c", program, *damaged]
    assert subprocess.run(command, capture_output=True, text=True).stdout == "{}" * len(damaged)


def test_a_part_that_was_written_replaces_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that takes some bytes and no more: the old file stays, and the caller hears of it."""
    path = str(tmp_path / "x.json")
    assert write_values(path, {"a": 1}) is None
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:5]))
    assert write_values(path, {"a": 2, "b": "x" * 100}) == "No space left on device"
    monkeypatch.undo()
    assert read_values(path) == {"a": 1} and os.listdir(tmp_path) == ["x.json"]
