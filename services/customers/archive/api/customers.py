"""Routes of the customer archive."""

from collections.abc import Awaitable
from dataclasses import asdict, fields, replace
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict, Field

from services.customers.archive import domain, handlers, queries
from services.customers.archive.api.narrowing import Narrowed
from services.customers.archive.api.saying import CompletenessOut, CustomerIn, CustomerPatch
from services.customers.archive.domain import (
    Beside,
    Customer,
    CustomerKind,
    DateRefused,
    ExternalNoTaken,
    FilterNotShown,
    FiltersContradict,
    Listed,
    Place,
    Profile,
    Sort,
    SortDirection,
    Wanted,
    turned,
)
from services.customers.archive.handlers import Author
from services.customers.context import Context
from services.customers.credit.domain import RATES_CREDIT, CreditRating, RatingRefused, check_rates
from services.customers.entering.domain import UNBOUND, NeedsAdministration
from services.customers.heads.domain import Erased
from services.customers.masking.domain import MaskedNotChanged
from services.customers.masking.handlers import fields_seen
from services.customers.teams.api import ColleagueOut
from services.customers.worth.api import StandingOut
from shared.auth.principal import PARTNER, Principal
from shared.auth.visibility import viewer
from shared.contracts.customers import Tier
from shared.contracts.worth import Stage
from shared.http.answers import model_answer
from shared.http.compiled import compiled
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Day, Line
from shared.http.paging import Order, Page, Paging
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import Caller, router
from shared.languages import Language
from shared.money import Money, Sum
from shared.months import Month
from shared.references import CustomerNotFound, UnknownRegion

routes = router("/customers/v1", "archive")

_PROFILE = tuple(field.name for field in fields(Profile))


class CustomerOut(BaseModel):
    """A customer; `masked` names the fields that the caller does not see in full."""

    id: UUID
    name: str
    kind: CustomerKind
    tier: Tier
    external_no: str | None
    region_id: UUID | None
    stage: Stage
    phones: list[str]
    emails: list[str]
    language: Language
    time_zone: str | None
    address: str | None
    birthday: Day | None
    opened_on: Day | None
    legal_name: str | None
    licence_no: str | None
    credit_rating: CreditRating | None
    registered_at: datetime
    owner_id: UUID | None = Field(description="whose store it is; null where nobody has said")
    completeness: CompletenessOut | None = Field(description="how complete the archive is; null before it was judged")
    erased_at: datetime | None = Field(description="when the person was erased; nothing personal is kept since then")
    masked: list[str]

    @classmethod
    def seen_by(cls, customer: Customer, caller: Principal) -> "CustomerOut":
        seen = domain.masked(customer, fields_seen(caller))
        return cls(
            id=seen.id,
            tier=seen.tier,
            stage=seen.stage,
            registered_at=seen.registered_at,
            owner_id=seen.owner_id,
            completeness=None if seen.completeness is None else CompletenessOut.model_validate(seen.completeness),
            erased_at=seen.erased_at,
            masked=list(seen.masked),
            credit_rating=None if caller.roles == {PARTNER} else seen.profile.credit_rating,
            **{name: getattr(seen.profile, name) for name in _PROFILE if name != "credit_rating"},
        )


class CustomerListedOut(CustomerOut):
    """A customer in a list, with when it was changed and bought last."""

    region_name: str | None = Field(description="what the region is called; null where none is known")
    updated_at: datetime = Field(description="the last change of the archive, the team or the owner; else since when")
    last_purchase_at: datetime | None = Field(description="when it bought last; null: never")
    bought_month: Month | None = Field(description="the last month in which it bought something; null: never")
    bought_sum: Money | None = Field(description="what it bought in that month, CNY as paid, net of returns")

    @classmethod
    def of(cls, found: Listed, caller: Principal) -> "CustomerListedOut":
        return cls(
            **dict(CustomerOut.seen_by(found.customer, caller)),
            region_name=found.region_name,
            updated_at=found.updated_at,
            last_purchase_at=found.last_purchase_at,
            bought_month=found.month,
            bought_sum=found.month_sum,
        )


class CountedOut(BaseModel):
    """How many customers these filters find, counted up to a bound."""

    model_config = ConfigDict(from_attributes=True)

    count: int = Field(description="how many there are, exactly; where `more` is true the bound, 10000")
    more: bool = Field(description="whether there are more than that; how many is not counted")


class CustomersPageOut(Page[CustomerListedOut]):
    """A page of customers; `next` is null on the last one."""

    total: CountedOut | None = Field(
        default=None,
        description="how many the filters find, of every page; null unless `count` asks for it, and where a phone or "
        "an e-mail is looked for",
    )

    @classmethod
    def of(cls, page: Page[CustomerListedOut], counted: queries.Counted | None) -> "CustomersPageOut":
        return cls(**dict(page), total=None if counted is None else CountedOut.model_validate(counted))


class CustomerProfileOut(CustomerOut, StandingOut):
    """A customer with names beside ids."""

    region_name: str | None = Field(description="what the region is called; null where none is known")
    owner_name: str | None = Field(description="what the owner is called, masked where `name` would be; null: nobody")
    team: dict[str, ColleagueOut] = Field(description="who serves the customer, by role")
    updated_at: datetime = Field(description="the last change of the archive, the team or the owner; else since when")
    potential: Sum | None = Field(description="what staff say it could buy a month, CNY; null: nobody, or for partners")
    limit_use: Decimal | None = Field(
        description="open invoices over the credit limit, a decimal as text: 0 to 1, more where more is owed than the "
        "limit; null without a limit, or for partners"
    )

    @classmethod
    def of(cls, customer: Customer, beside: Beside, caller: Principal) -> "CustomerProfileOut":
        return cls(
            **dict(CustomerOut.seen_by(customer, caller)),
            region_name=beside.region_name,
            owner_name=beside.owner_name,
            team={role: ColleagueOut.model_validate(each) for role, each in beside.team.items()},
            updated_at=beside.updated_at,
            potential=None if caller.roles == {PARTNER} else beside.potential,
            limit_use=None if caller.roles == {PARTNER} else beside.limit_use,
            **StandingOut.fields_of(beside.standing, beside.warned, shown=caller.roles != {PARTNER}),
        )


_IN_ORDER: Order[Listed, tuple[Any, ...]] = Order(lambda found: found.place, lambda *place: place)


def _reader(caller: Principal) -> UUID | None:
    """Whose customers are read: partners find everybody, masked."""
    return None if caller.has(PARTNER) else viewer(caller)


@routes.post("/customers", status_code=201)
@raises(DateRefused, ExternalNoTaken, NeedsAdministration, RatingRefused, UnknownRegion)
async def register_customer(
    body: CustomerIn, context: Injected[Context], caller: Caller, response: Response
) -> CustomerOut:
    """Registers a store or a person."""
    limited = not caller.has(*UNBOUND)
    check_rates(None, body.credit_rating, may=caller.has(*RATES_CREDIT))
    customer = await handlers.register(context, body.profile(), body.registered_at, caller.id, limited=limited)
    response.headers["Location"] = f"/customers/v1/customers/{customer.id}"
    set_etag(response, customer.version)
    return CustomerOut.seen_by(customer, caller)


@routes.get("/customers", response_model=CustomersPageOut)
@raises(FilterNotShown, FiltersContradict)
@compiled
async def list_customers(
    context: Injected[Context],
    caller: Caller,
    paging: Paging,
    narrowing: Narrowed,
    q: Annotated[
        Line | None,
        Query(
            description="part of a store's names, or of its trading name in pinyin; a number, licence, phone or "
            "e-mail; or how a tag begins"
        ),
    ] = None,
    sort: Annotated[
        Sort, Query(description="in which order; a phone or an e-mail finds by registration")
    ] = "registered",
    direction: Annotated[
        SortDirection | None, Query(description="up or down; without it as each order goes by itself")
    ] = None,
    count: Annotated[bool, Query(description="whether `total` says how many there are")] = False,
) -> Response:
    """Customers whom the caller sees, in the order of their registration or in another one.

    Persons are found by number, licence, phone, e-mail or full name only, and nobody by a field that the caller sees
    masked. Looking for a phone or an e-mail counts as a screen-pop does, and is entered in the audit. By name and tier
    lists go up, by purchases, sums and changes down, unless `direction` says otherwise; who has no name, purchase or
    change to go by comes last in both.
    """
    filters = replace(narrowing.of(caller), query=q, viewer=_reader(caller))
    other = turned(sort, direction)
    wanted = {**asdict(filters), "viewer": None, "q": q, "sort": sort, "turned": True if other else None}

    def read(after: Place | None, most: int) -> Awaitable[list[Listed]]:
        return handlers.show_page(context, Wanted(filters, sort, after, most, other), caller)

    page = await paging.page(_IN_ORDER, wanted, read, lambda found: CustomerListedOut.of(found, caller))
    counted = await queries.count(context, filters, fields_seen(caller)) if count else None
    return model_answer(CustomersPageOut.of(page, counted))


@routes.get("/customers/{customer_id}")
@raises(CustomerNotFound)
async def read_customer(
    customer_id: UUID, context: Injected[Context], caller: Caller, response: Response
) -> CustomerProfileOut:
    """A customer whom the caller sees: by team, by people, by role; any other is answered with 404."""
    reader = _reader(caller)
    customer, beside = await handlers.show_whole(context, customer_id, caller, viewer=reader)
    set_etag(response, customer.version)
    return CustomerProfileOut.of(customer, beside, caller)


@routes.patch("/customers/{customer_id}")
@raises(
    CustomerNotFound,
    DateRefused,
    Erased,
    ExternalNoTaken,
    MaskedNotChanged,
    NeedsAdministration,
    RatingRefused,
    UnknownRegion,
)
async def change_customer(
    customer_id: UUID,
    body: CustomerPatch,
    context: Injected[Context],
    caller: Caller,
    response: Response,
    expected_version: IfMatch,
) -> CustomerOut:
    """Changes the given fields. The kind of a customer never changes."""
    limited, rates = not caller.has(*UNBOUND), caller.has(*RATES_CREDIT)
    by = Author(caller.id, viewer(caller), limited, rates, fields_seen(caller))
    customer = await handlers.change(context, customer_id, body.changes(), expected_version=expected_version, by=by)
    set_etag(response, customer.version)
    return CustomerOut.seen_by(customer, caller)
