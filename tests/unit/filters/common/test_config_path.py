"""filters.common.trusted_file: where the configuration of this CUPS lies."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.cupsd.identity import secret_path
from backend.trust.pin_store import pins_path
from filters.common.trusted_file import config_path, settings_path
from filters.scs_pages import table_path

CHECKOUT = Path(__file__).resolve().parents[4]


@pytest.mark.parametrize(
    "environ, root",
    [({}, "/etc/cups"), ({"CUPS_SERVERROOT": ""}, "/etc/cups"), ({"CUPS_SERVERROOT": "/srv/cups"}, "/srv/cups")],
    ids=str,
)
def test_all_that_is_ours_is_in_one_folder(environ: dict[str, str], root: str) -> None:
    """An empty variable is none: it was "ipps443/scs/QUEUE" in whatever folder the filter ran."""
    folder = f"{root}/ipps443"
    assert config_path(environ) == folder and config_path(environ, "trace") == f"{folder}/trace"
    assert pins_path(environ) == f"{folder}/pins" and secret_path(environ) == f"{folder}/secret"
    assert (
        settings_path(environ) == f"{folder}/ipps443.conf" and table_path(environ, "office") == f"{folder}/scs/office"
    )


def test_one_place_reads_the_variable() -> None:
    """Whoever needs the folder asks for it."""
    found = [
        path.relative_to(CHECKOUT).as_posix()
        for folder in ("backend", "filters")
        for path in (CHECKOUT / folder).rglob("*.py")
        if 'environ.get("CUPS_SERVERROOT"' in path.read_text()
    ]
    assert found == ["filters/common/trusted_file.py"]
