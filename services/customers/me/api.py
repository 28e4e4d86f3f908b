"""The route of what waits for somebody here."""

from dataclasses import asdict
from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.customers.context import Context
from services.customers.me import queries
from services.customers.me.domain import MOST, DuePromise
from services.customers.owed_winbacks import queries as owed_winbacks
from services.customers.owed_winbacks.api import OwedWinbackOut
from services.customers.scheme import queries as scheme
from services.customers.winbacks import queries as winbacks
from services.customers.winbacks.queries import ReadWinback
from shared.contracts.customers import Tier
from shared.http.context import Injected
from shared.http.routing import Caller, router
from shared.money import Money, Sum

routes = router("/customers/v1", "me")


class SchemeToAcknowledgeOut(BaseModel):
    """A version of the scheme that the caller has not acknowledged."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID = Field(description="the id of the version of the scheme")
    version: int = Field(description="counts the versions of the scheme from 1")
    title: str = Field(description="what it is called")
    holds_from: datetime = Field(description="from when on it holds")


class MyStoreOut(BaseModel):
    """A customer of whose team the caller is."""

    model_config = ConfigDict(from_attributes=True)

    customer_id: UUID
    name: str | None = Field(description="what it is called; null of a person, whose name `GET names` says")
    tier: Tier
    roles: list[str] = Field(description="in which roles the caller is of the team")
    rested_since: datetime = Field(description="its last touch or change, or since when it is a customer")


class EndingContractOut(BaseModel):
    """A contract that ends within 60 days, or whose ending is under way."""

    model_config = ConfigDict(from_attributes=True)

    contract_id: UUID
    customer_id: UUID
    customer_name: str | None = Field(description="what it is called; null of a person, whose name `GET names` says")
    brand_name: str = Field(description="what the brand is called")
    ends_on: date | None = Field(
        description="the first day on which it holds no more, as it stands; null while none is settled"
    )
    asked_end: date | None = Field(description="on which day it is asked to end; null where nobody ends it")


class DuePromiseOut(BaseModel):
    """What a customer was promised: due within 7 days, or late."""

    model_config = ConfigDict(from_attributes=True)

    commitment_id: UUID = Field(description="the id of the promise")
    customer_id: UUID
    customer_name: str | None = Field(description="what it is called; null of a person, whose name `GET names` says")
    complaint_id: UUID | None = Field(description="the case in which it was promised; null outside of any")
    staff_id: UUID = Field(description="who promised it")
    staff_name: str | None = Field(description="what they are called; null where the directory does not say")
    code: str = Field(description="what kind of thing it is")
    due_at: datetime = Field(description="it is kept by what is done before this moment")
    overdue: bool = Field(description="whether its time is over")

    @classmethod
    def of(cls, promise: DuePromise, now: datetime) -> "DuePromiseOut":
        return cls(**asdict(promise), overdue=promise.overdue(now))


class OverdueInvoiceOut(BaseModel):
    """An invoice that is not paid though it is due."""

    model_config = ConfigDict(from_attributes=True)

    payment_id: UUID = Field(description="the id of the invoice")
    customer_id: UUID
    customer_name: str | None = Field(description="what it is called; null of a person, whose name `GET names` says")
    invoice_no: str
    due_on: date = Field(description="until when it was to be paid")
    amount: Money = Field(description="how much it is, CNY")


class DueStepOut(BaseModel):
    """The next step of an open opportunity of the caller's, due today or before."""

    model_config = ConfigDict(from_attributes=True)

    opportunity_id: UUID = Field(description="the opportunity")
    prospect_id: UUID | None = Field(description="the prospect whose it is or was; null: never a prospect's")
    customer_id: UUID | None = Field(description="the customer whose it is; null: still a prospect's")
    customer_name: str | None = Field(description="what it is called; null of a person and of a prospect")
    next_step: str | None = Field(description="what is to be done; null where nobody said")
    next_step_on: date = Field(description="on which day that is or was due")


class OfferToApproveOut(BaseModel):
    """What a colleague wants to offer to win a customer back, above what may be offered without approval."""

    winback_id: UUID = Field(description="the id of the win-back case")
    customer_id: UUID
    customer_name: str | None = Field(description="what it is called; null of a person, whose name `GET names` says")
    tier: Tier
    offer: Money = Field(description="what is offered, CNY")
    offer_limit: Sum = Field(description="what may be offered without approval, CNY")
    offered_by: UUID = Field(description="who wants to offer it")


class MeOut(BaseModel):
    """What waits for somebody: of each kind up to 100."""

    stores: list[MyStoreOut] = Field(description="customers of whose teams the caller is, by tier")
    stale: list[MyStoreOut] = Field(
        description="those of them without a touch or a change for long: A 30 days, B 60, C 90, D 180; by tier"
    )
    contracts: list[EndingContractOut] = Field(description="contracts of theirs that end, the soonest first")
    promises: list[DuePromiseOut] = Field(description="what they were promised and wait for, the earliest due first")
    invoices: list[OverdueInvoiceOut] = Field(description="what they have not paid in time, the longest due first")
    owed_winbacks: list[OwedWinbackOut] = Field(
        description="those of them whom a case should be opened for to win them back, the earliest due first"
    )
    offers: list[OfferToApproveOut] = Field(
        description="offers of colleagues that wait for the approval of one of the caller's roles, the latest first"
    )
    next_steps: list[DueStepOut] = Field(description="steps that are due with their opportunities, the earliest first")
    scheme: list[SchemeToAcknowledgeOut] = Field(
        description="versions of the scheme to be acknowledged: the one that holds, and those that will"
    )


@routes.get("/me")
async def read_me(context: Injected[Context], caller: Caller) -> MeOut:
    """What waits for the caller: their stores with what is due there, offers to approve, versions of the scheme to
    acknowledge."""
    now, mine = context.clock.now(), await queries.mine(context, caller.id)
    waiting = await scheme.waiting_for(context, caller.id)
    owed = await owed_winbacks.page(context, {"served_by": caller.id}, None, MOST, viewer=None)
    offers = await winbacks.to_approve(context, caller, MOST)
    stores = [MyStoreOut.model_validate(each) for each in mine.stores]
    return MeOut(
        stores=stores[:MOST],
        stale=[out for out, each in zip(stores, mine.stores, strict=True) if each.is_stale(now)][:MOST],
        contracts=[EndingContractOut.model_validate(each) for each in mine.contracts],
        promises=[DuePromiseOut.of(each, now) for each in mine.promises],
        invoices=[OverdueInvoiceOut.model_validate(each) for each in mine.invoices],
        owed_winbacks=[OwedWinbackOut.of(each, context.today()) for each in owed],
        offers=[_offer(each) for each in offers],
        next_steps=[DueStepOut.model_validate(each) for each in mine.next_steps],
        scheme=[SchemeToAcknowledgeOut.model_validate(each) for each in waiting],
    )


def _offer(case: ReadWinback) -> OfferToApproveOut:
    return OfferToApproveOut.model_validate({"winback_id": case.id, **asdict(case)})
