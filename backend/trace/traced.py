"""The report of a job that is traced: what is said to cupsd stands in the trace as well, with what only a trace has."""

from __future__ import annotations

import os
import time

from backend import __version__
from backend.cupsd.cache_file import cache_folder
from backend.device_uri import without_password
from backend.trace import trace_file
from backend.trace.story import EVENTS, SECRET_WORDS, hex_lines
from backend.trace.trace_switch import read_switch, switch_path, wanted_by_uri
from filters.common.job import Job
from filters.common.printable import printable
from filters.common.report import Report
from filters.common.trusted_file import config_path

TYPE_CHECKING = False  # typing is slow to import, and only the type checker needs it
if TYPE_CHECKING:
    from typing import Mapping

    from backend.document.sources import Source

#: Octets of the document that are shown in hexadecimal digits.
SHOWN = 4096
#: Octets of a trace; a printer that says a lot, for as long as a job is watched, must not fill the disk.
LARGEST = 32 << 20
#: Seconds without a block of the document that are worth a line.
WORTH_A_LINE = 0.5


def traced_report(job: Job, environ: Mapping[str, str], report: Report) -> Report:
    """Return the report for a job: one that keeps a trace if that is wanted and can be written."""
    folder = trace_file.trace_folder(cache_folder(environ))
    words = wanted_by_uri(environ)
    if words is None:
        words = _wanted_by_switch(job.queue, environ, folder)
    if words is None:
        return report
    name = trace_file.new_name(job.queue, job.job_id)
    try:
        trace = TracedReport(folder, name, words)
    except OSError as error:
        report.warning(f"No trace can be written to {folder}: {error.strerror}. See: sudo ipps443ctl doctor [C12]")
        return report
    trace_file.prune(folder, job.queue)
    trace.begin(job, environ)
    return trace


def _wanted_by_switch(queue: str, environ: Mapping[str, str], folder: str) -> frozenset[str] | None:
    path = switch_path(config_path(environ), queue)
    switch = read_switch(path) if path else None
    if switch is None or not switch.since <= time.time() < switch.until:
        return None
    done = trace_file.names_of(folder, queue)
    return switch.words if sum(trace_file.began(each) >= switch.since for each in done) < switch.jobs else None


class TracedReport(Report):
    """Says what a Report says, and writes all of it into the trace, with the time since the job began."""

    def __init__(self, folder: str, name: str, words: frozenset[str]) -> None:
        """Make the files; raise OSError."""
        super().__init__()
        self._began = time.monotonic()
        self._trace = trace_file.make(folder, f"{name}.trace")
        self._left = LARGEST
        self._document = trace_file.make(folder, f"{name}.document") if "document" in words else None
        self._shown = 0 if "hex" in words else SHOWN
        self.traced = ",".join(sorted(words)) or "yes"
        if "keys" in words:
            # By its descriptor: by its name it would come again after "trace off", readable by all.
            self.key_log = f"/proc/self/fd/{trace_file.make(folder, f'{name}.keys')}"

    def begin(self, job: Job, environ: Mapping[str, str]) -> None:
        """Write what the job is, without passwords."""
        self.line(f"ipps443 {__version__}, {time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())}")
        self.line(f"job {job.job_id} of {job.user} on queue {job.queue}, {job.copies} copies, {job.content_type}")
        self.line(f"device URI {without_password(environ.get('DEVICE_URI', ''))}")
        if job.password is not None:  # CUPS passes it on without quotes: the end of one with blanks looks like options
            self.line("options are not shown: the job has a PIN")
        else:
            options = (f"{name}={value}" for name, value in job.options.items() if not _is_secret(name))
            self.line(f"options {' '.join(options)}")
        if self.key_log:
            from shlex import quote

            off = f"ipps443ctl trace {quote(job.queue)} off"
            self.warning(f"The keys of this job's connections are kept. Turn that off: {off} [C11]")

    def line(self, text: str) -> None:
        """Write a line with its time."""
        if self._left <= 0:
            return
        line = f"+{time.monotonic() - self._began:.3f} {printable(text, ' ')}\n".encode("utf-8", "replace")
        self._left -= len(line)
        if self._left <= 0:
            line = b"the trace is too long and ends here; the job goes on\n"
        try:
            os.write(self._trace, line)
        except OSError:
            pass  # the disk is full; the job goes on

    def _write(self, prefix: str, text: str) -> None:
        super()._write(prefix, text)
        self.line(f"{prefix} {text}")

    def detail(self, event: str, *values: object) -> None:
        """Write an event as its lines; a fault of the trace must not become one of the job."""
        try:
            for line in EVENTS[event](*values):
                self.line(line)
        except Exception as error:
            self.line(f"{event} cannot be shown: {error!r}")

    def block(self, data: bytes) -> None:
        """Write a block of the document, as far as that is wanted."""
        if self._shown < SHOWN:
            part = bytes(data[: SHOWN - self._shown])
            for line in hex_lines(part, self._shown):
                self.line(f"      {line}")
            self._shown += len(part)
        if self._document is not None:
            try:
                os.write(self._document, data)
            except OSError:
                self.line("there is no room for the whole document")
                self._document = None


def _is_secret(name: str) -> bool:
    return any(word in name.lower() for word in SECRET_WORDS)


class TracedSource:
    """A source whose blocks stand in the trace, with what was waited for: the filter, or the printer."""

    def __init__(self, source: Source, report: TracedReport) -> None:
        self._source = source
        self._report = report
        self.size = source.size
        self._sent = 0
        self._has_ended = False
        self._taken_at = time.monotonic()
        #: Since when the filter is waited for; None while the printer takes the last block.
        self._waits_since: float | None = None
        report.line(f"> document begins, {'size not known' if self.size is None else f'{self.size} octets'}")

    def fileno(self) -> int | None:
        """As the source's."""
        descriptor = self._source.fileno()
        if self._waits_since is None:
            self._waits_since = time.monotonic()
            took = self._waits_since - self._taken_at
            if took >= WORTH_A_LINE:
                self._report.line(f"the printer took {took:.3f} seconds for the last block")
        return descriptor

    def next_block(self) -> bytes | None:
        """The source's next block."""
        block = self._source.next_block()
        if block is None:
            return None
        now = time.monotonic()
        if self._waits_since is not None and now - self._waits_since >= WORTH_A_LINE:
            self._report.line(f"the filter was waited for: {now - self._waits_since:.3f} seconds")
        self._taken_at, self._waits_since = now, None
        self._sent += len(block)
        self._report.line(f"> {len(block)} octets of the document, {self._sent} in all")
        self._report.block(block)
        return block

    def at_end(self) -> bool:
        """As the source's."""
        ends = self._source.at_end()
        if ends and not self._has_ended:
            self._has_ended = True
            self._report.line("> document ends; from here on the printer is waited for")
        return ends


def tap(source: Source, report: Report) -> Source:
    """Return the source, with its blocks in the trace of the job if there is one."""
    return TracedSource(source, report) if isinstance(report, TracedReport) else source
