"""The floor of the archive: a bare FastAPI route that reads a customer's row by the blind index of a phone, one worker.

    python -m bench.archive_floor PORT DATABASE_URL

No token, no limit, no audit, no log, no metrics, nothing unsealed.
"""

import gc
import sys
from typing import Any

import asyncpg
import uvicorn
import uvloop
from fastapi import FastAPI

from bench.floor import POOL, Plain

_LOOK_UP = """
SELECT c.id, c.version, c.tier, a.kind, a.name, a.external_no, a.registered_at
FROM archive a JOIN customer c ON c.id = a.customer_id WHERE a.traces @> ARRAY[$1::bytea] LIMIT 20
"""


def make(url: str) -> FastAPI:
    """The application; its pool is made when it starts."""
    app = FastAPI()
    pools: list[Any] = []

    @app.get("/look-up")
    async def look_up(trace: str) -> list[dict[str, Any]]:
        if not pools:
            pools.append(await asyncpg.create_pool(url, min_size=1, max_size=POOL, connection_class=Plain))
        return [dict(row) for row in await pools[0].fetch(_LOOK_UP, bytes.fromhex(trace))]

    return app


def main() -> None:
    port, url = sys.argv[1:]
    gc.collect()
    gc.freeze()
    uvloop.install()
    uvicorn.run(make(url), host="127.0.0.1", port=int(port), access_log=False, log_level="warning")


if __name__ == "__main__":
    main()
