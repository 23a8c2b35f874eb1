"""IPP and authentication of the scripted printer: what no test of the backend would miss if a switch did nothing."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest

from backend.ipp.decoder import decode_message
from backend.ipp.encoder import encode_message
from backend.ipp.operations import create_job, print_job, send_document
from backend.ipp.tags import Tag

from tests.printer import Printer
from tests.unit.printer_tests.client import (
    Client,
    HTTPReply,
    attributes_request,
    outcome,
    print_request,
    target,
    value,
    values,
)

OK = "successful-ok"
NO_VERSION = "server-error-version-not-supported"


def test_replies_of_a_fair_printer_are_strictly_right():
    """Every reply passes the strict decoder and echoes version and request-id; what came is on record."""
    with Printer() as printer, Client(printer) as client:
        requests = [
            attributes_request(printer, user="first"),
            print_request(printer, user="second"),
            create_job(target(printer), 13, "report"),
            send_document(target(printer), 14, 2, "application/octet-stream", last_document=True),
            send_document(target(printer), 14, 99, "application/octet-stream", last_document=True),
        ]
        for request in requests:
            reply = client.ask(request)
            decoded = decode_message(reply.body, strict=True)
            assert decoded.length == len(reply.body)
            assert (decoded.message.version, decoded.message.request_id) == (request.version, request.request_id)
        assert all(operation.notes == () for operation in printer.operations)
        assert printer.operation_names[:3] == ["Get-Printer-Attributes", "Print-Job", "Create-Job"]
        assert [each.user for each in printer.operations[:2]] == ["first", "second"]


@pytest.mark.parametrize(
    "fault, status, version, state",
    [
        ("ipp2=empty", OK, (2, 0), None),
        ("ipp=1.0-only", NO_VERSION, (1, 0), None),
        ("ipp=1.1-only", NO_VERSION, (1, 1), None),
        ("reply_version=1.0", OK, (1, 0), 3),
        ("gpa=internal-error", "server-error-internal-error", (2, 0), 3),
        ("encoding=latin1", OK, (2, 0), 3),
    ],
)
def test_what_a_question_of_ipp_2_0_comes_to(fault, status, version, state):
    """Status, version and what is said (Q-80 to Q-82, Q-84, Q-109)."""
    with Printer(faults=fault) as printer, Client(printer) as client:
        reply = client.ask(attributes_request(printer))
        message = reply.message
        assert (reply.ipp_status, message.version, value(message, "printer-state")) == (status, version, state)
        assert bool(reply.notes) == (fault == "encoding=latin1")


def test_an_attribute_given_twice_may_be_refused():
    """strict=duplicate-attribute: no encoder of ours would write that (Q-94)."""
    twice = b"\x49\x00\x0fdocument-format\x00\x0atext/plain\x03"
    with Printer(faults="strict=duplicate-attribute") as printer:
        octets = encode_message(print_request(printer))
        assert outcome(printer, octets[:-1] + twice, b"") == "client-error-bad-request"
        assert outcome(printer, octets, b"") == OK


OCTETS, PCL, TEXT = "application/octet-stream", "application/vnd.hp-PCL", "text/plain"


@pytest.mark.parametrize(
    "fault, listed, taken, refused",
    [
        ("format=octet-only", [OCTETS], [OCTETS, ""], [PCL]),
        ("format=refuse-octet", [PCL, OCTETS, TEXT], [PCL, TEXT, ""], [OCTETS]),
        ("format=unlisted-ok", [TEXT], [PCL, OCTETS, TEXT, "x/y"], []),
        ("format=pcl-only", [PCL], [PCL, ""], [OCTETS]),
        ("format=none-listed", [], [PCL, OCTETS, ""], []),
    ],
)
def test_formats_listed_and_formats_taken_are_two_things(fault, listed, taken, refused):
    """Q-97, with the refused format in the unsupported group."""
    with Printer(faults=fault) as printer, Client(printer) as client:
        assert values(client.ask(attributes_request(printer)).message, "document-format-supported") == listed
        for format_ in taken:
            assert client.ask(print_job(target(printer), 1, "x", format_), b"t").ipp_status == OK
        for format_ in refused:
            reply = client.ask(print_job(target(printer), 1, "x", format_), b"t")
            assert reply.ipp_status == "client-error-document-format-not-supported"
            assert value(reply.message, "document-format", Tag.UNSUPPORTED_ATTRIBUTES) == format_
        assert len(printer.jobs) == len(taken)


@pytest.mark.parametrize(
    "fault, has_id, tag", [("job_id=wrong-group", True, Tag.PRINTER_ATTRIBUTES), ("job_id=uri-only", False, None)]
)
def test_the_job_id_may_be_missing_or_misplaced(fault, has_id, tag):
    """In the reply to Print-Job and Create-Job (Q-99)."""
    with Printer(faults=fault) as printer, Client(printer) as client:
        for request in (print_request(printer), create_job(target(printer), 13, "report")):
            message = client.ask(request).message
            assert (message.get("job-id", tag) is not None) == has_id and message.get("job-uri") is not None


@pytest.mark.parametrize("fault, hashed", [("store=hash", True), ("store=count", False)])
def test_documents_may_only_be_measured(fault, hashed):
    """store: nothing is kept but the hash, or the size."""
    with Printer(faults=fault) as printer:
        outcome(printer)
        (job,) = printer.printed
        assert (job.size, job.document) == (4, b"")
        assert (job.sha256 == hashlib.sha256(b"text").hexdigest()) == hashed


# --- authentication: the client's side is computed here as RFC 7616 says ---


def challenges(reply: HTTPReply) -> list[str]:
    return [value for name, value in reply.all_headers if name == "www-authenticate"]


def parameters(challenge: str) -> dict[str, str]:
    return {name: quoted or plain for name, quoted, plain in re.findall(r'(\w+)=(?:"([^"]*)"|([^\s,]+))', challenge)}


def digest(challenge: str, password: str = "secret", count: int = 1) -> str:
    """An Authorization header for a Digest challenge: RFC 7616 section 3.4, without qop RFC 2069."""
    given = parameters(challenge)
    algorithm = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}[given.get("algorithm", "MD5")]

    def h(text: str) -> str:
        return algorithm(text.encode()).hexdigest()

    a1, a2, nonce = h(f"someone:{given['realm']}:{password}"), h("POST:/ipp/print"), given["nonce"]
    parts = [f'username="someone", realm="{given["realm"]}", nonce="{nonce}", uri="/ipp/print"']
    if "qop" in given:
        response = h(f"{a1}:{nonce}:{count:08x}:abc:auth:{a2}")
        parts.append(f'algorithm={given["algorithm"]}, nc={count:08x}, cnonce="abc", qop=auth, opaque="5ca1ab1e"')
    else:
        response = h(f"{a1}:{nonce}:{a2}")
    return "Authorization: Digest " + ", ".join([*parts, f'response="{response}"'])


def ask_with(client: Client, *headers: str) -> HTTPReply:
    client.post(print_request(client.printer), b"text", False, *headers)
    return client.reply()


BASIC = "Authorization: Basic " + base64.b64encode(b"someone:secret").decode()


@pytest.mark.parametrize(
    "scheme, offered",
    [
        ("digest-md5", ["Digest MD5"]),
        ("digest-sha256", ["Digest SHA-256"]),
        ("digest-old", ["Digest None"]),
        ("digest-both", ["Digest SHA-256", "Digest MD5"]),
        ("multi", ["Negotiate None", "NTLM None", "Digest MD5", "Basic None"]),
    ],
)
def test_what_is_offered_opens_with_the_right_password_only(scheme, offered):
    """Digest of RFC 7616, and of RFC 2069 without qop (Q-35); a header for each of several, and Basic (Q-34)."""
    with Printer(faults=f"auth={scheme},refuse_close=keep") as printer, Client(printer) as client:
        found = challenges(ask_with(client))
        assert [f"{each.split()[0]} {parameters(each).get('algorithm')}" for each in found] == offered
        for challenge in (each for each in found if each.startswith("Digest")):
            assert ask_with(client, digest(challenge, "wrong")).status == 401
            assert ask_with(client, digest(challenge)).status == 200
            again = 200 if scheme == "digest-old" else 401  # the same nc
            assert ask_with(client, digest(challenge)).status == again
        assert ask_with(client, BASIC).status == (200 if scheme == "multi" else 401)


def test_a_nonce_may_become_stale():
    """auth=digest-stale: each nonce is good once; then 401 with stale=true and a new one (Q-35)."""
    with Printer(faults="auth=digest-stale,refuse_close=keep") as printer, Client(printer) as client:
        (challenge,) = challenges(ask_with(client))
        assert ask_with(client, digest(challenge)).status == 200
        (again,) = challenges(ask_with(client, digest(challenge, count=2)))
        assert parameters(again)["stale"] == "true" and parameters(again)["nonce"] != parameters(challenge)["nonce"]
        assert ask_with(client, digest(again)).status == 200
