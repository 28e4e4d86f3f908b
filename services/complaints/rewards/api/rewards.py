"""Routes of rewards."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from services.complaints.cases.domain import ComplaintNotFound
from services.complaints.context import Context
from services.complaints.responsibility.domain.deciding import DecisionUnclear
from services.complaints.rewards import queries
from services.complaints.rewards.domain.rewards import (
    MOST_REWARDED,
    NewReward,
    OwnReward,
    Reward,
    RewardEntry,
    RewardMonthAhead,
    RewardMonthPast,
    RewardNotFound,
    RewardNotGranted,
    RewardNotOpen,
    RewardOutOfBounds,
    RewardState,
)
from services.complaints.rewards.handlers import deciding
from shared.auth.principal import Principal
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Reason, YesOrNo
from shared.http.paging import BY_ID, Page, Paging
from shared.http.routing import Caller, router
from shared.money import Money, SomeMoney
from shared.months import MONTH_PATTERN, Month
from shared.references import UnknownStaff

routes = router("/complaints/v1", "rewards")

SEE_EVERY_REWARD: Final = ("cs_manager", "general_manager", "admin_dept")
"""All others see those of themselves and their people, and those that they proposed."""
RewardId = Annotated[UUID, Path(description="the reward's id")]


class RewardIn(BaseModel):
    """Who is to be rewarded, and with how much each."""

    model_config = ConfigDict(extra="forbid")

    staff_ids: Annotated[
        list[UUID],
        Field(
            min_length=1, max_length=MOST_REWARDED, description="one person or a team; who is named twice counts once"
        ),
    ]
    amount: Annotated[SomeMoney, Field(description="what each of them is paid, CNY, 50.00 to 500.00")]
    reason: Annotated[Reason, Field(description="for what, 1 to 2,000 characters; kept sealed")]
    month: Annotated[
        Month | None,
        Field(description="for the service of which month, YYYY-MM, a year ago at most; the running one unless said"),
    ] = None
    complaint_id: UUID | None = Field(default=None, description="the case in which they did so well")


class RewardDecisionIn(BaseModel):
    """What is decided: an amount for each, or that nobody is paid; and why."""

    model_config = ConfigDict(extra="forbid")

    amount: Annotated[SomeMoney | None, Field(description="what each is paid, CNY, 50.00 to 500.00")] = None
    waive: Annotated[YesOrNo, Field(description="whether nobody is paid anything")] = False
    reason: Annotated[Reason, Field(description="why, 1 to 2,000 characters; kept sealed")]


class RewardReversalIn(BaseModel):
    """What was wrong about a reward."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[Reason, Field(description="why it was a mistake, 1 to 2,000 characters; kept sealed")]


class RewardOut(BaseModel):
    """A reward of one person or a team."""

    id: UUID = Field(description="the id of the reward (UUIDv7)")
    state: RewardState = Field(description="how it stands")
    staff_ids: list[UUID] = Field(description="who is rewarded, each with the whole amount")
    amount: Money = Field(description="CNY for each person: what was granted; before that, what is proposed")
    total: Money = Field(description="CNY for all of them")
    month: Month = Field(description="the month for whose service it is, YYYY-MM; it is booked when it is granted")
    complaint_id: UUID | None = Field(description="the case in which they did so well; null for most")
    proposed_by: UUID = Field(description="the staff member who proposed it")
    proposed_at: datetime
    decided_by: UUID | None = Field(description="who granted or waived it; null before")
    decided_at: datetime | None = Field(description="when that was; null before")
    reversed_by: UUID | None = Field(description="who took it back as granted by mistake; null for most")
    reversed_at: datetime | None = Field(description="when that was; null for most")

    @classmethod
    def of(cls, reward: Reward) -> "RewardOut":
        return cls(**_fields(reward))


class RewardEntryOut(BaseModel):
    """What happened to a reward."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID = Field(description="the id of the entry (UUIDv7)")
    what: RewardState = Field(description="what became of it")
    at: datetime = Field(description="when it happened")
    by: UUID = Field(description="who did it")
    amount: Money = Field(description="CNY for each person, as it was proposed or granted then")
    reason: str = Field(description="why, in words")


class RewardDetailsOut(RewardOut):
    """A reward with what happened to it."""

    history: list[RewardEntryOut] = Field(description="what happened to it, in order")


def _fields(reward: Reward) -> dict[str, Any]:
    own = {name: getattr(reward, name) for name in RewardOut.model_fields.keys() - {"month", "total"}}
    return {**own, "month": Month.at(reward.month), "total": reward.amount * len(reward.staff_ids)}


def _details(reward: Reward, history: list[RewardEntry]) -> RewardDetailsOut:
    return RewardDetailsOut(**_fields(reward), history=[RewardEntryOut.model_validate(each) for each in history])


def viewer_of(caller: Principal) -> UUID | None:
    """Whose rewards only are shown; None for those who see all."""
    return None if caller.has(*SEE_EVERY_REWARD) else caller.id


@routes.post("/rewards", status_code=201)
@raises(ComplaintNotFound, OwnReward, RewardMonthAhead, RewardMonthPast, RewardOutOfBounds, UnknownStaff)
async def propose_reward(
    body: RewardIn, context: Injected[Context], caller: Caller, response: Response
) -> RewardDetailsOut:
    """Proposes a reward of one person or a team, the same amount for each of them; never of who proposes it. Nobody is
    paid until administration has granted it."""
    proposed, entry = await deciding.propose(context, NewReward(**dict(body)), caller)
    response.headers["Location"] = f"/complaints/v1/rewards/{proposed.id}"
    return _details(proposed, [entry])


@routes.get("/rewards")
async def list_rewards(
    context: Injected[Context],
    caller: Caller,
    paging: Paging,
    month: Annotated[
        str | None, Query(pattern=MONTH_PATTERN, examples=["2026-11"], description="only for service of this month")
    ] = None,
    person_id: Annotated[UUID | None, Query(description="only those of this person, alone or in a team")] = None,
    state: Annotated[RewardState | None, Query(description="only those that stand so")] = None,
    complaint_id: Annotated[UUID | None, Query(description="only those for this case")] = None,
) -> Page[RewardOut]:
    """Rewards, the latest first. Who is no manager of customer service or administration sees those of themselves and
    their people, and those that they proposed."""
    filters = {
        "month": Month.parse(month) if month else None,
        "person_id": person_id,
        "state": state,
        "complaint_id": complaint_id,
    }
    read = partial(queries.list_rewards, context, filters, viewer=viewer_of(caller))
    return await paging.page(BY_ID, filters, read, RewardOut.of)


@routes.get("/rewards/{reward_id}")
@raises(RewardNotFound)
async def read_reward(reward_id: RewardId, context: Injected[Context], caller: Caller) -> RewardDetailsOut:
    """A reward with what happened to it, and the reasons that people gave."""
    return _details(*await queries.read_reward(context, reward_id, viewer=viewer_of(caller)))


@routes.post("/rewards/{reward_id}/decision")
@raises(DecisionUnclear, OwnReward, RewardNotFound, RewardNotOpen, RewardOutOfBounds)
async def decide_reward(
    reward_id: RewardId, body: RewardDecisionIn, context: Injected[Context], caller: Caller
) -> RewardDetailsOut:
    """Grants or waives what is proposed: administration, the general manager where somebody of administration is
    rewarded; never who is rewarded. What is granted is booked at once, for each person."""
    if (body.amount is None) != body.waive:
        raise DecisionUnclear("say an amount, or waive it", pointer="#/amount")
    await deciding.decide(context, reward_id, body.amount, body.reason, caller)
    return _details(*await queries.read_reward(context, reward_id, viewer=None))


@routes.post("/rewards/{reward_id}/reversal")
@raises(OwnReward, RewardNotFound, RewardNotGranted)
async def take_back_reward(
    reward_id: RewardId, body: RewardReversalIn, context: Injected[Context], caller: Caller
) -> RewardDetailsOut:
    """Takes back what was granted by mistake, by who may grant it: booked against in the month that is open now, and
    entered in the audit."""
    await deciding.take_back(context, reward_id, body.reason, caller)
    return _details(*await queries.read_reward(context, reward_id, viewer=None))
