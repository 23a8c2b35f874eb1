"""Source code with its keywords bold, its comments italic and its strings grey, by Pygments where that is installed.

What comes out is the text with SGR between its words (ECMA-48 8.3.117), so that everything behind reads it as it reads
logs with colours. A text that has escape sequences or overstrikes itself, or is larger than a limit, stays as it is.
The whole text is read before its first line goes on: what a word is may depend on all words before.
"""

from __future__ import annotations

import re
import time
from itertools import chain
from typing import TYPE_CHECKING, Any, Iterable, Iterator, Optional

if TYPE_CHECKING:  # slow to import
    from pygments.lexer import Lexer

#: Bytes of the largest text that is highlighted: 20,000 lines, which take a few seconds.
LARGEST = 1 << 20
#: Seconds after which a text is printed as it is.
LONGEST = 60.0

#: Types of tokens of Pygments, and SGR for them; that of the nearest ancestor counts.
_LOOKS = {
    ("Keyword",): "1",
    ("Operator", "Word"): "1",
    ("Name", "Tag"): "1",
    ("Comment",): "3",
    ("Comment", "Preproc"): "1",
    ("Comment", "PreprocFile"): "",
    ("Literal", "String"): "2",
    ("Literal", "String", "Doc"): "3",
    ("Generic", "Heading"): "1",
    ("Generic", "Subheading"): "1",
    ("Generic", "Strong"): "1",
    ("Generic", "Emph"): "3",
    ("Generic", "Inserted"): "1",
    ("Generic", "Deleted"): "2",
}
#: Types that CUPS has for source code, and Pygments' names of their languages.
_TYPES = {"csource": "c", "cshell": "tcsh", "shell": "bash", "perl": "perl", "html": "html", "css": "css"}
_TYPE = re.compile("(?:text|application)/(?:x-)?([a-z]+)")
_FIRST_LINE = re.compile(r"#! *\S*?(?:/env +(?:-\S+ +)*)?(\w[\w+-]*?)[\d.]*(?:\s|$)")
_CONTROLS = re.compile(b"[\x1b\b]")


class Highlighter:
    """Highlights one text."""

    def __init__(self, language: str, title: str, content_type: str) -> None:
        """``language`` is a name that Pygments knows, or "auto" for what title, type or first line say."""
        self._language = language
        self._title = title
        self._content_type = content_type
        #: Why nothing was highlighted, if that was asked for.
        self.problem = ""

    def highlighted(self, texts: Iterable[bytes]) -> Iterator[bytes]:
        """Give whole lines of UTF-8, with SGR."""
        pieces, size = [], 0
        texts = iter(texts)
        for piece in texts:
            pieces.append(piece)
            size += len(piece)
            if size > LARGEST:
                self.problem = f"the text is larger than {LARGEST >> 20} MiB, it is printed without highlighting"
                break
        else:
            text = b"".join(pieces)
            found = self._highlight(text) if text and not _CONTROLS.search(text) else None
            yield text if found is None else found
            return
        yield from chain(pieces, texts)

    def _highlight(self, data: bytes) -> Optional[bytes]:
        text = data.decode("utf-8", "surrogateescape").replace("\r\n", "\n")
        lexer = self._find_lexer(text)
        if not lexer:
            return None
        deadline = time.monotonic() + LONGEST
        out, at = [], 0
        sgr = _Looks()
        # Lexers of sessions lose count of places; those of tables take form feeds for ends of lines.
        for _, kind, found in lexer.get_tokens_unprocessed(text):
            word = text[at : at + len(found)]
            if word != found and word.splitlines() != found.splitlines() or time.monotonic() > deadline:
                self.problem = "the text cannot be highlighted, it is printed as it is"
                return None
            at += len(word)
            look = sgr.of(kind)
            out.append(f"\x1b[{look}m{word}\x1b[m" if look and not word.isspace() else word)
        out.append(text[at:])
        return "".join(out).encode("utf-8", "surrogateescape")

    def _find_lexer(self, text: str) -> Optional[Lexer]:
        try:
            from pygments.lexers import find_lexer_class_for_filename, get_lexer_by_name
            from pygments.util import ClassNotFound
        except ImportError:
            self.problem = "highlighting needs Pygments; on Debian: apt install python3-pygments"
            return None
        if self._language != "auto":
            try:
                return get_lexer_by_name(self._language)
            except ClassNotFound:
                self.problem = f"highlight={self._language} is no language that Pygments knows"
                return None
        by_name: Any = find_lexer_class_for_filename(self._title) if "." in self._title else None
        if by_name:
            return by_name()
        kind = _TYPE.match(self._content_type)
        first = _FIRST_LINE.match(text)
        for name in (kind and _TYPES.get(kind.group(1)), first and first.group(1)):
            try:
                if name:
                    return get_lexer_by_name(name)
            except ClassNotFound:
                continue
        return None


class _Looks:
    """SGR by types of tokens, each looked up once."""

    def __init__(self) -> None:
        self._known: dict[Any, str] = {}

    def of(self, kind: Any) -> str:
        """Return the parameters of SGR for a type, "" for none."""
        look = self._known.get(kind)
        if look is None:
            names = tuple(kind)
            found = (_LOOKS[names[:end]] for end in range(len(names), 0, -1) if names[:end] in _LOOKS)
            look = self._known[kind] = next(found, "")
        return look
