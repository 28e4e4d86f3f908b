"""How far a service's own log is published: up to there it is seen by all who read by sequence (decision 1)."""

from typing import Final

from sqlalchemy import select

from shared.kernel_schema import RELAY
from shared.statement import Reader, Scalar

_LAST: Final = Scalar(select(RELAY.c.last_sequence), int)


async def last_sequence(reader: Reader) -> int:
    """The sequence of the newest published event; 0 before the first one."""
    return await _LAST.one(reader) or 0
