"""Promises in the database."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlmodel import col

from services.complaints.cases.tables import ComplaintRow
from services.complaints.commitments.domain import Commitment, CommitmentCode, CommitmentState, Confirmation
from services.complaints.commitments.tables import CommitmentCodeRow, CommitmentRow
from shared.db import Connection
from shared.personal import Vault
from shared.statement import Reader, Scalar, Statement, by_column, given, insert_one, table, update_many, upsert_many

FIELDS = tuple(field.name for field in fields(Commitment))
BATCH: Final = 500
"""Promises of which one transaction notices that they are broken."""
_CHANGES = (
    "version", "customer_id", "staff_id", "code", "due_at", "outside_rules", "cost", "state", "fulfilled_at",
    "ended_at", "ended_by", "confirmation", "understanding_due_at", "supervisor_id",
)  # fmt: skip


def commitment(state: str, confirmation: str | None, **fields: Any) -> Commitment:
    """A promise from its row; one outside the rules of which nobody has said anything is one that is asked about."""
    said = confirmation or (Confirmation.ASKED if fields["outside_rules"] else None)
    return Commitment(state=CommitmentState(state), confirmation=Confirmation(said) if said else None, **fields)


ALL = select(*(table(CommitmentRow).c[name] for name in FIELDS))
_ADD = Statement(insert_one(CommitmentRow, *FIELDS, "words"))
_LOCK = Statement(ALL.where(col(CommitmentRow.id) == given("id")).with_for_update(), commitment)
_OF_CASE = ALL.where(
    or_(
        col(CommitmentRow.complaint_id) == given("complaint_id"),
        col(CommitmentRow.id) == given("id", table(CommitmentRow).c.id.type),
    )
).order_by(col(CommitmentRow.id))
_LOCK_OF_CASE = Statement(_OF_CASE.with_for_update(), commitment)
_COUNT_OF_CASE = Scalar(
    select(func.count()).select_from(CommitmentRow).where(col(CommitmentRow.complaint_id) == given("complaint_id")), int
)
_SAVE = Statement(update_many(CommitmentRow, "id", *_CHANGES))
_SAVE_REASON = Statement(update_many(CommitmentRow, "id", *_CHANGES, "reason"))
_OPEN = col(CommitmentRow.state) == CommitmentState.OPEN.value
_LOCK_DUE = Statement(
    ALL.where(_OPEN, col(CommitmentRow.due_at) <= given("now"))
    .order_by(col(CommitmentRow.due_at), col(CommitmentRow.id))
    .limit(BATCH)
    .with_for_update(skip_locked=True),
    commitment,
)
_NEXT_DUE = Scalar(select(func.min(col(CommitmentRow.due_at))).where(_OPEN), datetime)
_CASE = Statement(
    select(col(ComplaintRow.customer_id), col(ComplaintRow.recorded_at))
    .where(col(ComplaintRow.id) == given("id"))
    .with_for_update(read=True)
)
_WORDS = Scalar(select(col(CommitmentRow.words)).where(col(CommitmentRow.id) == given("id")), bytes)
_CODE_COLUMNS = table(CommitmentCodeRow).c
_CODE = Statement(
    select(*_CODE_COLUMNS).where(col(CommitmentCodeRow.code) == given("code")).with_for_update(), CommitmentCode
)
_KEEP_CODE = Statement(upsert_many(CommitmentCodeRow, *_CODE_COLUMNS.keys(), key=["code"]))
_USABLE = Scalar(
    select(col(CommitmentCodeRow.code)).where(
        col(CommitmentCodeRow.code) == given("code"), col(CommitmentCodeRow.active)
    ),
    str,
)


async def add(transaction: Connection, vault: Vault, new: Commitment, what: str) -> None:
    """Adds a promise, its words sealed."""
    await _ADD.execute(transaction, **asdict(new), words=vault.seal(what.encode(), new.id.bytes))


async def lock(transaction: Connection, id_: UUID) -> Commitment | None:
    """The promise, held until the transaction ends; None when there is none."""
    return await _LOCK.one(transaction, id=id_)


async def lock_of_case(transaction: Connection, complaint_id: UUID, settled_id: UUID | None) -> list[Commitment]:
    """What was promised in a case, and the promise that it settles if it settles one, held in the order of their
    ids."""
    return await _LOCK_OF_CASE.all(transaction, complaint_id=complaint_id, id=settled_id)


async def count_of_case(reader: Reader, complaint_id: UUID) -> int:
    """How many promises were given in a case."""
    return await _COUNT_OF_CASE.only(reader, complaint_id=complaint_id)


async def lock_due(transaction: Connection, now: datetime) -> list[Commitment]:
    """Open promises whose time is over, the earliest first, held; those that somebody else holds are left to them."""
    return await _LOCK_DUE.all(transaction, now=now)


async def save(transaction: Connection, changed: Sequence[Commitment]) -> None:
    """Writes what became of held promises."""
    if changed:
        await _SAVE.execute(transaction, **_changes(changed))


async def save_with_reason(transaction: Connection, vault: Vault, changed: Commitment, reason: str) -> None:
    """Writes what became of a held promise, and why, sealed."""
    sealed = vault.seal(reason.encode(), changed.id.bytes)
    await _SAVE_REASON.execute(transaction, **_changes([changed]), reason=[sealed])


def _changes(changed: Sequence[Commitment]) -> dict[str, list[Any]]:
    return by_column({name: getattr(each, name) for name in ("id", *_CHANGES)} for each in changed)


async def next_due(reader: Reader) -> datetime | None:
    """The next moment at which a promise is broken unless it is kept."""
    return await _NEXT_DUE.one(reader)


async def what_of(reader: Reader, vault: Vault, id_: UUID) -> str:
    """What was promised, unsealed, of a promise that is there."""
    return vault.open(await _WORDS.only(reader, id=id_), id_.bytes).decode()


async def case_of(transaction: Connection, id_: UUID) -> tuple[UUID | None, datetime] | None:
    """The customer of a case, which it keeps until the transaction ends, and when it was recorded; None when there is
    no such case."""
    row = await _CASE.one(transaction, id=id_)
    return (row["customer_id"], row["recorded_at"]) if row else None


async def usable(reader: Reader, code: str) -> bool:
    """Whether something can be promised with this code."""
    return await _USABLE.one(reader, code=code) is not None


async def lock_code(transaction: Connection, code: str) -> CommitmentCode | None:
    """The code as it stands, held."""
    return await _CODE.one(transaction, code=code)


async def keep_code(transaction: Connection, code: CommitmentCode) -> None:
    """Adds a code, or changes what is kept of it."""
    await _KEEP_CODE.execute(transaction, **by_column([asdict(code)]))
