"""Reads of what cells are called."""

from services.customers.context import Context
from services.customers.segment_names import store
from services.customers.segment_names.domain import SegmentNames
from services.customers.worth_policies import queries


async def present(context: Context) -> SegmentNames:
    """The version that holds."""
    return await store.present(context.database)


async def versions(context: Context, after: int | None, most: int) -> list[SegmentNames]:
    """Every version, oldest first."""
    return await queries.every(context, store.VERSIONS, after, most)


async def version(context: Context, number: int) -> SegmentNames:
    """One version. Raises PolicyVersionNotFound."""
    return await queries.numbered(context, store.VERSIONS, number)
