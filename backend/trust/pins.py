"""What the rest of the program needs of trust, in one place.

``pin_file`` has the grammar, ``judgement`` the decision, ``refusal`` the messages; all of them are pure.
"""

from __future__ import annotations

from backend.trust.addresses import pin_key
from backend.trust.fingerprint import parse_fingerprint
from backend.trust.judgement import CaVerdict, Judgement, Verdict, ca_files, judge
from backend.trust.pin_file import Pin, PinFile, parse_pins, uri_pins
from backend.trust.refusal import to_error

__all__ = [
    "CaVerdict",
    "Judgement",
    "Pin",
    "PinFile",
    "Verdict",
    "ca_files",
    "judge",
    "parse_fingerprint",
    "parse_pins",
    "pin_key",
    "to_error",
    "uri_pins",
]
