"""Letterheads that are printed with every side: files of root's, chosen by their names.

    overlay=letterhead             /etc/cups/ipps443/overlays/letterhead.pcl, letterhead.pdf: on all sides
    overlay=letterhead,follow-on   the first side has one, all others the other; "none" is no overlay

A job can name nothing outside that folder, so that nobody prints a file that he may not read.
"""

from __future__ import annotations

import os
import re
from typing import Mapping, NamedTuple

from filters.common.trusted_file import NotTrusted, config_path, read_trusted_file

#: Their folder, beside the settings.
FOLDER = "overlays"
#: A letterhead with pictures at 600 dots per inch.
LARGEST = 16 << 20
_NAME = re.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,59}")
NONE = "none"


class Overlays(NamedTuple):
    """What is printed on the first side and on the others, b"" for nothing, and what could not be read."""

    first: bytes = b""
    others: bytes = b""
    problems: tuple[str, ...] = ()


def parse_overlay(text: str) -> tuple[str, ...]:
    """Return the names in a value of the option: none, or that for the first side and that for the others.

    Raises:
        ValueError: it has other than names.
    """
    names = text.split(",")
    if len(names) > 2 or not all(map(_NAME.fullmatch, names)):
        raise ValueError(text)
    pair = (names[0], names[-1])
    return () if pair == (NONE, NONE) else pair


def read_overlays(names: tuple[str, ...], suffix: str, environ: Mapping[str, str]) -> Overlays:
    """Return the overlays with some names: files that end with ``suffix``."""
    folder = config_path(environ, FOLDER)
    found: dict[str, bytes] = {NONE: b""}
    problems = []
    for name in dict.fromkeys(names):
        if name == NONE:
            continue
        path = os.path.join(folder, name + suffix)
        found[name] = b""
        try:
            found[name] = read_trusted_file(path, LARGEST)
        except FileNotFoundError:
            problems.append(f"there is no overlay {path}, the text is printed without it")
        except NotTrusted as error:
            problems.append(f"the overlay {path} is not used: {error.reason}")
    return Overlays(found[names[0]], found[names[1]], tuple(problems)) if names else Overlays()
