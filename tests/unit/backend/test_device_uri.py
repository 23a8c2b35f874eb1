"""backend.device_uri: every option accepts and refuses, and the password shows nowhere."""

from __future__ import annotations

import string
from urllib.parse import quote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from backend.device_uri import OPTIONS, DeviceURI, Timeouts, parse_device_uri, without_password
from backend.errors import BadDeviceURI, IppsError

HEX = "0123456789abcdef" * 4
DIGEST = bytes.fromhex(HEX)
BASE64 = "ASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4mrze8="


def refusal(text: str) -> BadDeviceURI:
    """Return the error that a URI leads to."""
    with pytest.raises(BadDeviceURI) as caught:
        parse_device_uri(text)
    return caught.value


# --- host, port, path, user -------------------------------------------------------------------------------

PARTS = [
    ("ipps443://printer", "printer", 443, "/ipp/print"),
    ("IPPS443://printer", "printer", 443, "/ipp/print"),
    ("ipps443://printer/", "printer", 443, "/"),
    ("ipps443://printer?waitjob=no", "printer", 443, "/ipp/print"),
    ("ipps443://printer/?waitjob=no", "printer", 443, "/"),
    ("ipps443://printer:1", "printer", 1, "/ipp/print"),
    ("ipps443://printer:65535/ipp", "printer", 65535, "/ipp"),
    *((f"ipps443://printer:{port}", "printer", port, "/ipp/print") for port in (514, 516, 9099, 9108)),
    ("ipps443://printer.local./ipp/port1", "printer.local.", 443, "/ipp/port1"),
    ("ipps443://192.0.2.7:8443/a%20b", "192.0.2.7", 8443, "/a%20b"),
    ("ipps443://print%65r/a b", "printer", 443, "/a%20b"),
    ("ipps443://printer/ä", "printer", 443, "/%C3%A4"),
    ("ipps443://[2001:DB8::1]", "2001:db8::1", 443, "/ipp/print"),
    ("ipps443://[2001:db8::1]:631/x", "2001:db8::1", 631, "/x"),
    ("ipps443://[fe80::1%25eth0]:631/x", "fe80::1%eth0", 631, "/x"),
    ("ipps443://[fe80::1%eth0]", "fe80::1%eth0", 443, "/ipp/print"),
    ("ipps443://[v1.fe80::1+eth0]/", "fe80::1%eth0", 443, "/"),
    ("ipps443://printer?tls=upgrade", "printer", 631, "/ipp/print"),
    ("ipps443://printer:443?tls=upgrade", "printer", 443, "/ipp/print"),
]


@pytest.mark.parametrize("text, host, port, path", PARTS)
def test_takes_host_port_and_path(text: str, host: str, port: int, path: str) -> None:
    """Host, port and path are what the URI says, or the defaults where it says nothing."""
    uri = parse_device_uri(text)
    assert (uri.host, uri.port, uri.path) == (host, port, path)


#: A word of the reason, and URIs, of which what stands behind ``ipps443://``.
REFUSED_PARTS = [
    ("host", "/ipp/print", ":443/", "./", "a..b/", ".b/", "a%2Fb/", "a b/", "a\u00a0b/", "*/", "pri!nter/"),
    ("host", f"{'a' * 64}/", f"{'a.' * 127}/", "a%3A80/", "%3A%3A1/"),
    ("control", "a%00b/", "a%0Ab/", "printer/%0D%0AX: y", "printer/\n"),
    ("port", "printer:/", "printer:0/", "printer:65536/", "printer:+443/", "printer:4 43/", "printer:٤٤٣/"),
    ("port", "printer:443x/", "[2001:db8::1]:x/"),
    ("brackets", "2001:db8::1/", "[2001:db8::1/", "[2001:db8::1]x/"),
    ("IPv6", "[printer]/"),
    ("zone", "[fe80::1%25]/", "[fe80::1%25a b]/", "[fe80::1%25a%2Fb]/"),
    ("hex", "printer/%", "printer/%4", "printer/%zz", "printer/%+4"),
    ("UTF-8", "printer/%ff", "printer/\udcff", "\udcff/", "us%ffer@printer/"),
    ("#", "printer/#top"),
]


@pytest.mark.parametrize("rest, reason", [(rest, reason) for reason, *every in REFUSED_PARTS for rest in every])
def test_refuses_what_is_no_host_port_or_path(rest: str, reason: str) -> None:
    """A URI that is not of the form is refused, and the reason says which part is wrong."""
    assert reason in refusal(f"ipps443://{rest}").reason


@pytest.mark.parametrize("text", ["", "ipps://printer/", "ipps443:printer"])
def test_refuses_other_schemes(text: str) -> None:
    """And says which one is ours."""
    assert "ipps443://" in refusal(text).reason


@pytest.mark.parametrize(
    "text, user, password",
    [
        ("ipps443://printer", None, None),
        ("ipps443://anna@printer", "anna", None),
        ("ipps443://anna:@printer", "anna", ""),
        ("ipps443://anna:pw@printer", "anna", "pw"),
        ("ipps443://anna:a:b@printer", "anna", "a:b"),
        ("ipps443://:pw@printer", "", "pw"),
        ("ipps443://a%40b:p%3A%2F%40%3F%23@printer", "a@b", "p:/@?#"),
        ("ipps443://a@b:pw@printer", "a@b", "pw"),
        ("ipps443://a+b:p+w@printer", "a+b", "p+w"),
        ("ipps443://anna:50%2525@printer", "anna", "50%25"),
        ("ipps443://J%C3%A4n:p%C3%A4ss@printer", "Jän", "päss"),
    ],
)
def test_takes_user_and_password(text: str, user: str | None, password: str | None) -> None:
    """User and password are percent-decoded once, and a plus sign is a plus sign."""
    uri = parse_device_uri(text)
    assert (uri.user, uri.password, uri.host) == (user, password, "printer")


@pytest.mark.parametrize(
    "text, host_field, printer_uri",
    [
        ("ipps443://Printer./x", "Printer", "ipps://Printer:443/x"),
        ("ipps443://printer:631/", "printer:631", "ipps://printer:631/"),
        ("ipps443://u:p@printer/x?waitjob=no", "printer", "ipps://printer:443/x"),
        ("ipps443://[2001:db8::1]/x", "[2001:db8::1]", "ipps://[2001:db8::1]:443/x"),
        ("ipps443://[fe80::1%25eth0]:631/x", "[fe80::1]:631", "ipps://[fe80::1]:631/x"),
        ("ipps443://münchen.local/x", "xn--mnchen-3ya.local", "ipps://xn--mnchen-3ya.local:443/x"),
    ],
)
def test_names_the_printer_for_the_wire(text: str, host_field: str, printer_uri: str) -> None:
    """Host has the port only when it is not 443, printer-uri always, and neither a user, an option or a zone id."""
    uri = parse_device_uri(text)
    assert (uri.host_field, uri.printer_uri) == (host_field, printer_uri)


@pytest.mark.parametrize(
    "text, plain",
    [
        ("ipps443://u:p@Printer./x?waitjob=no&pin=sha256:" + 64 * "0", "ipps443://Printer:443/x"),
        ("ipps443://[2001:db8::1]:631/x", "ipps443://[2001:db8::1]:631/x"),
        ("ipps443://[fe80::1%25eth0]/x%20y", "ipps443://[fe80::1%25eth0]:443/x%20y"),
        ("ipps443://münchen.local/x", "ipps443://xn--mnchen-3ya.local:443/x"),
    ],
)
def test_the_uri_to_copy(text: str, plain: str) -> None:
    """It leads to the same printer, by the same interface, and has nothing that is secret or optional."""
    uri = parse_device_uri(text)
    assert uri.plain == plain
    again = parse_device_uri(plain)
    assert (again.bracketed_host, again.host.partition("%")[2]) == (uri.bracketed_host, uri.host.partition("%")[2])
    assert (again.port, again.path, again.user, again.pins) == (uri.port, uri.path, None, ())


# --- options ----------------------------------------------------------------------------------------------

ACCEPTED = [
    (f"pin=sha256:{HEX}", "pins", (DIGEST,)),
    (f"pin=sha256:{HEX.upper()}", "pins", (DIGEST,)),
    (f"pin=sha256:{BASE64}", "pins", (DIGEST,)),
    (f"pin=sha256:{quote(BASE64, safe='')}", "pins", (DIGEST,)),
    (f"pin=sha256:{HEX}&pin=sha256:{'0' * 64}", "pins", (DIGEST, bytes(32))),
    *((f"trust={word}", "trust", word) for word in ("pin", "ca", "system")),
    *((f"expired={word}", "expired", word) for word in ("warn", "refuse")),
    *((f"tls={word}", "tls", word) for word in ("1.2", "1.3", "1.2-only", "legacy", "upgrade")),
    ("sni=auto", "sni", True),
    ("sni=no", "sni", False),
    ("clientcert=office-1", "clientcert", "office-1"),
    *((f"transfer={word}", "transfer", word) for word in ("auto", "chunked", "sized")),
    *((f"spool={word}", "spool", word) for word in ("auto", "yes", "no")),
    ("resend=no", "resend", False),
    ("resend=yes", "resend", True),
    *((f"version={word}", "version", word) for word in ("auto", "1.0", "1.1", "2.0", "2.1", "2.2")),
    *((f"waitjob={word}", "waitjob", True) for word in ("true", "yes", "on", "1", "TRUE")),
    *((f"waitjob={word}", "waitjob", False) for word in ("false", "no", "off", "0", "False")),
    ("waitprinter=no", "waitprinter", False),
    ("contimeout=0", "contimeout", 0),
    ("contimeout=604800", "contimeout", 604800),
    ("timeout=connect:5", "timeouts", Timeouts(connect=5)),
    ("timeout=connect:1,handshake:2,probe:3,write:4,reply:5,read:6", "timeouts", Timeouts(1, 2, 3, 4, 5, 6)),
    ("timeout=read:.5,reply:86400", "timeouts", Timeouts(read=0.5, reply=86400)),
    ("timeout=read%3A2", "timeouts", Timeouts(read=2)),
    ("trace=no", "trace", "no"),
    ("%74race=no&", "trace", "no"),
]

#: An option, and values that it does not take.
REFUSED_VALUES = [
    ("pin", "", f"sha1:{HEX[:40]}", f"md5:{HEX[:32]}", f"sha256:{HEX[:-1]}", f"sha256:{HEX[:-1]}g", f"sha256:{HEX}0"),
    ("pin", f"sha256:{BASE64.replace('+', ' ')[:-2]}", "yes", f"sha256:{HEX}&pin=no"),
    ("trust", "", "yes", "pin&trust=ca", "ca&tls=legacy", "system&tls=legacy"),
    ("expired", "no", "Warn", "warn&expired=refuse"),
    ("tls", "1.1", "TLSv1.2", "1.2&tls=legacy", "1.2+legacy"),
    ("sni", "yes"),
    ("clientcert", "../../etc/shadow", ".hidden", "a%2Fb"),
    ("transfer", "chunk"),
    ("spool", "1"),
    ("resend", "true"),
    ("version", "2", "3.0"),
    ("waitjob", "maybe", "%zz", "%ff", "yes%00"),
    ("waitprinter", ""),
    ("contimeout", "-1", "1.5", "1h", "²", "1234567890"),
    ("timeout", "5", "connect", "connect:", "connect:0", "connect:0.0", "connect:-1", "connect:nan", "connect:inf"),
    ("timeout", "connect:1e3", "connect:86401", f"connect:{'9' * 400}", "connect:.", "connect:1.2.3", "connect:5,"),
    ("timeout", "connect:5,connect:6", "open:5"),
    ("trace", "on"),
]
REFUSED = [f"{name}={value}" for name, *values in REFUSED_VALUES for value in values]
REFUSED += ["pin", f"Pin=sha256:{HEX}", "encryption=required", "=x", "waitjob+=yes"]


@pytest.mark.parametrize("query, name, value", ACCEPTED)
def test_takes_options(query: str, name: str, value: object) -> None:
    """An option that is right gives its value."""
    assert getattr(parse_device_uri(f"ipps443://printer/?{query}"), name) == value


@pytest.mark.parametrize("query", REFUSED)
def test_refuses_options(query: str) -> None:
    """An option that is unknown, empty, given twice or has a bad value is refused."""
    refusal(f"ipps443://printer/?{query}")


def test_every_option_has_an_accepting_and_a_refusing_line() -> None:
    """The two tables above leave no option out."""
    accepted = {field for _, field, _ in ACCEPTED}
    refused = {query.partition("=")[0] for query in REFUSED}
    assert {option.field for option in OPTIONS.values()} == accepted
    assert set(OPTIONS) <= refused


def test_documents_are_never_compressed() -> None:
    """A queue that says so is in order; one that wants something else hears why not."""
    assert parse_device_uri("ipps443://printer/?compression=none") == parse_device_uri("ipps443://printer/")
    for query in ("compression=gzip", "compression=deflate", "compression=lzw", "compression=", "compression"):
        with pytest.raises(BadDeviceURI) as caught:
            parse_device_uri(f"ipps443://printer/?{query}")
        assert "documents are never compressed" in caught.value.reason


@pytest.mark.parametrize(
    "query, nearest",
    [
        ("pln=x", "pin"),
        ("pins=x", "pin"),
        ("PIN=x", "pin"),
        ("pin256=x", "pin"),
        ("tsl=1.3", "tls"),
        ("timeouts=x", "timeout"),
        ("waitjobs=x", "waitjob"),
        ("wait_printer=x", "waitprinter"),
        ("transfer=chunk", "chunked"),
        ("tls=1.2only", "1.2-only"),
        ("expired=refused", "refuse"),
        ("timeout=conect:5", "connect"),
        ("zzzzzz=1", None),
    ],
)
def test_hints_at_the_nearest_name(query: str, nearest: str | None) -> None:
    """A mistyped option, value or phase is answered with the nearest known one."""
    error = refusal(f"ipps443://printer/?{query}")
    assert error.nearest == nearest
    assert nearest is None or f'"{nearest}"' in str(error)


@given(
    name=st.one_of(
        st.sampled_from(["pin "[:3] + c for c in string.printable]),
        st.lists(st.sampled_from("pinPIN"), min_size=1, max_size=5).map("".join),
        st.text(min_size=1, max_size=6),
    )
)
@settings(deadline=None, max_examples=80)
def test_a_mistyped_pin_never_means_no_pin(name: str) -> None:
    """Whatever stands where "pin" should, the URI is refused, or the pin is taken; it is never overlooked."""
    try:
        uri = parse_device_uri(f"ipps443://printer/?{name}=sha256:{HEX}")
    except IppsError:
        return
    assert uri.pins == (DIGEST,)


# --- the password -----------------------------------------------------------------------------------------

SECRET = "s3cr3t"


#: Device URIs with a fault; the password is {}.
MALFORMED = [
    *("ipps443://u:{}@printer:x/", "ipps443://u:{}@", "ipps443://u:{}@/x", "ipps443://u:{}@printer/%zz"),
    *("ipps443://u:{}@printer/?pln=1", "ipps443://u:{}@printer/#x", "ipps443://u:{}@a@b c/", "ipps443://u:{}@[::1/"),
    *("ipps443://u:@{}@printer/?x", "ipps443://u:/{}@printer/", "ipps443://u:{}/x@printer/"),
    *("ipps443://u:{}?x@printer/", "ipps443://u:?{}=x@printer/", "ipps443://u:?pin={}@printer/"),
    *("ipps443://u:?a&{}@printer/", "ipps443://u:#{}@printer/", "ipps443://u:{}#@printer/"),
    *("ipps443://u:%{}@printer/", "ipps443://u:{}%ff@printer/", "ipps443://u:{}\n@printer/"),
    *("ipps443://u:[{}]@printer/?x=1", "ipps://u:{}@printer/", "ipps443:/u:{}@printer/", "ipps443:u:{}@printer/"),
    *("ipps443//u:{}@printer/", "u:{}@printer/", "u:{}://x@printer/", "ipps443:u:{}://@printer/"),
    *(" ipps443://u:{}@printer/", "ipps443://u:{}%40printer/", "ipps443://u:{}\udcff@printer/?x=1"),
]


@pytest.mark.parametrize("text", [each.format(SECRET) for each in MALFORMED])
def test_a_refusal_never_shows_the_password(text: str) -> None:
    """However malformed the URI is, what is said about it leaves the password out."""
    with pytest.raises(IppsError) as caught:
        parse_device_uri(text)
    error = caught.value
    assert SECRET not in str(error) + repr(error) + repr(vars(error)) + repr(error.args)
    assert error.__cause__ is None and error.__suppress_context__


def test_a_representation_never_shows_the_password() -> None:
    """The value itself can be printed without the password."""
    uri = parse_device_uri(f"ipps443://anna:{SECRET}@printer/")
    assert uri.password == SECRET
    assert SECRET not in repr(uri) + str(uri) + uri.host_field + uri.printer_uri + uri.printer_name


PIECES = ["ipps443://", "ipps443:", "://", "@", "/", "?", "#", ":", "[", "]", "%", "%25", "%40", "&", "=", "pin=", "a"]


@given(before=st.lists(st.sampled_from(PIECES)), after=st.lists(st.sampled_from(PIECES)), inside=st.booleans())
@settings(deadline=None, max_examples=200)
@example(before=["ipps443://", "a", ":"], after=["@", "a", "/"], inside=True)
def test_no_arrangement_shows_the_password(before: list[str], after: list[str], inside: bool) -> None:
    """In any arrangement of a URI's pieces, what stands before an @ is in no message."""
    text = "".join([*before, SECRET, *after, "@" if inside else "@printer/"])
    assert SECRET not in without_password(text)
    try:
        uri = parse_device_uri(text)
    except IppsError as error:
        assert SECRET not in str(error) + repr(error) + repr(vars(error))
    else:
        assert SECRET in (uri.password or "") + (uri.user or "")


# --- anything at all --------------------------------------------------------------------------------------

ANY_TEXT = st.text(st.characters(), max_size=40)
URI_LIKE = st.builds(
    "ipps443://{}{}{}{}".format,
    st.sampled_from(["", "u@", "u:p@"]),
    st.sampled_from(["printer", "[::1]", "[fe80::1%25e]", "ä", "a:1", ""]),
    st.one_of(st.just("/"), ANY_TEXT),
    st.lists(st.sampled_from(["?", "&", "=", *OPTIONS, "1.2", "yes", "no", "ca", HEX]), max_size=6).map("".join),
)


@given(st.one_of(ANY_TEXT, ANY_TEXT.map("ipps443://{}".format), URI_LIKE))
@settings(deadline=None, max_examples=150)
def test_any_text_is_a_uri_or_refused(text: str) -> None:
    """Any text at all is a device URI whose parts may go on the wire, or is refused."""
    try:
        uri = parse_device_uri(text)
    except BadDeviceURI:
        return
    assert isinstance(uri, DeviceURI)
    for part in (uri.host_field, uri.printer_uri, uri.path):
        assert part.isascii() and part.isprintable() and " " not in part, part
    assert uri.path.startswith("/")
    assert 1 <= uri.port <= 65535


@given(user=st.text(), password=st.text())
@settings(deadline=None, max_examples=80)
def test_user_and_password_come_back(user: str, password: str) -> None:
    """Any user name and password without control characters, percent-encoded, comes back as it was."""
    text = f"ipps443://{quote(user, safe='')}:{quote(password, safe='')}@printer/"
    if any(ord(c) < 32 or ord(c) == 127 for c in user + password):
        assert "control" in refusal(text).reason
    else:
        uri = parse_device_uri(text)
        assert (uri.user, uri.password) == (user, password)


@pytest.mark.parametrize("port, backend", [(515, "lpd"), (9100, "socket"), (9107, "socket")])
@pytest.mark.parametrize("rest", ["", "/?tls=upgrade"])
def test_refuses_ports_that_print_what_comes(port: int, backend: str, rest: str) -> None:
    """A handshake would be printed; the message names the right port and the backend for the other."""
    with pytest.raises(BadDeviceURI) as caught:
        parse_device_uri(f"ipps443://user:geheim@printer:{port}{rest}")
    assert (
        f"port {port} " in caught.value.text
        and "443" in caught.value.text
        and f"backend {backend}" in str(caught.value)
    )
    assert "geheim" not in str(caught.value)
