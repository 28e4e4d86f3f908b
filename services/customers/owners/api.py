"""Routes of owners, and of whose a store is."""

from datetime import datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from services.customers.context import Context
from services.customers.heads.domain import Erased
from services.customers.masking.domain import MaskedNotChanged
from services.customers.masking.handlers import fields_seen
from services.customers.owners import domain, handlers, queries
from services.customers.owners.domain import (
    OwnedAlready,
    OwnerErased,
    OwnerNotFound,
    OwnershipDateRefused,
    OwnershipNotFound,
    OwnsThemself,
    UnknownOwner,
)
from services.customers.owners.queries import ReadOwner
from shared.auth.principal import Principal
from shared.auth.visibility import viewer
from shared.contracts.customers import Tier
from shared.http.bodies import Patch
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Line, Mails, Moment, Phones
from shared.http.paging import BY_ID, Page, Paging
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import Caller, router
from shared.money import Sum
from shared.months import MONTH_PATTERN, Month
from shared.references import CustomerNotFound, UnknownCustomer

routes = router("/customers/v1", "owners")

OwnerId = Annotated[UUID, Path(description="the owner's id")]


class OwnerIn(BaseModel):
    """Who owns stores."""

    model_config = ConfigDict(extra="forbid")

    name: Line
    phones: Phones = ()
    emails: Mails = ()
    customer_id: Annotated[UUID | None, Field(description="who they are among the customers, if they are one")] = None


class OwnerPatch(Patch):
    """What to change of an owner."""

    name: Line = ""
    phones: Phones = ()
    emails: Mails = ()
    customer_id: Annotated[UUID | None, Field(description="who they are among the customers, if they are one")] = None


class OwnedStoreOut(BaseModel):
    """A store of an owner's."""

    model_config = ConfigDict(from_attributes=True)

    customer_id: UUID
    name: str | None = Field(description="the store's trading name; null for a person")
    tier: Tier
    total: Sum = Field(description="CNY: what it bought in the month")
    since: datetime = Field(description="since when it is this owner's")


class OwnerOut(BaseModel):
    """An owner with those of their stores that the caller sees; `masked` names the fields that the caller does
    not see in full."""

    id: UUID = Field(description="the owner's id (UUIDv7)")
    name: str
    phones: list[str]
    emails: list[str]
    customer_id: UUID | None = Field(description="who they are among the customers; null where they are none")
    month: Month = Field(description="the month of the sums, YYYY-MM")
    stores: list[OwnedStoreOut] = Field(description="their stores now, what bought most first")
    total: Sum = Field(description="CNY: what these bought together; it moves no tier")
    updated_at: datetime | None = Field(
        description="when they were entered or changed last; null: before this was kept"
    )
    masked: list[str]

    @classmethod
    def seen_by(cls, read: ReadOwner, caller: Principal) -> "OwnerOut":
        owner = domain.masked(read.owner, fields_seen(caller))
        return cls(
            id=owner.id,
            name=owner.name,
            phones=list(owner.phones),
            emails=list(owner.emails),
            customer_id=owner.customer_id,
            month=read.month,
            stores=[OwnedStoreOut.model_validate(each) for each in read.stores],
            total=read.total,
            updated_at=owner.updated_at,
            masked=list(owner.masked),
        )


class OwnershipIn(BaseModel):
    """Whose a store is."""

    model_config = ConfigDict(extra="forbid")

    owner_id: Annotated[UUID | None, Field(description="whose it is; null: nobody's that is known")]
    since: Annotated[Moment | None, Field(description="from when on; now unless said")] = None
    changed_hands: Annotated[
        bool, Field(strict=True, description="false where this only puts an entry right: consents stay then")
    ] = True


class OwnershipOut(BaseModel):
    """Whose a store was, from when until when."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID = Field(description="the id of the entry (UUIDv7)")
    owner_id: UUID | None = Field(description="whose it was; null: nobody's that is known")
    since: datetime = Field(description="from when on")
    until: datetime | None = Field(description="until when; null: it is now")
    version: int


class OwnershipPatch(BaseModel):
    """When a store became somebody's, where that was entered too late."""

    model_config = ConfigDict(extra="forbid")

    since: Annotated[Moment, Field(description="from when on; earlier than it says")]


@routes.post("/owners", status_code=201)
@raises(Erased, UnknownCustomer)
async def add_owner(body: OwnerIn, context: Injected[Context], caller: Caller, response: Response) -> OwnerOut:
    """Enters an owner."""
    owner = await handlers.add(context, body.model_dump(), by=caller.id)
    response.headers["Location"] = f"/customers/v1/owners/{owner.id}"
    set_etag(response, owner.version)
    return OwnerOut.seen_by(ReadOwner(owner, context.running_month(), []), caller)


@routes.get("/owners")
async def list_owners(context: Injected[Context], caller: Caller, paging: Paging) -> Page[OwnerOut]:
    """Owners of stores that the caller sees, the latest first, with what these bought in the running month.

    What the caller does not see in full is masked; who is shown in full is entered in the audit.
    """
    read = partial(handlers.show_page, context, caller)
    return await paging.page(BY_ID, {}, read, lambda found: OwnerOut.seen_by(found, caller))


@routes.get("/owners/{owner_id}")
@raises(OwnerNotFound)
async def read_owner(
    owner_id: OwnerId,
    context: Injected[Context],
    caller: Caller,
    response: Response,
    month: Annotated[
        str | None,
        Query(pattern=MONTH_PATTERN, examples=["2026-11"], description="whose sums; the running one unless said"),
    ] = None,
) -> OwnerOut:
    """An owner with their stores, each with its own tier, and what these bought together.

    What the caller does not see in full is masked; who is shown in full is entered in the audit.
    """
    read = await handlers.show(context, owner_id, Month.parse(month) if month else None, caller)
    set_etag(response, read.owner.version)
    return OwnerOut.seen_by(read, caller)


@routes.patch("/owners/{owner_id}")
@raises(Erased, MaskedNotChanged, OwnerErased, OwnerNotFound, OwnsThemself, UnknownCustomer)
async def change_owner(
    owner_id: OwnerId,
    body: OwnerPatch,
    context: Injected[Context],
    caller: Caller,
    response: Response,
    expected_version: IfMatch,
) -> OwnerOut:
    """Changes the given fields."""
    owner = await handlers.change(context, owner_id, body.changes(), expected_version, caller)
    set_etag(response, owner.version)
    await handlers.enter_unmasked(context, [owner], caller)
    return OwnerOut.seen_by(await queries.read(context, owner_id, None, viewer=None), caller)


@routes.post("/customers/{customer_id}/ownership", status_code=201)
@raises(CustomerNotFound, OwnedAlready, OwnerErased, OwnershipDateRefused, OwnsThemself, UnknownOwner)
async def hand_over_store(
    customer_id: UUID, body: OwnershipIn, context: Injected[Context], caller: Caller
) -> OwnershipOut:
    """Says whose a store is. One that changed hands keeps its history as a store; consents start anew."""
    ownership = await handlers.hand_over(
        context,
        customer_id,
        body.owner_id,
        body.since,
        changed_hands=body.changed_hands,
        by=caller.id,
        viewer=viewer(caller),
    )
    return OwnershipOut.model_validate(ownership)


@routes.patch("/customers/{customer_id}/ownership/{ownership_id}")
@raises(CustomerNotFound, OwnershipDateRefused, OwnershipNotFound)
async def correct_ownership(
    customer_id: UUID,
    ownership_id: Annotated[UUID, Path(description="the entry's id")],
    body: OwnershipPatch,
    context: Injected[Context],
    caller: Caller,
    response: Response,
    expected_version: IfMatch,
) -> OwnershipOut:
    """Puts an entry earlier that was made too late; whose the store was before had it until then."""
    entry = await handlers.put_earlier(
        context, customer_id, ownership_id, body.since, expected_version, by=caller.id, viewer=viewer(caller)
    )
    set_etag(response, entry.version)
    return OwnershipOut.model_validate(entry)


@routes.get("/customers/{customer_id}/ownership")
@raises(CustomerNotFound)
async def list_ownership(customer_id: UUID, context: Injected[Context], caller: Caller) -> Page[OwnershipOut]:
    """Whose a store was, on one page, the latest first."""
    found = await queries.history(context, customer_id, viewer=viewer(caller))
    return Page(items=[OwnershipOut.model_validate(each) for each in found])
