"""What each IPP status means for job and queue when it is the last word: RFC 8011 appendix B, PWG 5100 (IANA). Pure.

What is tried before it becomes the last word stands in ``transfer``. Statuses that no standard knows go by their class
(RFC 8011 section 4.1.6.1).

    Whose trouble       what becomes of the job                      and of the queue
    PRINTER             stays                                        stops
    JOB                 held                                         goes on
    ACCOUNT             held, job-state-reasons has the status       goes on
    USER                held; for a user name and password if the printer had asked for one    goes on
    DOCUMENT, SIZE      cancelled                                    goes on
    CANCELLED           cancelled                                    goes on
    WAIT                waits, and is tried again                    goes on
    NOBODY              printed                                      goes on

The printer is asked what became of the job before anything of this is believed, if it had some of the document.

HTTP statuses, where they answer a request that makes or fills a job: the question about the printer was answered at the
same path a moment before, so that they are about the printer only where no other job could fare better.
"""

from __future__ import annotations

from enum import Enum

from backend.errors import AccountRefused, HttpRefused, IppRefused, IppsError, JobRefused, UserRefused
from backend.ipp.codes import BUSY, Operation, Status, keyword, operation_name


class Trouble(Enum):
    """Whose trouble a status is."""

    PRINTER = "the printer's"
    JOB = "the job's"
    ACCOUNT = "the account's"
    USER = "the user's"
    DOCUMENT = "the document's"
    SIZE = "the document's size"
    CANCELLED = "cancelled"
    WAIT = "passes"
    NOBODY = "none"


_T, _S = Trouble, Status
TROUBLES: dict[int, Trouble] = {
    _S.SUCCESSFUL_OK: _T.NOBODY,
    _S.SUCCESSFUL_OK_IGNORED_OR_SUBSTITUTED_ATTRIBUTES: _T.NOBODY,
    _S.SUCCESSFUL_OK_CONFLICTING_ATTRIBUTES: _T.NOBODY,
    _S.SUCCESSFUL_OK_IGNORED_SUBSCRIPTIONS: _T.NOBODY,
    _S.SUCCESSFUL_OK_TOO_MANY_EVENTS: _T.NOBODY,
    _S.SUCCESSFUL_OK_EVENTS_COMPLETE: _T.NOBODY,
    _S.CLIENT_ERROR_BAD_REQUEST: _T.JOB,
    _S.CLIENT_ERROR_FORBIDDEN: _T.USER,
    _S.CLIENT_ERROR_NOT_AUTHENTICATED: _T.USER,
    _S.CLIENT_ERROR_NOT_AUTHORIZED: _T.USER,
    _S.CLIENT_ERROR_NOT_POSSIBLE: _T.JOB,
    _S.CLIENT_ERROR_TIMEOUT: _T.JOB,
    _S.CLIENT_ERROR_NOT_FOUND: _T.PRINTER,  # the path
    _S.CLIENT_ERROR_GONE: _T.PRINTER,
    _S.CLIENT_ERROR_REQUEST_ENTITY_TOO_LARGE: _T.SIZE,
    _S.CLIENT_ERROR_REQUEST_VALUE_TOO_LONG: _T.JOB,
    _S.CLIENT_ERROR_DOCUMENT_FORMAT_NOT_SUPPORTED: _T.DOCUMENT,
    _S.CLIENT_ERROR_ATTRIBUTES_OR_VALUES_NOT_SUPPORTED: _T.JOB,
    _S.CLIENT_ERROR_URI_SCHEME_NOT_SUPPORTED: _T.PRINTER,
    _S.CLIENT_ERROR_CHARSET_NOT_SUPPORTED: _T.PRINTER,  # it is the same in all requests
    _S.CLIENT_ERROR_CONFLICTING_ATTRIBUTES: _T.JOB,
    _S.CLIENT_ERROR_COMPRESSION_NOT_SUPPORTED: _T.JOB,
    _S.CLIENT_ERROR_COMPRESSION_ERROR: _T.JOB,
    _S.CLIENT_ERROR_DOCUMENT_FORMAT_ERROR: _T.DOCUMENT,
    _S.CLIENT_ERROR_DOCUMENT_ACCESS_ERROR: _T.JOB,
    _S.CLIENT_ERROR_ATTRIBUTES_NOT_SETTABLE: _T.JOB,
    _S.CLIENT_ERROR_IGNORED_ALL_SUBSCRIPTIONS: _T.JOB,
    _S.CLIENT_ERROR_TOO_MANY_SUBSCRIPTIONS: _T.JOB,
    _S.CLIENT_ERROR_DOCUMENT_PASSWORD_ERROR: _T.DOCUMENT,
    _S.CLIENT_ERROR_DOCUMENT_PERMISSION_ERROR: _T.DOCUMENT,
    _S.CLIENT_ERROR_DOCUMENT_SECURITY_ERROR: _T.DOCUMENT,
    _S.CLIENT_ERROR_DOCUMENT_UNPRINTABLE_ERROR: _T.DOCUMENT,
    _S.CLIENT_ERROR_ACCOUNT_INFO_NEEDED: _T.ACCOUNT,
    _S.CLIENT_ERROR_ACCOUNT_CLOSED: _T.ACCOUNT,
    _S.CLIENT_ERROR_ACCOUNT_LIMIT_REACHED: _T.ACCOUNT,
    _S.CLIENT_ERROR_ACCOUNT_AUTHORIZATION_FAILED: _T.ACCOUNT,
    _S.CLIENT_ERROR_NOT_FETCHABLE: _T.JOB,
    _S.SERVER_ERROR_INTERNAL_ERROR: _T.JOB,  # whenever this job is sent
    _S.SERVER_ERROR_OPERATION_NOT_SUPPORTED: _T.PRINTER,
    _S.SERVER_ERROR_VERSION_NOT_SUPPORTED: _T.PRINTER,
    _S.SERVER_ERROR_DEVICE_ERROR: _T.JOB,
    _S.SERVER_ERROR_JOB_CANCELED: _T.CANCELLED,
    _S.SERVER_ERROR_MULTIPLE_DOCUMENT_JOBS_NOT_SUPPORTED: _T.JOB,
    _S.SERVER_ERROR_TOO_MANY_DOCUMENTS: _T.JOB,
    **dict.fromkeys(BUSY, _T.WAIT),
}
#: What a status outside the table means, by its first octet; the rest is of no class at all.
CLASSES = {0x00: _T.NOBODY, 0x01: _T.JOB, 0x02: _T.PRINTER, 0x03: _T.PRINTER, 0x04: _T.JOB, 0x05: _T.JOB}

_ERRORS: dict[Trouble, type[IppRefused]] = {
    Trouble.JOB: JobRefused,
    Trouble.ACCOUNT: AccountRefused,
    Trouble.USER: UserRefused,
    Trouble.DOCUMENT: JobRefused,
    Trouble.SIZE: JobRefused,
}
#: Trouble that Print-Job would meet as well as Create-Job.
THE_SAME_FOR_PRINT_JOB = frozenset({Trouble.ACCOUNT, Trouble.USER})
#: And statuses of that kind.
_THE_SAME = frozenset(
    {
        Status.CLIENT_ERROR_REQUEST_VALUE_TOO_LONG,
        Status.CLIENT_ERROR_URI_SCHEME_NOT_SUPPORTED,
        Status.CLIENT_ERROR_CHARSET_NOT_SUPPORTED,
    }
)


#: HTTP statuses about the method, the framing, the version, and where the printer is; redirects as well.
HTTP_OF_THE_PRINTER = frozenset((405, 407, 411, 417, 421, 426, 501, 505, 511))
#: HTTP statuses that say "not you".
HTTP_OF_THE_USER = frozenset((403, 451))


def trouble(status: int) -> Trouble:
    """Return whose trouble a status is."""
    return TROUBLES[status] if status in TROUBLES else CLASSES.get(status >> 8, Trouble.JOB)


def is_final_for_create_job(status: int | None) -> bool:
    """Tell whether a refused Create-Job says all about Print-Job, so that it is not worth trying."""
    return status is not None and (trouble(status) in THE_SAME_FOR_PRINT_JOB or status in _THE_SAME)


def refusal(printer: str, operation: int, status: int, said: str, named: str = "") -> IppRefused:
    """Return the error that a status is as the last word.

    Args:
        said: the printer's status-message, made printable.
        named: attributes that the status is about.
    """
    whose = trouble(status)
    if operation == Operation.GET_PRINTER_ATTRIBUTES and whose not in THE_SAME_FOR_PRINT_JOB:
        whose = Trouble.PRINTER  # nothing of the job is in it but the user's name
    kind = _ERRORS.get(whose, IppRefused)
    return kind(printer, operation_name(operation), status, keyword(status), said, named)


def http_refusal(
    printer: str, path: str, operation: int, status: int, reason: str, location: str = "", *, known: bool = False
) -> IppsError:
    """Return the error that an HTTP status without an IPP message is as the last word.

    Args:
        reason: the words behind the status.
        location: where a redirect points to.
        known: the printer has been given a user name and password.
    """
    about_printer = operation == Operation.GET_PRINTER_ATTRIBUTES
    said = f"HTTP {status} {reason}".strip()
    if status in HTTP_OF_THE_USER and (known or not about_printer):
        return UserRefused(printer, operation_name(operation), status, said)
    if about_printer or status < 400 or status in HTTP_OF_THE_PRINTER:
        return HttpRefused(printer, path, status, reason, location)
    return JobRefused(printer, operation_name(operation), status, said)
