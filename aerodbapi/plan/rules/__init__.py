"""The planning rules, in the order in which they apply; one file and one fixture file each."""

from __future__ import annotations

from typing import Final

from aerodbapi.plan.draft import Rule
from aerodbapi.plan.rules.batch_read import batch_read
from aerodbapi.plan.rules.contradiction import contradiction
from aerodbapi.plan.rules.filter_push import filter_push
from aerodbapi.plan.rules.index_choice import index_choice
from aerodbapi.plan.rules.limit_push import limit_push
from aerodbapi.plan.rules.point_read import point_read
from aerodbapi.plan.rules.projection import projection

__all__ = ["RULES"]

RULES: Final[tuple[Rule, ...]] = (
    point_read,
    batch_read,
    contradiction,
    index_choice,
    filter_push,
    projection,
    limit_push,
)
