"""Routes of plans that answer signals."""

from datetime import date, datetime
from functools import partial
from typing import Annotated, Self
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from services.customers.context import Context
from services.customers.heads.domain import Erased
from services.customers.signal_plans import handlers, queries
from services.customers.signal_plans.domain import (
    Measure,
    MeasureDone,
    MeasureNotFound,
    MeasureRefused,
    PlanOutcome,
    SignalOver,
    SignalPlanClosed,
    SignalPlanNotFound,
    SignalPlanOpen,
)
from services.customers.signal_plans.queries import ReadPlan
from services.customers.signals.domain import SignalNotFound
from shared.auth.visibility import viewer
from shared.http.bodies import Patch
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Day, Reason
from shared.http.paging import BY_ID, Page, Paging
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import Caller, router
from shared.ids import new_id
from shared.references import UnknownStaff

routes = router("/customers/v1", "signals")

SignalId = Annotated[UUID, Path(description="the signal's id")]
PlanId = Annotated[UUID, Path(description="the plan's id")]


class MeasureIn(BaseModel):
    """What is done for the store."""

    model_config = ConfigDict(extra="forbid")

    text: Reason = Field(description="what is done, 1 to 2,000 characters; kept sealed")
    due_on: Day = Field(description="by which day, today or later")
    staff_id: UUID | None = Field(default=None, description="who does it; whoever has the plan unless said")


Measures = Annotated[list[MeasureIn], Field(min_length=1, max_length=20)]


class SignalPlanIn(BaseModel):
    """What answers a signal."""

    model_config = ConfigDict(extra="forbid")

    aim: Reason = Field(description="what is to be reached, 1 to 2,000 characters; kept sealed")
    measures: Measures = Field(description="what is done for the store, 1 to 20")
    assignee_id: UUID | None = Field(default=None, description="who has the plan; the caller unless said")


class SignalPlanPatch(Patch):
    """The fields to change."""

    aim: Reason = Field(default="", description="what is to be reached")
    assignee_id: UUID = Field(default_factory=new_id, description="who has the plan")


class MeasuresIn(BaseModel):
    """Further measures of a plan."""

    model_config = ConfigDict(extra="forbid")

    measures: Measures = Field(description="what else is done for the store, 1 to 20")


class MeasureDoneIn(BaseModel):
    """That a measure is done."""

    model_config = ConfigDict(extra="forbid")

    text: Reason | None = Field(default=None, description="how it went, 1 to 2,000 characters; kept sealed")


class SignalPlanOutcomeIn(BaseModel):
    """What came of a plan."""

    model_config = ConfigDict(extra="forbid")

    outcome: PlanOutcome = Field(description="whether it helped")
    reason: Reason = Field(description="how that came, 1 to 2,000 characters; kept sealed")


class MeasureOut(BaseModel):
    """What is done for the store."""

    id: UUID = Field(description="the measure's id (UUIDv7)")
    text: str | None = Field(description="what is done; null once the person is erased")
    due_on: date = Field(description="by which day")
    staff_id: UUID = Field(description="who does it")
    done_at: datetime | None = Field(description="when it was done; null before")
    done_by: UUID | None = Field(description="who said so; null before")
    done_text: str | None = Field(description="how it went; null where nobody said")

    @classmethod
    def of(cls, measure: Measure, context: Context) -> Self:
        same = {name: getattr(measure, name) for name in cls.model_fields if name not in ("text", "done_text")}
        return cls(
            **same,
            text=_opened(context, measure.words, measure.id),
            done_text=_opened(context, measure.done_words, measure.id),
        )


class SignalPlanOut(BaseModel):
    """A plan that answers a signal."""

    id: UUID = Field(description="the plan's id (UUIDv7)")
    version: int = Field(description="counts its changes, from 1")
    signal_id: UUID = Field(description="the signal that it answers")
    customer_id: UUID
    customer_name: str | None
    assignee_id: UUID = Field(description="who has the plan")
    assignee_name: str | None
    aim: str | None = Field(description="what is to be reached; null once the person is erased")
    measures: list[MeasureOut] = Field(description="what is done for the store, by their days")
    done: int = Field(description="how many of the measures are done")
    opened_at: datetime = Field(description="when it was made")
    opened_by: UUID = Field(description="who made it")
    updated_at: datetime = Field(description="when it, or one of its measures, last changed")
    outcome: PlanOutcome | None = Field(description="what came of it; null while it is open")
    reason: str | None = Field(description="how that came; null while it is open")
    closed_at: datetime | None = Field(description="when it was closed; null while it is open")
    closed_by: UUID | None = Field(description="who closed it; null while it is open")

    @classmethod
    def of(cls, plan: ReadPlan, context: Context) -> Self:
        own = ("aim", "measures", "reason", "updated_at")
        return cls(
            **{name: getattr(plan, name) for name in cls.model_fields if name not in own},
            aim=_opened(context, plan.words, plan.id),
            measures=[MeasureOut.of(each, context) for each in plan.measures],
            updated_at=plan.updated_at or plan.opened_at,
            reason=_opened(context, plan.end_words, plan.id),
        )


@routes.post("/signals/{signal_id}/plan", status_code=201)
@raises(Erased, MeasureRefused, SignalNotFound, SignalOver, SignalPlanOpen, UnknownStaff)
async def plan_signal(
    signal_id: SignalId, body: SignalPlanIn, context: Injected[Context], caller: Caller, response: Response
) -> SignalPlanOut:
    """Plans what better service answers a signal that stands; of each signal one plan is open."""
    planned = await handlers.plan(
        context,
        signal_id,
        body.aim,
        [each.model_dump() for each in body.measures],
        assignee_id=body.assignee_id,
        by=caller.id,
        viewer=viewer(caller),
    )
    response.headers["Location"] = f"/customers/v1/signal-plans/{planned.id}"
    return _answer(await queries.written(context, planned.id), context, response)


@routes.get("/signal-plans")
async def list_signal_plans(
    context: Injected[Context],
    caller: Caller,
    paging: Paging,
    signal_id: Annotated[UUID | None, Query(description="only those that answer this signal")] = None,
    customer_id: Annotated[UUID | None, Query(description="only those for this customer")] = None,
    assignee_id: Annotated[UUID | None, Query(description="only those in this colleague's care")] = None,
    open: Annotated[bool | None, Query(description="only those that are open, or only those that are not")] = None,
    overdue: Annotated[
        bool | None, Query(description="only those with a measure whose day is over, or without")
    ] = None,
) -> Page[SignalPlanOut]:
    """Plans for customers whom the caller sees, the latest first."""
    filters = {
        "signal_id": signal_id,
        "customer_id": customer_id,
        "assignee_id": assignee_id,
        "open": open,
        "overdue": overdue,
    }
    read = partial(queries.page, context, filters, viewer=viewer(caller))
    return await paging.page(BY_ID, filters, read, lambda plan: SignalPlanOut.of(plan, context))


@routes.get("/signal-plans/{plan_id}")
@raises(SignalPlanNotFound)
async def read_signal_plan(
    plan_id: PlanId, context: Injected[Context], caller: Caller, response: Response
) -> SignalPlanOut:
    """One plan."""
    return _answer(await queries.read(context, plan_id, viewer=viewer(caller)), context, response)


@routes.patch("/signal-plans/{plan_id}")
@raises(Erased, SignalPlanClosed, SignalPlanNotFound, UnknownStaff)
async def change_signal_plan(
    plan_id: PlanId,
    body: SignalPlanPatch,
    context: Injected[Context],
    caller: Caller,
    response: Response,
    expected_version: IfMatch,
) -> SignalPlanOut:
    """Says anew what a plan is for, or gives it into somebody's care."""
    said = body.changes()
    changed = await handlers.change(
        context,
        plan_id,
        aim=said.get("aim"),
        assignee_id=said.get("assignee_id"),
        expected_version=expected_version,
        by=caller.id,
        viewer=viewer(caller),
    )
    return _answer(await queries.written(context, changed.id), context, response)


@routes.post("/signal-plans/{plan_id}/measures")
@raises(Erased, MeasureRefused, SignalPlanClosed, SignalPlanNotFound, UnknownStaff)
async def add_measures(
    plan_id: PlanId, body: MeasuresIn, context: Injected[Context], caller: Caller, response: Response
) -> SignalPlanOut:
    """Plans further measures."""
    new = [each.model_dump() for each in body.measures]
    plan = await handlers.add_measures(context, plan_id, new, by=caller.id, viewer=viewer(caller))
    return _answer(await queries.written(context, plan.id), context, response)


@routes.post("/signal-plans/{plan_id}/measures/{measure_id}/done")
@raises(Erased, MeasureDone, MeasureNotFound, SignalPlanClosed, SignalPlanNotFound)
async def do_measure(
    plan_id: PlanId,
    measure_id: Annotated[UUID, Path(description="the measure's id")],
    body: MeasureDoneIn,
    context: Injected[Context],
    caller: Caller,
    response: Response,
) -> SignalPlanOut:
    """Says that a measure is done, and how it went."""
    plan = await handlers.do(context, plan_id, measure_id, body.text, by=caller.id, viewer=viewer(caller))
    return _answer(await queries.written(context, plan.id), context, response)


@routes.post("/signal-plans/{plan_id}/outcome")
@raises(SignalPlanClosed, SignalPlanNotFound)
async def close_signal_plan(
    plan_id: PlanId, body: SignalPlanOutcomeIn, context: Injected[Context], caller: Caller, response: Response
) -> SignalPlanOut:
    """Says what came of a plan, and closes it; what was not done stays so."""
    plan = await handlers.close(context, plan_id, body.outcome, body.reason, by=caller.id, viewer=viewer(caller))
    return _answer(await queries.written(context, plan.id), context, response)


def _opened(context: Context, words: bytes | None, id_: UUID) -> str | None:
    return None if words is None else context.words.open(words, id_.bytes).decode()


def _answer(plan: ReadPlan, context: Context, response: Response) -> SignalPlanOut:
    set_etag(response, plan.version)
    return SignalPlanOut.of(plan, context)
