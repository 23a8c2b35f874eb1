"""A reply that says no, as the error that it is as the last word. What each status means stands in ``statuses``."""

from __future__ import annotations

from backend.cupsd.printer_state import sentence
from backend.errors import IppsError
from backend.ipp.codes import Operation
from backend.printer.statuses import http_refusal, refusal

TYPE_CHECKING = False  # this module takes values; only the type checker needs to know what they are
if TYPE_CHECKING:
    from backend.printer.printer import Printer, Reply


#: Attributes of an answer that are named in a message.
MOST_NAMES = 4


def refusal_in(reply: Reply, printer: Printer, operation: Operation) -> IppsError:
    """Return the error in a reply: the IPP status where there is one, else the HTTP status."""
    if reply.message is not None:
        said = sentence(reply.message, "status-message")
        return refusal(printer.name, operation, reply.message.code, said, _named(reply))
    response, known = reply.response, printer.credentials.asked_for
    location = response.header("location") or ""
    return http_refusal(
        printer.name, printer.uri.path, operation, response.status, response.reason, location, known=known
    )


def _named(reply: Reply) -> str:
    """Return the attributes that an answer calls unsupported or conflicting, those whose names are keywords."""
    names = [name for name in sorted(reply.unsupported) if name.isascii() and name.replace("-", "").isalnum()]
    return ", ".join([*names[:MOST_NAMES], *(["..."] if names[MOST_NAMES:] else [])])
