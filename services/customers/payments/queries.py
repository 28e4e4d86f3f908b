"""Reading invoices, and how somebody pays."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Final
from uuid import UUID

from services.customers.context import Context
from services.customers.heads.store import rows
from services.customers.heads.store.names import beside, name_of
from services.customers.heads.store.visibility import sees
from services.customers.payments import store
from services.customers.payments.domain import (
    LAST,
    Behaviour,
    CreditLimit,
    NoCreditLimit,
    Payment,
    PaymentNotFound,
    mean_days_late,
)
from services.customers.payments.store import FIELDS
from shared.ids import FROM_THE_END
from shared.statement import Scalar, Statement

BEGINNING: Final = (date.max, FROM_THE_END)


@dataclass(frozen=True, slots=True)
class ReadPayment(Payment):
    """An invoice with the name of its customer; of a person there is none."""

    customer_name: str | None = None


_COLUMNS = ", ".join(f"p.{name}" for name in FIELDS)
_NAMES: Final = beside(customer_name=name_of("customer", "p.customer_id"))
_SELECT = "SELECT {columns}, {names} FROM payment p WHERE {where} AND {seen}"
_ONE = Statement(_SELECT, ReadPayment, columns=_COLUMNS, names=_NAMES, where="p.id = :id", seen=sees("p.customer_id"))
_NARROWED: Final[Mapping[str, str]] = {
    "customer_id": "p.customer_id = :customer_id",
    "invoice_no": "p.invoice_no = :invoice_no",
    "open": "p.paid_on IS NULL AND p.withdrawn_at IS NULL AND p.due_on >= :open::date",
    "overdue": "p.paid_on IS NULL AND p.withdrawn_at IS NULL AND p.due_on < :overdue::date",
    "paid": "p.paid_on IS NOT NULL AND p.withdrawn_at IS NULL AND :paid::date IS NOT NULL",
}
"""What a list may be narrowed by; the states are those on a day."""
_BEHAVIOUR: Final = Statement(
    """
    WITH owed AS (
        SELECT amount, due_on FROM payment
        WHERE customer_id = :id AND paid_on IS NULL AND withdrawn_at IS NULL
    )
    SELECT coalesce(sum(amount) FILTER (WHERE due_on >= :today::date), 0) AS open,
        coalesce(sum(amount) FILTER (WHERE due_on < :today::date), 0) AS overdue,
        count(*) FILTER (WHERE due_on < :today::date) AS invoices_overdue,
        (SELECT amount FROM credit_limit WHERE customer_id = :id) AS credit_limit
    FROM owed
    """
)
"""By hand: sums of one pass, beside the limit."""
_LAST: Final = Scalar(
    """
    SELECT greatest(0, coalesce(paid_on, :today::date) - due_on) FROM (
        SELECT paid_on, due_on, id FROM payment
        WHERE customer_id = :id AND withdrawn_at IS NULL AND (paid_on IS NOT NULL OR due_on < :today::date)
        ORDER BY due_on DESC, id DESC LIMIT :most
    ) AS last ORDER BY due_on, id
    """,
    int,
)
"""By hand: days late of the last invoices that are paid or overdue."""


@cache
def _page(names: tuple[str, ...]) -> Statement[ReadPayment]:
    where = " AND ".join(("(p.due_on, p.id) < (:due_on::date, :before::uuid)", *(_NARROWED[name] for name in names)))
    return Statement(
        _SELECT + " ORDER BY p.due_on DESC, p.id DESC LIMIT :most",
        ReadPayment,
        columns=_COLUMNS,
        names=_NAMES,
        where=where,
        seen=sees("p.customer_id"),
    )


async def read(context: Context, id_: UUID, *, viewer: UUID | None) -> ReadPayment:
    """Raises PaymentNotFound, also for one of a customer whom the viewer does not see."""
    found = await _ONE.one(context.database, id=id_, viewer=viewer)
    if found is None:
        raise PaymentNotFound("no invoice has this id")
    return found


async def written(context: Context, id_: UUID) -> ReadPayment:
    """One that was written just now."""
    [found] = await _ONE.all(context.database, id=id_, viewer=None)
    return found


async def page(
    context: Context,
    filters: Mapping[str, Any],
    after: tuple[date, UUID] | None,
    most: int,
    *,
    viewer: UUID | None,
) -> list[ReadPayment]:
    """Invoices of customers whom the viewer sees, what is due last first."""
    given = {name: value for name, value in filters.items() if value is not None and name != "state"}
    if state := filters.get("state"):
        given[state] = context.today()
    due_on, before = after or BEGINNING
    return await _page(tuple(sorted(given))).all(
        context.database, **given, due_on=due_on, before=before, most=most, viewer=viewer
    )


async def credit_limit(context: Context, customer_id: UUID, *, viewer: UUID | None) -> CreditLimit:
    """How much a customer may owe. Raises CustomerNotFound, NoCreditLimit."""
    await rows.head(context.database, customer_id, viewer=viewer)
    found = await store.limit(context.database, customer_id)
    if found is None or found.amount is None:
        raise NoCreditLimit("set one: PUT /customers/v1/customers/{id}/credit-limit")
    return found


async def behaviour(context: Context, customer_id: UUID, *, viewer: UUID | None) -> Behaviour:
    """How a customer pays. Raises CustomerNotFound, also for one whom the viewer does not see."""
    await rows.head(context.database, customer_id, viewer=viewer)
    today = context.today()
    sums = await _BEHAVIOUR.one(context.database, id=customer_id, today=today)
    late = await _LAST.all(context.database, id=customer_id, today=today, most=LAST)
    limit: Decimal | None = sums["credit_limit"] if sums is not None else None
    return Behaviour(
        open=sums["open"] if sums is not None else Decimal(),
        overdue=sums["overdue"] if sums is not None else Decimal(),
        invoices_overdue=sums["invoices_overdue"] if sums is not None else 0,
        mean_days_late=mean_days_late(late),
        credit_limit=limit,
    )
