"""Routes of exported files."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from typing import IO, Annotated, Any, Final
from uuid import UUID

from fastapi import Path, Query
from starlette.responses import StreamingResponse

from services.customers.archive.api.narrowing import Narrowed
from services.customers.archive.domain import FilterNotShown, FiltersContradict
from services.customers.buying.domain import Days, PurchaseSpanRefused
from services.customers.context import Context
from services.customers.exports.domain import ExportForm
from services.customers.exports.handlers import exporting
from services.customers.masking.handlers import fields_seen
from shared.auth.visibility import viewer
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Day
from shared.http.routing import Caller, router

routes = router("/customers/v1", "exports")

PIECE: Final = 1 << 18
"""Bytes that are sent at once."""
MEDIA_TYPES: Final = {
    ExportForm.CSV: "text/csv; charset=utf-8",
    ExportForm.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_FILES: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "the file",
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            MEDIA_TYPES[ExportForm.XLSX]: {"schema": {"type": "string", "format": "binary"}},
        },
    }
}
Form = Annotated[ExportForm, Path(description="the form of the file")]
CustomerAsked = Annotated[UUID | None, Query(description="only of this customer")]


@routes.get("/exports/customers.{form}", response_class=StreamingResponse, responses=_FILES)
@raises(FilterNotShown, FiltersContradict)
async def export_customers(
    form: Form,
    context: Injected[Context],
    caller: Caller,
    narrowing: Narrowed,
) -> StreamingResponse:
    """Customers whom the caller sees, as a file: CSV in UTF-8, or a workbook; what the caller does not see in full is
    masked. Narrowed by the filters that the list of customers has. Entered in the audit."""
    filters = replace(narrowing.of(caller), viewer=viewer(caller))
    return _sent(
        await exporting.export_customers(context, form, filters, fields_seen(caller), caller), "customers", form
    )


@routes.get("/exports/purchases.{form}", response_class=StreamingResponse, responses=_FILES)
@raises(PurchaseSpanRefused)
async def export_purchases(
    form: Form,
    context: Injected[Context],
    caller: Caller,
    customer_id: CustomerAsked = None,
    brand_id: Annotated[UUID | None, Query(description="only of this brand")] = None,
    from_: Annotated[Day | None, Query(alias="from", description="the first day, in the company's zone")] = None,
    to: Annotated[Day | None, Query(description="the last day, included")] = None,
) -> StreamingResponse:
    """Purchases and returns that stand of customers whom the caller sees, as a file. Entered in the audit."""
    since, until = Days(from_, to).bounds(context.zone)
    values = {"customer_id": customer_id, "brand_id": brand_id, "since": since, "until": until}
    file = await exporting.export_purchases(context, form, {**values, "viewer": viewer(caller)}, caller)
    return _sent(file, "purchases", form)


@routes.get("/exports/payments.{form}", response_class=StreamingResponse, responses=_FILES)
@raises(PurchaseSpanRefused)
async def export_payments(
    form: Form,
    context: Injected[Context],
    caller: Caller,
    customer_id: CustomerAsked = None,
    from_: Annotated[Day | None, Query(alias="from", description="only what is due on this day or later")] = None,
    to: Annotated[Day | None, Query(description="only what is due on this day or earlier")] = None,
) -> StreamingResponse:
    """Invoices of customers whom the caller sees, as a file, with how each stands today. Entered in the audit."""
    span = _days(from_, to)
    values = {"customer_id": customer_id, "since": span.first, "until": span.last, "viewer": viewer(caller)}
    return _sent(await exporting.export_payments(context, form, values, caller), "payments", form)


def _days(first: date | None, last: date | None) -> Days:
    """Raises PurchaseSpanRefused."""
    days = Days(first, last)
    days.check()
    return days


def _sent(file: IO[bytes], name: str, form: ExportForm) -> StreamingResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"', "Cache-Control": "no-store"}
    return StreamingResponse(_pieces(file), media_type=MEDIA_TYPES[form], headers=headers)


async def _pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        while piece := await asyncio.to_thread(file.read, PIECE):
            yield piece
