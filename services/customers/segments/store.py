"""What staff say of customers' loyalty, in the database."""

from dataclasses import asdict
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.customers.segments.domain import LoyaltyRating
from services.customers.segments.tables import LoyaltyRatingRow
from shared.db import Connection
from shared.statement import Reader, Statement, given, table, upsert_many

_FIELDS: Final = ("customer_id", "version", "criteria", "kind", "rated_at", "rated_by")
_READ: Final = Statement(
    select(*(table(LoyaltyRatingRow).c[name] for name in _FIELDS)).where(
        col(LoyaltyRatingRow.customer_id) == given("id")
    ),
    LoyaltyRating,
)
_KEEP: Final = Statement(upsert_many(LoyaltyRatingRow, *_FIELDS, key=("customer_id",)))


async def rating(reader: Reader, customer_id: UUID) -> LoyaltyRating | None:
    """What stands, or None."""
    return await _READ.one(reader, id=customer_id)


async def keep_rating(transaction: Connection, rating: LoyaltyRating) -> None:
    """Of a customer who is held."""
    await _KEEP.execute(transaction, **{name: [value] for name, value in asdict(rating).items()})
