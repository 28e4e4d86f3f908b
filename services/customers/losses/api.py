"""Routes of customers who are lost, and of why customers leave."""

from datetime import date, datetime
from functools import partial
from typing import Annotated, Self
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from services.customers.buying.domain import Days, PurchaseSpanRefused
from services.customers.context import Context
from services.customers.heads.domain import Erased
from services.customers.losses import handlers, queries
from services.customers.losses.domain import (
    ChurnCause,
    ChurnCauseTaken,
    CustomerReturned,
    LossNotFound,
    MainCause,
    NeverLost,
    UnknownChurnCause,
)
from services.customers.losses.queries import ReadLoss
from shared.auth.visibility import viewer
from shared.contracts.customers import Tier
from shared.contracts.losses import ChurnKind
from shared.http.bodies import Patch
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Code, Day, Line, Reason
from shared.http.paging import BY_ID, Page, Paging
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import Caller, router
from shared.money import Sum

routes = router("/customers/v1", "losses")

LossId = Annotated[UUID, Path(description="the id of the loss")]


class LossPatch(Patch):
    """What is said of a loss; null empties the text."""

    kind: ChurnKind = Field(default="natural", description="how it left")
    cause: Code = Field(default="", description="why: a code of `GET /customers/v1/churn-causes`")
    text: Reason | None = Field(default=None, description="what is known of it, 1 to 2,000 characters; kept sealed")


class LossOut(BaseModel):
    """A customer who is lost, or was."""

    id: UUID = Field(description="the id of the loss (UUIDv7)")
    version: int
    customer_id: UUID
    customer_name: str | None
    lost_on: date = Field(description="since which day it is lost, in the company's zone")
    tier: Tier = Field(description="the best tier of the year that ended with the last purchase")
    yearly: Sum = Field(description="what was bought in the twelve months up to the last purchase, CNY, net of returns")
    cost: Sum = Field(description="what the loss costs a year: the margin of that, CNY")
    found_at: datetime = Field(description="when it was found")
    kind: ChurnKind | None = Field(description="how it left; null until somebody says")
    cause: str | None = Field(description="why: a code; null until somebody says")
    text: str | None = Field(description="what is known of it; null where nobody said")
    said_at: datetime | None = Field(description="when somebody said how and why; null: nobody did here")
    said_by: UUID | None = Field(description="who said it last; null: nobody did here")
    returned_on: date | None = Field(description="on which day it bought again; null: it has not")
    withdrawn_at: datetime | None = Field(
        description="when it turned out that it never was lost; null: it counts. Lists leave such a one out"
    )

    @classmethod
    def of(cls, loss: ReadLoss, context: Context) -> Self:
        text = None if loss.words is None else context.words.open(loss.words, loss.id.bytes).decode()
        return cls(text=text, **{name: getattr(loss, name) for name in cls.model_fields if name != "text"})


class LossTotalOut(BaseModel):
    """What losses come to that have something in common."""

    model_config = ConfigDict(from_attributes=True)

    key: str | None = Field(description="the kind, the cause or the month; null: nobody said, or of all")
    number: int = Field(description="how many customers were lost")
    returned: int = Field(description="how many of them are back")
    yearly: Sum = Field(description="what all bought in the year before they left, CNY")
    cost: Sum = Field(description="what they cost a year, CNY")


class LossTotalsOut(BaseModel):
    """What the losses of a time come to."""

    total: LossTotalOut = Field(description="of all")
    kinds: list[LossTotalOut] = Field(description="by how they left")
    causes: list[LossTotalOut] = Field(description="by why they left")
    months: list[LossTotalOut] = Field(description="by the month since which they are lost, such as 2026-11")


class ChurnCauseIn(BaseModel):
    """A cause to list, for which customers leave."""

    model_config = ConfigDict(extra="forbid")

    code: Code = Field(description="its code: lower-case letters, digits and underscores")
    name_en: Line = Field(description="what it is called in English")
    name_zh: Line = Field(description="what it is called in Chinese")
    of: MainCause | None = Field(default=None, description="of which main cause it is a finer one; null: of none")


class ChurnCauseOut(BaseModel):
    """Why customers leave."""

    code: str = Field(description="its code")
    names: dict[str, str] = Field(description="what it is called, by language")
    of: MainCause | None = Field(
        description="of which main cause it is a finer one; null: it is one itself, or of none that is known"
    )

    @classmethod
    def of_cause(cls, cause: ChurnCause) -> Self:
        return cls(code=cause.code, names={"en": cause.name_en, "zh-CN": cause.name_zh}, of=cause.of)


@routes.get("/churn-causes")
async def list_churn_causes(context: Injected[Context]) -> list[ChurnCauseOut]:
    """The causes for which customers leave."""
    return [ChurnCauseOut.of_cause(each) for each in await queries.causes(context)]


@routes.post("/churn-causes", status_code=201)
@raises(ChurnCauseTaken)
async def add_churn_cause(body: ChurnCauseIn, context: Injected[Context], caller: Caller) -> ChurnCauseOut:
    """Lists a further cause for which customers leave. One is never taken away."""
    return ChurnCauseOut.of_cause(await handlers.add_cause(context, ChurnCause(**body.model_dump()), by=caller.id))


@routes.get("/losses")
async def list_losses(
    context: Injected[Context],
    caller: Caller,
    paging: Paging,
    since: Annotated[Day | None, Query(description="only those lost since this day or later")] = None,
    kind: Annotated[ChurnKind | None, Query(description="only those who left so")] = None,
    cause: Annotated[Code | None, Query(description="only those who left for this cause")] = None,
    tier: Annotated[Tier | None, Query(description="only those of this tier")] = None,
    customer_id: Annotated[UUID | None, Query(description="only those of this customer")] = None,
    standing: Annotated[bool | None, Query(description="only of who is lost, or only of who has come back")] = None,
) -> Page[LossOut]:
    """Customers who are lost or were, whom the caller sees, the last found first."""
    of_whom = {"tier": tier, "customer_id": customer_id, "standing": standing}
    filters = {"since": since, "kind": kind, "cause": cause, **of_whom}
    read = partial(queries.page, context, filters, viewer=viewer(caller))
    return await paging.page(BY_ID, filters, read, lambda loss: LossOut.of(loss, context))


@routes.get("/losses/totals")
@raises(PurchaseSpanRefused)
async def read_loss_totals(
    context: Injected[Context],
    caller: Caller,
    from_: Annotated[Day, Query(alias="from", description="the first day since which they are lost, YYYY-MM-DD")],
    to: Annotated[Day, Query(description="the last day, included, YYYY-MM-DD; at most ten years later")],
) -> LossTotalsOut:
    """How many customers were lost in a time, what they bought and what they cost: by kind, by cause, by month."""
    Days(from_, to).bounded()
    found = await queries.totals(context, from_, to, viewer=viewer(caller))
    of = {by: [LossTotalOut.model_validate(each) for each in found if each.by == by] for by in _WAYS}
    return LossTotalsOut(total=of["total"][0], kinds=of["kind"], causes=of["cause"], months=of["month"])


_WAYS = ("total", "kind", "cause", "month")


@routes.get("/losses/{loss_id}")
@raises(LossNotFound)
async def read_loss(loss_id: LossId, context: Injected[Context], caller: Caller, response: Response) -> LossOut:
    """One loss, also one that was told and never was."""
    return _answer(await queries.read(context, loss_id, viewer=viewer(caller)), context, response)


@routes.patch("/losses/{loss_id}")
@raises(CustomerReturned, Erased, LossNotFound, NeverLost, UnknownChurnCause)
async def say_of_loss(
    loss_id: LossId,
    body: LossPatch,
    context: Injected[Context],
    caller: Caller,
    response: Response,
    expected_version: IfMatch,
) -> LossOut:
    """Says how and why a customer left, as long as it is lost."""
    await handlers.say(context, loss_id, body.changes(), expected_version, by=caller.id, viewer=viewer(caller))
    return _answer(await queries.read(context, loss_id, viewer=None), context, response)


def _answer(loss: ReadLoss, context: Context, response: Response) -> LossOut:
    set_etag(response, loss.version)
    return LossOut.of(loss, context)
