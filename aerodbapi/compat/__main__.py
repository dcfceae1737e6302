"""`python -m aerodbapi.compat [-m module | program.py] args`: run a program on this package.

In it `import aerospike`, `aerospike_helpers` and `aerospike_py` mean ours.
"""

from __future__ import annotations

import os
import runpy
import sys

from aerodbapi.compat import install

_USAGE = "usage: python -m aerodbapi.compat [-m module | program.py] [argument ...]"


def main() -> int:
    """Run what the command line names."""
    arguments = sys.argv[1:]
    by_name = arguments[:1] == ["-m"]
    if len(arguments) < 1 + by_name or arguments[0] in ("-h", "--help"):
        print(_USAGE, file=sys.stderr)
        return 2
    install()
    sys.argv = arguments[by_name:]
    if by_name:
        sys.path.insert(0, os.getcwd())
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    else:
        sys.path.insert(0, os.path.dirname(os.path.abspath(sys.argv[0])))
        runpy.run_path(sys.argv[0], run_name="__main__")
    return 0


if __name__ == "__main__":
    sys.exit(main())
