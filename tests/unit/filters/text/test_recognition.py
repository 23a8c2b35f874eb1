"""filters.text.recognition: texts that do not say what they are."""

from __future__ import annotations

import os
import threading
import time

import pytest

from filters.common.job import Job
from filters.layout.settings import Settings
from filters.text.reader import TextReader
from filters.text.recognition import ends_lines_with_cr, is_enough, recognise_charset, with_line_feeds
from tests.pcl_parser import parse_job
from tests.unit.filters.text_job import run_job, warnings

WORDS = "Grüße aus Köln, ça va, “señor”: 5 €\nzweite Zeile\n"
ASCII = "Plain text\nof two lines\n"


@pytest.mark.parametrize(
    "block, name",
    [
        (WORDS.encode("cp1252"), "cp1252"),
        ("naïve café\n".encode("latin-1"), "cp1252"),
        (WORDS.encode("utf-16"), "utf-16"),
        (b"\xfe\xff" + WORDS.encode("utf-16-be"), "utf-16"),
        (WORDS.encode("utf-16-le"), "utf-16-le"),
        (WORDS.encode("utf-16-be"), "utf-16-be"),
        (WORDS.encode("utf-32"), "utf-32"),
        (WORDS.encode(), None),
        (WORDS.encode()[:-1] + "é".encode()[:1], None),
        (b"\xef\xbb\xbf" + WORDS.encode(), None),
        (ASCII.encode(), None),
        (b"", None),
        (b"\x1bK\x02\x00ab text with data\n", None),
        ("Привет, мир, это текст\n".encode("cp1251"), None),
        (WORDS.encode() + b"\xff one bad byte", None),
        (b"a \x81 b \x9d", None),
        ("Grüße aus München\0\n".encode() * 20, None),  # as programs in C end their lines
        ("Слово \0 было\n".encode() * 20, None),
        (b"\0\0\xfe\xff" + WORDS.encode("utf-32-be"), "utf-32"),
        # Four pairs at least, of which six in ten have a NUL on one side, and less than one in a hundred on the other.
        (b"a\0b\0c\0d\0", "utf-16-le"),
        (b"a\0b\0c\0d", None),
        (b"a\0" * 6 + b"\xff\xff" * 4, "utf-16-le"),
        (b"a\0" * 59 + b"\xff\xff" * 41, None),
        (b"\0a" * 6 + b"\xff\xff" * 4, "utf-16-be"),
        (b"\0a" * 59 + b"\xff\xff" * 41, None),
        (b"a\0" * 100 + b"\0\0", "utf-16-le"),
        (b"a\0" * 99 + b"\0\0", None),
        (b"\0a" * 100 + b"\0\0", "utf-16-be"),
        (b"\0a" * 99 + b"\0\0", None),
        # In a hundred characters one may be none, and sixty may be two of ASCII, of which Kana are none.
        ("亁" * 98 + "\u0378\n", "utf-16-le"),
        ("亁" * 97 + "\u0378" * 2 + "\n", None),
        *((f"{two * 60}{'亁' * 40}\n", "utf-16-le") for two in "䅂\u2020繾"),
        *((f"{two * 61}{'亁' * 39}\n", None) for two in "䅂\u2020繾"),
        *((f"{one * 9}\n", "utf-16-le") for one in "あ\u411f\u417f\u1f41"),
        # Of a hundred bytes forty may be beyond ASCII.
        (b"\xe9" * 40 + b"x" * 60, "cp1252"),
        (b"\xe9" * 41 + b"x" * 59, None),
    ],
)
def test_character_sets_are_recognised(block: bytes | str, name: str | None) -> None:
    """By byte order mark, by NULs, or because nothing of it is UTF-8; UTF-8 with bad bytes stays what it is."""
    assert recognise_charset(block.encode("utf-16-le") if isinstance(block, str) else block) == name


@pytest.mark.parametrize(
    "block, wanted", [(b"x" * 4096, True), (b"x" * 4095, False), (b"\n" * 20, True), (b"\n" * 19, False), (b"\f", True)]
)
def test_how_much_is_enough(block: bytes, wanted: bool) -> None:
    """Two kibibytes of pairs, twenty lines, or the end of a page."""
    assert is_enough(block) is wanted


@pytest.mark.parametrize("coding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_all_scripts_are_recognised_without_a_mark(coding: str) -> None:
    """Where few characters are of ASCII as well; a text in UTF-8 with NULs in it stays one."""
    texts: tuple[str, ...] = (
        "Привет, мир\n",
        "Γειά σου\n",
        "Zażółć gęślą jaźń\n",
        "مرحبا بالعالم\n",
        "שלום עולם\n",
        "नमस्ते दुनिया\n",
    )
    texts += ("你好，世界\n第二行\n", "一 一一一一\n", "こんにちは世界\n", "안녕하세요 세계\n", "สวัสดีชาวโลก\n", "┌──┐\n│ 1│\n└──┘\n")
    assert {recognise_charset(text.encode(coding)) for text in texts} == {coding}
    cut = [recognise_charset((texts[0] * 200).encode(coding)[:size]) for size in (60, 61, 62, 63)]
    assert cut == [coding] * 4
    eight = [f"a line with {chr(at)}\0 a few NULs\0 in it\n".encode() for at in range(32, 900)]
    assert not any(map(recognise_charset, eight))


def test_half_a_letter_is_not_enough() -> None:
    """What a pipe has at first may be one byte of a mark: more is waited for, up to a page."""
    source, end = os.pipe()
    writer = threading.Thread(target=_write_slowly, args=(end, (b"\xff", b"\xfeA\0", b"B\0\n\0")))
    writer.start()
    reader = TextReader(Job(1, "user", "title", 1, {}, ()), Settings(), source)
    assert b"".join(reader.texts()) == b"AB\n"
    writer.join()
    os.close(source)


def _write_slowly(descriptor: int, pieces: tuple[bytes, ...]) -> None:
    for piece in pieces:
        os.write(descriptor, piece)
        time.sleep(0.05)
    os.close(descriptor)


@pytest.mark.parametrize(
    "block, wanted",
    [
        (b"one\rtwo\rthree\r", True),
        (b"one\rtwo", True),
        (b"one\r\rthree\r", True),
        (b"one\r\ntwo\r\n", False),
        (b"bold\rbold\n", False),
        (b"under\r_____\f", False),
        (b"bold\rbold", False),
        (b"one\r\ftwo\r\f", False),
        (b"one\rtwo\r\fthree\r\f", True),
        (b"one\r", False),
        (b"no line end", False),
    ],
)
def test_bare_cr_is_recognised(block: bytes, wanted: bool) -> None:
    """Where there is no line feed, unless a line is only printed over the one before."""
    assert ends_lines_with_cr(block) is wanted


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_line_feeds_take_the_place_of_cr(size: int) -> None:
    """CR LF and CR FF stay, wherever blocks end."""
    text = b"one\rtwo\r\nthree\r\ffour\r\rend\r"
    blocks = iter([text[at : at + size] for at in range(0, len(text), size)])
    assert b"".join(with_line_feeds(blocks)) == b"one\ntwo\r\nthree\r\ffour\n\nend\n"


@pytest.mark.parametrize("coding", ["cp1252", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_texts_print_as_they_are_meant(coding: str, end: str) -> None:
    """The words are on the page, and one INFO says how they were read."""
    code, output, messages = run_job(WORDS.replace("\n", end).encode(coding))
    (page,) = parse_job(output).pages
    assert [line.strip() for _, line in page.lines()] == WORDS.splitlines()
    assert (code, warnings(messages)) == (0, [])
    (info,) = [message for message in messages if message.startswith("INFO:")]
    assert coding in info and ("CR" in info) is (end == "\r")


@pytest.mark.parametrize("options", ["text-charset=utf-8", "document-format=text/plain;charset=utf-8"])
def test_what_the_job_says_counts(options: str) -> None:
    """With a character set in the job nothing is recognised: what is not in it prints as a box, with a warning."""
    _, _, messages = run_job("naïve\n".encode("latin-1"), options)
    assert len(warnings(messages)) == 1 and not [message for message in messages if message.startswith("INFO:")]
