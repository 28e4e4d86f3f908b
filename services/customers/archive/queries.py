"""Reads of the archive that answer requests."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from services.customers.archive.domain import Customer, folded, words_sought
from services.customers.archive.store import sealing
from services.customers.archive.store.customers import SELECT, customer_of
from services.customers.context import Context
from services.customers.heads.domain import CustomerNotFound
from services.customers.heads.store.visibility import seen_by, sees
from shared.contracts.customers import Tier

_BY_ID = f"{SELECT} WHERE c.id = $1 AND {sees('$2', 'c.id')}"
_BY_TRACE = f"{SELECT} WHERE a.traces @> ARRAY[$1::bytea] AND {sees('$2', 'c.id')} ORDER BY c.tier, c.id LIMIT 20"


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
    row = await context.database.fetchrow(_BY_ID, customer_id, viewer)
    if row is None:
        raise CustomerNotFound("no customer has this id")
    return customer_of(context, row)


async def by_phone(context: Context, phone: str, *, viewer: UUID | None) -> list[Customer]:
    """Customers with this phone number (E.164) whom the viewer sees, the highest tier first."""
    rows = await context.database.fetch(_BY_TRACE, sealing.phone_trace(context.traces, phone), viewer)
    return [customer_of(context, row) for row in rows]


async def page(context: Context, filters: Filters, after: UUID | None, limit: int) -> list[Customer]:
    """Customers in the order of their registration."""
    conditions, arguments = _conditions(context, filters, after)
    arguments.append(limit)
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    rows = await context.database.fetch(f"{SELECT} {where} ORDER BY c.id LIMIT ${len(arguments)}", *arguments)
    return [customer_of(context, row) for row in rows]


def _conditions(context: Context, filters: Filters, after: UUID | None) -> tuple[list[str], list[object]]:
    plain: Mapping[str, object] = {
        "c.tier = ${}": filters.tier,
        "a.region_id = ${}": filters.region_id,
        "a.stage = ${}": filters.stage,
        "a.external_no = ${}": filters.external_no,
        "c.id > ${0} AND a.customer_id > ${0}": after,
        f"c.id = ANY (ARRAY({seen_by('${0}')}))": filters.viewer,
    }
    given = {text: value for text, value in plain.items() if value is not None}
    conditions = [text.format(n) for n, text in enumerate(given, 1)]
    arguments = list(given.values())
    query = filters.query
    if query is not None:
        n = len(arguments)
        conditions.append(
            f"(a.words @> ${n + 1}::varchar[] AND strpos(a.folded, ${n + 2}) > 0 OR a.external_no = ${n + 3} "
            f"OR a.traces && ${n + 4}::bytea[])"
        )
        arguments += [words_sought(query), folded(query), query, sealing.traces_sought(context.traces, query)]
    return conditions, arguments
