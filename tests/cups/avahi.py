"""avahi-daemon in a network namespace of its own, in which printers announce themselves and nothing else is."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from tests.cups.server import search_path, wait_until

CHECKOUT = Path(__file__).resolve().parents[2]
ADDRESS = "10.77.0.1"

BUS = """\
<busconfig>
  <type>system</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
  </policy>
</busconfig>
"""

DAEMON = """\
[server]
host-name=printers
use-ipv4=yes
use-ipv6=no
allow-interfaces=wire0
[wide-area]
enable-wide-area=no
"""

#: A pair of interfaces, of which one is a network without anyone at the other end.
WIRES = f"""\
ip link set lo up && ip link add wire0 type veth peer name wire1 && ip address add {ADDRESS}/24 dev wire0 &&
ip link set wire0 up && ip link set wire1 up && : >"$0" && exec sleep 3600
"""
#: The daemon's files have a fixed place, where this machine's own has its own.
HIDDEN = 'mkdir -p /run/avahi-daemon && mount -t tmpfs tmpfs /run/avahi-daemon && exec "$@"'


def why_not() -> str:
    """Return why there can be no such network here, or an empty string."""
    if os.geteuid() != 0:
        return "a network namespace needs root"
    wanted = (
        "avahi-daemon",
        "avahi-browse",
        "avahi-publish",
        "dbus-daemon",
        "ippeveprinter",
        "ip",
        "nsenter",
        "unshare",
    )
    missing = [name for name in wanted if not shutil.which(name, path=search_path())]
    if missing:
        return f"{', '.join(missing)} missing: install avahi-daemon, avahi-utils, dbus-daemon, cups-ipp-utils, iproute2"
    probe = ["unshare", "--net", "--mount", "sh", "-c", f"{WIRES.partition('&& :')[0]} && {HIDDEN}", "sh", "true"]
    if subprocess.run(probe, env={"PATH": search_path()}, capture_output=True).returncode:
        return "network and mount namespaces cannot be made here"
    return ""


@dataclass
class Wire:
    """A network with avahi-daemon, and what runs in it."""

    folder: Path
    stack: ExitStack = field(default_factory=ExitStack)
    printers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __enter__(self) -> Wire:
        self.environ = {"PATH": search_path(), "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={self.folder}/bus"}
        ready = self.folder / "ready"
        holder = self._keep(["unshare", "--net", "sh", "-c", WIRES, str(ready)])
        wait_until(ready.exists, 60, f"a network, see {self.folder}/log")
        self.prefix = ["nsenter", f"--net=/proc/{holder.pid}/ns/net"]
        (self.folder / "bus.conf").write_text(BUS.format(socket=self.folder / "bus"))
        (self.folder / "avahi.conf").write_text(DAEMON)
        self.start(["dbus-daemon", "--nofork", f"--config-file={self.folder}/bus.conf"])
        wait_until((self.folder / "bus").exists, 60, "socket of dbus-daemon")
        options = ["--no-rlimits", "--no-drop-root", "--no-chroot", "-f", f"{self.folder}/avahi.conf"]
        self.start(["unshare", "--mount", "sh", "-c", HIDDEN, "sh", "avahi-daemon", *options])
        wait_until(self._is_there, 60, f"avahi-daemon, see {self.folder}/log")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stack.close()

    def _is_there(self) -> bool:
        return self.run(["avahi-browse", "--parsable", "--terminate", "_ipps._tcp"]).returncode == 0

    def _keep(self, command: list[str]) -> subprocess.Popen[bytes]:
        with open(self.folder / "log", "ab") as log:
            process = subprocess.Popen(command, env=self.environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.stack.callback(self.stop, process)
        return process

    def start(self, command: list[str]) -> subprocess.Popen[bytes]:
        """Let a program run in the network until the end."""
        return self._keep([*self.prefix, *command])

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """End a program, and wait until it has ended."""
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def run(self, command: list[str], **environ: str) -> subprocess.CompletedProcess[str]:
        """Run a program in the network to its end."""
        words = [*self.prefix, *command]
        return subprocess.run(words, env={**self.environ, **environ}, capture_output=True, text=True, timeout=120)

    def announce_printer(self, name: str, port: int) -> None:
        """Start CUPS's own IPP Everywhere printer, with a new key, which it makes at its first handshake."""
        folder = self.folder / f"{name} {len(list(self.folder.iterdir()))}"
        (folder / "keys").mkdir(parents=True)
        (folder / "jobs").mkdir()
        words = ["ippeveprinter", "-K", str(folder / "keys"), "-d", str(folder / "jobs"), "-p", str(port), name]
        self.printers.append(self.start(words))

    def ipps443ctl(self, root: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run the administrator's command in the network, with a configuration of its own."""
        command = ["/usr/bin/python3", "-I", str(CHECKOUT / "backend" / "ipps443ctl"), *words]
        return self.run(command, CUPS_SERVERROOT=str(root), **environ)
