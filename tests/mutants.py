"""Plants small faults in the product, one at a time, and tells which the unit tests do not notice.

Run by ``tests/run --mutants``. Rules of this module:

- the checkout is not touched: faults are planted in a copy, which is thrown away;
- which faults there are depends on a module's own text and on a seed, so that two runs can be compared;
- a module's tests are the files below tests/unit that import it, themselves or by what they share with others, those
  that have its folder's name in theirs, and the one that has its own; where few import it, those of its users;
- a fault is noticed if a test fails, or does not come to an end;
- a fault can write where no test should: for root, all but the folders for temporary files is read-only.

Not planted: text that people read, annotations, decorators, docstrings and lines for the debug log.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import random
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

SEED = 443
CHECKOUT = Path(__file__).resolve().parents[1]
#: Of the places where a fault can be planted, and of one module at least and at most: tables would outweigh the rest.
SHARE, LEAST, MOST = 0.06, 1, 12
#: Seconds for the tests of a faulty module: so many times what they take without a fault, and some for their start.
TIMES, START_SECONDS = 4.0, 30.0
#: A module that many use has more tests than say anything about it; one that few import has those of its users.
MOST_TEST_FILES, FEW_TEST_FILES = 20, 3

FLIPPED: dict[type[ast.cmpop], ast.cmpop] = {
    ast.Lt: ast.LtE(),
    ast.LtE: ast.Lt(),
    ast.Gt: ast.GtE(),
    ast.GtE: ast.Gt(),
    ast.Eq: ast.NotEq(),
    ast.NotEq: ast.Eq(),
    ast.Is: ast.IsNot(),
    ast.IsNot: ast.Is(),
    ast.In: ast.NotIn(),
    ast.NotIn: ast.In(),
}
#: For each line, a list of arguments of pytest: forks, and says the number of the process group, then how it ended.
#: Its first lines import what takes long; where a package is missing, the tests that need it skip or fail as always.
SERVER = """
import importlib, json, os, sys
for name in ("pytest", "hypothesis.strategies", "cryptography.x509", "h11", "pypdf", "PIL.Image"):
    try:
        importlib.import_module(name)
    except ImportError:
        pass
import pytest
for line in sys.stdin:
    ready, begin = os.pipe()
    child = os.fork()
    if not child:
        os.setsid()
        os.write(begin, b"x")
        nothing = os.open(os.devnull, os.O_RDWR)
        for number in range(3):
            os.dup2(nothing, number)
        os.closerange(3, 100)
        try:
            os._exit(int(pytest.main(json.loads(line))))
        finally:
            os._exit(70)
    os.close(begin)
    os.read(ready, 1)
    os.close(ready)
    print(child, flush=True)
    print(os.waitpid(child, 0)[1], flush=True)
"""
#: pytest's exit code for a file of which every test is a long one.
NOTHING_TO_RUN = 5
#: What root runs the server in: a mount namespace of its own, in which a fault cannot harm the machine. Its root is
#: read-only; what is left are the folders for temporary files, and other file systems.
PROTECTED = """
set -e
mount --make-rprivate /
for folder in /tmp /var/tmp /dev/shm /run "$1"; do
    [ ! -d "$folder" ] || mount --rbind "$folder" "$folder"
done
mount -o remount,bind,ro /
cd "$1"  # by way of what can be written
shift
exec "$@"
"""
#: Calls that only tell a developer something.
TELLING = {"debug", "warn", "note"}


@dataclass(frozen=True)
class Fault:
    """One fault: what kind it is, and which octets of the module become which."""

    kind: str
    line: int
    begin: int
    end: int
    before: str
    after: str

    def plant(self, source: bytes) -> bytes:
        """Return the module with the fault."""
        return source[: self.begin] + self.after.encode() + source[self.end :]

    def __str__(self) -> str:
        before = " ".join(self.before.split())
        return f"{self.line}: {before[:60]}{'...' * (len(before) > 60)} -> {self.after[:70]}  ({self.kind})"


def find_faults(source: bytes) -> list[Fault]:
    """Return all faults that can be planted in a module, in the order of its text."""
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    found = []
    for kind, node, after in _changes(ast.parse(source)):
        begin = starts[node.lineno - 1] + node.col_offset
        end = starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)
        found.append(Fault(kind, node.lineno, begin, end, source[begin:end].decode(), after))
    return sorted(found, key=lambda fault: (fault.begin, fault.end, fault.kind, fault.after))


def _changes(tree: ast.AST) -> Iterator[tuple[str, ast.expr | ast.stmt, str]]:
    """Give the kind of each change, the node to replace, and what to put in its place."""
    for node in _walk(tree):
        if isinstance(node, ast.Compare):
            yield "comparison", node, _text(
                ast.Compare(node.left, [FLIPPED[type(node.ops[0])], *node.ops[1:]], node.comparators)
            )
        elif isinstance(node, ast.BoolOp):
            other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
            yield "and/or", node, _text(ast.BoolOp(other, node.values))
        elif isinstance(node, ast.Constant):
            yield from (("constant", node, after) for after in _other_constants(node.value))
        elif isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
            if any(isinstance(side, ast.Constant) and isinstance(side.value, int) for side in (node.left, node.right)):
                reverse = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
                yield "sign", node, _text(ast.BinOp(node.left, reverse, node.right))
        elif isinstance(node, (ast.If, ast.While, ast.IfExp)):
            if not isinstance(node.test, ast.Constant):
                yield "condition", node.test, _text(ast.UnaryOp(ast.Not(), node.test))
        elif isinstance(node, ast.Return):
            if node.value is not None and not isinstance(node.value, ast.Constant):
                yield "return", node, "return None"
        elif _can_go(node):
            assert isinstance(node, ast.stmt)
            yield "removed", node, "pass"


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    """Give all nodes in which a fault is one of the program."""
    yield node
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "type_comment"):
            continue
        for child in value if isinstance(value, list) else [value]:
            # Before Python 3.12 places inside of f-strings are not known.
            if isinstance(child, ast.AST) and not isinstance(child, ast.JoinedStr) and not _only_tells(child):
                yield from _walk(child)


def _only_tells(node: ast.AST) -> bool:
    if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
        return True
    if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
        return False
    called = node.value.func
    return (called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")) in TELLING


def _can_go(node: ast.AST) -> bool:
    """Tell whether a statement can be left out without leaving a name without a value."""
    if isinstance(node, (ast.Raise, ast.AugAssign, ast.Continue, ast.Break, ast.Delete)):
        return True
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Call)
    return isinstance(node, ast.Assign) and all(isinstance(to, (ast.Attribute, ast.Subscript)) for to in node.targets)


def _other_constants(value: object) -> Iterator[str]:
    if isinstance(value, bool):
        yield repr(not value)
    elif isinstance(value, int):
        yield from (repr(value + 1), f"({value - 1})")
    elif isinstance(value, float):
        yield repr(value * 2 + 1)


def _text(node: ast.expr) -> str:
    return f"({ast.unparse(node)})"


def choose(path: str, faults: list[Fault], share: float = SHARE, seed: int = SEED) -> list[Fault]:
    """Return the faults to plant in a module: all kinds alike, and the same ones each time."""
    chance = random.Random(f"{seed} {path}")
    kinds: dict[str, list[Fault]] = {}
    for fault in faults:
        kinds.setdefault(fault.kind, []).append(fault)
    chosen: list[Fault] = []
    wanted = min(len(faults), MOST, max(LEAST, round(share * len(faults))))
    while len(chosen) < wanted:
        kind = chance.choice(sorted(kinds))
        chosen.append(kinds[kind].pop(chance.randrange(len(kinds[kind]))))
        if not kinds[kind]:
            del kinds[kind]
    return sorted(chosen, key=lambda fault: fault.begin)


class Tree:
    """A copy of the checkout: its modules, and the tests that belong to them."""

    def __init__(self, root: Path) -> None:
        self._root = root
        places = {folder: sorted((root / folder).rglob("*.py")) for folder in ("backend", "filters")}
        self.modules = [str(path.relative_to(root)) for paths in places.values() for path in paths]
        self._tests = sorted(str(path.relative_to(root)) for path in (root / "tests" / "unit").rglob("test_*.py"))

    @lru_cache(maxsize=None)
    def _imports(self, path: str) -> frozenset[str]:
        """Return all dotted names that a file, or a test's helper, imports, each also with what it takes from there."""
        found = {*self._own_imports(path)}
        helpers = {f"{name.replace('.', '/')}.py" for name in found if name.startswith("tests.")}
        for helper in sorted(helpers):
            if not Path(helper).name.startswith("test_") and (self._root / helper).is_file():
                found |= self._imports(helper)
        return frozenset(found)

    @lru_cache(maxsize=None)
    def _own_imports(self, path: str) -> frozenset[str]:
        found = set()
        for node in ast.walk(ast.parse((self._root / path).read_bytes())):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        return frozenset(found)

    def tests_of(self, path: str) -> list[str]:
        """Return the test files of a module, those that are likeliest to notice a fault of it first."""
        near = {test for test in self._tests if _has_name_of(test, path) or _has_folder_of(test, path)}
        seen, modules, importing = {path}, [path], set[str]()
        while modules and len(importing) < FEW_TEST_FILES:
            names = {_dotted(module) for module in modules}
            importing |= {test for test in self._tests if names & self._imports(test)}
            modules = [other for other in self.modules if names & self._imports(other) and other not in seen]
            seen |= {*modules}
        itself = {test for test in importing if _dotted(path) in self._own_imports(test)}
        # All commands are tested through one function; a test says which one it runs.
        naming = {test for test in near if Path(path).stem in self._words(test)}
        ranked = sorted(
            near | importing,
            key=lambda test: (_rank(test, path, test in importing, test in itself, test in naming), test),
        )
        return ranked[:MOST_TEST_FILES]

    @lru_cache(maxsize=None)
    def _words(self, test: str) -> frozenset[str]:
        return frozenset(re.findall(r"\w+", (self._root / test).read_text()))


def _dotted(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _has_name_of(test: str, path: str) -> bool:
    """Tell whether a test file has the name of a module, in a folder that has the name of the module's."""
    module, file = Path(path), Path(test)
    return file.name == f"test_{module.name}" and file.parent.name == module.parent.name


def _has_folder_of(test: str, path: str) -> bool:
    """Tell whether a test file has the name of a module's folder: filters/test_pdf_boxes.py is about filters/pdf.

    The rooms of the backend that are pure, and the command, have folders of their own: tests/unit/control.
    """
    top, *inner = Path(path).parent.parts
    return bool(inner) and (inner[-1] in test.partition(f"/{top}/")[2] or Path(test).parent.name in inner)


def _rank(
    test: str, path: str, imports: bool, itself: bool, names: bool
) -> tuple[bool, bool, bool, bool, bool, int, bool]:
    """Order test files: the module's own, those of its folder that import it, then by how near they are to it.

    Those that import it themselves come before those of which a helper does. A command's test (test_pin.py) has the
    beginning of the names of its modules (pinning.py), and imports none of them.
    """
    ours, theirs = Path(path).parent.parts, Path(test).parent.parts
    of_folder = _has_folder_of(test, path)
    begins = of_folder and Path(path).name.startswith(Path(test).stem.removeprefix("test_"))
    near = -len({*ours} & {*theirs})
    return (
        not _has_name_of(test, path),
        not begins,
        not itself,
        not names,
        not (imports and of_folder),
        near,
        not imports,
    )


class Runner:
    """Runs tests in processes forked from one that has imported all that is slow and not ours.

    Attributes:
        root: the copy, in which they run.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._seconds: dict[str, float | None] = {}
        protected = ["unshare", "--mount", "sh", "-c", PROTECTED, "sh", str(root)] if os.geteuid() == 0 else []
        self._server = subprocess.Popen(
            [*protected, sys.executable, "-c", SERVER],
            cwd=root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,  # select must see what has not been read
            # A fault of the same second and length would be taken for what was compiled before.
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        )

    def pass_within(self, tests: list[str], seconds: float) -> bool | None:
        """Return whether the tests pass; None if they do not come to an end in time."""
        options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-m", "not soak", "--hypothesis-seed=0"]
        to, of = self._server.stdin, self._server.stdout
        assert to and of
        to.write(json.dumps([*options, *tests]).encode() + b"\n")
        to.flush()
        group = int(of.readline())
        ended = bool(select.select([of], [], [], seconds)[0])
        # What a test has started, and a test that does not end. They are in a group of their own.
        try:
            os.killpg(group, signal.SIGKILL)
        except ProcessLookupError:
            pass
        status = int(of.readline())
        return os.waitstatus_to_exitcode(status) in (0, NOTHING_TO_RUN) if ended else None

    def notices(self, test: str) -> bool:
        """Tell whether a file of tests fails, with what is planted now.

        How long it takes without a fault is not known before it has failed once; a fault that hangs is waited for.
        """
        return not self.pass_within([test], START_SECONDS + TIMES * (self._seconds.get(test) or START_SECONDS))

    def is_whole(self, test: str) -> bool:
        """Tell whether a file of tests passes as long as nothing is planted. Each is run once."""
        if test not in self._seconds:
            began = time.monotonic()
            passed = self.pass_within([test], 20 * START_SECONDS)
            self._seconds[test] = time.monotonic() - began if passed else None
        return self._seconds[test] is not None

    def close(self) -> None:
        """Let the process end."""
        with self._server:
            pass


@dataclass
class Count:
    """How many faults of an area were planted, and how many the tests noticed."""

    planted: int = 0
    noticed: int = 0

    @property
    def share(self) -> str:
        return f"{100 * self.noticed / self.planted:.0f} %" if self.planted else "-"


def try_module(runner: Runner, tree: Tree, path: str, share: float, seed: int, count: Count) -> None:
    """Plant the faults of one module, one at a time, and say which are not noticed."""
    file = runner.root / path
    source = file.read_bytes()
    faults = choose(path, find_faults(source), share, seed)
    if not faults:
        return
    tests = tree.tests_of(path)
    if not tests:
        print(f"{path}: no test imports it", flush=True)
    for fault in faults:
        compile(fault.plant(source), path, "exec", dont_inherit=True)
        count.planted += 1
        for test in tests:
            file.write_bytes(fault.plant(source))
            failed = runner.notices(test)
            file.write_bytes(source)
            if failed and runner.is_whole(test):
                count.noticed += 1
                break
            if failed:
                print(f"{test} fails without a fault", flush=True)
        else:
            print(f"{path}:{fault}", flush=True)


def main(arguments: list[str], checkout: Path = CHECKOUT) -> int:
    """Plant faults and print which go unnoticed, then a table of the areas."""
    parser = argparse.ArgumentParser(
        prog="tests/run --mutants",
        description="Plant small faults in a copy of the product, one at a time, and print those no unit test notices.",
    )
    parser.add_argument("areas", nargs="*", default=["backend", "filters"], help="folders or files, as backend/trust")
    parser.add_argument("--share", type=float, default=SHARE, help="share of the possible faults (%(default)s)")
    parser.add_argument("--seed", type=int, default=SEED, help="another number chooses other faults (%(default)s)")
    parser.add_argument("--list", action="store_true", help="only list the faults, and run nothing")
    options = parser.parse_args(arguments)
    counts: dict[str, Count] = {}
    with tempfile.TemporaryDirectory(prefix="mutants-") as name:
        os.chmod(name, 0o755)  # tests that give up the rights of root read the copy as well
        root = Path(name, "checkout")
        unwanted = shutil.ignore_patterns(".git", ".mypy_cache", ".hypothesis", "__pycache__", "build")
        shutil.copytree(checkout, root, symlinks=True, ignore=unwanted)
        tree = Tree(root)
        areas = [area.rstrip("/") for area in options.areas]
        chosen = [path for path in tree.modules if any(path == area or path.startswith(f"{area}/") for area in areas)]
        if not chosen:
            print(f"No module is in {' '.join(areas)}; name a folder or a file of backend or filters.")
            return 2
        runner = None if options.list else Runner(root)
        for path in chosen:
            count = counts.setdefault(str(Path(path).parent), Count())
            if runner:
                try_module(runner, tree, path, options.share, options.seed, count)
                continue
            faults = choose(path, find_faults((root / path).read_bytes()), options.share, options.seed)
            count.planted += len(faults)
            print(*(f"{path}:{fault}" for fault in faults), sep="\n")
        if runner:
            runner.close()
    _print_table(counts)
    return 0


def _print_table(counts: dict[str, Count]) -> None:
    total = Count(sum(c.planted for c in counts.values()), sum(c.noticed for c in counts.values()))
    print(f"\n{'area':<28}{'planted':>8}{'noticed':>8}{'share':>8}")
    for area, count in [*counts.items(), ("in all", total)]:
        print(f"{area:<28}{count.planted:>8}{count.noticed:>8}{count.share:>8}")


if __name__ == "__main__":
    os.nice(19)
    sys.exit(main(sys.argv[1:]))
