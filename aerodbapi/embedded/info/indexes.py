"""Info commands of secondary indexes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from aerodbapi.embedded import sindex_commands
from aerodbapi.embedded.info.request import InfoError, Request
from aerodbapi.embedded.replies import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["COMMANDS"]


def _create(request: Request) -> str:
    node = request.node
    try:
        node.namespace(request.namespace_name())  # made on first use, as by a record's command
    except Refused:
        raise InfoError(20, "namespace not found") from None
    sindex_commands.create(node.indexes, node.store, request.parameters)
    return "ok"


def _delete(request: Request) -> str:
    sindex_commands.delete(request.node.indexes, request.node.store, request.parameters)
    return "ok"


def _exists(request: Request) -> str:
    node = request.node
    found = sindex_commands.exists(node.indexes, node.store, request.parameters)
    return "true" if found else "false"


def _list(request: Request) -> str:
    return _listing(request, request.parameters)


def _listing(request: Request, parameters: Mapping[str, str]) -> str:
    return sindex_commands.listing(request.node.indexes, request.node.store, parameters)


def _stat(request: Request) -> str:
    return _statistics(request, request.parameters)


def _statistics(request: Request, parameters: Mapping[str, str]) -> str:
    return sindex_commands.stat(request.node.indexes, request.node.store, parameters)


def _by_path(request: Request) -> str:
    """`sindex`, `sindex/<namespace>` as sindex-list, `sindex/<namespace>/<name>` as its stat."""
    namespace, name = (*request.path, "", "")[:2]
    if not namespace:
        return _listing(request, {})
    if not name:
        return _listing(request, {"namespace": namespace})
    return _statistics(request, {"namespace": namespace, "indexname": name})


COMMANDS: Final[dict[str, Callable[[Request], str]]] = {
    "sindex-create": _create,
    "sindex-delete": _delete,
    "sindex-exists": _exists,
    "sindex-list": _list,
    "sindex-stat": _stat,
    "sindex": _by_path,
}
