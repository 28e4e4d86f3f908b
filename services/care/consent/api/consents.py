"""Routes of consent, for those who serve the customer."""

from dataclasses import asdict
from datetime import datetime
from typing import Literal, Self
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from services.care.consent import handlers, queries
from services.care.consent.domain.choices import About, Basis, Choice, Means, basis, check_named_once, is_allowed
from services.care.consent.queries import ConsentSheet
from services.care.context import Context
from services.care.messages.domain import Purpose
from shared.auth.visibility import viewer
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Line, YesOrNo
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


class ConsentsIn(BaseModel):
    """Choices to be stored; those that are not named stay. `source` says how they were given."""

    model_config = ConfigDict(extra="forbid")

    consents: list[ChoiceIn] = Field(min_length=1, max_length=20)
    source: Line = "staff"

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


class ChoiceOut(BaseModel):
    """A choice that was made; `by` is null for the customer's own hand."""

    channel: Means
    purpose: Purpose
    granted: bool
    at: datetime
    source: str | None
    by: UUID | None

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
@raises(UnknownCustomer)
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
        by=caller.id,
        expected_version=expected_version,
    )
    set_etag(response, sheet.version)
    return ConsentsOut.of(sheet)
