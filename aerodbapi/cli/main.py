"""The command `aerodbapi`: statements from the command line, a file, standard input or a prompt;
`aerodbapi load` and `aerodbapi serve`.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from aerodbapi import errors
from aerodbapi.cli import load, serve
from aerodbapi.cli.options import add_connection_options, connection_arguments
from aerodbapi.cli.printers import PRINTERS, Printer
from aerodbapi.dbapi.connection import Connection, connect
from aerodbapi.grammar.scripts import statements

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
        _complain(error)
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
    printer = PRINTERS[given.output](sys.stdout)
    with connect(profile=given.profile, **connection_arguments(given)) as connection:
        status = 0
        for text in _sources(given):
            status = _run_script(connection, text, printer, keep_going=given.keep_going) or status
            if status and not given.keep_going:
                break
        if not given.command and given.file is None and sys.stdin.isatty():
            _prompt(connection, printer)
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
        try:
            yield given.file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise errors.OperationalError(f"cannot read {given.file}: {error}") from None
    if not given.command and given.file is None and not sys.stdin.isatty():
        yield sys.stdin.read()


def _run_script(
    connection: Connection, text: str, printer: Printer, *, keep_going: bool = False
) -> int:
    """Run a text's statements in order; return 1 if one failed. Stop at it unless `keep_going`."""
    status = 0
    for statement, _ in statements(text):
        try:
            _run(connection, statement, printer)
        except errors.Error as error:
            _complain(error)
            status = 1
            if not keep_going:
                break
    printer.close()
    sys.stdout.flush()
    return status


def _run(connection: Connection, statement: str, printer: Printer) -> None:
    begun = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(statement)
        seconds = time.perf_counter() - begun
        if cursor.description is None:
            printer.done(cursor.rowcount, seconds)
        else:
            printer.rows([column[0] for column in cursor.description], cursor, seconds)
        for _, warning in cursor.messages:
            sys.stderr.write(f"Warning: {warning}\n")


def _prompt(connection: Connection, printer: Printer) -> None:
    """Read statements from the terminal until the end of input; each ends with a semicolon."""
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401 (gives input() its editing keys and history)
    pending = ""
    while True:
        try:
            pending += input("aerodbapi> " if not pending else "      ...> ") + "\n"
        except EOFError:
            print()
            return
        except KeyboardInterrupt:
            print()
            pending = ""
            continue
        if pending.strip().rstrip(";").lower() in ("exit", "quit", "q"):
            return
        if _complete(pending):
            try:
                _run_script(connection, pending, printer)
            except KeyboardInterrupt:
                print("interrupted")
            pending = ""


def _complete(text: str) -> bool:
    """Tell whether nothing is open at the end of `text`: no statement, no quote, no comment."""
    end = "that_is_all"
    *_, (last, _) = statements(f"{text}\n{end}")
    return last == end


def _complain(error: errors.Error) -> None:
    sys.stdout.flush()
    sys.stderr.write(f"{type(error).__name__}: {error}\n")


if __name__ == "__main__":
    sys.exit(main())
