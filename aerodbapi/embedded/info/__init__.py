"""The node's info commands: text in, text out.

Shapes and texts of the replies are those that a Community server 8.1.2 gives.
"""

from __future__ import annotations

from aerodbapi.embedded.info.dispatch import DEFAULT_NAMES, Info

__all__ = ["DEFAULT_NAMES", "Info"]
