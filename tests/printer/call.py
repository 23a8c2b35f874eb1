"""What one IPP operation of the scripted printer works on: the request as it came, its document, and the faults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterator

from backend.ipp.codes import Status, keyword
from backend.ipp.message import Group, Message

from tests.printer.body import Body
from tests.printer.faults import Faults
from tests.printer.http_messages import Request
from tests.printer.ipp_messages import text_of


@dataclass(eq=False)
class ReceivedOperation:
    """One IPP request as it came, and how it was answered."""

    name: str
    message: Message
    notes: tuple[str, ...]
    request: Request
    status: str = ""
    document_bytes: int = 0

    @property
    def framing(self) -> str:
        return self.request.framing.kind

    @property
    def chunk_sizes(self) -> list[int]:
        return self.request.framing.chunk_sizes

    @property
    def connection(self) -> int:
        return self.request.connection

    @property
    def user(self) -> str | None:
        return text_of(self.message, "requesting-user-name")

    def __str__(self) -> str:
        return f"{self.name} {self.framing}"


@dataclass(eq=False)
class Call:
    """What one operation works on."""

    operation: ReceivedOperation
    body: Body
    first: bytes  # document bytes that came with the attributes
    faults: Faults

    @property
    def message(self) -> Message:
        return self.operation.message

    def blocks(self) -> Iterator[bytes]:
        self.body.in_document = True
        if self.first:
            yield self.first
        for block in self.body:  # not "yield from": that would end the body with the loop that leaves off
            yield block


class Refuse(Exception):
    """The operation ends with this status."""

    def __init__(self, status: Status | int, *groups: Group, unread: bool = False) -> None:
        super().__init__(keyword(int(status)))
        self.status = int(status)
        self.groups = groups
        self.unread = unread  # answer before the document has been read
