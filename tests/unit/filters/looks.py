"""What contact sheets show: forty pages, each a way in which pages were ugly once, with the options that print them."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

TEXTS = Path(__file__).parents[2] / "data" / "texts"


class Look(NamedTuple):
    """One page."""

    name: str
    text: bytes
    options: str = ""
    title: str = "rainfall.txt"


def texts(*languages: str) -> bytes:
    """Return the texts of some languages, one after the other."""
    paths = [TEXTS / f"{language}-{kind}.txt" for language in languages for kind in ("prose", "table")]
    return b"\n".join(path.read_bytes() for path in paths)


def report(columns: int, lines: int) -> bytes:
    """Return a listing with figures up to its last column."""
    rows = []
    for line in range(1, lines + 1):
        row = f"{line:05}  part {line * 7919 % 10000:04}"
        row += "".join(f"{line * column * 31 % 99991 / 100:>12.2f}" for column in range(1, (columns - 18) // 12 + 1))
        rows.append(row + ("|" if line % 10 else "*").rjust(columns - len(row)))
    return ("\n".join(rows) + "\n").encode()


SOURCE = b"""/* Counts the lines of a file that are not blank. */
#include <stdio.h>

static int is_blank(const char *line)
{
\twhile (*line == ' ' || *line == '\\t')
\t\tline++;
\treturn *line == '\\n' || !*line;
}

int main(void)
{
\tchar line[4096];
\tunsigned long count = 0;

\twhile (fgets(line, sizeof line, stdin))
\t\tif (!is_blank(line))
\t\t\tcount++;  /* a line longer than the buffer counts more than once */
\tprintf("%lu lines\\n", count);
\treturn 0;
}
"""
PYTHON = b'''"""Weights of a filter that smooths readings of rain."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Window:
    """A window with a weight for each reading; the weights sum to one."""

    weights: tuple[float, ...] = (0.25, 0.5, 0.25)

    def apply(self, readings: list[float]) -> list[float]:
        # The ends repeat, so that the result is as long as what came in.
        half = len(self.weights) // 2
        padded = readings[:1] * half + readings + readings[-1:] * half
        return [
            sum(w * r for w, r in zip(self.weights, padded[n:]))
            for n in range(len(readings))
        ]


if __name__ == "__main__":
    print(Window().apply([0.0, 3.5, 12.0, 1.5]))
'''


def struck(text: str) -> str:
    """Return a text in which *words* are struck twice and _words_ are underlined, as nroff did it."""
    out, mark = "", ""
    for character in text:
        if character in "*_" and mark in ("", character):
            mark = "" if mark else character
        elif mark == "*" and character != " ":
            out += character + "\b" + character
        elif mark == "_":
            out += "_\b" + character
        else:
            out += character
    return out


MANUAL = struck(
    """*COUNT*(1)                    General Commands                    *COUNT*(1)

*NAME*
       count - count the lines of files that are not blank

*SYNOPSIS*
       *count* [*-l*] [*--* ] [_file_ ...]

*DESCRIPTION*
       *count* reads each _file_, or standard input where there is none, and
       writes how many of its lines have anything but blanks and tabs.

       *-l*     Print the number of the longest line as well.

*EXIT STATUS*
       0 if all went well, 1 if a _file_ could not be read.
"""
).encode()
LOG = (
    "\x1b[2m2026-01-05 06:00:01\x1b[0m \x1b[32mINFO \x1b[0m  pump started, 3 valves open\n"
    "\x1b[2m2026-01-05 06:00:07\x1b[0m \x1b[33mWARN \x1b[0m  level at \x1b[1m82 %\x1b[0m, rising\n"
    "\x1b[2m2026-01-05 06:01:44\x1b[0m \x1b[1;31mERROR\x1b[0m  sensor \x1b[4mnorth\x1b[0m does not answer\n"
    "\x1b[2m2026-01-05 06:01:45\x1b[0m \x1b[7m ALARM \x1b[0m \x1b[3mgate closes by itself\x1b[0m\n"
).encode() * 4
STYLES = (
    "plain  \x1b[1mbold\x1b[0m  \x1b[3mitalic\x1b[0m  \x1b[1;3mbold italic\x1b[0m  \x1b[4munderlined\x1b[0m  "
    "\x1b[7m inverse \x1b[0m\n"
    "żółć   \x1b[1mżółć\x1b[0m  \x1b[3mżółć źdźbło\x1b[0m  \x1b[1;3mżółć źdźbło\x1b[0m  \x1b[4mżółć\x1b[0m  "
    "\x1b[7m żółć \x1b[0m\n"
    "Жарко  \x1b[1mЖарко\x1b[0m  \x1b[3mЖарко и тихо\x1b[0m  \x1b[1;3mЖарко и тихо\x1b[0m  \x1b[4mЖарко\x1b[0m  "
    "\x1b[7m Жарко \x1b[0m\n"
    "νερό   \x1b[1mνερό\x1b[0m  \x1b[3mνερό και φως\x1b[0m  \x1b[1;3mνερό και φως\x1b[0m  \x1b[4mνερό\x1b[0m  "
    "\x1b[7m νερό \x1b[0m\n"
    "漢字   \x1b[1m漢字\x1b[0m  \x1b[3m漢字かな\x1b[0m  \x1b[1;3m漢字かな\x1b[0m  \x1b[4m漢字\x1b[0m  "
    "\x1b[7m 漢字 \x1b[0m\n"
).encode()
EMOJI = (
    "one thumb:    \U0001f44d | with skin: \U0001f44d\U0001f3fd | next\n"
    "family:       \U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466 | next\n"
    "flag:         \U0001f1e9\U0001f1ea | two flags: \U0001f1eb\U0001f1f7\U0001f1ef\U0001f1f5 | next\n"
    "keycap:       5\ufe0f\u20e3 #\ufe0f\u20e3 | next\n"
    "heart:        \u2764\ufe0f as text: \u2764\ufe0e | next\n"
    "rainbow flag: \U0001f3f3\ufe0f\u200d\U0001f308 | next\n"
    "at work:      \U0001f469\U0001f3fe\u200d\U0001f52c | next\n"
    "faces:        \U0001f600 \U0001f622 \U0001f914 \u263a\ufe0f | next\n"
    "England:      \U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f | next\n"
).encode()
MARKS = (
    "decomposed:  e\u0301 a\u0308 o\u0302 n\u0303 c\u0327 z\u030c   precomposed: é ä ô ñ ç ž\n"
    "no letter of its own:  x\u0302 q\u0303 m\u0304 b\u0307 g\u030b j\u030c\u0323 k\u0331 W\u0306 I\u0302\u0301\n"
    "two marks:  u\u0308\u0304 o\u0328\u0301 e\u0323\u0302 s\u0323\u0307   enclosed: A\u20dd 3\u20de\n"
    "Hebrew:  בְּרֵאשִׁית בָּרָא   Arabic: كِتَابٌ مُحَمَّلٌ\n"
    "Thai: ที่นี่ น้ำ กี่   Lao: ກິນເຂົ້າ\n"
).encode()
BOXES = (
    "┌──────────┬──────────┐  ╔═════════╦═════════╗  ▁▂▃▄▅▆▇█\n"
    "│ level    │ 82 %     │  ║ north   ║ closed  ║  ░▒▓█▓▒░\n"
    "├──────────┼──────────┤  ╠═════════╬═════════╣  ◆ ● ■ ▲ ▼ ← ↑ → ↓\n"
    "│ flow     │ 1,2 m³/s │  ║ south   ║ open    ║  ✓ ✗ ☐ ☑ ★ ☎ ♠ ♥\n"
    "└──────────┴──────────┘  ╚═════════╩═════════╝  ∑ ∫ √ ≤ ≥ ≠ ∞ ∂ ∈\n"
).encode()
ARROWS = "\x1b[1mArrows\x1b[0m → ← ↔ and “quotes” – dashes — ellipsis … ½ ¾ € ™ Œ œ\n".encode()
PROSE = texts("en", "de", "fr", "es", "pt") * 3

#: Forty pages.
LOOKS = (
    Look("prose-a4", PROSE),
    Look("prose-letter", PROSE, "media=Letter"),
    Look("80-columns", report(80, 62)),
    Look("132x66", report(132, 66), "fit-text=132x66"),
    Look("fit-auto-78", report(78, 62), "fit-text=auto"),
    Look("fit-auto-90", report(90, 62), "fit-text=auto"),
    Look("fit-auto-132", report(132, 62), "fit-text=auto"),
    Look("pretty", SOURCE * 3, "prettyprint", "count.c"),
    Look("pretty-2-up", SOURCE * 8, "prettyprint number-up=2", "count.c"),
    Look("pretty-4-up", SOURCE * 16, "prettyprint number-up=4", "count.c"),
    Look("pretty-6-up", SOURCE * 24, "prettyprint number-up=6", "count.c"),
    Look("pretty-9-up", SOURCE * 36, "prettyprint number-up=9", "count.c"),
    Look("pretty-16-up", SOURCE * 64, "prettyprint number-up=16", "count.c"),
    Look("pretty-long-title", PROSE, "prettyprint", "a long title of a file in a folder that has a long name.txt"),
    Look("pretty-languages", texts("pl", "el", "ja"), "prettyprint", "Żółć – νερό – 図書館.txt"),
    Look("cpi-17-lpi-12", PROSE * 3, "cpi=17 lpi=12"),
    Look("cpi-5", PROSE, "cpi=5 lpi=3"),
    Look("cpi-12-lpi-6", PROSE, "cpi=12 lpi=6"),
    Look("columns", PROSE * 2, "columns=2 cpi=15 lpi=8"),
    Look("line-numbers", SOURCE * 3, "line-numbers=true"),
    Look("wrap-word", PROSE.replace(b"\n", b" ") + b"\n", "wrap=word cpi=12"),
    Look("wrap-char-mark", PROSE.replace(b"\n", b" ") + b"\n", "wrap-mark=true"),
    Look("header-footer", PROSE, "page-header=%t||%d page-footer='|page %p|' page-left=54 page-right=54"),
    Look("landscape-border", PROSE, "landscape page-border=single"),
    Look("manual", MANUAL * 2),
    Look("log", LOG * 2),
    Look("styles", STYLES * 3),
    Look("polish-czech-turkish", texts("pl", "cs", "tr")),
    Look("vietnamese-hungarian", texts("vi", "hu", "ro")),
    Look("greek-russian", texts("el", "ru", "uk")),
    Look("georgian-armenian", texts("ka", "hy", "lt")),
    Look("east-asian", texts("zh", "ja", "ko")),
    Look("indic", texts("hi", "bn", "ta")),
    Look("thai", texts("th")),
    Look("right-to-left", texts("he", "ar", "fa")),
    Look("emoji", EMOJI * 3, "cpi=10"),
    Look("marks", MARKS * 3),
    Look("boxes", (BOXES + ARROWS) * 4),
    Look("old-charset", texts("de").decode().replace("„", '"').encode("cp1252", "replace").replace(b"\n", b"\r") * 2),
    Look("printer-commands", b"before \x1b(s3Bbold\x1b(s0B after \x1b&l1O\x1b*p300x300Yplaced\n" + PROSE),
)
