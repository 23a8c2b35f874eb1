"""PJL around a PCL job: HP Printer Job Language Technical Reference Manual, chapters 2 and 5.

    UEL @PJL JOB NAME = "title"        JOB resets everything to the user's defaults, so each SET comes after it
    @PJL SET COPIES = 2
    @PJL SET ECONOMODE = ON    saves toner
    @PJL ENTER LANGUAGE = PCL          the byte after this line is PCL
    ...
    UEL @PJL EOJ NAME = "title"
    UEL                                a job ends here; whoever misses it knows that the job is not whole

Strings are printable ASCII without quotes: what is not ASCII differs between printers, and an escape or a quote
would end the string and start something else.
"""

from __future__ import annotations

import unicodedata

from filters.common.finished_sets import SETS
from filters.pcl.commands import UNIVERSAL_EXIT_LANGUAGE

TYPE_CHECKING = False  # slow to import
if TYPE_CHECKING:
    from typing import Optional, Sequence

#: Characters of a job name that PJL keeps (JOB command).
LONGEST_NAME = 80


def safe_name(text: str, limit: int = LONGEST_NAME) -> str:
    """Return a text as it may stand between quotes in PJL; letters with accents lose them."""
    plain = unicodedata.normalize("NFKD", text).replace("\N{QUOTATION MARK}", "'")
    kept = ("" if unicodedata.combining(c) else c if " " <= c <= "~" else "?" for c in plain)
    return " ".join("".join(kept).split())[:limit]


def start_job(
    title: str,
    copies: int,
    collate: bool,
    settings: Sequence[str] = (),
    language: Optional[str] = "PCL",
    *,
    sets: bool = False,
) -> bytes:
    """Return everything from the first byte of a job to the last before its pages.

    Args:
        settings: more variables to set, as "ECONOMODE = ON".
        sets: the copies are left to the backend, which sends each of them as a job to be finished by itself.
        language: None when the pages bring the line that enters their language along.
    """
    lines = [f'JOB NAME = "{safe_name(title)}"']
    if copies > 1 and sets:
        lines.append(f"{SETS}{copies}")
    elif copies > 1:
        # COPIES repeats each page, QTY the whole job; QTY is missing in printers that cannot keep a job.
        lines.append(f"SET {'QTY' if collate else 'COPIES'} = {copies}")
    lines += [f"SET {setting}" for setting in settings]
    if language:
        lines.append(f"ENTER LANGUAGE = {language}")
    return UNIVERSAL_EXIT_LANGUAGE + _lines(lines)


def end_job(title: str) -> bytes:
    """Return everything after the last byte of PCL."""
    return UNIVERSAL_EXIT_LANGUAGE + _lines([f'EOJ NAME = "{safe_name(title)}"']) + UNIVERSAL_EXIT_LANGUAGE


def _lines(lines: list[str]) -> bytes:
    return "".join(f"@PJL {line}\r\n" for line in lines).encode("ascii")
