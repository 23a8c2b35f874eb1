"""The job as cupsd hands it to a run: arguments, environment, the queue's printer description; and cupsd itself."""

from __future__ import annotations

import os
import time
from functools import cached_property

from backend.cupsd.cache_file import cache_folder
from backend.cupsd.side_channel import has_side_channel, is_hung_up
from backend.document.format import cups_type
from backend.job.documents import JobAtCupsd, is_single_file
from filters.common.dataclass import dataclass
from filters.common.formats import JPEG, PDF
from filters.common.job import Job, get_option
from filters.common.passed_jpeg import JPEG_BEGINNING, has_pages_of_jpeg
from filters.common.printer_copies import BEGINNING
from filters.common.report import Report
from filters.common.trusted_file import settings_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Mapping

#: Where the installer makes the audit log; without the folder and without settings there is none.
LOG_FOLDER = "/var/log/ipps443"
#: The type of PDF that CUPS sends through no filter.
PAGES = "application/vnd.cups-pdf"
#: Seconds to wait for the word that a document is the last one, when cupsd's count says that it is not.
LAST_SECONDS = 1.0
#: Seconds for a question to cupsd by a run that has to be gone within two.
HASTY_SECONDS = 0.3
#: Seconds between two looks for that word.
LOOK_SECONDS = 0.05


@dataclass(frozen=True)
class Standing:
    """Where cupsd stands with a job while one of its documents ends.

    Attributes:
        is_last: it starts no run for a further document.
        is_over: it counts the job as over, or does not say.
    """

    is_last: bool
    is_over: bool = True


class CupsJob:
    """One job, for one of whose documents cupsd has started us."""

    def __init__(self, job: Job, environ: Mapping[str, str], report: Report) -> None:
        self.job = job
        self.environ = environ
        self.cache = cache_folder(environ)
        self._report = report
        #: Looked at before any connection is opened, which may get the descriptor's number.
        self.has_side_channel = has_side_channel()

    @cached_property
    def _description(self) -> bytes:
        """The beginning of the queue's printer description, empty if it has none."""
        try:
            with open(self.job.ppd, "rb") as file:
                return file.read(BEGINNING)
        except OSError:
            return b""

    @property
    def description(self) -> str:
        """The beginning of the queue's printer description, with all that is in it about the whole printer."""
        return self._description.decode("utf-8", "replace")

    @cached_property
    def is_single_file(self) -> bool:
        """True if cupsd runs us once for each document of a job."""
        return is_single_file(self._description)

    @property
    def is_raw_queue(self) -> bool:
        """True on a queue without a description: cupsd's gziptoany has put the copies one after the other there."""
        return not self._description

    @property
    def has_own_description(self) -> bool:
        """True on a queue whose description is one of ours."""
        return b"ipps443" in self._description

    @property
    def is_made_from_printer(self) -> bool:
        """True on a queue whose description was made from what its printer says."""
        return b"*ipps443Source:" in self._description

    @property
    def queue(self) -> str:
        """The name of the queue, for commands that someone may copy."""
        return self.environ.get("PRINTER") or "QUEUE"

    @property
    def kind(self) -> str:
        """The type that cupsd names; of documents that it has joined it is the first one's."""
        return cups_type(self.environ.get("FINAL_CONTENT_TYPE", ""), self.environ.get("CONTENT_TYPE", ""))

    @property
    def has_pages_of_jpeg(self) -> bool:
        """True if a filter is to have made pages of a JPEG; ours may have passed it on instead."""
        return has_pages_of_jpeg(self.environ.get("CONTENT_TYPE", ""), self.kind)

    @property
    def has_pdf_of_filters(self) -> bool:
        """True if filters have made PDF, which ends as they end it; what goes by them may end in anything."""
        is_passed = get_option(self.job.options, "filter-streaming-mode") is not None  # of pdftopdf, cups-filters 2
        came_as = self.environ.get("CONTENT_TYPE", "").lower()
        return self.kind.lower() == PDF and came_as not in ("", PAGES) and not is_passed

    def kind_of(self, head: bytes) -> str:
        """Return the type of a document that begins so: the one that cupsd names, or JPEG that our filter passed on."""
        return JPEG if self.has_pages_of_jpeg and head.startswith(JPEG_BEGINNING) else self.kind

    def is_passed_on(self, kind: str) -> bool:
        """Tell whether a document of this type, as ``kind_of`` has it, is a JPEG that our filter passed on."""
        return kind == JPEG and self.has_pages_of_jpeg

    @property
    def may_be_audited(self) -> bool:
        """True if the settings have to be asked whether there is an audit log."""
        settings = settings_path(self.environ)
        return settings == settings_path({}) and os.path.isdir(LOG_FOLDER) or os.path.lexists(settings)

    @property
    def folder(self) -> str:
        """Where copies of documents go."""
        return self.environ.get("TMPDIR") or "/tmp"

    def ask(self, *, in_haste: bool = False) -> JobAtCupsd | None:
        """Ask cupsd about this job.

        Args:
            in_haste: SIGTERM has come; a cupsd that is ending itself does not answer, and the printer has to be told.
        """
        from backend.job.cupsd_inquiry import SECONDS, ask_cupsd

        seconds = HASTY_SECONDS if in_haste else SECONDS
        told = ask_cupsd(self.environ, self.job.job_id, self.job.user, seconds=seconds)
        self._report.debug(f"cupsd says of this job: {told}")
        return told

    def standing(self, document: int, wait: float = LAST_SECONDS) -> Standing:
        """Find out whether cupsd may hear of a failure: before the last document it would abort the whole job.

        cupsd keeps its ends of the side channel until it has started the last one.

        Args:
            document: which of the job's documents ends, from 1.
            wait: seconds for that; 0 after SIGTERM.
        """
        if not self.is_single_file or self.has_side_channel and is_hung_up():
            return Standing(is_last=True)
        told = self.ask() if wait else self.ask(in_haste=True)
        is_over = told is None or told.is_over
        if told is not None and document >= told.documents:
            return Standing(True, is_over)
        if not self.has_side_channel:
            return Standing(told is None, is_over)
        return Standing(_hangs_up_within(wait if told else wait * 10), is_over)


def _hangs_up_within(seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if is_hung_up():
            return True
        time.sleep(LOOK_SECONDS)
    return False
