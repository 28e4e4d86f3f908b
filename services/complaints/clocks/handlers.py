"""How the clocks of a case begin, follow what happens to it, and what they have to say."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import compress
from typing import NamedTuple
from uuid import UUID

from services.complaints.cases.domain import Case
from services.complaints.cases.store import rounds
from services.complaints.clocks import store
from services.complaints.clocks.domain.clock import CaseClock
from services.complaints.clocks.domain.recalculating import Recalculated, answer_clock, recalculated
from services.complaints.clocks.domain.rounds import Beginning, clocks_of, followed
from services.complaints.clocks.domain.telling import (
    advance,
    concerned,
    is_of_administration,
    planned_anew,
    told_of_miss,
)
from services.complaints.clocks.events import facts_since
from services.complaints.clocks.store import Kept
from services.complaints.context import Context
from services.complaints.response_clocks.domain import advancing as answer
from services.complaints.response_clocks.domain.chain import Chain, without
from services.complaints.response_clocks.store import Concern, lines_of
from services.complaints.rulebook.queries import rulebook_in
from shared.bus.event import Event
from shared.contracts.base import CaseFact
from shared.contracts.complaints import ComplaintOpened
from shared.db import Connection


class Followed(NamedTuple):
    """What a movement of a case meant to its clocks: how they stand, and the misses that were found."""

    clocks: Sequence[CaseClock]
    facts: Sequence[CaseFact]


async def on_complaint_opened(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Starts the clocks of what was recorded, unless a movement of the case was quicker."""
    await _begin(
        transaction, await store.new(transaction, [event.read(ComplaintOpened).complaint_id for event in events])
    )


async def follow(transaction: Connection, case: Case, what: str, at: datetime, now: datetime) -> Followed:
    """Lets the clocks of a held case follow a movement, after which it stands; each miss is found here at last."""
    if not case.keeps_clocks:
        return Followed((), ())
    clocks = await _running(transaction, case)
    if what == "reopened":
        pauses = await rounds.pauses_of(transaction, case.id)
        ended = [clock.within(pauses.get(clock.round, ())).stop(at, now) for clock in clocks]
        await _begin(transaction, [_round_of(case)])
        return await _kept(transaction, case, clocks, ended)
    return await _kept(transaction, case, clocks, followed(clocks, case, what, at, now))


async def _running(transaction: Connection, case: Case) -> list[CaseClock]:
    """What runs of a held case's clocks; they begin here when the news of its recording has not been heard yet."""
    clocks = await store.running(transaction, [case.id])
    if not clocks and (new := await store.new(transaction, [case.id])):
        await _begin(transaction, new)
        clocks = await store.running(transaction, [case.id])
    return [clock for _, clock in clocks]


async def plan_anew(transaction: Connection, case: Case) -> Case:
    """After a change of hands: when the next level of what was missed is told, in the line of now (decision 17)."""
    running = await store.running(transaction, [case.id]) if case.keeps_clocks else []
    missed = [clock for _, clock in running if clock.breached_at is not None]
    lines = await _lines(transaction, [(case, clock) for clock in missed])
    anew = [planned_anew(clock.within(case.clock.pauses), lines[_concern(case, clock)]) for clock in missed]
    await store.save(transaction, [Kept(case.id, clock, case.silent_until) for clock in anew])
    return await _answer_planned_anew(transaction, case)


async def _answer_planned_anew(transaction: Connection, case: Case) -> Case:
    if case.clock.breached_at is None or case.clock.stopped_at is not None:
        return case
    told_at = await rounds.told_last(transaction, case)
    if told_at is None:
        return case
    concern = Concern(case.concerns_id, case.customer_id)
    told = await rounds.told_in(transaction, [case])
    line = without((await lines_of(transaction, [concern]))[concern], told[case.id])
    return case._replace(clock=answer.planned_anew(case.clock, told_at, line))


async def pauses_ended(transaction: Connection, cases: Sequence[Case]) -> None:
    """Lets the clocks of held cases run again whose pause has come to its longest end."""
    if not cases:
        return
    by_id = {case.id: case for case in cases}
    clocks = await store.running(transaction, list(by_id))
    await store.save(
        transaction,
        [Kept(id_, clock.within(by_id[id_].clock.pauses), by_id[id_].silent_until) for id_, clock in clocks],
    )


async def notice(transaction: Connection, cases: Sequence[Case], now: datetime) -> Mapping[UUID, Sequence[CaseFact]]:
    """Tells what is due of the clocks of held cases (warnings, misses, levels after them), and keeps it; the facts of
    each case, in the order of their moments."""
    by_id = {case.id: case for case in cases}
    running = await store.running(transaction, list(by_id))
    clocks = [(by_id[id_], clock.within(by_id[id_].clock.pauses)) for id_, clock in running if clock.speaks]
    due = [_is_due(case, clock, now) for case, clock in clocks]
    lines = await _lines(transaction, list(compress(clocks, due)))
    advanced = [
        (case, clock, advance(clock, now, lines[_concern(case, clock)], case.silent_until) if is_due else clock)
        for (case, clock), is_due in zip(clocks, due, strict=True)
    ]
    await store.save(transaction, [Kept(case.id, clock, case.silent_until) for case, _, clock in advanced])
    facts: dict[UUID, list[CaseFact]] = {}
    for case, before, after in advanced:
        if said := facts_since(case, before, after):
            facts.setdefault(case.id, []).extend(said)
    return {id_: sorted(said, key=lambda fact: fact.at) for id_, said in facts.items()}


def _is_due(case: Case, clock: CaseClock, now: datetime) -> bool:
    moment = clock.alarm_at(case.silent_until)
    return moment is not None and moment <= now


async def recalculate(transaction: Connection, case: Case, now: datetime) -> list[Recalculated]:
    """What the policies say now of the clocks of a held case, of those that it would change."""
    clocks = [answer_clock(case), *(await _running(transaction, case) if case.keeps_clocks else ())]
    present = [clock for clock in clocks if clock.round == case.round]
    return recalculated(present, case, _round_of(case), await rulebook_in(transaction), now)


async def keep_recalculated(transaction: Connection, case: Case, found: Sequence[Recalculated]) -> None:
    """Saves them; the answer's stands in the case and is saved with it."""
    others = [each.after for each in found if each.after.kind != "answer"]
    await store.save(transaction, [Kept(case.id, clock, case.silent_until) for clock in others])


async def _begin(transaction: Connection, beginnings: Sequence[Beginning]) -> None:
    if not beginnings:
        return
    rulebook = await rulebook_in(transaction)
    await store.add(
        transaction,
        [Kept(each.id, clock, each.silent_until) for each in beginnings for clock in clocks_of(each, rulebook)],
    )


def _round_of(case: Case) -> Beginning:
    return Beginning(
        id=case.id,
        kind=case.kind,
        subject=case.subject,
        tier=case.tier,
        round=case.round,
        started_at=case.clock.started_at,
        taken_over=case.taken_over,
        registered_at=case.registered_at,
        accepted_at=case.accepted_at,
    )


async def _kept(
    transaction: Connection, case: Case, before: Sequence[CaseClock], after: Sequence[CaseClock]
) -> Followed:
    """Saves the clocks after a movement, and tells of the misses that it brought to light."""
    found = {
        clock.kind
        for was, clock in zip(before, after, strict=True)
        if clock.breached_at is not None and was.breached_at is None
    }
    lines = await _lines(transaction, [(case, clock) for clock in after if clock.kind in found])
    told = [told_of_miss(clock, lines[_concern(case, clock)]) if clock.kind in found else clock for clock in after]
    moves = [(was, clock) for was, clock in zip(before, told, strict=True) if clock != was]
    await store.save(transaction, [Kept(case.id, clock, case.silent_until) for _, clock in moves])
    return Followed(told, [fact for was, clock in moves for fact in facts_since(case, was, clock)])


async def _lines(transaction: Connection, clocks: Sequence[tuple[Case, CaseClock]]) -> Mapping[Concern, Chain]:
    """Who stands behind whom these clocks concern, all in one go."""
    return await lines_of(transaction, {_concern(*each) for each in clocks}) if clocks else {}


def _concern(case: Case, clock: CaseClock) -> Concern:
    if is_of_administration(case, clock):
        return Concern(None, case.customer_id, of_administration=True, accused_id=case.accountable_id)
    return Concern(concerned(case, clock), case.customer_id)
