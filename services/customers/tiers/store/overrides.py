"""Tiers set by hand, and their lines of the tier history, in the database."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime
from uuid import UUID

from sqlalchemy import Uuid, select, update
from sqlmodel import col

from services.customers.tiers.domain.overrides import Override
from services.customers.tiers.domain.standing import TierChange
from services.customers.tiers.tables import TierChangeRow, TierOverrideRow
from shared.db import Connection
from shared.statement import Reader, Scalar, Statement, any_given, given, insert_one, table

_OVERRIDE = tuple(field.name for field in fields(Override))
_CHANGE = tuple(field.name for field in fields(TierChange) if field.name != "month")

_STANDING = Statement(
    select(*(table(TierOverrideRow).c[name] for name in _OVERRIDE)).where(
        col(TierOverrideRow.customer_id) == given("customer_id"), col(TierOverrideRow.ended_at).is_(None)
    ),
    Override,
)
_ADD_OVERRIDE = Statement(insert_one(TierOverrideRow, *_OVERRIDE))
_END_OVERRIDES = Statement(
    update(TierOverrideRow)
    .values(ended_at=given("at"))
    .where(col(TierOverrideRow.customer_id) == any_given("customers", Uuid), col(TierOverrideRow.ended_at).is_(None))
)
_DUE_OVERRIDES = Scalar(
    select(col(TierOverrideRow.customer_id))
    .where(col(TierOverrideRow.ended_at).is_(None), col(TierOverrideRow.until) <= given("now"))
    .order_by(col(TierOverrideRow.until))
    .limit(given("most")),
    UUID,
)
_ADD_CHANGE = Statement(insert_one(TierChangeRow, "customer_id", *_CHANGE))


async def override(reader: Reader, customer_id: UUID) -> Override | None:
    """The override that stands for a customer."""
    return await _STANDING.one(reader, customer_id=customer_id)


async def add_override(transaction: Connection, new: Override) -> None:
    await _ADD_OVERRIDE.execute(transaction, **asdict(new))


async def add_change(transaction: Connection, customer_id: UUID, change: TierChange) -> None:
    """A change by hand: it belongs to no closed month."""
    values = {name: getattr(change, name) for name in _CHANGE}
    await _ADD_CHANGE.execute(transaction, customer_id=customer_id, **values)


async def end_overrides(transaction: Connection, customers: Sequence[UUID], at: datetime) -> None:
    await _END_OVERRIDES.execute(transaction, customers=customers, at=at)


async def due_overrides(reader: Reader, now: datetime, most: int) -> list[UUID]:
    """Customers whose override has run out."""
    return await _DUE_OVERRIDES.all(reader, now=now, most=most)
