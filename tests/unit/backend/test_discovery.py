"""backend.discovery: the device list as CUPS reads it."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.device_uri import parse_device_uri
from backend.discovery import (
    FOUND_FILE,
    device_lines,
    found_lines,
    found_text,
    list_devices,
    pinned_uri,
    quoted,
)
from backend.trust.pin_file import Pin, parse_pins
from backend.trust.pin_store import update_pins

KEY = "ab" * 32


def pin(host: str = "printer", port: int = 443, **more: Any) -> Pin:
    """Return a pin."""
    return Pin(host, port, bytes(32), **more)


def fields(line: str) -> list[str]:
    """Take a device line apart as cups-deviced does: words, then strings in quotes with backslashes."""
    found = re.fullmatch(r'(network) (\S+) ("(?:[^"\\]|\\.)*") ("(?:[^"\\]|\\.)*")(?: "MFG:.*;")?', line)
    assert found, line
    return [re.sub(r"\\(.)", r"\1", text[1:-1]) if text[0] == '"' else text for text in found.groups()]


def test_the_scheme_comes_first() -> None:
    """One line for the scheme, also without a pin."""
    (line,) = device_lines(())
    assert fields(line)[:3] == ["network", "ipps443", "Unknown"]


@pytest.mark.parametrize(
    "one, line",
    [
        (pin(), ["ipps443://printer", "Unknown", "printer (ipps443)"]),
        (pin(port=8443, path="/ipp", model="Make 7", label="Hall"), ["ipps443://printer:8443/ipp", "Make 7", "Hall"]),
        (pin("2001:db8::1"), ["ipps443://[2001:db8::1]", "Unknown", "2001:db8::1 (ipps443)"]),
        (pin("fe80::1%eth0", 631), ["ipps443://[fe80::1%25eth0]:631", "Unknown", "fe80::1%eth0 (ipps443)"]),
        (pin(label='a "b" \\c'), ["ipps443://printer", "Unknown", 'a "b" \\c']),
        (pin(label="a\nnetwork x"), ["ipps443://printer", "Unknown", "a network x"]),
        (pin(path="/a b"), ["ipps443://printer/a%20b", "Unknown", "printer (ipps443)"]),
    ],
)
def test_each_pinned_printer_has_a_line(one: Pin, line: list[str]) -> None:
    """Its URI from host, port and path, its model and its label."""
    assert fields(device_lines([one])[1])[1:] == line


@pytest.mark.parametrize(
    "model, identity",
    [
        ("HP LaserJet M605", ' "MFG:HP;MDL:LaserJet M605;"'),
        ('A ;MDL:x: "B" \\c', ' "MFG:A;MDL:MDL x B c;"'),
        ("Single", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_the_device_id_is_that_of_the_model(model: str | None, identity: str) -> None:
    """Make and model as descriptions are looked for; a word that would be a field of its own is none."""
    assert device_lines([pin(label="x", model=model)])[1].partition(' "x"')[2] == identity


def test_several_pins_of_a_printer_are_one_line() -> None:
    """Rotation does not list a printer twice; two paths are two."""
    lines = device_lines([pin(), pin(), pin(port=444), pin(path="/x")])
    assert [fields(line)[1] for line in lines[1:]] == [
        "ipps443://printer",
        "ipps443://printer:444",
        "ipps443://printer/x",
    ]


NOT_ENCODED = st.text(st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="%"), max_size=20)


@given(st.text(max_size=40), st.text(max_size=40), NOT_ENCODED)
@settings(deadline=None, max_examples=60)
def test_any_label_and_path_make_one_line(label: str, model: str, path: str) -> None:
    """Whatever stands in the pin file, a device line parses, and its URI is one of ours."""
    line = device_lines([pin(label=label, model=model, path=f"/{path}")])[1]
    assert line.isprintable()
    uri = parse_device_uri(fields(line)[1])
    assert uri.host == "printer" and unquote(uri.path) == f"/{path}"


@pytest.mark.parametrize("text", ["printer:443", "[2001:db8::1]:443", "[fe80::1%eth0]:9443"])
def test_a_listed_uri_leads_to_its_pin(text: str) -> None:
    """What the device list offers, the pin file knows under the same host and port."""
    pins = parse_pins(f"{text} spki-sha256:{KEY}\n")
    uri = parse_device_uri(pinned_uri(pins.pins[0]))
    assert len(pins.for_printer(uri.host, uri.port)) == 1


@pytest.mark.parametrize("text, expected", [("", '""'), ('"', '"\\""'), ("\\", '"\\\\"'), ("a\r\nb", '"a  b"')])
def test_quotes(text: str, expected: str) -> None:
    """In quotes, on one line."""
    assert quoted(text) == expected


def test_pins_that_cannot_be_read_show_no_printers(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The list is not the place to stop anything: the scheme's line, exit 0, and a DEBUG line."""
    assert list_devices(str(tmp_path / "missing"), {"CUPS_CACHEDIR": str(tmp_path)}) == 0
    out, err = capfd.readouterr()
    assert len(out.splitlines()) == 1 and out.endswith("\n")
    assert err.startswith("DEBUG: ") and "[T05]" in err


# --- printers that were found -----------------------------------------------------------------------------

NOW = 1_780_000_000.0
FOUND = ("ipps443://192.0.2.7:631/x", "Make 7", "Hall")


def test_found_printers_are_titled_not_pinned() -> None:
    """Each has a line of its own behind the pinned ones, in the form of cups-deviced."""
    (line,) = found_lines(found_text([FOUND], NOW), (), NOW)
    assert fields(line) == ["network", "ipps443://192.0.2.7:631/x", "Make 7", "not pinned: Hall"]
    (line,) = found_lines(found_text([("ipps443://[fe80::1%25eth0]", "", "")], NOW), (), NOW)
    assert fields(line) == ["network", "ipps443://[fe80::1%25eth0]", "Unknown", "not pinned: [fe80::1%eth0]"]


def test_found_printer_that_is_pinned_meanwhile() -> None:
    """It stands in the list once, as the pinned printer that it is."""
    text = found_text([FOUND, ("ipps443://[fe80::1%25eth0]:444", "", "")], NOW)
    assert found_lines(text, [pin("192.0.2.7", 631), pin("[fe80::1%eth0]", 444)], NOW) == []
    assert len(found_lines(text, [pin("192.0.2.7", 443)], NOW)) == 2


@pytest.mark.parametrize("seconds, shown", [(0, 1), (3600, 1), (3601, 0), (-1, 0)])
def test_found_printers_of_another_hour(seconds: int, shown: int) -> None:
    """A timer that has stopped, or a clock that was wrong, leaves no printers that were there once."""
    assert len(found_lines(found_text([FOUND], NOW), (), NOW + seconds)) == shown


@pytest.mark.parametrize(
    "line",
    [
        "ipps443://x?pin=sha256:00\tm\tn",
        "ipps443://u:p@x\tm\tn",
        "ipps443://x y\tm\tn",
        "ipps443://x/a b\tm\tn",
        "ipp://x\tm\tn",
        "ipps443://x/\x1b\tm\tn",
        "ipps443://x\tm",
        "ipps443://x\tm\tn\to",
        'ipps443://x"\tm\tn',
        "",
    ],
)
def test_found_lines_of_others(line: str) -> None:
    """lp may have written the file: what could be no such printer is left out, and the others stay."""
    text = found_text([FOUND], NOW) + line + "\n"
    assert len(found_lines(text, (), NOW)) == 1


@given(st.text(max_size=60), st.text(max_size=60))
@settings(deadline=None, max_examples=60)
def test_any_name_and_model_of_a_stranger(model: str, name: str) -> None:
    """Whatever is announced, one line parses, and its title begins with what it is."""
    (line,) = found_lines(found_text([(FOUND[0], model, name)], NOW), (), NOW)
    assert line.isprintable() and fields(line)[1] == FOUND[0] and fields(line)[3].startswith("not pinned: ")


@given(st.text(max_size=200))
@settings(deadline=None, max_examples=60)
def test_any_file(text: str) -> None:
    """Any content gives lines that parse, or none."""
    head = found_text([], NOW)
    for line in found_lines(head + text, (), NOW) + found_lines(text, (), NOW):
        assert fields(line)[0] == "network"


def test_thousands_of_strangers() -> None:
    """A flood leaves room for the list of all other backends."""
    text = found_text([(f"ipps443://h{number}", "m" * 80, "n" * 80) for number in range(10_000)], NOW)
    late = "".join(f"ipps443://late{number}\tm\tn\n" for number in range(10_000))
    assert len(found_lines(text, (), NOW)) == len(found_lines(text + late, (), NOW)) == 100


@pytest.mark.parametrize("length, kept", [(1 << 16, 2), ((1 << 16) + 1, 1)])
def test_as_much_is_written_as_is_read(length: int, kept: int) -> None:
    """A file that is one byte too long has no last printer, rather than one of whom the end is missing."""
    rest = length - len(found_text([FOUND, ("ipps443://h", "m", "")], NOW))
    assert len(found_lines(found_text([FOUND, ("ipps443://h", "m", "n" * rest)], NOW), (), NOW)) == kept


@pytest.fixture
def machine(tmp_path: Path) -> tuple[str, dict[str, str]]:
    """A pin file, and a cache with a printer that was found just now."""
    pins = str(tmp_path / "ipps443" / "pins")
    update_pins(pins, lambda file: file)
    (tmp_path / "cache" / "ipps443").mkdir(parents=True)
    (tmp_path / "cache" / "ipps443" / FOUND_FILE).write_text(found_text([FOUND], time.time()))
    return pins, {"CUPS_CACHEDIR": str(tmp_path / "cache")}


@pytest.mark.parametrize(
    "text, shown",
    [
        (None, False),
        ("found-in-device-list = off\n", False),
        ("found-in-device-list = on\n", True),
        ("[queue q]\nfound-in-device-list = on\n", False),
        ("found-in-device-list = rubbish\n", False),
    ],
)
def test_the_setting_decides(
    machine: tuple[str, dict[str, str]], text: str | None, shown: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    """Off unless root has switched it on."""
    pins, environ = machine
    if text is not None:
        Path(pins).with_name("ipps443.conf").write_text(text)
    assert list_devices(pins, environ) == 0
    assert ("not pinned: Hall" in capfd.readouterr().out) == shown


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_setting_of_someone_else(machine: tuple[str, dict[str, str]], capfd: pytest.CaptureFixture[str]) -> None:
    """Settings that others can write switch nothing on."""
    pins, environ = machine
    conf = Path(pins).with_name("ipps443.conf")
    conf.write_text("found-in-device-list = on\n")
    conf.chmod(0o666)
    assert list_devices(pins, environ) == 0
    assert len(capfd.readouterr().out.splitlines()) == 1


@pytest.mark.parametrize("kind", ["pipe", "folder", "link", "rubbish"])
def test_a_file_that_is_none(
    machine: tuple[str, dict[str, str]], kind: str, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """lp may put anything in its place; the list neither waits nor follows."""
    pins, environ = machine
    Path(pins).with_name("ipps443.conf").write_text("found-in-device-list = on\n")
    path = Path(environ["CUPS_CACHEDIR"]) / "ipps443" / FOUND_FILE
    text = path.read_text()
    path.unlink()
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "link":
        (tmp_path / "other").write_text(text)
        path.symlink_to(tmp_path / "other")
    else:
        path.write_bytes(b"\xff" * 100_000)
    assert list_devices(pins, environ) == 0
    assert len(capfd.readouterr().out.splitlines()) == 1
