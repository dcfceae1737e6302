"""Subqueries in statements that write: run first, and bound like parameters.

What a subquery gives does not change from record to record unless it is correlated. So it is
planned by itself and takes a parameter's place, behind those that the user binds; then
`PK IN (SELECT …)` is a batch of keys, and any other condition can be pushed down. A correlated
one stays: the relational engine then finds the records.
"""

from __future__ import annotations

from typing import Final, Literal

from aerodbapi import errors
from aerodbapi.frozen import replace
from aerodbapi.grammar.ast import Exists, Expr, In, InQuery, Parameter, Query, Subquery
from aerodbapi.plan import operations as op
from aerodbapi.plan.draft import Planning
from aerodbapi.plan.tree import rebuild

__all__ = ["Lifted", "planned"]

How = Literal["value", "list", "exists"]
_KINDS: Final[dict[str, str | None]] = {"value": None, "list": None, "exists": "bool"}


def planned(query: Query, planning: Planning) -> op.Plan:
    """Plan a query that stands inside another statement."""
    from aerodbapi.plan import planner  # which plans the statements around it, too

    return planner.planned(query, planning)


class Lifted:
    """Takes subqueries out of a statement's expressions, and plans them.

    `planning` has the parameters that stand for them. `correlated`: some could not be taken out.
    """

    def __init__(self, planning: Planning) -> None:
        self._outer = planning
        self.planning = planning
        self.queries: list[tuple[How, op.Plan]] = []
        self.correlated = False

    def lift(self, expression: Expr) -> Expr:
        """Put parameters where the outermost subqueries stand."""
        if isinstance(expression, InQuery):
            parameter = self._parameter("list", expression.query)
            if parameter is None:
                return expression
            operand = self.lift(expression.operand)
            return In(operand, (parameter,), expression.negated, expression.span)
        if isinstance(expression, (Subquery, Exists)):
            how: How = "value" if isinstance(expression, Subquery) else "exists"
            return self._parameter(how, expression.query) or expression
        return rebuild(expression, self.lift)

    def _parameter(self, how: How, query: Query) -> Parameter | None:
        if how == "exists" and getattr(query, "limit", None) is None and not query.ctes:
            from aerodbapi.grammar.ast import Literal as Constant

            query = replace(query, limit=Constant(1))
        try:
            plan = planned(query, self._outer)
        except errors.ProgrammingError:
            self.correlated = True  # or wrong: then the engine's planner says so
            return None
        context = self.planning.context
        index = len(context.parameters)
        context = replace(context, parameters=(*context.parameters, _KINDS[how]))
        self.planning = replace(self.planning, context=context)
        self.queries.append((how, plan))
        return Parameter(index)

    def around(self, plan: op.Plan) -> op.Plan:
        """Let the subqueries run before what needs them."""
        if not self.queries:
            return plan
        return replace(plan, root=op.Subqueries(plan.root, tuple(self.queries)))
