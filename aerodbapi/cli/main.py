"""The command `aerodbapi`: statements from the command line, a file, standard input or a prompt;
`aerodbapi load` and `aerodbapi serve`.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from aerodbapi import errors
from aerodbapi.cli import load, serve
from aerodbapi.cli.options import add_connection_options, connection_arguments
from aerodbapi.cli.paging import paged
from aerodbapi.cli.printers import PRINTERS
from aerodbapi.cli.prompt import prompt
from aerodbapi.cli.shell import Shell, complain, read_text
from aerodbapi.dbapi.connection import connect

__all__ = ["main"]

_EPILOG: Final = """\
examples:
  aerodbapi -c "INSERT INTO test.demo (PK, name) VALUES ('u1', 'Ann'); SELECT * FROM test.demo"
  aerodbapi -h 10.0.0.5 -c "SELECT name FROM test.demo WHERE PK = 'u1'" -o json
  aerodbapi --data data.db -f statements.aql
  aerodbapi load planes.csv --into test.planes --key tailnum --data data.db
  aerodbapi serve --port 3000 --data data.db
"""
_SUBCOMMANDS: Final = {
    "load": (load.add_parser, load.run, "load a CSV file into a set"),
    "serve": (serve.add_parser, serve.run, "serve the embedded node on TCP"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status: 0, 1 for an error, 2 for wrong usage, 130 for ^C."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if given and given[0] in _SUBCOMMANDS:
            return _subcommand(given[0], given[1:])
        return _statements(given)
    except errors.Error as error:
        complain(error)
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        return 130
    except BrokenPipeError:
        # The reader of our output (head, less) has left: not an error of ours.
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 (kept open until the exit)
        return 0


def _subcommand(name: str, arguments: list[str]) -> int:
    add_parser, run, description = _SUBCOMMANDS[name]
    conflicts = name == "load"  # -h is a host there, as in the aql tool
    parser = argparse.ArgumentParser(
        prog=f"aerodbapi {name}",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        add_help=not conflicts,
    )
    add_parser(parser)
    return run(parser.parse_args(arguments))


def _statements(arguments: list[str]) -> int:
    given = _parser().parse_args(arguments)
    asks = not given.command and given.file is None and sys.stdin.isatty()
    with connect(profile=given.profile, **connection_arguments(given)) as connection:
        connection.settings.put("OUTPUT", given.output)
        connection.settings.put("ECHO", given.echo)
        connection.settings.put("LUA_USERPATH", given.udfuser)
        if asks:
            shell = Shell(connection, lambda: paged(connection.settings["PAGER"]))
            prompt(shell)
            return 0
        shell, status = Shell(connection), 0
        for text in _sources(given):
            status = shell.script(text, keep_going=given.keep_going) or status
            if status and not given.keep_going:
                break
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="aerodbapi",
        description="Run AQL and SQL statements on an Aerospike cluster or an embedded node.\n"
        "Without -c or -f they are read from standard input.\n"
        "Further commands: aerodbapi load --help, aerodbapi serve --help.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        add_help=False,
    )
    parser.add_argument(
        "-c",
        "--command",
        action="append",
        metavar="STATEMENTS",
        help="statements to run, separated by semicolons; may be repeated",
    )
    parser.add_argument("-f", "--file", type=Path, help="a file of statements")
    parser.add_argument(
        "-o",
        "--output",
        choices=sorted(PRINTERS),
        default="table",
        help="how results are printed (default: table)",
    )
    parser.add_argument(
        "--profile",
        choices=("aql", "sql"),
        default="aql",
        help='what INSERT and "x" mean (default: aql, INSERT merges)',
    )
    parser.add_argument(
        "-u",
        "--udfuser",
        metavar="FOLDER",
        default="",
        help="modules for AGGREGATE's last part (default: those of the cluster)",
    )
    parser.add_argument("-e", "--echo", action="store_true", help="print each statement first")
    parser.add_argument(
        "--keep-going", action="store_true", help="go on with the next statement after an error"
    )
    parser.add_argument("-V", "--version", action="version", version=f"aerodbapi {_version()}")
    add_connection_options(parser)
    return parser


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("aerodbapi")
    except PackageNotFoundError:
        return "(not installed)"


def _sources(given: argparse.Namespace) -> Iterator[str]:
    yield from given.command or ()
    if given.file is not None:
        yield read_text(given.file)
    if not given.command and given.file is None and not sys.stdin.isatty():
        yield sys.stdin.read()


if __name__ == "__main__":
    sys.exit(main())
