"""Batches as NumPy structured arrays: read into one, written from one. NumPy is imported late."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np

__all__ = ["NumpyBatchRecords"]

#: Kinds of dtype that a field may have: integers, floats, bytes of fixed length.
_ALLOWED_KINDS: Final = {"i", "u", "f", "S", "V"}


class NumpyBatchRecords:
    """`batch_records`: a row of bins for each key. `meta`: (gen, ttl). `result_codes`: int32.

    A row whose result code is not 0 is zero. Missing bins are zero, bins without a field left out.
    """

    __slots__ = ("_map", "batch_records", "meta", "result_codes")

    def __init__(
        self,
        batch_records: np.ndarray[Any, Any],
        meta: np.ndarray[Any, Any],
        result_codes: np.ndarray[Any, Any],
        _map: dict[Any, int],
    ) -> None:
        self.batch_records = batch_records
        self.meta = meta
        self.result_codes = result_codes
        self._map = _map

    def get(self, key: Any) -> Any:
        """The row of a user key. Raises KeyError."""
        if key not in self._map:
            raise KeyError(f"key {key!r} not found in NumpyBatchRecords of {len(self._map)} keys")
        return self.batch_records[self._map[key]]

    def __len__(self) -> int:
        return len(self.batch_records)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.batch_records)

    def __contains__(self, key: Any) -> bool:
        return key in self._map

    def __repr__(self) -> str:
        found = int((self.result_codes == 0).sum()) if len(self.result_codes) else 0
        fields = list(self.batch_records.dtype.names or ())
        return f"NumpyBatchRecords(count={len(self)}, ok={found}, fields={fields})"


def from_batch(
    batch_records: Sequence[Any], dtype: np.dtype[Any], *, strict: bool = False
) -> NumpyBatchRecords:
    """Fill arrays from BatchRecords. Raises TypeError for a field that cannot be filled.

    `strict`: warn of bins without a field and of fields without a bin.
    """
    import numpy as np

    fields = _checked_fields(dtype)
    count = len(batch_records)
    data = np.zeros(count, dtype=dtype)
    meta = np.zeros(count, dtype=[("gen", "u4"), ("ttl", "u4")])
    codes = np.zeros(count, dtype=np.int32)
    places: dict[Any, int] = {}
    for index, each in enumerate(batch_records):
        codes[index] = each.result
        key = _place(each.key, index, places)
        if each.result != 0 or each.record is None:
            continue
        _, record_meta, bins = each.record
        if record_meta:
            meta[index] = (record_meta.get("gen", 0), record_meta.get("ttl", 0))
        if bins:
            if strict:
                _warn_of_difference(set(fields), set(bins), index)
            _fill(data[index], fields, bins, f"record at index {index} (key={key!r})")
    return NumpyBatchRecords(data, meta, codes, places)


def _checked_fields(dtype: np.dtype[Any]) -> tuple[str, ...]:
    names = dtype.names
    if not names:
        raise TypeError(f"dtype must be a structured one with named fields, not {dtype}")
    for name in names:
        base = dtype[name].base
        if base.kind not in _ALLOWED_KINDS:
            raise TypeError(
                f"dtype field '{name}' must be numeric (int/float) or "
                f"fixed-length bytes, got {dtype[name]} (kind='{base.kind}')"
            )
    return names


def _place(key: Any, index: int, places: dict[Any, int]) -> Any:
    """Remember under which user key a row is found."""
    user_key = key[2] if key and len(key) > 2 else None
    if user_key is None:
        if not key or len(key) < 3:
            warnings.warn(
                f"batch record at index {index} has a missing or malformed key {key!r}: "
                "it is found by its index",
                stacklevel=4,
            )
        user_key = index if not key or len(key) < 3 else f"__no_user_key_{index}__"
    if user_key in places:
        warnings.warn(
            f"batch record at index {index}: primary key {user_key!r} collides with "
            f"index {places[user_key]}, whose row get() no longer finds",
            stacklevel=4,
        )
    places[user_key] = index
    return user_key


def _fill(row: Any, fields: Sequence[str], bins: dict[str, Any], where: str) -> None:
    for name in fields:
        value = bins.get(name)
        if value is None:
            continue
        try:
            row[name] = value
        except (ValueError, TypeError, OverflowError) as error:
            raise type(error)(
                f"Failed to assign value {value!r} to field '{name}' for {where}: {error}"
            ) from error


def _warn_of_difference(fields: set[str], bins: set[str], index: int) -> None:
    if fields - bins:
        warnings.warn(
            f"record at index {index}: dtype fields {fields - bins} not found in bins", stacklevel=4
        )
    if bins - fields:
        warnings.warn(
            f"record at index {index}: bin fields {bins - fields} not in dtype", stacklevel=4
        )


def _batch_records_to_numpy(
    batch_records_obj: Any, dtype: np.dtype[Any], keys: Any, *, strict: bool = False
) -> NumpyBatchRecords:
    """As `from_batch`, by the name that programs import from aerospike-py."""
    return from_batch(batch_records_obj.batch_records, dtype, strict=strict)


def to_records(
    data: np.ndarray[Any, Any],
    namespace: str,
    set_name: str,
    dtype: np.dtype[Any],
    key_field: str = "_key",
) -> list[tuple[tuple[str, str, Any], dict[str, Any]]]:
    """(key, bins) for each row. `_namespace` and `_set` fields override the arguments.

    Fields whose name starts with "_" are no bins. Raises ValueError without a key field,
    OverflowError for an integer above 63 bits.
    """
    names = _checked_fields(dtype)
    if key_field not in names:
        raise ValueError(f"dtype must contain a '{key_field}' field for the record key")
    if data.dtype.itemsize != dtype.itemsize:
        raise ValueError(f"the array's rows are {data.dtype}, not {dtype}")
    bins = [name for name in names if name != key_field and not name.startswith("_")]
    rows = []
    for row in data.view(dtype) if data.dtype != dtype else data:
        key = (
            _text(row, "_namespace", names, namespace),
            _text(row, "_set", names, set_name),
            _key(row[key_field]),
        )
        rows.append((key, {name: _value(row[name], dtype[name]) for name in bins}))
    return rows


def _text(row: Any, name: str, names: Sequence[str], default: str) -> str:
    if name not in names:
        return default
    value = row[name].item()
    return value.rstrip(b"\0").decode(errors="replace") if isinstance(value, bytes) else default


def _key(value: Any) -> Any:
    plain = bytes(value) if value.dtype.kind == "V" else value.item()
    return plain.rstrip(b"\0") if isinstance(plain, bytes) else plain


def _value(value: Any, dtype: np.dtype[Any]) -> Any:
    """One field as a bin's value: bytes keep their fixed length."""
    if dtype.kind == "V" and dtype.subdtype is None:
        return bytes(value)
    if dtype.kind == "S":
        return bytes(value).ljust(dtype.itemsize, b"\0")
    if dtype.subdtype is not None:
        return value.tolist() if dtype.base.kind in "iuf" else value.tobytes()
    return value.item()
