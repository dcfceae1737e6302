"""What the native client answers with: named tuples that are also the plain ones people unpack."""

from __future__ import annotations

from typing import Any, NamedTuple, Union

__all__ = ["Bins", "ExistsResult", "Key", "Meta", "OperateOrderedResult", "Record"]

Bins = dict[str, Any]


class Key(NamedTuple):
    """A record's identity. `user_key` is None where only the digest is known."""

    namespace: str
    set_name: str | None
    user_key: Union[str, int, bytes, None]
    digest: bytes


class Meta(NamedTuple):
    """`gen`: the generation. `ttl`: seconds left, 0xFFFFFFFF for never. `meta["gen"]` works."""

    gen: int
    ttl: int

    def __getitem__(self, item: Any) -> Any:
        return getattr(self, item) if isinstance(item, str) else tuple.__getitem__(self, item)


class Record(NamedTuple):
    """A record as read. `bins` is None where none were asked for."""

    key: Key
    meta: Meta | None
    bins: Bins | None


class ExistsResult(NamedTuple):
    """`meta` is None when there is no such record."""

    key: Key
    meta: Meta | None


class OperateOrderedResult(NamedTuple):
    """One (bin, value) pair for each operation that answers, in order."""

    key: Key
    meta: Meta
    ordered_bins: list[tuple[str, Any]]
