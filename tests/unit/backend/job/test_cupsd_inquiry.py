"""backend.job.cupsd_inquiry: a question to a cupsd on a socket of its own, and what of its answers counts."""

from __future__ import annotations

import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from backend.ipp.codes import Operation, Status
from backend.ipp.decoder import decode_message
from backend.ipp.encoder import encode_message
from backend.ipp.message import Attribute, Group, Message, attribute
from backend.ipp.tags import Tag
from backend.job.cupsd_inquiry import ATTRIBUTES, ask_cupsd
from backend.job.documents import JobAtCupsd

OK = b"HTTP/1.0 200 OK\r\nContent-Type: application/ipp\r\n\r\n"
DOCUMENTS = attribute("number-of-documents", Tag.INTEGER, 3)


def message(*attributes: Attribute, status: int = 0) -> bytes:
    """Return the octets of an answer about a job."""
    begin = (
        attribute("attributes-charset", Tag.CHARSET, "utf-8"),
        attribute("attributes-natural-language", Tag.NATURAL_LANGUAGE, "en"),
    )
    groups = [Group(Tag.OPERATION_ATTRIBUTES, begin), Group(Tag.JOB_ATTRIBUTES, attributes)]
    return encode_message(Message((2, 0), status, 1, tuple(groups)))


@contextmanager
def cupsd(answer: bytes, family: int = socket.AF_UNIX) -> Iterator[tuple[dict[str, str], list[bytes]]]:
    """Answer one question in pieces; give the environment to ask in, and what was asked."""
    asked: list[bytes] = []
    with tempfile.TemporaryDirectory() as folder, socket.socket(family) as server:
        if family == socket.AF_UNIX:
            server.bind(f"{folder}/cups.sock")
            environ = {"CUPS_SERVER": f"{folder}/cups.sock", "PRINTER": "office"}
        else:
            server.bind(("localhost", 0))
            environ = {"CUPS_SERVER": "localhost", "IPP_PORT": str(server.getsockname()[1])}
        server.listen()

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                question = b""
                while b"\r\n\r\n" not in question or len(question.partition(b"\r\n\r\n")[2]) < length(question):
                    question += connection.recv(65536)
                asked.append(question)
                for begin in range(0, len(answer), 50_000):
                    try:
                        connection.sendall(answer[begin : begin + 50_000])
                    except OSError:
                        return

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield environ, asked
        finally:
            thread.join(10)


def length(question: bytes) -> int:
    """Return the length that a request announces."""
    head = question.partition(b"\r\n\r\n")[0].lower()
    return int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])


@pytest.mark.parametrize("family", [socket.AF_UNIX, socket.AF_INET], ids=["socket", "port"])
def test_asks_about_the_job(family: int) -> None:
    """Over its own socket, or its port; for as much as is used, in the user's name."""
    said = (
        DOCUMENTS,
        attribute("copies", Tag.INTEGER, 2),
        attribute("job-state", Tag.ENUM, 5),
        attribute("time-at-creation", Tag.INTEGER, 1000),
        attribute("time-at-completed", Tag.INTEGER, 2000),
    )
    with cupsd(OK + message(*said), family) as (environ, asked):
        assert ask_cupsd(environ, 7, "anna") == JobAtCupsd(3, 1000, 2000, 2, 5)
    (question,) = asked
    sent = decode_message(question.partition(b"\r\n\r\n")[2]).message
    assert sent.code == Operation.GET_JOB_ATTRIBUTES and question.startswith(b"POST /jobs/ HTTP/1.0\r\n")
    values = {each.name: each.all for each in sent.groups[0].attributes}
    assert values["job-id"] == (7,) and values["requesting-user-name"] == ("anna",)
    assert values["requested-attributes"] == ATTRIBUTES


def test_what_cupsd_leaves_out_is_none() -> None:
    """A job that is not over has no time of its end."""
    with cupsd(OK + message(DOCUMENTS, attribute("time-at-completed", Tag.NO_VALUE))) as (environ, _):
        assert ask_cupsd(environ, 7, "anna") == JobAtCupsd(3, 0, 0, 1, 0)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.0 401 Unauthorized\r\n\r\n" + message(DOCUMENTS),
        b"HTTP/1.0 500 200\r\n\r\n" + message(DOCUMENTS),
        b"rubbish\r\n\r\n" + message(DOCUMENTS),
        OK,
        OK + message(DOCUMENTS)[:-3],
        OK + message(),
        OK + message(DOCUMENTS, status=Status.CLIENT_ERROR_NOT_FOUND),
        b"HTTP/1.0 200 OK\r\n" + b"x" * 4 * 65536,
    ],
    ids=["nothing", "401", "500", "rubbish", "no-ipp", "cut", "no-count", "not-found", "endless"],
)
def test_an_answer_that_is_none(answer: bytes) -> None:
    """Whoever asks does without."""
    with cupsd(answer) as (environ, _):
        assert ask_cupsd(environ, 7, "anna") is None


@pytest.mark.parametrize("drips", [False, True])
def test_an_answer_that_does_not_come_is_not_waited_for(drips: bool) -> None:
    """A cupsd that is ending itself takes the question and answers nothing, or never comes to an end."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as server:
        server.bind(f"{folder}/cups.sock")
        server.listen()

        def drip() -> None:
            connection, _ = server.accept()
            with connection:
                try:
                    while True:
                        connection.sendall(b"H")
                        time.sleep(0.05)
                except OSError:
                    pass

        thread = threading.Thread(target=drip)
        if drips:
            thread.start()
        began = time.monotonic()
        assert ask_cupsd({"CUPS_SERVER": f"{folder}/cups.sock"}, 7, "anna", seconds=0.3) is None
        assert 0.25 < time.monotonic() - began < 1.5
        if drips:
            thread.join(10)


def test_nobody_is_asked_where_nobody_is(tmp_path: Path) -> None:
    """It was not cupsd who called us, or it is gone."""
    assert ask_cupsd({}, 7, "anna") is None
    assert ask_cupsd({"CUPS_SERVER": str(tmp_path / "gone.sock")}, 7, "anna") is None


@pytest.mark.parametrize("port, asked", [("", 631), ("8631", 8631), ("ipp", 631)])
def test_the_port_of_cupsd(monkeypatch: pytest.MonkeyPatch, port: str, asked: int) -> None:
    """The one that cupsd names, else the usual one; on this machine, and not for long."""
    places: list[object] = []

    def refuse(*place: object) -> None:
        places.append(place)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", refuse)
    assert ask_cupsd({"CUPS_SERVER": "localhost", "IPP_PORT": port}, 7, "anna") is None
    assert places == [(("localhost", asked), 2.0)]
