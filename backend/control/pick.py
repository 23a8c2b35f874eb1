"""Picking a printer from those that were found: for ipps443ctl add at a terminal, when it is not told which."""

from __future__ import annotations

from dataclasses import dataclass

from backend.control.console import Console
from backend.control.find import columns
from backend.control.host import Misused, Refused
from backend.control.found import State
from backend.control.search import SECONDS, look_around, may_be_added
from filters.common.printable import printable


@dataclass(frozen=True)
class Picked:
    """What someone chose; it is trusted no more than before."""

    #: A name for its queue, made of its own.
    queue: str
    uri: str
    #: The name that it announces, in printable characters.
    label: str


def pick_printer(console: Console) -> Picked:
    """List the printers that announce themselves, each with a number, and ask which one.

    Raises:
        Refused: there is none, or none was chosen; or the one that was is not what it says it is.
        Misused: the answer is no number of the list.
    """
    search = look_around(SECONDS, console)
    rows = list(zip(search.found, search.queues, search.uris))
    if not rows:
        raise Refused("no printer announces itself here; say its URI: ipps443ctl add QUEUE URI")
    for number, row in enumerate(rows, 1):
        console.say(f"{number:3}  " + "  ".join(columns(*row, with_command=False)))
    if search.left_out:
        console.note(f"{search.left_out} more announcements were left out")
    answer = console.ask_for("Which one (its number; nothing for none)?")
    if not answer:
        raise Refused("no printer was chosen; nothing was changed")
    numbers = [str(number) for number in range(1, len(rows) + 1)]
    if answer not in numbers:
        raise Misused(f"{answer[:20]} is no number of the list; nothing was changed")
    found, queue, uri = rows[numbers.index(answer)]
    if not may_be_added(found):
        text = f" ({found.text})" if found.text else ""
        state = "has given no answer" if found.state is State.NO_ANSWER else f"is {found.state.value}"
        raise Refused(f"number {answer} {state}{text}; ask whoever keeps the printer, then say its URI")
    return Picked(queue, uri, printable(found.printer.name))


def ask_for_queue(picked: Picked, console: Console) -> str:
    """Ask for the name of the queue; nothing is the name that was made."""
    return console.ask_for(f"Name of the queue (nothing for {picked.queue})?") or picked.queue
