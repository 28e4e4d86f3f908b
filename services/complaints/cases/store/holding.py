"""Cases that are held until the transaction ends."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from services.complaints.cases.domain import Case, CaseState, ComplaintNotFound
from services.complaints.customers.domain import tier_of
from services.complaints.response_clocks.domain.clock import Pause, ResponseClock
from services.complaints.rulebook.domain.calendar import Calendar
from services.complaints.rulebook.store import calendars
from shared.db import Connection

CASE_COLUMNS = """
id, number, customer_id, kind, subject, state, tier_rank, responsible_id, taken_over, registered_at, moved_at, round,
policy_version, calendar_version, started_at, answer_seconds, next_alarm_at, warned, escalation_level, breached_at,
stopped_at, answered_at, resolved_at, closed_at, version
"""
_LOCK = f"SELECT {CASE_COLUMNS} FROM complaint WHERE id = $1 FOR UPDATE"  # noqa: S608  constant column list
_PAUSES = """
SELECT p.complaint_id, p.started_at, p.until, p.ended_at
FROM clock_pause p JOIN complaint c ON c.id = p.complaint_id AND c.round = p.round
WHERE p.complaint_id = ANY($1::uuid[]) ORDER BY p.complaint_id, p.started_at
"""


async def lock(transaction: Connection, id_: UUID) -> Case:
    """The case, held until the transaction ends. Raises ComplaintNotFound."""
    row = await transaction.fetchrow(_LOCK, id_)
    if row is None:
        raise ComplaintNotFound("no complaint has this id")
    return (await with_pauses(transaction, [row]))[0]


async def with_pauses(transaction: Connection, rows: Sequence[Any]) -> list[Case]:
    """The cases of locked rows; their pauses are read after the lock, so they are the present ones."""
    pauses: dict[UUID, list[Pause]] = {}
    for row in await transaction.fetch(_PAUSES, [row["id"] for row in rows]):
        pauses.setdefault(row["complaint_id"], []).append(Pause(row["started_at"], row["until"], row["ended_at"]))
    known = await calendars_of(transaction, rows)
    return [_case(row, tuple(pauses.get(row["id"], ())), known.get(row["calendar_version"])) for row in rows]


async def calendars_of(reader: Connection, rows: Iterable[Any]) -> dict[int, Calendar]:
    """The calendars by which the clocks of these cases run; none are read for those that run day and night."""
    versions = {row["calendar_version"] for row in rows} - {None}
    return await calendars.by_version(reader, versions) if versions else {}


def _case(row: Any, pauses: tuple[Pause, ...], calendar: Calendar | None) -> Case:
    return Case(
        id=row["id"],
        number=row["number"],
        customer_id=row["customer_id"],
        kind=row["kind"],
        subject=row["subject"],
        state=CaseState(row["state"]),
        tier=tier_of(row["tier_rank"]),
        responsible_id=row["responsible_id"],
        taken_over=row["taken_over"],
        registered_at=row["registered_at"],
        moved_at=row["moved_at"],
        round=row["round"],
        policy_version=row["policy_version"],
        clock=_clock(row, pauses, calendar),
        answered_at=row["answered_at"],
        resolved_at=row["resolved_at"],
        closed_at=row["closed_at"],
        version=row["version"],
    )


def _clock(row: Any, pauses: tuple[Pause, ...], calendar: Calendar | None) -> ResponseClock:
    return ResponseClock(
        started_at=row["started_at"],
        answer_within=timedelta(seconds=row["answer_seconds"]),
        pauses=pauses,
        warned=row["warned"],
        breached_at=row["breached_at"],
        escalation_level=row["escalation_level"],
        escalates_at=row["next_alarm_at"] if row["breached_at"] is not None else None,
        stopped_at=row["stopped_at"],
        silent_until=row["registered_at"] if row["taken_over"] else None,
        calendar=calendar,
    )
