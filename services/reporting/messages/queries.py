"""How many messages a day had."""

from datetime import date

from sqlalchemy import func, select
from sqlmodel import col

from services.reporting.messages.domain import MessageCount
from services.reporting.messages.tables import MessageRow
from shared.statement import Reader, Statement, given

_COUNT = Statement(
    select(
        func.count().filter(col(MessageRow.state) == "sent").label("sent"),
        func.count().filter(col(MessageRow.state) == "failed").label("failed"),
    ).where(col(MessageRow.day) == given("day")),
    MessageCount,
)


async def of_day(reader: Reader, day: date) -> MessageCount:
    """The messages that were sent or failed on a day of the company's zone."""
    [count] = await _COUNT.all(reader, day=day)
    return count
