"""Aftercare: when the procedure of ending a contract comes to it, or a term has run out by itself, each errand of the
table becomes somebody's task.

Once per contract and errand; what an ending has begun stays by the table as it was then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from services.care.accounts import store as accounts
from services.care.aftercare import queries, store
from services.care.aftercare.domain import GOES_ON, WITHDRAWN, AftercarePolicy, Errand, window
from services.care.context import Context
from services.care.scheme import handlers as scheme
from services.care.staffing import store as staffing
from services.care.touches import events as touch_events
from services.care.touches import store as touches
from services.care.touches.domain import Task, TaskKind, TaskState
from services.care.touches.handlers import give_anew
from shared import audit
from shared.bus import outbox
from shared.bus.event import Event
from shared.contracts.network import (
    ContractCorrected,
    ContractEnded,
    ContractEndingStepDone,
    ContractSigned,
    ContractWithdrawn,
)
from shared.db import Connection
from shared.ids import new_id
from shared.versions import check_version

Ending: TypeAlias = ContractEndingStepDone | ContractEnded


async def set_policy(
    context: Context, errands: Sequence[Errand], *, expected_version: int | None, by: UUID
) -> AftercarePolicy:
    """Makes the next version. Raises PreconditionRequired, or Stale when another version holds than was read."""
    async with context.database.transaction() as transaction:
        await store.hold(transaction)
        present = await queries.present(transaction)
        check_version(present.version, expected_version)
        following = AftercarePolicy(present.version + 1, errands, context.clock.now(), by)
        await store.add(transaction, following)
        await scheme.announce(transaction)
        await audit.enter(transaction, by, "aftercare_policy.versioned")
        return following


async def on_contract_ending_step_done(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to contract.ending_step_done: with `aftercare` its tasks are made; the past asks for none."""
    steps = [event.read(ContractEndingStepDone) for event in events if not event.historical]
    await _begin(context, transaction, [(fact, fact.at) for fact in steps if fact.step == "aftercare"])


async def on_contract_ended(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to contract.ended: a term that has run out asks for what an ending asks for, from when it was heard of.

    The procedure has an aftercare step of its own; who goes on with the brand by another contract is owed nothing. An
    end is told anew when that has changed, and what was told last counts.
    """
    read = [event.read(ContractEnded) for event in events if not event.historical]
    ends = {fact.contract_id: fact for fact in read if not fact.by_procedure}
    now = context.clock.now()
    renewed = {id_: fact.customer_id for id_, fact in ends.items() if fact.renewed}
    await _drop(context, transaction, renewed, GOES_ON)
    await _begin(context, transaction, [(fact, max(fact.at, now)) for fact in ends.values() if not fact.renewed])


async def on_contract_withdrawn(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to contract.withdrawn: there never was one, so nothing is owed after it."""
    facts = [event.read(ContractWithdrawn) for event in events]
    await _drop(context, transaction, {fact.contract_id: fact.customer_id for fact in facts}, WITHDRAWN)


async def on_contract_corrected(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to contract.corrected: after one that is not over after all nothing is owed yet."""
    facts = [event.read(ContractCorrected) for event in events]
    today = context.clock.now().astimezone(context.zone).date()
    on = {fact.contract_id: fact.customer_id for fact in facts if fact.ends_on is None or fact.ends_on > today}
    await _drop(context, transaction, on, GOES_ON)


async def on_contract_signed(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to contract.signed: of the one that it follows nothing is owed, however late it was signed."""
    facts = [event.read(ContractSigned) for event in events]
    followed = {fact.renews: fact.customer_id for fact in facts if fact.renews is not None}
    await _drop(context, transaction, followed, GOES_ON)


async def _drop(context: Context, transaction: Connection, of: Mapping[UUID, UUID], reason: str) -> None:
    """Drops what is open because of these contracts, each with its customer."""
    if not of:
        return
    await accounts.lock(transaction, of.values())
    tasks, now = await store.open_of(transaction, of.keys()), context.clock.now()
    await touches.end(transaction, tasks, TaskState.DROPPED, now, reason)
    dropped = [task.next_version(state=TaskState.DROPPED) for task in tasks]
    await outbox.append(transaction, touch_events.dropped(dropped, now, reason))


async def reassign(context: Context, transaction: Connection, ids: Sequence[UUID]) -> None:
    """Gives open errands to who is responsible now; customers' rows are locked by the caller."""
    await give_anew(context, transaction, ids, _assigned)


async def _begin(context: Context, transaction: Connection, ends: Sequence[tuple[Ending, datetime]]) -> None:
    """Makes the tasks of these ends, each with when its aftercare began; of who was erased nothing is asked."""
    if not ends:
        return
    whose = {fact.customer_id for fact, _ in ends}
    gone = await accounts.erased(transaction, whose)
    await accounts.ensure(transaction, whose)
    policy, now = await queries.present(transaction), context.clock.now()
    tasks = [
        _task(context, fact, began_at, errand)
        for fact, began_at in ends
        if fact.customer_id not in gone
        for errand in policy.errands
    ]
    added = await touches.add(transaction, await _assigned(transaction, tasks), now)
    await outbox.append(transaction, touch_events.planned(added, now))


def _task(context: Context, fact: Ending, began_at: datetime, errand: Errand) -> Task:
    return Task(
        id=new_id(),
        customer_id=fact.customer_id,
        kind=TaskKind.AFTERCARE,
        role=errand.role,
        contact=errand.contact,
        assignee_id=None,
        window=window(errand, fact.ends_on, began_at, context.zone),
        anchor_at=fact.at,
        contract_id=fact.contract_id,
        errand=errand.code,
    )


async def _assigned(transaction: Connection, tasks: Sequence[Task]) -> list[Task]:
    """To the team's person in the role or their successor, else to whom that role's people answer (decision 25)."""
    if not tasks:
        return []
    teams = {each.id: each.team for each in await accounts.lock(transaction, (task.customer_id for task in tasks))}
    named = {person for team in teams.values() for person in team.values()}
    people = await staffing.around(transaction, named, {task.role for task in tasks})
    return [
        replace(
            task,
            assignee_id=people.responsible(teams.get(task.customer_id or task.id, {}), task.role),
            assigned_by=None,
        )
        for task in tasks
    ]
