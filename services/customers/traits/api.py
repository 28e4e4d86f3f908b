"""Routes of traits and of their kinds."""

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field, Strict

from services.customers.context import Context
from services.customers.heads.domain import Erased
from services.customers.masking.domain import MaskedNotChanged
from services.customers.masking.handlers import fields_seen
from services.customers.traits import domain, handlers, queries
from services.customers.traits.domain import (
    ReadTraits,
    TraitKind,
    TraitKindTaken,
    TraitRefused,
    TraitsOf,
    TraitType,
    TraitValue,
)
from shared.auth.visibility import viewer
from shared.http.bodies import Patch
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import IN_DIGITS, NO_TEXT, Code, Line, Reason
from shared.http.paging import Page
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import Caller, router
from shared.money import MoneyOrNothing
from shared.references import CustomerNotFound

routes = router("/customers/v1", "traits")

Size = Annotated[Decimal, Field(gt=0, le=100_000, decimal_places=1), IN_DIGITS]
Share = Annotated[Decimal, Field(ge=0, le=100, decimal_places=2), IN_DIGITS]
StaffCount = Annotated[int, Field(ge=0, le=10_000), NO_TEXT]
Words = Annotated[Reason, Field(description="in words, 1 to 2,000 characters; sealed where it is kept")]
Given = Annotated[bool, Strict()] | Reason | None


class TraitsPatch(Patch):
    """What is known of a customer; null takes away what was said. The day of opening stands in the archive."""

    size_m2: Size | None = Field(default=None, description="the store's size in m², with one decimal place at most")
    staff_count: StaffCount | None = Field(default=None, description="how many people work in the store")
    funds: MoneyOrNothing | None = Field(default=None, description="what the store has to buy with, CNY")
    shelf_share: Share | None = Field(default=None, description="how much of its shelves is ours, of a hundred")
    preferences: Words | None = None
    needs: Words | None = None
    more: dict[str, Given] = Field(
        default={}, max_length=100, description="values by the code of their kind; the others stay as they are"
    )


class TraitsOut(BaseModel):
    """What a customer is like."""

    customer_id: UUID
    size_m2: Decimal | None = Field(description="the store's size in m²")
    staff_count: int | None = Field(description="how many people work in the store")
    funds: MoneyOrNothing | None = Field(description="what the store has to buy with, CNY")
    shelf_share: Decimal | None = Field(description="how much of its shelves is ours, of a hundred")
    preferences: str | None = Field(description="what the customer prefers")
    needs: str | None = Field(description="what the customer needs")
    more: dict[str, bool | str] = Field(description="values by the code of their kind")
    masked: list[str]
    updated_at: datetime | None = Field(description="when any of it was said last; null before anything was")

    @classmethod
    def of(cls, read: ReadTraits, in_full: Collection[str]) -> "TraitsOut":
        seen = domain.seen_by(read.traits, in_full, read.kinds)
        traits = seen.traits
        return cls(
            customer_id=read.customer_id,
            size_m2=traits.size_m2,
            staff_count=traits.staff_count,
            funds=traits.funds,
            shelf_share=traits.shelf_share,
            preferences=traits.preferences,
            needs=traits.needs,
            more={code: _shown(value) for code, value in traits.more.items()},
            masked=list(seen.masked),
            updated_at=traits.changed_at,
        )


class TraitKindIn(BaseModel):
    """A kind of trait to add."""

    model_config = ConfigDict(extra="forbid")

    code: Code
    of: TraitsOf
    type: TraitType
    name_zh: Annotated[Line, Field(max_length=40, description="what it is called in Chinese")]
    name_en: Annotated[Line, Field(max_length=40, description="what it is called in English")]
    unit: Annotated[Line | None, Field(max_length=20, description="what its numbers count; null: nothing said")] = None


class TraitKindOut(BaseModel):
    """A kind of trait."""

    model_config = ConfigDict(from_attributes=True)

    code: str = Field(description="its code")
    of: TraitsOf
    type: TraitType
    name_zh: str = Field(description="what it is called in Chinese")
    name_en: str = Field(description="what it is called in English")
    unit: str | None = Field(description="what its numbers count; null: nothing said")


def _shown(value: TraitValue) -> bool | str:
    if isinstance(value, bool | str):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)


@routes.get("/customers/{customer_id}/traits")
@raises(CustomerNotFound)
async def read_traits(customer_id: UUID, context: Injected[Context], caller: Caller, response: Response) -> TraitsOut:
    """What a customer is like; what is said in words is shown to those who need it, which the audit keeps."""
    found = await handlers.show(context, customer_id, caller, viewer=viewer(caller))
    set_etag(response, found.traits.version)
    return TraitsOut.of(found, fields_seen(caller))


@routes.patch("/customers/{customer_id}/traits")
@raises(CustomerNotFound, Erased, MaskedNotChanged, TraitRefused)
async def change_traits(
    customer_id: UUID,
    body: TraitsPatch,
    context: Injected[Context],
    caller: Caller,
    response: Response,
    expected_version: IfMatch,
) -> TraitsOut:
    """Says what a customer is like: only what is sent changes. The ETag is that of the traits, not of the customer."""
    changed = await handlers.change(
        context, customer_id, body.changes(), expected_version, caller, viewer=viewer(caller)
    )
    set_etag(response, changed.traits.version)
    return TraitsOut.of(changed, fields_seen(caller))


@routes.get("/trait-kinds")
async def list_trait_kinds(context: Injected[Context]) -> Page[TraitKindOut]:
    """The kinds of traits that were added, on one page."""
    return Page(items=[TraitKindOut.model_validate(each) for each in await queries.kinds(context)])


@routes.post("/trait-kinds", status_code=201)
@raises(TraitKindTaken)
async def add_trait_kind(body: TraitKindIn, context: Injected[Context], caller: Caller) -> TraitKindOut:
    """Adds a kind of trait, from now on part of every archive that it belongs to. One is never taken away."""
    kind = await handlers.add_kind(context, TraitKind(**body.model_dump()), by=caller.id)
    return TraitKindOut.model_validate(kind)
