"""backend.control.checks.queue_uri and advice: device URIs that are put right for a command of doctor."""

from __future__ import annotations

import pytest

from backend.control.checks.advice import for_bad_uri
from backend.control.checks.finding import COMPARE_FIRST, Finding
from backend.control.checks.queue_uri import QueueURI, without_account
from backend.control.host import Misused


@pytest.mark.parametrize(
    "text, left",
    [
        ("ipps443://hall/ipp/print?zzzzzz=1", "ipps443://hall/ipp/print"),
        ("ipps443://hall:631/x?zzzzzz=1&waitjob=no&yyyyyy", "ipps443://hall:631/x?waitjob=no"),
        ("ipps443://hall/ipp/print?waitjob=no", None),
        ("ipps443://hall/ipp/print?pim=x", None),
        ("ipps443://hall/ipp/print?zzzzzz=1&pinn=sha256:00", None),
        ("ipps443://hall/ipp/print?zzzzzz=1&waitjob=perhaps", None),
        ("ipps443://hall:9100/ipp/print?zzzzzz=1", None),
    ],
)
def test_options_that_there_are_not_are_left_out(text: str, left: str | None) -> None:
    """All else stays as it is; where more is wrong there is no such command."""
    assert QueueURI("hall", text, text).without_unknown() == left


@pytest.mark.parametrize(
    "options, longer",
    [
        ("", "?timeout=handshake:60"),
        ("?waitjob=no", "?waitjob=no&timeout=handshake:60"),
        ("?timeout=handshake:2", "?timeout=handshake:60"),
        ("?timeout=connect:5,handshake:2,read:5&pin=sha256:00", "?pin=sha256:00&timeout=connect:5,read:5,handshake:60"),
        ("?timeout=connect:5&timeout=read:5", "?timeout=connect:5,read:5,handshake:60"),
    ],
)
def test_one_timeout_is_changed(options: str, longer: str) -> None:
    """The others stay as the administrator has set them."""
    text = f"ipps443://hall/ipp/print{options}"
    assert QueueURI("hall", text, text).with_timeout("handshake", 60) == f"ipps443://hall/ipp/print{longer}"


@pytest.mark.parametrize(
    "text, left, what",
    [
        ("hall:9100/ipp/print?waitjob=no", "hall/ipp/print?waitjob=no", "the port"),
        ("[fe80::1]:515/x", "[fe80::1]/x", "the port"),
        (f"hall:631/x?trust=ca&pin=sha256:{'0' * 64}", f"hall:631/x?pin=sha256:{'0' * 64}", "trust=ca"),
        (f"hall/x?pin=sha256:{'0' * 64}&trust=system", f"hall/x?pin=sha256:{'0' * 64}", "trust=system"),
        ("hall/x?trust=ca&tls=legacy", "hall/x?tls=legacy", "trust=ca"),
        ("hall/x?trust=ca&sni=no", "hall/x?trust=ca", "sni=no"),
        ("hall/x?trust=ca", None, ""),
        ("hall/x?expired=refuse&expired=refuse", "hall/x?expired=refuse", "expired=refuse"),
        ("hall/x?clientcert=a&clientcert=b", None, ""),
        (f"hall/x?%70in=sha256:{'0' * 64}&trust=ca", f"hall/x?%70in=sha256:{'0' * 64}", "trust=ca"),
        ("hall/x?pim=x", None, ""),
        ("hall/x?pin=x", None, ""),
        ("hall:9100/x?pim=x", None, ""),
        ("hall/x?expired=often", None, ""),
    ],
)
def test_the_one_thing_that_contradicts_is_left_out(text: str, left: str | None, what: str) -> None:
    """Host, port, path and all other options stay; no pin, and nothing that was meant for one, ever goes."""
    expected = None if left is None else (f"ipps443://{left}", what)
    assert QueueURI("hall", f"ipps443://{text}", f"ipps443://{text}").repaired() == expected


PIN = f"pin=sha256:{'0' * 64}"
PORT = "this leaves the port out; what is sent there is printed, and printers have TLS mostly at 443"
ANEW = "write user name and password anew, and % @ / ? and # in them as %25 %40 %2F %3F %23"
BY_CA = "if a CA is meant to vouch: lpadmin -p q -E -v 'ipps443://hall/x?trust=ca'"
BY_PIN = f"or with a pin in the place of the CA; {COMPARE_FIRST}: ipps443ctl pin 'ipps443://hall/x?sni=no'"
HOST = "write the printer's name or address in the place of HOST, and the options that are wanted (ipps443(8))"


@pytest.mark.parametrize(
    "uri, fix, first, other",
    [
        ("hall/x?transfer=chunkd", "hall/x?transfer=chunked", "check that this is what was meant", ""),
        ("a:b@hall/x?zzzzzz=1", "USER:PASSWORD@hall/x", "this leaves out what ipps443 does not know", ""),
        ("hall:9100/x", "hall/x", PORT, ""),
        (f"hall/x?trust=ca&{PIN}", f"hall/x?{PIN}", "this leaves trust=ca out", BY_CA),
        ("hall/x?trust=ca&tls=legacy", "hall/x?tls=legacy", "this leaves trust=ca out", ""),
        # What a CA on file contradicts; all else in the URI is right.
        ("hall/x?sni=no", "hall/x", "this leaves sni=no out", BY_PIN),
        ("a:%@hall/x", "USER:PASSWORD@hall/x", ANEW, ""),
        ("a:#@hall/x?sni=no", "USER:PASSWORD@hall/x?sni=no", ANEW, ""),
        ("a:1?2@hall/x?sni=no", "USER:PASSWORD@hall/x?sni=no", ANEW, ""),
        ("hall/x?clientcert=a&clientcert=b", "HOST/ipp/print", HOST, ""),
    ],
)
def test_a_device_uri_that_is_none(uri: str, fix: str, first: str, other: str) -> None:
    """What cannot be meant is corrected, or left out and named; where several things may be, there is a pattern."""
    whole = f"ipps443://{uri}"
    found = for_bad_uri(Misused("why"), QueueURI("q", without_account(whole), whole))
    assert found == Finding("q", "why", f"lpadmin -p q -E -v 'ipps443://{fix}'", first=first, other=other)
