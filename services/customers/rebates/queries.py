"""Reading agreements with what is earned by them.

What counts are the purchases of the agreement's days that stand, entered whenever it was, less all that came back of
them by now: a return counts against the purchase that it returns, as in months (decision 11).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, Final
from uuid import UUID

from services.customers.context import Context
from services.customers.heads.store.names import beside, name_of
from services.customers.heads.store.visibility import sees
from services.customers.rebates.domain import Accrual, Rebate, RebateNotFound, accrue
from services.customers.rebates.store import FIELDS, rebate_of
from shared.ids import FROM_THE_END
from shared.statement import Statement

_SELECT: Final = """
    SELECT {columns}, {names}, coalesce((
        SELECT sum(p.amount - p.returned) FROM purchase p
        WHERE p.customer_id = r.customer_id AND p.returns_id IS NULL AND p.reversed_at IS NULL
            AND (r.brand_id IS NULL OR p.brand_id = r.brand_id)
            AND p.occurred_at >= r.starts_on::timestamp AT TIME ZONE :zone
            AND p.occurred_at < (r.ends_on + 1)::timestamp AT TIME ZONE :zone
    ), 0) AS purchased
    FROM rebate r WHERE {where} AND {seen}"""
"""By hand: agreements with the sum of what counts for each."""
_COLUMNS: Final = ", ".join(f"r.{name}" for name in FIELDS)
_NAMES: Final = beside(customer_name=name_of("customer", "r.customer_id"), brand_name=name_of("brand", "r.brand_id"))
_NARROWED: Final[Mapping[str, str]] = {
    "customer_id": "r.customer_id = :customer_id",
    "brand_id": "r.brand_id = :brand_id",
    "holds_on": "r.withdrawn_at IS NULL AND :holds_on::date BETWEEN r.starts_on AND r.ends_on",
}
"""What a list may be narrowed by."""


@dataclass(frozen=True, slots=True)
class ReadRebate:
    """An agreement with names beside ids (of a person there is none), and what is earned by it."""

    rebate: Rebate
    accrual: Accrual
    customer_name: str | None
    brand_name: str | None

    @property
    def id(self) -> UUID:
        return self.rebate.id


def _read(purchased: Decimal, customer_name: str | None, brand_name: str | None, **columns: Any) -> ReadRebate:
    rebate = rebate_of(**columns)
    return ReadRebate(rebate, accrue(rebate.steps, purchased), customer_name, brand_name)


_ONE: Final = Statement(_SELECT, _read, columns=_COLUMNS, names=_NAMES, where="r.id = :id", seen=sees("r.customer_id"))


@cache
def _page(names: tuple[str, ...]) -> Statement[ReadRebate]:
    where = " AND ".join(("r.id < :before", *(_NARROWED[name] for name in names)))
    return Statement(
        _SELECT + " ORDER BY r.id DESC LIMIT :most",
        _read,
        columns=_COLUMNS,
        names=_NAMES,
        where=where,
        seen=sees("r.customer_id"),
    )


async def written(context: Context, id_: UUID) -> ReadRebate:
    """An agreement that was just entered or changed."""
    [found] = await _ONE.all(context.database, id=id_, zone=context.zone.key, viewer=None)
    return found


async def read(context: Context, id_: UUID, *, viewer: UUID | None) -> ReadRebate:
    """Raises RebateNotFound, also for an agreement with a customer whom the viewer does not see."""
    found = await _ONE.one(context.database, id=id_, zone=context.zone.key, viewer=viewer)
    if found is None:
        raise RebateNotFound("no agreement has this id")
    return found


async def page(
    context: Context, filters: Mapping[str, Any], before: UUID | None, most: int, *, viewer: UUID | None
) -> list[ReadRebate]:
    """Agreements with customers whom the viewer sees, the latest first."""
    given = {name: value for name, value in filters.items() if value is not None}
    return await _page(tuple(sorted(given))).all(
        context.database, **given, before=before or FROM_THE_END, most=most, zone=context.zone.key, viewer=viewer
    )
