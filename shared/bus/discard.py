"""Discarding what is parked: a person decides that an event never has its effect, says why, and answers for it.

The row stays without its content; the event counts as done, so that nothing offers it again, not even a rebuild.
"""

from collections.abc import Sequence
from itertools import groupby

from sqlalchemy import BigInteger, Text, or_, select

from shared.bus.parking import PARKED, WAITS, Parked, lock_key
from shared.bus.parking_entries import enter
from shared.clock import real_time
from shared.db import Connection, Database
from shared.errors import Invalid, NotFound
from shared.kernel_schema import INBOX, PARKED_EVENT
from shared.statement import Statement, any_given, given, insert_many
from shared.telemetry import log

LONGEST_REASON = 500

_parked = PARKED_EVENT.c
_CHOSEN = Statement(
    select(*PARKED)
    .where(WAITS, or_(_parked.id == any_given("ids", BigInteger), _parked.key == given("key", Text)))
    .order_by(_parked.consumer, _parked.key, _parked.id),
    Parked,
)
_DISCARD = Statement(
    PARKED_EVENT.update()
    .where(WAITS, _parked.id == any_given("ids", BigInteger))
    .values(discarded_at=given("at"), body=None)
    .returning(_parked.id)
)
_DONE = Statement(
    insert_many(INBOX, "consumer", "event_id", "topic", "aggregate_id", "aggregate_version").on_conflict_do_nothing()
)


class NotParked(NotFound):
    slug = "not-parked"
    title = "Nothing of that is parked"


class NoReason(Invalid):
    slug = "no-reason"
    title = "Whoever discards an event says why"


async def discard(
    database: Database, by: str, reason: str, *, numbers: Sequence[int] = (), key: str | None = None
) -> list[Parked]:
    """Discards parked events by their numbers, or all of a key, in one transaction; returns them.

    Raises NoReason, and NotParked when one of them does not wait (any more); then none is discarded.
    """
    given_reason = _checked(reason)
    async with database.transaction() as transaction:
        chosen = await _hold(transaction, numbers, key)
        gone = await _DISCARD.all(transaction, ids=[each.id for each in chosen], at=real_time())
        if len(gone) < max(len(set(numbers)), 1):
            raise NotParked("not all of these wait in the parking (any more); `crm parking list` shows what does")
        await _count_as_done(transaction, chosen)
        for consumer, those in groupby(chosen, key=lambda each: each.consumer):
            await enter(transaction, by, "discarded", consumer, [each.event_id for each in those], given_reason)
    log("parking").warning("parked events discarded", events=len(chosen), by=by)
    return chosen


def _checked(reason: str) -> str:
    stripped = reason.strip()
    if not stripped or len(stripped) > LONGEST_REASON or not stripped.isprintable():
        raise NoReason(f"say why in one line of 1 to {LONGEST_REASON} characters; it is kept, so name no customer")
    return stripped


async def _hold(transaction: Connection, numbers: Sequence[int], key: str | None) -> list[Parked]:
    """What is meant, as it waits while nobody parks or replays its keys."""
    meant = await _CHOSEN.all(transaction, ids=list(numbers), key=key)
    for consumer, of_key in sorted({(each.consumer, each.key) for each in meant}):
        await lock_key(transaction, consumer, of_key)
    return await _CHOSEN.all(transaction, ids=list(numbers), key=key)


async def _count_as_done(transaction: Connection, discarded: Sequence[Parked]) -> None:
    """In the inbox each stands for itself, as an aggregate of its own: no version of anything was seen by it."""
    events = [each for each in discarded if each.event_id is not None and each.consumer != "relay"]
    if events:
        ids = [each.event_id for each in events]
        await _DONE.execute(
            transaction,
            consumer=[each.consumer for each in events],
            event_id=ids,
            topic=[each.topic for each in events],
            aggregate_id=ids,
            aggregate_version=[0] * len(events),
        )
