"""Routes of the scheme, its versions, and who has acknowledged them."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from services.customers.context import Context
from services.customers.scheme import handlers, queries
from services.customers.scheme.domain import (
    Change,
    NoScheme,
    NotOfTheStaff,
    PartChange,
    SchemeHolds,
    SchemeStartRefused,
    SchemeSuperseded,
    SchemeUnchanged,
    SchemeVersion,
    SchemeVersionNotFound,
)
from services.customers.scheme.queries import Acknowledged, ReadVersion
from shared.contracts.customers import Tier
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Line, Moment
from shared.http.paging import Order, Page, Paging
from shared.http.routing import Caller, router

routes = router("/customers/v1", "scheme")

LATEST_FIRST: Order[ReadVersion, int] = Order(lambda read: (read.version.version,), int)
BY_STAFF: Order[Acknowledged, UUID] = Order(lambda each: (each.staff_id,), UUID)
SchemeVersionId = Annotated[UUID, Path(description="the id of the version of the scheme")]


class SchemeVersionIn(BaseModel):
    """What the version is called, and from when on it holds."""

    model_config = ConfigDict(extra="forbid")

    title: Annotated[Line, Field(description="what it is called, such as the year")]
    holds_from: Annotated[
        Moment | None, Field(description="from when on it holds; now unless said, and never earlier")
    ] = None


class SchemePartOut(BaseModel):
    """A part of the scheme, in one of its versions."""

    model_config = ConfigDict(from_attributes=True)

    part: str = Field(description="which part, such as `penalties`, `tiers`, `clock_answer`")
    version: int = Field(description="the version of the part")
    policy_id: UUID = Field(description="the id of that version, under which its service shows it, if it has one")
    starts_at: datetime = Field(description="from when on it holds")
    tier: Tier | None = Field(description="it holds for customers of this tier alone; null: of any")
    subject: str | None = Field(description="it holds for cases about this alone; null: about anything")
    department_id: UUID | None = Field(description="it holds for people of this department alone; null: of any")


class PartChangeOut(BaseModel):
    """A part that stands otherwise than before."""

    model_config = ConfigDict(from_attributes=True)

    change: Change = Field(description="what became of it")
    before: SchemePartOut | None = Field(description="the part before; null where it did not stand")
    after: SchemePartOut | None = Field(description="the part after; null where it stands no longer")


class SchemeVersionOut(BaseModel):
    """A version of the scheme with its parts."""

    id: UUID = Field(description="the id of the version (UUIDv7)")
    version: int = Field(description="counts the versions of the scheme from 1")
    title: str = Field(description="what it is called")
    holds_from: datetime = Field(description="from when on it holds, until another one does")
    made_at: datetime = Field(description="when it was made from the parts as they stood")
    made_by: UUID = Field(description="the staff member who made it")
    withdrawn_at: datetime | None = Field(description="when it was taken back; null for most")
    withdrawn_by: UUID | None = Field(description="the staff member who took it back; null for most")
    parts: list[SchemePartOut] = Field(description="its parts, each in the version that it names")
    changes: list[PartChangeOut] = Field(description="what it changed of the version before")
    acknowledged: int = Field(description="how many colleagues have acknowledged it")

    @classmethod
    def of(cls, read: ReadVersion) -> "SchemeVersionOut":
        return cls.model_validate(_fields(read))


class SchemeOut(SchemeVersionOut):
    """The version of the scheme that holds, and what has changed of its parts since it was made."""

    since: list[PartChangeOut] = Field(description="parts of which another version holds by now: not in the scheme yet")


class SchemeDraftOut(BaseModel):
    """What a version would say that is made now."""

    holds_from: datetime = Field(description="from when on it would hold")
    parts: list[SchemePartOut] = Field(description="its parts, each in the version that would hold then")
    changes: list[PartChangeOut] = Field(description="what it would change of the version before")


class AcknowledgementOut(BaseModel):
    """That the caller has read a version of the scheme."""

    version: int = Field(description="the version of the scheme")
    acknowledged_at: datetime = Field(description="when they acknowledged it")


class AcknowledgedOut(BaseModel):
    """A colleague, and whether they have acknowledged the version."""

    model_config = ConfigDict(from_attributes=True)

    staff_id: UUID = Field(description="the colleague")
    name: str = Field(description="the work name")
    department_id: UUID | None = Field(description="the department; null without one")
    acknowledged_at: datetime | None = Field(description="when they acknowledged it; null while they have not")


@routes.get("/scheme")
@raises(NoScheme)
async def read_scheme(context: Injected[Context]) -> SchemeOut:
    """The version that holds now, with its parts, and what has changed of these since."""
    found = await queries.scheme(context)
    return SchemeOut.model_validate({**_fields(found.read), "since": _changes(found.since)})


@routes.get("/scheme-versions")
async def list_scheme_versions(context: Injected[Context], paging: Paging) -> Page[SchemeVersionOut]:
    """Every version, the latest first."""
    return await paging.page(LATEST_FIRST, {}, partial(queries.list_versions, context), SchemeVersionOut.of)


@routes.post("/scheme-versions", status_code=201)
@raises(SchemeStartRefused, SchemeUnchanged)
async def make_scheme_version(
    body: SchemeVersionIn, context: Injected[Context], caller: Caller, response: Response
) -> SchemeVersionOut:
    """Makes a version from the parts as they stand for `holds_from`; every colleague is to acknowledge it."""
    made = await handlers.make(context, body.title, body.holds_from, by=caller.id)
    response.headers["Location"] = f"/customers/v1/scheme-versions/{made.id}"
    return await _one(context, made)


@routes.get("/scheme-draft")
async def draft_scheme_version(
    context: Injected[Context],
    holds_from: Annotated[Moment | None, Query(description="from when on it would hold; now unless said")] = None,
) -> SchemeDraftOut:
    """What a version would say that is made now, and what it would change of the latest one; nothing is written."""
    start, parts, changed = await queries.draft(context, holds_from)
    return SchemeDraftOut(
        holds_from=start,
        parts=[SchemePartOut.model_validate(each) for each in parts],
        changes=_changes(changed),
    )


@routes.get("/scheme-versions/{id}")
@raises(SchemeVersionNotFound)
async def read_scheme_version(id: SchemeVersionId, context: Injected[Context]) -> SchemeVersionOut:
    """One version."""
    return SchemeVersionOut.of(await queries.version(context, id))


@routes.post("/scheme-versions/{id}/withdrawal")
@raises(SchemeVersionNotFound, SchemeSuperseded, SchemeHolds)
async def withdraw_scheme_version(id: SchemeVersionId, context: Injected[Context], caller: Caller) -> SchemeVersionOut:
    """Takes back a version that does not hold yet; the one before it goes on."""
    return await _one(context, await handlers.withdraw(context, id, by=caller.id))


@routes.post("/scheme-versions/{id}/acknowledgement")
@raises(SchemeVersionNotFound, SchemeSuperseded, NotOfTheStaff)
async def acknowledge_scheme_version(
    id: SchemeVersionId, context: Injected[Context], caller: Caller
) -> AcknowledgementOut:
    """The caller has read this version; once, again changes nothing."""
    found, at = await handlers.acknowledge(context, id, by=caller.id)
    return AcknowledgementOut(version=found.version, acknowledged_at=at)


@routes.get("/scheme-versions/{id}/acknowledgements")
@raises(SchemeVersionNotFound)
async def list_scheme_acknowledgements(
    id: SchemeVersionId,
    context: Injected[Context],
    caller: Caller,
    paging: Paging,
    acknowledged: Annotated[bool | None, Query(description="only those who have, or have not, acknowledged it")] = None,
) -> Page[AcknowledgedOut]:
    """Colleagues at work, and when each has acknowledged the version. Who is not of administration or the general
    manager sees themselves and their people."""
    viewer = None if caller.has(*queries.SEE_ALL_STAFF) else caller.id
    read = partial(queries.list_acknowledgements, context, id, acknowledged, viewer)
    return await paging.page(BY_STAFF, {"id": id, "acknowledged": acknowledged}, read, AcknowledgedOut.model_validate)


async def _one(context: Context, version: SchemeVersion) -> SchemeVersionOut:
    return SchemeVersionOut.of(await queries.shown(context, version))


def _fields(read: ReadVersion) -> dict[str, object]:
    version = read.version
    return {
        "id": version.id,
        "version": version.version,
        "title": version.title,
        "holds_from": version.holds_from,
        "made_at": version.made_at,
        "made_by": version.made_by,
        "withdrawn_at": version.withdrawn_at,
        "withdrawn_by": version.withdrawn_by,
        "parts": [SchemePartOut.model_validate(each) for each in version.parts],
        "changes": _changes(read.changes),
        "acknowledged": read.acknowledged,
    }


def _changes(changed: Sequence[PartChange]) -> list[PartChangeOut]:
    return [PartChangeOut.model_validate(each) for each in changed]
