"""Routes by which penalties are decided and appealed."""

from typing import Annotated, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.complaints.context import Context
from services.complaints.responsibility import queries
from services.complaints.responsibility.api.penalties import PenaltyDetailsOut, PenaltyId, details_of
from services.complaints.responsibility.domain.deciding import (
    AppealedBefore,
    AppealTooLate,
    Decision,
    DecisionUnclear,
    NotAPayer,
    NotAppealable,
    Outcome,
    PayerStands,
    PenaltyNotFound,
    PenaltyNotOpen,
    PenaltyWithoutPayer,
    SameDecider,
)
from services.complaints.responsibility.domain.policies import PenaltyOutOfBounds
from services.complaints.responsibility.domain.shares import OwnPenalty
from services.complaints.responsibility.handlers import appealing, deciding
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Reason, YesOrNo
from shared.http.routing import Caller, router
from shared.money import MoneyOrNothing
from shared.references import UnknownStaff

routes = router("/complaints/v1", "responsibility")

MANY: Final = "/complaints/v1/penalties/decisions"
MOST: Final = 10_000
"""Decisions of one request."""
LARGEST: Final = 16 << 20
"""Bytes of a request with so many."""
DONE: Final = 200


class PenaltyDecisionIn(BaseModel):
    """What is decided: an amount, or that nobody pays; and why."""

    model_config = ConfigDict(extra="forbid")

    amount: Annotated[
        MoneyOrNothing | None,
        Field(description="what is paid in all, CNY; 0.00 confirms what the bound of its case has cut to nothing"),
    ] = None
    waive: Annotated[YesOrNo, Field(description="whether nobody pays anything")] = False
    payer_id: Annotated[
        UUID | None,
        Field(description="who pays what nobody pays yet, because no rule could name anybody; else leave it out"),
    ] = None
    reason: Annotated[Reason, Field(description="why, 1 to 2,000 characters; kept sealed")]

    def decision(self) -> Decision:
        """Raises DecisionUnclear."""
        if (self.amount is None) != self.waive:
            raise DecisionUnclear("say an amount, or waive it", pointer="#/amount")
        if self.waive and self.payer_id is not None:
            raise DecisionUnclear("nobody pays what is waived", pointer="#/payer_id")
        return Decision(self.amount, self.reason, self.payer_id)


class DecisionOfManyIn(PenaltyDecisionIn):
    """What is decided about one of many penalties."""

    id: UUID = Field(description="the penalty")


class DecisionsIn(BaseModel):
    """What is decided about many penalties."""

    model_config = ConfigDict(extra="forbid")

    items: Annotated[list[DecisionOfManyIn], Field(min_length=1, max_length=MOST, description="up to 10,000 of them")]


class DecisionRefusalOut(BaseModel):
    """Why a decision was not made."""

    slug: str = Field(description="stable, for programs")
    title: str = Field(description="what the slug means, in English, always the same")
    detail: str = Field(description="what is wrong and what to do, in English")


class DecisionOutcomeOut(BaseModel):
    """What became of a decision."""

    id: UUID = Field(description="the penalty")
    status: int = Field(description="as the request for this one alone would be answered: 200 when it was decided")
    problem: DecisionRefusalOut | None = Field(description="why it was not decided; null when it was")

    @classmethod
    def of(cls, outcome: Outcome) -> "DecisionOutcomeOut":
        refusal = outcome.refusal
        if refusal is None:
            return cls(id=outcome.id, status=DONE, problem=None)
        problem = DecisionRefusalOut(slug=refusal.slug, title=refusal.title, detail=refusal.detail)
        return cls(id=outcome.id, status=refusal.kind.value, problem=problem)


class DecisionOutcomesOut(BaseModel):
    """What became of each decision."""

    items: list[DecisionOutcomeOut] = Field(description="in the order in which they were named")


class AppealIn(BaseModel):
    """Why somebody appeals."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[Reason, Field(description="why, 1 to 2,000 characters; kept sealed")]


@routes.post("/penalties/decisions")
@raises(DecisionUnclear)
async def decide_penalties(body: DecisionsIn, context: Injected[Context], caller: Caller) -> DecisionOutcomesOut:
    """Decides many penalties in one transaction, each by itself; one that is refused holds up no other."""
    decisions = [(each.id, each.decision()) for each in body.items]
    outcomes = await deciding.decide_many(context, decisions, caller)
    return DecisionOutcomesOut(items=[DecisionOutcomeOut.of(each) for each in outcomes])


@routes.post("/penalties/{penalty_id}/decision")
@raises(
    DecisionUnclear,
    OwnPenalty,
    PayerStands,
    PenaltyNotFound,
    PenaltyNotOpen,
    PenaltyOutOfBounds,
    PenaltyWithoutPayer,
    SameDecider,
    UnknownStaff,
)
async def decide_penalty(
    penalty_id: PenaltyId, body: PenaltyDecisionIn, context: Injected[Context], caller: Caller
) -> PenaltyDetailsOut:
    """Decides or waives what is proposed, or appealed: administration, the general manager where somebody of
    administration pays, the customer-service manager where both do, and on appeal also who comes next of the three;
    never who pays a part of it, nor an appeal who decided first. It is booked when the time to appeal ends, on appeal
    at once."""
    await deciding.decide(context, penalty_id, body.decision(), caller)
    return details_of(await queries.read_penalty(context, penalty_id, viewer=None))


@routes.post("/penalties/{penalty_id}/appeal")
@raises(AppealTooLate, AppealedBefore, NotAPayer, NotAppealable, PenaltyNotFound)
async def appeal_penalty(
    penalty_id: PenaltyId, body: AppealIn, context: Injected[Context], caller: Caller
) -> PenaltyDetailsOut:
    """Appeals what was decided, once, by who pays a part: nothing is booked until somebody else decides it anew."""
    await appealing.appeal(context, penalty_id, body.reason, by=caller.id)
    return details_of(await queries.read_penalty(context, penalty_id, viewer=None))
