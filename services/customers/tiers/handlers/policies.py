"""Policies and their start, and the lift that a purchase causes."""

from collections.abc import Sequence
from datetime import date, datetime, time
from uuid import UUID

from services.customers.context import Context
from services.customers.heads.store import locks
from services.customers.tiers.domain.months import NewPolicy, Policy, UnknownPolicy
from services.customers.tiers.store import months as store
from services.customers.tiers.store import standing
from services.customers.tiers.store.standing import Earned, Move, Rules
from shared.db import Connection, Database
from shared.ids import new_id
from shared.months import Month


def running_month(context: Context) -> Month:
    """The calendar month of now in the company's zone."""
    return Month.of(context.clock.now(), context.runtime.zone)


def today(context: Context) -> date:
    """The day of now in the company's zone."""
    return context.clock.now().astimezone(context.runtime.zone).date()


async def rules(context: Context, reader: Connection | Database) -> Rules:
    """What judges a customer now: the latest closed window, and the running month."""
    in_force = await store.version_in_force(reader, today(context))
    latest = await store.latest_closed(reader)
    closed, policy = latest or (None, in_force)
    return Rules(closed, policy, running_month(context), in_force)


async def lift(
    context: Context, transaction: Connection, customers: Sequence[UUID], *, historical: bool = False
) -> None:
    """Lifts customers at once that crossed a threshold in the running month (decision 9).

    Their rows are locked by the caller, who has just recorded purchases of the running month.
    """
    move = Move(context.clock.now(), "purchase", historical)
    await standing.lift(transaction, await rules(context, transaction), move, customers)


async def add_policy(context: Context, new: NewPolicy) -> Policy:
    """A new version of the policy; when it has started it lifts at once whom it lifts."""
    async with context.database.transaction() as transaction:
        await locks.many_customers(transaction)
        policy = await store.add_policy(transaction, new_id(), new, today(context))
        await _apply_started(context, transaction)
        return policy


async def start_policies(context: Context) -> int:
    """Due work: policies whose first day has come lift whom they lift; returns how many started."""
    if await next_policy_start(context) is None:
        return 0
    async with context.database.transaction() as transaction:
        await locks.many_customers(transaction)
        return await _apply_started(context, transaction)


async def _apply_started(context: Context, transaction: Connection) -> int:
    """Only the close of a month lowers, so the start of a policy lifts and nothing else."""
    started = await store.apply_started(transaction, today(context))
    if started:
        move = Move(context.clock.now(), "policy", historical=False)
        await standing.lift(transaction, await rules(context, transaction), move)
    return len(started)


async def next_policy_start(context: Context) -> datetime | None:
    """When the next announced policy starts: the first moment of its day in the company's zone."""
    day = await store.next_start(context.database)
    return None if day is None else datetime.combine(day, time(), context.runtime.zone)


async def policy(context: Context, id_: UUID) -> Policy:
    found = await store.policy(context.database, id_)
    if found is None:
        raise UnknownPolicy("no tier policy has this id")
    return found


async def preview(
    context: Context, id_: UUID, after: UUID | None, limit: int, *, viewer: UUID | None
) -> tuple[Policy, dict[str, int], Sequence[Earned]]:
    """Who would move, from where to where, if the policy held now: for the latest closed window and the running month.

    Customers whose tier is set by hand would not move. Counted is everybody, listed whom the viewer sees.
    """
    asked = await policy(context, id_)
    now = await rules(context, context.database)
    then = Rules(now.closed, asked.version, now.running, asked.version)
    counts = await standing.preview_counts(context.database, then)
    return asked, counts, await standing.preview(context.database, then, after, limit, viewer)
