"""Routes of relations between people."""

from collections.abc import Collection
from datetime import datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from services.customers.context import Context
from services.customers.masking.handlers import fields_seen
from services.customers.people.domain import Job, PersonNotFound, UnknownPerson, masked
from services.customers.people.handlers import Author
from services.customers.relations import handlers, queries
from services.customers.relations.domain import (
    RelationKind,
    RelationKindTaken,
    RelationNotFound,
    RelationRing,
    RelationStands,
    RelationWithOneself,
    UnknownRelationKind,
    Way,
)
from services.customers.relations.queries import Related
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Code, Line, YesOrNo
from shared.http.paging import BY_ID, Page, Paging
from shared.http.routing import Caller, router
from shared.references import CustomerNotFound

routes = router("/customers/v1", "relations")

PersonId = Annotated[UUID, Path(description="the person's id")]
RelationId = Annotated[UUID, Path(description="the relation's id")]


class RelationKindIn(BaseModel):
    """A kind of relation to list."""

    model_config = ConfigDict(extra="forbid")

    code: Code = Field(description="its code: lower-case letters, digits and underscores")
    name_en: Line = Field(description="what it is called in English")
    name_zh: Line = Field(description="what it is called in Chinese")
    mutual: YesOrNo = Field(description="whether each is that to the other")


class RelationKindOut(BaseModel):
    """A kind of relation."""

    model_config = ConfigDict(from_attributes=True)

    code: str = Field(description="its code")
    name_en: str = Field(description="what it is called in English")
    name_zh: str = Field(description="what it is called in Chinese")
    mutual: bool = Field(description="whether each is that to the other")
    active: bool = Field(description="whether it may be entered still")


class RelationIn(BaseModel):
    """What somebody is to somebody else."""

    model_config = ConfigDict(extra="forbid")

    kind: Code = Field(description="the code of a kind of relation")
    to_id: UUID = Field(description="to whom, of the people of any store that the caller sees")


class RelationOut(BaseModel):
    """A relation as it looks from one of both."""

    id: UUID = Field(description="the relation's id (UUIDv7)")
    kind: str = Field(description="the code of its kind")
    name_en: str = Field(description="what its kind is called in English")
    name_zh: str = Field(description="what its kind is called in Chinese")
    way: Way = Field(description="whether they are that to the other, the other to them, or each to the other")
    person_id: UUID = Field(description="the other one")
    customer_id: UUID = Field(description="the other one's store")
    name: str = Field(description="what the other one is called; masked for those who need not see it")
    job: Job = Field(description="what the other one is in their store")
    entered_at: datetime = Field(description="when it was entered")

    @classmethod
    def seen_by(cls, seen: Collection[str], related: Related) -> "RelationOut":
        other = masked(related.other, seen)
        return cls(
            id=related.id,
            kind=related.kind.code,
            name_en=related.kind.name_en,
            name_zh=related.kind.name_zh,
            way=related.way,
            person_id=other.id,
            customer_id=other.customer_id,
            name=other.name,
            job=other.job,
            entered_at=related.relation.entered_at,
        )


class RelationAddedOut(BaseModel):
    """A relation that was entered."""

    id: UUID = Field(description="the relation's id (UUIDv7)")


@routes.post("/relation-kinds", status_code=201)
@raises(RelationKindTaken)
async def add_relation_kind(body: RelationKindIn, context: Injected[Context], caller: Caller) -> RelationKindOut:
    """Lists a further kind of relation."""
    added = await handlers.add_kind(context, RelationKind(**body.model_dump()), by=caller.id)
    return RelationKindOut.model_validate(added)


@routes.get("/relation-kinds")
async def list_relation_kinds(context: Injected[Context]) -> Page[RelationKindOut]:
    """All kinds of relations, on one page."""
    return Page(items=[RelationKindOut.model_validate(each) for each in await queries.kinds(context)])


@routes.post("/customers/{customer_id}/people/{person_id}/relations", status_code=201)
@raises(
    CustomerNotFound,
    PersonNotFound,
    RelationRing,
    RelationStands,
    RelationWithOneself,
    UnknownPerson,
    UnknownRelationKind,
)
async def add_relation(
    customer_id: UUID, person_id: PersonId, body: RelationIn, context: Injected[Context], caller: Caller
) -> RelationAddedOut:
    """Enters what somebody of a store is to somebody else: knows, decides for, referred, …"""
    relation = await handlers.add(context, customer_id, person_id, body.to_id, body.kind, Author.of(caller))
    return RelationAddedOut(id=relation.id)


@routes.get("/customers/{customer_id}/people/{person_id}/relations")
@raises(CustomerNotFound, PersonNotFound)
async def list_relations(
    customer_id: UUID, person_id: PersonId, context: Injected[Context], caller: Caller, paging: Paging
) -> Page[RelationOut]:
    """Whom somebody of a store has to do with, as far as the caller sees them, in the order of entry."""
    seen = fields_seen(caller)
    read = partial(handlers.show_page, context, customer_id, person_id, seen=seen, by=Author.of(caller))
    return await paging.page(BY_ID, {"person_id": person_id}, read, partial(RelationOut.seen_by, seen))


@routes.delete("/customers/{customer_id}/people/{person_id}/relations/{relation_id}", status_code=204)
@raises(CustomerNotFound, PersonNotFound, RelationNotFound)
async def remove_relation(
    customer_id: UUID, person_id: PersonId, relation_id: RelationId, context: Injected[Context], caller: Caller
) -> None:
    """Removes a relation that is none."""
    await handlers.remove(context, customer_id, person_id, relation_id, Author.of(caller))
