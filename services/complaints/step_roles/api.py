"""Routes of the table that says who may do which step."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from services.complaints.context import Context
from services.complaints.policies import queries
from services.complaints.policies.domain import PolicyVersion
from services.complaints.step_roles import handlers
from services.complaints.step_roles.domain import Act, Doer, NobodyMay
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Moment
from shared.http.paging import Order, Page, Paging
from shared.http.routing import Caller, router

routes = router("/complaints/v1", "step roles")

Doers = Annotated[Sequence[Doer], Field(min_length=1, max_length=14)]


class StepRolesIn(BaseModel):
    """Who may do which step from now on; an act that is left out stays as it was."""

    model_config = ConfigDict(extra="forbid")

    doers: Annotated[
        dict[Act, Doers],
        Field(min_length=1, description="act → the roles and parts in the case that may do it; others are refused"),
    ]
    starts_at: Annotated[
        Moment | None, Field(description="from when on it holds for what is done; now unless said")
    ] = None


class StepRolesOut(BaseModel):
    """A version of who may do which step."""

    id: UUID = Field(description="the id of the version (UUIDv7)")
    version: int
    doers: dict[Act, list[Doer]] = Field(description="act → the roles and parts in the case that may do it")
    starts_at: datetime = Field(description="from when on it holds for what is done")


LATEST_FIRST: Order[PolicyVersion, int] = Order(lambda policy: (policy.version,), int)


def _out(policy: PolicyVersion) -> StepRolesOut:
    kept: dict[str, Any] = {"id": policy.id, "version": policy.version, "starts_at": policy.starts_at}
    return StepRolesOut(**kept, doers=policy.definition["doers"])


@routes.post("/step-roles", status_code=201)
@raises(NobodyMay)
async def write_step_roles(
    body: StepRolesIn, context: Injected[Context], caller: Caller, response: Response
) -> StepRolesOut:
    """A new version of the table. Nobody inspects a case they handled or executed, whatever it says; one by which
    nobody could do a step is refused."""
    doers: dict[str, list[str]] = {act: list(dict.fromkeys(those)) for act, those in body.doers.items()}
    policy = await handlers.write(context, doers, body.starts_at, by=caller.id)
    response.headers["Location"] = "/complaints/v1/step-roles"
    return _out(policy)


@routes.get("/step-roles")
async def list_step_roles(context: Injected[Context], paging: Paging) -> Page[StepRolesOut]:
    """Every version, the latest first; the last one is the table as it came."""
    read = partial(queries.list_versions, context, "step_roles")
    return await paging.page(LATEST_FIRST, {}, read, _out)
