"""Info commands of the secondary indexes: parameters in, the server's texts out.

Texts and order of the checks: server source, sindex_manager.c and sindex.c. Each function
takes an info command's parameters and raises errors.Error, whose result code and message make
the reply `ERROR:<code>:<message>`.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from aerodbapi import errors
from aerodbapi.embedded import paths
from aerodbapi.embedded.index_keys import (
    BLOB,
    DEFAULT,
    GEOJSON,
    INTEGER,
    OF_LIST,
    OF_MAP_KEYS,
    OF_MAP_VALUES,
    OF_SET,
    STRING,
    Definition,
)
from aerodbapi.embedded.sindex import Index, entries_per_key, entries_per_record

if TYPE_CHECKING:
    from aerodbapi.embedded.expressions import Expression
    from aerodbapi.embedded.sindex import Indexes
    from aerodbapi.embedded.storage import Store

__all__ = ["create", "delete", "exists", "listing", "restore", "stat"]

_KIND: Final = "sindex"  # of the store's durable definitions

_TYPES: Final = {"numeric": INTEGER, "string": STRING, "blob": BLOB, "geo2dsphere": GEOJSON}
_TYPE_NAMES: Final = {number: name for name, number in _TYPES.items()}
_SOURCES: Final = {
    "default": DEFAULT,
    "list": OF_LIST,
    "mapkeys": OF_MAP_KEYS,
    "mapvalues": OF_MAP_VALUES,
    "set": OF_SET,
}
_SOURCE_NAMES: Final = {number: name for name, number in _SOURCES.items()}
_SOURCE_CONTAINERS: Final = {OF_LIST: 20, OF_MAP_KEYS: 19, OF_MAP_VALUES: 19}

#: Longest values of parameters, in bytes.
_LIMITS: Final = {
    "indexname": 63,
    "namespace": 31,
    "set": 63,
    "bin": 15,
    "indextype": 9,
    "type": 11,
    "indexdata": 27,
    "context": 2047,
    "exp": 16383,
}
#: Bytes of an index without entries: a page of 4 KiB for each partition.
_EMPTY_SIZE: Final = 4096 << 12

_PARAMETER: Final = 4
_NAMESPACE: Final = 20
_BAD_TYPE: Final = "must be one of 'numeric', 'string', 'blob', 'geo2dsphere'"

Parameters = Mapping[str, str]


def _refuse(text: str, code: int = _PARAMETER) -> errors.Error:
    return errors.error_for(code, text)


def _optional(parameters: Parameters, name: str) -> str | None:
    value = parameters.get(name)
    if name == "namespace" and value is None:
        value = parameters.get("ns")
    if value is None:
        return None
    code = _NAMESPACE if name == "namespace" else _PARAMETER
    if not value:
        raise _refuse(f"missing '{name}' value", code)
    if len(value.encode()) > _LIMITS[name]:
        raise _refuse(f"'{name}' value too long", code)
    return value


def _required(parameters: Parameters, name: str) -> str:
    value = _optional(parameters, name)
    if value is None:
        code = _NAMESPACE if name == "namespace" else _PARAMETER
        raise _refuse(f"missing '{name}'", code)
    return value


def create(indexes: Indexes, store: Store, parameters: Parameters) -> None:
    """sindex-create. Durable when it returns."""
    name = _required(parameters, "indexname")
    definition = _definition(parameters)
    if definition.namespace not in store.namespaces:
        raise _refuse("namespace not found", _NAMESPACE)
    known = indexes.defined(definition)
    indexes.create(name, definition)
    namespace = store.namespace(definition.namespace)
    if definition.set_name and definition.set_name not in namespace.sets:
        namespace.sets.setdefault(definition.set_name)
    if known is not None and known.name != name:
        store.define(_KIND, f"{definition.namespace}|{known.name}", None)
    store.define(_KIND, f"{definition.namespace}|{name}", _as_text(parameters))
    store.confirm()


def _as_text(parameters: Parameters) -> str:
    return ";".join(f"{name}={value}" for name, value in parameters.items())


def restore(indexes: Indexes, store: Store) -> None:
    """Create the indexes that the durable file defines, from the records it holds."""
    for text in list(store.definitions(_KIND).values()):
        pairs = (pair.partition("=") for pair in text.split(";") if pair)
        parameters = {name: value for name, _, value in pairs}
        indexes.create(parameters["indexname"], _definition(parameters))


def _definition(parameters: Parameters) -> Definition:
    namespace = _required(parameters, "namespace")
    if (parameters.get("indextype") or "").lower() == "set":
        return _set_definition(namespace, parameters)
    set_name = _optional(parameters, "set") or ""
    context = _context(parameters)
    source_name = _optional(parameters, "indextype")
    source = _SOURCES.get((source_name or "default").lower())
    if source is None:
        raise _refuse("bad 'indextype' - must be one of 'default', 'list', 'mapkeys', 'mapvalues'")
    bin, kind, expression = _subject(parameters, source, context)
    if source == OF_MAP_KEYS and kind == GEOJSON:
        raise _refuse(
            "bad 'indexdata' bin type for 'indextype' 'mapkeys'"
            " - must be one of 'numeric', 'string', 'blob'"
        )
    return Definition(namespace, set_name, bin, kind, source, context, expression)


def _set_definition(namespace: str, parameters: Parameters) -> Definition:
    for name in ("context", "indexdata", "type", "bin", "exp"):
        if name in parameters:
            raise _refuse(f"{name} parameter is not supported for set index")
    return Definition(namespace, _required(parameters, "set"), "", 0, OF_SET)


def _context(parameters: Parameters) -> bytes:
    text = _optional(parameters, "context")
    if text is None:
        return b""
    try:
        context = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise _refuse("'context' invalid base64") from None
    if not paths.check(context):
        raise _refuse("'context' invalid cdt context")
    return context


def _subject(parameters: Parameters, source: int, context: bytes) -> tuple[str, int, bytes]:
    """Give bin, type and expression, from `type` with `bin` or `exp`, or from `indexdata`."""
    old, type_name = _optional(parameters, "indexdata"), _optional(parameters, "type")
    if old is None and type_name is None:
        raise _refuse("both 'indexdata' and 'type' are missing")
    if old is not None and type_name is not None:
        raise _refuse("both 'indexdata' and 'type' are specified")
    if old is not None:
        return _old_subject(old)
    kind = _TYPES.get((type_name or "").lower())
    if kind is None:
        raise _refuse(f"bad 'type' - {_BAD_TYPE}")
    bin, exp = _optional(parameters, "bin"), _optional(parameters, "exp")
    if bin is not None and exp is not None:
        raise _refuse("both 'bin' and 'exp' are specified")
    if exp is not None:
        if context:
            raise _refuse("both 'context' and 'exp' are specified")
        return "", kind, _expression(exp, source, kind)
    if bin is None:
        raise _refuse("both 'bin' and 'exp' are missing")
    return bin, kind, b""


def _old_subject(text: str) -> tuple[str, int, bytes]:
    bin, comma, type_name = text.partition(",")
    if not comma:
        raise _refuse("'indexdata' missing bin type")
    if not bin:
        raise _refuse("'indexdata' missing bin name")
    if len(bin.encode()) > _LIMITS["bin"]:
        raise _refuse("'indexdata' bin name too long")
    kind = _TYPES.get(type_name.lower())
    if kind is None:
        raise _refuse(f"bad 'indexdata' bin type - {_BAD_TYPE}")
    return bin, kind, b""


def _expression(text: str, source: int, kind: int) -> bytes:
    from aerodbapi.embedded.expressions import compile_expression
    from aerodbapi.embedded.expressions.values import PARTICLE_TYPES

    try:
        packed = base64.b64decode(text, validate=True)
        expression = compile_expression(packed)
    except (binascii.Error, ValueError, errors.ParameterError):
        raise _refuse("bad 'exp'") from None
    if not _may_be_indexed(expression):
        raise _refuse("bad 'exp'")
    wanted = _SOURCE_CONTAINERS.get(source, kind)
    found = PARTICLE_TYPES.get(expression.type, 0)
    if found != wanted:
        raise _refuse(
            f"bad 'exp' - expression type '{_type_name(found)}'"
            f" does not match expected type '{_type_name(wanted)}'"
        )
    return packed


def _may_be_indexed(expression: Expression) -> bool:
    """Only bins and the digest may be looked at, and one of them has to be."""
    if expression.uses_metadata or expression.uses_key:
        return False
    return expression.uses_digest or bool(expression.bins)


_PARTICLE_NAMES: Final = {
    INTEGER: "numeric",
    2: "double",
    STRING: "string",
    BLOB: "blob",
    17: "bool",
    18: "hll",
    19: "map",
    20: "list",
    GEOJSON: "geo2dsphere",
}


def _type_name(kind: int) -> str:
    return _PARTICLE_NAMES.get(kind, "null")


def delete(indexes: Indexes, store: Store, parameters: Parameters) -> None:
    """sindex-delete; an index that does not exist is deleted without complaint."""
    name = _required(parameters, "indexname")
    namespace = _required(parameters, "namespace")
    if indexes.drop(namespace, name):
        store.define(_KIND, f"{namespace}|{name}", None)
        store.confirm()


def exists(indexes: Indexes, store: Store, parameters: Parameters) -> bool:
    """sindex-exists."""
    name = _required(parameters, "indexname")
    return indexes.named(_known_namespace(store, parameters), name) is not None


def _known_namespace(store: Store, parameters: Parameters) -> str:
    namespace = _required(parameters, "namespace")
    if namespace not in store.namespaces:
        raise _refuse("namespace not found on node", _NAMESPACE)
    return namespace


def listing(indexes: Indexes, store: Store, parameters: Parameters) -> str:
    """sindex-list: one definition per index, separated by semicolons."""
    namespace = None
    if "namespace" in parameters or "ns" in parameters:
        namespace = _known_namespace(store, parameters)
    plain = parameters.get("b64", "false")
    if plain not in ("true", "false"):
        raise _refuse("bad b64")
    found = indexes.of_namespace(namespace)
    texts = (_encoded, _encoded) if plain == "true" else (_context_shown, _expression_shown)
    lines = [_line(index, *texts) for index in found if index.definition.source != OF_SET]
    lines += [_set_line(index) for index in found if index.definition.source == OF_SET]
    return ";".join(lines)


def _context_shown(packed: bytes) -> str:
    from aerodbapi.embedded.expressions.display import describe_context

    return describe_context(packed)


def _expression_shown(packed: bytes) -> str:
    from aerodbapi.embedded.expressions.display import describe_expression

    return describe_expression(packed)


def _line(index: Index, context: Callable[[bytes], str], exp: Callable[[bytes], str]) -> str:
    definition = index.definition
    context_text = context(definition.context) if definition.context else "null"
    exp_text = exp(definition.expression) if definition.expression else "null"
    return (
        f"ns={definition.namespace}:indexname={index.name}:set={definition.set_name or 'null'}"
        f":bin={definition.bin or 'null'}:type={_TYPE_NAMES[definition.kind]}"
        f":indextype={_SOURCE_NAMES[definition.source]}:context={context_text}:exp={exp_text}"
        ":state=RW"
    )


def _set_line(index: Index) -> str:
    definition = index.definition
    return (
        f"ns={definition.namespace}:indexname={index.name}:set={definition.set_name}:indextype=set"
    )


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def stat(indexes: Indexes, store: Store, parameters: Parameters) -> str:
    """sindex-stat; indexes are ready as soon as they exist (load_pct=100)."""
    name = _required(parameters, "indexname")
    index = indexes.named(_known_namespace(store, parameters), name)
    if index is None:
        raise _refuse("no index", 201)
    return statistics(index)


def statistics(index: Index) -> str:
    """Give one index's statistics as sindex-stat does."""
    return (
        f"entries={index.entries};used_bytes={max(_EMPTY_SIZE, 32 * index.entries)}"
        f";entries_per_bval={entries_per_key(index)}"
        f";entries_per_rec={entries_per_record(index)}"
        ";load_pct=100;load_time=0;stat_gc_recs=0"
    )
