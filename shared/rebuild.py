"""Throws the projections away, so that the consumer reads the log from its beginning and fills them again."""

from collections.abc import Sequence

from shared.db import Database
from shared.errors import Invalid
from shared.telemetry import log

SECONDS = 3_600.0
"""Emptying an inbox of tens of millions of rows takes minutes."""

_SUPERSEDE = """
INSERT INTO consumer_generation (consumer, generation) VALUES ($1, 1)
ON CONFLICT (consumer) DO UPDATE SET generation = consumer_generation.generation + 1
RETURNING generation
"""
_WAIT = "SET LOCAL lock_timeout = '60s'"  # batches that overlap may let it wait for long


class NothingToRebuild(Invalid):
    slug = "nothing-to-rebuild"
    title = "This service keeps no projections"


async def rebuild(database: Database, consumer: str, projections: Sequence[str]) -> int:
    """Empties the projections, what is parked and the inbox of a consumer, in one transaction; its new generation.

    Running consumers need not be stopped: each of their batches shares the lock of the generation's row, which this
    takes first and alone, so no batch is under way while it works. A batch that comes after it with the old generation
    is refused (`Superseded`); its transport then starts from the beginning: in process from position 0, over Kafka as
    a new consumer group. Raises asyncpg.LockNotAvailableError when batches leave no gap for a minute; then nothing was
    emptied; NothingToRebuild without projections.
    """
    if not projections:
        raise NothingToRebuild("only reporting is built from events alone")
    async with database.transaction() as transaction:
        await transaction.execute(_WAIT)
        generation: int = await transaction.fetchval(_SUPERSEDE, consumer, timeout=SECONDS)
        tables = ", ".join(projections)
        await transaction.execute(f"TRUNCATE {tables}", timeout=SECONDS)
        await transaction.execute("DELETE FROM inbox WHERE consumer = $1", consumer, timeout=SECONDS)
        await transaction.execute("DELETE FROM parked_event WHERE consumer = $1", consumer)
        await transaction.execute("DELETE FROM consumer_position WHERE consumer = $1", consumer)
    log("rebuild").info("projections emptied", consumer=consumer, generation=generation)
    return generation
