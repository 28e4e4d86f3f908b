"""Reads of policies, months and tiers that answer requests, and when what is due by itself is due next."""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, not_, select
from sqlmodel import col

from services.customers.context import Context
from services.customers.heads.store import rows
from services.customers.heads.store.visibility import sees
from services.customers.merged.domain import Place, behind
from services.customers.merged.store import history_with_merged
from services.customers.potentials.store import amount_of
from services.customers.service_figures import queries as service_figures
from services.customers.tiers.domain.months import ClosedMonth, MonthNotClosed
from services.customers.tiers.domain.overrides import Override, OverrideNotFound
from services.customers.tiers.domain.policies import Policy, TierPolicyNotFound
from services.customers.tiers.domain.standing import Mover, Rules, TierChange
from services.customers.tiers.store import months, overrides, standing
from services.customers.tiers.store import policies as store
from services.customers.tiers.store.judging import earned_tables, rules_values, unpinned
from services.customers.tiers.store.policies import POLICIES
from services.customers.tiers.tables import TierOverrideRow, TierPolicyRow
from shared.moments import day_begins
from shared.months import Month
from shared.statement import Scalar, Statement, given, with_parts


def _change(month: int | None, **others: Any) -> TierChange:
    return TierChange(month=months.month_of(month), **others)


_POLICIES = Statement(
    POLICIES.where(col(TierPolicyRow.version) > given("version"))
    .order_by(col(TierPolicyRow.version))
    .limit(given("most")),
    Policy,
)
_NEXT_START = Scalar(select(func.min(col(TierPolicyRow.starts_on))).where(not_(col(TierPolicyRow.applied))), date)
_CHANGES = Statement(
    history_with_merged("tier_change", [field.name for field in fields(TierChange) if field.name != "merged_id"]),
    _change,
)
"""By hand, as what came with merged customers is."""
_NEXT_OVERRIDE_END = Scalar(
    select(func.min(col(TierOverrideRow.until))).where(col(TierOverrideRow.ended_at).is_(None)), datetime
)

_MOVING = with_parts(
    "{earned},\nmoving AS MATERIALIZED (SELECT * FROM both_judged b WHERE b.tier <> b.standing AND {unpinned})",
    earned=earned_tables(),
    unpinned=unpinned("b"),
)
"""By hand, as everything that judges (`store/judging.py`)."""
_PREVIEW_COUNTS = Statement(
    "WITH {moving} SELECT standing || '>' || tier AS move, count(*) AS customers FROM moving GROUP BY standing, tier",
    moving=_MOVING,
)
_PREVIEW_LIST = Statement(
    """
    WITH {moving}
    SELECT id AS customer_id, standing, tier, total, policy_version, {potential} AS potential FROM moving m
    WHERE (:after::uuid IS NULL OR id > :after) AND {seen} ORDER BY id LIMIT :most
    """,
    Mover,
    moving=_MOVING,
    potential=amount_of("m.id"),
    seen=sees("m.id"),
)


async def policy(context: Context, id_: UUID) -> Policy:
    """Raises TierPolicyNotFound."""
    found = await store.policy(context.database, id_)
    if found is None:
        raise TierPolicyNotFound("no tier policy has this id")
    return found


async def policies(context: Context, after: int | None, most: int) -> list[Policy]:
    """Policies after a version, in their order."""
    return await _POLICIES.all(context.database, version=after or 0, most=most)


async def preview(
    context: Context, id_: UUID, after: UUID | None, most: int, *, viewer: UUID | None
) -> tuple[Policy, dict[str, int], Sequence[Mover]]:
    """Who would move, from where to where, if the policy held now: for the latest closed window and the running month.

    Customers whose tier is set by hand would not move. Counted is everybody ("B>C" -> customers), listed by id whom the
    viewer sees, with how they were served and pay. Raises TierPolicyNotFound.
    """
    asked = await policy(context, id_)
    now = await standing.rules_on(context.database, context.today())
    then = rules_values(Rules(now.closed, asked.version, now.running, asked.version, asked.version))
    counts = await _PREVIEW_COUNTS.all(context.database, **then)
    moving = await _PREVIEW_LIST.all(context.database, **then, after=after, most=most, viewer=viewer)
    served = await service_figures.of_customers(context, [each.customer_id for each in moving])
    shown = [replace(each, service=served[each.customer_id]) for each in moving]
    return asked, {row["move"]: row["customers"] for row in counts}, shown


async def closed_month(context: Context, month: Month) -> ClosedMonth:
    """Raises MonthNotClosed."""
    found = await months.closed_month(context.database, month)
    if found is None:
        raise MonthNotClosed(f"{month} has not been closed")
    return found


async def closed_months(context: Context, after: int | None, most: int) -> list[ClosedMonth]:
    """Closed months after the one with that ordinal, oldest first."""
    return await months.closed_after(context.database, after or 0, most)


async def history(
    context: Context, customer_id: UUID, after: Place | None, most: int, *, viewer: UUID | None
) -> list[TierChange]:
    """A customer's changes of tier after a place, with those of who was merged into it, oldest first. Raises
    CustomerNotFound."""
    await rows.head(context.database, customer_id, viewer=viewer)
    return await _CHANGES.all(context.database, id=customer_id, most=most, **behind(after))


async def override(context: Context, customer_id: UUID, *, viewer: UUID | None) -> tuple[Override, int]:
    """The override that stands and the customer's version. Raises CustomerNotFound or OverrideNotFound."""
    head = await rows.head(context.database, customer_id, viewer=viewer)
    found = await overrides.override(context.database, customer_id, context.words)
    if found is None:
        raise OverrideNotFound("nothing is set by hand for this customer")
    return found, head.version


async def next_policy_start(context: Context) -> datetime | None:
    """When the next announced policy starts: the first moment of its day in the company's zone."""
    day = await _NEXT_START.one(context.database)
    return None if day is None else day_begins(day, context.zone)


async def next_override_end(context: Context) -> datetime | None:
    """When the next override runs out."""
    return await _NEXT_OVERRIDE_END.one(context.database)
