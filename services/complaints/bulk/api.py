"""Routes that do the same with many cases."""

from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.complaints.bulk import handlers
from services.complaints.bulk.domain import MOST, Outcome
from services.complaints.cases.domain import Said
from services.complaints.context import Context
from shared.http.context import Injected
from shared.http.fields import Prose
from shared.http.routing import Caller, router

routes = router("/complaints/v1", "bulk")

DONE = 200


class CasesIn(BaseModel):
    """With which cases it is done."""

    model_config = ConfigDict(extra="forbid")

    ids: Annotated[list[UUID], Field(min_length=1, max_length=MOST)]


class BulkAssignIn(CasesIn):
    """Who handles these cases from now on."""

    staff_id: UUID


class BulkCloseIn(CasesIn):
    """What is said when these cases end."""

    text: Prose | None = None


class BulkLinkIn(CasesIn):
    """To which case these are linked, and how they belong to it."""

    complaint_id: UUID = Field(description="the case to which they are linked")
    relation: Literal["repeat", "related", "duplicate", "child"]


class RefusalOut(BaseModel):
    """Why it was not done with a case."""

    slug: str
    title: str
    detail: str


class OutcomeOut(BaseModel):
    """What became of a case."""

    id: UUID
    status: int
    problem: RefusalOut | None

    @classmethod
    def of(cls, outcome: Outcome) -> "OutcomeOut":
        refusal = outcome.refusal
        if refusal is None:
            return cls(id=outcome.id, status=DONE, problem=None)
        problem = RefusalOut(slug=refusal.slug, title=refusal.title, detail=refusal.detail)
        return cls(id=outcome.id, status=refusal.kind.value, problem=problem)


class OutcomesOut(BaseModel):
    """What became of each case, in the order in which they were named."""

    items: list[OutcomeOut]

    @classmethod
    def of(cls, outcomes: Sequence[Outcome]) -> "OutcomesOut":
        return cls(items=[OutcomeOut.of(outcome) for outcome in outcomes])


@routes.post("/bulk/assign")
async def assign_many(body: BulkAssignIn, context: Injected[Context], caller: Caller) -> OutcomesOut:
    """Names who handles many cases, each by itself, whatever its version; one that is refused holds up no other."""
    return OutcomesOut.of(await handlers.assign(context, body.ids, body.staff_id, caller.id))


@routes.post("/bulk/close")
async def close_many(body: BulkCloseIn, context: Injected[Context], caller: Caller) -> OutcomesOut:
    """Ends many cases, each by itself; one whose steps are not all done is refused and holds up no other."""
    return OutcomesOut.of(await handlers.close(context, body.ids, Said(body.text, None, caller.id)))


@routes.post("/bulk/link")
async def link_many(body: BulkLinkIn, context: Injected[Context], caller: Caller) -> OutcomesOut:
    """Links many cases to one, each by itself, as a link at that case would be made; one that is refused holds up no
    other. Children hold that case open."""
    return OutcomesOut.of(await handlers.link(context, body.ids, body.complaint_id, body.relation, caller.id))
