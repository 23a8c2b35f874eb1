"""ipps443ctl refresh and secret: a queue gets the newest description, with its defaults; the secret is made once."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import Any

import pytest

from backend import __version__
from backend.control.checks.access import READ, WRITE, may
from backend.control.description_text import version_of
from backend.control.refresh import keep_defaults
from tests.cups.server import CupsServer
from tests.unit.control.conftest import Cups, Desk
from tests.unit.filters.description.printers import RECORDED, describe, described
from tests.unit.filters.pdf_job import PCL5E, descriptions

OLD = Path(__file__).resolve().parents[2] / "data" / "0.1.0"
ALL_OLD = ("generic-pcl5e", "generic-pcl6", "generic-pdf")


class Queues(Cups):
    """cupsd with a queue; keeps the description that it is given."""

    text = ""

    def addPrinter(self, name: str, **more: str) -> None:  # noqa: N802
        super().addPrinter(name, **more)
        self.text = Path(more["filename"]).read_text()


def desk_with(tmp_path: Path, description: str, uri: str = "ipps443://printer/") -> tuple[Desk, Queues]:
    """Return a desk with our descriptions installed, and a queue that has a description."""
    models = tmp_path / "data" / "model" / "ipps443"
    models.mkdir(parents=True)
    for name, text in descriptions().items():
        (models / f"{name}.ppd").write_text(text)
    (tmp_path / "ppd").mkdir()
    (tmp_path / "ppd" / "q.ppd").write_text(description)
    cups = Queues({"q": {"device-uri": uri}, "other": {"device-uri": "ipp://x/"}})
    return Desk(tmp_path, cups=lambda: cups, environ={"CUPS_DATADIR": str(tmp_path / "data")}), cups


def default(text: str, option: str) -> str:
    found = re.search(rf"^\*Default{option}:\s*(\S+)", text, re.MULTILINE)
    return found[1] if found else ""


@pytest.mark.parametrize("name", ALL_OLD)
def test_a_queue_of_the_first_version_gets_the_newest_description(tmp_path: Path, name: str) -> None:
    """It is found by its nickname; documents are kept apart from then on."""
    desk, cups = desk_with(tmp_path, (OLD / f"{name}.ppd").read_text())
    assert desk.run("refresh", "q") == 0, desk.errors
    assert f"ipps443/{name}.ppd of {__version__}" in desk.output
    assert "*cupsSingleFile: True" in cups.text and version_of(cups.text) == __version__
    assert [made["name"] for made in cups.made] == ["q"]


@pytest.mark.parametrize(
    "option, value",
    [
        ("PageSize", "A5"),
        ("PageRegion", "A5"),
        ("InputSlot", "Tray2"),
        ("Duplex", "DuplexTumble"),
        ("Resolution", "300dpi"),
        ("cpi", "16.67"),
        ("cpi", "Custom.14.5"),
        ("fit-text", "132x66"),
        ("carriage-control", "asa"),
    ],
)
def test_defaults_are_kept(option: str, value: str) -> None:
    """What someone has chosen for the queue stays, custom values too; the rest is as the new description says."""
    new = descriptions()[PCL5E]
    old = re.sub(rf"^(\*Default{option}: *)\S+", rf"\g<1>{value}", (OLD / f"{PCL5E}.ppd").read_text(), flags=re.M)
    assert default(old, option) == value != default(new, option)
    text, lost = keep_defaults(old, new)
    assert lost == [] and default(text, option) == value
    assert text == re.sub(rf"^(\*Default{option}: *)\S+", rf"\g<1>{value}", new, flags=re.M)


@pytest.mark.parametrize(
    "option, value", [("PageSize", "Nonesuch"), ("Duplex", "Custom.3"), ("Gone", "x"), ("cpi", "11")]
)
def test_defaults_that_are_not_there_any_more_are_named(option: str, value: str) -> None:
    """They are left out, and no line is made up."""
    new = descriptions()[PCL5E]
    text, lost = keep_defaults(f"*OpenUI *{option}: PickOne\n*Default{option}: {value}\n", new)
    assert (text, lost) == (new, [f"{option}={value}"])


def test_what_is_no_option_is_not_missed() -> None:
    """A printer that has not changed has lost nothing; nor has one without custom sizes a leading edge."""
    for name in RECORDED:
        assert keep_defaults(described(name).text, described(name).text) == (described(name).text, [])
    sizes = ("iso_a4_210x297mm", "custom_min_50x50mm", "custom_max_200x200mm")
    assert keep_defaults(describe(media_supported=sizes).text, describe(media_supported=sizes[:1]).text)[1] == []


@pytest.mark.parametrize(
    "before, chosen, now, kept",
    [
        ("face-down", "", "face-up", "face-up"),
        ("face-down", "face-up", "face-down", "face-up"),
        ("face-down", "face-up", "", "face-up"),
        ("face-down", "", "", "default"),
        ("", "", "face-up", "face-up"),
        ("", "face-up", "", "face-up"),
    ],
)
def test_what_nobody_has_chosen_is_the_printers_matter(before: str, chosen: str, now: str, kept: str) -> None:
    """A default that was the printer's own becomes its new one; what someone has chosen stays."""
    old, new = (
        describe(output_bin_supported=("tray-1", "face-down", "face-up"), output_bin_default=own or ()).text
        for own in (before, now)
    )
    old = re.sub(r"^(\*DefaultOutputBin: )\S+", rf"\g<1>{chosen}", old, flags=re.M) if chosen else old
    text, lost = keep_defaults(old, new)
    assert (default(text, "OutputBin"), lost) == (kept, [])


def test_a_description_by_name(tmp_path: Path) -> None:
    """For a queue whose description is not one of ours, or was given another name; without one it is refused."""
    desk, cups = desk_with(tmp_path, '*NickName: "Something else"\n')
    assert desk.run("refresh", "q") == 2 and "--model" in desk.errors and not cups.made
    assert desk.run("refresh", "q", "--model", "generic-pdf") == 0
    assert '*NickName: "Generic PDF Printer (ipps443)"' in cups.text
    assert desk.run("refresh", "q", "--model", "../../etc/passwd") == 2


@pytest.mark.parametrize("queue, words", [("none", "knows no queue"), ("other", "does not print through ipps443")])
def test_other_queues_are_left_alone(tmp_path: Path, queue: str, words: str) -> None:
    """A queue that is not there, and one of another backend."""
    desk, cups = desk_with(tmp_path, (OLD / "generic-pdf.ppd").read_text())
    assert desk.run("refresh", queue) == 2 and words in desk.errors and not cups.made


def test_refresh_with_cupsd(cups: CupsServer) -> None:
    """The queue goes on with its device, state and defaults, those of lpadmin -o too; doctor has no complaint."""
    import cups as pycups

    old = str(OLD / "generic-pcl5e.ppd")
    cups.run("lpadmin", "-p", "q", "-v", "ipps443://localhost:9/x", "-P", old, "-o", "PageSize=A5", "-o", "cpi=15")
    cups.run("lpadmin", "-p", "q", "-o", "job-sheets-default=standard,none", "-L", "here")
    desk = Desk(cups.etc, cups=lambda: pycups.Connection(cups.socket))
    desk.environ["CUPS_DATADIR"] = str(cups.root / "data")
    notes = [finding["fix"] for finding in desk.value("doctor", "q")["findings"]]
    assert "ipps443ctl refresh q" in notes
    before: Any = cups._ask("getPrinterAttributes", "q")
    assert desk.run("refresh", "q") == 0, desk.errors
    after: Any = cups._ask("getPrinterAttributes", "q")
    for name in ("device-uri", "printer-state", "printer-location", "job-sheets-default", "printer-make-and-model"):
        assert after[name] == before[name], name
    text = (cups.etc / "ppd" / "q.ppd").read_text()
    assert (default(text, "PageSize"), default(text, "cpi"), version_of(text)) == ("A5", "15", __version__)
    notes = [finding["fix"] for finding in desk.value("doctor", "q")["findings"]]
    assert "ipps443ctl refresh q" not in notes


@pytest.mark.skipif(os.geteuid() != 0, reason="the secret belongs to root")
def test_the_secret_is_made_once(desk: Desk) -> None:
    """It has 32 octets that only root and lp can read; a second call changes nothing, damage is repaired."""
    path = Path(desk.path).parent / "secret"
    path.parent.mkdir(parents=True)
    assert desk.run("secret") == 0 and "Made" in desk.output and desk.kept["made"] is True
    status, key = path.stat(), path.read_bytes()
    assert (stat.S_IMODE(status.st_mode), status.st_uid, len(key)) == (0o640, 0, 32)
    assert may(str(path), READ) and not may(str(path), WRITE)
    assert (
        desk.run("secret") == 0 and "stays" in desk.output and path.read_bytes() == key and desk.kept["made"] is False
    )
    path.write_bytes(b"short")
    assert desk.run("secret") == 0 and len(path.read_bytes()) == 32 and path.read_bytes() != key
    assert sorted(os.listdir(path.parent)) == ["pins.lock", "secret"]
