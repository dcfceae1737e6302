"""Lists and maps of the node: commands, contexts and paths, as a server does them.

`operations` takes an operation's payload apart, `contexts` and `paths` lead to where it works,
`list_commands` and `map_commands` are the tables of what it does there.
"""

from aerodbapi.embedded.cdt.operations import call, modify, read

__all__ = ["call", "modify", "read"]
