"""The route that names who is responsible."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from services.complaints.assignment.domain.choosing import AccusedHandler, NotAHandler
from services.complaints.assignment.handlers import naming as handlers
from services.complaints.cases.api.standing import CaseId, CaseOut, answer_with
from services.complaints.cases.domain import ComplaintNotFound
from services.complaints.context import Context
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.preconditions import IfMatch
from shared.http.routing import Caller, router
from shared.references import UnknownStaff

routes = router("/complaints/v1", "assignment")


class ResponsibleIn(BaseModel):
    """Who is responsible from now on."""

    model_config = ConfigDict(extra="forbid")

    staff_id: UUID


@routes.put("/complaints/{id}/responsible", response_model=CaseOut)
@raises(AccusedHandler, ComplaintNotFound, NotAHandler, UnknownStaff)
async def assign_responsible(
    id: CaseId, body: ResponsibleIn, context: Injected[Context], caller: Caller, expected_version: IfMatch
) -> Response:
    """Names who handles the case from now on, the first in the chain of escalation: somebody of customer service or
    administration, and not whom it is against."""
    case = await handlers.assign(context, id, body.staff_id, caller.id, expected_version=expected_version)
    return answer_with(case, context)
