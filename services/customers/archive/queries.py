"""Reads of the archive that answer requests."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any
from uuid import UUID

from asyncpg import Record
from sqlalchemy import LargeBinary, String, Text, Uuid, and_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import col

from services.customers.archive.domain import Customer, folded, words_sought
from services.customers.archive.store import sealing
from services.customers.archive.store.customers import CUSTOMERS, opened
from services.customers.archive.tables import ArchiveRow
from services.customers.context import Context
from services.customers.heads.store.visibility import among_visible, visible
from services.customers.heads.tables import CustomerRow
from shared.contracts.customers import Tier
from shared.references import CustomerNotFound
from shared.statement import Statement, condition, given
from shared.texts import fold_identifier

_BY_ID = Statement(CUSTOMERS.where(col(CustomerRow.id) == given("id"), visible("customer.id")))
_BY_TRACE = Statement(
    CUSTOMERS.where(
        condition("archive.traces @> ARRAY[CAST(:trace AS bytea)]", trace=LargeBinary), visible("customer.id")
    )
    .order_by(col(CustomerRow.tier), col(CustomerRow.id))
    .limit(20)
)
_NAMED = """(archive.words @> :words AND strpos(archive.folded, :folded) > 0 OR archive.external_no = :query
    OR archive.traces && :traces)"""
_CONDITIONS: Mapping[str, Any] = {
    "tier": col(CustomerRow.tier) == given("tier"),
    "region_id": col(ArchiveRow.region_id) == given("region_id"),
    "stage": col(ArchiveRow.stage) == given("stage"),
    "external_no": col(ArchiveRow.external_no) == given("external_no"),
    "after": and_(col(CustomerRow.id) > given("after", Uuid), col(ArchiveRow.customer_id) > given("after", Uuid)),
    "viewer": among_visible("customer.id"),
    "query": condition(_NAMED, words=ARRAY(String), folded=Text, query=Text, traces=ARRAY(LargeBinary)),
}
"""What a page may be narrowed by: the fields of Filters, and the place to begin after."""


def _page(narrowed_by: Iterable[str]) -> Statement[Record]:
    conditions = [_CONDITIONS[name] for name in narrowed_by]
    return Statement(CUSTOMERS.where(*conditions).order_by(col(CustomerRow.id)).limit(given("most")))


_PAGES = {names: _page(names) for most in range(len(_CONDITIONS) + 1) for names in combinations(_CONDITIONS, most)}
"""One statement for each set of conditions, so that each has its plan."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to."""

    tier: Tier | None = None
    region_id: UUID | None = None
    stage: str | None = None
    external_no: str | None = None
    query: str | None = None
    """Part of a store's name; or a number, phone, e-mail or person's name exactly."""
    viewer: UUID | None = None
    """Whose customers only are listed; None: all."""


async def customer(context: Context, customer_id: UUID, *, viewer: UUID | None) -> Customer:
    """Raises CustomerNotFound, also for a customer whom the viewer does not see."""
    found = await _BY_ID.one(context.database, id=customer_id, viewer=viewer)
    if found is None:
        raise CustomerNotFound("no customer has this id")
    return opened(found, context.personal)


async def by_phone(context: Context, phone: str, *, viewer: UUID | None) -> list[Customer]:
    """Customers with this phone number (E.164) whom the viewer sees, the highest tier first."""
    trace = sealing.phone_trace(context.traces, phone)
    rows = await _BY_TRACE.all(context.database, trace=trace, viewer=viewer)
    return [opened(row, context.personal) for row in rows]


async def page(
    context: Context, filters: Filters, in_full: Collection[str], after: UUID | None, most: int
) -> list[Customer]:
    """Customers in the order of their registration; `in_full` are the personal fields by which they may be found."""
    values = _values(context, filters, in_full, after)
    statement = _PAGES[tuple(name for name in _CONDITIONS if name in values)]
    return [opened(found, context.personal) for found in await statement.all(context.database, **values, most=most)]


def _values(context: Context, filters: Filters, in_full: Collection[str], after: UUID | None) -> dict[str, object]:
    values = {name: value for name, value in {**asdict(filters), "after": after}.items() if value is not None}
    if filters.query is None:
        return values
    words, traces = words_sought(filters.query), sealing.traces_sought(context.traces, filters.query, in_full)
    return {
        **values,
        "query": fold_identifier(filters.query),
        "words": words,
        "folded": folded(filters.query),
        "traces": traces,
    }
