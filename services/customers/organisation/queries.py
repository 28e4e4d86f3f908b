"""Reads of the directory that answer requests."""

from collections.abc import Mapping
from uuid import UUID

from services.customers.context import Context
from services.customers.organisation.domain import EntryNotFound
from services.customers.organisation.store import T, gateway


async def entry(context: Context, kind: type[T], id_: UUID) -> T:
    """Raises EntryNotFound."""
    found = await gateway(kind).get(context.database, id_)
    if found is None:
        raise EntryNotFound("nothing has this id here")
    return found


async def entries(
    context: Context, kind: type[T], after: UUID | None, most: int, wanted: Mapping[str, object] | None = None
) -> list[T]:
    """In the order of entry; `wanted` are fields of staff with their value, None for any."""
    return await gateway(kind).page(context.database, after, most, wanted or {})
