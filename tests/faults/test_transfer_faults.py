"""Each fault of framing, interim replies and connections, in each phase it can occur in, and what becomes of the job.

Quirks Q-01 to Q-46 and Q-99 to Q-110. A case is a fault of the scripted printer, what the backend
knows of the printer, and whether the printer has Create-Job. `violations` holds for all, with it what is never sent
(Q-90, Q-91, Q-92, Q-96, Q-98); beside it stands what a case comes to. First come the tables of faults that are one of
a kind, then the matrix of those that can be combined: what is said or done, at which moment, and what becomes of the
connection then. `QUIRKS` says where each quirk is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest

from tests.faults.harness import (
    DOCUMENT,
    PASSWORD,
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
from tests.faults.quick import Nursery
from tests.printer import Printer

#: What the backend remembers of the printer: the first letter of a case. The second: c for a printer with Create-Job,
#: p for one that has only Print-Job.
KNOWLEDGE = {"u": None, "c": Knowledge(True), "s": Knowledge(False)}
#: Words of faults after which nothing more comes: the time-outs are short.
SILENCES = ("hang", "no-zero", "stuck", "long-length", "truncated", "stall=")
#: Q-08, Q-09: nobody can see from the answer what came out on paper; the operator has transfer=sized.
UNSEEN = ("chunk=raw", "chunk=drop-byte")
#: A document of the ordinary size with a page in every 10,000 octets, for printers that print what they have.
PAGES = b"".join(b"\x0c" if at % 10_000 == 9_999 else DOCUMENT[at : at + 1] for at in range(len(DOCUMENT)))
DOCUMENTS = {"": DOCUMENT, "large": pcl(8_000_000), "short": SHORT, "pages": PAGES}

# Fault, combinations of the letters above, exit and message code or framing.
FRAMING = """
chunk=411,refuse_close=confuse                      uc cc up cp   0 sized
chunk=status:403                                    uc up         0 sized
chunk=status:403                                    cc cp         3 P23
chunk=status:503                                    uc cc up cp   0 sized
chunk=status:500                                    uc cc up      0 sized
chunk=status:500                                    cp            3 P09
chunk=ignore                                        uc cc up cp   0 sized
chunk=ignore:empty-job                              uc cc up      0 sized
chunk=ignore:empty-job,rest=0.5                     cp            0 sized
chunk=ignore:400                                    uc cc up cp   0 sized
chunk=raw                                           uc cc cp      0 chunked
chunk=drop-byte                                     uc cc cp      0 chunked
chunk=hang                                          uc cc up      0 sized
chunk=hang                                          cp            3 P09
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
chunk=ignore,reply_version=1.0                      uc cc cp      0 sized
http=1.0                                            uc cc up cp   0 sized
http=1.0,chunk=411                                  uc cc cp      0 sized
http=1.0,chunk=ignore                               uc cc cp      0 sized
http=1.0,reply=close                                uc cc sp      0 sized
gap=0.5                                             uc cc cp      0 chunked
sized=400,only=documents                            uc cc cp      0 chunked
sized=413@100000                                    cc cp         0 chunked
sized=status:403,only=documents                     sc sp         3 P23
sized=status:404,only=documents                     sc sp         3 P21
sized=status:422,only=documents                     sc sp         3 P21
sized=status:500,only=documents                     sc            3 P13
sized=status:500,only=documents                     sp            3 P09
sized=400                                           uc cc cp      0 chunked
sized=400                                           sp            4 P01
sized=411                                           cc cp         0 chunked
sized=411                                           sc            4 P01
sized=501                                           uc up cp      0 chunked
"""

INTERIM = """
expect=ignore                                       uc cc sp      0
expect=400                                          uc cc sp      0
expect=417                                          uc cc sp      0
interim=unasked                                     uc cc cp sp   0
interim=late                                        uc cc cp sp   0
interim=repeated:90                                 cc sp         0
interim=repeated:101                                cc sp         1 N03
interim=with-headers                                uc cc cp sp   0
interim=102                                         uc cc cp sp   0
interim=103                                         uc cc cp sp   0
interim=late,reply=close                            cc sp         0
interim=with-headers,chunk=411                      uc cc cp      0 sized
early_reply=503@50000,only=documents,times=1        uc cc sp cp   0 sized
early_reply=ipp:client-error-not-found@50000,only=documents,times=1          cc      0 sized
early_reply=ipp:server-error-busy@50000,only=documents,times=1               cc cp   0 sized
early_reply=ipp:server-error-internal-error@50000,only=documents,times=1     cc      0 sized
early_reply=ipp:client-error-document-format-not-supported@50000,only=documents,times=1     cc sp   0 sized
"""

REPLIES = """
reply=chunked                                       uc cc cp sp   0
reply=close                                         uc cc cp sp   0
reply=split                                         uc cc cp sp   0
reply=one-byte                                      uc cc cp sp   0
reply=odd-chunks                                    uc cc cp sp   0
reply=late-zero:0.5                                 uc cc cp sp   0
reply=no-zero,only=documents                        cc sp cp      0
reply=no-zero                                       cc            1 N03
slow_reply=0.5                                      uc cc cp sp   0
accept_encoding=gzip-garbage                        uc cc sp      0
gpa_delay=2                                         uc cc sp      0
gpa=internal-error                                  uc cc sp      0
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
ipp=1.0-only                                        uc cc         0
ipp=1.1-only                                        uc cc         0
ipp2=empty                                          uc cc         0
format=pcl-only                                     uc cc         0
format=octet-only                                   uc cc         0
format=refuse-octet                                 uc cc         0
format=none-listed                                  uc cc         0
missing_attributes=job-state                        uc sp         0
encoding=latin1                                     uc sp         0
answer=html,only=Get-Job-Attributes,times=3         cc sp         0
answer=status:500,only=Get-Job-Attributes,times=3   cc sp         0
answer=bad-status-line,only=Get-Job-Attributes,times=3     cc sp         0
"""

CONNECTION = """
keepalive=lie                                       uc cc         0 sized
keepalive=lie                                       sp cp         0
keepalive=lie:rst                                   uc cc         0 sized
keepalive=lie:rst                                   sp cp         0
keepalive=lie:hang                                  uc cc         0 sized
keepalive=lie:hang                                  sp cp         0
keepalive=close                                     uc cc sp cp   0
keepalive=close-after-2                             uc cc sp cp   0
keepalive=stuck@100                                 uc            0
keepalive=stuck@20000                               uc cp         0
idle_close=0.2                                      uc sp         0
max_conn=1:refuse                                   uc sp         0
max_conn=1:hang                                     uc sp         0
max_conn=1:abort                                    uc sp         0
max_conn=1:abort,stall=100000:5                     cc            3 P13
max_conn=1:refuse,stall=100000:5                    cc sp         0
slow_read=20000:0.05                                cc cp sp sc   0
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
lose_reply=after-accept,slow_reply=0.1              uc cc sp cp   0
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
lose_reply=after-accept,job_id=none,slow_reply=0.1  cc sc sp      0
lose_reply=after-accept,job_id=none,history=none    cc sp         3 P09
lose_reply=after-accept,impressions=missing,slow_reply=0.1     cc cp      0
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
early_reply=ok@0,only=documents,rest=0.5            cc sc         3 P13
early_reply=ok@0,only=documents,rest=0.5            sp cp         3 P09
early_reply=ok@1,only=documents,rest=0.5,refuse_close=rst       sc       3 P13
early_reply=ok@1,only=documents,rest=0.5,refuse_close=keep      sp cp    3 P09
early_reply=ok@50000,only=documents,rest=0.5        cc sc         3 P13
early_reply=ok@50000,only=documents,rest=0.5        sp cp         3 P09
status=Send-Document:client-error-timeout*1         cc sc         0 sized
status=Send-Document:server-error-device-error*1    cc sc         0 sized
status=Send-Document:client-error-document-format-error         cc sc    5 P04
status=Print-Job:server-error-printer-is-deactivated*1          sp cp    0 sized
status=Print-Job:client-error-document-unprintable-error        sp cp    5 P04
redirect=301                                        uc cc sp      4 P01
redirect=307                                        cc sp         4 P01
path=none                                           cc sp         4 P01
path=/other,path_error=400                          uc sp         4 P01
path=/other,path_error=not-found                    uc sp         4 P02
auth=basic                                          cc sp         2 P06
auth=negotiate                                      cc sp         2 P06
auth=never                                          uc sp         2 P06
auth=basic,password=geheim-4711                     uc cc sp      0
auth=multi,password=geheim-4711                     uc cc sp      0
auth=digest-md5,password=geheim-4711                uc cc sp      0
auth=digest-old,password=geheim-4711                uc cc sp      0
auth=digest-sha256,password=geheim-4711             uc cc sp      0
auth=digest-stale,password=geheim-4711              uc cc sp      0
auth=basic,auth_at=100000,only=documents,password=geheim-4711                       cc cp sp     0 sized
auth=basic,auth_at=100000,only=documents,password=geheim-4711,refuse_close=rst      cc cp sp     0 sized
auth=digest-both,auth_at=0,only=documents,password=geheim-4711                      cc cp sp     0 sized
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

#: With a document that lies in the printer's buffers as a whole before the printer stalls.
SMALL = """
max_conn=1:hang,stall=1:5                           cc            0
"""

#: With a document of many pages, to printers that print what they have: a part that is on paper is not printed again.
PRINTED_IN_PART = """
chunk=413@100000,only=documents                     cc cp         3 P09
chunk=411,refuse_at=100000,only=documents           cc cp         3 P09
chunk=501,refuse_at=100000,refuse_close=rst,only=documents      cc cp    3 P09
early_reply=503@100000,only=documents               cc sp         3 P09
early_reply=408@100000,only=documents               cc cp sp      3 P09
early_reply=502@100000,only=documents               cc cp sp      3 P09
early_reply=413@100000,only=documents               sc sp         5 P05
early_reply=403@100000,only=documents               cc sp         3 P23
early_reply=ok@50000,only=documents,rest=0.5        cc cp sp      3 P09
early_reply=ipp:client-error-not-possible@100000,only=documents          cc          3 P09
early_reply=ipp:client-error-not-possible@50000,only=documents           sc          3 P09
at=rst@body-middle,only=documents                   cc cp sp      3 P09
at=hang@body-middle,only=documents                  cc sp         3 P09
sized=413@100000                                    sc sp         5 P05
"""

#: What cannot be known: a printer that says yes to a short document it has not read. Such a document lies in the
#: printer's buffers as a whole, read or not, so TCP confirms it either way; and the answer, the job-id in it and the
#: job behind it are what honest printers give. That no impression is counted, no size and no job-name kept, is what
#: honest printers of old say too (Q-99, Q-116), and on that word no job may be printed twice or held each time. A
#: document that the printer's buffers do not take whole is found out (above), and so is each with Create-Job, where
#: the job has a number before. What is left for the user is transfer=sized.
LIES = ("chunk=ignore:empty-job", "early_reply=ok")
KNOWN = """
chunk=ignore:empty-job,slow_reply=0.3               cp      0 sized   | success for an empty body that was not read
early_reply=ok@100,only=documents,slow_reply=0.3    sp cp   3 P09     | success for a part of the body that was read
"""


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
        begin = ",begin=first-byte" if self.size == "pages" else ""
        return self.fault + begin + (",missing=Create-Job" if self.who[1] == "p" else "")

    @property
    def timeouts(self) -> str:
        return SHORT_TIMEOUTS if any(word in self.fault for word in SILENCES) else TIMEOUTS


def read_cases(table: str, size: str = "") -> Iterator[Case]:
    """Read the cases of one of the tables."""
    for line in table.strip().splitlines():
        fault, *rest = line.split()
        who = list(takewhile(lambda word: not word.isdigit(), rest))
        expected = " ".join(rest[len(who) :])
        yield from (Case(fault, each, expected, size) for each in who)


def read_known() -> Iterator[Any]:
    """Read the cases that cannot be known, each with its reason."""
    for line in KNOWN.strip().splitlines():
        row, _, reason = line.partition(" | ")
        for case in read_cases(row, "short"):
            yield pytest.param(case, marks=pytest.mark.xfail(strict=True, reason=reason))


# --- the matrix -------------------------------------------------------------------------------------------------

#: Ways in which a connection ends, and the phases of one exchange in which it may.
ENDS = ("rst", "fin", "close", "half-close", "hang")
PHASES = (
    "headers",
    "body-first",
    "body-middle",
    "body-end",
    "reply-status",
    "reply-headers",
    "reply-body",
    "reply-middle",
    "reply-end",
)
#: Phases before HTTP.
FIRST_PHASES = ("accept", "hello", "handshake")
#: Moments of a body at which a refusal comes (of 413 after so many octets), and what becomes of the connection then.
MOMENTS = {"headers": "0", "chunk1": "1", "100000": "100000", "end": "199000"}
CLOSES = ("close", "keep", "rst")
#: Statuses for a body in chunks that may be about the chunks, and for one with a length.
REFUSALS = ("400", "411", "413", "417", "501", "505")
#: What an answer in mid-body leads to that comes whenever the document is sent: with a job by Create-Job, without one.
EARLY_ANSWERS = {
    "302": ("4 P01", "4 P01"),
    "400": ("3 P21", "3 P21"),
    "401": ("2 P06", "2 P06"),
    "402": ("3 P21", "3 P21"),
    "403": ("3 P23", "3 P23"),
    "404": ("3 P21", "3 P21"),
    "408": ("3 P13", "3 P09"),
    "411": ("4 P01", "4 P01"),
    "413": ("5 P05", "5 P05"),
    "500": ("3 P13", "3 P09"),
    "501": ("4 P01", "4 P01"),
    "502": ("3 P13", "3 P09"),
    "503": ("1 N03", "1 N03"),
    "504": ("3 P13", "3 P09"),
    "ipp:client-error-bad-request": ("3 P21", "3 P21"),
    "ipp:client-error-forbidden": ("3 P23", "3 P23"),
    "ipp:client-error-not-possible": ("3 P21", "3 P21"),
    "ipp:client-error-timeout": ("3 P13", "3 P09"),
    "ipp:client-error-request-entity-too-large": ("5 P05", "5 P05"),
    "ipp:client-error-document-format-not-supported": ("5 P04", "5 P04"),
    "ipp:client-error-document-format-error": ("5 P04", "5 P04"),
    "ipp:server-error-internal-error": ("3 P21", "3 P09"),
    "ipp:server-error-version-not-supported": ("4 P02", "4 P02"),
    "ipp:server-error-busy": ("1 N03", "1 N03"),
    "ipp:server-error-device-error": ("3 P13", "3 P09"),
}
#: Cases that differ in one thing only, of which the normal run takes one, another one for each group.
Group = list[Case]


def refused_chunks() -> Iterator[Group]:
    """Chunks refused by status: with its length the job prints."""
    for status in REFUSALS:
        for moment in MOMENTS:
            fault = f"chunk=413@{MOMENTS[moment]}" if status == "413" else f"chunk={status},refuse_at={moment}"
            yield [
                Case(f"{fault},refuse_close={how}", who, "0 sized")
                for how in CLOSES
                for who in ("cc", "uc", "cp", "up")
            ]


def refused_lengths() -> Iterator[Group]:
    """Bodies with a length refused by status: they are refused, or too large."""
    for status in REFUSALS:
        if status == "417":
            continue  # we expect nothing, and the switch has it for chunks only
        for moment in MOMENTS:
            fault = f"sized=413@{MOMENTS[moment]}" if status == "413" else f"sized={status},refuse_at={moment}"
            expected = {"400": "3 P21", "413": "5 P05"}.get(status, "4 P01")
            yield [
                Case(f"{fault},refuse_close={how},only=documents", who, expected)
                for how in CLOSES
                for who in ("sp", "sc")
            ]


def early_answers() -> Iterator[Group]:
    """Answers while the body still goes out."""
    for answer, (with_job, without) in EARLY_ANSWERS.items():
        for both, expected in ((("cc", "sc"), with_job), (("sp", "cp"), without)):
            yield [
                Case(f"early_reply={answer}@{at},only=documents,refuse_close={how}", who, expected)
                for at in MOMENTS.values()
                for who in both
                for how in CLOSES
            ]


def broken_chunks() -> Iterator[Group]:
    """Printers that break off at each body in chunks, the question at the beginning too."""
    for end in ("rst", "fin", "close", "hang"):
        for phase in PHASES:
            fault = f"chunk={end}@{phase}{_confirmed_first(end, phase)}"
            yield [Case(fault, who, _after_broken_chunks(phase, who)) for who in ("cc", "uc", "cp")]


def _after_broken_chunks(phase: str, who: str) -> str:
    # The question at the beginning breaks as well.
    return "0 sized" if who[0] == "u" else _after_break(phase, who)


def broken_connections() -> Iterator[Group]:
    """The ends of connections times the phases, once."""
    for end in ENDS:
        for phase in PHASES:
            fault = f"at={end}@{phase},only=documents,times=1{_confirmed_first(end, phase)}"
            yield [Case(fault, who, _after_break(phase, who)) for who in ("cc", "sc")]
            yield [Case(fault, who, _after_break(phase, who)) for who in ("sp", "cp")]
        for phase in FIRST_PHASES:
            yield [Case(f"at={end}@{phase},only_connection=1", who, "0") for who in ("cc", "sp", "sc", "cp")]


def _confirmed_first(end: str, phase: str) -> str:
    """A reset waits until TCP has confirmed the last octets: else nobody knows whether the printer had them."""
    return ",slow_reply=0.3" if (end, phase) == ("rst", "reply-status") else ""


def _after_break(phase: str, who: str) -> str:
    """What the end of a document's connection leads to."""
    if phase == "headers":
        # Octets of the document had left, and only Create-Job has given the job a number.
        return "0 sized" if who[1] == "c" else "3 P09"
    if phase.startswith("body"):
        return "0 sized"
    return "0 sized" if who[0] == "s" else "0 chunked"


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


def spread(groups: list[Group]) -> tuple[list[Case], list[Case]]:
    """Return one case of each group, not always the same, and all others."""
    taken = [group[number % len(group)] for number, group in enumerate(groups)]
    return taken, [case for group, one in zip(groups, taken) for case in group if case is not one]


def two_of_each(table: str) -> tuple[list[Case], list[Case]]:
    """Return two cases of each line of a table, not always the same, and all others."""
    taken: list[Case] = []
    others: list[Case] = []
    for number, line in enumerate(table.strip().splitlines()):
        for at, case in enumerate(group := list(read_cases(line))):
            is_taken = at in (number % len(group), (number + len(group) // 2) % len(group))
            (taken if is_taken else others).append(case)
    return taken, others


#: What becomes of them is the same for each kind of printer in a line: not every kind meets each of them.
ANSWERS, REST_OF_ANSWERS = two_of_each(FRAMING + INTERIM.lstrip() + REPLIES.lstrip() + CONNECTION.lstrip())
ALL = [*read_cases(LOSSES), *ANSWERS]
ALL += [
    *read_cases(LARGE, "large"),
    *read_cases(SMALL, "short"),
    *read_cases(PRINTED_IN_PART, "pages"),
    *lost_for_ever(),
]
MATRIX, REST_OF_MATRIX = spread(
    [*refused_chunks(), *refused_lengths(), *early_answers(), *broken_chunks(), *broken_connections()]
)
#: What differs from another case only in that the question at the beginning and Print-Job meet the same fault.
LIKE_OTHERS = [case for case in ALL if case.who == "up"]
CASES = [case for case in ALL if case.who != "up"] + MATRIX
SOAK = LIKE_OTHERS + REST_OF_MATRIX + REST_OF_ANSWERS


#: Where each quirk of docs/quirks.md is: how the fault of a case begins, or what another file of this folder has.
QUIRKS = {
    "Q-01": "chunk=411",
    "Q-02": "chunk=413@",
    "Q-03": "chunk=ignore,reply_version=1.0",
    "Q-04": "http=1.0",
    "Q-05": "expect=400",
    "Q-06": "chunk=501",
    "Q-07": "chunk=ignore",
    "Q-08": "chunk=raw",
    "Q-09": "chunk=drop-byte",
    "Q-10": "chunk=min-16384",
    "Q-11": "chunk=ops:",
    "Q-12": "chunk=rst@headers",
    "Q-13": "chunk=hang",
    "Q-14": "gap=",
    "Q-15": "test_inputs.py: test_slow_filter",
    "Q-16": "lose_reply=",
    "Q-17": "chunk=505",
    "Q-18": "early_reply=",
    "Q-20": "expect=ignore",
    "Q-21": "interim=late",
    "Q-22": "expect=417",
    "Q-23": "interim=with-headers",
    "Q-24": "expect=ignore",
    "Q-25": "reply=late-zero",
    "Q-26": "answer=truncated:503",
    "Q-27": "answer=no-type",
    "Q-28": "answer=ipp-in:403",
    "Q-29": "keepalive=lie",
    "Q-30": "idle_close=",
    "Q-31": "test_inputs.py: test_waiting_costs_no_processor_time",
    "Q-32": "accept_encoding=gzip-garbage",
    "Q-33": "auth=basic,auth_at=",
    "Q-34": "auth=multi",
    "Q-35": "auth=digest-stale",
    "Q-36": "auth=basic",
    "Q-37": "auth=never",
    "Q-38": "test_trust_faults.py: tls=plain:426",
    "Q-39": "redirect=",
    "Q-40": "test_addresses.py: test_the_host_field",
    "Q-41": "test_servers.py: test_nginx_in_front",
    "Q-42": "gpa_delay=",
    "Q-43": "path=/other",
    "Q-44": "path=none",
    "Q-45": "max_conn=",
    "Q-46": "test_addresses.py: test_the_host_field",
}


def test_every_quirk_of_framing_and_connections_has_a_case() -> None:
    """Q-01 to Q-46 are all there, and most combinations are run each time."""
    assert sorted(QUIRKS) == [f"Q-{number:02}" for number in range(1, 47) if number != 19]
    for quirk, where in QUIRKS.items():
        file, _, text = where.partition(": ")
        there = text in Path(__file__).with_name(file).read_text() if text else _begins_a_case(where)
        assert there, f"{quirk}: {where}"
    assert len(CASES) > 500


def _begins_a_case(fault: str) -> bool:
    return any(case.fault.startswith(fault) for case in CASES)


@pytest.fixture
def play(nursery: Nursery) -> Callable[[Case], Outcome]:
    """Runs the backend against the printer of a case."""
    return lambda case: run_case(case, nursery)


def run_case(case: Case, nursery: Nursery) -> Outcome:
    with Printer(certificate=own_certificate(), faults=case.faults) as printer:
        user = f"someone:{PASSWORD}" if "password=" in case.fault else ""
        uri = device_uri(printer, timeout=case.timeouts, user=user)
        knows = KNOWLEDGE[case.who[0]]
        return run_backend(printer, DOCUMENTS[case.size], uri=uri, knows=knows, starter=nursery.start)


def check(case: Case, outcome: Outcome) -> None:
    """Compare the outcome with the invariant and with what is expected."""
    came = f"{outcome.exit_code} {outcome.code or outcome.framing}"
    unseen = case.fault.startswith(UNSEEN)
    assert violations(outcome, corrupts=unseen) == [] and outcome.same != unseen, str(outcome)
    assert came == case.expected or came.startswith(f"{case.expected} "), str(outcome)


@pytest.mark.parametrize(
    "case", [*CASES, *(pytest.param(case, marks=pytest.mark.soak) for case in SOAK)], ids=lambda case: case.name
)
def test_job_arrives_once_or_not_at_all(case: Case, outcome_of: Any, play: Any) -> None:
    """The job is printed exactly once and whole, or not at all and with the right exit code and message."""
    check(case, outcome_of(play))


@pytest.mark.parametrize("case", read_known(), ids=lambda case: case.name)
def test_printers_that_lie(case: Case, outcome_of: Any, play: Any) -> None:
    """What would be right, could anybody know; that these fail is known as well."""
    outcome = outcome_of(play)
    assert violations(outcome) == [], str(outcome)
    assert str(outcome.exit_code) == case.expected.split()[0], str(outcome)
