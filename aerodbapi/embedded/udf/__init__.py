"""Lua UDFs: record, background and stream functions, run by lupa in a sandbox.

`lua/` holds what programs see, written in Lua; records, arguments and results cross as the
bytes in which they are stored and sent. lupa is the extra [udf], imported on first use.
"""
