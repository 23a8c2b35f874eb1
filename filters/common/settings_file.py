"""ipps443.conf on disk: read with suspicion, because who writes it decides what documents may take of this machine."""

from __future__ import annotations

from filters.common.settings import Settings, parse_settings
from filters.common.trusted_file import NotTrusted, read_trusted_file

#: Far beyond any fleet.
LARGEST_FILE = 1 << 20


class SettingsUnreadable(Exception):
    """The file is there and cannot be believed; ``reason`` says why, ``path`` where."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


def read_settings(path: str, queue: str = "") -> Settings:
    """Return the settings for a queue; without a file they are the defaults.

    Raises:
        SettingsUnreadable: the file cannot be read, or others than root could have written it.
    """
    return parse_settings(read_settings_text(path), queue)


def read_settings_text(path: str) -> str:
    """Return the text of the file; "" when there is none."""
    try:
        return read_trusted_file(path, LARGEST_FILE).decode("utf-8")
    except FileNotFoundError:
        return ""
    except NotTrusted as error:
        raise SettingsUnreadable(path, error.reason) from None
    except UnicodeDecodeError:
        raise SettingsUnreadable(path, "it is not UTF-8") from None
