"""Reading shelves: what was seen, and which brands a store holds and sells now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from services.customers.context import Context
from services.customers.finding.store import FOLDED
from services.customers.heads.store import rows
from services.customers.shelf.domain import Share
from services.customers.shelf.store import FIELDS
from shared.ids import FROM_THE_END
from shared.statement import Statement, with_parts

BEGINNING: Final = (date.max, FROM_THE_END)
_PAGE: Final = Statement(
    """
    SELECT {columns} FROM shelf_share s
    WHERE s.customer_id = :customer_id AND (s.seen_on, s.id) < (:seen_on::date, :before::uuid)
    ORDER BY s.seen_on DESC, s.id DESC LIMIT :most
    """,
    Share,
    columns=", ".join(f"s.{name}" for name in FIELDS),
)


@dataclass(frozen=True, slots=True)
class BrandAt:
    """A brand at a store: whether a contract of today holds it, and which part of the shelf it had when it was seen
    last; of a competitor only the name is known."""

    brand_id: UUID | None
    name: str
    held: bool
    share: Decimal | None
    seen_on: date | None


_BRANDS: Final = Statement(
    """
    WITH held AS (
        SELECT DISTINCT brand_id FROM contract
        WHERE customer_id = :id AND withdrawn_at IS NULL AND daterange(starts_on, ends_on) @> :today::date
    ), seen AS (
        SELECT DISTINCT ON (brand_id, {called}) brand_id, competitor, share, seen_on FROM shelf_share
        WHERE customer_id = :id ORDER BY brand_id, {called}, seen_on DESC, id DESC
    )
    SELECT b.id AS brand_id, coalesce(b.name, seen.competitor) AS name, held.brand_id IS NOT NULL AS held,
        seen.share, seen.seen_on
    FROM held FULL JOIN seen ON seen.brand_id = held.brand_id
        LEFT JOIN brand b ON b.id = coalesce(held.brand_id, seen.brand_id)
    ORDER BY held DESC, seen.share DESC NULLS LAST, name LIMIT 500
    """,
    BrandAt,
    called=with_parts(FOLDED, name="competitor"),
)
"""By hand: what contracts say beside what was seen last of each brand."""


async def page(
    context: Context, customer_id: UUID, after: tuple[date, UUID] | None, most: int, *, viewer: UUID | None
) -> list[Share]:
    """What was seen of a store's shelf, the latest day first. Raises CustomerNotFound."""
    await rows.head(context.database, customer_id, viewer=viewer)
    seen_on, before = after or BEGINNING
    return await _PAGE.all(context.database, customer_id=customer_id, seen_on=seen_on, before=before, most=most)


async def brands(context: Context, customer_id: UUID, *, viewer: UUID | None) -> Sequence[BrandAt]:
    """The brands that a store holds today, then those that were seen there. Raises CustomerNotFound."""
    await rows.head(context.database, customer_id, viewer=viewer)
    return await _BRANDS.all(context.database, id=customer_id, today=context.today())
