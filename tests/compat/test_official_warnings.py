"""What is deprecated: both clients warn of the same calls in the same words."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from tests.compat.official import ORIGINAL, OURS, Face, face, lines

LINES = r"""
client.put(key, {'a': 1, 's': 'x', 'l': [1]})
client.put(key, {'a': 1}, {'ttl': 5})
client.put(key, {'a': 1}, {'gen': 5})
client.put(key, {'a': 1}, {})
client.put(key, {'a': 1}, None, {'ttl': 5})
client.get(key)
client.touch(key)
client.touch(key, 5)
client.touch(key, 5, {'ttl': 4})
client.touch(key, 0, {'gen': 4})
client.append(key, 's', 'y')
client.append(key, 's', 'y', {'ttl': 5})
client.prepend(key, 's', 'y', {'gen': 5})
client.append(key, 'b', b'y')
client.increment(key, 'a', 1)
client.increment(key, 'a', 1, {'ttl': 5})
client.operate(key, [ops.read('a')])
client.operate(key, [ops.read('a')], {'ttl': 5})
client.operate(key, [ops.append('s', 'x')])
client.operate(key, [ops.prepend('s', 'x')])
client.operate(key, [ops.append('b', b'x')])
client.operate(key, [ops.touch(5)])
client.operate(key, [ops.touch()])
client.operate_ordered(key, [ops.append('s', 'x')], {'ttl': 5})
client.remove_bin(key, ['l'])
client.remove_bin(key, ['l'], {'ttl': 5})
client.batch_write(batch.BatchRecords([batch.Write(key, [ops.write('a', 1)], {'ttl': 5})]))
client.batch_write(batch.BatchRecords([batch.Read(key, [ops.read('a')], False, {'ttl': 5})]))
client.batch_write(batch.BatchRecords([batch.Write(key, [ops.append('s', 'x')])]))
client.batch_write(batch.BatchRecords([batch.Write(key, [ops.touch(5)])]))
client.batch_operate([key], [ops.write('a', 1)], None, None, 5)
client.batch_operate([key], [ops.append('s', '1')])
client.get(key, {'expressions': exp.CmpRegex(0, 'x', exp.StrBin('s')).compile()})
client.get_expression_base64(exp.CmpRegex(0, 'x', exp.StrBin('s')).compile())
client.index_integer_create(ns, set, 'a', set + 'i')
client.index_string_create(ns, set, 's', set + 's')
client.index_blob_create(ns, set, 'b', set + 'b')
client.index_geo2dsphere_create(ns, set, 'g', set + 'g')
client.index_list_create(ns, set, 'l', a.INDEX_NUMERIC, set + 'l')
client.index_map_keys_create(ns, set, 'm', a.INDEX_NUMERIC, set + 'mk')
client.index_map_values_create(ns, set, 'm', a.INDEX_NUMERIC, set + 'mv')
client.index_cdt_create(ns, set, 'l', a.INDEX_TYPE_LIST, a.INDEX_NUMERIC, set + 'c', \
    [ctx.cdt_ctx_list_index(0)])
client.index_single_value_create(ns, set, 'z', a.INDEX_NUMERIC, set + 'z')
[client.index_remove(ns, set + name) for name in 'i s b g l mk mv c z'.split()]
client.remove(key, {'gen': 5})
client.remove(key)
"""


@pytest.fixture(scope="module")
def faces(
    node_address: tuple[str, int], namespace: str, module_set: str
) -> Iterator[tuple[Face, Face]]:
    pair = tuple(face(modules, node_address, namespace, module_set) for modules in (ORIGINAL, OURS))
    yield pair  # type: ignore[misc]
    for one in pair:
        one.close()


@pytest.mark.parametrize("line", lines(LINES))
def test_line(faces: tuple[Face, Face], line: str) -> None:
    theirs, mine = (_warned(one, line) for one in faces)
    assert [each[:2] for each in mine] == [each[:2] for each in theirs]
    assert {each[2] for each in mine} <= {"the program"}  # the original's are one call further up


def _warned(one: Face, line: str) -> list[Any]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with contextlib.suppress(one.aerospike.exception.AerospikeError):
            eval(compile(line, "the program", "eval"), dict(one.names))
    return [(each.category, str(each.message), each.filename) for each in caught]
