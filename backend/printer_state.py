"""What a printer says of itself and of a job, as lines for cupsd: printer-state-reasons, supplies, progress.

Pure: attributes in, words and texts out. Which words a queue may carry is decided here, because printers send stale
and made-up ones (Q-111), and because a few words make cupsd act ("paused" stops the queue).
"""

from __future__ import annotations

from backend.ipp.message import Message
from backend.ipp.tags import Tag

#: Words of RFC 8011 section 5.4.12 and PWG 5100.9 that a queue may show, without their suffix.
KNOWN_REASONS = frozenset(
    """
    cover-open developer-empty developer-low door-open fuser-over-temp fuser-under-temp
    input-cannot-feed-size-selected input-tray-missing interlock-open interpreter-resource-unavailable
    marker-supply-empty marker-supply-low marker-supply-missing marker-waste-almost-full marker-waste-full
    marker-waste-missing media-empty media-jam media-low media-needed offline opc-life-over opc-near-eol
    output-area-almost-full output-area-full output-tray-missing spool-area-full toner-empty toner-low
    """.split()
)
#: Reasons for which a printer stands still until somebody comes: it is worth waiting for.
WAITING_FOR_SOMEBODY = (
    "cover-open",
    "door-open",
    "input-tray-missing",
    "interlock-open",
    "marker-supply-empty",
    "media-empty",
    "media-jam",
    "media-needed",
    "offline",
    "output-area-full",
    "output-tray-missing",
    "paused",
    "stopped",
    "stopping",
    "toner-empty",
)
SUFFIXES = ("-error", "-warning", "-report")
#: What supplies are called in IPP and in ATTR: lines alike.
MARKER_ATTRIBUTES = (
    "marker-colors",
    "marker-high-levels",
    "marker-levels",
    "marker-low-levels",
    "marker-message",
    "marker-names",
    "marker-types",
)
#: RFC 8011 section 5.4.11.
PRINTER_STOPPED = 5


def without_suffix(reason: str) -> str:
    """Return a reason without the severity at its end."""
    return next((reason[: -len(suffix)] for suffix in SUFFIXES if reason.endswith(suffix)), reason)


def texts(message: Message, name: str, tag: int | None = None) -> tuple[str, ...]:
    """Return the string values of an attribute; with or without a language; other values do not count."""
    found = message.get(name, tag)
    values = (getattr(value, "text", value) for value in found.all) if found else ()
    return tuple(value for value in values if isinstance(value, str))


def number(message: Message, name: str, tag: int | None = None) -> int | None:
    """Return the integer value of an attribute, None if there is none."""
    found = message.get(name, tag)
    value = found.value if found else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def reasons_to_show(message: Message) -> frozenset[str]:
    """Return those of printer-state-reasons that the queue may carry."""
    reasons = texts(message, "printer-state-reasons", Tag.PRINTER_ATTRIBUTES)
    return frozenset(reason for reason in reasons if without_suffix(reason) in KNOWN_REASONS)


def changes(shown: frozenset[str], now: frozenset[str]) -> tuple[str, ...]:
    """Return what has to be said so that the queue carries ``now`` and no longer the rest of ``shown``."""
    return tuple(f"-{word}" for word in sorted(shown - now)) + tuple(f"+{word}" for word in sorted(now - shown))


def needs_somebody(message: Message) -> bool:
    """Tell whether the printer waits for paper, a closed door and the like, so that waiting for it makes sense."""
    reasons = texts(message, "printer-state-reasons", Tag.PRINTER_ATTRIBUTES)
    waiting = any(without_suffix(reason) in WAITING_FOR_SOMEBODY for reason in reasons)
    return waiting or number(message, "printer-state", Tag.PRINTER_ATTRIBUTES) == PRINTER_STOPPED


def supplies(message: Message) -> tuple[tuple[str, str], ...]:
    """Return marker attributes as ATTR: lines want them: values behind commas, strings in quotes."""
    lines = []
    for name in MARKER_ATTRIBUTES:
        found = message.get(name, Tag.PRINTER_ATTRIBUTES)
        values = [_attr_value(value) for value in found.all] if found else []
        if values and all(values):
            lines.append((name, ",".join(values)))
    return tuple(lines)


def _attr_value(value: object) -> str:
    if isinstance(value, int):
        return str(value)
    if not isinstance(value, str):
        return ""
    if value and all(c.isalnum() or c in "-_#." for c in value):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
