"""GhostPCL as a second judge: PCL to images of sheets, 100 dots per inch."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass

import pytest

DPI = 100
needs_gpcl6 = pytest.mark.skipif(not shutil.which("gpcl6"), reason="gpcl6 (GhostPCL) is not installed")


@dataclass(frozen=True)
class Image:
    """A sheet as it lies before you, upright; one byte a dot, 0 is black."""

    width: int
    height: int
    dots: bytes

    def part(self, left: float, top: float, right: float, bottom: float) -> bytes:
        """Return the dots of a rectangle."""
        columns = slice(max(round(left), 0), max(round(right), 0))
        rows = range(max(round(top), 0), min(round(bottom), self.height))
        return b"".join(self.dots[row * self.width :][: self.width][columns] for row in rows)

    def ink(self, left: float, top: float, right: float, bottom: float) -> int:
        """Return the number of dark dots in a rectangle."""
        return sum(dot < 128 for dot in self.part(left, top, right, bottom))


def render(pcl: bytes, dpi: int = DPI, smooth: bool = False) -> list[Image]:
    """Render a job as a printer with an unprintable edge of 12 points would."""
    command = ["gpcl6", "-dNOPAUSE", "-dQUIET", "-H12x12x12x12", "-sDEVICE=pgmraw", f"-r{dpi}"]
    command += ["-dTextAlphaBits=4", "-dGraphicsAlphaBits=4"] * smooth + ["-o", "-", "-"]
    done = subprocess.run(command, input=pcl, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True)
    return list(_images(done.stdout))


def _images(data: bytes):  # type: ignore[no-untyped-def]
    header = re.compile(rb"P5\s(?:#.*\n)?(\d+)\s(\d+)\s255\s")
    at = 0
    while at < len(data):
        found = header.match(data, at)
        assert found, data[at : at + 60]
        width, height = int(found.group(1)), int(found.group(2))
        at = found.end() + width * height
        yield Image(width, height, data[found.end() : at])
