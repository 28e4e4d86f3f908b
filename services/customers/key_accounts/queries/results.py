"""Reading what a customer leaves after it was served, and which relationship is aimed for."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from services.customers.context import Context
from services.customers.heads.store import rows
from services.customers.key_accounts.domain.results import (
    YEAR,
    AccountResult,
    Relationship,
    RelationshipPolicy,
    aimed_for,
    margin_of,
    result,
)
from services.customers.key_accounts.store import results
from services.customers.winbacks import store as winbacks
from services.customers.worth_policies import queries as worth_policies
from shared.months import Month


@dataclass(frozen=True, slots=True)
class ResultOfYear:
    """What is left of a customer in a year and in each of its months, by the part of a purchase that is left, and by
    what an hour costs (CNY)."""

    months: Sequence[AccountResult]
    whole: AccountResult
    margin_share: Decimal
    hourly: Decimal


async def of_year(context: Context, customer_id: UUID, year: int, *, viewer: UUID | None) -> ResultOfYear:
    """Raises CustomerNotFound."""
    await rows.head(context.database, customer_id, viewer=viewer)
    share, policy = await _margin_share(context), await results.present(context.database)
    months = [Month(year, number) for number in range(1, YEAR + 1)]
    served = await results.served(context.database, customer_id, months, context.zone)
    each = [result([month], share, policy.hourly, Month.at(month.month)) for month in served]
    return ResultOfYear(each, result(served, share, policy.hourly), share, policy.hourly)


async def relationship(context: Context, customer_id: UUID, *, viewer: UUID | None) -> Relationship:
    """Which is aimed for, by the last twelve complete months. Raises CustomerNotFound."""
    head = await rows.head(context.database, customer_id, viewer=viewer)
    policy, running = await results.present(context.database), context.running_month()
    months = [running.plus(-back) for back in range(YEAR, 0, -1)]
    served = await results.served(context.database, customer_id, months, context.zone)
    customers = await results.of_tier(context.database, head.tier, policy.customers_from[1])
    return aimed_for(customer_id, margin_of(served, await _margin_share(context)), head.tier, customers, policy)


async def present_policy(context: Context) -> RelationshipPolicy:
    """The version that holds now."""
    return await results.present(context.database)


async def _margin_share(context: Context) -> Decimal:
    return (await winbacks.policy(context.database)).margin


async def policy_versions(context: Context, after: int | None, most: int) -> list[RelationshipPolicy]:
    """Every version, oldest first."""
    return await worth_policies.every(context, results.POLICIES, after, most)


async def policy_version(context: Context, number: int) -> RelationshipPolicy:
    """One version. Raises PolicyVersionNotFound."""
    return await worth_policies.numbered(context, results.POLICIES, number)
