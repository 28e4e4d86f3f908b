"""Routes of consent, for those who serve the customer."""

from dataclasses import asdict
from datetime import datetime
from typing import Literal, Self
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from services.care.consent import handlers, queries
from services.care.consent.domain.choices import (
    About,
    Basis,
    Choice,
    Means,
    Proof,
    ProofForm,
    ProofOfTomorrow,
    basis,
    check_named_once,
    is_allowed,
)
from services.care.consent.queries import ConsentSheet
from services.care.context import Context
from services.care.messages.domain import Purpose
from shared.auth.visibility import viewer
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import ExternalNo, Line, Moment, YesOrNo
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import Caller, router
from shared.references import CustomerNotFound, UnknownCustomer

routes = router("/care/v1", "consent")

Chosen = Literal[Purpose.RELATIONSHIP, Purpose.PROMOTION]


class ChoiceIn(BaseModel):
    """What the customer said about one channel and purpose; service needs no consent and cannot be withdrawn."""

    model_config = ConfigDict(extra="forbid")

    channel: Means
    purpose: Chosen
    granted: YesOrNo


class ConsentProofIn(BaseModel):
    """By what it can be shown that the customer said so."""

    model_config = ConfigDict(extra="forbid")

    form: ProofForm = Field(description="what the proof is")
    place: Line = Field(description="where it was given, 1 to 200 characters: the store, the phone line, an address")
    text_version: ExternalNo = Field(description="which version of the text the customer was shown or read")
    taken_at: Moment = Field(description="when the customer said so; not later than now")
    taken_by: UUID | None = Field(
        default=None, description="the staff member who took it; null where nobody of the staff was there"
    )

    def value(self) -> Proof:
        return Proof(**self.model_dump())


class ConsentsIn(BaseModel):
    """Choices to be stored; those that are not named stay. `source` says how they were given."""

    model_config = ConfigDict(extra="forbid")

    consents: list[ChoiceIn] = Field(min_length=1, max_length=20)
    source: Line = "staff"
    proof: ConsentProofIn | None = Field(
        default=None,
        description="by what it can be shown; with one, a choice is kept anew though it says what stands already",
    )

    def proven_by(self) -> Proof | None:
        return None if self.proof is None else self.proof.value()

    def wanted(self) -> dict[About, bool]:
        """Raises Invalid when a channel and purpose stand twice."""
        listed: list[About] = [(each.channel, Purpose(each.purpose)) for each in self.consents]
        check_named_once(listed)
        return dict(zip(listed, (each.granted for each in self.consents), strict=True))


class ConsentOut(BaseModel):
    """Whether something may be sent, and why; `granted` is null where the customer has said nothing."""

    channel: Means
    purpose: Purpose
    allowed: bool
    basis: Basis
    granted: bool | None
    since: datetime | None

    @classmethod
    def of(cls, sheet: ConsentSheet, about: About) -> Self:
        found, choice = basis(sheet.account.kind, about, sheet.choices), sheet.choices.get(about)
        return cls(
            channel=about[0],
            purpose=about[1],
            allowed=is_allowed(found),
            basis=found,
            granted=choice.granted if choice else None,
            since=choice.at if choice else None,
        )


class ConsentProofOut(BaseModel):
    """By what it can be shown that the customer said so."""

    model_config = ConfigDict(from_attributes=True)

    form: ProofForm = Field(description="what the proof is")
    place: str = Field(description="where it was given")
    text_version: str = Field(description="which version of the text the customer was shown or read")
    taken_at: datetime = Field(description="when the customer said so")
    taken_by: UUID | None = Field(description="the staff member who took it; null where nobody of the staff was there")


class ChoiceOut(BaseModel):
    """A choice that was made; `by` is null for the customer's own hand."""

    channel: Means
    purpose: Purpose
    granted: bool
    at: datetime
    source: str | None
    by: UUID | None
    proof: ConsentProofOut | None = Field(description="by what it can be shown; null where nobody said")

    @classmethod
    def of(cls, about: About, choice: Choice) -> Self:
        return cls(channel=about[0], purpose=about[1], **asdict(choice))


class PromotionOut(BaseModel):
    """Whether promotion waits because of a complaint: `open_complaint` or `overdue_complaint`."""

    held: bool
    reason: str | None


class ConsentsOut(BaseModel):
    """A customer's consents; version 0 means that nothing was ever said."""

    customer_id: UUID
    version: int
    consents: list[ConsentOut]
    promotion: PromotionOut
    history: list[ChoiceOut]

    @classmethod
    def of(cls, sheet: ConsentSheet) -> Self:
        return cls(
            customer_id=sheet.account.id,
            version=sheet.version,
            consents=[ConsentOut.of(sheet, (means, purpose)) for means in Means for purpose in Purpose],
            promotion=PromotionOut(held=sheet.hold is not None, reason=sheet.hold),
            history=[ChoiceOut.of(about, choice) for about, choice in sheet.history],
        )


@routes.get("/consents/{customer_id}")
@raises(CustomerNotFound)
async def read_consents(
    customer_id: UUID, context: Injected[Context], caller: Caller, response: Response
) -> ConsentsOut:
    """Per channel and purpose whether and why it is allowed, and whether promotion is held."""
    sheet = await queries.read_sheet(context, customer_id, viewer=viewer(caller))
    set_etag(response, sheet.version)
    return ConsentsOut.of(sheet)


@routes.put("/consents/{customer_id}")
@raises(ProofOfTomorrow, UnknownCustomer)
async def set_consents(
    customer_id: UUID,
    body: ConsentsIn,
    context: Injected[Context],
    caller: Caller,
    response: Response,
    expected_version: IfMatch,
) -> ConsentsOut:
    """Stores what the customer said; If-Match is required once something was said before.

    Customer service does; others propose.
    """
    sheet = await handlers.set_choices(
        context,
        customer_id,
        body.wanted(),
        source=body.source,
        proof=body.proven_by(),
        by=caller.id,
        expected_version=expected_version,
    )
    set_etag(response, sheet.version)
    return ConsentsOut.of(sheet)
