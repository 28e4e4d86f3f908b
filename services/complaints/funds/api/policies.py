"""Routes of how many must agree before money leaves a fund."""

from datetime import datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from services.complaints.context import Context
from services.complaints.funds.domain import FundPolicy, ShareOutOfBounds
from services.complaints.funds.handlers import policies
from services.complaints.policies.domain import PolicyVersion
from services.complaints.policies.queries import list_versions
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Moment
from shared.http.paging import Order, Page, Paging
from shared.http.routing import Caller, router
from shared.money import Money, MoneyOrNothing

routes = router("/complaints/v1", "funds")

LATEST_FIRST: Order[PolicyVersion, int] = Order(lambda policy: (policy.version,), int)


class FundPolicyIn(BaseModel):
    """How many must agree from now on."""

    model_config = ConfigDict(extra="forbid")

    share: Annotated[
        MoneyOrNothing, Field(description="more than this share of the staff, 0.00 to 0.99; 0.50: more than half")
    ]
    starts_at: Annotated[
        Moment | None, Field(description="from when on it holds for what is asked for; now unless said")
    ] = None


class FundPolicyOut(BaseModel):
    """A version of how many must agree."""

    id: UUID = Field(description="the id of the version (UUIDv7)")
    version: int = Field(description="counts its versions from 1")
    share: Money = Field(description="more than this share of the staff must agree")
    starts_at: datetime = Field(description="from when on it holds for what is asked for")

    @classmethod
    def of(cls, kept: PolicyVersion) -> "FundPolicyOut":
        share = FundPolicy.kept(kept.version, kept.definition).share
        return cls(id=kept.id, version=kept.version, share=share, starts_at=kept.starts_at)


@routes.post("/fund-policies", status_code=201)
@raises(ShareOutOfBounds)
async def write_fund_policy(
    body: FundPolicyIn, context: Injected[Context], caller: Caller, response: Response
) -> FundPolicyOut:
    """A new version; what is asked for already keeps the share of its time."""
    policy = await policies.write(context, body.share, body.starts_at, by=caller.id)
    response.headers["Location"] = "/complaints/v1/fund-policies"
    return FundPolicyOut.of(policy)


@routes.get("/fund-policies")
async def list_fund_policies(context: Injected[Context], paging: Paging) -> Page[FundPolicyOut]:
    """Every version, the latest first."""
    return await paging.page(LATEST_FIRST, {}, partial(list_versions, context, "funds"), FundPolicyOut.of)
