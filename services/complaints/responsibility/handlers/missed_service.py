"""What care tells of missed service, proposed as money (decision 22b, examples 12)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final
from uuid import UUID

from services.complaints.context import Context
from services.complaints.responsibility.domain import missed_service as domain
from services.complaints.responsibility.domain.missed_service import OWED, RULES, Miss
from services.complaints.responsibility.domain.penalties import (
    Payer,
    Penalty,
    PenaltyState,
    Terms,
    changed,
    taken_back,
    with_proposal,
)
from services.complaints.responsibility.domain.shares import Belonging
from services.complaints.responsibility.handlers.keeping import keep
from services.complaints.responsibility.store import penalties as store
from services.complaints.responsibility.store import policies, shares
from shared.bus.event import Event
from shared.contracts.care import TouchMadeGood, TouchMakeGoodMissed, TouchMissed, TouchMissWithdrawn
from shared.contracts.responsibility import PenaltyReason
from shared.db import Connection
from shared.ids import new_id

_STANDS: Final = (PenaltyState.PROPOSED, PenaltyState.DECIDED, PenaltyState.APPEALED)


async def on_touch_missed(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """A missed stay, visit or call is proposed once, against who supervises.

    Of an excused one the reason is kept, and nothing holds that was proposed before the excuse was known; care tells a
    miss anew when it is excused later, or not any longer.
    """
    facts = [each.read(TouchMissed) for each in await _not_past(transaction, events)]
    costly = [fact for fact in facts if fact.kind == OWED and fact.contact in RULES]
    standing = await store.hold_tasks(transaction, {fact.task_id for fact in costly})
    make = await _maker(transaction, context, costly)
    after = {id_: list(of_task) for id_, of_task in standing.items()}
    for fact in costly:
        of_task = after[fact.task_id]
        if fact.excuse is None:
            after[fact.task_id] = with_proposal(of_task, domain.told_anew(of_task, make(_miss(fact))))
        else:
            after[fact.task_id] = [taken_back(each, "excused", context.clock.now()) for each in of_task]
    last = {fact.task_id: fact for fact in facts if fact.kind == OWED}.values()
    await store.no_excuse(transaction, [fact.task_id for fact in last if fact.excuse is None])
    await store.excuse(transaction, [_excused(fact) for fact in last if fact.excuse is not None])
    await _keep(transaction, context, standing, after)


async def _maker(transaction: Connection, context: Context, facts: Sequence[TouchMissed]) -> Callable[[Miss], Penalty]:
    """What makes the penalty of a miss, by the policies, and by who supervises whom."""
    people = await shares.belonging(
        transaction, [id_ for fact in facts for id_ in (fact.assignee_id, fact.supervisor_id)]
    )
    supervising = await store.supervising(transaction, {fact.assignee_id for fact in facts if fact.assignee_id})
    terms = Terms(await policies.every(transaction), context.zone, context.clock.now())

    def make(miss: Miss) -> Penalty:
        own = miss.assignee_id in supervising
        return domain.proposed(new_id(), miss, _payer(miss, people, own=own), terms, own=own)

    return make


async def on_touch_miss_withdrawn(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """A miss that was told by mistake, or is excused, costs nothing: proposals are withdrawn, what was decided is
    reversed."""
    facts = [event.read(TouchMissWithdrawn) for event in events]
    standing = await store.hold_tasks(transaction, {fact.task_id for fact in facts})
    now = context.clock.now()
    after = {id_: list(of_task) for id_, of_task in standing.items()}
    for fact in facts:
        why: PenaltyReason = "miss_withdrawn" if fact.excuse is None else "excused"
        after[fact.task_id] = [taken_back(each, why, now) for each in after[fact.task_id]]
    await _keep(transaction, context, standing, after)


async def on_touch_make_good_missed(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """What was not made good in time costs as much again; nothing where the miss itself was waived or taken back."""
    facts = {fact.task_id: fact for fact in (e.read(TouchMakeGoodMissed) for e in await _not_past(transaction, events))}
    standing = await store.hold_tasks(transaction, facts.keys())
    terms = Terms((), context.zone, context.clock.now())
    after = dict(standing)
    for id_, fact in facts.items():
        miss = next((each for each in standing[id_] if each.rule in RULES.values()), None)
        if miss is not None and miss.state in _STANDS:
            new = domain.not_made_good(new_id(), miss, fact.until, fact.at, terms)
            after[id_] = with_proposal(standing[id_], new)
    await _keep(transaction, context, standing, after)


async def on_touch_made_good(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """What was made good in time and entered late costs nothing more than the miss."""
    standing = await store.hold_tasks(transaction, {event.read(TouchMadeGood).task_id for event in events})
    now = context.clock.now()
    after = {
        id_: [taken_back(each, "made_good", now) if each.rule == "not_made_good" else each for each in of_task]
        for id_, of_task in standing.items()
    }
    await _keep(transaction, context, standing, after)


async def _keep(
    transaction: Connection,
    context: Context,
    before: Mapping[UUID, Sequence[Penalty]],
    after: Mapping[UUID, Sequence[Penalty]],
) -> None:
    different = [each for id_ in sorted(after) for each in changed(before[id_], after[id_])]
    await keep(transaction, context, different)


async def _not_past(transaction: Connection, events: Sequence[Event]) -> list[Event]:
    """Without history, and without what care told before misses were proposed here."""
    since = await store.service_since(transaction)
    return [event for event in events if event.id > since and not event.historical]


def _miss(fact: TouchMissed) -> Miss:
    return Miss(fact.task_id, RULES[fact.contact], fact.assignee_id, fact.supervisor_id, fact.due_at, fact.at)


def _excused(fact: TouchMissed) -> dict[str, object]:
    return {
        "task_id": fact.task_id,
        "excuse": fact.excuse,
        "contact": fact.contact,
        "assignee_id": fact.assignee_id,
        "at": fact.at,
    }


def _payer(miss: Miss, people: Mapping[UUID, Belonging], *, own: bool) -> Payer | None:
    """Who pays for a miss; who supervised then is as care told it, else as the directory says now."""
    payer_id = miss.payer_id(own)
    if payer_id is None and miss.assignee_id is not None and miss.assignee_id in people:
        payer_id = people[miss.assignee_id].supervisor_id
    if payer_id is None:
        return None
    return Payer(payer_id, people[payer_id].department_id if payer_id in people else None)
