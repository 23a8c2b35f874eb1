"""filters.common.learned_formats: formats that the printer of a job's queue is known to refuse."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from backend.device_uri import parse_device_uri
from backend.printer.learned import Facts, remember
from filters.common import learned_formats
from filters.common.learned_formats import KEPT_SECONDS, file_name, formats_refused
from tests.open_descriptors import open_descriptors


@pytest.mark.parametrize(
    "host, name",
    [
        ("Printer.example-1", "printer.example-1_443.json"),
        ("ü:_", "_fc__3a__5f__443.json"),
        ("..hidden", "hidden_443.json"),
        ("a" * 180, f"{'a' * 180}_443.json"),
        ("a" * 181, f"{'a' * 180}_443.json"),
    ],
)
def test_file_names(host: str, name: str) -> None:
    """Of safe characters, not hidden, and not too long."""
    assert file_name(host, 443) == name


@pytest.mark.parametrize(
    "uri",
    """
    ipps443://Printer.example/x ipps443://printer:8443 ipps443://u:p%40@printer:631/x ipps443://printer?tls=upgrade
    ipps443://printer/x?pin=1111111111111111111111111111111111111111111111111111111111111111&tls=upgrade
    ipps443://printer/x?waitjob=no&tls=%75pgrade ipps443://printer:0443/x?tls=upgrade ipps443://printer?t%6Cs=1.3
    ipps443://pr%69nter/x ipps443://drucker-m%C3%BCnchen.example/x ipps443://printer.example./x ipps443://192.0.2.1/
    ipps443://[fe80::1%25eth0]/x ipps443://[FE80::1%eth0]:8443/x ipps443://[v1.fe80::1+eth0]/x
    ipps443://[fe80::1%25eth%30]/?tls=upgrade ipps443://[2001:db8::1]/ ipps443://[2001:db8::1]:443/x
    ipps443://printer:65535/
    """.split(),
)
def test_the_file_that_the_backend_writes(tmp_path: Path, uri: str) -> None:
    """The filter finds it, however the printer is written."""
    there = parse_device_uri(uri)
    assert remember(str(tmp_path / "ipps443"), there.host, there.port, Facts(refused="image/jpeg"), 100) is None
    assert formats_refused({"DEVICE_URI": uri, "CUPS_CACHEDIR": str(tmp_path)}, 100) == {"image/jpeg"}


@pytest.mark.parametrize("cache, folder", [("", "/var/cache/cups/ipps443"), ("/srv", "/srv/ipps443")])
def test_where_it_is(monkeypatch: pytest.MonkeyPatch, cache: str, folder: str) -> None:
    """An empty variable is none; nothing is looked for if the device URI has no host and port that can be."""
    asked: list[str] = []

    def read(path: str) -> dict[str, object]:
        asked.append(path)
        return {}

    monkeypatch.setattr(learned_formats, "_read_object", read)
    for place in ("x:", "%FF", "x:x", "x:000443", "x:\u0664", "x:\u00b2", "x:443"):
        assert formats_refused({"DEVICE_URI": f"ipps443://{place}/", "CUPS_CACHEDIR": cache}, 100) == frozenset()
    assert asked == [f"{folder}/x_443.json"] * 2


def test_how_long_it_counts(tmp_path: Path) -> None:
    """From when it was learned until it has to be learned anew; what is no such file says nothing, nor stays open."""
    path, environ = tmp_path / "ipps443" / "x_443.json", {"DEVICE_URI": "ipps443://x/", "CUPS_CACHEDIR": str(tmp_path)}
    path.parent.mkdir()
    before = open_descriptors()
    assert formats_refused(environ, 100) == frozenset()
    path.write_text(json.dumps({"learned": 100, "refused": "image/jpeg a/b", "more": [1]}))
    assert formats_refused(environ, 100) == formats_refused(environ, 100 + KEPT_SECONDS) == {"image/jpeg", "a/b"}
    assert not formats_refused(environ, 99) and not formats_refused(environ, 101 + KEPT_SECONDS)
    assert KEPT_SECONDS == 2_592_000
    for text in ("", "[]", "[" * 9000, '{"learned": "1", "refused": "x"}', '{"learned": 100, "refused": 1}', "\0"):
        path.write_text(text)
        assert formats_refused(environ, 100) == frozenset()
    for size in (16384, 16385):
        path.write_text('{"learned": 100, "refused": "x"}'.replace("x", "x" * (size - 31)))
        assert bool(formats_refused(environ, 100)) is (size == 16384)
    path.rename(tmp_path / "other")
    path.symlink_to(tmp_path / "other")
    (tmp_path / "other").write_text('{"learned": 100, "refused": "x"}')
    assert formats_refused(environ, 100) == frozenset()
    path.unlink()
    os.mkfifo(path)
    assert formats_refused(environ, 100) == frozenset()
    assert open_descriptors() <= before
