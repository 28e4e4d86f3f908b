"""Giving cases out (decision 22e): when they are recorded, when somebody is silent, when somebody becomes free."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import NamedTuple, TypeAlias
from uuid import UUID

from services.complaints.assignment.domain.choosing import Hands, Offer, Wanted
from services.complaints.assignment.domain.policies import AssignmentPolicy
from services.complaints.assignment.store import offers, policies
from services.complaints.cases.domain import Case, CaseState, Unsigned
from services.complaints.cases.events import assigned
from services.complaints.cases.store.holding import lock_each, lock_free
from services.complaints.context import Context
from services.complaints.history import handlers as history
from services.complaints.history.domain import changed
from services.complaints.history.handlers import Movement
from services.complaints.watch.handlers.catching_up import catch_up_each
from shared.bus.event import Event
from shared.contracts.complaints import ComplaintOpened
from shared.db import Connection

Holding: TypeAlias = Callable[[Connection, Sequence[UUID]], Awaitable[list[Case]]]


class _Placed(NamedTuple):
    """A case after it was given out, with its offer; None when it needs nobody any more."""

    case: Case
    offer: Offer | None


async def on_complaint_opened(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Offers what was recorded; history, and what whoever recorded it has accepted, needs nobody; administration
    accepts internal cases (domain 3.6)."""
    facts = [event.read(ComplaintOpened) for event in events if not event.historical]
    recorded = [fact.complaint_id for fact in facts if fact.kind != "internal"]
    if recorded:
        await offers.alone(transaction)
        known = await offers.of_cases(transaction, recorded)
        await _give_out(context, transaction, [id_ for id_ in recorded if id_ not in known], lock_each)


async def offer_due(context: Context) -> int:
    """Due work: what somebody was silent about goes to the next, what waits to whoever is free; how many moved.

    A case that somebody does something with at this moment is left to the next look.
    """
    async with context.database.transaction() as transaction:
        await offers.alone(transaction)
        silent = await offers.due(transaction, context.clock.now())
        waiting = await offers.waiting(transaction)
        ids = [*silent, *waiting]
        return await _give_out(context, transaction, ids, lock_free) if ids else 0


async def _give_out(context: Context, transaction: Connection, ids: Sequence[UUID], holding: Holding) -> int:
    """Gives cases out in this order; how many came into other hands.

    What was due of one before, such as in an outage, is told to who had it then.
    """
    now = context.clock.now()
    policy = await policies.in_force(transaction)
    hands = Hands.of(await offers.candidates(transaction, now, policy.most_open, ids), policy.most_open)
    cases = {case.id: case for case in await holding(transaction, ids)}
    wanted = await offers.wanted_by(transaction, ids)
    before = await offers.of_cases(transaction, ids)
    placed = [_place(cases[id_], before.get(id_), wanted[id_], hands, policy, now) for id_ in ids if id_ in cases]
    await offers.drop(transaction, [each.case.id for each in placed if each.offer is None])
    moved = [each.offer for each in placed if each.offer is not None and each.offer != before.get(each.case.id)]
    await offers.keep(transaction, moved)
    to = {each.case.id: each.case.responsible_id for each in placed}
    handed_on = [cases[id_] for id_, staff_id in to.items() if staff_id != cases[id_].responsible_id]
    for case in await catch_up_each(transaction, handed_on, now):
        await _tell(context, transaction, case, case._replace(responsible_id=to[case.id]), now)
    return len(handed_on)


def _place(
    case: Case, before: Offer | None, wanted: Wanted, hands: Hands, policy: AssignmentPolicy, now: datetime
) -> _Placed:
    """Into whose hands a case comes. Named by hand meanwhile, accepted, answered: it needs nobody any more."""
    named = before is not None and before.staff_id not in (None, case.responsible_id)
    if named or case.accepted_at is not None or case.state is not CaseState.OPEN or case.taken_over:
        return _Placed(case, None)
    tried = before.tried if before else ()
    if before is not None and before.staff_id is not None:
        tried = (*tried, before.staff_id)
    chosen = hands.choose(wanted, case.responsible_id, tried)
    hands.put(chosen or case.responsible_id)
    silent_at = now + policy.silent_after if chosen is not None else None
    if chosen is None and before is not None and before.staff_id is None:
        return _Placed(case, before)
    offer = Offer(case.id, case.round, chosen, now, silent_at, tried, policy.version)
    return _Placed(case._replace(responsible_id=chosen or case.responsible_id), offer)


async def _tell(context: Context, transaction: Connection, before: Case, after: Case, now: datetime) -> None:
    movement = Movement(
        after,
        "assigned",
        Unsigned(),
        max(now, after.moved_at),
        [assigned(before, after, now)],
        changes=changed(responsible_id=(before.responsible_id, after.responsible_id)),
    )
    await history.keep(transaction, context, movement)
