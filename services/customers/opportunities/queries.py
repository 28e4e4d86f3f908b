"""Reading opportunities, how they stood before, and what the pipeline is worth."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from asyncpg import Record
from sqlmodel import col

from services.customers.context import Context
from services.customers.heads.store.names import beside, name_of, name_of_seen
from services.customers.opportunities.domain import (
    AGES,
    NOTHING,
    Group,
    Opportunity,
    OpportunityNotFound,
    OpportunityOutcome,
    Past,
    Stage,
)
from services.customers.opportunities.store import OPPORTUNITIES, PASTS, SEEN, STAGES, opened, opportunities
from services.customers.opportunities.tables import OpportunityStageRow, OpportunityVersionRow
from shared.ids import FROM_THE_END
from shared.statement import Reader, Statement, given

_STAGES: Final = Statement(STAGES.order_by(col(OpportunityStageRow.position)), Stage)
_READ: Final = opportunities(
    beside(
        customer_name=name_of_seen("o.customer_id"),
        owner_name=name_of("staff", "o.owner_id"),
        updated_at="(SELECT v.at FROM opportunity_version v WHERE v.opportunity_id = o.id AND v.version = o.version)",
    )
)
_ONE: Final = Statement("{all} WHERE o.id = :id AND {seen}", all=_READ, seen=SEEN)
_WRITTEN: Final = Statement("{all} WHERE o.id = :id", all=_READ)
_PAGE: Final = Statement(
    """
    {all} WHERE o.id < :before AND {seen}
        AND (CAST(:stage AS text) IS NULL OR o.stage = :stage)
        AND (CAST(:outcome AS text) IS NULL OR o.outcome = :outcome)
        AND (CAST(:owner_id AS uuid) IS NULL OR o.owner_id = :owner_id)
        AND (CAST(:customer_id AS uuid) IS NULL OR o.customer_id = :customer_id)
        AND (CAST(:prospect_id AS uuid) IS NULL OR o.prospect_id = :prospect_id)
    ORDER BY o.id DESC LIMIT :most
    """,
    all=_READ,
    seen=SEEN,
)
_PASTS: Final = Statement(
    PASTS.where(
        col(OpportunityVersionRow.opportunity_id) == given("id"), col(OpportunityVersionRow.version) < given("before")
    )
    .order_by(col(OpportunityVersionRow.version).desc())
    .limit(given("most")),
    Past,
)
_PIPELINE: Final = Statement(
    """
    SELECT CASE grouping(stage, owner, source, age)
            WHEN 7 THEN 'stage' WHEN 11 THEN 'owner' WHEN 13 THEN 'source' WHEN 14 THEN 'age' ELSE 'total' END AS by,
        coalesce(stage, owner, source, age) AS key, count(*) AS opportunities,
        sum(amount) AS amount, round(sum(amount * likely), 2) AS weighted
    FROM (
        SELECT o.stage, o.owner_id::text AS owner, p.source, o.amount, coalesce(o.probability, s.probability) AS likely,
            lpad((SELECT coalesce(max(from_day), 0)::text FROM unnest(:ages::integer[]) AS band (from_day)
                  WHERE o.entered_at <= CAST(:now AS timestamptz) - make_interval(days => from_day)), 3, '0') AS age,
            s.position
        FROM opportunity o JOIN opportunity_stage s ON s.code = o.stage LEFT JOIN prospect p ON p.id = o.prospect_id
        WHERE o.outcome = 'open' AND {seen}
    ) AS standing
    GROUP BY GROUPING SETS ((stage), (owner), (source), (age), ())
    ORDER BY 1, CASE grouping(stage) WHEN 0 THEN min(position) END, 2
    """,
    Group,
    seen=SEEN,
)
"""By hand: one reading for all four ways of putting them together, and for the whole."""
_OF_PERSON: Final = Statement("{all} WHERE o.customer_id = :id OR o.prospect_id = :id ORDER BY o.id", all=OPPORTUNITIES)


@dataclass(frozen=True, slots=True)
class ReadOpportunity(Opportunity):
    """An opportunity with names beside ids, and when it last changed. `customer_name` is None of a person, and of a
    customer whom the reader does not see."""

    customer_name: str | None
    owner_name: str | None
    updated_at: datetime


def _read(context: Context, row: Record) -> ReadOpportunity:
    return ReadOpportunity(
        **asdict(opened(row, context.words)),
        customer_name=row["customer_name"],
        owner_name=row["owner_name"],
        updated_at=row["updated_at"],
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """By what a list of opportunities is narrowed."""

    stage: str | None = None
    outcome: OpportunityOutcome | None = None
    owner_id: UUID | None = None
    customer_id: UUID | None = None
    prospect_id: UUID | None = None


async def stages(context: Context) -> list[Stage]:
    """All stages in their order."""
    return await _STAGES.all(context.database)


async def read(context: Context, id_: UUID, *, viewer: UUID | None) -> ReadOpportunity:
    """Raises OpportunityNotFound, also for one that the viewer does not see."""
    row = await _ONE.one(context.database, id=id_, viewer=viewer)
    if row is None:
        raise OpportunityNotFound("no opportunity has this id")
    return _read(context, row)


async def written(context: Context, id_: UUID, *, viewer: UUID | None) -> ReadOpportunity:
    """One that was written just now, also where it is out of the viewer's sight since."""
    [row] = await _WRITTEN.all(context.database, id=id_, viewer=viewer)
    return _read(context, row)


async def page(
    context: Context, wanted: Wanted, before: UUID | None, most: int, *, viewer: UUID | None
) -> list[ReadOpportunity]:
    """Opportunities that the viewer sees, the latest first."""
    rows = await _PAGE.all(
        context.database,
        stage=wanted.stage,
        outcome=wanted.outcome,
        owner_id=wanted.owner_id,
        customer_id=wanted.customer_id,
        prospect_id=wanted.prospect_id,
        before=before or FROM_THE_END,
        most=most,
        viewer=viewer,
    )
    return [_read(context, row) for row in rows]


async def past(context: Context, id_: UUID, before: int | None, most: int, *, viewer: UUID | None) -> list[Past]:
    """How an opportunity stood, the latest first. Raises OpportunityNotFound."""
    stands = await read(context, id_, viewer=viewer)
    return await _PASTS.all(context.database, id=id_, before=before or stands.version + 1, most=most)


async def pipeline(context: Context, *, viewer: UUID | None) -> Sequence[Group]:
    """What is open of what the viewer sees, by stage, owner, source and age, and as a whole (the last)."""
    found = await _PIPELINE.all(context.database, ages=list(AGES), now=context.clock.now(), viewer=viewer)
    return [each if each.opportunities else NOTHING for each in found]


async def of_person(context: Context, reader: Reader, id_: UUID) -> list[Opportunity]:
    """Every opportunity of a prospect or a customer, for their export."""
    return [opened(row, context.words) for row in await _OF_PERSON.all(reader, id=id_)]
