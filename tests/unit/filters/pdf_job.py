"""A PDF job: the launcher run as cupsd runs it, with one of our printer descriptions."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pytest

from backend import __version__
from filters.common.ppd import PrinterDescription, parse_ppd

ROOT = Path(__file__).resolve().parents[3]
LAUNCHER = str(ROOT / "filters" / "pdftopcl")
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


@lru_cache(maxsize=1)
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


def run_pdf(
    document: bytes, options: str = "", ppd: str = "", title: str = "title", copies: int = 1, **environ: str
) -> Done:
    """Run the filter on a document from standard input."""
    with tempfile.TemporaryDirectory() as folder:
        temporary, path = Path(folder, "tmp"), Path(folder, "description.ppd")
        temporary.mkdir()
        path.write_text(descriptions()[ppd] if ppd else "")
        known = {"PATH": os.environ["PATH"], "TMPDIR": str(temporary), "LANG": "C.UTF-8", "PPD": str(path)}
        done = subprocess.run(
            [LAUNCHER, "1", "anna", title, str(copies), options],
            input=document,
            env={**known, **environ},
            capture_output=True,
        )
        messages = tuple(done.stderr.decode().splitlines())
        return Done(done.returncode, done.stdout, messages, tuple(sorted(os.listdir(temporary))))
