"""SQLAlchemy through the dialect: Core, ORM, reflection, asyncio, and pandas on top."""

from __future__ import annotations

import asyncio
import datetime
import decimal
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

sqlalchemy = pytest.importorskip("sqlalchemy", minversion="2.0")

from sqlalchemy import Column, Engine, ForeignKey, MetaData, Table, func, inspect, select  # noqa: E402
from sqlalchemy import types as t  # noqa: E402
from sqlalchemy.dialects import registry  # noqa: E402
from sqlalchemy.exc import IntegrityError, NoSuchTableError  # noqa: E402
from sqlalchemy.ext.asyncio import create_async_engine  # noqa: E402
from sqlalchemy.orm import (  # noqa: E402
    DeclarativeBase,
    Mapped,
    Session,
    mapped_column,
    relationship,
    selectinload,
)

from aerodbapi import GeoJSON  # noqa: E402
from aerodbapi.sqla import GEOJSON, MAP, insert  # noqa: E402

registry.register("aerospike", "aerodbapi.sqla", "AerospikeDialect")


@pytest.fixture
def engine() -> Iterator[Engine]:
    made = sqlalchemy.create_engine("aerospike://")
    yield made
    made.dispose()


class Base(DeclarativeBase):
    """The models' registry."""


class User(Base):
    """Whose orders there are."""

    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(t.String(30))
    orders: Mapped[list[Order]] = relationship(back_populates="user")


class Order(Base):
    """An order of a user."""

    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    total: Mapped[decimal.Decimal] = mapped_column(t.Numeric(10, 2))
    user: Mapped[User] = relationship(back_populates="orders")


def test_orm(engine: Engine) -> None:
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        ann = User(name="Ann", orders=[Order(total=decimal.Decimal("12.50")), Order(total=3)])
        session.add_all([ann, User(name="Bob")])
        session.commit()
        assert ann.id == 1
    with Session(engine) as session:
        found = session.scalars(select(User).options(selectinload(User.orders)).order_by(User.id))
        assert [(u.name, sorted(o.total for o in u.orders)) for u in found] == [
            ("Ann", [decimal.Decimal("3.00"), decimal.Decimal("12.50")]),
            ("Bob", []),
        ]
        joined = select(User.name, func.sum(Order.total)).join(Order).group_by(User.name)
        assert session.execute(joined).all() == [("Ann", decimal.Decimal("15.50"))]
        ann = session.get_one(User, 1)
        ann.name = "Anna"
        session.delete(session.get_one(User, 2))
        session.commit()
        assert session.scalars(select(User.name)).all() == ["Anna"]


VALUES: dict[str, tuple[Any, Any]] = {
    "boolean": (t.Boolean(), True),
    "integer": (t.BigInteger(), 2**62),
    "double": (t.Float(), 1.5),
    "decimal": (t.Numeric(12, 3), decimal.Decimal("-1.250")),
    "text": (t.Text(), "Grüße, 世界"),
    "bytes": (t.LargeBinary(), b"\0\xff"),
    "day": (t.Date(), datetime.date(2024, 2, 29)),
    "time": (t.Time(), datetime.time(1, 2, 3, 4)),
    "moment": (t.DateTime(), datetime.datetime(2024, 2, 29, 1, 2, 3, 4)),
    "uuid": (t.Uuid(), uuid.UUID(int=5)),
    "json": (t.JSON(), {"a": [1, None, "x"]}),
    "map": (MAP(), {"k": 1, "l": [True]}),
    "place": (GEOJSON(), GeoJSON({"type": "Point", "coordinates": [5.0, 60.0]})),
    "a_column_with_a_long_name": (t.String(5), "abcde"),
}


def test_types_and_reflection(engine: Engine) -> None:
    columns = [Column(name, kind) for name, (kind, _) in VALUES.items()]
    table = Table("kinds", MetaData(), Column("key", t.String(9), primary_key=True), *columns)
    table.create(engine)
    given = {"key": "k", **{name: value for name, (_, value) in VALUES.items()}}
    with engine.connect() as connection:
        connection.execute(table.insert(), given)
        assert connection.execute(select(table)).mappings().one() == given
        for name in ("boolean", "integer", "decimal", "text", "day", "moment", "uuid"):
            chosen = select(table.c.key).where(table.c[name] == given[name])
            assert connection.execute(chosen).scalars().all() == ["k"], name
    found = Table("kinds", MetaData(), autoload_with=engine)
    assert [column.name for column in found.columns] == ["key", *VALUES]
    assert [column.name for column in found.primary_key] == ["key"]
    with engine.connect() as connection:
        assert connection.execute(select(found)).mappings().one() == given
    looked = inspect(engine)
    assert "kinds" in looked.get_table_names()
    assert str(looked.get_columns("kinds")[4]["type"]) == "DECIMAL(12, 3)"
    with pytest.raises(NoSuchTableError):
        looked.get_columns("no_such_table")


def test_a_key_that_exists(engine: Engine) -> None:
    table = Table(
        "counts", MetaData(), Column("word", t.String, primary_key=True), Column("n", t.Integer)
    )
    table.create(engine)
    with engine.connect() as connection:
        connection.execute(table.insert(), [{"word": "a", "n": 1}, {"word": "b", "n": 1}])
        with pytest.raises(IntegrityError):
            connection.execute(table.insert(), {"word": "a", "n": 1})
        more = insert(table).values(word="a", n=5)
        more = more.on_conflict_do_update(["word"], {"n": table.c.n + more.excluded.n})
        connection.execute(more)
        connection.execute(insert(table).values(word="b", n=9).on_conflict_do_nothing())
        assert connection.execute(select(table).order_by(table.c.word)).all() == [
            ("a", 6),
            ("b", 1),
        ]


def test_asyncio() -> None:
    pytest.importorskip("greenlet")

    async def main() -> None:
        engine = create_async_engine("aerospike://")
        async with engine.connect() as connection:
            await connection.run_sync(Base.metadata.create_all)
            await connection.execute(User.__table__.insert(), [{"name": "Ann"}, {"name": "Bob"}])
            names = await connection.execute(select(User.name).order_by(User.name))
            assert names.scalars().all() == ["Ann", "Bob"]
            streamed = await connection.stream(select(func.count()).select_from(User))
            assert [row async for row in streamed] == [(2,)]
        await engine.dispose()

    asyncio.run(main())


def test_pandas(engine: Engine) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"name": ["Ann", "Bob"], "age": [31, 25], "score": [1.5, None]})
    frame.to_sql("people", engine, index_label="PK")
    found = pandas.read_sql(
        "SELECT * FROM people WHERE age > ? ORDER BY age", engine, params=(20,), index_col="PK"
    )
    assert found["name"].tolist() == ["Bob", "Ann"]
    assert found["score"].isna().tolist() == [True, False]
    again = pandas.read_sql_table("people", engine)
    assert sorted(again.columns) == ["PK", "age", "name", "score"]
    frame.to_sql("people", engine, if_exists="replace", index_label="PK")
    assert len(pandas.read_sql("people", engine)) == 2
