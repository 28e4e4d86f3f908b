"""Routes of prospects."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from services.customers.archive.domain import CustomerKind
from services.customers.context import Context
from services.customers.masking.domain import MaskedNotChanged
from services.customers.masking.handlers import fields_seen
from services.customers.notes.domain import NotesNotRead
from services.customers.opportunities.domain import UnknownProspect
from services.customers.prospects import domain, handlers, queries
from services.customers.prospects.domain import (
    Known,
    ProspectConverted,
    ProspectLost,
    ProspectNotFound,
    ProspectPursuit,
    ProspectReasonRefused,
    ProspectState,
    ReferralRefused,
    Source,
    SourceTaken,
    UnknownSource,
)
from services.customers.prospects.queries import ReadProspect, Wanted
from shared.auth.principal import Principal
from shared.auth.visibility import viewer
from shared.http.bodies import Patch
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Address, Code, Line, Mails, Phones, Prose, Reason, YesOrNo
from shared.http.paging import BY_ID, Page, Paging
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import Caller, router
from shared.ids import new_id
from shared.references import UnknownCustomer, UnknownStaff

routes = router("/customers/v1", "prospects")

ProspectId = Annotated[UUID, Path(description="the prospect's id")]


class SourceIn(BaseModel):
    """A source of prospects to list."""

    model_config = ConfigDict(extra="forbid")

    code: Code = Field(description="its code: lower-case letters, digits and underscores")
    name_en: Line = Field(description="what it is called in English")
    name_zh: Line = Field(description="what it is called in Chinese")
    by_somebody: YesOrNo = Field(default=False, description="whether it is said who it was, as of a referral")


class SourceOut(BaseModel):
    """A source of prospects."""

    model_config = ConfigDict(from_attributes=True)

    code: str = Field(description="its code")
    name_en: str = Field(description="what it is called in English")
    name_zh: str = Field(description="what it is called in Chinese")
    by_somebody: bool = Field(description="whether it is said who it was, as of a referral")


class ProspectIn(BaseModel):
    """A prospect to enter. Phones without a country code are Chinese."""

    model_config = ConfigDict(extra="forbid")

    name: Line = Field(description="what they are called")
    kind: CustomerKind = Field(default="store", description="a store or a person")
    source: Code = Field(description="the code of where they come from")
    phones: Phones = ()
    emails: Mails = ()
    address: Address | None = Field(default=None, description="where they are")
    referred_by_customer_id: UUID | None = Field(default=None, description="the customer who referred them")
    referred_by_prospect_id: UUID | None = Field(default=None, description="the prospect who referred them")
    owner_id: UUID | None = Field(default=None, description="who looks after them; the caller unless said")


class ProspectPatch(Patch):
    """The fields to change; null empties one that may be empty. Who is lost has a `lost_reason`."""

    name: Line = Field(default="", description="what they are called")
    kind: CustomerKind = Field(default="store", description="a store or a person")
    source: Code = Field(default="", description="the code of where they come from")
    phones: Phones = ()
    emails: Mails = ()
    address: Address | None = Field(default=None, description="where they are")
    referred_by_customer_id: UUID | None = Field(default=None, description="the customer who referred them")
    referred_by_prospect_id: UUID | None = Field(default=None, description="the prospect who referred them")
    owner_id: UUID = Field(default_factory=new_id, description="who looks after them")
    state: ProspectPursuit = Field(default="open", description="open, or lost")
    lost_reason: Reason | None = Field(default=None, description="why they are lost, with `state` lost; sealed")


class ProspectOut(BaseModel):
    """A prospect; `masked` names the fields that the caller does not see in full."""

    id: UUID = Field(description="the prospect's id (UUIDv7)")
    version: int = Field(description="counts the changes, from 1")
    name: str | None = Field(description="what they are called; null once they are a customer")
    kind: CustomerKind = Field(description="a store or a person")
    source: str = Field(description="the code of where they come from")
    phones: list[str]
    emails: list[str]
    address: str | None = Field(description="where they are; null where nobody said, and once they are a customer")
    referred_by_customer_id: UUID | None = Field(description="the customer who referred them; null: none")
    referred_by_prospect_id: UUID | None = Field(description="the prospect who referred them; null: none")
    referred_by_name: str | None = Field(
        description="the trading name of the store that referred them; null: none, or a person or a prospect, whose "
        "name `GET names` says, or one whom the caller does not see"
    )
    owner_id: UUID = Field(description="who looks after them")
    owner_name: str | None = Field(description="what the directory calls them; null where it does not say")
    state: ProspectState = Field(description="what became of them")
    lost_reason: str | None = Field(description="why they are lost; null unless they are")
    customer_id: UUID | None = Field(description="the customer that they became; null before")
    customer_name: str | None = Field(
        description="its trading name; null of a person, and of one whom the caller does not see"
    )
    entered_at: datetime = Field(description="when they were entered")
    entered_by: UUID = Field(description="who entered them")
    updated_at: datetime = Field(description="when they last changed")
    masked: list[str]

    @classmethod
    def seen_by(cls, seen: Collection[str], prospect: ReadProspect) -> "ProspectOut":
        said = asdict(domain.masked(prospect, seen))
        return cls(**{**said, "updated_at": prospect.updated_at or prospect.entered_at})


class KnownOut(BaseModel):
    """Who has one of the phones already, of those whom the caller sees."""

    model_config = ConfigDict(from_attributes=True)

    customer_id: UUID | None = Field(description="a customer, or the store of somebody; null: a prospect")
    prospect_id: UUID | None = Field(description="another prospect; null: a customer")


class ProspectEnteredOut(ProspectOut):
    """A prospect, and who has one of the phones that were entered just now: perhaps the same."""

    known: list[KnownOut] = Field(description="who has one of the phones already, up to 20; nothing is refused by it")

    @classmethod
    def of(cls, seen: Collection[str], prospect: ReadProspect, known: Collection[Known]) -> "ProspectEnteredOut":
        met = [KnownOut.model_validate(each) for each in known]
        return cls(**dict(ProspectOut.seen_by(seen, prospect)), known=met)


class ProspectNoteIn(BaseModel):
    """A note to write."""

    model_config = ConfigDict(extra="forbid")

    text: Prose = Field(description="what is noted, 1 to 10,000 characters; sealed where it is kept")


class ProspectNoteOut(BaseModel):
    """A note of a prospect."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID = Field(description="the note's id, which it keeps when it goes over to the customer")
    prospect_id: UUID = Field(description="the prospect")
    text: str = Field(description="what is noted")
    written_by: UUID = Field(description="the staff member who wrote it")
    written_at: datetime = Field(description="when it was written")


class ConvertedOut(BaseModel):
    """What a prospect became."""

    prospect_id: UUID = Field(description="the prospect")
    customer_id: UUID = Field(description="the customer that they became")


@routes.post("/prospect-sources", status_code=201)
@raises(SourceTaken)
async def add_prospect_source(body: SourceIn, context: Injected[Context], caller: Caller) -> SourceOut:
    """Lists a further source."""
    return SourceOut.model_validate(await handlers.add_source(context, Source(**body.model_dump()), by=caller.id))


@routes.get("/prospect-sources")
async def list_prospect_sources(context: Injected[Context]) -> Page[SourceOut]:
    """All sources, on one page."""
    return Page(items=[SourceOut.model_validate(each) for each in await queries.sources(context)])


@routes.post("/prospects", status_code=201)
@raises(ReferralRefused, UnknownCustomer, UnknownProspect, UnknownSource, UnknownStaff)
async def add_prospect(
    body: ProspectIn, context: Injected[Context], caller: Caller, response: Response
) -> ProspectEnteredOut:
    """Enters a prospect; says who has one of the phones already."""
    added, known = await handlers.add(context, body.model_dump(), caller)
    response.headers["Location"] = f"/customers/v1/prospects/{added.id}"
    return await _entered(context, response, added.id, known, caller)


@routes.get("/prospects")
async def list_prospects(
    context: Injected[Context],
    caller: Caller,
    paging: Paging,
    state: Annotated[ProspectState | None, Query(description="what became of them")] = None,
    source: Annotated[Code | None, Query(description="the code of where they come from")] = None,
    owner_id: Annotated[UUID | None, Query(description="who looks after them")] = None,
) -> Page[ProspectOut]:
    """Prospects whom the caller sees, the latest first."""
    read = partial(handlers.show_page, context, wanted := Wanted(state, source, owner_id), caller)
    return await paging.page(BY_ID, asdict(wanted), read, partial(ProspectOut.seen_by, fields_seen(caller)))


@routes.get("/prospects/{prospect_id}")
@raises(ProspectNotFound)
async def read_prospect(
    prospect_id: ProspectId, context: Injected[Context], caller: Caller, response: Response
) -> ProspectOut:
    """One prospect."""
    found = await handlers.show(context, prospect_id, caller)
    set_etag(response, found.version)
    return ProspectOut.seen_by(fields_seen(caller), found)


@routes.patch("/prospects/{prospect_id}")
@raises(
    MaskedNotChanged,
    ProspectConverted,
    ProspectNotFound,
    ProspectReasonRefused,
    ReferralRefused,
    UnknownCustomer,
    UnknownProspect,
    UnknownSource,
    UnknownStaff,
)
async def change_prospect(
    prospect_id: ProspectId,
    body: ProspectPatch,
    context: Injected[Context],
    caller: Caller,
    response: Response,
    expected_version: IfMatch,
) -> ProspectEnteredOut:
    """Changes a prospect, until they are a customer."""
    changed, known = await handlers.change(context, prospect_id, body.changes(), expected_version, caller)
    return await _entered(context, response, changed.id, known, caller)


async def _entered(
    context: Context, response: Response, id_: UUID, known: Collection[Known], caller: Principal
) -> ProspectEnteredOut:
    found = await queries.written(context, id_, viewer=viewer(caller))
    set_etag(response, found.version)
    return ProspectEnteredOut.of(fields_seen(caller), found, known)


@routes.delete("/prospects/{prospect_id}", status_code=204)
@raises(ProspectConverted, ProspectNotFound)
async def remove_prospect(prospect_id: ProspectId, context: Injected[Context], caller: Caller) -> None:
    """Erases a prospect with notes and opportunities; nothing of them was told to anybody else."""
    await handlers.remove(context, prospect_id, caller)


@routes.post("/prospects/{prospect_id}/notes", status_code=201)
@raises(NotesNotRead, ProspectConverted, ProspectNotFound)
async def write_prospect_note(
    prospect_id: ProspectId, body: ProspectNoteIn, context: Injected[Context], caller: Caller
) -> ProspectNoteOut:
    """Writes a note of a prospect."""
    return ProspectNoteOut.model_validate(await handlers.write_note(context, prospect_id, body.text, caller))


@routes.get("/prospects/{prospect_id}/notes")
@raises(NotesNotRead, ProspectNotFound)
async def list_prospect_notes(
    prospect_id: ProspectId, context: Injected[Context], caller: Caller, paging: Paging
) -> Page[ProspectNoteOut]:
    """What was noted of a prospect, the latest first; the customer that they became has the notes."""
    read = partial(handlers.show_notes, context, prospect_id, caller)
    return await paging.page(BY_ID, {"prospect_id": prospect_id}, read, ProspectNoteOut.model_validate)


@routes.post("/prospects/{prospect_id}/customer")
@raises(ProspectLost, ProspectNotFound)
async def convert_prospect(prospect_id: ProspectId, context: Injected[Context], caller: Caller) -> ConvertedOut:
    """Makes a customer of a prospect, with contacts, notes and opportunities; again it answers the same customer."""
    return ConvertedOut(prospect_id=prospect_id, customer_id=await handlers.convert(context, prospect_id, caller))
