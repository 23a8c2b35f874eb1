"""Broken set-ups: what lpstat, cupsd's web page, error_log at its default level and doctor say, and whether that cures.

The queues belong to one cupsd and are broken side by side, a dozen at a time. doctor looks at all of them in one run;
then what it says is done, by hand where it says so and by its commands, as they stand, where it has some; a second run
has to find nothing any more, and the job that waited has to print. What doctor says of all else, and of what concerns
the whole installation: tests/unit/control/test_doctor.py.
"""

from __future__ import annotations

import html
import io
import json
import re
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from backend.control.main import main
from backend.control.real_console import make_console
from tests.cups.places import CHECKOUT
from tests.cups.recorded import environ_of_control
from tests.cups.server import PCL5E, CupsServer, search_path, wait_until
from tests.printer import Certificate, Faults, Printer, make_authority, make_certificate
from tests.secret_marks import PASSWORD, TEXT
from tests.unit.backend.printer.test_languages import given

PCL = b"\x1bE" + TEXT.encode() + b" on a page.\x0c" + b"\x1bE"
TIMEOUTS = "timeout=connect:5,handshake:2,probe:5,write:20,reply:20,read:5"
USER = "pforte"
OPENED = f"user={USER},password={PASSWORD}"
PDF_ONLY = given(["application/pdf"], "CMD:PDF;")
REFUSED = "status=" + "+".join(f"{operation}:{{0}}" for operation in ("Create-Job", "Print-Job", "Send-Document"))
#: Commands that look and do not change anything, whose exit code says what they see.
LOOKS = ("ipps443ctl probe", "ipps443ctl verify", "ipps443ctl doctor", "ping")
OVER = ("canceled", "aborted", "completed")
#: Parts of the table: one alone takes longer than a test may where the machine has other work.
PARTS = 2


@dataclass
class Scene:
    """One set-up while it is looked at."""

    cups: CupsServer
    printer: Printer
    queue: str
    keys: dict[str, Certificate]
    folder: Path
    job: int = 0
    refused: str = ""

    @property
    def description(self) -> Path:
        """The description that cupsd has copied for the queue."""
        return self.cups.etc / "ppd" / f"{self.queue}.ppd"

    def edit(self, old: str, new: str) -> None:
        """Change a line of the description."""
        text = self.description.read_text()
        assert old in text
        self.description.write_text(text.replace(old, new))


Act = Callable[[Scene], object]


def fair(scene: Scene) -> None:
    """The printer is put right."""
    scene.printer.faults = Faults()


def renewed(scene: Scene) -> None:
    """The printer gets a new certificate."""
    scene.printer.certificate = scene.keys["own"]


def client_files(scene: Scene, certificate: str = "client", key: str = "client", label: str = "me") -> None:
    """A client certificate and its key are put where they belong, as they have to be."""
    folder = scene.cups.etc / "ipps443" / "clients"
    folder.mkdir(mode=0o755, exist_ok=True)
    for name, text in ((f"{label}.pem", scene.keys[certificate].cert_pem), (f"{label}.key", scene.keys[key].key_pem)):
        (folder / name).write_bytes(text)
        shutil.chown(folder / name, "root", "lp")
        (folder / name).chmod(0o640)


@dataclass(frozen=True)
class Setup:
    """One broken set-up.

    Attributes:
        rest: what stands in the device URI behind the port; OWN and OTHER are pins.
        address: host and port, if they are not the printer's own.
        pin: the line in the pin file: of which key, or "ca" or "none".
        certificate: what the printer shows.
        code: the code in the message that lpstat and error_log show; "" if jobs go through, or are not taken.
        shown: what lpstat and the web page show of a job that waits, whose message has no code.
        web: what lpstat and the web page show where there is neither; "" if jobs do not meet the trouble.
        both: doing something by hand is not enough, the command is needed too.
        log: what error_log says as well.
        words, level, fix, first, other, then: of what doctor finds.
        by_hand: what is done besides the command, or in its place.
        prints: what was waiting comes out in the end.
    """

    name: str
    faults: str = ""
    rest: str = "/ipp/print?"
    address: str = ""
    account: str = ""
    pin: str = "own"
    certificate: str = "own"
    attributes: dict[str, Any] = field(default_factory=dict)
    model: str | None = PCL5E
    off: bool = False
    prepare: Act | None = None
    code: str = ""
    shown: str = ""
    web: str = ""
    both: bool = False
    words: str = ""
    level: str = "error"
    fix: str = ""
    first: str = ""
    other: str = ""
    then: str = ""
    log: str = ""
    by_hand: Act | None = None
    prints: bool = True


def by_hand(name: str, faults: str, code: str, words: str, first: str, **more: Any) -> Setup:
    """A printer that someone has to put right, and for whom doctor has no command."""
    values: dict[str, Any] = {"by_hand": fair, **more}
    return Setup(name, faults, code=code, words=words, first=first, **values)


COMPARE = "compare the fingerprint"
PIN, REPLACE = "ipps443ctl pin localhost:", " --replace"
#: An address of this machine at which no cupsd of its own listens at the ports that doctor looks at.
NOBODY = "127.0.0.9"
LPADMIN = "lpadmin -p {queue} -E -v 'ipps443://"
WRONG_PIN = "/ipp/print?pin=OTHER"

SETUPS = (
    # --- trust
    Setup("no pin on file", pin="none", code="T01", words="No pin for printer", fix=PIN, first=COMPARE),
    Setup("another certificate", pin="other", code="T02", words="a different certificate", fix=REPLACE, first=COMPARE),
    Setup("wrong pin in the URI", rest=WRONG_PIN, code="T02", words="a different certificate", first=COMPARE,
          fix=LPADMIN + "localhost:{port}/ipp/print?" + TIMEOUTS + "&pin=sha256:NEW-FINGERPRINT'",
          log="than pin= in the URI"),
    Setup("expired, refused", rest="/ipp/print?expired=refuse", pin="old", certificate="old", code="T03",
          words="expired=refuse", fix=REPLACE, first="make a new certificate", by_hand=renewed, both=True,
          log="expired=refuse", other=LPADMIN + "localhost:{port}/ipp/print?timeout="),
    Setup("expired, pinned in the URI, refused", rest="/ipp/print?expired=refuse&pin=OLD", certificate="old",
          code="T03", words="out of its dates", fix="NEW-FINGERPRINT", first="make a new", by_hand=renewed, both=True,
          log="expired=refuse", other=LPADMIN + "localhost:{port}/ipp/print?pin="),
    Setup("signed by a different CA", pin="ca2", certificate="signed", code="T04", words='"One CA" signed it',
          fix="ipps443ctl import FILE localhost:{port} --ca",
          first='of the CA that signed it ("One CA", an intermediate',
          log='\\"One CA\\" signed it', other="ipps443ctl pin localhost:{port}"),
    Setup("signed for a different name", pin="ca", certificate="misnamed", code="T04", words="printer07", fix=PIN,
          first=COMPARE,
          other="/ca.pem printer07.example:{port} && " + LPADMIN + "printer07.example:{port}/ipp/print?"),
    # --- TLS
    Setup("old TLS only", "tls=1.0", code="T06", words="refuses TLS", fix="&tls=legacy'", first="only if"),
    Setup("client certificate not there", "client_cert=require", "/ipp/print?clientcert=gone", code="C04",
          words="gone.pem: it is missing", first="from whoever makes", fix="-g lp -m 0640 CERTIFICATE ",
          log="Client certificate of this queue: missing: /",
          other=LPADMIN + "localhost:{port}/ipp/print?timeout=",
          by_hand=lambda scene: client_files(scene, label="gone")),
    Setup("client certificate not taken", "client_cert=require", "/ipp/print?clientcert=alien", code="T11",
          words="refuses the client certificate", first="import the CA",
          prepare=lambda scene: client_files(scene, "other", "other", "alien"),
          by_hand=lambda scene: client_files(scene, label="alien")),
    # --- network
    Setup("wrong name", address="printer07.invalid:{port}", shown="cannot be reached", words="cannot be reached",
          fix=LPADMIN + "HOST:{port}/", first="correct the name", then="ipps443ctl pin HOST:{port}"),
    # Of the key "own" doctor would say that it is this printer's.
    Setup("switched off", address="127.0.0.9:{port}", pin="spare", certificate="spare", off=True,
          shown="cannot be reached", words="cannot be reached", first="Switch it on",
          other=LPADMIN + "ADDRESS:", by_hand=lambda scene: scene.printer.start()),
    # --- path, HTTP
    Setup("another path", "path=/ipp/port1", code="P01", words="HTTP 404", fix="/ipp/port1?", first="/ipp/port1"),
    # --- passwords
    Setup("wrong password in the URI", f"auth=digest-sha256,{OPENED}", account=f"{USER}:falsch@", code="P06",
          words="refuses the user name and password", fix="ipps443://USER:PASSWORD@localhost", first="USER:PASSWORD"),
    # --- the printer's state
    by_hand("out of paper", "reasons=media-empty-error,job_time=30", "", "out of paper", "look at", level="warning",
            web="Waiting for the printer: it is out of paper"),
    # --- URI
    Setup("mistyped option", rest="/ipp/print?transfr=sized", code="C01", words='Did you mean "transfer"',
          fix="?transfer=sized&", first="check that this is what was meant"),
    # --- the queue
    Setup("disabled", prepare=lambda scene: scene.cups.run("cupsdisable", "-r", "gone fishing", scene.queue),
          words="it is stopped: gone fishing", fix="cupsenable {queue}", web="Paused"),
    Setup("rejecting", prepare=lambda scene: scene.cups.run("cupsreject", scene.queue), words="does not accept jobs",
          fix="cupsaccept {queue}", prints=False, web="Rejecting Jobs"),
    Setup("PCL for a printer for PDF", attributes=PDF_ONLY, words="its description writes PCL 5",
          fix="lpadmin -p {queue} -m ipps443/generic-pdf.ppd"),
    Setup("description of 0.1.0", prepare=lambda scene: scene.edit("*cupsSingleFile: True", "*% nothing"),
          words="its description is old", level="warning", fix="ipps443ctl refresh {queue}"),
    Setup("description gone", prepare=lambda scene: scene.description.unlink(), words="is missing",
          fix=f"lpadmin -p {{queue}} -m {PCL5E}"),
    # --- jobs
    by_hand("options refused", REFUSED.format("client-error-conflicting-attributes"), "P21", "the job is held",
            "print it with other options; then", level="warning", fix="cancel {queue}-{job}", prints=False),
    by_hand("answer lost", "lose_reply=before-accept,only=documents,times=1,missing=Create-Job+Send-Document", "P09",
            "the job is held", "what came out prints again", level="warning", fix="lp -i {queue}-{job} -H resume",
            other="cancel {queue}-{job}",
            log="it closed the connection while waiting for its answer. Held; look, then release or cancel it [P09]"),
)  # fmt: skip


# --- doctor and its commands ------------------------------------------------------------------------------


def environ_of(cups: CupsServer) -> dict[str, str]:
    return {**environ_of_control(cups), "PATH": f"{cups.root}/commands:{search_path()}", "LC_ALL": "C.UTF-8"}


@dataclass(frozen=True)
class Told:
    """What doctor said."""

    status: int
    findings: list[dict[str, str]]
    text: str

    def about(self, queue: str, *more: str) -> list[dict[str, str]]:
        """Return what is wrong with a queue, its jobs and its files; notes are nothing wrong."""
        names = re.compile(rf"{re.escape(queue)}(-\d+)?|.*/({'|'.join(map(re.escape, more)) or '-'})\.(pem|key)")
        return [each for each in self.findings if each["level"] != "note" and names.fullmatch(each["subject"])]


def doctor(cups: CupsServer, *arguments: str) -> Told:
    """Run ipps443ctl doctor against this cupsd, and keep all of its words."""
    console = make_console(environ_of(cups))
    said, value = io.StringIO(), io.StringIO()
    errors = io.StringIO()
    main(["ipps443ctl", "doctor", *arguments], {}, replace(console, output=said, errors=errors))
    status = main(["ipps443ctl", "doctor", *arguments, "--json"], {}, replace(console, output=value, errors=errors))
    assert PASSWORD not in said.getvalue() + value.getvalue() + errors.getvalue()
    return Told(status, json.loads(value.getvalue())["findings"], said.getvalue())


def run_fix(cups: CupsServer, fix: str, scene: Scene) -> None:
    """Run a command as it stands, with the words in capitals that it leaves to the administrator put in."""
    if not fix:
        return
    own = scene.keys["own"]
    signed = scene.printer.certificate in (scene.keys["signed"], scene.keys["misnamed"])
    shown = scene.printer.certificate if signed else own  # what the printer's panel shows
    command = fix.replace("sha256:NEW-FINGERPRINT", f"sha256:{own.cert_sha256.hex()}")
    command = command.replace("USER:PASSWORD", f"{USER}:{PASSWORD}").replace("LABEL", "me")
    for word, name in (("CERTIFICATE", "client.pem"), ("KEY", "client.key"), ("FILE", "ca.pem")):
        command = command.replace(f" {word} ", f" {scene.folder / name} ")
    # The printer of a test listens at a port of its own instead of 443.
    command = command.replace("//HOST:", "//localhost:").replace("//localhost/", f"//localhost:{scene.printer.port}/")
    if command.startswith("ipps443ctl pin"):
        command += f" --fingerprint {shown.cert_sha256.hex()}"
    done = subprocess.run(["/bin/sh", "-c", command], env=environ_of(cups), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 or command.startswith(LOOKS), (command, done.stdout + done.stderr)


@pytest.fixture(scope="module")
def server() -> Iterator[CupsServer]:
    """A cupsd of its own, because its pin file and its backend get broken; its commands are on the path."""
    with CupsServer("DirtyCleanInterval 0", web_interface=True) as server:
        put_command(server)
        yield server


def put_command(cups: CupsServer) -> None:
    """Put ipps443ctl where the commands of doctor find it."""
    path = cups.root / "commands" / "ipps443ctl"
    path.parent.mkdir()
    path.write_text(f'#!/bin/sh\nexec /usr/bin/python3 -I {CHECKOUT}/backend/ipps443ctl "$@"\n')
    path.chmod(0o755)


@pytest.fixture(scope="module")
def keys() -> dict[str, Certificate]:
    import datetime

    day = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)
    ca, ca2 = make_authority("One CA"), make_authority("Another CA")
    return {
        "own": make_certificate(),
        "other": make_certificate(),
        "spare": make_certificate(),
        "old": make_certificate(not_before=day, not_after=day + datetime.timedelta(days=1)),
        "ca": ca,
        "ca2": ca2,
        "signed": make_certificate(issuer=ca),
        "misnamed": make_certificate("printer07", ("printer07.example",), issuer=ca),
        "client": make_certificate("client", (), issuer=ca),
    }


# --- before and after -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Seen:
    """What was to be seen of one set-up: before, and after what doctor said was done."""

    lpstat: str
    web: str
    log: str
    before: list[dict[str, str]]
    after: list[dict[str, str]]
    printed: int
    port: int
    job: int


def pin_line(setup: Setup, scene: Scene) -> str:
    key = f"{NOBODY if setup.off else 'localhost'}:{scene.printer.port}"
    if setup.pin == "none":
        return ""
    if setup.pin.startswith("ca"):
        return f"{key}  ca:{setup.pin}.pem\n"
    certificate = scene.keys[setup.pin]
    return f"{key}  spki-sha256:{certificate.spki_sha256.hex()}  cert-sha256:{certificate.cert_sha256.hex()}\n"


def device_uri(setup: Setup, scene: Scene) -> str:
    address = (setup.address or "localhost:{port}").format(port=scene.printer.port)
    rest = setup.rest
    for name in ("own", "other", "old"):
        rest = rest.replace(f"pin={name.upper()}", f"pin=sha256:{scene.keys[name].cert_sha256.hex()}")
    return f"ipps443://{setup.account}{address}{rest}{'' if rest.endswith('?') else '&'}{TIMEOUTS}"


def break_it(setup: Setup, scene: Scene) -> None:
    """Make the queue, break what is to be broken, and print a page."""
    scene.cups.add_queue(scene.queue, device_uri(setup, scene), setup.model)
    scene.cups.run("lpadmin", "-p", scene.queue, "-o", "printer-error-policy=retry-job")
    if setup.prepare:
        setup.prepare(scene)
    done = scene.cups.run("lp", "-d", scene.queue, "-o", "raw", str(scene.folder / "page.pcl"), check=False)
    scene.refused = done.stderr
    if done.returncode == 0:
        scene.job = int(done.stdout.split()[3].rsplit("-", 1)[1])
    shown = f"[{setup.code}]" if setup.code else setup.shown or setup.web
    end = time.monotonic() + 15
    while shown not in lpstat(scene) and time.monotonic() < end:
        time.sleep(0.5)


def lpstat(scene: Scene) -> str:
    """Return what lpstat says about the queue and its jobs, on one line."""
    texts = [scene.cups.run("lpstat", "-l", *what, scene.queue).stdout for what in (("-p",), ("-o",))]
    return " ".join(" ".join(texts).split())


def web_page(scene: Scene) -> str:
    """Return what the queue's page of cupsd's web interface says, on one line."""
    with urllib.request.urlopen(f"http://localhost:{scene.cups.port}/printers/{scene.queue}", timeout=60) as answer:
        page = answer.read().decode()
    return " ".join(html.unescape(re.sub(r"<!--.*?-->|<[^>]*>", " ", page, flags=re.DOTALL)).split())


def log_of(scene: Scene) -> str:
    """Return the lines about the job that error_log has at its default level."""
    mark = f" [Job {scene.job}] "
    return "\n".join(line for line in scene.cups.log().splitlines() if mark in line and line[:2] in ("E ", "W "))


def in_parallel(pool: ThreadPoolExecutor, do: Callable[..., Any], *rows: Any) -> list[Any]:
    """Do something for all rows at once, and raise what is raised only when all have ended."""
    futures = [pool.submit(do, *row) for row in zip(*rows)]
    return [future.exception() or future.result() for future in futures]


@pytest.fixture(scope="module")
def seen(
    server: CupsServer, keys: dict[str, Certificate], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Setup], Seen | BaseException]:
    """What was seen of a set-up. Those of one part are broken and cured side by side, when the first is asked for."""
    parts: dict[int, dict[str, Seen | BaseException]] = {}

    def seen_of(setup: Setup) -> Seen | BaseException:
        number = SETUPS.index(setup) % PARTS
        setups = SETUPS[number::PARTS]
        if number not in parts:
            try:
                parts[number] = break_and_cure(setups, server, keys, tmp_path_factory.mktemp("setups"))
            except BaseException as error:  # also one that says that it took too long, which it would each time
                parts[number] = dict.fromkeys((each.name for each in setups), error)
        return parts[number][setup.name]

    return seen_of


def break_and_cure(
    setups: tuple[Setup, ...], server: CupsServer, keys: dict[str, Certificate], folder: Path
) -> dict[str, Seen | BaseException]:
    (folder / "page.pcl").write_bytes(PCL)
    (folder / "ca.pem").write_bytes(keys["ca"].cert_pem)
    (folder / "client.pem").write_bytes(keys["client"].cert_pem)
    (folder / "client.key").write_bytes(keys["client"].key_pem)
    scenes = []
    for setup in setups:
        faults = Faults.parse(setup.faults) if setup.faults else Faults()
        printer = Printer(
            keys[setup.certificate],
            faults,
            host=NOBODY if setup.off else "127.0.0.1",
            attributes=setup.attributes,
            client_ca=keys["ca"],
        ).reserve()
        scenes.append(Scene(server, printer, f"b{SETUPS.index(setup)}", keys, folder))
        if not setup.off:
            printer.start()
    server.write_pins("".join(pin_line(setup, scene) for setup, scene in zip(setups, scenes)))
    store(server, "ca.pem", keys["ca"].cert_pem)
    store(server, "ca2.pem", keys["ca2"].cert_pem)
    store(server, f"certificates/{keys['own'].cert_sha256.hex()}.pem", keys["own"].cert_pem)
    try:
        with ThreadPoolExecutor(12) as pool:
            return look_and_cure(server, setups, scenes, pool)
    finally:
        for scene in scenes:
            scene.printer.stop()
            server.run("cancel", "-a", "-x", scene.queue, check=False)
            server.run("lpadmin", "-x", scene.queue, check=False)


def store(cups: CupsServer, name: str, text: bytes) -> None:
    path = cups.etc / "ipps443" / name
    path.parent.mkdir(mode=0o755, exist_ok=True)
    path.parent.chmod(0o755)
    path.write_bytes(text)
    shutil.chown(path, "root", "lp")
    path.chmod(0o640)


def look_and_cure(
    server: CupsServer, setups: tuple[Setup, ...], scenes: list[Scene], pool: ThreadPoolExecutor
) -> dict[str, Seen | BaseException]:
    broken = in_parallel(pool, break_it, setups, scenes)
    words = in_parallel(pool, lambda scene: (lpstat(scene), web_page(scene), log_of(scene)), scenes)
    told = doctor(server)
    assert told.status == 1 and "Nothing is wrong" not in told.text
    found = [told.about(scene.queue, *labels(setup)) for setup, scene in zip(setups, scenes)]
    cured = in_parallel(pool, cure, setups, scenes, found)
    in_parallel(pool, until_printed, setups, scenes)
    again = doctor(server)
    rest = [again.about(scene.queue, *labels(setup)) for setup, scene in zip(setups, scenes)]
    if any(rest):
        # What has come up meanwhile, such as a queue that a last try has stopped.
        in_parallel(pool, run_fixes, scenes, rest)
        in_parallel(pool, until_printed, setups, scenes)
        again = doctor(server)
    result: dict[str, Seen | BaseException] = {}
    for number, (setup, scene) in enumerate(zip(setups, scenes)):
        after = again.about(scene.queue, *labels(setup))
        printed = len(scene.printer.printed)
        trouble = broken[number] or cured[number]
        shown, page, log = words[number]
        port, job = scene.printer.port, scene.job
        result[setup.name] = trouble or Seen(shown, page, log, found[number], after, printed, port, job)
        if isinstance(trouble, BaseException):
            trouble.args = (*trouble.args, words[number], found[number], after)
    return result


def labels(setup: Setup) -> list[str]:
    return re.findall(r"clientcert=(\w+)", setup.rest)


def cure(setup: Setup, scene: Scene, found: list[dict[str, str]]) -> None:
    """Do what doctor says: by hand first, then its commands from the top down."""
    if setup.by_hand:
        setup.by_hand(scene)
    for finding in found:
        # Someone who has put the printer right has no use for the other way out that the command is.
        if setup.both or setup.by_hand is None or finding["check"] in ("queues", "jobs"):
            run_fix(scene.cups, finding["fix"], scene)


def run_fixes(scene: Scene, found: list[dict[str, str]]) -> None:
    """Run the commands of all findings."""
    for finding in found:
        run_fix(scene.cups, finding["fix"], scene)


def until_printed(setup: Setup, scene: Scene) -> None:
    """Wait for the page, which a queue that is tried again later prints now."""
    if setup.prints and scene.job:
        if scene.cups.job_state(scene.job).state == "pending-held":
            scene.cups.run("lp", "-i", str(scene.job), "-H", "resume")
        wait_until(lambda: scene.printer.printed or scene.cups.job_state(scene.job).state in OVER, 40, setup.name)


def setup_id(setup: Setup) -> str:
    return setup.name.replace(", ", "-").replace(" ", "-")


@pytest.mark.parametrize("setup", SETUPS, ids=setup_id)
def test_broken_setup(seen: Callable[[Setup], Seen | BaseException], setup: Setup) -> None:
    """lpstat, web page and error_log have the code, doctor cause and cure; then all is well, and what waited prints."""
    one = seen(setup)
    if isinstance(one, BaseException):
        raise one
    queue = f"b{SETUPS.index(setup)}"
    if setup.code:
        assert f"[{setup.code}]" in one.lpstat and f"[{setup.code}]" in one.web
        assert f"[{setup.code}]" in one.log, one.log
    if setup.shown:
        assert setup.shown in one.lpstat and setup.shown in one.web
        assert re.search(r"^W .*\[[NP]\d\d\]$", one.log, re.MULTILINE), one.log
    if setup.web:
        assert setup.web in one.web and setup.web.lower() in one.lpstat.lower()
    matching = [each for each in one.before if setup.words in f"{each['subject']}: {each['trouble']}"]
    assert matching, one.before
    finding = matching[0]
    values = {"port": one.port, "queue": queue, "job": one.job}
    fix = setup.fix.format(**values)
    assert fix in finding["fix"] and bool(fix) == bool(finding["fix"]), finding
    texts = (setup.first, setup.other, setup.then, setup.log)
    first, other, then, log = (text.format(**values) for text in texts)
    assert (finding["level"], first in finding["first"]) == (setup.level, True), finding
    assert other in finding["other"] and then in finding["then"] and log in one.log, (finding, one.log)
    if "ipps443ctl pin" in finding["fix"] or "NEW-FINGERPRINT" in finding["fix"]:
        assert COMPARE in finding["first"]
    assert one.after == [], one
    if setup.prints:
        assert one.printed == 1, one
