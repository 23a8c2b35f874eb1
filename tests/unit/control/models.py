"""Printer descriptions for tests, as short as ours could be: what ipps443ctl reads of them, and nothing else."""

from __future__ import annotations

from pathlib import Path

PCL5 = "application/vnd.hp-pcl"
PCLXL = "application/vnd.hp-pclxl"


def make_ppd(
    model: str, *conversions: str, manufacturer: str = "Generic", color: bool = False, nickname: str = ""
) -> str:
    """Return the lines of a description."""
    lines = [
        '*PPD-Adobe: "4.3"',
        f'*Manufacturer: "{manufacturer}"',
        f'*ModelName: "{model}"',
        f'*NickName: "{nickname or model} (ipps443)"',
        f"*ColorDevice: {color}",
        *[f'*cupsFilter2: "{conversion}"' for conversion in conversions],
    ]
    return "\n".join(lines) + "\n"


MODELS = {
    "pcl5.ppd": make_ppd(
        "PCL 5", f"text/plain {PCL5} 0 texttopcl", f"application/vnd.cups-raster {PCL5} 100 rastertohp"
    ),
    "xl.ppd": make_ppd("XL", f"application/pdf {PCLXL} 10 pdftopcl"),
    "xl-color.ppd": make_ppd("XL color", f"application/pdf {PCLXL} 10 pdftopcl", color=True),
    "pdf.ppd": make_ppd("PDF", "application/vnd.cups-pdf application/pdf 0 -", color=True),
    "special.ppd": make_ppd(
        "Acme Laser 77", f"text/plain {PCL5} 0 texttopcl", manufacturer="Acme", nickname="Acme Laser 77"
    ),
}


def install_models(datadir: Path, **texts: str) -> dict[str, str]:
    """Write the descriptions where the installer puts them, and return the environment that says so."""
    folder = datadir / "model" / "ipps443"
    folder.mkdir(parents=True)
    for name, text in (texts or MODELS).items():
        (folder / name).write_text(text)
    return {"CUPS_DATADIR": str(datadir)}
