"""Which document of its job a run prints, and what earlier runs have left for it to know. Pure.

With ``*cupsSingleFile: True`` in the description cupsd runs the backend once for each document of a job, one after the
other, and does not say which one it is. So the runs of one pass are counted in the job's record. A pass begins anew
after a restart of cupsd, after a retry, and when someone wants the job again:

    record                           what it means for this run
    none                             the first document, of a job that is new
    of this pass                     the next document; an earlier one that has failed, or was killed, decides for all
    of this pass and this wrapper    the same document: beh runs a backend again that has failed
    of another pass, and since then  the job was over for cupsd: someone wants it again, all of it; if it is over now,
                                     this run is an orphan of a cupsd that was killed, and nobody wants it to print
    of another pass                  the first document; what is printed is not printed again

Without that line cupsd joins the documents, and the runs count parts of the stream, each of which has one of them or
more. So between the two kinds of queues (a job was moved, a description exchanged) what is printed cannot be told.
"""

from __future__ import annotations

from backend.cupsd.job_record import CANCELLED, CREATING, LARGEST, WAITING, JobRecord
from filters.common.dataclass import dataclass, replace

#: Seconds by which the time of cupsd and ours may differ, both of them in whole seconds.
ROUNDING = 1
#: The exit code of a job that may be sent once more (ExitStatus.CUPS_BACKEND_FAILED).
FAILED = 1
#: The exit code after which cupsd runs a job again without anyone's word (ExitStatus.CUPS_BACKEND_RETRY_CURRENT).
RETRY = 7


@dataclass(frozen=True)
class JobAtCupsd:
    """What cupsd says of a job. Times are seconds since 1970, 0 for none."""

    documents: int
    created: int = 0
    completed: int = 0
    copies: int = 1
    state: int = 0

    @property
    def is_over(self) -> bool:
        """True if the job is cancelled, aborted or completed: job-state of RFC 8011 section 5.3.7."""
        return self.state >= 7


@dataclass(frozen=True)
class Place:
    """Where a run stands among the runs of its job.

    Attributes:
        document: which of the documents cupsd has started it for, from 1.
        printed: how many are printed, from the first one on.
        pages: as in JobRecord.
        empty: numbers of those that were empty, as in JobRecord.
        earlier: what an earlier run left of the document after those; None if there was none.
        status: the exit code that an earlier document of this pass came to; 0 if all is well.
        said: the message that belongs to it.
        killed: an earlier document of this pass was never finished, and cupsd has taken that for its end.
        is_unclear: an earlier run has printed some of the documents, and on this queue it cannot be told which.
        began, completed: as in JobRecord.
    """

    document: int = 1
    printed: int = 0
    pages: int = 0
    empty: str = ""
    earlier: JobRecord | None = None
    status: int = 0
    said: str = ""
    killed: bool = False
    is_unclear: bool = False
    began: int = 0
    completed: int | None = None

    @property
    def untouched(self) -> bool:
        """As in JobRecord, of the earlier document of this pass."""
        return self.earlier is not None and self.earlier.untouched

    @property
    def was_empty(self) -> bool:
        """True if an earlier run has had nothing to print for this document."""
        return str(self.document) in self.empty.split()

    @property
    def is_printed(self) -> bool:
        """True if an earlier run has printed this document, or it was empty and has to be left out now.

        An empty one is tried again, because its filter may have failed; but not while the record has to keep what is
        known of a later document.
        """
        if self.document > self.printed:
            return False
        is_free = self.earlier is None or self.earlier.is_at_rest or self.earlier.about == self.document
        return not (self.was_empty and is_free)

    @property
    def left(self) -> JobRecord | None:
        """What an earlier run has left of this very document."""
        return self.earlier if self.earlier is not None and self.earlier.about == self.document else None


def is_of_this_pass(record: JobRecord, this_pass: str, cupsd: str) -> bool:
    """Tell whether a record was written by a run for an earlier document of the same pass."""
    return bool(this_pass) and record.run == this_pass and record.cupsd == cupsd


def again_in_pass(record: JobRecord) -> Place:
    """Return the place of a run that a wrapper such as beh has started once more, after one that failed.

    Nobody has asked for that, so only what has failed plainly is sent without asking the printer first.
    """
    place = next_in_pass(record)
    if record.status == FAILED and not record.untouched and not _has_broken_off(record):
        place = replace(place, earlier=replace(record, phase=WAITING, job_id=None))
    is_of_another = record.printed < record.document - 1
    status, said = (place.status, place.said) if is_of_another else (0, "")
    return replace(place, document=record.document, status=status, said=said, killed=False)


def next_in_pass(record: JobRecord) -> Place:
    """Return the place of the run after the one that wrote the record, in the same pass of the same cupsd."""
    return Place(
        document=record.document + 1,
        printed=record.printed,
        pages=record.pages,
        empty=record.empty,
        earlier=record,
        status=record.status or 0,
        said=record.said,
        killed=record.status is None,
        began=record.began,
        completed=record.completed,
    )


def first_in_pass(record: JobRecord, cupsd: str, told: JobAtCupsd | None, now: int, joined: bool = False) -> Place:
    """Return the place of the first run of a new pass.

    Args:
        cupsd: the one that has started this run.
        told: None if it does not answer.
        joined: cupsd joins the documents on this queue.
    """
    completed = told.completed if told else None
    new = Place(began=now, completed=completed)
    if told and told.is_over:
        # cupsd runs no job that is over: this run has been left by one that was killed, and came too late to the lock.
        # Whoever wants the job again later must get it, so the record says as before what cupsd had seen of it.
        return replace(new, printed=max(told.documents, 1), began=record.began, completed=record.completed)
    if told and _was_over(record, told):
        return new
    same = record.cupsd == cupsd
    if same and record.status == 0 and (told is None or record.joined or told.documents <= record.document):
        return new  # it has seen the last document printed, so someone wants the job again
    earlier = replace(record, told="")
    is_ended = record.status is not None and record.status != RETRY and not record.untouched
    # An empty document before it, whose filter may have failed, could not be tried again while that is to be asked.
    is_in_doubt = _has_broken_off(record) and not record.empty
    if same and is_ended and not is_in_doubt:
        # The same cupsd knows how that ended, so someone has let the job go on.
        earlier = replace(earlier, phase=WAITING, job_id=None)
    printed = record.printed
    if record.joined != joined and (told is None or told.documents > 1):
        all_printed = printed > 0 if record.joined else told is not None and printed >= told.documents
        if all_printed:
            printed = told.documents if told else LARGEST - 1
        elif printed or earlier.index or earlier.phase not in (WAITING, CREATING):
            return replace(new, is_unclear=True)
    return replace(new, printed=printed, pages=record.pages, empty=record.empty, earlier=earlier)


def _has_broken_off(record: JobRecord) -> bool:
    """Tell whether the cancel at the printer may have come behind some pages, and nobody has been asked to look.

    A run was stopped, as for a queue that is disabled; or a filter died, and the queue's error policy is to try again.
    """
    return record.status == FAILED and record.phase == CANCELLED


def _was_over(record: JobRecord, told: JobAtCupsd) -> bool:
    """Tell whether the job was completed, cancelled or aborted for cupsd since the pass of the record began."""
    if not told.completed or told.completed == record.completed:
        return False
    return record.completed is not None or told.completed >= record.began - ROUNDING


def is_single_file(description: bytes) -> bool:
    """Tell from a printer description whether cupsd runs the backend once for each document."""
    for line in description.splitlines():
        keyword, colon, value = line.partition(b":")
        if colon and keyword.strip() == b"*cupsSingleFile":
            return value.strip().strip(b'"').lower() == b"true"
    return False
