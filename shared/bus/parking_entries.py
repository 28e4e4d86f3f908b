"""The parking's entries: what a person decided about parked events, when and why. The table takes inserts alone."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from shared.db import Connection
from shared.kernel_schema import PARKING_ENTRY
from shared.statement import Statement, insert_one

What = Literal["replayed", "discarded", "released", "rebuilt"]

_ENTER = Statement(insert_one(PARKING_ENTRY, "made_by", "what", "consumer", "reason", "events", "event_ids"))


async def enter(
    transaction: Connection, by: str, what: What, consumer: str, ids: Sequence[UUID | None], reason: str | None = None
) -> None:
    """Enters a decision about parked events (those that are no events of ours have no id), if it was about any."""
    if ids:
        known = [each for each in ids if each is not None]
        await _ENTER.execute(
            transaction, made_by=by, what=what, consumer=consumer, reason=reason, events=len(ids), event_ids=known
        )
