"""How a missing package comes to this installation: by apt-get, or by install.sh, which knows other systems' names."""

from __future__ import annotations

import shutil
import sys

#: install.sh names what is missing as this system calls it, or makes the virtual environment anew.
INSTALLER = "./install.sh"
IN_THE_SOURCES = "# in a copy of the sources"


def how_to_install(package: str) -> str:
    """Return the command that brings a Debian package, or what stands for it where we run."""
    if sys.prefix != sys.base_prefix:
        return f"{INSTALLER} --venv  {IN_THE_SOURCES}"
    if shutil.which("apt-get") is None:
        return f"{INSTALLER}  {IN_THE_SOURCES}"
    return f"apt-get install {package}"
