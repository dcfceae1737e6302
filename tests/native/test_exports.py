"""`aerodbapi.native` has everything public, imported by its first use."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from types import ModuleType

import pytest

from aerodbapi import native


@pytest.mark.parametrize("name", native.__all__)
def test_every_name_is_there(name: str) -> None:
    found = getattr(native, name)
    assert name in dir(native)
    if not isinstance(found, ModuleType):
        home = native._HOME_OF[name]
        module = import_module(home if home[0] == "." else f".{home}", "aerodbapi.native")
        assert name in module.__all__


def test_unknown_names() -> None:
    with pytest.raises(AttributeError, match="nothing_of_the_kind"):
        native.nothing_of_the_kind  # noqa: B018


def test_nothing_is_imported_before_it_is_used() -> None:
    code = "import sys, aerodbapi.native; print(*(m for m in sys.modules if 'aerodbapi.' in m))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) <= {"aerodbapi.native"}
