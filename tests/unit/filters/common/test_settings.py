"""The administrator's settings as text and as values."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.common.settings import SETTINGS, parse_settings, set_value
from filters.common.settings_file import LARGEST_FILE, SettingsUnreadable, read_settings, read_settings_text

DEFAULTS = {name: setting.default for name, setting in SETTINGS.items()}


def test_defaults() -> None:
    """Without a word everything has the value that the manual names."""
    sizes: dict[str, int | str] = {"render-memory": 1 << 30, "render-seconds-per-page": 120, "render-output": 2 << 30}
    words = {"audit": "auto", "audit-title": "full", "audit-log": "/var/log/ipps443/audit.log", "audit-forward": "no"}
    words["found-in-device-list"] = "off"
    assert parse_settings("").values == DEFAULTS == {**sizes, **words}


@pytest.mark.parametrize(
    "name, text, value",
    [
        ("audit", "required", "required"),
        ("audit", "NO", "no"),
        ("audit", "requierd", None),
        ("audit", "", None),
        ("audit-title", "hash", "hash"),
        ("audit-log", "/srv/a b/audit.log", "/srv/a b/audit.log"),
        ("audit-log", "audit.log", None),
        ("audit-log", "/srv/", None),
        ("audit-forward", "syslog", "syslog"),
    ],
)
def test_words(name: str, text: str, value: str | None) -> None:
    """A word is one of those that the setting knows, a path is absolute; what is neither leaves the default."""
    settings = parse_settings(f"{name} = {text}\n")
    assert settings.word(name) == (value or DEFAULTS[name])
    assert [problem.line for problem in settings.problems] == ([] if value else [1])


@pytest.mark.parametrize(
    "text, value",
    [
        ("256M", 256 << 20),
        ("1G", 1 << 30),
        ("1 GiB", 1 << 30),
        ("2gb", 2 << 30),
        ("524288K", 512 << 20),
        ("268435456", 256 << 20),
        ("127M", None),
        ("1T", None),
        ("-1G", None),
        ("1.5G", None),
        ("1G 2G", None),
        ("\u0661G", None),
        ("", None),
    ],
)
def test_sizes(text: str, value: int | None) -> None:
    """A size is digits and a unit of 1024; what is none leaves the default and is named with its line."""
    settings = parse_settings(f"# x\n render-memory = {text}  \n")
    assert settings["render-memory"] == (value or DEFAULTS["render-memory"])
    assert [problem.line for problem in settings.problems] == ([] if value else [2])


@pytest.mark.parametrize(
    "text, seconds, lines",
    [
        ("render-seconds-per-page=5", 5, []),
        ("Render-Seconds-Per-Page = 5", 5, []),
        ("render-seconds-per-page=5\nrender-seconds-per-page=6", 6, []),
        ("render-seconds-per-page=5\n[queue q]\nrender-seconds-per-page=7", 7, []),
        ("[queue q]\nrender-seconds-per-page=7\n[queue x]\nrender-seconds-per-page=8", 7, []),
        ("[queue Q]\nrender-seconds-per-page=7", 7, []),
        ("[queue x]\nrender-seconds-per-page=8", 120, []),
        ("[queue x]\nrender-seconds-per-page=zzz", 120, [2]),
        ("[queue]\nrender-seconds-per-page=8", 120, [1]),
        ("[queue a b]\nrender-seconds-per-page=8", 120, [1]),
        ("render-seconds-per-page 8\n= 8\nrender-seconds-per-page=9", 9, [1, 2]),
    ],
)
def test_sections(text: str, seconds: int, lines: list[int]) -> None:
    """The last line counts, a queue's own before the others; lines that are none are named."""
    settings = parse_settings(text, "q")
    assert settings["render-seconds-per-page"] == seconds
    assert [problem.line for problem in settings.problems] == lines


@given(st.text(), st.text(max_size=20))
def test_any_text(text: str, queue: str) -> None:
    """Whatever stands in the file, every setting has a value."""
    settings = parse_settings(text, queue)
    assert set(settings.values) == set(SETTINGS) and all(settings.values.values())


_LINES = st.sampled_from(
    ["# x", "", "render-memory=3G", "[queue a]", "[queue b]", "[x]", "rubbish", "render-output = 9M"]
)


@given(st.lists(_LINES).map("\n".join), st.sampled_from(["", "a", "b", "c"]))
def test_set_and_read(text: str, queue: str) -> None:
    """What is set is what is read, for its queue alone, whatever stands around it; no other line changes."""
    new = set_value(text, queue, "render-memory", "777M")
    assert parse_settings(new, queue)["render-memory"] == 777 << 20
    for other in {"a", "b", "c"} - {queue}:
        if queue:
            assert parse_settings(new, other).values == parse_settings(text, other).values
    assert len(parse_settings(new).problems) == len(parse_settings(text).problems)


@pytest.mark.parametrize(
    "text, queue, new",
    [
        ("", "", "audit = no\n"),
        ("", "q", "[queue q]\naudit = no\n"),
        ("x", "q", "x\n\n[queue q]\naudit = no\n"),
        ("# x\n\n", "", "# x\n\naudit = no\n"),
        ("# x\n\n[queue q]\n", "", "# x\n\naudit = no\n[queue q]\n"),
        ("[queue q]\n", "", "audit = no\n[queue q]\n"),
        ("Audit=x\naudit = y\n# end\n", "", "Audit=x\naudit = no\n# end\n"),
        ("a = 1\n\n# x\n[queue q]\naudit = y\n", "", "a = 1\naudit = no\n\n# x\n[queue q]\naudit = y\n"),
        ("[queue Q]\na = 1\n# x\n\n[queue r]\n", "q", "[queue Q]\na = 1\naudit = no\n# x\n\n[queue r]\n"),
        ("[queue q]\n[bad]\naudit = y\n", "q", "[queue q]\naudit = no\n[bad]\naudit = y\n"),
    ],
)
def test_where_a_setting_is_written(text: str, queue: str, new: str) -> None:
    """In the place of the last that counts, else behind the last line of its section, else in a new section."""
    assert set_value(text, queue, "Audit", " no ") == new


@pytest.mark.parametrize("queue, name, value", [("a b", "audit", "no"), ("", "audit", "x"), ("", "x", "no")])
def test_what_cannot_be_set(queue: str, name: str, value: str) -> None:
    """Names and values that are none, wherever."""
    with pytest.raises(ValueError):
        set_value("", queue, name, value)


def test_files_of_settings(tmp_path: Path) -> None:
    """Without one there are the defaults; up to a megabyte of UTF-8 counts, and what cannot be read is told."""
    path = tmp_path / "ipps443.conf"
    assert read_settings(str(path)).values == DEFAULTS and read_settings_text(str(path)) == ""
    path.write_text("[queue q]\naudit = no\n#".ljust(LARGEST_FILE, "#"))
    assert [read_settings(str(path), queue).word("audit") for queue in ("q", "r")] == ["no", "auto"]
    for data, reason in ((b"#" * (LARGEST_FILE + 1), "it is too large"), (b"\xff", "it is not UTF-8")):
        path.write_bytes(data)
        with pytest.raises(SettingsUnreadable) as caught:
            read_settings(str(path))
        assert (caught.value.path, caught.value.reason, str(caught.value)) == (str(path), reason, f"{path}: {reason}")
    assert LARGEST_FILE == 1 << 20
