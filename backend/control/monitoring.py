"""ipps443ctl verify for many: which printers would get a job now, side by side, in words and for monitoring.

Rules:

- only handshakes, at most 16 at once; a printer that does not answer is asked once more, because it may sleep;
- each connection is made as a job's, with the options of the queue's device URI where a queue has the printer;
- an end that was acknowledged in the pin of that certificate is no warning.

Nagios: the Monitoring Plugins Development Guidelines (one line, states 0 to 3, perfdata). Prometheus: the text
exposition format 0.0.4, for node_exporter's textfile collector.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from backend import errors
from backend.control import describe
from backend.control.console import Console
from backend.control.failure import DONE, FAILURES, REFUSED, UNREACHED, explain_failure
from backend.control.host import Misused, PrinterHost, Refused, parse_printer_host
from backend.control.pinned_certificates import end_on_file
from backend.control.queue_watch import METRICS as METRICS_OF_QUEUES
from backend.control.queue_watch import QueueResult, look_at_queues, measures, nagios_part, summary
from backend.control.queues import own_queues, printer_of
from backend.trust import pin_store
from backend.trust.certificate import CertificateFacts
from backend.trust.pin_file import Pin, PinFile

#: Handshakes at once: enough for hundreds of printers in seconds, and no burst on the network.
MOST_JOBS = 16
#: Days before a certificate's end that monitoring is warned unless it says otherwise.
WARN_DAYS = 30
#: The most that may be said: no certificate lives for a century, and the calendar has an end.
MOST_WARN_DAYS = 36525
#: Seconds before a printer that did not answer is asked once more.
SECOND_TRY = 2

NAGIOS_WORDS = ("OK", "WARNING", "CRITICAL", "UNKNOWN")


class State(Enum):
    """What became of one printer, the worst first."""

    REFUSED = "not trusted"
    UNREACHABLE = "unreachable"
    ENDED = "expired"
    ENDING = "expiring"
    TRUSTED = "trusted"


#: Exit code of verify, and state of Nagios.
EXIT_CODES = {State.REFUSED: REFUSED, State.UNREACHABLE: UNREACHED, State.ENDED: REFUSED, State.ENDING: REFUSED}
NAGIOS = {State.REFUSED: 2, State.UNREACHABLE: 2, State.ENDED: 1, State.ENDING: 1}


@dataclass(frozen=True)
class Result:
    """One printer at this moment."""

    printer: PrinterHost
    label: str
    state: State
    #: What there is to say beside the state: a message with its code.
    text: str = ""
    code: str = ""
    #: End of the certificate that it presented, else of the pinned one where the pin file says so.
    not_after: datetime | None = None


def pinned_printers(file: PinFile, console: Console) -> list[PrinterHost]:
    """Return all printers of the pin file, each as the first queue for it would reach it."""
    queues: dict[str, PrinterHost] = {}
    try:
        known = own_queues(console.cups())
    except Exception:  # noqa: B902 - without cupsd or pycups there are no queues whose options would count
        known = {}
    for name in sorted(known):
        try:
            printer = printer_of(name, known[name])
        except Refused:
            continue
        queues.setdefault(printer.key, printer)
    keys = dict.fromkeys(pin.key for pin in file.pins)
    return [queues.get(key) or parse_printer_host(key) for key in keys]


def look_at_all(
    printers: Iterable[PrinterHost], file: PinFile, console: Console, jobs: int, warn_days: int | None
) -> list[Result]:
    """Ask printers, several at once; the results stand in the order of the printers."""

    def look(printer: PrinterHost) -> Result:
        pins = file.for_printer(printer.host, printer.port)
        return _look(printer, pins, console, warn_days)

    with ThreadPoolExecutor(max_workers=jobs) as pool:
        return list(pool.map(look, printers))


def _look(printer: PrinterHost, pins: tuple[Pin, ...], console: Console, warn_days: int | None) -> Result:
    label = next((pin.label for pin in pins if pin.label), "")
    try:
        der = _prove(printer, console)
    except FAILURES as error:
        status, code, text = explain_failure(error)
        state = State.UNREACHABLE if status == UNREACHED else State.REFUSED
        return Result(printer, label, state, text, code, _end_on_file(pins))
    facts = CertificateFacts(der)
    end = facts.outline.not_after
    state = State.TRUSTED
    if end is not None and warn_days is not None and not _is_acknowledged(facts, pins):
        now = console.clock()
        if end < now:
            state = State.ENDED
        elif end < now + timedelta(days=warn_days):
            state = State.ENDING
    text = f"its certificate {'ended' if state is State.ENDED else 'ends'} on {end:%Y-%m-%d}" if end else ""
    return Result(printer, label, state, "" if state is State.TRUSTED else text, "", end)


def _is_acknowledged(facts: CertificateFacts, pins: tuple[Pin, ...]) -> bool:
    """Tell whether someone knows of a certificate's end: its own pin says so, and none that stands beside it."""
    digests = {facts.cert_sha256, facts.spki_sha256} - {None}
    own = [pin for pin in pins if digests & {pin.cert_sha256, pin.spki_sha256}]
    return any(pin.acknowledged for pin in own or [pin for pin in pins if pin.ca])


def _prove(printer: PrinterHost, console: Console) -> bytes:
    environ = environ_of_job(printer, console)
    try:
        return console.prove(printer, environ).der
    except (errors.PrinterUnreachable, errors.ConnectionLost):
        console.sleep(SECOND_TRY)
    return console.prove(printer, environ).der


def environ_of_job(printer: PrinterHost, console: Console) -> dict[str, str]:
    """Return what cupsd would tell the backend about the queue."""
    return {**console.environ, "CUPS_SERVERROOT": console.server_root, "DEVICE_URI": printer.text or printer.device_uri}


def _end_on_file(pins: Iterable[Pin]) -> datetime | None:
    return max((end for end in map(end_on_file, pins) if end), default=None)


# --- saying it --------------------------------------------------------------------------------------------


def count(results: Iterable[Result]) -> dict[State, int]:
    """Return how many printers are in each state, the worst first."""
    found = [result.state for result in results]
    return {state: found.count(state) for state in State}


def say_results(results: list[Result], console: Console) -> int:
    """Say a line of each printer, and how many there are of each kind; return the exit code of verify."""
    for result in results:
        label = f" ({result.label})" if result.label else ""
        console.say(
            f"{result.state.value:12} {result.printer.key}{label}" + (f": {result.text}" if result.text else "")
        )
    console.say(f"{len(results)} printers: " + _summary(results))
    console.say_json({"printers": [_value(result) for result in results]})
    statuses = {EXIT_CODES.get(result.state, DONE) for result in results}
    return REFUSED if REFUSED in statuses else max(statuses, default=DONE)


def _summary(results: Iterable[Result]) -> str:
    return ", ".join(f"{number} {state.value}" for state, number in count(results).items() if number) or "none"


def _value(result: Result) -> dict[str, object]:
    value: dict[str, object] = {
        "host": result.printer.address,
        "port": result.printer.port,
        "label": result.label or None,
        "state": result.state.value,
        "trusted": result.state not in (State.REFUSED, State.UNREACHABLE),
        "not_after": describe.as_rfc3339(result.not_after),
    }
    return {**value, "error": {"code": result.code, "text": result.text}} if result.code else value


def nagios(results: list[Result], queues: list[QueueResult] | None = None) -> tuple[int, list[str]]:
    """Return state and output of a plugin: a line with perfdata, and below a line for each printer that is not well.

    Args:
        queues: what became of our queues, where there is a cupsd.
    """
    state = max((NAGIOS.get(result.state, 0) for result in results), default=3)
    counted = count(results)
    data = " ".join(f"'{each.value}'={number};;;0;{len(results)}" for each, number in counted.items())
    words = f"{len(results)} printers: {_summary(results)}"
    more: list[str] = []
    if queues:
        worst_queue, data_of_queues, more = nagios_part(queues)
        # That no printer is pinned must not hide what is wrong with a queue.
        state = max(state, worst_queue) if results else worst_queue or state
        data, words = f"{data} {data_of_queues}", f"{words}; {summary(queues)}"
    lines = [f"IPPS443 {NAGIOS_WORDS[state]} - {words} | {data}"]
    for result in sorted(results, key=lambda each: list(State).index(each.state)):
        if result.state is not State.TRUSTED:
            # The pipe would begin perfdata.
            lines.append(f"{result.state.value}: {result.printer.key}: {result.text}".replace("|", "/"))
    return state, lines + [line.replace("|", "/") for line in more]


def nagios_failure(error: Exception) -> tuple[int, str]:
    """Return state and output where no printer could be asked: pins that cannot be read stop every job."""
    status, _, text = explain_failure(error)
    state = 2 if status == REFUSED else 3
    return state, f"IPPS443 {NAGIOS_WORDS[state]} - {text}".replace("|", "/")


#: Metrics: name, what it is, and its value for a printer; None leaves it out.
METRICS = (
    ("ipps443_printer_trusted", "Whether a job would be sent to the printer now."),
    ("ipps443_printer_reachable", "Whether the printer made a handshake."),
    ("ipps443_printer_certificate_acknowledged_or_valid", "Whether no end of its certificate asks for attention."),
    ("ipps443_printer_certificate_not_after_seconds", "End of the printer's certificate, Unix time."),
)


def prometheus(results: list[Result], now: datetime, queues: list[QueueResult] | None = None) -> list[str]:
    """Return the metrics of all printers and queues, grouped by metric as the format asks."""
    lines = []
    for number, (name, text) in enumerate(METRICS):
        lines += [f"# HELP {name} {text}", f"# TYPE {name} gauge"]
        for result in results:
            value = _measures(result)[number]
            if value is not None:
                lines.append(f"{name}{_labels({'printer': result.printer.key, 'label': result.label})} {value}")
    for number, (name, text) in enumerate(METRICS_OF_QUEUES):
        lines += [f"# HELP {name} {text}", f"# TYPE {name} gauge"] if queues else []
        lines += [f"{name}{_labels({'queue': each.name})} {measures(each)[number]}" for each in queues or ()]
    lines += [
        "# HELP ipps443_verify_time_seconds When this was measured, Unix time.",
        "# TYPE ipps443_verify_time_seconds gauge",
        f"ipps443_verify_time_seconds {int(now.timestamp())}",
    ]
    return lines


def _measures(result: Result) -> tuple[int | None, ...]:
    state = result.state
    return (
        int(state not in (State.REFUSED, State.UNREACHABLE)),
        int(state is not State.UNREACHABLE),
        int(state not in (State.ENDED, State.ENDING)),
        int(result.not_after.timestamp()) if result.not_after else None,
    )


def _labels(values: Mapping[str, str]) -> str:
    quoted = {
        name: value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") for name, value in values.items()
    }
    return "{" + ",".join(f'{name}="{value}"' for name, value in quoted.items()) + "}"


def verify_all(
    printers: list[PrinterHost],
    console: Console,
    jobs: int | None,
    warn_days: int | None,
    form: str | None,
    with_queues: bool = False,
) -> int:
    """Ask all of them, and say it in the form that was asked for; return the exit code that belongs to it.

    Args:
        with_queues: monitoring wants to know of stopped queues and held jobs too.
    """
    if jobs is not None and not 1 <= jobs <= MOST_JOBS:
        raise Misused(f"--jobs: 1 to {MOST_JOBS}")
    if warn_days is not None and not 0 <= warn_days <= MOST_WARN_DAYS:
        raise Misused(f"--warn-days: 0 to {MOST_WARN_DAYS}")
    if warn_days is None and form is not None:
        warn_days = WARN_DAYS
    file = pin_store.read_pins_if_any(console.pins_path)
    results = look_at_all(printers, file, console, jobs or MOST_JOBS, warn_days)
    queues = look_at_queues(console) if form is not None and with_queues else None
    if form == "nagios":
        status, lines = nagios(results, queues)
    elif form == "prometheus":
        status, lines = DONE, prometheus(results, console.clock(), queues)
    else:
        return say_results(results, console)
    for line in lines:
        console.say(line)
    return status
