"""Giving cases out (decision 22e): when they are recorded, when somebody is silent, when somebody becomes free."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import NamedTuple, TypeAlias
from uuid import UUID

from services.complaints.assignment.domain.choosing import Hands, Offer, Wanted
from services.complaints.assignment.domain.policies import AssignmentPolicy
from services.complaints.assignment.store import offers, policies
from services.complaints.cases.domain import Accused, Case, CaseState, Unsigned
from services.complaints.cases.events import assigned
from services.complaints.cases.store.accused import accused_in, accused_of
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


class _Bounds(NamedTuple):
    """What a case asks of its handler, whom it passes over, and with whom it stays where nobody is free."""

    wanted: Wanted
    accused: Accused
    keeper_id: UUID | None


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


async def hand_on(transaction: Connection, context: Context, case: Case) -> Case:
    """Gives a held case, as it stands in its row, to somebody else where it has come to be against its handler: a
    notice or a correction says so. Of those who are there the next, else who stands in; what nobody has accepted is
    offered to them."""
    accused = await accused_in(transaction, case.id)
    if case.responsible_id not in accused.people or case.state is CaseState.CLOSED:
        return case
    now = context.clock.now()
    policy = await policies.in_force(transaction)
    hands = Hands.of(await offers.candidates(transaction, now, policy.most_open, [case.id]), policy.most_open)
    wanted = (await offers.wanted_by(transaction, [case.id]))[case.id]
    before = (await offers.of_cases(transaction, [case.id])).get(case.id)
    placed = _place(case, before, await _bounds(transaction, case, wanted, accused), hands, policy, now)
    to = placed.case.responsible_id
    if placed.offer is None:  # accepted, answered or taken over: it goes on in other hands all the same
        chosen = hands.choose(wanted, None, tuple(accused.people))
        to = chosen or await offers.stand_in(transaction, case.customer_id, accused.people)
        await offers.drop(transaction, [case.id])
    else:
        await offers.keep(transaction, [placed.offer])
    return await _tell(context, transaction, case, case._replace(responsible_id=to), now)


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
    accused = await accused_of(transaction, ids)
    bounds = {id_: await _bounds(transaction, case, wanted[id_], accused[id_]) for id_, case in cases.items()}
    placed = [_place(cases[id_], before.get(id_), bounds[id_], hands, policy, now) for id_ in ids if id_ in cases]
    await offers.drop(transaction, [each.case.id for each in placed if each.offer is None])
    moved = [each.offer for each in placed if each.offer is not None and each.offer != before.get(each.case.id)]
    await offers.keep(transaction, moved)
    to = {each.case.id: each.case.responsible_id for each in placed}
    handed_on = [cases[id_] for id_, staff_id in to.items() if staff_id != cases[id_].responsible_id]
    for case in await catch_up_each(transaction, handed_on, now):
        await _tell(context, transaction, case, case._replace(responsible_id=to[case.id]), now)
    return len(handed_on)


async def _bounds(transaction: Connection, case: Case, wanted: Wanted, accused: Accused) -> _Bounds:
    """Who keeps a case that nobody takes: its handler, or who stands in where it is against them."""
    if case.responsible_id not in accused.people:
        return _Bounds(wanted, accused, case.responsible_id)
    return _Bounds(wanted, accused, await offers.stand_in(transaction, case.customer_id, accused.people))


def _place(
    case: Case, before: Offer | None, bounds: _Bounds, hands: Hands, policy: AssignmentPolicy, now: datetime
) -> _Placed:
    """Into whose hands a case comes. Named by hand meanwhile, accepted, answered: it needs nobody any more. Whom it is
    against is passed over."""
    named = before is not None and before.staff_id not in (None, case.responsible_id)
    if (
        case.kind == "internal"
        or named
        or case.accepted_at is not None
        or case.state is not CaseState.OPEN
        or case.taken_over
    ):
        return _Placed(case, None)
    tried = before.tried if before else ()
    if before is not None and before.staff_id is not None:
        tried = (*tried, before.staff_id)
    chosen = hands.choose(bounds.wanted, case.responsible_id, (*tried, *bounds.accused.people))
    hands.put(chosen or bounds.keeper_id)
    silent_at = now + policy.silent_after if chosen is not None else None
    if chosen is None and before is not None and before.staff_id is None:
        return _Placed(case._replace(responsible_id=bounds.keeper_id), before)
    offer = Offer(case.id, case.round, chosen, now, silent_at, tried, policy.version)
    return _Placed(case._replace(responsible_id=chosen or bounds.keeper_id), offer)


async def _tell(context: Context, transaction: Connection, before: Case, after: Case, now: datetime) -> Case:
    movement = Movement(
        after,
        "assigned",
        Unsigned(),
        max(now, after.moved_at),
        [assigned(before, after, now)],
        changes=changed(responsible_id=(before.responsible_id, after.responsible_id)),
    )
    return await history.keep(transaction, context, movement)
