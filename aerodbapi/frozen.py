"""`@frozen`: dataclasses that do not change, and cost next to nothing until they are used.

`@dataclass(frozen=True, slots=True)` inspects and compiles for every class when its module is
imported, which for two hundred classes is most of the time of a first statement. Here a class
gets its slots at once, its `__init__` with its first instance, and what `dataclasses.fields` and
`replace` want when they ask; all else is shared.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterator
from dataclasses import MISSING, FrozenInstanceError, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar, cast

if TYPE_CHECKING:
    from typing_extensions import dataclass_transform
else:

    def dataclass_transform(**_: Any) -> Any:
        """Stand in for the typing module's, which Python 3.10 lacks; only checkers read it."""
        return lambda function: function


__all__ = ["compared", "defaults", "frozen", "names", "replace"]

_T = TypeVar("_T")


class _Slot(NamedTuple):
    """A field: what `dataclasses.field` was told of it."""

    name: str
    default: Any
    default_factory: Any
    compare: bool
    repr: bool


_SLOTS: Final[dict[type, tuple[_Slot, ...]]] = {}
_COMPARED: Final[dict[type, tuple[str, ...]]] = {}
_FIELDS: Final[dict[type, dict[str, Any]]] = {}


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[_T]) -> type[_T]:
    """Make a slotted dataclass whose fields are set once.

    `dataclasses.field`, `fields`, `replace` and `asdict` work as usual (`init`, `kw_only` and
    `InitVar` are not offered). Two instances are equal when their classes and their compared
    fields are; such are hashable if their fields are. A method that the class defines stays.
    """
    own = tuple(_own_slots(cls))
    space: dict[str, Any] = {
        name: value for name, value in cls.__dict__.items() if name not in _DROPPED
    }
    for slot in own:
        space.pop(slot.name, None)
    space["__slots__"] = tuple(slot.name for slot in own)
    for name, method in _SHARED.items():
        space.setdefault(name, method)
    slots = {slot.name: slot for base in reversed(cls.__mro__) for slot in _SLOTS.get(base, ())}
    slots.update((slot.name, slot) for slot in own)
    space["__match_args__"] = tuple(slots)
    made: Any = type(cls)(cls.__name__, cls.__bases__, space)  # type: ignore[misc]
    _SLOTS[made] = tuple(slots.values())
    return cast("type[_T]", made)


#: What belongs to the class as it was written, before it had slots.
_DROPPED: Final = frozenset({"__dict__", "__weakref__", "__slots__"})


def _own_slots(cls: type) -> Iterator[_Slot]:
    for name, annotation in inspect.get_annotations(cls).items():
        if str(annotation).startswith(("ClassVar", "typing.ClassVar")):
            continue
        given = cls.__dict__.get(name, MISSING)
        if not isinstance(given, dataclasses.Field):
            yield _Slot(name, given, MISSING, True, True)
        else:
            compare = given.compare if given.hash is None else given.hash
            yield _Slot(name, given.default, given.default_factory, compare, given.repr)


# ---- made when they are needed -----------------------------------------------------------------


def _slots_of(cls: type) -> tuple[_Slot, ...]:
    """The fields of a frozen class or of a plain class below one."""
    return _SLOTS.get(cls) or next((_SLOTS[each] for each in cls.__mro__ if each in _SLOTS), ())


def _first(self: Any, *args: Any, **kwargs: Any) -> None:
    """Write the `__init__` of the instance's class, and call it."""
    made: Any = next(base for base in type(self).__mro__ if base in _SLOTS)
    made.__init__ = _initializer(made)
    made.__init__(self, *args, **kwargs)


def _initializer(cls: type) -> Any:
    """Compile `__init__`: it sets slots by their descriptors, past `__setattr__`."""
    space: dict[str, Any] = {"MISSING": MISSING}
    parameters, lines = ["self"], []
    for slot in _SLOTS[cls]:
        name, value = slot.name, slot.name
        space[f"set_{name}"] = getattr(cls, name).__set__
        if slot.default_factory is not MISSING:
            space[f"new_{name}"] = slot.default_factory
            parameters.append(f"{name}=MISSING")
            value = f"new_{name}() if {name} is MISSING else {name}"
        elif slot.default is not MISSING:
            space[f"default_{name}"] = slot.default
            parameters.append(f"{name}=default_{name}")
        else:
            parameters.append(name)
        lines.append(f"    set_{name}(self, {value})")
    if hasattr(cls, "__post_init__"):
        lines.append("    self.__post_init__()")
    body = "\n".join(lines) or "    pass"
    exec(f"def __init__({', '.join(parameters)}):\n{body}", space)
    made = space["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    made.__module__ = cls.__module__
    return made


class _Fields:
    """What `dataclasses` keeps in `__dataclass_fields__`, made by it when it is asked for."""

    def __get__(self, instance: Any, cls: type) -> dict[str, Any]:
        made = _FIELDS.get(cls)
        if made is None:
            made = _FIELDS[cls] = self._made(cls)
        return made

    @staticmethod
    def _made(cls: type) -> dict[str, Any]:
        shadow: dict[str, Any] = {"__annotations__": {}}
        for slot in _slots_of(cls):
            shadow["__annotations__"][slot.name] = "Any"
            shadow[slot.name] = (
                field(default_factory=slot.default_factory, compare=slot.compare, repr=slot.repr)
                if slot.default_factory is not MISSING
                else field(default=slot.default, compare=slot.compare, repr=slot.repr)
            )
        made: Any = dataclasses.dataclass(eq=False, repr=False)(type(cls.__name__, (), shadow))
        return cast("dict[str, Any]", made.__dataclass_fields__)


# ---- shared by all -----------------------------------------------------------------------------


def names(cls: type) -> tuple[str, ...]:
    """Return the names of the fields, those of the bases first."""
    return tuple(slot.name for slot in _slots_of(cls))


def defaults(cls: type) -> dict[str, Any]:
    """Return each field's default by its name, `dataclasses.MISSING` where there is none."""
    return {slot.name: slot.default for slot in _slots_of(cls)}


def replace(instance: _T, /, **changes: Any) -> _T:
    """Copy `instance` with some of its fields changed; TypeError for one that it has not."""
    cls = type(instance)
    for slot in _slots_of(cls):
        changes.setdefault(slot.name, getattr(instance, slot.name))
    return cls(**changes)


def compared(cls: type) -> tuple[str, ...]:
    """Return the names of the fields that count in comparisons."""
    names = _COMPARED.get(cls)
    if names is None:
        names = _COMPARED[cls] = tuple(slot.name for slot in _slots_of(cls) if slot.compare)
    return names


def _set_once(self: Any, name: str, value: Any) -> None:
    if hasattr(self, name):
        raise FrozenInstanceError(f"{type(self).__name__}.{name} does not change")
    object.__setattr__(self, name, value)


def _delete(self: Any, name: str) -> None:
    raise FrozenInstanceError(f"{type(self).__name__}.{name} does not change")


def _equal(self: Any, other: object) -> Any:
    if type(other) is not type(self):
        return NotImplemented
    return all(getattr(self, name) == getattr(other, name) for name in compared(type(self)))


def _hash(self: Any) -> int:
    return hash((type(self), *[getattr(self, name) for name in compared(type(self))]))


def _represent(self: Any) -> str:
    shown = (
        f"{slot.name}={value!r}"
        for slot in _slots_of(type(self))
        if slot.repr and not _is_default(value := getattr(self, slot.name), slot.default)
    )
    return f"{type(self).__name__}({', '.join(shown)})"


def _is_default(value: Any, default: Any) -> bool:
    return value is default or (type(value) is type(default) and bool(value == default))


_SHARED: Final = {
    "__init__": _first,
    "__setattr__": _set_once,
    "__delattr__": _delete,
    "__eq__": _equal,
    "__hash__": _hash,
    "__repr__": _represent,
    "__dataclass_fields__": _Fields(),
}
