"""Routes of scores that are said by hand."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.customers.context import Context
from services.customers.heads.domain import Erased
from services.customers.segment_overrides import handlers, queries
from services.customers.segment_overrides.domain import (
    SegmentOverride,
    SegmentOverrideNotFound,
    SegmentOverrideRefused,
)
from services.customers.segments.domain import Dimension
from shared.auth.visibility import viewer
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Day, Reason
from shared.http.routing import Caller, router
from shared.money import MoneyOrNothing
from shared.references import CustomerNotFound

routes = router("/customers/v1/customers/{customer_id}/segment-overrides", "segments")


class SegmentOverrideIn(BaseModel):
    """A score that is said by hand."""

    model_config = ConfigDict(extra="forbid")

    dimension: Dimension = Field(description="of what")
    score: MoneyOrNothing = Field(description="0 to 100; of size CNY a month, of mid-grade terms")
    until: Day = Field(description="the last day on which it stands, in the company's zone")
    reason: Reason = Field(description="why")


class SegmentOverrideOut(BaseModel):
    """The same, as it is kept."""

    id: UUID
    dimension: Dimension = Field(description="of what")
    score: MoneyOrNothing = Field(description="0 to 100; of size CNY a month, of mid-grade terms")
    until: Day = Field(description="the last day on which it stands, in the company's zone")
    reason: str | None = Field(description="why; null: it went with the person who was erased")
    set_at: datetime = Field(description="when it was said")
    set_by: UUID = Field(description="the staff id of who said it")
    ended_at: datetime | None = Field(description="when another took its place, or it was left to the data again")

    @classmethod
    def of(cls, override: SegmentOverride, context: Context) -> Self:
        words = override.words
        return cls(
            id=override.id,
            dimension=override.dimension,
            score=override.score,
            until=override.until,
            reason=None if words is None else context.words.open(words, override.id.bytes).decode(),
            set_at=override.set_at,
            set_by=override.set_by,
            ended_at=override.ended_at,
        )


@routes.post("", status_code=201)
@raises(CustomerNotFound, Erased, SegmentOverrideRefused)
async def override_segment(
    customer_id: UUID, body: SegmentOverrideIn, context: Injected[Context], caller: Caller
) -> SegmentOverrideOut:
    """Says a score by hand: it stands instead of the data and of what was said before, until its end. The profile shows
    it a moment later, when the customer is judged anew."""
    said = await handlers.say(
        context,
        customer_id,
        body.dimension,
        body.score,
        body.until,
        body.reason,
        by=caller.id,
        viewer=viewer(caller),
    )
    return SegmentOverrideOut.of(said, context)


@routes.get("")
@raises(CustomerNotFound)
async def list_segment_overrides(
    customer_id: UUID, context: Injected[Context], caller: Caller
) -> list[SegmentOverrideOut]:
    """What was said by hand of a customer, the latest first, at most a hundred."""
    found = await queries.of_customer(context, customer_id, viewer=viewer(caller))
    return [SegmentOverrideOut.of(each, context) for each in found]


@routes.delete("/{dimension}", status_code=204)
@raises(CustomerNotFound, SegmentOverrideNotFound)
async def end_segment_override(
    customer_id: UUID, dimension: Dimension, context: Injected[Context], caller: Caller
) -> None:
    """Leaves a score to the data again."""
    await handlers.leave(context, customer_id, dimension, by=caller.id, viewer=viewer(caller))
