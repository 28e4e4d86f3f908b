"""The revision of the rulebook: whoever changes a policy, a subject or a calendar counts it on."""

from shared.db import Connection


async def revision(reader: Connection) -> int:
    number: int = await reader.fetchval("SELECT revision FROM rulebook")
    return number


async def next_revision(transaction: Connection) -> None:
    """Takes the rulebook's lock and makes every process read it anew before it records again."""
    await transaction.execute("UPDATE rulebook SET revision = revision + 1")
