"""The side channel, descriptor 4: questions of filters to the backend. cups/sidechannel.h and backend(7).

    offset  0        1        2 3              4 ...
            command  status   length (big endian) data

Every question is answered, also those that are not supported: a filter that gets no answer waits (B-21).
"""

from __future__ import annotations

import os
import select
import stat
import struct
from collections.abc import Callable
from enum import IntEnum

#: The descriptor that cupsd gives to backends; outside cupsd it may be anything.
SIDE_CHANNEL = 4
HEADER = struct.Struct(">BBH")
#: The longest data a message can carry (CUPS_SC_MAX_DATA).
LONGEST_DATA = 65535


class Command(IntEnum):
    """cups_sc_command_t."""

    SOFT_RESET = 1
    DRAIN_OUTPUT = 2
    GET_BIDI = 3
    GET_DEVICE_ID = 4
    GET_STATE = 5
    SNMP_GET = 6
    SNMP_GET_NEXT = 7
    GET_CONNECTED = 8


class ScStatus(IntEnum):
    """cups_sc_status_t."""

    OK = 1
    BAD_MESSAGE = 5
    NOT_IMPLEMENTED = 7


BIDI_NOT_SUPPORTED = b"\x00"
STATE_OFFLINE, STATE_ONLINE = 0, 1


class SideChannel:
    """Answers what filters ask. What it knows is told to it: whether we are connected, and how the printer is named."""

    def __init__(self, descriptor: int, drain: Callable[[], bool]) -> None:
        """
        Args:
            drain: sees to it that what was read of the job goes out, and tells whether all of it has.
        """
        self.descriptor = descriptor
        self._drain = drain
        self._draining = False
        self.connected = False
        self.device_id = ""

    def serve(self) -> bool:
        """Read one question and answer it; False when nobody will ask any more."""
        try:
            message = os.read(self.descriptor, HEADER.size + LONGEST_DATA)
        except BlockingIOError:
            return True
        except OSError:
            return False
        if not message:
            return False
        command = message[0] if len(message) >= HEADER.size else 0
        if command == Command.DRAIN_OUTPUT:
            self._draining = True
            self.answer_drain()
            return True
        return self._reply(command, *self.answer(command))

    def answer_drain(self) -> None:
        """Answer a filter that waits until all it wrote has gone out, as soon as that is so."""
        if self._draining and self._drain():
            self._draining = False
            self._reply(Command.DRAIN_OUTPUT, ScStatus.OK, b"")

    def answer(self, command: int) -> tuple[ScStatus, bytes]:
        """Return status and data of the answer to a command."""
        if command == Command.GET_BIDI:
            return ScStatus.OK, BIDI_NOT_SUPPORTED
        if command == Command.GET_STATE:
            return ScStatus.OK, bytes([STATE_ONLINE if self.connected else STATE_OFFLINE])
        if command == Command.GET_CONNECTED:
            return ScStatus.OK, bytes([self.connected])
        if command == Command.GET_DEVICE_ID and self.device_id:
            return ScStatus.OK, self.device_id.encode("utf-8")[:LONGEST_DATA]
        known = command in set(Command)
        return (ScStatus.NOT_IMPLEMENTED if known else ScStatus.BAD_MESSAGE), b""

    def _reply(self, command: int, status: ScStatus, data: bytes) -> bool:
        try:
            os.write(self.descriptor, HEADER.pack(command, status, len(data)) + data)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return True


def open_side_channel(drain: Callable[[], bool], descriptor: int = SIDE_CHANNEL) -> SideChannel | None:
    """Return the side channel if the descriptor is one: a socket. Outside cupsd the number may belong to a file."""
    if not has_side_channel(descriptor):
        return None
    os.set_blocking(descriptor, False)
    return SideChannel(descriptor, drain)


def has_side_channel(descriptor: int = SIDE_CHANNEL) -> bool:
    """Tell whether the descriptor is a side channel. Only before any connection is opened, which may get its number."""
    try:
        return stat.S_ISSOCK(os.fstat(descriptor).st_mode)
    except OSError:
        return False


def is_hung_up(descriptor: int = SIDE_CHANNEL) -> bool:
    """Tell whether nobody has the other end any more: no filter, and not cupsd, which keeps it for later documents."""
    poll = select.poll()
    poll.register(descriptor, 0)
    return any(mask & select.POLLHUP for _, mask in poll.poll(0))
