"""How PostgreSQL plans statements that it keeps."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from shared.db import Connection, Database


@asynccontextmanager
async def planned_by_values(database: Database) -> AsyncIterator[Connection]:
    """A connection for reads that are planned for the values they are given: no general plan suits them all."""
    async with database.connection() as reader, _reading(reader):
        await reader.execute("SET LOCAL plan_cache_mode = force_custom_plan")
        yield reader


def _reading(reader: Connection) -> AbstractAsyncContextManager[object]:
    return reader.transaction(readonly=True)
