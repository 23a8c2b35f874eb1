"""backend.cupsd.side_channel: each question of a filter is answered; a descriptor that is no socket is left alone."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator

import pytest

from backend.cupsd.side_channel import HEADER, Command, ScStatus, SideChannel, open_side_channel


class Filter:
    """A filter's end of the side channel, and what the backend behind it knows."""

    def __init__(self) -> None:
        self.end, self.backend_end = socket.socketpair()
        self.end.settimeout(5)
        self.drained = False
        found = open_side_channel(lambda: self.drained, self.backend_end.fileno())
        assert found is not None
        self.channel: SideChannel = found

    def ask(self, message: bytes) -> bool:
        """Send a message and let the backend serve it."""
        self.end.sendall(message)
        return self.channel.serve()

    def answer(self) -> tuple[int, int, bytes]:
        """Return command, status and data of the answer that has come."""
        message = self.end.recv(HEADER.size + 65535)
        command, status, length = HEADER.unpack_from(message)
        assert len(message) == HEADER.size + length
        return command, status, message[HEADER.size :]

    def has_answer(self) -> bool:
        """Tell whether something came, without waiting."""
        self.end.setblocking(False)
        try:
            return bool(self.end.recv(1, socket.MSG_PEEK))
        except BlockingIOError:
            return False
        finally:
            self.end.settimeout(5)


@pytest.fixture
def filter_() -> Iterator[Filter]:
    """A filter and a backend with a side channel between them."""
    found = Filter()
    yield found
    found.end.close()
    found.backend_end.close()


def question(command: int, data: bytes = b"") -> bytes:
    """Return a question, with the status that cupsSideChannelWrite gives it."""
    return HEADER.pack(command, 0, len(data)) + data


def test_header_is_that_of_cups() -> None:
    """Command, status, and the length with its high byte first."""
    assert HEADER.pack(4, 1, 0x0203) == b"\x04\x01\x02\x03"


@pytest.mark.parametrize(
    "command, status, data",
    [
        (Command.SOFT_RESET, ScStatus.NOT_IMPLEMENTED, b""),
        (Command.GET_BIDI, ScStatus.OK, b"\x00"),
        (Command.GET_DEVICE_ID, ScStatus.NOT_IMPLEMENTED, b""),
        (Command.GET_STATE, ScStatus.OK, b"\x00"),
        (Command.SNMP_GET, ScStatus.NOT_IMPLEMENTED, b""),
        (Command.SNMP_GET_NEXT, ScStatus.NOT_IMPLEMENTED, b""),
        (Command.GET_CONNECTED, ScStatus.OK, b"\x00"),
        *((number, ScStatus.BAD_MESSAGE, b"") for number in (0, 9, 77, 255)),
    ],
)
def test_every_question_is_answered(filter_: Filter, command: int, status: ScStatus, data: bytes) -> None:
    """Once, with its own command (B-21): not connected, offline, no device id; what is not supported by its status."""
    assert filter_.ask(question(command))
    assert filter_.answer() == (command, status, data)
    assert not filter_.has_answer()


def test_answers_once_the_printer_is_known(filter_: Filter) -> None:
    """Connected, online, and the device id as the printer gave it."""
    filter_.channel.connected = True
    filter_.channel.device_id = "MFG:Example;MDL:Mödell;"
    answers = {}
    for command in (Command.GET_CONNECTED, Command.GET_STATE, Command.GET_DEVICE_ID):
        filter_.ask(question(command))
        answers[command] = filter_.answer()[1:]
    assert answers[Command.GET_CONNECTED] == answers[Command.GET_STATE] == (ScStatus.OK, b"\x01")
    assert answers[Command.GET_DEVICE_ID] == (ScStatus.OK, "MFG:Example;MDL:Mödell;".encode())


def test_long_device_id_is_cut() -> None:
    """Data longer than the length field can say does not break the answer."""
    channel = SideChannel(-1, lambda: True)
    channel.device_id = "x" * 65536
    assert len(channel.answer(Command.GET_DEVICE_ID)[1]) == 65535


def test_drain_is_answered_when_all_has_gone_out(filter_: Filter) -> None:
    """The answer waits until the job's bytes are out, comes then, and comes once."""
    assert filter_.ask(question(Command.DRAIN_OUTPUT))
    assert not filter_.has_answer()
    filter_.channel.answer_drain()
    assert not filter_.has_answer()
    filter_.drained = True
    filter_.channel.answer_drain()
    assert filter_.answer() == (Command.DRAIN_OUTPUT, ScStatus.OK, b"")
    filter_.channel.answer_drain()
    assert not filter_.has_answer()


def test_drain_is_answered_at_once_when_nothing_waits(filter_: Filter) -> None:
    """A filter that drains an empty pipe does not wait."""
    filter_.drained = True
    assert filter_.ask(question(Command.DRAIN_OUTPUT))
    assert filter_.answer() == (Command.DRAIN_OUTPUT, ScStatus.OK, b"")


def test_other_questions_are_answered_while_draining(filter_: Filter) -> None:
    """A drain that has to wait does not hold up the next question."""
    filter_.ask(question(Command.DRAIN_OUTPUT))
    filter_.ask(question(Command.GET_CONNECTED))
    assert filter_.answer()[0] == Command.GET_CONNECTED


@pytest.mark.parametrize("message", [b"\x05", b"\x05\x00\x00"])
def test_short_message_is_a_bad_one(filter_: Filter, message: bytes) -> None:
    """Less than a header gets an answer too, because somebody may wait for one."""
    assert filter_.ask(message)
    assert filter_.answer() == (0, ScStatus.BAD_MESSAGE, b"")


def test_data_of_a_question_is_read_with_it(filter_: Filter) -> None:
    """The object identifier of an SNMP question is not taken for the next question."""
    assert filter_.ask(question(Command.SNMP_GET, b".1.3.6.1.2.1.43\x00"))
    assert filter_.answer()[0] == Command.SNMP_GET
    assert filter_.channel.serve()
    assert not filter_.has_answer()


def test_end_of_the_filters_ends_the_service(filter_: Filter) -> None:
    """When nobody holds the other end any more, the descriptor is not polled again."""
    filter_.end.close()
    assert filter_.channel.serve() is False


def test_filter_that_goes_before_its_answer(filter_: Filter) -> None:
    """A filter that asks and dies does no harm."""
    filter_.end.sendall(question(Command.GET_BIDI))
    filter_.end.close()
    assert filter_.channel.serve() is False


def test_filter_that_does_not_read_its_answers(filter_: Filter) -> None:
    """A full socket blocks nobody: the answer is dropped and the job goes on."""
    filter_.channel.device_id = "x" * 60000
    for _ in range(20):
        assert filter_.ask(question(Command.GET_DEVICE_ID))


def test_only_a_socket_is_a_side_channel() -> None:
    """Outside cupsd descriptor 4 may be a file, a pipe or closed; then there is no side channel."""
    readable, writable = os.pipe()
    assert open_side_channel(lambda: True, readable) is None
    os.close(readable)
    os.close(writable)
    assert open_side_channel(lambda: True, readable) is None
