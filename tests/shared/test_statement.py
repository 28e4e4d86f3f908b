"""Statements: made once from the tables or from text, run by name, and every one of them fits its database."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Uuid, func, select
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel, col

from shared.db import Database
from shared.ids import new_id
from shared.statement import (
    Scalar,
    Statement,
    any_given,
    by_column,
    condition,
    excluded,
    given,
    insert_many,
    insert_one,
    table,
    update_many,
    upsert_many,
    with_parts,
)
from shared.tables import jsonb, money, smallint, texts
from tests.postgres import FreshDatabase

MOMENT = datetime(2026, 11, 4, 1, tzinfo=UTC)


class ShelfTable(SQLModel, registry=registry()):
    """Tables of this test."""


class JarRow(ShelfTable, table=True):
    __tablename__ = "jar"

    id: UUID = Field(primary_key=True)
    label: str
    note: str | None
    state: str
    size: int = smallint()
    price: Decimal = money()
    filled_at: datetime
    content: dict[str, Any] = jsonb()
    tags: list[str] = texts()


CREATE = """
CREATE TABLE jar (
    id uuid PRIMARY KEY, label text NOT NULL, note text, state text NOT NULL, size smallint NOT NULL,
    price numeric(16, 2) NOT NULL, filled_at timestamptz NOT NULL, content jsonb NOT NULL DEFAULT '{}',
    tags text[] NOT NULL DEFAULT '{}'
)
"""
GIVEN = ("id", "label", "note", "size", "price", "filled_at")


@dataclass(frozen=True, slots=True)
class Jar:
    id: UUID
    label: str
    size: int


ADD = Statement(insert_many(JarRow, *GIVEN, state="full", content=given("content")))
PUT = Statement(
    upsert_many(
        JarRow,
        *GIVEN,
        keep={"note": func.coalesce(table(JarRow).c.note, excluded(JarRow).note), "state": table(JarRow).c.state},
    )
)
RESIZE = Statement(update_many(JarRow, "id", "size", state="resized"))
FULL = Statement(
    select(col(JarRow.id), col(JarRow.label), col(JarRow.size))
    .where(col(JarRow.state) == "full", col(JarRow.size) >= given("at_least"))
    .order_by(col(JarRow.label)),
    Jar,
)
LABELS = Scalar(select(col(JarRow.label)).where(col(JarRow.id) == any_given("ids", Uuid)), str)


@pytest.fixture
async def shelf(fresh_database: FreshDatabase) -> AsyncIterator[Database]:
    async def build(url: str) -> None:
        database = await Database.connect(url, pool_size=1)
        await database.execute(CREATE)
        await database.close()

    database = await Database.connect(await fresh_database("shelf", build), pool_size=2)
    yield database
    await database.close()


def jar(label: str, size: int = 1, note: str | None = None) -> dict[str, Any]:
    return {
        "id": new_id(),
        "label": label,
        "note": note,
        "size": size,
        "price": Decimal("2.50"),
        "filled_at": MOMENT,
    }


def test_values_in_a_clause_are_literals_and_given_ones_are_parameters() -> None:
    assert "jar.state = 'full'" in FULL.sql
    assert "jar.size >= $1::SMALLINT" in FULL.sql
    assert FULL.names == ("at_least",)
    assert "'resized'" in RESIZE.sql


def test_text_is_cast_as_text() -> None:
    assert "::TEXT[]" in ADD.sql
    assert "VARCHAR" not in ADD.sql


async def test_many_rows_are_one_statement(shelf: Database) -> None:
    rows = [jar("plums", 2), jar("cherries", 5), jar("pears", 1)]

    await ADD.execute(shelf, **by_column(rows), content={"sweet": True})

    assert await FULL.all(shelf, at_least=2) == [Jar(rows[1]["id"], "cherries", 5), Jar(rows[0]["id"], "plums", 2)]
    assert await shelf.fetchval("SELECT content FROM jar LIMIT 1") == {"sweet": True}
    assert set(await LABELS.all(shelf, ids=[row["id"] for row in rows[:2]])) == {"plums", "cherries"}


async def test_an_upsert_takes_the_new_but_for_what_it_keeps(shelf: Database) -> None:
    first = jar("plums", 2, note="of 2025")
    await ADD.execute(shelf, **by_column([first]), content={})

    put = Statement(upsert_many(JarRow, *GIVEN, "state", keep={"note": table(JarRow).c.note}))
    await put.execute(shelf, **by_column([{**first, "label": "prunes", "note": "of 2026", "state": "full"}]))

    row = await shelf.fetchrow("SELECT label, note FROM jar")
    assert row is not None
    assert tuple(row) == ("prunes", "of 2025")


async def test_an_update_of_many_goes_by_the_key(shelf: Database) -> None:
    rows = [jar("plums", 2), jar("cherries", 5)]
    await ADD.execute(shelf, **by_column(rows), content={})

    await RESIZE.execute(shelf, **by_column([{"id": rows[0]["id"], "size": 9}]))

    assert await shelf.fetchval("SELECT array_agg((size, state) ORDER BY size) FROM jar") == [
        (5, "full"),
        (9, "resized"),
    ]


async def test_one_row_with_an_array(shelf: Database) -> None:
    one = Statement(insert_one(JarRow, *GIVEN, "state", "content", "tags"))

    await one.execute(shelf, **jar("plums"), state="full", content={}, tags=["blue", "sour"])

    assert await shelf.fetchval("SELECT tags FROM jar") == ["blue", "sour"]


async def test_a_limit_is_a_number_in_the_statement(shelf: Database) -> None:
    await ADD.execute(shelf, **by_column([jar(label) for label in "abc"]), content={})

    two = FULL.limited(2)

    assert two.sql.endswith("LIMIT 2")
    assert [each.label for each in await two.all(shelf, at_least=0)] == ["a", "b"]
    assert FULL.limited(2) is two


async def test_text_with_names_and_parts(shelf: Database) -> None:
    await ADD.execute(shelf, **by_column([jar("a", 1), jar("b", 2)]), content={})
    between = Statement(
        "SELECT id, label, size FROM jar WHERE {big} AND size::int < :most AND note IS NOT DISTINCT FROM :note::text",
        Jar,
        big="size >= :least",
    )

    assert between.names == ("least", "most", "note")
    found = await between.one(shelf, most=9, least=2, note=None)
    assert found is not None
    assert found.label == "b"


async def test_a_condition_in_sql_joins_a_clause(shelf: Database) -> None:
    await ADD.execute(shelf, **by_column([jar("a"), jar("b")]), content={})
    sql = "jar.id = ANY(ARRAY(SELECT CAST(:chosen AS uuid)))"
    chosen = Scalar(select(col(JarRow.label)).where(condition(sql, chosen=Uuid)), str)
    id_ = await shelf.fetchval("SELECT id FROM jar WHERE label = 'b'")

    assert await chosen.all(shelf, chosen=id_) == ["b"]


@pytest.mark.parametrize("values", [{}, {"size": 1}, {"at_least": 1, "more": 2}])
def test_a_value_too_few_or_too_many_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(TypeError, match="at_least"):
        FULL.arguments(values)


def test_a_part_without_a_place_is_refused() -> None:
    with pytest.raises(ValueError, match="late"):
        with_parts("SELECT 1", late="true")
    with pytest.raises(KeyError, match="late"):
        with_parts("SELECT {late}")
