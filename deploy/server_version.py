"""The oldest PostgreSQL that will do, asked of the server before anything works on it."""

from collections.abc import Iterable
from typing import Final

from deploy.refusals import NotConfigured
from shared.db import Database

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
