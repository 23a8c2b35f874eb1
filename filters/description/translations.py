"""A description in further languages of the printer: CUPS PPD extensions, "Globalization".

    *cupsLanguages: "de fr"
    *de.Translation InputSlot/Papierquelle: ""
    *de.InputSlot tray-1/Fach 1: ""

What a printer has no words for in a language stands there as it does in English: a language is there whole, or not.
A country has no translation of its own, which would need that of its language beside it. The English of a description
with translations is ASCII, because its encoding is ISOLatin1 then and that of the translations UTF-8.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

from filters.description.options import Option
from filters.description.ppd_text import quoted
from filters.description.sizes import Size
from filters.description.words import clean

#: Languages of one description: each has a line for every choice.
MOST_LANGUAGES = 12
_LANGUAGE = re.compile(r"([a-z]{2})(?:[-_]([a-z]{2}))?", re.IGNORECASE)
#: What tells a size without margins from the same one with margins, and the octets left for the rest.
_BORDERLESS, _SHORTER = " (borderless)", 66
#: Scripts stand for the country where most people write so.
_BY_SCRIPT = {"zh-hans": "zh_CN", "zh-hant": "zh_TW", "zh": "zh_CN"}


def locale_of(language: str) -> str:
    """Return a language of IPP (RFC 5646) as CUPS names it, "" for English and for what CUPS cannot name."""
    if language.lower() in _BY_SCRIPT:
        return _BY_SCRIPT[language.lower()]
    found = _LANGUAGE.fullmatch(language)
    if not found or found[1].lower() == "en":
        return ""
    return found[1].lower()


def in_ascii(lines: Iterable[str]) -> list[str] | None:
    """Return the English lines of a description that has translations; None if a text would be lost."""
    found = []
    for line in lines:
        line = line.replace("LanguageEncoding: UTF-8", "LanguageEncoding: ISOLatin1")
        plain = unicodedata.normalize("NFKD", line).encode("ascii", "ignore").decode("ascii")
        if plain != line and re.search(r"/\s*:", plain):
            return None
        found.append(plain)
    return found


def translated_lines(
    translations: Mapping[str, Mapping[str, str]], options: Iterable[Option], sizes: Iterable[Size]
) -> list[str]:
    """Return the lines of all languages.

    Args:
        translations: the printer's own words by locale and key, see ``filters.description.strings``.
    """
    options, sizes = list(options), list(sizes)
    spoken = {locale: words for locale, words in translations.items() if words}
    lines = [quoted("cupsLanguages", " ".join(spoken))] if spoken else []
    for locale, words in spoken.items():
        for keyword in ("PageSize", "PageRegion"):
            lines.append(_translation(locale, keyword, words, "media", "Media Size"))
            for size in sizes:
                text = clean(words.get(f"media.{size.name}", ""), _SHORTER)
                text += _BORDERLESS if text and size.text.endswith(_BORDERLESS) else ""
                lines.append(quoted(f"{locale}.{keyword}", "", size.choice, text or size.text))
        for option in options:
            lines.append(_translation(locale, option.keyword, words, option.attribute, option.text))
            group = "finishing-template" if option.attribute.startswith("finishings") else option.attribute
            for each in option.choices:
                text = clean(words.get(f"{group}.{each.keyword}", "")) or each.text
                lines.append(quoted(f"{locale}.{option.keyword}", "", each.name, text))
    return lines


def _translation(locale: str, keyword: str, words: Mapping[str, str], attribute: str, text: str) -> str:
    # All kinds of finishing have one name in IPP, which would be that of each option.
    own = "" if attribute.startswith("finishings") else clean(words.get(attribute, ""))
    return quoted(f"{locale}.Translation", "", keyword, own or text)
