"""Authentication at the scripted printer: Q-33 to Q-37. The client's side is computed here as RFC 7616 says."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest

from backend.ipp.encoder import encode_message

from tests.printer import Printer
from tests.unit.printer_tests.client import Client, HTTPReply, attributes_request, print_request

KEEP = "refuse_close=keep"


def challenges(reply: HTTPReply) -> list[str]:
    return [value for name, value in reply.all_headers if name == "www-authenticate"]


def parameters(challenge: str) -> dict[str, str]:
    return {name: quoted or plain for name, quoted, plain in re.findall(r'(\w+)=(?:"([^"]*)"|([^\s,]+))', challenge)}


def basic(user: str, password: str) -> str:
    return "Authorization: Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def digest(
    challenge: str, password: str = "secret", count: int = 1, user: str = "someone", uri: str = "/ipp/print"
) -> str:
    """An Authorization header for a Digest challenge: RFC 7616 section 3.4."""
    given = parameters(challenge)
    algorithm = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}[given.get("algorithm", "MD5")]

    def h(text: str) -> str:
        return algorithm(text.encode()).hexdigest()

    a1, a2 = h(f"{user}:{given['realm']}:{password}"), h(f"POST:{uri}")
    parts = [f'username="{user}"', f'realm="{given["realm"]}"', f'nonce="{given["nonce"]}"', f'uri="{uri}"']
    if "qop" in given:
        response = h(f"{a1}:{given['nonce']}:{count:08x}:abc:auth:{a2}")
        parts += [f"algorithm={given['algorithm']}", f"nc={count:08x}", 'cnonce="abc"', "qop=auth", 'opaque="5ca1ab1e"']
    else:
        response = h(f"{a1}:{given['nonce']}:{a2}")
    return "Authorization: Digest " + ", ".join([*parts, f'response="{response}"'])


def ask_with(client: Client, *headers: str) -> HTTPReply:
    client.post(print_request(client.printer), b"text", False, *headers)
    return client.reply()


def test_basic_opens_with_the_right_password_only():
    """auth=basic: 401 without, with another name or password; 200 with those of the switches, all on record."""
    with Printer(faults=f"auth=basic,user=Jürgen,password=a:b€,{KEEP}") as printer, Client(printer) as client:
        reply = ask_with(client)
        assert (reply.status, challenges(reply)) == (401, ['Basic realm="scripted printer", charset="UTF-8"'])
        assert ask_with(client, basic("someone", "secret")).status == 401
        assert printer.jobs == []
        assert ask_with(client, basic("Jürgen", "a:b€")).status == 200
        seen = [(each.user, each.password, each.accepted) for each in printer.credentials_seen]
        assert seen == [("someone", "secret", False), ("Jürgen", "a:b€", True)]


@pytest.mark.parametrize(
    "fault, algorithm", [("auth=digest-md5", "MD5"), ("auth=digest-sha256", "SHA-256"), ("auth=digest-old", None)]
)
def test_digest_opens_with_the_right_response_only(fault, algorithm):
    """Digest of RFC 7616, and of RFC 2069 without qop (Q-35)."""
    with Printer(faults=f"{fault},{KEEP}") as printer, Client(printer) as client:
        (challenge,) = challenges(ask_with(client))
        assert parameters(challenge).get("algorithm") == algorithm
        assert ask_with(client, digest(challenge, "wrong")).status == 401
        assert ask_with(client, digest(challenge, uri="/other")).status == 401
        assert ask_with(client, basic("someone", "secret")).status == 401
        assert ask_with(client, digest(challenge)).status == 200
        if algorithm:
            assert ask_with(client, digest(challenge, count=1)).status == 401  # the same nc again
            assert ask_with(client, digest(challenge, count=2)).status == 200


def test_a_nonce_may_become_stale():
    """auth=digest-stale: each nonce is good once; then 401 with stale=true and a new one (Q-35)."""
    with Printer(faults="auth=digest-stale,refuse_close=keep") as printer, Client(printer) as client:
        (challenge,) = challenges(ask_with(client))
        assert ask_with(client, digest(challenge)).status == 200
        (again,) = challenges(ask_with(client, digest(challenge, count=2)))
        assert parameters(again)["stale"] == "true" and parameters(again)["nonce"] != parameters(challenge)["nonce"]
        assert ask_with(client, digest(again)).status == 200
        (wrong,) = challenges(ask_with(client, digest(again, "wrong", count=2)))
        assert "stale" not in parameters(wrong)


@pytest.mark.parametrize(
    "fault, schemes",
    [("auth=digest-both", ["Digest", "Digest"]), ("auth=multi", ["Negotiate", "NTLM", "Digest", "Basic"])],
)
def test_several_schemes_may_be_offered(fault, schemes):
    """A header for each; each Digest, the stronger first, and Basic open (Q-34)."""
    with Printer(faults=f"{fault},{KEEP}") as printer, Client(printer) as client:
        offered = challenges(ask_with(client))
        assert [each.split()[0] for each in offered] == schemes
        digests = [each for each in offered if each.startswith("Digest")]
        assert [parameters(each)["algorithm"] for each in digests] == ["SHA-256", "MD5"][-len(digests) :]
        assert all(ask_with(client, digest(each)).status == 200 for each in digests)
        assert ask_with(client, basic("someone", "secret")).status == (200 if "Basic" in schemes else 401)


@pytest.mark.parametrize("fault", ["auth=negotiate", "auth=never"])
def test_a_challenge_may_be_one_that_nobody_meets(fault):
    """Negotiate alone, or Basic that is never satisfied (Q-37)."""
    with Printer(faults=f"{fault},{KEEP}") as printer, Client(printer) as client:
        assert ask_with(client).status == 401
        assert ask_with(client, basic("someone", "secret")).status == 401
        assert [request.http_status for request in printer.requests] == [401, 401]


def test_a_401_may_come_in_mid_body():
    """auth_at=N with refuse_close=rst: 401 after N bytes, then RST; no job is left (Q-33)."""
    with Printer(faults="auth=basic,auth_at=20000,refuse_close=rst") as printer, Client(printer) as client:
        client.head("Transfer-Encoding: chunked")
        client.chunk(encode_message(print_request(printer)))
        client.chunk(bytes(10_000))
        assert client.is_silent()
        client.chunk(bytes(10_000))
        assert client.reply().status == 401
        assert client.ending() == "rst"
        assert printer.jobs == []


@pytest.mark.parametrize("fault, asked, printed", [("auth_at=20000", 401, 401), ("auth_ops=Print-Job", 200, 401)])
def test_what_needs_a_password(fault, asked, printed):
    """No body is short enough to get in without one; of some operations only those named need it (Q-36)."""
    with Printer(faults=f"auth=basic,{fault},{KEEP}") as printer, Client(printer) as client:
        assert (client.ask(attributes_request(printer)).status, ask_with(client).status) == (asked, printed)
        assert printer.jobs == []
