"""Repeats: found from what was recorded, counted anew whenever a case joins, leaves or is judged."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from uuid import UUID

from services.complaints.context import Context
from services.complaints.repeats import events, store
from services.complaints.repeats.domain import Group, Place, Repeated, places
from services.complaints.response_clocks.domain.chain import Chain
from services.complaints.response_clocks.store import Concern, chains_of
from services.complaints.responsibility import handlers as responsibility
from services.complaints.responsibility.domain.penalties import PenaltyState, Proposal, Withdrawal
from services.complaints.responsibility.store import penalties
from shared.bus import outbox
from shared.bus.event import Event
from shared.contracts.complaints import ComplaintCorrected, ComplaintJudged, ComplaintOpened
from shared.contracts.responsibility import PenaltyReason
from shared.db import Connection


async def on_complaint_opened(context: Context, transaction: Connection, events_: Sequence[Event]) -> None:
    """Puts what was recorded into its groups, and counts these."""
    await regroup(transaction, context, {event.read(ComplaintOpened).complaint_id for event in events_})


async def regroup(transaction: Connection, context: Context, ids: Collection[UUID]) -> None:
    """Puts cases into the groups of what they say now, and counts the old and the new ones.

    For what is recorded, and for a case that is put right: another subject, another party.
    """
    cases = await store.recorded(transaction, ids, context.words)
    grouped = [(case, case.group(context.zone, context.words.digest)) for case in cases]
    joining = [(case, group) for case, group in grouped if group is not None]
    before = await store.groups_of(transaction, ids)
    concerned = before | {group for _, group in joining}
    if not concerned:
        return
    await store.hold(transaction, concerned)
    alone = [case.id for case, group in grouped if group is None]
    await store.leave(transaction, alone)
    await store.join(transaction, joining)
    await count(transaction, context, concerned, alone)


async def on_complaint_corrected(context: Context, transaction: Connection, events_: Sequence[Event]) -> None:
    """Another subject or party: the case leaves its group and joins another, and both are counted anew."""
    await regroup(transaction, context, {event.read(ComplaintCorrected).complaint_id for event in events_})


async def on_complaint_judged(context: Context, transaction: Connection, events_: Sequence[Event]) -> None:
    """Judged not valid or malicious, a case does not count (domain 3.4); judged otherwise later, it does again."""
    ids = {event.read(ComplaintJudged).complaint_id for event in events_}
    if groups := await store.groups_of(transaction, ids):
        await store.hold(transaction, groups)
        await count(transaction, context, groups)


async def count(
    transaction: Connection, context: Context, groups: Collection[Group], alone: Collection[UUID] = ()
) -> None:
    """Counts groups that are held: what each case says of itself, whom that is told, and what it costs.

    `alone` are cases that nothing can repeat any longer: each is the first of its kind.
    """
    since = await penalties.since(transaction)
    counted = [*(await store.members(transaction, groups)).values()]
    counted += [[member] for member in await store.alone(transaction, alone)]
    found = [place for members in counted for place in places(members)]
    moved = [place for place in found if place.moved]
    if moved:
        now = context.clock.now()
        cases = await store.move(transaction, moved)
        chains = await chains_of(transaction, map(_concern, cases))
        costs = {place.member.complaint_id for place in moved if place.costs}
        raised = {case.id: _next_up(chains[_concern(case)]) for case in cases if case.id in costs}
        told = [replace(case, staff_id=raised.get(case.id)) for case in cases]
        await outbox.append(transaction, events.events_of(told, now))
    due = [place for place in found if place.costs and place.member.complaint_id > since]
    proposals = [_proposal(place) for place in due if place.member.penalty in (None, PenaltyState.WITHDRAWN)]
    gone = [place for place in found if not place.costs and place.member.penalty is PenaltyState.PROPOSED]
    if proposals:
        await responsibility.propose(transaction, context, proposals)
    if gone:
        await responsibility.withdraw(transaction, context, [_withdrawal(place) for place in gone])


def _concern(case: Repeated) -> Concern:
    return Concern(case.staff_id, case.customer_id)


def _next_up(chain: Chain) -> UUID | None:
    """A repeat is raised: the next above whom the case concerns is told of it."""
    return next((link.staff_id for link in chain if link.level > 1), None)


def _proposal(place: Place) -> Proposal:
    return Proposal(place.member.complaint_id, 1, "repeat", place.member.recorded_at)


def _withdrawal(place: Place) -> Withdrawal:
    reason: PenaltyReason = "not_repeated" if place.member.counts else "not_counted"
    return Withdrawal(place.member.complaint_id, 1, "repeat", reason)
