"""The key of the pin file: host and port in one spelling."""

from __future__ import annotations

import string
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.device_uri import parse_device_uri
from backend.errors import BadDeviceURI
from backend.trust.addresses import (
    canonical_host,
    in_dns,
    is_address,
    is_ipv6,
    parse_host_and_port,
    pin_key,
    split_key,
    to_ascii,
)

SPELLINGS = (
    ("printer.example", 443, "printer.example:443"),
    ("PRINTER.Example", 443, "printer.example:443"),
    ("printer.example.", 443, "printer.example:443"),
    ("printer", 631, "printer:631"),
    ("my_printer-2.local", 443, "my_printer-2.local:443"),
    ("192.0.2.1", 443, "192.0.2.1:443"),
    ("2001:DB8:0:0::1", 443, "[2001:db8::1]:443"),
    ("[2001:db8::1]", 8443, "[2001:db8::1]:8443"),
    ("fe80::1%Eth0", 443, "[fe80::1%Eth0]:443"),
    ("::ffff:192.0.2.1", 443, "[::ffff:192.0.2.1]:443"),
    ("drücker.example", 443, "xn--drcker-4ya.example:443"),
    ("DRÜCKER.example", 443, "xn--drcker-4ya.example:443"),
)


@pytest.mark.parametrize("host, port, key", SPELLINGS)
def test_one_printer_has_one_key(host: str, port: int, key: str) -> None:
    """Case, a trailing dot, brackets and the length of an IPv6 address make no second printer (T-4)."""
    assert pin_key(host, port) == key
    assert split_key(key) == (canonical_host(host), port)


@pytest.mark.parametrize("one, other", [("print-er", "print_er"), ("a.b", "a_b"), ("fe80::1%eth0", "fe80::1%eth1")])
def test_different_hosts_never_share_a_key(one: str, other: str) -> None:
    """No character is folded into another, as CUPS folds them in its file names (T-4)."""
    assert pin_key(one, 443) != pin_key(other, 443)


NO_HOSTS = ("", ".", "..", "0..", ".a", "a..b", "a.b..", "fe80::1%", "::g", "1:2", "x" * 254)


@pytest.mark.parametrize(
    "host, port", [*((host, 443) for host in NO_HOSTS), *(("printer", port) for port in (0, -1, 65536))]
)
def test_what_can_be_no_host_or_port_is_refused(host: str, port: int) -> None:
    """What no resolver and no URI could mean raises ValueError; of empty parts DNS knows one, at the end."""
    with pytest.raises(ValueError):
        pin_key(host, port)


def test_what_stands_in_no_host() -> None:
    """White space, quotes, what shells and URIs give a meaning, and what moves the writing direction."""
    for character in {*string.printable, "\u202e"} - {*string.ascii_letters, *string.digits, *"-_."}:
        for host in (character, f"a{character}", f"a{character}b"):
            with pytest.raises(ValueError):
                pin_key(host, 443)


@pytest.mark.parametrize(
    "key, hint",
    [
        ("Printer:443", 'write "printer:443"'),
        ("printer.:443", 'write "printer:443"'),
        ("[2001:DB8::1]:443", 'write "[2001:db8::1]:443"'),
        ("2001:db8::1:443", 'write "[2001:db8::1]:443"'),
        ("[printer]:443", 'write "printer:443"'),
        ("printer", "is not host:port"),
        ("printer:", "is no port number"),
        ("printer:0443", "is no port number"),
        ("printer:70000", "not between"),
        (":443", "is not host:port"),
        ("[2001:db8::1:443", "is not host:port"),
    ],
)
def test_a_key_in_another_spelling_is_refused_with_the_right_one(key: str, hint: str) -> None:
    """A line that would never match because of its spelling is an error that says how to write it."""
    with pytest.raises(ValueError) as refusal:
        split_key(key)
    assert hint in str(refusal.value)


@pytest.mark.parametrize(
    "typed, host, port",
    [
        ("printer", "printer", 443),
        ("Printer.Example.", "printer.example", 443),
        ("printer:8443", "printer", 8443),
        ("printer:0443", "printer", 443),
        ("2001:db8::1", "[2001:db8::1]", 443),
        ("[2001:db8::1]", "[2001:db8::1]", 443),
        ("[2001:db8::1]:8443", "[2001:db8::1]", 8443),
        ("192.0.2.1:631", "192.0.2.1", 631),
    ],
)
def test_what_an_administrator_types(typed: str, host: str, port: int) -> None:
    """Name, address, brackets and port are understood; the port is 443 unless given."""
    assert parse_host_and_port(typed) == (host, port)


MISTYPED = ["", "printer:abc", "printer:0", "printer:443:", "printer:", "printer:65536", "a b", "*"]


@pytest.mark.parametrize("typed", [*MISTYPED, "[::1", "[::1]443", "[::1]:", "[printer"])
def test_what_an_administrator_mistypes(typed: str) -> None:
    """Rubbish raises ValueError instead of naming another printer."""
    with pytest.raises(ValueError):
        parse_host_and_port(typed)


@given(st.text(), st.integers())
def test_any_text_is_a_key_or_a_value_error(host: str, port: int) -> None:
    """Whatever host and port are, the answer is a key that reads back as itself, or ValueError."""
    try:
        key = pin_key(host, port)
    except ValueError:
        return
    assert split_key(key)[1] == port
    assert pin_key(*split_key(key)) == key


@pytest.mark.parametrize("key", ["*:443", "*.example:443", "**:443", "?:443", "[*]:443", "%:443", "any,other:443"])
def test_patterns_are_no_keys(key: str) -> None:
    """A line for any printer does not exist: nobody may believe that it does."""
    with pytest.raises(ValueError):
        split_key(key)


def encoded(encode: Callable[[str], bytes], name: str) -> bytes | None:
    try:
        return encode(name)
    except UnicodeError:
        return None


@pytest.mark.parametrize(
    "name", ("printer", "Printer.local", "dru\u0308cker.example", "a..b", "a" * 63, "a" * 64, "a.", "")
)
def test_names_are_encoded_as_the_codec_does(name: str) -> None:
    """A name of ASCII goes the short way and comes out the same; what cannot be a name is refused the same."""
    assert encoded(in_dns, name) == encoded(lambda text: text.encode("idna"), name)


@pytest.mark.parametrize(
    "name, form",
    [
        ("Printer.local", "Printer.local"),
        ("dru\u0308cker.example", "xn--drcker-4ya.example"),
        ("\u00fc" * 64, ""),
        ("a..\u00fc", ""),
        ("", ""),
    ],
)
def test_one_form_for_dns_and_certificates(name: str, form: str) -> None:
    """Letters of other scripts have one; what has none is told by an empty one, and is never shortened."""
    assert to_ascii(name) == form


@pytest.mark.parametrize(
    "host, is_one",
    [
        ("192.0.2.1", True),
        ("2001:db8::1", True),
        ("fe80::1%eth0", True),
        ("192.0.2", False),
        ("1.2.3.4.5", False),
        ("printer", False),
        ("\u0661.2.3.4", False),
        ("::1\0", False),
        ("", False),
    ],
)
def test_addresses_are_told_from_names(host: str, is_one: bool) -> None:
    """Whatever a certificate or a device URI calls a host."""
    assert is_address(host) is is_one
    assert is_ipv6(host.partition("%")[0]) is (is_one and ":" in host)


@pytest.mark.parametrize(
    "host",
    ["printer", "printer:8443", "printer:0443", "[::1]", "[::1]:631", "Printer.", "drücker", "a_b", "192.0.2.1:1"],
)
@pytest.mark.parametrize("change", ["", ":", ":x", ":0", ":65536", "!", "*", "%", " ", "]", "[", "/"])
def test_a_host_is_understood_alike_in_a_device_uri_and_in_a_command(host: str, change: str) -> None:
    """One rule reads both: what one takes the other takes, and as the same host and port."""
    text = host + change

    def in_uri() -> tuple[str, int] | None:
        try:
            uri = parse_device_uri(f"ipps443://{text}")
        except BadDeviceURI:
            return None
        return canonical_host(uri.host), uri.port

    def in_command() -> tuple[str, int] | None:
        try:
            return parse_host_and_port(text)
        except ValueError:
            return None

    expected = in_uri() if change != "/" else None  # there the path begins
    assert in_command() == expected and (change in ("", "/")) <= (in_uri() is not None)
