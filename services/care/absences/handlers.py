"""Entering absences and closures, and judging by them which misses are excused.

Whoever enters one locks the customers of every task that it concerns before it looks at them, as the timer does that
tells misses: so either the miss is told with its excuse, or it is found here and told anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from services.care.absences import store
from services.care.absences.domain import (
    EXCUSED,
    Absence,
    AbsenceNotFound,
    OwnAbsence,
    Span,
    Subject,
    check_first,
    check_judge,
    check_last,
    excuse_of,
)
from services.care.accounts import queries as account_queries
from services.care.accounts import store as accounts
from services.care.context import Context
from services.care.make_good import handlers as make_good
from services.care.make_good.domain import charged
from services.care.staffing import store as staffing
from services.care.touches import events as touch_events
from services.care.touches import store as touches
from services.care.touches.domain import Task, TaskKind, TaskState
from shared import audit, directory
from shared.auth.principal import Principal
from shared.auth.visibility import viewer
from shared.bus import outbox
from shared.contracts.care import Excuse
from shared.db import Connection
from shared.ids import new_id
from shared.references import CustomerNotFound, UnknownStaff
from shared.versions import check_version

ANYBODYS = ("admin_dept", "general_manager")
"""Who enters everybody's absences; others those of their people."""


async def enter(
    context: Context, subject: Subject, whose: UUID, reason: str, days: tuple[date, date], *, by: Principal
) -> Absence:
    """Enters that a colleague is away, or a store is closed; misses that this excuses are told anew.

    Raises UnknownStaff, OwnAbsence, OwnMiss, UnknownCustomer or Invalid.
    """
    check_first(days[0], _today(context))
    check_last(*days, _today(context))
    await _check_may_enter(context, subject, whose, by)
    added = Absence(new_id(), subject, whose, reason, *days, context.clock.now(), by.id)
    async with context.database.transaction() as transaction:
        await store.add(transaction, added)
        await audit.enter(transaction, by.id, f"{_called(subject)}.entered", added.id)
        await _judge_again(context, transaction, added, added.span(context.zone), by.id)
    return added


async def move(
    context: Context, subject: Subject, id_: UUID, last_day: date, *, by: Principal, expected_version: int | None
) -> Absence:
    """Another last day. Raises AbsenceNotFound, OwnAbsence, OwnMiss, Invalid, PreconditionRequired or Stale."""
    async with context.database.transaction() as transaction:
        standing = await _locked(transaction, subject, id_, by)
        check_version(standing.version, expected_version)
        moved = replace(standing, last_day=last_day, version=standing.version + 1)
        check_last(moved.first_day, last_day, _today(context))
        await store.move(transaction, moved)
        await audit.enter(transaction, by.id, f"{_called(subject)}.moved", id_)
        longer = max(standing, moved, key=lambda each: each.last_day)
        await _judge_again(context, transaction, moved, longer.span(context.zone), by.id)
    return moved


async def withdraw(context: Context, subject: Subject, id_: UUID, *, by: Principal) -> None:
    """The entry was a mistake: what it excused is told anew without it, and is to be made good where that was ordered.

    Raises AbsenceNotFound, OwnAbsence or OwnMiss.
    """
    async with context.database.transaction() as transaction:
        standing = await _locked(transaction, subject, id_, by)
        await store.withdraw(transaction, id_, by=by.id, at=context.clock.now())
        await audit.enter(transaction, by.id, f"{_called(subject)}.withdrawn", id_)
        await _judge_again(context, transaction, standing, standing.span(context.zone), by.id)


async def excuses(transaction: Connection, zone: ZoneInfo, tasks: Sequence[Task]) -> Mapping[UUID, Excuse]:
    """What excuses those of these tasks that are missed now and excused; the customers' rows are locked."""
    owed = [task for task in tasks if task.kind is TaskKind.OBLIGATION]
    if not owed:
        return {}
    whose = {each for task in owed for each in (task.assignee_id, task.customer_id) if each}
    earliest = min(task.window.not_before for task in owed).astimezone(zone).date()
    spans: dict[tuple[Subject, UUID | None], list[Span]] = {}
    for entry in await store.standing(transaction, whose, earliest):
        spans.setdefault((entry.subject, entry.whose), []).append(entry.span(zone))
    found = {
        task.id: excuse_of(
            task, spans.get((Subject.STAFF, task.assignee_id), ()), spans.get((Subject.STORE, task.customer_id), ())
        )
        for task in owed
    }
    return {id_: excuse for id_, excuse in found.items() if excuse}


async def _judge_again(context: Context, transaction: Connection, about: Absence, span: Span, by: UUID) -> None:
    """Tells misses anew that are excused now and were not, or no longer are.

    Raises OwnMiss where whoever entered the days missed one of them, or is charged for it.
    """
    now = context.clock.now()
    concerned = await store.concerned(transaction, about.subject, about.whose, span)
    await accounts.lock(transaction, (customer for _, customer in concerned))
    standing = await touches.lock_all(transaction, [id_ for id_, _ in concerned])
    ended = [task for task in standing if task.state is TaskState.MISSED or task.window.due_at <= now]
    found = await excuses(transaction, context.zone, ended)
    judged = [task.next_version(excuse=found.get(task.id)) for task in ended if task.excuse != found.get(task.id)]
    people = await staffing.around(transaction, {task.assignee_id for task in judged if task.assignee_id}, ())
    check_judge(judged, people, by)
    changed = [replace(task, supervisor_id=charged(task, people)) for task in judged if task.state is TaskState.MISSED]
    if not changed:
        return
    await touches.judge(transaction, changed)
    told = [
        event
        for task in changed
        for event in (
            touch_events.miss_withdrawn(task, now, task.excuse),
            touch_events.missed(task),
        )
    ]
    told += await make_good.drop(transaction, [task.id for task in changed if task.excuse], now, EXCUSED)
    told += await make_good.restore(transaction, [task.id for task in changed if not task.excuse], now, EXCUSED)
    await outbox.append(transaction, told)


async def _locked(transaction: Connection, subject: Subject, id_: UUID, by: Principal) -> Absence:
    """An entry that the caller may change, held."""
    standing = await store.lock(transaction, id_)
    if standing is None or standing.subject is not subject or not await _sees(transaction, standing, by):
        raise AbsenceNotFound("there is no such entry, or it is about nobody of yours")
    if standing.whose == by.id:
        raise OwnAbsence("it is your own; ask your supervisor or administration")
    return standing


async def _sees(transaction: Connection, entry: Absence, by: Principal) -> bool:
    if entry.subject is Subject.STAFF:
        return by.has(*ANYBODYS) or entry.whose in await directory.subordinates(transaction, by.id)
    try:
        await account_queries.check_visible(transaction, entry.whose, viewer=viewer(by))
    except CustomerNotFound:
        return False
    return True


async def _check_may_enter(context: Context, subject: Subject, whose: UUID, by: Principal) -> None:
    if subject is Subject.STORE:
        await account_queries.known_to(context.database, whose, viewer=viewer(by))
        return
    if whose == by.id:
        raise OwnAbsence("it is your own; ask your supervisor or administration")
    database = context.database
    listed = await directory.staff(database, [whose])
    if not listed or not (by.has(*ANYBODYS) or whose in await directory.subordinates(database, by.id)):
        raise UnknownStaff("there is no such colleague among your people; check the id", pointer="#/staff_id")


def _called(subject: Subject) -> str:
    return "absence" if subject is Subject.STAFF else "closure"


def _today(context: Context) -> date:
    return context.clock.now().astimezone(context.zone).date()
