"""Routes of when complainants are called back."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from services.complaints.call_backs import handlers
from services.complaints.context import Context
from services.complaints.policies.domain import PolicyVersion
from services.complaints.policies.queries import list_versions
from shared.http.context import Injected
from shared.http.fields import NO_TEXT, Moment
from shared.http.paging import Order, Page, Paging
from shared.http.routing import Caller, router

routes = router("/complaints/v1", "call-backs")


class CallBackPolicyIn(BaseModel):
    """On which day after closing complainants are called back from now on."""

    model_config = ConfigDict(extra="forbid")

    days: Annotated[int, Field(ge=1, le=60, description="the day after closing; 1 is the next day"), NO_TEXT]
    starts_at: Annotated[Moment | None, Field(description="from when on it holds; now unless said")] = None


class CallBackPolicyOut(BaseModel):
    """A version of when complainants are called back."""

    id: UUID = Field(description="the id of the version (UUIDv7)")
    version: int
    days: int = Field(description="the day after closing; 1 is the next day")
    starts_at: Annotated[Moment, Field(description="from when on it holds for what is closed")]


LATEST_FIRST: Order[PolicyVersion, int] = Order(lambda policy: (policy.version,), int)


@routes.post("/call-back-policies", status_code=201)
async def write_call_back_policy(
    body: CallBackPolicyIn, context: Injected[Context], caller: Caller, response: Response
) -> CallBackPolicyOut:
    """A new version: it holds for cases closed after its start."""
    policy = await handlers.write_policy(context, body.days, body.starts_at, by=caller.id)
    response.headers["Location"] = "/complaints/v1/call-back-policies"
    return _out(policy)


@routes.get("/call-back-policies")
async def list_call_back_policies(context: Injected[Context], paging: Paging) -> Page[CallBackPolicyOut]:
    """Every version, the latest first."""
    return await paging.page(LATEST_FIRST, {}, partial(list_versions, context, "call_backs"), _out)


def _out(policy: PolicyVersion) -> CallBackPolicyOut:
    days: int = policy.definition["days"]
    return CallBackPolicyOut(id=policy.id, version=policy.version, days=days, starts_at=policy.starts_at)
