"""What a printer takes, learned before anything of the job is at risk.

The first Get-Printer-Attributes to a printer that is not yet known goes out in chunks. A proper answer means that
chunks work; any trouble, or an HTTP/1.0 answer, means that the job is sent with its length, and costs no document byte.
The same question finds the IPP version the printer answers properly (Q-80 ... Q-82).
"""

from __future__ import annotations

from backend.cupsd.printer_state import number, texts
from backend.errors import (
    AuthenticationRequired,
    ConnectionLost,
    IppRefused,
    IppsError,
    MalformedResponse,
    PrinterBusy,
    UserRefused,
)
from backend.ipp.codes import BUSY, MAY_NOT, Operation, Status, keyword, succeeded
from backend.ipp.message import Message
from backend.ipp.operations import sanitised_user
from backend.ipp.tags import Tag
from backend.printer.learned import LONGEST_FIRMWARE, Facts
from backend.printer.printer import PRINTER_ATTRIBUTES, VERSIONS, Printer, Reply
from filters.common.dataclass import dataclass, replace
from filters.common.report import Report


#: What the version option and the memory of a printer may name.
KNOWN_VERSIONS = ((2, 2), (2, 1), *VERSIONS)
#: HTTP statuses of a printer, or a proxy in front of it, that is not ready yet (Q-109).
TEMPORARY = (429, 500, 502, 503, 504)
#: IPP statuses of the same kind.
PASSING = (
    Status.CLIENT_ERROR_TIMEOUT,
    Status.SERVER_ERROR_INTERNAL_ERROR,
    Status.SERVER_ERROR_DEVICE_ERROR,
)
#: A user name that no printer knows and none can object to.
ANYBODY = "anybody"
_NOT_ABOUT_THE_USER = {Status.SERVER_ERROR_VERSION_NOT_SUPPORTED, Status.CLIENT_ERROR_NOT_AUTHENTICATED}


@dataclass(frozen=True)
class Capabilities:
    """What the printer says it takes, and what is known about it.

    Attributes:
        attributes: the answer to Get-Printer-Attributes.
        facts: what is known now; worth remembering if it differs from what was known before.
        has_more: the answer is also about what else was to be asked.
    """

    attributes: Message
    facts: Facts
    has_more: bool = False

    @property
    def formats(self) -> tuple[str, ...]:
        """document-format-supported, as the printer spells them."""
        return texts(self.attributes, "document-format-supported", Tag.PRINTER_ATTRIBUTES)

    @property
    def up_time(self) -> int | None:
        """Seconds since the printer was switched on, None if it does not tell."""
        found = number(self.attributes, "printer-up-time", Tag.PRINTER_ATTRIBUTES)
        return found if found is not None and found >= 0 else None

    @property
    def accepts_jobs(self) -> bool:
        """False if printer-is-accepting-jobs says so; a printer that does not say accepts them."""
        found = self.attributes.get("printer-is-accepting-jobs", Tag.PRINTER_ATTRIBUTES)
        return found is None or found.value is not False

    def lists(self, operation: Operation) -> bool:
        """Tell whether operations-supported names the operation."""
        found = self.attributes.get("operations-supported", Tag.PRINTER_ATTRIBUTES)
        return found is not None and operation in found.all

    @property
    def creates_jobs(self) -> bool:
        """Tell whether Create-Job and Send-Document can be used."""
        both = self.lists(Operation.CREATE_JOB) and self.lists(Operation.SEND_DOCUMENT)
        return both and self.facts.send_document is not False


def parse_version(text: str | None) -> tuple[int, int] | None:
    """Return "1.1" as (1, 1), None for what is no version of IPP."""
    return next((version for version in KNOWN_VERSIONS if text == "{}.{}".format(*version)), None)


def ask_capabilities(
    printer: Printer, facts: Facts, report: Report, *, may_probe: bool, more: tuple[str, ...] = ()
) -> Capabilities:
    """Ask the printer about itself.

    Args:
        facts: what is known from earlier jobs.
        more: what is to be asked of a printer that is known along with the rest, to save a question of its own. Where
            that makes trouble, it is left out, from later jobs too.
        may_probe: the queue leaves the framing to us, so that finding out about chunks is worth a question.

    Raises:
        PrinterBusy: it answers that it cannot answer now.
        PrinterUnreachable, ConnectionLost, MalformedResponse, TrustError: there was no answer.
        HttpRefused, IppRefused, AuthenticationRequired: the answer is no.
    """
    found = _Questions(printer, facts, report).run(may_probe, more)
    firmware = " ".join(texts(found.attributes, "printer-firmware-string-version", Tag.PRINTER_ATTRIBUTES))
    if facts.learned and facts.firmware != firmware[:LONGEST_FIRMWARE]:
        report.debug(f"{printer.name} has different firmware now; what was learned about it is forgotten")
        found = _Questions(printer, Facts(), report).run(may_probe)
    return replace(found, facts=replace(found.facts, firmware=firmware[:LONGEST_FIRMWARE]))


class _Questions:
    """One round of questions; ``chunks`` and the version change on the way."""

    def __init__(self, printer: Printer, facts: Facts, report: Report) -> None:
        self._printer = printer
        self._facts = facts
        self._report = report

    def run(self, may_probe: bool, more: tuple[str, ...] = ()) -> Capabilities:
        printer, facts = self._printer, self._facts
        chunks, at_once = facts.chunks, facts.at_once
        printer.takes_chunks = bool(chunks) or printer.uri.transfer == "chunked"
        reply = None
        if may_probe and chunks is None:
            reply, chunks = self._probe()
            printer.takes_chunks = bool(chunks)
        asks_more = reply is None and bool(more) and facts.learned > 0 and at_once is not False
        all_at_once = self._ask_for_more(more) if asks_more else None
        reply = reply or all_at_once
        if reply is None:
            reply = printer.get_attributes()
            if asks_more and _is_answered(reply):
                at_once = False
            if reply.response.http_version == "1.0":
                chunks = False
            elif chunks is False and facts.chunks is None and not _is_proper(reply):
                chunks = None  # the same trouble with a length: it says nothing about chunks
        reply = self._settle_user(reply) or self._settle_version(reply)
        if reply.message is None and reply.response.status in TEMPORARY:
            said = f"HTTP {reply.response.status} {reply.response.reason}"
            raise PrinterBusy(printer.name, said, reply.retry_after)
        if reply.message is None and reply.response.status != 200:
            raise _refusal_in(reply, printer)
        message = printer.expect_message(reply)
        self._check(reply, message)
        version = "{}.{}".format(*printer.target.version)
        facts = replace(facts, chunks=chunks, version=version, at_once=at_once)
        return Capabilities(message, facts, all_at_once is not None)

    def _ask_for_more(self, more: tuple[str, ...]) -> Reply | None:
        """Ask for the usual and more; None for anything but a plain answer, after which the usual way is gone."""
        try:
            reply = self._printer.get_attributes((*PRINTER_ATTRIBUTES, *more))
        except (ConnectionLost, MalformedResponse) as error:
            self._report.debug(f"no answer about all at once: {error.text}")
            self._printer.disconnect()
            return None
        plain = reply.response.http_version != "1.0" and _is_answered(reply)
        return reply if plain and reply.message is not None and succeeded(reply.message.code) else None

    def _probe(self) -> tuple[Reply | None, bool | None]:
        """Ask in chunks; return the answer if it is of use, and what it says about chunks."""
        printer, report = self._printer, self._report
        printer.session()  # a printer that cannot be reached or trusted says nothing about chunks
        try:
            reply = printer.get_attributes(chunked=True, reply_seconds=printer.uri.timeouts.probe)
        except (ConnectionLost, MalformedResponse) as error:
            printer.disconnect()
            report.debug(f"{printer.name} does not take chunks: {error.text}")
            return None, False
        if reply.response.http_version == "1.0":
            report.debug(f"{printer.name} answers in HTTP/1.0: no chunks")
            return (reply if _is_proper(reply) else None), False
        if _is_proper(reply):
            return reply, True
        printer.disconnect()  # what is left of the chunks may be taken for a request there
        report.debug(
            f"{printer.name} answers HTTP {reply.response.status} to a question in chunks; asking with a length"
        )
        return None, False

    def _settle_version(self, reply: Reply) -> Reply:
        """Go down from version to version while the printer refuses it or leaves everything out."""
        printer = self._printer
        lower = [version for version in VERSIONS if version < printer.target.version]
        fixed = printer.uri.version != "auto"
        while lower and not fixed and _is_version_trouble(reply):
            printer.target = replace(printer.target, version=lower.pop(0))
            self._report.debug("asking {} in IPP {}.{}".format(printer.name, *printer.target.version))
            reply = printer.get_attributes()
        return reply

    def _settle_user(self, reply: Reply) -> Reply | None:
        """Ask under a plainer name where the printer may refuse the user's (Q-86, Q-87); None if that is not it."""
        printer, target = self._printer, self._printer.target
        plain = sanitised_user(target.requesting_user_name)
        if _is_answered(reply) or plain == target.requesting_user_name or not _may_be_about_the_user(reply):
            return None
        again = self._ask_as(plain or ANYBODY)
        if again is None:
            return None
        self._report.debug(
            f"{printer.name} does not take the user's name as it is; it gets the letters and digits of it"
        )
        printer.target = replace(target, requesting_user_name=plain or ANYBODY)
        return again

    def _ask_as(self, user: str) -> Reply | None:
        """Return the answer that someone else gets; None if it is no better."""
        printer, target = self._printer, self._printer.target
        printer.target = replace(target, requesting_user_name=user)
        try:
            reply = printer.get_attributes()
        except (ConnectionLost, MalformedResponse, AuthenticationRequired):
            return None
        finally:
            printer.target = target
        return reply if _is_answered(reply) else None

    def _check(self, reply: Reply, message: Message) -> None:
        if message.code in BUSY:
            raise PrinterBusy(self._printer.name, keyword(message.code), reply.retry_after)
        if succeeded(message.code):
            return
        if message.get("printer-state", Tag.PRINTER_ATTRIBUTES) is not None:
            self._report.debug(f"{self._printer.name} says {keyword(message.code)} and answers all the same (Q-109)")
            return
        raise self._refusal(reply, message)

    def _refusal(self, reply: Reply, message: Message) -> IppsError:
        credentials = self._printer.credentials
        if message.code == Status.CLIENT_ERROR_NOT_AUTHENTICATED or message.code in MAY_NOT and credentials.asked_for:
            return credentials.refused()
        error = _refusal_in(reply, self._printer)
        if type(error) is IppRefused and message.code not in _NOT_ABOUT_THE_USER and self._ask_as(ANYBODY):
            return UserRefused(error.printer, error.operation, error.status, error.keyword, error.message)
        if message.code in PASSING and isinstance(error, IppRefused):
            return PrinterBusy(self._printer.name, error.said, reply.retry_after)
        return error


def _refusal_in(reply: Reply, printer: Printer) -> IppsError:
    from backend.printer.refusals import refusal_in

    return refusal_in(reply, printer, Operation.GET_PRINTER_ATTRIBUTES)


def _is_proper(reply: Reply) -> bool:
    """Tell whether the printer understood the question as it was framed.

    Bad-request, or success without an answer, may mean that it took the body for empty (Q-07).
    """
    message = reply.message
    if reply.response.status != 200 or message is None or message.code == Status.CLIENT_ERROR_BAD_REQUEST:
        return False
    return not succeeded(message.code) or message.get("printer-state", Tag.PRINTER_ATTRIBUTES) is not None


def _is_answered(reply: Reply) -> bool:
    """Tell whether the printer said something of itself, whatever the status (Q-109)."""
    return reply.message is not None and reply.message.get("printer-state", Tag.PRINTER_ATTRIBUTES) is not None


def _may_be_about_the_user(reply: Reply) -> bool:
    """Tell whether a refusal can be about the user's name: the rest of the question is always the same."""
    if reply.message is None:
        return reply.response.status == 400
    return not succeeded(reply.message.code) and reply.message.code not in BUSY | _NOT_ABOUT_THE_USER


def _is_version_trouble(reply: Reply) -> bool:
    message = reply.message
    if message is None:
        return False
    if message.code in (Status.SERVER_ERROR_VERSION_NOT_SUPPORTED, Status.CLIENT_ERROR_BAD_REQUEST):
        return True
    return succeeded(message.code) and message.get("printer-state", Tag.PRINTER_ATTRIBUTES) is None
