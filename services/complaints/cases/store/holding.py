"""Cases that are held until the transaction ends: one by its id, or those whose clock has something to do."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Uuid, and_, func, select
from sqlmodel import col

from services.complaints.cases.domain import Case, CaseState, ComplaintNotFound
from services.complaints.cases.tables import ComplaintRow, PauseRow
from services.complaints.customers.domain import tier_of
from services.complaints.response_clocks.domain.clock import Pause, ResponseClock
from services.complaints.rulebook.domain.calendar import Calendar
from services.complaints.rulebook.store import calendars, levels
from services.complaints.rulebook.store.policies import levels_of
from shared.db import Connection
from shared.statement import Reader, Scalar, Statement, any_given, given, table

BATCH: Final = 500
"""Cases that one transaction advances at most."""

_complaint = table(ComplaintRow).c
_AS_IT_IS = [name for name in Case._fields if name in _complaint]
"""What of a case stands in its row by the same name."""
_OF_THE_CLOCK = (
    "tier_rank", "calendar_version", "started_at", "answer_seconds", "next_alarm_at", "warned", "escalation_level",
    "breached_at", "stopped_at",
)  # fmt: skip


class _Row(NamedTuple):
    """A case as its own row tells of it: without pauses, and with no calendar but its version."""

    case: Case
    calendar_version: int | None


def _row(state: str, tier_rank: int, calendar_version: int | None, **row: Any) -> _Row:
    clock = _clock_from(row)
    case = Case(**row, state=CaseState(state), tier=tier_of(tier_rank), clock=clock)
    return _Row(case, calendar_version)


def _clock_from(row: dict[str, Any]) -> ResponseClock:
    """Takes the clock's columns out of the row."""
    breached_at, next_alarm_at = row.pop("breached_at"), row.pop("next_alarm_at")
    return ResponseClock(
        started_at=row.pop("started_at"),
        answer_within=timedelta(seconds=row.pop("answer_seconds")),
        warned=row.pop("warned"),
        breached_at=breached_at,
        escalation_level=row.pop("escalation_level"),
        escalates_at=next_alarm_at if breached_at is not None else None,
        stopped_at=row.pop("stopped_at"),
        levels=levels.read(row.pop("levels")),
        silent_until=row["registered_at"] if row["taken_over"] else None,
    )


def _pause(complaint_id: UUID, **interval: Any) -> tuple[UUID, Pause]:
    return complaint_id, Pause(**interval)


_CASES = select(
    *(_complaint[name] for name in (*_AS_IT_IS, *_OF_THE_CLOCK)), levels_of(col(ComplaintRow.policy_version))
)
_due = col(ComplaintRow.next_alarm_at)
_LOCK = Statement(_CASES.where(col(ComplaintRow.id) == given("id")).with_for_update(), _row)
_FIND = Statement(_CASES.where(col(ComplaintRow.id) == given("id")), _row)
_HELD = Statement(_CASES.where(col(ComplaintRow.id) == any_given("ids", Uuid)), _row)
_EACH = _CASES.where(col(ComplaintRow.id) == any_given("ids", Uuid)).order_by(col(ComplaintRow.id))
_LOCK_EACH = Statement(_EACH.with_for_update(), _row)
_LOCK_FREE = Statement(_EACH.with_for_update(skip_locked=True), _row)
_LOCK_DUE = Statement(
    _CASES.where(_due <= given("now")).order_by(_due).limit(BATCH).with_for_update(skip_locked=True), _row
)
_NEXT_DUE = Scalar(select(func.min(_due)).where(_due.is_not(None)), datetime)
_PAUSES = Statement(
    select(*(table(PauseRow).c[name] for name in ("complaint_id", "started_at", "until", "ended_at")))
    .join(
        table(ComplaintRow),
        and_(col(ComplaintRow.id) == col(PauseRow.complaint_id), col(ComplaintRow.round) == col(PauseRow.round)),
    )
    .where(col(PauseRow.complaint_id) == any_given("ids", Uuid))
    .order_by(col(PauseRow.complaint_id), col(PauseRow.started_at)),
    _pause,
)


async def lock(transaction: Connection, id_: UUID) -> Case:
    """The case, held until the transaction ends. Raises ComplaintNotFound."""
    row = await _LOCK.one(transaction, id=id_)
    if row is None:
        raise ComplaintNotFound("no complaint has this id")
    return (await _whole(transaction, [row]))[0]


async def lock_due(transaction: Connection, now: datetime) -> list[Case]:
    """The cases whose clock has something to do, oldest first, held; those that another worker holds are left to it."""
    rows = await _LOCK_DUE.all(transaction, now=now)
    return await _whole(transaction, rows) if rows else []


async def lock_each(transaction: Connection, ids: Sequence[UUID]) -> list[Case]:
    """The cases with these ids, held until the transaction ends; always in one order, so nobody waits in a circle."""
    rows = await _LOCK_EACH.all(transaction, ids=ids)
    return await _whole(transaction, rows) if rows else []


async def lock_free(transaction: Connection, ids: Sequence[UUID]) -> list[Case]:
    """The same without those that somebody else holds: who can do them a little later waits for nobody."""
    rows = await _LOCK_FREE.all(transaction, ids=ids)
    return await _whole(transaction, rows) if rows else []


async def held(transaction: Connection, ids: Sequence[UUID]) -> list[Case]:
    """The cases with these ids, which this transaction holds already."""
    rows = await _HELD.all(transaction, ids=ids)
    return await _whole(transaction, rows) if rows else []


async def find(reader: Connection, id_: UUID) -> Case | None:
    """The case as it stands, for reading."""
    row = await _FIND.one(reader, id=id_)
    return None if row is None else (await _whole(reader, [row]))[0]


async def next_due(reader: Reader) -> datetime | None:
    """The next moment at which some clock has something to do."""
    return await _NEXT_DUE.one(reader)


async def _whole(transaction: Connection, rows: Sequence[_Row]) -> list[Case]:
    """The cases of locked rows; their pauses are read after the lock, so they are the present ones."""
    pauses: dict[UUID, list[Pause]] = {}
    for id_, pause in await _PAUSES.all(transaction, ids=[row.case.id for row in rows]):
        pauses.setdefault(id_, []).append(pause)
    known = await calendars.by_version(transaction, (row.calendar_version for row in rows))
    return [_completed(row.case, pauses.get(row.case.id, ()), known.get(row.calendar_version)) for row in rows]


def _completed(case: Case, pauses: Sequence[Pause], calendar: Calendar | None) -> Case:
    if not pauses and calendar is None:
        return case
    return case._replace(clock=case.clock._replace(pauses=tuple(pauses), calendar=calendar))
