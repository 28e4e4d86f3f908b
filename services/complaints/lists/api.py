"""Routes of the desk: the queue and the list, with names, narrowed by what a desk asks."""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Depends, Query, Request
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
    Whom,
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
    name: str | None = Field(description="what the directory calls it; null for what is said by its name alone")


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
class Narrowing:
    """By what queue and list are narrowed alike, as it was asked."""

    mine: bool
    my_department: bool
    against: Whom | None
    recorded_from: Day | None
    recorded_to: Day | None
    others: Wanted


async def _narrowing(
    request: Request,
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
    against: Annotated[
        Whom | None,
        Query(
            description="only cases that are against the caller (`mine`), whom they supervise or whose department they "
            "manage (`my_people`), or their department (`my_department`)"
        ),
    ] = None,
    unassigned: Annotated[bool | None, Query()] = None,
    against_type: What = None,
    against_id: Who = None,
    batch: Annotated[ExternalNo | None, Query()] = None,
    overdue: Annotated[bool | None, Query()] = None,
    due_before: Annotated[Moment | None, Query()] = None,
    recorded_from: When = None,
    recorded_to: When = None,
) -> Narrowing:
    others = Wanted(
        state=state,
        tier=tier,
        subject=subject,
        channel=channel,
        kind=kind,
        handler_id=handler_id,
        department_id=department_id,
        accountable_id=accountable_id,
        unassigned=unassigned,
        against_type=against_type,
        against_id=against_id,
        batch=batch,
        overdue=overdue,
        due_before=due_before,
    )
    return Narrowing(mine, my_department, against, recorded_from, recorded_to, others)


Narrowed = Annotated[Narrowing, Depends(_narrowing)]


async def _wanted(context: Context, caller: Principal, narrowing: Narrowing) -> Wanted:
    """Which cases the caller means. Raises FiltersContradict."""
    asked = narrowing.others
    if (narrowing.mine and asked.handler_id is not None) or (
        narrowing.my_department and asked.department_id is not None
    ):
        raise FiltersContradict("name a handler or `mine`, a department or `my_department`", pointer="query/mine")
    if narrowing.against is not None and asked.accountable_id is not None:
        raise FiltersContradict("name whom it is against, or `against`", pointer="query/against")
    department_id, own_department = asked.department_id, None
    if narrowing.my_department or narrowing.against == "my_department":
        own_department = await department_of(context.database, caller.id) or _NOBODY
    if narrowing.my_department:
        department_id = own_department
    return replace(
        asked,
        handler_id=caller.id if narrowing.mine else asked.handler_id,
        department_id=department_id,
        accountable_id=caller.id if narrowing.against == "mine" else asked.accountable_id,
        against_people_of=caller.id if narrowing.against == "my_people" else None,
        against_department_id=own_department if narrowing.against == "my_department" else None,
        recorded_from=_begin(narrowing.recorded_from, context.zone),
        recorded_to=_end(narrowing.recorded_to, context.zone),
    )


@routes.get("/complaints", response_model=Page[ListedCaseOut])
@raises(FiltersContradict, SearchTooShort)
@compiled
async def list_complaints(
    context: Injected[Context],
    caller: Caller,
    paging: Paging,
    narrowing: Narrowed,
    customer_id: Who = None,
    q: Annotated[Line | None, Query(max_length=100)] = None,
    number: Annotated[ExternalNo | None, Query(max_length=40)] = None,
    number_part: Annotated[ExternalNo | None, Query(max_length=40)] = None,
    phone: Annotated[Phone | None, Query()] = None,
    store: Annotated[Line | None, Query(max_length=100)] = None,
    sort: Annotated[ListOrder, Query()] = "newest",
) -> Response:
    """Cases by the moment of recording. Who does not see every customer sees the cases that concern them.

    `q` looks in all that was said when a case was recorded and since, answers and notes among it; a page may then be
    short and yet have a `next`. Three digits of a number are found at its end alone. A phone that is looked up is
    entered in the audit, without the number; 429 after as many in an hour as a setting allows.
    """
    asked = await _wanted(context, caller, narrowing)
    wanted = replace(
        asked,
        customer_id=customer_id,
        text=q,
        number=number.upper() if number else None,
        number_part=number_part,
        phone=phone,
        store=store,
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
    narrowing: Narrowed,
    sort: Annotated[QueueOrder, Query()] = "urgency",
) -> Response:
    """Open cases by tier (A first, unknown last), then by what is left on the clock; paused ones last in their tier.

    Only open cases wait: of another state there are none.
    """
    wanted = await _wanted(context, caller, narrowing)
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
