"""Two hundred queues on one server, each with a job that waits for its printer: what that costs, and whether all print.

    sudo /usr/bin/python3 -m tests.bench.bench_queues [--queues N]

A private cupsd (tests/cups) on loopback. Its printers are off at first, so that each job has a backend that waits;
then cupsd is restarted, the printers are turned on, and all jobs have to come out, each once. Memory is PSS
(/proc/PID/smaps_rollup): what processes share is counted once. Times of commands are medians of five.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path

from backend.trust.fingerprint import as_hex
from tests.cups.server import PCL5E, CupsServer, free_port, wait_until, why_not
from tests.printer import Printer, make_certificate

#: Seconds that no step takes, however busy the machine is.
LONG = 1800


class Bench:
    """The server, its queues, and what was measured so far."""

    def __init__(self, server: CupsServer, count: int) -> None:
        self._server = server
        self._names = [f"q{number}" for number in range(count)]
        self._certificate = make_certificate("printer")
        self._port = free_port()
        self._hosts = [f"127.0.{1 + number // 250}.{1 + number % 250}" for number in range(count)]

    def say(self, name: str, value: str) -> None:
        print(f"{name:52} {value:>12}", flush=True)

    def timed(self, name: str, action: Callable[[], object], runs: int = 5) -> None:
        """Do something several times, and say how long it took."""
        seconds = []
        for _ in range(runs):
            began = time.monotonic()
            action()
            seconds.append(time.monotonic() - began)
        self.say(name, f"{statistics.median(seconds):.2f} s")

    # --- the steps

    def make_queues(self) -> None:
        """Pin all printers, and make a queue for each."""
        pin = as_hex(self._certificate.cert_sha256).removeprefix("sha256:")
        self._server.write_pins("".join(f"{host}:{self._port} cert-sha256:{pin}\n" for host in self._hosts))
        began = time.monotonic()
        for name, host in zip(self._names, self._hosts):
            self._server.add_queue(name, f"ipps443://{host}:{self._port}/ipp/print", PCL5E)
        self.say("lpadmin, for each queue", f"{(time.monotonic() - began) / len(self._names):.3f} s")

    def look(self, when: str) -> None:
        """Time what people and programs ask for."""
        for command in ("lpstat -p", "lpstat -t", "lpstat -o", "lpinfo --include-schemes ipps443 -v"):
            self.timed(f"{command}, {when}", lambda: self._server.run(*command.split(), timeout=LONG))
        self.timed(f"web page /printers, {when}", lambda: self._page("/printers/"))
        self.timed(f"web page of one queue, {when}", lambda: self._page(f"/printers/{self._names[0]}"))

    def _page(self, path: str) -> None:
        with urllib.request.urlopen(f"http://127.0.0.1:{self._server.port}{path}", timeout=LONG) as answer:
            text = answer.read().decode("utf-8", "replace")
        if self._names[0] not in text:
            raise SystemExit(f"the page {path} does not name {self._names[0]}")

    def print_all(self) -> None:
        """Give a job to each queue, and wait until each has a backend that waits."""
        before = resident([self._cupsd()])
        began = time.monotonic()
        for name in self._names:
            self._server.lp(name, text="A page that waits.\n")
        self.say("lp, for each job", f"{(time.monotonic() - began) / len(self._names):.3f} s")
        self._await_backends()
        self.say("until all wait for their printers", f"{time.monotonic() - began:.1f} s")
        backends = self._server.processes("ipps443")
        others = [each for each in self._server.processes() if each not in backends]
        self.say("memory of a waiting backend (PSS)", f"{resident(backends) / len(backends) / 1024:.1f} MiB")
        self.say("filters and others, for each job", f"{resident(others) / len(self._names) / 1024:.1f} MiB")
        self.say(
            "cupsd itself, before and with the jobs", f"{before / 1024:.0f}, {resident([self._cupsd()]) / 1024:.0f} MiB"
        )
        began_cpu, began = self._processor_time(), time.monotonic()
        time.sleep(60)
        used = (self._processor_time() - began_cpu) / (time.monotonic() - began)
        self.say("processor while all wait", f"{100 * used:.0f} %")

    def _await_backends(self, before: frozenset[tuple[int, str]] = frozenset()) -> None:
        """Wait until each job has a backend that was not there before."""
        most = len(self._names)
        wait_until(lambda: len(self._backends() - before) >= most, LONG, "backend for each job")

    def _backends(self) -> frozenset[tuple[int, str]]:
        """Return the backends of now, each with the time of its start: the number of one that is gone comes again."""
        found = set()
        for process in self._server.processes("ipps443"):
            with suppress(OSError):  # it has just ended
                found.add((process, Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[19]))
        return frozenset(found)

    def _cupsd(self) -> int:
        assert self._server._process is not None
        return self._server._process.pid

    def _processor_time(self) -> float:
        """Return the seconds that the backends of now have used."""
        ticks = 0
        for process in self._server.processes("ipps443"):
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / 100

    def restart(self) -> None:
        """Restart cupsd while all jobs wait."""
        before = self._backends()
        began = time.monotonic()
        self._server.stop()
        self.say("cupsd ends", f"{time.monotonic() - began:.1f} s")
        began = time.monotonic()
        self._server.start()
        self.say("cupsd answers again", f"{time.monotonic() - began:.1f} s")
        self._await_backends(before)
        self.say("until all jobs wait again", f"{time.monotonic() - began:.1f} s")

    def finish(self) -> bool:
        """Turn all printers on, and tell whether each job came out once."""
        with ExitStack() as stack:
            printers = [stack.enter_context(Printer(self._certificate, host=h, port=self._port)) for h in self._hosts]
            began = time.monotonic()
            wait_until(lambda: all(printer.printed for printer in printers), LONG, "job at each printer")
            self.say("printers are on: until all have printed", f"{time.monotonic() - began:.1f} s")
            wait_until(lambda: not self._server.run("lpstat", "-o").stdout.strip(), LONG, "end of all jobs")
            counts = [len(printer.printed) for printer in printers]
        self.say(
            "jobs printed once, lost, printed twice",
            f"{counts.count(1)}, {counts.count(0)}, {sum(n > 1 for n in counts)}",
        )
        return counts == [1] * len(counts)


def resident(processes: list[int]) -> int:
    """Return the kilobytes of processes, each of their shares of what they share."""
    total = 0
    for process in processes:
        try:
            text = Path(f"/proc/{process}/smaps_rollup").read_text()
        except OSError:
            continue
        total += int(text.partition("\nPss:")[2].split()[0])
    return total


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--queues", type=int, default=200)
    count = parser.parse_args().queues
    if why_not():
        sys.exit(why_not())
    with CupsServer("MaxClients 500", web_interface=True) as server:
        bench = Bench(server, count)
        bench.make_queues()
        bench.look("no jobs")
        bench.print_all()
        bench.look("all wait")
        bench.restart()
        return 0 if bench.finish() else 1


if __name__ == "__main__":
    sys.exit(main())
