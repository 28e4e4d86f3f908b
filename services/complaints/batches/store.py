"""Batches in the database."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Text, select
from sqlmodel import col

from services.complaints.adverse_reactions.domain import Goods
from services.complaints.batches.domain import Batch
from services.complaints.batches.tables import BatchBuyerRow, BatchRow
from shared.db import Connection
from shared.personal import Vault
from shared.statement import (
    Reader,
    Scalar,
    Statement,
    any_given,
    by_column,
    given,
    insert_many,
    table,
    update_many,
)

FIELDS: Final = tuple(field.name for field in fields(Batch))
ALL = select(*(table(BatchRow).c[name] for name in FIELDS))
_ENSURE = Statement(
    insert_many(BatchRow, *FIELDS, ordered_by=["batch_key", "product_key"]).on_conflict_do_nothing(
        index_elements=["batch_key", "product_key"]
    )
)
_LOCK = Statement(
    """
    SELECT {columns} FROM batch
    WHERE (batch_key, product_key) IN (SELECT * FROM unnest(:batch_key::text[], :product_key::text[]))
    ORDER BY batch_key, product_key FOR UPDATE
    """,
    Batch,
    columns=", ".join(FIELDS),
)
"""By hand: several batches by two columns each, held in one order."""
_LOCK_ONE = Statement(ALL.where(col(BatchRow.id) == given("id")).with_for_update(), Batch)
_KEY = Scalar(select(col(BatchRow.batch_key)).where(col(BatchRow.id) == given("id")), str)
_LOCK_ALARMED = Statement(
    ALL.where(
        col(BatchRow.batch_key) == any_given("keys", Text),
        col(BatchRow.alarmed_at).is_not(None),
        col(BatchRow.lifted_at).is_(None),
    )
    .order_by(col(BatchRow.batch_key), col(BatchRow.product_key))
    .with_for_update(),
    Batch,
)
_SAVE = Statement(update_many(BatchRow, *FIELDS))
_SAVE_LIFTED = Statement(update_many(BatchRow, *FIELDS, "lifted_words"))
_TELL = Scalar(
    insert_many(BatchBuyerRow, "batch_id", "alarm", "customer_id", "told_at")
    .on_conflict_do_nothing()
    .returning(col(BatchBuyerRow.customer_id)),
    UUID,
)


async def ensure(transaction: Connection, batches: Sequence[Batch]) -> None:
    """Adds those of these batches that nobody has named before."""
    await _ENSURE.execute(transaction, **by_column(map(asdict, batches)))


async def lock(transaction: Connection, goods: Collection[Goods]) -> list[Batch]:
    """These batches, held until the transaction ends; always in one order, so nobody waits in a circle."""
    return await _LOCK.all(transaction, **by_column(each._asdict() for each in goods)) if goods else []


async def key_of(reader: Reader, id_: UUID) -> list[str]:
    """The number of the batch, by what it is compared with; empty when there is no such batch."""
    return await _KEY.all(reader, id=id_)


async def lock_one(transaction: Connection, id_: UUID) -> Batch | None:
    """The batch, held; None when there is none."""
    return await _LOCK_ONE.one(transaction, id=id_)


async def lock_alarmed(transaction: Connection, batch_keys: Collection[str]) -> list[Batch]:
    """The batches of these numbers whose alarm stands, held."""
    return await _LOCK_ALARMED.all(transaction, keys=list(batch_keys))


async def save(transaction: Connection, batch: Batch) -> None:
    """Writes a held batch in its new version."""
    await _SAVE.execute(transaction, **by_column([asdict(batch)]))


async def save_lifted(transaction: Connection, vault: Vault, batch: Batch, reason: str) -> None:
    """The same with why its alarm was lifted, sealed."""
    sealed = vault.seal(reason.encode(), batch.id.bytes)
    await _SAVE_LIFTED.execute(transaction, **by_column([{**asdict(batch), "lifted_words": sealed}]))


async def tell(transaction: Connection, batch: Batch, customer_ids: Sequence[UUID], now: datetime) -> list[UUID]:
    """Notes that the alarm of a held batch tells of these buyers; returns those of whom it had not, by id."""
    if not customer_ids:
        return []
    rows = ({"batch_id": batch.id, "alarm": batch.alarm, "customer_id": each, "told_at": now} for each in customer_ids)
    return sorted(await _TELL.all(transaction, **by_column(rows)))
