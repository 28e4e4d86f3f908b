"""Routes of what penalties cost, how they are shared, and how long they may be appealed."""

from datetime import datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.complaints.context import Context
from services.complaints.responsibility import queries
from services.complaints.responsibility.domain.policies import (
    NewPenaltyPolicy,
    PenaltyOutOfBounds,
    PenaltyPolicy,
    Priced,
)
from services.complaints.responsibility.domain.shares import MOST_PARTS
from services.complaints.responsibility.handlers import policies
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import NO_TEXT, Moment
from shared.http.paging import Order, Page, Paging
from shared.http.routing import Caller, router
from shared.money import Money, SomeMoney

routes = router("/complaints/v1", "responsibility")

LATEST_FIRST: Order[PenaltyPolicy, int] = Order(lambda policy: (policy.version,), int)


class PenaltyPolicyIn(BaseModel):
    """What holds from now on; what is not named stays as it was."""

    model_config = ConfigDict(extra="forbid")

    amounts: dict[Priced, SomeMoney] = Field(
        default_factory=dict,
        examples=[{"repeat": "300.00"}],
        description="rule → what it costs, CNY, 50.00 to 500.00; of missed service up to 500.00",
    )
    payer_parts: Annotated[
        Annotated[int, Field(ge=1, le=MOST_PARTS), NO_TEXT] | None,
        Field(description="by how many parts whom a penalty is against pays it"),
    ] = None
    supervisor_parts: Annotated[
        Annotated[int, Field(ge=0, le=MOST_PARTS), NO_TEXT] | None,
        Field(description="by how many parts their supervisor pays it jointly"),
    ] = None
    appeal_days: Annotated[
        Annotated[int, Field(ge=1, le=90), NO_TEXT] | None,
        Field(description="for how many days after a decision it may be appealed"),
    ] = None
    starts_at: Annotated[
        Moment | None, Field(description="from when on it holds for what happens; now unless said")
    ] = None

    @model_validator(mode="after")
    def _says_something(self) -> "PenaltyPolicyIn":
        if not self.amounts and {self.payer_parts, self.supervisor_parts, self.appeal_days} == {None}:
            raise ValueError("say at least one amount, one of the parts, or the days to appeal")
        return self


class PenaltyPolicyOut(BaseModel):
    """A version of what penalties cost, how they are shared, and how long they may be appealed."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    version: int
    amounts: dict[Priced, Money] = Field(description="rule → what it costs, CNY")
    payer_parts: int = Field(description="by how many parts whom a penalty is against pays it")
    supervisor_parts: int = Field(description="by how many parts their supervisor pays it jointly")
    appeal_days: int = Field(description="for how many days after a decision it may be appealed")
    starts_at: datetime = Field(description="from when on it holds for what happens")


@routes.post("/penalty-policies", status_code=201)
@raises(PenaltyOutOfBounds)
async def write_penalty_policy(
    body: PenaltyPolicyIn, context: Injected[Context], caller: Caller, response: Response
) -> PenaltyPolicyOut:
    """A new version: it holds for what happens after its start; what was proposed before keeps its amount."""
    policy = await policies.write(context, NewPenaltyPolicy(**dict(body)), by=caller.id)
    response.headers["Location"] = "/complaints/v1/penalty-policies"
    return PenaltyPolicyOut.model_validate(policy)


@routes.get("/penalty-policies")
async def list_penalty_policies(context: Injected[Context], paging: Paging) -> Page[PenaltyPolicyOut]:
    """Every version, the latest first."""
    return await paging.page(LATEST_FIRST, {}, partial(queries.list_policies, context), PenaltyPolicyOut.model_validate)
