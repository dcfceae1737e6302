"""The durable file: an SQLite database in WAL mode that follows the records in memory.

Memory is the index, so the file needs none: a record keeps its row's number and rows are
replaced by number; new ones go to the end, which SQLite does fast.

Safety: changes are queued under the partition's lock, in the order in which they happen to a
record, and written in one transaction by whoever first asks for confirmation (group commit:
the others wait for it and find theirs done). A reply leaves the node after its transaction, so
a killed process loses nothing that it acknowledged. `synchronous=NORMAL` leaves the flush to
the disk's platters to checkpoints: a power cut may lose the last moments, never the file;
`durability="full"` flushes at every commit.

One process at a time: the file is opened in exclusive locking mode and stays locked.
"""

from __future__ import annotations

import sqlite3
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from aerodbapi.embedded.storage import Record
from aerodbapi.errors import OperationalError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["SQLiteJournal"]

_APPLICATION_ID: Final = 0x61646269
_VERSION: Final = 1

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS record (
    row INTEGER PRIMARY KEY, namespace TEXT NOT NULL, set_name TEXT NOT NULL,
    digest BLOB NOT NULL, key BLOB, generation INTEGER NOT NULL, void_time INTEGER NOT NULL,
    last_update_ms INTEGER NOT NULL, n_bins INTEGER NOT NULL, bins BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS definition (
    kind TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (kind, name));
"""
_PUT: Final = "INSERT OR REPLACE INTO record VALUES (?,?,?,?,?,?,?,?,?,?)"
_REMOVE: Final = "DELETE FROM record WHERE row = ?"
_DEFINE: Final = (
    "INSERT INTO definition VALUES (?,?,?)"
    " ON CONFLICT (kind, name) DO UPDATE SET value = excluded.value"
)
_FORGET: Final = "DELETE FROM definition WHERE kind = ? AND name = ?"

_Change = tuple[str, tuple[Any, ...]]


class SQLiteJournal:
    """storage.Journal on an SQLite file.

    Raises OperationalError when the file cannot be opened, belongs to another program, or is
    in use by another process.
    """

    def __init__(self, path: str, *, durability: str = "normal") -> None:
        self._path = path
        self._queue_lock = Lock()
        self._commit_lock = Lock()
        self._queue: list[_Change] = []
        self._queued = 0  # changes ever queued
        self._safe = 0  # changes ever committed
        self._db = self._open(path, durability)
        self._next_row: int = 1 + self._value("SELECT coalesce(max(row), 0) FROM record")

    def _open(self, path: str, durability: str) -> sqlite3.Connection:
        if durability not in ("normal", "full"):
            raise OperationalError(f"durability is 'normal' or 'full', not {durability!r}")
        try:
            # isolation_level None: transactions begin and end where this file says so.
            db = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
        except sqlite3.Error as error:
            raise OperationalError(f"cannot open {path}: {error}") from None
        try:
            db.execute("PRAGMA locking_mode=EXCLUSIVE")
            db.execute("PRAGMA journal_mode=WAL")
            db.execute(f"PRAGMA synchronous={durability.upper()}")
            db.execute("BEGIN IMMEDIATE")
            self._claim(db)
            db.execute("COMMIT")
        except sqlite3.Error as error:
            db.close()
            raise OperationalError(_why(path, error)) from None
        except OperationalError:
            db.close()
            raise
        return db

    def _claim(self, db: sqlite3.Connection) -> None:
        """Check that the file is ours (or empty), and lay out its tables."""
        mark, version = (
            db.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("application_id", "user_version")
        )
        tables = db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if tables and mark != _APPLICATION_ID:
            raise OperationalError(f"{self._path} is an SQLite file of another program")
        if version > _VERSION:
            raise OperationalError(
                f"{self._path} was written by a newer version (format {version}, not {_VERSION})"
            )
        for statement in _SCHEMA.split(";"):
            db.execute(statement)
        db.execute(f"PRAGMA application_id={_APPLICATION_ID}")
        db.execute(f"PRAGMA user_version={_VERSION}")

    def _value(self, query: str) -> Any:
        return self._db.execute(query).fetchone()[0]

    def load(self) -> Iterator[tuple[str, Record]]:
        """Yield (namespace, record) of every stored record."""
        rows = self._db.execute(
            "SELECT namespace, digest, set_name, key, generation, void_time, last_update_ms,"
            " n_bins, bins, row FROM record"
        )
        names: dict[str, str] = {}  # one string object per set instead of one per record
        for namespace, digest, set_name, *rest in rows:
            yield namespace, Record(digest, names.setdefault(set_name, set_name), *rest)

    def definitions(self) -> Iterator[tuple[str, str, str]]:
        """Yield (kind, name, value) of every definition, in the order of their making."""
        yield from self._db.execute("SELECT kind, name, value FROM definition ORDER BY rowid")

    def put(self, namespace: str, record: Record, old: Record | None) -> None:
        """Queue a record's new state, in the row of its old one."""
        with self._queue_lock:
            if old is not None and old.row:
                record.row = old.row
            else:
                record.row = self._next_row
                self._next_row += 1
            row = (
                record.row,
                namespace,
                record.set_name,
                record.digest,
                record.key,
                record.generation,
                record.void_time,
                record.last_update_ms,
                record.n_bins,
                record.packed,
            )
            self._queue.append((_PUT, row))
            self._queued += 1

    def remove(self, record: Record) -> None:
        """Queue a record's removal."""
        self._push(_REMOVE, (record.row,))

    def define(self, kind: str, name: str, value: str | None) -> None:
        """Queue a definition, or its removal (None)."""
        if value is None:
            self._push(_FORGET, (kind, name))
        else:
            self._push(_DEFINE, (kind, name, value))

    def _push(self, statement: str, values: tuple[Any, ...]) -> None:
        with self._queue_lock:
            self._queue.append((statement, values))
            self._queued += 1

    def confirm(self) -> None:
        """Commit everything queued so far, or wait for the thread that does."""
        wanted = self._queued
        if self._safe >= wanted:
            return
        with self._commit_lock:
            if self._safe < wanted:
                self._commit()

    def _commit(self) -> None:
        with self._queue_lock:
            changes, self._queue = self._queue, []
        try:
            self._write(changes)
        except sqlite3.Error as error:
            with self._queue_lock:
                self._queue[:0] = changes
            raise OperationalError(f"cannot write {self._path}: {error}") from None
        self._safe += len(changes)

    def _write(self, changes: list[_Change]) -> None:
        db = self._db
        db.execute("BEGIN")
        try:
            at = 0
            while at < len(changes):
                statement = changes[at][0]
                end = at + 1
                while end < len(changes) and changes[end][0] is statement:
                    end += 1
                db.executemany(statement, [values for _, values in changes[at:end]])
                at = end
            db.execute("COMMIT")
        except sqlite3.Error:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise

    def close(self) -> None:
        """Commit what is queued and release the file; a second close does nothing."""
        with self._commit_lock:
            try:
                if self._queue:
                    self._commit()
            finally:
                self._db.close()


def _why(path: str, error: sqlite3.Error) -> str:
    if "locked" in str(error):
        return f"{path} is in use by another process: one node at a time opens a durable file"
    return f"cannot open {path}: {error}"
