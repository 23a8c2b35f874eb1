"""ipps443ctl add: pin, probe and lpadmin in one.

The queue is made through pycups and not by the lpadmin program, because a device URI may hold a password, and whatever
stands in an argument list everyone on the machine can read.
"""

from __future__ import annotations

import shlex
from argparse import Namespace
from dataclasses import dataclass, replace
from typing import Any

from backend import errors
from backend.control.console import Console
from backend.control.descriptions import installed_descriptions
from backend.control.examination import Findings, examine
from backend.control.fleet import read_entries, run_entries
from backend.control.handshakes import find_tls
from backend.control.host import Misused, PrinterHost, Refused, is_ours, parse_printer_host
from backend.control.listed_queue import is_reached_as, other_words
from backend.control.made import PRINTER, make_description
from backend.control.monitoring import environ_of_job
from backend.control.pick import ask_for_queue, pick_printer
from backend.control.pinning import check_fingerprint, pin_fingerprint, pin_printer, update_pins, wanted_fingerprint
from backend.control.probe import device_uri_text, findings_value
from backend.control.progress import Progress
from backend.control.queues import connect_to_cupsd, give_description, reason_of
from backend.control.waiting import Waiting, is_nowhere
from backend.device_uri import without_password
from backend.ipp.codes import Status
from backend.trust import pin_store
from backend.trust.certificate import CertificateFacts
from backend.trust.pin_file import PinFile
from filters.common.queue_name import LONGEST, may_be_made
from filters.description.generate import Generated


#: What is asked of cupsd about a queue that may be there.
OF_QUEUE = ("device-uri", "printer-info", "printer-location")


@dataclass(frozen=True)
class Queue:
    """A queue that is to be made."""

    name: str
    uri: str
    description: str
    info: str
    location: str
    #: The text of a description that is made from the printer.
    text: str = ""


def add(arguments: Namespace, console: Console) -> int:
    """Make queues for printers that are pinned already, or that the administrator pins now."""
    console.dry_run = arguments.dry_run
    named = arguments.queue is not None or arguments.uri is not None
    if arguments.from_file is None:
        return _add_one(Namespace(**vars(_completed(arguments, console)), location=""), console)
    if named:
        raise Misused("either QUEUE and URI, or --from FILE")
    entries = read_entries(Namespace(hosts=[], from_file=arguments.from_file), console)
    for entry in entries:
        _checked_name(entry.queue)
    return run_entries(entries, arguments, console, _add_one)


def _completed(arguments: Namespace, console: Console) -> Namespace:
    """Return the words of the command, with the printer that someone at a terminal picks where none was named.

    The name that it announces becomes its label, so that it is known who else announces it.
    """
    if arguments.uri is not None:
        return arguments
    if not console.can_ask:
        raise Misused("say QUEUE and URI, or --from FILE")
    if arguments.queue is not None:
        _checked_name(arguments.queue)
    picked = pick_printer(console)
    queue = arguments.queue or _checked_name(ask_for_queue(picked, console))
    console.chosen += [picked.uri] if arguments.queue else [queue, picked.uri]
    words = {"queue": queue, "uri": picked.uri, "label": arguments.label or picked.label or None}
    return Namespace(**{**vars(arguments), **words})


def _add_one(arguments: Namespace, console: Console) -> int:
    name = _checked_name(arguments.queue)
    printer = parse_printer_host(arguments.uri)
    cups = connect_to_cupsd(console)
    there = _check_free(name, printer, cups)
    pin_store.read_pins_if_any(console.pins_path)  # who may not read them cannot pin, and need not wait for a printer
    is_listed = there is not None and console.in_list and _is_pinned(printer, arguments, console)
    if there is not None and is_listed and is_reached_as(there, printer):
        return _bring_up_to_date(there, None, printer, arguments, cups, console)
    try:
        with Progress(console, f"making a TLS handshake with {printer.key}"):
            printer, option, peer = find_tls(printer, console, arguments.legacy)
    except errors.PrinterUnreachable as error:
        if arguments.fingerprint is None or is_nowhere(error):
            raise
        return _add_unseen(name, printer, error, arguments, console)
    pinned = _pin_if_unknown(printer, arguments, console)
    if console.dry_run and not is_listed:
        console.say(f"Queue {name} would be {'made' if there is None else 'set up anew'}.")
        console.say_json({"queue": name, "pinned": pinned.get("pinned"), "changed": True})
        return 0
    findings = examine(printer, option, console)
    if there is not None and is_listed:  # the same printer, by a different path or with different options
        uri = device_uri_text(arguments.uri, findings, password=True)
        device = None if is_reached_as(there, parse_printer_host(uri)) else uri
        if device and not console.dry_run:
            _note_in_pins(findings, console)
        return _bring_up_to_date(there, device, printer, arguments, cups, console)
    made = _describe(findings, arguments, console)
    description = PRINTER if made else arguments.model or _choose(findings, arguments, console)
    queue = Queue(
        name,
        device_uri_text(arguments.uri, findings, password=True),
        description,
        arguments.label or findings.text("printer-info") or findings.text("printer-make-and-model"),
        arguments.location or findings.text("printer-location"),
        made.text if made else "",
    )
    _note_in_pins(findings, console)
    _make(queue, cups)
    shown = device_uri_text(arguments.uri, findings, password=False)
    what = f"a description made from the printer ({made.format})" if made else description
    console.say(f"Queue {name} prints to {shown} with {what}.")
    word = shlex.quote(name)
    console.say(f"Print with: lp -d {word} FILE   or a page about itself: ipps443ctl testpage {word}")
    console.say_json(
        {
            "queue": name,
            "changed": True,
            "device_uri": shown,
            "description": description,
            "pinned": pinned.get("pinned"),
            "printer": findings_value(findings, shown, None, console) | {"description": description},
        }
    )
    return 0


def _checked_name(name: str) -> str:
    if not may_be_made(name):
        why = f"no spaces, quotes, / \\ ? # ], no hyphen in front, and at most {LONGEST} bytes"
        raise Misused(f"{name[:LONGEST]!r} is no name for a queue: {why}")
    return name


def _check_free(name: str, printer: PrinterHost, cups: Any) -> dict[str, Any] | None:
    """Refuse to turn a queue that prints somewhere else; return the one that there is for the same printer."""
    try:  # this one alone: a list asks once for each of its queues
        known: dict[str, Any] = cups.getPrinterAttributes(name, requested_attributes=list(OF_QUEUE))
    except Exception as error:  # noqa: B902 - pycups has errors of its own, which cannot be named without importing it
        if error.args[:1] == (Status.CLIENT_ERROR_NOT_FOUND,):
            return None
        raise Refused(f"cupsd does not say whether there is a queue {name} ({reason_of(error)})") from None
    uri = str(known.get("device-uri", ""))
    try:
        same = is_ours(uri) and parse_printer_host(uri).key == printer.key
    except Misused:
        same = False
    if not same:
        remove = f"lpadmin -x {shlex.quote(name)}"
        raise Refused(f"queue {name} exists and prints to {uri}; take a new name, or remove it: {remove}")
    return known


def _is_pinned(printer: PrinterHost, arguments: Namespace, console: Console) -> bool:
    """Tell whether the printer is pinned, with the fingerprint that the list says if it says one."""
    wanted = wanted_fingerprint(arguments.fingerprint)
    pins = pin_store.read_pins_if_any(console.pins_path).for_printer(printer.host, printer.port)
    return any(wanted is None or wanted in (pin.cert_sha256, pin.spki_sha256) for pin in pins)


def _bring_up_to_date(
    there: dict[str, Any], device: str | None, printer: PrinterHost, arguments: Namespace, cups: Any, console: Console
) -> int:
    """Give a queue that is there what the list says otherwise; description, defaults and jobs stay."""
    name, words = arguments.queue, other_words(there, arguments) | ({"device": device} if device else {})
    relabelled = _label_pins(printer, arguments.label, str(there.get("printer-info", "")), console)
    changes = {word: without_password(text) if word == "device" else text for word, text in words.items()}
    if words and not console.dry_run:
        try:
            cups.addPrinter(name, **words)
        except Exception as error:  # noqa: B902
            raise Refused(f"cupsd does not change the queue {name}: {reason_of(error)}") from None
    said = [f"{word} {text}" for word, text in changes.items()] + ["the label of its pins"] * relabelled
    would = "would have" if console.dry_run else "has now"
    console.say(f"Queue {name} {would}: {', '.join(said)}." if said else f"Queue {name} is there already.")
    console.say_json({"queue": name, "changed": bool(said), "changes": changes})
    return 0


def _label_pins(printer: PrinterHost, label: str | None, was: str, console: Console) -> bool:
    """Bring the label to the printer's pins that have none, or that of this queue until now; say whether one changed.

    A printer has one label, and may have several queues with words of their own.
    """

    def edit(file: PinFile) -> PinFile:
        """Change the label, never what is trusted."""
        for pin in file.for_printer(printer.host, printer.port):
            if pin.label in (None, was) and pin.label != label:
                file = file.with_pin(replace(pin, label=label))
        return file

    before = pin_store.read_pins_if_any(console.pins_path)
    if not label or edit(before).text == before.text:
        return False
    update_pins(edit, console)
    return True


def _add_unseen(
    name: str, printer: PrinterHost, error: errors.IppsError, arguments: Namespace, console: Console
) -> int:
    """Make a queue for a printer that is switched off, by what the administrator says of it."""
    if arguments.model in (None, PRINTER):
        if console.in_list:
            raise error  # with its own exit code, so that the list is run again
        raise Refused(f"{error}; for a printer that is off say --model, for it cannot be asked")
    changed = pin_fingerprint(printer, arguments, console)
    if console.dry_run:
        console.say(f"Queue {name} would be made; the printer is out of reach.")
        console.say_json({"queue": name, "changed": True})
        return 0
    uri = arguments.uri.strip() if "://" in arguments.uri else printer.device_uri
    label = arguments.label or printer.key
    _make(Queue(name, uri, arguments.model, label, arguments.location), connect_to_cupsd(console))
    console.say(f"Queue {name} prints to {printer.key} with {arguments.model}. The printer is out of reach:")
    console.say(f"the fingerprint is pinned, and was compared with nothing. Later: ipps443ctl verify {printer.name}")
    shown = printer.text or printer.device_uri
    value = {"queue": name, "changed": True, "device_uri": shown, "description": arguments.model}
    console.say_json({**value, "pinned": changed})
    return 0


# --- trust ------------------------------------------------------------------------------------------------


def _pin_if_unknown(printer: PrinterHost, arguments: Namespace, console: Console) -> dict[str, Any]:
    """Pin a printer that no one has pinned; one with a different certificate than the pinned one is refused."""
    try:
        judgement = Waiting(console).until(lambda: console.prove(printer, environ_of_job(printer, console)))
    except errors.PrinterUnknown:
        if printer.uri.pins:
            raise
        return pin_printer(printer, arguments, console)
    except errors.CertificateChanged:
        if printer.uri.pins or not arguments.replace:
            raise
        return pin_printer(printer, arguments, console)
    except errors.PinFileUnreadable:
        if pin_store.read_pins_if_any(console.pins_path).pins:
            raise
        return pin_printer(printer, arguments, console)
    check_fingerprint(CertificateFacts(judgement.der), wanted_fingerprint(arguments.fingerprint), "no queue was made")
    console.say(f"Trusted: {printer.key} presents {judgement.fingerprint}.")
    return {}


def _note_in_pins(findings: Findings, console: Console) -> None:
    """Write model and path beside the printer's pins, so that the device list shows them."""
    printer = findings.printer
    model = " ".join(findings.text("printer-make-and-model").split()) or None

    def edit(file: PinFile) -> PinFile:
        """Change the words of the printer's pins, never what they trust."""
        for known in file.for_printer(printer.host, printer.port):
            words = replace(known, path=printer.path or known.path, model=model or known.model)
            if words != known:
                others = [pin for pin in file.for_printer(printer.host, printer.port) if pin != known]
                file = file.with_pin(words).without(printer.host, printer.port, keep=[*others, words])
        return file

    if pin_store.read_pins_if_any(console.pins_path).for_printer(printer.host, printer.port):
        pin_store.update_pins(console.pins_path, edit)


# --- the queue --------------------------------------------------------------------------------------------


def _describe(findings: Findings, arguments: Namespace, console: Console) -> Generated | None:
    """Return one made from the printer, if it takes what can be made for it; None for one of ours.

    It has the printer's own trays, sizes and finishers; ours are for printers with nothing but PCL, and by choice.
    """
    if arguments.model not in (None, PRINTER) or arguments.model is None and not findings.made_format(console):
        return None
    try:
        made = make_description(findings, console)
    except (Refused, errors.ConnectionLost, errors.MalformedResponse, errors.HttpRefused) as error:
        if arguments.model is None and findings.choose(console.environ) is not None:
            console.note(f"{error}; taking a description of ours")
            return None
        if arguments.model == PRINTER or not isinstance(error, Refused):
            raise
        return None  # _choose says what is wrong
    for note in made.notes:
        console.note(note)
    return made


def _choose(findings: Findings, arguments: Namespace, console: Console) -> str:
    description = findings.choose(console.environ)
    if description is not None:
        return description.name
    known = " ".join(found.name for found in installed_descriptions(console.environ)) or "none; run install.sh"
    if findings.capabilities is None:
        why = "it wants a user name and password before it says what it is (write them into the URI)"
    else:
        why = (
            f"no description fits what it takes ({', '.join(findings.listed or findings.formats) or 'it does not say'})"
        )
    raise Refused(f"{findings.printer.key}: {why}; choose one with --model. Installed: {known}")


def _make(queue: Queue, cups: Any) -> None:
    words = {"info": queue.info, "location": queue.location, "device": queue.uri}
    try:
        if queue.text:
            give_description(queue.name, queue.text, cups, **words)
        else:
            cups.addPrinter(queue.name, ppdname=queue.description, **words)
        cups.acceptJobs(queue.name)
        cups.enablePrinter(queue.name)
    except Exception as error:  # noqa: B902 - pycups has errors of its own, which cannot be named without importing it
        raise Refused(f"cupsd does not make the queue {queue.name}: {reason_of(error)}") from None
