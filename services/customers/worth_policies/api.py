"""Routes of the policy of worth."""

from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import Path, Response
from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from services.customers.context import Context
from services.customers.worth_policies import handlers, queries
from services.customers.worth_policies.domain import (
    LifeRules,
    ModelRules,
    PolicyVersionNotFound,
    SegmentRules,
    WarningRules,
    WorthPolicy,
    WorthPolicyRefused,
    WorthRules,
)
from shared.http.bodies import ANSWERED
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import IN_DIGITS, NO_TEXT
from shared.http.paging import Order, Page, Paging
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import Caller, router
from shared.money import MoneyOrNothing

routes = router("/customers/v1", "worth")

BY_VERSION: Order[Any, int] = Order(lambda policy: (policy.version,), int)
VersionNumber = Annotated[int, Path(ge=1, le=2_147_483_647, description="the number of the version")]
_AS_TEXT = PlainSerializer(str, return_type=str, when_used="json")
Points = Annotated[Decimal, Field(ge=0, le=100, max_digits=5, decimal_places=2, examples=["60"]), IN_DIGITS, _AS_TEXT]
Share = Annotated[Decimal, Field(ge=0, le=1, max_digits=5, decimal_places=4, examples=["0.7"]), IN_DIGITS, _AS_TEXT]
Times = Annotated[Decimal, Field(ge=1, le=20, max_digits=4, decimal_places=2, examples=["1.5"]), IN_DIGITS, _AS_TEXT]
Months = Annotated[int, Field(ge=1, le=24), NO_TEXT]
Days = Annotated[int, Field(ge=1, le=1095), NO_TEXT]
Few = Annotated[int, Field(ge=1, le=50), NO_TEXT]


class SegmentRulesIn(BaseModel):
    """By which figures segments are judged."""

    model_config = ConfigDict(extra="forbid")

    months: Months = Field(description="loyalty looks at so many complete months")
    size_months: Months = Field(description="size looks at the last so many of them")
    invoices: Few = Field(description="credit looks at the last so many invoices that are paid or overdue")
    for_buying: Points = Field(description="points of loyalty for buying in each of the months")
    for_regularity: Points = Field(description="points for months that are alike; both add up to 100")
    ratings_share: Share = Field(description="which part of loyalty ratings are, 0 to 1, where there are any")
    a_day_late: Points = Field(description="points of credit that each day late costs")
    loyal_from: Points = Field(description="from so many points on loyalty is high")
    reliable_from: Points = Field(description="from so many points on credit is high")
    large_from: MoneyOrNothing = Field(
        description="from so much a month on a customer is large, CNY of mid-grade terms"
    )


class LifeRulesIn(BaseModel):
    """By which figures stages are judged."""

    model_config = ConfigDict(extra="forbid")

    formation_from: Months = Field(description="in formation from so many months with a purchase")
    stable_from: Months = Field(description="stable from so many months with a purchase")
    fallen_to: Share = Field(description="a decline when the late months are at most this part of those before, 0 to 1")
    late: Months = Field(description="the mean of so many last months")
    before: Months = Field(description="is compared with that of so many before them")
    lost_after_days: Days = Field(description="lost after at least so many days without a purchase")
    lost_after_intervals: Few = Field(description="and after so many times the own rhythm")
    observed_days: Days = Field(description="so long who has come back is observed")


class WarningRulesIn(BaseModel):
    """By which figures somebody is warned of."""

    model_config = ConfigDict(extra="forbid")

    times_interval: Times = Field(description="so many times the own rhythm may pass")
    few_days: Days = Field(description="so many days may pass before there is a rhythm")
    rhythm_from: Few = Field(description="so many purchases make a rhythm")
    signal_days: Days = Field(description="so long what happened is a reason")
    tie_days: Days = Field(description="so long before its end a tie that ends is a warning")
    alive_below: Share = Field(description="a chance to be alive below this is a warning, 0 to 1")


class ModelRulesIn(BaseModel):
    """By which figures the models of who still buys are fitted and asked."""

    model_config = ConfigDict(extra="forbid")

    hour: Annotated[int, Field(ge=0, le=23), NO_TEXT] = Field(
        description="at this hour they are fitted each night, in the company's zone"
    )
    fewest: Annotated[int, Field(ge=30, le=100_000), NO_TEXT] = Field(
        description="only where so many customers came back, or more"
    )
    days_ahead: Annotated[int, Field(ge=1, le=1825), NO_TEXT] = Field(
        description="for so many days ahead it is told what is to be expected, unless others are asked for"
    )


class WorthPolicyIn(BaseModel):
    """By which figures customers are judged."""

    model_config = ConfigDict(extra="forbid")

    segments: SegmentRulesIn = Field(description="segments")
    life: LifeRulesIn = Field(description="stages")
    warnings: WarningRulesIn = Field(description="early warnings")
    model: ModelRulesIn | None = Field(
        default=None, description="the models of who still buys; as it stands unless said"
    )

    def rules(self) -> WorthRules:
        return WorthRules(
            SegmentRules(**self.segments.model_dump()),
            LifeRules(**self.life.model_dump()),
            WarningRules(**self.warnings.model_dump()),
        )


class SegmentRulesOut(SegmentRulesIn):
    """By which figures segments are judged."""

    model_config = ANSWERED


class LifeRulesOut(LifeRulesIn):
    """By which figures stages are judged."""

    model_config = ANSWERED


class WarningRulesOut(WarningRulesIn):
    """By which figures somebody is warned of."""

    model_config = ANSWERED


class ModelRulesOut(ModelRulesIn):
    """By which figures the models of who still buys are fitted and asked."""

    model_config = ANSWERED


class WorthPolicyOut(BaseModel):
    """By which figures customers are judged."""

    version: int
    segments: SegmentRulesOut = Field(description="segments")
    life: LifeRulesOut = Field(description="stages")
    warnings: WarningRulesOut = Field(description="early warnings")
    model: ModelRulesOut = Field(description="the models of who still buys")
    set_at: datetime
    set_by: UUID | None

    @classmethod
    def of(cls, policy: WorthPolicy) -> Self:
        return cls(version=policy.version, **asdict(policy.rules), set_at=policy.set_at, set_by=policy.set_by)


@routes.get("/worth-policy")
async def read_worth_policy(context: Injected[Context], response: Response) -> WorthPolicyOut:
    """By which figures segments, stages and early warnings are judged."""
    policy = await queries.present(context)
    set_etag(response, policy.version)
    return WorthPolicyOut.of(policy)


@routes.get("/worth-policy/versions")
async def list_worth_policy_versions(context: Injected[Context], paging: Paging) -> Page[WorthPolicyOut]:
    """Every version of the policy, oldest first."""
    return await paging.page(BY_VERSION, {}, partial(queries.versions, context), WorthPolicyOut.of)


@routes.get("/worth-policy/versions/{number}")
@raises(PolicyVersionNotFound)
async def read_worth_policy_version(number: VersionNumber, context: Injected[Context]) -> WorthPolicyOut:
    """One version of the policy, as it held or holds."""
    return WorthPolicyOut.of(await queries.version(context, number))


@routes.put("/worth-policy")
@raises(WorthPolicyRefused)
async def set_worth_policy(
    body: WorthPolicyIn, context: Injected[Context], caller: Caller, response: Response, expected_version: IfMatch
) -> WorthPolicyOut:
    """Makes a new version, which holds at once: everybody is judged anew by it, and who turns is told of."""
    model = ModelRules(**body.model.model_dump()) if body.model else None
    policy = await handlers.set_policy(context, body.rules(), model, expected_version, by=caller.id)
    set_etag(response, policy.version)
    return WorthPolicyOut.of(policy)
