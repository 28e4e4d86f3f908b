"""Throws the projections away, so that the consumer reads the log from its beginning and fills them again."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.bus.parking_entries import enter
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
_FORGET = (
    Statement(
        """
        DELETE FROM inbox WHERE consumer = :consumer AND event_id NOT IN (
            SELECT event_id FROM parked_event
            WHERE consumer = :consumer AND discarded_at IS NOT NULL AND event_id IS NOT NULL)
        """
    ),
    Statement("DELETE FROM consumer_position WHERE consumer = :consumer"),
)
_OFFER_AGAIN = Statement(
    """
    WITH gone AS (DELETE FROM parked_event WHERE consumer = :consumer AND discarded_at IS NULL RETURNING *)
    SELECT key, event_id FROM gone WHERE replayed_at IS NULL ORDER BY id
    """
)
"""By hand: what waited is told as it is taken away."""


class NothingToRebuild(Invalid):
    slug = "nothing-to-rebuild"
    title = "This service keeps no projections"


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """The consumer's new generation, and what was parked: so many events of so many keys are offered again."""

    generation: int
    events: int
    keys: int


async def rebuild(database: Database, consumer: str, projections: Sequence[str], by: str) -> Rebuilt:
    """Empties the projections and the inbox of a consumer, in one transaction, and frees what is parked for it.

    What was parked stands in the log at its place and is offered again there, in order with all the others of its key;
    what fails again is parked again. What a person discarded stays so.

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
        freed = await _OFFER_AGAIN.all(transaction, consumer=consumer)
        await enter(transaction, by, "rebuilt", consumer, [row["event_id"] for row in freed])
    log("rebuild").info("projections emptied", consumer=consumer, generation=generation, parked=len(freed), by=by)
    return Rebuilt(generation, len(freed), len({row["key"] for row in freed}))
