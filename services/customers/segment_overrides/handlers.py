"""Saying a score by hand, and leaving it to the data again."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from services.customers.context import Context
from services.customers.heads.store import erasing, rows
from services.customers.segment_overrides import domain, store
from services.customers.segment_overrides.domain import SegmentOverride, SegmentOverrideNotFound
from services.customers.segments.domain import Dimension
from shared import audit
from shared.ids import new_id


async def say(
    context: Context,
    customer_id: UUID,
    dimension: Dimension,
    score: Decimal,
    until: date,
    reason: str,
    *,
    by: UUID,
    viewer: UUID | None,
) -> SegmentOverride:
    """Says a score by hand, in place of one that stands.

    Raises CustomerNotFound, Erased, SegmentOverrideRefused.
    """
    domain.check(dimension, score, until, context.today())
    async with context.database.transaction() as transaction:
        await rows.locked(transaction, customer_id, viewer=viewer)
        id_, now = new_id(), context.clock.now()
        await erasing.check(transaction, customer_id)
        await store.end(transaction, customer_id, dimension, now)
        words = context.words.seal(reason.encode(), id_.bytes)
        new = SegmentOverride(id_, customer_id, dimension, score, until, words, now, by)
        await store.add(transaction, new)
        await audit.enter(transaction, by, "segment.overridden", customer_id)
    return new


async def leave(context: Context, customer_id: UUID, dimension: Dimension, *, by: UUID, viewer: UUID | None) -> None:
    """Leaves a score to the data again. Raises CustomerNotFound, SegmentOverrideNotFound."""
    async with context.database.transaction() as transaction:
        await rows.locked(transaction, customer_id, viewer=viewer)
        if await store.end(transaction, customer_id, dimension, context.clock.now()) is None:
            raise SegmentOverrideNotFound("nothing is said by hand of this")
        await audit.enter(transaction, by, "segment.override_ended", customer_id)
