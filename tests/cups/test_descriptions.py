"""The printer descriptions and MIME rules in a real cupsd: ppd/ipps443.drv and ppd/ipps443.types."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.cups.places import CHECKOUT
from tests.cups.server import PCL5E, CupsServer
from tests.cups.test_pdf import programs

UEL = b"\x1b%-12345X"

#: All descriptions, and how they are listed.
DESCRIPTIONS = {
    PCL5E: "Generic PCL 5e Printer (ipps443)",
    "ipps443/generic-pcl6.ppd": "Generic PCL 6 Printer (ipps443)",
    "ipps443/generic-pcl6-color.ppd": "Generic PCL 6 Colour Printer (ipps443)",
    "ipps443/generic-pdf.ppd": "Generic PDF Printer (ipps443)",
    "ipps443/ibm-infoprint-1532.ppd": "IBM Infoprint 1532 PCL 5e (ipps443)",
    "ipps443/ibm-infoprint-1552.ppd": "IBM Infoprint 1552 PCL 5e (ipps443)",
}

#: A file of every kind of text that CUPS knows, as it finds out by name and content.
TEXTS = {
    "notes.txt": ("hello\n", "text/plain"),
    "page.html": ("<!DOCTYPE html>\n<html><body>hello</body></html>\n", "text/html"),
    "style.css": ("p { color: black }\n", "text/css"),
    "main.c": ("/* hello */\nint main(void) { return 0; }\n", "application/x-csource"),
    "run.sh": ("#!/bin/sh\necho hello\n", "application/x-shell"),
    "run.csh": ("#!/bin/csh\necho hello\n", "application/x-cshell"),
    "tool.pl": ("#!/usr/bin/perl\nprint 'hello';\n", "application/x-perl"),
}

#: Files whose type is in question, and the type that cupsd should find.
DOCUMENTS = {
    "wrapper-without-language": (UEL + b"@PJL JOB\r\n\x1bE\x1b&l0Ohello\f\x1bE" + UEL, "application/vnd.cups-raw"),
    "wrapper-lower-case": (UEL + b"@PJL enter language=pcl\r\n\x1bEhello", "application/vnd.cups-raw"),
    "wrapper-pcl": (UEL + b"@PJL ENTER LANGUAGE = PCL\r\n\x1bEhello", "application/vnd.cups-raw"),
    "wrapper-pcl-xl": (UEL + b"@PJL ENTER LANGUAGE=PCLXL\r\n) HP-PCL XL;2;0\n", "application/vnd.cups-raw"),
    "reset": (b"\x1bEhello", "application/vnd.cups-raw"),
    "reset-then-hpgl": (b"\x1bE\x1b%0BIN;SP1;PA0,0;", "application/vnd.cups-raw"),
    "wrapper-postscript": (UEL + b"@PJL ENTER LANGUAGE=POSTSCRIPT\r\n%!PS\n", "application/postscript"),
    "text": (b"hello\n", "text/plain"),
    "text-about-uel": (b"The sequence is " + UEL + b", which ends a job.\n", "text/plain"),
}


#: Sizes that CUPS knows by the short names of PWG 5101.1 only if a description lists them.
SHORT_NAMES = ["na_index-3x5", "na_index-4x6", "na_index-5x8", "jpn_hagaki"]


def test_description_conforms(cups: CupsServer) -> None:
    """cupstestppd finds neither errors nor warnings in any description, but for names that are PWG's."""
    root = cups.root / "testroot"
    for folder in ("usr/lib/cups", "usr/share/cups"):
        (root / folder).mkdir(parents=True)
    (root / "usr/lib/cups/filter").symlink_to(cups.root / "bin" / "filter")
    paths = sorted((cups.root / "data/model/ipps443").glob("*.ppd"))
    assert {path.name for path in paths} == {name.removeprefix("ipps443/") for name in DESCRIPTIONS}
    for path in paths:
        done = subprocess.run(["cupstestppd", "-W", "none", "-R", str(root), str(path)], capture_output=True, text=True)
        complaints = [line for line in done.stdout.splitlines() if "FAIL" in line or "WARN" in line]
        assert [line.split('"')[1] for line in complaints] == SHORT_NAMES, done.stdout
        assert all("Adobe standard name" in line for line in complaints) and done.returncode == 0, done.stdout


def test_description_is_listed(cups: CupsServer) -> None:
    """lpinfo -m lists all descriptions under the names that lpadmin -m takes."""
    listed = dict(line.split(" ", 1) for line in cups.run("lpinfo", "-m").stdout.splitlines())
    assert {name: make for name, make in listed.items() if name.startswith("ipps443/")} == DESCRIPTIONS


def test_words_in_other_languages(cups: CupsServer) -> None:
    """Options and choices that CUPS itself has words for stand in all descriptions in all languages we ask for."""
    german = {
        "PageSize": "Medien",
        "InputSlot": "Medienquelle",
        "MediaType": "Medienart",
        "Resolution": "Aufl\u00f6sung",
    }
    languages = (CHECKOUT / "ppd" / "languages").read_text().strip().split(",")
    for path in (cups.root / "data/model/ipps443").glob("*.ppd"):
        text = path.read_text()
        assert f'*cupsLanguages: "{" ".join(languages)}"' in text
        for language in languages[1:]:
            assert re.search(rf"^\*{language}\.Translation MediaType/(?!Media Type)", text, re.M), (path, language)
            assert not re.search(rf"^\*{language}\.\S+ [^/]+/(?:Param)?Custom[a-z]+:", text, re.M)
            # CUPS has words for "Bond Paper", which in German mean tying paper together, and in Danish are none.
            assert f"*{language}.MediaType Bond/Bond paper:" in text
        for option, word in german.items():
            if f"*OpenUI *{option}/" in text:
                assert re.search(rf"^\*de\.Translation {option}/{word}", text, re.M)


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_type_of_document(cups: CupsServer, name: str, tmp_path: Path) -> None:
    """cupsd takes PCL in a job wrapper for PCL, and text for text."""
    document, expected = DOCUMENTS[name]
    path = tmp_path / "document"
    path.write_bytes(document)
    cups.add_capture("types", model=None)
    job = cups.lp("types", path, options=("-o", "job-hold-until=indefinite"))
    assert cups.job_attributes(job)["document-format-detected"] == expected
    cups.run("cancel", str(job))


@pytest.mark.parametrize("model", [PCL5E, "ipps443/generic-pcl6.ppd"])
def test_every_kind_of_text_goes_through_texttopcl(cups: CupsServer, model: str, tmp_path: Path) -> None:
    """cupsd finds the type of each kind of text, and lets texttopcl alone make PCL of it."""
    queue = "texts-" + model[8:-4]
    cups.add_capture(queue, model)
    jobs = {}
    for name, (text, _) in TEXTS.items():
        (tmp_path / name).write_text(text)
        jobs[name] = cups.lp(queue, tmp_path / name)
    for name, job in jobs.items():
        assert cups.wait(job) == "completed"
        assert cups.job_attributes(job)["document-format-detected"] == TEXTS[name][1], name
        assert programs(cups, job) == ["texttopcl", "capture"], name
    document, final_type = cups.captured(queue)
    assert final_type == "application/vnd.hp-pcl" and document.count(UEL + b"@PJL JOB") == len(TEXTS)


def test_text_for_a_printer_that_takes_pdf(cups: CupsServer, tmp_path: Path) -> None:
    """The generic PDF description gets text as PDF, by CUPS's own filters."""
    (tmp_path / "notes.txt").write_text("hello\n")
    cups.add_capture("text-pdf", "ipps443/generic-pdf.ppd")
    job = cups.lp("text-pdf", tmp_path / "notes.txt")
    assert cups.wait(job) == "completed" and programs(cups, job) == ["texttopdf", "pdfcheck443", "pdftopdf", "capture"]
    document, final_type = cups.captured("text-pdf")
    assert document.startswith(b"%PDF-") and final_type == "application/pdf"


@pytest.mark.parametrize("model", [PCL5E, "ipps443/generic-pdf.ppd"])
def test_pcl_passes_unchanged(cups: CupsServer, model: str, tmp_path: Path) -> None:
    """PCL, however it begins, reaches the printer byte for byte and without a filter; so does anything with -o raw."""
    queue = "raw-" + model[8:-4]
    cups.add_capture(queue, model)
    # What cupsd looks at is all text, so that only the beginning tells; every byte comes after that.
    rest = b"a line of text\r\n" * 300 + bytes(range(256)) * 40
    sent = []
    for name, (document, kind) in DOCUMENTS.items():
        options = () if kind == "application/vnd.cups-raw" else ("-o", "raw")
        (tmp_path / name).write_bytes(document + rest)
        job = cups.lp(queue, tmp_path / name, options=options)
        assert cups.wait(job) == "completed" and programs(cups, job) == ["capture"], name
        sent.append(document + rest)
    assert cups.captured(queue) == (b"".join(sent), "application/octet-stream")
