"""A PDF job with one of our printer descriptions: the filter run in this process, or its launcher as cupsd runs it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import pytest

from backend import __version__
from filters import image_to_pages, pdf_check, pdf_to_pcl
from filters.common.ppd import PrinterDescription, parse_ppd

ROOT = Path(__file__).resolve().parents[3]
LAUNCHER, CHECK = str(ROOT / "filters" / "pdftopcl"), str(ROOT / "filters" / "pdfcheck443")
IMAGES = {name: str(ROOT / "filters" / name) for name in ("imagetopcl", "imagetopdf443")}
FILTERS: dict[str, Callable[..., int]] = {
    LAUNCHER: pdf_to_pcl.main,
    CHECK: pdf_check.main,
    **{path: partial(image_to_pages.main, name) for name, path in IMAGES.items()},
}
UEL = b"\x1b%-12345X"
PCL5E, PCL6, PCL6_COLOR = "generic-pcl5e", "generic-pcl6", "generic-pcl6-color"
#: All descriptions whose PDF goes through pdftopcl.
RENDERED = (PCL5E, PCL6, PCL6_COLOR, "ibm-infoprint-1532", "ibm-infoprint-1552")


@dataclass(frozen=True)
class Done:
    """What a run left behind."""

    code: int
    output: bytes
    messages: tuple[str, ...]
    left_over: tuple[str, ...]

    @property
    def errors(self) -> list[str]:
        """The ERROR lines."""
        return [line for line in self.messages if line.startswith("ERROR: ")]


@cache
def descriptions() -> dict[str, str]:
    """Return the texts of all our printer descriptions, as ppdc makes them."""
    if not shutil.which("ppdc"):
        pytest.skip("ppdc (cups-ppdc) is not installed")
    with tempfile.TemporaryDirectory() as folder:
        languages = (ROOT / "ppd" / "languages").read_text().strip()
        version = f"VERSION={__version__}"
        command = ["ppdc", "-D", version, "-l", languages, "-d", folder, str(ROOT / "ppd" / "ipps443.drv")]
        subprocess.run(command, check=True, capture_output=True)
        return {path.stem: path.read_text() for path in Path(folder).glob("*.ppd")}


@cache
def description(name: str) -> PrinterDescription:
    """Return one of our descriptions."""
    return parse_ppd(descriptions()[name])


def choices(name: str, option: str) -> list[str]:
    """Return the choices of an option."""
    return [choice for (keyword, choice) in description(name).values if keyword == option and choice]


def pdf_options(name: str) -> set[str]:
    """Return the options of a description that are for PDF, those in groups (of texttopcl and scstopcl) left out."""
    text = re.sub(r"(?s)\*OpenGroup: (Text|IBMi)/.*?\*CloseGroup: \1\n", "", descriptions()[name])
    return set(re.findall(r"^\*OpenUI \*(\S+?)/", text, re.M))


def run_filter(
    program: str, document: bytes, arguments: tuple[str, ...], ppd: str = "", apart: bool = False, **environ: str
) -> Done:
    """Run a filter on a document from standard input.

    Args:
        program: one of FILTERS runs in this process, others in one of their own.
        arguments: job, user, title, copies and options, and files if the document is not from standard input.
        apart: FILTERS run in a process of their own too, which takes a third of a second more.
    """
    with tempfile.TemporaryDirectory() as folder:
        temporary, path = Path(folder, "tmp"), Path(folder, "description.ppd")
        temporary.mkdir()
        path.write_text(descriptions()[ppd] if ppd else "")
        known = {"PATH": os.environ["PATH"], "TMPDIR": str(temporary), "LANG": "C.UTF-8", "PPD": str(path), **environ}
        if program in FILTERS and not apart:
            code, output, messages = _run_here(FILTERS[program], [program, *arguments], document, known)
        else:
            done = subprocess.run([program, *arguments], input=document, env=known, capture_output=True)
            code, output, messages = done.returncode, done.stdout, done.stderr
        lines = tuple(messages.decode("utf-8", "replace").splitlines())
        return Done(code, output, lines, tuple(sorted(os.listdir(temporary))))


def _run_here(
    main: Callable[..., int], argv: list[str], document: bytes, environ: dict[str, str]
) -> tuple[int, bytes, bytes]:
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as messages:
        source.write(document)
        source.seek(0)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(tempfile, "tempdir", environ["TMPDIR"])
            code = main(argv, environ, source.fileno(), output.fileno(), messages.fileno())
        output.seek(0)
        messages.seek(0)
        return code, output.read(), messages.read()


def run_pdf(
    document: bytes,
    options: str = "",
    ppd: str = "",
    title: str = "title",
    copies: int = 1,
    apart: bool = False,
    **environ: str,
) -> Done:
    """Run pdftopcl on a document."""
    return run_filter(LAUNCHER, document, ("1", "anna", title, str(copies), options), ppd, apart, **environ)
