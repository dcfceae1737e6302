"""Info commands of secondary indexes and of queries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from aerodbapi.embedded.info.request import Request

__all__ = ["COMMANDS"]

COMMANDS: Final[dict[str, Callable[[Request], str]]] = {}
