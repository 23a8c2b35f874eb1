"""The far end of a connection as data: what it takes, what it says and when. Time passes only while somebody waits."""

from __future__ import annotations

import functools
import itertools
import select
from collections.abc import Callable, Iterable, Iterator

from backend.cupsd.stop_signal import StopSignal
from backend.device_uri import Timeouts
from backend.errors import ConnectionLost
from backend.transport.connection import Ready
from backend.transport.session import Session

#: What a peer says: bytes; b"" closes; None is what TLS says on its own; an error breaks the connection.
Saying = bytes | None | ConnectionLost

#: Waits in a row at the same moment: a session that never lets time pass would hang for real.
MOST_WAITS = 50_000


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._timers: list[tuple[float, int, Callable[[], object]]] = []
        self._numbers = itertools.count()

    def __call__(self) -> float:
        return self.now

    def at(self, seconds: float, act: Callable[[], object]) -> None:
        """Do something so many seconds from now."""
        self._timers.append((self.now + seconds, next(self._numbers), act))
        self._timers.sort()

    @property
    def next(self) -> float | None:
        """When the next thing happens by itself."""
        return self._timers[0][0] if self._timers else None

    def move(self, to: float) -> None:
        """Let time pass, and do what falls into it."""
        while self._timers and self._timers[0][0] <= to:
            self.now, _, act = self._timers.pop(0)
            act()
        self.now = max(self.now, to)


class ScriptedNetwork:
    """A connection without a network; whatever the session does is in ``written`` and ``ended``."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.written = bytearray()
        #: How a session ended it: "close", "drop", "" if it has not.
        self.ended = ""
        #: Sizes of the next writes, an error for one that fails; beyond them each write is taken whole.
        self.takes: Iterable[int | ConnectionLost] = ()
        #: The connection is full after so many bytes; None: never.
        self.room: int | None = None
        #: The peer's machine confirms so many bytes at most; None: all.
        self.confirms: int | None = None
        #: What a write asked for: whether a single record, and what was offered.
        self.writes: list[tuple[bool, int]] = []
        self._sizes: Iterator[int | ConnectionLost] | None = None
        self._arrived: list[Saying] = []
        self._waiting: list[tuple[int, list[Saying], float]] = []
        self._body: int | None = None
        self._waits, self._waited_at = 0, 0.0

    # --- the script

    def says(self, *what: Saying, at: float = 0, after: int | None = None, every: float = 0) -> None:
        """Let the peer say something ``at`` seconds from now, or when it has got ``after`` bytes; pieces at a pace."""
        if after is not None:
            self._waiting.append((after, list(what), every))
        else:
            for number, piece in enumerate(what):
                self.clock.at(at + number * every, functools.partial(self._arrived.append, piece))

    # --- what a session needs

    def wait(self, stop: StopSignal, seconds: float | None, *, writing: bool, also: int | None = None) -> Ready | None:
        """Let time pass up to the next thing that happens."""
        self._waits = self._waits + 1 if self.clock.now == self._waited_at else 0
        self._waited_at = self.clock.now
        assert self._waits < MOST_WAITS, "the session goes round in circles"
        until = None if seconds is None else self.clock.now + seconds
        while True:
            stop.check()
            self._answer()
            self.clock.move(self.clock.now)
            ready = Ready(writing and self._has_room, also is not None and is_readable(also))
            if self._arrived or ready != Ready():
                return ready
            following = self.clock.next
            if until is not None and (following is None or following > until):
                self.clock.move(until)
                return None
            assert following is not None, "the session waits for something that never comes"
            self.clock.move(following)

    def _answer(self) -> None:
        for entry in [entry for entry in self._waiting if entry[0] <= len(self.written)]:
            self._waiting.remove(entry)
            self.says(*entry[1], every=entry[2])

    @property
    def _has_room(self) -> bool:
        return self.room is None or len(self.written) < self.room

    def send_some(self, data: memoryview, *, one_record: bool = False) -> int:
        """Take what the script says."""
        self.writes.append((one_record, len(data)))
        if self._sizes is None:
            self._sizes = iter(self.takes)
        size = next(self._sizes, len(data))
        if isinstance(size, ConnectionLost):
            raise size
        size = min(size, len(data), len(data) if self.room is None else max(0, self.room - len(self.written)))
        self.written += data[:size]
        return size

    def receive_some(self) -> bytes | None:
        """Return what has arrived."""
        if not self._arrived:
            return None
        said = self._arrived.pop(0)
        if isinstance(said, ConnectionLost):
            raise said
        if said == b"":
            self._arrived.insert(0, said)  # an end stays one
        return said

    def note_sent(self) -> None:
        """Remember where the body ends."""
        self._body = len(self.written)

    def unsent(self) -> int:
        """Return what was not confirmed of the body."""
        body = len(self.written) if self._body is None else self._body
        return max(0, body - (body if self.confirms is None else self.confirms))

    def close(self) -> None:
        """Note it."""
        self.ended = "close"

    def drop(self) -> None:
        """Note it."""
        self.ended = "drop"


def is_readable(descriptor: int) -> bool:
    """Whether something can be read, or the end has come."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))


class Talk:
    """A session over a scripted network, and the clock of both."""

    def __init__(self, timeouts: Timeouts = Timeouts()) -> None:
        self.clock = Clock()
        self.network = ScriptedNetwork(self.clock)
        self.stop = StopSignal()
        self.session = Session(self.network, "printer", self.stop, timeouts, self.clock)
        self._began = self.clock.now

    @property
    def seconds(self) -> float:
        """How much time has passed."""
        return self.clock.now - self._began
