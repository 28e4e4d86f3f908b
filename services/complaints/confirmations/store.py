"""What was said of promises outside the rules, in the database; the promise is held whenever it is written."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from services.complaints.commitments.domain import Commitment, Confirmation
from services.complaints.commitments.store import ALL, commitment
from services.complaints.commitments.tables import CommitmentRow
from services.complaints.confirmations.domain import ConfirmationEntry
from services.complaints.confirmations.tables import ConfirmationEntryRow
from shared.db import Connection
from shared.personal import Vault
from shared.statement import Reader, Scalar, Statement, given, insert_one, table

_INSISTED = col(CommitmentRow.confirmation) == Confirmation.INSISTED.value
_LOCK_DUE = Statement(
    ALL.where(_INSISTED, col(CommitmentRow.understanding_due_at) <= given("now"))
    .order_by(col(CommitmentRow.understanding_due_at), col(CommitmentRow.id))
    .limit(1)
    .with_for_update(skip_locked=True),
    commitment,
)
_NEXT_DUE = Scalar(select(func.min(col(CommitmentRow.understanding_due_at))).where(_INSISTED), datetime)
_INSISTED_BY = Scalar(
    select(col(ConfirmationEntryRow.by))
    .where(
        col(ConfirmationEntryRow.commitment_id) == given("commitment_id"), col(ConfirmationEntryRow.what) == "insisted"
    )
    .order_by(col(ConfirmationEntryRow.id).desc())
    .limit(1),
    UUID,
)
_ADD = Statement(insert_one(ConfirmationEntryRow, *table(ConfirmationEntryRow).c.keys()))


async def lock_due(transaction: Connection, now: datetime) -> Commitment | None:
    """The promise whose time for an understanding has been over the longest, held; None where there is none, or
    somebody else holds it."""
    return await _LOCK_DUE.one(transaction, now=now)


async def next_due(reader: Reader) -> datetime | None:
    """The next moment at which an understanding has failed unless it is reached."""
    return await _NEXT_DUE.one(reader)


async def insisted_by(reader: Reader, commitment_id: UUID) -> UUID:
    """Who entered that the customer insists on a promise; only where somebody did."""
    return await _INSISTED_BY.only(reader, commitment_id=commitment_id)


async def add(transaction: Connection, vault: Vault, entry: ConfirmationEntry) -> None:
    """Keeps what was said, its words sealed."""
    columns = asdict(entry)
    text: str | None = columns.pop("text")
    words = vault.seal(text.encode(), entry.id.bytes) if text is not None else None
    await _ADD.execute(transaction, **columns, words=words)
