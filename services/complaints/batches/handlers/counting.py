"""Reactions to a batch are counted whenever a case tells of one: so many within so many days raise its alarm, once.

Who counts holds the batch's row: of two third cases at once one raises the alarm, and the other adds to it.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from services.complaints.adverse_reactions import store as reactions
from services.complaints.adverse_reactions.domain import AdverseReaction, Goods, SafetyPolicy
from services.complaints.adverse_reactions.handlers import keeping
from services.complaints.adverse_reactions.handlers.keeping import Kept
from services.complaints.adverse_reactions.queries import policy_in_force
from services.complaints.batches import events as batch_events
from services.complaints.batches import store
from services.complaints.batches.domain import Batch, alarm_in
from services.complaints.context import Context
from services.complaints.purchases.domain import key_of
from services.complaints.purchases.queries import buyers_of
from shared.bus import outbox
from shared.bus.event import Event
from shared.contracts.complaints import ComplaintCorrected, ComplaintJudged, ComplaintOpened
from shared.contracts.customers import PurchaseRecorded
from shared.contracts.safety import ComplaintReactionRecorded
from shared.db import Connection
from shared.ids import new_id


async def on_complaint_opened(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to complaint.opened: what tells of an adverse reaction is kept and counted."""
    facts = [event.read(ComplaintOpened) for event in events]
    ids = [fact.complaint_id for fact in facts if fact.severity is not None]
    await _count(context, transaction, await keeping.keep(context, transaction, ids))


async def on_reaction_recorded(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to complaint.reaction_recorded: known from then on."""
    ids = {event.read(ComplaintReactionRecorded).complaint_id for event in events}
    kept = await keeping.keep(context, transaction, ids, known_at=context.clock.now())
    await _count(context, transaction, kept)


async def on_complaint_corrected(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to complaint.corrected: another batch or product may be meant."""
    await _again(context, transaction, {event.read(ComplaintCorrected).complaint_id for event in events})


async def on_complaint_judged(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to complaint.judged: what is not valid, or malicious, counts no longer. An alarm that was raised stays
    until somebody lifts it."""
    await _again(context, transaction, {event.read(ComplaintJudged).complaint_id for event in events})


async def on_purchase_recorded(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to purchase.recorded: who buys of a batch whose alarm stands is warned too; history warns nobody.

    Reactions to a number of which no product was known count for the one that is bought of it.
    """
    bought = [
        (line, event) for event in events for line in event.read(PurchaseRecorded).lines if line.batch is not None
    ]
    every = {key_of(line.batch or "") for line, _ in bought}
    await reactions.share_turn(transaction, every)
    await name(context, transaction, every)
    if keys := {key_of(line.batch or "") for line, event in bought if not event.historical}:
        now = context.clock.now()
        policy = await policy_in_force(transaction, now)
        for batch in await store.lock_alarmed(transaction, keys):
            cases = len(await reactions.alarming(transaction, batch.goods))
            await _extend(transaction, batch, [], cases, policy, now)


async def name(context: Context, transaction: Connection, batch_keys: Collection[str]) -> None:
    """A product of batches of these numbers has become known: reactions that named none count for it, if it is the only
    one. The turn of the numbers is held, or shared."""
    await _count(context, transaction, await keeping.name(context, transaction, batch_keys))


async def _again(context: Context, transaction: Connection, ids: Collection[UUID]) -> None:
    known = await reactions.kept_among(transaction, ids)
    await _count(context, transaction, await keeping.keep(context, transaction, known))


async def _count(context: Context, transaction: Connection, kept: Sequence[Kept]) -> None:
    """Counts the batches to which these reactions add, or have added; what lies before a takeover raises no alarm.

    The first of them that names the product of a number names it for those that did not.
    """
    named = await _ensured(transaction, kept)
    if not named:
        return
    if others := await keeping.name(context, transaction, {goods.batch_key for goods in named if goods.product_key}):
        kept = [*kept, *others]
        named |= await _ensured(transaction, others)
    now = context.clock.now()
    policy = await policy_in_force(transaction, now)
    for batch in await store.lock(transaction, named):
        if changed := [each for each in kept if _counts_otherwise(each, batch.goods)]:
            joined = [each.after for each in changed if _goods_before(each) != batch.goods]
            await _judge(transaction, batch, joined, policy, now)


async def _ensured(transaction: Connection, kept: Sequence[Kept]) -> dict[Goods, AdverseReaction]:
    """The batches that these reactions name, each of which there is from now on, with one of those."""
    named = {goods: each.after for each in kept if (goods := each.after.goods) is not None}
    if named:
        await store.ensure(transaction, [_batch(each) for each in named.values()])
    return named


def _counts_otherwise(kept: Kept, goods: Goods) -> bool:
    """Whether a reaction counts for a batch from now on, or counts with another day."""
    if kept.after.alarming != goods or kept.after.silent:
        return False
    return _goods_before(kept) != goods or (kept.before is not None and kept.before.reacted_on != kept.after.reacted_on)


def _goods_before(kept: Kept) -> Goods | None:
    return kept.before.alarming if kept.before is not None else None


async def _judge(
    transaction: Connection, batch: Batch, joined: Sequence[AdverseReaction], policy: SafetyPolicy, now: datetime
) -> None:
    """Raises the alarm of a held batch, or adds to the one that stands those who have joined."""
    counted = await reactions.alarming(transaction, batch.goods)
    if batch.alarmed:
        await _extend(transaction, batch, [each.complaint_id for each in joined], len(counted), policy, now)
        return
    span = alarm_in([each.reacted_on for each in counted], policy)
    if span is None:
        return
    raised = batch.raised(policy.version, now)
    buyers = await _told_anew(transaction, raised, policy, now)
    await store.save(transaction, raised)
    await outbox.append(transaction, batch_events.alarmed(raised, span, len(counted), buyers, policy, now))


async def _extend(
    transaction: Connection,
    batch: Batch,
    complaint_ids: Sequence[UUID],
    cases: int,
    policy: SafetyPolicy,
    now: datetime,
) -> None:
    buyers = await _told_anew(transaction, batch, policy, now)
    if not complaint_ids and not buyers:
        return
    grown = replace(batch, version=batch.version + 1)
    await store.save(transaction, grown)
    await outbox.append(transaction, batch_events.extended(grown, complaint_ids, cases, buyers, now))


async def _told_anew(transaction: Connection, batch: Batch, policy: SafetyPolicy, now: datetime) -> list[UUID]:
    """The buyers of a batch of whom its alarm has not told, who are told of from now on."""
    since = now - timedelta(days=policy.buyers_within_days)
    buyers = await buyers_of(transaction, batch.product_key, batch.batch_key, since)
    return await store.tell(transaction, batch, [buyer.customer_id for buyer in buyers], now)


def _batch(reaction: AdverseReaction) -> Batch:
    """A batch as a case names it; its first version is that of which the first event tells."""
    return Batch(
        id=new_id(),
        version=0,
        product=reaction.product or reaction.product_key or None,
        batch=reaction.batch or "",
        product_key=reaction.product_key,
        batch_key=reaction.batch_key or "",
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
