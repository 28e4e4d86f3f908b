"""Where a case stands, as every movement of it is answered; and what a movement's body says."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.complaints.cases.domain import Case, CaseState, Said
from services.complaints.context import Context
from shared.auth.principal import Principal
from shared.contracts.customers import Tier
from shared.http.answers import json_answer
from shared.http.fields import Moment, Prose
from shared.http.preconditions import etag

CaseId = Annotated[UUID, Path(description="the complaint's id")]


class MovementIn(BaseModel):
    """What was said, and when; only cases taken over have a time in the past."""

    model_config = ConfigDict(extra="forbid")

    text: Prose | None = None
    at: Annotated[
        Moment | None, Field(description="when it was: now unless said; only for cases taken over, and only forward")
    ] = None


def said(body: MovementIn | None, caller: Principal) -> Said:
    """What a movement's body says, by whom."""
    return Said(body.text if body else None, body.at if body else None, caller.id)


class ColleagueOut(BaseModel):
    """A member of staff, with the name by which the directory lists them."""

    id: UUID
    name: str | None


class CaseOut(BaseModel):
    """Where a case stands."""

    id: UUID
    number: str
    state: CaseState
    tier: Tier | None
    round: int
    answer_due_at: datetime | None = Field(
        description="until when the answer is due; null while paused, stays when answered"
    )
    paused: bool
    overdue: bool = Field(description="whether this round's answer was or is late")
    answered_at: datetime | None
    escalation_level: int = Field(
        description="0 to 5: the highest level told of the miss, or before it that the case was reopened again"
    )
    responsible_id: UUID | None
    accountable_id: UUID | None
    taken_over: bool


def standing(case: Case, now: datetime) -> dict[str, Any]:
    clock = case.clock.as_of(now)
    return {
        "id": case.id,
        "number": case.number,
        "state": case.state.value,
        "tier": case.tier,
        "round": case.round,
        "answer_due_at": clock.due_at,
        "paused": clock.paused,
        "overdue": clock.late_at(now),
        "answered_at": case.answered_at,
        "escalation_level": clock.escalation_level,
        "responsible_id": case.responsible_id,
        "accountable_id": case.accountable_id,
        "taken_over": case.taken_over,
    }


def answer_with(case: Case, context: Context) -> Response:
    """Where a case stands after a movement."""
    return json_answer(standing(case, context.clock.now()), headers={"ETag": etag(case.version)})
