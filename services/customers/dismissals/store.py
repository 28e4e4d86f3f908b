"""Dismissals in the database."""

from dataclasses import asdict, fields
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.customers.dismissals.domain import Dismissal
from services.customers.dismissals.tables import DismissalRow
from services.customers.heads.store.visibility import visible
from shared.db import Connection
from shared.statement import Reader, Scalar, Statement, by_column, given, insert_one, table, update_many

FIELDS: Final = tuple(field.name for field in fields(Dismissal))
_ADD: Final = Scalar(insert_one(DismissalRow, *FIELDS).on_conflict_do_nothing().returning(col(DismissalRow.id)), UUID)
_SAVE: Final = Statement(
    update_many(DismissalRow, "id", "version", "withdrawn_at", "withdrawn_by", "withdrawal_words", key=("id",))
)
_WHOSE: Final = Scalar(select(col(DismissalRow.customer_id)).where(col(DismissalRow.id) == given("id")), UUID)
_LOCKED: Final = Statement(
    select(*(table(DismissalRow).c[name] for name in FIELDS))
    .where(col(DismissalRow.id) == given("id"), visible("dismissal.customer_id"))
    .with_for_update(of=DismissalRow),
    Dismissal,
)


async def add(transaction: Connection, dismissal: Dismissal) -> bool:
    """Of a held customer; False where it is dismissed already."""
    return await _ADD.one(transaction, **asdict(dismissal)) is not None


async def save(transaction: Connection, dismissal: Dismissal) -> None:
    """Writes that a held one is taken back."""
    row = asdict(dismissal)
    names = ("id", "version", "withdrawn_at", "withdrawn_by", "withdrawal_words")
    await _SAVE.execute(transaction, **by_column([{name: row[name] for name in names}]))


async def whose(reader: Reader, id_: UUID) -> UUID | None:
    """Who was dismissed; None where there is no such dismissal."""
    return await _WHOSE.one(reader, id=id_)


async def locked(transaction: Connection, id_: UUID, *, viewer: UUID | None) -> Dismissal | None:
    """One, held until the transaction ends; None also where the viewer does not see the customer."""
    return await _LOCKED.one(transaction, id=id_, viewer=viewer)
