"""Reading the important dates of one customer and its people."""

from typing import Final
from uuid import UUID

from services.customers.context import Context
from services.customers.dates.domain import ImportantDate
from services.customers.dates.store import DATES, opened
from services.customers.heads.store import rows as heads
from shared.statement import Statement

NOBODY: Final = UUID(int=0)
_PAGE: Final = Statement(
    DATES
    + """ WHERE d.customer_id = :customer_id AND d.id > :after AND (:personal::boolean OR d.occasion = 'opening')
    ORDER BY d.id LIMIT :most"""
)


async def page(
    context: Context, customer_id: UUID, after: UUID | None, most: int, *, personal: bool, viewer: UUID | None
) -> list[ImportantDate]:
    """The dates of a customer and its people, in the order in which they were entered; `personal`: not the store's
    alone. Raises CustomerNotFound, also for a customer whom the viewer does not see."""
    await heads.head(context.database, customer_id, viewer=viewer)
    rows = await _PAGE.all(
        context.database, customer_id=customer_id, after=after or NOBODY, most=most, personal=personal
    )
    return [opened(row, context.personal) for row in rows]
