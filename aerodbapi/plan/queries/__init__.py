"""Queries for the relational engine: names bound, predicates and columns pushed to set reads.

text's tree → `binding` (every name resolved, stars written out) → `pushing` (predicates down to
the tables) → `pruning` (columns that nobody reads drop) → `reads` (one Input a table).
"""

from __future__ import annotations

from aerodbapi.plan.queries.planning import plan_query, targets

__all__ = ["plan_query", "targets"]
