"""`frozen` keeps what dataclasses promise."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from typing import Any

import pytest

from aerodbapi.frozen import frozen


@frozen
class Point:
    """Two numbers and a note that does not count."""

    x: int
    y: int = 0
    note: str | None = dataclasses.field(default=None, compare=False)


@frozen
class Labelled(Point):
    """A point with a name."""

    name: str = ""


def test_equality_is_of_class_and_compared_fields() -> None:
    assert Point(1, 2) == Point(1, 2, note="other")
    assert Point(1, 2) != Point(2, 1)
    assert Point(1) != Labelled(1)
    assert Labelled(1, name="a") != Labelled(1, name="b")
    assert Point(1) != (1, 0)
    assert len({Point(1), Point(1, note="x"), Labelled(1)}) == 2


@pytest.mark.parametrize("point", [Point(1), Labelled(1, name="a")])
def test_nothing_changes(point: Any) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        point.x = 2
    with pytest.raises(dataclasses.FrozenInstanceError):
        del point.x
    with pytest.raises(AttributeError):
        point.z = 1
    assert point.x == 1


def test_the_dataclass_functions_work() -> None:
    point = Labelled(1, 2, name="a")
    assert dataclasses.replace(point, y=3) == Labelled(1, 3, name="a")
    assert [each.name for each in dataclasses.fields(point)] == ["x", "y", "note", "name"]
    assert dataclasses.asdict(point) == {"x": 1, "y": 2, "note": None, "name": "a"}
    assert copy.deepcopy(point) == point == pickle.loads(pickle.dumps(point))
    assert repr(point) == "Labelled(x=1, y=2, name='a')"
    assert repr(Point(0, True)) == "Point(x=0, y=True)"


def test_unhashable_fields_make_it_unhashable() -> None:
    with pytest.raises(TypeError):
        hash(Point([]))  # type: ignore[arg-type]


def test_own_methods_stay() -> None:
    @frozen
    class Always:
        """Equal to everything."""

        x: int

        def __eq__(self, other: object) -> bool:
            return True

        def __hash__(self) -> int:
            return 7

    assert Always(1) == 5
    assert hash(Always(1)) == 7
