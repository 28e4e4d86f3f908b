"""The route that puts right what was entered wrongly."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.complaints.cases.api.standing import CaseId, CaseOut, standing
from services.complaints.cases.domain import ComplaintNotFound, NothingToCorrect
from services.complaints.context import Context
from services.complaints.corrections.domain import Against, Correction
from services.complaints.corrections.handlers import correcting
from services.complaints.faults.domain import FaultOfNobody, OwnFault
from services.complaints.intake.api import AgainstIn
from services.complaints.intake.domain import NobodyComplains, UnknownAgainst
from services.complaints.rulebook.domain.subjects import UnknownSubject
from services.complaints.tracking.domain import token_of
from shared.http.answers import json_answer
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import ExternalNo, Line, Prose, Reachable, Reason
from shared.http.preconditions import etag
from shared.http.routing import Caller, router
from shared.references import UnknownCustomer, UnknownDepartment, UnknownStaff

routes = router("/complaints/v1", "corrections")


class ComplainantCorrectionIn(BaseModel):
    """Who complains; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    name: Line | None = None
    contact: Reachable | None = None


class CorrectionIn(BaseModel):
    """What is right; what is left out stays as it was entered."""

    model_config = ConfigDict(extra="forbid")

    customer_id: UUID | None = None
    subject: Annotated[ExternalNo | None, Field(max_length=40)] = None
    against: AgainstIn | None = None
    batch: ExternalNo | None = None
    complainant: ComplainantCorrectionIn | None = None
    text: Prose | None = None
    reason: Reason

    def correction(self) -> Correction:
        """The same for the use case."""
        against = Against(self.against.type, self.against.id, self.against.name) if self.against else None
        subject = self.subject.lower().replace("-", "_") if self.subject else None
        who = self.complainant
        return Correction(
            self.customer_id,
            subject,
            against,
            self.batch,
            self.reason,
            name=who.name if who else None,
            contact=who.contact if who else None,
            text=self.text,
        )


class CorrectedOut(CaseOut):
    """Where a case stands once it is put right."""

    tracking_token: str


@routes.post("/complaints/{id}/correction", response_model=CorrectedOut)
@raises(
    ComplaintNotFound,
    FaultOfNobody,
    NobodyComplains,
    NothingToCorrect,
    OwnFault,
    UnknownAgainst,
    UnknownCustomer,
    UnknownDepartment,
    UnknownStaff,
    UnknownSubject,
)
async def correct_complaint(id: CaseId, body: CorrectionIn, context: Injected[Context], caller: Caller) -> Response:
    """Moves a case to another customer or party, gives it another subject or batch, or says who complains, and of
    what: audited, with the reason in its history, and of words only that they changed. Its clock and what was judged
    by it stay.

    What was promised in it goes with it, measures against another store are taken back, and a fault that is somebody
    else's has their notice, not at the cost of whose it was taken for.

    Whom the case reaches by that has a link of their own: the one of before opens nothing any more.
    """
    case, generation = await correcting.correct(context, id, body.correction(), caller.id)
    token = token_of(id, context.tracking.digest, generation)
    stands = {**standing(case, context.clock.now()), "tracking_token": token}
    return json_answer(stands, headers={"ETag": etag(case.version)})
