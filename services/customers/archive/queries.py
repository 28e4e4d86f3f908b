"""Reads of the archive that answer requests."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any
from uuid import UUID

from asyncpg import Record
from sqlalchemy import LargeBinary, Uuid, and_
from sqlmodel import col

from services.customers.archive.domain import Customer
from services.customers.archive.store import sealing
from services.customers.archive.store.customers import CUSTOMERS, opened
from services.customers.archive.tables import ArchiveRow
from services.customers.context import Context
from services.customers.finding import queries as finding
from services.customers.finding.queries import MET, SAID
from services.customers.heads.store.visibility import among_visible, visible
from services.customers.heads.tables import CustomerRow
from services.customers.traces.store import phone_trace
from shared.contracts.customers import Tier
from shared.db import Connection
from shared.references import CustomerNotFound
from shared.statement import Reader, Statement, condition, given

_BY_ID = Statement(CUSTOMERS.where(col(CustomerRow.id) == given("id"), visible("customer.id")))
_BY_TRACE = Statement(
    CUSTOMERS.where(
        condition("archive.traces @> ARRAY[CAST(:trace AS bytea)]", trace=LargeBinary), visible("customer.id")
    )
    .order_by(col(CustomerRow.tier), col(CustomerRow.id))
    .limit(20)
)
_CONDITIONS: Mapping[str, Any] = {
    "tier": col(CustomerRow.tier) == given("tier"),
    "region_id": col(ArchiveRow.region_id) == given("region_id"),
    "stage": col(ArchiveRow.stage) == given("stage"),
    "external_no": col(ArchiveRow.external_no) == given("external_no"),
    "after": and_(col(CustomerRow.id) > given("after", Uuid), col(ArchiveRow.customer_id) > given("after", Uuid)),
    "viewer": among_visible("customer.id"),
    "trace": condition(
        "customer.id = ANY (ARRAY(SELECT t.customer_id FROM archive t WHERE t.traces @> ARRAY[CAST(:trace AS bytea)]))",
        trace=LargeBinary,
    ),
    "query": SAID,
    "walked_from": MET,
}
"""What a page may be narrowed by: the fields of Filters, the place to begin after, and two ways to find names."""


@cache
def _page(narrowed_by: tuple[str, ...]) -> Statement[Record]:
    """One statement for each set of conditions, so that each has its plan."""
    conditions = [_CONDITIONS[name] for name in narrowed_by]
    return Statement(CUSTOMERS.where(*conditions).order_by(col(CustomerRow.id)).limit(given("most")))


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to."""

    tier: Tier | None = None
    region_id: UUID | None = None
    stage: str | None = None
    external_no: str | None = None
    query: str | None = None
    """Part of a store's name or of how it sounds; or a number, phone, e-mail or person's name exactly."""
    viewer: UUID | None = None
    """Whose customers only are listed; None: all."""


NOBODY = UUID(int=0)
"""Before whom there is nobody."""


async def customer(context: Context, customer_id: UUID, *, viewer: UUID | None) -> Customer:
    """Raises CustomerNotFound, also for a customer whom the viewer does not see."""
    found = await _BY_ID.one(context.database, id=customer_id, viewer=viewer)
    if found is None:
        raise CustomerNotFound("no customer has this id")
    return opened(found, context.personal)


async def by_phone(context: Context, phone: str, *, viewer: UUID | None) -> list[Customer]:
    """Customers with this phone number (E.164) whom the viewer sees, the highest tier first."""
    trace = phone_trace(context.traces, phone)
    rows = await _BY_TRACE.all(context.database, trace=trace, viewer=viewer)
    return [opened(row, context.personal) for row in rows]


async def page(context: Context, filters: Filters, after: UUID | None, most: int) -> list[Customer]:
    """Customers in the order of their registration, whatever they are called."""
    return await _read(context, context.database, _given(filters, after), most)


async def by_trace(context: Context, filters: Filters, trace: bytes, after: UUID | None, most: int) -> list[Customer]:
    """The same of those who have this phone or e-mail."""
    values = {name: value for name, value in _given(filters, after).items() if name != "query"}
    return await _read(context, context.database, {**values, "trace": trace}, most)


async def named(
    context: Context, reader: Connection, filters: Filters, in_full: Collection[str], after: UUID | None, most: int
) -> list[Customer]:
    """The same of those whose name says the query or sounds like it, or who have it as number or full name; `in_full`
    are the personal fields by which they may be found.

    `reader` is in a transaction that plans by values: how many have a part of a name no general plan knows.
    """
    query = filters.query or ""
    sought = finding.values_sought(query, sealing.traces_sought(context.traces, query, in_full))
    values = {**_given(filters, after), **sought}
    if await finding.are_met_often(context, values):
        met = await _read(context, reader, {**values, "walked_from": after or NOBODY}, most)
        if len(met) == most:
            return met
    return await _read(context, reader, values, most)


def _given(filters: Filters, after: UUID | None) -> dict[str, object]:
    return {name: value for name, value in {**asdict(filters), "after": after}.items() if value is not None}


async def _read(context: Context, reader: Reader, values: Mapping[str, object], most: int) -> list[Customer]:
    names = [name for name in _CONDITIONS if name in values]
    if "walked_from" in values:
        names.remove("query")
    found = await _page(tuple(names)).all(reader, **values, most=most)
    return [opened(each, context.personal) for each in found]
