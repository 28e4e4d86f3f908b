"""Reads of the directory that answer requests."""

from collections.abc import Mapping
from uuid import UUID

from services.customers.context import Context
from services.customers.organisation.domain import EntryNotFound
from services.customers.organisation.store import T, TableGateway


async def entry(context: Context, gateway: TableGateway[T], id_: UUID) -> T:
    """Raises EntryNotFound."""
    found = await gateway.get(context.database, id_)
    if found is None:
        raise EntryNotFound("nothing has this id here")
    return found


async def page_of(
    context: Context, gateway: TableGateway[T], filters: Mapping[str, object], cursor: str | None, limit: int
) -> tuple[list[T], str | None]:
    """The page after `cursor` in the order of entry, and the cursor of the next one."""
    bound = {"list": gateway.table, **filters}
    after = context.cursors.read(cursor, bound)
    rows = await gateway.page(context.database, filters, UUID(after[0]) if after else None, limit + 1)
    return context.cursors.page(rows, limit, bound, lambda entry: [entry.id])
