"""Reading what complaints cost."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from services.complaints.cases.domain import ComplaintNotFound
from services.complaints.cases.queries import require_seen
from services.complaints.compensations.domain import CompensationState
from services.complaints.compensations.tables import CompensationRow
from services.complaints.context import Context
from services.complaints.cost import store
from services.complaints.cost.domain.cases import CaseCost, CostedCase, case_cost
from services.complaints.cost.domain.figures import COUNTED, Counted, MonthCost, Settled, month_cost
from services.complaints.cost.domain.model import CostModel, UnknownCostPolicy
from services.complaints.cost.domain.returning import Fit, Learnt, learnt
from services.complaints.cost.domain.speed import Era, eras, pieces
from services.complaints.policies.queries import ABOVE_EVERY_VERSION, list_versions
from services.complaints.purchases.domain import YEAR
from services.complaints.purchases.queries import yearly_sum
from shared.months import Month
from shared.statement import Statement, by_column, given

MOST: Final = 10_000
"""Versions; nobody writes so many."""

_COUNTED = Statement(
    """
    SELECT p.era, CASE WHEN c.resolved_at IS NULL THEN 'unsolved' ELSE p.speed END AS speed, count(*)::integer AS cases,
           (count(*) FILTER (WHERE s.perceived > s.expected))::integer AS delighted,
           coalesce(sum(k.cost), 0)::numeric(18, 2) AS given,
           coalesce(sum(round(greatest(y.amount, 0) * p.at_risk, 2)), 0)::numeric(18, 2) AS at_risk,
           (count(*) FILTER (WHERE c.customer_id IS NULL))::integer AS unknown
    FROM (
        SELECT (e.place - 1)::integer AS era, c.id, c.customer_id, c.round, c.resolved_at,
               width_bucket(
                   greatest(ceil(extract(epoch FROM coalesce(c.resolved_at, :now) - c.recorded_at)), 0)::bigint,
                   :cuts::bigint[]
               ) AS place
        FROM unnest(:since::timestamptz[], :until::timestamptz[]) WITH ORDINALITY e (since, until, place)
        JOIN complaint c ON c.recorded_at >= e.since AND c.recorded_at < e.until
        WHERE c.kind = ANY(:kinds::text[]) AND c.valid IS NOT FALSE AND c.good_faith IS NOT FALSE
    ) c
    JOIN (
        SELECT era, speed, at_risk, row_number() OVER (PARTITION BY era ORDER BY begins) AS place
        FROM unnest(:era::integer[], :begins::bigint[], :speed::text[], :at_risk::numeric[])
            g (era, begins, speed, at_risk)
    ) p ON p.era = c.era AND p.place = c.place
    LEFT JOIN satisfaction s ON s.complaint_id = c.id AND s.round = c.round
    LEFT JOIN LATERAL (
        SELECT sum(cost) AS cost FROM compensation WHERE complaint_id = c.id AND state = 'granted'
    ) k ON true
    LEFT JOIN LATERAL (
        SELECT sum(amount) AS amount FROM purchase_month
        WHERE customer_id = c.customer_id AND month > :month::integer - :year::integer AND month <= :month
    ) y ON true
    GROUP BY 1, 2
    """,
    Counted,
)
"""By hand: eras and pieces are lists, and the cases of a month are counted where they lie."""

_SETTLED = Statement(
    select(
        col(CompensationRow.kind),
        func.count().label("times"),
        func.sum(col(CompensationRow.cost)).label("cost"),
    )
    .where(
        col(CompensationRow.state) == CompensationState.GRANTED.value,
        col(CompensationRow.month) == given("month"),
    )
    .group_by(col(CompensationRow.kind))
    .order_by(col(CompensationRow.kind)),
    Settled,
)
_CASE = Statement(
    """
    SELECT id, customer_id, kind, recorded_at, answered_at, resolved_at, valid, good_faith,
           coalesce((SELECT sum(cost) FROM compensation WHERE complaint_id = c.id AND state = 'granted'), 0)
               ::numeric(18, 2) AS given
    FROM complaint c WHERE id = :id
    """,
    CostedCase,
)
"""By hand: what was given in it is counted where it lies."""
_AN_INSTANT: Final = timedelta(microseconds=1)


async def of_month(context: Context, month: Month, policy_version: int | None) -> MonthCost:
    """What the complaints that were recorded in a month cost, each by the version that held then, or all by one.

    Raises UnknownCostPolicy.
    """
    span = month.starts(context.zone), month.ends(context.zone)
    held, learnt_ = await _eras(context, *span, policy_version)
    lists = by_column(asdict(each) for each in pieces(held))
    counted = await _COUNTED.all(
        context.database,
        cuts=[each for each, era in zip(lists["begins"], lists["era"], strict=True) if era == 0],
        since=[era.since for era in held],
        until=[era.until for era in held],
        now=context.clock.now(),
        kinds=list(COUNTED),
        month=month.ordinal,
        year=YEAR,
        **lists,
    )
    settled = await _SETTLED.all(context.database, month=month.ordinal)
    return month_cost(month, held, learnt_, counted, settled)


async def of_case(context: Context, id_: UUID, policy_version: int | None, *, viewer: UUID | None) -> CaseCost:
    """What a case costs, by the version that held when it was recorded, or by one that is asked for.

    Raises ComplaintNotFound, UnknownCostPolicy.
    """
    await require_seen(context, id_, viewer=viewer)
    case = await _CASE.one(context.database, id=id_)
    if case is None:
        raise ComplaintNotFound("no complaint has this id")
    [era], learnt_ = await _eras(context, case.recorded_at, case.recorded_at + _AN_INSTANT, policy_version)
    yearly = None
    if case.customer_id is not None:
        yearly = await yearly_sum(context.database, case.customer_id, case.recorded_at, context.zone)
    return case_cost(case, era.model, learnt_, yearly, context.clock.now())


async def list_fits(context: Context, below: int | None, most: int) -> list[Fit]:
    """What was learnt of who comes back, the latest month first; those of before a month, if it is given."""
    month = ABOVE_EVERY_VERSION if below is None else below - 1
    return await store.until(context.database, month, most)


async def _eras(
    context: Context, since: datetime, until: datetime, policy_version: int | None
) -> tuple[Sequence[Era], Learnt]:
    """The eras of a span within one month, each with what was learnt by then; of a version that is asked for, its own
    curve."""
    written = await _written(context, since, until, policy_version)
    found = await store.until(context.database, Month.of(since, context.zone).ordinal)
    known = found[0] if found else None
    as_written = policy_version is not None
    models = [learnt(known, era.model, as_written=as_written) for era in written]
    return [replace(era, model=model) for era, (model, _) in zip(written, models, strict=True)], models[-1][1]


async def _written(context: Context, since: datetime, until: datetime, policy_version: int | None) -> Sequence[Era]:
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
