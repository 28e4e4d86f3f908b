"""What a database must be before anything works on it: of a server that will do, of a schema that serves this code."""

from collections.abc import Iterable
from typing import Final

from deploy.refusals import NotConfigured
from shared.db import Database
from shared.revisions import newest
from shared.settings import ServiceName
from shared.standing import standing_of

OLDEST: Final = 15


async def check_server(database: Database) -> None:
    """Raises NotConfigured when the server is older than `OLDEST`."""
    number = int(await database.fetchval("SHOW server_version_num"))
    if number < OLDEST * 10_000:
        raise NotConfigured(f"PostgreSQL {OLDEST} or newer is needed; this server is {number // 10_000}: upgrade it")


async def check_servers(urls: Iterable[str]) -> None:
    """Looks at each before anything is changed; raises what `check_server` and a connection raise."""
    for url in urls:
        database = await Database.connect(url, pool_size=1)
        try:
            await check_server(database)
        finally:
            await database.close()


async def check_schema(database: Database, service: ServiceName) -> None:
    """Raises NotConfigured when the database's schema is older than this code or serves it no longer."""
    async with database.connection() as connection:
        there = await standing_of(connection)
    if reason := there.reason(newest(service)):
        raise NotConfigured(f"{service}: {reason}")
