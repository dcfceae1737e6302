"""Frames of a query's reply → Arrow record batches, all records of a frame at once (numpy).

The beginnings of the records are found by the bytes that stand before every digest, then one
field and one operation after the other is read of all records together. That each record ends
where the next begins proves the guess; a frame of another build is left to the plain reader.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa

from aerodbapi.plan.operations import InputColumn
from aerodbapi.plan.tree import is_bin
from aerodbapi.protocol import particles
from aerodbapi.protocol.flags import EPOCH_2010, FieldType, Info3, ParticleType
from aerodbapi.protocol.query import QueryColumns, decode_query_columns
from aerodbapi.relational.columns import column_array

__all__ = ["Frames"]

_HEADER: Final = 22
_DIGEST: Final = 20
_END: Final = Info3.LAST | Info3.PARTITION_DONE
_BLOBS: Final = (4, 7, 8, 9, 10, 11, 12)
#: Records in a frame below which the plain reader is as fast.
_FEW: Final = 16


class Frames:
    """Reads frames to batches of `columns`, each a bin, the user key or metadata.

    `plain(body)` reads the frames that are not like the others. `every`: give the position of
    each record, not only of the last one of each partition.
    """

    def __init__(
        self,
        columns: Sequence[InputColumn],
        schema: Any,
        plain: Callable[[bytes], QueryColumns],
        *,
        every: bool = False,
    ) -> None:
        self.columns = columns
        self.schema = schema
        self.plain = plain
        self.every = every
        self.sources: list[Any] = [column.source for column in columns]
        self.bins: list[tuple[int, bytes]] = [
            (index, source.name.encode("utf-8", "surrogateescape"))
            for index, source in enumerate(self.sources)
            if is_bin(source)
        ]

    def __call__(self, body: bytes) -> QueryColumns:
        try:
            frame = _Frame(self, body)
        except _Unlike:
            return self.plain(body)
        return frame.answer()


class _Unlike(Exception):
    """This frame is not built as the others are."""


class _Frame:
    """One frame on its way: where every record's parts lie."""

    def __init__(self, frames: Frames, body: bytes) -> None:
        self.frames = frames
        self.body = body
        self.bytes = np.frombuffer(body, np.uint8)
        self.starts = self._find()
        self.count = len(self.starts)
        head = self._rows(self.starts, _HEADER)
        if not (head[:, 0] == _HEADER).all() or head[:, 5].any() or (head[:, 3] & _END).any():
            raise _Unlike
        self.head = head
        self.n_fields = _number(head[:, 18:20])
        self.n_ops = _number(head[:, 20:22])
        self.key = np.zeros((3, self.count), np.int64)  # particle type, begin, end
        self.bval = np.full(self.count, -1, np.int64)
        #: For each column: particle types (0: no such bin), begins and ends of the values.
        self.parts = {index: np.zeros((3, self.count), np.int64) for index, _ in frames.bins}
        ends = self._operations(self._fields())
        self.end = self._proved(ends)

    # ---- the walk ------------------------------------------------------------------------------

    def _find(self) -> Any:
        """Where records begin, if all is as it seems."""
        body = self.body
        if len(body) < 80 or body[0] != _HEADER or body[5] or body[3] & _END:
            raise _Unlike
        position, spans = _HEADER, []
        for expected in (FieldType.NAMESPACE, FieldType.DIGEST, FieldType.SET):
            size = int.from_bytes(body[position : position + 4], "big")
            if body[position + 4] != expected or size < 1 or position + 4 + size > len(body) - 5:
                raise _Unlike
            spans.append((position, position + 4 + size))
            position += 4 + size
        begin = spans[1][0] + 5
        if spans[1][1] - begin != _DIGEST:
            raise _Unlike
        self.before = begin
        self.after = body[spans[1][1] : position]
        mark = body[_HEADER:begin]
        sizes = np.fromiter(map(len, body.split(mark)), np.int64)
        # Each piece but the last is followed by a mark, 22 bytes behind a record's begin.
        found = np.cumsum(sizes[:-1] + len(mark)) - begin
        if len(found) < _FEW or found[-1] + begin + _DIGEST + len(self.after) > len(body):
            raise _Unlike
        return found

    def _rows(self, starts: Any, width: int) -> Any:
        """`width` bytes from each of `starts` on, as rows."""
        if starts[-1] + width > len(self.body) or starts.max() + width > len(self.body):
            raise _Unlike
        return self.bytes[starts[:, None] + np.arange(width)]

    def _fields(self) -> Any:
        """Read the fields behind the set: a user key, an index value. Returns their ends."""
        after = np.frombuffer(self.after, np.uint8)
        position = self.starts + self.before + _DIGEST
        if (self.n_fields < 3).any() or not (self._rows(position, len(after)) == after).all():
            raise _Unlike
        position = position + len(after)
        for number in range(3, int(self.n_fields.max())):
            which = np.flatnonzero(self.n_fields > number)
            at = position[which]
            size = _number(self._rows(at, 4))
            self._bounded(at, size)
            kind = self.bytes[at + 4]
            keys = kind == FieldType.KEY
            if keys.any():
                of = which[keys]
                begin = at[keys] + 6
                self.key[:, of] = self.bytes[begin - 1], begin, (at + 4 + size)[keys]
            values = kind == FieldType.BVAL_ARRAY
            self.bval[which[values]] = at[values] + 5
            position[which] = at + 4 + size
        return position

    def _operations(self, position: Any) -> Any:
        """Read the bins. Returns where the records end."""
        names = [(index, np.frombuffer(name, np.uint8)) for index, name in self.frames.bins]
        for number in range(int(self.n_ops.max())):
            which = np.flatnonzero(self.n_ops > number)
            at = position[which]
            head = self._rows(at, 8)
            size = _number(head[:, :4])
            self._bounded(at, size)
            length = head[:, 7].astype(np.int64)
            end = at + 4 + size
            begin = at + 8 + length
            if (begin > end).any():
                raise _Unlike
            # What stands at this place in the first record probably does in the others.
            left = np.arange(len(which))
            for index, name in names[number:] + names[:number]:
                if not len(left):
                    break
                same = self._named(at[left], length[left], name)
                mine = left[same]
                if len(mine):
                    of = which[mine]
                    self.parts[index][:, of] = head[mine, 5], begin[mine], end[mine]
                    left = left[~same]
            position[which] = end
        return position

    def _named(self, at: Any, length: Any, name: Any) -> Any:
        """Which of the operations are of the bin `name`."""
        same = length == len(name)
        if same.all():
            return (self._rows(at + 8, len(name)) == name).all(axis=1)
        some = np.flatnonzero(same)
        if len(some):
            same[some] = (self._rows(at[some] + 8, len(name)) == name).all(axis=1)
        return same

    def _bounded(self, at: Any, size: Any) -> None:
        if (size < 1).any() or (at + 4 + size > len(self.body)).any():
            raise _Unlike

    def _proved(self, ends: Any) -> int:
        """Check that the records follow each other, but for notes of partitions read."""
        gaps = np.flatnonzero(ends[:-1] != self.starts[1:])
        for gap in gaps.tolist():
            self._note(int(ends[gap]), int(self.starts[gap + 1]))
        return int(ends[-1])

    def _note(self, begin: int, end: int) -> None:
        """Pass over messages without fields and operations that say nothing else."""
        body = self.body
        while begin < end:
            note = body[begin : begin + _HEADER]
            plain = note[:1] == b"\x16" and not note[5] and not any(note[18:22])
            if not plain or note[3] & _END != Info3.PARTITION_DONE:
                raise _Unlike
            begin += _HEADER
        if begin != end:
            raise _Unlike

    # ---- the answer ----------------------------------------------------------------------------

    def answer(self) -> QueryColumns:
        unavailable: list[Any] = []
        last, code = False, 0
        if self.end < len(self.body):
            rest = decode_query_columns(self.body[self.end :], ())
            if rest.rows:
                return self.frames.plain(self.body)
            unavailable, last, code = rest.unavailable, rest.last, rest.result_code
        schema = self.frames.schema
        arrays = [self._array(index, field.type) for index, field in enumerate(schema)]
        batch = pa.record_batch(arrays, schema=schema)
        positions, bvals = self._positions()
        return QueryColumns(batch, positions, bvals, unavailable, last, code)

    def _positions(self) -> tuple[list[bytes], list[int | None]]:
        begin, body = self.starts + self.before, self.body
        if not self.frames.every:
            low, high = (self.bytes[begin + place].astype(np.int64) for place in (0, 1))
            pid = low | (high & 15) << 8
            _, back = np.unique(pid[::-1], return_index=True)
            chosen = self.count - 1 - back
        else:
            chosen = np.arange(self.count)
        digests = [body[at : at + _DIGEST] for at in begin[chosen].tolist()]
        bvals = [
            None if at < 0 else int.from_bytes(body[at : at + 8], "little", signed=True)
            for at in self.bval[chosen].tolist()
        ]
        return digests, bvals

    def _array(self, index: int, type: Any) -> Any:
        if not self.frames.columns:
            return pa.nulls(self.count, type)
        column, source = self.frames.columns[index], self.frames.sources[index]
        if is_bin(source):
            return self._bin(column, type, self.parts[index])
        if source.name == "PK":
            return self._bin(column, type, self.key)
        return _METADATA[source.name](self, type)

    def _bin(self, column: InputColumn, type: Any, parts: Any) -> Any:
        kinds, begin, end = parts
        present = kinds != 0
        read = _READERS.get(column.type)
        if read is not None:
            array = read(self, kinds, begin, end, present)
            if array is not None:
                return array
        return self._each(column, type, kinds, begin, end)

    def _each(self, column: InputColumn, type: Any, kinds: Any, begin: Any, end: Any) -> Any:
        """Read the values one by one: of lists and maps, and of those that may not fit."""
        body, decode = self.body, particles.decode
        values = [
            decode(kind, body[low:high]) if kind else None
            for kind, low, high in zip(kinds.tolist(), begin.tolist(), end.tolist())
        ]
        digests = _Slices(body, self.starts + self.before)
        return column_array(values, column, type, _Keys(body, self.key), digests)


class _Slices:
    """The digests, read when one is asked for."""

    def __init__(self, body: bytes, begins: Any) -> None:
        self._body = body
        self._begins = begins

    def __getitem__(self, index: int) -> bytes:
        begin = int(self._begins[index])
        return self._body[begin : begin + _DIGEST]


class _Keys:
    """The user keys, read when one is asked for."""

    def __init__(self, body: bytes, parts: Any) -> None:
        self._body = body
        self._parts = parts

    def __getitem__(self, index: int) -> Any:
        kind, begin, end = self._parts[:, index].tolist()
        return particles.decode(kind, self._body[begin:end]) if kind else None


# ---- values ------------------------------------------------------------------------------------


def _number(digits: Any) -> Any:
    """Rows of big-endian digits as int64."""
    wide = digits.astype(np.int64)
    value = wide[:, 0]
    for place in range(1, wide.shape[1]):
        value = value << 8 | wide[:, place]
    return value


def _words(frame: _Frame, begin: Any, end: Any, type: str) -> Any:
    """Numbers of eight bytes; None when one has another size."""
    if not len(begin):
        return np.zeros(0, type[1:])
    if (end - begin != 8).any():
        return None
    raw = np.ascontiguousarray(frame._rows(begin, 8)).view(type)
    return raw.reshape(-1).astype(type[1:])


def _spread(values: Any, present: Any, type: str) -> Any:
    """An Arrow array with `values` where something is present."""
    if present.all():
        return pa.array(values)
    whole = np.zeros(len(present), type)
    whole[present] = values
    return pa.array(whole, mask=~present)


def _integers(frame: _Frame, kinds: Any, begin: Any, end: Any, present: Any) -> Any:
    if not (kinds[present] == ParticleType.INTEGER).all():
        return None
    values = _words(frame, begin[present], end[present], ">i8")
    return None if values is None else _spread(values, present, "i8")


def _doubles(frame: _Frame, kinds: Any, begin: Any, end: Any, present: Any) -> Any:
    whole = np.zeros(len(present), "f8")
    for kind, type in ((ParticleType.DOUBLE, ">f8"), (ParticleType.INTEGER, ">i8")):
        which = kinds == kind
        values = _words(frame, begin[which], end[which], type)
        if values is None:
            return None
        whole[which] = values
    known = np.isin(kinds, (0, ParticleType.DOUBLE, ParticleType.INTEGER)).all()
    return pa.array(whole, mask=~present) if known else None


def _booleans(frame: _Frame, kinds: Any, begin: Any, end: Any, present: Any) -> Any:
    if not (kinds[present] == ParticleType.BOOL).all() or (end - begin)[present].sum() != (
        present.sum()
    ):
        return None
    whole = np.zeros(len(present), bool)
    whole[present] = frame.bytes[begin[present]] != 0
    return pa.array(whole, mask=~present)


def _binaries(frame: _Frame, kinds: Any, begin: Any, end: Any, present: Any) -> Any:
    return _cut(frame, begin, end, present) if _all(kinds, present, _BLOBS) else None


def _hlls(frame: _Frame, kinds: Any, begin: Any, end: Any, present: Any) -> Any:
    mine = _all(kinds, present, (ParticleType.HLL,))
    return _cut(frame, begin, end, present) if mine else None


def _texts(frame: _Frame, kinds: Any, begin: Any, end: Any, present: Any) -> Any:
    if not _all(kinds, present, (ParticleType.STRING,)):
        return None
    return _text(_cut(frame, begin, end, present))


def _shapes(frame: _Frame, kinds: Any, begin: Any, end: Any, present: Any) -> Any:
    if not _all(kinds, present, (ParticleType.GEOJSON,)) or not present.any():
        return None
    # u8 flags, u16 number of 8-byte cells, the cells, text.
    begin = begin.copy()
    begin[present] += 3 + 8 * _number(frame._rows(begin[present] + 1, 2))
    return None if (begin > end).any() else _text(_cut(frame, begin, end, present))


def _all(kinds: Any, present: Any, wanted: Sequence[int]) -> bool:
    return bool(np.isin(kinds[present], wanted).all())


def _text(array: Any) -> Any:
    try:
        return array.cast(pa.string())
    except pa.ArrowInvalid:  # not UTF-8
        return None


def _cut(frame: _Frame, begin: Any, end: Any, present: Any) -> Any:
    """The bytes from `begin` to `end` of each record, cut out of the frame by Arrow.

    The cuts and the gaps between them lie one after the other: they are the elements of an
    array over the frame itself, of which every second is taken.
    """
    count = len(present)
    offsets = np.zeros(2 * count, np.int64)
    offsets[0::2] = np.where(present, begin, 0)
    offsets[1::2] = np.where(present, end, 0)
    offsets = np.maximum.accumulate(offsets).astype(np.int32)
    whole = pa.Array.from_buffers(
        pa.binary(),
        2 * count - 1,
        [None, pa.py_buffer(offsets.tobytes()), pa.py_buffer(frame.body)],
    )
    places = np.arange(0, 2 * count, 2, dtype=np.int64)
    return whole.take(pa.array(places, mask=None if present.all() else ~present))


_READERS: Final[dict[str, Callable[..., Any]]] = {
    "BIGINT": _integers,
    "DOUBLE": _doubles,
    "BOOLEAN": _booleans,
    "VARCHAR": _texts,
    "BLOB": _binaries,
    "HLL": _hlls,
    "GEOJSON": _shapes,
}


# ---- metadata ----------------------------------------------------------------------------------


def _digests(frame: _Frame, type: Any) -> Any:
    digests = np.ascontiguousarray(frame._rows(frame.starts + frame.before, _DIGEST))
    offsets = np.arange(0, _DIGEST * (frame.count + 1), _DIGEST, dtype=np.int32)
    return pa.Array.from_buffers(
        pa.binary(),
        frame.count,
        [None, pa.py_buffer(offsets.tobytes()), pa.py_buffer(digests.tobytes())],
    )


def _generations(frame: _Frame, type: Any) -> Any:
    return pa.array(_number(frame.head[:, 6:10]))


def _ttls(frame: _Frame, type: Any) -> Any:
    until = _number(frame.head[:, 10:14])
    left = np.maximum(until + EPOCH_2010 - int(time.time()), 0)
    return pa.array(np.where(until == 0, -1, left))


def _sets(frame: _Frame, type: Any) -> Any:
    return pa.array([frame.after[5:].decode("utf-8", "surrogateescape")] * frame.count, type)


_METADATA: Final[dict[str, Callable[[_Frame, Any], Any]]] = {
    "__digest": _digests,
    "__gen": _generations,
    "__ttl": _ttls,
    "__set": _sets,
}
