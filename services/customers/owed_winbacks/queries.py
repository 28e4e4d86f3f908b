"""Reading for whom a win-back is owed: losses and warnings that stand, less those for whom something was done."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any, Final
from uuid import UUID

from services.customers.context import Context
from services.customers.heads.store.names import beside, name_of
from services.customers.heads.store.visibility import all_seen, served
from services.customers.owed_winbacks.domain import OwedWinback, opens_within
from services.customers.winbacks import store as winbacks
from shared.statement import Statement

_CONDITIONS: Final[Mapping[str, str]] = {
    "after": "(d.due_on, f.customer_id) > (:due_on::date, :after)",
    "viewer": all_seen("f.customer_id"),
    "customer_id": "f.customer_id = :customer_id",
    "tier": "f.tier = :tier",
    "served_by": served("f.customer_id"),
    "overdue": "(d.due_on < :today::date) = :overdue::boolean",
}
_OWED: Final = """
    SELECT f.customer_id, {names}, f.because, f.loss_id, f.warning_id, f.tier, f.yearly, f.since, d.due_on, f.kind,
        f.cause
    FROM (
        SELECT l.customer_id, 'lost' AS because, l.id AS loss_id, NULL::uuid AS warning_id, l.tier, l.yearly,
            l.lost_on AS since, greatest(l.lost_on, (l.found_at AT TIME ZONE :zone)::date) AS told_on, l.kind, l.cause
        FROM loss l
        WHERE l.returned_on IS NULL AND l.withdrawn_at IS NULL AND NOT l.historical
            AND l.kind IS DISTINCT FROM 'malicious'
        UNION ALL
        SELECT w.customer_id, 'warned', NULL, w.id, w.tier, w.yearly, w.raised_on, w.raised_on, NULL, NULL
        FROM early_warning w
        WHERE w.ended_at IS NULL AND NOT w.historical AND NOT EXISTS (
            SELECT FROM loss l
            WHERE l.customer_id = w.customer_id AND l.returned_on IS NULL AND l.withdrawn_at IS NULL
        )
    ) AS f
    JOIN unnest(:tiers::text[], :days::integer[]) AS t (tier, days) ON t.tier = f.tier
    CROSS JOIN LATERAL (SELECT f.told_on + t.days AS due_on) AS d
    WHERE f.yearly > 0 AND {conditions}
        AND NOT EXISTS (
            SELECT FROM winback c LEFT JOIN listing i ON i.customer_id = c.customer_id
            WHERE c.customer_id = f.customer_id AND (
                c.outcome IS NULL OR {dismissed}
                OR c.opened_at >= i.last_purchase_at AND (c.outcome <> 'returned' OR c.observed_until >= :now)
            )
        )
        AND NOT EXISTS (
            SELECT FROM dismissal x LEFT JOIN listing i ON i.customer_id = x.customer_id
            WHERE x.customer_id = f.customer_id AND x.withdrawn_at IS NULL
                AND (i.last_purchase_at IS NULL OR x.decided_at >= i.last_purchase_at)
        )
        AND NOT EXISTS (SELECT FROM archive a WHERE a.customer_id = f.customer_id AND a.erased_at IS NOT NULL)
    ORDER BY d.due_on, f.customer_id LIMIT :most
    """


@cache
def _page(narrowed_by: frozenset[str]) -> Statement[OwedWinback]:
    """One statement for each set of conditions, so that each has its plan. By hand: two lists that become one."""
    return Statement(
        _OWED,
        OwedWinback,
        names=beside(customer_name=name_of("customer", "f.customer_id")),
        dismissed=winbacks.DISMISSED,
        conditions=" AND ".join(sql for name, sql in _CONDITIONS.items() if name in narrowed_by) or "true",
    )


async def page(
    context: Context,
    narrowed: Mapping[str, Any],
    after: tuple[date, UUID] | None,
    most: int,
    *,
    viewer: UUID | None,
) -> list[OwedWinback]:
    """Win-backs that are owed, the earliest due first; `narrowed` are customer_id, tier, served_by, overdue."""
    asked = {**narrowed, "viewer": viewer, "after": after and after[1]}
    given = {name: value for name, value in asked.items() if value is not None}
    narrowed_by = frozenset(given)
    if after is not None:
        given["due_on"] = after[0]
    if "overdue" in given:
        given["today"] = context.today()
    given["now"] = context.clock.now()
    within = opens_within((await winbacks.policy(context.database)).terms)
    return await _page(narrowed_by).all(
        context.database, **given, tiers=list(within), days=list(within.values()), zone=context.zone.key, most=most
    )
