"""The close of a month: the only thing that lowers a tier (domain 2.4, decisions 8 to 11).

Whatever came late into closed months makes a new revision of each, oldest first: at once when somebody closes a month,
else by itself when nothing more has come for a while. The standing tiers follow the latest closed month alone; nothing
lowers below what the running month has earned already. A month is revised by the policy it was first closed with.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

from services.customers.context import Context
from services.customers.heads.store import locks
from services.customers.tiers import events
from services.customers.tiers.domain.months import Books, ClosedMonth, is_history, shares
from services.customers.tiers.domain.standing import Figures, Move, Rules
from services.customers.tiers.store import closing, months, policies, standing
from shared.bus import outbox
from shared.db import Connection
from shared.ids import new_id
from shared.months import Month


async def close_month(context: Context, month: Month) -> ClosedMonth:
    """Closes a month, or revises it when something came in since; with nothing new it changes nothing (`changed` is 0).

    Raises MonthNotOver, MonthSkipped or MonthWithoutData.
    """
    async with context.database.transaction() as transaction:
        await locks.close(transaction, month)
        await closing.use_memory(transaction)
        books = await months.books(transaction, context.running_month())
        books.check_closable(month)
        before = await months.closed_month(transaction, month)
        await _revise(context, transaction, books)
        if month not in books.closed:
            await _close_first(context, transaction, books, month)
            await _revise(context, transaction, books)
        closed = await months.closed_month(transaction, month)
        assert closed is not None  # noqa: S101  it was closed above
        return replace(closed, changed=0) if before and before.revision == closed.revision else closed


async def revise_next(context: Context, importing: Callable[[], Awaitable[bool]]) -> int:
    """Due work: revises the earliest closed month into which something came late, once nothing more has come into it
    for `context.revised_after`; returns how many months that was. Whoever holds the books, or imports, goes first."""
    since = context.clock.now() - context.revised_after
    if (waiting := await months.first_left_alone(context.database, since)) is None or await importing():
        return 0
    async with context.database.transaction() as transaction:
        if not await locks.close_if_free(transaction, waiting.month):
            return 0
        stale = await months.first_left_alone(transaction, since)
        if stale is None or stale.month != waiting.month:
            return 0  # another one has revised it, or more has come
        await closing.use_memory(transaction)
        books = await months.books(transaction, context.running_month())
        await _judge(context, transaction, books, stale, first=False)
    return 1


async def close_next(context: Context, after_days: int) -> int:
    """Due work of the configured schedule: closes the next open month; returns how many months that was."""
    month = await _next_open(context)
    if month is None or _closes(context, month, after_days) > context.clock.now():
        return 0
    await close_month(context, month)
    return 1


async def next_close(context: Context, after_days: int) -> datetime | None:
    """When the schedule closes the next open month; None while there is nothing to close."""
    month = await _next_open(context)
    return None if month is None else _closes(context, month, after_days)


async def _next_open(context: Context) -> Month | None:
    return (await months.books(context.database, context.running_month())).next_open


def _closes(context: Context, month: Month, after_days: int) -> datetime:
    return month.ends(context.zone) + timedelta(days=after_days)


async def _revise(context: Context, transaction: Connection, books: Books) -> None:
    while (stale := await months.first_stale(transaction)) is not None:
        await _judge(context, transaction, books, stale, first=False)


async def _close_first(context: Context, transaction: Connection, books: Books, month: Month) -> None:
    policy = await policies.version_on(transaction, month.first_day)
    now = context.clock.now()
    unclosed = ClosedMonth(month, new_id(), 0, False, now, policy, 0, 0, {}, {}, first_closed_at=now)
    await _judge(context, transaction, books, unclosed, first=True)
    # the next one was closed before it where data turned up for an earlier start
    await months.mark_stale(transaction, month.plus(1), now)


async def _judge(context: Context, transaction: Connection, books: Books, before: ClosedMonth, *, first: bool) -> None:
    now, month = context.clock.now(), before.month
    in_force = await policies.version_on(transaction, context.today())
    rules = Rules(month, before.policy_version, books.running, in_force, open_counts=not first)
    historical = is_history(month, books.running)
    move = Move(now, "close" if first else "revision", historical, month)
    previous = await months.closed_month(transaction, month.plus(-1))
    latest = books.latest is None or month >= books.latest
    figures = await closing.close(transaction, rules, move, previous.policy_version if previous else None, latest)
    if figures.changed:
        lift_again = Move(now, "purchase", historical)
        await standing.lift(transaction, rules, lift_again)  # what was bought while the rows were being lowered
    after = _revision(before, figures, now)
    if _same(before, after):
        await months.mark_fresh(transaction, month)
        return
    await months.keep_month(transaction, after)
    await outbox.append(transaction, [events.month_closed(after, at=now, historical=historical)])


def _revision(before: ClosedMonth, figures: Figures, now: datetime) -> ClosedMonth:
    return replace(
        before,
        revision=before.revision + 1,
        stale=False,
        stale_at=None,
        closed_at=now,
        customers=sum(customers for customers, _ in figures.sums.values()),
        changed=figures.changed,
        tiers=shares(figures.sums),
        moves=figures.moves,
    )


def _same(before: ClosedMonth, after: ClosedMonth) -> bool:
    """Whether a revision brought nothing new."""
    return before.revision > 0 and after.changed == 0 and (before.tiers, before.moves) == (after.tiers, after.moves)
