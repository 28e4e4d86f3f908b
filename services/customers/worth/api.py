"""Routes of what customers are worth: how they came there, and judging everybody anew."""

from dataclasses import fields
from datetime import date, datetime
from functools import partial
from typing import Any, Final, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.customers.context import Context
from services.customers.early_warnings.api import WarningOut
from services.customers.early_warnings.domain.warnings import ReadWarning
from services.customers.lifecycle import queries as lifecycle
from services.customers.lifecycle.api import StageChangeOut
from services.customers.lifecycle.domain import Life
from services.customers.merged.domain import Place, place_of
from services.customers.segments.domain import Together
from services.customers.worth import handlers, queries
from services.customers.worth.domain.passes import PassNotFound, PassUnderWay
from services.customers.worth.domain.standing import SegmentChange, StageMove, Standing
from shared.auth.visibility import viewer
from shared.contracts.worth import Cell, Level, LoyaltyCredit, LoyaltySize, Stage, StoreSize, ValueLevel
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.paging import Order, Page, Paging
from shared.http.routing import Caller, router
from shared.money import Sum
from shared.references import CustomerNotFound

routes = router("/customers/v1", "worth")

_SEGMENTS: Final[Order[SegmentChange, Place]] = Order(place_of, Place.read)
_STAGES: Final[Order[StageMove, Place]] = Order(place_of, Place.read)
_BY_MOMENT: Final = {"order": "at"}
"""By what these are ordered, as their cursors say it: those of before are refused."""


class SegmentsKeptOut(BaseModel):
    """What a customer is by loyalty, credit and size, and by its place among all; credit is null while unknown."""

    loyalty: Level = Field(description="how loyal it is")
    credit: Level | None = Field(description="how it pays; null as long as no invoice was paid or overdue")
    size: StoreSize = Field(description="how much it buys")
    loyalty_credit: LoyaltyCredit | None = Field(description="what loyalty and credit are together; null with credit")
    loyalty_size: LoyaltySize = Field(description="what loyalty and size are together")
    cell: Cell | None = Field(description="loyalty, credit and size, such as high_low_large; null with credit")
    value: ValueLevel = Field(description="its place among all by what is left of what it bought in a year")

    @classmethod
    def of(cls, together: Together, value: ValueLevel) -> Self:
        return cls(
            loyalty=together.loyalty,
            credit=together.credit,
            size=together.size,
            loyalty_credit=together.loyalty_credit,
            loyalty_size=together.loyalty_size,
            cell=together.cell,
            value=value,
        )


class ScoresOut(BaseModel):
    """The scores behind the segments."""

    loyalty: Sum = Field(description="0 to 100")
    credit: Sum | None = Field(description="0 to 100; null while unknown")
    size: Sum = Field(description="CNY of mid-grade terms, the average of the last three complete months")
    profit: Sum | None = Field(
        description="CNY: what is left of twelve complete months, by which it has its place: where the cost is known, "
        "less the cost, of the rest the margin of the policy of winning back; null: that was before it was kept"
    )
    policy_version: int | None = Field(
        description="which version of the policy of worth judged; null: nobody did, or before this was kept"
    )
    policy_id: UUID | None = Field(description="the id of that version; null likewise")

    @classmethod
    def of(cls, scored: Standing | SegmentChange) -> Self:
        return cls(
            loyalty=scored.loyalty_score,
            credit=scored.credit_score,
            size=scored.monthly,
            profit=scored.profit,
            policy_version=scored.policy_version,
            policy_id=scored.policy_id,
        )


class StandingOut(BaseModel):
    """What a customer was judged to be last."""

    segments: SegmentsKeptOut | None = Field(
        description="what it is by loyalty, credit, size and place, as judged last; null for partners"
    )
    scores: ScoresOut | None = Field(description="the scores behind that; null for partners")
    warning: WarningOut | None = Field(description="why it is about to leave; null: nothing says so, or for partners")

    @classmethod
    def fields_of(cls, standing: Standing, warned: ReadWarning | None, *, shown: bool) -> dict[str, Any]:
        """Nothing of it where it is not shown."""
        if not shown:
            return dict.fromkeys(cls.model_fields)
        return {
            "segments": SegmentsKeptOut.of(standing.together, standing.value),
            "scores": ScoresOut.of(standing),
            "warning": None if warned is None else WarningOut.model_validate(warned),
        }


class SegmentChangeOut(BaseModel):
    """What a customer came to be."""

    at: datetime = Field(description="when that was found")
    segments: SegmentsKeptOut = Field(description="what it came to be")
    scores: ScoresOut = Field(description="by which scores")
    merged_id: UUID | None = Field(description="the merged customer whose it was; null: the customer's own")

    @classmethod
    def of(cls, change: SegmentChange) -> Self:
        segments = SegmentsKeptOut.of(change.together, change.value)
        return cls(at=change.at, segments=segments, scores=ScoresOut.of(change), merged_id=change.merged_id)


class StageMoveOut(BaseModel):
    """That a customer came into a stage of its life, as it was found and told at the time."""

    model_config = ConfigDict(from_attributes=True)

    from_: Stage = Field(
        validation_alias="from_stage", serialization_alias="from", description="the stage in which it was"
    )
    to: Stage = Field(validation_alias="to_stage", description="the stage into which it came")
    since: date | None = Field(description="the day of that, in the company's zone")
    at: datetime = Field(description="when that was found")
    policy_version: int | None = Field(
        description="which version of the policy of worth judged; null: that was before this was kept"
    )
    policy_id: UUID | None = Field(description="the id of that version; null likewise")
    merged_id: UUID | None = Field(description="the merged customer whose it was; null: the customer's own")
    holds: bool = Field(
        description="whether it is true by what is known today: false where a purchase that came in later, was put "
        "right or came back, or another policy, says otherwise"
    )

    @classmethod
    def of(cls, life: Life, move: StageMove) -> Self:
        stands = {field.name: getattr(move, field.name) for field in fields(move)}
        return cls.model_validate({**stands, "holds": move.holds(life)})


class StageHistoryOut(Page[StageMoveOut]):
    """A page of what was told of a customer's stages, oldest first, which is never changed; and how it came there by
    what is known today."""

    lifecycle: list[StageChangeOut] = Field(
        description="every stage into which it came, and on which day, by what is known of its purchases today and by "
        "the policy of today, the earliest first; all of them on each page"
    )


class WorthPassOut(BaseModel):
    """Judging everybody."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    asked_at: datetime = Field(description="when it was asked for")
    asked_by: UUID | None = Field(description="by whom; null: a new policy of tiers or worth, a new fit or release")
    judged: int = Field(description="how many customers it has judged")
    customers: int | None = Field(
        description="how many customers there were when it was asked for; null: that was before this was kept"
    )
    done_at: datetime | None = Field(description="when it was done; null: it is under way")


@routes.get("/customers/{customer_id}/segment-history")
@raises(CustomerNotFound)
async def read_segment_history(
    customer_id: UUID, context: Injected[Context], caller: Caller, paging: Paging
) -> Page[SegmentChangeOut]:
    """Every turn of a customer, or of who was merged into it, by loyalty, credit, size or place, with scores, oldest
    first."""
    read = partial(queries.segment_history, context, customer_id, viewer=viewer(caller))
    return await paging.page(_SEGMENTS, {"customer_id": customer_id, **_BY_MOMENT}, read, SegmentChangeOut.of)


@routes.get("/customers/{customer_id}/stage-history")
@raises(CustomerNotFound)
async def read_stage_history(
    customer_id: UUID, context: Injected[Context], caller: Caller, paging: Paging
) -> StageHistoryOut:
    """Every stage into which a customer, or who was merged into it, came, as it was told at the time, oldest first; and
    beside it the same by what is known today (`holds`, `lifecycle`): purchases that come late put no history right."""
    life, _ = await lifecycle.of_customer(context, customer_id, viewer=viewer(caller))
    read = partial(queries.stage_history, context, customer_id, viewer=viewer(caller))
    page = await paging.page(_STAGES, {"customer_id": customer_id, **_BY_MOMENT}, read, partial(StageMoveOut.of, life))
    known = [StageChangeOut.model_validate(change) for change in life.changes]
    return StageHistoryOut(items=page.items, next=page.next, lifecycle=known)


@routes.post("/worth-passes", status_code=202)
@raises(PassUnderWay)
async def recompute_worth(context: Injected[Context], caller: Caller) -> WorthPassOut:
    """Has everybody judged anew; what comes out is what was judged before, unless something was put right by hand."""
    return WorthPassOut.model_validate(await handlers.ask_pass(context, by=caller.id))


@routes.get("/worth-passes")
async def list_worth_passes(context: Injected[Context]) -> list[WorthPassOut]:
    """The last twenty times that everybody was judged, the latest first."""
    return [WorthPassOut.model_validate(each) for each in await queries.passes(context)]


@routes.get("/worth-passes/{pass_id}")
@raises(PassNotFound)
async def read_worth_pass(pass_id: UUID, context: Injected[Context]) -> WorthPassOut:
    """How far judging everybody has come."""
    return WorthPassOut.model_validate(await queries.a_pass(context, pass_id))
