"""install.sh, as far as a folder can show it; a whole system is what --demo in a fresh Debian is for."""

from __future__ import annotations

import grp
import gzip
import json
import os
import re
import shlex
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
LIBRARY = "usr/lib/ipps443"
BACKEND = "usr/lib/cups/backend/ipps443"
LAUNCHERS = {
    BACKEND: "backend.main",
    "usr/lib/cups/filter/texttopcl": "filters.text_to_pcl",
    "usr/lib/cups/filter/texttopdf443": "filters.text_to_pdf",
    "usr/lib/cups/filter/pdftopcl": "filters.pdf_to_pcl",
    "usr/lib/cups/filter/pdftopwg443": "filters.pdf_to_pwg",
    "usr/lib/cups/filter/pdfcheck443": "filters.pdf_check",
    "usr/lib/cups/filter/imagetopcl": "filters.image_to_pages",
    "usr/lib/cups/filter/imagetopdf443": "filters.image_to_pages",
    "usr/lib/cups/filter/scstopcl": "filters.scs_to_pcl",
    "usr/lib/cups/filter/scstopdf443": "filters.scs_to_pdf",
    "usr/lib/cups/driver/ipps443": "backend.control.driver",
    "usr/sbin/ipps443ctl": "backend.control.main",
    "usr/bin/ipps443ctl": "backend.control.main",
}

#: Those that jobs wait for, and that have nothing from site, see docs/speed.md.
WITHOUT_SITE = {
    BACKEND,
    "usr/lib/cups/driver/ipps443",
    *(f"usr/lib/cups/filter/{name}" for name in ("imagetopcl", "imagetopdf443", "pdfcheck443", "pdftopcl")),
    *(f"usr/lib/cups/filter/{name}" for name in ("pdftopwg443", "texttopdf443")),
}

needs_ppdc = pytest.mark.skipif(not shutil.which("ppdc"), reason="ppdc is missing: install cups-ppdc")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A copy of what install.sh installs, which a test may change."""
    folder = tmp_path / "source"
    for name in ("backend", "filters", "ppd", "docs", "packaging"):
        shutil.copytree(CHECKOUT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CHECKOUT / "install.sh", folder)
    return folder


def install(
    source: Path, *options: str, path: str = "", user: int | None = None, python: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run install.sh; ``path`` comes before the usual PATH."""
    environ = {"PATH": f"{path}:{os.environ['PATH']}" if path else os.environ["PATH"]}
    if python:
        environ["PYTHON"] = python
    command = [str(source / "install.sh"), *options]
    return subprocess.run(command, env=environ, user=user, capture_output=True, text=True, stdin=subprocess.DEVNULL)


def tree(folder: Path) -> dict[str, tuple[int, int]]:
    """Return all files below a folder with mode and time of the last change."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return {str(path.relative_to(folder)): (path.stat().st_mode & 0o777, path.stat().st_mtime_ns) for path in files}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which everything is installed; tests only look at it."""
    root = tmp_path_factory.mktemp("installed") / "root"
    done = install(CHECKOUT, "--destdir", str(root))
    assert (done.returncode, done.stderr) == (0, "")
    return root


@needs_ppdc
def test_everything_is_in_its_place(installed: Path) -> None:
    """Launchers, code, descriptions, MIME rules, manual pages and documents lie where they are looked for."""
    modes = {name: mode for name, (mode, _) in tree(installed).items()}
    for name in LAUNCHERS:
        assert modes[name] == 0o755
    for name in (
        "usr/share/cups/model/ipps443/generic-pcl5e.ppd",
        "usr/share/cups/mime/ipps443.types",
        "usr/share/cups/mime/ipps443.convs",
    ):
        assert modes[name] == 0o644
    assert modes["usr/share/man/man7/ipps443-messages.7"] == 0o644
    assert modes["usr/share/man/man7/ipps443-ibmi.7"] == modes["usr/share/man/man8/scstopcl.8"] == 0o644
    assert modes["usr/share/man/man8/ipps443.8"] == 0o644
    assert modes["usr/share/bash-completion/completions/ipps443ctl"] == 0o644
    for unit in ("ipps443-find.service", "ipps443-find.timer"):
        assert modes[f"usr/lib/systemd/system/{unit}"] == 0o644
    assert modes["usr/share/doc/ipps443/README.md"] == modes["usr/share/doc/ipps443/docs/trust.md"] == 0o644
    assert (installed / LIBRARY / "current" / "backend/main.py").exists()
    assert modes["etc/logrotate.d/ipps443"] == 0o644 and not [name for name in modes if "var/log" in name]
    assert not [name for name in modes if "tests" in name or ".stage" in name or name.endswith("-new")]


@needs_ppdc
def test_tree_of_a_package_has_neither_state_nor_bytecode(installed: Path) -> None:
    """What belongs to the machine that it is installed on is made there: pins, secret, cache, bytecode."""
    assert [name for name in tree(installed) if not name.startswith("usr")] == ["etc/logrotate.d/ipps443"]
    assert not [name for name in tree(installed) if "__pycache__" in name or name.endswith(".pyc")]


@pytest.mark.parametrize(("status", "mixes"), (("installed", True), ("unpacked", True), ("config-files", False)))
@pytest.mark.skipif(os.geteuid() != 0, reason="only root may install")
def test_installed_package_is_left_alone(source: Path, tmp_path: Path, status: str, mixes: bool) -> None:
    """Where the package is installed the files are dpkg's; where it was, or below a folder, there is nothing to mix."""
    query = tmp_path / "bin" / "dpkg-query"
    query.parent.mkdir()
    query.write_text(f"#!/bin/sh\necho {status}\n")
    query.chmod(0o755)
    (source / "ppd/ipps443.drv").unlink()  # so that it ends in any case
    done = install(source, path=str(query.parent))
    assert done.returncode == 1
    assert ("The package ipps443 is installed" in done.stderr) == mixes
    done = install(source, "--destdir", str(tmp_path / "root"), path=str(query.parent))
    assert "The package" not in done.stderr


@needs_ppdc
@pytest.mark.parametrize("name", sorted(LAUNCHERS))
def test_launcher_finds_the_installed_code(installed: Path, name: str) -> None:
    """A launcher is isolated from the user's environment and takes its code from the current version only."""
    text = (installed / name).read_text()
    assert text.startswith("#!/usr/bin/python3 -I" + ("S" if name in WITHOUT_SITE else "") + "\n")
    assert text.count("ROOT = ") == 1 and 'ROOT = "/usr/lib/ipps443/current"\n' in text
    assert f"from {LAUNCHERS[name]} import main" in text


@needs_ppdc
def test_launchers_use_site_where_packages_lie_elsewhere(source: Path, tmp_path: Path) -> None:
    """Where a package is not in the folder that the launcher names, Python has to look for it itself."""
    folder, usual = tmp_path / "packages", '"/usr/lib/python3/dist-packages"'
    folder.mkdir()
    for path in Path("/usr/lib/python3/dist-packages").iterdir():
        if not path.name.startswith("pypdf"):
            (folder / path.name).symlink_to(path)
    for launcher, place in ((source / "backend/ipps443", "/nowhere"), (source / "filters/pdfcheck443", folder)):
        launcher.write_text(launcher.read_text().replace(usual, f'"{place}"'))
    install(source, "--destdir", str(tmp_path / "root"))
    filters = tmp_path / "root/usr/lib/cups/filter"
    for path, flags in (
        (tmp_path / "root" / BACKEND, "I"),
        (filters / "pdfcheck443", "I"),
        (filters / "pdftopcl", "IS"),
    ):
        assert path.read_text().startswith(f"#!/usr/bin/python3 -{flags}\n")


@needs_ppdc
def test_run_after_run(source: Path, tmp_path: Path) -> None:
    """The same version leaves every file as it is, pins above all, and mends what is not as it should be.

    Other code gets a folder of its own, and "current" points there.
    """
    root = tmp_path / "root"
    install(source, "--destdir", str(root))
    (root / "etc/cups/ipps443").mkdir(parents=True)
    (root / "etc/cups/ipps443/pins").write_text("printer.example.com:443 spki-sha256:00\n")
    before = tree(root)
    done = install(source, "--destdir", str(root))
    assert (done.returncode, done.stderr, tree(root)) == (0, "", before)
    first = os.readlink(root / LIBRARY / "current")
    (root / "usr/lib/cups/backend/ipps443").chmod(0o777)
    (root / "usr/share/cups/mime/ipps443.types").write_text("damaged")
    (root / "usr/sbin/ipps443ctl").unlink()
    assert install(source, "--destdir", str(root)).returncode == 0
    assert {name: mode for name, (mode, _) in tree(root).items()} == {name: mode for name, (mode, _) in before.items()}
    assert (root / "usr/share/cups/mime/ipps443.types").read_text() == (source / "ppd/ipps443.types").read_text()
    with open(source / "backend/errors.py", "a") as file:
        file.write("# changed\n")
    done = install(source, "--destdir", str(root))
    assert (done.returncode, done.stderr) == (0, "")
    second = os.readlink(root / LIBRARY / "current")
    assert second == f"{first}+1"
    assert (root / LIBRARY / second / "backend/errors.py").read_text().endswith("# changed\n")


@needs_ppdc
def test_where_sbin_is_bin(source: Path, tmp_path: Path) -> None:
    """Some systems have one folder for both: the command is there once, whole, and a second run changes nothing."""
    root = tmp_path / "root"
    (root / "usr/bin").mkdir(parents=True)
    (root / "usr/sbin").symlink_to("bin")
    trees = []
    for _ in range(2):
        assert install(source, "--destdir", str(root)).returncode == 0
        assert (root / "usr/sbin").is_symlink() and os.listdir(root / "usr/bin") == ["ipps443ctl"]
        assert "from backend.control.main import main" in (root / "usr/sbin/ipps443ctl").read_text()
        trees.append(tree(root))
    assert trees[0] == trees[1]


@needs_ppdc
@pytest.mark.parametrize("signal", ("TERM", "INT", "HUP"))
def test_interrupted_run_leaves_nothing(source: Path, tmp_path: Path, signal: str) -> None:
    """A run that is stopped before everything is prepared puts nothing in place."""
    ppdc = tmp_path / "bin" / "ppdc"
    ppdc.parent.mkdir()
    ppdc.write_text(f"#!/bin/sh\nkill -{signal} $PPID\n")
    ppdc.chmod(0o755)
    done = install(source, "--destdir", str(tmp_path / "root"), path=str(ppdc.parent))
    assert done.returncode != 0
    assert tree(tmp_path / "root") == {} and not (tmp_path / "root" / LIBRARY).exists()


@needs_ppdc
def test_code_that_does_not_run_is_not_installed(source: Path, tmp_path: Path) -> None:
    """Code that cannot be imported is found before anything is put in place."""
    (source / "filters/common/job.py").write_text("raise ValueError('broken')\n")
    done = install(source, "--destdir", str(tmp_path / "root"))
    assert done.returncode == 1 and "nothing was changed" in done.stderr.splitlines()[-1]
    assert tree(tmp_path / "root") == {}


def test_incomplete_source_is_refused(source: Path, tmp_path: Path) -> None:
    """A source without the printer descriptions is refused with one line that names what is missing."""
    (source / "ppd/ipps443.drv").unlink()
    done = install(source, "--destdir", str(tmp_path / "root"))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1 and "ppd/ipps443.drv is missing" in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="becoming somebody else needs root")
@pytest.mark.parametrize("options", ((), ("--purge",)))
def test_not_root_is_refused(source: Path, options: tuple[str, ...]) -> None:
    """Without root it says in one line what to do, and does nothing."""
    for folder in source.parents:
        if folder == Path(tempfile.gettempdir()):
            break
        folder.chmod(0o755)
    done = install(source, *options, user=65534)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "install.sh: Needs root: run sudo ./install.sh\n"


@pytest.mark.parametrize("options", (("--bogus",), ("--destdir",), ("--destdir", "/nowhere", "--demo")))
def test_wrong_options_are_refused(source: Path, options: tuple[str, ...]) -> None:
    """Options that are unknown or do not go together end in one line, and nothing is done."""
    done = install(source, *options)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)


def test_a_folder_that_cannot_be_found_out_is_not_the_system(tmp_path: Path) -> None:
    """--destdir never becomes "no --destdir", which would install into the system that runs it."""
    program = f"""{functions_of("printable", "fail", "resolve_destdir")}
        realpath() {{ return 127; }}
        set -eu
        destdir=$(resolve_destdir {tmp_path})
        echo "went on with $destdir" """
    done = subprocess.run(["bash", "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "") and "--destdir" in done.stderr


def test_messages_are_printable(source: Path) -> None:
    """What is quoted in a message does nothing to root's terminal."""
    done = install(source, "--\x1b]0;owned\x07 \x9b2J \u202etxt a\nb \x7f\x08 \u200b")
    assert done.returncode == 1 and done.stderr.startswith("install.sh: Unknown option --")
    assert all(" " <= character <= "~" for character in done.stderr.removesuffix("\n"))


def functions_of(*names: str) -> str:
    """Return functions of install.sh as they stand there."""
    text = (CHECKOUT / "install.sh").read_text()
    found = [re.search(rf"^{name}\(\) {{(.* }}$|(.|\n)*?^}}$)", text, re.M) for name in names]
    assert all(found)
    return "\n".join(match[0] for match in found if match)


def name_old_queues(folder: Path, *names: str) -> subprocess.CompletedProcess[str]:
    """Let install.sh of version 1 name those of these queues whose descriptions are old."""
    program = f"""{functions_of("printable", "say", "name_old_queues")}
        version() {{ echo 1; }}
        queues() {{ printf '%s\\n' {shlex.join(names)}; }}
        serverroot={folder} name_old_queues"""
    return subprocess.run(["bash", "-c", program], capture_output=True, text=True)


def test_old_queues_are_named_in_printable_words(tmp_path: Path) -> None:
    """Neither can a queue's name, nor a description that an administrator of CUPS brought."""
    (tmp_path / "ppd").mkdir()
    for name in ("old\u202e", "plain"):
        path = tmp_path / "ppd" / f"{name}.ppd"
        path.write_text('*NickName: "x (ipps443)"\n*ipps443Version: "0.1\x1b]52;c;x\x07"\n')
    done = name_old_queues(tmp_path, "old\u202e", "plain")
    assert (done.returncode, done.stderr, done.stdout.count("refresh")) == (0, "", 2)
    assert all(line.isascii() and line.isprintable() for line in done.stdout.splitlines())


@pytest.mark.parametrize(
    "nickname, version, is_named",
    [
        ("Generic PCL 5e Printer (ipps443)", "", True),  # of 0.1.0
        ("Generic PDF Printer (ipps443)", "0.9", True),
        ("Loopback Scripted (ipps443, from the printer)", "0.9", True),
        ("Loopback Scripted (ipps443, from the printer)", "1", False),
        ("Generic PDF Printer (ipps443)", "1", False),
        ("Foreign Printer, 2.1", "0.9", False),
    ],
)
def test_queues_with_old_descriptions_are_named(tmp_path: Path, nickname: str, version: str, is_named: bool) -> None:
    """Each queue whose description is ours and of a different version, whether it came with us or from the printer."""
    (tmp_path / "ppd").mkdir()
    line = f'*ipps443Version: "{version}"\n' if version else ""
    (tmp_path / "ppd" / "office.ppd").write_text(f'*NickName: "{nickname}"\n{line}')
    done = name_old_queues(tmp_path, "office", "raw")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("ipps443ctl refresh office\n") == is_named and "raw" not in done.stdout


@pytest.mark.parametrize("name", ["office", "a;b", "$(id)", "Büro", "-x&"])
def test_the_command_for_a_queue_works_when_pasted(tmp_path: Path, name: str) -> None:
    """cupsd allows all characters in a queue's name but some; a shell takes the word for that name and nothing else."""
    (tmp_path / "ppd").mkdir()
    (tmp_path / "ppd" / f"{name}.ppd").write_text('*NickName: "x (ipps443)"\n')
    done = name_old_queues(tmp_path, name)
    command = done.stdout.splitlines()[-1].removeprefix("ipps443:   ")
    pasted = subprocess.run(["bash", "-c", f'ipps443ctl() {{ printf "<%s>" "$@"; }}; {command}'], capture_output=True)
    assert pasted.stdout.decode() == f"<refresh><{name}>" and command.isascii()


@pytest.mark.parametrize(
    "name, is_kept",
    [("pins", False), ("secret", False), (".pins.lock", False), ("clients/a.pem", True), ("ipps443.conf", True)],
)
@pytest.mark.parametrize("is_link", [False, True], ids=["file", "link"])
def test_uninstall_keeps_what_the_administrator_made(tmp_path: Path, name: str, is_kept: bool, is_link: bool) -> None:
    """A link is his as a file is: certificates often lie elsewhere, and the links to them went."""
    (tmp_path / "etc" / "clients").mkdir(parents=True)
    path = tmp_path / "etc" / name
    if is_link:
        (tmp_path / "elsewhere").write_text("")
        path.symlink_to(tmp_path / "elsewhere")
    else:
        path.write_text("")
    program = f"pins={tmp_path}/etc\n{functions_of('has_pins')}\nhas_pins && echo kept"
    done = subprocess.run(["bash", "-c", program], capture_output=True, text=True)
    assert (done.stdout == "kept\n") is is_kept and done.stderr == ""


# --- the audit log --------------------------------------------------------------------------------------------


def log_step(folder: Path, command: str) -> str:
    """Run a step of install.sh about the audit log with places below a folder; return what it said."""
    names = ("printable", "say", "recall", "remember", "owned", "put_log", "rotation_rule", "put_rotation", "checksum")
    script = "\n".join(
        [
            "set -eu; destdir='' action=uninstall",
            f"log={folder}/log rotation={folder}/logrotate.d/ipps443 record={folder}/record stage={folder}/stage",
            'mkdir -p "$record" "$stage"',
            functions_of(*names, "remove_log"),
            command,
        ]
    )
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to lp")


@needs_root
def test_log_lives_through_upgrades(tmp_path: Path) -> None:
    """What is recorded stays; the rule follows the version, unless the administrator has changed or removed it."""
    log, rule = tmp_path / "log" / "audit.log", tmp_path / "logrotate.d" / "ipps443"
    log_step(tmp_path, "put_log")
    group = "adm" if any(each.gr_name == "adm" for each in grp.getgrall()) else "lp"  # not all systems have it
    assert (log.owner(), log.group(), log.stat().st_mode & 0o777) == ("lp", group, 0o640)
    assert (log.parent.owner(), log.parent.stat().st_mode & 0o777) == ("root", 0o755)
    log.write_text("{}\n")
    ours = rule.read_text()
    log_step(tmp_path, "rotation_rule() { echo new; }; put_log")
    assert (log.read_text(), rule.read_text()) == ("{}\n", "new\n")
    rule.write_text(ours.replace("rotate 12", "rotate 72"))
    log_step(tmp_path, "put_log")
    assert "rotate 72" in rule.read_text()
    rule.unlink()
    log_step(tmp_path, "put_log")
    assert not rule.exists()


def test_timer_goes_with_the_rest() -> None:
    """Uninstalling stops the timer before its files go, and systemd reads its units again; without systemd neither."""
    text = (CHECKOUT / "install.sh").read_text()
    uninstall = text[text.index("uninstall() {") :]
    assert uninstall.index("    stop_timer\n") < uninstall.index('rm -f "$path"') < uninstall.index("    read_units\n")
    script = f"set -eu; timer=x.timer\n{functions_of('read_units', 'stop_timer')}\n"
    for there, said in (("true", "disable --now x.timer\ndaemon-reload\n"), ("false", "")):
        fakes = f'has_systemd() {{ {there}; }}\nsystemctl() {{ echo "$@"; }}\nstop_timer; read_units\n'
        done = subprocess.run(["bash", "-c", script + fakes], capture_output=True, text=True)
        assert (done.returncode, done.stdout, done.stderr) == (0, said, "")


@needs_root
def test_log_where_there_is_no_group_adm(tmp_path: Path) -> None:
    """Then those who may read it are the group of the backend, also after the next rotation."""
    log_step(tmp_path, "getent() { return 2; }; put_log")
    assert (tmp_path / "log" / "audit.log").group() == "lp"
    assert "create 0640 lp lp\n" in (tmp_path / "logrotate.d" / "ipps443").read_text()


@needs_root
def test_uninstall_keeps_what_is_recorded(tmp_path: Path) -> None:
    """An empty log goes with its folder; one with records stays until --purge, which takes all."""
    log, rule = tmp_path / "log" / "audit.log", tmp_path / "logrotate.d" / "ipps443"
    log_step(tmp_path, "put_log; remove_log")
    assert not log.parent.exists() and not rule.exists()
    log_step(tmp_path, "rm -r $record; mkdir $record; put_log")
    log.write_text("{}\n")
    rule.write_text("mine\n")
    assert "kept the audit log" in log_step(tmp_path, "remove_log")
    assert log.exists() and rule.exists()
    log_step(tmp_path, "action=purge; remove_log")
    assert not log.parent.exists() and not rule.exists()


@needs_root
@pytest.mark.skipif(not shutil.which("logrotate"), reason="logrotate is missing: install logrotate")
def test_rotation_loses_nothing(tmp_path: Path) -> None:
    """While lp writes, the log is put away again and again: each record is in one of the files, once."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        log_step(folder, "put_log")
        program = (
            f"import os, sys; sys.path.insert(0, {str(CHECKOUT)!r})\n"
            "import time; from backend.trace.audit_log import append, encode_record\n"
            "os.setgroups([]); os.setgid(7); os.setuid(7)\n"
            "for number in range(600):\n"
            f"    assert append({str(folder / 'log' / 'audit.log')!r}, encode_record({{'number': number}})) == ''\n"
            "    time.sleep(0.005)\n"
        )
        command = ["/usr/bin/python3", "-I", "-c", program]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as writer:
            rounds = 0
            while writer.poll() is None and rounds < 10:  # two less than are kept
                rule = folder / "logrotate.d" / "ipps443"
                rotate = ["logrotate", "-f", "-s", str(folder / "state"), str(rule)]
                done = subprocess.run(rotate, capture_output=True, text=True)
                assert (done.returncode, done.stderr) == (0, "")
                rounds += 1
                time.sleep(0.4)
            writer.wait(60)
            assert writer.stderr and (writer.returncode, writer.stderr.read()) == (0, "")
        found = [json.loads(line)["number"] for line in all_lines(folder / "log")]
        assert rounds > 3 and sorted(found) == list(range(600))


def all_lines(folder: Path) -> list[bytes]:
    """Return the lines of the log and of those that were put away, compressed ones too."""
    texts = [gzip.decompress(p.read_bytes()) if p.suffix == ".gz" else p.read_bytes() for p in folder.iterdir()]
    return [line for text in texts for line in text.splitlines() if line]


# --- what is missing ------------------------------------------------------------------------------------------

SYSTEMS = ("Debian, Ubuntu: apt-get install", "Fedora: dnf install", "Arch: pacman -S", "openSUSE: zypper install")

#: What each system calls the package that has it.
NAMES = {
    "cupsd": ("cups", "cups", "cups", "cups"),
    "lpadmin": ("cups-client", "cups", "cups", "cups-client"),
    "ppdc": ("cups-ppdc", "cups", "cups", "cups-ddk"),
    "gs": ("ghostscript", "ghostscript", "ghostscript", "ghostscript"),
    "h11": ("python3-h11", "python3-h11", "python-h11", "python3-h11"),
    "cryptography": ("python3-cryptography", "python3-cryptography", "python-cryptography", "python3-cryptography"),
    "PIL": ("python3-pil", "python3-pillow", "python-pillow", "python3-Pillow"),
    "pypdf": ("python3-pypdf", "python3-pypdf", "python-pypdf", "python3-pypdf"),
    "reportlab": ("python3-reportlab", "python3-reportlab", "python-reportlab", "python3-reportlab"),
    "cups": ("python3-cups", "python3-cups", "python-pycups", "python3-pycups"),
    "ensurepip": ("python3-venv", "python3", "python", "python3"),
}
MODULES = ("h11", "cryptography", "PIL", "pypdf", "reportlab", "cups", "ensurepip")


def check_needs(without: set[str], *kinds: str, venv: bool = False) -> subprocess.CompletedProcess[str]:
    """Run install.sh's own check on a system that has all but some things; nothing else of the script runs."""
    text = (CHECKOUT / "install.sh").read_text()
    parts = [re.search(rf"^{start}.*?^[)}}]$", text, re.M | re.S) for start in (r"needs=\(", r"check_needs\(\) ")]
    systems = re.search(r"^systems=.*$", text, re.M)
    there = " ".join(sorted(NAMES.keys() - without))
    script = "\n".join(
        [
            "set -eu",
            f"venv={'yes' if venv else 'no'}",
            f'has_need() {{ [[ " {there} lpstat " == *" $2 "* ]]; }}',
            *(part[0] for part in (systems, *parts) if part),
            'check_needs "$@"',
        ]
    )
    return subprocess.run(["bash", "-c", script, "bash", *kinds], capture_output=True, text=True)


@pytest.mark.parametrize("name", NAMES)
def test_missing_things_are_named(name: str) -> None:
    """Each program and module that is missing is named, with its package on four systems."""
    done = check_needs({name}, "program", "module", "venv", venv=name == "ensurepip")
    lines = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (1, "")
    missing = f"{name} (Python)" if name in MODULES else name
    assert lines[0].startswith(f"install.sh: Missing: {missing}. ") and lines[0].endswith("nothing was changed.")
    assert lines[1:5] == [f"  {system} {package}" for system, package in zip(SYSTEMS, NAMES[name])]
    assert ("--venv" in "".join(lines[5:])) == (name in MODULES and name != "ensurepip")


def test_all_that_is_missing_is_named_at_once() -> None:
    """Everything comes in one message, and a package that has several of the things comes once."""
    lines = check_needs(set(NAMES), "program", "module").stderr.splitlines()
    modules = "h11 (Python), cryptography (Python), PIL (Python), pypdf (Python), reportlab (Python), cups (Python)"
    assert f"cupsd, lpadmin, ppdc, gs, {modules}. " in lines[0]
    assert lines[3] == (
        "  Arch: pacman -S cups ghostscript python-h11 python-cryptography python-pillow python-pypdf python-reportlab"
        " python-pycups"
    )


@pytest.mark.parametrize("kinds", (("program", "module"), ("program", "venv"), ("ppdc", "h11", "cryptography")))
def test_nothing_is_missing(kinds: tuple[str, ...]) -> None:
    """Where all is there not a word is said, and what is not looked for is not missed."""
    without = set(MODULES) - {"ensurepip"} if "venv" in kinds else {"ensurepip"}
    done = check_needs(without, *kinds)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("there", ("cupsd", "lpadmin", "ppdc"))
def test_one_program_does_not_stand_for_all(tmp_path: Path, there: str) -> None:
    """Each program is looked for by itself: that one of them is there says nothing of the others."""
    found = re.search(r"^has_need\(\) .*?^}$", (CHECKOUT / "install.sh").read_text(), re.M | re.S)
    assert found
    (tmp_path / there).write_text("#!/bin/sh\n")
    (tmp_path / there).chmod(0o755)
    for name in ("cupsd", "lpadmin", "ppdc"):
        script = f"{found[0]}\nPATH={tmp_path}\nhas_need program {name}"
        assert (subprocess.run(["/bin/bash", "-c", script]).returncode == 0) == (name == there)


@needs_ppdc
@pytest.mark.parametrize("module", ("h11", "cryptography"))
def test_missing_module_is_no_traceback(source: Path, tmp_path: Path, module: str) -> None:
    """A Python without a package that the code imports is told of by name, before anything is put in place."""
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\ncase "$*" in *\'import {module}\'*) exit 1 ;; esac\nexec /usr/bin/python3 "$@"\n')
    python.chmod(0o755)
    done = install(source, "--destdir", str(tmp_path / "root"), python=str(python))
    assert done.returncode == 1 and f"Missing: {module} (Python). " in done.stderr and "Traceback" not in done.stderr
    assert tree(tmp_path / "root") == {}


def test_old_python_is_refused(source: Path, tmp_path: Path) -> None:
    """A Python before 3.11 is refused in one line."""
    python = tmp_path / "python"
    code = "import sys; sys.version_info = (3, 10, 9); exec(sys.argv[3])"
    python.write_text(f"#!/bin/sh\nexec /usr/bin/python3 -c '{code}' \"$@\"\n")
    python.chmod(0o755)
    done = install(source, "--destdir", str(tmp_path / "root"), python=str(python))
    assert (done.returncode, done.stderr) == (1, f"install.sh: {python} is missing or older than Python 3.11.\n")


# --- apt ------------------------------------------------------------------------------------------------------


def run_apt(said: str, status: int, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run install.sh's run_apt with an apt-get that writes to its status descriptor."""
    (folder / "apt-get").write_text(f"#!/bin/sh\nprintf '{said}' >&3\necho noise\nexit {status}\n")
    (folder / "apt-get").chmod(0o755)
    functions = functions_of("printable", "say", "run_apt", "show_progress")
    script = f"set -eu\n{functions}\nPATH={folder}:$PATH log={folder}/log\nrun_apt install cups"
    return subprocess.run(["bash", "-c", script], capture_output=True, text=True)


def test_progress_of_apt_is_shown(tmp_path: Path) -> None:
    """A line at each quarter of fetching and installing; apt's own words go to the log."""
    said = "".join(f"dlstatus:1:{percent}.5:Retrieving file\\n" for percent in range(0, 100, 2)).replace("%", "%%")
    said += "pmstatus:cups:0.0:Preparing\\npmerror:cups:50:odd\\npmstatus:cups:x:odd\\nrubbish\\n"
    said += "pmstatus:cups:80:Unpacking cups: 2\\n"
    done = run_apt(said, 0, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "ipps443:   fetched 0 %: Retrieving file",
        "ipps443:   fetched 26 %: Retrieving file",
        "ipps443:   fetched 50 %: Retrieving file",
        "ipps443:   fetched 76 %: Retrieving file",
        "ipps443:   installed 0 %: Preparing",
        "ipps443:   installed 80 %: Unpacking cups: 2",
    ]
    assert (tmp_path / "log").read_text() == "noise\n"


def test_failure_of_apt_is_seen(tmp_path: Path) -> None:
    """The exit code of apt-get is that of the function, whatever was shown."""
    assert run_apt("pmstatus:cups:80:Unpacking\\n", 100, tmp_path).returncode == 100


# --- cupsd ----------------------------------------------------------------------------------------------------


def reload_cupsd(folder: Path, printing: bool) -> subprocess.CompletedProcess[str]:
    """Run install.sh's reload_cupsd beside a cupsd that prints, or does not; the clock runs a minute a second."""
    printer = "printer office now printing office-1." if printing else "printer office is idle."
    script = "\n".join(
        [
            "set -eu",
            f"record={folder}",
            f'lpstat() {{ echo "{printer}"; }}',
            "cups_socket() { :; }; cupsd_process() { echo 4711; }; await_cupsd() { :; }; kill() { echo kill $*; }",
            "sleep() { SECONDS=$((SECONDS + 60)); }",
            functions_of("printable", "recall", "remember", "say", "reload_cupsd"),
            "remember mime unread; reload_cupsd; echo state $(recall mime)",
        ]
    )
    return subprocess.run(["bash", "-c", script], capture_output=True, text=True)


def test_cupsd_reads_new_rules(tmp_path: Path) -> None:
    """An idle cupsd is told to read its rules, once."""
    done = reload_cupsd(tmp_path, printing=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[1:] == ["kill -HUP 4711", "state read"]


def test_busy_cupsd_is_asked_by_the_next_run(tmp_path: Path) -> None:
    """A cupsd that prints is left alone, the waiting is said before it begins, and the next run tries again."""
    done = reload_cupsd(tmp_path, printing=True)
    assert (done.returncode, done.stderr) == (0, "")
    waiting, given_up, state = done.stdout.splitlines()
    assert "a minute at most" in waiting and "run install.sh again later" in given_up and state == "state unread"
