"""ipps443ctl set: changes a setting in ipps443.conf, for all queues or for one, as one step no one can see half of."""

from __future__ import annotations

import os
from argparse import Namespace

from backend.control.console import Console
from backend.control.host import Misused, Refused
from backend.trust import pin_store
from filters.common.settings import parse_settings, set_value
from filters.common.settings_file import SettingsUnreadable, read_settings_text
from filters.common.trusted_file import SETTINGS

HEADER = (
    "# Settings of ipps443, see pdftopcl(8): name = value for all queues, and below [queue NAME] for one.\n"
    "# Written by ipps443ctl(8); comments stay.\n"
)


def path_of_settings(console: Console) -> str:
    """Return the path of the settings, which lie beside the pins."""
    return os.path.join(console.folder, SETTINGS)


def set_(arguments: Namespace, console: Console) -> int:
    """Write one setting."""
    queue, name, value = _read_words(arguments.setting)
    path = write_setting(console, name, value, queue)
    where = f"queue {queue}" if queue else "all queues"
    console.say(f"{name.lower()} = {value.strip()} for {where}; it counts from the next job on.")
    console.say_json({"path": path, "queue": queue or None, "name": name.lower(), "value": value.strip()})
    return 0


def write_setting(console: Console, name: str, value: str, queue: str = "") -> str:
    """Write a setting, name what is wrong with others, and return the path of the file.

    Raises:
        Misused: there is no such setting, or it has no such value.
        Refused: the file cannot be read.
    """
    path = path_of_settings(console)
    try:
        pin_store.prepare_folder(console.folder)
        with pin_store.locked(path):
            old = read_settings_text(path) or HEADER
            new = set_value(old, queue, name, value)
            if new != old:
                pin_store.write_beside(console.pins_path, os.path.basename(path), new.encode("utf-8"))
    except ValueError as error:
        raise Misused(str(error)) from None
    except SettingsUnreadable as error:
        raise Refused(str(error)) from None
    for problem in parse_settings(new).problems:
        console.complain(f"{path}, line {problem.line}: {problem.reason}; the line does not count")
    return path


def _read_words(words: list[str]) -> tuple[str, str, str]:
    """Return queue, name and value of ``[QUEUE] NAME=VALUE``."""
    *queue, setting = words
    name, equals, value = setting.partition("=")
    if len(queue) > 1 or not equals or not name.strip() or "\n" in setting:
        raise Misused("write it as: ipps443ctl set [QUEUE] NAME=VALUE")
    return queue[0] if queue else "", name.strip(), value
