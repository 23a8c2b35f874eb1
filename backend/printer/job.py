"""Our job at the printer: its number as soon as that is known, and what the printer says of it.

A job is found by its number, else by its name, which ends in a mark of its own. Jobs of the same name that are over and
done with, from earlier attempts and earlier prints, are left out.

A number is no proof: a printer that was switched off and on may count anew, and where one was exchanged the new one has
jobs of its own. Before a job of an earlier run, or of a while ago, is cancelled, it is looked at what it is called.
"""

from __future__ import annotations

import time

from backend.cupsd.identity import MARK_DIGITS
from backend.errors import IppRefused, IppsError
from backend.ipp.codes import JobState
from backend.printer.job_status import NOT_BEGUN, Found
from backend.printer.printer import Printer, Reply
from filters.common.report import Report

#: States of jobs of which nothing more will be printed.
DEAD = (None, JobState.CANCELED, JobState.ABORTED)
#: Seconds in which no printer is switched off and on, and at work again.
RESTART_SECONDS = 5.0


class JobAtPrinter:
    """One of our jobs, as the printer knows it."""

    def __init__(
        self, printer: Printer, name: str, report: Report, *, copies: int = 1, up_time: int | None = None
    ) -> None:
        """
        Args:
            copies: how many of them the printer makes.
            up_time: the printer-up-time before it gave the job a number.
        """
        self._printer = printer
        self._report = report
        self.name = name
        self.copies = copies
        self._job_id: int | None = None
        self._done_with: set[int] = set()
        self._up_time = up_time
        #: A printer-up-time from before it gave the number. A printer that was restarted since may count anew.
        self.numbered_at = up_time
        #: When it gave the number, by the monotonic clock; None if that was in an earlier run.
        self._learned_at: float | None = None
        #: The printer may have made it, although there is no answer.
        self.asked_to_create = False
        #: Bytes of the document went out, so the printer may have something of the job.
        self.at_risk = False
        #: The printer has all of the document.
        self.accepted = False

    @property
    def job_id(self) -> int | None:
        """Its number at the printer, None while that is not known."""
        return self._job_id

    @job_id.setter
    def job_id(self, job_id: int | None) -> None:
        if job_id != self._job_id:
            self._job_id, self._learned_at = job_id, time.monotonic()

    @property
    def may_be_there(self) -> bool:
        """True if the printer may have it, be it empty."""
        return self.job_id is not None or self.at_risk or self.asked_to_create

    def inherit(self, job_id: int | None, numbered_at: int | None) -> None:
        """Take the number from the record of an earlier run.

        Args:
            numbered_at: the printer-up-time from before it gave the number.
        """
        self.job_id, self.numbered_at = job_id, numbered_at
        self._learned_at = None

    def learn_id(self, reply: Reply) -> None:
        """Take the number from an answer, unless it is known."""
        if self.job_id is None and reply.job_id is not None and reply.job_id > 0:
            self.job_id = reply.job_id

    def is_not_in(self, reply: Reply) -> bool:
        """Tell whether an answer names a job that is not ours (a printer that lost its place)."""
        return self.job_id is not None and reply.job_id is not None and reply.job_id != self.job_id

    def find(self) -> Found:
        """Ask the printer for the job, and learn its number.

        Raises:
            IppsError: as Printer.find_job.
        """
        job_id, found = self._printer.find_job(self.job_id, self.name, self._done_with)
        if self.job_id is not None and self._is_different(found, self._printer):
            self._report.debug(f"job {job_id} of {self._printer.name} is a different one by now")
            self.forget()
            job_id, found = self._printer.find_job(None, self.name, self._done_with)
        self.job_id = job_id or self.job_id
        return found

    def _is_different(self, found: Found, printer: Printer) -> bool:
        """Tell whether the number belongs to a different job by now.

        A name is told by its mark; printers may cut it off, or make names of their own of those that they get. That is
        no proof against a number of this run, unless the printer was restarted since.
        """
        if found.job_state is None or self.name[-MARK_DIGITS:] in found.name:
            return False
        if self._learned_at is None and not self.name.startswith(found.name):
            return True
        if not printer.has_restarted(self.numbered_at):
            return False
        return self.job_id not in [listed for listed, _ in printer.jobs_named(self.name)]

    @property
    def _needs_a_look(self) -> bool:
        """True if the number may belong to a different job by now."""
        return self._learned_at is None or time.monotonic() - self._learned_at > RESTART_SECONDS

    def number_at(self, printer: Printer) -> int | None:
        """Return the number by which the job can be cancelled at the printer; None if there is no such job.

        Raises:
            IppsError: as Printer.find_job.
        """
        if self.job_id is not None and self._needs_a_look:
            try:
                _, found = printer.find_job(self.job_id, self.name)
            except IppRefused:
                if self._learned_at is None:
                    raise
                return self.job_id  # it tells nobody, and this run has the number from itself
            if self._is_different(found, printer):
                self._report.debug(f"job {self.job_id} of {printer.name} is a different one by now")
                return printer.find_job(None, self.name, {*self._done_with, self.job_id})[0]
        return self.job_id or printer.find_job(None, self.name, self._done_with)[0]

    def look(self, *, learn: bool = False) -> Found | None:
        """Ask the printer for the job on a new connection; None if it does not answer the question.

        Args:
            learn: keep the number that is found; not before it is clear that this is the job that counts.
        """
        self._printer.disconnect()
        try:
            job_id, found = self._printer.find_job(self.job_id, self.name, self._done_with)
            if learn:
                self.job_id = job_id or self.job_id
            return found
        except IppsError as error:
            self._report.debug(f"no word about our job: {error.text}")
            self._printer.disconnect()
            return None

    def note_old_jobs(self) -> None:
        """Leave out jobs of the same name that are there already: a reprint must not be taken for its original."""
        try:
            self._done_with.update(job_id for job_id, _ in self._printer.jobs_named(self.name) if job_id)
        except IppsError as error:
            self._report.debug(f"no word about older jobs: {error.text}")
            self._printer.disconnect()

    def adopt_empty(self) -> None:
        """After a Create-Job whose answer was lost: use the job if it is there, so that no empty one stays behind."""
        try:
            job_id, found = self._printer.find_job(None, self.name, self._done_with)
        except IppsError as error:
            self._report.debug(f"no word about a job of ours: {error.text}")
            self._printer.disconnect()
            return
        if job_id is not None and found.job_state in (*NOT_BEGUN, JobState.PROCESSING):
            self.job_id = job_id

    def cancel(self) -> Found | None:
        """Cancel the job; return what the printer says of it then, None if it did not cancel it.

        Raises:
            IppsError: the printer does not answer.
        """
        if self.job_id is not None and self._needs_a_look:
            try:
                found = self.find()
            except IppRefused:
                if self._learned_at is None:
                    raise
            else:
                if self.job_id is None:
                    return found  # there is none
        cancelled = self.job_id is not None and self._printer.cancel(self.job_id)
        return self.find() if cancelled else None

    def cancel_quietly(self) -> None:
        """Cancel a job that will get no document; a printer that does not answer is left alone."""
        if self.job_id is None:
            return
        try:
            job_id = self.number_at(self._printer)
            if job_id is not None:
                self._printer.cancel(job_id)
        except IppsError as error:
            self._report.debug(f"job {self.job_id} was not cancelled: {error.text}")

    def forget(self) -> None:
        """Leave the job behind; the document becomes another one."""
        if self.job_id is not None:
            self._done_with.add(self.job_id)
        self.job_id, self.numbered_at = None, self._up_time
