"""What is different in a model of printer besides its paper, from its description:

    *ipps443PJL Economy: "ECONOMODE = ON"              @PJL SET ... in every job
    *ipps443PJL OutputBin.Stacker: "OUTBIN = OPTIONALOUTBIN1"    the same in jobs whose OutputBin is Stacker
    *ipps443Typeface Wide: "4099"                      ESC ( s # T, the resident fixed-pitch face
    *ipps443Typeface Narrow: "4102"                    the same from 15 characters per inch on

A printer without Letter Gothic has 4099 twice. Typeface numbers: PCL 5 Comparison Guide, appendix B.
"""

from __future__ import annotations

import re

from filters.common.dataclass import dataclass
from filters.common.job import get_option, not_known
from filters.common.ppd import PrinterDescription, fold, without_custom

TYPE_CHECKING = False  # slow to import
if TYPE_CHECKING:
    from typing import Mapping

COURIER, LETTER_GOTHIC = 4099, 4102
#: From this pitch on the taller letters of Letter Gothic read better.
NARROW_FROM = 15

#: Options of which filters.common.media says what is not known.
_OF_MEDIA = frozenset(("inputslot", "mediatype", "outputbin", "pagesize"))

#: A variable and its value as PJL writes them (PJL Technical Reference Manual, chapter 2), without quotes and controls.
_SETTING = re.compile(r"[A-Z0-9]+(?: ?: ?[A-Z0-9]+)? ?= ?[A-Za-z0-9.]+")


@dataclass(frozen=True)
class Model:
    """A model of printer."""

    #: PJL variables to set, as "ECONOMODE = ON".
    pjl: tuple[str, ...] = ()
    wide: int = COURIER
    narrow: int = LETTER_GOTHIC
    problems: tuple[str, ...] = ()

    def typeface(self, pitch: float) -> int:
        """Return the resident face for so many characters per inch."""
        return self.narrow if pitch >= NARROW_FROM else self.wide


def read_model(options: Mapping[str, str], description: PrinterDescription) -> Model:
    """Return what a description says about its printer, as far as it concerns a job with these options."""
    problems: list[str] = []
    settings = []
    for (keyword, selector), setting in description.values.items():
        if keyword == "ipps443PJL" and _concerns(selector, options, description, problems):
            if _SETTING.fullmatch(setting):
                settings.append(setting)
            else:
                problems.append(f"the printer description has no PJL setting in ipps443PJL {selector}: {setting!r}")
    return Model(
        tuple(settings),
        _typeface(description, "Wide", COURIER, problems),
        _typeface(description, "Narrow", LETTER_GOTHIC, problems),
        # Once for each option, however many settings depend on it.
        tuple(dict.fromkeys(problems)),
    )


def _concerns(selector: str, options: Mapping[str, str], description: PrinterDescription, problems: list[str]) -> bool:
    option, dot, choice = selector.partition(".")
    if not dot:
        return True
    default = description.defaults.get(option, "")
    chosen = get_option(options, option) or default
    if chosen != default and not _is_known(option, chosen, description):
        problems.append(not_known(option, chosen))
        chosen = default
    return fold(chosen) == fold(choice)


def _is_known(option: str, chosen: str, description: PrinterDescription) -> bool:
    """Tell whether a description has a choice; if it lists none of this option, whatever is said may be right."""
    if option.lower() in _OF_MEDIA or without_custom(chosen) != chosen:
        return True
    listed = any(keyword == option and choice for keyword, choice in description.values)
    return not listed or description.choice(option, chosen) is not None


def _typeface(description: PrinterDescription, which: str, default: int, problems: list[str]) -> int:
    text = description.value("ipps443Typeface", which)
    if text is None:
        return default
    if text.isascii() and text.isdigit() and 0 < int(text) < 32768:
        return int(text)
    problems.append(f"the printer description has no typeface number in ipps443Typeface {which}: {text!r}")
    return default
