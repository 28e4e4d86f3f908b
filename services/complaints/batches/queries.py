"""Reads of batches: themselves, the reactions to them, and who bought them."""

from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from services.complaints.adverse_reactions.domain import AdverseReaction
from services.complaints.adverse_reactions.queries import policy_in_force
from services.complaints.adverse_reactions.store import of_goods
from services.complaints.batches.domain import Batch, BatchNotFound, alarm_in
from services.complaints.context import Context
from services.complaints.purchases.domain import Buyer, key_of
from services.complaints.purchases.queries import buyers_of
from shared.statement import Statement

MOST: Final = 1_000
"""Cases and buyers that an answer shows at most; figures count all."""
_HEAD: Final = (2, UUID(int=2**128 - 1))
"""Before every batch of the list."""
_COLUMNS = ", ".join(f"b.{field.name}" for field in fields(Batch))
_ALARMED = "(CASE WHEN b.alarmed_at IS NOT NULL AND b.lifted_at IS NULL THEN 1 ELSE 0 END)"
_REACTIONS = """
(SELECT count(*)::integer FROM adverse_reaction r
 WHERE r.batch_key = b.batch_key AND r.product_key = b.product_key AND r.counts AND NOT r.settled)
"""


@dataclass(frozen=True, slots=True)
class ListedBatch:
    """A batch, how many reactions to it count, and why its last alarm was lifted."""

    batch: Batch
    reactions: int
    lifted_because: str | None


@dataclass(frozen=True, slots=True)
class ReadBatch:
    """A batch with the reactions to it, by day, and its buyers, who bought last first.

    `holds` says whether the reactions that count now would raise an alarm.
    """

    listed: ListedBatch
    holds: bool
    cases: list[AdverseReaction]
    customers: int
    buyers: list[Buyer]


_LIST = Statement(
    """
    SELECT {columns}, b.lifted_words, {reactions} AS reactions
    FROM batch b
    WHERE ({alarmed}, b.id) < (:rank::integer, :id::uuid)
        AND (:alarmed::boolean IS NULL OR ({alarmed} = 1) = :alarmed)
        AND (:batch_key::text IS NULL OR b.batch_key = :batch_key)
        AND (:product_key::text IS NULL OR b.product_key = :product_key)
    ORDER BY {alarmed} DESC, b.id DESC
    """,
    columns=_COLUMNS,
    reactions=_REACTIONS,
    alarmed=_ALARMED,
)
_ONE = Statement(
    "SELECT {columns}, b.lifted_words, {reactions} AS reactions FROM batch b WHERE b.id = :id",
    columns=_COLUMNS,
    reactions=_REACTIONS,
)
"""By hand: with each batch how many reactions to it count."""


async def list_batches(
    context: Context,
    alarmed: bool | None,
    product: str | None,
    batch: str | None,
    after: tuple[int, UUID] | None,
    most: int,
) -> list[ListedBatch]:
    """Batches, those whose alarm stands first, then the latest; narrowed to those given."""
    rank, id_ = after or _HEAD
    rows = await _LIST.limited(most).all(
        context.database,
        rank=rank,
        id=id_,
        alarmed=alarmed,
        batch_key=key_of(batch) if batch is not None else None,
        product_key=key_of(product) if product is not None else None,
    )
    return [_listed(context, **row) for row in rows]


async def read(context: Context, id_: UUID) -> ReadBatch:
    """One batch with its reactions and buyers. Raises BatchNotFound."""
    row = await _ONE.one(context.database, id=id_)
    if row is None:
        raise BatchNotFound("no batch has this id")
    listed = _listed(context, **row)
    batch, now = listed.batch, context.clock.now()
    policy = await policy_in_force(context.database, now)
    cases = await of_goods(context.database, batch.goods, MOST)
    since = (batch.alarmed_at or now) - timedelta(days=policy.buyers_within_days)
    buyers = await buyers_of(context.database, batch.product_key, batch.batch_key, since)
    days = [each.reacted_on for each in cases if each.alarming is not None]
    return ReadBatch(
        listed=listed,
        holds=alarm_in(days, policy) is not None,
        cases=cases,
        customers=len(buyers),
        buyers=sorted(buyers, key=lambda buyer: buyer.last_bought_at, reverse=True)[:MOST],
    )


async def written(context: Context, batch: Batch) -> ListedBatch:
    """A batch that has just been written, as it is listed."""
    row = await _ONE.one(context.database, id=batch.id)
    if row is None:
        raise LookupError(f"no batch {batch.id}")
    return _listed(context, **row)


def _listed(context: Context, *, lifted_words: bytes | None, reactions: int, **row: Any) -> ListedBatch:
    batch = Batch(**row)
    reason = context.words.open(lifted_words, batch.id.bytes).decode() if lifted_words is not None else None
    return ListedBatch(batch, reactions, reason)
