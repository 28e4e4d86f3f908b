"""Compensations in the database, and what their limits are judged by."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlmodel import col

from services.complaints.cases.domain import Case
from services.complaints.compensations.domain import Compensation, CompensationState
from services.complaints.compensations.tables import CompensationRow
from shared import aliases
from shared.db import Connection
from shared.statement import Reader, Scalar, Statement, given, insert_one, table, update_many


def compensation(state: str, **fields: Any) -> Compensation:
    return Compensation(state=CompensationState(state), **fields)


KEPT = [field.name for field in fields(Compensation)]
ALL = select(*(table(CompensationRow).c[name] for name in KEPT))
_CHANGING = ("state", "granted_by", "granted_at", "month", "decided_by", "decided_at")
_ADD = Statement(insert_one(CompensationRow, *KEPT))
_LOCK = Statement(
    ALL.where(
        col(CompensationRow.id) == given("id"), col(CompensationRow.complaint_id) == given("complaint_id")
    ).with_for_update(),
    compensation,
)
_AWAITING = Scalar(
    select(col(CompensationRow.id))
    .where(
        col(CompensationRow.complaint_id) == given("complaint_id"),
        col(CompensationRow.state) == CompensationState.AWAITS_APPROVAL.value,
    )
    .order_by(col(CompensationRow.id)),
    UUID,
)
_SAVE = Statement(update_many(CompensationRow, "id", *_CHANGING))
_ASK = Statement(
    update(table(CompensationRow))
    .values(
        by_role=given("new_by_role", table(CompensationRow).c.by_role.type),
        by_ids=given("new_by_ids", table(CompensationRow).c.by_ids.type),
    )
    .where(col(CompensationRow.id) == given("id"))
)
_HOLD = Statement("SELECT pg_advisory_xact_lock(hashtextextended('compensation:' || :whose || ':' || :granted_by, 0))")
"""By hand: what is held is a sum, which has no row."""
_SPENT = Statement(
    """
    SELECT k.granted_by, sum(k.cost) AS spent
    FROM compensation k JOIN complaint c ON c.id = k.complaint_id
    WHERE k.state = 'granted' AND k.granted_by = ANY(:people::uuid[]) AND k.month = :month
        AND (c.customer_id = ANY(:customers::uuid[]) OR c.id = :complaint_id)
    GROUP BY k.granted_by
    """
)
"""By hand: a case of nobody's customer is its own customer (decision 19); one that is moved takes its sums along."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a colleague is in the house."""

    id: UUID
    role: str
    supervises: bool
    manages: bool


_PLACES = Statement(
    """
    SELECT s.id, s.role,
        EXISTS (SELECT 1 FROM directory_staff u WHERE u.supervisor_id = s.id AND u.active) AS supervises,
        EXISTS (SELECT 1 FROM directory_department d WHERE d.manager_id = s.id) AS manages
    FROM directory_staff s WHERE s.id = :id AND s.active
    """,
    Place,
)
_MANAGER_OF = Scalar(
    """
    SELECT d.manager_id FROM directory_staff s JOIN directory_department d ON d.id = s.department_id WHERE s.id = :id
    """,
    UUID,
)


async def add(transaction: Connection, compensation: Compensation) -> None:
    await _ADD.execute(transaction, **asdict(compensation))


async def lock(transaction: Connection, complaint_id: UUID, id_: UUID) -> Compensation | None:
    """The compensation of a case, held until the transaction ends; None when the case has none like that."""
    return await _LOCK.one(transaction, id=id_, complaint_id=complaint_id)


async def awaiting(reader: Reader, complaint_id: UUID) -> list[UUID]:
    """What of a case awaits somebody's word."""
    return await _AWAITING.all(reader, complaint_id=complaint_id)


async def save(transaction: Connection, compensation: Compensation) -> None:
    """Writes what became of it."""
    await _SAVE.execute(
        transaction, id=[compensation.id], **{name: [getattr(compensation, name)] for name in _CHANGING}
    )


async def ask(transaction: Connection, compensation: Compensation) -> None:
    """Writes whose word is asked for."""
    await _ASK.execute(
        transaction, id=compensation.id, new_by_role=compensation.by_role, new_by_ids=compensation.by_ids
    )


async def hold(transaction: Connection, case: Case, granted_by: UUID) -> None:
    """Lets nobody else grant on this person's limit for this customer until the transaction ends.

    Taken after the case and the last lock of its transaction, so that two grants never wait for each other.
    """
    ids = await _ids_of(transaction, case)
    await _HOLD.execute(transaction, whose=str(ids[0] if ids else case.id), granted_by=str(granted_by))


async def spent(transaction: Connection, case: Case, people: Sequence[UUID], month: int) -> dict[UUID, Decimal]:
    """What each of these people has granted to the case's customer in the month, where it is anything."""
    ids = await _ids_of(transaction, case)
    rows = await _SPENT.all(transaction, people=people, month=month, customers=ids, complaint_id=case.id)
    return {row["granted_by"]: row["spent"] for row in rows}


async def _ids_of(transaction: Connection, case: Case) -> list[UUID]:
    """Of the case's customer, who is kept the first; none of nobody's."""
    return await aliases.asked_for(transaction, case.customer_id) or []


async def place_of(reader: Reader, id_: UUID) -> Place | None:
    """What a colleague is in the house; None for who is not at work in it."""
    return await _PLACES.one(reader, id=id_)


async def manager_of(reader: Reader, id_: UUID) -> UUID | None:
    """Who manages a colleague's department."""
    return await _MANAGER_OF.one(reader, id=id_)
