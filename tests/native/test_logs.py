"""Log levels and handlers."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from aerodbapi.errors import ParameterError
from aerodbapi.native.logs import LogLevel, set_log_handler, set_log_level

LOG = logging.getLogger("aerodbapi.somewhere")


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    yield
    set_log_handler(None)
    logging.getLogger("aerodbapi").setLevel(logging.NOTSET)


def test_entries_go_to_the_function() -> None:
    entries: list[tuple[object, ...]] = []
    set_log_handler(lambda *entry: entries.append(entry))
    set_log_level(LogLevel.INFO)
    LOG.debug("not this")
    LOG.info("but %s", "this")
    LOG.error("and this")
    assert [(entry[0], entry[4]) for entry in entries] == [(2, "but this"), (0, "and this")]
    assert entries[0][1] == "test_entries_go_to_the_function"
    assert str(entries[0][2]).endswith("test_logs.py")
    set_log_level(LogLevel.OFF)
    LOG.critical("silence")
    assert len(entries) == 2
    set_log_level(LogLevel.TRACE)
    set_log_handler(None)
    LOG.error("nobody listens")
    assert len(entries) == 2


def test_one_handler_at_a_time(capsys: pytest.CaptureFixture[str]) -> None:
    first: list[object] = []
    set_log_handler(lambda *entry: first.append(entry))
    set_log_handler()
    LOG.warning("hello")
    assert first == []
    assert "hello" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [5, -2, "info", None, True])
def test_wrong_levels(wrong: int) -> None:
    with pytest.raises(ParameterError, match="LogLevel"):
        set_log_level(wrong)


def test_wrong_handler() -> None:
    with pytest.raises(ParameterError, match="is a function"):
        set_log_handler("print")  # type: ignore[arg-type]
