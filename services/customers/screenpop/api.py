"""The route of the screen-pop."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict, Field

from services.customers.archive.api.customers import CustomerOut
from services.customers.archive.domain import masked
from services.customers.cases.domain import Avoidance, CaseStanding, to_avoid
from services.customers.context import Context
from services.customers.masking.handlers import fields_seen
from services.customers.offers.domain import OfferReason
from services.customers.owners.domain import Owner
from services.customers.owners.domain import masked as masked_owner
from services.customers.people.api import PersonOut
from services.customers.people.domain import Job, Person
from services.customers.people.domain import masked as masked_person
from services.customers.purchases.api import PurchaseOut
from services.customers.screenpop import handlers
from services.customers.screenpop.domain import CallerNotFound, ScreenPop, to_take
from services.customers.teams.api import ColleagueOut
from shared.auth.principal import Principal
from shared.contracts.care import Contact
from shared.contracts.complaints import CaseKind
from shared.contracts.customers import Tier
from shared.contracts.worth import Stage
from shared.http.answers import model_answer
from shared.http.compiled import compiled
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Phone
from shared.http.routing import Caller, router
from shared.money import Money

routes = router("/customers/v1", "screen-pop")


class OpenCaseOut(BaseModel):
    """A case of the customer's that is not solved."""

    complaint_id: UUID
    number: str
    kind: CaseKind
    subject: str
    state: CaseStanding
    recorded_at: datetime
    answer_due_at: datetime | None
    overdue: bool


class PromiseOut(BaseModel):
    """What the customer was promised and still waits for: a code and a date, its words are in complaints."""

    commitment_id: UUID = Field(description="the id of the promise")
    complaint_id: UUID | None = Field(description="the case in which it was promised; null outside of any")
    staff_id: UUID = Field(description="who promised it")
    staff_name: str | None = Field(description="what they are called; null where the directory does not say")
    code: str = Field(description="what kind of thing it is")
    due_at: datetime = Field(description="it is kept by what is done before this moment")
    overdue: bool = Field(description="whether its time is over")


class LastTouchOut(BaseModel):
    """A touch that was made: who spoke with the customer, how and when."""

    model_config = ConfigDict(from_attributes=True)
    task_id: UUID = Field(description="the task that it settled, in care")
    kind: str = Field(description="what it was owed for: obligation, apology_call, unplanned, …")
    role: str = Field(description="the role in which it was made")
    contact: Contact = Field(description="how: stay, visit, phone or message")
    staff_id: UUID | None = Field(description="who made it")
    staff_name: str | None = Field(description="what they are called; null where the directory does not say")
    at: datetime = Field(description="when it was made")
    minutes: int | None = Field(description="how long it took; null where nobody said")


class ContactAtStoreOut(BaseModel):
    """Somebody who is in the store that calls, and what they are there for."""

    id: UUID = Field(description="the person's id (UUIDv7)")
    name: str = Field(description="the person's name; masked for those who need not see it")
    job: Job
    decides: bool = Field(description="whether they decide what the store buys")
    pays: bool = Field(description="whether they pay for it")
    uses: bool = Field(description="whether they use it")
    phones: list[str] = Field(description="in E.164; masked for those who need not see them")
    masked: list[str] = Field(description="which of name and phones the caller does not see in full")

    @classmethod
    def seen_by(cls, in_full: Collection[str], person: Person) -> "ContactAtStoreOut":
        seen = masked_person(person, in_full)
        return cls(
            id=seen.id,
            name=seen.name,
            job=seen.job,
            decides=seen.decides,
            pays=seen.pays,
            uses=seen.uses,
            phones=list(seen.phones),
            masked=[name for name in ("name", "phones") if name in seen.masked],
        )


class OwnerCallingOut(BaseModel):
    """An owner whose number it is."""

    id: UUID = Field(description="the owner's id; whose stores are theirs says `owner_id` of `customer` and `others`")
    name: str = Field(description="what they are called; masked for those who need not see it")
    masked: list[str] = Field(description="`name` where the caller does not see it in full")

    @classmethod
    def seen_by(cls, in_full: Collection[str], owner: Owner) -> "OwnerCallingOut":
        seen = masked_owner(owner, in_full)
        return cls(id=seen.id, name=seen.name, masked=[name for name in ("name",) if name in seen.masked])


class OfferOut(BaseModel):
    """What to offer next, and why: a day that is near, a tier near or nearly lost, a brand that is due again."""

    model_config = ConfigDict(from_attributes=True)
    occasion: OfferReason = Field(description="what it is about")
    on: date | None = Field(description="the day that is near; of a brand, the day it was bought last; else null")
    tier: Tier | None = Field(description="the tier that is within reach or would be lost; else null")
    missing: Money | None = Field(description="how much is missing to that tier in this month, CNY of mid-grade terms")
    brand_id: UUID | None = Field(description="the brand that is due again by its usual interval; else null")
    brand_name: str | None = Field(description="what that brand is called")


class ScreenPopOut(BaseModel):
    """Who calls: tier and stage at a glance, the archive, the team, purchases, open cases, promises, last touches.

    `others` have the same number.
    """

    id: UUID
    name: str
    tier: Tier
    stage: Stage
    customer: CustomerOut
    callers: list[PersonOut] = Field(description="who of its people has this number; none where it is the store's own")
    owners: list[OwnerCallingOut] = Field(
        description="which owner of these stores has this number: then it is the owner who calls; usually nobody or one"
    )
    contacts: list[ContactAtStoreOut] = Field(
        description="who is in the store: who decides, pays or uses first; up to 10"
    )
    team: dict[str, ColleagueOut]
    purchases: list[PurchaseOut]
    others: list[CustomerOut]
    cases: list[OpenCaseOut]
    avoid: list[Avoidance]
    promises: list[PromiseOut] = Field(description="what was promised and not done, the earliest due first; up to 20")
    touches: list[LastTouchOut] = Field(description="the touches that were made last, the newest first; up to 5")
    offers: list[OfferOut] = Field(
        description="what to offer next, days first; nothing while a case is open: then `avoid` says `selling`"
    )
    take: ColleagueOut | None = Field(
        description="who of the team should take the call: customer service while a case is open; null where nobody is"
    )


@routes.get("/screen-pop", response_model=ScreenPopOut)
@raises(CallerNotFound)
@compiled
async def screen_pop(
    context: Injected[Context],
    caller: Caller,
    phone: Annotated[Phone, Query(description="a phone number as it is shown; Chinese by default")],
) -> Response:
    """Who calls, by phone number, in one request. A plus sign in a URL is written %2B.

    An owner's own number finds their stores, the highest tier first: the first is shown, `others` are the rest.
    Each is entered in the audit, without the number; 429 after as many in an hour as a setting allows.
    """
    pop = await handlers.answer_call(context, phone, caller)
    return model_answer(_shown(pop, caller, context.clock.now().astimezone(context.zone)))


def _shown(pop: ScreenPop, caller: Principal, now: datetime) -> ScreenPopOut:
    """What the caller sees of it; `now` is in the company's zone."""
    customer, seen = CustomerOut.seen_by(pop.customer, caller), fields_seen(caller)
    return ScreenPopOut(
        id=customer.id,
        name=customer.name,
        tier=customer.tier,
        stage=customer.stage,
        customer=customer,
        callers=[PersonOut.seen_by(seen, each) for each in pop.callers],
        contacts=[ContactAtStoreOut.seen_by(seen, each) for each in pop.contacts],
        owners=[OwnerCallingOut.seen_by(seen, each) for each in pop.owners],
        team={role: ColleagueOut.model_validate(colleague) for role, colleague in pop.team.items()},
        purchases=[PurchaseOut.model_validate(purchase) for purchase in pop.purchases],
        others=[CustomerOut.seen_by(other, caller) for other in pop.others],
        cases=[OpenCaseOut(**asdict(case), overdue=case.overdue(now)) for case in pop.cases],
        avoid=to_avoid(pop.cases),
        promises=[PromiseOut(**asdict(each), overdue=each.overdue(now)) for each in pop.promises],
        touches=[LastTouchOut.model_validate(touch) for touch in pop.touches],
        offers=[OfferOut.model_validate(each) for each in pop.to_offer(masked(pop.customer, seen), now)],
        take=None if (taker := to_take(pop.team, pop.cases)) is None else ColleagueOut.model_validate(taker),
    )
