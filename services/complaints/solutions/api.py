"""Routes of solutions: what was proposed, its approval, and the policy that demands it."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from services.complaints.cases.api.standing import CaseId
from services.complaints.cases.domain import ComplaintNotFound, OwnCase, TextMissing, WrongState
from services.complaints.context import Context
from services.complaints.policies.domain import PolicyVersion
from services.complaints.policies.queries import list_versions
from services.complaints.rulebook.domain.subjects import UnknownSubject
from services.complaints.solutions import handlers, queries
from services.complaints.solutions.domain import Approver, OwnSolution, Solution, SolutionNotProposed, SolutionState
from shared.auth.visibility import viewer
from shared.contracts.customers import Tier
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Code, Moment, Reason, YesOrNo
from shared.http.paging import Order, Page, Paging
from shared.http.routing import Caller, router

routes = router("/complaints/v1", "solutions")


class SolutionDecisionIn(BaseModel):
    """Whether a solution is approved, and why."""

    model_config = ConfigDict(extra="forbid")

    approve: YesOrNo
    reason: Annotated[Reason | None, Field(description="why; a refusal needs it")] = None


class SolutionOut(BaseModel):
    """How a solution stands."""

    model_config = ConfigDict(from_attributes=True)

    complaint_id: UUID = Field(description="the case")
    round: int = Field(description="the round in which it was proposed")
    attempt: int = Field(description="counts the solutions of the round from 1")
    author_id: UUID = Field(description="the staff member who entered it")
    owner_id: UUID = Field(description="the staff member whose solution it is")
    proposed_at: datetime
    state: SolutionState = Field(description="how it stands; `proposed` needs nobody's word")
    policy_version: int = Field(description="the version of the policy that says whether it needs approval")
    decided_by: UUID | None = Field(description="who approved or refused it; null before")
    decided_at: datetime | None


class ToldSolutionOut(SolutionOut):
    """A solution with what it is."""

    text: str | None = Field(description="what it is")


class SolutionPolicyIn(BaseModel):
    """Which solutions need another person's word from now on; what is left out stays as it was."""

    model_config = ConfigDict(extra="forbid")

    required: Annotated[YesOrNo, Field(description="whether solutions need another person's approval")]
    subjects: Annotated[Sequence[Code], Field(max_length=100, description="only cases about these; none: any")] = ()
    tiers: Annotated[Sequence[Tier], Field(max_length=4, description="only customers of these tiers; none: any")] = ()
    approvers: Annotated[
        Sequence[Approver] | None, Field(min_length=1, max_length=8, description="who approves: as before unless said")
    ] = None
    starts_at: Annotated[
        Moment | None, Field(description="from when on it holds for what is proposed; now unless said")
    ] = None


class SolutionPolicyOut(BaseModel):
    """A version of which solutions need another person's word."""

    id: UUID = Field(description="the id of the version (UUIDv7)")
    version: int
    required: bool = Field(description="whether solutions need another person's approval")
    subjects: list[str] = Field(description="only cases about these; none: any")
    tiers: list[Tier] = Field(description="only customers of these tiers; none: any")
    approvers: list[Approver] = Field(description="who approves")
    starts_at: datetime = Field(description="from when on it holds for what is proposed")


LATEST_FIRST: Order[PolicyVersion, int] = Order(lambda policy: (policy.version,), int)


@routes.post("/complaints/{id}/solution/approval")
@raises(ComplaintNotFound, OwnCase, OwnSolution, SolutionNotProposed, TextMissing, WrongState)
async def decide_solution(
    id: CaseId, body: SolutionDecisionIn, context: Injected[Context], caller: Caller
) -> SolutionOut:
    """Approves or refuses the solution of the present round before it is executed; a refused one is proposed anew."""
    decided = await handlers.decide(context, id, approve=body.approve, reason=body.reason, caller=caller)
    return SolutionOut.model_validate(decided)


@routes.get("/complaints/{id}/solutions")
@raises(ComplaintNotFound)
async def list_solutions(id: CaseId, context: Injected[Context], caller: Caller) -> Page[ToldSolutionOut]:
    """Every solution that was proposed, round by round, on one page."""
    found = await queries.list_solutions(context, id, viewer=viewer(caller))
    return Page(items=[_told(each.solution, each.text) for each in found])


@routes.post("/solution-policies", status_code=201)
@raises(UnknownSubject)
async def write_solution_policy(
    body: SolutionPolicyIn, context: Injected[Context], caller: Caller, response: Response
) -> SolutionPolicyOut:
    """A new version: it holds for what is proposed after its start. Nobody approves their own, whatever it says."""
    definition = body.model_dump(mode="json", exclude={"starts_at"}, exclude_none=True)
    policy = await handlers.write_policy(context, definition, body.starts_at, by=caller.id)
    response.headers["Location"] = "/complaints/v1/solution-policies"
    return _out(policy)


@routes.get("/solution-policies")
async def list_solution_policies(context: Injected[Context], paging: Paging) -> Page[SolutionPolicyOut]:
    """Every version, the latest first; the last one, as it came, demands nothing."""
    return await paging.page(LATEST_FIRST, {}, partial(list_versions, context, "solution_approval"), _out)


def _told(solution: Solution, text: str | None) -> ToldSolutionOut:
    return ToldSolutionOut(**SolutionOut.model_validate(solution).model_dump(), text=text)


def _out(policy: PolicyVersion) -> SolutionPolicyOut:
    kept: dict[str, Any] = {"id": policy.id, "version": policy.version, "starts_at": policy.starts_at}
    return SolutionPolicyOut(**kept, **policy.definition)
