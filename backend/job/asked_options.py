"""Which of a job's options someone asked for, and which of those the document itself carries. Pure, data mostly.

cupsd hands a backend all options of a job: those that a person gave, those that it adds to each job, and those that the
filters have carried out. What is left needs an attribute, or a word to the user.
"""

from __future__ import annotations

from collections.abc import Mapping

from filters.common.job import get_option

#: Values that ask for nothing.
_NOTHING = frozenset(("", "0", "auto", "automatic", "default", "false", "no", "none", "off", "printer"))
#: What cupsd adds to each job, or has carried out itself.
_FROM_CUPSD = frozenset(
    """
    attributes-charset attributes-natural-language auth-info auth-info-required client-info compression
    confirmation-sheet-print copies cover-sheet-info feed-orientation ipp-attribute-fidelity last-document
    orientation-requested-default print-color-mode printer-uri requesting-user-name requesting-user-uri
    """.split()
)
#: What CUPS's filters and ours carry out, whatever the printer, and what is PPD for one of the attributes below.
_CARRIED = frozenset(
    """
    blackplot brightness carriage-control collate colormodel columns cpi crop-to-fit cupsprintquality duplex efduplex
    emit-jcl fill fit-text fit-to-page fitplot gamma highlight hue inputslot jclduplex kd03duplex landscape
    line-numbers lpi mediatype mirror multiple-document-handling natural-scaling number-up number-up-layout
    orientation-requested outputorder overlay pageregion pagesize penwidth position ppi prettyprint
    print-content-optimize print-quality print-rendering-intent print-scaling printer-resolution
    pserrorhandler-requested raw record-length resolution saturation scaling sides soft-font-memory soft-fonts
    tab-width text-charset watermark wrap wrap-mark
    """.split()
)
#: Beginnings of names that are nobody's wish about paper.
_BEGINNINGS = (
    "ap_",
    "com.apple.",
    "cups-",
    "date-time-at-",
    "document-",
    "job-",
    "media",
    "notify-",
    "original-",
    "output-device",
    "page-",
    "pdf-",
    "printer-",
    "scs-",
    "time-at-",
)
#: Names that begin so, and are wishes all the same (PWG 5100.3, 5100.7, 5100.11).
_WISHES_OF_THE_JOB = frozenset(
    """
    job-accounting-sheets job-delay-output-until job-error-sheet job-message-to-operator job-phone-number
    job-recipient-name job-save-disposition job-sheet-message job-storage
    """.split()
)
#: Wishes about several pages on one, which desktops send with each job.
_OF_SEVERAL_PAGES = frozenset(("presentation-direction-number-up", "x-image-position", "y-image-position"))
#: Attributes that no page language carries, and what else means one of them.
FOR_ANY_LANGUAGE = frozenset(
    "finishings job-account-id job-accounting-user-id output-bin outputbin output-mode".split()
)


def wishes(options: Mapping[str, str]) -> dict[str, str]:
    """Return the options that need a look: asked for by someone, and carried out by nobody yet."""
    found = {name: value for name, value in options.items() if _is_wish(name.lower(), value.strip().lower())}
    one_up = (get_option(options, "number-up") or "1").strip() == "1"
    return {name: value for name, value in found.items() if not (one_up and name.lower() in _OF_SEVERAL_PAGES)}


def is_known(name: str) -> bool:
    """Tell whether CUPS, IPP or our filters have an option of that name; descriptions have more."""
    name = name.lower()
    return not name or name in FOR_ANY_LANGUAGE | _WISHES_OF_THE_JOB or not _is_wish(name, "x")


def _is_wish(name: str, value: str) -> bool:
    if name in FOR_ANY_LANGUAGE:
        return value not in _NOTHING and (name, value) != ("finishings", "3")
    if name in _FROM_CUPSD or name in _CARRIED or value in _NOTHING:
        return False
    return name in _WISHES_OF_THE_JOB or not name.startswith(_BEGINNINGS)


def without_values(asked: tuple[str, ...]) -> list[str]:
    """Return names of options for a warning about a job with a PIN: what is not known may be the rest of it."""
    names = [text.partition("=")[0] for text in asked]
    known = [name for name in dict.fromkeys(names) if is_known(name)]
    return known if len(known) == len(set(names)) else [*known, "other options"]
