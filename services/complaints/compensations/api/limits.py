"""Routes of who may settle how much."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from services.complaints.compensations.domain import Authority, LimitsOutOfOrder
from services.complaints.compensations.handlers import limits
from services.complaints.context import Context
from services.complaints.policies import queries
from services.complaints.policies.domain import PolicyVersion
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Moment
from shared.http.paging import Order, Page, Paging
from shared.http.routing import Caller, router
from shared.money import MoneyOrNothing

routes = router("/complaints/v1", "compensations")


class SettlementLimitsIn(BaseModel):
    """Who may settle how much from now on; an authority that is left out keeps its limit."""

    model_config = ConfigDict(extra="forbid")

    limits: Annotated[
        dict[Authority, MoneyOrNothing | None],
        Field(min_length=1, description="authority → CNY for a customer and calendar month; null: without a bound"),
    ]
    starts_at: Annotated[
        Moment | None, Field(description="from when on it holds for what is given; now unless said")
    ] = None


class SettlementLimitsOut(BaseModel):
    """A version of who may settle how much."""

    id: UUID = Field(description="the id of the version (UUIDv7)")
    version: int
    limits: dict[Authority, MoneyOrNothing | None] = Field(
        description="authority → CNY for a customer and calendar month; null: without a bound"
    )
    starts_at: datetime = Field(description="from when on it holds for what is given")


LATEST_FIRST: Order[PolicyVersion, int] = Order(lambda policy: (policy.version,), int)


def _out(policy: PolicyVersion) -> SettlementLimitsOut:
    kept: dict[str, Any] = {"id": policy.id, "version": policy.version, "starts_at": policy.starts_at}
    return SettlementLimitsOut(**kept, limits=policy.definition["limits"])


@routes.post("/settlement-limits", status_code=201)
@raises(LimitsOutOfOrder)
async def write_settlement_limits(
    body: SettlementLimitsIn, context: Injected[Context], caller: Caller, response: Response
) -> SettlementLimitsOut:
    """A new version of the limits; what was granted by an earlier one stays granted."""
    policy = await limits.write(context, body.limits, body.starts_at, by=caller.id)
    response.headers["Location"] = "/complaints/v1/settlement-limits"
    return _out(policy)


@routes.get("/settlement-limits")
async def list_settlement_limits(context: Injected[Context], paging: Paging) -> Page[SettlementLimitsOut]:
    """Every version, the latest first; the last one is the table as it came."""
    read = partial(queries.list_versions, context, "settlement_limits")
    return await paging.page(LATEST_FIRST, {}, read, _out)
