"""Reading what complaints cost."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Final

from services.complaints.context import Context
from services.complaints.cost.domain.figures import COUNTED, Counted, MonthCost, month_cost
from services.complaints.cost.domain.model import CostModel, UnknownCostPolicy
from services.complaints.cost.domain.speed import Era, eras, pieces
from services.complaints.policies.queries import ABOVE_EVERY_VERSION, list_versions
from shared.months import Month
from shared.statement import Statement, by_column

MOST: Final = 10_000
"""Versions; nobody writes so many."""

_COUNTED = Statement(
    """
    SELECT p.era, CASE WHEN c.resolved_at IS NULL THEN 'unsolved' ELSE p.speed END AS speed, count(*)::integer AS cases,
           (count(*) FILTER (WHERE s.perceived > s.expected))::integer AS delighted,
           coalesce(sum(k.cost), 0)::numeric(18, 2) AS given
    FROM unnest(:since::timestamptz[], :until::timestamptz[]) WITH ORDINALITY e (since, until, place)
    JOIN complaint c ON c.recorded_at >= e.since AND c.recorded_at < e.until
    JOIN unnest(:era::integer[], :over::bigint[], :up_to::bigint[], :speed::text[]) p (era, over, up_to, speed)
        ON p.era = e.place - 1
        AND extract(epoch FROM coalesce(c.resolved_at, :now) - c.recorded_at) > p.over
        AND extract(epoch FROM coalesce(c.resolved_at, :now) - c.recorded_at) <= p.up_to
    LEFT JOIN satisfaction s ON s.complaint_id = c.id AND s.round = c.round
    LEFT JOIN LATERAL (
        SELECT sum(cost) AS cost FROM compensation WHERE complaint_id = c.id AND state = 'granted'
    ) k ON true
    WHERE c.kind = ANY(:kinds::text[]) AND c.valid IS NOT FALSE AND c.good_faith IS NOT FALSE
    GROUP BY 1, 2
    """,
    Counted,
)
"""By hand: eras and pieces are lists, and the cases of a month are counted where they lie."""


async def of_month(context: Context, month: Month, policy_version: int | None) -> MonthCost:
    """What the complaints that were recorded in a month cost, each by the version that held then, or all by one.

    Raises UnknownCostPolicy.
    """
    span = month.starts(context.zone), month.ends(context.zone)
    held = await _eras(context, *span, policy_version)
    cut = [{name: value for name, value in asdict(each).items() if name != "at_risk"} for each in pieces(held)]
    lists = by_column(cut)
    counted = await _COUNTED.all(
        context.database,
        since=[era.since for era in held],
        until=[era.until for era in held],
        now=context.clock.now(),
        kinds=list(COUNTED),
        **lists,
    )
    return month_cost(month, held, counted)


async def _eras(context: Context, since: datetime, until: datetime, policy_version: int | None) -> Sequence[Era]:
    versions = [
        (each.starts_at, CostModel.kept(each.version, each.definition))
        for each in await list_versions(context, "cost", ABOVE_EVERY_VERSION, MOST)
    ]
    if policy_version is None:
        return eras(versions, since, until)
    for _, model in versions:
        if model.version == policy_version:
            return [Era(since, until, model)]
    raise UnknownCostPolicy("versions are listed by GET /complaints/v1/cost-policies")
