"""The routes by which it is ordered that a miss is made good."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.care.context import Context
from services.care.make_good import handlers
from services.care.make_good.domain import (
    MOST,
    MakeGoodEnded,
    MakeGoodNotFound,
    MakeGoodStands,
    Outcome,
    OwnMiss,
    TaskNotMissed,
)
from services.care.touches.api import TaskOut
from services.care.touches.domain import TaskNotFound
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import DayOrMoment
from shared.http.routing import Caller, router

routes = router("/care/v1", "make-good")

CREATED = 201


class MakeGoodIn(BaseModel):
    """Until when it is to be made good: a date means its end in the company's zone, a moment is taken as it is."""

    model_config = ConfigDict(extra="forbid")

    until: DayOrMoment


class ManyMakeGoodIn(MakeGoodIn):
    """Which misses are to be made good, all until the same date."""

    ids: Annotated[list[UUID], Field(min_length=1, max_length=MOST, description=f"missed tasks, up to {MOST}")]


class RefusedOut(BaseModel):
    """Why one of many was refused."""

    slug: str
    title: str
    detail: str


class OrderedOut(BaseModel):
    """What became of one of many."""

    id: UUID = Field(description="the missed task")
    status: int = Field(description="201 when it was ordered, else what it would have been refused with by itself")
    make_good_id: UUID | None = Field(description="the task by which it is made good; null when it was refused")
    problem: RefusedOut | None = Field(description="why it was refused; null when it was ordered")

    @classmethod
    def of(cls, outcome: Outcome) -> "OrderedOut":
        refusal = outcome.refusal
        if refusal is None:
            return cls(id=outcome.task_id, status=CREATED, make_good_id=outcome.make_good_id, problem=None)
        problem = RefusedOut(slug=refusal.slug, title=refusal.title, detail=refusal.detail)
        return cls(id=outcome.task_id, status=refusal.kind.value, make_good_id=None, problem=problem)


class ManyOrderedOut(BaseModel):
    """What became of each, in the order in which they were named."""

    items: list[OrderedOut]

    @classmethod
    def of(cls, outcomes: Sequence[Outcome]) -> "ManyOrderedOut":
        return cls(items=[OrderedOut.of(outcome) for outcome in outcomes])


@routes.post("/tasks/{task_id}/make-good", status_code=201)
@raises(MakeGoodStands, OwnMiss, TaskNotFound, TaskNotMissed)
async def order_make_good(task_id: UUID, body: MakeGoodIn, context: Injected[Context], caller: Caller) -> TaskOut:
    """Orders that a missed obligation is made good, once, and answers the task by which it is.

    It is of whom the missed one was, or of who took over from them. Done, it settles the order and no regular window.
    """
    return TaskOut.model_validate(await handlers.order(context, task_id, body.until, by=caller.id))


@routes.post("/tasks/make-good")
async def order_many_make_goods(body: ManyMakeGoodIn, context: Injected[Context], caller: Caller) -> ManyOrderedOut:
    """Orders that many misses are made good, each by itself; one that is refused holds up no other."""
    return ManyOrderedOut.of(await handlers.order_many(context, body.ids, body.until, by=caller.id))


@routes.post("/tasks/{task_id}/make-good/move")
@raises(MakeGoodEnded, MakeGoodNotFound, OwnMiss, TaskNotFound)
async def move_make_good(task_id: UUID, body: MakeGoodIn, context: Injected[Context], caller: Caller) -> TaskOut:
    """Another date for an order that has not ended; it is entered in the audit."""
    return TaskOut.model_validate(await handlers.move(context, task_id, body.until, by=caller.id))
