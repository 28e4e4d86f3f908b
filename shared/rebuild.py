"""Throws the projections away, so that the consumer reads the log from its beginning and fills them again."""

from collections.abc import Sequence

from shared.db import Database
from shared.errors import Invalid
from shared.statement import Scalar, Statement
from shared.telemetry import log

SECONDS = 3_600.0
"""Emptying an inbox of tens of millions of rows takes minutes."""

_SUPERSEDE = Scalar(
    """
    INSERT INTO consumer_generation (consumer, generation) VALUES (:consumer, 1)
    ON CONFLICT (consumer) DO UPDATE SET generation = consumer_generation.generation + 1
    RETURNING generation
    """,
    int,
)
_FORGET = tuple(
    Statement("DELETE FROM {table} WHERE consumer = :consumer", table=table)
    for table in ("inbox", "parked_event", "consumer_position")
)


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
        await transaction.execute("SET LOCAL lock_timeout = '60s'")  # batches that overlap may let it wait for long
        generation = await _SUPERSEDE.only(transaction, SECONDS, consumer=consumer)
        await transaction.execute(f"TRUNCATE {', '.join(projections)}", timeout=SECONDS)
        for forget in _FORGET:
            await forget.execute(transaction, SECONDS, consumer=consumer)
    log("rebuild").info("projections emptied", consumer=consumer, generation=generation)
    return generation
