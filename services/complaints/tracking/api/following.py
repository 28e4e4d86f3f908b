"""The complainant's own routes, without a login: following a case by token, adding words, saying how satisfied."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.complaints.cases.domain import CaseState, ComplaintNotFound, WrongState
from services.complaints.context import Context
from services.complaints.replies.domain import Judgement, SatisfactionGiven
from services.complaints.tracking import handlers, queries
from services.complaints.tracking.domain import LONGEST_WORDS, TrackingEnded
from shared.contracts.complaints import CaseKind
from shared.http.answers import json_answer
from shared.http.compiled import compiled
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import NO_TEXT, Prose
from shared.http.routing import router

routes = router("/complaints/v1", "tracking")

Token = Annotated[str, Path(min_length=1, max_length=100, description="as given when it was recorded")]
Added = Annotated[Prose, Field(max_length=LONGEST_WORDS)]
OneToTen = Annotated[int, Field(ge=1, le=10), NO_TEXT]


class TrackedCaseOut(BaseModel):
    """What a complainant sees of the own case."""

    number: str
    kind: CaseKind
    subject: str
    state: CaseState
    round: int
    recorded_at: datetime
    answer_due_at: datetime | None
    overdue: bool
    answered_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    next_deadline: datetime | None
    may_judge: bool
    wish: str | None
    paused: bool
    question: str | None = Field(description="what they are asked while the clock stands; null when nothing")


class AddedWordsIn(BaseModel):
    """What the complainant adds."""

    model_config = ConfigDict(extra="forbid")

    text: Added


class OwnSatisfactionIn(BaseModel):
    """What the complainant felt against what they expected, in their own words if they like."""

    model_config = ConfigDict(extra="forbid")

    perceived: OneToTen
    expected: OneToTen
    text: Added | None = None


@routes.get("/track/{token}", response_model=TrackedCaseOut)
@raises(ComplaintNotFound, TrackingEnded)
@compiled
async def track_complaint(token: Token, context: Injected[Context]) -> Response:
    """Where a case stands, for the complainant; no login."""
    return await _standing(context, token)


@routes.post("/track/{token}/words", status_code=201, response_model=TrackedCaseOut)
@raises(ComplaintNotFound, TrackingEnded)
@compiled
async def add_tracked_words(token: Token, body: AddedWordsIn, context: Injected[Context]) -> Response:
    """Adds what the complainant has to say, as an entry of the history: no answer, and no change of state. A
    pause ends with it."""
    await handlers.add_words(context, token, body.text)
    return await _standing(context, token, 201)


@routes.post("/track/{token}/satisfaction", response_model=TrackedCaseOut)
@raises(ComplaintNotFound, SatisfactionGiven, TrackingEnded, WrongState)
@compiled
async def judge_tracked_complaint(token: Token, body: OwnSatisfactionIn, context: Injected[Context]) -> Response:
    """The complainant says how satisfied they are: perceived over expected; below 1 the case is reopened."""
    await handlers.judge(context, token, Judgement(body.perceived, body.expected), body.text)
    return await _standing(context, token)


async def _standing(context: Context, token: str, status: int = 200) -> Response:
    case = await queries.track(context, token)
    return json_answer(asdict(case), status, {"Cache-Control": "no-store"})
