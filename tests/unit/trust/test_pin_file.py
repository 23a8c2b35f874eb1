"""The grammar of the pin file: what is a pin, what is an error, and what survives an edit."""

from __future__ import annotations

import base64
import string
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.errors import PinFileUnreadable
from backend.trust.addresses import pin_key
from backend.trust.pin_file import Pin, PinFile, format_pin, parse_pins, uri_pins

KEY, CERT = bytes(range(32)), bytes(range(32, 64))
K, C = KEY.hex(), CERT.hex()

READABLE = (
    (f"printer:443 spki-sha256:{K}", Pin("printer", 443, spki_sha256=KEY)),
    (f"printer:443 cert-sha256:{C}", Pin("printer", 443, cert_sha256=CERT)),
    (f"printer:443  spki-sha256:{K}  cert-sha256:{C}", Pin("printer", 443, KEY, CERT)),
    (f"printer:443\tcert-sha256:{C}\tspki-sha256:{K}\r", Pin("printer", 443, KEY, CERT)),
    (f"printer:443 spki-sha256:{K.upper()}", Pin("printer", 443, KEY)),
    (f"printer:443 spki-sha256:{base64.b64encode(KEY).decode()}", Pin("printer", 443, KEY)),
    ("printer:443 ca:site.pem", Pin("printer", 443, ca="site.pem")),
    (f"[fe80::1%eth0]:8443 spki-sha256:{K}", Pin("[fe80::1%eth0]", 8443, KEY)),
    (f'  p:1 spki-sha256:{K} label="Room 3"', Pin("p", 1, KEY, label="Room 3")),
    (f'p:1 spki-sha256:{K} label="say \\"hi\\" \\\\ # no comment"', Pin("p", 1, KEY, label='say "hi" \\ # no comment')),
    (f'p:1 spki-sha256:{K} label=""', Pin("p", 1, KEY, label="")),
    (f"p:1 spki-sha256:{K} label=Küche", Pin("p", 1, KEY, label="Küche")),
    (f"p:1 spki-sha256:{K} added=2026-01-31", Pin("p", 1, KEY, added="2026-01-31")),
    (f"p:1 spki-sha256:{K} added=2026-01-31T10:00:00Z", Pin("p", 1, KEY, added="2026-01-31T10:00:00Z")),
    (f'p:1 spki-sha256:{K} path=/ipp model="A \\"B\\""', Pin("p", 1, KEY, path="/ipp", model='A "B"')),
    (f"p:1 spki-sha256:{K} not-after=2031-01-31", Pin("p", 1, KEY, not_after="2031-01-31")),
    (f"p:1 spki-sha256:{K} acknowledged=2026-01-31", Pin("p", 1, KEY, acknowledged="2026-01-31")),
    (f'p:1 spki-sha256:{K} x-site=Rome x-a="b c"', Pin("p", 1, KEY, extra=(("x-site=", "Rome"), ("x-a=", "b c")))),
    (f'p:1 label="first" spki-sha256:{K}', Pin("p", 1, KEY, label="first")),
)

UNREADABLE = (
    ("printer:443", "no spki-sha256:"),
    (f"printer spki-sha256:{K}", "not host:port"),
    (f"Printer:443 spki-sha256:{K}", 'write "printer:443"'),
    (f"printer:0 spki-sha256:{K}", "port"),
    (f"printer:443 spki-sha256:{K[:-1]}", "64 hex digits"),
    (f"printer:443 spki-sha256:{K}0", "64 hex digits"),
    ("printer:443 spki-sha256:", "no field"),
    (f"printer:443 spki-sha256={K}", "no known field"),
    (f"printer:443 sha256:{K}", "no known field"),
    (f"printer:443 spki-sha1:{K[:40]}", "no known field"),
    (f"printer:443 spki-md5:{K[:32]}", "no known field"),
    (f"printer:443 spki-sha256:{K[:40]}", "SHA-1"),
    (f"printer:443 spki-sha256:{KEY.hex(':')}", "without colons"),
    (f"printer:443 spki-sha256:{K} spki-sha256:{C}", "twice"),
    (f'printer:443 spki-sha256:{K} label="a" label="b"', "twice"),
    (f"printer:443 spki-sha256:{K} ca:site.pem", "stands alone"),
    ("printer:443 ca:../site.pem", "plain file name"),
    ("printer:443 ca:/etc/site.pem", "plain file name"),
    ("printer:443 ca:.hidden", "plain file name"),
    ('printer:443 ca:""', "plain file name"),
    (f"printer:443 spki-sha256:{K} colour=red", "no known field"),
    (f"printer:443 spki-sha256:{K} # a remark", "no field"),
    (f"printer:443 spki-sha256:{K} trust", "no field"),
    (f'printer:443 spki-sha256:{K} label="open', "no field"),
    (f'printer:443 spki-sha256:{K} label="a"b', "no field"),
    (f'printer:443 spki-sha256:{K} label="bad \\n escape"', "no field"),
    (f"printer:443 spki-sha256:{K} label=a\\b", "no field"),
    (f'printer:443 spki-sha256:{K} label="a\x1b[2J"', "control character"),
    (f'printer:443 spki-sha256:{K} label="a\u2028b"', "control character"),
    (f"printer:443 spki-sha256:{K} added=yesterday", "date"),
    (f"printer:443 spki-sha256:{K} path=ipp", "begin with /"),
    (f"printer:443 spki-sha256:{K} not-after=soon", "date"),
    (f"printer:443 spki-sha256:{K} x-a=1 x-a=2", "twice"),
    (f"printer:443 spki-sha256:{K} x-=1", "no known field"),
    (f"printer:443 spki-sha256:{K} x-a:1", "no known field"),
    (f'printer:443 spki-sha256:{K} x-a="\x1b"', "control character"),
    (f"\ufeffprinter:443 spki-sha256:{K}", ""),
    (f"printer:443 spki-sha256:{K}\x00", "64 hex digits"),
    (f"printer:443\xa0spki-sha256:{K}", ""),
    (f"SPKI-SHA256:{K}", ""),
    ("<<<<<<< HEAD", ""),
)


@pytest.mark.parametrize("line, pin", READABLE)
def test_readable_line(line: str, pin: Pin) -> None:
    """The line is this pin, and the pin written anew is this pin again."""
    assert parse_pins(f"# one\n{line}\n").pins == (replace(pin, line=2),)
    assert parse_pins(format_pin(pin)).pins == (replace(pin, line=1),)


@pytest.mark.parametrize("line, reason", UNREADABLE)
def test_unreadable_line(line: str, reason: str) -> None:
    """A line that is not understood is an error with path, line number and reason, wherever it stands."""
    with pytest.raises(PinFileUnreadable) as error:
        parse_pins(f"# one\n\nother:443 spki-sha256:{K}\n{line}\n", "/etc/pins")
    assert (error.value.path, error.value.line) == ("/etc/pins", 4)
    assert reason in error.value.reason


def test_every_cut_of_a_pin_line_is_an_error_or_a_shorter_pin() -> None:
    """A file that was cut off never yields a pin with another hash."""
    line = f"printer:443 cert-sha256:{C} spki-sha256:{K}"
    for length in range(len("printer"), len(line)):
        try:
            pins = parse_pins(line[:length]).pins
        except PinFileUnreadable:
            continue
        assert [(pin.cert_sha256, pin.spki_sha256) for pin in pins] == [(CERT, None)]


TEXT = f"""# Fleet of the second floor

printer:443  spki-sha256:{K}   label="old"
   # indented remark
other:443 cert-sha256:{C}
printer:443  cert-sha256:{C}

# the end"""


def test_comments_and_spelling_survive_an_edit() -> None:
    """Everything but the line in question stays byte for byte."""
    file = parse_pins(TEXT)
    assert file.text == TEXT + "\n"
    added = file.with_pin(Pin("new", 443, KEY))
    assert added.text == TEXT + f"\nnew:443  spki-sha256:{K}\n"
    assert added.without("new", 443).text == file.text


def test_a_further_pin_stands_behind_its_printers_others() -> None:
    """Pins of one printer stay together."""
    new = Pin("printer", 443, spki_sha256=CERT)
    lines = parse_pins(TEXT).with_pin(new).text.split("\n")
    assert lines[6] == f"printer:443  spki-sha256:{C}"


def test_the_same_pin_is_replaced_in_place() -> None:
    """Pinning the same hashes again changes the label and adds no line."""
    file = parse_pins(TEXT).with_pin(Pin("printer", 443, KEY, label="new"))
    assert file.text == TEXT.replace(f'spki-sha256:{K}   label="old"', f'spki-sha256:{K}  label="new"') + "\n"


def test_without_takes_one_host_and_port() -> None:
    """Other hosts and other ports keep their pins."""
    file = parse_pins(TEXT).with_pin(Pin("printer", 4430, KEY))
    left = file.without("PRINTER.", 443)
    assert [pin.key for pin in left.pins] == ["other:443", "printer:4430"]
    assert left.text.count("#") == 3


def test_without_keeps_what_it_is_told_to_keep() -> None:
    """Pins to keep are recognised by their hashes."""
    file = parse_pins(TEXT).without("printer", 443, keep=[Pin("printer", 443, cert_sha256=CERT, label="any")])
    assert [pin.cert_sha256 for pin in file.for_printer("printer", 443)] == [CERT]


def test_line_numbers_follow_the_edit() -> None:
    """A pin knows its line in the new file."""
    file = parse_pins(TEXT).with_pin(Pin("printer", 443, CERT)).without("other", 443)
    assert parse_pins(file.text).pins == file.pins


def test_pins_of_a_printer_are_found_by_any_spelling() -> None:
    """The lookup is by host and port, not by the text of the URI (T-4, Q-60)."""
    file = parse_pins(TEXT)
    assert len(file.for_printer("Printer.", 443)) == 2
    assert file.for_printer("printer", 444) == ()
    assert file.for_printer("printe", 443) == ()


@pytest.mark.parametrize("text", ["", "\n", "# nothing\n", "\n\n  \n\t\n"])
def test_an_empty_file_has_no_pins(text: str) -> None:
    """Nothing on file is nothing trusted, and no error."""
    assert parse_pins(text).pins == ()


def test_label_that_cannot_be_written() -> None:
    """A line feed in a label would make a second line; it is refused."""
    with pytest.raises(ValueError):
        PinFile().with_pin(Pin("p", 1, KEY, label=f"a\np:1 spki-sha256:{C}"))


def test_pins_of_a_device_uri() -> None:
    """Each fingerprint of the URI is one pin for key or certificate."""
    pins = uri_pins("Printer.", 443, [f"sha256:{K}", CERT])
    assert [(pin.key, pin.either_sha256) for pin in pins] == [("printer:443", KEY), ("printer:443", CERT)]
    with pytest.raises(ValueError):
        uri_pins("printer", 443, ["sha256:abc"])


# --- any text ---------------------------------------------------------------------------------------------

WORDS = st.one_of(
    st.sampled_from(
        ["printer:443", f"spki-sha256:{K}", f"cert-sha256:{C}", "ca:site.pem", 'label="x y"', "added=2026-01-31"]
        + ["#", '"', "\\", " ", "\t", "\n", "\r", "\x00", "[::1]:443", "path=/x", "model=", "\u2028", "ca:", ":", "="]
    ),
    st.text(max_size=8),
)


@given(st.lists(WORDS, max_size=12).map("".join) | st.lists(WORDS, max_size=12).map(" ".join))
def test_any_text_is_pins_or_an_error_with_a_line(text: str) -> None:
    """No text crashes the parser; what it takes, it keeps, and what it takes again is the same."""
    try:
        file = parse_pins(text)
    except PinFileUnreadable as error:
        assert error.line and 1 <= error.line <= text.count("\n") + 1
        return
    assert file.text == (text if text.endswith("\n") or not text else text + "\n")
    for pin in file.pins:
        assert pin.ca or pin.spki_sha256 or pin.cert_sha256
        assert pin_key(pin.host, pin.port) == pin.key


PRINTABLE = st.text(st.characters(blacklist_categories=("C", "Z")) | st.sampled_from(' "\\#='), max_size=20)
PINS = st.builds(
    Pin,
    host=st.text(string.ascii_lowercase + string.digits + "-_", min_size=1, max_size=20),
    port=st.integers(1, 65535),
    spki_sha256=st.none() | st.binary(min_size=32, max_size=32),
    cert_sha256=st.binary(min_size=32, max_size=32),
    label=st.none() | PRINTABLE,
    added=st.none() | st.just("2026-11-22"),
    path=st.none() | PRINTABLE.map(lambda text: "/" + text),
    model=st.none() | PRINTABLE,
)


@settings(max_examples=30)
@given(st.lists(PINS, max_size=5), st.sampled_from(["", TEXT, "# x"]))
def test_any_pins_can_be_written_and_read(pins: list[Pin], text: str) -> None:
    """What was put in is found again, whatever stands in labels."""
    file = parse_pins(text)
    for pin in pins:
        file = file.with_pin(pin)
    again = parse_pins(file.text)
    assert again.pins == file.pins
    assert {pin.identity for pin in pins} <= {pin.identity for pin in again.pins}


@given(st.integers(0, 20000), st.integers(0, 255))
def test_a_damaged_file_trusts_nobody_else(position: int, value: int) -> None:
    """One changed byte never yields a pin for a hash that is not in the file, except the changed digit's own."""
    data = bytearray(TEXT.encode())
    data[position % len(data)] = value
    try:
        pins = parse_pins(data.decode("utf-8", "surrogateescape")).pins
    except PinFileUnreadable:
        return
    for pin in pins:
        for digest, known in ((pin.spki_sha256, KEY), (pin.cert_sha256, CERT)):
            assert digest is None or sum(a != b for a, b in zip(digest, known)) <= 1
