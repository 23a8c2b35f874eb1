"""ipps443ctl show, verify, unpin, forget, and the command line itself."""

from __future__ import annotations

import json
import os
import re
import subprocess
from importlib import import_module
from inspect import signature
from pathlib import Path

import pytest

from backend import __version__
from backend.control.command_line import COMMANDS, HELP, make_parser
from backend.cupsd.cache_file import cache_folder
from backend.trust.fingerprint import as_hex
from tests.printer import Printer, make_authority, make_certificate
from tests.unit.control.conftest import Desk
from tests.unit.trust.certificates import certificate, day

LAUNCHER = Path(__file__).resolve().parents[3] / "backend" / "ipps443ctl"
OWN = make_certificate("printer", not_before=day(2020), not_after=day(2035))
A, B = "0" * 64, "1" * 64


def test_show(desk: Desk) -> None:
    """The certificate as it was pinned is shown, with what is unusual about it today."""
    file = desk.folder / "x.pem"
    file.write_bytes(certificate("dated-1972").cert_pem)
    desk.run("import", str(file), "printer")
    assert desk.run("show", "printer") == 0
    for words in (
        "CN=printer",
        "1970-01-01",
        "it expired on 1972-01-01",
        as_hex(certificate("dated-1972").cert_sha256),
    ):
        assert words in desk.output
    (value,) = desk.value("show", "printer")["pins"]
    assert value["certificates"][0]["date_trouble"] == "expired"


def test_show_without_copy_and_with_a_false_one(desk: Desk) -> None:
    """A copy that is missing, or has another hash, is not shown; the pin is."""
    file = desk.folder / "x.pem"
    file.write_bytes(OWN.cert_pem)
    desk.run("import", str(file), "printer")
    (name,) = desk.stored()
    copy = Path(desk.path).with_name("certificates") / name
    copy.write_bytes(certificate().cert_pem)
    assert desk.run("show", "printer") == 0 and "subject" not in desk.output
    copy.unlink()
    assert desk.run("show", "printer") == 0 and as_hex(OWN.cert_sha256) in desk.output


def test_show_ca(desk: Desk) -> None:
    """The CA's certificate is shown; a CA file that is gone is complained about."""
    file = desk.folder / "x.pem"
    file.write_bytes(make_authority("Site CA").cert_pem)
    desk.run("import", str(file), "printer", "--ca")
    assert desk.run("show", "printer") == 0 and "CN=Site CA" in desk.output
    Path(desk.path).with_name(str(desk.pins.pins[0].ca)).unlink()
    desk.run("show", "printer")
    assert "does not exist" in desk.errors


@pytest.mark.parametrize("command", ["show", "unpin"])
def test_nothing_on_file(desk: Desk, command: str) -> None:
    """A printer without pins: exit code 1, also before the first pin."""
    assert desk.run(command, "printer") == 1
    desk.write(f"other:443 spki-sha256:{A}\n")
    assert desk.run(command, "printer") == 1 and "printer:443" in desk.errors


# --- verify -----------------------------------------------------------------------------------------------


def test_verify(desk: Desk) -> None:
    """Trusted is 0, changed and unknown are 1, unreachable is 2; no HTTP byte is sent in any case."""
    with Printer(certificate=OWN) as printer:
        host = f"localhost:{printer.port}"
        assert desk.run("verify", host) == 1 and "does not exist" in desk.errors
        desk.write("# nothing\n")
        assert desk.run("verify", host) == 1 and "[T01]" in desk.errors
        desk.run("pin", host, "--yes")
        before = desk.text
        assert desk.run("verify", host) == 0 and as_hex(OWN.cert_sha256) in desk.output
        printer.certificate = certificate()
        assert desk.run("verify", host) == 1 and "[T02]" in desk.errors and desk.output == ""
        assert printer.http_bytes == 0
    assert desk.run("verify", host) == 3
    assert desk.text == before


def test_verify_for_programs(desk: Desk) -> None:
    """A program gets the verdict, the certificate and what was agreed, whether trusted or not."""
    with Printer(certificate=certificate("rsa1024")) as printer:
        host = f"localhost:{printer.port}"
        desk.write("")
        value = desk.value("verify", host)
        assert (value["trusted"], value["code"], value["port"]) == (False, "T01", printer.port)
        assert "No pin" in value["message"] and value["error"]["code"] == "T01"
        desk.run("pin", host, "--yes")
        value = desk.value("verify", host)
        assert value["trusted"] is True and value["renewed"] is False
        assert value["certificate"]["key_bits"] == 1024 and len(value["warnings"]) == 1


def test_verify_a_device_uri_with_its_own_pins(desk: Desk) -> None:
    """Pins in the URI count alone, as for a job, and so do expired and trust."""
    made = certificate("expired")
    with Printer(certificate=made) as printer:
        uri = f"ipps443://localhost:{printer.port}/ipp/print?pin=sha256:"
        assert desk.run("verify", uri + made.spki_sha256.hex()) == 0 and desk.text is None
        assert desk.run("verify", uri + A) == 1 and "lpadmin -p QUEUE -v" in desk.errors
        assert desk.run("verify", f"{uri}{made.cert_sha256.hex()}&expired=refuse") == 1 and "[T03]" in desk.errors


# --- unpin, forget ----------------------------------------------------------------------------------------


def test_unpin(desk: Desk) -> None:
    """All pins of the printer go, other lines stay."""
    desk.write(
        f"# x\none:443 spki-sha256:{A}\ntwo:443 spki-sha256:{A}\none:443 cert-sha256:{B}\none:631 cert-sha256:{B}\n"
    )
    assert desk.run("unpin", "ONE") == 0
    assert desk.text == f"# x\ntwo:443 spki-sha256:{A}\none:631 cert-sha256:{B}\n"
    assert "No pins left for one:443" in desk.output


def test_unpin_one_of_several(desk: Desk) -> None:
    """With a fingerprint only that pin goes."""
    desk.write(f"one:443 spki-sha256:{A}\none:443 cert-sha256:{B}\n")
    assert desk.run("unpin", "one", "--fingerprint", B) == 0
    assert desk.text == f"one:443 spki-sha256:{A}\n" and "1 pin left" in desk.output
    assert desk.run("unpin", "one", "--fingerprint", B) == 1
    assert desk.value("unpin", "one", "--fingerprint", A)["left"] == 0


def test_forget(desk: Desk) -> None:
    """What was learned is forgotten, and the pins stay."""
    desk.write(f"one:443 spki-sha256:{A}\n")
    assert desk.run("forget", "one") == 0 and desk.forgotten == ["one:443"]
    assert "one:443" in (desk.text or "")


def test_forget_for_real(tmp_path: Path) -> None:
    """The facts that a job learned in the cache of CUPS are gone."""
    from backend.printer import learned

    environ = {"CUPS_CACHEDIR": str(tmp_path), "CUPS_SERVERROOT": str(tmp_path)}
    folder = cache_folder(environ)
    os.makedirs(folder)
    assert learned.remember(folder, "printer", 443, learned.Facts(chunks=False), 1e9) is None
    command = [str(LAUNCHER), "forget", "printer", "--json"]
    for known in (True, False):
        done = subprocess.run(command, env=environ, capture_output=True, check=True)
        assert json.loads(done.stdout)["forgotten"] is known


# --- the command line -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name, place", [(name, place) for name, _, place, _ in COMMANDS])
def test_each_command_has_its_function(name: str, place: str) -> None:
    """The table names a function of a module, which takes arguments and console."""
    module, _, function = place.partition(".")
    found = getattr(import_module(f"backend.control.{module}"), function)
    assert list(signature(found).parameters) == ["arguments", "console"], name


def test_a_list_needs_little(tmp_path: Path) -> None:
    """What lists pins imports no TLS, no threads, no other command: each of them takes longer than the list itself."""
    script = (
        f"import sys; sys.path.insert(0, {str(LAUNCHER.parents[1])!r}); from backend.control.main import main;"
        f"assert main(['ipps443ctl', 'list'], {{'CUPS_SERVERROOT': {str(tmp_path)!r}}}) == 0;"
        "print(*sorted({'ssl', 'concurrent.futures', 'inspect', 'cryptography', 'backend.control.doctor',"
        " 'backend.control.audit', 'backend.control.network'} & {*sys.modules}))"
    )
    done = subprocess.run(["/usr/bin/python3", "-I", "-c", script], capture_output=True, text=True)
    assert done.stdout.splitlines() == ["No printer is pinned. Begin with: ipps443ctl pin HOST", ""], done.stderr


def test_help_fits_a_screen(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The help of the program and of each command is at most 24 lines of 80 characters."""
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("", *(command[0] for command in COMMANDS)):
        with pytest.raises(SystemExit):
            make_parser().parse_args(f"{name} --help".split())
        lines = capsys.readouterr().out.splitlines()
        assert len(lines) <= 24 and max(map(len, lines)) <= 80


@pytest.mark.parametrize("command", [command[0] for command in COMMANDS])
def test_help_names_every_command(command: str) -> None:
    """The help of the program has each command, with its first word where a column begins."""
    assert re.search(rf"^(\w+ +| +)([\w-]+, )?{command}\b", HELP, re.M)


@pytest.mark.parametrize("words", [["--help"], ["help"], ["pin", "--help"], ["help", "pin"]], ids=" ".join)
def test_ways_to_ask_for_help(desk: Desk, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """With help before the command or --help behind it, the same comes out."""
    assert desk.run(*words) == 0
    assert capsys.readouterr().out.startswith("usage: ipps443ctl pin" if "pin" in words else HELP)


def test_help_about_nothing(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """No help is made up for what is no command."""
    assert desk.run("help", "nonsense") == 2 and "nonsense" in capsys.readouterr().err


def test_version(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """It is the version that the code has."""
    assert desk.run("--version") == 0 and capsys.readouterr().out == f"ipps443ctl {__version__}\n"


@pytest.mark.parametrize(
    "arguments", [[], ["nonsense"], ["show"], ["show", "a", "b"], ["list", "--yes"], ["pin", "--ye", "x"]]
)
def test_wrong_usage(desk: Desk, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Wrong usage is exit code 2 and words on standard error."""
    assert desk.run(*arguments) == 2
    assert "usage" in capsys.readouterr().err


def launch(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the launcher as a program, without a terminal."""
    return subprocess.run(
        [str(LAUNCHER), *arguments], env=environ, capture_output=True, text=True, stdin=subprocess.DEVNULL, cwd="/"
    )


def test_launcher(tmp_path: Path) -> None:
    """The program finds its packages from anywhere, and the pin file below the server root."""
    folder = tmp_path / "ipps443"
    folder.mkdir(mode=0o755)
    (folder / "pins").write_text(f"printer:443 spki-sha256:{A}\n")
    done = launch("list", CUPS_SERVERROOT=str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "") and "printer:443" in done.stdout
    assert launch("--help").returncode == 0 and launch("what").returncode == 2


def test_launcher_behind_a_link(tmp_path: Path) -> None:
    """A link such as /usr/sbin/ipps443ctl leads to the same program."""
    link = tmp_path / "ipps443ctl"
    link.symlink_to(LAUNCHER)
    done = subprocess.run([str(link), "list"], env={"CUPS_SERVERROOT": str(tmp_path)}, capture_output=True, cwd="/")
    assert done.returncode == 0, done.stderr


def test_launcher_with_a_real_printer(tmp_path: Path) -> None:
    """From pin to verify as a program of its own, without a terminal."""
    environ = {"CUPS_SERVERROOT": str(tmp_path), "CUPS_SERVER": "127.0.0.1:1"}
    with Printer(certificate=OWN) as printer:
        host = f"localhost:{printer.port}"
        assert launch("pin", host, **environ).returncode == 2
        assert launch("pin", host, "--fingerprint", as_hex(OWN.cert_sha256), **environ).returncode == 0
        done = launch("verify", host, **environ)
        assert (done.returncode, done.stderr) == (0, "")
        assert printer.http_bytes == 0


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="/dev/full is missing")
@pytest.mark.parametrize("words", (["explain"], ["list"], ["list", "--json"]), ids=" ".join)
def test_full_disk(tmp_path: Path, words: list[str]) -> None:
    """Output that cannot be written is one line and exit code 1, however little it is."""
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [str(LAUNCHER), *words],
            env={"CUPS_SERVERROOT": str(tmp_path)},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    said = "ipps443ctl: standard output cannot be written: No space left on device\n"
    assert (done.returncode, done.stderr) == (1, said)


def test_reader_that_is_gone() -> None:
    """A reader that has seen enough (ipps443ctl explain | head) is no error to speak of."""
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "wb") as nowhere:
        done = subprocess.run([str(LAUNCHER), "explain", "--json"], stdout=nowhere, stderr=subprocess.PIPE, text=True)
    assert (done.returncode, done.stderr) == (1, "")


def test_preview_of_standard_input(tmp_path: Path) -> None:
    """- is standard input, as for other tools, and nothing of it is left behind."""
    for name, text in (("one", "a\n"), ("two", "a\fb\n")):
        done = subprocess.run(
            [str(LAUNCHER), "preview", "-", "-o", f"{tmp_path}/{name}.pdf", "--json"],
            env={"TMPDIR": str(tmp_path), "PATH": os.environ["PATH"]},
            input=text,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["sides"] == len(text.split("\f"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.pdf", "two.pdf"]
