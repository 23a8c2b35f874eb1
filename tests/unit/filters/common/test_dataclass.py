"""Our dataclasses beside those of the standard library."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import field
from pathlib import Path
from typing import Any

import pytest

from filters.common.dataclass import dataclass, replace

CHECKOUT = Path(__file__).resolve().parents[4]
SOURCE = (
    "class Sheet:\n    '''A sheet.'''\n    name: str\n    size: tuple = (210, 297)\n"
    "    notes: list = field(default_factory=list)\n    secret: str = field(default='', repr=False)\n"
)


def define(decorator: Any, **options: bool) -> Any:
    """Return the class above, made by one of the decorators."""
    names: dict[str, Any] = {"field": field, "decorate": decorator(**options), "__name__": __name__}
    exec("from __future__ import annotations\n@decorate\n" + SOURCE, names)
    return names["Sheet"]


WAYS: list[dict[str, bool]] = [{}, {"frozen": True}, {"eq": False}]
both = pytest.mark.parametrize("options", WAYS, ids=str)


def outcome(act: Callable[[], object]) -> object:
    """Return what something comes to: its value, or the type of what it raises."""
    try:
        return act()
    except Exception as error:
        return type(error)


USES: list[Callable[[Any], object]] = [
    lambda cls: repr(cls("A4")),
    lambda cls: repr(cls("A4", (1, 2), notes=["x"], secret="y")),
    lambda cls: cls("A4") == cls(name="A4"),
    lambda cls: cls("A4") == cls("A5"),
    lambda cls: cls("A4", secret="x") == cls("A4", secret="y"),
    lambda cls: cls("A4") == "A4",
    lambda cls: cls("A4").notes is cls("A4").notes,
    lambda cls: cls.__eq__(cls("A4"), ("A4",)),
    lambda cls: len({hash(sheet) for sheet in (cls("A4", (), ""), cls("A4", (), ""))}),
    lambda cls: type(hash(cls("A4"))),
    lambda cls: type(hash(cls("A4", (), ""))),
    lambda cls: cls(),
    lambda cls: cls("A4", (), [], "", 5),
    lambda cls: cls("A4", name="A4"),
    lambda cls: cls("A4", colour="red"),
    lambda cls: cls(colour="red"),
    lambda cls: setattr(cls("A4"), "name", "A5"),
    lambda cls: setattr(cls("A4"), "colour", "red"),
    lambda cls: delattr(cls("A4"), "name"),
    lambda cls: dataclasses.asdict(cls("A4", notes=[1])),
    lambda cls: repr(dataclasses.replace(cls("A4", notes=[1]), name="A5")),
    lambda cls: [f.name for f in dataclasses.fields(cls)],
    lambda cls: cls.__match_args__,
    lambda cls: cls.size,
]


@both
@pytest.mark.parametrize("use", USES, ids=inspect.getsource)
def test_is_used_like_the_original(options: dict[str, bool], use: Callable[[Any], object]) -> None:
    """Making, comparing, showing and changing values ends as with the standard library's dataclasses."""
    ours = outcome(lambda: use(define(dataclass, **options)))
    assert ours == outcome(lambda: use(define(dataclasses.dataclass, **options)))


@both
@pytest.mark.parametrize("changes", [{}, {"name": "A5"}, {"notes": ["x"], "secret": "y"}, {"colour": "red"}], ids=str)
def test_replace_is_that_of_the_original(options: dict[str, bool], changes: dict[str, Any]) -> None:
    """It changes the same, keeps the same, and refuses the same, without asking for the fields."""
    cls, original = define(dataclass, **options), define(dataclasses.dataclass, **options)
    sheet = cls("A4", notes=[1])
    ours = outcome(lambda: vars(replace(sheet, **changes)))
    assert ours == outcome(lambda: vars(dataclasses.replace(original("A4", notes=[1]), **changes)))
    assert sheet.notes == [1] and (changes or replace(sheet).notes is sheet.notes)


def test_errors_are_exceptions_with_fields() -> None:
    """A dataclass may be an exception; its fields are there when it is caught."""

    @dataclass(eq=False)
    class Refused(Exception):
        """Told by a printer."""

        status: int
        reason: str = ""

    with pytest.raises(Refused) as caught:
        raise Refused(400, reason="no")
    assert (caught.value.status, caught.value.reason) == (400, "no")
    assert caught.value == caught.value != Refused(400, "no") and hash(caught.value)


def all_classes() -> list[type]:
    """Return all dataclasses of the product."""
    paths = [path for package in ("backend", "filters") for path in (CHECKOUT / package).rglob("*.py")]
    names = [".".join(path.relative_to(CHECKOUT).with_suffix("").parts) for path in paths]
    modules = [importlib.import_module(name.removesuffix(".__init__")) for name in names]
    found = {each for module in modules for each in vars(module).values() if isinstance(each, type)}
    # A class below one of them that is none itself only has other methods.
    return [each for each in found if "__dataclass_fields__" in vars(each) and hasattr(each, "_factories")]


def test_no_class_asks_for_more_than_there_is() -> None:
    """No class of the product uses an option of fields, or a way of inheriting, that ours do not have."""
    classes = all_classes()
    assert len(classes) > 60
    for each in classes:
        own = dataclasses.fields(each)
        assert {f.name for f in own} == set(each.__annotations__), each
        assert all(f.init and f.compare and f.hash is None and not f.kw_only for f in own), each
        assert not hasattr(each, "__post_init__") and not hasattr(each, "__slots__"), each


def test_others_get_the_real_modules() -> None:
    """What dataclasses is imported without is there for everybody else, and for dataclasses when it is needed."""
    program = (
        f"import sys; sys.path.insert(0, {str(CHECKOUT)!r}); import filters.common.dataclass as ours\n"
        "late = [name for name in ('copy', 'inspect') if name in sys.modules]\n"
        "import dataclasses\n"
        "@dataclasses.dataclass\nclass Sheet:\n    names: object\n"
        "old = Sheet(bytearray(b'A4')); new = dataclasses.asdict(old)['names']\n"
        "import copy, inspect\n"
        "print(late, new == old.names and new is not old.names, inspect.signature(Sheet), copy.copy(b'A5'))\n"
    )
    done = subprocess.run([sys.executable, "-IS", "-c", program], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[] True (names: object) -> None b'A5'\n", "")


def cost(decorator: Any) -> float:
    """Return the seconds that it takes at best to make a class a dataclass."""
    times = []
    for _ in range(50):
        names: dict[str, Any] = {"field": field, "__name__": __name__}
        exec(SOURCE, names)
        begin = time.perf_counter()
        decorator(frozen=True)(names["Sheet"])
        times.append(time.perf_counter() - begin)
    return min(times)


def test_defining_one_costs_little() -> None:
    """What these are for: a class takes less than half of what the standard library takes."""
    assert cost(dataclass) < cost(dataclasses.dataclass) / 2


def test_annotations_are_those_that_inspect_finds() -> None:
    """Python 3.13 asks inspect for those of each class, and gets them from us."""
    stand_in = getattr(importlib.import_module("filters.common.dataclass").dataclasses, "inspect")
    for each in (define(dataclass), int):
        assert stand_in.get_annotations(each) == inspect.get_annotations(each)
