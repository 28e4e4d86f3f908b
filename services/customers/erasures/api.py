"""Routes of erasures."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import Path, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.customers.context import Context
from services.customers.erasures import handlers, queries
from services.customers.erasures.domain import (
    OTHERS,
    ErasureNotFound,
    ErasureState,
    NobodyToErase,
    NotAPerson,
    Progress,
)
from services.customers.erasures.handlers import Asked
from shared.contracts.erasures import ErasedKind
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Line
from shared.http.paging import Order, Page, Paging
from shared.http.routing import Caller, router
from shared.references import UnknownCustomer
from shared.settings import ServiceName

routes = router("/customers/v1", "erasures")

MERGED = "customers who were merged into them, and were erased with them"
WHO = "who was erased: the customer, the owner, the person of a store, or the complainant's case"
ErasureId = Annotated[UUID, Path(description="the erasure's id")]
IN_ORDER: Order[Progress, UUID] = Order(lambda each: (each.erasure.id,), UUID)


class ErasureIn(BaseModel):
    """Whose data is to be erased, and why; exactly one of the three ids says whose."""

    model_config = ConfigDict(extra="forbid")

    customer_id: UUID | None = Field(default=None, description="a customer who is a person")
    person_id: UUID | None = Field(default=None, description="an owner of stores, or somebody else of a store")
    complaint_id: UUID | None = Field(default=None, description="a case of somebody who is nobody's customer")
    reason: Line = Field(description="why, such as at whose request; it is kept sealed, so name nobody")

    @model_validator(mode="after")
    def _one_person(self) -> Self:
        if sum(each is not None for each in (self.customer_id, self.person_id, self.complaint_id)) != 1:
            raise ValueError("say whose by one of customer_id, person_id and complaint_id")
        return self


class ErasedFromOut(BaseModel):
    """What a service has removed."""

    service: ServiceName = Field(description="which service")
    confirmed_at: datetime | None = Field(description="when nothing was kept there any more; null until then")
    removed: dict[str, int] | None = Field(description="what it was, and how many of it; null until it is confirmed")


class CertificateOut(BaseModel):
    """That nothing is kept of a person any more, signed; it names nobody."""

    erasure_id: UUID = Field(description="the erasure")
    person_id: UUID = Field(description=WHO)
    merged_ids: list[UUID] = Field(description=MERGED)
    kind: ErasedKind
    asked_at: datetime = Field(description="when the erasure was asked for")
    asked_by: UUID = Field(description="who asked for it")
    completed_at: datetime = Field(description="when nothing was left anywhere")
    removed: dict[str, dict[str, int]] = Field(description="service -> what it was -> how many of it went")
    confirmed_at: dict[str, datetime] = Field(description="service -> when it said that it keeps nothing")
    stays: list[str] = Field(description="what an erasure leaves: figures of the business, under a number")
    signature: str = Field(description="a keyed hash of the rest (hex), by which the service knows its own")
    genuine: bool = Field(description="whether it still says what was signed")

    @classmethod
    def of(cls, context: Context, says: Mapping[str, Any]) -> "CertificateOut":
        """One of an older release says nothing of who was merged: nobody."""
        return cls.model_validate({"merged_ids": [], **says, "genuine": queries.is_genuine(context, says)})


class ErasureOut(BaseModel):
    """An erasure, and how far it is."""

    id: UUID
    person_id: UUID = Field(description=WHO)
    kind: ErasedKind
    customer_id: UUID | None = Field(description="who they were among the customers; null where they were none")
    merged_ids: list[UUID] = Field(description=MERGED)
    asked_at: datetime = Field(description="when the erasure was asked for")
    asked_by: UUID = Field(description="who asked for it")
    state: ErasureState = Field(description="how far it is")
    services: list[ErasedFromOut] = Field(description="the four services, and what each has removed")
    uploads_left: bool = Field(description="whether a file is still kept that was uploaded before and may name them")
    contacts_left: bool = Field(description="whether the topic of contacts has still to forget them")
    completed_at: datetime | None = Field(description="when nothing was left anywhere")
    certificate: CertificateOut | None = Field(
        description="what was removed where and when; null until then, and for a case that is no complainant's"
    )

    @classmethod
    def of(cls, context: Context, progress: Progress) -> "ErasureOut":
        erasure, confirmed = progress.erasure, {each.service: each for each in progress.confirmations}
        own = ErasedFromOut(service="customers", confirmed_at=erasure.asked_at, removed=dict(erasure.removed))
        others = [
            ErasedFromOut(
                service=each,
                confirmed_at=confirmed[each].at if each in confirmed else None,
                removed=dict(confirmed[each].removed) if each in confirmed else None,
            )
            for each in OTHERS
        ]
        return cls(
            id=erasure.id,
            person_id=erasure.person_id,
            kind=erasure.kind,
            customer_id=erasure.customer_id,
            merged_ids=list(erasure.merged_ids),
            asked_at=erasure.asked_at,
            asked_by=erasure.asked_by,
            state=erasure.state,
            services=[own, *others],
            uploads_left=progress.uploads_left,
            contacts_left=progress.contacts_left,
            completed_at=erasure.completed_at,
            certificate=None if erasure.certificate is None else CertificateOut.of(context, erasure.certificate),
        )


@routes.post("/erasures", status_code=202)
@raises(NotAPerson, UnknownCustomer, NobodyToErase)
async def erase_person(body: ErasureIn, context: Injected[Context], caller: Caller, response: Response) -> ErasureOut:
    """Erases a person in all services; whoever is erased already stays so, and the answer says how far that is.

    A customer goes with all who were merged into them, whichever of the ids is named.
    What customers keeps is gone with this answer; GET shows when the other services have followed, and the certificate.
    """
    asked = Asked(body.customer_id, body.person_id, body.complaint_id)
    erasure = await handlers.erase(context, asked, body.reason, by=caller.id)
    response.headers["Location"] = f"/customers/v1/erasures/{erasure.id}"
    return ErasureOut.of(context, await queries.progress(context, erasure))


@routes.get("/erasures")
async def list_erasures(context: Injected[Context], paging: Paging) -> Page[ErasureOut]:
    """Erasures in the order in which they were asked for."""
    return await paging.page(IN_ORDER, {}, partial(queries.page, context), partial(ErasureOut.of, context))


@routes.get("/erasures/{erasure_id}")
@raises(ErasureNotFound)
async def read_erasure(erasure_id: ErasureId, context: Injected[Context]) -> ErasureOut:
    """How far an erasure is; in the end its certificate."""
    return ErasureOut.of(context, await queries.read(context, erasure_id))
