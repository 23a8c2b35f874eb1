"""Our job at the printer: its number as soon as that is known, and what the printer says of it.

A job is found by its number, else by its name, which ends in a mark of its own. Jobs of the same name that are over and
done with, from earlier attempts and earlier prints, are left out.
"""

from __future__ import annotations

from backend import transfer
from backend.errors import IppsError
from backend.ipp.message import Message
from backend.ipp.operations import JobState
from backend.ipp.tags import Tag
from backend.printer import Printer
from backend.printer_state import number
from backend.transfer import Found
from filters.report import Report

#: States of jobs of which nothing more will be printed.
DEAD = (None, JobState.CANCELED, JobState.ABORTED)


class JobAtPrinter:
    """One of our jobs, as the printer knows it."""

    def __init__(self, printer: Printer, name: str, report: Report) -> None:
        self._printer = printer
        self._report = report
        self.name = name
        #: Its number at the printer, None while that is not known.
        self.job_id: int | None = None
        self._done_with: set[int] = set()

    @property
    def others(self) -> frozenset[int]:
        """Numbers of jobs of the same name that are over and done with."""
        return frozenset(self._done_with)

    def learn_id(self, message: Message | None) -> None:
        """Take the number from an answer, unless it is known."""
        found = _job_id(message)
        if self.job_id is None and found is not None and found > 0:
            self.job_id = found

    def is_about_another(self, message: Message | None) -> bool:
        """Tell whether an answer names a job that is not ours (a printer that lost its place)."""
        named = _job_id(message)
        return self.job_id is not None and named is not None and named != self.job_id

    def find(self) -> Found:
        """Ask the printer for the job, and learn its number.

        Raises:
            IppsError: as Printer.find_job.
        """
        job_id, found = self._printer.find_job(self.job_id, self.name, self._done_with)
        self.job_id = job_id or self.job_id
        return found

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
        if job_id is not None and found.job_state in (*transfer.NOT_BEGUN, JobState.PROCESSING):
            self.job_id = job_id

    def cancel(self) -> Found | None:
        """Cancel the job; return what the printer says of it then, None if it did not cancel it.

        Raises:
            IppsError: the printer does not answer.
        """
        assert self.job_id is not None
        cancelled = self._printer.cancel(self.job_id)
        return self.find() if cancelled else None

    def cancel_quietly(self) -> None:
        """Cancel a job that will get no document; a printer that does not answer is left alone."""
        if self.job_id is None:
            return
        try:
            self._printer.cancel(self.job_id)
        except IppsError as error:
            self._report.debug(f"job {self.job_id} was not cancelled: {error.text}")

    def forget(self) -> None:
        """Leave the job behind; the document becomes another one."""
        if self.job_id is not None:
            self._done_with.add(self.job_id)
        self.job_id = None


def _job_id(message: Message | None) -> int | None:
    return number(message, "job-id", Tag.JOB_ATTRIBUTES) if message else None
