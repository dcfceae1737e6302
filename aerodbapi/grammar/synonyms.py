"""Functions with several names: each is known to the tree by one of them.

Tools that write statements anew have names of their own (sqlglot's STR_POSITION is STRPOS): what
comes out of them is the same tree.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

__all__ = ["SYNONYMS"]

#: Another name → the one that `Call.name` carries.
SYNONYMS: Final[Mapping[str, str]] = MappingProxyType(
    {
        synonym: name
        for name, synonyms in (
            ("APPROX_COUNT_DISTINCT", "APPROX_DISTINCT"),
            ("ARG_MAX", "ARGMAX MAX_BY"),
            ("ARG_MIN", "ARGMIN MIN_BY"),
            ("ARRAY_CONCAT", "ARRAY_CAT"),
            ("ARRAY_CONTAINS", "ARRAY_HAS"),
            ("ARRAY_LENGTH", "ARRAY_SIZE"),
            ("ARRAY_TO_STRING", "ARRAY_JOIN"),
            ("BOOL_AND", "LOGICAL_AND"),
            ("BOOL_OR", "LOGICAL_OR"),
            ("CEIL", "CEILING"),
            ("COALESCE", "IFNULL NVL"),
            ("COUNT_IF", "COUNTIF"),
            ("DATE_DIFF", "DATEDIFF"),
            ("DAYOFMONTH", "DAY_OF_MONTH"),
            ("DAYOFWEEK", "DAY_OF_WEEK"),
            ("DAYOFYEAR", "DAY_OF_YEAR"),
            ("ENDS_WITH", "ENDSWITH SUFFIX"),
            ("HEX", "TO_HEX"),
            ("IF", "IIF IFF"),
            ("ISINF", "IS_INF"),
            ("ISNAN", "IS_NAN"),
            ("ISODOW", "DAYOFWEEK_ISO"),
            ("JSON_EXTRACT_STRING", "JSON_EXTRACT_SCALAR JSON_EXTRACT_PATH_TEXT"),
            ("LENGTH", "LEN CHAR_LENGTH CHARACTER_LENGTH"),
            ("LOWER", "LCASE"),
            ("POWER", "POW"),
            ("RANDOM", "RAND"),
            ("SHA1", "SHA"),
            ("STARTS_WITH", "STARTSWITH PREFIX"),
            ("STDDEV", "STDEV"),
            ("STRING_AGG", "GROUP_CONCAT LISTAGG"),
            ("STRPOS", "INSTR STR_POSITION"),
            ("SUBSTRING", "SUBSTR"),
            ("TRUNC", "TRUNCATE"),
            ("UPPER", "UCASE"),
            ("UUID", "GEN_RANDOM_UUID"),
            ("VAR_POP", "VARIANCE_POP"),
            ("VAR_SAMP", "VARIANCE VARIANCE_SAMP"),
            ("WEEKOFYEAR", "WEEK_OF_YEAR"),
        )
        for synonym in synonyms.split()
    }
)
