"""What is kept of the live stream."""

from datetime import datetime

import orjson
from sqlalchemy import select
from sqlmodel import col

from services.reporting.stream.tables import LiveEventRow, LiveStreamRow
from shared.contracts.customers import MonthClosed
from shared.live.updates import Extent, LiveUpdate
from shared.moments import with_z
from shared.statement import Reader, Statement, given


def _update(id: int, type: str, at: datetime, data: str) -> LiveUpdate:
    content = {"type": type, "at": at, "data": _shown(type, with_z(data))}
    return LiveUpdate(id, type, orjson.dumps(content, option=orjson.OPT_UTC_Z).decode())


def _shown(type: str, data: str) -> object:
    """A closed month without its figures: what is sold per tier is not for everybody who follows."""
    if type != MonthClosed.TYPE:
        return orjson.Fragment(data)
    return {name: value for name, value in orjson.loads(data).items() if name != "tiers"}


_EXTENT = Statement(select(col(LiveStreamRow.trimmed_to), col(LiveStreamRow.last_id)), Extent)
_AFTER = Statement(
    select(col(LiveEventRow.id), col(LiveEventRow.type), col(LiveEventRow.at), col(LiveEventRow.data))
    .where(col(LiveEventRow.id) > given("position"))
    .order_by(col(LiveEventRow.id))
    .limit(given("most")),
    _update,
)


class Kept:
    """The stream's source: what stands in its table."""

    async def extent(self, reader: Reader) -> Extent:
        """From where to where the stream is kept."""
        [kept] = await _EXTENT.all(reader)  # the migration made the one row
        return kept

    async def after(self, reader: Reader, position: int, most: int) -> list[LiveUpdate]:
        """The updates after a number, in order."""
        return await _AFTER.all(reader, position=position, most=most)
