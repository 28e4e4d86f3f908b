"""Scores that are said by hand, in the database."""

from dataclasses import asdict, fields
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select, update
from sqlmodel import col

from services.customers.segment_overrides.domain import SegmentOverride
from services.customers.segment_overrides.tables import SegmentOverrideRow
from services.customers.segments.domain import Dimension
from shared.db import Connection
from shared.statement import Reader, Scalar, Statement, given, insert_one, table

_FIELDS: Final = tuple(field.name for field in fields(SegmentOverride))
_ADD: Final = Statement(insert_one(SegmentOverrideRow, *_FIELDS))
_END: Final = Scalar(
    update(table(SegmentOverrideRow))
    .values(ended_at=given("at"))
    .where(
        col(SegmentOverrideRow.customer_id) == given("customer_id"),
        col(SegmentOverrideRow.dimension) == given("dimension"),
        col(SegmentOverrideRow.ended_at).is_(None),
    )
    .returning(col(SegmentOverrideRow.id)),
    UUID,
)
_OF_CUSTOMER: Final = Statement(
    select(*(table(SegmentOverrideRow).c[name] for name in _FIELDS))
    .where(col(SegmentOverrideRow.customer_id) == given("customer_id"))
    .order_by(col(SegmentOverrideRow.id).desc())
    .limit(100),
    SegmentOverride,
)


async def add(transaction: Connection, override: SegmentOverride) -> None:
    """Of a customer who is held."""
    await _ADD.execute(transaction, **asdict(override))


async def end(transaction: Connection, customer_id: UUID, dimension: Dimension, at: datetime) -> UUID | None:
    """Ends the one that stands; None where none does."""
    return await _END.one(transaction, customer_id=customer_id, dimension=dimension, at=at)


async def of_customer(reader: Reader, customer_id: UUID) -> list[SegmentOverride]:
    """The last hundred, the latest first."""
    return await _OF_CUSTOMER.all(reader, customer_id=customer_id)
