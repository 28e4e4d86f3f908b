"""Routes of the desk: the queue and the list, with names, narrowed by what a desk asks."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.complaints.cases.api.reading import CaseSummaryOut
from services.complaints.cases.api.standing import ColleagueOut
from services.complaints.cases.domain import CaseState
from services.complaints.cases.queries import Row
from services.complaints.context import Context
from services.complaints.lists import handlers
from services.complaints.lists.domain import (
    FiltersContradict,
    ListOrder,
    ListPlace,
    QueueOrder,
    QueuePlace,
    Wanted,
)
from services.complaints.lists.queries.clauses import department_of
from services.complaints.lists.queries.queue import read_queue as queue
from services.complaints.search.domain import SearchTooShort
from shared.auth.principal import Principal
from shared.contracts.complaints import CaseKind
from shared.contracts.customers import Tier
from shared.http.answers import json_answer
from shared.http.compiled import compiled
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Code, Day, ExternalNo, Line, Moment, Phone
from shared.http.paging import Order, Page, Paging
from shared.http.routing import Caller, router

routes = router("/complaints/v1", "lists")

AS_LISTED: Order[Row, ListPlace] = Order(
    lambda case: (case["recorded_at"], case["id"]),
    lambda recorded_at, id_: (datetime.fromisoformat(recorded_at), UUID(id_)),
)
AS_QUEUED: Order[Row, QueuePlace] = Order(
    lambda case: (case["tier_rank"], case["queue_at"], case["id"]),
    lambda tier_rank, queue_at, id_: (tier_rank, datetime.fromisoformat(queue_at), UUID(id_)),
)
_NOBODY = UUID(int=0)
"""Of no department: who is in none has no colleagues there."""

Yes = Annotated[bool, Query()]
Who = Annotated[UUID | None, Query()]
What = Annotated[Code | None, Query()]
When = Annotated[Day | None, Query()]


class AgainstListedOut(BaseModel):
    """Whom or what a case is against, as far as lists show it."""

    type: str
    id: UUID | None


class ListedCaseOut(CaseSummaryOut):
    """A case in a list, with its names."""

    customer_name: str | None
    complainant_name: str | None
    handler: ColleagueOut | None
    accountable: ColleagueOut | None
    against: AgainstListedOut | None
    subject_name_en: str | None
    subject_name_zh: str | None


class QueuedCaseOut(ListedCaseOut):
    """A case in the queue."""

    seconds_left: int | None = Field(
        description="seconds left on the clock, in working time where it runs by a calendar; null while paused"
    )


@dataclass(frozen=True, slots=True)
class _Whose:
    """By whom a list is narrowed, as it was asked."""

    mine: bool
    my_department: bool
    handler_id: UUID | None
    department_id: UUID | None

    async def resolved(self, context: Context, caller: Principal) -> tuple[UUID | None, UUID | None]:
        """Handler and department. Raises FiltersContradict."""
        if (self.mine and self.handler_id is not None) or (self.my_department and self.department_id is not None):
            raise FiltersContradict("name a handler or `mine`, a department or `my_department`", pointer="query/mine")
        handler_id = caller.id if self.mine else self.handler_id
        if not self.my_department:
            return handler_id, self.department_id
        return handler_id, await department_of(context.database, caller.id) or _NOBODY


@routes.get("/complaints", response_model=Page[ListedCaseOut])
@raises(FiltersContradict, SearchTooShort)
@compiled
async def list_complaints(
    context: Injected[Context],
    caller: Caller,
    paging: Paging,
    customer_id: Who = None,
    state: Annotated[CaseState | None, Query()] = None,
    q: Annotated[Line | None, Query(max_length=100)] = None,
    number: Annotated[ExternalNo | None, Query(max_length=40)] = None,
    number_part: Annotated[ExternalNo | None, Query(max_length=40)] = None,
    phone: Annotated[Phone | None, Query()] = None,
    store: Annotated[Line | None, Query(max_length=100)] = None,
    tier: Annotated[Tier | None, Query()] = None,
    subject: What = None,
    channel: What = None,
    kind: Annotated[CaseKind | None, Query()] = None,
    mine: Yes = False,
    my_department: Yes = False,
    handler_id: Who = None,
    department_id: Who = None,
    accountable_id: Who = None,
    unassigned: Annotated[bool | None, Query()] = None,
    against_type: What = None,
    against_id: Who = None,
    batch: Annotated[ExternalNo | None, Query()] = None,
    overdue: Annotated[bool | None, Query()] = None,
    due_before: Annotated[Moment | None, Query()] = None,
    recorded_from: When = None,
    recorded_to: When = None,
    sort: Annotated[ListOrder, Query()] = "newest",
) -> Response:
    """Cases by the moment of recording. Who does not see every customer sees the cases that concern them.

    `q` looks in all that was said when a case was recorded and since, answers and notes among it; a page may then be
    short and yet have a `next`. Three characters of a number are found at its end alone. A phone that is looked up is
    entered in the audit, without the number; 429 after as many in an hour as a setting allows.
    """
    handler, department = await _Whose(mine, my_department, handler_id, department_id).resolved(context, caller)
    wanted = Wanted(
        customer_id=customer_id,
        state=state,
        text=q,
        number=number,
        number_part=number_part,
        phone=phone,
        store=store,
        tier=tier,
        subject=subject,
        channel=channel,
        kind=kind,
        handler_id=handler,
        department_id=department,
        accountable_id=accountable_id,
        unassigned=unassigned,
        against_type=against_type,
        against_id=against_id,
        batch=batch,
        overdue=overdue,
        due_before=due_before,
        recorded_from=_begin(recorded_from, context.zone),
        recorded_to=_end(recorded_to, context.zone),
    )
    bound = {**wanted.given(), **_hidden(context, wanted), "sort": sort}
    after = paging.after(AS_LISTED, bound)
    rows, following = await handlers.list_page(context, wanted, sort, after, paging.limit, caller)
    return _page(rows, paging.going_on(following, bound))


@routes.get("/queue", response_model=Page[QueuedCaseOut])
@raises(FiltersContradict)
@compiled
async def read_queue(
    context: Injected[Context],
    caller: Caller,
    paging: Paging,
    state: Annotated[CaseState | None, Query()] = None,
    tier: Annotated[Tier | None, Query()] = None,
    subject: What = None,
    channel: What = None,
    kind: Annotated[CaseKind | None, Query()] = None,
    mine: Yes = False,
    my_department: Yes = False,
    handler_id: Who = None,
    department_id: Who = None,
    accountable_id: Who = None,
    unassigned: Annotated[bool | None, Query()] = None,
    against_type: What = None,
    against_id: Who = None,
    batch: Annotated[ExternalNo | None, Query()] = None,
    overdue: Annotated[bool | None, Query()] = None,
    due_before: Annotated[Moment | None, Query()] = None,
    recorded_from: When = None,
    recorded_to: When = None,
    sort: Annotated[QueueOrder, Query()] = "urgency",
) -> Response:
    """Open cases by tier (A first, unknown last), then by what is left on the clock; paused ones last in their tier.

    Only open cases wait: of another state there are none."""
    handler, department = await _Whose(mine, my_department, handler_id, department_id).resolved(context, caller)
    wanted = Wanted(
        state=state,
        tier=tier,
        subject=subject,
        channel=channel,
        kind=kind,
        handler_id=handler,
        department_id=department,
        accountable_id=accountable_id,
        unassigned=unassigned,
        against_type=against_type,
        against_id=against_id,
        batch=batch,
        overdue=overdue,
        due_before=due_before,
        recorded_from=_begin(recorded_from, context.zone),
        recorded_to=_end(recorded_to, context.zone),
    )
    bound = {**wanted.given(), "sort": sort}
    rows = await queue(context, wanted, sort, paging.after(AS_QUEUED, bound), paging.most)
    items, following = paging.cut(rows, AS_QUEUED, bound)
    return _page([_without_place(row) for row in items], following)


def _hidden(context: Context, wanted: Wanted) -> dict[str, str]:
    """What a cursor must not say in the open: whose phone or which words were sought."""
    sought = {"phone": wanted.phone, "text": wanted.text}
    return {name: context.traces.digest(value.encode()).hex() for name, value in sought.items() if value is not None}


def _begin(day: Day | None, zone: ZoneInfo) -> datetime | None:
    return datetime.combine(day, time(), zone) if day is not None else None


def _end(day: Day | None, zone: ZoneInfo) -> datetime | None:
    return _begin(day + timedelta(days=1), zone) if day is not None else None


def _without_place(row: Row) -> Row:
    return {name: value for name, value in row.items() if name not in ("tier_rank", "queue_at")}


def _page(items: list[Row], following: str | None) -> Response:
    return json_answer({"items": items, "next": following})
