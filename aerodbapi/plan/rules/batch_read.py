"""PK IN (…), or an OR of nothing but key equalities: the records are read in one batch.

Of several such conjuncts constants intersect here; otherwise the first is read and the others
stay conditions on PK, which is known of every record that was asked for by key.
"""

from __future__ import annotations

from aerodbapi.frozen import replace
from aerodbapi.grammar.ast import Binary, Call, Column, Expr, In, Literal
from aerodbapi.plan.bind import DIGEST, KEY, bind_value
from aerodbapi.plan.draft import Draft, Planning
from aerodbapi.plan.operations import Constant, Value
from aerodbapi.plan.render import render
from aerodbapi.plan.rules.point_read import key_equality, unwrapped
from aerodbapi.plan.tree import is_constant, substitute
from aerodbapi.plan.values import keys_of

__all__ = ["batch_read", "names_keys"]


def batch_read(draft: Draft, planning: Planning) -> Draft:
    """Choose a BatchGet when some conjunct lists keys."""
    if draft.by_key or draft.empty or not planning.context.push:
        return draft
    for column in (KEY, DIGEST):
        lists = [(part, _keys(part, column)) for part in draft.where]
        wanted = [(part, keys) for part, keys in lists if keys is not None]
        if wanted:
            return _batch(draft, column is DIGEST, wanted)
    return draft


def names_keys(condition: Expr) -> bool:
    """Tell whether a conjunct alone says which records are read."""
    return any(_keys(condition, column) is not None for column in (KEY, DIGEST))


def _keys(expression: Expr, column: Column) -> tuple[Expr, ...] | None:
    """Give the values when `expression` says that `column` is one of them."""
    if isinstance(expression, In) and expression.operand == column and not expression.negated:
        return expression.options if all(map(is_constant, expression.options)) else None
    if isinstance(expression, Binary) and expression.op == "OR":
        left, right = _keys(expression.left, column), _keys(expression.right, column)
        return None if left is None or right is None else left + right
    value = key_equality(expression, column)
    return None if value is None else (value,)


def _batch(draft: Draft, digest: bool, wanted: list[tuple[Expr, tuple[Expr, ...]]]) -> Draft:
    first, keys = wanted[0]
    values: tuple[Value, ...] = tuple(bind_value(unwrapped(key)) for key in keys)
    decided = [first]
    if _all_constant(values):
        found = keys_of(values, (), digest)
        for part, others in wanted[1:]:
            more = tuple(bind_value(unwrapped(key)) for key in others)
            if _all_constant(more):
                allowed = {(type(key), key) for key in keys_of(more, (), digest)}
                found = [key for key in found if (type(key), key) in allowed]
                decided.append(part)
        if not found:
            text = " AND ".join(render(part) for part in decided)
            return replace(draft, empty=f"no record has {text}")
        values = tuple(Constant(key) for key in found)
    rest = tuple(part for part in draft.where if not any(part is done for done in decided))
    single = len(values) == 1 and isinstance(values[0], Constant)
    draft = replace(draft, keys=values, single=single, digest=digest, where=rest)
    return replace(draft, where=_known(rest, values, digest)) if single else draft


def _all_constant(values: tuple[Value, ...]) -> bool:
    return all(isinstance(value, Constant) for value in values)


def _known(
    conjuncts: tuple[Expr, ...], values: tuple[Value, ...], digest: bool
) -> tuple[Expr, ...]:
    """Say of the one key what the conjuncts say of its column."""
    (value,) = values
    assert isinstance(value, Constant)
    known: Expr = Literal(value.value)
    column = DIGEST if digest else KEY
    known = Call("DIGEST", (known,)) if digest else known
    return tuple(substitute(part, column, known) for part in conjuncts)
