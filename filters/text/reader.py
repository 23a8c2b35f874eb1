"""Documents to whole lines of UTF-8: read, decode, cut into records, turn carriage control into line and form feeds.

    descriptor -> blocks -> without printer commands -> UTF-8 -> whole records -> text -> whole lines

Each step gives what it can as soon as it can, so that a line gets through while the next is still being written.
"""

from __future__ import annotations

import os
from itertools import chain
from typing import IO, Iterator, Optional

from filters.common.job import Job
from filters.layout.settings import Settings
from filters.layout.wrapping import Wrap
from filters.text.carriage_control import AsaRecords, MachineRecords, first_byte_before, first_byte_of_utf_8
from filters.text.charset import UTF_8, Transcoder, UnknownCharset, choose_charset, find_codec, says_charset
from filters.text.counting import counted
from filters.text.fitting import MOST_COLUMNS, measure_page, take_first_page
from filters.text.lines import LineAssembler
from filters.text.printer_commands import PrinterCommandRemover
from filters.text.recognition import ends_lines_with_cr, is_enough, recognise_charset, with_line_feeds
from filters.text.records import cut_records
from filters.text.source import read_blocks, read_to_end

_UTF_8_OR_LESS = (UTF_8, "utf8", "us-ascii", "ascii")


class TextReader:
    """The documents of a job as whole lines of UTF-8, one after the other."""

    def __init__(self, job: Job, settings: Settings, stdin: int) -> None:
        self._job = job
        self._tab_width = settings.tab_width
        self._stdin = stdin
        self._record_length = settings.record_length
        #: What was wrong with the options.
        self.problems: list[str] = []
        self._charset = choose_charset(job.options, settings.charset)
        self._transcoder = self._find_transcoder()
        self._control = self._find_control(settings.carriage_control)
        drop_rest = settings.wrap in (Wrap.TRUNCATE, Wrap.OFF) and not self._control
        self._records = LineAssembler(drop_rest=drop_rest)
        self._lines = LineAssembler()
        self._removers: list[PrinterCommandRemover] = []
        #: Whether the text itself is asked what it is: nobody has said it, and its records are not cut by bytes.
        self._may_recognise = (
            not says_charset(job.options)
            and not self._transcoder
            and self._charset.lower() == UTF_8
            and not self._control
            and not self._record_length
        )
        self._recognised: list[Transcoder] = []
        self._found: list[str] = []
        self._texts = self._read()
        self._first_page = b""
        #: What has to stay open until all is read.
        self.source: Optional[IO[bytes]] = None

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
            return MachineRecords(first_byte_before(self._transcoder.name) if self._transcoder else first_byte_of_utf_8)
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
        blocks, transcoder = self._blocks(descriptor), self._transcoder
        if self._may_recognise:
            blocks = _with_long_first(blocks)
            first, blocks = _first_of(blocks)
            transcoder = self._recognise(first)
        # A count in a command is one of bytes as they were before they became characters, if they had ASCII in them.
        commands_first = transcoder is not None and transcoder.has_ascii
        if commands_first:
            blocks = self._without_commands(blocks)
        if transcoder:
            blocks = _transcoded(transcoder, blocks)
        if not commands_first:
            blocks = self._without_commands(blocks)
        if self._may_recognise:
            first, blocks = _first_of(blocks)
            if ends_lines_with_cr(first):
                self._note("with lines that end with CR")
                blocks = with_line_feeds(blocks)
        for block in blocks:
            yield self._records.feed(block)
        yield self._records.finish()

    def _recognise(self, first: bytes) -> Optional[Transcoder]:
        """Return what reads a text that is not UTF-8, as its first block shows."""
        name = recognise_charset(first)
        if not name:
            return None
        self._note(f"as {name}")
        self._recognised.append(Transcoder(find_codec(name)))
        return self._recognised[-1]

    def _note(self, words: str) -> None:
        if words not in self._found:
            self._found.append(words)

    def notes(self) -> Iterator[str]:
        """Give what was found out about the text, in one line, if it is not the usual."""
        if self._found:
            yield f"The text is read {' and '.join(self._found)}, as it looks; text-charset= says it for certain"

    def _without_commands(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """Leave out commands for printers; in machine carriage control ESC and FS are ways to move the paper."""
        if isinstance(self._control, MachineRecords):
            yield from blocks
            return
        remover = PrinterCommandRemover()
        self._removers.append(remover)
        for block in blocks:
            yield remover.feed(block)
        yield remover.finish()

    def _blocks(self, descriptor: int) -> Iterator[bytes]:
        """Give a document as it comes, with a line end after each record if records have a length."""
        blocks = read_blocks(descriptor)
        if not self._record_length:
            return blocks
        return cut_records(blocks, self._record_length, bool(self._transcoder and self._transcoder.is_ebcdic))

    def _controlled(self, texts: Iterator[bytes]) -> Iterator[bytes]:
        """Turn carriage control into line feeds and form feeds; without it there is nothing to do."""
        if not self._control:
            yield from texts
            return
        for text in texts:
            yield self._lines.feed(self._control.feed(text)) if text else b""
        yield self._lines.finish()

    @property
    def commands_left_out(self) -> int:
        """Return the number of commands for printers that were left out so far."""
        return sum(remover.left_out for remover in self._removers)

    @property
    def bytes_left_out(self) -> int:
        """Return how many bytes these commands had with their data."""
        return sum(remover.bytes_left_out for remover in self._removers)

    def drain(self) -> None:
        """Read standard input to its end, for the sake of whoever writes it."""
        if not self._job.files:
            read_to_end(self._stdin)
        if self.source:
            self.source.close()

    def warnings(self) -> Iterator[str]:
        """Give what was not as it should be."""
        if self._transcoder and (bad := self._transcoder.bad_sequences):
            yield f"not {self._charset}: {counted(bad, 'place')} in the text, printed as a box"
        if bad := sum(transcoder.bad_sequences for transcoder in self._recognised):
            yield f"no character of the set that it is read in: {counted(bad, 'place')} in the text, printed as a box"
        if broken := self._records.broken + self._lines.broken:
            if self._records.drops_rest:
                yield f"left out: what is beyond 64 KiB in {counted(broken, 'line')}"
            else:
                yield f"lines of more than 64 KiB broken, at {counted(broken, 'place')}"
        if self._control and (unknown := self._control.unknown):
            yield f"{counted(unknown, 'record')} with a carriage control that is not known"


def _first_of(blocks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """Return the first block that is not empty, and all blocks from it on."""
    first = next(filter(None, blocks), b"")
    return first, chain((first,), blocks)


def _with_long_first(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Give blocks of which the first is long enough to tell what the text is: a pipe may begin with half a letter."""
    first = b""
    for block in blocks:
        first += block
        if is_enough(first):
            break
    return chain((first,), blocks)


def _transcoded(transcoder: Transcoder, blocks: Iterator[bytes]) -> Iterator[bytes]:
    for block in blocks:
        yield transcoder.feed(block)
    yield transcoder.feed(b"", final=True)
