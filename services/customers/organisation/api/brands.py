"""Routes of brands."""

from functools import partial
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict

from services.customers.context import Context
from services.customers.organisation import handlers, queries
from services.customers.organisation.api.entries import Patch, answer, created
from services.customers.organisation.domain import Brand, EntryNotFound, Grade
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Line
from shared.http.paging import BY_ID, Page, Paging
from shared.http.preconditions import IfMatch
from shared.http.routing import router

routes = router("/customers/v1", "organisation")


class BrandIn(BaseModel):
    """A brand; purchases of a high-grade brand count half in tiers, unless the policy says otherwise."""

    model_config = ConfigDict(extra="forbid")
    name: Line
    grade: Grade


class BrandPatch(Patch):
    name: Line = ""
    grade: Grade = "mid"


class BrandOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: UUID
    name: str
    grade: Grade


@routes.post("/brands", status_code=201)
async def add_brand(body: BrandIn, context: Injected[Context], response: Response) -> BrandOut:
    return created(response, "brands", BrandOut, await handlers.add_brand(context, body.name, body.grade))


@routes.get("/brands")
async def list_brands(context: Injected[Context], paging: Paging) -> Page[BrandOut]:
    return await paging.page(BY_ID, {}, partial(queries.entries, context, Brand), BrandOut.model_validate)


@routes.get("/brands/{brand_id}")
@raises(EntryNotFound)
async def read_brand(brand_id: UUID, context: Injected[Context], response: Response) -> BrandOut:
    return answer(response, BrandOut, await queries.entry(context, Brand, brand_id))


@routes.patch("/brands/{brand_id}")
@raises(EntryNotFound)
async def change_brand(
    brand_id: UUID, body: BrandPatch, context: Injected[Context], response: Response, expected_version: IfMatch
) -> BrandOut:
    """Another grade counts for purchases recorded from now on."""
    return answer(response, BrandOut, await handlers.change_brand(context, brand_id, body.changes(), expected_version))
