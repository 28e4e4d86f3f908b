"""Replaying what is parked: key by key in the original order, in one transaction each, audited by who asked for it."""

from sqlalchemy import BigInteger, Text, func, select

from shared.bus.inbox import Inbox
from shared.bus.parking import Parked, lock_key
from shared.clock import real_time
from shared.kernel_schema import PARKED_EVENT
from shared.statement import Scalar, Statement, any_given, given
from shared.telemetry import PARKED, log

_parked = PARKED_EVENT.c
_waiting = (_parked.consumer == given("consumer"), _parked.replayed_at.is_(None))
_KEYS = Scalar(select(_parked.key).where(*_waiting).group_by(_parked.key).order_by(func.min(_parked.id)), str)
_OF_KEY = Statement(
    select(_parked.id, _parked.key, _parked.topic, _parked.partition, _parked.position, _parked.body)
    .where(*_waiting, _parked.key == given("key", Text), _parked.event_id.is_not(None))
    .order_by(_parked.id),
    Parked,
)
_REPLAYED = Statement(
    PARKED_EVENT.update()
    .where(_parked.id == any_given("ids", BigInteger))
    .values(replayed_at=given("at"), replayed_by=given("by"))
)


async def replay(inbox: Inbox, by: str, key: str | None = None) -> int:
    """Gives parked events their effect, in order per key; returns how many.

    `by` names who asked. Messages that are no events of ours stay. Raises the event's error when it fails again;
    then its key stays parked as it was.
    """
    keys = [key] if key else await _KEYS.all(inbox.database, consumer=inbox.consumer)
    return sum([await _replay_key(inbox, each, by) for each in keys])


async def _replay_key(inbox: Inbox, key: str, by: str) -> int:
    async with inbox.database.transaction() as transaction:
        await inbox.hold(transaction)
        await lock_key(transaction, inbox.consumer, key)
        parked = await _OF_KEY.all(transaction, consumer=inbox.consumer, key=key)
        await _REPLAYED.execute(transaction, at=real_time(), by=by, ids=[each.id for each in parked])
        await inbox.apply(transaction, [each.record(inbox.parked) for each in parked])
    PARKED.labels(inbox.consumer).dec(len(parked))
    log("parking").info("parked events replayed", consumer=inbox.consumer, events=len(parked), by=by)
    return len(parked)
