"""Telling what is at risk, once for each of the policy's days, and setting the policy."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from services.care.accounts import store as accounts
from services.care.at_risk import queries, store
from services.care.at_risk.domain import AtRiskPolicy, Reach, horizon, moment
from services.care.context import Context
from services.care.messages.domain import Message, Purpose
from services.care.messages.handlers import plan_messages
from services.care.scheme import handlers as scheme
from services.care.staffing import store as staffing
from services.care.staffing.domain import Staffing
from services.care.touches import events as touch_events
from services.care.touches import store as touches
from services.care.touches.domain import Task
from shared import audit
from shared.bus import outbox
from shared.db import Connection
from shared.ids import new_id
from shared.telemetry import TIMER_LATENESS
from shared.versions import check_version

BATCH = 500


async def set_policy(context: Context, days: Sequence[int], *, expected_version: int | None, by: UUID) -> AtRiskPolicy:
    """Makes the next version. Raises PreconditionRequired, or Stale when another version holds than was read."""
    async with context.database.transaction() as transaction:
        await store.hold_policy(transaction)
        present = await queries.present(transaction)
        check_version(present.version, expected_version)
        now = context.clock.now()
        following = AtRiskPolicy(present.version + 1, sorted(days, reverse=True), now, by)
        await store.add(transaction, following, now)
        await scheme.announce(transaction)
        await audit.enter(transaction, by, "at_risk_policy.versioned")
        return following


async def warn_due(context: Context) -> int:
    """Tells a batch of what is at risk now, for each number of days; returns how many."""
    async with context.database.transaction() as transaction:
        policy = await queries.present(transaction)
        return sum([await _warn(context, transaction, policy, reach) for reach in await store.hold(transaction)])


async def next_due(context: Context) -> datetime | None:
    """When something is at risk next."""
    now = context.clock.now()
    moments = []
    for days in (await queries.present(context.database)).days:
        ends = await store.next_end(context.database, now + timedelta(days=days))
        if ends is not None:
            moments.append(ends - timedelta(days=days))
    return min(moments, default=None)


async def _warn(context: Context, transaction: Connection, policy: AtRiskPolicy, reach: Reach) -> int:
    found = await store.found(transaction, reach, horizon(reach.days, policy, context.clock.now()), BATCH)
    if not found:
        return 0
    await accounts.lock(transaction, (customer for _, customer, _ in found))
    tasks = await touches.lock_open(transaction, [id_ for id_, _, _ in found])
    await _tell(context, transaction, await touches.raise_version(transaction, tasks), reach.days)
    last_id, _, last_due = found[-1]
    await store.advance(transaction, Reach(reach.days, last_due, last_id))
    late = context.clock.now() - (found[0][2] - timedelta(days=reach.days))
    TIMER_LATENESS.labels("at_risk").observe(late.total_seconds())
    return len(found)


async def _tell(context: Context, transaction: Connection, tasks: Sequence[Task], days: int) -> None:
    counts = await store.counts(transaction, sorted({task.window.due_at for task in tasks}))
    people = await staffing.around(transaction, {person for person, _, _ in counts}, ())
    told = [touch_events.at_risk(task, people.supervisor(task.assignee_id), days, moment(task, days)) for task in tasks]
    await plan_messages(context, transaction, _notices(context, tasks, days, people, counts))
    await outbox.append(transaction, told)


def _notices(
    context: Context, tasks: Sequence[Task], days: int, people: Staffing, counts: Sequence[tuple[UUID, datetime, int]]
) -> list[Message]:
    """One to each person and one to each supervisor for all whose windows end at the same moment: however many batches
    these take, each says all of them."""
    own, under = Counter[tuple[UUID, datetime]](), Counter[tuple[UUID, datetime]]()
    for person, ends, many in counts:
        own[person, ends] += many
        if boss := people.supervisor(person):
            under[boss, ends] += many
    mine = {(task.assignee_id, task.window.due_at) for task in tasks if task.assignee_id}
    theirs = {(people.supervisor(person), ends) for person, ends in mine}
    return [
        *(_notice(context, "touch_at_risk", *each, own[each], days) for each in own if each in mine),
        *(_notice(context, "touch_at_risk_people", *each, under[each], days) for each in under if each in theirs),
    ]


def _notice(context: Context, template: str, staff_id: UUID, ends: datetime, many: int, days: int) -> Message:
    due = ends.astimezone(context.zone).strftime("%Y-%m-%d %H:%M")
    return Message(
        id=new_id(),
        staff_id=staff_id,
        occasion=template,
        occasion_key=f"{template}:{ends.isoformat()}:{days}",
        template=template,
        variables={"count": str(many), "due": due, "days": str(days)},
        purpose=Purpose.SERVICE,
        expires_at=ends,
        about=f"{template}:{ends.isoformat()}",
    )
