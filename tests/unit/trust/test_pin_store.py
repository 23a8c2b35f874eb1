"""The pin file on disk: who may have written it, and what is left of it after a crash, a full disk, or two at once."""

from __future__ import annotations

import errno
import grp
import multiprocessing
import os
import signal
import stat
import subprocess
import tempfile
import time
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from backend.errors import PinFileNotWritten, PinFileUnreadable
from backend.trust import pin_store
from backend.trust.pin_file import Pin, PinFile
from backend.trust.pin_store import pins_path, read_pins, read_pins_if_any, read_trusted_file, update_pins, write_beside
from filters.common import trusted_file
from filters.common.settings_file import SettingsUnreadable, read_settings, read_settings_text

PIN = Pin("printer", 443, spki_sha256=bytes(range(32)))
ROOT = os.geteuid() == 0
only_root = pytest.mark.skipif(not ROOT, reason="only root can give files away and mount file systems")


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Return the path of a pin file with one pin."""
    (tmp_path / "ipps443").mkdir(mode=0o750)
    path = str(tmp_path / "ipps443" / "pins")
    update_pins(path, lambda file: file.with_pin(PIN))
    return path


def add(number: int) -> Any:
    """Return an edit that adds a pin of its own."""
    return lambda file: file.with_pin(Pin(f"p{number}", 443, spki_sha256=number.to_bytes(32, "big")))


# --- reading ----------------------------------------------------------------------------------------------


def test_place() -> None:
    """The pin file lies below the server root of this CUPS."""
    assert pins_path({}) == "/etc/cups/ipps443/pins"
    assert pins_path({"CUPS_SERVERROOT": "/opt/cups"}) == "/opt/cups/ipps443/pins"


def test_missing_file_is_an_error(tmp_path: Path) -> None:
    """T-3: a missing file is a refusal, never the first use."""
    with pytest.raises(PinFileUnreadable) as error:
        read_pins(str(tmp_path / "pins"))
    assert "does not exist" in error.value.reason
    assert read_pins_if_any(str(tmp_path / "pins")).pins == ()


@pytest.mark.parametrize("mode", [0o660, 0o642, 0o666, 0o620])
def test_file_that_others_may_write(path: str, mode: int) -> None:
    """A file that group or others may write is refused, with the command that mends it."""
    os.chmod(path, mode)
    with pytest.raises(PinFileUnreadable) as error:
        read_pins(path)
    assert "chmod" in error.value.reason


def test_folder_that_others_may_write(path: str) -> None:
    """Who may write the folder may replace the file."""
    os.chmod(os.path.dirname(path), 0o775)
    with pytest.raises(PinFileUnreadable) as error:
        read_pins(path)
    assert "others may write its folder " in error.value.reason
    os.chmod(os.path.dirname(path), 0o1777)
    assert read_pins(path).pins


def test_no_regular_file(path: str) -> None:
    """A folder, a pipe that nobody writes, or a device in its place is refused, and does not hold the queue."""
    os.unlink(path)
    os.mkfifo(path, 0o640)
    with pytest.raises(PinFileUnreadable, match="no regular file"):
        read_pins(path)
    os.unlink(path)
    os.mkdir(path)
    with pytest.raises(PinFileUnreadable):
        read_pins(path)
    with pytest.raises(PinFileUnreadable):
        read_trusted_file("/dev/null")


def test_symbolic_link(path: str, tmp_path: Path) -> None:
    """A link is followed, because configuration management makes them; what counts is the file at its end."""
    link = tmp_path / "link"
    link.symlink_to(path)
    assert read_pins(str(link)).pins
    link.unlink()
    link.symlink_to(tmp_path / "nowhere")
    with pytest.raises(PinFileUnreadable):
        read_pins(str(link))


@pytest.mark.parametrize(
    "content, line",
    [(b"# a\n\xff\n", 2), (b"# a\n\nprinter:443\n", 3), (b"\0" * 100, 1), ("# ü\n".encode("latin-1"), 1)],
)
def test_damaged_file(path: str, content: bytes, line: int) -> None:
    """Bytes that are no text, and lines that are no pins, are refused with the line number (T-3)."""
    with open(path, "wb") as file:
        file.write(content)
    with pytest.raises(PinFileUnreadable) as error:
        read_pins(path)
    assert error.value.line == line


def test_enormous_file(path: str) -> None:
    """A file that was never written by hand is refused before it fills the memory."""
    os.truncate(path, pin_store.LARGEST_FILE + 1)
    with pytest.raises(PinFileUnreadable, match="too large"):
        read_pins(path)


@only_root
def test_file_that_the_backend_cannot_read(path: str) -> None:
    """What lp may not read is an error of its own, not an empty file."""
    os.chmod(path, 0o600)
    # The folders above may be closed as well; both are "Permission denied".
    assert "denied" in judged_as(LP, path)


def in_child(action: Callable[[], object]) -> int:
    """Run something in a child process and return how it ended."""
    child = os.fork()
    if child == 0:
        try:
            action()
        except BaseException:
            os._exit(99)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


# --- writing ----------------------------------------------------------------------------------------------


@only_root
def test_owner_and_mode(path: str) -> None:
    """The file belongs to root and lp, lp may read it, and nobody else; the folder likewise."""
    gid = grp.getgrnam("lp").gr_gid
    beside = write_beside(path, "certificates/x.pem", b"x")
    for target, mode in ((path, 0o640), (beside, 0o640), (os.path.dirname(beside), 0o750)):
        status = os.stat(target)
        assert (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (0, gid, mode)


def test_mode_does_not_depend_on_the_umask(path: str) -> None:
    """An administrator's strict or lax umask changes nothing."""
    for umask in (0o077, 0o000):
        old = os.umask(umask)
        try:
            update_pins(path, add(umask))
        finally:
            os.umask(old)
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o640


@only_root
def test_no_group_lp(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the group that backends run in, the file stays as it was, and the message names the group."""
    before = Path(path).read_bytes()
    monkeypatch.setattr(pin_store, "DEFAULT_GROUP", "no-such-group")
    with pytest.raises(PinFileNotWritten) as error:
        update_pins(path, add(1))
    assert 'no group "no-such-group"' in error.value.reason
    assert Path(path).read_bytes() == before and not os.path.exists(path + ".new")


def test_first_pin_makes_folder_and_file(tmp_path: Path) -> None:
    """The folder need not be there; its parent, which is CUPS's, must."""
    path = str(tmp_path / "ipps443" / "pins")
    assert update_pins(path, add(1)).pins and read_pins(path).pins
    with pytest.raises(PinFileNotWritten):
        update_pins(str(tmp_path / "no" / "cups" / "pins"), add(1))


def test_a_link_stays_a_link(path: str, tmp_path: Path) -> None:
    """Where the pin file is a link, the file at its end is replaced."""
    link = tmp_path / "link"
    link.symlink_to(path)
    update_pins(str(link), add(1))
    assert link.is_symlink() and read_pins(path).for_printer("p1", 443)


def test_an_edit_that_changes_nothing_writes_nothing(path: str) -> None:
    """The file is not touched for nothing."""
    before = os.stat(path)
    update_pins(path, lambda file: file)
    assert os.stat(path).st_ino == before.st_ino


def test_an_edit_that_fails_changes_nothing(path: str) -> None:
    """An error inside the edit leaves the file, and lets the lock go."""

    def fail(file: PinFile) -> PinFile:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        update_pins(path, fail)
    assert update_pins(path, add(1)).for_printer("p1", 443)


def test_a_file_that_cannot_be_understood_is_not_overwritten(path: str) -> None:
    """An edit never throws away a line that it could not read."""
    with open(path, "a") as file:
        file.write("what is this\n")
    before = Path(path).read_bytes()
    with pytest.raises(PinFileUnreadable):
        update_pins(path, add(1))
    assert Path(path).read_bytes() == before


@pytest.fixture
def folder_of_root() -> Iterator[str]:
    """A folder where others may look and not write; as root one that no fault in the product can harm."""
    if not ROOT:
        yield "/etc"
        return
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        os.chmod(folder, 0o755)
        yield folder


def test_ordinary_user(folder_of_root: str) -> None:
    """Who may not write is told to use sudo, and changes nothing."""
    new = f"{folder_of_root}/pins"

    def refused() -> None:
        if ROOT:
            os.setuid(65534)
        try:
            pin_store._write(new, b"", 0o640)
        except PinFileNotWritten as error:
            os._exit(0 if "sudo" in error.reason else 2)
        os._exit(1)

    assert in_child(refused) == 0 and not os.path.exists(new)


@pytest.mark.parametrize("call", ["open", "write", "chmod", "fsync", "rename"])
def test_every_failing_call_leaves_the_old_file(path: str, call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """If any call on the way fails, the old file is whole, no new one lies about, and the reason is said."""
    before = Path(path).read_bytes()
    real = getattr(os, call)

    def fail(*args: Any, **options: Any) -> Any:
        if call != "open" or str(args[0]).endswith(".new"):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return real(*args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(os, call, fail)
        with pytest.raises(PinFileNotWritten, match="Input/output error"):
            update_pins(path, add(1))
    assert Path(path).read_bytes() == before and not os.path.exists(path + ".new")


def test_a_disk_that_takes_a_part_gets_the_rest(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write may end early without an error: a file cut off there is never the new one."""
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:7]))
    assert update_pins(path, add(1)).pins == read_pins(path).pins != ()


@pytest.mark.parametrize("call", ["open", "write", "chmod", "fsync", "rename"])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_death_at_any_moment(path: str, call: str, moment: str) -> None:
    """Killed before or after any call, the file is the old or the new one, whole, and the next run goes on."""

    def die_at_call() -> None:
        real = getattr(os, call)

        def dying(*args: Any, **options: Any) -> Any:
            if call == "open" and not str(args[0]).endswith(".new"):
                return real(*args, **options)
            if moment == "after":
                real(*args, **options)
            os.kill(os.getpid(), signal.SIGKILL)

        setattr(os, call, dying)
        update_pins(path, add(1))

    before = Path(path).read_bytes()
    assert in_child(die_at_call) == -signal.SIGKILL
    after = Path(path).read_bytes()
    expected_new = call == "rename" and moment == "after"
    assert (after != before) == expected_new
    assert len(read_pins(path).pins) == 1 + expected_new
    assert len(update_pins(path, add(2)).pins) == 2 + expected_new
    assert sorted(os.listdir(os.path.dirname(path))) == ["pins", "pins.lock"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a file system of 64 KiB."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k,mode=0755", "tmpfs", str(place)]
    if not ROOT or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("a file system cannot be mounted here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_full_disk(small_disk: Path) -> None:
    """On a full disk the old file stays, the message says why, and nothing half-written takes more room."""
    path = str(small_disk / "ipps443" / "pins")
    update_pins(path, lambda file: file.with_pin(PIN))
    with open(small_disk / "ballast", "wb") as ballast:
        with pytest.raises(OSError):
            while True:
                os.write(ballast.fileno(), b"\0" * 1024)
    before = Path(path).read_bytes()
    with pytest.raises(PinFileNotWritten, match="No space left"):
        update_pins(path, add(1))
    assert Path(path).read_bytes() == before
    assert sorted(os.listdir(os.path.dirname(path))) == ["pins", "pins.lock"]
    os.unlink(small_disk / "ballast")
    assert len(update_pins(path, add(1)).pins) == 2


def test_writers_at_once(path: str) -> None:
    """Four administrators at once: every pin of every one is in the file at the end."""
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_add_many, args=(path, number * 10)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * 4
    assert len(read_pins(path).pins) == 41


def _add_many(path: str, first: int) -> None:
    for number in range(first, first + 10):
        update_pins(path, add(number))


def test_lock_that_is_never_free(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting for another run has an end, and the message says who is in the way."""
    monkeypatch.setattr(pin_store, "LOCK_TIMEOUT", 0.05)
    with pin_store.locked(path):
        with pytest.raises(PinFileNotWritten, match="a different ipps443ctl"):
            update_pins(path, add(1))
    assert update_pins(path, add(1)).for_printer("p1", 443)


def test_lock_of_a_killed_run_is_free(path: str) -> None:
    """A run that was killed while it held the lock is in nobody's way."""

    def hold() -> None:
        with pin_store.locked(path):
            os.kill(os.getpid(), signal.SIGKILL)

    assert in_child(hold) == -signal.SIGKILL
    started = time.monotonic()
    assert update_pins(path, add(1)).for_printer("p1", 443)
    assert time.monotonic() - started < pin_store.LOCK_TIMEOUT


def test_the_rename_is_flushed_with_its_folder(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file's content, then its name, then the folder: after a power failure there is the old file or the new one."""
    order: list[tuple[str, str]] = []
    fsync, rename = os.fsync, os.rename

    def flush(descriptor: int) -> None:
        order.append(("fsync", os.readlink(f"/proc/self/fd/{descriptor}")))
        fsync(descriptor)

    def name(old: str, new: str) -> None:
        order.append(("rename", new))
        rename(old, new)

    monkeypatch.setattr(os, "fsync", flush)
    monkeypatch.setattr(os, "rename", name)
    update_pins(path, add(1))
    assert order == [("fsync", path + ".new"), ("rename", path), ("fsync", os.path.dirname(path))]


def test_a_lock_that_is_a_link_is_not_followed(path: str, tmp_path: Path) -> None:
    """Whoever put it there would have root open, and make, a file of his choice."""
    for target in (tmp_path / "made", tmp_path / "there"):
        os.unlink(path + ".lock")
        os.symlink(target, path + ".lock")
        with pytest.raises(PinFileNotWritten):
            update_pins(path, add(1))
        assert not (tmp_path / "made").exists()
        (tmp_path / "there").touch()
    assert not read_pins(path).for_printer("p1", 443)


# --- who else could have put it there ---------------------------------------------------------------------

LP = 7


def judged_as(user: int, path: str, read: Callable[[str], object] = read_pins) -> str:
    """Return what a user makes of a file: the reason of a refusal, "" if it is trusted."""
    readable, writable = os.pipe()

    def judge() -> None:
        os.setgroups([])
        os.setgid(LP)
        os.setuid(user)
        try:
            read(path)
        except (PinFileUnreadable, SettingsUnreadable) as error:
            os.write(writable, error.reason.encode())

    status = in_child(judge)
    os.close(writable)
    with os.fdopen(readable) as answer:
        assert status == 0
        return answer.read()


@pytest.fixture
def open_path(tmp_path: Path) -> Iterator[str]:
    """Return the path of a pin file to which everybody can go, below a folder of root."""
    with tempfile.TemporaryDirectory(prefix="pins-", dir="/var/tmp") as root:
        os.chmod(root, 0o755)
        os.mkdir(f"{root}/cups", 0o755)
        os.mkdir(f"{root}/cups/ipps443", 0o755)
        path = f"{root}/cups/ipps443/pins"
        update_pins(path, lambda file: file.with_pin(PIN))
        os.chmod(path, 0o644)
        yield path


@only_root
@pytest.mark.parametrize("depth", range(4))
@pytest.mark.parametrize(
    "user, owner, mode", [(0, LP, 0), (LP, LP, 0), (1000, 1000, 0), (LP, 0, 0o775), (LP, 0, 0o757)]
)
def test_anything_on_the_way_of_somebody_else(open_path: str, user: int, depth: int, owner: int, mode: int) -> None:
    """Who owns file, folder or a folder above, lp among them, or may write it, could exchange what is below."""
    target = open_path
    for _ in range(depth):
        target = os.path.dirname(target)
    os.chown(target, owner, LP)
    if mode:
        os.chmod(target, mode)
    assert (f"belongs to user {owner}" if owner else "others may") in judged_as(user, open_path)


@only_root
@pytest.mark.parametrize("owner, trusted", [(0, True), (LP, False), (1000, False)])
def test_links_on_the_way(open_path: str, owner: int, trusted: bool) -> None:
    """A link of root's is followed, in a folder that all may write as well; anybody else's is refused."""
    folder = os.path.dirname(open_path)
    shared = os.path.join(os.path.dirname(os.path.dirname(folder)), "shared")
    os.mkdir(shared)
    os.chmod(shared, 0o1777)
    os.symlink(folder, f"{shared}/link")
    os.lchown(f"{shared}/link", owner, owner)
    assert (judged_as(LP, f"{shared}/link/pins") == "") == trusted
    os.symlink(f"{shared}/link/pins", f"{folder}/again")
    assert (judged_as(LP, f"{folder}/again") == "") == trusted


@only_root
def test_link_into_a_folder_of_somebody_else(open_path: str) -> None:
    """Root's link through a folder of lp's leads to what lp likes, even if root's own file is at its end today."""
    root = os.path.dirname(os.path.dirname(os.path.dirname(open_path)))
    os.mkdir(f"{root}/lps")
    os.symlink(open_path, f"{root}/lps/pins")
    os.symlink(f"{root}/lps/pins", f"{root}/link")
    assert judged_as(LP, f"{root}/link") == ""
    os.chown(f"{root}/lps", LP, LP)
    assert "belongs to user 7" in judged_as(LP, f"{root}/link")
    os.symlink("link", f"{root}/turn")
    os.unlink(f"{root}/link")
    os.symlink("turn", f"{root}/link")
    assert judged_as(LP, f"{root}/link")


@only_root
@pytest.mark.parametrize("what", ["ca.pem", "certificates/x.pem"])
def test_files_beside_it(open_path: str, what: str) -> None:
    """CA files and pinned certificates are judged in the same way, and so is a client's key that OpenSSL reads."""
    path = write_beside(open_path, what, b"x")
    os.chmod(os.path.dirname(path), 0o755)
    for read in (read_trusted_file, pin_store.check_trusted_file):
        assert judged_as(0, path, read) == ""
        os.chown(path, LP, LP)
        assert "belongs to user 7" in judged_as(LP, path, read)
        os.chown(path, 0, LP)
        os.chmod(path, 0o660)
        assert "others may write it" in judged_as(LP, path, read)
        os.chmod(path, 0o640)


def test_a_file_in_the_place_of_their_folder(open_path: str) -> None:
    """It is named, with the reason, like all that cannot be written."""
    write_beside(open_path, "certificates", b"x")
    with pytest.raises(PinFileNotWritten, match="certificates/x.pem.*Not a directory"):
        write_beside(open_path, "certificates/x.pem", b"x")


@only_root
def test_a_folder_that_lets_nobody_in(open_path: str) -> None:
    """A person with a pin file of his own hears which file cannot be written, and what helps."""
    folder = os.path.dirname(open_path)
    os.mkdir(f"{folder}/certificates", 0o000)
    for path in (folder, f"{folder}/certificates", f"{open_path}.lock"):
        os.chown(path, 1000, 1000)
    os.seteuid(1000)
    try:
        with pytest.raises(PinFileNotWritten, match=f"certificates/x.pem.*{pin_store.RUN_WITH_SUDO}"):
            write_beside(open_path, "certificates/x.pem", b"x")
    finally:
        os.seteuid(0)


@only_root
@pytest.mark.parametrize("depth", [0, 3])
@pytest.mark.parametrize("owner, mode", [(LP, 0o755), (1000, 0o755), (0, 0o775), (0, 0o757)])
def test_settings_beside_it(open_path: str, depth: int, owner: int, mode: int) -> None:
    """The settings are judged in the same way: what documents may take of a machine is not for lp to say."""
    path = write_beside(open_path, "ipps443.conf", b"render-memory = 1G\n")
    os.chmod(path, 0o644)
    target = path
    for _ in range(depth):
        target = os.path.dirname(target)
    reads: tuple[Callable[[str], object], ...] = (read_settings, read_settings_text)
    for read in reads:
        assert judged_as(LP, path, read) == ""
        os.chown(target, owner, LP)
        os.chmod(target, mode)
        assert ("belongs to user" if owner else "others may") in judged_as(LP, path, read)
        os.chown(target, 0, LP)
        os.chmod(target, 0o755)


@only_root
def test_link_to_settings_of_somebody_else(open_path: str) -> None:
    """A link of lp's in the place of the settings is not followed, wherever it leads; one of root's is."""
    folder = os.path.dirname(open_path)
    os.symlink(write_beside(open_path, "real.conf", b""), f"{folder}/ipps443.conf")
    os.chmod(f"{folder}/real.conf", 0o644)
    assert judged_as(LP, f"{folder}/ipps443.conf", read_settings) == ""
    os.lchown(f"{folder}/ipps443.conf", LP, LP)
    assert "link of user 7" in judged_as(LP, f"{folder}/ipps443.conf", read_settings)


@pytest.mark.parametrize(
    "user, started_by, path, owners",
    [
        (1000, 1000, "/home/me/pins", (0, 1000)),
        (1000, 1000, "/home/me/../../etc/cups/ipps443/pins", (0,)),
        (1000, 1000, "/etc/cups/ipps443/pins", (0,)),
        (1000, 1000, "/etc/cupsd/pins", (0, 1000)),
        (1000, 0, "/home/me/pins", (0,)),
        (1000, 1001, "/home/me/pins", (0,)),
        (1000, None, "/home/me/pins", (0,)),
        (LP, LP, "/home/me/pins", (0,)),
        (LP, LP, "/etc/cups/ipps443/pins", (0,)),
        (LP, 0, "/home/me/pins", (0,)),
        (999, 999, "/home/me/pins", (0,)),
        (0, 0, "/home/me/pins", (0,)),
        (0, 1000, "/home/me/pins", (0,)),
    ],
)
def test_whose_files_are_trusted(
    monkeypatch: pytest.MonkeyPatch, user: int, started_by: int | None, path: str, owners: tuple[int, ...]
) -> None:
    """Root's; a person's own, from his own shell, outside of CUPS's folder; never those of lp, whoever starts it."""

    def status(name: str) -> object:
        assert name == f"/proc/{os.getppid()}"
        if started_by is None:
            raise FileNotFoundError
        return types.SimpleNamespace(st_uid=started_by)

    with monkeypatch.context() as patched:
        patched.setattr(os, "geteuid", lambda: user)
        patched.setattr(os, "stat", status)
        found = trusted_file._owners(path)
    assert found == owners
