"""Reading promises: one's own, one's people's, a customer's."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.complaints.commitments import store
from services.complaints.commitments.domain import Commitment, CommitmentCode, CommitmentNotFound
from services.complaints.commitments.tables import CommitmentCodeRow
from services.complaints.context import Context
from shared import aliases
from shared.auth.visibility import subordinates
from shared.statement import Statement, table

ABOVE_EVERY_ID: Final = UUID(int=2**128 - 1)
MOST: Final = 100
"""Promises that somebody still owes, of which one answer tells."""

_COLUMNS = ", ".join((*store.FIELDS, "words", "reason"))
_SEEN = """
    AND (staff_id IN ({people}) OR recorded_by = :viewer::uuid OR customer_id IN (
        SELECT r.id FROM customer_ref r WHERE r.team && ARRAY({people})))
    """
_LIST = """
    SELECT {columns} FROM commitment
    WHERE id < :before AND (:customers::uuid[] IS NULL OR customer_id = ANY(:customers))
        AND (:complaint_id::uuid IS NULL OR complaint_id = :complaint_id)
        AND (:staff_id::uuid IS NULL OR staff_id = :staff_id)
        AND (:state::text IS NULL OR state = :state)
        AND (:code::text IS NULL OR code = :code)
        AND (:due_before::timestamptz IS NULL OR due_at < :due_before)
        AND (:confirmation::text IS NULL OR {confirmation} = :confirmation){seen}
    ORDER BY id DESC
    """
_CONFIRMATION = "coalesce(confirmation, CASE WHEN outside_rules THEN 'asked' END)"
_EVERY = Statement(_LIST, columns=_COLUMNS, confirmation=_CONFIRMATION, seen="")
_OF_ONES_OWN = Statement(
    _LIST.replace("{seen}", _SEEN), columns=_COLUMNS, confirmation=_CONFIRMATION, people=subordinates()
)
_READ = "SELECT {columns} FROM commitment WHERE id = :id{seen}"
_ONE = Statement(_READ, columns=_COLUMNS, seen="")
_ONE_SEEN = Statement(_READ.replace("{seen}", _SEEN), columns=_COLUMNS, people=subordinates())
_OWED = Statement(
    """
    SELECT {columns} FROM commitment
    WHERE staff_id = :staff_id AND (state = 'open' OR state = 'broken' AND fulfilled_at IS NULL)
    ORDER BY due_at, id
    """,
    columns=_COLUMNS,
)
"""By hand: whom a viewer sees through is a part of SQL that every service shares."""
_AWAITING = Statement(
    """
    SELECT {columns} FROM commitment
    WHERE staff_id = :staff_id AND {confirmation} = 'asked' AND state <> 'withdrawn'
        OR confirmation = 'insisted' AND :staff_id IN (staff_id, supervisor_id)
    ORDER BY coalesce(understanding_due_at, due_at), id
    """,
    columns=_COLUMNS,
    confirmation=_CONFIRMATION,
)
_CODES = Statement(select(*table(CommitmentCodeRow).c).order_by(col(CommitmentCodeRow.code)), CommitmentCode)


@dataclass(frozen=True, slots=True)
class ReadCommitment:
    """A promise as it is read: what was promised, and why it was withdrawn or corrected last."""

    commitment: Commitment
    what: str
    reason: str | None


async def list_commitments(
    context: Context, filters: Mapping[str, Any], before: UUID | None, most: int, *, viewer: UUID | None
) -> list[ReadCommitment]:
    """Promises, the latest first; a viewer sees those of themselves and their people, those they recorded, and those to
    customers whom they see.

    `filters` are customer_id, complaint_id, staff_id, state, code, due_before and confirmation, None for any.
    """
    asked = dict(filters)
    customers = await aliases.asked_for(context.database, asked.pop("customer_id"))
    wanted = {**asked, "customers": customers, "before": before or ABOVE_EVERY_ID}
    if viewer is None:
        rows = await _EVERY.limited(most).all(context.database, **wanted)
    else:
        rows = await _OF_ONES_OWN.limited(most).all(context.database, **wanted, viewer=viewer)
    return [_unsealed(context, **row) for row in rows]


async def read(context: Context, id_: UUID, *, viewer: UUID | None) -> ReadCommitment:
    """Raises CommitmentNotFound, also for what the viewer does not see."""
    if viewer is None:
        row = await _ONE.one(context.database, id=id_)
    else:
        row = await _ONE_SEEN.one(context.database, id=id_, viewer=viewer)
    if row is None:
        raise CommitmentNotFound("no promise has this id")
    return _unsealed(context, **row)


async def owed_by(context: Context, staff_id: UUID) -> list[ReadCommitment]:
    """What somebody promised and has not done, the earliest due first."""
    rows = await _OWED.limited(MOST).all(context.database, staff_id=staff_id)
    return [_unsealed(context, **row) for row in rows]


async def awaiting(context: Context, staff_id: UUID) -> list[ReadCommitment]:
    """Promises of which somebody's word is awaited, what is due first before the others: those outside the rules that
    they are to confirm, and those about which they, or who is below them, are to reach an understanding."""
    rows = await _AWAITING.limited(MOST).all(context.database, staff_id=staff_id)
    return [_unsealed(context, **row) for row in rows]


async def list_codes(context: Context) -> list[CommitmentCode]:
    """What can be promised, those out of use, too."""
    return await _CODES.all(context.database)


def _unsealed(context: Context, *, words: bytes, reason: bytes | None, **fields: Any) -> ReadCommitment:
    commitment = store.commitment(**fields)
    what = context.words.open(words, commitment.id.bytes).decode()
    why = context.words.open(reason, commitment.id.bytes).decode() if reason is not None else None
    return ReadCommitment(commitment, what, why)
