"""Routes of the policy by which signals are found."""

from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Annotated, Self
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from services.customers.context import Context
from services.customers.signals import handlers, queries
from services.customers.signals.domain import SignalPolicy, SignalPolicyRefused, SignalTerms
from services.customers.worth_policies.api import BY_VERSION, VersionNumber
from services.customers.worth_policies.domain import PolicyVersionNotFound
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import IN_DIGITS, NO_TEXT
from shared.http.paging import Page, Paging
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import Caller, router

routes = router("/customers/v1", "signals")

Part = Annotated[
    Decimal,
    Field(ge=0, le=1, max_digits=5, decimal_places=4, examples=["0.85"]),
    IN_DIGITS,
    PlainSerializer(str, return_type=str, when_used="json"),
]
Days = Annotated[int, Field(ge=0, le=365), NO_TEXT]


class SignalPolicyIn(BaseModel):
    """By what signals are found. Lengths are at least 1."""

    model_config = ConfigDict(extra="forbid")

    span: Annotated[int, Field(ge=0, le=4), NO_TEXT] = Field(
        description="so many complete months are compared with the so many before, and these with those before them"
    )
    star_months: Annotated[int, Field(ge=0, le=12), NO_TEXT] = Field(
        description="within so many months the trend of a rising star reaches the next tier; 1: in the running one"
    )
    least_active: Annotated[int, Field(ge=0, le=12), NO_TEXT] = Field(
        description="in at least so many of the months it bought something"
    )
    weak_share: Part = Field(description="purchases weaken at this part of the months before or less, 0 to 1")
    least_rise: Part = Field(
        description="purchases rise when they rise by more than this part of the months before, 0 to 1"
    )
    overdue_days: Days = Field(description="an invoice weakens payments when it is overdue for so many days")
    later_days: Days = Field(description="three invoices do, paid so many days later than the three before on average")
    report_days: Days = Field(description="for so many days it counts that a store was said to order elsewhere")


class SignalPolicyOut(BaseModel):
    """By what signals are found."""

    version: int
    span: int = Field(description="so many months are compared with the so many before, and these with those before")
    star_months: int = Field(description="within so many months the trend of a rising star reaches the next tier")
    least_active: int = Field(description="in at least so many of the months it bought something")
    weak_share: Part = Field(description="purchases weaken at this part of the months before or less, 0 to 1")
    least_rise: Part = Field(
        description="purchases rise when they rise by more than this part of the months before, 0 to 1"
    )
    overdue_days: int = Field(description="an invoice weakens payments when it is overdue for so many days")
    later_days: int = Field(description="three invoices do, paid so many days later than the three before on average")
    report_days: int = Field(description="for so many days it counts that a store was said to order elsewhere")
    set_at: datetime
    set_by: UUID | None

    @classmethod
    def of(cls, policy: SignalPolicy) -> Self:
        return cls(version=policy.version, **asdict(policy.terms), set_at=policy.set_at, set_by=policy.set_by)


@routes.get("/signal-policy")
async def read_signal_policy(context: Injected[Context], response: Response) -> SignalPolicyOut:
    """By what signals are found."""
    policy = await queries.policy(context)
    set_etag(response, policy.version)
    return SignalPolicyOut.of(policy)


@routes.get("/signal-policy/versions")
async def list_signal_policy_versions(context: Injected[Context], paging: Paging) -> Page[SignalPolicyOut]:
    """Every version of the policy, oldest first."""
    return await paging.page(BY_VERSION, {}, partial(queries.policy_versions, context), SignalPolicyOut.of)


@routes.get("/signal-policy/versions/{number}")
@raises(PolicyVersionNotFound)
async def read_signal_policy_version(number: VersionNumber, context: Injected[Context]) -> SignalPolicyOut:
    """One version of the policy, as it held or holds."""
    return SignalPolicyOut.of(await queries.policy_version(context, number))


@routes.put("/signal-policy")
@raises(SignalPolicyRefused)
async def set_signal_policy(
    body: SignalPolicyIn, context: Injected[Context], caller: Caller, response: Response, expected_version: IfMatch
) -> SignalPolicyOut:
    """Makes a new version: by it signals are looked for from the next time on. A signal says by which it began."""
    terms = SignalTerms(**body.model_dump())
    policy = await handlers.set_policy(context, terms, expected_version, by=caller.id)
    set_etag(response, policy.version)
    return SignalPolicyOut.of(policy)
