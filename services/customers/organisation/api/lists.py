"""Routes of brands, regions and departments."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from services.customers.context import Context
from services.customers.network.domain import RegionCycle, RegionGrade, SameBrand, SameGrade
from services.customers.organisation import handlers, queries
from services.customers.organisation.api.entries import answer, created
from services.customers.organisation.domain import Brand, Department, EntryNotFound, Grade, Region
from shared.http.bodies import Patch
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Line
from shared.http.paging import BY_ID, Page, Paging
from shared.http.preconditions import IfMatch
from shared.http.routing import router
from shared.references import UnknownRegion, UnknownStaff

routes = router("/customers/v1", "organisation")


class BrandIn(BaseModel):
    """A brand; purchases of a high-grade brand count half in tiers, unless the policy says otherwise."""

    model_config = ConfigDict(extra="forbid")
    name: Line
    grade: Grade


class BrandPatch(Patch):
    """What to change of a brand."""

    name: Line = ""
    grade: Grade = "mid"


class BrandOut(BaseModel):
    """A brand."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    name: str
    grade: Grade


@routes.post("/brands", status_code=201)
async def add_brand(body: BrandIn, context: Injected[Context], response: Response) -> BrandOut:
    """Adds a brand."""
    return created(response, "brands", BrandOut, await handlers.add(context, Brand, body.model_dump()))


@routes.get("/brands")
async def list_brands(context: Injected[Context], paging: Paging) -> Page[BrandOut]:
    """Every brand, in the order of entry."""
    return await paging.page(BY_ID, {}, partial(queries.entries, context, Brand), BrandOut.model_validate)


@routes.get("/brands/{brand_id}")
@raises(EntryNotFound)
async def read_brand(brand_id: UUID, context: Injected[Context], response: Response) -> BrandOut:
    """One brand."""
    return answer(response, BrandOut, await queries.entry(context, Brand, brand_id))


@routes.patch("/brands/{brand_id}")
@raises(EntryNotFound, RegionGrade, SameBrand, SameGrade)
async def change_brand(
    brand_id: UUID, body: BrandPatch, context: Injected[Context], response: Response, expected_version: IfMatch
) -> BrandOut:
    """Another grade counts for purchases recorded from now on; refused where contracts would break a rule by it."""
    brand = await handlers.change_brand(context, brand_id, body.changes(), expected_version)
    return answer(response, BrandOut, brand)


class RegionIn(BaseModel):
    """A region to add."""

    model_config = ConfigDict(extra="forbid")
    name: Line
    parent_id: Annotated[UUID | None, Field(description="the region in which it lies; null: in none")] = None


class RegionPatch(Patch):
    """What to change of a region."""

    name: Line = ""
    parent_id: Annotated[UUID | None, Field(description="the region in which it lies; null: in none")] = None


class RegionOut(BaseModel):
    """A region."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    name: str
    parent_id: UUID | None = Field(description="the region in which it lies; null: in none")


@routes.post("/regions", status_code=201)
@raises(UnknownRegion)
async def add_region(body: RegionIn, context: Injected[Context], response: Response) -> RegionOut:
    """Adds a region, perhaps in another one: a street in a district."""
    return created(response, "regions", RegionOut, await handlers.add_region(context, body.name, body.parent_id))


@routes.get("/regions")
async def list_regions(context: Injected[Context], paging: Paging) -> Page[RegionOut]:
    """Every region, in the order of entry."""
    return await paging.page(BY_ID, {}, partial(queries.entries, context, Region), RegionOut.model_validate)


@routes.get("/regions/{region_id}")
@raises(EntryNotFound)
async def read_region(region_id: UUID, context: Injected[Context], response: Response) -> RegionOut:
    """One region."""
    return answer(response, RegionOut, await queries.entry(context, Region, region_id))


@routes.patch("/regions/{region_id}")
@raises(EntryNotFound, RegionCycle, RegionGrade, SameBrand, SameGrade, UnknownRegion)
async def change_region(
    region_id: UUID, body: RegionPatch, context: Injected[Context], response: Response, expected_version: IfMatch
) -> RegionOut:
    """Renames a region, or puts it into another one, with its contracts: refused where these would break a rule."""
    region = await handlers.change_region(context, region_id, body.changes(), expected_version)
    return answer(response, RegionOut, region)


class DepartmentIn(BaseModel):
    """A department; its manager is level 3 of the chain of escalation (decision 17)."""

    model_config = ConfigDict(extra="forbid")
    name: Line
    manager_id: UUID | None = None


class DepartmentPatch(Patch):
    """What to change of a department."""

    name: Line = ""
    manager_id: UUID | None = None


class DepartmentOut(BaseModel):
    """A department."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    name: str
    manager_id: UUID | None


@routes.post("/departments", status_code=201)
@raises(UnknownStaff)
async def add_department(body: DepartmentIn, context: Injected[Context], response: Response) -> DepartmentOut:
    """Adds a department."""
    department = await handlers.add_department(context, body.name, body.manager_id)
    return created(response, "departments", DepartmentOut, department)


@routes.get("/departments")
async def list_departments(context: Injected[Context], paging: Paging) -> Page[DepartmentOut]:
    """Every department, in the order of entry."""
    return await paging.page(BY_ID, {}, partial(queries.entries, context, Department), DepartmentOut.model_validate)


@routes.get("/departments/{department_id}")
@raises(EntryNotFound)
async def read_department(department_id: UUID, context: Injected[Context], response: Response) -> DepartmentOut:
    """One department."""
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
    """Renames a department, or gives it another manager."""
    department = await handlers.change_department(context, department_id, body.changes(), expected_version)
    return answer(response, DepartmentOut, department)
