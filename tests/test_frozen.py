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


def test_a_plain_subclass_is_one_too() -> None:
    class Noted(Point):
        """A point that somebody's program has made its own."""

    assert repr(Noted(1, y=2)) == "Noted(x=1, y=2)"
    assert Noted(1) == Noted(1) != Point(1)
    assert dataclasses.replace(Noted(1), x=3) == Noted(3)


def test_factories_defaults_and_what_is_missing() -> None:
    @frozen
    class Bag:
        """A dictionary of its own each."""

        items: dict[str, int] = dataclasses.field(default_factory=dict, repr=False)
        size: int = 5

        def __post_init__(self) -> None:
            self.items["made"] = self.size

    assert Bag().items == {"made": 5}
    assert Bag().items is not Bag().items
    assert repr(Bag(size=6)) == "Bag(size=6)"
    assert dataclasses.replace(Bag(), size=7).items == {"made": 7}
    with pytest.raises(TypeError, match="x"):
        Point()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="nothing"):
        Point(1, nothing=2)  # type: ignore[call-arg]
