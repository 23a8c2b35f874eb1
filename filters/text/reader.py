"""Documents to whole lines of UTF-8: read, decode, cut into records, turn carriage control into line and form feeds.

    descriptor -> blocks -> UTF-8 -> whole records -> text -> whole lines

Each step gives what it can as soon as it can, so that a line gets through while the next is still being written.
"""

from __future__ import annotations

import os
from typing import Iterator, Optional

from filters.job import Job
from filters.layout.fitting import MOST_COLUMNS, measure_page, take_first_page
from filters.layout.settings import Settings
from filters.layout.wrapping import Wrap
from filters.text.carriage_control import AsaRecords, MachineRecords, first_byte_before, first_byte_of_utf_8
from filters.text.charset import UTF_8, Transcoder, UnknownCharset, choose_charset, find_codec
from filters.text.lines import LineAssembler
from filters.text.source import read_blocks, read_to_end

_UTF_8_OR_LESS = (UTF_8, "utf8", "us-ascii", "ascii")


class TextReader:
    """The documents of a job as whole lines of UTF-8, one after the other."""

    def __init__(self, job: Job, settings: Settings, stdin: int) -> None:
        self._job = job
        self._tab_width = settings.tab_width
        self._stdin = stdin
        #: What was wrong with the options.
        self.problems: list[str] = []
        self._charset = choose_charset(job.options, settings.charset)
        self._transcoder = self._find_transcoder()
        self._control = self._find_control(settings.carriage_control)
        drop_rest = settings.wrap in (Wrap.TRUNCATE, Wrap.OFF) and not self._control
        self._records = LineAssembler(drop_rest=drop_rest)
        self._lines = LineAssembler()
        self._texts = self._read()
        self._first_page = b""

    def _find_transcoder(self) -> Optional[Transcoder]:
        if self._charset.lower().replace("_", "-") in _UTF_8_OR_LESS:
            return None
        try:
            return Transcoder(find_codec(self._charset))
        except UnknownCharset:
            self.problems.append(f"text-charset={self._charset} is not known, the text is read as UTF-8")
            return None

    def _find_control(self, kind: str) -> AsaRecords | MachineRecords | None:
        if kind == "machine":
            return MachineRecords(first_byte_before(self._charset) if self._transcoder else first_byte_of_utf_8)
        return AsaRecords() if kind == "asa" else None

    def texts(self) -> Iterator[bytes]:
        """Give whole lines, as soon as they are there."""
        if self._first_page:
            yield self._first_page
        yield from self._texts

    def measure_first_page(self) -> tuple[int, int]:
        """Return the columns and lines of the first page, which stays to be read."""
        self._first_page = take_first_page(self._texts)
        columns, lines = measure_page(self._first_page, self._tab_width)
        if columns > MOST_COLUMNS:
            self.problems.append(f"the first page has {columns} columns, it is made to fit as if it had {MOST_COLUMNS}")
        return min(max(columns, 1), MOST_COLUMNS), lines

    def _read(self) -> Iterator[bytes]:
        page_is_open = False
        for path in self._job.files or ("",):
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC) if path else self._stdin
            if page_is_open:
                yield b"\f"  # each document starts a page
                page_is_open = False
            if isinstance(self._control, AsaRecords):
                self._control.start_document()
            for text in filter(None, self._controlled(self._assembled(descriptor))):
                yield text
                page_is_open = not text.endswith(b"\f")
            if path:
                os.close(descriptor)

    def _assembled(self, descriptor: int) -> Iterator[bytes]:
        for block in read_blocks(descriptor):
            yield self._records.feed(self._transcoder.feed(block) if self._transcoder else block)
        if self._transcoder:
            yield self._records.feed(self._transcoder.feed(b"", final=True))
        yield self._records.finish()

    def _controlled(self, texts: Iterator[bytes]) -> Iterator[bytes]:
        """Turn carriage control into line feeds and form feeds; without it there is nothing to do."""
        if not self._control:
            yield from texts
            return
        for text in texts:
            yield self._lines.feed(self._control.feed(text)) if text else b""
        yield self._lines.finish()

    def drain(self) -> None:
        """Read standard input to its end, for the sake of whoever writes it."""
        if not self._job.files:
            read_to_end(self._stdin)

    def warnings(self) -> Iterator[str]:
        """Give what was not as it should be."""
        if self._transcoder and self._transcoder.bad_sequences:
            yield f"{self._transcoder.bad_sequences} places in the text are not {self._charset}, they print as a box"
        if self._records.broken or self._lines.broken:
            yield f"{self._records.broken + self._lines.broken} lines have more than 64 KiB and were broken there"
        if self._control and self._control.unknown:
            yield f"{self._control.unknown} records have a carriage control that is not known"
