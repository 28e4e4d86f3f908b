"""Reading what was said of a promise outside the rules."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.complaints.commitments.domain import Commitment
from services.complaints.commitments.queries import read as read_commitment
from services.complaints.confirmations.domain import ConfirmationEntry
from services.complaints.confirmations.tables import ConfirmationEntryRow
from services.complaints.context import Context
from services.complaints.internal_cases.store import of_commitment
from shared.personal import Vault
from shared.statement import Statement, given, table

_ENTRIES = Statement(
    select(*table(ConfirmationEntryRow).c)
    .where(col(ConfirmationEntryRow.commitment_id) == given("commitment_id"))
    .order_by(col(ConfirmationEntryRow.id))
)


@dataclass(frozen=True, slots=True)
class ReadConfirmation:
    """How the confirmation of a promise stands, with all that was said, in its order."""

    commitment: Commitment
    entries: list[ConfirmationEntry]
    internal_id: UUID | None
    """The internal case that settles what it costs."""


async def read(context: Context, id_: UUID, *, viewer: UUID | None) -> ReadConfirmation:
    """Raises CommitmentNotFound, also for what the viewer does not see."""
    found = await read_commitment(context, id_, viewer=viewer)
    rows = await _ENTRIES.all(context.database, commitment_id=id_)
    internal_id = await of_commitment(context.database, id_)
    return ReadConfirmation(found.commitment, [_unsealed(context.words, **row) for row in rows], internal_id)


def _unsealed(vault: Vault, *, words: bytes | None, **fields: Any) -> ConfirmationEntry:
    text = vault.open(words, fields["id"].bytes).decode() if words is not None else None
    return ConfirmationEntry(text=text, **fields)
