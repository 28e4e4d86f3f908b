"""The route that judges a case."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.complaints.cases.api.standing import CaseId, CaseOut, standing
from services.complaints.cases.domain import ComplaintNotFound, OwnCase, Said, TimeNotAllowed
from services.complaints.context import Context
from services.complaints.internal_cases.domain import EvidenceMissing
from services.complaints.judgements import handlers
from services.complaints.judgements.domain import Judgement
from shared.http.answers import json_answer
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Moment, Prose, YesOrNo
from shared.http.preconditions import etag
from shared.http.routing import Caller, router

routes = router("/complaints/v1", "judgements")


class CaseJudgementIn(BaseModel):
    """What a case is found to be, and why."""

    model_config = ConfigDict(extra="forbid")

    valid: YesOrNo
    good_faith: YesOrNo
    reasons: Annotated[Prose, Field(description="why, 1 to 10,000 characters; kept sealed")]
    at: Annotated[
        Moment | None, Field(description="when it was: now unless said; only for cases taken over, and only forward")
    ] = None


class JudgedCaseOut(CaseOut):
    """Where the case stands, and how it is judged."""

    valid: bool
    good_faith: bool


@routes.post("/complaints/{id}/judgement", response_model=JudgedCaseOut)
@raises(ComplaintNotFound, EvidenceMissing, OwnCase, TimeNotAllowed)
async def judge_complaint(id: CaseId, body: CaseJudgementIn, context: Injected[Context], caller: Caller) -> Response:
    """Judges a case valid or not, in good faith or malicious. Judged again, the later word counts and both are kept."""
    said = Said(body.reasons, body.at, caller.id)
    case = await handlers.judge(context, id, Judgement(body.valid, body.good_faith), said, caller)
    answer = {**standing(case, context.clock.now()), "valid": case.valid, "good_faith": case.good_faith}
    return json_answer(answer, headers={"ETag": etag(case.version)})
