"""ipps443ctl explain: what a code in brackets means, and what to do about it."""

from __future__ import annotations

import re
import textwrap
from argparse import Namespace
from collections.abc import Iterator

from backend import errors
from backend.control.console import Console
from backend.control.host import Misused
from backend.exit_status import ExitStatus, exit_status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from backend.control.explanations import Explanation

#: What CUPS does after each exit code (backend(7)).
CUPS = {
    ExitStatus.CUPS_BACKEND_OK: "the job is printed",
    ExitStatus.CUPS_BACKEND_FAILED: "the queue's error policy decides",
    ExitStatus.CUPS_BACKEND_AUTH_REQUIRED: "the job is held for authentication",
    ExitStatus.CUPS_BACKEND_HOLD: "the job is held",
    ExitStatus.CUPS_BACKEND_STOP: "the queue stops",
    ExitStatus.CUPS_BACKEND_CANCEL: "the job is cancelled",
    ExitStatus.CUPS_BACKEND_RETRY: "the job is tried again later",
    ExitStatus.CUPS_BACKEND_RETRY_CURRENT: "the job waits and is tried again",
}
#: How values of messages are called that are no names or reasons; others are called as they are, in capitals.
VALUES = {"said": "ANSWER", "cure": "WHAT-TO-DO", "hint": "", "place": "FILE", "last": "REASON"}
#: Columns of what is shown.
WIDTH = 79


def kinds(root: type[errors.IppsError] = errors.IppsError) -> Iterator[type[errors.IppsError]]:
    """Yield all kinds of errors that have a code of their own."""
    if "code" in root.__dict__:
        yield root
    for kind in root.__subclasses__():
        yield from kinds(kind)


def kind_of(code: str) -> type[errors.IppsError] | None:
    """Return the class of errors with a code."""
    return next((kind for kind in kinds() if kind.code == code), None)


def cups_does(explanation: Explanation) -> str:
    """Return what CUPS does with job and queue."""
    kind = kind_of(explanation.code)
    return explanation.cups if kind is None else CUPS[exit_status(kind.__new__(kind))]


def message_of(code: str) -> str:
    """Return how the message reads, its values in capitals; nothing for those that are put together elsewhere."""
    kind = kind_of(code)
    return re.sub(r"{(\w+)[^}]*}", lambda found: VALUES.get(found[1], found[1].upper()), kind.template) if kind else ""


def explain(arguments: Namespace, console: Console) -> int:
    """Explain one code; without one, list them all."""
    from backend.control.explanations import EXPLANATIONS

    if arguments.code is None:
        for each in EXPLANATIONS:
            console.say(f"{each.code}  {each.title}")
        console.say_json({"codes": [_value(each) for each in EXPLANATIONS]})
        return 0
    code = arguments.code.strip().strip("[]").upper()
    found = [each for each in EXPLANATIONS if each.code == code]
    if not found:
        raise Misused(f"there is no code {arguments.code}; ipps443ctl explain lists them all")
    for line in lines(found[0]):
        console.say(line)
    console.say_json(_value(found[0]))
    return 0


def lines(explanation: Explanation) -> Iterator[str]:
    """Yield an explanation as lines for a terminal."""
    yield f"{explanation.code}  {explanation.title}"
    parts = (
        ("message", message_of(explanation.code)),
        ("cause", explanation.told),
        ("CUPS", f"{cups_does(explanation)}."),
        *((f"if the message says {quoted_words(words)}", cure) for words, cure in explanation.cases),
        ("otherwise" if explanation.cases else "fix", explanation.cure),
    )
    for name, text in parts:
        if text:
            yield ""
            is_case = len(name) > 8
            if is_case:
                yield from textwrap.wrap(f"{name}:", WIDTH)
            yield from textwrap.wrap(
                text.replace("`", ""),
                WIDTH,
                initial_indent=" " * 9 if is_case else f"{name:9}",
                subsequent_indent=" " * 9,
                break_long_words=False,
                break_on_hyphens=False,
            )


def quoted_words(words: str) -> str:
    """Return the words of a case, each in quotation marks."""
    return " or ".join(f'"{word.strip(", ")}"' for word in words.split(" / "))


def _value(explanation: Explanation) -> dict[str, object]:
    return {
        "code": explanation.code,
        "title": explanation.title,
        "severity": explanation.severity,
        "message": message_of(explanation.code),
        "cause": explanation.cause,
        "cups": cups_does(explanation),
        "fix": explanation.cure,
        "cases": [{"words": words.split(" / "), "fix": cure} for words, cure in explanation.cases],
    }
