"""Notes in the database; their words are sealed on the way in and opened on the way out."""

from typing import Final
from uuid import UUID

from asyncpg import Record
from sqlalchemy import delete, select, update
from sqlmodel import col

from services.customers.notes.domain import Note
from services.customers.notes.tables import NoteRow
from shared.db import Connection
from shared.key_ring import Sealer
from shared.statement import Statement, given, insert_one, table

COLUMNS: Final = ("id", "version", "customer_id", "written_by", "written_at", "changed_at", "sealed")
_OF_CUSTOMER: Final = (col(NoteRow.id) == given("id"), col(NoteRow.customer_id) == given("customer_id"))
_ADD: Final = Statement(insert_one(NoteRow, *COLUMNS))
_LOCKED: Final = Statement(select(*(table(NoteRow).c[name] for name in COLUMNS)).where(*_OF_CUSTOMER).with_for_update())
_SAVE: Final = Statement(
    update(NoteRow)
    .values(version=given("version"), changed_at=given("changed_at"), sealed=given("sealed"))
    .where(col(NoteRow.id) == given("id"))
)
_REMOVE: Final = Statement(delete(NoteRow).where(col(NoteRow.id) == given("id")))
_FORGET: Final = Statement(delete(NoteRow).where(col(NoteRow.customer_id) == given("customer_id")))


async def add(transaction: Connection, note: Note, sealer: Sealer) -> None:
    """Adds a note of a held customer."""
    await _ADD.execute(
        transaction,
        **{name: getattr(note, name) for name in COLUMNS if name != "sealed"},
        sealed=_sealed(note, sealer),
    )


async def locked(transaction: Connection, customer_id: UUID, id_: UUID, sealer: Sealer) -> Note | None:
    """A customer's note, held until the transaction ends."""
    row = await _LOCKED.one(transaction, id=id_, customer_id=customer_id)
    return None if row is None else opened(row, sealer)


def opened(row: Record, sealer: Sealer, author: str | None = None) -> Note:
    """The note in a row with COLUMNS."""
    text = sealer.open(row["sealed"], row["id"].bytes).decode()
    return Note(
        row["id"],
        row["version"],
        row["customer_id"],
        text,
        row["written_by"],
        row["written_at"],
        row["changed_at"],
        author,
    )


async def save(transaction: Connection, note: Note, sealer: Sealer) -> None:
    """Writes a held note as it stands."""
    await _SAVE.execute(
        transaction, id=note.id, version=note.version, changed_at=note.changed_at, sealed=_sealed(note, sealer)
    )


async def remove(transaction: Connection, id_: UUID) -> None:
    """Removes a held note; what it said stays in the history."""
    await _REMOVE.execute(transaction, id=id_)


async def forget(transaction: Connection, customer_id: UUID) -> None:
    """Removes every note of a customer, when the person is erased; `changes.store.forget` removes what they said."""
    await _FORGET.execute(transaction, customer_id=customer_id)


def _sealed(note: Note, sealer: Sealer) -> bytes:
    return sealer.seal(note.text.encode(), note.id.bytes)
