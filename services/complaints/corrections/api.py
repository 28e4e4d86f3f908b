"""The route that puts right what was entered wrongly."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.complaints.cases.api.standing import CaseId, CaseOut, answer_with
from services.complaints.cases.domain import ComplaintNotFound
from services.complaints.context import Context
from services.complaints.corrections import handlers
from services.complaints.corrections.domain import Against, Correction, NothingToCorrect
from services.complaints.intake.api import AgainstIn
from services.complaints.intake.domain import UnknownAgainst
from services.complaints.rulebook.domain.subjects import UnknownSubject
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import ExternalNo, Reason
from shared.http.routing import Caller, router
from shared.references import UnknownCustomer, UnknownDepartment, UnknownStaff

routes = router("/complaints/v1", "corrections")


class CorrectionIn(BaseModel):
    """What is right; what is left out stays as it was entered."""

    model_config = ConfigDict(extra="forbid")

    customer_id: UUID | None = None
    subject: Annotated[ExternalNo | None, Field(max_length=40)] = None
    against: AgainstIn | None = None
    batch: ExternalNo | None = None
    reason: Reason

    def correction(self) -> Correction:
        """The same for the use case."""
        against = Against(self.against.type, self.against.id, self.against.name) if self.against else None
        subject = self.subject.lower().replace("-", "_") if self.subject else None
        return Correction(self.customer_id, subject, against, self.batch, self.reason)


@routes.post("/complaints/{id}/correction", response_model=CaseOut)
@raises(
    ComplaintNotFound,
    NothingToCorrect,
    UnknownAgainst,
    UnknownCustomer,
    UnknownDepartment,
    UnknownStaff,
    UnknownSubject,
)
async def correct_complaint(id: CaseId, body: CorrectionIn, context: Injected[Context], caller: Caller) -> Response:
    """Moves a case to another customer or party, or gives it another subject or batch: audited, with the reason in its
    history. Its clock and what was judged by it stay."""
    return answer_with(await handlers.correct(context, id, body.correction(), caller.id), context)
