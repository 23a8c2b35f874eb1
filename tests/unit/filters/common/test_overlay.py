"""filters.common.overlay: letterheads by their names, and what is read of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from filters.common.overlay import LARGEST, Overlays, parse_overlay, read_overlays


@pytest.mark.parametrize(
    "value, expected",
    [
        ("a", ("a", "a")),
        ("a,B_-2", ("a", "B_-2")),
        ("a,none", ("a", "none")),
        ("none,a", ("none", "a")),
        ("none", ()),
        ("none,none", ()),
        ("x" * 60, ("x" * 60, "x" * 60)),
        *((value, None) for value in ("", "../a", "/etc/passwd", "a.pcl", "a,b,c", "a,", "-a", "a b", "a\0", "x" * 61)),
    ],
)
def test_names(value: str, expected: tuple[str, ...] | None) -> None:
    """One name is for all sides, two are for the first and the others; nothing outside of the folder can be named."""
    if expected is not None:
        assert parse_overlay(value) == expected
        return
    with pytest.raises(ValueError):
        parse_overlay(value)


def test_files(tmp_path: Path) -> None:
    """Each is read once, up to 16 MiB; what is not there, or not trusted, is named, and nothing is printed for it."""
    folder, environ = tmp_path / "ipps443" / "overlays", {"CUPS_SERVERROOT": str(tmp_path)}
    folder.mkdir(parents=True)
    for name, size in (("a", 1), ("b", 2), ("large", LARGEST), ("larger", LARGEST + 1)):
        with open(folder / f"{name}.pcl", "wb") as file:
            file.truncate(size)
    assert read_overlays((), ".pcl", environ) == Overlays(b"", b"", ())
    assert read_overlays(("a", "b"), ".pcl", environ) == Overlays(b"\0", b"\0\0", ())
    assert read_overlays(("none", "a"), ".pcl", environ) == Overlays(b"", b"\0", ())
    assert len(read_overlays(("large", "none"), ".pcl", environ).first) == LARGEST == 16 << 20
    for name, reason in (("larger", "is not used: it is too large"), ("c", "there is no overlay")):
        for names in ((name, "a"), ("a", name), (name, name)):
            first, others, (problem,) = read_overlays(names, ".pcl", environ)
            assert [first, others] == [b"\0" if each == "a" else b"" for each in names]
            assert reason in problem and f"{folder}/{name}.pcl" in problem
