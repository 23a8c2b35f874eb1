"""Completion of ipps443ctl in bash, asked as bash asks."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from backend.control.command_line import COMMANDS
from backend.control.explanations import EXPLANATIONS
from backend.trust.pin_store import update_pins

CHECKOUT = Path(__file__).resolve().parents[2]
SCRIPT = CHECKOUT / "packaging" / "ipps443ctl.bash-completion"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A server root with two pinned printers, and one whose name would be a command in a careless script."""
    path = str(tmp_path / "ipps443" / "pins")
    update_pins(path, lambda file: file)
    lines = [f"{host} spki-sha256:{'0' * 64}\n" for host in ("printer.example.com:443", "desk:631")]
    Path(path).write_text("".join(lines))
    return tmp_path


def complete(root: Path, *words: str) -> list[str]:
    """Return what bash offers for the last word."""
    program = f"""
ipps443ctl() {{ CUPS_SERVERROOT={root} /usr/bin/python3 -I {CHECKOUT}/backend/ipps443ctl "$@"; }}
lpstat() {{ printf 'device for %s\\n' 'office: ipps443://x/' 'other: ipp://x/' '$(id): ipps443://x/'; }}
. {SCRIPT}
COMP_WORDS=(ipps443ctl "$@"); COMP_CWORD=$#
_ipps443ctl
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    done = subprocess.run(["bash", "-c", program, "bash", *words], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return sorted(done.stdout.split())


def test_commands(root: Path) -> None:
    """Each command is offered, and those that begin with what was typed."""
    assert set(complete(root, "")) == {name for name, *_ in COMMANDS} | {"help", "--help", "--version"}
    assert complete(root, "unp") == ["unpin"]
    assert set(complete(root, "help", "")) == {name for name, *_ in COMMANDS}


@pytest.mark.parametrize("name", ("pin", "verify", "add", "audit", "find"))
def test_options(root: Path, name: str) -> None:
    """All options of the command, out of its help."""
    options = next(options for other, _, _, options in COMMANDS if other == name)
    assert {option.split()[0] for option in options if option.startswith("--")} <= set(complete(root, name, "-"))


def test_what_a_command_is_about(root: Path, tmp_path: Path) -> None:
    """Pinned printers, our queues, codes, files; nothing that a shell would run."""
    assert complete(root, "verify", "") == ["desk:631", "printer.example.com"]
    assert complete(root, "unpin", "pri") == ["printer.example.com"]
    assert complete(root, "testpage", "") == ["office"]
    assert set(complete(root, "explain", "")) == {each.code for each in EXPLANATIONS}
    assert complete(root, "verify", "--format", "") == ["nagios", "prometheus"]
    assert complete(root, "find", "--in-device-list", "") == ["off", "on"]
    (tmp_path / "fleet.csv").write_text("")
    assert complete(root, "pin", "--from", f"{tmp_path}/fl") == [f"{tmp_path}/fleet.csv"]
    assert complete(root, "pin", "--fingerprint", "") == []
