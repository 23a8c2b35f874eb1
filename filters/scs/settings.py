"""What decides how spooled files print: the job, the description, the queue's table, IBM's ways.

    scs-cor          ibm, fit, off: what becomes of pages that fit on no sheet
    scs-codepage     code page of a file that names none; 037
    scs-dbcs         930 933 935 937 939 1364 1371 1388 1390 1399, or none
    scs-transparent  drop, pass, text: data for the printer itself in the midst of text
    scs-landscape    normal, reverse
    scs-inp          suppress, print: text between INP and ENP

"auto" is as if nothing was said.
"""

from __future__ import annotations

from typing import Callable, Mapping, Optional

from filters.common.dataclass import dataclass, field
from filters.common.job import get_option
from filters.common.ppd import PrinterDescription, without_custom
from filters.scs.placement import Wishes
from filters.scs.queue_table import REDUCTIONS, BadLine, PageRule, QueueTable, parse_codepage, parse_dbcs


@dataclass(frozen=True)
class ScsSettings:
    """All that decides how spooled files print."""

    reduction: str = "ibm"
    codepage: str = "037"
    dbcs: str = ""
    transparent: str = "drop"
    reverse_landscape: bool = False
    show_hidden: bool = False
    table: QueueTable = field(default_factory=QueueTable)

    def wishes(self, rule: PageRule) -> Wishes:
        """Return what the queue says about a page."""
        return Wishes(
            rule.reduction or self.reduction,
            self.reverse_landscape,
            self.table.margin_left,
            self.table.margin_top,
            rule.orientation,
        )


def _one_of(*words: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text.lower() not in words:
            raise BadLine(text)
        return text.lower()

    return parse


def read_scs_settings(
    options: Mapping[str, str], description: PrinterDescription, table: QueueTable
) -> tuple[ScsSettings, list[str]]:
    """Return the settings of a job, and a line for each value that could not be used."""
    problems: list[str] = []

    def read(name: str, parse: Callable[[str], str], from_table: Optional[str], otherwise: str) -> str:
        for text in (get_option(options, name), description.defaults.get(name)):
            if text is None or text.lower() == "auto":
                continue
            try:
                return parse(without_custom(text.strip()))
            except BadLine:
                problems.append(f"option {name}={text} is not possible, it is left out")
        return from_table if from_table is not None else otherwise

    settings = ScsSettings(
        read("scs-cor", _one_of(*REDUCTIONS), table.reduction, "ibm"),
        read("scs-codepage", parse_codepage, table.codepage, "037"),
        read("scs-dbcs", parse_dbcs, table.dbcs, ""),
        read("scs-transparent", _one_of("drop", "pass", "text"), table.transparent, "drop"),
        read("scs-landscape", _one_of("normal", "reverse"), table.landscape, "normal") == "reverse",
        read("scs-inp", _one_of("suppress", "print"), table.hidden, "suppress") == "print",
        table,
    )
    return settings, problems
