"""Routes of staff."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict, Field

from services.customers.context import InContext
from services.customers.organisation import handlers, queries
from services.customers.organisation.api.entries import Patch, answer, created
from services.customers.organisation.domain import Channel, Language
from services.customers.organisation.store import STAFF
from services.customers.texts import Line, Name
from shared.http.paging import DEFAULT_LIMIT, Cursor, Limit, Page
from shared.http.preconditions import IfMatch
from shared.http.routing import router

routes = router("/customers/v1", "organisation")

Role = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,39}$", examples=["salesperson"])]
"""A role of domain 1, or another code of lower-case letters, digits and underscores."""


class StaffIn(BaseModel):
    """A colleague by work name; `address` is a work e-mail, a phone number or a URL, as `channel` needs it."""

    model_config = ConfigDict(extra="forbid")
    name: Name
    role: Role
    department_id: UUID | None = None
    supervisor_id: UUID | None = None
    channel: Channel = "email"
    address: Line | None = None
    language: Language = "zh-CN"


class StaffPatch(Patch):
    """Only what is sent changes. `active` false: this person leaves; every team seat goes to `successor_id`."""

    name: Name = ""
    role: Role = ""
    department_id: UUID | None = None
    supervisor_id: UUID | None = None
    channel: Channel = "email"
    address: Line | None = None
    language: Language = "zh-CN"
    active: bool = True
    successor_id: UUID | None = None


class StaffOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: UUID
    name: str
    role: str
    department_id: UUID | None
    supervisor_id: UUID | None
    channel: Channel
    address: str | None
    language: Language
    active: bool
    successor_id: UUID | None


@routes.post("/staff", status_code=201)
async def add_staff(body: StaffIn, context: InContext, response: Response) -> StaffOut:
    return created(response, "staff", StaffOut, await handlers.add_staff(context, body.model_dump()))


@routes.get("/staff")
async def list_staff(
    context: InContext,
    role: Role | None = None,
    department_id: UUID | None = None,
    active: Annotated[bool | None, Query(description="false: who has left")] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[StaffOut]:
    filters = {"role": role, "department_id": department_id, "active": active}
    items, following = await queries.page_of(context, STAFF, filters, cursor, limit)
    return Page(items=[StaffOut.model_validate(staff) for staff in items], next=following)


@routes.get("/staff/{staff_id}")
async def read_staff(staff_id: UUID, context: InContext, response: Response) -> StaffOut:
    staff = await queries.entry(context, STAFF, staff_id)
    return answer(response, StaffOut, staff)


@routes.patch("/staff/{staff_id}")
async def change_staff(
    staff_id: UUID, body: StaffPatch, context: InContext, response: Response, if_match: IfMatch = None
) -> StaffOut:
    """Changes a colleague; who leaves hands the seats in account teams to the successor, or leaves them empty."""
    return answer(response, StaffOut, await handlers.change_staff(context, staff_id, body.changes(), if_match))
