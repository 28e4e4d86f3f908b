"""Routes of the customer archive."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from services.customers.archive import domain, handlers, queries
from services.customers.archive.domain import Customer, CustomerKind, Language, Profile
from services.customers.archive.queries import Filters
from services.customers.context import InContext
from services.customers.texts import Day, Line, Mail, Name, Number
from shared.auth.principal import ALL_ROLES, PARTNER, Principal
from shared.auth.visibility import viewer
from shared.contracts.customers import Tier
from shared.http.fields import TimeZone
from shared.http.paging import DEFAULT_LIMIT, Cursor, Limit, Page
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import Caller, router
from shared.phones import Phone

routes = router("/customers/v1", "archive")


def _once(values: list[str]) -> list[str]:
    return list(dict.fromkeys(values))


Phones = Annotated[list[Phone], Field(max_length=20), AfterValidator(_once)]
Mails = Annotated[list[Mail], Field(max_length=20), AfterValidator(_once)]


class CustomerIn(BaseModel):
    """A customer to register; all but the name is optional. Phones without a country code are Chinese."""

    model_config = ConfigDict(extra="forbid")
    name: Name
    kind: CustomerKind = "store"
    external_no: Number | None = None
    region_id: UUID | None = None
    phones: Phones = []
    emails: Mails = []
    language: Language = "zh-CN"
    time_zone: TimeZone | None = None
    address: Line | None = None
    birthday: Day | None = None
    opened_on: Day | None = None
    registered_at: AwareDatetime | None = Field(default=None, description="default: now; earlier for takeovers")

    def profile(self) -> Profile:
        return Profile(**_frozen(self.model_dump(exclude={"registered_at"})))


class CustomerPatch(BaseModel):
    """The fields to change; null empties one that may be empty."""

    model_config = ConfigDict(extra="forbid")
    name: Name = ""
    external_no: Number | None = None
    region_id: UUID | None = None
    phones: Phones = []
    emails: Mails = []
    language: Language = "zh-CN"
    time_zone: TimeZone | None = None
    address: Line | None = None
    birthday: Day | None = None
    opened_on: Day | None = None

    def changes(self) -> dict[str, Any]:
        return _frozen(self.model_dump(exclude_unset=True))


class CustomerOut(BaseModel):
    """A customer; `masked` names the fields that the caller's role does not see in full."""

    id: UUID
    name: str
    kind: CustomerKind
    tier: Tier
    external_no: str | None
    region_id: UUID | None
    stage: str | None
    phones: list[str]
    emails: list[str]
    language: Language
    time_zone: str | None
    address: str | None
    birthday: Day | None
    opened_on: Day | None
    registered_at: datetime
    masked: list[str]

    @classmethod
    def seen_by(cls, customer: Customer, caller: Principal) -> "CustomerOut":
        seen = domain.masked(customer, ALL_ROLES if caller.is_admin else caller.roles)
        profile = seen.profile
        return cls(
            id=seen.id,
            name=profile.name,
            kind=profile.kind,
            tier=seen.tier,
            external_no=profile.external_no,
            region_id=profile.region_id,
            stage=seen.stage,
            phones=list(profile.phones),
            emails=list(profile.emails),
            language=profile.language,
            time_zone=profile.time_zone,
            address=profile.address,
            birthday=profile.birthday,
            opened_on=profile.opened_on,
            registered_at=seen.registered_at,
            masked=list(seen.masked),
        )


def _reader(caller: Principal) -> UUID | None:
    """Whose customers are read: partners find everybody, masked."""
    return None if caller.has(PARTNER) else viewer(caller)


def _frozen(values: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}


@routes.post("/customers", status_code=201)
async def register_customer(body: CustomerIn, context: InContext, caller: Caller, response: Response) -> CustomerOut:
    """Registers a store or a person."""
    customer = await handlers.register(context, body.profile(), body.registered_at, caller.id)
    response.headers["Location"] = f"/customers/v1/customers/{customer.id}"
    set_etag(response, customer.version)
    return CustomerOut.seen_by(customer, caller)


@routes.get("/customers")
async def list_customers(
    context: InContext,
    caller: Caller,
    tier: Tier | None = None,
    region_id: UUID | None = None,
    stage: Annotated[Number | None, Query(description="stage of the life cycle")] = None,
    external_no: Number | None = None,
    q: Annotated[Name | None, Query(description="part of a store's name; or a number, phone or e-mail")] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[CustomerOut]:
    """Customers whom the caller sees, in the order of their registration.

    Persons are found by number, phone, e-mail or full name only.
    """
    bound = {"tier": tier, "region_id": region_id, "stage": stage, "external_no": external_no, "q": q}
    after = context.cursors.read(cursor, bound)
    filters = Filters(tier, region_id, stage, external_no, q, _reader(caller))
    rows = await queries.page(context, filters, UUID(after[0]) if after else None, limit + 1)
    items, following = context.cursors.page(rows, limit, bound, lambda customer: [customer.id])
    return Page(items=[CustomerOut.seen_by(customer, caller) for customer in items], next=following)


@routes.get("/customers/{customer_id}")
async def read_customer(customer_id: UUID, context: InContext, caller: Caller, response: Response) -> CustomerOut:
    """A customer whom the caller sees: by team, by people, by role; any other is answered with 404."""
    customer = await queries.customer(context, customer_id, viewer=_reader(caller))
    set_etag(response, customer.version)
    return CustomerOut.seen_by(customer, caller)


@routes.patch("/customers/{customer_id}")
async def change_customer(
    customer_id: UUID,
    body: CustomerPatch,
    context: InContext,
    caller: Caller,
    response: Response,
    if_match: IfMatch = None,
) -> CustomerOut:
    """Changes the given fields. The kind of a customer never changes."""
    customer = await handlers.change(context, customer_id, body.changes(), if_match, viewer=viewer(caller))
    set_etag(response, customer.version)
    return CustomerOut.seen_by(customer, caller)
