"""What must be true of every run, whatever the printer did: the promises of this program.

- exit 0: printed exactly once, octet for octet;
- any other exit: not printed, or, if it is code 3 with message P09 (nobody can know), at most once;
- never twice, never a part of it;
- one ERROR line on a non-zero exit, with its code, and nothing above DEBUG after it; none on exit 0;
- all lines follow the grammar, no password is in any of them, and nothing is on standard output;
- printer-state-reasons are taken back, but for the one word about trust;
- standard input is read to its end, and no file is left;
- nothing at the printer still waits for a document that will not come;
- what printers were reported to break on is never sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.faults.harness import PASSWORD, Outcome

TRUST_WORDS = frozenset({"cups-pki-unknown", "cups-pki-changed", "cups-pki-expired", "cups-certificate-error"})
#: How far a job got; it stays after a refusal in the middle of a job, for the run after the new pin.
JOB_RECORD = "cache/ipps443/job-"
#: After these nobody could tell the printer anything: it is not reached, or nobody knows what it has.
SILENT = ("N01", "N02", "P09", "T01", "T02", "T03", "T04", "T06", "T07", "T09")


def violations(outcome: Outcome, *, corrupts: bool = False, stopped: bool = False) -> list[str]:
    """Return what is wrong with a run; nothing if all is well.

    Args:
        corrupts: the printer spoils what it prints and says nothing (Q-08, Q-09), which nobody can notice.
        stopped: SIGTERM was sent: the input need not be read, and no ERROR is due.
    """
    found = list(_of_printing(outcome, corrupts))
    found += _of_messages(outcome, stopped)
    found += _of_remains(outcome, stopped)
    found += _of_requests(outcome)
    return found


def _of_printing(outcome: Outcome, corrupts: bool) -> Iterator[str]:
    code, printed = outcome.exit_code, outcome.printed
    if code is None:
        yield "it did not come to an end"
    if printed > 1:
        yield f"printed {printed} times"
    if not outcome.same and not corrupts:
        yield "what was printed is not what was sent"
    if code == 0 and printed == 0:
        yield "exit 0, and nothing was printed"
    if code != 0 and printed and not (code == 3 and outcome.code == "P09"):
        yield f"exit {code} {outcome.code}, and it was printed"


def _of_messages(outcome: Outcome, stopped: bool) -> Iterator[str]:
    yield from (f"{line.fault}: {line}" for line in outcome.lines if line.fault)
    above = [line for line in outcome.lines if not line.prefix.startswith("DEBUG")]
    errors = [line for line in above if line.prefix == "ERROR"]
    wanted = 0 if outcome.exit_code == 0 or stopped else 1
    if len(errors) != wanted:
        yield f"{len(errors)} ERROR lines with exit {outcome.exit_code}"
    if errors and above[-1] is not errors[-1]:
        yield f"after the ERROR line comes {above[-1]}"
    if errors and not re.fullmatch(r"[A-Z]\d\d", outcome.code):
        yield f"no code in {errors[-1]}"
    if any(PASSWORD in str(line) for line in outcome.lines):
        yield "the password is in a message"
    if outcome.output:
        yield f"on standard output or the back channel: {outcome.output[:80]!r}"
    words = outcome.words_left
    if words - TRUST_WORDS or (words and not outcome.code.startswith("T")):
        yield f"left in printer-state-reasons: {', '.join(sorted(words))}"


def _of_remains(outcome: Outcome, stopped: bool) -> Iterator[str]:
    left = [path for path in outcome.left if not (outcome.code.startswith("T") and path.startswith(JOB_RECORD))]
    if left:
        yield f"left behind: {', '.join(left)}"
    if not stopped and (outcome.unread or not outcome.fed):
        yield f"{outcome.unread} octets of the input were not read"
    if outcome.exit_code != 0 and outcome.code not in SILENT:
        waiting = [str(job.id) for job in outcome.jobs if job.incoming]
        if waiting:
            yield f"job {' and '.join(waiting)} still waits at the printer"


def _of_requests(outcome: Outcome) -> Iterator[str]:
    """Never Validate-Job (Q-90, Q-91, Q-92), a second document for a job (Q-96), or a compressed one (Q-98)."""
    for each in outcome.operations:
        if each.name == "Validate-Job" or each.message.get("compression"):
            yield f"sent: {each}"
    if any(sum(document.complete for document in job.documents) > 1 for job in outcome.jobs):
        yield "a second document"
