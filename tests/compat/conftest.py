"""Where the façades' tests run: the original clients leave files in the working directory."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let programs call what the official client is going to drop."""
    here = str(Path(__file__).parent)
    for item in items:
        if str(item.path).startswith(here):
            item.add_marker(pytest.mark.filterwarnings("ignore::DeprecationWarning"))


@pytest.fixture(autouse=True, scope="module")
def scratch_directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Work in a directory that is thrown away."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("scratch"))
        yield


@pytest.fixture(autouse=True, scope="module")
def log_level() -> Iterator[None]:
    """Log as before when a program set the level for all."""
    logger = logging.getLogger("aerodbapi")
    before = logger.level
    yield
    logger.setLevel(before)
