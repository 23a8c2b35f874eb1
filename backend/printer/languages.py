"""Which page languages a printer takes, from document-format-supported and its IEEE 1284 device id. Pure.

A type in document-format-supported can mean less than it says: inkjets list application/vnd.hp-PCL and mean PCL3GUI,
pictures in PCL's clothes, which nothing but HP's own drivers writes. Their device id tells: in its field CMD (COMMAND
SET) stand the languages, and PCL is there only if PCL, PCL5, PCL6 or PCLXL is.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False  # typing is slow to import, and only the type checker needs it
if TYPE_CHECKING:
    from collections.abc import Iterable

#: Languages, the better one for text first; their MIME types, and their names in CMD (compared without - and _).
LANGUAGES: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("PCL 5", ("application/vnd.hp-pcl", "application/pcl"), r"PCL|PCL5\w*"),
    ("PCL XL", ("application/vnd.hp-pclxl", "application/pclxl"), r"PCLXL\w*|PCL6\w*"),
    ("PDF", ("application/pdf",), r"PDF\w*"),
    ("PostScript", ("application/postscript",), r"PS|PS[23]|POSTSCRIPT\w*|POSTSCRPT|BRSCRIPT\w*"),
    ("Apple raster", ("image/urf",), r"URF|APPLERASTER"),
    ("PWG raster", ("image/pwg-raster",), r"PWG|PWGRASTER"),
    ("JPEG", ("image/jpeg",), r"JPEG|JPG"),
    ("PNG", ("image/png",), r"PNG"),
    ("TIFF", ("image/tiff",), r"TIFF"),
)
#: Which words of CMD make a printer one that takes PCL as we write it.
REAL_PCL = re.compile(r"PCL|PCL5\w*|PCL6\w*|PCLXL\w*")
PCL_FAMILY = ("PCL 5", "PCL XL")


def commands(device_id: str) -> frozenset[str]:
    """Return the words of CMD in a device id, in capitals, without - and _; none if there is no such field."""
    found = re.search(r"(?:^|;)\s*(?:CMD|COMMAND SET)\s*:([^;]*)", device_id, re.IGNORECASE)
    words = re.split(r"[,\s]+", found[1]) if found else []
    return frozenset(re.sub(r"[-_]", "", word.upper()) for word in words if word)


def languages_of(formats: Iterable[str], device_id: str) -> tuple[str, ...]:
    """Return the languages that a printer takes."""
    types = {kind.partition(";")[0].strip().lower() for kind in formats}
    words = commands(device_id)
    no_pcl = bool(words) and not any(REAL_PCL.fullmatch(word) for word in words)
    found = []
    for name, mime, pattern in LANGUAGES:
        listed = bool(types & set(mime)) and not (no_pcl and name in PCL_FAMILY)
        if listed or any(re.fullmatch(pattern, word) for word in words):
            found.append(name)
    return tuple(found)


def language_of(kind: str) -> str:
    """Return the language of a document's MIME type, "" for what is none of them."""
    bare = kind.partition(";")[0].strip().lower()
    return next((name for name, mime, _ in LANGUAGES if bare in mime), "")


def unlisted(kind: str, formats: Iterable[str], device_id: str) -> tuple[str, tuple[str, ...]] | None:
    """Return the language of a document that a printer does not list, and those that it lists; None if all is well.

    A printer that names no language at all, such as one that lists application/octet-stream alone, says nothing.
    """
    language, listed = language_of(kind), languages_of(formats, device_id)
    return (language, listed) if language and listed and language not in listed else None


#: Our description for a language, in the order of LANGUAGES.
DESCRIPTIONS = (("PCL 5", "generic-pcl5e.ppd"), ("PCL XL", "generic-pcl6.ppd"), ("PDF", "generic-pdf.ppd"))


def advice(listed: Iterable[str], queue: str, device_uri: str) -> str:
    """Return the command that gives a queue a description for what its printer lists.

    Args:
        device_uri: without user and password.
    """
    from shlex import quote

    from backend.device_uri import quoted

    taken = set(listed)
    for language, description in DESCRIPTIONS:
        if language in taken:
            return f"lpadmin -p {quote(queue)} -m ipps443/{description}"
    return f"ipps443ctl probe {quoted(device_uri)}"
