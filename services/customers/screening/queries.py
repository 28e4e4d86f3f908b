"""Reading the lists for cleaning up, each by its own index, a bounded number of archives at a time."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

from asyncpg import Record

from services.customers.context import Context
from services.customers.heads.store.names import beside, name_of
from services.customers.heads.store.visibility import all_seen
from services.customers.screening.domain import STALE_AFTER, Looked, Screened
from services.customers.standing.domain import figures
from shared.contracts.customers import Tier
from shared.statement import Statement

AT_ONCE: Final = 200
"""Archives that are read at a time while a page of stale ones fills: which is stale says its tier, which sorts none."""
TIMES: Final = 10
"""How often at most, until the page is answered as it stands."""
NOBODY: Final = UUID(int=0)
BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)
_COLUMNS: Final = "s.customer_id, s.bits, s.active_at, c.tier, a.name, a.region_id, a.erased_at"
"""Nobody can care for who was erased: they are on no list. Among stale ones they are passed over as they are read."""
_INCOMPLETE: Final = """
    SELECT s.total, {columns}, {names} FROM archive_standing s
    JOIN customer c ON c.id = s.customer_id JOIN archive a ON a.customer_id = s.customer_id
    WHERE s.total < :below AND (s.total, s.customer_id) > (:total, :after) AND a.erased_at IS NULL {narrowed}
    ORDER BY s.total, s.customer_id LIMIT :most
    """
_STALE: Final = """
    SELECT {columns}, {names}
    FROM (
        SELECT s.customer_id, s.bits, s.active_at FROM archive_standing s
        WHERE s.active_at <= :until AND (s.active_at, s.customer_id) > (:active_at, :after) {narrowed}
        ORDER BY s.active_at, s.customer_id LIMIT :most
    ) AS s JOIN customer c ON c.id = s.customer_id JOIN archive a ON a.customer_id = s.customer_id
    ORDER BY s.active_at, s.customer_id
    """


@cache
def _statement(sql: str, *, limited: bool) -> Statement[Record]:
    """One statement for who sees all and one for who does not, so that each has its plan."""
    return Statement(
        sql,
        columns=_COLUMNS,
        names=beside(region_name=name_of("region", "a.region_id")),
        narrowed=f"AND {all_seen('s.customer_id')}" if limited else "",
    )


async def incomplete(
    context: Context, below: int, after: tuple[int, UUID] | None, most: int, *, viewer: UUID | None
) -> list[Screened]:
    """Archives whose total is below a figure, the least complete first."""
    total, id_ = after or (-1, NOBODY)
    rows = await _statement(_INCOMPLETE, limited=viewer is not None).all(
        context.database, below=below, total=total, after=id_, most=most, **_seen_by(viewer)
    )
    return [_screened(row) for row in rows]


async def stale(
    context: Context, tier: Tier | None, after: tuple[datetime, UUID] | None, limit: int, *, viewer: UUID | None
) -> Looked:
    """Archives that nobody has cared for so long as their tier allows, the longest first.

    It looks at so many at most, so a page may hold fewer than are asked for and still have one that follows.
    """
    now = context.clock.now()
    shortest = STALE_AFTER[tier] if tier is not None else min(STALE_AFTER.values())
    found: list[Screened] = []
    active_at, id_ = after or (BEGINNING, NOBODY)
    for _ in range(TIMES):
        rows = await _statement(_STALE, limited=viewer is not None).all(
            context.database, until=now - shortest, active_at=active_at, after=id_, most=AT_ONCE, **_seen_by(viewer)
        )
        for each in (_screened(row) for row in rows if row["erased_at"] is None):
            if tier in (None, each.tier) and each.stale_since() <= now:
                if len(found) == limit:
                    return Looked(found, (found[-1].active_at, found[-1].id))
                found.append(each)
        if len(rows) < AT_ONCE:
            return Looked(found, None)
        active_at, id_ = rows[-1]["active_at"], rows[-1]["customer_id"]
    return Looked(found, (active_at, id_))


def _seen_by(viewer: UUID | None) -> Mapping[str, Any]:
    return {} if viewer is None else {"viewer": viewer}


def _screened(row: Record) -> Screened:
    return Screened(
        row["customer_id"],
        row["name"],
        row["tier"],
        row["region_id"],
        row["active_at"],
        figures(row["bits"]),
        row["region_name"],
    )
