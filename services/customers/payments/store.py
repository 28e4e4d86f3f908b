"""Invoices in the database."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Final
from uuid import UUID

from sqlalchemy import Text, Uuid, select
from sqlmodel import col

from services.customers.payments.domain import CreditLimit, Payment
from services.customers.payments.tables import CreditLimitRow, PaymentRow
from shared.db import Connection
from shared.statement import (
    Reader,
    Scalar,
    Statement,
    any_given,
    by_column,
    given,
    insert_many,
    insert_one,
    table,
    upsert_many,
)

FIELDS: Final = tuple(field.name for field in fields(Payment))
PAYMENTS = select(*(table(PaymentRow).c[name] for name in FIELDS))
_ADD = Statement(insert_one(PaymentRow, *FIELDS).on_conflict_do_nothing().returning(col(PaymentRow.id)))
_BY_NUMBER = Statement(PAYMENTS.where(col(PaymentRow.invoice_no) == given("invoice_no")).with_for_update(), Payment)
_BY_NUMBERS = Statement(
    PAYMENTS.where(col(PaymentRow.invoice_no) == any_given("numbers", Text))
    .order_by(col(PaymentRow.id))
    .with_for_update(),
    Payment,
)
_LOCKED_MANY = Statement(
    PAYMENTS.where(col(PaymentRow.id) == any_given("ids", Uuid)).order_by(col(PaymentRow.id)).with_for_update(), Payment
)
_CUSTOMERS_OF = Scalar(
    select(col(PaymentRow.customer_id)).where(col(PaymentRow.id) == any_given("ids", Uuid)).distinct(), UUID
)
_ADD_MANY = Statement(insert_many(PaymentRow, *FIELDS))
_LOCKED = Statement(PAYMENTS.where(col(PaymentRow.id) == given("id")).with_for_update(), Payment)
_SAVE = Statement(upsert_many(PaymentRow, *FIELDS))
_LIMITS: Final = tuple(field.name for field in fields(CreditLimit))
_LIMIT = Statement(
    select(*(table(CreditLimitRow).c[name] for name in _LIMITS)).where(
        col(CreditLimitRow.customer_id) == given("customer_id")
    ),
    CreditLimit,
)
_KEEP_LIMIT = Statement(upsert_many(CreditLimitRow, *_LIMITS, key=("customer_id",)))


async def add(transaction: Connection, payment: Payment) -> bool:
    """Adds an invoice; False where its number is known."""
    return await _ADD.one(transaction, **asdict(payment)) is not None


async def by_number(transaction: Connection, invoice_no: str) -> Payment | None:
    """An invoice, held until the transaction ends."""
    return await _BY_NUMBER.one(transaction, invoice_no=invoice_no)


async def locked(transaction: Connection, id_: UUID) -> Payment | None:
    """The same by its id."""
    return await _LOCKED.one(transaction, id=id_)


async def save(transaction: Connection, payment: Payment) -> None:
    """Writes a held invoice as it stands."""
    await _SAVE.execute(transaction, **{name: [value] for name, value in asdict(payment).items()})


async def limit(reader: Reader, customer_id: UUID) -> CreditLimit | None:
    """How much a customer may owe; None where nobody has ever said so. Who changes it holds the customer."""
    return await _LIMIT.one(reader, customer_id=customer_id)


async def by_numbers(transaction: Connection, numbers: Sequence[str]) -> list[Payment]:
    """Invoices with these numbers, held until the transaction ends."""
    return await _BY_NUMBERS.all(transaction, numbers=numbers)


async def locked_many(transaction: Connection, ids: Sequence[UUID]) -> list[Payment]:
    """The same by their ids."""
    return await _LOCKED_MANY.all(transaction, ids=ids)


async def customers_of(transaction: Connection, ids: Sequence[UUID]) -> list[UUID]:
    """Whose invoices they are."""
    return await _CUSTOMERS_OF.all(transaction, ids=ids)


async def add_many(transaction: Connection, payments: Sequence[Payment]) -> None:
    """Adds invoices whose numbers nobody has told of."""
    if payments:
        await _ADD_MANY.execute(transaction, **by_column(asdict(each) for each in payments))


async def save_many(transaction: Connection, payments: Sequence[Payment]) -> None:
    """Writes held invoices as they stand."""
    if payments:
        await _SAVE.execute(transaction, **by_column(asdict(each) for each in payments))


async def keep_limit(transaction: Connection, limit: CreditLimit) -> None:
    """Writes how much a held customer may owe."""
    await _KEEP_LIMIT.execute(transaction, **{name: [value] for name, value in asdict(limit).items()})
