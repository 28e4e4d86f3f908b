"""Routes of intake: recording, one case, the list, the queue, following by token."""

from datetime import UTC, datetime
from typing import Annotated, Any, Final
from uuid import UUID

import orjson
from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from starlette.responses import Response

from services.complaints.cases.api.reading import (
    CaseSummary,
    CaseView,
    OpenedView,
    QueuedCase,
    TrackedView,
    case_view,
    opened_view,
)
from services.complaints.cases.domain import (
    Against,
    Kind,
    NewCase,
    State,
    check_happening,
    check_recording,
)
from services.complaints.context import InContext
from services.complaints.intake import handlers
from services.complaints.policy import TAKE_OVER
from shared.auth.principal import Principal
from shared.auth.visibility import viewer
from shared.http.compiled import compiled
from shared.http.fields import Code, Line, Moment, Prose
from shared.http.paging import DEFAULT_LIMIT, Cursor, Limit, Page
from shared.http.preconditions import etag
from shared.http.routing import Caller, OwnIdempotencyKey, router, settles_idempotency_itself
from shared.ids import new_id

intake = router("/complaints/v1", "intake")

ALL_IDS_LOWER: Final = UUID(int=2**128 - 1)
HEAD_OF_QUEUE: Final = (0, datetime(1970, 1, 1, tzinfo=UTC), UUID(int=0))
JSON: Final = "application/json"

CaseId = Annotated[UUID, Path(description="the complaint's id")]


class NewComplainant(BaseModel):
    """Who complains, and where the answer reaches them."""

    model_config = ConfigDict(extra="forbid")

    name: Line
    contact: Annotated[Line, Field(min_length=3, examples=["+8613800000000", "wang@example.com"])]


class NewAgainst(BaseModel):
    """Who or what it is against: a person, a department, a product, the company, …"""

    model_config = ConfigDict(extra="forbid")

    type: Annotated[Code, Field(examples=["person", "department", "product", "company"])]
    id: UUID | None = None
    name: Line | None = None

    @model_validator(mode="after")
    def _named(self) -> "NewAgainst":
        if self.id is None and self.name is None and self.type != "company":
            raise ValueError("give the id or the name of what it is against")
        return self


class NewComplaint(BaseModel):
    """A case to be recorded (domain 3.1)."""

    model_config = ConfigDict(extra="forbid")

    customer_id: UUID | None = None
    complainant: NewComplainant | None = None
    kind: Kind = "complaint"
    subject: Annotated[str, StringConstraints(min_length=1, max_length=40), Field(examples=["product"])]
    against: NewAgainst | None = None
    text: Prose
    channel: Annotated[Code, Field(examples=["line", "web", "social", "visit", "email", "partner", "internal"])] = (
        "line"
    )
    wish: Prose | None = None
    purchase_id: UUID | None = None
    happened_at: Moment | None = None
    recorded_at: Annotated[
        Moment | None, Field(description="in the past, and only for taking over old cases (administration)")
    ] = None

    def case(self, caller: Principal, now: datetime) -> NewCase:
        """Raises TakeoverNotAllowed, TimeNotAllowed."""
        recorded_at = check_recording(self.recorded_at, now, may_take_over=caller.has(*TAKE_OVER))
        check_happening(self.happened_at, recorded_at)
        return NewCase(
            id=new_id(),
            customer_id=self.customer_id,
            complainant=self.complainant.model_dump() if self.complainant else None,
            kind=self.kind,
            subject=self.subject.lower().replace("-", "_"),
            against=Against(self.against.type, self.against.id, self.against.name) if self.against else None,
            text=self.text,
            channel=self.channel,
            wish=self.wish,
            purchase_id=self.purchase_id,
            happened_at=self.happened_at,
            recorded_at=recorded_at,
            registered_at=now,
            recorded_by=caller.id,
        )


@intake.post("/complaints", status_code=201, response_model=OpenedView)
@compiled
@settles_idempotency_itself
async def record_complaint(body: NewComplaint, context: InContext, caller: Caller, key: OwnIdempotencyKey) -> Response:
    """Records a case and starts its clock; the answer says its number and until when it will be answered."""
    opened, repeated = await handlers.record_case(context, body.case(caller, context.clock.now()), key)
    headers = {"ETag": etag(1), "Location": f"/complaints/v1/complaints/{opened.id}"}
    if repeated:
        headers["Idempotency-Replayed"] = "true"
    answer = opened_view(opened, handlers.tracking_token(context, opened.id))
    return Response(orjson.dumps(answer, default=str), 201, headers, JSON)


@intake.get("/complaints/{id}", response_model=CaseView)
@compiled
async def read_complaint(id: CaseId, context: InContext, caller: Caller) -> Response:
    """A whole case with its rounds. Who does not serve it or its customer gets 404."""
    row, earlier = await handlers.read_case(context, id, member_id=viewer(caller))
    answer = case_view(row, earlier, handlers.words_of(context, row))
    return Response(orjson.dumps(answer), 200, {"ETag": etag(row["version"])}, JSON)


@intake.get("/complaints", response_model=Page[CaseSummary])
@compiled
async def list_complaints(
    context: InContext,
    caller: Caller,
    customer_id: Annotated[UUID | None, Query()] = None,
    state: Annotated[State | None, Query()] = None,
    number: Annotated[str | None, Query(max_length=40, pattern=r"^[\x20-\x7e]*$")] = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Response:
    """Cases, the newest first. Who is not of customer service names a customer they serve."""
    filters = {"customer_id": customer_id, "state": state.value if state else None, "number": number}
    after = context.cursors.read(cursor, filters)
    before = UUID(after[0]) if after else ALL_IDS_LOWER
    rows = await handlers.list_cases(context, filters, before, limit + 1, member_id=viewer(caller))
    items, following = context.cursors.page(rows, limit, filters, lambda row: [row["id"]])
    return _page([dict(row) for row in items], following)


@intake.get("/queue", response_model=Page[QueuedCase])
@compiled
async def read_queue(context: InContext, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT) -> Response:
    """Open cases by tier (A first, unknown last), then by what is left on the clock; paused ones last in their tier."""
    after = context.cursors.read(cursor, {"list": "queue"})
    place = (int(after[0]), datetime.fromisoformat(after[1]), UUID(after[2])) if after else HEAD_OF_QUEUE
    rows = await handlers.read_queue(context, place, limit + 1)
    items, following = context.cursors.page(
        rows, limit, {"list": "queue"}, lambda row: [row["tier_rank"], row["queue_at"], row["id"]]
    )
    return _page([_without_place(row) for row in items], following)


@intake.get("/track/{token}", response_model=TrackedView)
@compiled
async def track_complaint(
    token: Annotated[str, Path(min_length=1, max_length=100, description="as given when it was recorded")],
    context: InContext,
) -> Response:
    """Where a case stands, for the complainant; no login."""
    row = await handlers.track(context, token)
    return Response(orjson.dumps(dict(row)), 200, {"Cache-Control": "no-store"}, JSON)


class SubjectNames(BaseModel):
    """What a subject is called, and whether it is in use."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    name_en: Line
    name_zh: Line
    active: bool = True


class SubjectView(SubjectNames):
    code: str


class SubjectsView(BaseModel):
    """Every subject; there are few, so this is one page."""

    items: list[SubjectView]
    next: None = None


@intake.get("/subjects")
async def list_subjects(context: InContext) -> SubjectsView:
    """What a case can be about."""
    return SubjectsView(items=[SubjectView(**dict(row)) for row in await handlers.list_subjects(context)])


@intake.put("/subjects/{code}")
async def keep_subject(code: Code, body: SubjectNames, context: InContext) -> SubjectView:
    """Adds or renames a subject, or takes it out of use; cases that have it keep it."""
    await handlers.keep_subject(context, code, body.name_en, body.name_zh, active=body.active)
    return SubjectView(code=code, **body.model_dump())


def _without_place(row: Any) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in ("tier_rank", "queue_at")}


def _page(items: list[dict[str, Any]], following: str | None) -> Response:
    return Response(orjson.dumps({"items": items, "next": following}), 200, media_type=JSON)
