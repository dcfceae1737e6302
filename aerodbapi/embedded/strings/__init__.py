"""Operations on text: STRING_READ, STRING_MODIFY, TO_STRING, and the same inside expressions.

What servers from 8.2 on do, as their clients describe it (no such server's source is published
yet). Positions are code points; searching takes canonically equivalent spellings as equal. Codes:
4 a malformed command, flags that a command does not take, a broken pattern; 6 CREATE_ONLY and a
bin that is there; 12 no text; 26 text that spells no number or base 64; 29 text that is not UTF-8.
NO_FAIL makes 6 and 26, and the failing of a pattern, do nothing.
All of it is imported by the first operation: most programs have none.
"""

from aerodbapi.embedded.strings.operations import call, modify, read, to_string, to_string_particle

__all__ = ["call", "modify", "read", "to_string", "to_string_particle"]
