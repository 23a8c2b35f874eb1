"""backend.printer.credentials: who is sent to whom, and how often."""

from __future__ import annotations

import pytest

from backend.errors import AuthenticationRequired
from backend.http.exchange import Response
from backend.printer.credentials import MOST_TRIES, Credentials

BASIC = 'Basic realm="x"'
DIGEST = 'Digest realm="x", nonce="{}", qop="auth"'
STALE = DIGEST + ", stale=true"


def challenge(*fields: str) -> Response:
    """Return a 401 response."""
    headers = tuple(("www-authenticate", field) for field in fields)
    return Response(401, "Unauthorized", "1.1", headers, b"", complete=True, early=False)


def refused(credentials: Credentials, *fields: str) -> AuthenticationRequired:
    """Return the error that a challenge leads to."""
    with pytest.raises(AuthenticationRequired) as caught:
        credentials.take_challenge(challenge(*fields))
    return caught.value


def test_says_nothing_before_it_is_asked() -> None:
    """No field exists before the printer's challenge."""
    assert Credentials("u", "p", "printer").field("POST", "/") is None


def test_answers_a_challenge() -> None:
    """After a challenge each request carries the answer."""
    credentials = Credentials("u", "p", "printer")
    credentials.take_challenge(challenge(BASIC))
    assert credentials.field("POST", "/") == credentials.field("POST", "/x") == "Basic dTpw"


def test_counts_the_uses_of_a_nonce() -> None:
    """nc rises with each request, and begins again with a new nonce."""
    credentials = Credentials("u", "p", "printer")
    credentials.take_challenge(challenge(DIGEST.format("one")))
    first, second = credentials.field("POST", "/"), credentials.field("POST", "/")
    assert first and second and "nc=00000001," in first and "nc=00000002," in second
    credentials.take_challenge(challenge(STALE.format("two")))
    third = credentials.field("POST", "/")
    assert third and "nc=00000001," in third and 'nonce="two"' in third


@pytest.mark.parametrize("user, password", [(None, None), ("u", None)])
def test_without_a_password_the_job_is_held(user: str | None, password: str | None) -> None:
    """Nothing is tried without a password; the methods that the printer takes are named."""
    error = refused(Credentials(user, password, "printer"), BASIC, "Negotiate", DIGEST.format("n"))
    assert (error.printer, error.tried, error.methods) == ("printer", 0, "basic, negotiate, digest")


@pytest.mark.parametrize("fields", [(), ("Negotiate", "NTLM"), ('Digest nonce="n", algorithm=SHA-512-256',)])
def test_without_a_method_in_common_the_job_is_held(fields: tuple[str, ...]) -> None:
    """A challenge that cannot be answered is not answered."""
    assert refused(Credentials("u", "p", "printer"), *fields).tried == 0


def test_a_second_challenge_is_a_refusal() -> None:
    """The same password is not sent twice to a printer that refused it."""
    credentials = Credentials("u", "p", "printer")
    credentials.take_challenge(challenge(DIGEST.format("one")))
    assert refused(credentials, DIGEST.format("two")).tried == 1


def test_a_stale_nonce_is_no_refusal_but_three_tries_are_the_end() -> None:
    """Stale nonces are answered again, three tries in all (Q-35, Q-37)."""
    credentials = Credentials("u", "p", "printer")
    for count in range(MOST_TRIES):
        credentials.take_challenge(challenge(STALE.format(count)))
    assert refused(credentials, STALE.format("more")).tried == MOST_TRIES == 3


def test_after_a_request_was_taken_the_count_begins_again() -> None:
    """A challenge long after a success is a new one."""
    credentials = Credentials("u", "p", "printer")
    for nonce in "abcdef":
        credentials.take_challenge(challenge(DIGEST.format(nonce)))
        credentials.accepted()
    assert 'nonce="f"' in (credentials.field("POST", "/") or "")


def test_a_name_that_cannot_be_sent_holds_the_job() -> None:
    """A colon in the user name and a printer that knows only Basic."""
    credentials = Credentials("a:b", "p", "printer")
    credentials.take_challenge(challenge(BASIC))
    with pytest.raises(AuthenticationRequired):
        credentials.field("POST", "/")


def test_the_password_is_in_no_message() -> None:
    """Neither the error nor the object show it."""
    credentials = Credentials("anna", "s3cr3t", "printer")
    credentials.take_challenge(challenge(BASIC))
    error = refused(credentials, BASIC)
    assert "s3cr3t" not in str(error) + repr(error) + repr(credentials)


@pytest.mark.parametrize("asked", [False, True])
@pytest.mark.parametrize("in_uri", [False, True])
def test_a_refusal_in_ipp_is_about_what_was_sent(asked: bool, in_uri: bool) -> None:
    """Nothing was sent to a printer that has not asked; else it is corrected where it comes from."""
    credentials = Credentials("anna", "secret", "printer", in_uri=in_uri)
    if asked:
        credentials.take_challenge(challenge(BASIC))
    error = credentials.refused()
    assert (error.printer, error.tried, error.in_uri) == ("printer", int(asked), in_uri and asked)
