"""backend.job.cups_job: what a queue's description says, and whether cupsd may hear of a failure."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.job import cups_job as module
from backend.job.cups_job import CupsJob, Standing
from backend.job.documents import JobAtCupsd
from filters.common.job import Job
from filters.common.report import Report

SINGLE = '*PPD-Adobe: "4.3"\n*cupsSingleFile: True\n*cupsFilter2: "text/plain application/vnd.hp-PCL 10 ipps443"\n'


def cups_job(folder: Path, ppd: str = SINGLE, **environ: str) -> CupsJob:
    """Return a job on a queue with a description; without text there is none."""
    path = folder / "office.ppd"
    if ppd:
        path.write_text(ppd)
    return CupsJob(Job(7, "anna", "Report", 1, ppd=str(path)), environ, Report())


class Cupsd:
    """A cupsd that answers a question about the job, and keeps or lets go of the side channel."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, told: JobAtCupsd | None, hangs_up: bool) -> None:
        self.asked, self.slept, self.in_haste = 0, 0.0, False
        self.now = 0.0
        self._told = told
        monkeypatch.setattr(CupsJob, "ask", lambda job, in_haste=False: self._ask(in_haste))
        monkeypatch.setattr(module, "is_hung_up", lambda: hangs_up)
        monkeypatch.setattr(module.time, "sleep", self._sleep)
        monkeypatch.setattr(module.time, "monotonic", lambda: self.now)

    def _ask(self, in_haste: bool) -> JobAtCupsd | None:
        self.asked += 1
        self.in_haste = in_haste
        return self._told

    def _sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept += seconds


@pytest.mark.parametrize(
    "ppd, single, raw, own",
    [
        ("", False, True, False),
        (SINGLE, True, False, True),
        ('*PPD-Adobe: "4.3"\n', False, False, False),
        (SINGLE.replace("ipps443", "pstops"), True, False, False),
    ],
)
def test_what_a_description_says(tmp_path: Path, ppd: str, single: bool, raw: bool, own: bool) -> None:
    """Whether each document has a run, whether there are filters at all, and whether they are ours."""
    job = cups_job(tmp_path, ppd)
    assert (job.is_single_file, job.is_raw_queue, job.has_own_description) == (single, raw, own)


@pytest.mark.parametrize(
    "content, final, head, kind",
    [
        ("image/jpeg", "application/pdf", b"\xff\xd8\xff\xe0", "image/jpeg"),
        ("image/jpeg", "printer/office/image/urf", b"\xff\xd8\xff\xdb", "image/jpeg"),
        ("image/jpeg", "image/pwg-raster", b"RaS2", "image/pwg-raster"),
        ("image/jpeg", "application/pdf", b"%PDF-", "application/pdf"),
        ("image/png", "application/pdf", b"\xff\xd8\xff\xe0", "application/pdf"),
        ("image/jpeg", "application/vnd.hp-PCL", b"\xff\xd8\xff\xe0", "application/vnd.hp-PCL"),
    ],
)
def test_a_picture_that_the_filter_has_passed_on(
    tmp_path: Path, content: str, final: str, head: bytes, kind: str
) -> None:
    """It is JPEG, whatever cupsd takes it for; of other documents cupsd's word counts."""
    assert cups_job(tmp_path, CONTENT_TYPE=content, FINAL_CONTENT_TYPE=final).kind_of(head) == kind


@pytest.mark.parametrize(
    "told, document, hangs_up, standing, waited",
    [
        (JobAtCupsd(3), 3, False, Standing(True, False), 0),
        (JobAtCupsd(3), 4, False, Standing(True, False), 0),
        (JobAtCupsd(3), 2, False, Standing(False, False), 1),
        (JobAtCupsd(3, state=7), 2, False, Standing(False, True), 1),
        (None, 2, False, Standing(False, True), 10),  # nobody tells: longer, for the side channel alone has to
        (JobAtCupsd(3), 2, True, Standing(True, True), 0),
    ],
)
def test_only_after_the_last_document_cupsd_may_hear_of_a_failure(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    told: JobAtCupsd | None,
    document: int,
    hangs_up: bool,
    standing: Standing,
    waited: float,
) -> None:
    """Its count of documents says so, or it has let go of the side channel, which it keeps for later ones."""
    job = cups_job(tmp_path)
    job.has_side_channel = True
    cupsd = Cupsd(monkeypatch, told, hangs_up)
    assert job.standing(document) == standing
    assert cupsd.slept == pytest.approx(waited, abs=0.1) and cupsd.asked == (not hangs_up)


@pytest.mark.parametrize("wait, in_haste", [(0.0, True), (1.0, False)])
def test_after_sigterm_nobody_waits_for_cupsd(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wait: float, in_haste: bool
) -> None:
    """The printer has to hear of the cancel within the same two seconds."""
    job = cups_job(tmp_path)
    job.has_side_channel = True
    cupsd = Cupsd(monkeypatch, JobAtCupsd(3), False)
    job.standing(2, wait)
    assert cupsd.in_haste is in_haste and (cupsd.slept == 0) is in_haste


@pytest.mark.parametrize("seconds, is_last", [(0.5, True), (0.9, True), (1.5, False)])
def test_cupsd_may_let_go_a_moment_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: float, is_last: bool
) -> None:
    """It does so once it has started the last document, and that may be after this one has failed."""
    job = cups_job(tmp_path)
    job.has_side_channel = True
    cupsd = Cupsd(monkeypatch, JobAtCupsd(3), False)
    monkeypatch.setattr(module, "is_hung_up", lambda: cupsd.now >= seconds)
    assert job.standing(2).is_last is is_last


@pytest.mark.parametrize("told, is_last", [(None, True), (JobAtCupsd(3), False), (JobAtCupsd(2), True)])
def test_without_a_side_channel_only_cupsd_can_tell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: JobAtCupsd | None, is_last: bool
) -> None:
    """It was a wrapper that called us, or someone at a shell; nobody waits."""
    job = cups_job(tmp_path)
    job.has_side_channel = False
    cupsd = Cupsd(monkeypatch, told, False)
    assert job.standing(2).is_last is is_last and cupsd.slept == 0


def test_a_queue_whose_documents_are_joined_has_one_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its end is the end of the job, and cupsd is not asked."""
    cupsd = Cupsd(monkeypatch, JobAtCupsd(3), False)
    assert cups_job(tmp_path, "").standing(1).is_last and cupsd.asked == 0


def test_cupsd_is_asked_for_no_longer_than_there_is_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After SIGTERM the printer has to be told within two seconds, too."""
    asked: list[tuple[int, str, float]] = []
    answer = lambda environ, job_id, user, seconds: asked.append((job_id, user, seconds))  # noqa: E731
    monkeypatch.setattr("backend.job.cupsd_inquiry.ask_cupsd", answer)
    assert [cups_job(tmp_path).ask(), cups_job(tmp_path).ask(in_haste=True)] == [None, None]
    assert asked == [(7, "anna", 2.0), (7, "anna", 0.3)]


@pytest.mark.parametrize(
    "root, has_folder, has_settings, may",
    [
        ("", True, False, True),
        ("", False, False, False),
        ("", False, True, True),
        ("elsewhere", True, False, False),  # a cupsd beside that of the machine
        ("elsewhere", False, True, True),
    ],
)
def test_whether_there_may_be_an_audit_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: str, has_folder: bool, has_settings: bool, may: bool
) -> None:
    """The installer has made its folder, or someone has written settings, if only a link that leads nowhere."""
    monkeypatch.setattr(module, "settings_path", lambda environ: str(tmp_path / f"conf{environ.get('ROOT', '')}"))
    monkeypatch.setattr(module, "LOG_FOLDER", str(tmp_path if has_folder else tmp_path / "none"))
    if has_settings:
        (tmp_path / f"conf{root}").symlink_to("nowhere")
    assert cups_job(tmp_path, ROOT=root).may_be_audited is may
