"""backend.http.auth: the examples of RFC 7616 and RFC 7617, and challenges of every kind."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from backend.http import auth
from backend.http.auth import Challenge, authorization, choose_challenge, is_stale, parse_challenges

#: RFC 7616 section 3.9.1, without the line breaks.
NONCE = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
OPAQUE = "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"
CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
EXAMPLE = 'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={}, nonce="{}", opaque="{}"'


def parts(field: str) -> dict[str, str]:
    """Return the parameters of an Authorization field, their quotes taken off."""
    scheme, _, rest = field.partition(" ")
    assert scheme == "Digest"
    found = re.findall(r'([a-z*]+)=("(?:[^"\\]|\\.)*"|[^",\s]+)(?:, |$)', rest)
    assert ", ".join(f"{name}={value}" for name, value in found) == rest, rest
    assert len({name for name, _ in found}) == len(found)
    return {name: re.sub(r"\\(.)", r"\1", value[1:-1]) if value[0] == '"' else value for name, value in found}


def quoted(field: str) -> set[str]:
    """Return the names of the parameters that are quoted strings."""
    return set(re.findall(r'([a-z*]+)="', field))


@pytest.mark.parametrize(
    "algorithm, response",
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_answers_the_example_of_rfc_7616(algorithm: str, response: str) -> None:
    """RFC 7616 section 3.9.1, each parameter, and which of them are quoted (section 3.4)."""
    (challenge,) = parse_challenges([EXAMPLE.format(algorithm, NONCE, OPAQUE)])
    field = auth._digest(challenge, "Mufasa", "Circle of Life", "GET", "/dir/index.html", 1, CNONCE)
    assert parts(field) == {
        "username": "Mufasa",
        "realm": "http-auth@example.org",
        "uri": "/dir/index.html",
        "algorithm": algorithm,
        "nonce": NONCE,
        "nc": "00000001",
        "cnonce": CNONCE,
        "qop": "auth",
        "response": response,
        "opaque": OPAQUE,
    }
    assert quoted(field) == {"username", "realm", "nonce", "uri", "response", "cnonce", "opaque"}


def test_answers_the_example_of_rfc_2617() -> None:
    """Section 3.5 there: no algorithm means MD5, and none is named in the answer."""
    (challenge,) = parse_challenges(
        [
            'Digest realm="testrealm@host.com", qop="auth,auth-int",'
            ' nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"'
        ]
    )
    field = auth._digest(challenge, "Mufasa", "Circle Of Life", "GET", "/dir/index.html", 1, "0a4f113b")
    assert parts(field)["response"] == "6629fae49393a05397450978507c4ef1"
    assert "algorithm" not in parts(field)


def test_answers_a_challenge_without_qop() -> None:
    """RFC 2069 servers, which RFC 7616 still allows: no qop, no count, no client nonce."""
    field = auth._digest(Challenge("digest", {"realm": "r", "nonce": "n"}), "u", "p", "POST", "/x", 3, "c")
    first, second = md5("u:r:p"), md5("POST:/x")
    assert parts(field) == {
        "username": "u",
        "realm": "r",
        "nonce": "n",
        "uri": "/x",
        "response": md5(f"{first}:n:{second}"),
    }


def md5(text: str) -> str:
    """Return the hash of a text."""
    return hashlib.md5(text.encode()).hexdigest()


def sha256(text: str) -> str:
    """Return the hash of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("algorithm, digest", [("MD5-sess", md5), ("SHA-256-sess", sha256)])
def test_hashes_the_session_in(algorithm: str, digest) -> None:  # type: ignore[no-untyped-def]
    """The -sess algorithms hash nonce and client nonce into the secret (RFC 7616 section 3.4.2)."""
    challenge = Challenge("digest", {"realm": "r", "nonce": "n", "qop": "auth", "algorithm": algorithm})
    field = auth._digest(challenge, "u", "p", "POST", "/x", 2, "c")
    secret = digest(f"{digest('u:r:p')}:n:c")
    request = digest("POST:/x")
    assert parts(field)["response"] == digest(f"{secret}:n:00000002:c:auth:{request}")
    assert parts(field)["algorithm"] == algorithm


def test_client_nonces_are_never_the_same() -> None:
    """Two answers to one challenge differ in their client nonce."""
    challenge = Challenge("digest", {"realm": "r", "nonce": "n", "qop": "auth"})
    seen = {parts(authorization(challenge, "u", "p", "POST", "/x"))["cnonce"] for _ in range(20)}
    assert len(seen) == 20


@pytest.mark.parametrize(
    "user, password, expected",
    [
        ("Aladdin", "open sesame", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
        ("test", "123\u00a3", "Basic dGVzdDoxMjPCow=="),
        ("", "", "Basic Og=="),
        ("u", "a:b", "Basic dTphOmI="),
    ],
)
def test_answers_the_examples_of_rfc_7617(user: str, password: str, expected: str) -> None:
    """RFC 7617 sections 2 and 2.1."""
    assert authorization(Challenge("basic", {"realm": "foo"}), user, password, "POST", "/") == expected


def test_basic_refuses_a_user_name_with_a_colon() -> None:
    """It would be read as a part of the password (RFC 7617 section 2)."""
    with pytest.raises(ValueError):
        authorization(Challenge("basic", {}), "a:b", "p", "POST", "/")


def test_quotes_what_the_printer_and_the_user_chose() -> None:
    """Quotes and backslashes in names and realms are escaped, and hashed as they are."""
    challenge = Challenge("digest", {"realm": 'a "b" \\c', "nonce": 'n"', "opaque": "o\\"})
    found = parts(authorization(challenge, 'us"er\\', "p", "POST", "/"))
    assert (found["username"], found["realm"], found["nonce"], found["opaque"]) == ('us"er\\', 'a "b" \\c', 'n"', "o\\")
    secret, request = md5('us"er\\:a "b" \\c:p'), md5("POST:/")
    assert found["response"] == md5(f'{secret}:n":{request}')


def test_a_user_name_beyond_ascii_is_sent_as_rfc_7616_says() -> None:
    """Section 3.4: username* in the notation of RFC 5987, never raw bytes in the field; the example of 3.9.2's name."""
    challenge = Challenge("digest", {"realm": "r", "nonce": "n"})
    found = parts(authorization(challenge, "Jäsøn Doe", "p", "POST", "/"))
    assert found["username*"] == "UTF-8''J%C3%A4s%C3%B8n%20Doe"
    assert "username" not in found
    assert found["response"] == md5(f"{md5('Jäsøn Doe:r:p')}:n:{md5('POST:/')}")


def test_a_realm_beyond_ascii_is_hashed_as_its_bytes() -> None:
    """What stood on the wire as UTF-8, and was read byte by byte, is hashed and sent back as the same bytes."""
    realm = "Büro".encode().decode("latin-1")
    field = authorization(Challenge("digest", {"realm": realm, "nonce": "n"}), "u", "p", "POST", "/")
    secret = hashlib.md5("u:Büro:p".encode()).hexdigest()
    assert parts(field)["response"] == md5(f"{secret}:n:{md5('POST:/')}")
    assert "Büro".encode() in field.encode("latin-1")


# --- reading challenges -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields, challenges",
    [
        ([], []),
        ([""], []),
        (["Basic"], [("basic", {})]),
        (['Basic realm="x"'], [("basic", {"realm": "x"})]),
        (["BASIC REALM=x"], [("basic", {"realm": "x"})]),
        (['Basic realm="a, b=c"'], [("basic", {"realm": "a, b=c"})]),
        (['Basic realm="a\\"b\\\\"'], [("basic", {"realm": 'a"b\\'})]),
        (
            ['Basic realm="x", Digest nonce="n", qop="auth,auth-int"'],
            [("basic", {"realm": "x"}), ("digest", {"nonce": "n", "qop": "auth,auth-int"})],
        ),
        (["Negotiate, NTLM", 'Basic realm="x"'], [("negotiate", {}), ("ntlm", {}), ("basic", {"realm": "x"})]),
        (['Digest realm = "x" , nonce = "n"'], [("digest", {"realm": "x", "nonce": "n"})]),
        (['Digest realm="x",nonce="n",stale=TRUE'], [("digest", {"realm": "x", "nonce": "n", "stale": "TRUE"})]),
        (["Digest ,, nonce=a, , qop=auth"], [("digest", {"nonce": "a", "qop": "auth"})]),
        (
            ['Newauth realm="apps", type=1, title="Login to \\"apps\\"", Basic realm="simple"'],
            [("newauth", {"realm": "apps", "type": "1", "title": 'Login to "apps"'}), ("basic", {"realm": "simple"})],
        ),
        (["Digest nonce=a, nonce=b"], [("digest", {"nonce": "a"})]),
        (["realm=x"], []),
    ],
)
def test_reads_challenges(fields: list[str], challenges: list[tuple[str, dict[str, str]]]) -> None:
    """Several challenges in one field, or in several, with quoted commas, blanks and empty elements (RFC 9110)."""
    assert [(c.scheme, c.parameters) for c in parse_challenges(fields)] == challenges


@pytest.mark.parametrize(
    "field, chosen",
    [
        ('Basic realm="x"', "basic"),
        ('Basic realm="x", Digest nonce="n"', "MD5"),
        ('Digest nonce="n", algorithm=MD5, Digest nonce="m", algorithm=SHA-256', "SHA-256"),
        ('Digest nonce="n", algorithm=sha-256, Digest nonce="m"', "sha-256"),
        ('Digest nonce="n", algorithm=SHA-512-256, Digest nonce="m", algorithm=MD5-sess', "MD5-sess"),
        ('Digest nonce="n", algorithm=SHA-512-256', None),
        ('Digest nonce="n", qop="auth-int", Basic realm="x"', "basic"),
        ('Digest nonce="n", qop="auth-int"', None),
        ('Digest nonce="n", qop="Auth-Int,AUTH"', "MD5"),
        ('Digest realm="x"', None),
        ("Negotiate, NTLM", None),
        ("", None),
    ],
)
def test_chooses_the_strongest_it_can_answer(field: str, chosen: str | None) -> None:
    """SHA-256 before MD5, Digest before Basic; what cannot be answered is not chosen (Q-34)."""
    challenge = choose_challenge(parse_challenges([field]))
    name = challenge and (challenge.parameters.get("algorithm", "MD5") if challenge.scheme == "digest" else "basic")
    assert name == chosen


@pytest.mark.parametrize(
    "word, stale", [("true", True), ("TRUE", True), ('"true"', True), ("false", False), ("1", False)]
)
def test_knows_a_stale_nonce(word: str, stale: bool) -> None:
    """Only the word true, in any case, says that the password was right."""
    (challenge,) = parse_challenges([f"Digest nonce=n, stale={word}"])
    assert is_stale(challenge) is stale
    assert not is_stale(Challenge("digest", {}))


@given(st.lists(st.text(st.characters(max_codepoint=255), max_size=60), max_size=3))
@settings(deadline=None, max_examples=100)
def test_any_field_is_read_without_trouble(fields: list[str]) -> None:
    """Whatever stands in WWW-Authenticate, a list of challenges comes out, and what is chosen can be answered."""
    challenges = parse_challenges(fields)
    assert all(c.scheme == c.scheme.lower() and " " not in c.scheme for c in challenges)
    chosen = choose_challenge(challenges)
    if chosen is not None:
        authorization(chosen, "u", "p", "POST", "/").encode("latin-1")


VALUES = st.text(st.characters(max_codepoint=255, blacklist_categories=["Cc"]), max_size=12)


@given(
    st.dictionaries(st.sampled_from(["realm", "nonce", "opaque", "domain"]), VALUES),
    st.sampled_from([",", " , ", ", "]),
)
@settings(deadline=None, max_examples=60)
def test_quoted_values_come_back(values: dict[str, str], comma: str) -> None:
    """Any quoted value is read as it was meant, whatever commas, quotes and equals signs are in it."""
    field = "Digest " + comma.join(f"{name}={auth._quote(value)}" for name, value in values.items())
    (challenge,) = parse_challenges([field])
    assert challenge.parameters == values


@given(st.text(), st.text())
@example(user="~", password="\x7f")
@example(user="~", password="~")
@settings(deadline=None, max_examples=50)
def test_basic_carries_any_name_and_password(user: str, password: str) -> None:
    """User and password come back from the field; a control character would begin another field, and is refused."""
    if any(c < " " or c == "\x7f" for c in user + password):
        with pytest.raises(ValueError):
            authorization(Challenge("basic", {}), user, password, "POST", "/")
    elif ":" not in user:
        field = authorization(Challenge("basic", {}), user, password, "POST", "/")
        assert base64.b64decode(field.split()[1]).decode() == f"{user}:{password}"
