"""Messages in the database."""

from collections.abc import Sequence
from typing import TypeAlias
from zoneinfo import ZoneInfo

from services.reporting.messages.tables import MessageRow
from shared.contracts.care import MessageFailed, MessageSent
from shared.db import Connection
from shared.projection import latest
from shared.statement import Statement, by_column, upsert_many

Settled: TypeAlias = MessageSent | MessageFailed

_KEEP = Statement(upsert_many(MessageRow, "id", "day", "state", "occasion", "purpose", "channel"))


async def keep(transaction: Connection, facts: Sequence[Settled], zone: ZoneInfo) -> None:
    """Keeps what became of messages; one that failed and was sent at last is sent."""
    last = latest(facts, lambda fact: fact.message_id)
    await _KEEP.execute(transaction, **by_column(_row(fact, zone) for fact in last))


def _row(fact: Settled, zone: ZoneInfo) -> dict[str, object]:
    return {
        "id": fact.message_id,
        "day": fact.at.astimezone(zone).date(),
        "state": "sent" if isinstance(fact, MessageSent) else "failed",
        "occasion": fact.occasion,
        "purpose": fact.purpose,
        "channel": fact.channel,
    }
