"""Where the checkout and the installed CUPS are."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class CupsPlaces:
    """The folders of the installed CUPS, as cups-config(1) names them."""

    serverbin: Path
    datadir: Path
    document_root: Path


def cups_places() -> CupsPlaces:
    """Ask cups-config, which only development packages bring; without it these places are usual."""
    answers = {"--serverbin": "/usr/lib/cups", "--datadir": "/usr/share/cups"}
    if shutil.which("cups-config"):
        for option in answers:
            answers[option] = subprocess.run(["cups-config", option], capture_output=True, text=True).stdout.strip()
    datadir = Path(answers["--datadir"])
    return CupsPlaces(Path(answers["--serverbin"]), datadir, datadir / "doc-root")
