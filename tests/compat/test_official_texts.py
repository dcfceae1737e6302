"""Operations and expressions on text: bytes, results and errors are the original client's."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import aerospike_helpers.expressions.string as original
import pytest

import aerodbapi.compat.aerospike_helpers.expressions.string as ours
from tests.compat.official import ORIGINAL, OURS, Face, face, lines, run

BINS = (
    "{'s': 'Héllo 123 World', 'n': 42, 'f': 2.5, 't': True, 'b': b'\\x01hi\\xff', 'u': '12', "
    "'d': '1.5', 'e': '', 'y': 'aGk=', 'l': ['a', 'b', 'cd'], 'x': [1, 'a'], "
    "'m': {'k': ['in here', b'bytes', 5]}}"
)
DEEP = "[ctx.cdt_ctx_map_key('k'), ctx.cdt_ctx_list_index(0)]"

OPERATIONS = r"""
texts.strlen('s')
texts.strlen('n')
texts.strlen('missing')
texts.strlen('m', DEEP)
texts.strlen('m', [ctx.cdt_ctx_map_key('k'), ctx.cdt_ctx_list_index(2)])
texts.strlen('m', [ctx.cdt_ctx_map_key('z')])
texts.strlen('s', DEEP)
texts.substr('s', 6)
texts.substr('s', -5)
texts.substr('s', None)
texts.substr_range('s', 1, -1)
texts.substr_range('s', 0, None)
texts.char_at('s', 1)
texts.char_at('s', 'x')
texts.char_at('s', 2 ** 70)
texts.find('s', 'l')
texts.find('s', 'l', 3)
texts.find('s', 'l', -1)
texts.find('s', 'l', 0)
texts.find('s', b'l')
texts.find('s', None)
texts.contains('s', 'e\u0301')
texts.starts_with('s', 'Hé')
texts.ends_with('s', 'World')
texts.to_integer('u')
texts.to_integer('s')
texts.to_double('d')
texts.byte_length('s')
texts.is_numeric('u')
texts.is_numeric('u', 2)
texts.is_numeric('u', 9)
texts.is_numeric('u', 'x')
texts.is_upper('s')
texts.is_lower('u')
texts.to_blob('s')
texts.split('u')
texts.split_separator('s', ' ')
texts.split_separator('s', None)
texts.base64_decode('y')
texts.base64_decode('s')
texts.regex_compare('s', '[0-9]+')
texts.regex_compare('s', 'WORLD', 1)
texts.regex_compare('s', '[')
texts.regex_compare('s', None)
texts.to_string('n')
texts.to_string('f')
texts.to_string('t')
texts.to_string('b')
texts.to_string('l')
texts.to_string('missing')
texts.insert('s', 5, ',')
texts.insert('missing', 3, 'x')
texts.insert('s', 'x', 'v')
texts.insert('s', 1, 2)
texts.insert('n', 0, 'x')
texts.overwrite('s', -5, 'Welt!!')
texts.append('s', '!')
texts.append('s', '!', policy(1))
texts.append('s', '!', policy(5))
texts.append('s', '!', policy(3))
texts.append('s', '!', policy(16))
texts.append('missing', '!', policy(1))
texts.append('missing', '!', policy(2))
texts.append('m', '!', None, DEEP)
texts.append('m', '!', policy(1), DEEP)
texts.prepend('s', '> ')
texts.concat('s', ['a', 'b'])
texts.concat('s', 'ab')
texts.concat('s', [])
texts.snip('s', 5)
texts.snip('s', 5, 9)
texts.snip('s', 5, 9, policy(4))
texts.snip('s', 5, None, policy(4))
texts.replace('s', 'l', 'L')
texts.replace_all('s', 'l', 'L')
texts.replace_all('m', 'e', 'E', None, DEEP)
texts.upper('s')
texts.upper('s', policy(1))
texts.upper('s', 4)
texts.upper('s', {'write_flags': 4})
texts.upper('missing')
texts.lower('s')
texts.casefold('s')
texts.normalize_nfc('s')
texts.trim_start('s')
texts.trim_end('s')
texts.trim('s')
texts.pad_start('u', 5, '*')
texts.pad_start('u', -1, '*')
texts.pad_start('u', 5, '')
texts.pad_end('u', 5, 'ab')
texts.repeat('u', 3)
texts.repeat('u', 0)
texts.repeat('u', -1)
texts.repeat('u', 1 << 62)
texts.regex_replace('s', '([0-9])', '<$1>')
texts.regex_replace('s', '([0-9])', '<$1>', 16)
texts.regex_replace('s', '(', 'x')
texts.regex_replace('s', '(', 'x', 0, policy(4))
lists.list_join('l')
lists.list_join('l', ', ')
lists.list_join('l', '')
lists.list_join('x', ',')
lists.list_join('s', ',')
lists.list_join('l', 5)
lists.list_join('m', ',', [ctx.cdt_ctx_map_key('k')])
bits.bit_b64_encode('b')
bits.bit_b64_encode('b', 1)
bits.bit_b64_encode('b', -2, 1)
bits.bit_b64_encode('b', 1, 1, True)
bits.bit_b64_encode('b', 9)
bits.bit_b64_encode('b', 'x')
bits.bit_b64_encode('s')
bits.bit_b64_encode('m', 0, None, False, [ctx.cdt_ctx_map_key('k'), ctx.cdt_ctx_list_index(1)])
"""

#: An argument for each parameter of the classes, by name.
ARGUMENTS: dict[str, Any] = {
    "bin": "s",
    "policy": None,
    "start": 1,
    "end": 3,
    "index": -1,
    "needle": "né",
    "occurrence": 2,
    "prefix": "a",
    "suffix": "b",
    "numeric_type": 1,
    "separator": ",",
    "pattern": "a+",
    "regex_flags": 1,
    "value": "v",
    "values": ["v", "w"],
    "replacement": "r",
    "target_length": 10,
    "pad_string": "*",
    "count": 3,
}
CLASSES = [
    name
    for name, value in vars(original).items()
    if inspect.isclass(value) and value.__module__ == original.__name__ and name[0] != "_"
]

EXPRESSIONS = r"""
text_exps.Snip(None, 1, None, 's')
text_exps.Upper(policy(4), 's')
text_exps.Upper(None, exp.ListGetByIndex(None, 7, exp.ResultType.STRING, 0, 'l'))
text_exps.ToString(exp.IntBin('n'))
text_exps.Append(None, 5, 's')
text_exps.Append(5, 'x', 's')
text_exps.Concat(None, 'ab', 's')
text_exps.Find(b'x', 1, 's')
text_exps.SubStr('x', 's')
exp.ListJoin(None, None, 'l')
exp.ListJoin(None, ', ', 'l')
exp.ListJoin([ctx.cdt_ctx_map_key('k')], ',', exp.MapBin('m'))
exp.BitB64Encode(0, None, False, 'b')
exp.BitB64Encode(3, None, False, 'b')
exp.BitB64Encode(-3, 2, True, 'b')
exp.BitB64Encode(0, 2, False, 'b')
"""


@pytest.fixture(scope="module")
def faces(
    node_address: tuple[str, int], namespace: str, module_set: str
) -> Iterator[tuple[Face, Face]]:
    pair = tuple(face(modules, node_address, namespace, module_set) for modules in (ORIGINAL, OURS))
    for one in pair:
        one.names["policy"] = one.names["text_helpers"].StringPolicy
        one.names["DEEP"] = eval(DEEP, dict(one.names))
    yield pair  # type: ignore[misc]
    for one in pair:
        one.close()


def _done(one: Face, line: str) -> Any:
    """What an operation answers on a fresh record, and what it leaves behind."""
    run(one, "client.remove(key)")
    run(one, f"client.put(key, {BINS})")
    answer = run(one, f"client.operate_ordered(key, [{line}])[2]")
    return answer, run(one, "client.get(key)[2]")


@pytest.mark.parametrize("line", lines(OPERATIONS))
def test_operation(faces: tuple[Face, Face], line: str) -> None:
    theirs, mine = (_done(one, line) for one in faces)
    assert mine == theirs


def test_concat_of_what_is_no_text(faces: tuple[Face, Face]) -> None:
    """We say so at once; the original leaves it to the server."""
    theirs, mine = (_done(one, "texts.concat('s', [1])")[0] for one in faces)
    assert theirs[1:3] == ("InvalidRequest", 4)
    assert mine[1:3] == ("ParamError", -2)


@pytest.mark.parametrize("name", CLASSES)
def test_class(faces: tuple[Face, Face], name: str) -> None:
    made = []
    for module, one in zip((original, ours), faces):
        cls = getattr(module, name)
        one.names["made"] = cls(**{p: ARGUMENTS[p] for p in inspect.signature(cls).parameters})
        made.append(run(one, "client.get_expression_base64(made.compile())"))
    assert made[1] == made[0]
    assert "raises" not in made[1]


@pytest.mark.parametrize("line", lines(EXPRESSIONS))
def test_expression(faces: tuple[Face, Face], line: str) -> None:
    theirs, mine = (
        (
            run(one, f"client.get_expression_base64(({line}).compile())"),
            run(one, f"client.operate(key, [exprs.expression_read('r', ({line}).compile())])[2]"),
        )
        for one in faces
    )
    assert mine == theirs
