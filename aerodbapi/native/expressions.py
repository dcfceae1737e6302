"""Expressions for filters, expression operations and indexes: the public `exp`.

    from aerodbapi.native import expressions as exp

    client.get(key, policy={"filter": exp.gt(exp.int_bin("age"), 30)})

Values stand for themselves. Commands on lists, maps, bits and HLLs take the bin (its name, or an
expression) first: `exp.list_size("scores")`, `exp.map_get_by_key("m", "k", type=exp.Type.STRING)`.
"""

from __future__ import annotations

import base64

from aerodbapi.protocol import expression_calls, expressions
from aerodbapi.protocol.expression_calls import *  # noqa: F403
from aerodbapi.protocol.expressions import *  # noqa: F403
from aerodbapi.protocol.expressions import Exp, ExpType, pack_expression

__all__ = ["LOOP_INDEX", "LOOP_KEY", "LOOP_VALUE", "Type", "from_base64", "to_base64"]
__all__ += expressions.__all__
__all__ += expression_calls.__all__

Type = ExpType
#: Parts of loop_var().

LOOP_KEY, LOOP_VALUE, LOOP_INDEX = 0, 1, 2


def to_base64(expression: Exp) -> str:
    """An expression as text: what index definitions and info replies hold."""
    return base64.b64encode(pack_expression(expression)).decode()


def from_base64(text: str) -> bytes:
    """The packed expression that a text stands for; policies take it as a filter."""
    return base64.b64decode(text)
