"""Configuration in a file: what a ConfigProvider names, read again when it changes.

The file is YAML of maps and scalars; what its `dynamic` part says goes before what the program
says, in its configuration and in single calls::

    version: 1.0.0
    dynamic:
      write: {send_key: true, total_timeout: 500}
      metrics: {enable: true}
"""

from __future__ import annotations

import logging
import os
import re
import time
from typing import Any, Final

__all__ = ["DynamicFile", "parse"]

_log = logging.getLogger("aerodbapi")
_FILE: Final = "file://"
#: Part of the file → kinds of policies that it changes.
_PARTS: Final[dict[str, tuple[str, ...]]] = {
    "read": ("read",),
    "write": ("write", "operate", "remove", "apply"),
    "query": ("query",),
    "scan": ("scan",),
    "batch_read": ("batch",),
    "batch_write": ("batch_parent_write", "batch_write"),
    "batch_udf": ("batch_apply",),
    "batch_delete": ("batch_remove",),
    "txn_roll": ("txn_roll",),
    "txn_verify": ("txn_verify",),
}
#: Key of the file → key of a policy.
_KEYS: Final[dict[str, str]] = {"send_key": "key"}
#: Words of the file → values of the original's constants.
_WORDS: Final = {
    "replica": {"MASTER": 0, "MASTER_PROLES": 1, "SEQUENCE": 2, "PREFER_RACK": 3, "RANDOM": 4},
    "read_mode_ap": {"ONE": 0, "ALL": 1},
    "read_mode_sc": {"SESSION": 0, "LINEARIZE": 1, "ALLOW_REPLICA": 2, "ALLOW_UNAVAILABLE": 3},
    "commit_level": {"ALL": 0, "MASTER": 1},
    "expected_duration": {"LONG": 0, "SHORT": 1, "LONG_RELAX_AP": 2},
}


class DynamicFile:
    """A file of options. `interval`: ms between looks at whether it has changed."""

    def __init__(self, path: str, interval: int) -> None:
        self._path = path.removeprefix(_FILE)
        self._interval = interval / 1000
        self._due = 0.0
        self._stamp: tuple[int, int] | None = None
        self._found: dict[str, Any] = {}
        self._changes: dict[str, dict[str, Any]] = {}

    def changes(self, kind: str) -> dict[str, Any]:
        """What the file says of a kind of policies."""
        self._look()
        return self._changes.get(kind, {})

    @property
    def metrics(self) -> dict[str, Any]:
        """What the file says of metrics."""
        self._look()
        found = self._found.get("metrics")
        return found if isinstance(found, dict) else {}

    def _look(self) -> None:
        now = time.monotonic()
        if now < self._due:
            return
        self._due = now + self._interval
        try:
            status = os.stat(self._path)
            stamp = (status.st_mtime_ns, status.st_size)
            if stamp == self._stamp:
                return
            with open(self._path, encoding="utf-8") as file:
                found = parse(file.read())
        except (OSError, ValueError) as error:
            _log.error("the configuration %s cannot be read: %s", self._path, error)
            return
        self._stamp = stamp
        dynamic = found.get("dynamic")
        self._found = dynamic if isinstance(dynamic, dict) else {}
        self._changes = _by_kind(self._found)


def _by_kind(dynamic: dict[str, Any]) -> dict[str, dict[str, Any]]:
    made: dict[str, dict[str, Any]] = {}
    for part, kinds in _PARTS.items():
        given = dynamic.get(part)
        for key, value in (given if isinstance(given, dict) else {}).items():
            words = _WORDS.get(key)
            if words is not None:
                value = words.get(str(value).upper(), value)
            if isinstance(value, int):
                name = _KEYS.get(str(key), str(key))
                for kind in kinds:
                    made.setdefault(kind, {})[name] = value
    return made


# ---- YAML of maps and scalars ------------------------------------------------------------------

_LINE: Final = re.compile(r"(?P<indent> *)(?P<key>[^\s:#][^:]*?)\s*:(?:\s+(?P<value>.*))?$")
_SCALARS: Final = {"true": True, "false": False, "null": None, "~": None, "": None}


def parse(text: str) -> dict[str, Any]:
    """Read YAML of nested maps and scalars. Raises ValueError for anything else."""
    root: dict[str, Any] = {}
    levels: list[tuple[int, dict[str, Any]]] = [(-1, root)]
    for number, line in enumerate(text.splitlines(), 1):
        line = re.sub(r"(^|\s)#.*$", "", line).rstrip()
        if not line or line in ("---", "..."):
            continue
        found = _LINE.match(line)
        if found is None:
            raise ValueError(f"line {number} is no `key: value`: {line!r}")
        indent = len(found["indent"])
        while indent <= levels[-1][0]:
            levels.pop()
        key, value = str(found["key"]), (found["value"] or "").strip()
        if value:
            levels[-1][1][key] = _value(value)
        else:
            child: dict[str, Any] = {}
            levels[-1][1][key] = child
            levels.append((indent, child))
    return root


def _value(text: str) -> Any:
    if text[0] == "{" and text[-1] == "}":
        pairs = (pair.partition(":") for pair in text[1:-1].split(",") if pair.strip())
        return {key.strip(): _value(value.strip()) for key, _, value in pairs}
    if text[0] in "\"'" and text[-1] == text[0]:
        return text[1:-1]
    if text.lower() in _SCALARS:
        return _SCALARS[text.lower()]
    try:
        return int(text)
    except ValueError:
        return text
