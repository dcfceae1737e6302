"""Expressions for values, bins, keys and metadata, comparison, logic, variables and paths."""

from __future__ import annotations

from typing import Any

from aerodbapi.compat.aerospike import constants as a
from aerodbapi.compat.aerospike_helpers.expressions.resources import (
    ResultType,
    Split,
    _BaseExpr,
    _ExprOp,
    _VarArgs,
    expression,
    values,
)

__all__ = [
    "GE",
    "GT",
    "LE",
    "LT",
    "NE",
    "TTL",
    "And",
    "BinExists",
    "BinType",
    "BlobBin",
    "BoolBin",
    "CmpGeo",
    "CmpRegex",
    "Cond",
    "Def",
    "DeviceSize",
    "DigestMod",
    "Eq",
    "Exclusive",
    "FloatBin",
    "GeoBin",
    "HLLBin",
    "IntBin",
    "IsTombstone",
    "KeyBlob",
    "KeyExists",
    "KeyInt",
    "KeyStr",
    "LastUpdateTime",
    "Let",
    "ListBin",
    "LoopVar",
    "LoopVarBlob",
    "LoopVarBool",
    "LoopVarFloat",
    "LoopVarGeoJson",
    "LoopVarHLL",
    "LoopVarInt",
    "LoopVarList",
    "LoopVarMap",
    "LoopVarNil",
    "LoopVarStr",
    "MapBin",
    "MemorySize",
    "ModifyByPath",
    "Not",
    "Or",
    "RecordSize",
    "RemoveResult",
    "ResultRemove",
    "SelectByPath",
    "SetName",
    "SinceUpdateTime",
    "StrBin",
    "Unknown",
    "Val",
    "Var",
    "VoidTime",
]


def _fixed(**names: str) -> Split:
    """Arguments that are no children: key in the dictionary = parameter."""

    def split(given: dict[str, Any]) -> tuple[dict[str, Any], tuple[Any, ...]]:
        children = tuple(v for k, v in given.items() if k not in names.values())
        return {key: given[name] for key, name in names.items()}, children

    return split


def _leaf(name: str, op: int, rt: int | None, doc: str) -> type[_BaseExpr]:
    members = {"_op": op, "_rt": rt, "__doc__": doc, "__module__": __name__}
    return type(name, (_BaseExpr,), members)


def _bin(name: str, rt: int, doc: str, op: int = _ExprOp.BIN) -> Any:
    return expression(__name__, name, op, "bin", _fixed(bin="bin"), doc, rt)


def _compare(name: str, op: int, doc: str) -> Any:
    return expression(__name__, name, op, "expr0 expr1", values(), doc)


# ---- values, bins, keys ------------------------------------------------------------------------

Val = expression(
    __name__, "Val", _ExprOp._AS_EXP_CODE_AS_VAL, "value", _fixed(val="value"), "A value."
)
Unknown = _leaf("Unknown", _ExprOp.UNKNOWN, None, "No value: what contains it fails.")
KeyInt = _leaf("KeyInt", _ExprOp.REC_KEY, ResultType.INTEGER, "The stored key, an integer.")
KeyStr = _leaf("KeyStr", _ExprOp.REC_KEY, ResultType.STRING, "The stored key, text.")
KeyBlob = _leaf("KeyBlob", _ExprOp.REC_KEY, ResultType.BLOB, "The stored key, bytes.")
KeyExists = _leaf(
    "KeyExists", _ExprOp.META_KEY_EXISTS, ResultType.BOOLEAN, "Whether the key is stored."
)
BoolBin = _bin("BoolBin", ResultType.BOOLEAN, "A boolean bin.")
IntBin = _bin("IntBin", ResultType.INTEGER, "An integer bin.")
StrBin = _bin("StrBin", ResultType.STRING, "A text bin.")
FloatBin = _bin("FloatBin", ResultType.FLOAT, "A float bin.")
BlobBin = _bin("BlobBin", ResultType.BLOB, "A bytes bin.")
GeoBin = _bin("GeoBin", ResultType.GEOJSON, "A GeoJSON bin.")
ListBin = _bin("ListBin", ResultType.LIST, "A list bin.")
MapBin = _bin("MapBin", ResultType.MAP, "A map bin.")
HLLBin = _bin("HLLBin", ResultType.HLL, "A HyperLogLog bin.")
BinExists = _bin(
    "BinExists", ResultType.BOOLEAN, "Whether the record has the bin.", _ExprOp.BIN_EXISTS
)
BinType = _bin(
    "BinType", ResultType.INTEGER, "The bin's type (AS_BYTES_*), 0 for none.", _ExprOp.BIN_TYPE
)

# ---- metadata ----------------------------------------------------------------------------------

SetName = _leaf("SetName", _ExprOp.META_SET_NAME, ResultType.STRING, "The record's set.")
DeviceSize = _leaf(
    "DeviceSize", _ExprOp.META_DEVICE_SIZE, ResultType.INTEGER, "Its size on a device, in bytes."
)
MemorySize = _leaf(
    "MemorySize", _ExprOp.META_MEMORY_SIZE, ResultType.INTEGER, "Its size in memory, in bytes."
)
RecordSize = _leaf(
    "RecordSize", _ExprOp.META_RECORD_SIZE, ResultType.INTEGER, "The record's size, in bytes."
)
LastUpdateTime = _leaf(
    "LastUpdateTime",
    _ExprOp.META_LAST_UPDATE_TIME,
    ResultType.INTEGER,
    "When it was last updated, in ns since 1970.",
)
SinceUpdateTime = _leaf(
    "SinceUpdateTime",
    _ExprOp.META_SINCE_UPDATE_TIME,
    ResultType.INTEGER,
    "Milliseconds since it was last updated.",
)
VoidTime = _leaf(
    "VoidTime",
    _ExprOp.META_VOID_TIME,
    ResultType.INTEGER,
    "When it expires, in ns since 1970; -1 for never.",
)
TTL = _leaf("TTL", _ExprOp.META_TTL, ResultType.INTEGER, "Seconds until it expires, or -1.")
IsTombstone = _leaf(
    "IsTombstone", _ExprOp.META_IS_TOMBSTONE, ResultType.BOOLEAN, "Whether it was deleted."
)
DigestMod = expression(
    __name__,
    "DigestMod",
    _ExprOp.META_DIGEST_MOD,
    "mod",
    _fixed(val="mod"),
    "The digest's last bytes, modulo `mod`.",
    ResultType.INTEGER,
)

# ---- comparison and logic ----------------------------------------------------------------------

Eq = _compare("Eq", _ExprOp.EQ, "Equal.")
NE = _compare("NE", _ExprOp.NE, "Not equal.")
GT = _compare("GT", _ExprOp.GT, "Greater.")
GE = _compare("GE", _ExprOp.GE, "Greater or equal.")
LT = _compare("LT", _ExprOp.LT, "Less.")
LE = _compare("LE", _ExprOp.LE, "Less or equal.")
CmpRegex = expression(
    __name__,
    "CmpRegex",
    _ExprOp.CMP_REGEX,
    "options regex_str cmp_str",
    _fixed(regex_options="options", val="regex_str"),
    "Whether the pattern matches somewhere in text; `options` are REGEX_*.",
)
CmpGeo = _compare("CmpGeo", _ExprOp.CMP_GEO, "Whether one shape contains the other.")


class Not(_BaseExpr):
    """Not."""

    _op = _ExprOp.NOT

    def __init__(self, *exprs: Any) -> None:
        if len(exprs) != 1:
            raise TypeError(f"Not() takes one expression, not {len(exprs)}")
        self._children = exprs


class And(_VarArgs):
    """Whether all are true."""

    _op = _ExprOp.AND


class Or(_VarArgs):
    """Whether one is true."""

    _op = _ExprOp.OR


class Exclusive(_VarArgs):
    """Whether exactly one is true."""

    _op = _ExprOp.EXCLUSIVE


class Cond(_VarArgs):
    """Test, value, test, value, …, and at the end the value when no test is true."""

    _op = _ExprOp.COND


class Let(_VarArgs):
    """The value of the last expression, with the variables that the others (Def) define."""

    _op = _ExprOp.LET


Def = expression(
    __name__, "Def", _ExprOp.DEF, "var_name expr", _fixed(val="var_name"), "Define a variable."
)
Var = expression(
    __name__, "Var", _ExprOp.VAR, "var_name", _fixed(val="var_name"), "The value of a variable."
)

# ---- paths -------------------------------------------------------------------------------------


class LoopVar(_BaseExpr):
    """Inside a path operation a part of the element: `var_id` is EXP_LOOPVAR_*."""

    def __init__(self, var_id: int) -> None:
        self._fixed = {"val": var_id}


def _loop_var(name: str, op: int) -> type[LoopVar]:
    return type(name, (LoopVar,), {"_op": op, "__module__": __name__, "__doc__": LoopVar.__doc__})


LoopVarMap = _loop_var("LoopVarMap", a._AS_EXP_LOOPVAR_MAP)
LoopVarList = _loop_var("LoopVarList", a._AS_EXP_LOOPVAR_LIST)
LoopVarStr = _loop_var("LoopVarStr", a._AS_EXP_LOOPVAR_STR)
LoopVarFloat = _loop_var("LoopVarFloat", a._AS_EXP_LOOPVAR_FLOAT)
LoopVarInt = _loop_var("LoopVarInt", a._AS_EXP_LOOPVAR_INT)
LoopVarBlob = _loop_var("LoopVarBlob", a._AS_EXP_LOOPVAR_BLOB)
LoopVarBool = _loop_var("LoopVarBool", a._AS_EXP_LOOPVAR_BOOL)
LoopVarNil = _loop_var("LoopVarNil", a._AS_EXP_LOOPVAR_NIL)
LoopVarGeoJson = _loop_var("LoopVarGeoJson", a._AS_EXP_LOOPVAR_GEOJSON)
LoopVarHLL = _loop_var("LoopVarHLL", a._AS_EXP_LOOPVAR_HLL)

RemoveResult = _leaf(
    "RemoveResult", a._AS_EXP_CODE_REMOVE_RESULT, None, "Remove the element (ModifyByPath)."
)
#: Its name until 19.0.
ResultRemove = RemoveResult
SelectByPath = expression(
    __name__,
    "SelectByPath",
    a._AS_EXP_CODE_CALL_SELECT,
    "ctx value_type flags bin",
    _fixed(value_type="value_type", ctx="ctx", cdt_flags="flags"),
    "The elements that `ctx` selects; `flags` are EXP_PATH_SELECT_*.",
)
ModifyByPath = expression(
    __name__,
    "ModifyByPath",
    a._AS_EXP_CODE_CALL_APPLY,
    "ctx value_type mod_exp flags bin",
    _fixed(value_type="value_type", ctx="ctx", cdt_flags="flags", mod_exp="mod_exp"),
    "The list or map with the elements that `ctx` selects replaced; flags: EXP_PATH_MODIFY_*.",
)
