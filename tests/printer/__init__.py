"""A scripted TLS IPP printer on loopback: fair by itself, faulty by switches that are data.

`faults` has the switches, `server` the printer, `certificates` what it shows; ``python3 -m tests.printer`` runs it as
a program.
"""

from __future__ import annotations

from tests.printer.certificates import Certificate, make_authority, make_certificate, with_chain
from tests.printer.faults import BadFault, Faults
from tests.printer.server import Printer

__all__ = ["BadFault", "Certificate", "Faults", "Printer", "make_authority", "make_certificate", "with_chain"]
