"""What is recorded of jobs and of administrators: events with their values, into the log and on from there."""

from __future__ import annotations

import os

from backend.errors import AuditLogUnwritable
from backend.trace.audit_log import VERSION, append, encode_record, now, trouble_with
from backend.trace.audit_settings import AuditSettings
from filters.common.report import Report

#: Where to look when a record is missing.
ADVICE = "See: sudo ipps443ctl doctor"


class Audit:
    """The audit log as one run writes it."""

    def __init__(self, settings: AuditSettings, report: Report) -> None:
        self.settings = settings
        self._report = report
        #: What the records of this run have in common; verify finds the end of a beginning by it.
        self.run = os.urandom(8).hex()
        self._has_warned = False

    def check(self) -> None:
        """Find out whether the log can be written, before anything is said to a printer.

        Raises:
            AuditLogUnwritable: it cannot, and nothing is printed without.
        """
        for problem in self.settings.problems:
            self._report.warning(f"{problem}; the line does not count [C07]")
        trouble = trouble_with(self.settings.path)
        if trouble:
            self._complain(trouble, is_decisive=True)

    def write(
        self, event: str, values: dict[str, object], *, is_decisive: bool = False, in_haste: bool = False
    ) -> None:
        """Write one record.

        Args:
            in_haste: there is no time to wait for anything.
            is_decisive: what it is about has not happened yet, and must not without it where that is the setting.

        Raises:
            AuditLogUnwritable: it cannot be written, and is decisive.
        """
        time = now()
        line = encode_record({"v": VERSION, "time": time, "event": event, "run": self.run, **values})
        trouble = append(self.settings.path, line, flush=is_decisive and self.settings.is_required, in_haste=in_haste)
        if trouble:
            self._complain(trouble, is_decisive=is_decisive)
        if self.settings.forward != "no":
            self._forward(time, line, in_haste=in_haste)

    def _forward(self, time: str, line: bytes, *, in_haste: bool) -> None:
        from backend.trace.forwarding import forward

        trouble = forward(self.settings.forward, time, line, in_haste=in_haste)
        if trouble:
            self._report.warning(f"An audit record was not passed on: {trouble}. It is in the audit log alone [C08]")

    def _complain(self, trouble: str, *, is_decisive: bool) -> None:
        if is_decisive and self.settings.is_required:
            self._has_warned = True
            raise AuditLogUnwritable(self.settings.path, trouble)
        if not self._has_warned:
            self._has_warned = True
            self._report.warning(
                f"{self.settings.path}: {trouble}; this job is missing in the audit log. {ADVICE} [C07]"
            )
