"""Routes of departments."""

from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict

from services.customers.context import InContext
from services.customers.organisation import handlers, queries
from services.customers.organisation.api.entries import Patch, answer, created
from services.customers.organisation.store import DEPARTMENTS
from services.customers.texts import Name
from shared.http.paging import DEFAULT_LIMIT, Cursor, Limit, Page
from shared.http.preconditions import IfMatch
from shared.http.routing import router

routes = router("/customers/v1", "organisation")


class DepartmentIn(BaseModel):
    """A department; its manager is level 3 of the chain of escalation (decision 17)."""

    model_config = ConfigDict(extra="forbid")
    name: Name
    manager_id: UUID | None = None


class DepartmentPatch(Patch):
    name: Name = ""
    manager_id: UUID | None = None


class DepartmentOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: UUID
    name: str
    manager_id: UUID | None


@routes.post("/departments", status_code=201)
async def add_department(body: DepartmentIn, context: InContext, response: Response) -> DepartmentOut:
    department = await handlers.add_department(context, body.name, body.manager_id)
    return created(response, "departments", DepartmentOut, department)


@routes.get("/departments")
async def list_departments(
    context: InContext, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Page[DepartmentOut]:
    items, following = await queries.page_of(context, DEPARTMENTS, {}, cursor, limit)
    return Page(items=[DepartmentOut.model_validate(department) for department in items], next=following)


@routes.get("/departments/{department_id}")
async def read_department(department_id: UUID, context: InContext, response: Response) -> DepartmentOut:
    department = await queries.entry(context, DEPARTMENTS, department_id)
    return answer(response, DepartmentOut, department)


@routes.patch("/departments/{department_id}")
async def change_department(
    department_id: UUID, body: DepartmentPatch, context: InContext, response: Response, if_match: IfMatch = None
) -> DepartmentOut:
    department = await handlers.change_department(context, department_id, body.changes(), if_match)
    return answer(response, DepartmentOut, department)
