"""What was merged, for those who hear of a merged customer, or were told of something while it was one of its own."""

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import Text, Uuid, literal_column, select, update
from sqlmodel import col

from services.customers.merged.domain import OWN
from services.customers.merged.tables import MergeRow, MovedRow
from shared import aliases
from shared.db import Connection
from shared.statement import Reader, Scalar, Statement, any_given, given, table, with_parts

_STANDS: Final = col(MergeRow.unmerged_at).is_(None)
_TOLD_AS = Scalar(
    select(col(MergeRow.merged_id))
    .join(MovedRow, col(MovedRow.merge_id) == col(MergeRow.id))
    .where(col(MovedRow.row_id) == given("row_id"), col(MovedRow.place) == given("place", Text), _STANDS)
    .order_by(col(MergeRow.id))
    .limit(1),
    UUID,
)
_ALL_TOLD_AS = Statement(
    select(col(MovedRow.row_id), col(MergeRow.merged_id))
    .join(MovedRow, col(MovedRow.merge_id) == col(MergeRow.id))
    .where(col(MovedRow.row_id) == any_given("rows", Uuid), col(MovedRow.place) == given("place", Text), _STANDS)
    .order_by(col(MergeRow.id).desc())
)
_CAME_LATER = Statement(
    """
    INSERT INTO customer_merge_moved (merge_id, place, row_id)
    SELECT m.id, :place, told.row_id
    FROM unnest(:merged::uuid[], :rows::uuid[]) AS told (merged_id, row_id)
    JOIN customer_merge m ON m.merged_id = told.merged_id AND m.unmerged_at IS NULL
    ON CONFLICT DO NOTHING
    """
)
"""By hand: each row with the merge of the customer under whom it was told."""
_CAME_WITH = Statement(
    """
    INSERT INTO customer_merge_moved (merge_id, place, row_id)
    SELECT merge_id, place, :new_id::uuid FROM customer_merge_moved WHERE place = :place AND row_id = :row_id
    """
)
_HOLD = Statement(
    """
    SELECT FROM customer WHERE id = ANY(:ids::uuid[] || ARRAY(
        SELECT kept_id FROM customer_alias WHERE id = ANY(:ids::uuid[]) AND into_id IS NOT NULL))
    ORDER BY id FOR KEY SHARE
    """
)
"""By hand: both in the order of their ids, as a merge holds them."""
_BY_NUMBERS = Statement(
    """
    SELECT m.external_no, a.kept_id FROM customer_merge m JOIN customer_alias a ON a.id = m.merged_id
    WHERE m.external_no = ANY(:numbers::text[]) AND m.unmerged_at IS NULL
    """
)
"""By hand: `customer_alias` stands in every service, and so in no table of this one."""
_FORGET_BROUGHT = Statement(
    update(table(MergeRow))
    .values(brought=literal_column("''::bytea"))
    .where(col(MergeRow.merged_id) == any_given("ids", Uuid))
)
_FORGET_ASIDE = Statement(
    """
    DELETE FROM customer_merge_aside
    WHERE merge_id IN (SELECT id FROM customer_merge WHERE merged_id = ANY(:ids::uuid[]))
    """
)
_NUMBER_HELD = Scalar(
    select(col(MergeRow.external_no)).where(
        col(MergeRow.external_no) == any_given("numbers", Text), _STANDS, col(MergeRow.into_id) != given("but", Uuid)
    ),
    str,
)


def came_with_merged(place: str, kept_id: str) -> str:
    """SQL of the rows of a table that were set aside of the customers who were merged into one (such as c.id): what
    stands once of each of them, as it was."""
    return with_parts(
        """
        SELECT came.* FROM customer_alias l
        JOIN customer_merge m ON m.merged_id = l.id AND m.unmerged_at IS NULL
        JOIN customer_merge_aside d ON d.merge_id = m.id AND d.place = '{place}'
        CROSS JOIN LATERAL jsonb_populate_record(NULL::{place}, d.content) came
        WHERE l.kept_id = {kept_id} AND l.into_id IS NOT NULL
        """,
        place=place,
        kept_id=kept_id,
    )


def of_all_with_merged(place: str) -> str:
    """SQL of all rows of a table of these customers (`:ids`), and of those who were merged into them."""
    return with_parts(
        "SELECT * FROM {place} WHERE customer_id = ANY(:ids::uuid[]) UNION ALL {came}",
        place=place,
        came=came_with_merged(place, "ANY(:ids::uuid[])"),
    )


def history_with_merged(place: str, columns: Sequence[str]) -> str:
    """SQL of a page of the history of a customer (`:id`) with what merged ones had (`merged_id`), oldest first, of rows
    with a moment and a version: behind a place (`merged.domain.behind`), `:most` of them."""
    return with_parts(
        """
        SELECT {columns}, nullif(h.customer_id, :id) AS merged_id
        FROM (SELECT * FROM {place} WHERE customer_id = :id UNION ALL {came}) h
        WHERE :at::timestamptz IS NULL OR (h.at, coalesce(nullif(h.customer_id, :id), '{own}'), h.version)
            > (:at::timestamptz, :came_from::uuid, :version::integer)
        ORDER BY h.at, coalesce(nullif(h.customer_id, :id), '{own}'), h.version LIMIT :most
        """,
        place=place,
        columns=", ".join(f"h.{name}" for name in columns),
        came=came_with_merged(place, ":id"),
        own=str(OWN),
    )


async def hold(transaction: Connection, ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Lets nobody merge these customers, nor those under whom they go on, until the transaction ends; of those that
    were merged: under which id they go on."""
    held: set[UUID] = set()
    kept: dict[UUID, UUID] = {}
    while not held.issuperset(named := {*ids, *kept.values()}):
        await _HOLD.execute(transaction, ids=list(named))
        kept, held = await aliases.kept(transaction, ids), named
    return kept


async def goes_on_as(reader: Reader, named: UUID) -> UUID:
    """Under which id a customer goes on, whichever of theirs is named."""
    return (await aliases.kept(reader, [named])).get(named, named)


async def forget(transaction: Connection, merged: Sequence[UUID]) -> None:
    """Removes what was set aside of merged customers, and what they brought, when the person is erased. Which rows were
    theirs stays: events of these keep their key."""
    await _FORGET_BROUGHT.execute(transaction, ids=list(merged))
    await _FORGET_ASIDE.execute(transaction, ids=list(merged))


async def told_as(reader: Reader, place: str, row_id: UUID, customer_id: UUID) -> UUID:
    """Under which customer a row was told first, whose it is now: its events keep their key for life."""
    return await _TOLD_AS.one(reader, place=place, row_id=row_id) or customer_id


async def told_as_many(reader: Reader, place: str, rows: Sequence[UUID]) -> dict[UUID, UUID]:
    """The same of many rows; of those that were never anybody else's nothing is said."""
    found = await _ALL_TOLD_AS.all(reader, place=place, rows=rows)
    return {row["row_id"]: row["merged_id"] for row in found}


async def came_later(transaction: Connection, place: str, told: Sequence[tuple[UUID, UUID]]) -> None:
    """Rows (merged customer, row) that were told under a merged customer, and stand at the one it was merged into."""
    merged, rows = [each for each, _ in told], [row for _, row in told]
    await _CAME_LATER.execute(transaction, place=place, merged=merged, rows=rows)


async def came_with(transaction: Connection, place: str, row_id: UUID, new_id: UUID) -> None:
    """A row that is entered in the place of one which came from merged customers goes back as that one."""
    await _CAME_WITH.execute(transaction, place=place, row_id=row_id, new_id=new_id)


async def by_numbers(reader: Reader, numbers: Sequence[str]) -> dict[str, UUID]:
    """External numbers of merged customers -> who is kept."""
    return {row["external_no"]: row["kept_id"] for row in await _BY_NUMBERS.all(reader, numbers=list(numbers))}


async def held_numbers(reader: Reader, numbers: Sequence[str], but: UUID) -> list[str]:
    """Which of the numbers a merged customer has, unless it was merged into that one."""
    return await _NUMBER_HELD.all(reader, numbers=list(numbers), but=but)
