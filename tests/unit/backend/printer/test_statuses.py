"""backend.printer.statuses: whose trouble a refusal is, and what Create-Job says about Print-Job, status by status."""

from __future__ import annotations

import pytest

from backend.errors import AccountRefused, HttpRefused, IppRefused, IppsError, JobRefused, UserRefused
from backend.ipp.codes import BUSY, Operation, Status
from backend.printer.statuses import Trouble, http_refusal, is_final_for_create_job, refusal, trouble

T = Trouble
#: All statuses of RFC 8011 section 13.1.4 and 13.1.5, PWG 5100.7 and PWG 5100.16 by whose trouble they are.
ROWS: dict[Trouble, tuple[int, ...]] = {
    T.NOBODY: (0x0000, 0x0001, 0x0002, 0x0003, 0x0005, 0x0007),
    T.JOB: (
        *(0x0400, 0x0404, 0x0405, 0x0409, 0x040B, 0x040E, 0x040F, 0x0410, 0x0412, 0x0413, 0x0414, 0x0415, 0x0420),
        *(0x0500, 0x0504, 0x0509, 0x050C),
    ),
    T.USER: (0x0401, 0x0402, 0x0403),
    T.PRINTER: (0x0406, 0x0407, 0x040C, 0x040D, 0x0501, 0x0503),
    T.SIZE: (0x0408,),
    T.DOCUMENT: (0x040A, 0x0411, 0x0418, 0x0419, 0x041A, 0x041B),
    T.ACCOUNT: (0x041C, 0x041D, 0x041E, 0x041F),
    T.CANCELLED: (0x0508,),
    T.WAIT: (0x0502, 0x0505, 0x0506, 0x0507, 0x050A, 0x050B),
}


def test_every_status_stands_in_one_row() -> None:
    """And every busy one waits."""
    found = [status for statuses in ROWS.values() for status in statuses]
    assert sorted(found) == sorted(map(int, Status)) and set(BUSY) == set(ROWS[T.WAIT])


@pytest.mark.parametrize("whose", list(ROWS))
def test_whose_trouble_a_status_is(whose: Trouble) -> None:
    """As it is written above."""
    assert {trouble(status) for status in ROWS[whose]} == {whose}


@pytest.mark.parametrize(
    "status, whose",
    [(0x00F0, T.NOBODY), (0x0123, T.JOB), (0x0280, T.PRINTER), (0x0301, T.PRINTER), (0x04F0, T.JOB), (0x0580, T.JOB)],
)
def test_a_status_that_no_standard_knows_is_of_its_class(status: int, whose: Trouble) -> None:
    """One of no class at all is the job's, which stops no queue."""
    assert trouble(status) is whose and trouble(0x0600 + status) is T.JOB


def test_what_create_job_says_about_print_job() -> None:
    """The user, the account and what is the same in both requests; the rest is worth trying by Print-Job."""
    final = {status for status in range(0x0400, 0x0600) if is_final_for_create_job(status)}
    assert final == {*ROWS[T.USER], *ROWS[T.ACCOUNT], 0x0409, 0x040C, 0x040D}
    assert not is_final_for_create_job(None)


PRINT, ASK = Operation.PRINT_JOB, Operation.GET_PRINTER_ATTRIBUTES


@pytest.mark.parametrize(
    "whose, printing, asking",
    [
        (T.JOB, JobRefused, IppRefused),
        (T.USER, UserRefused, UserRefused),
        (T.ACCOUNT, AccountRefused, AccountRefused),
        (T.PRINTER, IppRefused, IppRefused),
        (T.SIZE, JobRefused, IppRefused),
        (T.DOCUMENT, JobRefused, IppRefused),
    ],
)
def test_a_refusal_as_an_error(whose: Trouble, printing: type[IppRefused], asking: type[IppRefused]) -> None:
    """A question has nothing of the job in it but the user's name: what is wrong else is the printer's."""
    for status in ROWS[whose]:
        assert type(refusal("printer", PRINT, status, "no")) is printing
        assert type(refusal("printer", ASK, status, "no")) is asking


@pytest.mark.parametrize(
    "printing, asking, statuses",
    [
        (UserRefused, UserRefused, (403, 451)),
        (HttpRefused, HttpRefused, (300, 301, 302, 303, 307, 308, 399)),
        (HttpRefused, HttpRefused, (405, 407, 411, 417, 421, 426, 501, 505, 511)),
        (JobRefused, HttpRefused, (400, 402, 404, 406, 409, 410, 413, 414, 415, 422, 425, 427, 431, 500, 507)),
    ],
)
def test_a_status_of_http_as_an_error(
    printing: type[IppsError], asking: type[IppsError], statuses: tuple[int, ...]
) -> None:
    """To a document, and to a question of someone whom the printer knows by a password; else it is about the path."""
    for status in statuses:
        for known in (False, True):
            assert type(http_refusal("printer", "/", PRINT, status, "no", known=known)) is printing
        assert type(http_refusal("printer", "/", ASK, status, "no", known=True)) is asking
        assert type(http_refusal("printer", "/", ASK, status, "no")) is HttpRefused
