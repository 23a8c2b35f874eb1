"""backend.control.announcements: what anyone on the network may say, read from the lines of avahi-browse."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.control.announcements import (
    Announcement,
    parse_announcements,
    parse_line,
    parse_txt,
    unescape,
    usable_address,
)
from backend.device_uri import parse_device_uri

#: As avahi 0.8 writes it; the name and the note of the last hold what would be lines and fields of their own.
PLAIN = (
    "=;eth0;IPv4;Printer\\032One;_ipps._tcp;local;one.local;192.0.2.7;631;"
    '"txtvers=1" "note=Hall" "ty=Make 7" "rp=ipp/print" "UUID=f4ce27c7-bd38-3f7d-629f-6e5ce8611798"'
)
HOSTILE = (
    "=;v0;IPv4;Evil\\059\\027\\09131m\\034x\\034\\\\\\032name\\010line;_ipps._tcp;local;vm.local;10.77.0.1;443;"
    '"x=\\195\\164\\255" "nothing" "rp=ipp/print\\027[0m" "note=new\\010=;v0;IPv4;in;_ipps._tcp;l;h;1.2.3.4;1;\\"x\\"" '
    '"ty=a\\"b\\\\c;d"'
)


def escaped(data: bytes, plain: bytes) -> str:
    """Return bytes as avahi writes them."""
    return "".join(chr(byte) if byte in plain else f"\\{byte:03}" for byte in data)


LETTERS = bytes(range(0x30, 0x3A)) + bytes(range(0x41, 0x5B)) + bytes(range(0x61, 0x7B))


def line_of(
    name: bytes, txt: dict[bytes, bytes], host: str = "h.local", address: str = "192.0.2.1", port: str = "443"
) -> str:
    """Return the line for an announcement."""
    strings = " ".join('"' + escaped(key + b"=" + value, LETTERS + b"=; /.") + '"' for key, value in txt.items())
    return f"=;eth0;IPv4;{escaped(name, LETTERS)};_ipp._tcp;local;{host};{address};{port};{strings}"


def test_a_printer() -> None:
    """Name, service, host, address, port, and of its words model, place and path."""
    assert parse_line(PLAIN) == Announcement(
        "Printer One", "_ipps._tcp", "one.local", "192.0.2.7", 631, "Make 7", "Hall", "/ipp/print"
    )


def test_escapes_stay_in_their_field() -> None:
    """What would end a field, a line or a string is part of the name or value that it stands in."""
    found = parse_line(HOSTILE)
    assert found is not None
    assert found.name == 'Evil;\x1b[31m"x"\\ name line'
    assert found.model == 'a"b\\c;d'
    assert found.location == 'new =;v0;IPv4;in;_ipps._tcp;l;h;1.2.3.4;1;"x"'
    assert found.path == ""
    assert (found.host, found.address, found.port) == ("vm.local", "10.77.0.1", 443)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "+;eth0;IPv4;One;_ipps._tcp;local",
        PLAIN.replace("=;", "-;", 1),
        PLAIN.replace("_ipps", "_http"),
        PLAIN.replace(";631;", ";0;"),
        PLAIN.replace(";631;", ";65536;"),
        PLAIN.replace(";631;", ";-1;"),
        PLAIN.replace(";631;", ";\u0661;"),
        PLAIN.replace("192.0.2.7", ""),
        PLAIN.replace("192.0.2.7", "one.local"),
        PLAIN.replace("192.0.2.7", "300.0.2.7"),
        PLAIN.rpartition(";")[0],
    ],
)
def test_no_announcement(line: str) -> None:
    """A line of a different form, or one that leads nowhere, is none."""
    assert parse_line(PLAIN) is not None
    assert parse_line(line) is None


@pytest.mark.parametrize(
    "text, interface, usable",
    [
        ("192.0.2.7", "eth0", "192.0.2.7"),
        ("2001:db8:0:0::7", "eth0", "2001:db8::7"),
        ("fe80::7", "eth0", "fe80::7%eth0"),
        ("fe80::7", "eth0;x", ""),
        ("fe80::7%wlan0", "eth0", ""),
        ("127.0.0.1", "eth0", ""),
        ("::1", "eth0", ""),
        ("127.0.0.1", "lo", "127.0.0.1"),
        ("::ffff:127.0.0.1", "eth0", ""),
        ("0.0.0.0", "eth0", ""),
        ("::", "eth0", ""),
        ("224.0.0.251", "eth0", ""),
        ("ff02::fb", "eth0", ""),
        ("255.255.255.255", "eth0", ""),
        ("0x7f000001", "eth0", ""),
        ("127.1", "eth0", ""),
    ],
)
def test_addresses(text: str, interface: str, usable: str) -> None:
    """Only where a printer can be; this machine's own services are not tried because someone else says so."""
    assert usable_address(text, interface) == usable


@pytest.mark.parametrize(
    "path, expected",
    [
        ("ipp/print", "/ipp/print"),
        ("/ipp", "/ipp"),
        ("//x", "/x"),
        ("a?pin=sha256:00", ""),
        ("a#b", ""),
        ("a b", ""),
        ("a\nb", ""),
        ("a%41", ""),
        ("x" * 101, ""),
        ("", ""),
    ],
)
def test_paths(path: str, expected: str) -> None:
    """A path that would say more than a path in a device URI, such as a pin, is left out."""
    found = parse_line(line_of(b"x", {b"rp": path.encode()}))
    assert found is not None and found.path == expected


@pytest.mark.parametrize("host", ["", "a b", "*", "a;b"[:1] + "\\", "x" * 300, "\x1b[2J"])
def test_host_that_is_none(host: str) -> None:
    """The printer is known by its address then."""
    found = parse_line(line_of(b"x", {}, host=host))
    assert found is not None and found.host == ""


def test_first_of_two_keys() -> None:
    """RFC 6763 section 6.4: of two keys that differ in case only, the first counts."""
    assert parse_txt('"ty=a" "TY=b" "flag" "=x"') == {"ty": "a", "flag": "", "": "x"}
    assert parse_txt('no strings" "ty=a') == {}


def test_long_lines_and_words() -> None:
    """A line as long as a message can be is read, and of its words as much as DNS-SD has room for, and some more."""
    line = line_of(b"n" * 81, {b"ty": b"m" * 81, b"note": b"p" * 80, b"rp": b"r" * 100})
    found = parse_line(line)
    assert found is not None
    assert (found.name, found.model, found.location) == ("n" * 80, "m" * 80, "p" * 80) and found.path == "/" + "r" * 100
    line += " "
    assert parse_line(line.ljust(36_000, "x")) == found and parse_line(line.ljust(36_001, "x")) is None


def test_twice_the_same_is_once() -> None:
    """Both families of one interface say the same."""
    assert len(list(parse_announcements([PLAIN, PLAIN + "\n", HOSTILE, "rubbish"]))) == 2


@given(st.binary(max_size=63), st.binary(max_size=60), st.binary(max_size=60))
@settings(deadline=None, max_examples=60)
def test_any_name_and_words(name: bytes, model: bytes, note: bytes) -> None:
    """Whatever is announced, the line gives it back, on one line, and no other field changes."""
    found = parse_line(line_of(name, {b"ty": model, b"note": note}))
    assert found is not None
    assert (found.host, found.address, found.port, found.path) == ("h.local", "192.0.2.1", 443, "")
    for said, got in ((name, found.name), (model, found.model), (note, found.location)):
        assert got == " ".join(said.decode("utf-8", "replace").split())


@given(st.lists(st.text(alphabet=st.sampled_from('=;\\"0123456789abc. _-%\n\x1b'), max_size=30), max_size=12))
@settings(deadline=None, max_examples=60)
def test_any_line(fields: list[str]) -> None:
    """No line does harm, and what comes out could stand in a device URI."""
    line = ";".join(
        ["=", "eth0", "IPv4", "n", "_ipps._tcp", "local", "h", "192.0.2.1", "443"][: 9 - len(fields) % 3] + fields
    )
    for found in parse_announcements([line, *fields]):
        assert 1 <= found.port <= 65535 and usable_address(found.address.partition("%")[0], "lo")
        uri = parse_device_uri(f"ipps443://{found.host or found.address}:443{found.path}")
        assert uri.host == (found.host or found.address)


@given(st.text(max_size=40))
@settings(deadline=None, max_examples=60)
def test_unescape_takes_anything(text: str) -> None:
    """Numbers that are no byte stay as they are written."""
    assert isinstance(unescape(text.replace("\udcff", "")), str)
    assert unescape("\\999\\065\\") == "\\999A\\"
