"""Operations on the bits of blobs, for `operate`.

client.operate(key, [bit_set("flags", 0, 4, b"\xf0"), bit_count("flags", 0, 16)])
"""

from __future__ import annotations

from aerodbapi.native.bin_operations import operation
from aerodbapi.protocol import bit_commands as commands
from aerodbapi.protocol.bin_policies import BitOverflow, BitPolicy, BitResize, BitWrite

__all__ = [
    "BitOverflow",
    "BitPolicy",
    "BitResize",
    "BitWrite",
    "bit_add",
    "bit_and",
    "bit_b64_encode",
    "bit_count",
    "bit_get",
    "bit_get_int",
    "bit_insert",
    "bit_lscan",
    "bit_lshift",
    "bit_not",
    "bit_or",
    "bit_remove",
    "bit_resize",
    "bit_rscan",
    "bit_rshift",
    "bit_set",
    "bit_set_int",
    "bit_subtract",
    "bit_xor",
]

bit_resize = operation(commands.bit_resize)
bit_insert = operation(commands.bit_insert)
bit_remove = operation(commands.bit_remove)
bit_set = operation(commands.bit_set)
bit_or = operation(commands.bit_or)
bit_xor = operation(commands.bit_xor)
bit_and = operation(commands.bit_and)
bit_not = operation(commands.bit_not)
bit_lshift = operation(commands.bit_lshift)
bit_rshift = operation(commands.bit_rshift)
bit_add = operation(commands.bit_add)
bit_subtract = operation(commands.bit_subtract)
bit_set_int = operation(commands.bit_set_int)
bit_get = operation(commands.bit_get)
bit_count = operation(commands.bit_count)
bit_lscan = operation(commands.bit_lscan)
bit_rscan = operation(commands.bit_rscan)
bit_get_int = operation(commands.bit_get_int)
bit_b64_encode = operation(commands.bit_b64_encode)
