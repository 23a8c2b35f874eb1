"""ipps443ctl find --in-device-list and --fill-device-list: printers that are not pinned, in the device list of CUPS.

Rules of this module:

- the setting in ipps443.conf says whether they stand there, for the device list and for whoever fills it;
- the list is filled by a timer of systemd as lp, never while CUPS waits;
- the file lies in lp's folder, and root may be the one who writes it: nothing there is followed.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from backend.control.console import Console
from backend.control.failure import DONE
from backend.control.found import State
from backend.control.host import Refused
from backend.control.search import SECONDS, Search, look_around
from backend.control.settings import path_of_settings, write_setting
from backend.control.sudo import sudo_advice
from backend.cupsd.cache_file import cache_folder
from backend.discovery import FOUND_FILE, SETTING, found_text, shows_found

TIMER = "ipps443-find.timer"
#: Seconds for a search of which nobody waits for the end.
UNATTENDED = 30
BY_HAND = "as lp, every 15 minutes: ipps443ctl find --fill-device-list"


def switch_timer(on: bool) -> str:
    """Start or stop the timer, now and whenever the machine starts; return why that is not possible, or ""."""
    if not os.path.isdir("/run/systemd/system"):
        return "there is no systemd here" if on else ""
    words = ["systemctl", "enable" if on else "disable", "--now", TIMER]
    try:
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace")
    except OSError as error:
        return f"systemctl: {error.strerror}"
    return (
        ""
        if done.returncode == 0
        else (done.stderr.strip() or f"systemctl ended with {done.returncode}").split("\n")[0]
    )


def switch(on: bool, console: Console) -> int:
    """Switch it on, with a first search, or off."""
    if not on:
        write_setting(console, SETTING, "off")
        _remove(console)
        trouble = console.switch_timer(False)
        console.say("Printers that are not pinned are not in the device list.")
        console.say_json({"in_device_list": False, "timer": False})
        if trouble:
            console.note(f"{TIMER} was not stopped ({trouble}); it does nothing any more")
        return DONE
    search = look_around(SECONDS, console)
    write_setting(console, SETTING, "on")
    count = _fill(search, console)
    trouble = console.switch_timer(True)
    console.say(f"Printers that announce themselves are in the device list, as not pinned; now: {count}.")
    console.say("A queue for one of them prints nothing until its printer is pinned: ipps443ctl pin HOST")
    console.say_json({"in_device_list": True, "timer": not trouble, "found": count})
    if trouble:
        console.note(
            f"{TIMER} was not started ({trouble}). The list is of this hour; to keep it, let cron run {BY_HAND}"
        )
    return DONE


def fill(console: Console) -> int:
    """Fill the device list, if it is switched on: what the timer does."""
    if not shows_found(path_of_settings(console)):
        console.say("The device list shows no printers that are not pinned; see: ipps443ctl find --in-device-list on")
        console.say_json({"in_device_list": False})
        return DONE
    count = _fill(look_around(UNATTENDED, console), console)
    console.say(f"Printers in the device list that are not pinned: {count}.")
    console.say_json({"in_device_list": True, "found": count})
    return DONE


def _fill(search: Search, console: Console) -> int:
    """Write the file; return how many printers are in it. Of one that is CHANGED no queue is to be made."""
    rows = [
        (uri, row.printer.model, row.printer.name)
        for row, uri in zip(search.found, search.uris)
        if row.state is State.NOT_PINNED
    ]
    text = found_text(rows, console.clock().timestamp())
    try:
        with _folder(console) as folder:
            _write(folder, text.encode())
    except OSError as error:
        raise _refused(console, error) from None
    return text.count("\n") - 1


def _remove(console: Console) -> None:
    try:
        with _folder(console) as folder:
            os.unlink(FOUND_FILE, dir_fd=folder)
    except FileNotFoundError:
        return
    except OSError as error:
        raise _refused(console, error) from None


@contextmanager
def _folder(console: Console) -> Iterator[int]:
    """Open the cache folder; lp may have put a link in its place, which leads nowhere."""
    path = cache_folder(console.environ)
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _write(folder: int, content: bytes) -> None:
    """Put the file into a folder in the place of the old one, for the folder's owner."""
    new = f"{FOUND_FILE}.{os.urandom(8).hex()}.new"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(new, flags, 0o600, dir_fd=folder)
    try:
        owner = os.fstat(folder)
        if os.geteuid() == 0:
            os.fchown(descriptor, owner.st_uid, owner.st_gid)
        with os.fdopen(os.dup(descriptor), "wb") as file:
            file.write(content)
        os.rename(new, FOUND_FILE, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError:
        os.unlink(new, dir_fd=folder)
        raise
    finally:
        os.close(descriptor)


def _refused(console: Console, error: OSError) -> Refused:
    path = os.path.join(cache_folder(console.environ), FOUND_FILE)
    return Refused(f"{path} cannot be written: {error.strerror}{sudo_advice(error)}")
