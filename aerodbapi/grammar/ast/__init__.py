"""What a statement is once parsed: frozen nodes, with their place in the text.

Literals carry the value itself; a lifted literal or a placeholder is a `Parameter` whose
`index` counts into the values that are bound beside the plan.
"""

from __future__ import annotations

from typing import Union

from aerodbapi.grammar.ast.changes import (
    Delete,
    Insert,
    Update,
)
from aerodbapi.grammar.ast.definitions import (
    CreateIndex,
    DropIndex,
    Truncate,
)
from aerodbapi.grammar.ast.expressions import (
    Between,
    Binary,
    Call,
    Case,
    Cast,
    Column,
    Distinct,
    Exists,
    Expr,
    Frame,
    In,
    InQuery,
    Interval,
    IsNull,
    IsTruth,
    Like,
    Literal,
    Over,
    Parameter,
    Star,
    Subquery,
    Subscript,
    Unary,
    Window,
)
from aerodbapi.grammar.ast.looks import (
    Describe,
    Explain,
    Show,
)
from aerodbapi.grammar.ast.queries import (
    CTE,
    Derived,
    Join,
    Membership,
    OrderItem,
    Query,
    Select,
    SelectItem,
    SetOperation,
    Source,
    TableName,
    ValueRows,
)
from aerodbapi.grammar.node import Node, Span

__all__ = [
    "CTE",
    "Between",
    "Binary",
    "Call",
    "Case",
    "Cast",
    "Column",
    "CreateIndex",
    "Delete",
    "Derived",
    "Describe",
    "Distinct",
    "DropIndex",
    "Exists",
    "Explain",
    "Expr",
    "Frame",
    "In",
    "InQuery",
    "Insert",
    "Interval",
    "IsNull",
    "IsTruth",
    "Join",
    "Like",
    "Literal",
    "Membership",
    "Node",
    "OrderItem",
    "Over",
    "Parameter",
    "Query",
    "Select",
    "SelectItem",
    "SetOperation",
    "Show",
    "Source",
    "Span",
    "Star",
    "Statement",
    "Subquery",
    "Subscript",
    "TableName",
    "Truncate",
    "Unary",
    "Update",
    "ValueRows",
    "Window",
]

Statement = Union[
    Select,
    SetOperation,
    ValueRows,
    Insert,
    Update,
    Delete,
    Truncate,
    CreateIndex,
    DropIndex,
    Show,
    Describe,
    Explain,
]
