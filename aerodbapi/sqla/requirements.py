"""What SQLAlchemy's own suite may ask of the dialect; what is closed has its reason beside it."""

from __future__ import annotations

from typing import Any

from sqlalchemy.testing import exclusions
from sqlalchemy.testing.requirements import SuiteRequirements

__all__ = ["Requirements"]


def _is_open(self: Any) -> Any:
    return exclusions.open()


def _is_closed(self: Any) -> Any:
    return exclusions.closed()


#: Offered, though SQLAlchemy supposes of no dialect that it is.
_OPEN = """
    binary_literals boolean_col_expressions create_table_as ctes ctes_with_values
    datetime_historic date_historic datetime_literals datetime_timezone dbapi_lastrowid
    delete_returning except_ expression_server_defaults fetch_first fetch_no_order_by
    index_ddl_if_exists infinity_floats insert_returning
    intersect json_type nullsordering precision_numerics_enotation_small
    precision_numerics_retains_significant_digits
    regexp_match regexp_replace schemas server_defaults table_ddl_if_exists
    table_value_constructor update_returning uuid_data_type views window_functions window_range
    window_range_numeric
"""

#: Requirement → why Aerospike cannot do it.
_CLOSED = {
    "savepoints": "there are no transactions to have points in",
    "two_phase_transactions": "there are no transactions to prepare",
    "temporary_tables": "a set is seen by all",
    "temp_table_reflection": "a set is seen by all",
    "has_temp_table": "a set is seen by all",
    "temporary_views": "a view is seen by all",
    "sequences": "keys are drawn from a counter of their table",
    "schema_create_delete": "namespaces are made by the server's configuration",
    "on_update_cascade": "a record's key cannot be changed",
    "comment_reflection": "declarations keep no comments",
    "computed_columns": "columns are stored as given; views compute",
    "unique_constraint_reflection": "only a record's key is unique",
    "check_constraint_reflection": "conditions are not enforced",
    "update_from": "UPDATE takes one table; subqueries say the rest",
    "delete_from": "DELETE takes one table; subqueries say the rest",
    "empty_inserts": "a record without bins does not exist",
    "autocommit": "there is no other level to come from",
    "isolation_level": "every write is final when it returns: there is one level",
    "identity_columns": "keys are drawn upwards, and may be given as well",
    "supports_distinct_on": "DISTINCT is about whole rows; a window function says the rest",
    "precision_numerics_many_significant_digits": "a number in the text has 64 bits",
    "order_by_collation": "texts are ordered by their bytes",
}


class Requirements(SuiteRequirements):
    """The suite's switches."""


for _name in _OPEN.split():
    setattr(Requirements, _name, property(_is_open))
for _name in _CLOSED:
    setattr(Requirements, _name, property(_is_closed))
