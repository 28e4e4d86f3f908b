"""Routes of brands."""

from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict

from services.customers.context import InContext
from services.customers.organisation import handlers, queries
from services.customers.organisation.api.entries import Patch, answer, created
from services.customers.organisation.domain import Grade
from services.customers.organisation.store import BRANDS
from services.customers.texts import Name
from shared.http.paging import DEFAULT_LIMIT, Cursor, Limit, Page
from shared.http.preconditions import IfMatch
from shared.http.routing import router

routes = router("/customers/v1", "organisation")


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


@routes.post("/brands", status_code=201)
async def add_brand(body: BrandIn, context: InContext, response: Response) -> BrandOut:
    return created(response, "brands", BrandOut, await handlers.add_brand(context, body.name, body.grade))


@routes.get("/brands")
async def list_brands(context: InContext, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Page[BrandOut]:
    items, following = await queries.page_of(context, BRANDS, {}, cursor, limit)
    return Page(items=[BrandOut.model_validate(brand) for brand in items], next=following)


@routes.get("/brands/{brand_id}")
async def read_brand(brand_id: UUID, context: InContext, response: Response) -> BrandOut:
    brand = await queries.entry(context, BRANDS, brand_id)
    return answer(response, BrandOut, brand)


@routes.patch("/brands/{brand_id}")
async def change_brand(
    brand_id: UUID, body: BrandPatch, context: InContext, response: Response, if_match: IfMatch = None
) -> BrandOut:
    """Another grade counts for purchases recorded from now on."""
    return answer(response, BrandOut, await handlers.change_brand(context, brand_id, body.changes(), if_match))
