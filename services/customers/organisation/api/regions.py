"""Routes of regions."""

from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict

from services.customers.context import InContext
from services.customers.organisation import handlers, queries
from services.customers.organisation.api.entries import Patch, answer, created
from services.customers.organisation.store import REGIONS
from services.customers.texts import Name
from shared.http.paging import DEFAULT_LIMIT, Cursor, Limit, Page
from shared.http.preconditions import IfMatch
from shared.http.routing import router

routes = router("/customers/v1", "organisation")


class RegionIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: Name


class RegionPatch(Patch):
    name: Name = ""


class RegionOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: UUID
    name: str


@routes.post("/regions", status_code=201)
async def add_region(body: RegionIn, context: InContext, response: Response) -> RegionOut:
    return created(response, "regions", RegionOut, await handlers.add_region(context, body.name))


@routes.get("/regions")
async def list_regions(context: InContext, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Page[RegionOut]:
    items, following = await queries.page_of(context, REGIONS, {}, cursor, limit)
    return Page(items=[RegionOut.model_validate(region) for region in items], next=following)


@routes.get("/regions/{region_id}")
async def read_region(region_id: UUID, context: InContext, response: Response) -> RegionOut:
    region = await queries.entry(context, REGIONS, region_id)
    return answer(response, RegionOut, region)


@routes.patch("/regions/{region_id}")
async def change_region(
    region_id: UUID, body: RegionPatch, context: InContext, response: Response, if_match: IfMatch = None
) -> RegionOut:
    return answer(response, RegionOut, await handlers.change_region(context, region_id, body.changes(), if_match))
