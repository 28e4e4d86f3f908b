"""Reading who is lost, what that costs, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.customers.context import Context
from services.customers.heads.store.names import beside, name_of
from services.customers.heads.store.visibility import sees
from services.customers.losses.domain import ChurnCause, Loss, LossNotFound, LossTotal
from services.customers.losses.store import COLUMNS
from services.customers.losses.tables import ChurnCauseRow
from shared.statement import Statement, table

_CONDITIONS: Final[Mapping[str, str]] = {
    "id": "l.id = :id",
    "counts": "(l.withdrawn_at IS NULL) = :counts::boolean",
    "before": "l.id < :before",
    "since": "l.lost_on >= :since::date",
    "kind": "l.kind = :kind",
    "cause": "l.cause = :cause",
    "tier": "l.tier = :tier",
    "customer_id": "l.customer_id = :customer_id",
    "standing": "(l.returned_on IS NULL) = :standing::boolean",
}
"""What a list may be narrowed by."""
_TOTALS: Final = Statement(
    """
    SELECT CASE grouping(l.kind, l.cause, m.month)
            WHEN 3 THEN 'kind' WHEN 5 THEN 'cause' WHEN 6 THEN 'month' ELSE 'total' END AS by,
        coalesce(l.kind, l.cause, m.month) AS key, count(*)::integer AS number,
        count(l.returned_on)::integer AS returned,
        coalesce(sum(l.yearly), 0) AS yearly, coalesce(sum(l.cost), 0) AS cost
    FROM loss l CROSS JOIN LATERAL (SELECT to_char(l.lost_on, 'YYYY-MM') AS month) m
    WHERE l.withdrawn_at IS NULL AND l.lost_on >= :since::date AND l.lost_on <= :until::date AND {seen}
    GROUP BY GROUPING SETS ((l.kind), (l.cause), (m.month), ())
    ORDER BY 1, 2 NULLS LAST
    """,
    LossTotal,
    seen=sees("l.customer_id"),
)
"""By hand: one reading for all three ways of putting them together, and for the whole."""
_CAUSES: Final = Statement(
    select(*(table(ChurnCauseRow).c[field.name] for field in fields(ChurnCause)))
    .where(col(ChurnCauseRow.active))
    .order_by(col(ChurnCauseRow.code)),
    ChurnCause,
)


@dataclass(frozen=True, slots=True)
class ReadLoss(Loss):
    """A loss with the name of its customer; of a person there is none."""

    customer_name: str | None = None


@cache
def _page(narrowed_by: frozenset[str]) -> Statement[ReadLoss]:
    """One statement for each set of conditions, so that each has its plan."""
    return Statement(
        "SELECT {columns}, {names} FROM loss l WHERE {conditions} AND {seen} ORDER BY l.id DESC LIMIT :most",
        ReadLoss,
        columns=COLUMNS,
        names=beside(customer_name=name_of("customer", "l.customer_id")),
        conditions=" AND ".join(sql for name, sql in _CONDITIONS.items() if name in narrowed_by) or "true",
        seen=sees("l.customer_id"),
    )


async def read(context: Context, id_: UUID, *, viewer: UUID | None) -> ReadLoss:
    """Raises LossNotFound, also where the viewer does not see the customer."""
    found = await _read(context, {"id": id_}, 1, viewer=viewer)
    if not found:
        raise LossNotFound("no loss has this id")
    return found[0]


async def page(
    context: Context, narrowed: Mapping[str, Any], before: UUID | None, most: int, *, viewer: UUID | None
) -> list[ReadLoss]:
    """Losses that count, the last found first; `narrowed` are since, kind, cause, tier, customer_id, standing."""
    return await _read(context, {**narrowed, "before": before, "counts": True}, most, viewer=viewer)


async def _read(context: Context, narrowed: Mapping[str, Any], most: int, *, viewer: UUID | None) -> list[ReadLoss]:
    given_ = {name: value for name, value in narrowed.items() if value is not None}
    return await _page(frozenset(given_)).all(context.database, **given_, viewer=viewer, most=most)


async def totals(context: Context, since: date, until: date, *, viewer: UUID | None) -> Sequence[LossTotal]:
    """What losses of these days come to, both included: by kind, cause and month, and as a whole."""
    return await _TOTALS.all(context.database, since=since, until=until, viewer=viewer)


async def causes(context: Context) -> list[ChurnCause]:
    """The causes for which customers leave."""
    return await _CAUSES.all(context.database)
