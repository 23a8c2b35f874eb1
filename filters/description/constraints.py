"""What does not go together: job-constraints-supported (PWG 5100.13), and which size lies in which tray.

PPD 4.3 has pairs of choices, so that is what can be said. A constraint between three options is left out with a note,
and so are resolvers: what to do instead is for whoever prints to say.
"""

from __future__ import annotations

from collections.abc import Iterator

from filters.description.attributes import PrinterAttributes
from filters.description.finishings import FINISHINGS
from filters.description.options import Option
from filters.description.sizes import Sizes
from filters.description.words import clean

#: CUPS looks at every pair whenever a choice is made.
MOST_PAIRS = 2000

#: Constraints of which each has a note of its own.
MOST_NAMED = 10

#: A choice of an option, by their names.
Chosen = tuple[str, str]


def find_constraints(
    printer: PrinterAttributes, options: list[Option], sizes: Sizes, notes: list[str]
) -> list[tuple[Chosen, Chosen]]:
    """Return pairs of choices that exclude each other; the defaults never do."""
    defaults = {(option.keyword, option.default) for option in options} | {("PageSize", sizes.default)}
    found: dict[tuple[Chosen, Chosen], None] = {}
    for pair in (*_listed_pairs(printer, options, sizes, notes), *_pairs_of_trays(options, sizes)):
        if pair in found or pair[::-1] in found or set(pair) <= defaults:
            continue
        if len(found) >= MOST_PAIRS:
            notes.append(f"constraints: those after the first {MOST_PAIRS} are left out")
            break
        found[pair] = None
    return list(found)


def _pairs_of_trays(options: list[Option], sizes: Sizes) -> Iterator[tuple[Chosen, Chosen]]:
    """Yield sizes with the trays that do not take them."""
    slots = next((option for option in options if option.keyword == "InputSlot"), None)
    for size in sizes.listed if slots else ():
        for choice in slots.choices if slots and size.sources and "auto" not in size.sources else ():
            if choice.keyword not in size.sources and choice.keyword not in ("auto", "manual"):
                yield ("PageSize", size.choice), ("InputSlot", choice.name)


def _listed_pairs(
    printer: PrinterAttributes, options: list[Option], sizes: Sizes, notes: list[str]
) -> Iterator[tuple[Chosen, Chosen]]:
    untold: list[str] = []
    for constraint in printer.collections("job-constraints-supported"):
        sides = [side for side in conditions(constraint, options, sizes) if side]
        if len(sides) != 2:
            untold.append(_reason(constraint, len(sides)))
            continue
        yield from ((one, other) for one in sides[0] for other in sides[1] if one[0] != other[0])
    notes += [f"job-constraints-supported: {words}" for words in untold[:MOST_NAMED]]
    if len(untold) > MOST_NAMED:
        notes.append(
            f"job-constraints-supported: {len(untold) - MOST_NAMED} more left out that are not about two options"
        )


def _reason(constraint: PrinterAttributes, sides: int) -> str:
    """Return why a constraint is left out, with what it is about."""
    about = [name for name in constraint.names() if name not in ("resolver-name", "preset-name")]
    named = clean(", ".join(sorted(about)), 100)
    why = f"a description can exclude two choices, not {sides}" if sides > 2 else "not about two options that it has"
    return f"left out: {named or 'nothing'} ({why})"


def conditions(constraint: PrinterAttributes, options: list[Option], sizes: Sizes) -> list[list[Chosen]]:
    """Return for each member of a collection of job attributes the choices that it means."""
    found = []
    for name in constraint.names():
        if name == "media-col":
            found += _media(constraint.collections(name), options, sizes)
        elif name == "media":
            found.append(_sizes_named(constraint.keywords(name), sizes))
        elif name not in ("resolver-name", "preset-name") and not name.startswith("media-"):
            found.append(_choices(name, constraint, options))
    return found


def _media(collections: tuple[PrinterAttributes, ...], options: list[Option], sizes: Sizes) -> list[list[Chosen]]:
    """Return what members of media-col mean; several collections are alternatives of one kind."""
    by_member: dict[str, list[Chosen]] = {}
    for collection in collections:
        for measures in collection.collections("media-size"):
            sides = measures.numbers("x-dimension")[:1] + measures.numbers("y-dimension")[:1]
            chosen = [("PageSize", each.choice) for each in sizes.of_measures(*sides)] if len(sides) == 2 else []
            by_member.setdefault("media-size", []).extend(chosen)
        by_member.setdefault("media-size", []).extend(_sizes_named(collection.keywords("media-size-name"), sizes))
        for name in ("media-source", "media-type"):
            by_member.setdefault(name, []).extend(_choices(name, collection, options))
    return [chosen for chosen in by_member.values() if chosen]


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
        if (choice := option.choice_of(word)) is not None and choice.keyword != "none"
    ]
