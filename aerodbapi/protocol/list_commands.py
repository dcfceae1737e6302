"""Commands on lists (server: particle_list.c).

Negative indexes and ranks count from the end. `count` None means to the end. `return_type` is
one of ReturnType. Arguments may be expressions when the command stands in an expression.
`ctx` leads to a nested list.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Union

from aerodbapi.errors import ParameterError
from aerodbapi.protocol.bin_commands import (
    BinCommand,
    Context,
    ReturnType,
    Step,
    StepType,
    integer,
    items,
    optional,
    read_result,
    steps,
    wanted,
)
from aerodbapi.protocol.bin_policies import ListOrder, ListPolicy, ListSort, coerce
from aerodbapi.protocol.expressions import CallSystem, Exp, ExpType

__all__ = [
    "list_append",
    "list_append_items",
    "list_clear",
    "list_create",
    "list_get",
    "list_get_by_index",
    "list_get_by_index_range",
    "list_get_by_rank",
    "list_get_by_rank_range",
    "list_get_by_value",
    "list_get_by_value_list",
    "list_get_by_value_range",
    "list_get_by_value_rel_rank_range",
    "list_get_range",
    "list_increment",
    "list_insert",
    "list_insert_items",
    "list_join",
    "list_pop",
    "list_pop_range",
    "list_remove",
    "list_remove_by_index",
    "list_remove_by_index_range",
    "list_remove_by_rank",
    "list_remove_by_rank_range",
    "list_remove_by_value",
    "list_remove_by_value_list",
    "list_remove_by_value_range",
    "list_remove_by_value_rel_rank_range",
    "list_remove_range",
    "list_set",
    "list_set_order",
    "list_size",
    "list_sort",
    "list_trim",
]

Ctx = Union[Context, None]
Policy = Union[ListPolicy, Mapping[str, Any], None]

_CREATE: Final = {
    (ListOrder.UNORDERED, False): StepType.CREATE_UNORDERED,
    (ListOrder.UNORDERED, True): StepType.CREATE_KEY_ORDERED,
}


def _modify(code: int, *args: Any, ctx: Ctx) -> BinCommand:
    return BinCommand(CallSystem.CDT, code, args, True, ExpType.LIST, steps(ctx))


def _read(code: int, *args: Any, ctx: Ctx, result: int | None) -> BinCommand:
    return BinCommand(CallSystem.CDT, code, args, False, result, steps(ctx))


def _flags(policy: Policy) -> tuple[int, ...]:
    return () if not policy else (coerce(ListPolicy, policy).flags,)


def _order_and_flags(policy: Policy) -> tuple[int, ...]:
    if not policy:
        return ()
    chosen = coerce(ListPolicy, policy)
    return chosen.order, chosen.flags


# ---- making and sorting ------------------------------------------------------------------------


def list_create(
    order: int = ListOrder.UNORDERED,
    pad: bool = False,
    persist_index: bool = False,
    *,
    ctx: Ctx = None,
) -> BinCommand:
    """Create an empty list, or give an existing one this order.

    `pad`: let a nested list be created beyond its parent's end, with nil between.
    `persist_index`: store the index of an ordered top-level list with it.
    """
    order = integer("order", order)
    context = list(steps(ctx))
    if context:
        last = context.pop()
        create = _CREATE.get((order, bool(pad)), StepType.CREATE_ORDERED)
        context.append(Step(last.type | create, last.value))
        return _modify(0, order, ctx=context)
    return _modify(0, order | (0x10 if persist_index else 0), ctx=None)


def list_set_order(order: int, *, ctx: Ctx = None) -> BinCommand:
    """Order a list, or let it be unordered from now on."""
    return _modify(0, integer("order", order), ctx=ctx)


def list_sort(flags: int = ListSort.DEFAULT, *, ctx: Ctx = None) -> BinCommand:
    """Sort a list; `flags` are ListSort's."""
    return _modify(13, integer("flags", flags), ctx=ctx)


# ---- writing -----------------------------------------------------------------------------------


def list_append(value: Any, policy: Policy = None, *, ctx: Ctx = None) -> BinCommand:
    """Add an element at the end (at its place in an ordered list); answers with the size."""
    return _modify(1, value, *_order_and_flags(policy), ctx=ctx)


def list_append_items(values: Any, policy: Policy = None, *, ctx: Ctx = None) -> BinCommand:
    """Add elements at the end; answers with the size."""
    return _modify(2, items("values", values), *_order_and_flags(policy), ctx=ctx)


def list_insert(index: Any, value: Any, policy: Policy = None, *, ctx: Ctx = None) -> BinCommand:
    """Insert an element before `index`; answers with the size."""
    return _modify(3, integer("index", index), value, *_flags(policy), ctx=ctx)


def list_insert_items(
    index: Any, values: Any, policy: Policy = None, *, ctx: Ctx = None
) -> BinCommand:
    """Insert elements before `index`; answers with the size."""
    return _modify(4, integer("index", index), items("values", values), *_flags(policy), ctx=ctx)


def list_set(index: Any, value: Any, policy: Policy = None, *, ctx: Ctx = None) -> BinCommand:
    """Replace the element at `index`."""
    return _modify(9, integer("index", index), value, *_flags(policy), ctx=ctx)


def list_increment(
    index: Any, value: Any = 1, policy: Policy = None, *, ctx: Ctx = None
) -> BinCommand:
    """Add `value` to the number at `index`; answers with the sum."""
    return _modify(12, integer("index", index), value, *_order_and_flags(policy), ctx=ctx)


# ---- removing ----------------------------------------------------------------------------------


def list_pop(index: Any, *, ctx: Ctx = None) -> BinCommand:
    """Remove the element at `index`; answers with it."""
    return _modify(5, integer("index", index), ctx=ctx)


def list_pop_range(index: Any, count: Any = None, *, ctx: Ctx = None) -> BinCommand:
    """Remove `count` elements from `index` on; answers with them."""
    return _modify(6, integer("index", index), *optional("count", count), ctx=ctx)


def list_remove(index: Any, *, ctx: Ctx = None) -> BinCommand:
    """Remove the element at `index`; answers with the number removed."""
    return _modify(7, integer("index", index), ctx=ctx)


def list_remove_range(index: Any, count: Any = None, *, ctx: Ctx = None) -> BinCommand:
    """Remove `count` elements from `index` on; answers with the number removed."""
    return _modify(8, integer("index", index), *optional("count", count), ctx=ctx)


def list_trim(index: Any, count: Any, *, ctx: Ctx = None) -> BinCommand:
    """Remove all but `count` elements from `index` on; answers with the number removed."""
    return _modify(10, integer("index", index), integer("count", count), ctx=ctx)


def list_clear(*, ctx: Ctx = None) -> BinCommand:
    """Remove all elements."""
    return _modify(11, ctx=ctx)


def list_remove_by_index(
    index: Any, return_type: int = ReturnType.NONE, *, ctx: Ctx = None
) -> BinCommand:
    """Remove the element at `index`."""
    return _modify(32, wanted(return_type), integer("index", index), ctx=ctx)


def list_remove_by_index_range(
    index: Any,
    return_type: int = ReturnType.NONE,
    count: Any = None,
    inverted: bool = False,
    *,
    ctx: Ctx = None,
) -> BinCommand:
    """Remove `count` elements from `index` on."""
    rest = (integer("index", index), *optional("count", count))
    return _modify(37, wanted(return_type, inverted), *rest, ctx=ctx)


def list_remove_by_rank(
    rank: Any, return_type: int = ReturnType.NONE, *, ctx: Ctx = None
) -> BinCommand:
    """Remove the element of this rank (0: the smallest)."""
    return _modify(34, wanted(return_type), integer("rank", rank), ctx=ctx)


def list_remove_by_rank_range(
    rank: Any,
    return_type: int = ReturnType.NONE,
    count: Any = None,
    inverted: bool = False,
    *,
    ctx: Ctx = None,
) -> BinCommand:
    """Remove `count` elements from `rank` on."""
    rest = (integer("rank", rank), *optional("count", count))
    return _modify(39, wanted(return_type, inverted), *rest, ctx=ctx)


def list_remove_by_value(
    value: Any, return_type: int = ReturnType.NONE, inverted: bool = False, *, ctx: Ctx = None
) -> BinCommand:
    """Remove all elements equal to `value`."""
    return _modify(35, wanted(return_type, inverted), value, ctx=ctx)


def list_remove_by_value_list(
    values: Any, return_type: int = ReturnType.NONE, inverted: bool = False, *, ctx: Ctx = None
) -> BinCommand:
    """Remove all elements equal to one of `values`."""
    return _modify(36, wanted(return_type, inverted), items("values", values), ctx=ctx)


def list_remove_by_value_range(
    begin: Any = None,
    end: Any = None,
    return_type: int = ReturnType.NONE,
    inverted: bool = False,
    *,
    ctx: Ctx = None,
) -> BinCommand:
    """Remove the elements from `begin` on (None: the smallest) up to before `end` (None: all)."""
    rest = (begin,) if end is None else (begin, end)
    return _modify(38, wanted(return_type, inverted), *rest, ctx=ctx)


def list_remove_by_value_rel_rank_range(
    value: Any,
    rank: Any,
    return_type: int = ReturnType.NONE,
    count: Any = None,
    inverted: bool = False,
    *,
    ctx: Ctx = None,
) -> BinCommand:
    """Remove `count` elements from the one on whose rank is `rank` above that of `value`."""
    rest = (value, integer("rank", rank), *optional("count", count))
    return _modify(40, wanted(return_type, inverted), *rest, ctx=ctx)


# ---- reading -----------------------------------------------------------------------------------


def list_size(*, ctx: Ctx = None) -> BinCommand:
    """The number of elements."""
    return _read(16, ctx=ctx, result=ExpType.INT)


def list_get(index: Any, *, ctx: Ctx = None) -> BinCommand:
    """The element at `index`; fails when there is none."""
    return _read(17, integer("index", index), ctx=ctx, result=None)


def list_get_range(index: Any, count: Any = None, *, ctx: Ctx = None) -> BinCommand:
    """`count` elements from `index` on."""
    rest = (integer("index", index), *optional("count", count))
    return _read(18, *rest, ctx=ctx, result=ExpType.LIST)


def list_get_by_index(
    index: Any, return_type: int = ReturnType.VALUE, *, ctx: Ctx = None
) -> BinCommand:
    """The element at `index`."""
    kind = wanted(return_type)
    return _read(19, kind, integer("index", index), ctx=ctx, result=read_result(kind))


def list_get_by_index_range(
    index: Any,
    return_type: int = ReturnType.VALUE,
    count: Any = None,
    inverted: bool = False,
    *,
    ctx: Ctx = None,
) -> BinCommand:
    """`count` elements from `index` on."""
    rest = (integer("index", index), *optional("count", count))
    return _range(24, wanted(return_type, inverted), *rest, ctx=ctx)


def list_get_by_rank(
    rank: Any, return_type: int = ReturnType.VALUE, *, ctx: Ctx = None
) -> BinCommand:
    """The element of this rank (0: the smallest)."""
    kind = wanted(return_type)
    return _read(21, kind, integer("rank", rank), ctx=ctx, result=read_result(kind))


def list_get_by_rank_range(
    rank: Any,
    return_type: int = ReturnType.VALUE,
    count: Any = None,
    inverted: bool = False,
    *,
    ctx: Ctx = None,
) -> BinCommand:
    """`count` elements from `rank` on."""
    rest = (integer("rank", rank), *optional("count", count))
    return _range(26, wanted(return_type, inverted), *rest, ctx=ctx)


def list_get_by_value(
    value: Any, return_type: int = ReturnType.VALUE, inverted: bool = False, *, ctx: Ctx = None
) -> BinCommand:
    """All elements equal to `value`."""
    return _range(22, wanted(return_type, inverted), value, ctx=ctx)


def list_get_by_value_list(
    values: Any, return_type: int = ReturnType.VALUE, inverted: bool = False, *, ctx: Ctx = None
) -> BinCommand:
    """All elements equal to one of `values`."""
    return _range(23, wanted(return_type, inverted), items("values", values), ctx=ctx)


def list_get_by_value_range(
    begin: Any = None,
    end: Any = None,
    return_type: int = ReturnType.VALUE,
    inverted: bool = False,
    *,
    ctx: Ctx = None,
) -> BinCommand:
    """The elements from `begin` on (None: the smallest) up to before `end` (None: all)."""
    rest = (begin,) if end is None else (begin, end)
    return _range(25, wanted(return_type, inverted), *rest, ctx=ctx)


def list_get_by_value_rel_rank_range(
    value: Any,
    rank: Any,
    return_type: int = ReturnType.VALUE,
    count: Any = None,
    inverted: bool = False,
    *,
    ctx: Ctx = None,
) -> BinCommand:
    """`count` elements from the one on whose rank is `rank` above that of `value`."""
    rest = (value, integer("rank", rank), *optional("count", count))
    return _range(27, wanted(return_type, inverted), *rest, ctx=ctx)


def _range(code: int, kind: int, *args: Any, ctx: Ctx) -> BinCommand:
    return _read(code, kind, *args, ctx=ctx, result=read_result(kind, many=True))


def list_join(separator: Any = None, *, ctx: Ctx = None) -> BinCommand:
    """The list's texts as one, with `separator` between them (servers from 8.2 on)."""
    args = () if separator is None else (_text(separator),)
    return _read(28, *args, ctx=ctx, result=ExpType.STRING)


def _text(separator: Any) -> Any:
    if isinstance(separator, (str, Exp)):
        return separator
    raise ParameterError(f"separator is str, not {type(separator).__name__}", result_code=-2)
