"""Errors to exit codes of a CUPS backend: backend(7), "EXIT STATUS". One table."""

from __future__ import annotations

from enum import IntEnum

from backend import errors


class ExitStatus(IntEnum):
    """What cupsd does with the job and the queue after we leave (cups/backend.h)."""

    CUPS_BACKEND_OK = 0  # the job is printed
    CUPS_BACKEND_FAILED = 1  # the queue's error policy decides; in a class the next member gets the job
    CUPS_BACKEND_AUTH_REQUIRED = 2  # the job is held for a user name and password
    CUPS_BACKEND_HOLD = 3  # the job is held, the queue goes on
    CUPS_BACKEND_STOP = 4  # the queue stops, the job stays
    CUPS_BACKEND_CANCEL = 5  # the job is cancelled
    CUPS_BACKEND_RETRY = 6  # the job is tried again later
    CUPS_BACKEND_RETRY_CURRENT = 7  # the job is run again at once


#: The first class in the list that fits decides, so subclasses stand before their parents.
EXIT_STATUS: tuple[tuple[type[errors.IppsError], ExitStatus], ...] = (
    (errors.TrustError, ExitStatus.CUPS_BACKEND_STOP),
    (errors.BadDeviceURI, ExitStatus.CUPS_BACKEND_STOP),
    (errors.UsageError, ExitStatus.CUPS_BACKEND_STOP),
    (errors.InstallationBroken, ExitStatus.CUPS_BACKEND_STOP),
    (errors.SettingsUnreadable, ExitStatus.CUPS_BACKEND_STOP),
    (errors.AuditLogUnwritable, ExitStatus.CUPS_BACKEND_HOLD),
    (errors.PinFileNotWritten, ExitStatus.CUPS_BACKEND_STOP),
    (errors.SilentPort, ExitStatus.CUPS_BACKEND_STOP),
    (errors.PrinterUnreachable, ExitStatus.CUPS_BACKEND_RETRY_CURRENT),
    (errors.PrinterBusy, ExitStatus.CUPS_BACKEND_RETRY_CURRENT),
    (errors.NoRoomForCopy, ExitStatus.CUPS_BACKEND_RETRY_CURRENT),
    (errors.GaveUpWaiting, ExitStatus.CUPS_BACKEND_FAILED),
    (errors.ConnectionLost, ExitStatus.CUPS_BACKEND_HOLD),
    (errors.JobLostRepeatedly, ExitStatus.CUPS_BACKEND_HOLD),
    (errors.CopyNeeded, ExitStatus.CUPS_BACKEND_HOLD),
    (errors.PartlyPrinted, ExitStatus.CUPS_BACKEND_HOLD),
    (errors.JobInDoubt, ExitStatus.CUPS_BACKEND_HOLD),
    (errors.HttpRefused, ExitStatus.CUPS_BACKEND_STOP),
    (errors.MalformedResponse, ExitStatus.CUPS_BACKEND_STOP),
    (errors.MalformedMessage, ExitStatus.CUPS_BACKEND_STOP),
    (errors.AuthenticationRequired, ExitStatus.CUPS_BACKEND_AUTH_REQUIRED),
    (errors.DocumentRefused, ExitStatus.CUPS_BACKEND_CANCEL),
    (errors.DocumentUnknown, ExitStatus.CUPS_BACKEND_CANCEL),
    (errors.DocumentTooLarge, ExitStatus.CUPS_BACKEND_CANCEL),
    (errors.JobCancelledAtPrinter, ExitStatus.CUPS_BACKEND_CANCEL),
    (errors.JobAbortedAtPrinter, ExitStatus.CUPS_BACKEND_HOLD),
    (errors.JobRefused, ExitStatus.CUPS_BACKEND_HOLD),
    (errors.AccountRefused, ExitStatus.CUPS_BACKEND_HOLD),
    (errors.UserRefused, ExitStatus.CUPS_BACKEND_HOLD),
    (errors.JobPasswordNotTaken, ExitStatus.CUPS_BACKEND_HOLD),
    (errors.JobReleaseNotTaken, ExitStatus.CUPS_BACKEND_HOLD),
    (errors.JobNotPrinted, ExitStatus.CUPS_BACKEND_HOLD),
    (errors.PassedFormatRefused, ExitStatus.CUPS_BACKEND_RETRY_CURRENT),
    (errors.ListedFormatRefused, ExitStatus.CUPS_BACKEND_HOLD),
    (errors.IppRefused, ExitStatus.CUPS_BACKEND_STOP),
    (errors.DocumentIncomplete, ExitStatus.CUPS_BACKEND_FAILED),
    (errors.DocumentInterrupted, ExitStatus.CUPS_BACKEND_HOLD),
    (errors.PrintedUnclear, ExitStatus.CUPS_BACKEND_HOLD),
    (errors.DocumentUnreadable, ExitStatus.CUPS_BACKEND_FAILED),
    (errors.IppsError, ExitStatus.CUPS_BACKEND_FAILED),
)


def exit_status(error: errors.IppsError) -> ExitStatus:
    """Return the exit code for an error."""
    return next(status for kind, status in EXIT_STATUS if isinstance(error, kind))
