"""The floor of complaints: bare FastAPI and asyncpg on the same tables, one worker.

    python -m bench.floor PORT DATABASE_URL

Four plain statements to create, one to read; no token, no key, no log, no metrics. The pool is asyncpg's as it comes,
but for the reset query that ours does without too.
"""

import gc
import os
import sys
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

import asyncpg
import uvicorn
import uvloop
from fastapi import FastAPI
from pydantic import BaseModel

from shared.clock import real_time
from shared.contracts.complaints import FACTS, ComplaintOpened
from shared.ids import new_id

CALLER = UUID("01900000-0000-7000-8000-000000000001")
POOL = 12


class Plain(asyncpg.Connection):
    """A connection that is given back without a reset query."""

    def get_reset_query(self) -> str:
        return ""


class Body(BaseModel):
    """What ours takes, without its checks."""

    customer_id: UUID
    kind: str
    subject: str
    against: dict[str, str]
    text: str
    channel: str
    wish: str


_COMPLAINT = """
INSERT INTO complaint (
    id, number, customer_id, kind, subject, channel, against_type, recorded_at, registered_at, recorded_by, taken_over,
    words, opened_rank, opened_due_at, state, tier_rank, responsible_id, moved_at, version, round, policy_version,
    started_at, answer_seconds, due_at, queue_at, next_alarm_at, warned, escalation_level)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, false, $10, 4, $11, 'open', 4, $9, $8, 1, 1, 1, $8, 14400, $11, $11,
        $12, 0, 0)
"""
_EVENT = """
INSERT INTO event_log (event_id, topic, key, type, time, aggregate_id, aggregate_version, data)
VALUES ($1, $2, $3, $4, $5, $6, 1, $7)
"""
READ = """
SELECT id, number, customer_id, kind, subject, channel, against_type, against_id, purchase_id, happened_at, recorded_at,
       taken_over, state, tier_rank, responsible_id, round, due_at, answered_at, resolved_at, closed_at,
       escalation_level, breached_at, words::text AS words, version
FROM complaint WHERE id = $1
"""
LIST = """
SELECT id, number, customer_id, kind, subject, channel, state, tier_rank, round, recorded_at, due_at, breached_at,
       answered_at, escalation_level, responsible_id, taken_over
FROM complaint WHERE id < $1 ORDER BY id DESC LIMIT 50
"""
HIGHEST = UUID(int=2**128 - 1)


async def floor(port: int, url: str) -> None:
    """Bare FastAPI and asyncpg."""
    pool = await asyncpg.create_pool(
        url, min_size=1, max_size=POOL, connection_class=Plain, server_settings={"jit": "off"}
    )
    numbers = count()
    mark = os.getpid()

    app = FastAPI()

    @app.post("/complaints", status_code=201)
    async def create(body: Body) -> dict[str, Any]:
        id_, now = new_id(), real_time()
        due = now + timedelta(hours=4)
        number = f"F{mark}-{next(numbers)}"
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(
                _COMPLAINT, id_, number, body.customer_id, body.kind, body.subject, body.channel, body.against["type"],
                now, CALLER, (body.text + body.wish).encode(), due, now + timedelta(hours=2),
            )  # fmt: skip
            await connection.execute(
                _EVENT, new_id(), FACTS, str(body.customer_id), ComplaintOpened.TYPE, now, id_, body.model_dump_json()
            )
        return {"id": id_, "number": number, "state": "open", "answer_due_at": due}

    @app.get("/complaints/{id}")
    async def read(id: UUID) -> dict[str, Any]:
        return dict(await pool.fetchrow(READ, id) or {})

    @app.get("/complaints")
    async def listed(before: UUID = HIGHEST) -> dict[str, Any]:
        return {"items": [dict(row) for row in await pool.fetch(LIST, before)]}

    gc.freeze()
    config = uvicorn.Config(app, port=port, loop="uvloop", http="httptools", access_log=False, log_config=None)
    await uvicorn.Server(config).serve()


def main() -> None:
    uvloop.run(floor(int(sys.argv[1]), sys.argv[2]))


if __name__ == "__main__":
    main()
