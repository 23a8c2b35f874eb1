"""Which languages printers take, by what real ones answered; and jobs whose language the printer does not list."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from backend.control.descriptions import printer_languages
from backend.cupsd.printer_state import texts
from backend.document.format import is_plainly_listed
from backend.ipp.decoder import decode_message
from backend.ipp.message import attribute
from backend.ipp.tags import Tag
from backend.printer.languages import advice, commands, language_of, languages_of, unlisted

ANSWERS = Path(__file__).resolve().parents[3] / "data" / "printers"

#: What our descriptions can write for a printer.
OURS = {
    "HP-DeskJet-3630": (),
    "HP-OfficeJet-Pro-7740": (),
    "Brother-MFC-J5320DW": (),
    "Canon-CNMF720C": (),
    "Epson-XP-6000": (),
    "HP-LaserJet-M605": ("PCL 5", "PCL XL", "PDF"),
    "Xerox-B210": ("PCL 5", "PCL XL", "PDF"),
}


@pytest.mark.parametrize("name", OURS)
def test_real_printers(name: str) -> None:
    """Inkjets that list application/vnd.hp-PCL and mean PCL3GUI take none of our languages; lasers take them all."""
    message = decode_message((ANSWERS / f"{name}.bin").read_bytes()).message
    formats = texts(message, "document-format-supported", Tag.PRINTER_ATTRIBUTES)
    assert printer_languages(formats, "".join(texts(message, "printer-device-id"))) == OURS[name]


@pytest.mark.parametrize(
    "command, takes",
    [
        *((each, True) for each in ("PCL", "PJL,PCL5E", "pcl5c", "PCL6,PS", "PCLXL", "PCL-XL,PDF", "PCL_XL", "")),
        *((each, False) for each in ("PCL3GUI", "PCL3GUI,PCL3,PJL", "DW-PCL,PCLM", "LIDIL", "PCL10,PCLX")),
    ],
)
@pytest.mark.parametrize("kind", ["application/vnd.hp-PCL", "application/PCL", "application/vnd.hp-PCLXL;x=1"])
@pytest.mark.parametrize("field", ["CMD", "COMMAND SET", "cmd"])
def test_device_id_decides_about_pcl(command: str, takes: bool, kind: str, field: str) -> None:
    """A CMD field without PCL, PCL5, PCL6 or PCLXL overrules the MIME type; without the field the type counts."""
    device_id = f"MFG:A;{field}:{command};MDL:B;" if command else "MFG:A;MDL:PCL3GUI;"
    found = languages_of((kind, "image/urf"), device_id)
    assert bool({"PCL 5", "PCL XL"} & set(found)) == takes and "Apple raster" in found


def test_command_words() -> None:
    """Words of the field, whatever stands around it; a field of another name, or inside another value, is none."""
    assert commands("MFG:A; COMMAND SET : PCL-XL pcl5e,PDF ;X:1") == {"PCLXL", "PCL5E", "PDF"}
    assert commands("MFG:CMD;MDL:XCMD;DES:a CMD,PCL") == commands("") == frozenset()


@pytest.mark.parametrize(
    "kind, formats, device_id, expected",
    [
        ("application/vnd.hp-PCL", ("application/vnd.hp-PCL", "image/urf"), "CMD:PCL3GUI,URF;", "PCL 5"),
        ("application/vnd.hp-PCL", ("image/urf", "image/jpeg", "application/octet-stream"), "", "PCL 5"),
        ("application/vnd.hp-PCL", ("application/octet-stream",), "CMD:PDF;", "PCL 5"),
        ("application/pdf", ("application/vnd.hp-PCL",), "CMD:PCL;", "PDF"),
        ("application/postscript", ("application/vnd.hp-PCL",), "", "PostScript"),
        ("application/vnd.hp-PCLXL", ("application/vnd.hp-PCL",), "CMD:PCL5E;", "PCL XL"),
        ("image/urf", ("application/pdf",), "", "Apple raster"),
        ("application/vnd.hp-PCL", ("application/octet-stream",), "", None),
        ("application/vnd.hp-PCL", ("application/octet-stream",), "MFG:A;CMD:PJL;", None),
        ("application/vnd.hp-PCL", ("application/octet-stream",), "CMD:PJL,PCL;", None),
        ("application/vnd.hp-PCL", ("application/PCL",), "", None),
        ("application/vnd.hp-PCLXL", ("application/octet-stream",), "CMD:PCL6;", None),
        ("application/vnd.hp-PCL", (), "", None),
        ("text/plain", ("application/pdf",), "", None),
        ("", ("application/pdf",), "", None),
        ("application/pdf", ("application/pdf;version=1.7",), "", None),
        ("application/postscript", ("application/octet-stream",), "CMD:PCL,POSTSCRIPT;", None),
    ],
)
def test_unlisted(kind: str, formats: tuple[str, ...], device_id: str, expected: str | None) -> None:
    """A language is missed only where the printer names others; and the quick look never hides a missing one."""
    found = unlisted(kind, formats, device_id)
    assert (found and found[0]) == expected
    if expected:
        assert not is_plainly_listed(kind, formats, device_id)


def test_advice() -> None:
    """The command gives the queue what the printer lists, the better one for text first; else it says how to look."""
    assert advice(("PDF", "PCL XL"), "q", "ipps443://p/") == "lpadmin -p q -m ipps443/generic-pcl6.ppd"
    assert advice(("PDF", "PCL 5"), "q", "ipps443://p/") == "lpadmin -p q -m ipps443/generic-pcl5e.ppd"
    assert advice(("PDF", "JPEG"), "q", "ipps443://p/") == "lpadmin -p q -m ipps443/generic-pdf.ppd"
    assert advice(("Apple raster",), "q", "ipps443://p/") == "ipps443ctl probe 'ipps443://p/'"
    assert language_of("application/octet-stream") == ""


def given(formats: list[str], device_id: str) -> dict[str, Any]:
    """Return what a scripted printer says of its languages."""
    return {
        "document-format-supported": attribute("document-format-supported", Tag.MIME_MEDIA_TYPE, *formats),
        "printer-device-id": attribute("printer-device-id", Tag.TEXT_WITHOUT_LANGUAGE, device_id),
    }
