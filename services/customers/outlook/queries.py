"""Reads of the outlook: one statement sums, projects and judges, for one customer or for a page of them."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any, Final
from uuid import UUID

from services.customers.context import Context
from services.customers.heads.store import rows
from services.customers.heads.store.names import beside, name_of
from services.customers.heads.store.visibility import all_seen, served
from services.customers.outlook.domain import Days, Outlook
from services.customers.potentials.store import amount_of
from services.customers.service_figures import queries as service_figures
from services.customers.tiers.store.judging import counted_of, divisor_of, tier_of, unpinned
from services.customers.tiers.store.policies import version_on
from shared.statement import Statement

_RUNNING: Final = ":running::integer"
_IN_REGION: Final = """EXISTS (SELECT FROM archive a WHERE a.customer_id = c.id AND a.region_id = ANY (ARRAY(
    SELECT r.id FROM region r JOIN region o ON r.lowest >= o.lowest AND r.highest <= o.highest
    WHERE o.id = :region_id)))"""
_ONE_BY_ONE: Final[Mapping[str, str]] = {
    "after": "c.id > :after",
    "tier": "c.tier = :tier",
    "region_id": _IN_REGION,
    "served_by": served("c.id"),
    "viewer": all_seen("c.id"),
    "customer_id": "c.id = :customer_id",
}
_STANDS: Final = "NOT EXISTS (SELECT FROM archive a WHERE a.customer_id = c.id AND a.erased_at IS NOT NULL)"
"""Who was erased is in no list."""
_JUDGED: Final[Mapping[str, str]] = {
    "direction": """NOT o.pinned AND CASE :direction::text
        WHEN 'up' THEN o.leads_to < o.tier WHEN 'down' THEN o.leads_to > o.tier ELSE o.leads_to = o.tier END"""
}
"""What may narrow a list: of whom, and where it leads."""
_OUTLOOK: Final = """
    SELECT o.*, {names} FROM tier_policy p CROSS JOIN customer c
    LEFT JOIN LATERAL (
        SELECT coalesce(sum({counted}), 0) AS counted,
               coalesce(sum({counted}) FILTER (WHERE t.month = {running}), 0) AS of_running
        FROM month_total t WHERE t.customer_id = c.id AND t.month BETWEEN {running} - p.window_months + 1 AND {running}
    ) s ON true
    CROSS JOIN LATERAL (
        SELECT {divisor} AS divisor,
               s.counted - s.of_running + s.of_running * :all_days::integer / :passed::integer AS projected
    ) d
    CROSS JOIN LATERAL (
        SELECT c.id AS customer_id, c.tier, s.counted, d.projected, d.divisor,
               p.threshold_a, p.threshold_b, p.threshold_c, {leads_to} AS leads_to, NOT {unpinned} AS pinned,
               {potential} AS potential
    ) o
    WHERE p.version = :policy::integer AND {conditions}
    ORDER BY c.id LIMIT :most
    """


@cache
def _statement(narrowed_by: frozenset[str]) -> Statement[Outlook]:
    """One statement for each set of conditions, so that each has its plan. By hand, as everything that judges."""
    conditions = [sql for name, sql in {**_ONE_BY_ONE, **_JUDGED}.items() if name in narrowed_by]
    if "customer_id" not in narrowed_by:
        conditions.append(_STANDS)
    return Statement(
        _OUTLOOK,
        Outlook,
        counted=counted_of("p"),
        running=_RUNNING,
        divisor=divisor_of("p", _RUNNING),
        leads_to=tier_of("d.projected", "d.divisor", "p"),
        unpinned=unpinned("c"),
        potential=amount_of("c.id"),
        names=beside(customer_name=name_of("customer", "c.id")),
        conditions=" AND ".join(conditions),
    )


async def page(context: Context, filters: Mapping[str, Any], after: UUID | None, most: int) -> list[Outlook]:
    """What the running month leads to, by customer; `filters` are tier, region_id, served_by, direction, viewer."""
    return await _read(context, {**filters, "after": after}, most)


async def of_customer(context: Context, customer_id: UUID, *, viewer: UUID | None) -> Outlook:
    """The same of one. Raises CustomerNotFound, also for one whom the viewer does not see."""
    await rows.head(context.database, customer_id, viewer=viewer)
    [found] = await _read(context, {"customer_id": customer_id}, 1)
    return found


async def _read(context: Context, narrowed: Mapping[str, Any], most: int) -> list[Outlook]:
    given = {name: value for name, value in narrowed.items() if value is not None}
    today = context.today()
    days = Days.of(today)
    found = await _statement(frozenset(given)).all(
        context.database,
        **given,
        policy=await version_on(context.database, today),
        running=context.running_month().ordinal,
        passed=days.passed,
        all_days=days.all,
        most=most,
    )
    served = await service_figures.of_customers(context, [each.customer_id for each in found])
    return [replace(each, service=served[each.customer_id]) for each in found]
