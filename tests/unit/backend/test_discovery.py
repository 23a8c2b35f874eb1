"""backend.discovery: the device list as CUPS reads it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.device_uri import parse_device_uri
from backend.discovery import device_lines, list_devices, pinned_uri, quoted
from backend.trust.pins import Pin, parse_pins

KEY = "ab" * 32


def pin(host: str = "printer", port: int = 443, **more: Any) -> Pin:
    """Return a pin."""
    return Pin(host, port, bytes(32), **more)


def fields(line: str) -> list[str]:
    """Take a device line apart as cups-deviced does: words, then strings in quotes with backslashes."""
    found = re.fullmatch(r'(network) (\S+) ("(?:[^"\\]|\\.)*") ("(?:[^"\\]|\\.)*")', line)
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
@settings(deadline=None, max_examples=200)
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
    assert list_devices(str(tmp_path / "missing")) == 0
    out, err = capfd.readouterr()
    assert len(out.splitlines()) == 1 and out.endswith("\n")
    assert err.startswith("DEBUG: ") and "[T05]" in err
