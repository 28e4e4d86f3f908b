"""Rows of exported files, from cursors on the server: no more of them are here at once than are handed on.

Each kind's rows come by the statement that narrows them; persons are not named in files of purchases and payments.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from services.customers.archive import domain as archive
from services.customers.archive.queries import narrowed
from services.customers.archive.store.customers import opened
from services.customers.archive.store.pages import CONDITIONS, everybody
from services.customers.context import Context
from services.customers.exports.domain import Cell, Row
from services.customers.heads.store.visibility import sees
from services.customers.imports.domain.goods import line_as
from services.customers.payments.domain import Payment
from services.customers.payments.store import FIELDS
from services.customers.purchases.store.costs import cost_of
from shared.db import Connection
from shared.months import Month
from shared.statement import Statement

Values = Mapping[str, object]
CUSTOMERS_AT_ONCE: Final = 100
"""Customers that are opened without giving way to other work."""
AT_ONCE: Final = 1_000

_PURCHASES: Final = Statement(
    """
    SELECT e.id, e.returns_id, e.customer_id, a.external_no AS customer_no, a.name AS store, b.name AS brand,
           e.amount, {cost} AS cost, e.occurred_at, e.month, e.external_no, e.order_no, e.receipt_no,
           ARRAY(SELECT ROW(l.product, l.batch, l.quantity, l.amount, l.cost)
                 FROM purchase_line l WHERE l.entry_id = e.id ORDER BY l.line_no) AS lines
    FROM purchase e JOIN archive a ON a.customer_id = e.customer_id LEFT JOIN brand b ON b.id = e.brand_id
    WHERE e.reversed_at IS NULL AND {seen}
      AND (:customer_id::uuid IS NULL OR e.customer_id = :customer_id)
      AND (:brand_id::uuid IS NULL OR e.brand_id = :brand_id)
      AND (:since::timestamptz IS NULL OR e.occurred_at >= :since)
      AND (:until::timestamptz IS NULL OR e.occurred_at < :until)
    ORDER BY e.id
    """,
    cost=cost_of("e"),
    seen=sees("e.customer_id"),
)
"""By hand, as the next: entries with what they cost and whose they are."""
_PAYMENTS: Final = Statement(
    """
    SELECT {columns}, a.external_no AS customer_no, a.name AS store
    FROM payment p JOIN archive a ON a.customer_id = p.customer_id
    WHERE {seen}
      AND (:customer_id::uuid IS NULL OR p.customer_id = :customer_id)
      AND (:since::date IS NULL OR p.due_on >= :since) AND (:until::date IS NULL OR p.due_on <= :until)
    ORDER BY p.id
    """,
    columns=", ".join(f"p.{name}" for name in FIELDS),
    seen=sees("p.customer_id"),
)


async def customers(
    context: Context, reader: Connection, filters: archive.Filters, in_full: Collection[str]
) -> AsyncIterator[Sequence[Row]]:
    """Customers as somebody sees them who sees these personal fields in full, narrowed as lists of them are."""
    values = narrowed(filters, None)
    statement = everybody(tuple(name for name in CONDITIONS if name in values))
    async for found in statement.in_batches(reader, CUSTOMERS_AT_ONCE, **values):
        yield [_customer(row, opened(row, context.personal), in_full, context.zone) for row in found]


def _customer(row: Any, customer: archive.Customer, in_full: Collection[str], zone: ZoneInfo) -> Row:
    seen = archive.masked(customer, in_full)
    profile = seen.profile
    return (
        str(seen.id),
        profile.external_no,
        profile.name,
        profile.kind,
        seen.tier,
        row["region_name"],
        seen.stage,
        "; ".join(profile.phones) or None,
        "; ".join(profile.emails) or None,
        profile.address,
        _day(profile.birthday),
        _day(profile.opened_on),
        profile.legal_name,
        profile.licence_no,
        profile.credit_rating,
        _moment(seen.registered_at, zone),
        " ".join(seen.masked) or None,
    )


async def purchases(context: Context, reader: Connection, values: Values) -> AsyncIterator[Sequence[Row]]:
    """Purchases and returns that stand, in the order in which they were entered."""
    async for found in _PURCHASES.in_batches(reader, AT_ONCE, **values):
        yield [_purchase(row, context.zone) for row in found]


def _purchase(row: Any, zone: ZoneInfo) -> Row:
    return (
        str(row["id"]),
        "purchase" if row["returns_id"] is None else "return",
        str(row["customer_id"]),
        row["customer_no"],
        row["store"],
        row["brand"],
        str(row["amount"]),
        _text(row["cost"]),
        _moment(row["occurred_at"], zone),
        str(Month.at(row["month"])),
        row["external_no"],
        row["order_no"],
        row["receipt_no"],
        _text(row["returns_id"]),
        "; ".join(line_as(*line) for line in row["lines"]) or None,
    )


async def payments(context: Context, reader: Connection, values: Values) -> AsyncIterator[Sequence[Row]]:
    """Invoices, in the order in which they were told of."""
    today = context.today()
    async for found in _PAYMENTS.in_batches(reader, AT_ONCE, **values):
        yield [_payment(row, Payment(**{name: row[name] for name in FIELDS}), today) for row in found]


def _payment(row: Any, payment: Payment, today: date) -> Row:
    return (
        str(payment.id),
        str(payment.customer_id),
        row["customer_no"],
        row["store"],
        payment.invoice_no,
        _day(payment.due_on),
        str(payment.amount),
        _day(payment.paid_on),
        payment.state(today),
        payment.days_late(today),
    )


def _text(value: object) -> Cell:
    return None if value is None else str(value)


def _day(day: date | None) -> Cell:
    return None if day is None else day.isoformat()


def _moment(moment: datetime, zone: ZoneInfo) -> Cell:
    """As the company's wall showed it, with the offset."""
    return moment.astimezone(zone).isoformat(timespec="seconds")
