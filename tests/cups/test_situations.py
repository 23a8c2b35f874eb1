"""What CUPS and its user see: faults at the printer, and what lpstat, the job, the queue and the page log must say.

Each situation has a printer and a queue of its own; all queues belong to one cupsd, and the jobs run side by side.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.cups.server import CupsServer, wait_until
from tests.printer import Certificate, Faults, Printer, make_certificate
from tests.secret_marks import PASSWORD as SECRET

#: So many situations at once; most of them wait for something.
AT_ONCE = 10
USER = "pforte"
ONE_PAGE = "One page.\n"
THREE_PAGES = "One.\fTwo.\fThree.\n"
PCL = b"\x1bE" + b"Raw page.\x0c" + b"\x1bE"
#: More than the buffers of one connection, so that a stalled printer stalls us.
LARGE = PCL[:-2] + b"x" * 12_000_000 + PCL[-2:]
TIMEOUTS = "connect:10,handshake:10,probe:10,write:30,reply:30,read:10"
OVER = ("canceled", "aborted", "completed")
#: Seconds in which the queue shows what is the matter with the printer and that it is mended; in mid-body a stall comes
#: before that; and what a machine that plays many situations at once may add.
SHOWN_SECONDS, STALL_SECONDS, GRACE = 5, 15, 10


@dataclass
class Scene:
    """One situation while it is played."""

    cups: CupsServer
    printer: Printer
    queue: str
    folder: Path
    job: int = 0

    def until_within(self, condition: Callable[[], object], what: str, seconds: float) -> None:
        """Wait for something that has to come in time."""
        self.until(condition, what, seconds + GRACE)

    def until(self, condition: Callable[[], object], what: str, seconds: float = 40) -> None:
        """Wait for something."""
        wait_until(condition, seconds, f"{what} in {self.queue}")

    def shows(self, word: str) -> bool:
        """Tell whether the queue carries a word."""
        return word in self.cups.queue_state(self.queue).reasons

    def file(self, content: bytes, name: str = "file") -> Path:
        """Return a file to print."""
        path = self.folder / f"{self.queue}-{name}"
        path.write_bytes(content)
        return path

    def lpstat(self) -> str:
        """Return what lpstat says about the queue, on one line."""
        return " ".join(self.cups.run("lpstat", "-l", "-p", self.queue).stdout.split())


Act = Callable[[Scene], None]


# --- what is printed ----------------------------------------------------------------------------------------


def lp_text(scene: Scene, text: str = ONE_PAGE, options: tuple[str, ...] = ()) -> None:
    """Print a text over the filter."""
    scene.job = scene.cups.lp(scene.queue, text=text, options=options)


def lp_raw(scene: Scene, content: bytes = PCL, options: tuple[str, ...] = ()) -> None:
    """Print a PCL file, which passes as a file."""
    scene.job = scene.cups.lp(scene.queue, scene.file(content), options=("-o", "raw", *options))


def lp_two_files(scene: Scene) -> None:
    """Print two texts by one command."""
    paths = scene.file(b"first file\n", "1"), scene.file(b"second file\n", "2")
    scene.job = scene.cups.lp(scene.queue, *paths)


def lp_with_password(scene: Scene) -> None:
    """Print on a queue that is known to want a password, and give it with the job."""
    scene.cups.run("lpadmin", "-p", scene.queue, "-o", "auth-info-required=username,password")
    lp_text(scene, options=("-o", f"auth-info={USER},{SECRET}"))


# --- what happens then --------------------------------------------------------------------------------------


def is_mended(scene: Scene, word: str) -> None:
    """Wait until the queue shows a word; mend the printer; wait until it is taken back while the job still prints."""
    scene.until(lambda: scene.printer.operations, "first question to the printer")
    scene.until_within(lambda: scene.shows(word), word, SHOWN_SECONDS)
    assert word in scene.lpstat(), "lpstat -l names the reason among the alerts"
    # The word may have been shown before the job was taken, whose time is counted from then on.
    scene.printer.faults = Faults(job_time=scene.printer.faults.job_time)
    scene.until_within(lambda: not scene.shows(word), f"end of {word}", SHOWN_SECONDS)
    assert scene.cups.job_state(scene.job).state == "processing"


def is_released(scene: Scene, word: str) -> None:
    """Wait until a stall in mid-body is shown, and let the printer read on; the word goes, and the job is printed."""
    scene.until(lambda: any(job.size for job in scene.printer.jobs), "document at the printer")
    scene.until_within(lambda: scene.shows(word), word, STALL_SECONDS)
    assert scene.cups.job_state(scene.job).state == "processing"
    scene.printer.release()
    scene.until_within(lambda: not scene.shows(word), f"end of {word}", SHOWN_SECONDS)


def is_never_shown(scene: Scene, *words: str) -> None:
    """Look at the queue again and again while the job prints."""
    seen: set[str] = set()

    def over() -> bool:
        seen.update(scene.cups.queue_state(scene.queue).reasons)
        return scene.cups.job_state(scene.job).state in OVER

    scene.until(over, "end of the job")
    assert not seen & set(words)


def becomes_fair(scene: Scene, words: str = "busy") -> None:
    """Wait until the queue says that it waits for the printer; then the printer takes jobs again."""
    scene.until(lambda: words in scene.cups.queue_state(scene.queue).message, "message about a busy printer")
    assert scene.shows("connecting-to-device") and words in scene.lpstat()
    scene.printer.faults = Faults()


def comes_back(scene: Scene) -> None:
    """Wait until the queue says that the printer is out of reach; then switch it on."""
    scene.until(lambda: "cannot be reached" in scene.cups.queue_state(scene.queue).message, "message")
    assert scene.shows("connecting-to-device")
    scene.printer.start()


def is_cancelled_while_waiting(scene: Scene) -> None:
    """Cancel a job that waits for a printer which is switched off."""
    scene.until(lambda: "cannot be reached" in scene.cups.queue_state(scene.queue).message, "message")
    scene.cups.run("cancel", str(scene.job))


def is_cancelled_while_sending(scene: Scene) -> None:
    """Cancel a job of which the printer has a part."""
    scene.until(lambda: scene.printer.jobs and scene.printer.jobs[0].size, "document at the printer")
    scene.cups.run("cancel", str(scene.job))
    scene.until(lambda: "Cancel-Job" in scene.printer.operation_names, "Cancel-Job")


def is_cancelled_while_printing(scene: Scene) -> None:
    """Cancel a job that the printer has accepted and prints."""
    scene.until(lambda: scene.shows("cups-waiting-for-job-completed"), "acceptance")
    scene.cups.run("cancel", str(scene.job))
    scene.until(lambda: "Cancel-Job" in scene.printer.operation_names, "Cancel-Job")


def is_authenticated(scene: Scene) -> None:
    """Wait until the job is held for a password, see that CUPS says so, and give it as the web interface does."""
    scene.until(lambda: scene.cups.job_state(scene.job).state == "pending-held", "job held")
    assert "cups-held-for-authentication" in scene.cups.job_state(scene.job).reasons
    assert scene.printer.printed == []
    connection = _connection(scene)
    wanted = connection.getPrinterAttributes(scene.queue)["auth-info-required"]
    assert list(wanted) == ["username", "password"]
    connection.authenticateJob(scene.job, [USER, SECRET])


def is_tried_again(scene: Scene) -> None:
    """Wait until the job has been run twice for a printer that is switched off; then switch it on."""
    began = "Gave up after"
    scene.until(lambda: sum(began in line for line in scene.cups.job_log(scene.job)) >= 2, "second run")
    scene.printer.start()


def has_levels(scene: Scene) -> None:
    """The queue has the printer's supplies."""
    scene.until(lambda: scene.cups.job_state(scene.job).state in OVER, "end of the job")
    found = _connection(scene).getPrinterAttributes(scene.queue)
    assert found["marker-levels"] and len(found["marker-levels"]) == len(found["marker-names"])


def _connection(scene: Scene) -> Any:
    import cups

    return cups.Connection(scene.cups.socket)


# --- the table ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Situation:
    """A fault, and what has to be seen in the end.

    Attributes:
        off: the printer is switched off at first.
        job, queue: the states in the end.
        code: the code at the end of the message that explains it, "" for a job that went well.
        words: what the queue still carries in the end.
        printed: jobs that came out whole.
        pages: what the page log says: pages that the printer has counted.
    """

    name: str
    faults: str = ""
    options: tuple[tuple[str, str], ...] = ()
    policy: str = ""
    lp: Act = lp_text
    act: Act | None = None
    off: bool = False
    pin: str = "own"
    certificate: str = ""
    account: str = ""
    job: str = "completed"
    queue: str = "idle"
    code: str = ""
    words: tuple[str, ...] = ()
    printed: int = 1
    pages: int = 1
    warning: str = ""


def fails(name: str, faults: str, job: str, code: str = "", **more: Any) -> Situation:
    """A situation that does not end in paper; the queue goes on unless more is said."""
    values: dict[str, Any] = {"printed": 0, "pages": 0, **more}
    return Situation(name, faults, job=job, code=code, **values)


def stops(name: str, faults: str, code: str, *words: str, **more: Any) -> Situation:
    """A situation in which the queue stops and the job waits in it."""
    return fails(name, faults, "pending", code, queue="stopped", words=words, **more)


def shown(word: str) -> Situation:
    """A reason at the printer that the queue shows while it lasts."""
    return Situation(f"{word}, then mended", f"reasons={word},job_time=15", act=partial(is_mended, word=word))


def holds(name: str, faults: str, code: str, **more: Any) -> Situation:
    """A situation in which the job is held and the queue goes on."""
    return fails(name, faults, "pending-held", code, **more)


PASSWORD = f"user={USER},password={SECRET}"
#: What cupsd sees no more of than of a job that goes well; all else of that kind: tests/faults.
GOES_ON = (
    Situation("history not kept", "history=none,job_time=0.3"),
    Situation("no job-id in the answers", "job_id=none"),
    Situation("held at the printer", "state=pending-held"),
)
#: Printers that keep the number of pages to themselves.
NOT_COUNTED = ("history not kept", "no job-id in the answers", "held at the printer")
#: The job is with the printer, which has not printed it yet.
NOT_ON_PAPER = ("held at the printer",)

SITUATIONS = (
    Situation("nothing is wrong"),
    Situation("three pages", lp=partial(lp_text, text=THREE_PAGES), pages=3),
    *map(shown, ("media-empty-error", "toner-low-warning")),
    Situation(
        "paper out in mid-body",
        "stall=media-empty-error@100000:release",
        lp=partial(lp_raw, content=LARGE),
        act=partial(is_released, word="media-empty-error"),
    ),
    Situation(
        "words that stop queues, made-up words",
        "reasons=paused+stopped+very-odd,job_time=1.5",
        act=lambda scene: is_never_shown(scene, "paused", "stopped", "very-odd"),
    ),
    Situation("supplies are low", "supplies=low,job_time=1", act=has_levels),
    Situation("busy for a while", "busy=always@Get-Printer-Attributes", act=becomes_fair),
    Situation("switched off, then on", off=True, act=comes_back),
    *GOES_ON,
    Situation("nobody waits for the job", "job_time=60", options=(("waitjob", "false"),), printed=0, pages=0),
    fails("cancelled at the printer", "state=canceled@page1,pages=3", "canceled", "P07"),
    holds("given up by the printer", "state=aborted", "P08"),
    stops("wrong path", "path=/other", "P01"),
    stops("old TLS only", "tls=1.0", "T06", "cups-certificate-error"),
    stops("another certificate", "", "T02", "cups-pki-changed", pin="other"),
    stops("no pin on file", "", "T01", "cups-pki-unknown", pin="none"),
    stops("expired, refused", "", "T03", "cups-pki-expired", certificate="old", options=(("expired", "refuse"),)),
    Situation("expired, pinned", certificate="old", warning="expired"),
    Situation("password in the URI", f"auth=basic,{PASSWORD}", account=f"{USER}:{SECRET}@"),
    Situation("password given to CUPS", f"auth=basic,{PASSWORD}", act=is_authenticated),
    Situation("password given with the job", f"auth=digest-sha256,{PASSWORD}", lp=lp_with_password),
    holds("wrong password", f"auth=digest-md5,{PASSWORD}", "P06", account="pforte:falsch@"),
    Situation("three copies of a file", lp=partial(lp_raw, options=("-n", "3")), printed=3, pages=3),
    Situation("two files, one command", lp=lp_two_files, printed=2, pages=2),
    Situation("no page asked for", lp=partial(lp_text, options=("-o", "page-ranges=7")), printed=0, pages=0),
    fails(
        "cancel while sending",
        "slow_read=4096:0.2",
        "canceled",
        "",
        lp=partial(lp_raw, content=LARGE),
        act=is_cancelled_while_sending,
    ),
    fails("cancel while printing", "job_time=60", "canceled", "", act=is_cancelled_while_printing),
    fails("cancel while waiting", "", "canceled", "", off=True, act=is_cancelled_while_waiting),
    fails(
        "out of reach, abort-job", "", "aborted", "N03", off=True, policy="abort-job", options=(("contimeout", "1"),)
    ),
    stops("out of reach, stop-printer", "", "N03", off=True, policy="stop-printer", options=(("contimeout", "1"),)),
    Situation(
        "out of reach, retry-current-job",
        off=True,
        policy="retry-current-job",
        options=(("contimeout", "1"),),
        act=is_tried_again,
    ),
)


# --- playing ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Observed:
    """What was to be seen when all was over."""

    job: str
    queue: str
    words: tuple[str, ...]
    job_message: str
    queue_message: str
    lpstat: str
    pages: int
    printed: int
    errors: tuple[str, ...]
    warnings: tuple[str, ...]
    log: str


def expired() -> Certificate:
    """Return a certificate that was good for one day, long ago."""
    import datetime

    day = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)
    return make_certificate(not_before=day, not_after=day + datetime.timedelta(days=1))


def device_uri(situation: Situation, printer: Printer, other: Certificate) -> str:
    """Return the queue's device URI."""
    pins = {"own": printer.pin(), "other": f"sha256:{other.cert_sha256.hex()}", "none": None}
    pin = pins[situation.pin]
    options = {"timeout": TIMEOUTS, **({"pin": pin} if pin else {}), **dict(situation.options)}
    return printer.uri(**options).replace("://", f"://{situation.account}", 1)


def play(
    situation: Situation, number: int, cups: CupsServer, folder: Path, certificates: list[Certificate]
) -> Observed:
    """Play one situation from a new queue to the end, and look around."""
    own, other, old = certificates
    printer = Printer(old if situation.certificate else own, situation.faults or Faults()).reserve()
    try:
        if not situation.off:
            printer.start()
        scene = Scene(cups, printer, f"s{number}", folder)
        cups.add_queue(scene.queue, device_uri(situation, printer, other))
        if situation.policy:
            cups.run("lpadmin", "-p", scene.queue, "-o", f"printer-error-policy={situation.policy}")
        situation.lp(scene)
        if situation.act:
            situation.act(scene)
        with contextlib.suppress(AssertionError):  # what came instead is seen
            wait_until(partial(is_at_rest, scene, situation), 40, "rest")
        seen = observe(scene)
        if seen.job not in OVER:
            cups.run("cancel", str(scene.job), check=False)
        return seen
    finally:
        printer.stop()


def is_at_rest(scene: Scene, situation: Situation) -> bool:
    """Tell whether job and queue have come to where the situation wants them; a wrong end does not change any more."""
    job, queue = scene.cups.job_state(scene.job).state, scene.cups.queue_state(scene.queue)
    if job in OVER and job != situation.job:
        return True
    backends = [line for line in scene.cups.job_log(scene.job) if "backend/ipps443" in line]
    return bool(backends) and (job, queue.state) == (situation.job, situation.queue) and _explained(scene, situation)


def _explained(scene: Scene, situation: Situation) -> bool:
    return not situation.code or any(line.endswith(f"[{situation.code}]") for line in scene.cups.job_log(scene.job))


def observe(scene: Scene) -> Observed:
    """Look at everything that CUPS says about the job and its queue."""
    cups = scene.cups
    mark = f" [Job {scene.job}] "
    lines = [line for line in cups.log().splitlines() if mark in line]
    job, queue = cups.job_state(scene.job), cups.queue_state(scene.queue)
    totals = re.findall(rf"^{scene.queue} \S+ {scene.job} .*?\] (?:total )?(\d+)", cups.log("page_log"), re.M)
    return Observed(
        job=job.state,
        queue=queue.state,
        # cupsd adds a word of its own to queues that are stopped.
        words=tuple(word for word in queue.reasons if (queue.state, word) != ("stopped", "paused")),
        job_message=job.message,
        queue_message=queue.message,
        lpstat=scene.lpstat(),
        pages=int(totals[-1]) if totals else 0,
        printed=len(scene.printer.printed),
        errors=tuple(line.split(mark, 1)[1] for line in lines if line.startswith("E ")),
        warnings=tuple(line.split(mark, 1)[1] for line in lines if line.startswith("W ")),
        log="\n".join(line.split(mark, 1)[1] for line in lines),
    )


# --- the tests ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def played(
    request: pytest.FixtureRequest, cups: CupsServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[Observed]]]:
    """All situations that were selected, played side by side."""
    folder = tmp_path_factory.mktemp("situations")
    own = make_certificate()
    certificates = [own, make_certificate(), expired()]
    wanted = {item.name for item in request.session.items if item.path == request.node.path}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {
            situation.name: pool.submit(play, situation, number, cups, folder, certificates)
            for number, situation in enumerate(SITUATIONS)
            if f"test_situation[{case_id(situation)}]" in wanted
        }


def case_id(situation: Situation) -> str:
    """Return a situation's name as part of a test's name."""
    return situation.name.replace(", ", "-").replace(" ", "-")


@pytest.mark.parametrize("situation", SITUATIONS, ids=case_id)
def test_situation(cups: CupsServer, played: dict[str, Future[Observed]], situation: Situation) -> None:
    """Job, queue, reasons, message, page log and paper are as the table says; nothing else is left behind."""
    seen = played[situation.name].result()
    got = (seen.job, seen.queue, seen.words, seen.printed)
    printed = 0 if situation.name in NOT_ON_PAPER else situation.printed
    assert got == (situation.job, situation.queue, situation.words, printed), f"{seen}"
    assert seen.pages == (0 if situation.name in NOT_COUNTED else situation.pages)
    assert SECRET not in seen.log
    if situation.code:
        explained = [line for line in seen.errors if line.endswith("]")]
        assert explained and {line[-len(situation.code) - 2 :] for line in explained} == {f"[{situation.code}]"}
        assert len(explained) == 1 or situation.policy
    elif situation.job == "completed" and situation.act not in (is_authenticated, is_tried_again):
        assert seen.errors == ()
    assert situation.warning in " ".join(seen.warnings)
    stands = {"idle": "is idle.", "stopped": "disabled since"}
    assert stands[situation.queue] in seen.lpstat
    if situation.queue == "stopped" and situation.code:
        assert seen.queue_message.endswith(f"[{situation.code}]")
        assert seen.queue_message[:40] in seen.lpstat


def test_no_file_is_left(cups: CupsServer, played: dict[str, Future[Observed]]) -> None:
    """After all situations no temporary file and no backend is left, and no record of a run that never ended."""
    for future in played.values():
        future.exception()
    wait_until(lambda: not cups.processes("ipps443"), 20, "end of all backends")
    assert cups.temporary_files == []
    kept = (cups.root / "cache" / "ipps443").glob("job-*.json")
    assert [path.name for path in kept if json.loads(path.read_bytes())["status"] is None] == []


def test_progress_is_seen(cups: CupsServer, tmp_path: Path) -> None:
    """While a file goes out, CUPS has a rising job-media-progress, and the job a message with megabytes."""
    path = tmp_path / "large.pcl"
    path.write_bytes(LARGE)
    seen: list[int] = []
    messages: set[str] = set()
    with Printer(faults="slow_read=16384:0.006") as printer:
        cups.add_queue("progress", printer.uri(pin=True))
        job = cups.lp("progress", path, options=("-o", "raw"))

        def over() -> bool:
            found = cups.job_attributes(job)
            value = found.get("job-media-progress")
            if isinstance(value, int) and (not seen or seen[-1] != value):
                seen.append(value)
            messages.add(re.sub(r"\d+\.\d", "N", cups.job_state(job).message))
            return cups.job_state(job).state in OVER

        wait_until(over, 60, "end of the job")
    assert cups.job_state(job).state == "completed"
    assert len({value for value in seen if 0 < value < 100}) >= 2 and seen == sorted(seen), seen
    assert "Sending the job: N of N MB" in messages
