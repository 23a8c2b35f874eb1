"""Printers for tests of descriptions: recorded answers, made-up ones, and what stands in a PPD."""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from backend.ipp.decoder import decode_message
from backend.ipp.message import Message
from backend.printer.attributes import plain_attributes
from filters.description.generate import Generated, describe_printer
from filters.description.strings import parse_strings

DATA = Path(__file__).resolve().parents[3] / "data" / "printers"
RECORDED = sorted(path.stem for path in DATA.glob("*.bin"))
needs_cupstestppd = pytest.mark.skipif(not shutil.which("cupstestppd"), reason="cupstestppd is missing: install cups")

#: The least that a printer says.
LEAST: dict[str, Any] = {"document-format-supported": ("application/pdf",)}
MAIN_KEYWORDS = re.compile(r"^\*([^\s:/]+)", re.MULTILINE)


@cache
def _message(name: str) -> Message:
    return decode_message((DATA / f"{name}.bin").read_bytes()).message


def recorded(name: str) -> dict[str, tuple[Any, ...]]:
    """Return what a recorded printer says."""
    return plain_attributes(_message(name))


def strings_of(name: str) -> dict[str, str]:
    """Return the strings of a recorded printer, none for most."""
    path = DATA / f"{name}.strings"
    return parse_strings(path.read_bytes()) if path.exists() else {}


@cache
def described(name: str) -> Generated:
    """Return the description of a recorded printer."""
    return describe_printer(recorded(name), strings_of(name), "1.2.3")


def describe(**attributes: Any) -> Generated:
    """Return the description of a printer that says little more than this; underscores stand for hyphens."""
    given = {name.replace("_", "-"): each if isinstance(each, tuple) else (each,) for name, each in attributes.items()}
    return describe_printer({**LEAST, **given}, {}, "1.2.3")


def choices(text: str, option: str) -> list[str]:
    """Return the choices of an option, in their order."""
    return re.findall(rf"^\*{re.escape(option)} ([^/:]+)[/:]", text, re.MULTILINE)


def default(text: str, option: str) -> str:
    """Return the default of an option, "" without one."""
    found = re.search(rf"^\*Default{re.escape(option)}: (\S+)$", text, re.MULTILINE)
    return found[1] if found else ""


def value(text: str, keyword: str, choice: str = "") -> str | None:
    """Return the value of a line."""
    found = re.search(
        rf'^\*{re.escape(keyword)}{" " + re.escape(choice) if choice else ""}(?:/[^:\n]*)?: "?([^"\n]*)"?$', text, re.M
    )
    return found[1] if found else None


def measures(name: str, width: Any, length: Any, *margins: int, **more: Any) -> dict[str, Any]:
    """Return an entry of media-col-database; the margins are left, bottom, right, top."""
    entry: dict[str, Any] = {"media-size": ({"x-dimension": (width,), "y-dimension": (length,)},)}
    if name:
        entry["media-size-name"] = (name,)
    for edge, margin in zip(("left", "bottom", "right", "top"), margins):
        entry[f"media-{edge}-margin"] = (margin,)
    return {**entry, **{key.replace("_", "-"): (each,) for key, each in more.items()}}


def complaints(text: str, folder: Path) -> str:
    """Return what cupstestppd has against a description."""
    filters = folder / "usr/lib/cups/filter"
    (folder / "usr/share/cups").mkdir(parents=True, exist_ok=True)
    filters.mkdir(parents=True, exist_ok=True)
    for name in ("imagetopdf443", "pdfcheck443", "pdftopwg443", "rastertopwg", "texttopdf443"):
        if not (filters / name).exists():
            (filters / name).symlink_to("/bin/true")
    done = subprocess.run(["cupstestppd", "-R", str(folder), "-"], input=text, capture_output=True, text=True)
    lines = (
        done.stdout.splitlines() if done.returncode else [line for line in done.stdout.splitlines() if "FAIL" in line]
    )
    return "\n".join(lines)
