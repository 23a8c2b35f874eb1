"""What does not go together: job-constraints-supported (PWG 5100.13), and which size lies in which tray.

PPD 4.3 has pairs of choices, so that is what can be said. A constraint between three things, or about one that is no
option here, is left out with a note: two of the three would forbid what is allowed. So are resolvers: what to do
instead is for whoever prints to say.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from filters.description.attributes import PrinterAttributes
from filters.description.finishings import FINISHINGS
from filters.description.options import UNTOLD, Option
from filters.description.sizes import Sizes, sheets_in
from filters.description.words import clean

#: CUPS looks at every pair whenever a choice is made.
MOST_PAIRS = 2000
#: Pairs that are looked at: many may say the same.
MOST_LOOKED_AT = 100_000

#: Constraints of which each has a note of its own.
MOST_NAMED = 10

#: Sources where any size may lie: one that is chosen later, or by the printer.
_TAKING_ALL = {"auto", "manual", UNTOLD.keyword}

#: A choice of an option, by their names.
Chosen = tuple[str, str]


def find_constraints(
    printer: PrinterAttributes, options: list[Option], sizes: Sizes, notes: list[str]
) -> list[tuple[Chosen, Chosen]]:
    """Return pairs of choices that exclude each other; the defaults never do."""
    defaults = {(option.keyword, option.default) for option in options} | {("PageSize", sizes.default)}
    found: dict[tuple[Chosen, Chosen], None] = {}
    pairs = chain(_listed_pairs(printer, options, sizes, notes), _pairs_of_trays(options, sizes))
    for number, pair in enumerate(pairs):
        if number >= MOST_LOOKED_AT:
            notes.append(f"constraints: those after the first {MOST_LOOKED_AT} pairs are left out")
            break
        if pair in found or pair[::-1] in found or defaults.issuperset(pair):
            continue
        if len(found) >= MOST_PAIRS:
            notes.append(f"constraints: those after the first {MOST_PAIRS} are left out")
            break
        found[pair] = None
    return list(found)


def _pairs_of_trays(options: list[Option], sizes: Sizes) -> Iterator[tuple[Chosen, Chosen]]:
    """Yield sizes with the trays that do not take them."""
    slots = [choice for option in options if option.keyword == "InputSlot" for choice in option.choices]
    for size in sizes.listed:
        if size.sources and "auto" not in size.sources:
            taking = size.sources | _TAKING_ALL
            refusing = (each for each in slots if each.keyword not in taking)
            yield from ((("PageSize", size.choice), ("InputSlot", each.name)) for each in refusing)


def _listed_pairs(
    printer: PrinterAttributes, options: list[Option], sizes: Sizes, notes: list[str]
) -> Iterator[tuple[Chosen, Chosen]]:
    told: list[list[list[Chosen]]] = []
    untold: list[str] = []
    for constraint in printer.collections("job-constraints-supported"):
        alternatives = conditions(constraint, options, sizes)
        if all(len(sides) == 2 and all(sides) for sides in alternatives):
            told += alternatives
        else:
            untold.append(_reason(constraint, max(map(len, alternatives))))
    notes += [f"job-constraints-supported: {words}" for words in untold[:MOST_NAMED]]
    if len(untold) > MOST_NAMED:
        notes.append(
            f"job-constraints-supported: {len(untold) - MOST_NAMED} more left out that are not about two options"
        )
    for one_side, other_side in told:
        yield from ((one, other) for one in one_side for other in other_side if one[0] != other[0])


def _reason(constraint: PrinterAttributes, sides: int) -> str:
    """Return why a constraint is left out, with what it is about."""
    about = [name for name in constraint.names() if name not in ("resolver-name", "preset-name")]
    named = clean(", ".join(sorted(about)), 100)
    why = f"a description can exclude two choices, not {sides}" if sides > 2 else "not about two options that it has"
    return f"left out: {named or 'nothing'} ({why})"


def conditions(constraint: PrinterAttributes, options: list[Option], sizes: Sizes) -> list[list[list[Chosen]]]:
    """Return for each media-col of a collection of job attributes, or once, what its members mean.

    Each member has a list of choices, which is empty where the description has none that mean it.
    """
    common = []
    for name in constraint.names():
        if name == "media":
            common.append(_sizes_named(constraint.keywords(name), sizes))
        elif name not in ("media-col", "resolver-name", "preset-name"):
            common.append(_choices(name, constraint, options))
    media = constraint.collections("media-col")
    return [common + _media(each, options, sizes) for each in media] or [common]


def _media(collection: PrinterAttributes, options: list[Option], sizes: Sizes) -> list[list[Chosen]]:
    """Return what members of a media-col mean; a size and its name are one."""
    members = {name: _choices(name, collection, options) for name in collection.names()}
    if "media-size" in members or "media-size-name" in members:
        found = _sizes_named(collection.keywords("media-size-name"), sizes)
        found += [("PageSize", each.choice) for sheet in sheets_in(collection) for each in sizes.of_measures(*sheet)]
        members.pop("media-size-name", None)
        members["media-size"] = found
    return list(members.values())


def _sizes_named(names: tuple[str, ...], sizes: Sizes) -> list[Chosen]:
    return [("PageSize", size.choice) for name in names for size in sizes.of_name(name)]


def _choices(name: str, collection: PrinterAttributes, options: list[Option]) -> list[Chosen]:
    """Return the choices that mean the values of an attribute."""
    words = list(collection.keywords(name))
    numbers = collection.numbers(name)
    words += (
        [FINISHINGS.get(number, "") for number in numbers] if name == "finishings" else [str(each) for each in numbers]
    )
    return [
        (option.keyword, choice.name)
        for option in options
        if option.attribute == name
        for word in words
        for choice in option.choices
        if choice.keyword == word
    ]
