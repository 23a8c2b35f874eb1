"""backend.exit_status: every error has its documented exit code, and no error is forgotten."""

from __future__ import annotations

import dataclasses
import inspect
from typing import Any

import pytest

from backend import errors
from backend.exit_status import EXIT_STATUS, ExitStatus, exit_status

FAILED, AUTHENTICATION, HOLD, STOP, CANCEL, RUN_AGAIN = 1, 2, 3, 4, 5, 7

#: backend(7), and what is made of it: 1 failed (class, contimeout, dead filter), 2 authentication, 3 hold
#: (ambiguous loss), 4 stop (trust, TLS refused, bad URI, broken installation), 5 cancel (too large, format refused,
#: cancelled at the printer), 7 run again.
DOCUMENTED = {
    FAILED: "IppsError GaveUpWaiting DocumentIncomplete DocumentUnreadable",
    AUTHENTICATION: "AuthenticationRequired",
    HOLD: """
        AuditLogUnwritable ConnectionLost JobRefused AccountRefused UserRefused JobPasswordNotTaken
        JobReleaseNotTaken JobNotPrinted ListedFormatRefused JobAbortedAtPrinter JobInDoubt JobLostRepeatedly
        CopyNeeded PartlyPrinted DocumentInterrupted PrintedUnclear
    """,
    STOP: """
        BadDeviceURI UsageError InstallationBroken SettingsUnreadable TrustError PrinterUnknown CertificateChanged
        CertificateExpired CertificateRefused PinFileUnreadable TlsRefused ClientCertificateWanted NotTls
        NotVerified UpgradeRefused PinFileNotWritten SilentPort HttpRefused IppRefused MalformedMessage
        MalformedResponse
    """,
    CANCEL: "DocumentRefused DocumentTooLarge DocumentUnknown JobCancelledAtPrinter",
    RUN_AGAIN: "PrinterUnreachable HandshakeTimeout PrinterBusy NoRoomForCopy PassedFormatRefused",
}
EXPECTED = {name: code for code, names in DOCUMENTED.items() for name in names.split()}

CLASSES = {
    name: kind
    for name, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, errors.IppsError) and kind.__module__ == errors.__name__
}


def example(kind: type[errors.IppsError]) -> errors.IppsError:
    """Return an error of the class, with a value for each field."""
    values: dict[str, Any] = {"int": 7, "int | None": 7, "float": 7.0, "bool": False, "bytes": b"x"}
    if not dataclasses.is_dataclass(kind):
        return kind("x")
    return kind(*(values.get(str(field.type), f"<{field.name}>") for field in dataclasses.fields(kind)))


def test_the_table_is_complete() -> None:
    """Each error class stands in the documented table, and each class of the table exists."""
    assert set(EXPECTED) == set(CLASSES)


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_each_error_has_its_exit_code(name: str) -> None:
    """An error leads to exactly the documented code."""
    assert exit_status(example(CLASSES[name])) == EXPECTED[name]


def test_no_row_is_hidden_by_an_earlier_one() -> None:
    """The first row that fits decides, so a subclass stands before its parent."""
    kinds = [kind for kind, _ in EXIT_STATUS]
    hidden = [kind for at, kind in enumerate(kinds) if any(issubclass(kind, earlier) for earlier in kinds[:at])]
    assert hidden == []


def test_the_codes_are_those_of_cups() -> None:
    """The numbers are those of cups/backend.h; 6 stays unused, because it loses the job after five attempts."""
    assert [int(status) for status in ExitStatus] == [0, 1, 2, 3, 4, 5, 6, 7]
    assert ExitStatus.CUPS_BACKEND_RETRY not in [status for _, status in EXIT_STATUS]


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_each_error_says_something_on_one_line(name: str) -> None:
    """An error's text is one line that ends in its code, and has all of its values but what is kept back."""
    error = example(CLASSES[name])
    assert "\n" not in str(error)
    assert str(error).endswith(f"[{error.code}]")
    assert error.text and error.code not in error.text


def test_codes_are_unique() -> None:
    """No two errors share a code, but for the parents that are never raised themselves."""
    codes = [kind.code for name, kind in CLASSES.items() if name not in ("IppsError", "TrustError")]
    assert len(codes) == len(set(codes))
