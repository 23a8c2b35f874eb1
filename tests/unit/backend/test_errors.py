"""backend.errors: messages are short and end in what to do, whatever a printer says and is called."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest

from backend import errors
from tests.unit.backend.test_exit_status import CLASSES

LONG = "Quota of user anna in the department of very long names is used up; ask the office on the third floor"
NAMES = ("printer:443", "p" * 63 + ".printers.example.org:443", "[fe80::1234:5678:9abc:def0%25enp0s31f6]:443")
IPP = (0x0400, 0x0401, 0x0404, 0x0406, 0x0408, 0x0409, 0x040A, 0x040B, 0x040C, 0x0411, 0x0412, 0x0500, 0x0501, 0x0503)
HTTP = (302, 400, 403, 404, 405, 407, 410, 411, 417, 421, 426, 500, 501, 505, 511, 99, 700)
#: Endings of messages that no advice can follow: what was done is all that there is.
WITHOUT_ADVICE = {"N02", "N03", "P07", "T08"}


def example(kind: type[errors.IppsError], name: str, said: str, **more: Any) -> errors.IppsError:
    """Return an error of a class with the name of a printer and words of others."""
    if not dataclasses.is_dataclass(kind):
        return kind(said)
    values: dict[str, Any] = {
        **dict.fromkeys(("printer", "uri", "path", "folder"), name),
        **dict.fromkeys(("reason", "message", "last", "seen", "location"), said),
        "operation": "Get-Printer-Attributes",
        "keyword": "client-error-not-possible",
        "phase": "waiting for its answer",
        "offered": "TLSv1.2 or newer",
        "document_format": "application/vnd.hp-PCL",
        "validity": "valid 2020-01-01 to 2030-01-01",
        "command": "ipps443ctl pin HOST --replace",
        "option": "trace=yes",
        "cure": "Run install.sh again",
        **dict.fromkeys(("presented", "expected"), "sha256: " + "0" * 64),
    }
    numbers = {"int": 7, "int | None": 7, "float": 7.0, "float | None": 7.0, "bool": False, "bytes": b"x"}
    fields = {field.name: str(field.type) for field in dataclasses.fields(kind)}
    made = {each: values.get(each, numbers.get(type_, "")) for each, type_ in fields.items() if each not in more}
    return kind(**made, **more)


def all_cases(name: str, said: str) -> list[errors.IppsError]:
    """Return an error of each class, and of those with several sentences one for each."""
    cases = [example(kind, name, said) for kind in CLASSES.values() if kind.__name__ not in ("IppsError", "TrustError")]
    cases += [example(kind, name, said, status=status) for kind in REFUSED for status in (*IPP, *HTTP)]
    cases += [example(errors.InstallationBroken, name, said, cure="Put them there")]
    cases += [example(errors.CertificateChanged, name, said, command=f"lpadmin -p q -v 'ipps443://{name}/?pin=x'")]
    cases += [example(errors.HttpRefused, name, said, status=status, path="/ipp/print") for status in HTTP]
    cases += [example(errors.AuthenticationRequired, name, said, tried=n, in_uri=n > 1) for n in (0, 1, 2)]
    cases += [example(errors.ClientCertificateWanted, name, said, shown=shown) for shown in (False, True)]
    cases += [example(errors.DocumentRefused, name, f"{word} {said}") for word in errors.NOT_READ + errors.NOT_OPENED]
    return cases


REFUSED = (errors.IppRefused, errors.JobRefused, errors.AccountRefused, errors.UserRefused)


@pytest.mark.parametrize("said", ["", "No", LONG, "x" * 5000], ids=["nothing", "a word", "a sentence", "a book"])
@pytest.mark.parametrize("name", NAMES, ids=["short", "long", "zone"])
def test_a_message_is_short_and_says_what_to_do(name: str, said: str) -> None:
    """At most 160 characters on one line; the words of others are cut before the advice is, a name in the middle."""
    sent_before = [error for error in all_cases(name, said) if isinstance(error, errors.TrustError)]
    for trust in sent_before:
        trust.may_be_on_paper = True
        assert not any(nothing in f"{trust} {trust.detail}" for nothing in errors.NOTHING)
    for error in [*all_cases(name, said), *sent_before]:
        message = str(error)
        assert len(message) <= 160 and "...." not in message and "\n" not in message, message
        cure = re.split(r"[.;:] ", error.text.replace("... ", ". "))[-1].removesuffix("[file ...]")
        assert error.code in WITHOUT_ADVICE or (len(cure) >= len("lp -o raw") and "..." not in cure), message
        if "{printer}" in error.wording:
            assert name[:20] in message and name[-8:] in message, message
        if any(f"{{{word}}}" in error.wording for word in errors.WORDS) and said not in ("", LONG):
            assert said[:8] in message, message


def test_a_message_has_one_code() -> None:
    """What ended the waiting, or the first part of a job, is told without its own code."""
    lost = errors.PrinterUnreachable("printer", "connection refused")
    assert str(errors.GaveUpWaiting(5, str(lost))) == f"Gave up after 5 seconds: {lost.text} [N03]"
    partly = str(errors.PartlyPrinted("printer", 1, str(lost)))
    assert re.findall(r"\[[A-Z]\d\d\]", partly) == ["[P14]"] and partly.count("[") == 1


@pytest.mark.parametrize("ending", ["[::1]", "x[N01]", "[N011]", "[NNN]", " [N0x]"])
def test_what_looks_like_a_code_is_kept(ending: str) -> None:
    """Only a code is taken off, no address in brackets and no word of a printer."""
    assert f"refused {ending}" in str(errors.GaveUpWaiting(5, f"refused {ending}"))


@pytest.mark.parametrize(
    "status, location, cure",
    [
        (301, "https://printer/ipp/print", "put that into the device URI"),
        (302, "", "Correct the path"),
        (403, "", "Allow this computer"),
        (404, "", "Correct the path"),
        (411, "", "transfer=chunked"),
        (421, "", "the printer's own name"),
        (501, "", "Turn on IPP"),
        (505, "", "firmware"),
        (500, "", "off and on"),
        (400, "", "ipps443ctl probe"),
    ],
)
def test_advice_fits_the_http_status(status: int, location: str, cure: str) -> None:
    """The path is blamed only where the path is wrong."""
    error = errors.HttpRefused("printer", "/ipp", status, "Reason", location)
    assert cure in error.text and ("path in the device URI" in error.text) == ("path" in cure)


@pytest.mark.parametrize("status, cure", [(0x0408, "fewer pages"), (0x0411, "save the document"), (0x040B, "options")])
def test_advice_fits_the_status_of_a_job(status: int, cure: str) -> None:
    """A document that could not be read gets no other options; what would be refused again is not to be released."""
    error = errors.JobRefused("printer", "Print-Job", status, "client-error-whatever")
    assert cure in error.text and error.text.count("Held") == 1 and error.text.endswith(errors.ANEW)


@pytest.mark.parametrize(
    "reason, words",
    [
        ("document-format-error", "save it anew"),
        ("client-error-document-password-error", "without protection"),
        ("client-error-document-format-not-supported", "a different description"),
    ],
)
def test_a_different_description_is_advised_where_it_helps(reason: str, words: str) -> None:
    """A document that the printer could not read would not be read with a different description."""
    text = errors.DocumentRefused("printer", "application/pdf", reason).text
    assert words in text and ("description" in text) == ("description" in words)


def test_a_refused_name_in_the_hello_is_no_matter_of_versions() -> None:
    """An alert about SNI (RFC 6066 section 3) is answered with the option for it, not with the tls option."""
    assert "sni=no" in errors.TlsRefused("printer", "tlsv1 unrecognized name", "TLSv1.2 or newer").text
    assert "To find options" in errors.TlsRefused("printer", "no shared cipher", "TLSv1.2 or newer").text


def test_why_tls_is_refused_is_whole() -> None:
    """What OpenSSL was set to leaves the printer's reason its room; who asks gets both."""
    offered = "TLSv1.2 to TLSv1.3, security level 1 of OpenSSL 3.0.19 27 Jan 2026"
    error = errors.TlsRefused("printer07.example.org:44861", "alert handshake failure", offered)
    assert "alert handshake failure. Nothing was sent" in error.text and "OpenSSL" not in error.text
    assert "alert handshake failure" in error.detail and offered in error.detail


def test_a_device_uri_is_not_in_the_way_of_what_is_wrong_with_it() -> None:
    """The message has the whole reason, and who asks the URI as well."""
    reason = "pin and trust=ca contradict each other: a CA would make the pin mean nothing"
    error = errors.BadDeviceURI(f"ipps443://printer/?pin=sha256:{'0' * 64}&trust=ca", reason)
    assert reason in error.text and "0" * 64 not in error.text
    assert reason in error.detail and "0" * 64 in error.detail


def test_where_a_pin_stands_is_said() -> None:
    """The pin file does not count where pins stand in the device URI."""
    for command, short, full in (
        ("ipps443ctl pin printer --replace", "a different certificate. ", "(the pin file)"),
        ("lpadmin -p q -v 'ipps443://printer/?pin=x'", "than pin= in the URI", "(pin= in the device URI)"),
    ):
        error = example(errors.CertificateChanged, "printer", "", command=command)
        assert short in error.text and full in error.detail


def test_a_printer_that_takes_no_jobs_is_not_busy() -> None:
    """Waiting alone does not help there."""
    closed = str(errors.PrinterBusy("p" * 200, errors.NOT_ACCEPTING))
    assert "takes no jobs" in closed and "panel" in closed and "busy" not in closed and len(closed) <= 160
    assert "is busy: HTTP 503" in errors.PrinterBusy("printer", "HTTP 503").text


def test_a_client_certificate_is_not_cured_by_installing_again() -> None:
    """The installer has no client certificates; all else that is damaged it brings back."""
    ours = errors.InstallationBroken("No module named 'h11'").text
    queue = errors.InstallationBroken("certificate a.pem or its key: KEY_VALUES_MISMATCH", "Replace it").text
    assert ours.endswith("Run install.sh again") and "install" not in queue and queue.endswith("Replace it")


@pytest.mark.parametrize("kind", [errors.PrinterUnknown, errors.CertificateChanged, errors.CertificateExpired])
def test_a_command_is_whole_or_replaced(kind: type[errors.TrustError]) -> None:
    """A command that does not fit into a message is never cut; and where one pins, it says to compare before."""
    short, long = (example(kind, "printer", "", command=f"ipps443ctl pin {name}") for name in ("printer", "p" * 200))
    assert "ipps443ctl pin printer" in short.text and "ompare" in short.text
    assert short.text.index("ompare") < short.text.index("ipps443ctl pin")
    assert long.text.endswith("sudo ipps443ctl doctor") and "p" * 200 in long.detail
    assert "0" * 64 in short.detail and "0" * 64 not in short.text


@pytest.mark.parametrize(
    "reason, advice",
    [
        ("its name has no address", "Correct the name, or DNS"),
        ("Temporary failure in name resolution", "Correct the name, or DNS"),
        ("127.0.0.1: Connection refused", "A device is on there: check port, IPPS and address"),
        ("the printer closed the connection during the TLS handshake", "Check the port, or restart the printer"),
        ("TLS handshake: Connection reset by peer", "Check the port, or restart the printer"),
        ("10.0.0.7: no answer in time", errors.IT_IS_OFF),
        ("10.0.0.7: No route to host", errors.IT_IS_OFF),
    ],
)
def test_where_to_look_for_a_printer_that_is_out_of_reach(reason: str, advice: str) -> None:
    """A name that DNS does not have is not looked for at the cable."""
    assert str(errors.PrinterUnreachable("hall", reason)) == f"Printer hall cannot be reached: {reason}. {advice} [N01]"
