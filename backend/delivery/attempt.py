"""One attempt to send the document, as a value: what is asked for, and how. The next one is made in ``next_attempt``.

Pure. What limits the number of attempts stands here and nowhere else; how long
one waits between them, and how long in all, is the retry policy's.
"""

from __future__ import annotations

from enum import Enum

from backend.ipp.codes import Operation
from backend.ipp.message import Attribute
from backend.ipp.operations import Target
from filters.common.dataclass import dataclass, field

#: How often a document is sent at most, whatever the answers say: a printer that answers in circles must not keep us.
MOST_SENDINGS = 12
#: How often a document is sent again after the printer lost it.
MOST_LOSSES = 3
#: Answers of "internal error" after which a job that is provably not there is sent again.
MOST_INTERNAL_ERRORS = 3


class Framing(Enum):
    """How the document request's body is framed (RFC 9112 section 6)."""

    CHUNKED = "chunked"
    SIZED = "sized"


@dataclass(frozen=True)
class PrintRequest:
    """What is asked for.

    Attributes:
        job_name: it ends in the job's own mark.
        formats: those to try in turn.
        job_attributes: what the printer is told because the document does not say it itself.
        copies: how many copies the printer makes because of them.
        password: job-password and what belongs to it; never left out, whatever the printer says.
        kind: what the document is, whatever it is sent as; "" if nothing tells.
    """

    job_name: str
    formats: tuple[str, ...]
    job_attributes: tuple[Attribute, ...] = ()
    copies: int = 1
    password: tuple[Attribute, ...] = field(default=(), repr=False)
    kind: str = ""

    @property
    def password_names(self) -> frozenset[str]:
        """Names of the attributes that no printer may do without."""
        return frozenset(each.name for each in self.password)


@dataclass(frozen=True)
class JobAttributes:
    """What is sent of a job's options.

    Attributes:
        attributes: those that the next request carries.
        copies: how many copies the printer makes because of them.
        rounds: how often some of them were left out after a refusal.
        left_out: the names of those that went the last time.
        copies_named: the printer has called copies unsupported.
    """

    attributes: tuple[Attribute, ...] = ()
    copies: int = 1
    rounds: int = 0
    left_out: tuple[str, ...] = ()
    copies_named: bool = False

    @property
    def copies_refused(self) -> bool:
        """True of what was taken in the end if it was copies that the printer would not have."""
        return self.copies_named or self.left_out == ("copies",)

    @property
    def names(self) -> list[str]:
        """What the attributes are called."""
        return [each.name for each in self.attributes]


@dataclass(frozen=True)
class Attempt:
    """How the document is sent once.

    Attributes:
        formats: those that are left; the first one is sent.
        target: the printer-uri, the requesting-user-name and the IPP version.
        creates_job: by Create-Job and Send-Document; else by Print-Job.
        again: this is already the second, sized and sanitised attempt.
        chunks_refused: the printer refused the document for its chunks; true only once it has taken it with a length.
        send_document_fails: Send-Document failed although the printer lists it (Q-93).
    """

    framing: Framing
    formats: tuple[str, ...] = ("",)
    target: Target = Target("")
    creates_job: bool = False
    job_attributes: JobAttributes = JobAttributes()
    again: bool = False
    chunks_refused: bool = False
    send_document_fails: bool = False

    @property
    def operation(self) -> Operation:
        """The operation that the document belongs to."""
        return Operation.SEND_DOCUMENT if self.creates_job else Operation.PRINT_JOB

    @property
    def document_format(self) -> str:
        """The document-format that is sent, "" for none."""
        return self.formats[0]

    @property
    def has_attributes(self) -> bool:
        """True if the printer is told something that it could do without."""
        return bool(self.job_attributes.attributes)


@dataclass
class Tries:
    """What has been tried so far, and whether it is enough.

    Attributes:
        sendings: attempts, without those that only waited for a printer.
        breaks: connections that broke while nothing was at risk.
        losses: jobs that the printer lost.
        internal_errors: answers of "internal error" for a job that is provably not there.
    """

    sendings: int = 0
    breaks: int = 0
    losses: int = 0
    internal_errors: int = 0

    @property
    def are_all_used(self) -> bool:
        """True if the document is not sent once more, whatever the printer has said."""
        return self.sendings >= MOST_SENDINGS

    @property
    def may_be_chance(self) -> bool:
        """True for the first break of a connection: it may have been just that, and no pause is needed."""
        return self.breaks <= 1

    @property
    def is_lost_too_often(self) -> bool:
        """True if the printer gets no further chance to lose the job."""
        return self.losses >= MOST_LOSSES

    @property
    def fails_for_good(self) -> bool:
        """True if the printer falls over at this document each time."""
        return self.internal_errors >= MOST_INTERNAL_ERRORS
