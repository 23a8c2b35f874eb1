"""Options of a job as IPP Job Template attributes: RFC 8011 section 5.2, PWG 5100.7 (media-col), PWG 5100.13.

Documents whose language does not carry them need them all (``document.format.WITHOUT_OPTIONS``). PCL and PostScript
say in their own data which side, tray and paper they want (Q-114); what goes with them are staples and output bins,
which no language carries in a way that all printers understand. Pure: options, the printer description and what the
printer supports in, attributes out.

Where a wish comes from, first come, first served: the job's PPD option (ColorModel), the job's IPP option
(print-color-mode), the default of the printer description, which is where the web interface keeps a queue's settings.
What becomes of it:

    the printer supports the value             sent, as the printer spells it
    the printer does not support it            left out; named in ``refused`` if the job asks for it
    the printer does not say what it supports  asked for by the job: sent; a default: left out (Q-112)
    a filter has done it already               left out: number-up and page-ranges of documents from pdftopdf
    nothing of ours knows the option           named in ``refused``
    the default is what the printer does       left out: *ipps443PrinterDefault of descriptions made from the printer

Descriptions made from the printer (``filters.description``) have IPP's own keywords as choices, and two kinds of lines
for the rest: *ipps443Keyword OPTION.CHOICE, and *ipps443Media SIZE with name, measures and the margins of borderless
sizes.

Copies of a document from the filters are in it. Copies of a file are one attribute if the printer's range allows it
(Q-113), else they are the caller's.
"""

from __future__ import annotations

from collections.abc import Mapping

from backend.ipp.message import Attribute, Collection, Message, Range, attribute
from backend.ipp.tags import Tag
from backend.job.asked_options import FOR_ANY_LANGUAGE, wishes
from backend.job.media_attributes import MediaChoice
from backend.job.option_rules import READERS, RULES, TEMPLATE, Rule, leaves_it
from backend.job.supported import Supported
from filters.common.dataclass import dataclass
from filters.common.finished_sets import NOT_FINISHED
from filters.common.job import find_sides, get_option, parse_boolean
from filters.common.media import find_bin
from filters.common.ppd import PrinterDescription

#: The line of descriptions made from the printer for what it does by itself.
OWN_DEFAULT = "ipps443PrinterDefault"


@dataclass(frozen=True)
class ChosenAttributes:
    """What is to be sent with a document.

    Attributes:
        refused: what the job asks for and the printer does not take, as "sides=two-sided-long-edge".
        copies: how many copies the printer makes of the document.
    """

    attributes: tuple[Attribute, ...] = ()
    refused: tuple[str, ...] = ()
    copies: int = 1


def choose_job_attributes(
    options: Mapping[str, str],
    description: PrinterDescription,
    supported: Message | None,
    *,
    is_file: bool,
    copies: int = 1,
    by_language: bool = False,
    sets: bool = False,
) -> ChosenAttributes:
    """Return the attributes for a document.

    Args:
        supported: the printer's answer about SUPPORTED_ATTRIBUTES, None if it gave none.
        is_file: the document passed no filter, so that all options are still to be carried out.
        copies: how many are wanted of it that no filter has made.
        by_language: the document says itself how it is to be printed, but for what no language carries.
        sets: each of the copies is finished by itself.
    """
    asked = wishes(options)
    options = _with_finishings(_with_output_mode(options), description)
    if parse_boolean(get_option(options, "landscape"), False):
        options = {"orientation-requested": "4", **options}  # RFC 8011 section 5.2.10
    choice = _Choice(options, description, Supported(supported))
    if by_language:
        choice.add_for_any_language(is_file, "output-mode" in (name.lower() for name in asked))
    else:
        for rule in RULES:
            # The description offers the printer's own scaling beside that of the filters.
            if is_file or not rule.by_filter or rule.name in description.defaults:
                choice.add_by_rule(rule)
        choice.add_finishings_col()
        choice.add_sides()
        choice.add_media()
    made = choice.add_copies(copies, sets and not is_file) if not by_language and copies > 1 else 1
    choice.refuse_unknown(asked, by_language)
    chosen = sorted(choice.attributes, key=lambda each: each.name)
    refused = choice.refused
    if any(name.lower() == "output-mode" for name in asked):
        refused = [text.replace("print-color-mode=", "output-mode=") for text in refused]
    return ChosenAttributes(tuple(chosen), tuple(dict.fromkeys(refused)), made)


def _with_output_mode(options: Mapping[str, str]) -> Mapping[str, str]:
    """Return options in which output-mode is what it became in IPP, print-color-mode (PWG 5100.13)."""
    mode = get_option(options, "output-mode")
    return {**options, "print-color-mode": mode} if mode else options


def _with_finishings(options: Mapping[str, str], description: PrinterDescription) -> Mapping[str, str]:
    """Return options in which choices that the description translates (cupsIPPFinishings) are finishings as well.

    The numbers of a job take the place of the printer's own. So what the description shows as the printer's goes along
    where a choice is added to it, and where all of it is declined, "none" (3) is sent.
    """
    own = {option: choice for (keyword, option), choice in description.values.items() if keyword == OWN_DEFAULT}
    said = (get_option(options, "finishings") or "").split(",")
    numbers = [word.strip() for word in said if word.strip() not in NOT_FINISHED]  # lp sends "none" with each job
    shown = {
        option: _changed_default(option, description) if numbers else description.defaults.get(option, "")
        for option in own
        if get_option(options, option) is None
    }
    found = _translated({**shown, **options}, description)
    if numbers and not found:
        return options
    if not numbers:
        asked = _translated(options, description) or not leaves_it(get_option(options, TEMPLATE) or "")
        of_itself = _translated(own, description)
        if found == of_itself and not asked:
            found = []
        elif of_itself and not found:
            found = ["3"]
    rest = {name: value for name, value in options.items() if name.lower() != "finishings"}
    numbers = list(dict.fromkeys([*numbers, *found]))
    return {**rest, "finishings": ",".join(numbers)} if numbers else rest


def _translated(options: Mapping[str, str], description: PrinterDescription) -> list[str]:
    """Return the finishings that choices stand for, as numbers, in rising order of their digits."""
    return sorted(
        number
        for (keyword, number), choices in description.values.items()
        if keyword == "cupsIPPFinishings" and _are_chosen(choices, options)
    )


def _changed_default(option: str, description: PrinterDescription) -> str:
    """Return the default of an option, "" where it is what the printer does by itself."""
    default = description.defaults.get(option, "")
    return "" if default == description.values.get((OWN_DEFAULT, option)) else default


def _are_chosen(choices: str, options: Mapping[str, str]) -> bool:
    """Tell whether a job has all of "*Option Choice *Option Choice"; what it leaves to the printer does not count."""
    pairs = [part.split() for part in choices.split("*") if part.strip()]
    return bool(pairs) and all(
        len(pair) == 2 and get_option(options, pair[0]) == pair[1] and not leaves_it(pair[1]) for pair in pairs
    )


class _Choice:
    """The attributes of one document while they are chosen."""

    def __init__(self, options: Mapping[str, str], description: PrinterDescription, supported: Supported) -> None:
        self._options = options
        self._description = description
        self._supported = supported
        self.attributes: list[Attribute] = []
        self.refused: list[str] = []

    def add_by_rule(self, rule: Rule) -> None:
        """Add the attribute of a rule if someone wants it."""
        text, asked = self._wish(rule)
        if not text:
            return
        try:
            values = [self._supported.value(rule.name, rule.tag, value, asked) for value in READERS[rule.tag](text)]
        except ValueError:
            values = []
        sent = tuple(value for value in values if value is not None)
        if sent and (len(sent) == len(values) or rule.name == "finishings"):
            self.attributes.append(Attribute(rule.name, sent))
            text = ",".join(word for word, value in zip(text.split(","), values) if value is None)
        if text and asked and not leaves_it(text):
            self.refused.append(f"{rule.name}={text}")

    def add_finishings_col(self) -> None:
        """Add a finishing without a number; those with one go along in it, because a job has one kind or the other."""
        asked = get_option(self._options, TEMPLATE)
        choice = _changed_default(TEMPLATE, self._description) if asked is None else asked
        if not choice or leaves_it(choice):
            return
        offered = {name for option, name in self._description.values if option == TEMPLATE}
        if "finishing-template" not in (self._supported.listed("finishings-col") or ()) or choice not in offered:
            return  # named by refuse_unknown, if the job asks for it
        sent = next((each.all for each in self.attributes if each.name == "finishings"), ())
        numbers = [number for number in sent if number != 3]  # none
        said = self._description.values
        others = [said.get(("cupsIPPFinishings", str(number)), "").rpartition(" ")[2] for number in numbers]
        if not all(others):
            self.refused.append(f"{TEMPLATE}={choice}")
            return
        self.attributes = [each for each in self.attributes if each.name != "finishings"]
        templates = [*others, self._keyword_of(TEMPLATE, choice)]
        collections = [Collection((attribute("finishing-template", Tag.KEYWORD, each),)) for each in templates]
        self.attributes.append(attribute("finishings-col", Tag.BEG_COLLECTION, *collections))

    def add_for_any_language(self, is_file: bool, output_mode: bool) -> None:
        """Add what is asked for and no page language carries; an output bin that our filters know is in their PCL."""
        for rule in RULES:
            mode = output_mode and rule.name == "print-color-mode"
            if not (rule.any_language or mode) or not (mode or self._wish(rule)[1]):
                continue
            refused = len(self.refused)
            self.add_by_rule(rule)
            chosen = get_option(self._options, "OutputBin") or get_option(self._options, "output-bin") or ""
            if rule.name == "output-bin" and not is_file and find_bin(chosen, self._description) is not None:
                del self.refused[refused:]

    def refuse_unknown(self, asked: Mapping[str, str], by_language: bool) -> None:
        """Name what is asked for and has no way to the printer."""
        finishings = any(each.name in ("finishings", "finishings-col") for each in self.attributes)
        known = {keyword for keyword, _ in self._description.values}
        translated = " ".join(v for (k, _), v in self._description.values.items() if k == "cupsIPPFinishings")
        for name, value in asked.items():
            carried = name.lower() in FOR_ANY_LANGUAGE or name in known and (by_language or name.startswith("JCL"))
            carried = carried or self._description.defaults.get(name) == value
            carried = carried or finishings and f"*{name} {value}" in translated
            carried = carried or any(each.name == "finishings-col" for each in self.attributes) and name == TEMPLATE
            if not carried:
                self.refused.append(f"{name}={value}")

    def _wish(self, rule: Rule) -> tuple[str, bool]:
        """Return what is wanted, in the words of IPP, "" for nothing, and whether the job asks for it."""
        default = self._meaning(rule, self._default(rule.ppd or rule.name))
        chosen = (get_option(self._options, rule.ppd) or "") if rule.ppd else ""
        if chosen and leaves_it(chosen) and chosen not in (self._supported.listed(rule.name) or ()):
            return "", True
        meant = self._meaning(rule, chosen)
        if meant:
            return meant, True
        said = get_option(self._options, rule.name)
        if said and (said != rule.usual or self._printers_own(rule.ppd or rule.name) not in ("", said)):
            return said, said != default  # cupsd adds the queue's default colour mode to each job
        return (chosen, True) if chosen else (default, False)

    def _default(self, option: str) -> str:
        """Return the description's default choice, "" if it leaves the matter to the printer.

        Where the printer does something else by itself, "auto" and "none" are choices like others.
        """
        choice = _changed_default(option, self._description)
        return "" if leaves_it(choice) and not self._printers_own(option) else choice

    def _printers_own(self, option: str) -> str:
        """Return the choice that the printer makes by itself, "" if the description does not say."""
        return self._description.values.get((OWN_DEFAULT, option), "")

    def _meaning(self, rule: Rule, choice: str) -> str:
        """Return what a choice means in IPP, "" if that is not known."""
        if not choice:
            return ""
        keyword = self._keyword_of(rule.ppd or rule.name, choice)
        return keyword if keyword in (self._supported.listed(rule.name) or ()) else rule.in_words_of_ipp(choice)

    def _keyword_of(self, option: str, choice: str) -> str:
        """Return the keyword that a description made from the printer means by a choice: itself, nearly always."""
        return self._description.values.get(("ipps443Keyword", f"{option}.{choice}"), choice)

    def add_sides(self) -> None:
        """Add sides, which has more names in printer descriptions than a rule has room for."""
        asked = find_sides(self._options)
        sides = self._supported.keyword("sides", asked or find_sides(self._description.defaults), bool(asked))
        if sides:
            self.attributes.append(sides)
        elif asked:
            self.refused.append(f"sides={asked}")

    def add_media(self) -> None:
        """Add what the job and the description say about paper."""
        media = MediaChoice(self._options, self._description, self._supported, self._default, self._keyword_of)
        media.choose()
        self.attributes += media.attributes
        self.refused += media.refused

    def add_copies(self, copies: int, sets: bool) -> int:
        """Add copies if the printer makes so many; return how many it makes of each document that is sent.

        Args:
            sets: each is to be finished by itself, and a printer that does not say that it does so gets them singly.
        """
        most = max(
            (each.upper for each in self._supported.listed("copies") or () if isinstance(each, Range)), default=1
        )
        copies = min(copies, most)
        if copies < 2:
            return 1
        if sets and not self._supported.keyword(
            "multiple-document-handling", "separate-documents-collated-copies", False
        ):
            return 1
        self.attributes.append(attribute("copies", Tag.INTEGER, copies))
        usual = self._description.defaults.get("Collate")
        collated = sets or parse_boolean(get_option(self._options, "Collate") or usual, True)
        asked = None if sets else get_option(self._options, "multiple-document-handling")
        wanted = asked or f"separate-documents-{'' if collated else 'un'}collated-copies"
        handling = self._supported.keyword("multiple-document-handling", wanted, bool(asked))
        if handling:
            self.attributes.append(handling)
        elif asked or not collated:
            self.refused.append(f"multiple-document-handling={wanted}")
        return copies
