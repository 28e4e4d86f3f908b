"""Routes of who may be rewarded by figures, and of what is enough for it."""

from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.complaints.context import Context
from services.complaints.policies.domain import PolicyVersion
from services.complaints.policies.queries import list_versions
from services.complaints.rewards import queries
from services.complaints.rewards.domain.candidates import Candidate, RewardPolicy
from services.complaints.rewards.domain.rewards import RewardOutOfBounds
from services.complaints.rewards.handlers import policies
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import NO_TEXT, Moment, MonthAsked
from shared.http.paging import Order, Page, Paging
from shared.http.routing import Caller, router
from shared.money import CENT, Money, MoneyOrNothing, SomeMoney
from shared.months import Month

routes = router("/complaints/v1", "rewards")

Count = Annotated[int, Field(ge=1, le=10_000), NO_TEXT]
CountOrNone = Annotated[int, Field(ge=0, le=10_000), NO_TEXT]


class RewardPolicyIn(BaseModel):
    """What is enough from now on; what is not named stays as it was."""

    model_config = ConfigDict(extra="forbid")

    amount: Annotated[SomeMoney | None, Field(description="what is proposed for each person, CNY, 50.00 to 500.00")] = (
        None
    )
    least_rated: Annotated[Count | None, Field(description="so many ratings of a person at least")] = None
    least_rated_of_team: Annotated[Count | None, Field(description="so many ratings of a team at least")] = None
    least_satisfaction: Annotated[
        MoneyOrNothing | None,
        Field(description="the mean of perceived over expected at least, two decimal places; 1.00: as expected"),
    ] = None
    most_missed: Annotated[CountOrNone | None, Field(description="so many late answers at most")] = None
    most_penalties: Annotated[CountOrNone | None, Field(description="so many penalties that stand at most")] = None
    starts_at: Annotated[Moment | None, Field(description="from when on it holds; now unless said")] = None

    @model_validator(mode="after")
    def _says_something(self) -> "RewardPolicyIn":
        if not self.changes():
            raise ValueError("say at least one value")
        return self

    def changes(self) -> dict[str, Any]:
        """What is named, as it is kept: decimals as texts."""
        named = self.model_dump(exclude={"starts_at"}, exclude_none=True)
        return {name: str(value) if isinstance(value, Decimal) else value for name, value in named.items()}


class RewardPolicyOut(BaseModel):
    """A version of what is enough to be a candidate."""

    id: UUID = Field(description="the id of the version (UUIDv7)")
    version: int
    amount: Money = Field(description="what is proposed for each person, CNY")
    least_rated: int = Field(description="so many ratings of a person at least")
    least_rated_of_team: int = Field(description="so many ratings of a team at least")
    least_satisfaction: Money = Field(description="the mean of perceived over expected at least")
    most_missed: int = Field(description="so many late answers at most")
    most_penalties: int = Field(description="so many penalties that stand at most")
    starts_at: datetime = Field(description="from when on it holds")

    @classmethod
    def of(cls, kept: PolicyVersion) -> "RewardPolicyOut":
        policy = RewardPolicy.kept(kept.version, kept.definition)
        names = cls.model_fields.keys() - {"id", "starts_at"}
        return cls(id=kept.id, starts_at=kept.starts_at, **{name: getattr(policy, name) for name in names})


class RewardCandidateOut(BaseModel):
    """A person, or the staff of a department, whose month was good enough."""

    department_id: UUID | None = Field(description="the department; null for a person without one")
    staff_ids: list[UUID] = Field(description="the person, or all who are at work in the department: to be proposed so")
    cases: int = Field(description="cases of the month that they handle, without suggestions and enquiries")
    rated: int = Field(description="ratings by complainants in these")
    satisfaction: Money | None = Field(description="the mean of perceived over expected; null where nobody said")
    missed: int = Field(description="answers that were late in these")
    penalties: int = Field(description="penalties for the month that stand and of which they pay a part")
    rewarded: bool = Field(description="whether each has a reward for the month already, proposed or granted")

    @classmethod
    def of(cls, candidate: Candidate) -> "RewardCandidateOut":
        figures = candidate.figures
        return cls(
            department_id=candidate.department_id,
            staff_ids=list(candidate.staff_ids),
            cases=figures.cases,
            rated=figures.rated,
            satisfaction=figures.satisfaction.quantize(CENT) if figures.satisfaction is not None else None,
            missed=figures.missed,
            penalties=figures.penalties,
            rewarded=candidate.rewarded,
        )


class RewardCandidatesOut(BaseModel):
    """Who may be rewarded for a month, by its figures as they stand."""

    month: Month = Field(description="the month, YYYY-MM")
    policy_version: int = Field(description="the version of the reward policy that says what is enough")
    amount: Money = Field(description="what that policy proposes for each person, CNY")
    persons: list[RewardCandidateOut] = Field(description="persons, the most satisfying first")
    teams: list[RewardCandidateOut] = Field(description="departments as teams, the most satisfying first")


@routes.get("/rewards/candidates")
async def list_reward_candidates(month: MonthAsked, context: Injected[Context]) -> RewardCandidatesOut:
    """Persons and teams whose month was good enough by the policy in force: rated often and well, no answer late, no
    penalty that stands. Nothing is proposed by it; propose what you agree with."""
    policy, persons, teams = await queries.candidates(context, month)
    return RewardCandidatesOut(
        month=month,
        policy_version=policy.version,
        amount=policy.amount,
        persons=[RewardCandidateOut.of(each) for each in persons],
        teams=[RewardCandidateOut.of(each) for each in teams],
    )


LATEST_FIRST: Order[PolicyVersion, int] = Order(lambda policy: (policy.version,), int)


@routes.post("/reward-policies", status_code=201)
@raises(RewardOutOfBounds)
async def write_reward_policy(
    body: RewardPolicyIn, context: Injected[Context], caller: Caller, response: Response
) -> RewardPolicyOut:
    """A new version of what is enough; what was proposed before stays as it is."""
    policy = await policies.write(context, body.changes(), body.starts_at, by=caller.id)
    response.headers["Location"] = "/complaints/v1/reward-policies"
    return RewardPolicyOut.of(policy)


@routes.get("/reward-policies")
async def list_reward_policies(context: Injected[Context], paging: Paging) -> Page[RewardPolicyOut]:
    """Every version, the latest first."""
    return await paging.page(LATEST_FIRST, {}, partial(list_versions, context, "rewards"), RewardPolicyOut.of)
