"""PK = value, or a digest: one record is read by its key.

Conjunctions intersect: what else the WHERE says of PK is said of the value instead, and is
decided before anything is sent (PK = 'a' AND PK = 'b' reads nothing).
"""

from __future__ import annotations

from aerodbapi.frozen import replace
from aerodbapi.grammar.ast import Binary, Call, Column, Expr
from aerodbapi.plan.bind import DIGEST, KEY, bind_value
from aerodbapi.plan.draft import Draft, Planning
from aerodbapi.plan.keys import digest_of, key_of
from aerodbapi.plan.operations import Constant
from aerodbapi.plan.render import render
from aerodbapi.plan.tree import is_constant, substitute

__all__ = ["key_equality", "point_read", "unwrapped"]


def point_read(draft: Draft, planning: Planning) -> Draft:
    """Choose a Get when some conjunct names one key."""
    if not planning.context.push:
        return draft
    for column in (KEY, DIGEST):
        for position, conjunct in enumerate(draft.where):
            key = key_equality(conjunct, column)
            if key is not None:
                rest = draft.where[:position] + draft.where[position + 1 :]
                return _by_key(draft, conjunct, column, key, rest)
    return draft


def key_equality(expression: Expr, column: Column) -> Expr | None:
    """Give the value of `column = value`, written either way round."""
    if isinstance(expression, Binary) and expression.op == "=":
        for one, other in (
            (expression.left, expression.right),
            (expression.right, expression.left),
        ):
            if one == column and is_constant(other):
                return other
    return None


def unwrapped(value: Expr) -> Expr:
    """Take the value out of DIGEST(…), which the operations do themselves."""
    if isinstance(value, Call) and value.name == "DIGEST":
        return value.arguments[0]
    return value


def _by_key(
    draft: Draft, conjunct: Expr, column: Column, key: Expr, rest: tuple[Expr, ...]
) -> Draft:
    value = bind_value(unwrapped(key))
    if isinstance(value, Constant):
        found = (digest_of if column is DIGEST else key_of)(value.value)
        if found is None:
            return replace(draft, empty=f"no record has {render(conjunct)}")
    return replace(
        draft,
        keys=(value,),
        single=True,
        digest=column is DIGEST,
        where=tuple(substitute(part, column, key) for part in rest),
    )
