"""Replaying what is parked: key by key in the original order, in one transaction each, entered by who asked for it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, Text, func, select

from shared.bus.inbox import Inbox, error_of, why_not
from shared.bus.parking import PARKED, WAITS, Parked, lock_key
from shared.bus.parking_entries import enter
from shared.clock import real_time
from shared.db import PASSING, Connection, Database
from shared.errors import Busy
from shared.kernel_schema import PARKED_EVENT
from shared.statement import Scalar, Statement, any_given, given
from shared.telemetry import log

_parked = PARKED_EVENT.c
_waiting = (_parked.consumer == given("consumer"), WAITS)
_KEYS = Scalar(select(_parked.key).where(*_waiting).group_by(_parked.key).order_by(func.min(_parked.id)), str)
_OF_KEY = Statement(select(*PARKED).where(*_waiting, _parked.key == given("key", Text)).order_by(_parked.id), Parked)
_REPLAYED = Statement(
    PARKED_EVENT.update()
    .where(_parked.id == any_given("ids", BigInteger))
    .values(replayed_at=given("at"), replayed_by=given("by"))
)
_STILL_PARKED = Statement(
    PARKED_EVENT.update().where(_parked.id == any_given("ids", BigInteger)).values(replayed_at=None, replayed_by=None)
)
_FAILED_AGAIN = Statement(PARKED_EVENT.update().where(_parked.id == given("id")).values(error=given("error")))
_RELEASE = Statement(
    PARKED_EVENT.update()
    .where(_parked.consumer == "relay", WAITS)
    .values(replayed_at=given("at"), replayed_by=given("by"))
    .returning(_parked.event_id)
)


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of a key: how many of its events have had their effect, how many wait on, and what stands first.

    `error` is the class of the fault, nothing that the event says.
    """

    events: int
    left: int
    stuck: Parked | None = None
    error: str | None = None


async def replay(inbox: Inbox, by: str, key: str | None = None) -> list[Replayed]:
    """Gives parked events their effect, in order per key; a key that fails again keeps no other from its turn.

    A key goes as far as it can: the event that fails, and what comes after it, wait on. `by` names who asked.
    """
    keys = [key] if key is not None else await _KEYS.all(inbox.database, consumer=inbox.consumer)
    return [await _replay_key(inbox, each, by) for each in keys]


async def _replay_key(inbox: Inbox, key: str, by: str) -> Replayed:
    parked: list[Parked] = []
    try:
        async with inbox.database.transaction() as transaction:
            await inbox.hold(transaction)
            await lock_key(transaction, inbox.consumer, key)
            parked = await _OF_KEY.all(transaction, consumer=inbox.consumer, key=key)
            outcome = await _replay_in_turn(transaction, inbox, parked, by)
            await enter(transaction, by, "replayed", inbox.consumer, [it.event_id for it in parked[: outcome.events]])
    except (*PASSING, Busy) as fault:
        outcome = Replayed(0, len(parked), parked[0] if parked else None, error_of(fault))
    log("parking").info(
        "parked events replayed", consumer=inbox.consumer, events=outcome.events, left=outcome.left, by=by
    )
    return outcome


async def _replay_in_turn(transaction: Connection, inbox: Inbox, parked: Sequence[Parked], by: str) -> Replayed:
    """The key is free while its events have their effect; from the first that fails on it is parked again."""
    await _REPLAYED.execute(transaction, at=real_time(), by=by, ids=[each.id for each in parked])
    for done, each in enumerate(parked):
        if error := await _error_of_effect(transaction, inbox, each):
            await _STILL_PARKED.execute(transaction, ids=[later.id for later in parked[done:]])
            await _FAILED_AGAIN.execute(transaction, id=each.id, error=error)
            return Replayed(done, len(parked) - done, each, error)
    return Replayed(len(parked), 0)


async def _error_of_effect(transaction: Connection, inbox: Inbox, parked: Parked) -> str | None:
    """Has the event its effect? None when it has, else what kept it from that; then nothing of it has happened."""
    try:
        record = parked.record(inbox.parked)
        if why := why_not(record):
            return why
        async with transaction.transaction():
            await inbox.apply(transaction, [record])
    except (*PASSING, Busy):
        raise
    except Exception as fault:  # whatever a reaction raises
        return error_of(fault)
    return None


async def release_relay(database: Database, by: str) -> int:
    """Lets the relay try its parked (too large) events again; returns how many."""
    async with database.transaction() as transaction:
        released = await _RELEASE.all(transaction, at=real_time(), by=by)
        await enter(transaction, by, "released", "relay", [row["event_id"] for row in released])
    return len(released)
