"""The route that records a case."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.responses import Response

from services.complaints.adverse_reactions.domain import (
    MOST_SYMPTOMS,
    ReactionDay,
    UnknownSymptom,
    check_day,
    severity_of,
)
from services.complaints.cases.domain import CaseState, Details, TimeNotAllowed, Words
from services.complaints.context import Context
from services.complaints.intake import handlers
from services.complaints.intake.domain import (
    NewCase,
    NobodyComplains,
    Opened,
    ReplyNotPossible,
    TakeoverNotAllowed,
    UnknownAgainst,
    check_buying,
    check_happening,
    check_recording,
    takes_what_it_records,
)
from services.complaints.policy import TAKE_OVER
from services.complaints.rulebook.domain.subjects import UnknownSubject
from services.complaints.tracking.domain import token_of
from shared.auth.principal import PARTNER, Principal
from shared.auth.visibility import viewer
from shared.contracts.complaints import CaseKind
from shared.contracts.customers import Tier
from shared.contracts.letters import ReplyChannel
from shared.contracts.safety import Severity
from shared.errors import Forbidden
from shared.http.answers import json_answer
from shared.http.compiled import compiled
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Code, Day, ExternalNo, Line, Moment, Prose, Reachable
from shared.http.preconditions import etag
from shared.http.routing import Caller, OwnIdempotencyKey, router, settles_idempotency_itself
from shared.ids import new_id
from shared.languages import Language
from shared.references import UnknownCustomer, UnknownDepartment, UnknownStaff

routes = router("/complaints/v1", "intake")


class ComplainantIn(BaseModel):
    """Who complains, and where the answer reaches them."""

    model_config = ConfigDict(extra="forbid")

    name: Line
    contact: Annotated[Reachable, Field(examples=["+8613800000000", "wang@example.com"])]


class AgainstIn(BaseModel):
    """Who or what it is against: a person, a department, a product, the company, …"""

    model_config = ConfigDict(extra="forbid")

    type: Annotated[Code, Field(examples=["person", "department", "product", "company"])]
    id: UUID | None = None
    name: Line | None = None

    @model_validator(mode="after")
    def _named(self) -> "AgainstIn":
        if self.id is None and self.name is None and self.type != "company":
            raise ValueError("give the id or the name of what it is against")
        return self


class ComplaintIn(BaseModel):
    """A case to be recorded (domain 3.1)."""

    model_config = ConfigDict(extra="forbid")

    customer_id: UUID | None = None
    complainant: ComplainantIn | None = None
    kind: CaseKind = "complaint"
    subject: Annotated[ExternalNo, Field(max_length=40, examples=["product"])]
    against: AgainstIn | None = None
    text: Prose
    channel: Annotated[Code, Field(examples=["line", "web", "social", "visit", "email", "partner", "internal"])] = (
        "line"
    )
    why: Prose | None = None
    wish: Prose | None = None
    solving: Prose | None = None
    purchase_id: UUID | None = None
    bought_on: Day | None = None
    usage: Prose | None = None
    product: ExternalNo | None = None
    batch: ExternalNo | None = None
    symptoms: Annotated[list[Code], Field(max_length=MOST_SYMPTOMS)] = []
    severity: Severity | None = None
    reaction_on: Day | None = None
    reply_by: ReplyChannel | None = None
    language: Language | None = None
    touch_id: UUID | None = None
    happened_at: Moment | None = None
    recorded_at: Annotated[
        Moment | None,
        Field(description="when it was recorded: in the past, and only for taking over old cases (administration)"),
    ] = None

    @model_validator(mode="after")
    def _visited(self) -> "ComplaintIn":
        if self.touch_id is not None and self.customer_id is None:
            raise ValueError("a visit is one to a customer: give customer_id beside touch_id")
        return self

    def details(self) -> Details:
        """What else is said."""
        symptoms = tuple(dict.fromkeys(self.symptoms))
        return Details(
            self.why,
            self.usage,
            self.bought_on,
            self.solving,
            self.reply_by,
            self.language,
            self.product,
            symptoms,
            severity_of(self.severity, symptoms),
            self.reaction_on,
        )

    def words(self) -> Words:
        """What of it is personal."""
        return Words(
            text=self.text,
            wish=self.wish,
            complainant=self.complainant.model_dump() if self.complainant else None,
            against=self.against.name if self.against else None,
        )

    def case(self, caller: Principal, now: datetime, zone: ZoneInfo) -> NewCase:
        """Raises TakeoverNotAllowed, TimeNotAllowed, ReactionDay."""
        recorded_at = check_recording(self.recorded_at, now, may_take_over=caller.has(*TAKE_OVER))
        check_happening(self.happened_at, recorded_at)
        check_buying(self.bought_on, recorded_at, zone)
        check_day(self.reaction_on, recorded_at.astimezone(zone).date())
        found_in_a_visit = self.touch_id is not None and "channel" not in self.model_fields_set
        takes = takes_what_it_records(caller.roles, recorded_at, now)
        against_caller = self.against is not None and self.against.id == caller.id
        return NewCase(
            id=new_id(),
            customer_id=self.customer_id,
            kind=self.kind,
            subject=self.subject.lower().replace("-", "_"),
            channel="visit" if found_in_a_visit else self.channel,
            against_type=self.against.type if self.against else None,
            against_id=self.against.id if self.against else None,
            words=self.words(),
            details=self.details(),
            touch_id=self.touch_id,
            batch=self.batch,
            purchase_id=self.purchase_id,
            happened_at=self.happened_at,
            recorded_at=recorded_at,
            registered_at=now,
            recorded_by=caller.id,
            accepted_by=caller.id if takes and not against_caller else None,
        )


class OpenedOut(BaseModel):
    """What the complainant is told at once."""

    id: UUID
    number: str = Field(examples=["C20261104-000123"])
    tracking_token: str
    state: CaseState
    tier: Tier | None
    answer_due_at: datetime


@routes.post("/complaints", status_code=201, response_model=OpenedOut)
@raises(
    NobodyComplains,
    ReactionDay,
    ReplyNotPossible,
    TakeoverNotAllowed,
    TimeNotAllowed,
    UnknownAgainst,
    UnknownCustomer,
    UnknownDepartment,
    UnknownStaff,
    UnknownSubject,
    UnknownSymptom,
)
@compiled
@settles_idempotency_itself
async def record_complaint(
    body: ComplaintIn, context: Injected[Context], caller: Caller, key: OwnIdempotencyKey
) -> Response:
    """Records a case and starts its clock; the answer says its number and until when it will be answered."""
    if body.kind == "internal" and PARTNER in caller.roles:
        raise Forbidden("partners record what customers say; colleagues say what is internal")
    case = body.case(caller, context.clock.now(), context.zone)
    context.quotas.count(caller, case.customer_id)
    viewing = None if caller.has(PARTNER) else viewer(caller)  # partners find every customer, masked
    opened, repeated = await handlers.record_case(context, case, key, viewer=viewing)
    headers = {"ETag": etag(1), "Location": f"/complaints/v1/complaints/{opened.id}"}
    if repeated:
        headers["Idempotency-Replayed"] = "true"
    return json_answer(_opened(opened, token_of(opened.id, context.tracking.digest)), 201, headers)


def _opened(opened: Opened, token: str) -> dict[str, Any]:
    return {
        "id": opened.id,
        "number": opened.number,
        "tracking_token": token,
        "state": "open",
        "tier": opened.tier,
        "answer_due_at": opened.answer_due_at,
    }
