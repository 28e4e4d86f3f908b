"""Reads of the directory that answer requests."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.customers.context import Context
from services.customers.organisation.domain import EntryNotFound
from services.customers.organisation.store import T, gateway
from services.customers.organisation.tables import StaffRow
from shared.statement import Scalar

DEPARTED: Final = Scalar(select(col(StaffRow.id)).where(~col(StaffRow.active)), UUID)
"""Who has left."""


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
