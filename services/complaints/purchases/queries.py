"""Reads of what customers bought."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Uuid, func, select
from sqlmodel import col

from services.complaints.purchases.domain import YEAR, Buyer
from services.complaints.purchases.tables import PurchaseMonthRow
from shared import aliases
from shared.money import ZERO
from shared.months import Month
from shared.statement import Reader, Scalar, Statement, any_given, given

_SUM = Scalar(
    select(func.sum(col(PurchaseMonthRow.amount))).where(
        col(PurchaseMonthRow.customer_id) == any_given("ids", Uuid),
        col(PurchaseMonthRow.month) > given("after"),
        col(PurchaseMonthRow.month) <= given("upto"),
    ),
    Decimal,
)
_BUYERS = Statement(
    """
    SELECT coalesce(a.kept_id, b.customer_id) AS customer_id, sum(quantity)::integer AS quantity,
           max(bought_at) AS last_bought_at
    FROM bought_batch b LEFT JOIN customer_alias a ON a.id = b.customer_id AND a.into_id IS NOT NULL
    WHERE batch_key = :batch_key AND quantity > 0 AND bought_at >= :since
        AND (product_key = :product_key
             OR NOT EXISTS (SELECT FROM bought_batch WHERE batch_key = :batch_key AND product_key = :product_key))
    GROUP BY 1 ORDER BY 1
    """,
    Buyer,
)
"""By hand: of a product under which nobody has bought such a batch, whoever has bought a batch of that number."""


async def yearly_sum(reader: Reader, customer_id: UUID, now: datetime, zone: ZoneInfo) -> Decimal:
    """What a customer bought in the running month and the eleven before it, net of what came back, CNY."""
    month = Month.of(now, zone).ordinal
    ids = (await aliases.together(reader, [customer_id]))[customer_id]
    return await _SUM.one(reader, ids=ids, after=month - YEAR, upto=month) or ZERO


async def buyers_of(reader: Reader, product_key: str, batch_key: str, since: datetime) -> list[Buyer]:
    """Who bought a batch since then and has not given all of it back, by id.

    Cases name products otherwise than purchases do: where nobody has bought such a batch of the product, these are the
    buyers of any batch of this number, for it is better that one store too many is warned.
    """
    return await _BUYERS.all(reader, product_key=product_key, batch_key=batch_key, since=since)
