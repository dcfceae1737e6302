"""The rows of the command tables, and how rows are made of selections and edits."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aerodbapi.embedded.cdt.edits import Edit
from aerodbapi.embedded.cdt.results import Choice, Return, wanted
from aerodbapi.frozen import frozen

if TYPE_CHECKING:
    from aerodbapi.embedded.storage import Particle

__all__ = ["Command", "Select", "edits", "fixed", "gives", "one", "reads", "removes"]

Run = Callable[..., Edit]
Select = Callable[..., Choice]


@frozen
class Command:
    """One command. `run` gets the list or map, then the arguments.

    `created`: what happens when there is no list or map. None: nothing, and that is fine.
    Otherwise an empty one is edited, and stored even if the edit leaves it empty; its flags
    are the argument of this number, or 0 for -1. `refusal`: the code of commands that refuse
    instead.
    """

    signature: str
    run: Run
    modifies: bool
    created: int | None = None
    refusal: int = 0


def gives(signature: str, result: Callable[..., Particle | None]) -> Command:
    """Make a reading command of a function that gives its result."""

    def run(found: Any, *arguments: Any) -> Edit:
        return Edit(None, result(found, *arguments))

    return Command(signature, run, modifies=False)


def edits(signature: str, run: Run, created: int | None = None, refusal: int = 0) -> Command:
    """Make a command that changes or creates."""
    return Command(signature, run, True, created, refusal)


def reads(signature: str, select: Select, *, multi: bool) -> Command:
    """Make a reading command whose first argument is a return type."""

    def result(found: Any, kind: int, *arguments: Any) -> Particle | None:
        return select(found, wanted(kind, multi), *arguments).result

    return gives(signature, result)


def removes(
    signature: str, select: Select, remove: Callable[[Any, Choice], Edit], *, multi: bool
) -> Command:
    """Make a removing command whose first argument is a return type."""

    def run(found: Any, kind: int, *arguments: Any) -> Edit:
        return remove(found, select(found, wanted(kind, multi), *arguments))

    return Command(signature, run, modifies=True)


def fixed(select: Select, how: Return) -> Select:
    """Fix the return type of a selection."""
    return lambda found, *arguments: select(found, how, *arguments)


def one(select: Select) -> Select:
    """Make of a selection of a range that of the first element of it."""
    return lambda found, how, place: select(found, how, place, 1)
