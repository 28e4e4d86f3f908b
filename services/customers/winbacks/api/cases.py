"""Routes of win-back cases, and of what came of them."""

from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from services.customers.buying.domain import Days, PurchaseSpanRefused
from services.customers.context import Context
from services.customers.heads.domain import Erased
from services.customers.losses.domain import UnknownChurnCause
from services.customers.winbacks import handlers, queries
from services.customers.winbacks.domain import (
    ChurnUnsaid,
    EndOfTrying,
    LetGo,
    OfferDecided,
    OfferState,
    Outcome,
    OwnOffer,
    WinbackEnded,
    WinbackNotFound,
    WinbackOpen,
    total,
)
from services.customers.winbacks.queries import ReadWinback
from shared.auth.visibility import viewer
from shared.contracts.customers import Tier
from shared.contracts.losses import ChurnKind
from shared.contracts.winbacks import DismissalMeans
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Code, Day, Reason, YesOrNo
from shared.http.paging import BY_ID, Page, Paging
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import Caller, router
from shared.money import MoneyOrNothing, Sum
from shared.references import UnknownCustomer, UnknownStaff

routes = router("/customers/v1", "winbacks")

WinbackId = Annotated[UUID, Path(description="the id of the win-back case")]


class WinbackIn(BaseModel):
    """Who is to be won back, and why they left."""

    model_config = ConfigDict(extra="forbid")

    customer_id: UUID
    kind: ChurnKind | None = Field(
        default=None,
        description="how it left, as is said of its loss unless said, and required where none says it; who left in "
        "malice is let go",
    )
    cause: Code | None = Field(default=None, description="why: a code of `GET /customers/v1/churn-causes`; likewise")
    assignee_id: UUID | None = Field(default=None, description="who cares for the case; the caller unless said")


class WinbackPatch(BaseModel):
    """Who cares for the case from now on."""

    model_config = ConfigDict(extra="forbid")

    assignee_id: UUID = Field(description="who cares for the case")


class WinbackOfferIn(BaseModel):
    """What is offered."""

    model_config = ConfigDict(extra="forbid")

    amount: MoneyOrNothing = Field(description="what it costs, CNY; up to `offer_limit` nobody has to be asked")
    text: Reason = Field(description="what is offered, 1 to 2,000 characters; kept sealed")


class WinbackDecisionIn(BaseModel):
    """A word on an offer above the limit."""

    model_config = ConfigDict(extra="forbid")

    approve: YesOrNo = Field(description="whether it may be offered")


class WinbackOutcomeIn(BaseModel):
    """What came of a case."""

    model_config = ConfigDict(extra="forbid")

    outcome: EndOfTrying = Field(description="whether the customer is back")
    reason: Reason = Field(description="how it came, 1 to 2,000 characters; kept sealed")


class WinbackOut(BaseModel):
    """A win-back case."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID = Field(description="the id of the case (UUIDv7)")
    version: int
    customer_id: UUID
    customer_name: str | None
    tier: Tier = Field(description="the best tier of the year that ended with the last purchase: by it the terms are")
    kind: ChurnKind = Field(description="how it left")
    cause: str = Field(description="why: a code")
    yearly: Sum = Field(description="what was bought in the twelve months up to the last purchase, CNY, net of returns")
    offer_limit: Sum = Field(description="what may be offered without asking anybody, CNY")
    policy_version: int = Field(description="by which version of the policy")
    opened_at: datetime = Field(description="when it was opened")
    opened_by: UUID = Field(description="who opened it")
    updated_at: datetime = Field(description="when it last changed")
    assignee_id: UUID | None = Field(description="who cares for it")
    assignee_name: str | None
    call_due_at: datetime | None = Field(description="by when somebody calls; null: nobody")
    visit_due_at: datetime | None = Field(description="by when a manager visits; null: nobody")
    message_due_at: datetime | None = Field(description="by when a message goes out; null: none")
    deadline: datetime = Field(description="by when the case should have an outcome")
    offer: Sum | None = Field(description="what is offered, CNY; null: nothing yet")
    offer_state: OfferState = Field(description="how what is offered stands")
    offer_text: str | None = Field(description="what is offered; null: nothing yet")
    offered_by: UUID | None = Field(description="who offered it")
    decided_by: UUID | None = Field(description="who approved or refused an offer above the limit; null: nobody had to")
    outcome: Outcome | None = Field(description="what came of it; null while it is open")
    reason: str | None = Field(description="how that came; null while it is open")
    ended_at: datetime | None = Field(description="when it ended")
    ended_by: UUID | None = Field(description="who said what came of it")
    approver_id: UUID | None = Field(description="who approved a dismissal, also one that was put right; else null")
    observed_until: datetime | None = Field(description="until when who has returned is observed; else null")
    means: DismissalMeans | None = Field(description="what a dismissal means; null: nobody said, or it is none")
    loss_id: UUID | None = Field(description="because of which loss it was opened; null: before there was one")
    corrected_from: Outcome | None = Field(description="what was said before the outcome was put right last; else null")
    corrected_at: datetime | None = Field(description="when it was put right last; null: never")
    corrected_by: UUID | None = Field(description="who put it right last; null: nobody")
    correction: str | None = Field(description="why it was put right; null likewise, or gone with the person")

    @classmethod
    def of(cls, case: ReadWinback, context: Context) -> Self:
        def opened(words: bytes | None) -> str | None:
            return None if words is None else context.words.open(words, case.id.bytes).decode()

        texts = {"offer_text": case.offer_words, "reason": case.end_words, "correction": case.correction_words}
        read: dict[str, Any] = {name: opened(words) for name, words in texts.items()}
        same = {name: getattr(case, name) for name in cls.model_fields if name not in (*texts, "updated_at")}
        return cls(**read, **same, updated_at=case.updated_at or case.opened_at)


class WinbackRatesOut(BaseModel):
    """What came of cases."""

    model_config = ConfigDict(from_attributes=True)

    ended: int = Field(description="how many have ended")
    returned: int = Field(description="how many customers are back")
    not_returned: int = Field(description="how many are not")
    dismissed: int = Field(description="how many were dismissed; they are in no rate")
    rate: Annotated[Decimal, PlainSerializer(str, return_type=str, when_used="json")] | None = Field(
        description="of a hundred that were tried so many are back, one place; null where none was"
    )


class WinbackRatesByTierOut(BaseModel):
    """What came of the cases that ended in a time: of all, and by tier."""

    all: WinbackRatesOut = Field(description="of all")
    tiers: dict[Tier, WinbackRatesOut] = Field(description="of each tier that had any")


@routes.post("/winbacks", status_code=201)
@raises(ChurnUnsaid, Erased, LetGo, UnknownChurnCause, UnknownCustomer, UnknownStaff, WinbackOpen)
async def open_winback(body: WinbackIn, context: Injected[Context], caller: Caller, response: Response) -> WinbackOut:
    """Opens a case by the terms of the customer's tier: by when who is called and visited, and what may be offered."""
    case = await handlers.open_case(
        context,
        body.customer_id,
        body.kind,
        body.cause,
        assignee_id=body.assignee_id,
        by=caller.id,
        viewer=viewer(caller),
    )
    response.headers["Location"] = f"/customers/v1/winbacks/{case.id}"
    return answer(await queries.written(context, case.id), context, response)


@routes.get("/winbacks")
async def list_winbacks(
    context: Injected[Context],
    caller: Caller,
    paging: Paging,
    customer_id: Annotated[UUID | None, Query(description="only cases of this customer")] = None,
    tier: Annotated[Tier | None, Query(description="only cases of this tier")] = None,
    assignee_id: Annotated[UUID | None, Query(description="only cases in this colleague's care")] = None,
    open: Annotated[bool | None, Query(description="only those that are open, or only those that are not")] = None,
    standing: Annotated[bool | None, Query(description="the same, as other lists call it")] = None,
    offer_state: Annotated[OfferState | None, Query(description="only those whose offer stands so")] = None,
) -> Page[WinbackOut]:
    """Cases of customers whom the caller sees, the latest first."""
    filters = {
        "customer_id": customer_id,
        "tier": tier,
        "assignee_id": assignee_id,
        "open": open,
        "standing": standing,
        "offer_state": None if offer_state is None else str(offer_state),
    }
    read = partial(queries.page, context, filters, viewer=viewer(caller))
    return await paging.page(BY_ID, filters, read, lambda case: WinbackOut.of(case, context))


@routes.get("/winbacks/rates")
@raises(PurchaseSpanRefused)
async def read_winback_rates(
    context: Injected[Context],
    caller: Caller,
    from_: Annotated[Day, Query(alias="from", description="the first day on which they ended, YYYY-MM-DD")],
    to: Annotated[Day, Query(description="the last day, included, YYYY-MM-DD; at most ten years later")],
) -> WinbackRatesByTierOut:
    """What came of the cases that ended in a time, of customers whom the caller sees."""
    found = await queries.rates(context, Days(from_, to).bounded(), viewer=viewer(caller))
    return WinbackRatesByTierOut(
        all=WinbackRatesOut.model_validate(total(found.values())),
        tiers={tier: WinbackRatesOut.model_validate(each) for tier, each in found.items()},
    )


@routes.get("/winbacks/{winback_id}")
@raises(WinbackNotFound)
async def read_winback(
    winback_id: WinbackId, context: Injected[Context], caller: Caller, response: Response
) -> WinbackOut:
    """One case."""
    return answer(await queries.read(context, winback_id, viewer=viewer(caller)), context, response)


@routes.patch("/winbacks/{winback_id}")
@raises(UnknownStaff, WinbackEnded, WinbackNotFound)
async def change_winback(
    winback_id: WinbackId,
    body: WinbackPatch,
    context: Injected[Context],
    caller: Caller,
    response: Response,
    expected_version: IfMatch,
) -> WinbackOut:
    """Gives a case into somebody's care."""
    case = await handlers.hand_over(
        context, winback_id, body.assignee_id, expected_version, by=caller.id, viewer=viewer(caller)
    )
    return answer(await queries.written(context, case.id), context, response)


@routes.post("/winbacks/{winback_id}/offer")
@raises(Erased, WinbackEnded, WinbackNotFound)
async def offer_winback(
    winback_id: WinbackId, body: WinbackOfferIn, context: Injected[Context], caller: Caller, response: Response
) -> WinbackOut:
    """Offers something: up to the limit it is agreed, above it `awaits_approval`. The last offer counts."""
    case = await handlers.offer(context, winback_id, body.amount, body.text, by=caller.id, viewer=viewer(caller))
    return answer(await queries.written(context, case.id), context, response)


@routes.post("/winbacks/{winback_id}/offer/approval")
@raises(OfferDecided, OwnOffer, WinbackEnded, WinbackNotFound)
async def decide_winback_offer(
    winback_id: WinbackId, body: WinbackDecisionIn, context: Injected[Context], caller: Caller, response: Response
) -> WinbackOut:
    """Approves or refuses what is offered above the limit; nobody does so with their own offer."""
    case = await handlers.decide(context, winback_id, body.approve, by=caller.id, viewer=viewer(caller))
    return answer(await queries.written(context, case.id), context, response)


@routes.post("/winbacks/{winback_id}/outcome")
@raises(WinbackEnded, WinbackNotFound)
async def end_winback(
    winback_id: WinbackId, body: WinbackOutcomeIn, context: Injected[Context], caller: Caller, response: Response
) -> WinbackOut:
    """Says what came of a case. Who has returned is welcomed without reproach, and observed for 90 days, or for as long
    as the case's policy says."""
    case = await handlers.end(context, winback_id, body.outcome, body.reason, by=caller.id, viewer=viewer(caller))
    return answer(await queries.written(context, case.id), context, response)


def answer(case: ReadWinback, context: Context, response: Response) -> WinbackOut:
    """One, with its ETag."""
    set_etag(response, case.version)
    return WinbackOut.of(case, context)
