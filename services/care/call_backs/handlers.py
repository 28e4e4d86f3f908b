"""The call-back: some days after a case was closed administration asks the complainant how it went (domain 3.5).

Once per complaint and round, on the day that complaints names. It is done by taking down the satisfaction in it, or by
recording it like any other touch; when the complainant has said it themself, or the case goes on, nobody need call.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.care.accounts import store as accounts
from services.care.call_backs import store
from services.care.call_backs.domain import shared_out
from services.care.context import Context
from services.care.obligations.domain import Window
from services.care.touches import events as touch_events
from services.care.touches import store as touches
from services.care.touches.domain import Task, TaskKind, TaskState
from shared.auth.principal import ADMINISTRATION
from shared.bus import outbox
from shared.bus.event import Event
from shared.contracts.complaints import (
    ComplaintClosed,
    ComplaintCorrected,
    ComplaintReopened,
    ComplaintSatisfactionGiven,
)
from shared.db import Connection
from shared.ids import new_id


async def on_complaint_closed(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to complaint.closed; the past asks for no calls (decision 5)."""
    facts = [event.read(ComplaintClosed) for event in events if not event.historical]
    asked = [_call(fact, fact.call_back_from, fact.call_back_due_at) for fact in facts if fact.call_back_due_at]
    if not asked:
        return
    await accounts.ensure(transaction, (call.customer_id for call in asked))
    await accounts.lock(transaction, (call.customer_id for call in asked))
    now = context.clock.now()
    added = await touches.add(transaction, shared_out(asked, await store.burdens(transaction, ADMINISTRATION)), now)
    await outbox.append(transaction, touch_events.planned(added, now))


async def on_satisfaction_given(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to complaint.satisfaction_given: taken down by a colleague, the call is done; else it is not needed."""
    facts = {fact.complaint_id: fact for fact in (event.read(ComplaintSatisfactionGiven) for event in events)}
    await accounts.lock(transaction, (fact.customer_id for fact in facts.values()))
    open_ = await _open(transaction, facts, lambda call: call.round == facts[call.complaint_id or call.id].round)
    made, spared = [], []
    for call in open_:
        fact = facts[call.complaint_id or call.id]
        if fact.staff_id is not None:
            made.append((call.next_version(state=TaskState.DONE), fact.at, fact.staff_id))
        else:
            spared.append(call)
    await store.made(transaction, made)
    await outbox.append(transaction, [touch_events.called(call, at) for call, at, _ in made])
    await _drop(transaction, spared, context.clock.now(), "satisfaction_given")


async def on_complaint_reopened(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to complaint.reopened: it is called when the case is at its end."""
    cases = {fact.complaint_id: fact for fact in (event.read(ComplaintReopened) for event in events)}
    await accounts.lock(transaction, (fact.customer_id for fact in cases.values()))
    await _drop(transaction, await _open(transaction, cases), context.clock.now(), "reopened")


async def on_complaint_corrected(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Whom the case is of is called, and not whose it was taken for (decision 21)."""
    facts = [event.read(ComplaintCorrected) for event in events]
    whose = {fact.complaint_id: fact.customer_id for fact in facts if fact.customer_id != fact.from_customer_id}
    if not whose:
        return
    await accounts.ensure(transaction, whose.values())
    await accounts.lock(transaction, {*whose.values(), *(fact.from_customer_id for fact in facts)})
    calls = await _open(transaction, whose, lambda call: call.customer_id != whose[call.complaint_id or call.id])
    moved = [call.next_version(customer_id=whose[call.complaint_id or call.id]) for call in calls]
    await touches.move(transaction, moved)
    await outbox.append(transaction, touch_events.planned(moved, context.clock.now()))


async def reassign(context: Context, transaction: Connection, ids: Sequence[UUID]) -> None:
    """Gives open call-backs of who left, and those that nobody has, to administration as it is now."""
    tasks = await touches.lock_open(transaction, ids)
    if not tasks:
        return
    given = shared_out(tasks, await store.burdens(transaction, ADMINISTRATION))
    changed = [new.next_version() for old, new in zip(tasks, given, strict=True) if new.assignee_id != old.assignee_id]
    await touches.change(transaction, changed)
    await outbox.append(transaction, touch_events.planned(changed, context.clock.now()))


def _call(fact: ComplaintClosed, begins: datetime | None, ends: datetime) -> Task:
    return Task(
        id=new_id(),
        customer_id=fact.customer_id,
        kind=TaskKind.CALL_BACK,
        role=ADMINISTRATION,
        contact="phone",
        assignee_id=None,
        window=Window(begins or fact.at, ends),
        anchor_at=fact.at,
        complaint_id=fact.complaint_id,
        round=fact.round,
    )


async def _open(
    transaction: Connection, cases: Collection[UUID], which: Callable[[Task], bool] = lambda _: True
) -> list[Task]:
    """The open call-backs of these cases that are meant, held; their customers are held already."""
    calls = [call for call in await touches.open_of_cases(transaction, cases) if call.kind is TaskKind.CALL_BACK]
    return [call for call in calls if which(call)]


async def _drop(transaction: Connection, calls: Sequence[Task], now: datetime, reason: str) -> None:
    await touches.end(transaction, calls, TaskState.DROPPED, now, reason)
    dropped = [replace(call, state=TaskState.DROPPED, version=call.version + 1) for call in calls]
    await outbox.append(transaction, touch_events.dropped(dropped, now, reason))
