"""The body of one request, with the faults that strike while it comes in.

`Body` is an iterator of blocks. A block is handed over before the faults of its last byte strike, so that a job has
received what the printer had received.
"""

from __future__ import annotations

from typing import Callable, Iterator

from tests.printer.faults import Faults
from tests.printer.http_messages import BodyFraming, Reply, chunked_body, sized_body
from tests.printer.wire import Break, Stream

MIDDLE = 65536  # where the middle of a chunked body is, if its second chunk does not come earlier


class Refused(Exception):
    """The request is answered with this reply, though its body has not been read to the end."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(f"HTTP {reply.status}")
        self.reply = reply


class Body:
    """Blocks of a body, counted, with the moments at which faults strike.

    ``faults`` may be replaced before the first block.
    """

    def __init__(self, stream: Stream, framing: BodyFraming, faults: Faults, reach: Callable[[str], None]) -> None:
        self.framing = framing
        self.faults = faults
        self.in_document = False
        self.quiet = False  # nothing is planned for this body beyond its first block
        self.taken = 0
        self.finished = framing.kind == "none"
        self.after_first_block: Callable[[], None] = lambda: None
        self.refusals: list[tuple[str, Reply]] = []
        self._stream = stream
        self._reach = reach
        self._peeked: list[bytes] = []
        self._passed: set[str] = set()
        self._source = self._decoded()
        self._blocks = self._watched()

    def __iter__(self) -> Iterator[bytes]:
        return self._blocks

    def refuse(self, when: str, reply: Reply) -> None:
        """Plan a refusal: "headers", "chunk1", "end", N bytes into the body, or "N only" if there are so many."""
        self.refusals.append((when, reply))
        self._refuse_if_due("headers")

    def peek_operation(self) -> int | None:
        """The operation-id, read before its time: version 2, operation-id 2 (RFC 8010 section 3.1.1)."""
        while sum(map(len, self._peeked)) < 4:
            block = next(self._source, b"")
            if not block:
                return None
            self._peeked.append(block)
        return int.from_bytes(b"".join(self._peeked)[2:4], "big")

    def drain(self) -> None:
        """Read what is left of the body, for its framing only."""
        self._peeked.clear()
        for _ in self._source:
            pass
        self.finished = True

    def skip(self) -> None:
        """Take the body for finished, though nothing of it has been read."""
        self.finished = True

    def _decoded(self) -> Iterator[bytes]:
        if self.framing.kind == "sized":
            return sized_body(self._stream, self.framing)
        if self.framing.kind == "none":
            return iter(())
        blocks = chunked_body(self._stream, self.framing, self._largest_gap, self._is_raw)
        return self._byte_lost(blocks)

    def _largest_gap(self) -> float:
        setting = self.faults.setting("gap")
        return setting.seconds if setting.form == "S" else float("inf")

    def _is_raw(self) -> bool:
        return self.in_document and self.faults.chunk == "raw"

    def _byte_lost(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """Chunks of the document without their last byte, if that is the fault (Q-09)."""
        done = 0
        for block in blocks:
            ended = len(self.framing.chunk_sizes) > done
            done = len(self.framing.chunk_sizes)
            lost = ended and self.in_document and self.faults.chunk == "drop-byte"
            if len(block) > lost:
                yield block[:-1] if lost else block

    def _watched(self) -> Iterator[bytes]:
        """The blocks, and after each the faults that are due."""
        limit = self.faults.setting("idle_limit")
        self._stream.timeout(limit.seconds if limit.form == "S" else None)
        try:
            while True:
                block = self._peeked.pop(0) if self._peeked else next(self._source, b"")
                if not block:
                    break
                self.taken += len(block)
                yield block
                if not self.quiet or self.taken == len(block):
                    self._strike()
        except TimeoutError as error:
            raise Break("rst") from error
        finally:
            self._stream.timeout(None)
        self._reach("body-end")
        self.finished = True
        self._refuse_if_due("end")

    def _strike(self) -> None:
        """Faults after a block: phases by name, by bytes and by chunks; refusals; chunks of a wrong size."""
        if self._pass("body-first"):
            self.after_first_block()
        self._reach(f"body:{self.taken}")
        chunks = len(self.framing.chunk_sizes)
        if chunks:
            self._pass("chunk1")
            self._reach(f"chunk:{chunks}")
        if self._in_the_middle(chunks):
            self._pass("body-middle")
        self._refuse_if_due(str(self.taken))
        if chunks:
            self._refuse_if_due("chunk1")
            self._check_sizes()

    def _in_the_middle(self, chunks: int) -> bool:
        if self.framing.length is not None:
            return self.taken * 2 >= self.framing.length
        return chunks >= 2 or self.taken >= MIDDLE

    def _pass(self, phase: str) -> bool:
        """Reach a phase that comes once; whether it is the first time."""
        if phase in self._passed:
            return False
        self._passed.add(phase)
        self._reach(phase)
        return True

    def _refuse_if_due(self, phase: str) -> None:
        for when, reply in self.refusals:
            if self._is_due(when, phase):
                raise Refused(reply)

    def _is_due(self, when: str, phase: str) -> bool:
        """Whether a refusal planned for some moment is due at this one; ``phase`` may be a number of bytes."""
        number, _, only = when.partition(" ")
        if number.isdigit():
            reached = phase.isdigit() and int(phase) >= int(number)
            return reached or (phase == "headers" and number == "0") or (phase == "end" and not only)
        # A sized body has no chunks; its first block counts as one.
        first_block = when == "chunk1" and self.framing.kind == "sized" and phase.isdigit()
        return when == phase or first_block or phase == "end"

    def _check_sizes(self) -> None:
        setting = self.faults.setting("chunk")
        sizes = self.framing.chunk_sizes
        if setting.form == "max-N" and sizes[-1] > setting.number:
            raise Refused(Reply(400, b"", "text/html"))
        # Only a chunk that is not the last may not be small.
        if setting.form == "min-N" and len(sizes) > 1 and sizes[-2] < setting.number:
            raise Refused(Reply(400, b"", "text/html"))
