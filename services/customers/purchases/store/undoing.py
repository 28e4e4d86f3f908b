"""Purchases of an import that is undone, in the database: many at a time, with what followed from them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Uuid, select
from sqlmodel import col

from services.customers.purchases.domain import Purchase
from services.customers.purchases.store.consequences import undo_consequences
from services.customers.purchases.store.entries import PURCHASES, purchase_of
from services.customers.purchases.tables import PurchaseRow
from shared.db import Connection
from shared.statement import Reader, Scalar, Statement, any_given, given


class EnteredPurchase(NamedTuple):
    """An entry with the import it came with, if it came with one."""

    id: UUID
    customer_id: UUID
    import_id: UUID | None


_NEXT = Statement(
    select(col(PurchaseRow.id), col(PurchaseRow.customer_id), col(PurchaseRow.import_id))
    .where(col(PurchaseRow.id) > given("after"))
    .order_by(col(PurchaseRow.id))
    .limit(given("most")),
    EnteredPurchase,
)
_STANDING = Statement(
    PURCHASES.where(
        col(PurchaseRow.id) == any_given("ids", Uuid),
        col(PurchaseRow.reversed_at).is_(None),
        col(PurchaseRow.returned) == 0,
    )
    .order_by(col(PurchaseRow.id))
    .with_for_update(key_share=True),
    purchase_of,
)
_REVERSE = Statement(
    """
    WITH gone AS (SELECT * FROM unnest(:ids::uuid[], :words::bytea[]) AS t (id, words)), undone AS (
        UPDATE purchase p SET version = version + 1, reversed_at = :at, identity = uuid_send(p.id)
        FROM gone WHERE p.id = gone.id RETURNING p.customer_id, p.grade, p.month, p.amount
    ), kept AS (
        INSERT INTO purchase_reversal (purchase_id, reversed_at, reversed_by, words)
        SELECT id, :at, :by, words FROM gone
    )
    UPDATE month_total m SET amount = m.amount - u.amount
    FROM (SELECT customer_id, grade, month, sum(amount) AS amount FROM undone GROUP BY customer_id, grade, month) u
    WHERE m.customer_id = u.customer_id AND m.month = u.month AND m.grade = u.grade
    """
)
"""By hand: entries and their months' totals in one round trip. Identities are free, those of rows without a number too:
the right file has the same rows."""
_IS_UNDOING = Scalar(
    "SELECT undo_asked_at IS NOT NULL FROM import_job WHERE id = :import_id FOR KEY SHARE",
    bool,
)
"""By hand: imports stand above purchases, their table does not."""


async def following(reader: Reader, after: UUID, most: int) -> list[EnteredPurchase]:
    """The entries after that id, whatever they came with."""
    return await _NEXT.all(reader, after=after, most=most)


async def standing(transaction: Connection, ids: Sequence[UUID]) -> list[Purchase]:
    """Those that stand and of which nothing came back, held."""
    return await _STANDING.all(transaction, ids=ids)


async def reverse(
    transaction: Connection, sealed: Mapping[UUID, bytes], *, at: datetime, by: UUID, zone: ZoneInfo
) -> None:
    """Undoes held entries of locked customers, and what followed from them; `sealed` is why, sealed for each."""
    ids = list(sealed)
    await _REVERSE.execute(transaction, ids=ids, words=list(sealed.values()), at=at, by=by)
    await undo_consequences(transaction, ids, zone, at)


async def is_undoing(transaction: Connection, import_id: UUID) -> bool:
    """Whether an import is undone, or asked to be; it is not asked for until the transaction ends."""
    return bool(await _IS_UNDOING.one(transaction, import_id=import_id))
