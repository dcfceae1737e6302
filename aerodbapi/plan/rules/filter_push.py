"""Every condition that the server can decide travels as a filter expression.

A conjunct is pushed exactly, as a superset, or not at all. What is not exact for every value
that may be bound stays in the residual as well. A residual that cannot be evaluated here is
refused when the plan is made.
"""

from __future__ import annotations

from typing import Final

from aerodbapi.frozen import replace
from aerodbapi.grammar.ast import Binary, Column, Expr, Literal
from aerodbapi.plan.bind import KEY
from aerodbapi.plan.declaration import BOOKKEEPING
from aerodbapi.plan.draft import Draft, Planning
from aerodbapi.plan.evaluate import compile_predicate
from aerodbapi.plan.operations import Pushed
from aerodbapi.plan.pushdown import (
    IN_LIST_SINCE,
    Builder,
    Built,
    Options,
    can_push,
    compile_filter,
    is_exact,
)
from aerodbapi.plan.tree import columns, conjoin, is_constant

__all__ = ["filter_push"]


#: What a condition on PK means without a key to read by.
STORED_KEYS: Final = "PK is the stored key: records stored without one are not found by it"


def filter_push(draft: Draft, planning: Planning) -> Draft:
    """Split the conditions into what is pushed and what is looked at again."""
    if draft.empty:
        return draft
    context = planning.context
    options = Options(in_list=context.server >= IN_LIST_SINCE, nul_free=context.nul_free)
    where = (
        *_no_set(draft),
        *_no_books(draft, planning),
        *(draft.chosen if draft.writes else ()),
        *draft.where,
    )
    may_go = _may_go if context.push else _never
    sent = tuple(part for part in (*where, *draft.hints) if may_go(part, draft))
    pushed = tuple(part for part in sent if can_push(part, options))
    exact = tuple(
        part for part in pushed if is_constant(part) or is_exact(part, context.parameters, options)
    )
    if not draft.by_key and any(KEY in columns(part) for part in where):
        draft = replace(draft, notes=(*draft.notes, STORED_KEYS))
    residual = conjoin(part for part in where if not any(part is each for each in exact))
    if residual is not None:
        compile_predicate(residual)
    predicate = conjoin(pushed)
    if predicate is None:
        return replace(draft, residual=residual)
    whole = conjoin(sent)
    assert whole is not None
    builder = compile_filter(whole, options)
    if draft.hints or len(sent) < len(where):
        builder = _never_exact(builder)
    exactly = residual is None and not draft.hints
    return replace(draft, pushed=Pushed(predicate, exactly, builder), residual=residual)


def _no_set(draft: Draft) -> tuple[Expr, ...]:
    """A query cannot name "no set": it reads the namespace, and the filter takes the rest."""
    if draft.target.set == "" and not draft.by_key:
        return (Binary("=", Column("__set"), Literal("")),)
    return ()


def _no_books(draft: Draft, planning: Planning) -> tuple[Expr, ...]:
    """A whole namespace does not include what declarations keep in it."""
    namespace = draft.target.namespace
    if draft.target.set is None and not draft.by_key and planning.catalog.keeps_books(namespace):
        return (Binary("<>", Column("__set"), Literal(BOOKKEEPING)),)
    return ()


def _may_go(conjunct: Expr, draft: Draft) -> bool:
    """A record asked for by its key may be stored without it: then the server cannot compare."""
    return not draft.by_key or draft.digest or KEY not in columns(conjunct)


def _never(conjunct: Expr, draft: Draft) -> bool:
    return False


def _never_exact(builder: Builder) -> Builder:
    return lambda values: Built(builder(values).exp, False)
