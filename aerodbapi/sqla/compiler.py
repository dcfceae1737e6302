"""Expressions and statements as our grammar reads them."""

from __future__ import annotations

import re
from typing import Any, Final

from sqlalchemy import exc
from sqlalchemy import types as sqltypes
from sqlalchemy.sql import compiler, elements

__all__ = ["AerospikeCompiler", "AerospikeIdentifierPreparer"]

_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
#: Words that cannot stand for a column everywhere without quotes.
_RESERVED: Final = frozenset(
    word
    for words in (
        "all and any array as asc between by case cast cross current_date current_time",
        "current_timestamp default desc distinct else end except exists false fetch for from full",
        "group having in inner insert intersect interval into is join left like limit natural not",
        "null offset on or order outer over primary references returning right row rows select set",
        "table then true union unique unknown update user using values when where window with",
    )
    for word in words.split()
)


class AerospikeIdentifierPreparer(compiler.IdentifierPreparer):
    """Names keep their case and need no quotes for it; PK and the metadata never have any."""

    reserved_words = _RESERVED

    def _requires_quotes(self, value: str) -> bool:
        return _PLAIN.fullmatch(value) is None or value.lower() in self.reserved_words


#: What a value inside JSON is cast to when its type is asked for.
_ELEMENTS: Final = (
    (sqltypes.Boolean, "BOOLEAN"),
    (sqltypes.Integer, "BIGINT"),
    (sqltypes.Numeric, "DOUBLE"),
    (sqltypes.String, "VARCHAR"),
)


class AerospikeCompiler(compiler.SQLCompiler):
    """Writes SELECT, INSERT, UPDATE and DELETE."""

    def limit_clause(self, select: Any, **kw: Any) -> str:
        text = ""
        if select._limit_clause is not None:
            text += "\n LIMIT " + self.process(select._limit_clause, **kw)
        if select._offset_clause is not None:
            text += "\n OFFSET " + self.process(select._offset_clause, **kw)
        return text

    def for_update_clause(self, select: Any, **kw: Any) -> str:
        """Nothing: a record is locked while it is changed, and not longer."""
        return ""

    def visit_empty_set_expr(self, element_types: Any, **kw: Any) -> str:
        nulls = ", ".join("NULL" for _ in element_types or [None])
        return f"SELECT {nulls} FROM (SELECT 1) AS empty_set WHERE 1 != 1"

    def visit_now_func(self, fn: Any, **kw: Any) -> str:
        return "CURRENT_TIMESTAMP"

    def visit_char_length_func(self, fn: Any, **kw: Any) -> str:
        return f"LENGTH{self.function_argspec(fn, **kw)}"

    def visit_floordiv_binary(self, binary: Any, operator: Any, **kw: Any) -> str:
        left, right = self.process(binary.left, **kw), self.process(binary.right, **kw)
        if all(
            side.type._type_affinity is sqltypes.Integer for side in (binary.left, binary.right)
        ):
            return f"{left} // {right}"
        return f"FLOOR({left} / {right})"

    def visit_regexp_match_op_binary(self, binary: Any, operator: Any, **kw: Any) -> str:
        return self._regexp(binary, kw)

    def visit_not_regexp_match_op_binary(self, binary: Any, operator: Any, **kw: Any) -> str:
        return "NOT " + self._regexp(binary, kw)

    def _regexp(self, binary: Any, kw: dict[str, Any]) -> str:
        arguments = [self.process(binary.left, **kw), self.process(binary.right, **kw)]
        flags = (binary.modifiers or {}).get("flags")
        if flags is not None:
            arguments.append(self.render_literal_value(flags, sqltypes.STRINGTYPE))
        return f"REGEXP_MATCHES({', '.join(arguments)})"

    def visit_regexp_replace_op_binary(self, binary: Any, operator: Any, **kw: Any) -> str:
        flags = (binary.modifiers or {}).get("flags") or "g"
        text, rest = self.process(binary.left, **kw), self.process(binary.right, **kw)
        shown = self.render_literal_value(flags, sqltypes.STRINGTYPE)
        return f"REGEXP_REPLACE({text}, {rest}, {shown})"

    # ---- values inside lists and maps ---------------------------------------------------------

    def visit_json_getitem_op_binary(
        self, binary: Any, operator: Any, _cast_applied: bool = False, **kw: Any
    ) -> str:
        left, right = self.process(binary.left, **kw), self.process(binary.right, **kw)
        return self._element(binary, f"{left}[{right}]")

    def visit_json_path_getitem_op_binary(
        self, binary: Any, operator: Any, _cast_applied: bool = False, **kw: Any
    ) -> str:
        left, right = self.process(binary.left, **kw), self.process(binary.right, **kw)
        return self._element(binary, f"JSON_EXTRACT({left}, {right})")

    def visit_getitem_binary(self, binary: Any, operator: Any, **kw: Any) -> str:
        return f"{self.process(binary.left, **kw)}[{self.process(binary.right, **kw)}]"

    def _element(self, binary: Any, text: str) -> str:
        if isinstance(binary.type, sqltypes.JSON):
            return text
        for kind, name in _ELEMENTS:
            if isinstance(binary.type, kind):
                return f"CAST({text} AS {name})"
        return text

    # ---- changes ------------------------------------------------------------------------------

    def returning_clause(self, stmt: Any, returning_cols: Any, **kw: Any) -> str:
        if hasattr(compiler.SQLCompiler, "visit_tablesample") and kw:
            return super().returning_clause(stmt, returning_cols, **kw)
        columns = [
            self._label_select_column(None, column, True, False, {"include_table": False})
            for column in elements._select_iterables(returning_cols)
        ]
        return "RETURNING " + ", ".join(columns)

    def visit_on_conflict_do_nothing(self, on_conflict: Any, **kw: Any) -> str:
        return f"ON CONFLICT{self._conflict_target(on_conflict)} DO NOTHING"

    def visit_on_conflict_do_update(self, on_conflict: Any, **kw: Any) -> str:
        table = self.stack[-1]["selectable"].table
        settings = []
        for name, value in on_conflict.values:
            column = table.c.get(name)
            type_ = sqltypes.NULLTYPE if column is None else column.type
            if not hasattr(value, "__clause_element__") and not isinstance(
                value, elements.ClauseElement
            ):
                value = elements.BindParameter(None, value, type_=type_)
            elif isinstance(value, elements.BindParameter) and value.type._isnull:
                value = value._with_binary_element_type(type_)
            shown = self.preparer.quote(name if column is None else column.name)
            settings.append(f"{shown} = {self.process(_element(value), use_schema=False)}")
        text = f"ON CONFLICT{self._conflict_target(on_conflict)} DO UPDATE SET "
        text += ", ".join(settings)
        if on_conflict.where is not None:
            text += " WHERE " + self.process(on_conflict.where, include_table=True)
        return text

    def _conflict_target(self, on_conflict: Any) -> str:
        if not on_conflict.target:
            return ""
        return f" ({', '.join(map(self.preparer.quote, on_conflict.target))})"

    def update_from_clause(self, update_stmt: Any, *args: Any, **kw: Any) -> str:
        raise exc.CompileError("UPDATE … FROM is not offered: write a subquery in WHERE or SET")

    def delete_extra_from_clause(self, delete_stmt: Any, *args: Any, **kw: Any) -> str:
        raise exc.CompileError("DELETE … USING is not offered: write a subquery in WHERE")


def _element(value: Any) -> Any:
    return value.__clause_element__() if hasattr(value, "__clause_element__") else value
