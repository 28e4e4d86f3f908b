"""Routes that read cases: one, the list, the queue."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any, Final
from uuid import UUID

import orjson
from fastapi import Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.complaints.cases import queries
from services.complaints.cases.api.standing import JSON, CaseId, CaseOut
from services.complaints.cases.domain import CaseState, Words
from services.complaints.context import InContext
from shared.auth.visibility import viewer
from shared.contracts.complaints import CaseKind
from shared.http.compiled import compiled
from shared.http.paging import DEFAULT_LIMIT, Cursor, Limit, Page
from shared.http.preconditions import etag
from shared.http.routing import Caller, router

routes = router("/complaints/v1", "cases")

ALL_IDS_LOWER: Final = UUID(int=2**128 - 1)
HEAD_OF_QUEUE: Final = (0, datetime(1970, 1, 1, tzinfo=UTC), UUID(int=0))


class CaseSummaryOut(CaseOut):
    """A case in a list or in the queue."""

    customer_id: UUID | None
    kind: CaseKind
    subject: str
    channel: str
    recorded_at: datetime


class QueuedCaseOut(CaseSummaryOut):
    """A case in the queue."""

    seconds_left: int | None = Field(
        description="what is left on the clock, in working time where it runs by a calendar; null while paused"
    )


class ComplainantOut(BaseModel):
    name: str
    contact: str


class AgainstOut(BaseModel):
    type: str
    id: UUID | None
    name: str | None


class RoundOut(BaseModel):
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

    against: AgainstOut | None
    text: str
    wish: str | None
    complainant: ComplainantOut | None
    purchase_id: UUID | None
    happened_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    rounds: list[RoundOut] = Field(description="every round, the present one last")


@routes.get("/complaints/{id}", response_model=CaseDetailsOut)
@compiled
async def read_complaint(id: CaseId, context: InContext, caller: Caller) -> Response:
    """A whole case with its rounds. Who does not serve it or its customer gets 404."""
    row, earlier = await queries.read_case(context, id, viewer=viewer(caller))
    answer = _details(row, earlier, queries.words_of(context, row))
    return Response(orjson.dumps(answer), 200, {"ETag": etag(row["version"])}, JSON)


@routes.get("/complaints", response_model=Page[CaseSummaryOut])
@compiled
async def list_complaints(
    context: InContext,
    caller: Caller,
    *,
    customer_id: Annotated[UUID | None, Query()] = None,
    state: Annotated[CaseState | None, Query()] = None,
    number: Annotated[str | None, Query(max_length=40, pattern=r"^[\x20-\x7e]*$")] = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Response:
    """Cases, the newest first. Who is not of customer service names a customer they serve."""
    filters = {"customer_id": customer_id, "state": state.value if state else None, "number": number}
    after = context.cursors.read(cursor, filters)
    before = UUID(after[0]) if after else ALL_IDS_LOWER
    rows = await queries.list_cases(context, filters, before, limit + 1, viewer=viewer(caller))
    items, following = context.cursors.page(rows, limit, filters, lambda row: [row["id"]])
    return _page([dict(row) for row in items], following)


@routes.get("/queue", response_model=Page[QueuedCaseOut])
@compiled
async def read_queue(context: InContext, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT) -> Response:
    """Open cases by tier (A first, unknown last), then by what is left on the clock; paused ones last in their tier."""
    after = context.cursors.read(cursor, {"list": "queue"})
    place = (int(after[0]), datetime.fromisoformat(after[1]), UUID(after[2])) if after else HEAD_OF_QUEUE
    rows = await queries.read_queue(context, place, limit + 1)
    items, following = context.cursors.page(
        rows, limit, {"list": "queue"}, lambda row: [row["tier_rank"], row["queue_at"], row["id"]]
    )
    return _page([_without_place(row) for row in items], following)


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


def _details(row: Any, earlier: Iterable[Any], words: Words) -> dict[str, Any]:
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


def _without_place(row: Any) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in ("tier_rank", "queue_at")}


def _page(items: list[dict[str, Any]], following: str | None) -> Response:
    return Response(orjson.dumps({"items": items, "next": following}), 200, media_type=JSON)
