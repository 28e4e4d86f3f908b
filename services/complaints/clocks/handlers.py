"""How the clocks of a case begin, follow what happens to it, and what they have to say."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.complaints.cases.domain import Case
from services.complaints.cases.store import rounds
from services.complaints.clocks import store
from services.complaints.clocks.domain import (
    Beginning,
    CaseClock,
    Recalculated,
    answer_clock,
    clocks_of,
    followed,
    recalculated,
)
from services.complaints.clocks.events import missed_fact
from services.complaints.clocks.store import Kept
from services.complaints.context import Context
from services.complaints.response_clocks.domain.chain import Chain
from services.complaints.response_clocks.store import Concern, chains_of
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
    """Notices what the clocks of held cases have missed, and keeps it; the facts of each case."""
    by_id = {case.id: case for case in cases}
    clocks = [each for each in await store.running(transaction, list(by_id)) if not each[1].ended]
    judged = [(id_, clock.within(by_id[id_].clock.pauses).judged(now, now)) for id_, clock in clocks]
    await store.save(transaction, [Kept(id_, clock, by_id[id_].silent_until) for id_, clock in judged])
    found = [
        (by_id[id_], after)
        for (id_, before), (_, after) in zip(clocks, judged, strict=True)
        if after.breached_at is not None and before.breached_at is None
    ]
    facts: dict[UUID, list[CaseFact]] = {}
    for case, fact in await _facts(transaction, found):
        facts.setdefault(case.id, []).append(fact)
    return facts


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
    moved = [clock for was, clock in zip(before, after, strict=True) if clock != was]
    await store.save(transaction, [Kept(case.id, clock, case.silent_until) for clock in moved])
    found = [
        (case, clock)
        for was, clock in zip(before, after, strict=True)
        if clock.breached_at is not None and was.breached_at is None
    ]
    return Followed(after, [fact for _, fact in await _facts(transaction, found)])


async def _facts(transaction: Connection, found: Iterable[tuple[Case, CaseClock]]) -> list[tuple[Case, CaseFact]]:
    missed = list(found)
    if not missed:
        return []
    asked = [Concern(_told(case, clock), case.customer_id) for case, clock in missed]
    chains = await chains_of(transaction, asked)
    return [
        (case, missed_fact(case, clock, _first(chains[concern])))
        for (case, clock), concern in zip(missed, asked, strict=True)
    ]


def _told(case: Case, clock: CaseClock) -> UUID | None:
    """Who is told first: of a case that nobody took the customer-service manager, who heads the chain behind nobody."""
    if clock.kind == "accept":
        return None
    return case.accountable_id or case.responsible_id if clock.kind == "execute" else case.responsible_id


def _first(chain: Chain) -> UUID | None:
    return chain[0].staff_id if chain else None
