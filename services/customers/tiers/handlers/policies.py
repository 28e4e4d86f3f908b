"""New tier policies, and their start (domain 2.4)."""

from uuid import UUID

from services.customers.context import Context
from services.customers.heads.store import locks
from services.customers.scheme import handlers as scheme
from services.customers.tiers import queries
from services.customers.tiers.domain.policies import Policy, Terms, check_start
from services.customers.tiers.domain.standing import Move
from services.customers.tiers.store import months, policies, standing
from shared import audit
from shared.db import Connection
from shared.ids import new_id


async def add_policy(context: Context, terms: Terms, *, by: UUID) -> Policy:
    """A new version of the policy; when it has started it lifts at once whom it lifts.

    Raises StartsInClosedMonth.
    """
    async with context.database.transaction() as transaction:
        await locks.many_customers(transaction)
        books = await months.books(transaction, context.running_month())
        check_start(terms.starts_on, books.closed, await policies.starts(transaction))
        policy = await policies.add_policy(transaction, new_id(), terms, context.today())
        await _apply_started(context, transaction)
        await scheme.announce(context, transaction)
        await audit.enter(transaction, by, "tier_policy.added", policy.id)
        return policy


async def start_policies(context: Context) -> int:
    """Due work: policies whose first day has come lift whom they lift; returns how many started."""
    if await queries.next_policy_start(context) is None:
        return 0
    async with context.database.transaction() as transaction:
        await locks.many_customers(transaction)
        return await _apply_started(context, transaction)


async def _apply_started(context: Context, transaction: Connection) -> int:
    """Only the close of a month lowers, so the start of a policy lifts and nothing else."""
    started = await policies.apply_started(transaction, context.today())
    if started:
        move = Move(context.clock.now(), "policy", historical=False)
        await standing.lift(transaction, await standing.rules_on(transaction, context.today()), move)
    return len(started)
