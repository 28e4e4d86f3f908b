"""Tags in the database. A customer's row is held first, then that of the tag, so nobody waits in a circle."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select
from sqlmodel import col

from services.customers.tags.domain import CustomerTag
from services.customers.tags.tables import CustomerTagRow
from shared.db import Connection
from shared.statement import Reader, Scalar, Statement, given, insert_one

_OF: Final = Statement(
    select(col(CustomerTagRow.tag), col(CustomerTagRow.tagged_by), col(CustomerTagRow.tagged_at))
    .where(col(CustomerTagRow.customer_id) == given("customer_id"))
    .order_by(col(CustomerTagRow.tag)),
    CustomerTag,
)
_SET: Final = Scalar(
    insert_one(CustomerTagRow, "customer_id", "tag", "tagged_by", "tagged_at")
    .on_conflict_do_nothing()
    .returning(col(CustomerTagRow.tag)),
    str,
)
_TAKE_AWAY: Final = Statement(
    delete(CustomerTagRow).where(
        col(CustomerTagRow.customer_id) == given("customer_id"), col(CustomerTagRow.tag) == given("tag")
    )
)
_FORGET: Final = Scalar(
    delete(CustomerTagRow)
    .where(col(CustomerTagRow.customer_id) == given("customer_id"))
    .returning(col(CustomerTagRow.tag)),
    str,
)
_SWEEP: Final = Statement("DELETE FROM tag WHERE name = ANY (:tags::text[]) AND customers <= 0")
"""By hand: a word that nobody has any more may be somebody's."""


async def tags_of(reader: Reader, customer_id: UUID) -> list[CustomerTag]:
    """A customer's tags, in the order of their letters."""
    return await _OF.all(reader, customer_id=customer_id)


async def set_tag(transaction: Connection, customer_id: UUID, tag: str, *, at: datetime, by: UUID) -> bool:
    """Gives a held customer a tag; False where it has it already."""
    return await _SET.one(transaction, customer_id=customer_id, tag=tag, tagged_at=at, tagged_by=by) is not None


async def take_away(transaction: Connection, customer_id: UUID, tag: str) -> None:
    """Takes a tag away from a held customer."""
    await _TAKE_AWAY.execute(transaction, customer_id=customer_id, tag=tag)
    await _SWEEP.execute(transaction, tags=[tag])


async def forget(transaction: Connection, customer_id: UUID) -> int:
    """Takes every tag away from a held customer, when the person is erased; how many."""
    tags = await _FORGET.all(transaction, customer_id=customer_id)
    await _SWEEP.execute(transaction, tags=sorted(tags))
    return len(tags)
