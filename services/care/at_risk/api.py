"""The routes of the policy that says when a touch is at risk."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field, field_validator

from services.care.at_risk import handlers, queries
from services.care.at_risk.domain import AtRiskPolicy
from services.care.context import Context
from shared.http.context import Injected
from shared.http.fields import NO_TEXT
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import Caller, router

routes = router("/care/v1", "obligations")

Days = Annotated[int, Field(ge=1, le=60), NO_TEXT]


class AtRiskPolicyIn(BaseModel):
    """How many days before a window ends that is told."""

    model_config = ConfigDict(extra="forbid")

    days: list[Days] = Field(min_length=1, max_length=5, description="days before the end, 1 to 60, each once")

    @field_validator("days")
    @classmethod
    def _each_once(cls, days: list[int]) -> list[int]:
        if len(set(days)) < len(days):
            raise ValueError("each number of days stands once")
        return days


class AtRiskPolicyOut(BaseModel):
    """How many days before a window ends that is told to the person and the supervisor, the most first."""

    version: int
    days: list[int] = Field(description="days before the end")
    set_at: datetime | None = Field(description="since when; null for the one the service came with")
    set_by: UUID | None = Field(description="who set it; null for the one the service came with")

    @classmethod
    def of(cls, policy: AtRiskPolicy) -> Self:
        return cls(version=policy.version, days=list(policy.days), set_at=policy.set_at, set_by=policy.set_by)


@routes.get("/at-risk-policy")
async def read_at_risk_policy(context: Injected[Context], response: Response) -> AtRiskPolicyOut:
    """When a touch is at risk (domain 4.1)."""
    present = await queries.present(context.database)
    set_etag(response, present.version)
    return AtRiskPolicyOut.of(present)


@routes.put("/at-risk-policy")
async def set_at_risk_policy(
    body: AtRiskPolicyIn, context: Injected[Context], caller: Caller, response: Response, expected_version: IfMatch
) -> AtRiskPolicyOut:
    """Makes a new version: what becomes at risk from now on is told by it."""
    following = await handlers.set_policy(context, body.days, expected_version=expected_version, by=caller.id)
    set_etag(response, following.version)
    return AtRiskPolicyOut.of(following)
