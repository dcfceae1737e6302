"""The numbers of the wire protocol: message flags, field, operation and particle types.

Names and values are those of the server's `proto.h` and `particle.h`.
"""

from __future__ import annotations

from typing import Final

__all__ = [
    "BIN_NAME_MAX",
    "EPOCH_2010",
    "TTL_DEFAULT",
    "TTL_KEEP",
    "TTL_NEVER",
    "BatchFlag",
    "FieldType",
    "IndexType",
    "Info1",
    "Info2",
    "Info3",
    "Info4",
    "OpType",
    "ParticleType",
    "UDFOp",
]

#: Use the namespace's default TTL.
TTL_DEFAULT: Final = 0
#: Never expire.
TTL_NEVER: Final = 0xFFFFFFFF
#: Leave the record's expiry as it is.
TTL_KEEP: Final = 0xFFFFFFFE
#: 2010-01-01T00:00:00Z in Unix seconds: void-times and last-update times count from here.
EPOCH_2010: Final = 1262304000
#: Longest bin name in bytes.
BIN_NAME_MAX: Final = 15


class Info1:
    """First flag byte of a message: what is read."""

    READ: Final = 0x01
    GET_ALL: Final = 0x02
    SHORT_QUERY: Final = 0x04
    BATCH: Final = 0x08
    XDR: Final = 0x10
    NOBINDATA: Final = 0x20
    CONSISTENCY_ALL: Final = 0x40
    COMPRESS_RESPONSE: Final = 0x80


class Info2:
    """Second flag byte: what is written, and the generation check."""

    WRITE: Final = 0x01
    DELETE: Final = 0x02
    GENERATION: Final = 0x04
    GENERATION_GT: Final = 0x08
    DURABLE_DELETE: Final = 0x10
    CREATE_ONLY: Final = 0x20
    RELAX_AP_LONG_QUERY: Final = 0x40
    RESPOND_ALL_OPS: Final = 0x80


class Info3:
    """Third flag byte: the end of a reply, commit level, existence checks, read modes."""

    LAST: Final = 0x01
    COMMIT_MASTER: Final = 0x02
    PARTITION_DONE: Final = 0x04
    UPDATE_ONLY: Final = 0x08
    CREATE_OR_REPLACE: Final = 0x10
    REPLACE_ONLY: Final = 0x20
    SC_READ_TYPE: Final = 0x40
    SC_READ_RELAX: Final = 0x80


class Info4:
    """Fourth flag byte: transactions."""

    TXN_VERIFY_READ: Final = 0x01
    TXN_ROLL_FORWARD: Final = 0x02
    TXN_ROLL_BACK: Final = 0x04
    TXN_ON_LOCKING_ONLY: Final = 0x10
    ERROR_DETAILS: Final = 0x60


class FieldType:
    """What a field of a message holds."""

    NAMESPACE: Final = 0
    SET: Final = 1
    KEY: Final = 2
    RECORD_VERSION: Final = 3
    DIGEST: Final = 4
    TXN_ID: Final = 5
    TXN_DEADLINE: Final = 6
    TASK_ID: Final = 7
    SOCKET_TIMEOUT: Final = 9
    RECS_PER_SEC: Final = 10
    PID_ARRAY: Final = 11
    DIGEST_ARRAY: Final = 12
    MAX_RECORDS: Final = 13
    LUT: Final = 14
    BVAL_ARRAY: Final = 15
    INDEX_NAME: Final = 21
    INDEX_RANGE: Final = 22
    INDEX_CONTEXT: Final = 23
    INDEX_EXPRESSION: Final = 24
    INDEX_TYPE: Final = 26
    UDF_PACKAGE: Final = 30
    UDF_FUNCTION: Final = 31
    UDF_ARGS: Final = 32
    UDF_OP: Final = 33
    QUERY_BINS: Final = 40
    BATCH: Final = 41
    BATCH_WITH_SET: Final = 42
    FILTER: Final = 43
    ERROR_DETAILS: Final = 45


class OpType:
    """What an operation does to its bin."""

    READ: Final = 1
    WRITE: Final = 2
    CDT_READ: Final = 3
    CDT_MODIFY: Final = 4
    INCR: Final = 5
    EXP_READ: Final = 7
    EXP_MODIFY: Final = 8
    APPEND: Final = 9
    PREPEND: Final = 10
    TOUCH: Final = 11
    BITS_READ: Final = 12
    BITS_MODIFY: Final = 13
    DELETE_ALL: Final = 14
    HLL_READ: Final = 15
    HLL_MODIFY: Final = 16
    STRING_READ: Final = 17
    STRING_MODIFY: Final = 18
    TO_STRING: Final = 19


class ParticleType:
    """The type of a bin's value on the wire."""

    NULL: Final = 0
    INTEGER: Final = 1
    DOUBLE: Final = 2
    STRING: Final = 3
    BLOB: Final = 4
    JAVA_BLOB: Final = 7
    CSHARP_BLOB: Final = 8
    PYTHON_BLOB: Final = 9
    RUBY_BLOB: Final = 10
    PHP_BLOB: Final = 11
    ERLANG_BLOB: Final = 12
    BOOL: Final = 17
    HLL: Final = 18
    MAP: Final = 19
    LIST: Final = 20
    GEOJSON: Final = 23


class IndexType:
    """What of a bin's value a secondary index holds."""

    DEFAULT: Final = 0
    LIST: Final = 1
    MAPKEYS: Final = 2
    MAPVALUES: Final = 3


class UDFOp:
    """How the UDF named in a message is run."""

    RECORD: Final = 0
    AGGREGATE: Final = 1
    BACKGROUND: Final = 2


class BatchFlag:
    """Flag byte of the BATCH field."""

    ALLOW_INLINE: Final = 0x01
    ALLOW_INLINE_SSD: Final = 0x02
    RESPOND_ALL_KEYS: Final = 0x04
    ERROR_RECORD: Final = 0x08
