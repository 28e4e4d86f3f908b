"""Routes of brands, regions and departments."""

from typing import Any, TypeVar
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict

from services.customers.context import InContext
from services.customers.organisation import handlers
from services.customers.organisation.domain import Grade, Listed
from services.customers.organisation.queries import page_of
from services.customers.organisation.store import BRANDS, DEPARTMENTS, REGIONS
from services.customers.texts import Name
from shared.http.paging import DEFAULT_LIMIT, Cursor, Limit, Page
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import router

routes = router("/customers/v1", "organisation")

Shown = TypeVar("Shown", bound=BaseModel)


class Patch(BaseModel):
    """Only what is sent changes."""

    model_config = ConfigDict(extra="forbid")

    def changes(self) -> dict[str, Any]:
        return self.model_dump(exclude_unset=True)


class BrandIn(BaseModel):
    """A brand; purchases of a high-grade brand count half in tiers, unless the policy says otherwise."""

    model_config = ConfigDict(extra="forbid")
    name: Name
    grade: Grade


class BrandPatch(Patch):
    name: Name = ""
    grade: Grade = "mid"


class BrandOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: UUID
    name: str
    grade: Grade


class RegionIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: Name


class RegionPatch(Patch):
    name: Name = ""


class RegionOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: UUID
    name: str


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


def _shown(response: Response, shape: type[Shown], thing: Listed) -> Shown:
    set_etag(response, thing.version)
    return shape.model_validate(thing)


def _created(response: Response, kind: str, shape: type[Shown], thing: Listed) -> Shown:
    response.headers["Location"] = f"/customers/v1/{kind}/{thing.id}"
    return _shown(response, shape, thing)


@routes.post("/brands", status_code=201)
async def add_brand(body: BrandIn, context: InContext, response: Response) -> BrandOut:
    return _created(response, "brands", BrandOut, await handlers.add_brand(context, body.name, body.grade))


@routes.get("/brands")
async def list_brands(context: InContext, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Page[BrandOut]:
    items, following = await page_of(context, BRANDS, {}, cursor, limit)
    return Page(items=[BrandOut.model_validate(brand) for brand in items], next=following)


@routes.get("/brands/{brand_id}")
async def read_brand(brand_id: UUID, context: InContext, response: Response) -> BrandOut:
    brand = await handlers.listed(context, BRANDS, brand_id)
    return _shown(response, BrandOut, brand)


@routes.patch("/brands/{brand_id}")
async def change_brand(
    brand_id: UUID, body: BrandPatch, context: InContext, response: Response, if_match: IfMatch = None
) -> BrandOut:
    """Another grade counts for purchases recorded from now on."""
    return _shown(response, BrandOut, await handlers.change_brand(context, brand_id, body.changes(), if_match))


@routes.post("/regions", status_code=201)
async def add_region(body: RegionIn, context: InContext, response: Response) -> RegionOut:
    return _created(response, "regions", RegionOut, await handlers.add_region(context, body.name))


@routes.get("/regions")
async def list_regions(context: InContext, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Page[RegionOut]:
    items, following = await page_of(context, REGIONS, {}, cursor, limit)
    return Page(items=[RegionOut.model_validate(region) for region in items], next=following)


@routes.get("/regions/{region_id}")
async def read_region(region_id: UUID, context: InContext, response: Response) -> RegionOut:
    region = await handlers.listed(context, REGIONS, region_id)
    return _shown(response, RegionOut, region)


@routes.patch("/regions/{region_id}")
async def change_region(
    region_id: UUID, body: RegionPatch, context: InContext, response: Response, if_match: IfMatch = None
) -> RegionOut:
    return _shown(response, RegionOut, await handlers.change_region(context, region_id, body.changes(), if_match))


@routes.post("/departments", status_code=201)
async def add_department(body: DepartmentIn, context: InContext, response: Response) -> DepartmentOut:
    department = await handlers.add_department(context, body.name, body.manager_id)
    return _created(response, "departments", DepartmentOut, department)


@routes.get("/departments")
async def list_departments(
    context: InContext, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Page[DepartmentOut]:
    items, following = await page_of(context, DEPARTMENTS, {}, cursor, limit)
    return Page(items=[DepartmentOut.model_validate(department) for department in items], next=following)


@routes.get("/departments/{department_id}")
async def read_department(department_id: UUID, context: InContext, response: Response) -> DepartmentOut:
    department = await handlers.listed(context, DEPARTMENTS, department_id)
    return _shown(response, DepartmentOut, department)


@routes.patch("/departments/{department_id}")
async def change_department(
    department_id: UUID, body: DepartmentPatch, context: InContext, response: Response, if_match: IfMatch = None
) -> DepartmentOut:
    department = await handlers.change_department(context, department_id, body.changes(), if_match)
    return _shown(response, DepartmentOut, department)
