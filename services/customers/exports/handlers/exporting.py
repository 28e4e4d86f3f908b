"""Exporting: the rows leave the database at its own pace, and the file goes out at that of who asked.

Nothing is answered before the whole file is there: a fault is a refusal, never half a file. No connection is held while
it is sent.
"""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import IO, TypeAlias
from uuid import UUID

from services.customers.archive.domain import Filters
from services.customers.archive.queries import with_numbers_of_kept
from services.customers.context import Context
from services.customers.exports import domain, queries
from services.customers.exports.domain import ExportForm, Row, Sheet
from services.customers.exports.handlers.writer import written
from shared import audit
from shared.auth.principal import Principal
from shared.db import Connection

Rows: TypeAlias = Callable[[Connection], AsyncIterator[Sequence[Row]]]
Values: TypeAlias = Mapping[str, object]


async def export_customers(
    context: Context, form: ExportForm, filters: Filters, seen: Collection[str], caller: Principal
) -> IO[bytes]:
    """The file of the customers that the filters leave; personal fields that are not `seen` in full are masked. Raises
    Busy."""
    filters = await with_numbers_of_kept(context, filters)
    sheet = Sheet(form, "customers", domain.CUSTOMERS)
    return await _export(context, sheet, caller, partial(queries.customers, context, filters=filters, in_full=seen))


async def export_purchases(context: Context, form: ExportForm, values: Values, caller: Principal) -> IO[bytes]:
    """The same of purchases and returns."""
    sheet = Sheet(form, "purchases", domain.PURCHASES)
    return await _export(
        context, sheet, caller, partial(queries.purchases, context, values=values), _customer_in(values)
    )


async def export_payments(context: Context, form: ExportForm, values: Values, caller: Principal) -> IO[bytes]:
    """The same of invoices."""
    sheet = Sheet(form, "payments", domain.PAYMENTS)
    return await _export(
        context, sheet, caller, partial(queries.payments, context, values=values), _customer_in(values)
    )


def _customer_in(values: Values) -> UUID | None:
    customer_id = values["customer_id"]
    return customer_id if isinstance(customer_id, UUID) else None


async def _export(
    context: Context, sheet: Sheet, caller: Principal, rows: Rows, subject: UUID | None = None
) -> IO[bytes]:
    async with context.exporting, context.database.connection() as reader, _reading(reader):
        file = await written(sheet, rows(reader))
    await audit.enter(context.database, caller.id, f"{sheet.name}.exported", subject)
    return file


def _reading(reader: Connection) -> AbstractAsyncContextManager[object]:
    """A transaction that a cursor lives in; it writes nothing, so nothing is unknown about its end."""
    reading: AbstractAsyncContextManager[object] = reader.transaction(readonly=True)
    return reading
