"""Functions on bins: what OPERATE does, and what `SET b = LIST_APPEND(b, 1)` becomes.

`FUNCTIONS` is the table of all of them. In an OPERATE each is an operation and answers as the
server does (LIST_APPEND with the size). As an SQL scalar one that changes its bin gives the list
or map as it is afterwards, so that `SET l = LIST_APPEND(l, 5)` can be done by that operation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final
from typing import Literal as Choice

from aerodbapi import errors
from aerodbapi.frozen import frozen
from aerodbapi.protocol import bin_commands, particles
from aerodbapi.protocol.bin_commands import BinCommand, ReturnType
from aerodbapi.protocol.bin_policies import ListPolicy, ListWrite, MapOrder, MapPolicy, MapWrite
from aerodbapi.protocol.flags import OpType
from aerodbapi.protocol.message import Operation

__all__ = ["FUNCTIONS", "BinFunction", "change", "check_count", "gives_pairs", "operation"]

_WHOLE: Final = 0x7FFFFFFF  # more elements than a list can have


@frozen
class BinFunction:
    """A function on a bin.

    `build`: (bin, arguments, policy words) → Operation. `least`, `most`: how many arguments
    follow the bin; `bare`: there is no bin at all (TOUCH, DELETE). `changes`: it changes the bin.
    `answers`: OPERATE gets a value for it; `pairs`: keys with their values, unless the policy
    asks for something else. `kind`: of the bin, "" for scalars. `usage`: how it is
    written.
    """

    name: str
    build: Callable[[str, Sequence[Any], Sequence[str]], Operation]
    least: int
    most: int
    changes: bool
    answers: bool
    pairs: bool = False
    kind: Choice["list", "map", ""] = ""
    bare: bool = False
    usage: str = ""


def operation(name: str, bin: str, arguments: Sequence[Any], policy: Sequence[str]) -> Operation:
    """Build the operation of OPERATE's `name`. Raises ProgrammingError for what it cannot take."""
    return _built(FUNCTIONS[name], bin, arguments, policy)


def change(name: str, bin: str, arguments: Sequence[Any]) -> Operation:
    """Build the operation that does `SET bin = name(bin, arguments…)`."""
    return _built(FUNCTIONS[name], bin, arguments, ())


def _built(
    function: BinFunction, bin: str, arguments: Sequence[Any], policy: Sequence[str]
) -> Operation:
    check_count(function, len(arguments))
    try:
        return function.build(bin, arguments, policy)
    except (errors.ParameterError, TypeError) as error:
        raise errors.ProgrammingError(f"{function.usage}: {error}") from None


def check_count(function: BinFunction, count: int) -> None:
    """Raise ProgrammingError when a function takes another number of arguments."""
    if not function.least <= count <= function.most:
        raise errors.ProgrammingError(
            f"{function.name} is written {function.usage}: {count + (not function.bare)} arguments"
            " are another number"
        )


# ---- policies ----------------------------------------------------------------------------------

_ORDERS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "AS_MAP_UNORDERED": MapOrder.UNORDERED,
        "AS_MAP_KEY_ORDERED": MapOrder.KEY_ORDERED,
        "AS_MAP_KEY_VALUE_ORDERED": MapOrder.KEY_VALUE_ORDERED,
        "AS_LIST_UNORDERED": 0,
        "AS_LIST_ORDERED": 1,
    }
)
_FLAGS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "AS_MAP_UPDATE": MapWrite.DEFAULT,
        "AS_MAP_UPDATE_ONLY": MapWrite.UPDATE_ONLY,
        "AS_MAP_CREATE_ONLY": MapWrite.CREATE_ONLY,
        "AS_MAP_NO_FAIL": MapWrite.NO_FAIL,
        "AS_MAP_PARTIAL": MapWrite.PARTIAL,
        "AS_LIST_ADD_UNIQUE": ListWrite.ADD_UNIQUE,
        "AS_LIST_INSERT_BOUNDED": ListWrite.INSERT_BOUNDED,
        "AS_LIST_NO_FAIL": ListWrite.NO_FAIL,
        "AS_LIST_PARTIAL": ListWrite.PARTIAL,
    }
)
_RETURNS: Final[Mapping[str, int]] = MappingProxyType(
    {
        f"AS_{kind}_RETURN_{name}": number
        for kind in ("MAP", "LIST")
        for name, number in vars(ReturnType).items()
        if name.isupper() and name != "INVERTED"
    }
)


def _policy(kind: str, words: Iterable[str]) -> ListPolicy | MapPolicy | None:
    """The write policy that the words ask for; None for none."""
    order, flags, given = 0, 0, False
    for word in words:
        if word in _RETURNS:
            continue
        if not word.startswith(f"AS_{kind.upper()}_") or (word not in {*_ORDERS, *_FLAGS}):
            known = [name for name in (*_ORDERS, *_FLAGS) if name.startswith(f"AS_{kind.upper()}_")]
            raise errors.ProgrammingError(
                f"{word} is no policy of a {kind}; there are {', '.join(known)}"
            )
        given = True
        order = _ORDERS.get(word, order)
        flags |= _FLAGS.get(word, 0)
    if not given:
        return None
    return MapPolicy(order, flags) if kind == "map" else ListPolicy(order, flags)


def gives_pairs(function: BinFunction, words: Iterable[str]) -> bool:
    """Tell whether OPERATE's answer is a list of keys and values by turns."""
    return function.pairs and _return_type(words, ReturnType.KEY_VALUE) == ReturnType.KEY_VALUE


def _return_type(words: Iterable[str], default: int) -> int:
    return next((_RETURNS[word] for word in words if word in _RETURNS), default)


def map_order(value: Any) -> int:
    """MAP_SET_TYPE's argument."""
    order = _ORDERS.get(str(value).upper())
    if order is None or not str(value).upper().startswith("AS_MAP_"):
        known = ", ".join(name for name in _ORDERS if name.startswith("AS_MAP_"))
        raise errors.ProgrammingError(f"MAP_SET_TYPE takes {known}, not {value!r}")
    return order


# ---- collections -------------------------------------------------------------------------------


def _builder(name: str) -> Callable[..., BinCommand]:
    """What makes a function's command; imported when it is first used."""
    if name == "LIST_TRIM":
        return _trim
    if name == "MAP_SET_TYPE":
        return _set_type
    from aerodbapi.protocol import list_commands, map_commands

    found: Callable[..., BinCommand] = getattr(
        list_commands if name.startswith("LIST") else map_commands, name.lower()
    )
    return found


def _trim(index: Any, count: Any = _WHOLE) -> BinCommand:
    from aerodbapi.protocol.list_commands import list_trim

    return list_trim(index, count)


def _set_type(order: Any) -> BinCommand:
    from aerodbapi.protocol.map_commands import map_create

    return map_create(map_order(order))


def _command(
    name: str,
    arguments: str,
    *,
    answers: bool = True,
    written: bool = False,
    default: int | None = None,
) -> BinFunction:
    """A function that is one command. `arguments`: their names, optional ones in brackets.

    `written`: it takes a write policy; `default`: the return type, where there is one.
    """
    names = arguments.split()
    least = sum("[" not in word for word in names)
    optional = [word.strip("[]") for word in names[least:]]
    kind: Any = name[: name.index("_")].lower()

    def build(bin: str, values: Sequence[Any], policy: Sequence[str]) -> Operation:
        keywords: dict[str, Any] = dict(zip(optional, values[least:]))
        if written:
            keywords["policy"] = _policy(kind, policy)
        elif default is not None:
            _policy(kind, [word for word in policy if word not in _RETURNS])
            keywords["return_type"] = _return_type(policy, default)
        elif policy:
            raise errors.ProgrammingError(f"{name} takes no policy")
        return bin_commands.operation(bin, _builder(name)(*values[:least], **keywords))

    changes = not name.split("_")[1].startswith(("GET", "SIZE"))
    usage = f"{name}({', '.join(['bin', *names])})"
    pairs = default == ReturnType.KEY_VALUE
    return BinFunction(name, build, least, len(names), changes, answers, pairs, kind, usage=usage)


_LISTS: Final = (
    _command("LIST_APPEND", "value", written=True),
    _command("LIST_APPEND_ITEMS", "list", written=True),
    _command("LIST_INSERT", "index value", written=True),
    _command("LIST_INSERT_ITEMS", "index list", written=True),
    _command("LIST_SET", "index value", answers=False, written=True),
    _command("LIST_INCREMENT", "index [value]", written=True),
    _command("LIST_POP", "index"),
    _command("LIST_POP_RANGE", "index [count]"),
    _command("LIST_REMOVE", "index"),
    _command("LIST_REMOVE_RANGE", "index [count]"),
    _command("LIST_TRIM", "index [count]"),
    _command("LIST_CLEAR", "", answers=False),
    _command("LIST_SORT", "[flags]", answers=False),
    _command("LIST_SIZE", ""),
    _command("LIST_GET", "index"),
    _command("LIST_GET_RANGE", "index [count]"),
)

#: What both kinds of collection can be asked by: suffix, arguments.
_SELECTORS: Final = (
    ("BY_VALUE", "value"),
    ("BY_VALUE_LIST", "list"),
    ("BY_VALUE_RANGE", "begin end"),
    ("BY_INDEX", "index"),
    ("BY_INDEX_RANGE", "index [count]"),
    ("BY_RANK", "rank"),
    ("BY_RANK_RANGE", "rank [count]"),
)
_KEY_SELECTORS: Final = (
    ("BY_KEY", "key"),
    ("BY_KEY_LIST", "list"),
    ("BY_KEY_RANGE", "begin end"),
)


def _selecting(
    kind: str, selectors: Iterable[tuple[str, str]], default: int
) -> Iterator[BinFunction]:
    for verb in ("GET", "REMOVE"):
        for suffix, arguments in selectors:
            yield _command(f"{kind}_{verb}_{suffix}", arguments, default=default)


_MAPS: Final = (
    _command("MAP_PUT", "key value", written=True),
    _command("MAP_PUT_ITEMS", "map", written=True),
    _command("MAP_INCREMENT", "key [value]", written=True),
    _command("MAP_DECREMENT", "key [value]", written=True),
    _command("MAP_CLEAR", "", answers=False),
    _command("MAP_SET_TYPE", "type", answers=False),
    _command("MAP_SIZE", ""),
)


# ---- scalars -----------------------------------------------------------------------------------


def _scalar(name: str, op: int, *, argument: str = "", answers: bool = False) -> BinFunction:
    def build(bin: str, values: Sequence[Any], policy: Sequence[str]) -> Operation:
        if policy:
            raise errors.ProgrammingError(f"{name} takes no policy")
        if not argument:
            return Operation(op, bin)
        _check_scalar(name, values[0])
        return Operation(op, bin, *particles.encode(values[0]))

    bare = name in ("TOUCH", "DELETE")
    count = int(bool(argument))
    usage = f"{name}({', '.join([*([] if bare else ['bin']), *filter(None, [argument])])})"
    return BinFunction(name, build, count, count, not answers, answers, bare=bare, usage=usage)


_WANTED: Final = {
    "INCR": ((int, float), "a number"),
    "APPEND": ((str, bytes), "text or bytes"),
    "PREPEND": ((str, bytes), "text or bytes"),
}


def _check_scalar(name: str, value: Any) -> None:
    wanted = _WANTED.get(name)
    if wanted is not None and (isinstance(value, bool) or not isinstance(value, wanted[0])):
        raise errors.ProgrammingError(f"{name} takes {wanted[1]}, not {value!r}")


_SCALARS: Final = (
    _scalar("TOUCH", OpType.TOUCH),
    _scalar("DELETE", OpType.DELETE_ALL),
    _scalar("READ", OpType.READ, answers=True),
    _scalar("WRITE", OpType.WRITE, argument="value"),
    _scalar("INCR", OpType.INCR, argument="value"),
    _scalar("APPEND", OpType.APPEND, argument="value"),
    _scalar("PREPEND", OpType.PREPEND, argument="value"),
)

#: Every function by its name.
FUNCTIONS: Final[Mapping[str, BinFunction]] = MappingProxyType(
    {
        function.name: function
        for function in (
            *_SCALARS,
            *_LISTS,
            *_selecting("LIST", _SELECTORS, ReturnType.VALUE),
            *_MAPS,
            # With keys and values, as the aql tool has it.
            *_selecting("MAP", (*_KEY_SELECTORS, *_SELECTORS), ReturnType.KEY_VALUE),
        )
    }
)
