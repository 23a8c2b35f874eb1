"""ipps443ctl explain, and the pages that are made of the same texts."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from backend.control.explain import CUPS, kinds, message_of
from backend import errors
from backend.control.examination import PATHS
from backend.control.explanations import EXPLANATIONS, PARTS, Explanation
from backend.control.message_pages import PAGES
from backend.exit_status import ExitStatus
from backend.main import NOTHING_TO_DO
from tests.unit.control.conftest import Desk

ROOT = Path(__file__).resolve().parents[3]
#: Words that stand for others: what one looks for when one fixes something is not mended.
NOT_OUR_WORDS = re.compile(r"\b(mend|somebody|nobody|anybody|another certificate)", re.I)


def codes_said() -> set[str]:
    """Return the codes that stand at the ends of messages of the programs."""
    texts = [path.read_text() for package in ("backend", "filters") for path in (ROOT / package).rglob("*.py")]
    return {code for text in texts for code in re.findall(r" \[([A-Z]\d\d)\]", text)}


def test_each_code_has_one_explanation() -> None:
    """Those of the classes of errors, and those that others write; and no explanation is left over."""
    codes = [each.code for each in EXPLANATIONS]
    assert len(codes) == len(set(codes))
    classes = {kind.code for kind in kinds()}
    assert set(codes) == classes | {code for code in codes_said() if code[0] in PARTS}
    assert [code[0] for code in codes] == sorted((code[0] for code in codes), key=list(PARTS).index)


@pytest.mark.parametrize("each", EXPLANATIONS, ids=lambda each: each.code)
def test_cause_and_cure(each: Explanation) -> None:
    """Both are whole sentences; CUPS's part is told by the exit code where there is one, else in words."""
    for text in (each.cause, each.cure):
        assert len(text) > 15 and text[0] in "`'\"" + text[0].upper() and text.endswith("."), text
        assert text.count("`") % 2 == 0 and not NOT_OUR_WORDS.search(text)
    assert each.cause != each.cure and bool(each.cups) == (each.code not in {kind.code for kind in kinds()})
    assert each.severity in ("ERROR", "WARNING") and not each.title.endswith(".") and len(each.title) <= 50


@pytest.mark.parametrize("each", EXPLANATIONS, ids=lambda each: each.code)
def test_explain(desk: Desk, each: Explanation) -> None:
    """The code as it stands in the message, in brackets or not; the answer fits a terminal."""
    for written in (each.code, f"[{each.code}]", each.code.lower()):
        assert desk.run("explain", written) == 0, desk.errors
    assert max(map(len, desk.output.splitlines())) <= 79
    said = " ".join(desk.output.split())
    for text in (each.title, each.cause, each.cure, message_of(each.code)):
        assert " ".join(text.replace("`", "").split()) in said
    value = desk.value("explain", each.code)
    assert (value["code"], value["cause"], value["fix"]) == (each.code, each.cause, each.cure)


def test_what_is_no_error_is_called_a_warning(desk: Desk) -> None:
    """Where nobody has anything to do the job's last message is a WARNING, and so it is explained."""
    for code in NOTHING_TO_DO:
        assert desk.value("explain", code)["severity"] == "WARNING"
        assert desk.run("explain", code) == 0 and "A WARNING. " in desk.output


#: Messages of the codes whose cure depends on their words, at least one for each word.
SAID: dict[str, list[errors.IppsError]] = {
    "C01": [
        errors.BadDeviceURI("u", "port 9100 prints what comes; leave it out (443), or use backend socket"),
        errors.BadDeviceURI("u", "pin and trust=ca contradict each other: a CA would make the pin mean nothing"),
    ],
    "C04": [
        errors.InstallationBroken("lp may not read /c/x.key", "For the fix: sudo ipps443ctl doctor"),
        errors.InstallationBroken("missing: /c/x.pem", "Put it there, for root:lp, mode 0640"),
        errors.InstallationBroken("certificate /c/x.pem or its key: mismatch", "Put both there anew"),
        errors.InstallationBroken("with clientcert, a hash alone is not enough as a pin", "Compare first"),
    ],
    "T02": [errors.CertificateChanged("p:443", "x", "y", "z", "lpadmin -p q -v 'ipps443://p?pin=sha256:NEW'")],
    "T04": [
        errors.CertificateRefused("p:443", "x", reason)
        for reason in (
            '"A" signed it, which is no CA on file',
            "it signed itself, and is not one of the CAs on file",
            "a CA signed it for p2",
            "a CA signed it for a different name",
            "a CA signed it, but for a different address",
            "a CA signed it, but with no name for hosts (subjectAltName)",
            "a CA signed it, but for clients only",
        )
    ],
    "T05": [
        errors.PinFileUnreadable("/c/pins", "no pin", 3),
        *(
            errors.PinFileUnreadable("/c/pins", reason)
            for reason in (
                "it does not exist; ipps443ctl pin HOST makes it",
                "others may write it; fix with: chmod 0640",
                "its folder /c belongs to user 7 and not to root; fix with: chown root /c",
                "/c/pins is a link of user 7 and not of root; fix with: chown -h root /c/pins",
                "Permission denied",
            )
        ),
    ],
    "T06": [
        errors.TlsRefused("p:443", reason, "")
        for reason in (
            "alert: unrecognized name",
            "alert protocol version",
            "unsupported protocol",
            "wrong ssl version",
        )
    ],
    "T11": [errors.ClientCertificateWanted("p:443", "alert unknown ca", "", True)],
    "N01": [
        errors.PrinterUnreachable("p:443", reason)
        for reason in (
            "its name has no address",
            "Temporary failure in name resolution",
            "10.0.0.7: Connection refused",
            "TLS handshake: Connection reset by peer",
            "the printer closed the connection during the TLS handshake",
        )
    ],
    "P01": [
        errors.HttpRefused("p:443", "/x", status)
        for status in (404, 405, 410, 301, 302, 303, 307, 308, 403, 451, 501, 411, 417, 421)
    ],
    "P02": [
        errors.IppRefused("p:443", "Print-Job", status, keyword)
        for status, keyword in (
            (0x0406, "client-error-not-found"),
            (0x0407, "client-error-gone"),
            (0x0501, "server-error-operation-not-supported"),
            (0x040C, "client-error-uri-scheme-not-supported"),
            (0x0503, "server-error-version-not-supported"),
        )
    ],
    "P03": [errors.PrinterBusy("p:443", errors.NOT_ACCEPTING)],
    "P06": [errors.AuthenticationRequired("p:443", 1, in_uri=True)],
    "P21": [
        errors.JobRefused("p:443", "Print-Job", 0x040E, "client-error-conflicting-attributes"),
        errors.JobRefused("p:443", "Print-Job", 0x0409, "client-error-request-value-too-long"),
    ],
}
#: Of the backend's lines that are no errors.
WARNED = {"C06": ["/c/secret: Permission denied; jobs are marked without it. Run ipps443ctl doctor [C06]"]}
CASES = [(each, words, cure) for each in EXPLANATIONS for words, cure in each.cases]


@pytest.mark.parametrize("each, words, cure", CASES, ids=[f"{each.code} {words}" for each, words, _ in CASES])
def test_each_case_meets_a_message(each: Explanation, words: str, cure: str) -> None:
    """T02 looked for "in the device URI", and its message says "pin= in the URI": jobs showed the wrong cure."""
    said = WARNED.get(each.code) or [str(error) for error in SAID[each.code]]
    assert all(f"[{each.code}]" in message for message in said)
    for word in words.split(" / "):
        assert any(word.lower() in message.lower() and each.cure_for(message) == cure for message in said), word


def test_cure_for() -> None:
    """The first case of whose words the message has one, however they are written; else what always holds."""
    each = Explanation("X01", "", "", "all else", cases=(("red / Blue", "colours"), ("blue paper", "paper")))
    assert [each.cure_for(text) for text in ("RED", "no blue paper", "paper", "")] == ["colours"] * 2 + ["all else"] * 2


def test_paths_that_are_tried() -> None:
    """P01 and ipps443ctl(8) name the very paths that probe and doctor try."""
    cure = next(each for each in EXPLANATIONS if each.code == "P01").cure_for("HTTP 404")
    assert re.findall("`(/[^`]*)`", cure) == list(PATHS)
    manual = (ROOT / "docs" / "ipps443ctl.8").read_text()
    listed = manual.partition("Tried as paths, after the one in the URI, are\n")[2].partition("\n")[0]
    assert re.findall(r"/[a-z0-9/]*", listed) == list(PATHS)


def test_cases_come_before_what_holds_otherwise(desk: Desk) -> None:
    """Who reads one message finds the line for it before the one for all others."""
    assert desk.run("explain", "P03") == 0
    assert desk.output.index("takes no jobs") < desk.output.index("otherwise") < desk.output.index("switch it off")


def test_explain_lists_them_all(desk: Desk) -> None:
    """Without a code."""
    assert desk.run("explain") == 0
    assert [line[:3] for line in desk.output.splitlines()] == [each.code for each in EXPLANATIONS]


@pytest.mark.parametrize("written", ["T99", "", "T", "T02 T03", "\x1b[31m"])
def test_no_such_code(desk: Desk, written: str) -> None:
    """Wrong usage, and where to look."""
    assert desk.run("explain", written) == 2
    assert "ipps443ctl explain lists them all" in desk.errors and "\x1b" not in desk.errors


def test_all_ends_have_words() -> None:
    """Each exit code is said in words of its own."""
    assert set(CUPS) == set(ExitStatus) and len(set(CUPS.values())) == len(CUPS)


@pytest.mark.parametrize("name", sorted(PAGES))
def test_pages_are_up_to_date(name: str) -> None:
    """python3 -m backend.control.message_pages docs has been run since a text was changed."""
    assert (ROOT / "docs" / name).read_text() == PAGES[name]()


def test_what_was_sent_before() -> None:
    """The pages say what a message of trust means that does not say that nothing was sent."""
    assert f'"{errors.SENT_BEFORE}"' in PARTS["T"][1]


def test_manual_page_is_clean() -> None:
    """groff has nothing to say against it, and each code with its cure is in what it shows."""
    if shutil.which("groff") is None:
        pytest.skip("groff is not installed")
    page = str(ROOT / "docs" / "ipps443-messages.7")
    done = subprocess.run(["groff", "-man", "-Tascii", "-ww", "-P-cbou", page], capture_output=True, text=True)
    assert done.stderr == ""
    shown = re.sub(r"\s+", "", done.stdout).replace("`", "'")
    for each in EXPLANATIONS:
        assert re.sub(r"\s+", "", each.cure).replace("`", "")[:25].replace('"', "'") in shown.replace(
            '"', "'"
        ), each.code
