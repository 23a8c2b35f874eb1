"""backend.control.failure: how a command ends for each error, as ipps443ctl(8) has it."""

from __future__ import annotations

import pytest

from backend import errors
from backend.control.failure import explain_failure, is_about_versions, worst
from backend.control.host import Misused, Refused

UNKNOWN = errors.PrinterUnknown("a:443", "spki-sha256:00", "valid until 2030-01-01", "ipps443ctl pin a")
OLD, NAME = (errors.TlsRefused("a:443", reason, "TLS 1.3") for reason in ("protocol version", "unrecognized name"))


@pytest.mark.parametrize(
    "error, code, words, text",
    [
        (Misused("say HOST"), 2, "usage", "say HOST"),
        (Refused("no"), 1, "refused", "no"),
        (errors.PrinterUnreachable("a:443", "no answer"), 3, "N01", None),
        (errors.NotTls("a:443", "HTTP"), 3, "T07", None),
        (OLD, 3, "T06", None),
        (UNKNOWN, 1, "T01", f"{UNKNOWN.detail} [T01]"),
        (errors.PinFileUnreadable("/pins", "no such word", 2), 1, "T05", "/pins, line 2: no such word [T05]"),
        (errors.BadDeviceURI("ipps443:", "no host"), 1, "C01", None),
    ],
)
def test_how_a_command_ends(error: Exception, code: int, words: str, text: str | None) -> None:
    """Its exit code, the message's code, and the message: whole where fingerprints are compared, else as it is."""
    assert explain_failure(error) == (code, words, str(error) if text is None else text)
    assert "spki-sha256:00" not in str(UNKNOWN)


def test_faults_of_ours_stay_what_they_are() -> None:
    """What no table names is no end of a command."""
    with pytest.raises(KeyError):
        explain_failure(KeyError("x"))


def test_old_versions() -> None:
    """Only alerts about versions are about them."""
    assert [is_about_versions(error) for error in (OLD, NAME, errors.NotTls("a:443", "protocol version"))] == [
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    "statuses, status", [([], 0), ([0], 0), ([0, 3], 3), ([2, 0], 2), ([3, 2], 3), ([0, 3, 2, 1], 1)]
)
def test_the_worst_of_several(statuses: list[int], status: int) -> None:
    """A refusal counts most, then what was out of reach."""
    assert worst(statuses) == status
