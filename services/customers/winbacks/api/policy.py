"""Routes of the policy by which customers are won back, and of the causes for which they leave."""

from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Annotated, Self
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from services.customers.context import Context
from services.customers.winbacks import handlers, queries
from services.customers.winbacks.domain import (
    TIERS,
    TierTerms,
    WinbackPolicy,
    WinbackPolicyRefused,
)
from services.customers.worth_policies.api import BY_VERSION, VersionNumber
from services.customers.worth_policies.domain import PolicyVersionNotFound
from shared.contracts.customers import Tier
from shared.http.bodies import ANSWERED
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import IN_DIGITS, NO_TEXT
from shared.http.paging import Page, Paging
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import Caller, router

routes = router("/customers/v1", "winbacks")

Share = Annotated[
    Decimal,
    Field(ge=0, le=1, max_digits=5, decimal_places=4, examples=["0.1"]),
    IN_DIGITS,
    PlainSerializer(str, return_type=str, when_used="json"),
]
Hours = Annotated[int, Field(ge=1, le=24 * 90), NO_TEXT]
Soon = Annotated[int, Field(ge=0, le=365), NO_TEXT]
Few = Annotated[int, Field(ge=1, le=365), NO_TEXT]


class WinbackTermsIn(BaseModel):
    """What is done to win a customer of a tier back."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    call_hours: Hours | None = Field(description="within so many hours somebody calls; null: nobody does")
    visit_days: Few | None = Field(description="within so many days a manager visits; null: nobody does")
    message_days: Few | None = Field(description="within so many days a message goes out; null: none does")
    share: Share = Field(description="which part of the yearly margin may be offered without asking anybody, 0 to 1")
    case_days: Soon | None = Field(
        default=None,
        description="within so many days of a loss or a warning a case is opened, 0: on the same day; null: for an A "
        "on the same day, for others as long as the visit may take, or the call, and never where there is neither",
    )


class WinbackTierTermsIn(BaseModel):
    """The terms of each tier."""

    model_config = ConfigDict(extra="forbid")

    A: WinbackTermsIn
    B: WinbackTermsIn
    C: WinbackTermsIn
    D: WinbackTermsIn


class WinbackPolicyIn(BaseModel):
    """How customers are won back."""

    model_config = ConfigDict(extra="forbid")

    terms: WinbackTierTermsIn = Field(description="the terms of each tier")
    margin: Share = Field(description="which part of a purchase is left as long as costs are not known, 0 to 1")
    days: Few = Field(description="within so many days a case should have its outcome")
    observed_days: Few | None = Field(
        default=None, description="so many days who has returned is observed; as it stands unless said"
    )

    def of_tiers(self) -> dict[Tier, TierTerms]:
        return {tier: TierTerms(**getattr(self.terms, tier).model_dump()) for tier in TIERS}


class WinbackTermsOut(WinbackTermsIn):
    """What is done to win a customer of a tier back."""

    model_config = ANSWERED


class WinbackPolicyOut(BaseModel):
    """How customers are won back."""

    version: int
    terms: dict[Tier, WinbackTermsOut] = Field(description="the terms of each tier")
    margin: Share = Field(description="which part of a purchase is left as long as costs are not known, 0 to 1")
    days: int = Field(description="within so many days a case should have its outcome")
    observed_days: int = Field(description="so many days who has returned is observed")
    set_at: datetime
    set_by: UUID | None

    @classmethod
    def of(cls, policy: WinbackPolicy) -> Self:
        terms = {
            tier: WinbackTermsOut.model_validate(each, from_attributes=True) for tier, each in policy.terms.items()
        }
        return cls(
            version=policy.version,
            terms=terms,
            margin=policy.margin,
            days=policy.days,
            observed_days=policy.observed_days,
            set_at=policy.set_at,
            set_by=policy.set_by,
        )


@routes.get("/winback-policy")
async def read_winback_policy(context: Injected[Context], response: Response) -> WinbackPolicyOut:
    """How customers are won back, by tier."""
    policy = await queries.policy(context)
    set_etag(response, policy.version)
    return WinbackPolicyOut.of(policy)


@routes.get("/winback-policy/versions")
async def list_winback_policy_versions(context: Injected[Context], paging: Paging) -> Page[WinbackPolicyOut]:
    """Every version of the policy, oldest first."""
    return await paging.page(BY_VERSION, {}, partial(queries.policy_versions, context), WinbackPolicyOut.of)


@routes.get("/winback-policy/versions/{number}")
@raises(PolicyVersionNotFound)
async def read_winback_policy_version(number: VersionNumber, context: Injected[Context]) -> WinbackPolicyOut:
    """One version of the policy, as it held or holds."""
    return WinbackPolicyOut.of(await queries.policy_version(context, number))


@routes.put("/winback-policy")
@raises(WinbackPolicyRefused)
async def set_winback_policy(
    body: WinbackPolicyIn, context: Injected[Context], caller: Caller, response: Response, expected_version: IfMatch
) -> WinbackPolicyOut:
    """Makes a new version: cases that are opened from now on go by it, others keep theirs."""
    policy = await handlers.set_policy(
        context, body.of_tiers(), body.margin, body.days, body.observed_days, expected_version, by=caller.id
    )
    set_etag(response, policy.version)
    return WinbackPolicyOut.of(policy)
