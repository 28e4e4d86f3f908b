"""Clocks in the database. Whoever changes them holds their case."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import Uuid, func, select
from sqlmodel import col

from services.complaints.cases.tables import ComplaintRow
from services.complaints.clocks.domain.clock import CaseClock, Told
from services.complaints.clocks.domain.rounds import Beginning
from services.complaints.clocks.tables import CaseClockRow
from services.complaints.customers.domain import tier_of
from services.complaints.rulebook.domain.levels import MISS_ALONE
from services.complaints.rulebook.store import calendars
from services.complaints.rulebook.store import levels as kept_levels
from services.complaints.rulebook.store.policies import levels_of
from shared.db import Connection
from shared.statement import (
    Reader,
    Scalar,
    Statement,
    any_given,
    by_column,
    given,
    insert_many,
    table,
    update_many,
)

BATCH: Final = 500
"""Clocks that one transaction looks at most."""
_KEY: Final = ("complaint_id", "round", "kind")
_MOVES: Final = (
    "policy_version", "calendar_version", "allowed_seconds", "started_at", "due_at", "stopped_at", "breached_at",
    "noticed_at", "next_alarm_at", "warned", "next_level_seconds", "told",
)  # fmt: skip


class _Row(NamedTuple):
    """A clock as its row tells of it: with no calendar but its version."""

    complaint_id: UUID
    clock: CaseClock
    calendar_version: int | None


class Kept(NamedTuple):
    """A clock of a case; `silent_until` is the case's takeover, if it was one."""

    complaint_id: UUID
    clock: CaseClock
    silent_until: datetime | None


def _row(
    complaint_id: UUID,
    allowed_seconds: int | None,
    calendar_version: int | None,
    next_level_seconds: int | None,
    told: str | None,
    levels: str | None,
    **columns: Any,
) -> _Row:
    clock = CaseClock(
        allowed=_seconds(allowed_seconds),
        next_after=_seconds(next_level_seconds),
        told=tuple(map(_told, orjson.loads(told))) if told is not None else (),
        levels=kept_levels.read(levels, MISS_ALONE),
        **columns,
    )
    return _Row(complaint_id, clock, calendar_version)


def _seconds(kept: int | None) -> timedelta | None:
    return timedelta(seconds=kept) if kept is not None else None


def _told(kept: dict[str, Any]) -> Told:
    return Told(
        at=datetime.fromisoformat(kept["at"]),
        noticed_at=datetime.fromisoformat(kept["noticed_at"]),
        staff_id=UUID(kept["staff_id"]) if "staff_id" in kept else None,
        percent=kept.get("percent"),
        level=kept.get("level"),
    )


def _written(told: Sequence[Told]) -> str | None:
    rows = [{name: value for name, value in each._asdict().items() if value is not None} for each in told]
    return orjson.dumps(rows, default=str).decode() if rows else None


def _beginning(opened_rank: int, recorded_at: datetime, **columns: Any) -> Beginning:
    return Beginning(tier=tier_of(opened_rank), round=1, started_at=recorded_at, **columns)


_READ: Final = (*_KEY, *(name for name in _MOVES if name not in ("due_at", "next_alarm_at")))
_CLOCKS = select(*(table(CaseClockRow).c[name] for name in _READ), levels_of(col(CaseClockRow.policy_version)))
_of_case = col(CaseClockRow.complaint_id) == given("complaint_id")
_OF_CASE = Statement(_CLOCKS.where(_of_case), _row)
_RUNNING = Statement(
    _CLOCKS.where(
        col(CaseClockRow.complaint_id) == any_given("ids", Uuid), col(CaseClockRow.stopped_at).is_(None)
    ).order_by(col(CaseClockRow.complaint_id), col(CaseClockRow.round), col(CaseClockRow.kind)),
    _row,
)
_NEW = Statement(
    """
    SELECT id, kind, subject, opened_rank, recorded_at, taken_over, registered_at, accepted_at FROM complaint c
    WHERE id = ANY(:ids::uuid[]) AND keeps_clocks AND NOT EXISTS (SELECT FROM case_clock k WHERE k.complaint_id = c.id)
    ORDER BY id FOR KEY SHARE OF c
    """,
    _beginning,
)
"""By hand: the cases are held against whoever moves them (who starts their clocks too) and against nothing else."""
_ADD = Statement(insert_many(CaseClockRow, *_KEY, *_MOVES, ordered_by=_KEY).on_conflict_do_nothing())
_SAVE = Statement(update_many(CaseClockRow, *_KEY, *_MOVES, key=_KEY))
_due = col(CaseClockRow.next_alarm_at)
_LOCK_DUE = Scalar(
    select(col(CaseClockRow.complaint_id))
    .join(table(ComplaintRow), col(ComplaintRow.id) == col(CaseClockRow.complaint_id))
    .where(_due <= given("now"))
    .order_by(_due)
    .limit(BATCH)
    .with_for_update(skip_locked=True, of=table(ComplaintRow)),
    UUID,
)
_NEXT_DUE = Scalar(select(func.min(_due)).where(_due.is_not(None)), datetime)


async def of_case(reader: Reader, complaint_id: UUID) -> list[CaseClock]:
    """Every clock of a case, without its pauses."""
    return [clock for _, clock in await _whole(reader, await _OF_CASE.all(reader, complaint_id=complaint_id))]


async def running(reader: Reader, ids: Sequence[UUID]) -> list[tuple[UUID, CaseClock]]:
    """The clocks of these cases that nothing has stopped, without their pauses."""
    return await _whole(reader, await _RUNNING.all(reader, ids=ids))


async def new(transaction: Connection, ids: Sequence[UUID]) -> list[Beginning]:
    """Those of these cases that are to have clocks and have none, held so that nobody else starts them."""
    return await _NEW.all(transaction, ids=ids)


async def lock_due(transaction: Connection, now: datetime) -> list[UUID]:
    """The cases of clocks that have something to say, held; those that another worker holds are left to it."""
    return sorted(set(await _LOCK_DUE.all(transaction, now=now)))


async def next_due(reader: Reader) -> datetime | None:
    """The next moment at which some clock has something to say."""
    return await _NEXT_DUE.one(reader)


async def add(transaction: Connection, clocks: Iterable[Kept]) -> None:
    """Writes clocks that begin."""
    if rows := [_columns(each) for each in clocks]:
        await _ADD.execute(transaction, **by_column(rows))


async def save(transaction: Connection, clocks: Iterable[Kept]) -> None:
    """Writes what moves of clocks of held cases."""
    if rows := [_columns(each) for each in clocks]:
        await _SAVE.execute(transaction, **by_column(rows))


def _columns(kept: Kept) -> dict[str, object]:
    clock = kept.clock
    return {
        "complaint_id": kept.complaint_id,
        "round": clock.round,
        "kind": clock.kind,
        "policy_version": clock.policy_version,
        "calendar_version": clock.calendar.version if clock.calendar is not None else None,
        "allowed_seconds": int(clock.allowed.total_seconds()) if clock.allowed is not None else None,
        "started_at": clock.started_at,
        "due_at": clock.due_at,
        "stopped_at": clock.stopped_at,
        "breached_at": clock.breached_at,
        "noticed_at": clock.noticed_at,
        "next_alarm_at": clock.alarm_at(kept.silent_until),
        "warned": clock.warned,
        "next_level_seconds": int(clock.next_after.total_seconds()) if clock.next_after is not None else None,
        "told": _written(clock.told),
    }


async def _whole(reader: Reader, rows: Sequence[_Row]) -> list[tuple[UUID, CaseClock]]:
    known = await calendars.by_version(reader, (row.calendar_version for row in rows))
    return [(row.complaint_id, row.clock._replace(calendar=known.get(row.calendar_version))) for row in rows]
