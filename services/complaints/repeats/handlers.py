"""Repeats: found from what was recorded, counted anew whenever a case joins, leaves or is judged."""

from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from services.complaints.context import Context
from services.complaints.repeats import events, store
from services.complaints.repeats.domain import (
    NOBODY_LISTED,
    Group,
    Listed,
    Member,
    Place,
    Recorded,
    Repeated,
    places,
)
from services.complaints.response_clocks.domain.chain import Chain
from services.complaints.response_clocks.store import Concern, chains_of
from services.complaints.responsibility.domain.penalties import (
    COUNTS,
    TAKEN_BACK,
    PenaltyState,
    Proposal,
    Withdrawal,
)
from services.complaints.responsibility.handlers import proposing as responsibility
from services.complaints.responsibility.store import penalties
from shared.bus import outbox
from shared.bus.event import Event
from shared.contracts.complaints import ComplaintCorrected, ComplaintJudged, ComplaintOpened
from shared.contracts.responsibility import PenaltyReason
from shared.db import Connection

_STANDS: Final = (PenaltyState.PROPOSED, *COUNTS)


async def on_complaint_opened(context: Context, transaction: Connection, events_: Sequence[Event]) -> None:
    """Puts what was recorded into its groups, and counts these."""
    await regroup(transaction, context, {event.read(ComplaintOpened).complaint_id for event in events_})


async def regroup(transaction: Connection, context: Context, ids: Collection[UUID]) -> None:
    """Puts cases into the groups of what they say now, and counts the old and the new ones.

    For what is recorded, and for a case that is put right: another subject, another party. Cases by a name that means
    somebody by now, who was not listed when they were recorded, come along.
    """
    cases, listed = await _recorded(transaction, context, ids)
    groups = {case.id: case.group(context.zone, context.words.digest, listed) for case in cases}
    concerned = {*await store.groups_of(transaction, groups), *groups.values()} - {None}
    await store.hold(transaction, [group for group in concerned if group is not None])
    found = await _members_after(transaction, [group for group in concerned if group is not None], groups)
    counted = await _Counted.of(transaction, found)
    await store.hold_cases(transaction, {*groups, *counted.concerned})
    await store.leave(transaction, [case.id for case in cases if groups[case.id] is None])
    await store.join(transaction, [(case, group) for case in cases if (group := groups[case.id]) is not None])
    await _say(transaction, context, counted)


async def _recorded(transaction: Connection, context: Context, ids: Collection[UUID]) -> tuple[list[Recorded], Listed]:
    """These cases and whom their names mean, with the cases that stand under those names alone."""
    cases = await store.recorded(transaction, ids, context.words)
    listed = await store.listed(transaction, {case.named for case in cases if case.named is not None})
    meant = [case for case in cases if case.named in listed]
    by_name = (case.group(context.zone, context.words.digest, NOBODY_LISTED) for case in meant)
    others = await store.standing_in(transaction, {group for group in by_name if group is not None}) - set(ids)
    return cases + await store.recorded(transaction, others, context.words), listed


async def _members_after(
    transaction: Connection, concerned: Collection[Group], groups: Mapping[UUID, Group | None]
) -> list[list[Member]]:
    """The members that groups have once these cases stand where they should; one in no group is by itself.

    Read before anything is written, because what is to change is held first.
    """
    members = await store.members(transaction, concerned)
    kept = {group: [each for each in those if each.complaint_id not in groups] for group, those in members.items()}
    by_themselves = []
    for member in await store.alone(transaction, groups):
        group = groups[member.complaint_id]
        if group is not None:
            kept[group].append(member)
        elif concerned:
            by_themselves.append([member])
    return [*kept.values(), *by_themselves]


async def on_complaint_corrected(context: Context, transaction: Connection, events_: Sequence[Event]) -> None:
    """Another subject or party: the case leaves its group and joins another, and both are counted anew."""
    await regroup(transaction, context, {event.read(ComplaintCorrected).complaint_id for event in events_})


async def on_complaint_judged(context: Context, transaction: Connection, events_: Sequence[Event]) -> None:
    """Judged not valid or malicious, a case does not count (domain 3.4); judged otherwise later, it does again."""
    ids = {event.read(ComplaintJudged).complaint_id for event in events_}
    if groups := await store.groups_of(transaction, ids):
        await store.hold(transaction, groups)
        await count(transaction, context, groups, ids)


async def count(transaction: Connection, context: Context, groups: Collection[Group], ids: Collection[UUID]) -> None:
    """Counts groups that are held: what each case says of itself, whom that is told, and what it costs. The cases of
    the news are held with them, for whatever else the transaction changes of them."""
    members = await store.members(transaction, groups)
    counted = await _Counted.of(transaction, members.values())
    await store.hold_cases(transaction, {*ids, *counted.concerned})
    await _say(transaction, context, counted)


@dataclass(frozen=True, slots=True)
class _Counted:
    """What a count of groups comes to: where cases stand that say otherwise, what is to cost something, and what is
    not any longer."""

    moved: Sequence[Place]
    due: Sequence[Place]
    gone: Sequence[Place]
    costs: Set[UUID]

    @classmethod
    async def of(cls, transaction: Connection, groups: Iterable[Sequence[Member]]) -> "_Counted":
        since = await penalties.since(transaction)
        found = [place for members in groups for place in places(members)]
        due = [place for place in found if place.costs and place.member.complaint_id > since]
        return cls(
            moved=[place for place in found if place.moved],
            due=[place for place in due if place.member.penalty in (None, *TAKEN_BACK)],
            gone=[place for place in found if not place.costs and place.member.penalty in _STANDS],
            costs={place.member.complaint_id for place in found if place.costs},
        )

    @property
    def concerned(self) -> set[UUID]:
        """Every case that changes: held at once, before anything is written."""
        return {place.member.complaint_id for place in (*self.moved, *self.due, *self.gone)}


async def _say(transaction: Connection, context: Context, counted: _Counted) -> None:
    """Writes and tells what held cases say of themselves now, and proposes and withdraws what they cost."""
    if counted.moved:
        now = context.clock.now()
        cases = await store.move(transaction, counted.moved)
        chains = await chains_of(transaction, map(_concern, cases))
        raised = {case.id: _next_up(chains[_concern(case)]) for case in cases if case.id in counted.costs}
        told = [replace(case, staff_id=raised.get(case.id)) for case in cases]
        await outbox.append(transaction, events.events_of(told, now))
    if counted.due:
        await responsibility.propose(transaction, context, [_proposal(place) for place in counted.due])
    if counted.gone:
        await responsibility.withdraw(transaction, context, [_withdrawal(place) for place in counted.gone])


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
