"""Shares of shelves in the database."""

from dataclasses import asdict, fields
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select
from sqlmodel import col

from services.customers.shelf.domain import Share
from services.customers.shelf.tables import ShelfShareRow
from shared.db import Connection
from shared.statement import Scalar, Statement, given, insert_one, table

FIELDS: Final = tuple(field.name for field in fields(Share))
SHARES = select(*(table(ShelfShareRow).c[name] for name in FIELDS))
_ADD = Statement(insert_one(ShelfShareRow, *FIELDS))
_OF_DAY = Statement(
    SHARES.where(
        col(ShelfShareRow.customer_id) == given("customer_id"), col(ShelfShareRow.seen_on) == given("seen_on")
    ),
    Share,
)
_REMOVE = Scalar(
    delete(table(ShelfShareRow))
    .where(col(ShelfShareRow.id) == given("id"), col(ShelfShareRow.customer_id) == given("customer_id"))
    .returning(col(ShelfShareRow.id)),
    UUID,
)


async def add(transaction: Connection, share: Share) -> None:
    await _ADD.execute(transaction, **asdict(share))


async def of_day(transaction: Connection, customer_id: UUID, seen_on: date) -> list[Share]:
    """What was seen of a held customer's shelf on a day."""
    return await _OF_DAY.all(transaction, customer_id=customer_id, seen_on=seen_on)


async def remove(transaction: Connection, customer_id: UUID, id_: UUID) -> bool:
    """Takes back a share of a held customer; False where there is none."""
    return await _REMOVE.one(transaction, id=id_, customer_id=customer_id) is not None
