"""backend.http.exchange: responses fed whole, byte by byte and with bytes left over; requests as they go out."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.errors import ConnectionLost, MalformedResponse
from backend.http import exchange as exchange_module
from backend.http.exchange import LONGEST_HEADER, LONGEST_RESPONSE, Exchange, Response

OK = b"HTTP/1.1 200 OK\r\n"
SIZED = OK + b"Content-Type: application/ipp\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nTrailer: x\r\n\r\n"
CLOSED = b"HTTP/1.0 200 OK\r\n\r\nhello"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


def begun(whole: bool = True) -> Exchange:
    """Return an exchange whose request has been sent, to its end or not."""
    exchange = Exchange("printer")
    exchange.begin("POST", "/ipp/print", [("Host", "printer"), ("Content-Length", "4")])
    if whole:
        exchange.body(b"body")
        exchange.end()
    return exchange


def feed(exchange: Exchange, wire: bytes, step: int, eof: bool = False) -> Response | None:
    """Feed in pieces of ``step`` bytes, then the end of the stream if there is one; return the response."""
    for at in range(0, len(wire), step):
        exchange.feed(wire[at : at + step])
    if eof:
        exchange.feed(b"")
    return exchange.response


def complete(exchange: Exchange, wire: bytes, step: int, eof: bool = False) -> Response:
    """Feed, and return the response, which must be complete."""
    response = feed(exchange, wire, step, eof)
    assert response is not None and response.complete
    return response


STEPS = pytest.mark.parametrize("step", [1, 7, 100000])

# --- requests ---------------------------------------------------------------------------------------------


def test_sends_a_sized_request_as_it_stands() -> None:
    """Head, body and nothing else; the body's bytes are not changed."""
    exchange = Exchange("printer")
    head = exchange.begin("POST", "/ipp/print", [("Host", "printer"), ("Content-Length", "4")])
    assert head == b"POST /ipp/print HTTP/1.1\r\nHost: printer\r\nContent-Length: 4\r\n\r\n"
    assert not exchange.sent
    assert b"".join([*exchange.body(b"bo"), *exchange.body(b"dy"), exchange.end()]) == b"body"
    assert exchange.sent


def test_frames_chunks() -> None:
    """Each piece of the body is one chunk, and only the end is the zero chunk."""
    exchange = Exchange("printer")
    exchange.begin("POST", "/", [("Host", "printer"), ("Transfer-Encoding", "chunked")])
    assert b"".join(exchange.body(b"x" * 26)) == b"1a\r\n" + b"x" * 26 + b"\r\n"
    assert b"".join(exchange.body(b"")) == b"", "an empty piece is not the zero chunk"
    assert exchange.end() == b"0\r\n\r\n"


def test_sends_header_fields_with_any_latin_character() -> None:
    """What a printer sent in a challenge may go back to it as the same bytes."""
    head = Exchange("printer").begin("POST", "/", [("Host", "printer"), ("Authorization", "B\u00e4")])
    assert b"Authorization: B\xe4\r\n" in head


# --- responses --------------------------------------------------------------------------------------------


@STEPS
@pytest.mark.parametrize("wire, eof", [(SIZED, False), (CHUNKED, False), (CLOSED, True), (SIZED, True)])
def test_reads_a_response_in_any_framing(wire: bytes, eof: bool, step: int) -> None:
    """Content-Length, chunks and the end of the stream frame the same body, however it arrives."""
    response = complete(begun(), wire, step, eof)
    assert (response.status, response.reason, response.body, response.early) == (200, "OK", b"hello", False)


@STEPS
def test_a_body_that_ends_with_the_stream_is_not_complete_before(step: int) -> None:
    """Without a length nothing but the end of the stream completes it."""
    exchange = begun()
    response = feed(exchange, CLOSED, step)
    assert response and not response.complete and response.body == b"" and response.http_version == "1.0"
    exchange.feed(b"")
    assert exchange.response and exchange.response.complete and not exchange.reusable
    assert exchange.response.body == b"hello"


@STEPS
def test_a_late_zero_chunk_is_part_of_the_response(step: int) -> None:
    """The response is complete with its last chunk, not with the bytes of the message inside (Q-25)."""
    exchange = begun()
    response = feed(exchange, CHUNKED[:-16], step)
    assert response and response.body == b"" and not response.complete and not exchange.reusable
    assert complete(exchange, CHUNKED[-16:], step).body == b"hello"
    assert exchange.reusable


@STEPS
@pytest.mark.parametrize(
    "interim",
    [
        CONTINUE,
        CONTINUE * 5,
        b"HTTP/1.1 102 Processing\r\n\r\n" + CONTINUE,
        b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\nContent-Type: application/ipp\r\nConnection: close\r\n\r\n",
    ],
)
def test_skips_any_number_of_interim_responses(interim: bytes, step: int) -> None:
    """They are no response, and their fields, such as Connection: close, mean nothing (Q-21, Q-23)."""
    exchange = begun()
    assert feed(exchange, interim, step) is None
    assert exchange.interim == interim.count(b"HTTP/1.1 1")
    assert complete(exchange, SIZED, step).body == b"hello"
    assert exchange.reusable


def test_interim_responses_may_come_while_the_body_goes_out() -> None:
    """A 100 in the middle of the body does not make the answer an early one."""
    exchange = begun(whole=False)
    exchange.feed(CONTINUE)
    exchange.body(b"bo")
    exchange.feed(CONTINUE)
    exchange.body(b"dy")
    exchange.end()
    exchange.feed(CONTINUE + SIZED)
    response = exchange.response
    assert response and response.complete and not response.early and exchange.reusable


@STEPS
def test_an_early_response_ends_the_connection(step: int) -> None:
    """A response that begins before the request's end is told as early, and the connection is not used again (Q-18)."""
    exchange = begun(whole=False)
    exchange.body(b"bo")
    response = complete(exchange, SIZED.replace(b"200 OK", b"411 Length Required"), step)
    assert (response.status, response.early, exchange.reusable) == (411, True, False)


@STEPS
def test_a_response_stays_early_although_the_request_ends_meanwhile(step: int) -> None:
    """What counts is when the response began."""
    exchange = begun(whole=False)
    feed(exchange, SIZED[:-2], step)
    exchange.body(b"body")
    exchange.end()
    assert complete(exchange, SIZED[-2:], step).early


@pytest.mark.parametrize(
    "wire, reusable",
    [
        (SIZED, True),
        (CHUNKED, True),
        (SIZED.replace(b"Content-Type", b"Connection: close\r\nContent-Type"), False),
        (SIZED.replace(b"HTTP/1.1", b"HTTP/1.0"), False),
        (OK + b"Content-Length: 0\r\n\r\n", True),
        (b"HTTP/1.1 204 No Content\r\n\r\n", True),
    ],
)
def test_knows_whether_another_request_may_follow(wire: bytes, reusable: bool) -> None:
    """HTTP/1.0 and Connection: close end the connection."""
    exchange = begun()
    complete(exchange, wire, 100000)
    assert exchange.reusable is reusable


@STEPS
def test_exchanges_follow_each_other(step: int) -> None:
    """The second exchange knows nothing of the first."""
    exchange = begun()
    complete(exchange, CONTINUE + SIZED, step)
    exchange.begin("POST", "/", [("Host", "printer"), ("Content-Length", "0")])
    exchange.end()
    assert exchange.response is None and exchange.interim == 0 and not exchange.reusable
    assert complete(exchange, CHUNKED.replace(b"200", b"503"), step).status == 503


@STEPS
@pytest.mark.parametrize("wire", [SIZED, CHUNKED])
@pytest.mark.parametrize("rest", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\0" * 100, SIZED])
def test_bytes_left_over_change_nothing(wire: bytes, rest: bytes, step: int) -> None:
    """What comes behind a complete response is no part of it."""
    exchange = begun()
    response = complete(exchange, wire + rest, step)
    assert (response.status, response.body) == (200, b"hello")


@STEPS
@pytest.mark.parametrize("rest", [SIZED, b"\r\n", b"\0"])
def test_a_connection_with_bytes_left_over_is_not_used_again(rest: bytes, step: int) -> None:
    """They would be taken for the answer to the next request; nor is one that the printer has closed meanwhile."""
    exchange, closed = begun(), begun()
    complete(exchange, SIZED, step)
    assert exchange.reusable
    exchange.feed(rest)
    assert not exchange.reusable
    complete(closed, SIZED, step, eof=True)
    assert not closed.reusable


def test_header_fields_are_found_by_name() -> None:
    """Names in lower case, all lines of one name in their order (Q-34)."""
    wire = OK + b"WWW-Authenticate: a\r\nContent-LENGTH: 0\r\nwww-authenticate: b\r\nX-B: \xe4\r\n\r\n"
    response = complete(begun(), wire, 1)
    assert response.all("www-authenticate") == ["a", "b"]
    assert response.header("www-authenticate") == "a"
    assert response.header("x-b") == "ä"
    assert response.header("missing") is None and response.all("missing") == []


# --- what is no response ----------------------------------------------------------------------------------

MALFORMED = [
    (b"\x16\x03\x01\x02\0", False),
    (b"hello\r\n\r\n", False),
    (b"HTTP/1.1 2000 OK\r\n\r\n", False),
    (b"HTTP/2 200\r\n\r\n", False),
    (b"ICY 200 OK\r\n\r\n", False),
    (OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n", False),
    (OK + b"Content-Length: -1\r\n\r\n", False),
    (OK + b"Transfer-Encoding: gzip\r\n\r\n", False),
    (OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", False),
    (OK + b"Bad Header\r\n\r\n", False),
    (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", False),
    (b"", True),
    (b"HTTP/1.1 200", True),
    (OK, True),
    (SIZED[:-1], True),
    (CHUNKED[:-2], True),
    (CONTINUE, True),
]


@STEPS
@pytest.mark.parametrize("wire, eof", MALFORMED)
def test_refuses_what_is_no_response(wire: bytes, eof: bool, step: int) -> None:
    """Rubbish, contradictions and an end that comes too early are the printer's fault, by name."""
    exchange = begun()
    with pytest.raises(MalformedResponse) as caught:
        feed(exchange, wire, step, eof)
    assert caught.value.printer == "printer"
    assert exchange.response is None or not exchange.response.complete


def test_keeps_the_beginning_of_what_is_no_response() -> None:
    """So that a trace can show what spoke there."""
    with pytest.raises(MalformedResponse) as caught:
        begun().feed(b"SSH-2.0-printer\r\n" + b"x" * 100 + b"\r\n\r\n")
    assert caught.value.beginning.startswith(b"SSH-2.0-printer") and len(caught.value.beginning) == 64


def test_bounds_the_head() -> None:
    """A head without an end is not read for ever; one that is merely long is."""
    line = b"X: " + b"y" * 1000 + b"\r\n"
    assert complete(begun(), OK + line * 50 + b"Content-Length: 0\r\n\r\n", 4096).status == 200
    with pytest.raises(MalformedResponse):
        feed(begun(), OK + line * (LONGEST_HEADER // 1000 + 20), 4096)


@pytest.mark.parametrize("framing", [b"Content-Length: 99999999", b"Transfer-Encoding: chunked", b"X: y"])
def test_bounds_the_body(framing: bytes) -> None:
    """An answer of more than LONGEST_RESPONSE bytes is none, however it is framed."""
    exchange = begun()
    exchange.feed(OK + framing + b"\r\n\r\n")
    block = b"x" * 65536
    piece = b"10000\r\n" + block + b"\r\n" if b"chunked" in framing else block
    for _ in range(LONGEST_RESPONSE // len(block)):
        exchange.feed(piece)
    with pytest.raises(ConnectionLost):
        exchange.feed(piece)


#: Bytes of an answer in this test; what is allowed otherwise takes seconds.
MOST = 200_000
CHUNKED_HEAD = OK + b"Transfer-Encoding: chunked\r\n\r\n"
#: Answers whose bytes are hardly ever those of a body: how they begin, what is repeated.
OVERHEAD = {
    "extensions": (CHUNKED_HEAD, b"1;" + b"x" * 1000 + b"\r\ny\r\n"),
    "single bytes": (CHUNKED_HEAD, b"1\r\ny\r\n" * 200),
    "zeros": (CHUNKED_HEAD, b"0" * 15 + b"1\r\ny\r\n"),
    "interim": (b"", b"HTTP/1.1 103 x\r\nX: " + b"y" * 60000 + b"\r\n\r\n"),
    "left over": (OK + b"Content-Length: 0\r\n\r\n", b"x" * 10000),
}


@pytest.mark.parametrize("kind", OVERHEAD)
def test_bounds_all_that_comes(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is no body counts as well: framing, fields, interim responses, whatever follows a whole answer."""
    monkeypatch.setattr(exchange_module, "MOST_RECEIVED", MOST)
    beginning, piece = OVERHEAD[kind]
    exchange = begun()
    if beginning:
        exchange.feed(beginning)
    with pytest.raises(ConnectionLost) as caught:
        for _ in range(MOST // len(piece) + 1):
            exchange.feed(piece)
    assert "does not end" in caught.value.reason
    assert exchange.received <= MOST + len(piece)


def test_counts_each_answer_anew() -> None:
    """Many answers on one connection may be longer together than one may be."""
    exchange = begun()
    body = b"x" * (LONGEST_RESPONSE - 10)
    for _ in range(4):
        answer = complete(exchange, OK + b"Content-Length: %d\r\n\r\n" % len(body) + body, 65536)
        assert answer.body == body
        exchange.begin("POST", "/", [("Host", "x"), ("Content-Length", "0")])
        exchange.end()


@pytest.mark.parametrize(
    "wire, is_open",
    [
        (b"", False),
        (b"H", True),
        (OK, True),
        (SIZED[:-1], True),
        (SIZED, False),
        (CHUNKED[:-1], True),
        (CHUNKED, False),
        (CONTINUE, False),
        (CONTINUE[:-1], True),
    ],
)
def test_knows_whether_an_answer_has_begun_and_not_ended(wire: bytes, is_open: bool) -> None:
    """So that the time for the whole of it can be counted from its first byte."""
    exchange = begun()
    if wire:
        exchange.feed(wire)
    assert exchange.open is is_open


PIECES = st.sampled_from(
    [
        *(OK, SIZED, CHUNKED, CLOSED, CONTINUE, b"\r\n", b"\r\n\r\n", b"\n", b":", b" ", b"0\r\n", b"\0", b"\xff"),
        *(b"Transfer-Encoding: chunked\r\n", b"Content-Length: 3\r\n", b"Connection: close\r\n", b"HTTP/1.1 101 x\r\n"),
        *(b"HTTP/1.1 ", b"HTTP/0.9 200\r\n", b"5\r\nhello\r\n", b"Upgrade: TLS/1.2\r\n"),
    ]
)
WIRES = st.one_of(st.binary(max_size=80), st.lists(st.one_of(PIECES, st.binary(max_size=4)), max_size=8).map(b"".join))


@given(WIRES, st.integers(1, 50), st.booleans(), st.booleans())
@settings(deadline=None, max_examples=200)
def test_any_bytes_are_a_response_or_refused(wire: bytes, step: int, whole: bool, eof: bool) -> None:
    """Arbitrary bytes lead to a response, to nothing yet, or to MalformedResponse, and never to anything else."""
    exchange = begun(whole)
    try:
        response = feed(exchange, wire, step, eof)
    except MalformedResponse as error:
        assert error.reason
    else:
        assert response is None or 200 <= response.status <= 999
    last = exchange.response
    assert not exchange.reusable or (last is not None and last.complete and not eof)


@given(WIRES, st.data())
@settings(deadline=None, max_examples=80)
def test_how_the_bytes_arrive_changes_nothing(wire: bytes, data: st.DataObject) -> None:
    """The same bytes in pieces of any size give the same response, or the same refusal."""

    def outcome(step: int) -> object:
        try:
            return feed(begun(), wire, step, eof=True)
        except MalformedResponse:
            return MalformedResponse

    assert outcome(data.draw(st.integers(1, 20))) == outcome(max(1, len(wire)))
