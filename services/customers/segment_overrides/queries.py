"""Reads of scores that are said by hand."""

from uuid import UUID

from services.customers.context import Context
from services.customers.heads.store import rows
from services.customers.segment_overrides import store
from services.customers.segment_overrides.domain import SegmentOverride


async def of_customer(context: Context, customer_id: UUID, *, viewer: UUID | None) -> list[SegmentOverride]:
    """A customer's, the latest first. Raises CustomerNotFound."""
    await rows.head(context.database, customer_id, viewer=viewer)
    return await store.of_customer(context.database, customer_id)
