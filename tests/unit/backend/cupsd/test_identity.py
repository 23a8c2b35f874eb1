"""backend.cupsd.identity: nothing that a client chooses identifies a run by itself, or becomes part of a path."""

from __future__ import annotations

import hmac
import os
import string
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.cupsd.identity import MARK_DIGITS, Identity, Secret, identify, look_at_secret, read_secret

UUID = "urn:uuid:c0ffee00-5eed-4bad-9a7e-123456789abc"
KEY = bytes(range(32))

pytestmark = pytest.mark.usefixtures("no_descriptor_is_left")


def identity(uuid: str = UUID, job: int = 7, user: str = "somebody", key: bytes = KEY) -> Identity:
    return identify(Secret(key), uuid, job, user)


@pytest.mark.parametrize(
    "other",
    [
        identity(job=8),
        identity(user="somebody-else"),
        identity(user="Somebody"),
        identity(uuid=UUID.replace("c0ffee", "c0ffe0")),
        identity(key=bytes(32)),
    ],
    ids=["number", "user", "case", "uuid", "secret"],
)
def test_each_part_counts(other: Identity) -> None:
    """Another job number, user, uuid or machine is another run, with another mark."""
    assert other.name != identity().name and other.mark(1, 0) != identity().mark(1, 0)


def test_the_same_job_is_the_same_run() -> None:
    """Whatever the queue; and its documents and their parts have marks of their own."""
    assert identity() == identity() and identity().name == identity().name
    marks = [identity().mark(document, index) for document in range(1, 20) for index in range(20)]
    assert len(set(marks)) == len(marks) and identity().name[:MARK_DIGITS] not in marks


@given(st.text(), st.text(max_size=30))
def test_nothing_odd_gets_out(uuid: str, user: str) -> None:
    """Slashes, dots, surrogates and the like lead to hexadecimal digits."""
    found = identity(uuid=uuid + "/../\udcff", user=user)
    for text in (found.name, found.mark(1, 0)):
        assert set(text) <= set(string.hexdigits.lower())
    assert (len(found.name), len(found.mark(1, 0))) == (32, 12)


def test_parts_do_not_run_into_each_other() -> None:
    """A user name cannot take over what belongs to the uuid, or to the number."""
    assert identity(uuid="a", user="b").name != identity(uuid="", user="ba").name
    assert identity(job=1, user="2x").name != identity(job=12, user="x").name


@pytest.mark.parametrize("size", [0, 1, 32, 63, 64, 65, 200])
def test_it_is_hmac(size: int) -> None:
    """The same digits as the standard library's, for keys of any length."""
    key = bytes(range(200))[:size]
    text = f"mark\x001\x000\x007\0somebody\0{UUID}"
    wanted = hmac.new(key, text.encode(), "sha256").hexdigest()
    assert identity(key=key).mark(1, 0) == wanted[:MARK_DIGITS]


@pytest.mark.parametrize("missing", [("_sha2",), ("_sha2", "_sha256")])
def test_whatever_module_has_it(monkeypatch: pytest.MonkeyPatch, missing: tuple[str, ...]) -> None:
    """Python keeps it in different places."""
    wanted = identity().name
    for name in missing:
        monkeypatch.setitem(sys.modules, name, None)  # type: ignore[misc]
    assert identity().name == wanted


def server(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    (tmp_path / "etc" / "ipps443").mkdir(parents=True)
    path = tmp_path / "etc" / "ipps443" / "secret"
    return path, {"CUPS_SERVERROOT": str(tmp_path / "etc"), "CUPS_CACHEDIR": str(tmp_path / "cache")}


def test_the_secret_of_the_machine(tmp_path: Path) -> None:
    """It is read, without a word."""
    path, environ = server(tmp_path)
    path.write_bytes(KEY)
    path.chmod(0o640)
    assert read_secret(environ) == Secret(KEY)
    assert not (tmp_path / "cache").exists()


def damage(path: Path, how: str) -> None:
    """Make the secret one that cannot be used."""
    path.write_bytes(KEY)
    path.chmod(0o640)
    if how == "missing":
        path.unlink()
    elif how == "short":
        path.write_bytes(KEY[:-1])
    elif how == "open":
        path.chmod(0o644)
    elif how == "writable":
        path.chmod(0o660)
    elif how == "link":
        path.rename(path.with_name("other"))
        path.symlink_to(path.with_name("other"))
    elif how == "pipe":
        path.unlink()
        os.mkfifo(path)


@pytest.mark.parametrize("how", ["missing", "short", "open", "writable", "link", "pipe"])
def test_without_a_secret_jobs_are_still_marked(tmp_path: Path, how: str) -> None:
    """With a WARNING, and a secret that lp keeps for itself: the same for each run, and another one elsewhere."""
    path, environ = server(tmp_path)
    damage(path, how)
    first, second = read_secret(environ), read_secret(environ)
    assert first == second and str(path) in first.warning and first.warning.endswith("doctor [C06]")
    assert len(first.warning) <= 160 or len(str(path)) > 60
    kept = tmp_path / "cache" / "ipps443" / "secret"
    assert kept.read_bytes() == first.key != KEY and kept.stat().st_mode & 0o777 == 0o600
    assert os.listdir(kept.parent) == ["secret"]
    environ["CUPS_CACHEDIR"] = str(tmp_path / "other")
    assert read_secret(environ).key != first.key


def test_without_any_place_the_machine_is_the_key(tmp_path: Path) -> None:
    """The next run of the job has to find the same mark, even if nothing can be kept."""
    path, environ = server(tmp_path)
    (tmp_path / "cache").write_text("")
    assert read_secret(environ) == read_secret(environ) and read_secret(environ).key


def test_what_is_wrong_is_told(tmp_path: Path) -> None:
    """In words for doctor."""
    path, _ = server(tmp_path)
    assert look_at_secret(str(path))[1] == "No such file or directory"
    path.write_bytes(b"")
    path.chmod(0o600)
    assert look_at_secret(str(path)) == (b"", "too short for a secret")
