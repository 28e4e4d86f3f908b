"""Notes in the database; their words are sealed on the way in and opened on the way out."""

from typing import Final
from uuid import UUID

from asyncpg import Record
from cryptography.exceptions import InvalidTag
from sqlalchemy import delete, select, update
from sqlmodel import col

from services.customers.notes.domain import Note
from services.customers.notes.tables import NoteRow
from services.customers.personal_keys import store as keys
from services.customers.personal_keys.tables import PersonalKeyRow
from shared.db import Connection
from shared.key_ring import PersonalVault, Sealer
from shared.statement import Statement, given, insert_one, table

COLUMNS: Final = ("id", "version", "customer_id", "written_by", "written_at", "changed_at", "sealed", "sealed_for")
_ADD: Final = Statement(insert_one(NoteRow, *COLUMNS))
_LOCKED: Final = Statement(
    select(*(table(NoteRow).c[name] for name in COLUMNS))
    .add_columns(col(PersonalKeyRow.sealed_by), col(PersonalKeyRow.wrapped))
    .outerjoin(PersonalKeyRow, col(PersonalKeyRow.subject_id) == col(NoteRow.sealed_for))
    .where(col(NoteRow.id) == given("id"), col(NoteRow.customer_id) == given("customer_id"))
    .with_for_update(of=NoteRow)
)
_SAVE: Final = Statement(
    update(NoteRow)
    .values(
        version=given("version"),
        changed_at=given("changed_at"),
        sealed=given("sealed"),
        sealed_for=given("sealed_for"),
    )
    .where(col(NoteRow.id) == given("id"))
)
_REMOVE: Final = Statement(delete(NoteRow).where(col(NoteRow.id) == given("id")))
_FORGET: Final = Statement(delete(NoteRow).where(col(NoteRow.customer_id) == given("customer_id")))


async def add(transaction: Connection, note: Note, sealer: Sealer) -> None:
    """Adds a note of a held customer."""
    await _ADD.execute(
        transaction,
        **{name: getattr(note, name) for name in COLUMNS if not name.startswith("sealed")},
        sealed=_sealed(note, sealer),
        sealed_for=note.customer_id,
    )


async def locked(transaction: Connection, customer_id: UUID, id_: UUID, personal: PersonalVault) -> Note | None:
    """A customer's note, held until the transaction ends; None also for one whose words went with a person."""
    row = await _LOCKED.one(transaction, id=id_, customer_id=customer_id)
    return None if row is None else opened(row, personal)


def opened(row: Record, personal: PersonalVault, author: str | None = None) -> Note | None:
    """The note in a row with COLUMNS and the key of whom it is sealed for; None once that key is destroyed."""
    sealer = personal.of(row["sealed_for"] or row["customer_id"], keys.key_in(row))
    try:
        text = sealer.open(row["sealed"], row["id"].bytes).decode()
    except InvalidTag:
        return None
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
    """Writes a held note as it stands, sealed for whose it is now."""
    await _SAVE.execute(
        transaction,
        id=note.id,
        version=note.version,
        changed_at=note.changed_at,
        sealed=_sealed(note, sealer),
        sealed_for=note.customer_id,
    )


async def remove(transaction: Connection, id_: UUID) -> None:
    """Removes a held note; what it said stays in the history."""
    await _REMOVE.execute(transaction, id=id_)


async def forget(transaction: Connection, customer_id: UUID) -> None:
    """Removes every note of a customer, when the person is erased; `changes.store.forget` removes what they said."""
    await _FORGET.execute(transaction, customer_id=customer_id)


def _sealed(note: Note, sealer: Sealer) -> bytes:
    return sealer.seal(note.text.encode(), note.id.bytes)
