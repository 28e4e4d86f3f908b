"""Everybody's places among all who buy, and whether they have changed."""

from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from services.customers.losses.store import MARGIN
from services.customers.segments.domain import PYRAMID
from services.customers.segments.store import profit_of
from shared.contracts.worth import ValueLevel
from shared.db import Connection
from shared.statement import Reader, Scalar, Statement

_STALE: Final = Statement(
    """
    UPDATE value_placing SET stale = true, live = live OR :live::boolean
    WHERE NOT stale OR :live::boolean AND NOT live
    """
)
_BEGIN_PLACES: Final = Scalar(
    """
    UPDATE value_placing SET stale = false, placed_at = NULL
    RETURNING live OR margin IS NOT NULL AND margin IS DISTINCT FROM {margin}
    """,
    bool,
    margin=MARGIN,
)
_PLACES_FOUND: Final = Statement("UPDATE value_placing SET placed_at = :at, margin = :margin, live = live AND stale")
_PLACES_STALE: Final = Scalar(
    """
    SELECT EXISTS (
        SELECT FROM value_placing
        WHERE placed_at IS NULL OR stale AND placed_at <= :until OR margin IS DISTINCT FROM {margin}
    )
    """,
    bool,
    margin=MARGIN,
)
_TOP, _NEXT = PYRAMID["top"][0], PYRAMID["top"][0] + PYRAMID["next"][0]
_MISPLACED: Final = Statement(
    """
    WITH placed AS (
        SELECT customer_id, value, row_number() OVER (ORDER BY profit DESC, yearly DESC, customer_id) AS place,
            count(*) OVER () AS all_of_them
        FROM (SELECT customer_id, value, yearly, {profit} AS profit FROM customer_worth WHERE yearly > 0) AS gained
    ), judged AS (
        SELECT customer_id, value, CASE WHEN place <= ceil(all_of_them * {top} / 100.0) THEN 'top'
            WHEN place <= ceil(all_of_them * {next} / 100.0) THEN 'next' ELSE 'rest' END AS now
        FROM placed
        UNION ALL SELECT customer_id, value, 'rest' FROM customer_worth WHERE yearly <= 0
    )
    SELECT customer_id, now FROM judged WHERE value <> now
    """,
    lambda customer_id, now: (customer_id, now),
    profit=profit_of("yearly", "costed", "cost"),
    top=f"{_TOP:d}",
    next=f"{_NEXT:d}",
)
"""By hand: places among all who bought something in the twelve complete months by what is left of it, the same as the
pyramid's."""
_MARGIN: Final = Scalar("SELECT {margin}", Decimal, margin=MARGIN)
_MORE_THAN: Final = Scalar("SELECT EXISTS (SELECT FROM customer_worth OFFSET :few)", bool)
_PLACE_ALONE: Final = Scalar("SELECT pg_try_advisory_xact_lock(4018, 72)", bool)


async def places_are_stale(transaction: Connection, *, live: bool) -> None:
    """Somebody's yearly sum has changed, or what is known of its cost; by what is live or by history alone."""
    await _STALE.execute(transaction, live=live)


async def place_alone(transaction: Connection) -> bool:
    """Whether nobody else is putting customers in their places; held until the transaction ends."""
    return await _PLACE_ALONE.only(transaction)


async def places_stale(reader: Reader, until: datetime) -> bool:
    """Whether places have changed and were not found anew since, finding them has not come to its end, or the margin is
    another one."""
    return await _PLACES_STALE.only(reader, until=until)


async def are_more_than(reader: Reader, few: int) -> bool:
    """Whether more customers than that were judged."""
    return await _MORE_THAN.only(reader, few=few)


async def places_begin(writer: Reader) -> bool:
    """They are being found: of what was judged until now. Whether anything of that is live."""
    return await _BEGIN_PLACES.only(writer)


async def places_found(writer: Reader, at: datetime, margin: Decimal) -> None:
    """Everybody stands in the place in which they belonged, by that margin, when that began; what has come meanwhile
    may be live."""
    await _PLACES_FOUND.execute(writer, at=at, margin=margin)


async def margin(reader: Reader) -> Decimal:
    """What is left of a purchase whose cost nobody knows, as a part of it."""
    return await _MARGIN.only(reader)


async def misplaced(reader: Reader) -> dict[UUID, ValueLevel]:
    """Customers who are in another place among all than they stand in."""
    return dict(await _MISPLACED.all(reader))
