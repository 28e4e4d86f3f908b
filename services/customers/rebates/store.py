"""Agreements in the database, which itself keeps those of one customer and brand apart."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Uuid, select, update
from sqlmodel import col

from services.customers.heads.store.visibility import visible
from services.customers.rebates.domain import Rebate, RebateStep
from services.customers.rebates.tables import RebateRow
from shared.db import Connection
from shared.statement import Reader, Scalar, Statement, any_given, given, insert_one, table

FIELDS: Final = tuple(field.name for field in fields(Rebate))
REBATES = select(*(table(RebateRow).c[name] for name in FIELDS))


def rebate_of(steps: Sequence[Sequence[str]], **others: Any) -> Rebate:
    """The agreement in a row of REBATES."""
    return Rebate(steps=tuple(RebateStep(Decimal(amount), Decimal(rate)) for amount, rate in steps), **others)


_ADD = Statement(insert_one(RebateRow, *FIELDS))
_CHANGED = ("version", "starts_on", "ends_on", "steps", "withdrawn_at", "updated_at")
_SAVE = Statement(
    update(RebateRow).values({name: given(name) for name in _CHANGED}).where(col(RebateRow.id) == given("rebate_id"))
)
_LOCKED = Statement(
    REBATES.where(col(RebateRow.id) == given("id"), visible("rebate.customer_id")).with_for_update(of=RebateRow),
    rebate_of,
)
_CUSTOMERS_OF = Scalar(
    select(col(RebateRow.customer_id)).where(col(RebateRow.id) == any_given("ids", Uuid)).distinct(), UUID
)
_IN_THE_WAY = Scalar(
    """
    SELECT id FROM rebate
    WHERE customer_id = :customer_id AND brand_id IS NOT DISTINCT FROM :brand_id::uuid AND id <> :id
        AND withdrawn_at IS NULL
        AND daterange(starts_on, ends_on, '[]') && daterange(:starts_on::date, :ends_on::date, '[]')
    ORDER BY starts_on LIMIT 5
    """,
    UUID,
)
"""By hand: ranges of days."""


async def add(transaction: Connection, rebate: Rebate) -> None:
    """Adds an agreement; what stands in its way the constraint `rebate_apart` refuses."""
    await _ADD.execute(transaction, **_row(rebate))


async def locked(transaction: Connection, id_: UUID, *, viewer: UUID | None) -> Rebate | None:
    """An agreement, held until the transaction ends; None also for one of a customer whom the viewer does not see."""
    return await _LOCKED.one(transaction, id=id_, viewer=viewer)


async def customers_of(reader: Reader, ids: Sequence[UUID]) -> list[UUID]:
    """Whose agreements they are."""
    return await _CUSTOMERS_OF.all(reader, ids=ids)


async def save(transaction: Connection, rebate: Rebate) -> None:
    """Writes a held agreement as it stands."""
    row = _row(rebate)
    await _SAVE.execute(transaction, rebate_id=rebate.id, **{name: row[name] for name in _CHANGED})


async def in_the_way(transaction: Connection, rebate: Rebate) -> list[UUID]:
    """The agreements, up to five, beside which this one cannot stand."""
    names = ("id", "customer_id", "brand_id", "starts_on", "ends_on")
    return await _IN_THE_WAY.all(transaction, **{name: getattr(rebate, name) for name in names})


def _row(rebate: Rebate) -> dict[str, Any]:
    steps = [[str(step.from_amount), str(step.rate)] for step in rebate.steps]
    return {**asdict(rebate), "steps": steps}
