"""What happened to penalties, in the database; reasons in words lie sealed."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.complaints.responsibility.domain.deciding import Entry
from services.complaints.responsibility.tables import PenaltyEntryRow
from shared.db import Connection
from shared.personal import Vault
from shared.statement import Reader, Statement, given, insert_many, table

COLUMNS = ("id", "penalty_id", "what", "at", "by", "amount", "words", "cause")
MANY = 500
"""From so many on COPY costs less than arrays."""

_ADD = Statement(insert_many(PenaltyEntryRow, *COLUMNS))
_OF_PENALTY = Statement(
    select(*(table(PenaltyEntryRow).c[name] for name in COLUMNS))
    .where(col(PenaltyEntryRow.penalty_id) == given("penalty_id"))
    .order_by(col(PenaltyEntryRow.id))
)


async def add(transaction: Connection, vault: Vault, entries: Sequence[Entry]) -> None:
    """Writes down what happened to held penalties."""
    rows = [
        (each.id, each.penalty_id, each.what, each.at, each.by, each.amount, _sealed(vault, each), each.cause)
        for each in entries
    ]
    if len(rows) >= MANY:
        await transaction.copy_records_to_table("penalty_entry", records=rows, columns=COLUMNS)
    elif rows:
        await _ADD.execute(transaction, **dict(zip(COLUMNS, map(list, zip(*rows, strict=True)), strict=True)))


async def of_penalty(reader: Reader, vault: Vault, penalty_id: UUID) -> list[Entry]:
    """What happened to a penalty, in order."""
    return [_entry(vault, **row) for row in await _OF_PENALTY.all(reader, penalty_id=penalty_id)]


def _sealed(vault: Vault, entry: Entry) -> bytes | None:
    return vault.seal(entry.reason.encode(), entry.id.bytes) if entry.reason is not None else None


def _entry(vault: Vault, *, words: bytes | None, **fields: Any) -> Entry:
    reason = vault.open(words, fields["id"].bytes).decode() if words is not None else None
    return Entry(reason=reason, **fields)
