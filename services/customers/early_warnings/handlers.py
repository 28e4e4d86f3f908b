"""What other services tell that makes a customer leave, and the warnings that come of everything together."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from services.customers.context import Context
from services.customers.early_warnings import events as told
from services.customers.early_warnings import store
from services.customers.early_warnings.domain.reasons import HUNDREDTH
from services.customers.early_warnings.domain.warnings import Course, Now, Warned, tellings
from services.customers.losses import store as losses
from services.customers.worth_policies.domain import WorthPolicy
from shared.bus import outbox
from shared.bus.event import Event
from shared.contracts.care import ConsentWithdrawn, TouchMissed, TouchMissWithdrawn
from shared.contracts.complaints import (
    ComplaintCorrected,
    ComplaintJudged,
    ComplaintOverdue,
    ComplaintSatisfactionGiven,
)
from shared.contracts.early_warnings import ReasonCode
from shared.db import Connection
from shared.ids import new_id
from shared.projection import latest


async def judge(
    transaction: Connection,
    courses: Sequence[Course],
    policy: WorthPolicy,
    now: Now,
    *,
    tiers: int,
    history: Collection[UUID],
    is_past: Callable[[UUID, date | None], bool],
) -> None:
    """Raises, updates and ends the warnings of customers whose worth is held, as it would have been done on each day of
    their courses; `tiers` is the policy of these. Of whom `history` names it is no news, nor is it how a warning stood
    on a day that `is_past`, unless it stands so today."""
    standing = await store.hold(transaction, [course[-1][1].customer_id for course in courses])
    found: dict[UUID, list[Warned]] = {}
    announced: list[Event] = []
    for course in courses:
        customer_id = course[-1][1].customer_id
        found[customer_id], told_ = tellings(standing.get(customer_id), course, policy, now, new_id)
        for each in told_:
            stands = each is told_[-1] and each.ended_by is None
            historical = customer_id in history or (not stands and is_past(customer_id, each.since))
            announced.append(told.told(each, now.at, historical=historical))
    valued = await _valued(transaction, found, tiers, history)
    changed = [each for id_, after in valued.items() for each in after if each != standing.get(id_)]
    await store.keep(transaction, changed)
    await outbox.append(transaction, announced)


async def _valued(
    transaction: Connection, found: Mapping[UUID, Sequence[Warned]], tiers: int, history: Collection[UUID]
) -> dict[UUID, list[Warned]]:
    """With what customers were worth who are warned of anew, except because of the past."""
    new = [id_ for id_, after in found.items() if id_ not in history and any(each.unvalued for each in after)]
    left = {each.customer_id: each for each in await losses.left(transaction, new, tiers)} if new else {}
    return {
        id_: [each.valued(left.get(id_), historical=id_ in history) for each in after] for id_, after in found.items()
    }


async def on_complaint_overdue(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """The answer was late: of a complaint, not of what the house asks itself."""
    facts = [event.read(ComplaintOverdue) for event in events if not event.historical]
    await _happened(
        transaction,
        [
            _row("overdue", fact.customer_id, fact.complaint_id, fact.round, fact.due_at)
            for fact in facts
            if fact.customer_id is not None and fact.kind != "internal"
        ],
    )


async def on_complaint_judged(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """A late answer counts in a case that is valid and meant in good faith; what the judgement was is kept before."""
    await store.look_again(transaction, [event.read(ComplaintJudged).complaint_id for event in events])


async def on_satisfaction_given(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """The complainant got less than was expected."""
    facts = [event.read(ComplaintSatisfactionGiven) for event in events if not event.historical]
    await _happened(
        transaction,
        [
            _row("dissatisfied", fact.customer_id, fact.complaint_id, fact.round, fact.at, _share(fact))
            for fact in facts
            if fact.customer_id is not None and fact.perceived < fact.expected
        ],
    )


def _share(fact: ComplaintSatisfactionGiven) -> Decimal:
    return (Decimal(fact.perceived) / fact.expected).quantize(HUNDREDTH, ROUND_HALF_UP)


async def on_touch_missed(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Service was missed which nothing excuses."""
    facts = [event.read(TouchMissed) for event in events if not event.historical]
    await _happened(
        transaction,
        [
            _row("missed", fact.customer_id, fact.task_id, 0, fact.due_at)
            for fact in facts
            if fact.customer_id is not None and fact.excuse is None
        ],
    )


async def on_touch_miss_withdrawn(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """It was not missed after all."""
    await store.take_back(transaction, "missed", [event.read(TouchMissWithdrawn).task_id for event in events])


async def on_consent_withdrawn(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """The customer wants to hear less of us."""
    facts = [(event.id, event.read(ConsentWithdrawn)) for event in events if not event.historical]
    await _happened(transaction, [_row("consent", fact.customer_id, id_, 0, fact.at) for id_, fact in facts])


async def on_complaint_corrected(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """The case is another customer's."""
    facts = [event.read(ComplaintCorrected) for event in events]
    moved = [(fact.complaint_id, fact.customer_id) for fact in facts if fact.customer_id is not None]
    if moved:
        await store.move(transaction, list(dict(moved).items()))


def _row(
    code: ReasonCode, customer_id: UUID | None, ref: UUID, round_: int, at: datetime, share: Decimal | None = None
) -> dict[str, Any]:
    return {
        "id": new_id(), "customer_id": customer_id, "code": code, "ref": ref, "round": round_, "at": at, "share": share,
    }  # fmt: skip


async def _happened(transaction: Connection, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        await store.keep_signals(transaction, latest(rows, lambda row: (row["code"], row["ref"], row["round"])))
