"""Dataclasses that cost little to define, for programs that live for a twentieth of a second.

``dataclasses.dataclass`` writes the methods of every class as source text and compiles it, in every process anew: 0.1
to 0.27 ms a class, and a print job defines seventy. The methods here are written once and look at the names of the
fields when they are called, so that a class costs 0.01 ms; all else is left to ``dataclasses``, which is imported here
only. Type checkers see the original.

Of its options there are ``eq`` and ``frozen``, of ``field`` there are ``default``, ``default_factory`` and ``repr``,
and no class may inherit fields.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType

#: What dataclasses imports and hardly uses: 6 ms, because inspect brings ast, dis and tokenize along.
HARDLY_USED = ("copy", "inspect")


def _import_dataclasses() -> ModuleType:
    """Import dataclasses with stand-ins for those modules; everyone else gets the real ones.

    A stand-in imports the real module when something is taken from it. What is not worth that is the signature in the
    docstring that dataclasses makes up for a class without one: h11 has such a class.
    """
    stand_ins = {name: _StandIn(name) for name in HARDLY_USED if name not in sys.modules}
    sys.modules.update(stand_ins)
    try:
        return import_module("dataclasses")
    finally:
        for name in stand_ins:
            del sys.modules[name]


#: What dataclasses takes from inspect for each class, in short; Python 3.13 asks for annotations there.
_INSTEAD: dict[str, Callable[[type], object]] = {
    "signature": lambda cls: "(...)",
    "get_annotations": lambda cls: dict(cls.__dict__.get("__annotations__", {})),
}


class _StandIn(ModuleType):
    def __getattr__(self, name: str) -> Any:
        return _INSTEAD[name] if name in _INSTEAD else getattr(import_module(self.__name__), name)


TYPE_CHECKING = False  # typing is slow to import, and only the type checker needs it
if TYPE_CHECKING:
    import dataclasses
    from dataclasses import dataclass, field, fields, replace
    from typing import Any, Callable
else:
    dataclasses = _import_dataclasses()
    field, fields = dataclasses.field, dataclasses.fields

    def replace(instance: Any, /, **changes: Any) -> Any:
        """Return a copy with other values; that of dataclasses would have to find the fields first."""
        return type(instance)(**{**dict(zip(instance.__match_args__, _values(instance))), **changes})

    def dataclass(cls: type | None = None, /, *, eq: bool = True, frozen: bool = False) -> Any:
        """Make a class a dataclass."""
        return _complete(cls, eq, frozen) if cls is not None else lambda cls: _complete(cls, eq, frozen)


def _complete(cls: Any, eq: bool, frozen: bool) -> Any:
    own = vars(cls)
    names = tuple(own.get("__annotations__", ()))
    said, missing = {name: own[name] for name in names if name in own}, dataclasses.MISSING
    described = {name: value for name, value in said.items() if isinstance(value, dataclasses.Field)}
    defaults = {**said, **{name: field.default for name, field in described.items()}}
    defaults = {name: default for name, default in defaults.items() if default is not missing}
    factories = {n: field.default_factory for n, field in described.items() if field.default_factory is not missing}
    for name in described:
        setattr(cls, name, defaults[name]) if name in defaults else delattr(cls, name)
    cls.__dataclass_fields__ = _FieldsOnDemand(cls, described)
    setattr(cls, "__match_args__", names)
    cls._defaults, cls._factories = defaults, factories
    cls.__init__, cls.__repr__ = _init, _repr
    if eq:
        cls.__eq__, cls.__hash__ = _eq, _hash if frozen else None
    if frozen:
        cls.__setattr__, cls.__delattr__ = _refuse_to_set, _refuse_to_delete
    return cls


class _FieldsOnDemand:
    """Stands for the fields until someone asks, which hardly happens in a job; then dataclasses finds them."""

    def __init__(self, cls: Any, described: dict[str, Any]) -> None:
        self._cls = cls
        self._described = described

    def __get__(self, instance: object, cls: type) -> Any:
        del self._cls.__dataclass_fields__
        for name, field in self._described.items():
            setattr(self._cls, name, field)
        dataclasses.dataclass(init=False, repr=False, eq=False)(self._cls)
        return self._cls.__dataclass_fields__


def _init(self: Any, *args: Any, **named: Any) -> None:
    names = self.__match_args__
    values = {**self._defaults, **dict(zip(names, args)), **named}
    for name, make in self._factories.items():
        if name not in values:
            values[name] = make()
    if len(values) != len(names) or len(args) > len(names) or not all(map(names.__contains__, named)):
        wrong = sorted(values.keys() ^ set(names)) or args[len(names) :]
        raise TypeError(f"{type(self).__qualname__}() has missing or unexpected arguments: {wrong}")
    if named and not named.keys().isdisjoint(names[: len(args)]):
        raise TypeError(f"{type(self).__qualname__}() got several values for an argument")
    self.__dict__.update(values)


def _values(instance: Any) -> list[Any]:
    return [getattr(instance, name) for name in instance.__match_args__]


def _repr(self: Any) -> str:
    shown = (f"{field.name}={getattr(self, field.name)!r}" for field in dataclasses.fields(self) if field.repr)
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _eq(self: Any, other: Any) -> Any:
    return _values(self) == _values(other) if other.__class__ is self.__class__ else NotImplemented


def _hash(self: Any) -> int:
    return hash(tuple(_values(self)))


def _refuse_to_set(self: Any, name: str, value: object) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(self: Any, name: str) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")
