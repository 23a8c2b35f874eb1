"""What the administrator's settings say of the audit log, for one queue."""

from __future__ import annotations

import os

from backend.errors import SettingsUnreadable
from filters.common import settings_file
from filters.common.dataclass import dataclass
from filters.common.settings import SETTINGS
from filters.common.trusted_file import settings_path

TYPE_CHECKING = False  # typing is slow to import, and only the type checker needs it
if TYPE_CHECKING:
    from typing import Mapping


@dataclass(frozen=True)
class AuditSettings:
    """How jobs of a queue are recorded.

    Attributes:
        path: the log.
        is_required: without a record nothing is printed.
        title: what is recorded of a job's title: full, hash or none.
        forward: where records go besides: no, syslog or journal.
        problems: lines about the log that are not understood.
    """

    path: str
    is_required: bool = False
    title: str = "full"
    forward: str = "no"
    problems: tuple[str, ...] = ()


def read_audit_settings(environ: Mapping[str, str], queue: str) -> AuditSettings | None:
    """Return how jobs of a queue are recorded, None if they are not.

    Raises:
        SettingsUnreadable: nobody knows whether a job may go out without a record.
    """
    place = settings_path(environ)
    try:
        settings = settings_file.read_settings(place, queue)
    except settings_file.SettingsUnreadable as error:
        raise SettingsUnreadable(error.path, error.reason) from None
    wanted, path = settings.word("audit"), settings.word("audit-log")
    if wanted == "no" or (wanted == "auto" and not _is_there(path, place)):
        return None
    problems = tuple(
        f"{place}, line {each.line}: {each.reason}" for each in settings.problems if "audit" in each.reason
    )
    return AuditSettings(
        path, wanted == "required", settings.word("audit-title"), settings.word("audit-forward"), problems
    )


def _is_there(path: str, place: str) -> bool:
    """Whether there is a folder for the log; the installer's is for the cupsd whose settings lie in /etc/cups."""
    is_default = path == SETTINGS["audit-log"].default
    return os.path.isdir(os.path.dirname(path)) and (not is_default or place == settings_path({}))
