"""Who may import whom: the picture in docs/design.md, kept true by reading the import statements."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]

#: Modules and packages that take values and return values; "but" are modules among them that touch the world.
PURE = (
    "backend.errors",
    "backend.exit_status",
    "backend.device_uri",
    "backend.document_format",
    "backend.ipp",
    "backend.http",
    "backend.job_attributes",
    "backend.options_sent",
    "backend.transfer",
    "backend.printer_state",
    "backend.trust",
    "filters.dataclass",
    "filters.job",
    "filters.text",
    "filters.layout",
    "filters.pcl",
    "filters.pdf",
)
BUT = (
    "backend.trust.pin_store",
    "backend.trust.certificate_file",
    "filters.layout.reverse_order",
    "filters.pdf.renderer",
    "filters.pdf.preview",
)

#: Modules that touch the world.
TOUCHING = (
    "backend.main",
    "backend.run",
    "backend.unfinished",
    "backend.discovery",
    "backend.connection",
    "backend.document",
    "backend.printer",
    "backend.learned",
    "backend.trace",
    "backend.control",
    "filters.report",
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

#: Of our own modules each of these imports only the ones beside it.
LAYERS: dict[str, set[str]] = {
    "filters.dataclass": set(),
    "backend.errors": {"filters.dataclass"},
    "backend.ipp.tags": set(),
    "backend.ipp.message": {"filters.dataclass", "backend.errors", "backend.ipp"},
    "backend.ipp.values": {"backend.ipp"},
    "backend.ipp.encoding": {"filters.dataclass", "backend.errors", "backend.ipp"},
    "backend.ipp.operations": {"filters.dataclass", "backend.errors", "backend.ipp"},
}

#: From the ground up: a module of the list never imports a later one.
ORDER = (
    "backend.ipp.tags",
    "backend.ipp.message",
    "backend.ipp.values",
    "backend.ipp.encoding",
    "backend.ipp.operations",
)

#: Packages that take their time, and are imported inside the function that needs them.
SLOW = (
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


def imports(name: str, everywhere: bool = True) -> set[str]:
    """Return what a module imports, with ``from a import b`` as a.b where that is a module, else as a."""
    found = set()
    for node in statements(ast.parse(MODULES[name].read_text()), everywhere):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} imports relatively"
            base = node.module or ""
            found |= {f"{base}.{a.name}" if f"{base}.{a.name}" in MODULES else base for a in node.names}
    return found


def uses_of(name: str, package: str) -> set[str]:
    """Return the names that a module takes from a package, as in ``socket.inet_pton``."""
    nodes = list(ast.walk(ast.parse(MODULES[name].read_text())))
    attributes = [node for node in nodes if isinstance(node, ast.Attribute)]
    return {a.attr for a in attributes if isinstance(a.value, ast.Name) and a.value.id == package} | {
        alias.name
        for node in nodes
        if isinstance(node, ast.ImportFrom) and node.module == package
        for alias in node.names
    }


def ours(names: set[str]) -> set[str]:
    """Return those of the names that are modules of the product."""
    return names & set(MODULES)


def is_below(name: str, package: str) -> bool:
    """Whether a module is a package or lies in it."""
    return name == package or name.startswith(package + ".")


def is_one_of(name: str, packages: tuple[str, ...]) -> bool:
    """Whether a module is one of these or lies in one of them."""
    return any(is_below(name, package) for package in packages)


@pytest.mark.parametrize("name", sorted(m for m in MODULES if is_one_of(m, PURE) and not is_one_of(m, BUT)))
def test_pure_modules_do_not_touch_the_world(name: str) -> None:
    """A module that takes and returns values imports nothing that opens sockets, files or programs."""
    used = imports(name)
    assert not {m for m in used if is_one_of(m, TOUCHING)}
    world = {m for m in used if m.split(".")[0] in WORLD}
    if "socket" in world and uses_of(name, "socket") <= CALCULATING:
        world.remove("socket")
    assert not world


@pytest.mark.parametrize("name", sorted(m for m in MODULES if is_below(m, "filters")))
def test_filters_stand_alone(name: str) -> None:
    """Nothing in filters imports backend."""
    assert not {m for m in imports(name) if is_below(m, "backend")}


@pytest.mark.parametrize("name", sorted(m for m in MODULES if is_below(m, "backend")))
def test_backend_uses_only_what_serves_both_sides(name: str) -> None:
    """Of filters, backend uses job, report, dataclass; for options descriptions and media, too; control the layout."""
    allowed: tuple[str, ...] = ("filters.dataclass", "filters.job", "filters.report")
    if name in ("backend.job_attributes", "backend.run"):
        allowed += ("filters.pcl.media", "filters.ppd", "filters.streams")
    if is_below(name, "backend.control"):
        allowed += ("filters.layout", "filters.pcl", "filters.pdf", "filters.ppd", "filters.text")
    assert not {m for m in imports(name) if is_below(m, "filters") and not is_one_of(m, allowed)}


@pytest.mark.parametrize("name", sorted(set(LAYERS) & set(MODULES)))
def test_layers_of_ipp(name: str) -> None:
    """errors and tags carry message, encoding and operations, each on the ones before it."""
    used = ours(imports(name))
    assert not {m for m in used if not is_one_of(m, tuple(LAYERS[name]))}
    if name in ORDER:
        assert not used & set(ORDER[ORDER.index(name) + 1 :])


@pytest.mark.parametrize("name", sorted(MODULES))
def test_slow_packages_are_imported_where_they_are_needed(name: str) -> None:
    """No module imports a slow package when it is imported itself; the administrator's command may wait."""
    if is_below(name, "backend.control"):
        pytest.skip("not on the way of a job")
    assert not {m for m in imports(name, everywhere=False) if is_one_of(m, SLOW)}


def test_h11_is_imported_only_when_a_printer_is_there() -> None:
    """The longest import waits until the printer makes its part of the handshake; the device list goes without."""
    program = f"import sys; sys.path.insert(0, {str(CHECKOUT)!r}); import backend.main; print('h11' in sys.modules)"
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize("name", ("backend.main", "filters.job"))
def test_an_ordinary_job_loads_no_slow_package(name: str) -> None:
    """What a job imports brings none of the slow packages along, not even by way of others."""
    if name not in MODULES:
        pytest.skip(f"{name} is not there")
    program = (
        f"import sys; sys.path.insert(0, {str(CHECKOUT)!r}); before = set(sys.modules); import {name}\n"
        "print(*sys.modules.keys() - before)"
    )
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True)
    assert not set(SLOW) & set(done.stdout.split())


@pytest.mark.parametrize("name", sorted(set(MODULES) - {"filters.dataclass"}))
def test_dataclasses_are_imported_in_one_place(name: str) -> None:
    """filters.dataclass imports dataclasses in its own way, and has to come first."""
    if is_below(name, "backend.control"):
        pytest.skip("not on the way of a job")
    assert "dataclasses" not in imports(name)


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
    names = [name for name in MODULES if not is_below(name, "backend.control")]
    done = subprocess.run([sys.executable, "-I", "-c", program, *names], capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr
