"""ipps443ctl list: all pins. In a module of its own, which needs little, for it is to be there at once."""

from __future__ import annotations

from argparse import Namespace

from backend.control import describe
from backend.control.console import Console
from backend.trust import pin_store


def list_(arguments: Namespace, console: Console) -> int:
    """List all pins."""
    pins = pin_store.read_pins_if_any(console.pins_path).pins
    for line in describe.pin_lines(pins):
        console.say(line)
    if not pins:
        console.say("No printer is pinned. Begin with: ipps443ctl pin HOST")
    console.say_json({"pins": [describe.pin_value(pin) for pin in pins]})
    return 0
