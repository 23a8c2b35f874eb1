"""backend.document.document: what goes in comes out, once or again and again, and a full disk loses nothing."""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.cupsd.stop_signal import JobStopped, StopSignal
from backend.document.copy import Copy, unnamed_file
from backend.document.document import REMEMBERED, SMALLEST_BLOCK, Document
from backend.document.sources import BLOCK_SIZE, GuardedSource, Source
from backend.errors import DocumentUnreadable, NoRoomForCopy

STOP = StopSignal()


@contextlib.contextmanager
def piped(*pieces: bytes, keep_open: bool = False) -> Iterator[int]:
    """Yield the reading end of a pipe that a thread fills with the pieces."""
    readable, writable = os.pipe()

    def fill() -> None:
        with contextlib.suppress(BrokenPipeError):
            for piece in pieces:
                os.write(writable, piece)
        if not keep_open:
            os.close(writable)

    writer = threading.Thread(target=fill)
    writer.start()
    try:
        yield readable
    finally:
        os.close(readable)
        writer.join()
        if keep_open:
            os.close(writable)


def blocks(source: Source) -> list[bytes]:
    """Return all blocks of a source, waiting for them as a sending does."""
    found: list[bytes] = []
    while True:
        descriptor = source.fileno()
        if descriptor is not None:
            STOP.wait(None, {descriptor: 1})
        block = source.next_block()
        if block == b"":
            assert source.at_end()
            return found
        if block is not None:
            found.append(block)


def stored(document: Document) -> bytes:
    """Return the kept document."""
    document.read_to_end(STOP)
    return b"".join(blocks(document.stored()))


def open_files() -> set[str]:
    """Return what the descriptors of this process point to."""
    names = set()
    for descriptor in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            names.add(os.readlink(f"/proc/self/fd/{descriptor}"))
    return names


CONTENT = bytes(range(256)) * 4096  # 1 MiB

# --- the copy ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sizes", [(), (0,), (100,), (99, 1), (101,), (50, 51, 49), (1,) * 150, (300, 1)])
def test_a_copy_gives_back_what_it_took(tmp_path: Path, sizes: tuple[int, ...]) -> None:
    """Below, at and above the limit of memory the copy is the same bytes, read from any place."""
    copy = Copy(str(tmp_path), memory_limit=100)
    expected = b""
    for size in sizes:
        piece = CONTENT[len(expected) : len(expected) + size]
        copy.append(piece)
        expected += piece
    assert copy.size == len(expected)
    assert copy.read(0, 1000) == expected
    for offset in (0, 1, 99, 100, 101, len(expected)):
        assert copy.read(offset, 20) == expected[offset : offset + 20]
    copy.close()


def test_memory_comes_before_the_disk(tmp_path: Path) -> None:
    """Up to the limit nothing is opened; beyond it, one file, and closing gives it back."""
    before = open_files()
    copy = Copy(str(tmp_path / "missing"), memory_limit=100)
    copy.append(bytes(100))
    assert open_files() == before
    copy = Copy(str(tmp_path), memory_limit=100)
    copy.append(bytes(100))
    copy.append(b"x")
    (name,) = open_files() - before
    assert name.startswith(str(tmp_path))
    copy.close()
    assert open_files() == before


def test_the_file_has_no_name(tmp_path: Path) -> None:
    """Nothing stands in the folder while the copy is kept, and the kernel calls its file deleted (B-28)."""
    before = open_files()
    copy = Copy(str(tmp_path), memory_limit=0)
    copy.append(b"secret")
    assert list(tmp_path.iterdir()) == []
    (name,) = open_files() - before
    assert name.endswith(" (deleted)")
    copy.close()


def test_a_file_system_without_unnamed_files_serves_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then a file with a name nobody guesses is made and its name removed at once."""
    before, opened = open_files(), []
    system_open = os.open

    def without_unnamed(path: str, flags: int, mode: int = 0o777) -> int:
        if flags & os.O_TMPFILE == os.O_TMPFILE:
            raise OSError(95, "Operation not supported")
        opened.append((path, flags, mode))
        return system_open(path, flags, mode)

    monkeypatch.setattr(os, "open", without_unnamed)
    copy = Copy(str(tmp_path), memory_limit=0)
    copy.append(b"secret")
    monkeypatch.undo()
    ((_, flags, mode),) = opened
    assert flags & os.O_EXCL and mode == 0o600
    assert list(tmp_path.iterdir()) == []
    (name,) = open_files() - before
    assert name.endswith(" (deleted)")
    assert copy.read(0, 10) == b"secret"
    copy.close()


@pytest.mark.parametrize("folder", ["missing", "file"])
def test_a_folder_that_is_none_is_no_room(tmp_path: Path, folder: str) -> None:
    """The error names the folder; nothing of the block counts as kept."""
    (tmp_path / "file").write_text("x")
    copy = Copy(str(tmp_path / folder), memory_limit=2)
    copy.append(b"ab")
    with pytest.raises(NoRoomForCopy) as caught:
        copy.append(b"c")
    reason = {"missing": "No such file or directory", "file": "Not a directory"}[folder]
    assert (caught.value.folder, caught.value.reason) == (str(tmp_path / folder), reason)
    assert copy.size == 2 and copy.read(0, 9) == b"ab"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("a small file system can be mounted only by root, outside of most containers")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Leave no room but a few KiB, and return the file to delete for more."""
    ballast = folder / "ballast"
    ballast.write_bytes(bytes(240 * 1024))
    return ballast


def test_a_full_disk_loses_nothing(small_disk: Path) -> None:
    """Reading to the end stops at the full disk, and goes on from there once there is room."""
    content = CONTENT[: 200 * 1024]
    ballast = fill(small_disk)
    with piped(content) as readable:
        document = Document(readable, folder=str(small_disk), keep=True, memory_limit=10000)
        for _ in range(3):
            with pytest.raises(NoRoomForCopy) as caught:
                document.read_to_end(STOP)
            assert "space" in caught.value.reason
            assert document.size is None
        ballast.unlink()
        assert stored(document) == content
        assert document.size == len(content)
        document.close()


def test_a_full_disk_at_the_last_block_loses_nothing(small_disk: Path) -> None:
    """The size is not known, although the input has ended, while a block waits for room."""
    ballast = fill(small_disk)
    ballast.write_bytes(bytes(256 * 1024))
    with piped(b"all of it") as readable:
        document = Document(readable, folder=str(small_disk), keep=True, memory_limit=0)
        with pytest.raises(NoRoomForCopy):
            document.read_to_end(STOP)
        ballast.unlink()
        assert stored(document) == b"all of it"
        document.close()


def test_a_live_sending_goes_on_without_its_copy(small_disk: Path) -> None:
    """The full disk costs the copy, not the job: every byte still comes, and why is told."""
    content = CONTENT[: 200 * 1024]
    fill(small_disk)
    with piped(content) as readable:
        document = Document(readable, folder=str(small_disk), keep=True, memory_limit=10000)
        assert document.kept
        source = document.live()
        assert b"".join(blocks(source)) == content
        assert source.copy_lost is not None and source.copy_lost.folder == str(small_disk)
        assert not document.kept


# --- standard input ---------------------------------------------------------------------------------------


@given(
    pieces=st.lists(st.binary(min_size=1, max_size=50) | st.integers(1, 90000).map(bytes), max_size=6),
    memory_limit=st.sampled_from([0, 10, 100000, 10**6]),
    wait=st.booleans(),
)
@settings(deadline=None, max_examples=30)
def test_any_split_gives_the_same_bytes(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes], memory_limit: int, wait: bool
) -> None:
    """However the input is cut, live and stored sources give its bytes, in blocks neither tiny nor huge."""
    folder = str(tmp_path_factory.getbasetemp())
    content = b"".join(pieces)
    with piped(*pieces) as readable:
        document = Document(readable, folder=folder, keep=True, memory_limit=memory_limit)
        if wait and memory_limit:
            assert document.wait_for_beginning(STOP) is bool(content)
        live = blocks(document.live())
        assert b"".join(live) == content
        assert all(SMALLEST_BLOCK <= len(block) <= BLOCK_SIZE + SMALLEST_BLOCK for block in live[:-1])
        assert document.ended and document.kept and document.size == document.size_read == len(content)
        assert stored(document) == content and stored(document) == content
        assert document.head == content[:REMEMBERED] and document.tail == content[-REMEMBERED:]
        document.close()


def test_the_copy_of_a_broken_sending_is_whole() -> None:
    """A sending that stops half way is followed by one of the whole document."""
    with piped(CONTENT[:50000], CONTENT[50000:]) as readable:
        document = Document(readable, folder="/tmp", keep=True, memory_limit=10**7)
        assert document.wait_for_beginning(STOP)
        live = document.live()
        while live.next_block() is None:
            STOP.wait(None, {readable: 1})
        assert stored(document) == CONTENT


def test_an_empty_document_is_told() -> None:
    """The end before the first byte is no beginning."""
    with piped() as readable:
        document = Document(readable, folder="/tmp", keep=True)
        assert not document.wait_for_beginning(STOP)
        assert document.ended and document.size == 0
        assert blocks(document.live()) == [] and stored(document) == b""


def test_less_than_a_block_is_held_back_until_the_end() -> None:
    """Tiny pieces do not become tiny chunks: there is no block before SMALLEST_BLOCK bytes or the end (Q-10)."""
    with piped(bytes(SMALLEST_BLOCK - 1), keep_open=True) as readable:
        document = Document(readable, folder="/tmp", keep=False)
        source = document.live()
        assert source.fileno() == readable
        document.wait_for_beginning(STOP)
        assert source.fileno() == readable and not source.at_end()
    with piped(bytes(SMALLEST_BLOCK - 1)) as readable:
        document = Document(readable, folder="/tmp", keep=False)
        assert [len(block) for block in blocks(document.live())] == [SMALLEST_BLOCK - 1]
    with piped(bytes(SMALLEST_BLOCK), keep_open=True) as readable:
        document = Document(readable, folder="/tmp", keep=False)
        document.wait_for_beginning(STOP)
        guarded = GuardedSource(document.live(), lambda: None)
        assert guarded.fileno() is None and guarded.next_block() == bytes(SMALLEST_BLOCK)
        assert guarded.fileno() == readable


def test_waiting_for_input_ends_with_sigterm() -> None:
    """Nothing waits through SIGTERM."""
    with piped(keep_open=True) as readable:
        stop = StopSignal()
        stop.request()
        document = Document(readable, folder="/tmp", keep=True)
        for wait in (document.wait_for_beginning, document.read_to_end, document.discard_rest):
            with pytest.raises(JobStopped):
                wait(stop)


def test_the_rest_is_read_and_forgotten() -> None:
    """discard_rest reads to the end, so that the filters are not killed by a closed pipe."""
    with piped(CONTENT, CONTENT) as readable:
        document = Document(readable, folder="/tmp", keep=True, memory_limit=10)
        document.discard_rest(STOP)
        assert document.ended and os.read(readable, 1) == b""
        document.discard_rest(STOP)


def test_without_a_copy_nothing_can_be_sent_again() -> None:
    """keep=False keeps nothing once a block was handed out; until then nothing is lost."""
    with piped(b"x") as readable:
        document = Document(readable, folder="/tmp", keep=False)
        assert document.wait_for_beginning(STOP) and document.kept
        assert b"".join(blocks(document.live())) == b"x" and not document.kept


def test_a_sized_sending_is_kept_although_no_copy_was_asked_for() -> None:
    """Whoever needs the length before the first byte needs the copy, also with spool=no."""
    with piped(b"ab", b"c") as readable:
        document = Document(readable, folder="/tmp", keep=False)
        assert document.wait_for_beginning(STOP)
        assert stored(document) == b"abc"


# --- files ------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def opened(path: Path, content: bytes, offset: int = 0) -> Iterator[int]:
    """Yield a descriptor of a new file, at some offset."""
    path.write_bytes(content)
    descriptor = os.open(path, os.O_RDONLY)
    os.lseek(descriptor, offset, os.SEEK_SET)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@pytest.mark.parametrize("offset", [0, 1000])
def test_a_file_is_its_own_copy(tmp_path: Path, offset: int) -> None:
    """Standard input may be a regular file: its size is known at once, and it is sent again and again."""
    with opened(tmp_path / "job", CONTENT, offset) as descriptor:
        before = open_files()
        document = Document(descriptor, folder="/missing", keep=True, memory_limit=0)
        expected = CONTENT[offset:]
        assert document.kept and document.size == len(expected)
        assert document.wait_for_beginning(STOP) and document.head == expected[:REMEMBERED]
        assert stored(document) == expected == stored(document)
        assert b"".join(blocks(document.live())) == expected
        assert open_files() == before


def test_the_end_of_a_file_is_known(tmp_path: Path) -> None:
    """The tail shows whether a document was cut off; that of a file is its end, not that of the first block."""
    content = bytes(2 * BLOCK_SIZE) + b"\x1b%-12345X"
    with opened(tmp_path / "job", content) as descriptor:
        document = Document(descriptor, folder="/missing", keep=True)
        assert document.wait_for_beginning(STOP)
        document.read_to_end(STOP)
        assert document.tail == content[-REMEMBERED:]


def test_an_empty_file_is_an_empty_document(tmp_path: Path) -> None:
    """No bytes, and that is known."""
    with opened(tmp_path / "job", b"") as descriptor:
        document = Document(descriptor, folder="/missing", keep=True)
        assert document.size == 0 and not document.wait_for_beginning(STOP)
        assert stored(document) == b""


@pytest.mark.parametrize("left", [0, 1, BLOCK_SIZE, BLOCK_SIZE + 1])
def test_a_file_that_becomes_shorter_is_told(tmp_path: Path, left: int) -> None:
    """What was announced cannot be sent any more."""
    with opened(tmp_path / "job", CONTENT) as descriptor:
        source = Document(descriptor, folder="/missing", keep=True).stored()
        os.truncate(tmp_path / "job", left)
        with pytest.raises(DocumentUnreadable):
            blocks(source)


def test_standard_input_that_cannot_be_read() -> None:
    """A descriptor that is open for writing only is said to be none, and what is left of it is nothing to wait for."""
    before, descriptor = os.dup(0), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(descriptor, 0)
        document = Document(0, folder="/missing", keep=True)
        with pytest.raises(DocumentUnreadable, match="standard input.*D02"):
            document.wait_for_beginning(STOP)
        document.discard_rest(STOP)
    finally:
        os.dup2(before, 0)
        os.close(before)
        os.close(descriptor)


def test_a_file_that_grows_is_sent_as_it_was(tmp_path: Path) -> None:
    """Not a byte more than announced goes out."""
    with opened(tmp_path / "job", CONTENT) as descriptor:
        source = Document(descriptor, folder="/missing", keep=True).stored()
        with open(tmp_path / "job", "ab") as file:
            file.write(b"more")
        assert b"".join(blocks(source)) == CONTENT


def test_stored_blocks_are_large() -> None:
    """All blocks but the last have the full size, and the last is not followed by an empty chunk's worth of nothing."""
    with piped(CONTENT + b"x") as readable:
        document = Document(readable, folder="/tmp", keep=True, memory_limit=10**7)
        document.read_to_end(STOP)
        source = document.stored()
        sizes = []
        while not source.at_end():
            sizes.append(len(source.next_block() or b""))
        assert sizes == [BLOCK_SIZE] * 8 + [1]
        assert source.next_block() == b""


def test_a_drain_lets_go_once() -> None:
    """What is written after it waits for a block again: tiny chunks lose data at some printers (Q-09)."""
    readable, writable = os.pipe()
    document = Document(readable, folder="/tmp", keep=True)
    live = document.live()
    os.write(writable, b"some")
    assert live.next_block() is None
    assert document.drain() is False
    assert live.next_block() == b"some"
    assert document.drain() is True, "nothing is left"
    os.write(writable, b"more")
    assert live.next_block() is None
    assert live.fileno() == readable
    os.write(writable, bytes(SMALLEST_BLOCK))
    assert live.next_block() == b"more" + bytes(SMALLEST_BLOCK)
    os.close(writable)
    assert live.next_block() == b"" and live.at_end()
    document.close()
    os.close(readable)


def test_a_copy_can_get_no_name(tmp_path: Path) -> None:
    """Nobody who may look into the process can link it into a folder, where it would outlive the job."""
    descriptor = unnamed_file(str(tmp_path))
    ours = os.open("/proc/self/fd", os.O_RDONLY)
    try:
        assert os.fstat(descriptor).st_nlink == 0 and os.fstat(descriptor).st_mode & 0o777 == 0o600
        with pytest.raises(FileNotFoundError):
            os.link(
                str(descriptor), tmp_path / "kept", src_dir_fd=ours
            )  # with a folder it follows the link to the file
    finally:
        os.close(descriptor)
        os.close(ours)
    assert os.listdir(tmp_path) == []
