"""docs/errors.md and ipps443-messages(7), made of ``explanations``: python3 -m backend.control.message_pages docs"""

from __future__ import annotations

import os
import re
import sys
import textwrap
from collections.abc import Iterator

from backend.control.explain import cups_does, message_of, quoted_words
from backend.control.explanations import EXPLANATIONS, PARTS, Explanation

#: Columns of both.
WIDTH = 100
#: What whoever opens them to change a word has to know.
MADE = "Made of backend/control/explanations.py: python3 -m backend.control.message_pages docs"

INTRODUCTION = (
    "Every message of ipps443 that ends a job carries a code in brackets; `ipps443ctl explain CODE` shows what stands"
    ' here about it. What happens to the job and the queue stands behind "CUPS". A stopped queue starts again with'
    " `cupsenable QUEUE`, a held job with `lp -i JOB -H resume`."
)


def _wrap(text: str) -> str:
    return "\n".join(textwrap.wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False))


def _parts() -> Iterator[tuple[str, str, list[Explanation]]]:
    for letter, (heading, common) in PARTS.items():
        yield heading, common, [each for each in EXPLANATIONS if each.code[0] == letter]


def markdown() -> str:
    """Return docs/errors.md."""
    blocks = [
        "# Messages and what to do",
        f"<!-- {MADE} -->",
        _wrap(INTRODUCTION),
    ]
    for heading, common, explanations in _parts():
        blocks += [f"## {heading}", *([_wrap(common)] if common else [])]
        for each in explanations:
            message = message_of(each.code)
            cause = _wrap(f"**{each.title}.** {each.told}")
            blocks += [f"### {each.code}", *([f"> {message}"] if message else [])]
            blocks += [f"{cause}\nIn CUPS: {cups_does(each)}."]
            blocks += [_wrap(f"*{_case(words)}:* {cure}") for words, cure in each.cases]
            blocks += [_wrap("*Otherwise:* " * bool(each.cases) + each.cure)]
    return "\n\n".join(blocks) + "\n"


def manual() -> str:
    """Return ipps443-messages(7), in the macros of man(7)."""
    out = [
        r".\" Made by python3 -m backend.control.message_pages docs.",
        ".TH IPPS443\\-MESSAGES 7",
        ".SH NAME",
        "ipps443\\-messages \\- what the codes of ipps443 mean, and what to do",
        ".SH DESCRIPTION",
        _troff(INTRODUCTION),
    ]
    for heading, common, explanations in _parts():
        out += [f".SH {heading.upper()}", *([_troff(common)] if common else [])]
        for each in explanations:
            message = message_of(each.code)
            out += [".TP", f".B {each.code}", _troff(f"{each.title}. {each.told}"), ".IP"]
            out += [f"\\(lq{_troff(message)}\\(rq", ".IP"] if message else []
            out += [_troff(f"In CUPS: {cups_does(each)}.")]
            for words, cure in each.cases:
                out += [".IP", _troff(f"{_case(words)}: {cure}")]
            out += [".IP", _troff("Otherwise: " * bool(each.cases) + each.cure)]
    out += [".SH SEE ALSO", ".BR ipps443 (8),", ".BR ipps443ctl (8),", ".BR ipps443-ibmi (7)"]
    return "\n".join(out) + "\n"


def _case(words: str) -> str:
    return f"If the message says {quoted_words(words)}"


def _troff(text: str) -> str:
    """Return a paragraph with what is in backquotes in bold, and every hyphen in it one that can be typed."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    lines = _wrap(re.sub("`([^`]*)`", r"\\fB\1\\fR", escaped)).splitlines()
    return "\n".join(f"\\&{line}" if line[:1] in ".'" else line for line in lines)


#: The pages by their names in docs/.
PAGES = {"errors.md": markdown, "ipps443-messages.7": manual}


def main(folder: str) -> None:
    """Write the pages into a folder."""
    for name, make in PAGES.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(make())


if __name__ == "__main__":
    main(sys.argv[1])
