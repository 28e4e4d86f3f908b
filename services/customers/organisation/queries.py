"""A page of any of the company's lists."""

from collections.abc import Mapping
from uuid import UUID

from services.customers.context import Context
from services.customers.organisation.store import Register, T


async def page_of(
    context: Context, register: Register[T], filters: Mapping[str, object], cursor: str | None, limit: int
) -> tuple[list[T], str | None]:
    """The page after `cursor` in the order of entry, and the cursor of the next one."""
    bound = {"list": register.table, **filters}
    after = context.cursors.read(cursor, bound)
    rows = await register.page(context.database, filters, UUID(after[0]) if after else None, limit + 1)
    return context.cursors.page(rows, limit, bound, lambda thing: [thing.id])
