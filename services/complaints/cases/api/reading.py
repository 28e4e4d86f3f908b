"""How cases stand in answers: the models that the description declares, and the plain values that fill them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.complaints.cases.domain import Case, Kind, Opened, State
from services.complaints.intake.handlers import Words
from services.complaints.response_clocks.domain import Tier

Answer: TypeAlias = dict[str, Any]


class View(BaseModel):
    model_config = ConfigDict(frozen=True)


class OpenedView(View):
    """What the complainant is told at once."""

    id: UUID
    number: str = Field(examples=["C20261104-000123"])
    tracking_token: str
    state: State
    tier: Tier | None
    answer_due_at: datetime


class CaseState(View):
    """Where a case stands."""

    id: UUID
    number: str
    state: State
    tier: Tier | None
    round: int
    answer_due_at: datetime | None = Field(description="null while paused; stays when answered")
    paused: bool
    overdue: bool = Field(description="whether this round's answer was or is late")
    answered_at: datetime | None
    escalation_level: int = Field(description="0 to 5: the highest level that was told of the miss")
    responsible_id: UUID | None
    taken_over: bool


class CaseSummary(CaseState):
    """A case in a list or in the queue."""

    customer_id: UUID | None
    kind: Kind
    subject: str
    channel: str
    recorded_at: datetime


class QueuedCase(CaseSummary):
    """A case in the queue."""

    seconds_left: int | None = Field(
        description="what is left on the clock, in working time where it runs by a calendar; null while paused"
    )


class ComplainantView(View):
    name: str
    contact: str


class AgainstView(View):
    type: str
    id: UUID | None
    name: str | None


class RoundView(View):
    round: int
    started_at: datetime
    answer_due_at: datetime | None
    answered_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    overdue: bool
    escalation_level: int


class CaseView(CaseSummary):
    """A whole case."""

    against: AgainstView | None
    text: str
    wish: str | None
    complainant: ComplainantView | None
    purchase_id: UUID | None
    happened_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    rounds: list[RoundView] = Field(description="every round, the present one last")


class TrackedView(View):
    """What a complainant sees of the own case."""

    number: str
    kind: Kind
    subject: str
    state: State
    round: int
    recorded_at: datetime
    answer_due_at: datetime | None
    overdue: bool
    answered_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None


def opened_view(opened: Opened, token: str) -> Answer:
    return {
        "id": opened.id,
        "number": opened.number,
        "tracking_token": token,
        "state": "open",
        "tier": opened.tier,
        "answer_due_at": opened.answer_due_at,
    }


def state_view(case: Case, now: datetime) -> Answer:
    return {
        "id": case.id,
        "number": case.number,
        "state": case.state.value,
        "tier": case.tier,
        "round": case.round,
        "answer_due_at": case.clock.due_at,
        "paused": case.clock.paused,
        "overdue": case.clock.late_at(now),
        "answered_at": case.answered_at,
        "escalation_level": case.clock.escalation_level,
        "responsible_id": case.responsible_id,
        "taken_over": case.taken_over,
    }


_OF_THE_ROUND = (
    "round",
    "started_at",
    "answer_due_at",
    "answered_at",
    "resolved_at",
    "closed_at",
    "overdue",
    "escalation_level",
)


def case_view(row: Any, earlier: Iterable[Any], words: Words) -> Answer:
    """A whole case from its row, its earlier rounds and what was unsealed."""
    fields = dict(row)
    for hidden in ("words", "version"):
        del fields[hidden]
    against = {"type": fields.pop("against_type"), "id": fields.pop("against_id"), "name": words.against}
    fields["rounds"] = [*map(dict, earlier), {name: fields[name] for name in _OF_THE_ROUND}]
    del fields["started_at"]
    fields["against"] = against if against["type"] else None
    fields["text"] = words.text
    fields["wish"] = words.wish
    fields["complainant"] = words.complainant
    return fields
