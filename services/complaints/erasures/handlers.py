"""Reaction to an erasure: what complaints keeps of the person goes in one transaction.

The contents of files lie in the storage: they are marked here, and removed by whoever removes files. When the last of
them is gone, a loop confirms the erasure: whoever is killed in between leaves a row that says what is left to do.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from services.complaints.context import Context
from services.complaints.customers import store as customers
from services.complaints.erasures import events, store
from services.complaints.erasures.domain import Erasing
from services.complaints.evidence.handlers import keeping
from shared.bus import outbox, parking
from shared.bus.event import Event
from shared.contracts.erasures import PersonErased
from shared.db import Connection
from shared.idempotency import KeptAnswers


async def on_person_erased(context: Context, transaction: Connection, events_: Sequence[Event]) -> None:
    """Removes what is kept of each, also when it was removed before."""
    facts = sorted((event.read(PersonErased) for event in events_), key=lambda each: each.person_id)
    now, answers = context.clock.now(), KeptAnswers(context.answers)
    cases = await _cases(transaction, facts)
    await answers.look(transaction, {*cases, *(id_ for fact in facts for id_ in _ids(fact))})
    cases |= await _hold(transaction, facts, cases, now)
    await answers.look(transaction, {*cases, *(id_ for fact in facts for id_ in _ids(fact))})
    for fact in facts:
        await store.begin(transaction, await _remove(context, transaction, fact, answers, now))
    context.unfinished_files.wake()


async def clear_away(context: Context) -> int:
    """Due work: removes what files are to go, then confirms the erasures that waited for that; how many of both.

    Raises StorageAway: all of it waits until the storage is back.
    """
    return await keeping.finish(context) + await confirm_due(context)


async def confirm_due(context: Context) -> int:
    """Due work: confirms erasures of whose cases no file is stored any more; how many."""
    async with context.database.transaction() as transaction:
        now = context.clock.now()
        ready = [
            each for each in await store.begun(transaction) if not await store.files_left(transaction, each.cases, now)
        ]
        for each in ready:
            await store.end(transaction, each.erasure_id)
            await outbox.append(transaction, [events.confirmed(each, now)])
        return len(ready)


async def _cases(transaction: Connection, facts: Sequence[PersonErased]) -> set[UUID]:
    return {id_ for fact in facts for id_ in await store.cases_of(transaction, fact.person_id, _customers(fact))}


async def _hold(
    transaction: Connection, facts: Sequence[PersonErased], cases: Collection[UUID], now: datetime
) -> set[UUID]:
    """All that will change, of all of them, in the order of the house (docs/decisions/lock-order.md); their cases."""
    whose = {id_ for fact in facts for id_ in _customers(fact)}
    await store.hold_promises(transaction, cases, whose)
    await customers.erase(transaction, whose, now)
    held = await _cases(transaction, facts)
    await store.hold_cases(transaction, held)
    return held


def _ids(fact: PersonErased) -> list[UUID]:
    return [fact.person_id, *fact.merged_ids]


def _customers(fact: PersonErased) -> list[UUID]:
    """Who they are among the customers, under all their ids."""
    return [] if fact.customer_id is None else [fact.customer_id, *fact.merged_ids]


async def _remove(
    context: Context, transaction: Connection, fact: PersonErased, answers: KeptAnswers, now: datetime
) -> Erasing:
    removed = {}
    whose = _customers(fact)
    if whose:
        removed = await store.forget_contacts(transaction, whose)
    cases = sorted(await store.cases_of(transaction, fact.person_id, whose))
    await store.hold_cases(transaction, cases)
    removed |= await store.empty_cases(transaction, context.words, cases, now)
    removed |= await store.empty_promises(transaction, context.words, cases, whose)
    ids = _ids(fact)
    removed["parked_contacts"] = sum([await parking.forget_contacts(transaction, str(each)) for each in ids])
    removed["answers"] = await answers.forget(transaction, {*ids, *cases})
    return Erasing(fact.erasure_id, cases, removed, now)
