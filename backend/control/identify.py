"""ipps443ctl identify: let the printer of a queue show which one it is, by Identify-Printer (PWG 5100.13 section 5.1).

What it does, a light, a sound or words on its panel, is left to it. The request goes to a printer whose key is proven.
"""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace

from backend.control.console import Console
from backend.control.examination import TIMEOUTS, examine, make_printer
from backend.control.host import Refused
from backend.control.monitoring import environ_of_job
from backend.control.queues import connect_to_cupsd, own_queue, printer_of
from backend.ipp import operations
from backend.ipp.codes import Operation, keyword, succeeded
from backend.printer.capabilities import parse_version
from backend.transport.pin_check import PinCheck


def identify(arguments: Namespace, console: Console) -> int:
    """Ask the printer of a queue to show itself."""
    queue = own_queue(arguments.queue, connect_to_cupsd(console))
    findings = examine(printer_of(arguments.queue, queue), "", console, paths=())
    host, capabilities = findings.printer, findings.capabilities
    if capabilities is not None and not capabilities.lists(Operation.IDENTIFY_PRINTER):
        raise Refused(f"{host.key} cannot do it: it does not list Identify-Printer")
    uri = replace(host.uri, timeouts=TIMEOUTS)
    printer = make_printer(uri, PinCheck(uri, environ_of_job(host, console), lambda _judgement: None))
    if capabilities is not None:
        version = parse_version(capabilities.facts.version) or printer.target.version
        printer.target = replace(printer.target, version=version)
    try:
        request = operations.identify_printer(printer.target, printer.next_request_id())
        answer = printer.expect_message(printer.ask(request))
    finally:
        printer.disconnect()
    if not succeeded(answer.code):
        raise Refused(f"{host.key} does not show itself ({keyword(answer.code)})")
    actions = findings.text("identify-actions-default")
    how = f" ({actions})" if actions else ""
    console.say(f"The printer of {arguments.queue} at {host.key} shows itself now{how}.")
    console.say_json({"queue": arguments.queue, "printer": host.key, "actions": actions.split(", ") if actions else []})
    return 0
