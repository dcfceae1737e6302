"""Client's methods on indexes, UDF modules, sets as a whole, and XDR filters."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from aerodbapi.compat.aerospike import constants as a
from aerodbapi.compat.aerospike.base import BaseClient
from aerodbapi.compat.aerospike.deprecations import old_index, warn
from aerodbapi.compat.aerospike.exception import AerospikeError
from aerodbapi.compat.aerospike.expressions import context, expression
from aerodbapi.compat.aerospike.operations import text_of
from aerodbapi.compat.aerospike.raising import client_error, fail, param_error, tell
from aerodbapi.native import administration, udfs

__all__ = ["DefinitionMethods"]

Dict = dict[str, Any]
_UDF_NAME_MAX = 255
_KINDS = {
    a.INDEX_STRING: "STRING",
    a.INDEX_INTEGER: "NUMERIC",
    a.INDEX_NUMERIC: "NUMERIC",
    a.INDEX_BLOB: "BLOB",
    a.INDEX_GEO2DSPHERE: "GEO2DSPHERE",
}
_COLLECTIONS = {
    a.INDEX_TYPE_DEFAULT: None,
    a.INDEX_TYPE_LIST: "LIST",
    a.INDEX_TYPE_MAPKEYS: "MAPKEYS",
    a.INDEX_TYPE_MAPVALUES: "MAPVALUES",
}


class DefinitionMethods(BaseClient):
    """Indexes, UDF modules, truncation."""

    # ---- indexes -----------------------------------------------------------------------------

    def index_integer_create(
        self, ns: str, set: str, bin: str, name: str, policy: Dict | None = None
    ) -> int:
        """Index a bin's integers."""
        old_index("index_integer_create")
        return self._create(ns, set, bin, a.INDEX_INTEGER, 0, name, policy)

    def index_string_create(
        self, ns: str, set: str, bin: str, name: str, policy: Dict | None = None
    ) -> int:
        """Index a bin's text."""
        old_index("index_string_create")
        return self._create(ns, set, bin, a.INDEX_STRING, 0, name, policy)

    def index_blob_create(
        self, ns: str, set: str, bin: str, name: str, policy: Dict | None = None
    ) -> int:
        """Index a bin's bytes."""
        old_index("index_blob_create")
        return self._create(ns, set, bin, a.INDEX_BLOB, 0, name, policy)

    def index_geo2dsphere_create(
        self, ns: str, set: str, bin: str, name: str, policy: Dict | None = None
    ) -> int:
        """Index a bin's shapes."""
        old_index("index_geo2dsphere_create")
        return self._create(ns, set, bin, a.INDEX_GEO2DSPHERE, 0, name, policy)

    def index_single_value_create(
        self,
        ns: str,
        set: str,
        bin: str,
        index_datatype: int,
        name: str,
        policy: Dict | None = None,
        ctx: Any = None,
    ) -> int:
        """Index a bin's values of one type."""
        return self._create(ns, set, bin, index_datatype, 0, name, policy, ctx)

    def index_list_create(
        self,
        ns: str,
        set: str,
        bin: str,
        index_datatype: int,
        name: str,
        policy: Dict | None = None,
        ctx: Any = None,
    ) -> int:
        """Index the elements of a bin's lists."""
        kind = a.INDEX_TYPE_LIST
        return self._create(ns, set, bin, index_datatype, kind, name, policy, ctx)

    def index_map_keys_create(
        self,
        ns: str,
        set: str,
        bin: str,
        index_datatype: int,
        name: str,
        policy: Dict | None = None,
        ctx: Any = None,
    ) -> int:
        """Index the keys of a bin's maps."""
        kind = a.INDEX_TYPE_MAPKEYS
        return self._create(ns, set, bin, index_datatype, kind, name, policy, ctx)

    def index_map_values_create(
        self,
        ns: str,
        set: str,
        bin: str,
        index_datatype: int,
        name: str,
        policy: Dict | None = None,
        ctx: Any = None,
    ) -> int:
        """Index the values of a bin's maps."""
        kind = a.INDEX_TYPE_MAPVALUES
        return self._create(ns, set, bin, index_datatype, kind, name, policy, ctx)

    def index_cdt_create(
        self,
        ns: str,
        set: str,
        bin: str,
        index_type: int,
        index_datatype: int,
        name: str,
        ctx: Any,
        policy: Dict | None = None,
    ) -> int:
        """Index what a context leads to."""
        warn(
            "index_cdt_create() is deprecated. Please use one of the other non-deprecated "
            "index_*_create() methods instead"
        )
        if not isinstance(ctx, list):
            param_error("Failed to convert ctx")
        return self._create(ns, set, bin, index_datatype, index_type, name, policy, ctx)

    def index_expr_create(
        self,
        ns: str,
        set: str,
        index_type: int,
        index_datatype: int,
        expressions: Any,
        name: str,
        policy: Dict | None = None,
    ) -> int:
        """Index the values of a compiled expression."""
        made = expression(expressions, self._settings.inward)
        return self._create(
            ns, set, None, index_datatype, index_type, name, policy, expression=made
        )

    def index_set_create(self, ns: str, set: str, name: str, policy: Dict | None = None) -> int:
        """Index a set's records by their set (servers from 8.1.2 on)."""
        for what, text in (("Namespace", ns), ("Set", set), ("Index name", name)):
            _text(what, text)
        chosen = self._settings.policies("info", policy)
        self._run(administration.set_index_create(self._cluster, ns, set, name, policy=chosen))
        return 0

    def index_remove(self, ns: str, name: str, policy: Dict | None = None) -> int:
        """Drop an index; one that does not exist is no error."""
        _text("Namespace", ns)
        _text("Index name", name)
        chosen = self._settings.policies("info", policy)
        self._run(administration.index_remove(self._cluster, ns, name, policy=chosen))
        return 0

    def _create(
        self,
        ns: Any,
        set: Any,
        bin: Any,
        datatype: Any,
        collection: Any,
        name: Any,
        policy: Dict | None,
        ctx: Any = None,
        expression: Any = None,
    ) -> int:
        _text("Namespace", ns)
        if not isinstance(set, (str, type(None))):
            param_error("Set should be string, unicode or None")
        if isinstance(bin, bytearray):
            bin = text_of(bin)
        if expression is None:
            _text("Bin", bin)
        _text("Index name", name, "{} should be string or unicode")
        if datatype not in _KINDS or collection not in _COLLECTIONS:
            param_error("Invalid index type or datatype")
        steps = None if ctx is None else context(ctx, self._settings.inward)
        chosen = self._settings.policies("info", policy)
        talk = administration.index_create(
            self._cluster,
            ns,
            set,
            bin,
            name,
            _KINDS[datatype],
            _COLLECTIONS[collection],
            context=steps,
            expression=expression,
            policy=chosen,
        )
        try:
            self._run(talk)
        except AerospikeError as error:
            tell(error, name=name)
            raise
        return 0

    # ---- sets --------------------------------------------------------------------------------

    def truncate(
        self, namespace: str, set: str | None, nanos: int, policy: Dict | None = None
    ) -> int:
        """Remove a set's records (None: the namespace's), with `nanos` those written before."""
        _text("Namespace", namespace, "{} must be unicode or string type")
        if set is not None:
            _text("Set", set, "{} must be None, or unicode or string type")
        if not isinstance(nanos, int):
            param_error("Nanoseconds must be a long type")
        if nanos < 0:
            param_error("Nanoseconds must be a positive value")
        if nanos >= 1 << 64:
            param_error("Nanoseconds value too large")
        if namespace == "":
            fail(20, "Invalid namespace: ")
        if set == "":
            fail(4, "AEROSPIKE_ERR_REQUEST_INVALID")
        chosen = self._settings.policies("info", policy)
        self._run(administration.truncate(self._cluster, namespace, set, nanos, policy=chosen))
        return 0

    def set_xdr_filter(
        self,
        data_center: str,
        namespace: str,
        expression_filter: Any,
        policy: Dict | None = None,
    ) -> str:
        """Set (None: clear) the filter of what is shipped to a data center (Enterprise)."""
        _text("Data center", data_center)
        _text("Namespace", namespace)
        made = None
        if expression_filter is not None:
            made = expression(expression_filter, self._settings.inward)
        chosen = self._settings.policies("info", policy)
        return self._run(
            administration.set_xdr_filter(
                self._cluster, data_center, namespace, made, policy=chosen
            )
        )

    # ---- UDF modules -------------------------------------------------------------------------

    def udf_put(
        self, filename: str, udf_type: int = a.UDF_TYPE_LUA, policy: Dict | None = None
    ) -> int:
        """Store a Lua module on the servers, and a copy in config lua.user_path."""
        if not isinstance(filename, str):
            param_error("Filename should be a string")
        if udf_type != a.UDF_TYPE_LUA:
            client_error("Invalid UDF language")
        name = os.path.basename(filename)
        if not name:
            param_error("Empty udf filename")
        if len(name) > _UDF_NAME_MAX:
            param_error("Lua file pathname too long")
        if not os.path.isfile(filename):
            fail(1302, "cannot open script file")
        if not os.path.getsize(filename):
            fail(1302, "script file is empty")
        chosen = self._settings.policies("info", policy)
        self._run(udfs.put(self._cluster, filename, policy=chosen))
        self._keep(filename)
        return 0

    def _keep(self, filename: str) -> None:
        """Copy a module to where stream UDFs' reduce functions are looked for."""
        path = Path(self._settings.lua_path)
        target = path / Path(filename).name
        if self._settings.lua_path in ("", ".") or not path.is_dir():
            return
        if target.resolve() != Path(filename).resolve():
            target.write_bytes(Path(filename).read_bytes())

    def udf_remove(self, filename: str, policy: Dict | None = None) -> int:
        """Remove a module; one that does not exist is no error."""
        if not isinstance(filename, str):
            param_error("Filename should be a string")
        chosen = self._settings.policies("info", policy)
        self._run(udfs.remove(self._cluster, filename, policy=chosen))
        return 0

    def udf_list(self, policy: Dict | None = None) -> list[Dict]:
        """The modules: [{"name", "hash", "type", "content"}]."""
        chosen = self._settings.policies("info", policy)
        return [
            {
                "name": module.name,
                "hash": bytearray(module.hash.encode()),
                "type": a.UDF_TYPE_LUA,
                "content": bytearray(),
            }
            for module in self._run(udfs.udf_list(self._cluster, policy=chosen))
        ]

    def udf_get(
        self, module: str, language: int = a.UDF_TYPE_LUA, policy: Dict | None = None
    ) -> str:
        """A module's source."""
        if not isinstance(module, str):
            client_error("Module name should be a string or unicode string.")
        if language != a.UDF_TYPE_LUA:
            fail(-1, "Invalid language")
        chosen = self._settings.policies("info", policy)
        return self._run(udfs.get(self._cluster, module, policy=chosen))


def _text(what: str, value: Any, complaint: str = "{} should be a string") -> None:
    if not isinstance(value, str):
        param_error(complaint.format(what))
