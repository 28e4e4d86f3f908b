"""The route that names who is responsible."""

from functools import partial
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from services.complaints.cases.api.standing import CaseId, CaseOut, answer_with
from services.complaints.context import InContext
from services.complaints.responsibility import handlers
from shared.http.preconditions import IfMatch, check_version
from shared.http.routing import Caller, router

routes = router("/complaints/v1", "responsibility")


class ResponsibleIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    staff_id: UUID


@routes.put("/complaints/{id}/responsible", response_model=CaseOut)
async def assign_responsible(
    id: CaseId, body: ResponsibleIn, context: InContext, caller: Caller, if_match: IfMatch = None
) -> Response:
    """Names who is responsible from now on: the first in the chain of escalation."""
    check = partial(check_version, if_match)
    return answer_with(await handlers.assign(context, id, body.staff_id, caller.id, check=check), context)
