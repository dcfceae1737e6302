"""What a condition becomes: an expression or what is decided already, and whether it is exact."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, Union

from aerodbapi.frozen import frozen
from aerodbapi.protocol import expressions as wire
from aerodbapi.protocol.expressions import Exp

__all__ = [
    "ALL",
    "NEVER",
    "UNDECIDED",
    "Maker",
    "Options",
    "Piece",
    "all_of",
    "any_of",
    "undecided",
]

#: An expression, or what is decided already; and whether it is exact. False is always exact.
Piece = tuple[Union[Exp, bool], bool]
#: Gives the piece for bound values.
Maker = Callable[[Sequence[Any]], Piece]

ALL: Final[Piece] = (True, True)
NEVER: Final[Piece] = (False, True)
UNDECIDED: Final[Piece] = (True, False)


@frozen
class Options:
    """What the server and the data allow.

    `nul_free`: the strings hold no NUL characters, so that all of a LIKE can be pushed.
    """

    in_list: bool = False
    nul_free: bool = False


def undecided(values: Sequence[Any]) -> Piece:
    """Let every record pass; the maker of a condition that the server cannot be asked."""
    return UNDECIDED


def all_of(pieces: Sequence[Piece]) -> Piece:
    """Join with AND: what is undecided may be left out."""
    if any(exp is False for exp, _ in pieces):
        return NEVER
    exps = [exp for exp, _ in pieces if isinstance(exp, Exp)]
    exact = all(each for _, each in pieces)
    if not exps:
        return True, exact
    return (exps[0] if len(exps) == 1 else wire.and_(*exps)), exact


def any_of(pieces: Sequence[Piece]) -> Piece:
    """Join with OR: what is undecided leaves all of it so."""
    if any(exp is True for exp, _ in pieces):
        return ALL if ALL in pieces else UNDECIDED
    exps = [exp for exp, _ in pieces if isinstance(exp, Exp)]
    if not exps:
        return NEVER
    exact = all(each for exp, each in pieces if exp is not False)
    return (exps[0] if len(exps) == 1 else wire.or_(*exps)), exact
