"""Routes of regions."""

from functools import partial
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict

from services.customers.context import Context
from services.customers.organisation import handlers, queries
from services.customers.organisation.api.entries import Patch, answer, created
from services.customers.organisation.domain import EntryNotFound, Region
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Line
from shared.http.paging import BY_ID, Page, Paging
from shared.http.preconditions import IfMatch
from shared.http.routing import router

routes = router("/customers/v1", "organisation")


class RegionIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: Line


class RegionPatch(Patch):
    name: Line = ""


class RegionOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: UUID
    name: str


@routes.post("/regions", status_code=201)
async def add_region(body: RegionIn, context: Injected[Context], response: Response) -> RegionOut:
    return created(response, "regions", RegionOut, await handlers.add_region(context, body.name))


@routes.get("/regions")
async def list_regions(context: Injected[Context], paging: Paging) -> Page[RegionOut]:
    return await paging.page(BY_ID, {}, partial(queries.entries, context, Region), RegionOut.model_validate)


@routes.get("/regions/{region_id}")
@raises(EntryNotFound)
async def read_region(region_id: UUID, context: Injected[Context], response: Response) -> RegionOut:
    return answer(response, RegionOut, await queries.entry(context, Region, region_id))


@routes.patch("/regions/{region_id}")
@raises(EntryNotFound)
async def change_region(
    region_id: UUID, body: RegionPatch, context: Injected[Context], response: Response, expected_version: IfMatch
) -> RegionOut:
    region = await handlers.change_region(context, region_id, body.changes(), expected_version)
    return answer(response, RegionOut, region)
