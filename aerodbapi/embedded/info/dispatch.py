"""Finds the function that answers an info command."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from aerodbapi.embedded.info import cluster, data, indexes, modules, queries, settings
from aerodbapi.embedded.info.request import InfoError, Request, parse
from aerodbapi.errors import Error

if TYPE_CHECKING:
    from aerodbapi.embedded.node import EmbeddedNode, Session
    from aerodbapi.embedded.security.guard import Guard

__all__ = ["DEFAULT_NAMES", "Info"]

_COMMANDS: Final[dict[str, Callable[[Request], str]]] = {
    **cluster.COMMANDS,
    **data.COMMANDS,
    **indexes.COMMANDS,
    **modules.COMMANDS,
    **queries.COMMANDS,
    **settings.COMMANDS,
}

#: What an empty request asks for.
DEFAULT_NAMES: Final = (
    "node",
    "build",
    "edition",
    "features",
    "statistics",
    "partition-generation",
)


class Info:
    """Answers info requests for a node."""

    def __init__(self, node: EmbeddedNode) -> None:
        self._node = node

    def answer(
        self, names: Sequence[str], peer: Session | None, guard: Guard | None = None
    ) -> list[tuple[str, str]]:
        """Answer each name with its value; errors are values too.

        `guard`: asked for each command, where the node has security.
        """
        return [(name, self.value(name, peer, guard)) for name in names]

    def value(self, name: str, peer: Session | None = None, guard: Guard | None = None) -> str:
        """Answer one command."""
        if not name.isprintable() and _is_garbled(name):
            return "ERROR:4:not UTF-8"
        request = parse(self._node, name, peer)
        if request.command == "help":
            return ";".join(sorted(_COMMANDS))
        function = _COMMANDS.get(request.command)
        if function is None:
            return "ERROR:4:unrecognized command"
        refusal = "" if guard is None else guard.info(request.command, request.parameters)
        if refusal:
            return refusal
        try:
            return function(request)
        except InfoError as error:
            return str(error)
        except Error as error:
            return f"ERROR:{error.result_code or 1}:{error.message}"


def _is_garbled(name: str) -> bool:
    """Tell whether a command came with bytes that are no text."""
    return any("\ud800" <= character <= "\udfff" for character in name)
