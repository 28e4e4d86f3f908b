"""Routes of the customer archive."""

from dataclasses import fields
from datetime import datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict, Field

from services.customers.archive import domain, handlers
from services.customers.archive.domain import (
    Customer,
    CustomerKind,
    DateRefused,
    ExternalNoTaken,
    Profile,
)
from services.customers.archive.handlers import Author
from services.customers.archive.queries import Filters
from services.customers.context import Context
from services.customers.entering.domain import UNBOUND, NeedsAdministration
from services.customers.heads.domain import Erased
from services.customers.masking.domain import roles_of
from shared.auth.principal import PARTNER, Principal
from shared.auth.visibility import viewer
from shared.contracts.customers import Tier
from shared.http.answers import model_answer
from shared.http.bodies import Patch
from shared.http.compiled import compiled
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import EARLIEST, Address, Day, ExternalNo, Line, Mails, Moment, Phones, TimeZone
from shared.http.paging import BY_ID, Page, Paging
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import Caller, router
from shared.languages import Language
from shared.references import CustomerNotFound, UnknownRegion

routes = router("/customers/v1", "archive")

_PROFILE = tuple(field.name for field in fields(Profile))


class ProfileIn(BaseModel):
    """What may be said of a customer beside the name. Phones without a country code are Chinese."""

    model_config = ConfigDict(extra="forbid")
    external_no: ExternalNo | None = None
    region_id: UUID | None = None
    phones: Phones = ()
    emails: Mails = ()
    language: Language = "zh-CN"
    time_zone: TimeZone | None = None
    address: Address | None = None
    birthday: Day | None = None
    opened_on: Day | None = None


class CustomerIn(ProfileIn):
    """A customer to register; all but the name is optional. Phones without a country code are Chinese."""

    name: Line
    kind: CustomerKind = "store"
    registered_at: Moment | None = Field(
        default=None, description="since when it is a customer: now unless said; earlier for takeovers"
    )

    def profile(self) -> Profile:
        return Profile(**self.model_dump(exclude={"registered_at"}))


class CustomerPatch(Patch, ProfileIn):
    """The fields to change; null empties one that may be empty. `registered_at` is put right by administration."""

    name: Line = ""
    registered_at: Moment = Field(
        default=EARLIEST, description="since when it is a customer; put right by administration alone"
    )


class CompletenessOut(BaseModel):
    """How complete an archive is, 0 to 100: its four parts, and in all."""

    model_config = ConfigDict(from_attributes=True)

    basic: int = Field(description="names, addresses, phones, region")
    traits: int = Field(description="what the customer is like")
    relations: int = Field(description="owner, people, important dates")
    finance: int = Field(description="credit limit and invoices")
    total: int = Field(description="the parts together, basic counting twice")
    missing: list[str] = Field(description="the fields that count and are empty")


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
    owner_id: UUID | None = Field(description="whose store it is; null where nobody has said")
    completeness: CompletenessOut | None = Field(description="how complete the archive is; null before it was judged")
    erased_at: datetime | None = Field(description="when the person was erased; nothing personal is kept since then")
    masked: list[str]

    @classmethod
    def seen_by(cls, customer: Customer, caller: Principal) -> "CustomerOut":
        seen = domain.masked(customer, roles_of(caller))
        return cls(
            id=seen.id,
            tier=seen.tier,
            stage=seen.stage,
            registered_at=seen.registered_at,
            owner_id=seen.owner_id,
            completeness=None if seen.completeness is None else CompletenessOut.model_validate(seen.completeness),
            erased_at=seen.erased_at,
            masked=list(seen.masked),
            **{name: getattr(seen.profile, name) for name in _PROFILE},
        )


def _reader(caller: Principal) -> UUID | None:
    """Whose customers are read: partners find everybody, masked."""
    return None if caller.has(PARTNER) else viewer(caller)


@routes.post("/customers", status_code=201)
@raises(DateRefused, ExternalNoTaken, NeedsAdministration, UnknownRegion)
async def register_customer(
    body: CustomerIn, context: Injected[Context], caller: Caller, response: Response
) -> CustomerOut:
    """Registers a store or a person."""
    limited = not caller.has(*UNBOUND)
    customer = await handlers.register(context, body.profile(), body.registered_at, caller.id, limited=limited)
    response.headers["Location"] = f"/customers/v1/customers/{customer.id}"
    set_etag(response, customer.version)
    return CustomerOut.seen_by(customer, caller)


@routes.get("/customers", response_model=Page[CustomerOut])
@compiled
async def list_customers(
    context: Injected[Context],
    caller: Caller,
    paging: Paging,
    tier: Annotated[Tier | None, Query()] = None,
    region_id: Annotated[UUID | None, Query()] = None,
    stage: Annotated[ExternalNo | None, Query(description="stage of the life cycle")] = None,
    external_no: Annotated[ExternalNo | None, Query()] = None,
    q: Annotated[
        Line | None, Query(description="part of a store's name, or of it in pinyin; or a number, phone or e-mail")
    ] = None,
    tag: Annotated[ExternalNo | None, Query(description="only customers with this tag")] = None,
) -> Response:
    """Customers whom the caller sees, in the order of their registration.

    Persons are found by number, phone, e-mail or full name only, and nobody by a field that the caller sees masked.
    Looking for a phone or an e-mail counts as a screen-pop does, and is entered in the audit.
    """
    wanted = {"tier": tier, "region_id": region_id, "stage": stage, "external_no": external_no, "q": q, "tag": tag}
    filters = Filters(tier, region_id, stage, external_no, q, _reader(caller), tag)
    read = partial(handlers.show_page, context, filters, roles_of(caller), caller)
    return model_answer(await paging.page(BY_ID, wanted, read, lambda found: CustomerOut.seen_by(found, caller)))


@routes.get("/customers/{customer_id}")
@raises(CustomerNotFound)
async def read_customer(
    customer_id: UUID, context: Injected[Context], caller: Caller, response: Response
) -> CustomerOut:
    """A customer whom the caller sees: by team, by people, by role; any other is answered with 404."""
    customer = await handlers.show(context, customer_id, roles_of(caller), caller, viewer=_reader(caller))
    set_etag(response, customer.version)
    return CustomerOut.seen_by(customer, caller)


@routes.patch("/customers/{customer_id}")
@raises(CustomerNotFound, DateRefused, Erased, ExternalNoTaken, NeedsAdministration, UnknownRegion)
async def change_customer(
    customer_id: UUID,
    body: CustomerPatch,
    context: Injected[Context],
    caller: Caller,
    response: Response,
    expected_version: IfMatch,
) -> CustomerOut:
    """Changes the given fields. The kind of a customer never changes."""
    by = Author(caller.id, viewer(caller), limited=not caller.has(*UNBOUND))
    customer = await handlers.change(context, customer_id, body.changes(), expected_version=expected_version, by=by)
    set_etag(response, customer.version)
    return CustomerOut.seen_by(customer, caller)
