"""The route that reads a case."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, Field
from starlette.responses import Response

from services.complaints.cases import queries
from services.complaints.cases.api.standing import CaseId, CaseOut, ColleagueOut
from services.complaints.cases.domain import ComplaintNotFound, Details, Words, complainant_seen
from services.complaints.cases.queries import Row
from services.complaints.context import Context
from shared.auth.visibility import viewer
from shared.contracts.complaints import CaseKind
from shared.contracts.letters import ReplyChannel
from shared.contracts.safety import Severity
from shared.http.answers import json_answer
from shared.http.compiled import compiled
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.preconditions import etag
from shared.http.routing import Caller, router
from shared.languages import Language
from shared.purposes import needed_for, stated

routes = router("/complaints/v1", "cases")


class CaseSummaryOut(CaseOut):
    """A case in a list or in the queue."""

    customer_id: UUID | None
    kind: CaseKind
    subject: str
    channel: str
    batch: str | None
    recorded_at: datetime


class ComplainantOut(BaseModel):
    """Who complains, and where the answer reaches them."""

    name: str
    contact: str = Field(description="an e-mail address or a phone number; masked where the stated purpose needs none")
    masked: bool = Field(description="whether the contact is masked")


class AgainstOut(BaseModel):
    """Whom or what a case is against."""

    type: str
    id: UUID | None
    name: str | None


class RepeatOut(BaseModel):
    """The same subject against the same party within the calendar month (domain 3.4)."""

    count: int = Field(description="the how-manieth it is: 1 the first, 0 where it does not count")
    of: UUID | None = Field(description="the case before it; null for the first")


class SafetyClockOut(BaseModel):
    """Until when the authority must hear of the adverse reaction, and whether it has."""

    due_at: datetime = Field(description="until when the authority must hear of it")
    missed_at: datetime | None = Field(description="the moment that was missed; null where it was not")
    reported_at: datetime | None = Field(description="when the authority was told; null before")
    report_no: str | None = Field(description="the number that the authority gave")


class RoundOut(BaseModel):
    """A round of a case, with its clock."""

    round: int
    started_at: datetime
    answer_due_at: datetime | None
    answered_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    overdue: bool
    escalation_level: int


class CaseDetailsOut(CaseSummaryOut):
    """A whole case."""

    customer_name: str | None
    handler: ColleagueOut | None
    accountable: ColleagueOut | None
    recorder: ColleagueOut = Field(description="the member of staff who recorded the case")
    repeat: RepeatOut
    parent_id: UUID | None
    against: AgainstOut | None
    text: str
    why: str | None
    wish: str | None
    solving: str | None
    usage: str | None
    bought_on: date | None
    reply_by: ReplyChannel | None
    language: Language | None
    product: str | None
    symptoms: list[str]
    severity: Severity | None
    reaction_on: date | None
    safety_report: SafetyClockOut | None = Field(description="null without an adverse reaction that counts")
    touch_id: UUID | None
    complainant: ComplainantOut | None
    purchase_id: UUID | None
    happened_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    valid: bool | None
    good_faith: bool | None
    rounds: list[RoundOut] = Field(description="every round, the present one last")


@routes.get("/complaints/{id}", response_model=CaseDetailsOut)
@raises(ComplaintNotFound)
@compiled
async def read_complaint(id: CaseId, context: Injected[Context], caller: Caller) -> Response:
    """A whole case with its rounds. Who does not serve it or its customer gets 404."""
    row, earlier = await queries.read_case(context, id, viewer=viewer(caller))
    row["customer_name"] = queries.customer_name(context, row)
    answer = _details(row, earlier, queries.words_of(context, id, row), queries.details_of(context, id, row))
    return json_answer(await _with_safety_clock(context, id, answer), headers={"ETag": etag(row["version"])})


_OF_THE_ROUND = (
    "round", "started_at", "answer_due_at", "answered_at", "resolved_at", "closed_at", "overdue", "escalation_level",
)  # fmt: skip
_HIDDEN = {
    "words",
    "details",
    "version",
    "against_type",
    "against_id",
    "against_name",
    "started_at",
    "handler_name",
    "accountable_name",
    "recorded_by",
    "recorder_name",
    "repeat_count",
    "repeat_of",
}


def _details(row: Row, earlier: list[Row], words: Words, details: Details) -> Row:
    """A whole case from its row, its earlier rounds and what was unsealed."""
    fields = {name: value for name, value in row.items() if name not in _HIDDEN}
    against = {"type": row["against_type"], "id": row["against_id"], "name": words.against or row["against_name"]}
    return {
        **fields,
        "handler": _colleague(row["responsible_id"], row["handler_name"]),
        "accountable": _colleague(row["accountable_id"], row["accountable_name"]),
        "recorder": {"id": row["recorded_by"], "name": row["recorder_name"]},
        "repeat": {"count": row["repeat_count"], "of": row["repeat_of"]},
        "rounds": [*earlier, {name: row[name] for name in _OF_THE_ROUND}],
        "against": against if against["type"] else None,
        "text": words.text,
        "wish": words.wish,
        "complainant": complainant_seen(words.complainant, needed_for(stated())),
        "why": details.why,
        "usage": details.usage,
        "bought_on": details.bought_on,
        "solving": details.solving,
        "reply_by": details.reply_by,
        "language": details.language,
        "product": details.product,
        "symptoms": details.symptoms,
        "severity": details.severity,
        "reaction_on": details.reaction_on,
    }


def _colleague(id_: str | None, name: str | None) -> Row | None:
    return {"id": id_, "name": name} if id_ is not None else None


async def _with_safety_clock(context: Context, id_: UUID, answer: Row) -> Row:
    """With until when the authority must hear of the adverse reaction that it tells of."""
    reacted = answer["severity"] is not None
    return {**answer, "safety_report": await queries.safety_clock(context, id_) if reacted else None}
