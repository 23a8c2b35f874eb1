"""ipps443ctl preview: the pages of a text as they will be printed, as PDF or as pictures."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from backend.control.console import Console
from backend.control.host import Misused, Refused
from filters.common.job import Job, parse_options

if TYPE_CHECKING:  # pages and fonts, which no other command needs
    from filters.preview import Preview

#: What makes a value of -o a file to be written; anything else, and whatever has a "=", is an option of the job.
SUFFIXES = (".pdf", ".png")


def preview(arguments: Namespace, console: Console) -> int:
    """Draw the sides of a text into a file."""
    path, options = _sort_out(arguments.o or [])
    if arguments.ppd:
        _check_readable(arguments.ppd)
    with _document(arguments.document) as (document, name):
        user = console.environ.get("USER", "")
        drawn = _draw(Job(0, user, name, 1, options, (document,), ppd=arguments.ppd or ""), path)
    for warning in drawn.warnings:
        console.complain(warning)
    written = drawn.files[0] if len(drawn.files) == 1 else f"{drawn.files[0]} to {drawn.files[-1]}"
    console.say(f"{drawn.sides} side{'s' * (drawn.sides != 1)} drawn: {written}")
    console.say_json({"files": drawn.files, "sides": drawn.sides, "warnings": drawn.warnings})
    return 0


@contextmanager
def _document(path: str) -> Iterator[tuple[str, str]]:
    """Yield path and name of the document; - is standard input, which is kept in a file for as long as that."""
    if path != "-":
        yield path, os.path.basename(path)
        return
    with tempfile.NamedTemporaryFile(prefix="ipps443-preview-") as file:
        try:
            shutil.copyfileobj(sys.stdin.buffer, file)
            file.flush()
        except OSError as error:
            raise Refused(f"standard input: {error.strerror}") from None
        yield file.name, "standard input"


def _sort_out(values: list[str]) -> tuple[str, dict[str, str]]:
    """Return the file to be written and the options of the job, both of which come by -o."""
    paths = [value for value in values if value.lower().endswith(SUFFIXES) and "=" not in value]
    if len(paths) != 1:
        raise Misused("say where the preview is to go, once: -o FILE.pdf or -o FILE.png")
    return paths[0], parse_options(" ".join(value for value in values if value not in paths))


def _check_readable(path: str) -> None:
    if not os.access(path, os.R_OK):
        raise Misused(f"the printer description {path} cannot be read")


def _draw(job: Job, path: str) -> Preview:
    from filters.preview import NoPreview, preview_pdf, preview_png

    try:
        return preview_png(job, path) if path.lower().endswith(".png") else preview_pdf(job, path)
    except NoPreview as error:
        raise Refused(str(error)) from None
    except OSError as error:
        raise Refused(f"{error.filename or path}: {error.strerror}") from None
