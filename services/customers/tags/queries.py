"""Reading tags."""

from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.customers.context import Context
from services.customers.heads.store import rows as heads
from services.customers.tags import store
from services.customers.tags.domain import CustomerTag, TagCount
from services.customers.tags.tables import TagRow
from shared.statement import Statement, given

_COUNTED: Final = Statement(
    select(col(TagRow.name).label("tag"), col(TagRow.customers))
    .where(col(TagRow.name) > given("after"), col(TagRow.customers) > 0)
    .order_by(col(TagRow.name))
    .limit(given("most")),
    TagCount,
)


async def tags_of(context: Context, customer_id: UUID, *, viewer: UUID | None) -> list[CustomerTag]:
    """A customer's tags. Raises CustomerNotFound, also for a customer whom the viewer does not see."""
    await heads.head(context.database, customer_id, viewer=viewer)
    return await store.tags_of(context.database, customer_id)


async def counted(context: Context, after: str | None, most: int) -> list[TagCount]:
    """Tags that somebody has, and how many these are."""
    return await _COUNTED.all(context.database, after=after or "", most=most)
