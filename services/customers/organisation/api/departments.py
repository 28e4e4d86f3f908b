"""Routes of departments."""

from functools import partial
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict

from services.customers.context import Context
from services.customers.organisation import handlers, queries
from services.customers.organisation.api.entries import Patch, answer, created
from services.customers.organisation.domain import Department, EntryNotFound, UnknownStaff
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Line
from shared.http.paging import BY_ID, Page, Paging
from shared.http.preconditions import IfMatch
from shared.http.routing import router

routes = router("/customers/v1", "organisation")


class DepartmentIn(BaseModel):
    """A department; its manager is level 3 of the chain of escalation (decision 17)."""

    model_config = ConfigDict(extra="forbid")
    name: Line
    manager_id: UUID | None = None


class DepartmentPatch(Patch):
    name: Line = ""
    manager_id: UUID | None = None


class DepartmentOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: UUID
    name: str
    manager_id: UUID | None


@routes.post("/departments", status_code=201)
@raises(UnknownStaff)
async def add_department(body: DepartmentIn, context: Injected[Context], response: Response) -> DepartmentOut:
    department = await handlers.add_department(context, body.name, body.manager_id)
    return created(response, "departments", DepartmentOut, department)


@routes.get("/departments")
async def list_departments(context: Injected[Context], paging: Paging) -> Page[DepartmentOut]:
    return await paging.page(BY_ID, {}, partial(queries.entries, context, Department), DepartmentOut.model_validate)


@routes.get("/departments/{department_id}")
@raises(EntryNotFound)
async def read_department(department_id: UUID, context: Injected[Context], response: Response) -> DepartmentOut:
    return answer(response, DepartmentOut, await queries.entry(context, Department, department_id))


@routes.patch("/departments/{department_id}")
@raises(EntryNotFound, UnknownStaff)
async def change_department(
    department_id: UUID,
    body: DepartmentPatch,
    context: Injected[Context],
    response: Response,
    expected_version: IfMatch,
) -> DepartmentOut:
    department = await handlers.change_department(context, department_id, body.changes(), expected_version)
    return answer(response, DepartmentOut, department)
