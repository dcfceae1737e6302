"""CDT contexts: the way from a list or map to an element inside it (wire.md §10).

Only reading: a context that would create what is missing leads nowhere. Ranks sort by
Aerospike's total order; map indexes count in key order.
"""

from __future__ import annotations

from functools import cmp_to_key
from typing import Final

from aerodbapi.embedded import packed

__all__ = ["check", "resolve"]

_LIST_INDEX, _LIST_RANK, _LIST_VALUE = 0x10, 0x11, 0x13
_MAP_INDEX, _MAP_RANK, _MAP_KEY, _MAP_VALUE = 0x20, 0x21, 0x22, 0x23
_LIST_STEPS: Final = (_LIST_INDEX, _LIST_RANK, _LIST_VALUE)
_STEPS: Final = (*_LIST_STEPS, _MAP_INDEX, _MAP_RANK, _MAP_KEY, _MAP_VALUE)
_BY_NUMBER: Final = (_LIST_INDEX, _LIST_RANK, _MAP_INDEX, _MAP_RANK)


def _order(a: bytes, b: bytes) -> int:
    return packed.compare(a, b)[0]


_in_order = cmp_to_key(_order)


def check(context: bytes) -> bool:
    """Tell whether bytes are a context that an index may have."""
    try:
        return bool(_steps(context))
    except packed.PackedError:
        return False


def _steps(context: bytes) -> list[tuple[int, bytes]]:
    reader = packed.Reader(context)
    count = reader.list_size()
    if count % 2:
        raise packed.PackedError("a context's steps come in pairs")
    steps = []
    for _ in range(count // 2):
        step = reader.integer()
        value = reader.span()
        if step not in _STEPS:
            raise packed.PackedError(f"no context step {step}")
        if step in _BY_NUMBER:
            packed.Reader(value).integer()
        steps.append((step, value))
    if not reader.done():
        raise packed.PackedError("bytes after the context")
    return steps


def resolve(value: bytes, context: bytes) -> bytes | None:
    """Follow a context from a packed list or map; None when it leads nowhere.

    Raises PackedError when either is malformed.
    """
    for step, wanted in _steps(context):
        reader = packed.Reader(value)
        kind = reader.peek()
        if kind != (packed.LIST if step in _LIST_STEPS else packed.MAP):
            return None
        found = _list_step(value, step, wanted) if kind == packed.LIST else None
        if kind == packed.MAP:
            found = _map_step(value, step, wanted)
        if found is None:
            return None
        value = found
    return value


def _list_step(value: bytes, step: int, wanted: bytes) -> bytes | None:
    items = packed.spans(value)
    if step == _LIST_VALUE:
        return _equal(items, items, wanted)
    if step == _LIST_RANK:
        items = sorted(items, key=_in_order)
    return _at(items, wanted)


def _map_step(value: bytes, step: int, wanted: bytes) -> bytes | None:
    flat = packed.spans(value)
    keys, values = flat[::2], flat[1::2]
    if step == _MAP_KEY:
        return _equal(keys, values, wanted)
    if step == _MAP_VALUE:
        return _equal(values, values, wanted)
    if step == _MAP_RANK:
        return _at(sorted(values, key=_in_order), wanted)
    ordered = sorted(range(len(keys)), key=lambda i: _in_order(keys[i]))
    return _at([values[i] for i in ordered], wanted)


def _equal(compared: list[bytes], results: list[bytes], wanted: bytes) -> bytes | None:
    for item, result in zip(compared, results, strict=True):
        if packed.compare(item, wanted)[0] == 0:
            return result
    return None


def _at(items: list[bytes], wanted: bytes) -> bytes | None:
    number = packed.Reader(wanted).integer()
    return items[number] if -len(items) <= number < len(items) else None
