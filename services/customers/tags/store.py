"""Tags in the database. A customer's row is held first, then that of the tag, so nobody waits in a circle."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.customers.tags.domain import CustomerTag
from services.customers.tags.tables import CustomerTagRow
from shared.db import Connection
from shared.statement import Reader, Scalar, Statement, given

_OF: Final = Statement(
    select(col(CustomerTagRow.tag), col(CustomerTagRow.tagged_by), col(CustomerTagRow.tagged_at))
    .where(col(CustomerTagRow.customer_id) == given("customer_id"))
    .order_by(col(CustomerTagRow.tag)),
    CustomerTag,
)
_SET: Final = Scalar(
    """
    WITH new AS (
        INSERT INTO customer_tag (customer_id, tag, tagged_by, tagged_at) VALUES (:customer_id, :tag, :by, :at)
        ON CONFLICT DO NOTHING RETURNING tag
    )
    INSERT INTO tag AS t (name, customers) SELECT tag, 1 FROM new
    ON CONFLICT (name) DO UPDATE SET customers = t.customers + 1
    RETURNING name
    """,
    str,
)
"""By hand: the tag and its count in one round trip."""
_TAKE_AWAY: Final = Scalar(
    """
    WITH gone AS (DELETE FROM customer_tag WHERE customer_id = :customer_id AND tag = :tag RETURNING tag)
    UPDATE tag AS t SET customers = t.customers - 1 FROM gone WHERE t.name = gone.tag RETURNING t.name
    """,
    str,
)
"""By hand, likewise."""


async def tags_of(reader: Reader, customer_id: UUID) -> list[CustomerTag]:
    """A customer's tags, in the order of their letters."""
    return await _OF.all(reader, customer_id=customer_id)


async def set_tag(transaction: Connection, customer_id: UUID, tag: str, *, at: datetime, by: UUID) -> bool:
    """Gives a held customer a tag; False where it has it already."""
    return await _SET.one(transaction, customer_id=customer_id, tag=tag, at=at, by=by) is not None


async def take_away(transaction: Connection, customer_id: UUID, tag: str) -> None:
    """Takes a tag away from a held customer."""
    await _TAKE_AWAY.one(transaction, customer_id=customer_id, tag=tag)
