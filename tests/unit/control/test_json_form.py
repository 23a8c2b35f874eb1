"""What --json writes is what ipps443ctl(8) says, name by name."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from backend.control.command_line import COMMANDS
from backend.trust.fingerprint import as_hex
from tests.printer import Printer, make_certificate
from tests.unit.control.conftest import Cups, Desk

MANUAL = Path(__file__).resolve().parents[3] / "docs" / "ipps443ctl.8"
OWN = make_certificate("printer")
A = "a" * 64


def rows() -> dict[str, frozenset[str]]:
    """Return the rows of the manual's table: what they are about, and the names at the top."""
    text = MANUAL.read_text().partition(".SH JSON")[2].partition(".nf\n")[2].partition(".fi\n")[0]
    found = {}
    for about, form in re.findall(r"^    (\S.*?)  +(\{.*?\})$(?=\n    \S|\s*\Z)", text, re.MULTILINE | re.DOTALL):
        while re.search(r"[{\[][^{}\[\]]*[}\]]", form[1:-1]):  # what is inside
            form = form[0] + re.sub(r"[{\[][^{}\[\]]*[}\]]", "", form[1:-1]) + form[-1]
        found[about] = frozenset(re.findall(r'"(\w+)"', form))
    return found


@pytest.fixture
def printer() -> Any:
    with Printer(certificate=OWN) as printer:
        yield printer


@pytest.fixture
def ready(desk: Desk, printer: Printer, tmp_path: Path) -> Desk:
    """A desk with one pinned printer that has a queue, a secret, a log and a list."""
    desk.environ["CUPS_CACHEDIR"] = str(tmp_path / "cache")
    uri = f"ipps443://localhost:{printer.port}"
    queue = {"device-uri": f"{uri}/ipp/print", "printer-info": "q", "printer-location": ""}
    cups = Cups({"q": queue})
    desk.cups = lambda: cups
    assert desk.run("pin", uri, "--yes") == 0
    assert desk.run("set", f"audit-log={tmp_path}/audit.log") == 0
    (tmp_path / "audit.log").write_text("")
    (tmp_path / "fleet.csv").write_text(f"queue,uri,fingerprint\nq,{uri},{as_hex(OWN.cert_sha256)}\n")
    (tmp_path / "a.scs").write_bytes(b"\xc1\x0d\x25")
    (tmp_path / "a.txt").write_text("A\n")
    return desk


CASES = {
    "list, show": ["list"],
    "verify": ["verify", "HOST"],
    "verify, several": ["verify", "--all"],
    "pin, import": ["pin", "HOST", "--yes"],
    "acknowledge": ["pin", "HOST", "--acknowledge"],
    "unpin": ["unpin", "HOST"],
    "forget": ["forget", "HOST"],
    "several": ["unpin", "HOST", "other"],
    "probe": ["probe", "HOST"],
    "describe": ["describe", "HOST"],
    "add": ["add", "new", "HOST", "--model", "ipps443/x.ppd"],
    "identify": ["identify", "q"],
    "jobs": ["jobs"],
    "trace on": ["trace", "q", "on"],
    "trace off": ["trace", "q", "off"],
    "trace show": ["trace", "q"],
    "audit": ["audit"],
    "audit verify": ["audit", "verify"],
    "explain": ["explain"],
    "explain CODE": ["explain", "T02"],
    "set": ["set", "render-memory=1G"],
    "secret": ["secret"],
    "scs": ["scs", "FOLDER/a.scs"],
    "scs-table": ["scs-table", "q", "drawer.2=Tray2"],
    "preview": ["preview", "FOLDER/a.txt", "-o", "FOLDER/a.pdf"],
}


@pytest.mark.parametrize("about", CASES)
def test_names_are_those_of_the_manual(ready: Desk, printer: Printer, tmp_path: Path, about: str) -> None:
    """Neither more nor fewer, on success; with version, which is 1."""
    words = [
        word.replace("HOST", f"localhost:{printer.port}").replace("FOLDER", str(tmp_path)) for word in CASES[about]
    ]
    value = ready.value(*words)
    assert "error" not in value, value
    assert value.pop("version") == 1 and set(value) == rows()[about]


def test_queue_of_a_list_that_was_there(ready: Desk, tmp_path: Path) -> None:
    """A printer of a list has the names of its command, beside those of all lists."""
    (value,) = ready.value("add", "--from", str(tmp_path / "fleet.csv"))["printers"]
    assert set(value) == rows()["add, was there"] | {"host", "port", "status"}


@pytest.mark.parametrize(
    ("words", "code"),
    (
        (["show", "nobody"], "refused"),
        (["pin", "nowhere"], "usage"),
        (["verify"], "usage"),
        (["bogus"], "usage"),
        (["add", "a b", "c"], "usage"),
        (["audit", "--since", "soon"], "usage"),
        (["explain", "X99"], "usage"),
        (["identify", "nothing"], "usage"),
        (["trace", "q", "show", "9"], "refused"),
        (["scs", "/nowhere"], "usage"),
        (["verify", "127.0.0.1:1"], "N01"),
    ),
    ids=str,
)
def test_failure(ready: Desk, words: list[str], code: str) -> None:
    """One object all the same, with the code of the message or a word, and a text that is not empty."""
    assert ready.run(*words, "--json") == {"refused": 1, "usage": 2, "N01": 3}[code]
    value = json.loads(ready.output)
    assert value["version"] == 1 and value["error"]["code"] == code and value["error"]["text"]
    assert set(value["error"]) == {"code", "text"} and rows()["a failure"] == {"error"}


def test_each_command_has_a_row() -> None:
    """The manual has them all."""
    named = {word for about in rows() for word in re.split(r", | ", about)}
    assert {name for name, *_ in COMMANDS} <= named
