"""What staff say of customers' loyalty, in the database; and how invoices and ratings of somebody are read."""

from dataclasses import asdict
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.customers.losses.store import MARGIN
from services.customers.segments.domain import LoyaltyRating
from services.customers.segments.tables import LoyaltyRatingRow
from shared.db import Connection
from shared.statement import Reader, Statement, given, table, upsert_many, with_parts

DAYS_LATE: Final = """
    SELECT greatest(0, coalesce(i.paid_on, :today::date) - i.due_on) FROM payment i
    WHERE i.customer_id = {customer} AND i.withdrawn_at IS NULL
        AND (i.paid_on IS NOT NULL OR i.due_on < :today::date)
    ORDER BY i.due_on DESC, i.id DESC LIMIT :invoices::integer
    """
"""How late each of the last invoices of `{customer}` was paid, or is."""
OVERRIDES: Final = """
    SELECT ROW(o.dimension, o.score) FROM segment_override o
    WHERE o.customer_id = {customer} AND o.ended_at IS NULL AND o.until >= :today::date
    """
"""What stands by hand for `{customer}`."""
RATED: Final = """
    SELECT e.value::integer FROM loyalty_rating r, jsonb_each_text(r.criteria) AS e WHERE r.customer_id = {customer}
    """
"""What staff say of `{customer}`, by each criterion."""
_PROFIT: Final = "({costed} - {cost} + ({amount} - {costed}) * {margin})"


def profit_of(amount: str, costed: str, cost: str) -> str:
    """As SQL what is left of an amount, not rounded: what the cost leaves of its part `costed`, the margin of the
    rest."""
    return with_parts(_PROFIT, amount=amount, costed=costed, cost=cost, margin=MARGIN)


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
