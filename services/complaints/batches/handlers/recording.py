"""What administration records of batches, and alarms that it lifts."""

from uuid import UUID

from services.complaints.adverse_reactions import store as reactions
from services.complaints.adverse_reactions.domain import Goods
from services.complaints.batches import events, store
from services.complaints.batches.domain import Batch, BatchNotFound, BatchPatch, NewBatch
from services.complaints.batches.handlers import counting
from services.complaints.context import Context
from services.complaints.purchases.domain import key_of
from shared import audit
from shared.bus import outbox
from shared.db import Connection
from shared.ids import new_id
from shared.versions import check_version


async def record(context: Context, new: NewBatch, *, by: UUID) -> Batch:
    """Records a batch, also one that cases have named; reactions to its number that named no product count for it.

    Raises BatchRecorded, BatchDays.
    """
    now = context.clock.now()
    goods = Goods(key_of(new.product), key_of(new.batch))
    async with context.database.transaction() as transaction:
        await reactions.take_turn(transaction, [goods.batch_key])
        await store.ensure(transaction, [_named(new, goods)])
        [before] = await store.lock(transaction, [goods])
        after = before.recorded(new, by, now)
        after.check_days(now.astimezone(context.zone).date())
        await store.save(transaction, after)
        await outbox.append(transaction, [events.recorded(after, now)])
        await audit.enter(transaction, by, "batch.recorded", after.id)
        await counting.name(context, transaction, [goods.batch_key])
        [after] = await store.lock(transaction, [goods])
    return after


async def change(context: Context, id_: UUID, patch: BatchPatch, *, expected_version: int | None, by: UUID) -> Batch:
    """Puts right what is recorded of a batch, stops its sale or lets it be sold again.

    Raises BatchNotFound, BatchDays, Stale, PreconditionRequired.
    """
    now = context.clock.now()
    async with context.database.transaction() as transaction:
        before = await _held(transaction, id_)
        check_version(before.version, expected_version)
        after = before.changed(patch, now)
        after.check_days(now.astimezone(context.zone).date())
        await store.save(transaction, after)
        await outbox.append(transaction, [events.recorded(after, now)])
        await audit.enter(transaction, by, "batch.changed", id_)
    return after


async def lift(context: Context, id_: UUID, reason: str, *, by: UUID) -> Batch:
    """Lifts the alarm of a batch: its reactions raise no other one. Raises BatchNotFound, NoAlarm."""
    now = context.clock.now()
    async with context.database.transaction() as transaction:
        await reactions.take_turn(transaction, await store.key_of(transaction, id_))
        after = (await _held(transaction, id_)).lifted(by, now)
        await reactions.settle(transaction, after.goods)
        await store.save_lifted(transaction, context.words, after, reason)
        await outbox.append(transaction, [events.lifted(after, now)])
        await audit.enter(transaction, by, "batch.lifted", id_)
    return after


async def _held(transaction: Connection, id_: UUID) -> Batch:
    found = await store.lock_one(transaction, id_)
    if found is None:
        raise BatchNotFound("no batch has this id")
    return found


def _named(new: NewBatch, goods: Goods) -> Batch:
    return Batch(
        id=new_id(),
        version=0,
        product=new.product,
        batch=new.batch,
        product_key=goods.product_key,
        batch_key=goods.batch_key,
        made_on=None,
        expires_on=None,
        sale_stopped_at=None,
        recorded_at=None,
        recorded_by=None,
        alarm=0,
        alarmed_at=None,
        policy_version=None,
        lifted_at=None,
        lifted_by=None,
    )
