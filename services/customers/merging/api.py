"""Routes of merging duplicates."""

from datetime import datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from services.customers.archive.domain import ExternalNoTaken
from services.customers.context import Context
from services.customers.heads.domain import Erased
from services.customers.merging import handlers, queries
from services.customers.merging.domain import (
    AnotherKind,
    InTheWay,
    Merge,
    MergedAlready,
    MergedFurther,
    MergedIntoItself,
    NotMerged,
)
from services.customers.network.domain import SameGrade
from shared.auth.visibility import viewer
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Prose
from shared.http.paging import BY_ID, Page, Paging
from shared.http.routing import Caller, router
from shared.references import CustomerNotFound, UnknownCustomer

routes = router("/customers/v1", "merging")

MergedId = Annotated[UUID, Path(description="the duplicate, whose id means the other one afterwards")]


class MergeIn(BaseModel):
    """Into whom a duplicate is merged."""

    model_config = ConfigDict(extra="forbid")

    into: UUID = Field(description="the customer who is kept")
    reason: Prose | None = Field(default=None, description="how it is known that they are one; kept sealed")


class MergeOut(BaseModel):
    """That a customer was merged into another one, and perhaps unmerged."""

    id: UUID
    merged_id: UUID = Field(description="the duplicate")
    into_id: UUID = Field(description="the customer who is kept")
    external_no: str | None = Field(description="the number of the duplicate, which finds the kept one")
    merged_at: datetime
    merged_by: UUID
    unmerged_at: datetime | None = Field(description="when they became two again; null while they are one")
    unmerged_by: UUID | None
    reason: str | None
    moved: dict[str, int] = Field(description="what came from the duplicate: kind of entries -> how many")


def _out(merge: Merge) -> MergeOut:
    return MergeOut(
        id=merge.id,
        merged_id=merge.merged_id,
        into_id=merge.into_id,
        external_no=merge.external_no,
        merged_at=merge.merged_at,
        merged_by=merge.merged_by,
        unmerged_at=merge.unmerged_at,
        unmerged_by=merge.unmerged_by,
        reason=merge.reason,
        moved=dict(merge.moved or {}),
    )


@routes.post("/customers/{customer_id}/merge", status_code=201)
@raises(
    AnotherKind,
    CustomerNotFound,
    Erased,
    ExternalNoTaken,
    InTheWay,
    MergedAlready,
    MergedIntoItself,
    SameGrade,
    UnknownCustomer,
)
async def merge_customer(customer_id: MergedId, body: MergeIn, context: Injected[Context], caller: Caller) -> MergeOut:
    """Makes a duplicate one with the customer who is kept; its id and its number find that one from then on."""
    return _out(await handlers.merge(context, customer_id, body.into, body.reason, by=caller.id, viewer=viewer(caller)))


@routes.post("/customers/{customer_id}/unmerge")
@raises(Erased, ExternalNoTaken, InTheWay, MergedFurther, NotMerged)
async def unmerge_customer(customer_id: MergedId, context: Injected[Context], caller: Caller) -> MergeOut:
    """Makes them two again: what came from the duplicate goes back to it, what came since stays with the kept one."""
    return _out(await handlers.unmerge(context, customer_id, by=caller.id))


@routes.get("/customers/{customer_id}/merges")
@raises(CustomerNotFound)
async def list_merges(
    customer_id: Annotated[UUID, Path(description="a customer, kept or merged")],
    context: Injected[Context],
    paging: Paging,
) -> Page[MergeOut]:
    """Merges of a customer, those into it and its own, the latest first, with what came by each."""
    return await paging.page(
        BY_ID, {"customer_id": customer_id}, partial(queries.merges_of, context, customer_id), _out
    )
