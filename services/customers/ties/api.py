"""Routes of what ties customers."""

from datetime import date, datetime
from functools import partial
from typing import Annotated, Self
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from services.customers.context import Context
from services.customers.heads.domain import Erased
from services.customers.ties import handlers, queries
from services.customers.ties.domain import TieEnded, TieNotFound, TieRefused
from services.customers.ties.queries import ReadTie
from shared.auth.visibility import viewer
from shared.contracts.early_warnings import TieKind, TieSource
from shared.http.bodies import Patch
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Day, Reason, YesOrNo
from shared.http.paging import BY_ID, Page, Paging
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import Caller, router
from shared.money import Money, SomeMoney
from shared.references import CustomerNotFound

routes = router("/customers/v1", "ties")

TieId = Annotated[UUID, Path(description="the id of the tie")]
_ENDS_ON = "the first day on which it ties no more, in the company's zone; null: until it is ended"


class TieIn(BaseModel):
    """What ties a customer."""

    model_config = ConfigDict(extra="forbid")

    kind: TieKind = Field(description="what kind of tie it is")
    ends_on: Day | None = Field(default=None, description=_ENDS_ON)
    benefit: SomeMoney | None = Field(default=None, description="what would be lost by leaving, CNY a year, if known")
    text: Reason | None = Field(default=None, description="what it is, 1 to 2,000 characters; kept sealed")


class TiePatch(Patch):
    """The fields to change; null empties one that may be empty."""

    kind: TieKind = Field(default="economic", description="what kind of tie it is")
    ends_on: Day | None = Field(default=None, description=_ENDS_ON)
    benefit: SomeMoney | None = Field(default=None, description="what would be lost by leaving, CNY a year, if known")
    text: Reason | None = Field(default=None, description="what it is, 1 to 2,000 characters; kept sealed")
    ended: YesOrNo = Field(default=False, description="true ends it now; false puts right that it was ended")


class TieOut(BaseModel):
    """What ties a customer."""

    id: UUID = Field(description="its id (UUIDv7), or that of the contract or the agreement")
    version: int = Field(description="counts its changes, from 1, or those of the contract or the agreement")
    customer_id: UUID
    customer_name: str | None
    source: TieSource = Field(
        description="entered by somebody, or a contract with a term or an agreement on rebates that ties by itself"
    )
    kind: TieKind = Field(description="what kind of tie it is")
    ends_on: date | None = Field(description=_ENDS_ON)
    benefit: Money | None = Field(description="what would be lost by leaving, CNY a year; null where nobody said")
    text: str | None = Field(description="what it is; null where nobody said")
    entered_at: datetime = Field(description="when it was entered, signed or agreed")
    entered_by: UUID = Field(description="who did that")
    ended_at: datetime | None = Field(description="when somebody ended it; null: nobody did")
    updated_at: datetime | None = Field(description="when it last changed; null of a contract, which says so itself")

    @classmethod
    def of(cls, tie: ReadTie, context: Context) -> Self:
        text = None if tie.words is None else context.words.open(tie.words, tie.id.bytes).decode()
        said = {name: getattr(tie, name) for name in cls.model_fields if name not in ("text", "updated_at")}
        entered = None if tie.source == "contract" else tie.entered_at
        return cls(text=text, updated_at=tie.updated_at or entered, **said)


@routes.post("/customers/{customer_id}/ties", status_code=201)
@raises(CustomerNotFound, Erased, TieRefused)
async def enter_tie(
    customer_id: UUID, body: TieIn, context: Injected[Context], caller: Caller, response: Response
) -> TieOut:
    """Enters what ties a customer: what it would lose by leaving, and until when."""
    new = await handlers.enter(
        context,
        customer_id,
        body.kind,
        ends_on=body.ends_on,
        benefit=body.benefit,
        text=body.text,
        by=caller.id,
        viewer=viewer(caller),
    )
    response.headers["Location"] = f"/customers/v1/ties/{new.id}"
    return _answer(await queries.written(context, new.id), context, response)


@routes.get("/customers/{customer_id}/ties")
@raises(CustomerNotFound)
async def list_customer_ties(
    customer_id: UUID, context: Injected[Context], caller: Caller, paging: Paging
) -> Page[TieOut]:
    """What ties a customer, the latest first: contracts with a term and rebates that hold today, and all that was
    entered, also what has ended."""
    read = partial(queries.of_customer, context, customer_id, viewer=viewer(caller))
    return await paging.page(BY_ID, {"customer_id": customer_id}, read, lambda tie: TieOut.of(tie, context))


@routes.get("/ties")
async def list_ties(
    context: Injected[Context],
    caller: Caller,
    paging: Paging,
    ends_before: Annotated[Day | None, Query(description="only those that end before this day")] = None,
    kind: Annotated[TieKind | None, Query(description="only those of this kind")] = None,
    customer_id: Annotated[UUID | None, Query(description="only those of this customer")] = None,
    standing: Annotated[
        bool | None, Query(description="what ties today, as without it, or only what does no more")
    ] = None,
) -> Page[TieOut]:
    """What ties customers today whom the caller sees, or does no more, the latest first."""
    filters = {"ends_before": ends_before, "kind": kind, "customer_id": customer_id, "standing": standing}
    read = partial(queries.page, context, filters, viewer=viewer(caller))
    return await paging.page(BY_ID, filters, read, lambda tie: TieOut.of(tie, context))


@routes.get("/ties/{tie_id}")
@raises(TieNotFound)
async def read_tie(tie_id: TieId, context: Injected[Context], caller: Caller, response: Response) -> TieOut:
    """One tie, also one that comes from a contract or an agreement on rebates: `source` says so."""
    return _answer(await queries.read(context, tie_id, viewer=viewer(caller)), context, response)


@routes.patch("/ties/{tie_id}")
@raises(Erased, TieEnded, TieNotFound, TieRefused)
async def change_tie(
    tie_id: TieId,
    body: TiePatch,
    context: Injected[Context],
    caller: Caller,
    response: Response,
    expected_version: IfMatch,
) -> TieOut:
    """Prolongs a tie, puts it right, or ends it. What a contract or an agreement ties ends with these."""
    await handlers.change(context, tie_id, body.changes(), expected_version, by=caller.id, viewer=viewer(caller))
    return _answer(await queries.written(context, tie_id), context, response)


def _answer(tie: ReadTie, context: Context, response: Response) -> TieOut:
    set_etag(response, tie.version)
    return TieOut.of(tie, context)
