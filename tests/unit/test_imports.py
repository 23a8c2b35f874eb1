"""Who may import whom: the picture in docs/design.md, kept true by reading the import statements."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Set
from functools import lru_cache
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]

#: Modules and packages that take values and return values; "but" are modules among them that touch the world.
PURE = (
    "backend.errors",
    "backend.exit_status",
    "backend.device_uri",
    "backend.document.format",
    "backend.ipp",
    "backend.printer.job_status",
    "backend.printer.languages",
    "backend.http",
    "backend.job.media_attributes",
    "backend.job.option_rules",
    "backend.job.options",
    "backend.job.supported",
    "backend.delivery.answers",
    "backend.delivery.attempt",
    "backend.delivery.next_attempt",
    "backend.delivery.requests",
    "backend.delivery.transfer",
    "backend.delivery.unsupported_attributes",
    "backend.printer.attributes",
    "backend.trace.story",
    "backend.cupsd.printer_state",
    "backend.trust",
    "filters.common.dataclass",
    "filters.common.formats",
    "filters.codepage",
    "filters.description",
    "filters.common.job",
    "filters.common.printable",
    "filters.common.queue_name",
    "filters.scs",
    "filters.text",
    "filters.layout",
    "filters.pcl",
    "filters.pdf",
    "filters.picture",
    "filters.common.settings",
)
BUT = (
    "backend.trust.pin_store",
    "backend.trust.certificate_file",
    "filters.layout.reverse_order",
    "filters.pdf.opening",
    "filters.pdf.renderer",
    "filters.pdf.second_opinion",
    "filters.preview",
)

#: Modules that touch the world.
TOUCHING = (
    "backend.main",
    "backend.job.run",
    "backend.job.unfinished",
    "backend.discovery",
    "backend.transport",
    "backend.document.document",
    "backend.document.copy",
    "backend.printer.connections",
    "backend.printer.printer",
    "backend.printer.learned",
    "backend.control",
    "backend.trace.audit",
    "backend.trace.audit_log",
    "backend.trace.forwarding",
    "backend.trace.trace_file",
    "backend.trace.traced",
    "filters.common.report",
    *BUT,
)

#: What a module that touches the world imports for it.
WORLD = {
    "fcntl",
    "multiprocessing",
    "select",
    "selectors",
    "shutil",
    "signal",
    "socket",
    "ssl",
    "subprocess",
    "tempfile",
}

#: What socket offers beside sockets: addresses from text and back.
CALCULATING = {"AF_INET", "AF_INET6", "inet_ntop", "inet_pton"}

#: Who may import whom, from top to bottom: a module imports what lies in its own room and in lower layers. Rooms of one
#: layer do not know each other. Every module stands in exactly one entry.
LAYERS = (
    ("backend.main", "backend.control"),
    ("backend.job", "backend.discovery", "backend.exit_status"),
    ("backend.delivery",),
    ("backend.printer",),
    ("backend.transport",),
    ("backend.document", "backend.trace"),
    ("backend.cupsd", "backend.device_uri"),
    ("backend.http", "backend.trust", "backend.ipp.decoder", "backend.ipp.encoder", "backend.ipp.operations"),
    ("backend.ipp.values",),
    ("backend.ipp.message", "backend.ipp"),
    ("backend.ipp.tags",),
    ("backend.errors",),
    ("backend",),
    ("filters.preview",),
    ("filters.image_to_pages", "filters.scs_to_pcl", "filters.scs_to_pdf", "filters.text_to_pdf"),
    ("filters.pdf_check", "filters.pdf_to_pcl", "filters.pdf_to_pwg", "filters.text_to_pcl"),
    ("filters.scs_pages", "filters.scs_records", "filters.text_pages"),
    ("filters.pdf",),
    ("filters.pcl", "filters.picture"),
    ("filters.text", "filters.scs", "filters.description"),
    ("filters.layout",),
    ("filters.codepage",),
    ("filters.common",),
    ("filters",),
)

#: Packages that take their time, and are imported inside the function that needs them.
SLOW = (
    "PIL",
    "argparse",
    "ast",
    "asyncio",
    "cryptography",
    "cups",
    "fontTools",
    "http.client",
    "inspect",
    "pypdf",
    "reportlab",
    "tempfile",
    "unittest",
    "urllib.request",
)


def modules() -> dict[str, Path]:
    """Return all modules of the product by name."""
    found = {}
    for package in ("backend", "filters"):
        for path in sorted((CHECKOUT / package).rglob("*.py")):
            name = ".".join(path.relative_to(CHECKOUT).with_suffix("").parts)
            found[name.removesuffix(".__init__")] = path
    return found


MODULES = modules()


def statements(tree: ast.AST, everywhere: bool) -> Iterator[ast.stmt]:
    """Yield the statements of a module; without ``everywhere`` only those that run when it is imported."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            continue
        if isinstance(node, ast.stmt):
            yield node
        if everywhere or not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            yield from statements(node, everywhere)


@lru_cache(maxsize=None)
def parse(name: str) -> ast.Module:
    """Return the tree of a module."""
    return ast.parse(MODULES[name].read_text())


@lru_cache(maxsize=None)
def place(name: str) -> tuple[int, str]:
    """Return the layer in which a module stands, counted from the top, and its room: the longest entry that fits."""
    found = [(room, layer) for layer, rooms in enumerate(LAYERS) for room in rooms if fits(name, room)]
    assert found, f"{name} stands in no layer"
    room, layer = max(found, key=lambda entry: len(entry[0]))
    return layer, room


@lru_cache(maxsize=None)
def imports(name: str, everywhere: bool = True) -> frozenset[str]:
    """Return what a module imports, with ``from a import b`` as a.b where that is a module, else as a."""
    found: set[str] = set()
    for node in statements(parse(name), everywhere):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} imports relatively"
            base = node.module or ""
            found |= {f"{base}.{a.name}" if f"{base}.{a.name}" in MODULES else base for a in node.names}
    return frozenset(found)


def uses_of(name: str, package: str) -> set[str]:
    """Return the names that a module takes from a package, as in ``socket.inet_pton``."""
    nodes = list(ast.walk(parse(name)))
    attributes = [node for node in nodes if isinstance(node, ast.Attribute)]
    return {a.attr for a in attributes if isinstance(a.value, ast.Name) and a.value.id == package} | {
        alias.name
        for node in nodes
        if isinstance(node, ast.ImportFrom) and node.module == package
        for alias in node.names
    }


def ours(names: frozenset[str]) -> set[str]:
    """Return those of the names that are modules of the product."""
    return set(MODULES) & names


def is_below(name: str, package: str) -> bool:
    """Whether a module is a package or lies in it."""
    return name == package or name.startswith(package + ".")


#: All but the administrator's command.
ON_THE_WAY_OF_A_JOB = {name for name in MODULES if not is_below(name, "backend.control")}


def is_one_of(name: str, packages: tuple[str, ...]) -> bool:
    """Whether a module is one of these or lies in one of them."""
    return any(is_below(name, package) for package in packages)


def breaches(names: Iterable[str], forbidden: Callable[[str], Set[str]]) -> dict[str, Set[str]]:
    """Return the modules that import what they may not, each with that; there has to be one to look at."""
    looked_at = list(names)
    assert looked_at
    return {name: found for name in looked_at if (found := forbidden(name))}


def test_pure_modules_do_not_touch_the_world() -> None:
    """A module that takes and returns values imports nothing that opens sockets, files or programs."""

    def touched(name: str) -> set[str]:
        used = imports(name)
        world = {m for m in used if m.split(".")[0] in WORLD}
        if "socket" in world and uses_of(name, "socket") <= CALCULATING:
            world.remove("socket")
        return world | {m for m in used if is_one_of(m, TOUCHING)}

    assert breaches((m for m in MODULES if is_one_of(m, PURE) and not is_one_of(m, BUT)), touched) == {}


def test_filters_stand_alone() -> None:
    """Nothing in filters imports backend."""
    ours_of = (m for m in MODULES if is_below(m, "filters"))
    assert breaches(ours_of, lambda name: {m for m in imports(name) if is_below(m, "backend")}) == {}


def test_backend_uses_only_what_serves_both_sides() -> None:
    """Backend uses job, report, printable, queue names, root's files; for options media; control the layout."""
    assert breaches((m for m in MODULES if is_below(m, "backend")), of_the_other_side) == {}


def of_the_other_side(name: str) -> set[str]:
    """Return what a module of the backend takes of the filters, and may not."""
    allowed: tuple[str, ...] = (
        "filters.common.dataclass",
        "filters.common.job",
        "filters.common.printable",
        "filters.common.queue_name",
        "filters.common.report",
        "filters.common.trusted_file",
    )
    if name == "backend.trace.audit_settings":
        allowed += ("filters.common.settings", "filters.common.settings_file")
    if name in ("backend.printer.learned", "backend.job.refused_formats"):  # what the picture filter reads
        allowed += ("filters.common.learned_formats",)
    if name == "backend.discovery":
        allowed += ("filters.common.settings_file",)
    if is_below(name, "backend.job"):
        allowed += (
            "filters.common.finished_sets",
            "filters.common.formats",
            "filters.common.passed_jpeg",
            "filters.common.printer_copies",
            "filters.common.media",
            "filters.common.ppd",
            "filters.common.streams",
        )
    if is_below(name, "backend.control"):
        allowed += ("filters.layout", "filters.pcl", "filters.pdf", "filters.common.ppd", "filters.scs", "filters.text")
        allowed += ("filters.preview", "filters.common.settings", "filters.common.settings_file", "filters.description")
        allowed += ("filters.common.formats", "filters.common.streams")
    if name == "backend.printer.attributes":
        allowed += ("filters.description.attributes",)
    return {m for m in imports(name) if is_below(m, "filters") and not is_one_of(m, allowed)}


def fits(name: str, room: str) -> bool:
    """Whether a module belongs to an entry; "backend" and "filters" are only those packages' own __init__."""
    return name == room or ("." in room and is_below(name, room))


def test_layers() -> None:
    """A module imports only from its own room and from lower layers."""

    def above(name: str) -> set[str]:
        layer, room = place(name)
        return {m for m in ours(imports(name)) if place(m)[0] <= layer and place(m)[1] != room}

    assert breaches(MODULES, above) == {}


def test_every_layer_is_there() -> None:
    """No entry names a room that does not exist."""
    assert not [room for rooms in LAYERS for room in rooms if not any(fits(name, room) for name in MODULES)]


def drawn(tree: str) -> dict[str, int]:
    """Return the rooms of a tree in the picture of docs/design.md, with the lines on which they stand."""
    picture = (CHECKOUT / "docs" / "design.md").read_text().split("```")[1]
    rooms: dict[str, int] = {}
    for number, line in enumerate(picture.splitlines()):
        if "|" not in line:
            half = line[:50] if tree == "backend" else line[50:]
            rooms |= dict.fromkeys(half.replace("-", " ").replace("+", " ").split(), number)
    return rooms


@pytest.mark.parametrize("tree", ("backend", "filters"))
def test_the_picture_shows_the_layers(tree: str) -> None:
    """Each room stands in the picture, below all rooms that may import it; the two trees stand on one floor."""
    top: dict[str, int] = {}
    for layer, names in enumerate(LAYERS):
        for name in names:
            if "." in name and name.startswith(tree):
                top.setdefault(name.split(".")[1], layer)
    rooms = drawn(tree)
    if tree == "filters":
        rooms["common"] = drawn("backend")["common"]
    assert rooms.keys() - {f"{tree}/", ">", "<", "common"} == top.keys() - {"common"}
    for room in top:
        assert all(rooms[room] < rooms[below] for below in top if top[room] < top[below]), room


def test_only_the_pin_check_connects() -> None:
    """What makes connections is used by what judges them, and by the commands that show a certificate before it."""
    makers = {name for name in MODULES if "connect" in uses_of(name, "backend.transport.connection")}
    assert makers == {"backend.transport.pin_check", "backend.control.real_console", "backend.control.network"}
    assert not {name for name in MODULES if "connection" in uses_of(name, "backend.transport")}


def test_no_circles() -> None:
    """No module imports itself by way of others, inside a room neither."""
    left = {name: ours(imports(name)) - {name} for name in MODULES}
    while ground := {name for name, used in left.items() if not used & left.keys()}:
        left = {name: used for name, used in left.items() if name not in ground}
    assert not left, sorted(left)


def test_slow_packages_are_imported_where_they_are_needed() -> None:
    """No module imports a slow package when it is imported itself; the administrator's command may wait."""

    def slow(name: str) -> set[str]:
        return {m for m in imports(name, everywhere=False) if is_one_of(m, SLOW)}

    assert breaches(ON_THE_WAY_OF_A_JOB, slow) == {}


def test_h11_is_imported_only_when_a_printer_is_there() -> None:
    """The longest import waits until the printer makes its part of the handshake; the device list goes without."""
    program = f"import sys; sys.path.insert(0, {str(CHECKOUT)!r}); import backend.main; print('h11' in sys.modules)"
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize("name", ("backend.main", "filters.common.job"))
def test_an_ordinary_job_loads_no_slow_package(name: str) -> None:
    """What a job imports brings none of the slow packages along, not even by way of others."""
    program = (
        f"import sys; sys.path.insert(0, {str(CHECKOUT)!r}); before = set(sys.modules); import {name}\n"
        "print(*sys.modules.keys() - before)"
    )
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True)
    assert not set(SLOW) & set(done.stdout.split())


def test_dataclasses_are_imported_in_one_place() -> None:
    """filters.common.dataclass imports dataclasses in its own way, and has to come first."""
    others = ON_THE_WAY_OF_A_JOB - {"filters.common.dataclass"}
    assert breaches(others, lambda name: imports(name) & {"dataclasses"}) == {}


def test_no_state_on_import() -> None:
    """No module opens a file, a socket or a process when it is imported."""
    program = (
        f"import sys; sys.path.insert(0, {str(CHECKOUT)!r}); import importlib\n"
        "for name in sys.argv[1:]: importlib.import_module(name)\n"
        "events = []\n"
        "sys.addaudithook(lambda event, args: events.append((event, args)))\n"
        "for name in sys.argv[1:]: importlib.reload(sys.modules[name])\n"
        "bad = ('socket.', 'subprocess.', 'os.remove', 'os.mkdir', 'os.listdir', 'tempfile.')\n"
        "print(*[e for e in events if e[0].startswith(bad)])\n"
    )
    command = [sys.executable, "-I", "-c", program, *sorted(ON_THE_WAY_OF_A_JOB)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr
