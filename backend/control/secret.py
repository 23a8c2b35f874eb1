"""ipps443ctl secret: make the secret of this machine, under which jobs are marked at printers, if there is none."""

from __future__ import annotations

import os
from argparse import Namespace

from backend.control.console import Console
from backend.cupsd.identity import SECRET_SIZE, look_at_secret
from backend.trust import pin_store


def secret(arguments: Namespace, console: Console) -> int:
    """Make it, root:lp 0640; one that is good stays, because jobs that wait are known by it."""
    path = os.path.join(console.folder, "secret")
    key, _ = look_at_secret(path)
    if not key:
        pin_store.write_beside(console.pins_path, "secret", os.urandom(SECRET_SIZE))
    console.say(f"{path} is there, and stays." if key else f"Made {path}.")
    console.say_json({"secret": path, "made": not key})
    return 0
