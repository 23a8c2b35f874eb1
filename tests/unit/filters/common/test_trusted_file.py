"""filters.common.trusted_file: where the configuration of this CUPS lies, and the limits of what is believed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from backend.cupsd.identity import secret_path
from backend.trust.pin_store import pins_path
from filters.common.trusted_file import NotTrusted, _distrust_way, check_trusted_file, config_path, read_trusted_file
from filters.common.trusted_file import settings_path
from filters.scs_pages import table_path

CHECKOUT = Path(__file__).resolve().parents[4]


@pytest.mark.parametrize(
    "environ, root",
    [({}, "/etc/cups"), ({"CUPS_SERVERROOT": ""}, "/etc/cups"), ({"CUPS_SERVERROOT": "/srv/cups"}, "/srv/cups")],
    ids=str,
)
def test_all_that_is_ours_is_in_one_folder(environ: dict[str, str], root: str) -> None:
    """An empty variable is none: it was "ipps443/scs/QUEUE" in whatever folder the filter ran."""
    folder = f"{root}/ipps443"
    assert config_path(environ) == folder and config_path(environ, "trace") == f"{folder}/trace"
    assert pins_path(environ) == f"{folder}/pins" and secret_path(environ) == f"{folder}/secret"
    assert (
        settings_path(environ) == f"{folder}/ipps443.conf" and table_path(environ, "office") == f"{folder}/scs/office"
    )


def test_one_place_reads_the_variable() -> None:
    """Whoever needs the folder asks for it."""
    found = [
        path.relative_to(CHECKOUT).as_posix()
        for folder in ("backend", "filters")
        for path in (CHECKOUT / folder).rglob("*.py")
        if 'environ.get("CUPS_SERVERROOT"' in path.read_text()
    ]
    assert found == ["filters/common/trusted_file.py"]


def test_how_large_a_file_may_be(tmp_path: Path) -> None:
    """As many octets as are said, in a regular file that others may not write; else it says why not."""
    path = tmp_path / "file"
    with pytest.raises(FileNotFoundError):
        read_trusted_file(str(path), 9)
    path.write_bytes(bytes(3 << 20))
    path.chmod(0o644)
    assert read_trusted_file(str(path), 3 << 20) == bytes(3 << 20)
    check_trusted_file(str(path), 3 << 20)
    for mode, largest, reason in (
        (0o644, (3 << 20) - 1, "it is too large"),
        (0o664, 3 << 20, "others may write it"),
        (0o646, 3 << 20, "others may write it"),
    ):
        path.chmod(mode)
        for look in (read_trusted_file, check_trusted_file):
            with pytest.raises(NotTrusted, match=reason):
                look(str(path), largest)
    for other, reason in ((tmp_path, "no regular file"), (path / "x", "Not a directory")):
        for look in (read_trusted_file, check_trusted_file):
            with pytest.raises(NotTrusted, match=reason):
                look(str(other), 9)


def test_links(tmp_path: Path) -> None:
    """As many as the kernel follows, of those who may own the file, in folders that no others may write."""
    owners = (0, os.geteuid())
    (tmp_path / "0").write_bytes(b"")
    for number in range(1, 42):
        (tmp_path / f"{number}").symlink_to(f".//../{tmp_path.name}/{number - 1}" if number % 2 else f"{number - 1}")
    assert _distrust_way(f"{tmp_path}/40", owners) is None
    trouble = _distrust_way(f"{tmp_path}/41", owners)
    assert trouble and "41" not in trouble.replace(str(tmp_path), "")
    (tmp_path / "round").symlink_to("round")
    assert "round is a link" in str(_distrust_way(f"{tmp_path}/round", owners))
    assert "belongs to user" in str(_distrust_way(f"{tmp_path}/0", (12345,)))
    (tmp_path / "absolute").symlink_to(tmp_path / "0")
    for mode, reason in ((0o775, "others may write its folder"), (0o757, "others may write"), (0o1777, "None")):
        tmp_path.chmod(mode)
        assert reason in str(_distrust_way(f"{tmp_path}/absolute", owners))
