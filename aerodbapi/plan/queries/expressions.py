"""Binds expressions in a scope: every column becomes that of one table of the statement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from aerodbapi.frozen import frozen
from aerodbapi.grammar import ast
from aerodbapi.plan.membership import any_of
from aerodbapi.plan.queries.scope import Offered, Scope, fail
from aerodbapi.plan.queries.walking import mapped

if TYPE_CHECKING:
    from aerodbapi.plan.queries.binding import Binder, Ctes

__all__ = ["Binding"]

_DIGESTS: Final = frozenset({"DIGEST", "EDIGEST"})


@frozen
class Binding:
    """Where an expression is bound: the scope, and what binds the queries inside it."""

    binder: Binder
    scope: Scope
    ctes: Ctes

    def __call__(self, node: Any) -> Any:
        """Bind a node, or a tuple of them."""
        if type(node) is tuple:
            return tuple(self(part) for part in node)
        method = _METHODS.get(type(node))
        return mapped(node, self) if method is None else method(self, node)

    def column(self, node: ast.Column) -> ast.Expr:
        source = self.scope.resolve(node).source
        return _placed(source, node)

    def call(self, node: ast.Call) -> ast.Expr:
        if any(isinstance(part, ast.Star) for part in node.arguments) and node.name != "COUNT":
            raise fail(f"{node.name}(*) means nothing; COUNT(*) does", node)
        made: ast.Expr = mapped(node, lambda p: p if isinstance(p, ast.Star) else self(p))
        return made

    def star(self, node: ast.Star) -> ast.Expr:
        raise fail("* stands in a select list only", node)

    def binary(self, node: ast.Binary) -> ast.Expr:
        rewritten = any_of(node)
        if rewritten is not None:
            return self(rewritten)  # type: ignore[no-any-return]
        left, right = self.digest(node.left), self.digest(node.right)
        if node.op not in ("=", "<>") or (left is None and right is None):
            return mapped(node, self)  # type: ignore[no-any-return]
        sides = [
            column or ast.Call("DIGEST", (self(side),))
            for column, side in ((left, node.left), (right, node.right))
        ]
        return ast.Binary(node.op, sides[0], sides[1], node.span)

    def in_(self, node: ast.In) -> ast.Expr:
        column = self.digest(node.operand)
        if column is None:
            return mapped(node, self)  # type: ignore[no-any-return]
        options = tuple(ast.Call("DIGEST", (self(option),)) for option in node.options)
        return ast.In(column, options, node.negated, node.span)

    def digest(self, node: ast.Expr) -> ast.Expr | None:
        """Give `__digest` where a comparison names it, by one of its three names."""
        if not isinstance(node, ast.Column) or node.quoted:
            return None
        if node.name.upper() not in _DIGESTS and node.name != "__digest":
            return None
        found = self.scope.resolve(ast.Column("__digest", node.table, span=node.span))
        base = isinstance(found.source, ast.Column) and found.source.name == "__digest"
        return found.source if base else None

    # ---- queries inside ----------------------------------------------------------------------

    def query(self, node: ast.Query) -> tuple[ast.Query, tuple[Offered, ...]]:
        return self.binder.query(node, self.scope, self.ctes)

    def subquery(self, node: ast.Subquery) -> ast.Expr:
        return ast.Subquery(self._single(node.query, node), node.span)

    def exists(self, node: ast.Exists) -> ast.Expr:
        return ast.Exists(self.query(node.query)[0], node.span)

    def in_query(self, node: ast.InQuery) -> ast.Expr:
        operand = node.operand
        wanted = 1
        if isinstance(operand, ast.Call) and operand.name == "ROW":
            wanted = len(operand.arguments)
        query = self._single(node.query, node, wanted)
        return ast.InQuery(self(operand), query, node.negated, node.span)

    def _single(self, node: ast.Query, where: Any, wanted: int = 1) -> ast.Query:
        query, columns = self.query(node)
        if len(columns) != wanted:
            count = "one is" if wanted == 1 else f"{wanted} are"
            raise fail(f"this subquery gives {len(columns)} columns, and {count} wanted", where)
        return query


def _placed(source: ast.Expr, node: ast.Column) -> ast.Expr:
    if isinstance(source, ast.Column):
        return ast.Column(source.name, source.table, source.quoted, node.span)
    return source


_METHODS: Final[Mapping[type, Callable[[Binding, Any], Any]]] = {
    ast.Column: Binding.column,
    ast.Call: Binding.call,
    ast.Star: Binding.star,
    ast.Binary: Binding.binary,
    ast.In: Binding.in_,
    ast.Subquery: Binding.subquery,
    ast.Exists: Binding.exists,
    ast.InQuery: Binding.in_query,
}
