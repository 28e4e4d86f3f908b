"""Reads of the archive that answer requests."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from uuid import UUID

from sqlmodel import col

from services.customers.archive.domain import Customer
from services.customers.archive.store import pages, sealing
from services.customers.archive.store.customers import CUSTOMERS, opened
from services.customers.context import Context
from services.customers.finding import queries as finding
from services.customers.heads.store.visibility import visible
from services.customers.heads.tables import CustomerRow
from shared.contracts.customers import Tier
from shared.db import Connection
from shared.references import CustomerNotFound
from shared.statement import Reader, Statement, given

_BY_ID = Statement(CUSTOMERS.where(col(CustomerRow.id) == given("id"), visible("customer.id")))


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
    tag: str | None = None


NOBODY = UUID(int=0)
"""Before whom there is nobody."""


async def customer(context: Context, customer_id: UUID, *, viewer: UUID | None) -> Customer:
    """Raises CustomerNotFound, also for a customer whom the viewer does not see."""
    found = await _BY_ID.one(context.database, id=customer_id, viewer=viewer)
    if found is None:
        raise CustomerNotFound("no customer has this id")
    return opened(found, context.personal)


async def page(context: Context, filters: Filters, after: UUID | None, most: int) -> list[Customer]:
    """Customers in the order of their registration, whatever they are called."""
    return await _read(context, context.database, narrowed(filters, after), most)


async def named(
    context: Context, reader: Connection, filters: Filters, in_full: Collection[str], after: UUID | None, most: int
) -> list[Customer]:
    """The same of those whose name says the query or sounds like it, or who have it as number or full name; `in_full`
    are the personal fields by which they may be found.

    `reader` is in a transaction that plans by values: how many have a part of a name no general plan knows.
    """
    query = filters.query or ""
    sought = finding.values_sought(query, sealing.traces_sought(context.traces, query, in_full))
    values = {**narrowed(filters, after), **sought}
    if await finding.are_met_often(context, values):
        met = await _read(context, reader, {**values, "walked_from": after or NOBODY}, most)
        if len(met) == most:
            return met
    return await _read(context, reader, values, most)


def narrowed(filters: Filters, after: UUID | None) -> dict[str, object]:
    """What a page is narrowed by, and the values of that."""
    values = {field.name: getattr(filters, field.name) for field in fields(filters)}
    return {name: value for name, value in {**values, "after": after}.items() if value is not None}


async def _read(context: Context, reader: Reader, values: Mapping[str, object], most: int) -> list[Customer]:
    names = [name for name in pages.CONDITIONS if name in values]
    if "walked_from" in values:
        names.remove("query")
    found = await pages.page(tuple(names)).all(reader, **values, most=most)
    return [opened(each, context.personal) for each in found]
