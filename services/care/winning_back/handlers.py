"""Winning back as tasks: made when a case is opened, dropped when it has its outcome or its loss never was."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from services.care.accounts import store as accounts
from services.care.context import Context
from services.care.staffing import store as staffing
from services.care.touches import events as touch_events
from services.care.touches import store as touches
from services.care.touches.domain import Task, TaskState
from services.care.touches.handlers import give_anew
from services.care.winning_back import store
from services.care.winning_back.domain import ENDED, NEVER_LOST, asked_for, owed_again
from shared.bus import outbox
from shared.bus.event import Event
from shared.contracts.losses import ChurnConfirmed, ChurnWithdrawn
from shared.contracts.winbacks import WinbackEnded, WinbackOpened
from shared.db import Connection
from shared.ids import new_id


async def on_winback_opened(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to winback.opened, once per case and contact; the past asks for nothing (decision 5)."""
    facts = [event.read(WinbackOpened) for event in events if not event.historical]
    if not facts:
        return
    await accounts.ensure(transaction, (fact.customer_id for fact in facts))
    now = context.clock.now()
    tasks = [task for fact in facts for task in asked_for(fact, now, new_id)]
    added = await touches.add(transaction, await _assigned(transaction, tasks), now)
    await outbox.append(transaction, touch_events.planned(added, now))


async def on_winback_ended(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to winback.ended: what is open of the case is owed no longer, nor again should the loss count again."""
    facts = [event.read(WinbackEnded) for event in events]
    await accounts.lock(transaction, (fact.customer_id for fact in facts))
    await _drop(context, transaction, await store.owed_of(transaction, [fact.winback_id for fact in facts]), ENDED)


async def on_churn_withdrawn(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to churn.withdrawn: nobody is asked back who never was away. What was opened because of another loss, or
    of who was warned of, goes on."""
    facts = [event.read(ChurnWithdrawn) for event in events]
    await accounts.lock(transaction, (fact.customer_id for fact in facts))
    await _drop(context, transaction, await store.open_of(transaction, [fact.loss_id for fact in facts]), NEVER_LOST)


async def on_churn_confirmed(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to churn.confirmed: what was dropped since the loss never was is owed again, whatever month it is about;
    not of who has come back since, or whose case has its outcome."""
    facts = [event.read(ChurnConfirmed) for event in events]
    away = {fact.loss_id: fact.customer_id for fact in facts if fact.returned_on is None}
    await accounts.lock(transaction, away.values())
    dropped = await store.dropped_of(transaction, away)
    if not dropped:
        return
    now = context.clock.now()
    again = await _assigned(transaction, [owed_again(task, now) for task in dropped])
    await touches.open_again(transaction, dropped)
    await touches.change(transaction, again)
    await outbox.append(transaction, touch_events.planned(again, now))


async def _drop(context: Context, transaction: Connection, tasks: Sequence[Task], why: str) -> None:
    now = context.clock.now()
    await touches.end(transaction, tasks, TaskState.DROPPED, now, why)
    dropped = [task.next_version(state=TaskState.DROPPED) for task in tasks]
    await outbox.append(transaction, touch_events.dropped(dropped, now, why))


async def reassign(context: Context, transaction: Connection, ids: Sequence[UUID]) -> None:
    """Gives open ones to who is responsible now; customers' rows are locked by the caller."""
    await give_anew(context, transaction, ids, _assigned)


async def _assigned(transaction: Connection, tasks: Sequence[Task]) -> list[Task]:
    """To who cares for the case or their successor, else to the team's person in the role, else to whom that role's
    people answer (decision 25)."""
    if not tasks:
        return []
    teams = {each.id: each.team for each in await accounts.lock(transaction, (task.customer_id for task in tasks))}
    named = {person for team in teams.values() for person in team.values()}
    carers = {task.assignee_id for task in tasks if task.assignee_id is not None}
    people = await staffing.around(transaction, named | carers, {task.role for task in tasks})
    assigned = []
    for task in tasks:
        carer = people.heir(task.assignee_id) if task.assignee_id is not None else None
        team = teams.get(task.customer_id or task.id, {})
        assigned.append(replace(task, assignee_id=carer or people.responsible(team, task.role), assigned_by=None))
    return assigned
