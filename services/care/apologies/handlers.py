"""The apology call: an overdue complaint asks the customer-service manager to phone (domain 6).

Once per complaint and round; due within the hour after which the chain goes a level up (`apology_within`), counted
from when care hears of it, so that an event that comes late leaves the person their time.
"""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from services.care.accounts import store as accounts
from services.care.context import Context
from services.care.obligations.domain import Window
from services.care.staffing import store as staffing
from services.care.touches import events as touch_events
from services.care.touches import store as touches
from services.care.touches.domain import Task, TaskKind
from services.care.touches.handlers import give_anew
from shared.bus import outbox
from shared.bus.event import Event
from shared.contracts.complaints import ComplaintCorrected, ComplaintOverdue
from shared.db import Connection
from shared.ids import new_id

ROLE = "cs_manager"


async def on_complaint_overdue(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to complaint.overdue; the past asks for no calls (decision 5), nobody waits for an internal case."""
    told = [event.read(ComplaintOverdue) for event in events if not event.historical]
    facts = [fact for fact in told if fact.kind != "internal"]
    await accounts.ensure(transaction, (fact.customer_id for fact in facts))
    calls = await _assigned(transaction, [_call(context, fact) for fact in facts])
    now = context.clock.now()
    added = await touches.add(transaction, calls, now)
    await outbox.append(transaction, touch_events.planned(added, now))


async def on_complaint_corrected(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Whom the case is of is called, and not whose it was taken for (decision 21). What is missed or done stays so."""
    facts = [event.read(ComplaintCorrected) for event in events]
    whose = {fact.complaint_id: fact.customer_id for fact in facts if fact.customer_id != fact.from_customer_id}
    if not whose:
        return
    await accounts.ensure(transaction, whose.values())
    await accounts.lock(transaction, {*whose.values(), *(fact.from_customer_id for fact in facts)})
    calls = await touches.open_of_cases(transaction, whose)
    moved = [
        replace(call, customer_id=whose[call.complaint_id])
        for call in calls
        if call.kind is TaskKind.APOLOGY_CALL
        and call.complaint_id is not None
        and call.customer_id != whose[call.complaint_id]
    ]
    changed = [call.next_version() for call in await _assigned(transaction, moved)]
    await touches.move(transaction, changed)
    await outbox.append(transaction, touch_events.planned(changed, context.clock.now()))


async def reassign(context: Context, transaction: Connection, ids: Sequence[UUID]) -> None:
    """Gives open apology calls to who is responsible now; customers' rows are locked by the caller."""
    await give_anew(context, transaction, ids, _assigned)


def _call(context: Context, fact: ComplaintOverdue) -> Task:
    now = context.clock.now()
    return Task(
        id=new_id(),
        customer_id=fact.customer_id,
        kind=TaskKind.APOLOGY_CALL,
        role=ROLE,
        contact="phone",
        assignee_id=None,
        window=Window(now, max(now, fact.at) + context.settings.apology_within),
        anchor_at=now,
        complaint_id=fact.complaint_id,
        round=fact.round,
    )


async def _assigned(transaction: Connection, tasks: Sequence[Task]) -> list[Task]:
    """To the team's customer-service manager or their successor, else to any active one, else to nobody."""
    if not tasks:
        return []
    customers = await accounts.lock(transaction, (task.customer_id for task in tasks))
    named = {account.id: account.team[ROLE] for account in customers if ROLE in account.team}
    people = await staffing.around(transaction, set(named.values()), ())
    anybody = await staffing.first_in_role(transaction, ROLE)
    chosen: dict[UUID | None, UUID | None] = {id_: people.heir(staff_id) for id_, staff_id in named.items()}
    return [replace(task, assignee_id=chosen.get(task.customer_id) or anybody, assigned_by=None) for task in tasks]
