"""Who may do what on the embedded node: users, roles, sessions, privileges, quotas.

Off unless the node is made with `security=True`. Behaves as an Enterprise server with
security and quotas enabled; wire.md §15 and the official client's own use of it decide.
"""

from __future__ import annotations

from aerodbapi.embedded.security.security import Security

__all__ = ["Security"]
