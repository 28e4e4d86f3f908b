"""Telling of the parts of the scheme that care owns (domain 1, decision 22d)."""

from services.care.context import Context
from services.care.scheme.store import ANNOUNCER
from shared.db import Connection


async def announce(transaction: Connection, *, historical: bool = False) -> int:
    """Tells of every version of a policy that nobody has been told of: whoever writes one calls this; how many."""
    return len(await ANNOUNCER.announce(transaction, historical=historical))


async def announce_left(context: Context) -> int:
    """Due work: the same for what came with the service, or an earlier release has written."""
    async with context.database.transaction() as transaction:
        return await announce(transaction, historical=True)
