"""Scripts whose letters come from one face each: Unicode Standard 15, blocks by script.

Latin, Greek, Cyrillic, lines and signs are not among them: fixed-pitch families have those in one hand. Punctuation of
Chinese, Japanese and Korean belongs to their script. A script has the language by which fontconfig knows its fonts.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from typing import Optional

#: Chinese, Japanese, Korean: which of them it is, the text or the locale says.
CJK = "cjk"
EMOJI = "und-zsye"

#: First and last character, and the script's language.
_BLOCKS = (
    (0x0590, 0x05FF, "he"),
    (0x0700, 0x074F, "syr"),
    (0x0780, 0x07BF, "dv"),
    (0x0900, 0x097F, "hi"),
    (0x0980, 0x09FF, "bn"),
    (0x0A00, 0x0A7F, "pa"),
    (0x0A80, 0x0AFF, "gu"),
    (0x0B00, 0x0B7F, "or"),
    (0x0B80, 0x0BFF, "ta"),
    (0x0C00, 0x0C7F, "te"),
    (0x0C80, 0x0CFF, "kn"),
    (0x0D00, 0x0D7F, "ml"),
    (0x0D80, 0x0DFF, "si"),
    (0x0E00, 0x0E7F, "th"),
    (0x0E80, 0x0EFF, "lo"),
    (0x0F00, 0x0FFF, "bo"),
    (0x1000, 0x109F, "my"),
    (0x1100, 0x11FF, CJK),
    (0x1200, 0x139F, "am"),
    (0x13A0, 0x13FF, "chr"),
    (0x1400, 0x167F, "iu"),
    (0x1780, 0x17FF, "km"),
    (0x1800, 0x18AF, "mn-cn"),
    (0x19E0, 0x19FF, "km"),
    (0x2E80, 0x303F, CJK),
    (0x3040, 0x30FF, CJK),
    (0x3100, 0x4DBF, CJK),
    (0x4E00, 0x9FFF, CJK),
    (0xA960, 0xA97F, CJK),
    (0xAC00, 0xD7FF, CJK),
    (0xF900, 0xFAFF, CJK),
    (0xFE10, 0xFE1F, CJK),
    (0xFE30, 0xFE4F, CJK),
    (0xFF00, 0xFFEF, CJK),
    (0x1F1E6, 0x1F1FF, EMOJI),
    (0x1F300, 0x1FAFF, EMOJI),
    (0x20000, 0x3FFFF, CJK),
)
#: A syllable of each script that is as high as ordinary words have any.
TALL = {
    **{
        "hi": "हूँ",
        "bn": "স্ত্রী",
        "pa": "ਸ੍ਰੀ",
        "gu": "સ્ત્રી",
        "or": "ସ୍ତ୍ରୀ",
        "ta": "ழ்",
        "te": "స్త్రీ",
        "kn": "ಸ್ತ್ರೀ",
        "ml": "സ്ത്രീ",
    },
    **{"si": "ශ්\u200dරී", "th": "ฎี่", "lo": "ປູ່", "bo": "རྡོ", "my": "ကြွေး", "km": "ស្ត្រី"},
}
#: Packages of Debian with fonts: of scripts that one has, of all others, and from where on Chinese characters are rare.
_PACKAGES = {CJK: "fonts-noto-cjk", EMOJI: "fonts-symbola"}
_PACKAGE, _RARE, _PACKAGE_OF_RARE = "fonts-noto-core", "\U00020000", "fonts-hanazono"
_FIRST = [first for first, _, _ in _BLOCKS]


def script_of(character: str) -> Optional[str]:
    """Return the language of the script that a character belongs to, None if its letters may come from anywhere."""
    block = bisect_right(_FIRST, ord(character)) - 1
    if block < 0 or ord(character) > _BLOCKS[block][1]:
        return None
    return _BLOCKS[block][2]


def package_with(character: str) -> Optional[str]:
    """Return the package of Debian whose fonts have a character; None for what is no character of Unicode."""
    if unicodedata.category(character) in ("Cc", "Cn", "Co", "Cs"):
        return None
    script = script_of(character)
    return _PACKAGE_OF_RARE if script == CJK and character >= _RARE else _PACKAGES.get(script or "", _PACKAGE)


def east_asian_language(characters: str, locale: str = "") -> str:
    """Return the language of a text with Chinese characters: as its syllables say, else the locale, else Chinese."""
    if any("\u3040" <= character <= "\u30ff" for character in characters):
        return "ja"
    if any("\uac00" <= character <= "\ud7a3" for character in characters):
        return "ko"
    if any("\u3105" <= character <= "\u312f" for character in characters):
        return "zh-tw"
    language = locale.partition(".")[0].replace("_", "-").lower()
    if language.startswith(("ja", "ko")):
        return language[:2]
    return language if language in ("zh-tw", "zh-hk", "zh-sg") else "zh-cn"
