"""What ended a command, as exit code, code and text: the one table from errors to exit codes of ipps443ctl(8)."""

from __future__ import annotations

from backend import errors
from backend.control.host import Misused, Refused

DONE, REFUSED, MISUSED, UNREACHED = 0, 1, 2, 3

#: What has nothing to do with trust: exit code 3.
UNREACHABLE = (errors.PrinterUnreachable, errors.ConnectionLost, errors.TlsRefused, errors.NotTls)

#: Codes in the JSON of failures that have no message code of their own.
USAGE, REFUSAL, INTERRUPTED = "usage", "refused", "interrupted"

#: What a command may end with; anything else is a fault of ours.
FAILURES = (Misused, Refused, errors.IppsError)


def explain_failure(error: Exception) -> tuple[int, str, str]:
    """Return the exit code of a command that an error ended, its code, and the text."""
    if isinstance(error, Misused):
        return MISUSED, USAGE, str(error)
    if isinstance(error, Refused):
        return REFUSED, REFUSAL, str(error)
    if isinstance(error, errors.IppsError):
        text = str(error)
        if isinstance(error, UNREACHABLE):
            return UNREACHED, error.code, text
        if isinstance(error, errors.PinFileUnreadable):
            text = f"{error.place}: {error.reason} [{error.code}]"
        elif isinstance(error, errors.TrustError):
            text = f"{error.detail} [{error.code}]"
        return REFUSED, error.code, text
    raise error


def is_about_versions(error: Exception) -> bool:
    """Tell whether a handshake ended because the printer has only older versions, or so its answer says."""
    return isinstance(error, errors.TlsRefused) and error.is_about_versions


def worst(statuses: list[int]) -> int:
    """Return the exit code of several: a refusal counts most, then what was out of reach."""
    return next((status for status in (REFUSED, UNREACHED, MISUSED) if status in statuses), DONE)
