"""Routes of customers who may be one and the same."""

from datetime import datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from services.customers.context import Context
from services.customers.duplicates import handlers, queries
from services.customers.duplicates.domain import DuplicateNotFound, DuplicateReason
from shared.auth.visibility import viewer
from shared.contracts.customers import Tier
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.paging import BY_ID, Page, Paging
from shared.http.routing import Caller, router

routes = router("/customers/v1/screening", "screening")


class DuplicateSideOut(BaseModel):
    """One of the two."""

    model_config = ConfigDict(from_attributes=True)

    customer_id: UUID = Field(validation_alias="id")
    name: str | None = Field(description="the store's trading name; null for a person")
    tier: Tier
    region_id: UUID | None = Field(description="where it is")


class DuplicateOut(BaseModel):
    """Two customers who may be one and the same."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    reasons: list[DuplicateReason] = Field(description="what both have in common")
    strong: bool = Field(description="whether they hardly are two: they have the same licence number")
    found_at: datetime = Field(description="when that was noticed")
    one: DuplicateSideOut = Field(description="who was registered first")
    other: DuplicateSideOut = Field(description="who was registered later")


@routes.get("/duplicates")
async def list_duplicates(context: Injected[Context], caller: Caller, paging: Paging) -> Page[DuplicateOut]:
    """Pairs of customers, both seen by the caller, who may be one: the same licence number, the same phone, a name
    that sounds the same, the same address. The latest found first; what somebody judged is not among them."""
    read = partial(queries.page, context, viewer=viewer(caller))
    return await paging.page(BY_ID, {}, read, DuplicateOut.model_validate)


@routes.post("/duplicates/{pair_id}/not-the-same")
@raises(DuplicateNotFound)
async def judge_duplicate(
    pair_id: Annotated[UUID, Path(description="the pair")], context: Injected[Context], caller: Caller
) -> DuplicateOut:
    """Says that they are two customers: the pair stays away from then on."""
    judged = await handlers.not_the_same(context, pair_id, by=caller.id, viewer=viewer(caller))
    return DuplicateOut.model_validate(judged)
