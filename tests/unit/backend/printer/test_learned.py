"""backend.printer.learned: facts come back, and whatever is wrong with their file only means that nothing is known."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.cupsd.cache_file import decode_values
from backend.printer.learned import Facts, facts_of, file_name, forget, recall, remember

DAY = 86400
NOW = 1_800_000_000.5
FACTS = Facts(chunks=True, version="2.0", send_document=False, firmware="1.0 ä", at_once=False)


def test_facts_come_back(tmp_path: Path) -> None:
    """What one job learned the next one knows, with the time when it was learned."""
    assert recall(str(tmp_path), "printer", 443, NOW) == Facts()
    assert remember(str(tmp_path), "printer", 443, FACTS, NOW) is None
    assert recall(str(tmp_path), "printer", 443, NOW) == replace(FACTS, learned=int(NOW))
    assert recall(str(tmp_path), "printer", 444, NOW) == Facts()
    assert [path.stat().st_mode & 0o777 for path in tmp_path.iterdir()] == [0o600]


def test_facts_are_replaced(tmp_path: Path) -> None:
    """The last word counts, and nothing else is left in the folder."""
    for chunks in (True, False, None):
        assert remember(str(tmp_path), "printer", 443, Facts(chunks=chunks), NOW) is None
        assert recall(str(tmp_path), "printer", 443, NOW).chunks is chunks
    assert len(list(tmp_path.iterdir())) == 1


def test_facts_can_be_forgotten(tmp_path: Path) -> None:
    """By the administrator, one printer at a time."""
    remember(str(tmp_path), "printer", 443, FACTS, NOW)
    remember(str(tmp_path), "printer", 444, FACTS, NOW)
    assert forget(str(tmp_path), "printer", 443) is True
    assert forget(str(tmp_path), "printer", 443) is False
    assert recall(str(tmp_path), "printer", 443, NOW) == Facts()
    assert recall(str(tmp_path), "printer", 444, NOW) != Facts()


@pytest.mark.parametrize(
    "age, known",
    [(0, True), (29.9 * DAY, True), (30 * DAY - 1, True), (30 * DAY + 1, False), (-10, False), (-1e12, False)],
)
def test_facts_grow_old(tmp_path: Path, age: float, known: bool) -> None:
    """After 30 days, and when they come from the future, nothing is known."""
    remember(str(tmp_path), "printer", 443, FACTS, NOW)
    assert (recall(str(tmp_path), "printer", 443, int(NOW) + age) != Facts()) is known


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b'{"learned": 1e400}',
        b'{"chunks": true}',
        b'{"chunks": true, "learned": -5}',
        b'{"chunks": true, "learned": ' + b"9" * 400 + b"}",
        b'{"chunks": true, "learned": ' + b"9" * 9000 + b"}",
        b'{"chunks": true, "learned": true}',
        b'{"chunks": true, "learned": "1800000000"}',
    ],
)
def test_damage_is_ignorance(content: bytes) -> None:
    """A file that is damaged, of another kind or without its date tells nothing."""
    assert facts_of(decode_values(content), NOW) == Facts()


def test_only_values_of_the_right_type_count() -> None:
    """One wrong value does not spoil the others, and none is taken for something else."""
    values = {"chunks": 1, "version": 2.0, "send_document": "no", "firmware": "x", "learned": int(NOW), "pin": "x"}
    assert facts_of(decode_values(json.dumps(values).encode()), NOW) == Facts(firmware="x", learned=int(NOW))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
FIELDS = st.dictionaries(st.sampled_from(["chunks", "version", "send_document", "firmware", "learned"]), JSON)


@given(st.binary() | JSON.map(json.dumps).map(str.encode) | FIELDS.map(json.dumps).map(str.encode))
@settings(deadline=None, max_examples=60)
def test_any_content_is_read_without_trouble(content: bytes) -> None:
    """Whatever stands there, facts of the right types come out."""
    facts = facts_of(decode_values(content), NOW)
    assert type(facts.chunks) in (bool, type(None)) and type(facts.version) in (str, type(None))
    assert type(facts.firmware) is str and type(facts.learned) is int


def test_what_cannot_be_read_is_not_known(tmp_path: Path) -> None:
    """No folder, a folder in the file's place, a link: nothing is known, and nothing is followed."""
    assert recall(str(tmp_path / "missing"), "printer", 443, NOW) == Facts()
    target = tmp_path / "target.json"
    target.write_text(json.dumps({"chunks": True, "learned": int(NOW)}))
    os.symlink(target, tmp_path / file_name("linked", 443))
    assert recall(str(tmp_path), "linked", 443, NOW) == Facts()
    (tmp_path / file_name("folder", 443)).mkdir()
    assert recall(str(tmp_path), "folder", 443, NOW) == Facts()


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    """The reason comes back, for a DEBUG line; nothing is raised, nothing left over."""
    (tmp_path / "file").write_text("x")
    assert remember(str(tmp_path / "file"), "printer", 443, FACTS, NOW)
    (tmp_path / file_name("folder", 443)).mkdir()
    assert remember(str(tmp_path), "folder", 443, FACTS, NOW)
    assert {path.name for path in tmp_path.iterdir()} == {"file", file_name("folder", 443)}


def test_a_deleted_folder_is_made_again(tmp_path: Path) -> None:
    """The folder may be deleted at any time; the next job learns again."""
    folder = tmp_path / "cups" / "ipps443"
    folder.parent.mkdir()
    assert remember(str(folder), "printer", 443, FACTS, NOW) is None
    assert recall(str(folder), "printer", 443, NOW).chunks is True


@pytest.mark.parametrize(
    "host, name",
    [
        ("Printer.Local", "printer.local_443.json"),
        ("2001:db8::1", "2001_3a_db8_3a__3a_1_443.json"),
        ("fe80::1%eth0", "fe80_3a__3a_1_25_eth0_443.json"),
        ("../../etc/passwd", "_2f_.._2f_etc_2f_passwd_443.json"),
        ("..", "_443.json"),
        ("a_b", "a_5f_b_443.json"),
        ("ä", "_e4__443.json"),
    ],
)
def test_file_names_stay_in_the_folder(host: str, name: str) -> None:
    """Whatever a host is called, its file has no slash and does not begin with a dot."""
    assert file_name(host, 443) == name


@given(st.text(max_size=300), st.integers(1, 65535))
@settings(deadline=None)
def test_any_host_has_a_file_name(host: str, port: int) -> None:
    """Short enough for every file system, and plain ASCII."""
    name = file_name(host, port)
    assert name.isascii() and "/" not in name and "\0" not in name and not name.startswith(".") and len(name) < 200


@pytest.mark.parametrize("depth", [0, 1])
def test_forget_follows_no_link(tmp_path: Path, depth: int) -> None:
    """Root forgets in a folder around which lp may write: a link in its place leads to no other folder, nor file."""
    other = tmp_path / "other"
    remember(str(other), "printer", 443, FACTS, NOW)
    (wanted,) = other.iterdir()
    folder = tmp_path / "cache"
    if depth == 0:
        folder.symlink_to(other)
        with pytest.raises(OSError):
            forget(str(folder), "printer", 443)
    else:
        folder.mkdir()
        (folder / wanted.name).symlink_to(wanted)
        assert forget(str(folder), "printer", 443) and not os.path.lexists(folder / wanted.name)
    assert wanted.exists()


def test_forget_where_nothing_is_a_folder(tmp_path: Path) -> None:
    """Without a folder nothing was remembered; a pipe or a file in its place is an error and holds nobody."""
    assert forget(str(tmp_path / "none"), "printer", 443) is False
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", "pipe/below"):
        with pytest.raises(OSError):
            forget(str(tmp_path / name), "printer", 443)


def test_formats_that_are_refused() -> None:
    """A type that was refused under every name, one that has a different name, and one that is taken after all."""
    known = Facts(firmware="7").with_refused("application/PDF").with_refused("application/pdf")
    assert known.refused == "application/pdf" and known.formats_refused("7") == {"application/pdf"}
    assert known.formats_refused("8") == frozenset()
    renamed = known.with_taken("application/pdf", ("application/pdf", ""))
    assert (renamed.refused, renamed.renamed) == ("", "application/pdf")
    assert renamed.with_refused("application/pdf") == known
    assert [len(Facts().with_refused(f"a/{'x' * more}").refused) for more in (78, 79)] == [80, 0]


@given(st.lists(st.text(max_size=100), max_size=20))
def test_types_of_any_form(words: list[str]) -> None:
    """No word of a printer becomes two, and the file has an end."""
    known = Facts()
    for word in words:
        known = known.with_refused(word).with_taken("x/y", (word,))
    for listed in (known.refused, known.renamed):
        assert len(listed.split()) <= 8 and set(listed.split()) <= {word.lower() for word in words}
        assert all(word.isascii() for word in listed.split()) and len(listed) < 1000
