"""The complainant's own route: following a case by token."""

from datetime import datetime
from typing import Annotated

from fastapi import Path
from pydantic import BaseModel
from starlette.responses import Response

from services.complaints.cases.domain import CaseState, ComplaintNotFound
from services.complaints.context import Context
from services.complaints.tracking import queries
from shared.contracts.complaints import CaseKind
from shared.http.answers import json_answer
from shared.http.compiled import compiled
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.routing import router

routes = router("/complaints/v1", "tracking")


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


@routes.get("/track/{token}", response_model=TrackedCaseOut)
@raises(ComplaintNotFound)
@compiled
async def track_complaint(
    token: Annotated[str, Path(min_length=1, max_length=100, description="as given when it was recorded")],
    context: Injected[Context],
) -> Response:
    """Where a case stands, for the complainant; no login."""
    row = await queries.track(context, token)
    return json_answer(row, headers={"Cache-Control": "no-store"})
