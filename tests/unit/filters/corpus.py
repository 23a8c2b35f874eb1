"""Real texts of a Debian system, and how each is printed: what the corpus tests and the corpus bench share.

Which files there are differs from system to system, so places are named and so many taken from each, spread over it.
"""

from __future__ import annotations

import glob
import os
import shutil
import subprocess
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Callable, Iterator, Optional

LARGEST = 60_000
#: The options with which a listing of 132 columns has to come out whole.
REPORT = "fit-text=132x66 orientation-requested=4"

#: Licences, read-me files, sources, lists, charts: where they are, and how many are taken.
PLAIN = (
    ("/usr/share/common-licenses/*", 12),
    ("/usr/share/doc/*/README*", 12),
    ("/usr/share/doc/*/copyright", 6),
    ("/usr/share/doc/*/*.txt", 6),
    ("/usr/lib/python3/dist-packages/**/*.py", 8),
    ("/usr/include/*.h", 4),
    ("/etc/*.conf", 4),
    ("/usr/share/perl/*/unicore/*.txt", 2),
    ("/usr/share/misc/*", 2),
)
#: Texts in many languages, with wide characters and combining marks.
LANGUAGES = (
    ("/usr/lib/systemd/catalog/*.catalog", 12),
    ("/usr/share/cups/templates/*/printer-*.tmpl", 8),
    ("/usr/share/i18n/locales/??_[A-Z]?", 12),
    ("/usr/share/vim/vim*/lang/menu_*utf-8.vim", 4),
)
#: Texts in the character sets of their time, which stand in their names.
OLD_CHARSETS = (
    ("/usr/share/vim/vim*/lang/menu_*.latin2.vim", "iso8859-2", 2),
    ("/usr/share/vim/vim*/lang/menu_*.latin1.vim", "iso8859-1", 2),
    ("/usr/share/vim/vim*/lang/menu_*.koi8-r.vim", "koi8-r", 1),
    ("/usr/share/vim/vim*/lang/menu_*.cp1251.vim", "cp1251", 2),
    ("/usr/share/vim/vim*/lang/menu_*eucjp.vim", "euc_jp", 1),
    ("/usr/share/vim/vim*/lang/menu_*big5.vim", "big5", 1),
)
WIDE_LISTINGS = (("/usr/lib/python3*/**/*.py", 4), ("/usr/share/doc/*/changelog*", 2), ("/usr/share/perl/**/*.pm", 2))
MANUALS = ("ls", "bash", "tar", "groff_char", "perlre", "dpkg", "ssl", "man")


@dataclass(frozen=True)
class Sample:
    """A text as it is given to the filter."""

    name: str
    kind: str
    text: bytes
    #: What the bytes mean, overstrike and all.
    meaning: str
    options: str = ""


def samples() -> list[Sample]:
    """Return all texts."""
    return [sample for kind in KINDS for sample in samples_of(kind)]


@cache
def samples_of(kind: str) -> list[Sample]:
    """Return the texts of one of KINDS."""
    return list(KINDS[kind]())


def _files(pattern: str, count: int, wanted: Callable[[str], bool]) -> list[str]:
    paths = [path for path in sorted(glob.glob(pattern, recursive=True)) if _has_size(path)]
    # Most of a large place is never opened.
    chosen: list[str] = []
    for path in paths[:: max(len(paths) // (3 * count), 1)] if len(paths) > 200 else paths:
        if wanted(path):
            chosen.append(path)
    return chosen if len(chosen) <= count else [chosen[n * len(chosen) // count] for n in range(count)]


def _has_size(path: str) -> bool:
    return os.path.isfile(path) and 0 < os.path.getsize(path) < LARGEST


def _text(path: str, encoding: str = "utf-8") -> Optional[str]:
    try:
        with open(path, encoding=encoding, newline="") as file:
            return file.read()
    except (UnicodeDecodeError, PermissionError):
        return None


def _can_be_judged(text: Optional[str]) -> bool:
    """Tell whether the simple model knows where everything has to be: left to right, no controls."""
    return bool(text) and all(map(_is_simple, set(text or "")))


def _is_simple(character: str) -> bool:
    if character in "\n\t\f":
        return True
    return unicodedata.category(character) not in ("Cc", "Cf", "Zl", "Zp", "Co", "Cn") and (
        unicodedata.bidirectional(character) not in ("R", "AL", "AN")
    )


def _plain() -> Iterator[Sample]:
    for pattern, count in PLAIN:
        for path in _files(pattern, count, lambda path: _can_be_judged(_text(path))):
            yield _sample(path, "plain")


def _languages() -> Iterator[Sample]:
    for pattern, count in LANGUAGES:
        for path in _files(pattern, count, lambda p: _can_be_judged(_text(p)) and not (_text(p) or "").isascii()):
            yield _sample(path, "languages")


def _sample(path: str, kind: str, charset: str = "utf-8", options: str = "") -> Sample:
    text = _text(path, charset) or ""
    return Sample(path, kind, text.encode(charset), text, options)


def _old_charsets() -> Iterator[Sample]:
    for pattern, charset, count in OLD_CHARSETS:
        for path in _files(pattern, count, lambda path: _can_be_judged(_text(path, charset))):
            yield _sample(path, "old charset", charset, f"text-charset={charset}")


def _listings() -> Iterator[Sample]:
    def is_wide(path: str) -> bool:
        text = _text(path) or ""
        return _can_be_judged(text) and text.isascii() and 100 < max(map(len, text.expandtabs().split("\n"))) <= 132

    for pattern, count in WIDE_LISTINGS:
        for path in _files(pattern, count, is_wide):
            yield _sample(path, "132 columns", options=REPORT)


def _charts() -> Iterator[Sample]:
    """Give drawings in the code page of the first PC: its upper half as a chart, and a frame."""
    for charset in ("cp437", "cp850", "cp866"):
        upper = [bytes(range(row, row + 16)).decode(charset) for row in range(0x80, 0x100, 16)]
        rows = ["╔" + "═" * 33 + "╗", *("║ " + " ".join(row) + " ║" for row in upper), "╚" + "═" * 33 + "╝"]
        meaning = "\n".join(rows) + "\n"
        yield Sample(charset, "chart", meaning.encode(charset), meaning, f"text-charset={charset}")
    meaning = "first line\nbeyond sixteen bits: \U0001f600 \U0001d538 and on\n" + "a line after it\n" * 100
    yield Sample("astral", "chart", meaning.encode(), meaning)


def _manuals() -> Iterator[Sample]:
    """Give manual pages as line printers got them, with bold letters struck twice and underlined ones."""
    environ = {**os.environ, "GROFF_NO_SGR": "1", "MANWIDTH": "72", "MAN_KEEP_FORMATTING": "1", "LC_ALL": "C.UTF-8"}
    for name in MANUALS if shutil.which("man") and shutil.which("groff") else ():
        done = subprocess.run(["man", "-P", "cat", "--", name], env=environ, capture_output=True)
        if done.returncode or b"\b" not in done.stdout or b"\x1b" in done.stdout:
            continue
        text = done.stdout[:LARGEST].rpartition(b"\n")[0].decode("utf-8") + "\n"
        if _can_be_judged(text.replace("\b", "")):
            yield Sample(name, "manual", text.encode(), text)


#: Kind -> what looks for its texts on this system, which takes seconds.
KINDS: dict[str, Callable[[], Iterator[Sample]]] = {
    "plain": _plain,
    "languages": _languages,
    "old charset": _old_charsets,
    "132 columns": _listings,
    "chart": _charts,
    "manual": _manuals,
}
