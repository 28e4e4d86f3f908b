"""Judging what customers are worth: whom an event touched, whom time changes, everybody; and everybody's places.

Everything is judged by `_judge`, so what was touched and what a full recomputation finds are the same. A customer's
events follow each other because its row of worth is held.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from services.customers.context import Context
from services.customers.early_warnings import handlers as early_warnings
from services.customers.early_warnings.domain.warnings import Now
from services.customers.losses import handlers as losses
from services.customers.losses.domain import Gone, Judged
from services.customers.signals import handlers as signals
from services.customers.worth import events
from services.customers.worth.domain.judging import By, Judgement, Turn, Worth, judged
from services.customers.worth.domain.passes import PassUnderWay, WorthPass
from services.customers.worth.domain.standing import SegmentChange, StageMove
from services.customers.worth.domain.telling import (
    NOTHING_PAST,
    Past,
    back,
    is_history,
    looks_back,
    lost,
    lost_and_back,
    rewrites,
    stages_told,
    still_lost,
)
from services.customers.worth.store import judging, passes, past, places
from shared import audit
from shared.bus import outbox
from shared.bus.event import Event
from shared.contracts.worth import ValueLevel
from shared.db import Connection
from shared.ids import new_id

AT_ONCE: Final = 500
"""Customers of a transaction: a purchase that comes meanwhile is judged a tenth of a second later."""
PLACE_EVERY: Final = timedelta(minutes=1)
"""Everybody's places are found anew at most so often: it takes a look at all of them."""
PLACE_FEW_EVERY: Final = timedelta(seconds=1)
"""The same where there are at most `FEW` of them."""
FEW: Final = 10_000


async def judge_due(context: Context) -> int:
    """Due work: whom something or time has changed; how many were looked at. Several workers share it.

    Signals of them are looked for in a transaction of their own, which holds heads before anything else; where a
    process ends between the two, the look of the next day finds them.
    """
    today = context.today()
    if not await judging.asks(context.database, today):
        return 0
    ids = await _judge_touched(context, await judging.policies_on(context.database, today))
    if ids:
        async with context.database.transaction() as transaction:
            await signals.judge(context, transaction, ids)
    return len(ids)


async def judge_everybody(context: Context) -> int:
    """Due work: the next customers of a pass, beside those whom something has changed; how many were looked at."""
    by = await judging.policies_on(context.database, context.today())
    return await _judge_next_of_all(context, by) if await passes.asks_pass(context.database, by) else 0


async def place(context: Context) -> int:
    """Due work: gives customers their places among all where these have changed; how many were looked at.

    Who turns meanwhile makes the places stale again; what isn't placed by the end is placed at once by the next look.
    """
    now = context.clock.now()
    if not await places.places_stale(context.database, now - PLACE_FEW_EVERY):
        return 0
    if await places.are_more_than(context.database, FEW) and not await places.places_stale(
        context.database, now - PLACE_EVERY
    ):
        return 0
    async with context.database.transaction() as looking:
        if not await places.place_alone(looking):
            return 0
        live = await places.places_begin(context.database)
        margin = await places.margin(looking)
        misplaced = sorted((await places.misplaced(looking)).items())
        found = 0
        for begin in range(0, len(misplaced), AT_ONCE):
            found += await _place(context, dict(misplaced[begin : begin + AT_ONCE]), margin, live=live)
        if found == len(misplaced):
            await places.places_found(context.database, context.clock.now(), margin)
    return found or 1


async def _place(context: Context, to: Mapping[UUID, ValueLevel], margin: Decimal, *, live: bool) -> int:
    """How many were free to be placed, as they are not while they are judged."""
    async with context.database.transaction() as transaction:
        held = await judging.hold_free(transaction, list(to))
        moved = [Turn(each, replace(each, value=to[each.customer_id]), ()) for each in held]
        await _keep(transaction, moved, context.clock.now(), () if live else to, NOTHING_PAST, margin)
    return len(held)


async def ask_pass(context: Context, *, by: UUID) -> WorthPass:
    """Has everybody judged anew. Raises PassUnderWay."""
    async with context.database.transaction() as transaction:
        await passes.pass_alone(transaction)
        if await passes.pass_stands(transaction):
            raise PassUnderWay("read how far it is: GET /customers/v1/worth-passes")
        new = await _begin(context, transaction, await judging.policies_on(transaction, context.today()), by)
        await audit.enter(transaction, by, "worth.recomputed", new.id)
    return new


async def _begin(context: Context, transaction: Connection, by: By, asked_by: UUID | None) -> WorthPass:
    by_what, now, all_ = (by.tiers, by.worth.version, by.fit), context.clock.now(), await passes.customers(transaction)
    new = WorthPass(new_id(), *by_what, now, asked_by, None, 0, None, all_)
    await passes.add_pass(transaction, new)
    return new


async def _judge_touched(context: Context, by: By) -> list[UUID]:
    running = context.running_month()
    async with context.database.transaction() as transaction:
        marks = await judging.take_marks(transaction, AT_ONCE)
        by_customer: dict[UUID, list[tuple[int | None, bool]]] = {}
        for customer_id, month, historical in marks:
            by_customer.setdefault(customer_id, []).append((month, historical))
        due = await judging.due(transaction, context.today(), AT_ONCE - len(marks)) if len(marks) < AT_ONCE else []
        ids = sorted({*by_customer, *due})
        history = {id_ for id_ in by_customer if id_ not in due and is_history(by_customer, id_, running)}
        anew = {id_ for id_, of in by_customer.items() if rewrites(of, running)}
        if ids:
            await _judge(context, transaction, ids, by, history=history, anew=anew, touched=by_customer)
    return ids


async def _judge_next_of_all(context: Context, by: By) -> int:
    """The next customers of a pass, which begins by itself with a policy by which nobody was judged. Of whom it finds
    for the first time it is a takeover, which nobody is told of as news."""
    async with context.database.transaction() as transaction:
        await passes.pass_alone(transaction)
        standing = await passes.hold_pass(transaction)
        if standing is None:
            if await passes.has_pass(transaction, by):
                return 0
            standing = await _begin(context, transaction, by, None)
        ids = await passes.next_of_all(transaction, standing.reached, AT_ONCE)
        if not ids:
            await passes.keep_pass(transaction, replace(standing, done_at=context.clock.now()))
            return 1
        new = set(ids) - await passes.known(transaction, ids)
        await _judge(context, transaction, ids, by, history=new, anew=new)
        await passes.keep_pass(transaction, replace(standing, reached=ids[-1], judged=standing.judged + len(ids)))
    return len(ids)


async def _judge(
    context: Context,
    transaction: Connection,
    ids: Sequence[UUID],
    by: By,
    *,
    history: Collection[UUID],
    anew: Collection[UUID],
    touched: Collection[UUID] = (),
) -> None:
    """Judges customers: of whom is judged `anew` what holds today alone is told, of the others all that they passed
    through since they were judged last; of `history` it is no news. Losses that are over are looked at where something
    was entered or taken back (`touched`), not where time or a policy alone says otherwise."""
    now = Now(context.today(), context.clock.now())
    before = {each.customer_id: each for each in await judging.hold(transaction, ids)}
    since = min((each.due_on for each in before.values() if each.due_on), default=now.day)
    found = await judging.facts(transaction, list(before), min(since, now.day), now.day, context.zone.key, by)
    judgements = [judged(before[each.customer_id], each, by, now.day, anew=each.customer_id in anew) for each in found]
    summed = [each.after.customer_id for each in judgements if each.before.year != each.after.year]
    if summed:
        await places.places_are_stale(transaction, live=any(id_ not in history for id_ in summed))
    back_then = [
        each.after.customer_id
        for each in judgements
        if looks_back(each, now.day) and each.after.customer_id not in history
    ]
    gone_by = await past.known(transaction, back_then, context.zone.key) if back_then else NOTHING_PAST
    await _keep(transaction, judgements, now.at, history, gone_by, by.margin)
    courses = [each.course for each in judgements]
    await early_warnings.judge(
        transaction, courses, by.worth, now, tiers=by.tiers, history=history, is_past=gone_by.holds
    )
    ended = await _keep_passed_losses(context, transaction, judgements, history, gone_by)
    days = lost(judgements)
    lives = {each.after.customer_id: each.life for each in judgements if each.after.customer_id in touched}
    found_lost = Judged(days, still_lost(judgements), ended, lives)
    await losses.judged(context, transaction, found_lost, history=history, past=gone_by.of(days))


async def _keep_passed_losses(
    context: Context, transaction: Connection, judgements: Sequence[Judgement], history: Collection[UUID], gone_by: Past
) -> Mapping[UUID, Gone | None]:
    """Losses of who was lost and has bought again since it was judged last, one after the other; whose last loss is
    over."""
    between = {each.after.customer_id: lost_and_back(each) for each in judgements if each.passed}
    ended: Mapping[UUID, Gone | None] = back(judgements)
    for number in range(max(map(len, between.values()), default=0)):
        gone = {id_: of[number] for id_, of in between.items() if len(of) > number}
        days = {id_: each.lost_on for id_, each in gone.items()}
        found = Judged(days, {}, ended, {}, bought_again=True)
        await losses.judged(context, transaction, found, history=history, past=gone_by.of(days))
        ended = gone
    return ended


async def _keep(
    transaction: Connection,
    turns: Sequence[Turn],
    at: datetime,
    history: Collection[UUID],
    gone_by: Past,
    margin: Decimal,
) -> None:
    """Keeps what is other than before, with its history, and tells of it."""
    kept: list[Worth] = []
    segments: list[tuple[UUID, SegmentChange]] = []
    stages: list[tuple[UUID, StageMove]] = []
    told: list[Event] = []
    for of in turns:
        before, after, silent = of.before, of.after, of.after.customer_id in history
        if of.passed or after.stage != before.stage:
            for was, now in stages_told(of):
                stages.append((now.customer_id, _move(was, now, at)))
                is_past = silent or gone_by.holds(now.customer_id, now.since)
                told.append(events.lifecycle_changed(was, now, at, historical=is_past))
                after = replace(after, version=now.version)
        if after.segment != before.segment:
            after = replace(after, version=after.version + 1)
            segments.append((after.customer_id, _change(after, at, margin)))
            told.append(events.segment_changed(before, after, at, historical=silent))
        if after != before:
            kept.append(after)
    await judging.keep(transaction, kept)
    await judging.keep_history(transaction, segments, stages)
    await outbox.append(transaction, told)


def _change(after: Worth, at: datetime, margin: Decimal) -> SegmentChange:
    scores = after.loyalty_score, after.credit_score, after.monthly, after.profit(margin)
    return SegmentChange(after.version, at, *after.segment, *scores, after.policy_version, after.policy_id)


def _move(before: Worth, after: Worth, at: datetime) -> StageMove:
    by = after.policy_version, after.policy_id
    return StageMove(after.version, at, before.stage, after.stage, after.since, *by)
