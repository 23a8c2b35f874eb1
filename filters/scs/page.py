"""Pages as a spooled file describes them: runs of text at exact positions, rules, and the set-up of the sheet."""

from __future__ import annotations

from typing import NamedTuple, Optional

from filters.common.dataclass import dataclass, field
from filters.layout.runs import Font, Rule, Run

# rotation of STO
AUTOMATIC, OUTPUT_REDUCTION = 0xFFFF, 0xFFFE


class Setup(NamedTuple):
    """What a page asks of the printer; 0 leaves a thing as it is."""

    #: 1 paper, 2 envelope.
    form: int = 1
    drawer: int = 0
    bin: int = 0
    jog: int = 0
    quality: int = 0
    #: 1 one side, 2 both along the long edge, 3 along the short one.
    duplex: int = 0
    rotation: int = AUTOMATIC
    #: Kind of job, 1 word processing, 255 data processing, None when nothing was said.
    job: Optional[int] = None
    #: SPPS; 0 when nothing was said.
    width: int = 0
    height: int = 0
    manual: bool = False


@dataclass
class Page:
    """One page."""

    number: int
    setup: Setup
    #: Columns and lines; no columns when nothing was said.
    columns: Optional[int] = None
    lines: int = 66
    #: The size was given by columns and lines, and not by SPPS after them.
    by_columns: bool = True
    #: Cell and distance of lines at its first mark.
    cell: float = 144.0
    line: float = 240.0
    #: Left margin, from the edge of the sheet if it was given so, and the top margin.
    left: float = 0.0
    top: float = 0.0
    runs: list[Run] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    #: Data for the printer itself, with their place.
    transparent: list[tuple[float, float, bytes]] = field(default_factory=list)
    #: The only font, None when there are several.
    font: Optional[Font] = None
    #: Everything is plain ``bytes`` in that one font.
    simple: bool = True
    #: It starts a job: a new sheet.
    starts_job: bool = False


class Raw(NamedTuple):
    """Print data that the host has made for the printer, to be passed on as they are."""

    data: bytes
