"""Answering signals: planning what is done for the store, doing it, and saying what came of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from services.customers.context import Context
from services.customers.heads.store import erasing, locks
from services.customers.organisation import store as organisation
from services.customers.signal_plans import store
from services.customers.signal_plans.domain import (
    Measure,
    PlanOutcome,
    SignalOver,
    SignalPlan,
    SignalPlanNotFound,
    SignalPlanOpen,
    in_order,
)
from services.customers.signals.domain import SignalNotFound
from shared import audit
from shared.db import Connection
from shared.ids import new_id
from shared.references import UnknownStaff
from shared.versions import check_version


async def plan(
    context: Context,
    signal_id: UUID,
    aim: str,
    measures: Sequence[Mapping[str, Any]],
    *,
    assignee_id: UUID | None,
    by: UUID,
    viewer: UUID | None,
) -> SignalPlan:
    """Plans what answers a signal that stands.

    Raises SignalNotFound, SignalOver, SignalPlanOpen, MeasureRefused, UnknownStaff, Erased.
    """
    id_ = new_id()
    words = context.words.seal(aim.encode(), id_.bytes)
    async with context.database.transaction() as transaction:
        customer_id = await store.customer_of(transaction, signal_id, viewer=viewer)
        if customer_id is None or not await locks.customers(transaction, [customer_id], viewer=viewer):
            raise SignalNotFound("no signal has this id")
        await erasing.check(transaction, customer_id)
        if not await store.stands(transaction, signal_id, customer_id):
            raise SignalOver("read the signal for why")
        begun = SignalPlan(id_, 1, signal_id, customer_id, assignee_id or by, words, context.clock.now(), by)
        new = _measures(context, begun, measures)
        for each in new:
            each.check_day(context.today())
        await _check_staff(transaction, [begun.assignee_id, *(each.staff_id for each in new)], by)
        planned = replace(begun, measures=in_order(new))
        if not await store.add(transaction, planned):
            raise SignalPlanOpen("read it: GET /customers/v1/signal-plans?signal_id=&open=true")
        await audit.enter(transaction, by, "signal.planned", id_)
    return planned


async def change(
    context: Context,
    id_: UUID,
    *,
    aim: str | None,
    assignee_id: UUID | None,
    expected_version: int | None,
    by: UUID,
    viewer: UUID | None,
) -> SignalPlan:
    """Says anew what a plan is for, or gives it into somebody's care.

    Raises SignalPlanNotFound, SignalPlanClosed, UnknownStaff, PreconditionRequired, Stale, Erased.
    """
    async with context.database.transaction() as transaction:
        before = await _held(transaction, id_, viewer)
        check_version(before.version, expected_version)
        said: dict[str, Any] = {}
        if aim is not None:
            await erasing.check(transaction, before.customer_id)
            said["words"] = context.words.seal(aim.encode(), id_.bytes)
        if assignee_id is not None:
            await _check_staff(transaction, [assignee_id], by)
            said["assignee_id"] = assignee_id
        return await _saved(context, transaction, before.changed(**said), by, "changed") if said else before


async def add_measures(
    context: Context, id_: UUID, measures: Sequence[Mapping[str, Any]], *, by: UUID, viewer: UUID | None
) -> SignalPlan:
    """Adds measures. Raises SignalPlanNotFound, SignalPlanClosed, MeasureRefused,
    UnknownStaff, Erased."""
    async with context.database.transaction() as transaction:
        before = await _held(transaction, id_, viewer)
        await erasing.check(transaction, before.customer_id)
        new = _measures(context, before, measures)
        after = before.with_measures(new, context.today())
        await _check_staff(transaction, [each.staff_id for each in new], by)
        return await _saved(context, transaction, after, by, "extended")


async def do(
    context: Context, id_: UUID, measure_id: UUID, text: str | None, *, by: UUID, viewer: UUID | None
) -> SignalPlan:
    """Says that a measure is done, and how it went.

    Raises SignalPlanNotFound, SignalPlanClosed, MeasureNotFound, MeasureDone, Erased.
    """
    words = None if text is None else context.words.seal(text.encode(), measure_id.bytes)
    async with context.database.transaction() as transaction:
        before = await _held(transaction, id_, viewer)
        await erasing.check(transaction, before.customer_id)
        return await _saved(
            context, transaction, before.did(measure_id, context.clock.now(), by, words), by, "advanced"
        )


async def close(
    context: Context, id_: UUID, outcome: PlanOutcome, text: str, *, by: UUID, viewer: UUID | None
) -> SignalPlan:
    """Says what came of a plan; of who was erased it is closed, and nothing is written. Raises SignalPlanNotFound,
    SignalPlanClosed."""
    async with context.database.transaction() as transaction:
        before = await _held(transaction, id_, viewer)
        erased = await erasing.is_erased(transaction, before.customer_id)
        words = None if erased else context.words.seal(text.encode(), id_.bytes)
        return await _saved(context, transaction, before.closed(outcome, context.clock.now(), by, words), by, "closed")


def _measures(context: Context, plan: SignalPlan, said: Sequence[Mapping[str, Any]]) -> list[Measure]:
    """What is planned; who is not named, is who has the plan."""
    ids = [new_id() for _ in said]
    return [
        Measure(
            id_,
            plan.id,
            each["due_on"],
            each["staff_id"] or plan.assignee_id,
            context.words.seal(each["text"].encode(), id_.bytes),
        )
        for id_, each in zip(ids, said, strict=True)
    ]


async def _check_staff(transaction: Connection, ids: Iterable[UUID], by: UUID) -> None:
    for staff_id in {*ids} - {by}:
        if await organisation.role_at_work(transaction, staff_id) is None:
            raise UnknownStaff("GET /customers/v1/staff lists colleagues")


async def _held(transaction: Connection, id_: UUID, viewer: UUID | None) -> SignalPlan:
    """A plan whose customer is held, so that an erasure comes before or after. Raises SignalPlanNotFound."""
    customer_id = await store.planned_for(transaction, id_, viewer=viewer)
    if customer_id is not None and await locks.customers(transaction, [customer_id]):
        found = await store.locked(transaction, id_)
        if found is not None:
            return found
    raise SignalPlanNotFound("no plan has this id")


async def _saved(context: Context, transaction: Connection, plan: SignalPlan, by: UUID, what: str) -> SignalPlan:
    plan = replace(plan, updated_at=context.clock.now())
    await store.save(transaction, plan)
    await audit.enter(transaction, by, f"signal_plan.{what}", plan.id)
    return plan
