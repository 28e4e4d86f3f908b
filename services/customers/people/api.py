"""Routes of the people of a store."""

from collections.abc import Collection
from datetime import datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from services.customers.context import Context
from services.customers.masking.domain import MaskedNotChanged
from services.customers.masking.handlers import fields_seen
from services.customers.people import domain, handlers
from services.customers.people.domain import (
    TRAITS,
    Education,
    Income,
    Job,
    LeavingRefused,
    Means,
    Person,
    PersonNotFound,
    StoresAlone,
)
from services.customers.people.handlers import Author
from shared.http.bodies import Patch
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Day, Line, Mails, Note, Phones, YesOrNo
from shared.http.paging import BY_ID, Page, Paging
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import Caller, router
from shared.languages import Language
from shared.references import CustomerNotFound

routes = router("/customers/v1", "people")

PersonId = Annotated[UUID, Path(description="the person's id")]


class KnownIn(BaseModel):
    """What may be said of somebody beside name and job. Phones without a country code are Chinese."""

    model_config = ConfigDict(extra="forbid")

    phones: Phones = ()
    emails: Mails = ()
    decides: YesOrNo = False
    pays: YesOrNo = False
    uses: YesOrNo = False
    language: Language = "zh-CN"
    means: Means | None = None
    occupation: Line | None = None
    income: Income | None = None
    education: Education | None = None
    managing: Note | None = None
    family: Note | None = None
    tastes: Note | None = None


class PersonIn(KnownIn):
    """Somebody of a store; all but the name and the job is optional."""

    name: Line
    job: Job


class PersonPatch(Patch, KnownIn):
    """The fields to change; null empties one that may be empty."""

    name: Line = ""
    job: Job = "other"
    left_on: Day | None = None


class PersonOut(BaseModel):
    """Somebody of a store; `masked` names the fields that the caller does not see in full."""

    id: UUID = Field(description="the person's id (UUIDv7)")
    customer_id: UUID
    name: str
    job: Job
    phones: list[str]
    emails: list[str]
    decides: bool
    pays: bool
    uses: bool
    language: Language
    means: Means | None
    occupation: str | None
    income: Income | None
    education: Education | None
    managing: str | None
    family: str | None
    tastes: str | None
    left_on: Day | None
    updated_at: datetime | None = Field(
        description="when they were entered or changed last; null: before this was kept"
    )
    masked: list[str]

    @classmethod
    def seen_by(cls, in_full: Collection[str], person: Person) -> "PersonOut":
        seen = domain.masked(person, in_full)
        return cls(
            id=seen.id,
            customer_id=seen.customer_id,
            name=seen.name,
            job=seen.job,
            phones=list(seen.phones),
            emails=list(seen.emails),
            decides=seen.decides,
            pays=seen.pays,
            uses=seen.uses,
            language=seen.language,
            means=seen.means,
            left_on=seen.left_on,
            updated_at=seen.updated_at,
            masked=list(seen.masked),
            **{name: getattr(seen.traits, name) for name in TRAITS},
        )


@routes.post("/customers/{customer_id}/people", status_code=201)
@raises(CustomerNotFound, StoresAlone)
async def add_person(
    customer_id: UUID, body: PersonIn, context: Injected[Context], caller: Caller, response: Response
) -> PersonOut:
    """Enters somebody of a store."""
    person = await handlers.add(context, customer_id, body.model_dump(), Author.of(caller))
    response.headers["Location"] = f"/customers/v1/customers/{customer_id}/people/{person.id}"
    set_etag(response, person.version)
    return PersonOut.seen_by(fields_seen(caller), person)


@routes.get("/customers/{customer_id}/people")
@raises(CustomerNotFound)
async def list_people(
    customer_id: UUID,
    context: Injected[Context],
    caller: Caller,
    paging: Paging,
    left: Annotated[bool, Query(description="whether those are listed, too, who have left")] = False,
) -> Page[PersonOut]:
    """The people of a store whom the caller's role may know, in the order in which they were entered."""
    seen = fields_seen(caller)
    read = partial(handlers.show_page, context, customer_id, seen, Author.of(caller), left=left)
    asked = {"customer_id": customer_id, "left": left}
    return await paging.page(BY_ID, asked, read, partial(PersonOut.seen_by, seen))


@routes.get("/customers/{customer_id}/people/{person_id}")
@raises(CustomerNotFound, PersonNotFound)
async def read_person(
    customer_id: UUID, person_id: PersonId, context: Injected[Context], caller: Caller, response: Response
) -> PersonOut:
    """Somebody of a store."""
    person = await handlers.show(context, customer_id, person_id, fields_seen(caller), Author.of(caller))
    set_etag(response, person.version)
    return PersonOut.seen_by(fields_seen(caller), person)


@routes.patch("/customers/{customer_id}/people/{person_id}")
@raises(CustomerNotFound, LeavingRefused, MaskedNotChanged, PersonNotFound)
async def change_person(
    customer_id: UUID,
    person_id: PersonId,
    body: PersonPatch,
    context: Injected[Context],
    caller: Caller,
    response: Response,
    expected_version: IfMatch,
) -> PersonOut:
    """Changes the given fields; `left_on` says that somebody is in the store no more."""
    person = await handlers.change(context, customer_id, person_id, body.changes(), expected_version, Author.of(caller))
    set_etag(response, person.version)
    return PersonOut.seen_by(fields_seen(caller), person)


@routes.delete("/customers/{customer_id}/people/{person_id}", status_code=204)
@raises(CustomerNotFound, PersonNotFound)
async def remove_person(customer_id: UUID, person_id: PersonId, context: Injected[Context], caller: Caller) -> None:
    """Removes somebody who should not stand here, with all that is known of them. Who leaves is given `left_on`."""
    await handlers.remove(context, customer_id, person_id, Author.of(caller))
