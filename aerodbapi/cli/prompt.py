"""The prompt: reads statements from the terminal and hands them to a Shell.

With prompt_toolkit (extra "cli") there is history that can be searched, completion, colours, and
a statement's lines are edited together; without it, `input()` and what readline adds to it.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from aerodbapi.cli.completing import Names, completions
from aerodbapi.grammar.scripts import statements

if TYPE_CHECKING:
    from prompt_toolkit import PromptSession

    from aerodbapi.cli.shell import Shell

__all__ = ["complete", "history_file", "prompt"]

_PROMPT: Final = "aerodbapi> "
_MORE: Final = "      ...> "
_ENDS: Final = frozenset({"exit", "quit", "q", "\\q"})
_HELPS: Final = frozenset({"help", "\\h", "\\?", "?"})
_LOOK: Final = 0.2  # seconds between looks at a statement that runs
_LONGEST_HISTORY: Final = 1000  # lines, for readline

HELP: Final = """\
Statements end with a semicolon and may take several lines. Tab completes, Ctrl-R searches what
was typed before, Ctrl-C forgets the line or cancels the statement that runs, Ctrl-D leaves.

  SELECT … · INSERT · UPSERT · REPLACE · UPDATE · DELETE · TRUNCATE      records
  CREATE | DROP INDEX · CREATE | ALTER | DROP TABLE · CREATE | DROP VIEW  definitions
  EXECUTE m.f(…) ON t · AGGREGATE m.f(…) ON t · OPERATE op(bin, …) ON t   functions, operations
  REGISTER | REMOVE | DESC MODULE 'm.lua'                                 Lua modules
  SHOW NAMESPACES | SETS | BINS | INDEXES | MODULES | NODES | JOBS | …    what there is
  DESCRIBE t · EXPLAIN [ANALYZE] … · STAT … · ASINFO '…' · KILL QUERY n   looking closer
  CREATE | DROP USER, ROLE · GRANT · REVOKE · SET PASSWORD                security
  SET name value · GET name | ALL · RESET name · USE ns                   this session
  RUN 'file'                                                              a file of statements

  SET OUTPUT TABLE | JSON | CSV | RAW | MUTE      SHOW SETTINGS lists all settings
  \\q, quit, exit: leave      \\h, help: this text
"""


def complete(text: str) -> bool:
    """Tell whether nothing is open at the end of `text`: no statement, no quote, no comment."""
    end = "that_is_all"
    *_, (last, _) = statements(f"{text}\n{end}")
    return last == end


def history_file() -> Path:
    """Where lines are remembered: AERODBAPI_HISTORY, or a file of the home directory."""
    return Path(os.environ.get("AERODBAPI_HISTORY") or Path.home() / ".aerodbapi_history")


def _word(text: str) -> str:
    return text.strip().rstrip(";").strip().lower()


def prompt(shell: Shell, *, session: Any = None) -> None:
    """Read and run statements until the end. `session`: a PromptSession made elsewhere."""
    names = Names(shell.connection)
    read: Callable[[], str]
    if session is None:
        session = _session(names)
    read = _plain_reader() if session is None else _reader(session)
    while True:
        try:
            text = read()
        except EOFError:
            sys.stdout.write("\n")
            return
        except KeyboardInterrupt:
            continue
        word = _word(text)
        if word in _ENDS:
            return
        if word in _HELPS or word.startswith("help "):
            sys.stdout.write(HELP)
            continue
        _run(shell, text)
        names.forget()


def _run(shell: Shell, text: str) -> None:
    """Run what was typed; Ctrl-C cancels it, and the prompt comes back.

    It runs in a thread of its own: here the signal arrives whatever the statement is at.
    """
    problems: list[BaseException] = []

    def work() -> None:
        try:
            shell.script(text)
        except BaseException as problem:
            problems.append(problem)

    thread = threading.Thread(target=work, name="statement", daemon=True)
    thread.start()
    stopped = False
    while thread.is_alive():
        try:
            thread.join(_LOOK)
        except KeyboardInterrupt:
            stopped = True
            shell.quiet = True
            shell.connection.cancel()
    shell.quiet = False
    if stopped or any(isinstance(problem, KeyboardInterrupt) for problem in problems):
        sys.stdout.write("interrupted\n")
        sys.stdout.flush()
        return
    for problem in problems:
        raise problem


# ---- with prompt_toolkit -----------------------------------------------------------------------


def _session(names: Names) -> PromptSession[str] | None:
    """A session with history and all; None without prompt_toolkit or a capable terminal."""
    if os.environ.get("TERM", "dumb") in ("dumb", ""):
        return None
    try:
        import prompt_toolkit  # noqa: F401
    except ImportError:
        return None
    return make_session(names)


def make_session(names: Names, **options: Any) -> PromptSession[str]:
    """A PromptSession for statements. `options`: further ones, such as `input` in tests."""
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import Completer, Completion, ThreadedCompleter
    from prompt_toolkit.filters import Condition
    from prompt_toolkit.key_binding import KeyBindings
    from prompt_toolkit.lexers import PygmentsLexer

    from aerodbapi.cli.highlighting import StatementLexer

    class StatementCompleter(Completer):
        def get_completions(self, document: Any, complete_event: Any) -> Any:
            prefix, found = completions(document.text_before_cursor, names)
            for word in found:
                yield Completion(word, start_position=-len(prefix))

    bindings = KeyBindings()

    @bindings.add("enter", filter=Condition(lambda: True))
    def _(event: Any) -> None:
        buffer = event.current_buffer
        if buffer.complete_state and buffer.complete_state.current_completion:
            buffer.complete_state = None  # takes the completion that is shown
            return
        if _is_finished(buffer.text):
            buffer.validate_and_handle()
        else:
            buffer.newline()

    return PromptSession(
        _PROMPT,
        **{
            "multiline": True,
            "prompt_continuation": _MORE,
            "history": _history(),
            "completer": ThreadedCompleter(StatementCompleter()),
            "complete_while_typing": False,
            "lexer": PygmentsLexer(StatementLexer),
            "key_bindings": bindings,
            "enable_history_search": True,
            **options,
        },
    )


def _is_finished(text: str) -> bool:
    """Tell whether Enter is to run `text`: nothing at all, a command, or whole statements."""
    word = _word(text)
    return not word or word in _ENDS or word in _HELPS or complete(text)


def _history() -> Any:
    """Lines in a file, but for those that hold a password."""
    from prompt_toolkit.history import FileHistory

    class History(FileHistory):
        def store_string(self, string: str) -> None:
            if "password" not in string.lower():
                with contextlib.suppress(OSError):
                    super().store_string(string)

    return History(str(history_file()))


def _reader(session: PromptSession[str]) -> Callable[[], str]:
    return lambda: session.prompt()


# ---- without it --------------------------------------------------------------------------------


def _plain_reader() -> Callable[[], str]:
    """Read lines with input() until nothing is open."""
    with contextlib.suppress(ImportError):
        import atexit
        import readline

        if sys.stdin.isatty() and os.environ.get("TERM", "dumb") != "dumb":
            with contextlib.suppress(OSError):
                readline.read_history_file(history_file())
            readline.set_history_length(_LONGEST_HISTORY)
            atexit.register(_keep, readline)

    def read() -> str:
        pending = ""
        while True:
            try:
                pending += input(_MORE if pending else _PROMPT) + "\n"
            except KeyboardInterrupt:
                sys.stdout.write("\n")
                raise
            if _is_finished(pending):
                return pending

    return read


def _keep(readline: Any) -> None:
    with contextlib.suppress(OSError):
        readline.write_history_file(history_file())
