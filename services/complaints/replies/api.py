"""Routes of what complainants think of the answer."""

from typing import Annotated

from pydantic import Field
from starlette.responses import Response

from services.complaints.cases.api.standing import CaseId, CaseOut, MovementIn, said, standing
from services.complaints.cases.domain import ComplaintNotFound, OwnCase, TimeNotAllowed, WrongState
from services.complaints.context import Context
from services.complaints.replies import handlers
from services.complaints.replies.domain import Judgement, SatisfactionGiven, SatisfactionVerdict
from shared.http.answers import json_answer
from shared.http.compiled import compiled
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import NO_TEXT
from shared.http.preconditions import etag
from shared.http.routing import Caller, router

routes = router("/complaints/v1", "replies")

Score = Annotated[int, Field(ge=1, le=10), NO_TEXT]


class SatisfactionIn(MovementIn):
    """What the complainant felt against what they expected."""

    perceived: Score
    expected: Score


class JudgementOut(CaseOut):
    """Where the case stands, and what the scores come to."""

    verdict: SatisfactionVerdict


@routes.post("/complaints/{id}/satisfaction", response_model=JudgementOut)
@raises(ComplaintNotFound, OwnCase, SatisfactionGiven, TimeNotAllowed, WrongState)
@compiled
async def judge_satisfaction(id: CaseId, body: SatisfactionIn, context: Injected[Context], caller: Caller) -> Response:
    """Perceived over expected: below 1 the case is reopened."""
    judgement = Judgement(body.perceived, body.expected)
    case = await handlers.judge(context, id, judgement, said(body, caller), caller)
    answer = {**standing(case, context.clock.now()), "verdict": judgement.verdict}
    return json_answer(answer, headers={"ETag": etag(case.version)})
