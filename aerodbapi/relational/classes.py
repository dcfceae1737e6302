"""The classes that values compare in, where DuckDB would cast one side, or refuse.

`plan.semantics` has NULL for what two classes say of each other, and so has the engine wherever
the types of columns are known. A column of several kinds is JSON text: in each place it stands
for its values of the class that is wanted there, and for NULL elsewhere.
"""

from __future__ import annotations

from typing import Final

__all__ = ["ABSENT", "CLASSES", "NEVER", "OF_CLASS", "WANTED", "length"]

#: Type code → class; other types are left to DuckDB's casts.
CLASSES: Final = {
    "BIGINT": "number",
    "DOUBLE": "number",
    "DECIMAL": "number",
    "VARCHAR": "text",
    "BOOLEAN": "truth",
    "BLOB": "blob",
}
#: JSON text as its values of a class.
OF_CLASS: Final = {
    "number": (
        "CASE WHEN json_type({0}) IN ('BIGINT', 'UBIGINT') THEN CAST({0} AS HUGEINT) "
        "WHEN json_type({0}) = 'DOUBLE' THEN CAST({0} AS DOUBLE) END"
    ),
    "text": "CASE WHEN json_type({0}) = 'VARCHAR' THEN json_extract_string({0}, '$') END",
    "truth": "CASE WHEN json_type({0}) = 'BOOLEAN' THEN CAST({0} AS BOOLEAN) END",
}
#: The NULL of a class.
ABSENT: Final = {
    "number": "CAST(NULL AS DOUBLE)",
    "text": "CAST(NULL AS VARCHAR)",
    "truth": "CAST(NULL AS BOOLEAN)",
}
#: What two classes say of each other.
NEVER: Final = ABSENT["truth"]
#: What `plan.functions` calls the arguments that a function takes → class.
WANTED: Final = {"s": "text", "n": "number", "i": "number"}


def length(text: str) -> str:
    """Write the length of JSON text that holds a string or a list."""
    held = OF_CLASS["text"].format(text)
    return (
        f"CASE WHEN json_type({text}) = 'ARRAY' THEN json_array_length({text}) "
        f"ELSE length({held}) END"
    )
