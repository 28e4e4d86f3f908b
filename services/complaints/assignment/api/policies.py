"""Routes of the assignment policy: how much one has in hand, how long one may be silent."""

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from services.complaints.assignment import queries
from services.complaints.assignment.domain.policies import AssignmentPolicy, SilenceOutOfBounds
from services.complaints.assignment.handlers import ruling
from services.complaints.context import Context
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import NO_TEXT, Duration
from shared.http.paging import Page
from shared.http.routing import Caller, router

routes = router("/complaints/v1", "assignment")


class AssignmentPolicyIn(BaseModel):
    """A version of the policy, in force at once for what is given out from now on."""

    model_config = ConfigDict(extra="forbid")

    most_open: Annotated[
        int, Field(ge=1, le=1000, description="open cases with which somebody is given no more"), NO_TEXT
    ]
    silent_after: Annotated[
        Duration, Field(description="after which a case that was not accepted goes to the next: PT1M to P1D")
    ]


class AssignmentPolicyOut(BaseModel):
    """A version of the policy."""

    model_config = ConfigDict(from_attributes=True)

    version: int
    most_open: int
    silent_after: timedelta


@routes.post("/assignment-policies", status_code=201)
@raises(SilenceOutOfBounds)
async def write_assignment_policy(
    body: AssignmentPolicyIn, context: Injected[Context], caller: Caller
) -> AssignmentPolicyOut:
    """Writes the next version."""
    written = await ruling.write_policy(context, body.most_open, body.silent_after, by=caller.id)
    return _out(written)


@routes.get("/assignment-policies")
async def list_assignment_policies(context: Injected[Context]) -> Page[AssignmentPolicyOut]:
    """Every version, the latest first, on one page."""
    return Page(items=[_out(policy) for policy in await queries.list_policies(context)])


def _out(policy: AssignmentPolicy) -> AssignmentPolicyOut:
    return AssignmentPolicyOut.model_validate(policy)
