"""Each fault of framing, interim replies and connections, in each phase it can occur in, and what becomes of the job.

Quirks Q-01 to Q-46 and Q-99 to Q-110; issue "Transfer", 1. A case is a fault of the scripted printer, what the backend
knows of the printer, and whether the printer has Create-Job. `violations` holds for all; beside it stands what a case
comes to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

import pytest

from tests.faults.harness import (
    DOCUMENT,
    SHORT,
    SHORT_TIMEOUTS,
    TIMEOUTS,
    Knowledge,
    Outcome,
    device_uri,
    own_certificate,
    pcl,
    run_backend,
)
from tests.faults.invariant import violations
from tests.printer import Printer

#: What the backend remembers of the printer, and what the printer can do: the two letters of a case.
KNOWLEDGE = {"u": ("unknown", None), "c": ("known to chunk", True), "s": ("known not to", False)}
OPERATIONS = {"c": "Create-Job", "p": "Print-Job"}
#: Words of faults after which nothing more comes: the time-outs are short.
SILENCES = ("hang", "no-zero", "stuck", "long-length", "truncated", "stall=")
#: Q-08, Q-09: nobody can see from the answer what came out on paper; the operator has transfer=sized.
UNSEEN = ("chunk=raw", "chunk=drop-byte")
DOCUMENTS = {"": DOCUMENT, "large": pcl(8_000_000), "short": SHORT}

# fault, combinations of the letters above, exit and message code or framing; "or" where time decides, "cp: ..." for
# single combinations.
FRAMING = """
chunk=400                                           uc cc up cp   0 sized
chunk=411                                           uc cc up cp   0 sized
chunk=411,refuse_at=chunk1                          uc cc up cp   0 sized
chunk=411,refuse_at=end                             uc cc up cp   0 sized
chunk=411,refuse_at=end,refuse_close=keep           uc cc up cp   0 sized
chunk=411,refuse_close=keep                         uc cc up cp   0 sized
chunk=411,refuse_close=rst                          uc cc up cp   0 sized
chunk=411,refuse_close=confuse                      uc cc up cp   0 sized
chunk=411,refuse_at=chunk1,refuse_close=rst         uc cc up cp   0 sized
chunk=413@0                                         uc cc up cp   0 sized
chunk=413@100000                                    uc cc up cp   0 sized
chunk=413@100000,refuse_close=rst                   uc cc up cp   0 sized
chunk=417                                           uc cc up cp   0 sized
chunk=501                                           uc cc up cp   0 sized
chunk=505                                           uc cc up cp   0 sized
chunk=status:403                                    uc up         0 sized
chunk=status:403                                    cc cp         4 P01
chunk=status:503                                    uc cc up cp   0 sized
chunk=status:500                                    uc cc up      0 sized
chunk=status:500                                    cp            3 P09
chunk=ignore                                        uc cc up cp   0 sized
chunk=ignore:empty-job                              uc cc up      0 sized
chunk=ignore:empty-job,rest=0.5                     cp            0 sized
chunk=ignore:400                                    uc cc up cp   0 sized
chunk=raw                                           uc cc cp      0 chunked
chunk=drop-byte                                     uc cc cp      0 chunked
chunk=rst@headers                                   uc cc up      0 sized
chunk=rst@headers                                   cp            3 P09
chunk=rst@body-first                                uc cc up cp   0 sized
chunk=rst@chunk1                                    uc cc up cp   0 sized
chunk=rst@body-middle                               uc cc up cp   0 sized
chunk=rst@body-end                                  uc cc up cp   0 sized
chunk=rst@reply-status                              uc up         0 sized
chunk=rst@reply-status                              cc cp         0 chunked
chunk=rst@reply-middle                              cc cp         0 chunked
chunk=fin@headers                                   uc cc up      0 sized
chunk=fin@headers                                   cp            3 P09
chunk=fin@chunk1                                    uc cc up cp   0 sized
chunk=fin@body-middle                               uc cc up cp   0 sized
chunk=close@headers                                 uc cc up      0 sized
chunk=close@headers                                 cp            3 P09
chunk=close@chunk1                                  uc cc up cp   0 sized
chunk=close@body-middle                             uc cc up cp   0 sized
chunk=hang                                          uc cc up      0 sized
chunk=hang                                          cp            3 P09
chunk=hang@chunk1                                   uc cc cp      0 sized
chunk=hang@body-middle                              uc cc cp      0 sized
chunk=hang@reply                                    uc up         0 sized
chunk=hang@reply                                    cc cp         0 chunked
chunk=hang@mid-reply                                uc up         0 sized
chunk=hang@mid-reply                                cc cp         0 chunked
chunk=ops:PrintJob+SendDocument                     uc up         0 sized
chunk=ops:PrintJob+SendDocument                     cc cp         0 chunked
chunk=ops:Get-Printer-Attributes                    uc cc up cp   0 sized
chunk=max-1000                                      uc cc up cp   0 sized
chunk=max-60000                                     cc cp         0 sized
chunk=min-16384                                     uc cc up cp   0 chunked
http=1.0                                            uc cc up cp   0 sized
sized=400,only=documents                            uc cc cp      0 chunked
sized=400,only=documents                            sc sp         4 P01
sized=411,only=documents                            sc sp         4 P01
sized=413@100000                                    sc sp         5 P05
sized=413@100000                                    cc cp         0 chunked
sized=501,only=documents                            sc sp         4 P01
sized=505,only=documents                            sc sp         4 P01
sized=status:403,only=documents                     sc sp         4 P01
sized=status:500,only=documents                     sc            3 P13
sized=status:500,only=documents                     sp            3 P09
sized=400                                           uc sp         4 P01
sized=411                                           sc cp         4 P01
"""

INTERIM = """
interim=unasked                                     uc cc sp      0
interim=late                                        uc cc sp      0
interim=repeated:5                                  uc cc sp      0
interim=with-headers                                uc cc sp      0
interim=102                                         cc sp         0
interim=103                                         cc sp         0
early_reply=400@0,only=documents                    cc sp         4 P01
early_reply=403@50000,only=documents                cc sp         4 P01
early_reply=413@50000,only=documents                uc sp cp      5 P05
early_reply=500@50000,only=documents                cc            3 P13
early_reply=500@50000,only=documents                sp cp         3 P09
early_reply=503@50000,only=documents,times=1        uc cc sp cp   0 sized
early_reply=503@50000,only=documents                cc sp         1 N03
early_reply=ipp:client-error-bad-request@50000,only=documents                cc sp   4 P02
early_reply=ipp:client-error-not-found@50000,only=documents,times=1          cc      0 sized
early_reply=ipp:server-error-busy@50000,only=documents,times=1               cc cp   0 sized
early_reply=ipp:server-error-internal-error@50000,only=documents,times=1     cc      0 sized
early_reply=ipp:server-error-internal-error@50000,only=documents             sp      3 P09
early_reply=ipp:client-error-document-format-not-supported@50000,only=documents,times=1     cc sp   0 sized
early_reply=401@50000,only=documents                cc sp         2 P06
early_reply=401@50000,only=documents,refuse_close=rst       cc cp         2 P06
"""

REPLIES = """
reply=chunked                                       uc sp         0
reply=close                                         uc sp         0
reply=split                                         uc sp         0
reply=one-byte                                      cc sp         0
reply=odd-chunks                                    cc sp         0
reply=late-zero:0.5                                 uc sp         0
reply=no-zero,only=documents                        cc sp cp      0
reply=no-zero                                       cc            1 N03
slow_reply=0.5                                      uc sp         0
drip=0.002,only=documents                           cc sp         0
answer=html,only=documents                          cc sp cp      0
answer=no-type                                      uc sp         0
answer=other-type,only=documents                    cc cp         0
answer=status:200,only=documents                    cc sp         0
answer=status:502,only=documents                    cc sp cp      0
answer=status:504,only=documents                    cc sp         0
answer=ipp-in:500,only=documents                    cc sp         0
answer=ipp-in:403,only=documents                    cc cp         0
answer=truncated:503,only=documents,times=1         cc sp         0
answer=truncated:400,only=documents                 cc cp         0
answer=empty,only=documents                         cc sp cp      0
answer=garbage,only=documents                       cc sp cp      0
answer=bad-status-line,only=documents               cc sp cp      0
answer=short,only=documents                         cc sp cp      0
answer=long-length,only=documents                   cc sp         0
answer=two-lengths,only=documents                   cc sp         0
answer=endless-headers,only=documents               cc sp         0
answer=html,only=Create-Job                         cc            0 sized
answer=empty,only=Create-Job                        cc            0 sized
answer=garbage,only=Create-Job                      cc            0 sized
answer=status:500,only=Create-Job                   cc            0 sized
answer=bad-status-line,only=Create-Job              cc sc         0 sized
answer=bad-status-line,times=1                      uc cc sp      0
answer=empty,times=1                                uc cc sp      0
answer=garbage,times=1                              cc sp         0
answer=html                                         sp            1 N03
answer=status:500                                   cp            1 N03
answer=status:404                                   cp            4 P01
answer=html,only=Get-Job-Attributes,times=3         cc sp         0
answer=status:500,only=Get-Job-Attributes,times=3   cc sp         0
answer=bad-status-line,only=Get-Job-Attributes,times=3     cc sp         0
"""

CONNECTION = """
keepalive=lie                                       uc cc         0 sized
keepalive=lie:rst                                   uc cc         0 sized
keepalive=lie:rst                                   sp cp         0
keepalive=lie:hang                                  uc cc         0 sized
keepalive=close                                     uc sp cp      0
keepalive=close-after-2                             uc sp cp      0
keepalive=stuck@100                                 uc            0
keepalive=stuck@20000                               uc cp         0
idle_close=0.2                                      uc sp         0
max_conn=1:refuse                                   uc sp         0
max_conn=1:hang                                     uc sp         0
max_conn=1:abort                                    uc sp         0
slow_read=20000:0.05                                cc sp         0
sleep=1                                             uc cc sp      0
sleep=3                                             cc            1 N03
stall=100000:1                                      cc sp         0
stall=100000:8                                      cc sp         0
close_notify=no-reply                               uc sp         0
close_notify=abrupt                                 uc sp         0
boot=1                                              uc sp         0
boot=1:busy                                         uc sp         0
busy=1@Print-Job+1@Send-Document                    uc cc sp cp   0 sized
busy=always@Print-Job+always@Send-Document          cc sp         1 N03
busy=1@Create-Job                                   cc            0
accepting=no                                        cc sp         1 N03
handshake=hang,only_connection=1                    cc            0
handshake=hang@half,only_connection=1               cc            0
handshake=slow:1                                    cc            0
handshake=close,only_connection=1                   cc sp         0
handshake=rst,only_connection=1                     cc sp         0
handshake=alert:40                                  cc            4 T06
handshake=garbage                                   cc            4 T07
"""

LOSSES = """
lose_reply=after-accept                             uc cc sp cp   0
lose_reply=after-accept:fin                         cc cp         0
lose_reply=after-accept:close                       cc sp         0
lose_reply=after-accept:hang                        cc cp         0
lose_reply=before-accept                            cc            3 P13
lose_reply=before-accept                            sp cp         3 P09
lose_reply=before-accept:fin                        cc            3 P13
lose_reply=after-accept,history=none                cc sp cp      3 P09
lose_reply=after-accept,history=not-possible        cc            3 P09
lose_reply=after-accept,history=none,job_time=2     cc cp         0
lose_reply=after-accept,job_id=none                 cc sc sp      0
lose_reply=after-accept,job_id=none,history=none    cc sp         3 P09
lose_reply=after-accept,impressions=missing         cc cp         0
reply_when=printed,job_time=1                       cc sp         0
job_id=none                                         cc sp         0
job_id=wrong-group                                  cc sp         0
job_id=uri-only                                     cc sp         0
at=rst@body-middle,only=documents,times=1,partial=vanish        cc    0 sized
at=rst@body-middle,only=documents,times=1,partial=vanish        cp    3 P09
at=rst@body-middle,only=documents,times=1,partial=incoming      cc sp    0 sized
at=rst@body-middle,only=documents,times=1,begin=first-byte      cc sp    0 sized
at=rst@body-middle,only=documents,times=1,impressions=missing   cc cp    0 sized
at=rst@body-end,only=documents,partial=incoming                 cc       3 P13
broken=Send-Document                                cc sc         0 sized
early_reply=ok@50000,only=documents,rest=0.5                    cc       3 P13
early_reply=ok@50000,only=documents,rest=0.5                    sp cp    3 P09
status=Send-Document:server-error-internal-error    cc            4 P02
status=Print-Job:server-error-internal-error        sp            3 P09
redirect=302                                        cc sp         4 P01
path=none                                           cc sp         4 P01
auth=basic                                          cc sp         2 P06
"""

#: With a document larger than all buffers on the way, so that an early answer comes before its end.
LARGE = """
early_reply=ok@50000,only=documents                 cc            3 P13
early_reply=ok@50000,only=documents                 sp cp         3 P09
early_reply=ok@50000,only=documents,refuse_close=keep     sp cp   3 P09
early_reply=ok@50000,only=documents,refuse_close=rst      sp      3 P09
chunk=ignore:empty-job                              cc cp         0 sized
chunk=411,refuse_at=chunk1,refuse_close=rst         cc cp         0 sized
early_reply=413@50000,only=documents                sp cp         5 P05
at=rst@body-middle,only=documents,times=1           cc sp         0 sized
stall=1000000:5                                     cc sp         0
"""

#: What cannot be known: a printer that says yes to a short document it has not read. Such a document lies in the
#: printer's buffers as a whole, read or not, so TCP confirms it either way; and the answer, the job-id in it and the
#: job behind it are what honest printers give. That no impression is counted, no size and no job-name kept, is what
#: honest printers of old say too (Q-99, Q-116), and on that word no job may be printed twice or held each time. A
#: document that the printer's buffers do not take whole is found out (above), and so is each with Create-Job, where
#: the job has a number before. What is left for the user is transfer=sized.
KNOWN = """
chunk=ignore:empty-job,slow_reply=0.3               cp      0 sized   | success for an empty body that was not read
early_reply=ok@100,only=documents,slow_reply=0.3    sp cp   3 P09     | success for a part of the body that was read
"""

#: Ways in which a connection ends, and the phases of one exchange in which it may.
ENDS = ("rst", "fin", "close", "half-close", "hang")
PHASES = (
    "headers",
    "body-first",
    "body-middle",
    "body-end",
    "reply-status",
    "reply-headers",
    "reply-middle",
    "reply-end",
)
#: Phases before HTTP.
FIRST_PHASES = ("accept", "hello", "handshake")
COMBINATIONS = ("cc", "sp", "sc", "cp")


@dataclass(frozen=True)
class Case:
    """One fault, what is known of the printer, and which operations it has."""

    fault: str
    who: str
    expected: str
    size: str = ""

    @property
    def name(self) -> str:
        return "-".join(filter(None, (self.fault, self.who, self.size)))

    @property
    def faults(self) -> str:
        return self.fault if self.who[1] == "c" else f"{self.fault},missing=Create-Job"

    @property
    def timeouts(self) -> str:
        return SHORT_TIMEOUTS if any(word in self.fault for word in SILENCES) else TIMEOUTS


def read_cases(table: str, size: str = "") -> Iterator[Case]:
    """Read the cases of one table above."""
    for line in table.strip().splitlines():
        fault, *rest = line.split()
        who = list(takewhile(lambda word: not word.isdigit(), rest))
        expected = " ".join(rest[len(who) : len(who) + 2])
        yield from (Case(fault, each, expected, size) for each in who)


def read_known() -> Iterator[Any]:
    """Read the cases that cannot be known, each with its reason."""
    for line in KNOWN.strip().splitlines():
        row, _, reason = line.partition(" | ")
        for case in read_cases(row, "short"):
            yield pytest.param(case, marks=pytest.mark.xfail(strict=True, reason=reason))


def broken_connections(everything: bool) -> Iterator[Case]:
    """The ends of connections times the phases; in the normal run with two of the four combinations each."""
    number = 0
    for end in ENDS:
        for phase in PHASES:
            fault = f"at={end}@{phase},only=documents,times=1"
            for index, who in enumerate(COMBINATIONS):
                if everything != (index % 2 == number % 2):
                    yield Case(fault, who, _after_break(phase, who))
            number += 1
        for phase in FIRST_PHASES:
            for index, who in enumerate(COMBINATIONS):
                if everything != (index == number % 4):
                    yield Case(f"at={end}@{phase},only_connection=1", who, "0")
            number += 1


def _after_break(phase: str, who: str) -> str:
    """What the end of a document's connection leads to."""
    if phase == "headers":
        # Octets of the document had left, and only Create-Job has given the job a number.
        return "0 sized" if who[1] == "c" else "3 P09"
    if phase.startswith("body"):
        return "0 sized"
    return "0 chunked" if who[0] == "c" else "0 sized"


def lost_for_ever() -> Iterator[Case]:
    """Connections that break at every attempt, and questions that break."""
    for end in ("rst", "fin", "hang"):
        for phase, who in (("body-first", "cc"), ("body-middle", "sp"), ("body-end", "cp")):
            yield Case(f"at={end}@{phase},only=documents", who, "3 P13")
        for phase in ("headers", "reply-status", "reply-middle"):
            yield Case(f"at={end}@{phase},only=Create-Job,times=1", "cc", "0")
            yield Case(f"at={end}@{phase},only=Get-Printer-Attributes,times=1", "cc", "0")
            yield Case(f"at={end}@{phase},only=Get-Printer-Attributes,times=1", "up", "0 sized")
            yield Case(f"at={end}@{phase},only=Get-Job-Attributes,times=2", "sc", "0 sized")


ALL = [case for table in (FRAMING, INTERIM, REPLIES, CONNECTION, LOSSES) for case in read_cases(table)]
ALL += read_cases(LARGE, "large")
#: What differs from another case only in that the question at the beginning and Print-Job meet the same fault.
LIKE_OTHERS = [case for case in ALL if case.who == "up"]
CASES = [case for case in ALL if case.who != "up"] + [*broken_connections(everything=False), *lost_for_ever()]
SOAK = LIKE_OTHERS + list(broken_connections(everything=True))


def play(case: Case) -> Outcome:
    """Run the backend against the printer of a case."""
    knows = KNOWLEDGE[case.who[0]][1]
    with Printer(certificate=own_certificate(), faults=case.faults) as printer:
        uri = device_uri(printer, timeout=case.timeouts)
        return run_backend(printer, DOCUMENTS[case.size], uri=uri, knows=None if knows is None else Knowledge(knows))


def check(case: Case, outcome: Outcome, row: Callable[..., None]) -> None:
    """Add the outcome to the table and compare it with the invariant and with what is expected."""
    code = f"{outcome.exit_code} {outcome.code}".strip()
    knowledge, operations = KNOWLEDGE[case.who[0]][0], OPERATIONS[case.who[1]]
    row("transfer", case.fault, knowledge, operations, code, outcome.framing, outcome.printed, f"{outcome.seconds:.1f}")
    assert violations(outcome, corrupts=case.fault.startswith(UNSEEN)) == [], str(outcome)
    wanted = case.expected.split()
    came = [str(outcome.exit_code), outcome.code or outcome.framing]
    assert came[: len(wanted)] == wanted, str(outcome)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_job_arrives_once_or_not_at_all(case: Case, outcome_of: Any, row: Any) -> None:
    """The job is printed exactly once and whole, or not at all and with the right exit code and message."""
    check(case, outcome_of(play), row)


@pytest.mark.parametrize("case", read_known(), ids=lambda case: case.name)
def test_printers_that_lie(case: Case, outcome_of: Any) -> None:
    """What would be right, could anybody know; that these fail is known as well."""
    outcome = outcome_of(play)
    assert violations(outcome) == [], str(outcome)
    assert str(outcome.exit_code) == case.expected.split()[0], str(outcome)


@pytest.mark.soak
@pytest.mark.parametrize("case", SOAK, ids=lambda case: case.name)
def test_the_other_combinations(case: Case, outcome_of: Any, row: Any) -> None:
    """The combinations that the normal run leaves out come to the same."""
    check(case, outcome_of(play), row)
