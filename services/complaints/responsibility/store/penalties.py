"""Penalties in the database, and what they need to know of their cases."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, func, or_, select
from sqlmodel import col

from services.complaints.cases.tables import ComplaintRow
from services.complaints.responsibility.domain.penalties import Basis, Penalty, PenaltyState
from services.complaints.responsibility.tables import ExcusedMissRow, PenaltyRow, ProposingRow
from shared.db import Connection
from shared.statement import Reader, Scalar, Statement, any_given, by_column, given, table, upsert_many

FIELDS = tuple(field.name for field in fields(Penalty))
_values = attrgetter(*FIELDS)


def penalty_of(state: str, **row: Any) -> Penalty:
    return Penalty(state=PenaltyState(state), **row)


_BASES = Statement(
    select(*(table(ComplaintRow).c[field.name] for field in fields(Basis)))
    .where(col(ComplaintRow.id) == any_given("ids", Uuid))
    .order_by(col(ComplaintRow.id))
    .with_for_update(key_share=True),
    Basis,
)
_TOLD_FIRST = Statement(
    """
    SELECT DISTINCT ON (complaint_id, round) complaint_id, round, staff_id FROM breach
    WHERE complaint_id = ANY(:ids::uuid[]) AND staff_id IS NOT NULL ORDER BY complaint_id, round, level
    """
)
"""By hand, for DISTINCT ON: the lowest level of each round's breach that reached somebody."""
_TOLD_BY_RIGHT = Statement(
    """
    SELECT DISTINCT ON (b.complaint_id, b.round) b.complaint_id, b.round,
        CASE WHEN b.accountable_id IS DISTINCT FROM c.accountable_id AND EXISTS (
                SELECT FROM notice n WHERE n.complaint_id = b.complaint_id AND n.issued_at <= coalesce(b.at, b.due_at))
            THEN coalesce(
                (SELECT (e.changes -> 'responsible_id' ->> 'from')::uuid FROM case_entry e
                 WHERE e.complaint_id = b.complaint_id AND e.at >= coalesce(b.at, b.due_at)
                     AND e.changes -> 'responsible_id' ->> 'from' IS NOT NULL
                 ORDER BY e.at, e.id LIMIT 1),
                c.responsible_id)
            ELSE b.staff_id END AS staff_id
    FROM breach b JOIN complaint c ON c.id = b.complaint_id
    WHERE b.complaint_id = ANY(:ids::uuid[]) AND b.staff_id IS NOT NULL ORDER BY b.complaint_id, b.round, b.level
    """
)
_OF_CASES = Statement(
    select(*(table(PenaltyRow).c[name] for name in FIELDS)).where(
        col(PenaltyRow.complaint_id) == any_given("ids", Uuid)
    ),
    penalty_of,
)
_PENALTIES = select(*(table(PenaltyRow).c[name] for name in FIELDS))
_BASES_OF = Statement(
    select(col(PenaltyRow.complaint_id), col(PenaltyRow.task_id)).where(col(PenaltyRow.id) == any_given("ids", Uuid))
)
_HOLD = Statement(
    _PENALTIES.where(
        or_(
            col(PenaltyRow.id) == any_given("ids", Uuid),
            col(PenaltyRow.complaint_id) == any_given("cases", Uuid),
            col(PenaltyRow.task_id) == any_given("tasks", Uuid),
        )
    )
    .order_by(col(PenaltyRow.id))
    .with_for_update(key_share=True),
    penalty_of,
)
_HOLD_DUE = Statement(
    _PENALTIES.where(
        col(PenaltyRow.state) == PenaltyState.DECIDED.value,
        col(PenaltyRow.booked_at).is_(None),
        col(PenaltyRow.appeal_until) <= given("now"),
    )
    .order_by(col(PenaltyRow.appeal_until), col(PenaltyRow.id))
    .with_for_update(key_share=True, skip_locked=True),
    penalty_of,
)
_NEXT_DUE = Scalar(
    select(func.min(col(PenaltyRow.appeal_until))).where(
        col(PenaltyRow.state) == PenaltyState.DECIDED.value,
        col(PenaltyRow.booked_at).is_(None),
        col(PenaltyRow.appeal_until).is_not(None),
    ),
    datetime,
)
_HOLD_TASKS = Statement(
    _PENALTIES.where(col(PenaltyRow.task_id) == any_given("ids", Uuid))
    .order_by(col(PenaltyRow.id))
    .with_for_update(key_share=True),
    penalty_of,
)
_EXCUSE = Statement(upsert_many(ExcusedMissRow, "task_id", "excuse", "contact", "assignee_id", "at", key=("task_id",)))
_NO_EXCUSE = Statement("DELETE FROM excused_miss WHERE task_id = ANY(:ids::uuid[])")
_SUPERVISING = Scalar(
    "SELECT DISTINCT supervisor_id FROM directory_staff WHERE supervisor_id = ANY(:ids::uuid[]) AND active", UUID
)
_KEEP = Statement(upsert_many(PenaltyRow, *FIELDS))
_SINCE = Scalar(select(col(ProposingRow.since)), UUID)
_SERVICE_SINCE = Scalar(select(col(ProposingRow.service_since)), UUID)


async def hold_bases(transaction: Connection, ids: Collection[UUID]) -> dict[UUID, Basis]:
    """The cases among `ids` that are there, held in the order of their ids."""
    return {basis.id: basis for basis in await _BASES.all(transaction, ids=sorted(ids))}


async def told_first(reader: Reader, ids: Collection[UUID]) -> dict[tuple[UUID, int], UUID]:
    """By case and round: who was told first that its answer is late."""
    rows = await _TOLD_FIRST.all(reader, ids=list(ids))
    return {(row["complaint_id"], row["round"]): row["staff_id"] for row in rows}


async def told_by_right(reader: Reader, ids: Collection[UUID]) -> dict[tuple[UUID, int], UUID | None]:
    """By case and round: whom a miss was rightly told first. What was told, because of a notice, in the line of whom
    the case is not against concerned who handled it then (decision 17)."""
    rows = await _TOLD_BY_RIGHT.all(reader, ids=list(ids))
    return {(row["complaint_id"], row["round"]): row["staff_id"] for row in rows}


async def of_cases(reader: Reader, ids: Collection[UUID]) -> dict[UUID, list[Penalty]]:
    """Every penalty of these cases, by case; to be read only, for what is not held may be booked meanwhile."""
    return _by_case(ids, await _OF_CASES.all(reader, ids=list(ids)))


async def hold_cases(transaction: Connection, ids: Collection[UUID]) -> dict[UUID, list[Penalty]]:
    """Every penalty of these cases, which are held, by case and held too."""
    return _by_case(ids, await hold(transaction, [], ids))


def _by_case(ids: Collection[UUID], penalties: Iterable[Penalty]) -> dict[UUID, list[Penalty]]:
    found: dict[UUID, list[Penalty]] = {id_: [] for id_ in ids}
    for penalty in penalties:
        if penalty.complaint_id is not None:
            found[penalty.complaint_id].append(penalty)
    return found


async def bases_of(reader: Reader, ids: Collection[UUID]) -> tuple[list[UUID], list[UUID]]:
    """The cases and the tasks on which these penalties rest, each once."""
    rows = await _BASES_OF.all(reader, ids=list(ids))
    cases, tasks = ({row[name] for row in rows} - {None} for name in ("complaint_id", "task_id"))
    return list(cases), list(tasks)


async def hold(
    transaction: Connection, ids: Collection[UUID], cases: Collection[UUID], tasks: Collection[UUID] = ()
) -> list[Penalty]:
    """These penalties and all of these cases, which are held, and of these tasks: in the order of ids, held too."""
    return await _HOLD.all(transaction, ids=list(ids), cases=list(cases), tasks=list(tasks))


async def hold_due(transaction: Connection, now: datetime, most: int) -> list[Penalty]:
    """Penalties that are to be booked by now, the longest due first, held; those that somebody holds are left out."""
    return await _HOLD_DUE.limited(most).all(transaction, now=now)


async def next_due(reader: Reader) -> datetime | None:
    """When the next penalty is to be booked."""
    return await _NEXT_DUE.one(reader)


async def hold_tasks(transaction: Connection, ids: Collection[UUID]) -> dict[UUID, list[Penalty]]:
    """The penalties that rest on each of these tasks, held."""
    found: dict[UUID, list[Penalty]] = {id_: [] for id_ in ids}
    for penalty in await _HOLD_TASKS.all(transaction, ids=list(ids)):
        if penalty.task_id is not None:
            found[penalty.task_id].append(penalty)
    return found


async def excuse(transaction: Connection, misses: Sequence[Mapping[str, object]]) -> None:
    """Keeps why nothing is proposed for missed tasks."""
    if misses:
        await _EXCUSE.execute(transaction, **by_column(misses))


async def no_excuse(transaction: Connection, ids: Sequence[UUID]) -> None:
    """Forgets why nothing was proposed for these tasks: nothing excuses them any longer."""
    if ids:
        await _NO_EXCUSE.execute(transaction, ids=ids)


async def supervising(reader: Reader, ids: Collection[UUID]) -> set[UUID]:
    """Those among these people who supervise somebody."""
    return set(await _SUPERVISING.all(reader, ids=list(ids)))


async def keep(transaction: Connection, penalties: Sequence[Penalty]) -> None:
    """Writes penalties of held cases as they are now; at least one."""
    columns = zip(*map(_values, penalties), strict=True)
    await _KEEP.execute(transaction, **dict(zip(FIELDS, map(list, columns), strict=True)))


async def since(reader: Reader) -> UUID:
    """The event of our own log after which rules propose; what is older is the past."""
    found = await _SINCE.one(reader)
    return found or UUID(int=2**128 - 1)


async def service_since(reader: Reader) -> UUID:
    """The event of care after which misses are proposed; what is older is the past."""
    found = await _SERVICE_SINCE.one(reader)
    return found or UUID(int=2**128 - 1)
