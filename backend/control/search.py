"""One search for printers that announce themselves: announcements, handshakes, the pins, in the time that there is.

Rules of this module:

- found is not trusted: nothing is written, and what makes a printer trusted is a pin and nothing else;
- only handshakes, at most 16 at once, only with addresses that were announced; no byte of HTTP;
- it ends in time, however many announcements there are: printers that someone has pinned come first.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, replace

from backend import errors
from backend.control.announcements import parse_announcements
from backend.control.console import Console
from backend.control.found import Found, Outcome, Pins, Round, State, Target, device_uri, gather, queue_names
from backend.control.monitoring import MOST_JOBS
from backend.control.progress import Progress
from backend.trust import pin_store
from backend.trust.judgement import ca_files

#: Seconds for all of it unless said otherwise.
SECONDS = 5
#: The part of them in which announcements are waited for, and that in which handshakes have to end, to be home in time.
BROWSING, HANDSHAKES = 0.3, 0.9


@dataclass(frozen=True)
class Search:
    """What a search has found, with what a queue for each would be called and where it would print."""

    found: list[Found]
    queues: list[str]
    uris: list[str]
    #: Printers for which there was no time.
    left_out: int


def look_around(seconds: float, console: Console) -> Search:
    """Wait for announcements, make handshakes, and judge.

    Raises:
        Refused: nobody can be asked what is announced.
        PinFileUnreadable: nobody could say what is pinned.
    """
    end = console.monotonic() + seconds * HANDSHAKES
    file = pin_store.read_pins_if_any(console.pins_path)
    pins = Pins(file)
    with Progress(console, "looking for printers"):
        lines = console.network.browse(seconds * BROWSING)
        printers, left_out = gather(parse_announcements(lines), pins)
        everything = Round(printers, pins)
        outcomes = _meet_all(everything, end, console)
    found = everything.judge(outcomes, console.clock())
    names_resolve = console.network.names_resolve()
    return Search(found, queue_names(found), [device_uri(row, names_resolve) for row in found], left_out)


def _meet_all(everything: Round, end: float, console: Console) -> Mapping[Target, Outcome]:
    """Make all handshakes, as many as there is time for."""
    outcomes: dict[Target, Outcome] = {}

    def meet(target: Target) -> None:
        if end > console.monotonic():
            outcomes[target] = _meet(target, end, everything, console)

    pool = ThreadPoolExecutor(max_workers=MOST_JOBS)
    try:
        waiting = [pool.submit(meet, target) for target in everything.targets()]
        wait(waiting, max(0.0, end - console.monotonic()))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    for each in waiting:
        if each.done() and not each.cancelled():
            each.result()
    return outcomes


def _meet(target: Target, end: float, everything: Round, console: Console) -> Outcome:
    """Make a handshake; where CAs are pinned, one more for each such place, in which OpenSSL looks for these."""
    met = console.network.meet(target, end - console.monotonic())
    verdicts = {}
    for key, pins in everything.places_with_ca(target) if met.der else ():
        left = end - console.monotonic()
        if left <= 0:
            break
        names = ca_files(pins, pins[0].host, pins[0].port)
        try:
            texts = [pin_store.read_trusted_file(os.path.join(console.folder, name)) for name in names]
        except errors.PinFileUnreadable:
            continue
        authorities = b"\n".join(texts).decode("ascii", "replace")
        der, verdict = console.network.ask_ca(replace(target, name=pins[0].host.strip("[]")), left, authorities)
        # Where two machines are behind one address, no verdict about the one is true of the other.
        if verdict is not None and der in (b"", met.der):
            verdicts[key] = verdict
    return replace(met, ca_verdicts=verdicts)


def may_be_added(row: Found) -> bool:
    """Tell whether a queue for it makes sense, with the question that add asks."""
    return row.state in (State.PINNED, State.NOT_PINNED)
