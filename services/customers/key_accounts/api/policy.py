"""Routes of how key accounts are scored."""

from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from services.customers.context import Context
from services.customers.key_accounts.domain.accounts import CRITERIA, STEPS, KeyAccountPolicy, KeyAccountPolicyRefused
from services.customers.key_accounts.handlers import policy as handlers
from services.customers.key_accounts.queries import accounts as queries
from services.customers.worth_policies.api import BY_VERSION, VersionNumber
from services.customers.worth_policies.domain import PolicyVersionNotFound
from shared.http.bodies import ANSWERED
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import IN_DIGITS
from shared.http.paging import Page, Paging
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import Caller, router
from shared.money import SomeMoney

routes = router("/customers/v1", "key accounts")

_WRITTEN = PlainSerializer(str, return_type=str, when_used="json")
Weight = Annotated[Decimal, Field(ge=0, le=100, max_digits=7, decimal_places=4, examples=["0.2"]), IN_DIGITS, _WRITTEN]
BrandShare = Annotated[
    Decimal, Field(gt=0, le=1, max_digits=5, decimal_places=4, examples=["0.6"]), IN_DIGITS, _WRITTEN
]


class KeyAccountWeightsIn(BaseModel):
    """What each criterion weighs."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    volume: Weight = Field(description="how much it buys")
    concentration: Weight = Field(description="how concentrated it buys")
    service: Weight = Field(description="how much it asks for of what we are good at")
    price: Weight = Field(description="how little it looks at the price alone")
    partnership: Weight = Field(description="how much it wishes for a partnership")


class KeyAccountWeightsOut(KeyAccountWeightsIn):
    """What each criterion weighs."""

    model_config = ANSWERED


class KeyAccountPolicyIn(BaseModel):
    """How key accounts are scored."""

    model_config = ConfigDict(extra="forbid")

    weights: KeyAccountWeightsIn = Field(description="what each criterion weighs beside the others; not all nothing")
    volume: Annotated[list[SomeMoney], Field(min_length=STEPS, max_length=STEPS)] = Field(
        description="from how much a month on, CNY, volume is graded 2, 3, 4, 5"
    )
    concentration: Annotated[list[BrandShare], Field(min_length=STEPS, max_length=STEPS)] = Field(
        description="from which part of the largest brand on, 0 to 1, concentration is graded 2, 3, 4, 5"
    )


class KeyAccountPolicyOut(BaseModel):
    """How key accounts are scored."""

    model_config = ConfigDict(from_attributes=True)

    version: int
    weights: KeyAccountWeightsOut = Field(description="what each criterion weighs beside the others")
    volume: list[SomeMoney] = Field(description="from how much a month on, CNY, volume is graded 2, 3, 4, 5")
    concentration: list[BrandShare] = Field(
        description="from which part of the largest brand on, 0 to 1, concentration is graded 2, 3, 4, 5"
    )
    set_at: datetime
    set_by: UUID | None


@routes.get("/key-account-policy")
async def read_key_account_policy(context: Injected[Context], response: Response) -> KeyAccountPolicyOut:
    """How key accounts are scored."""
    return _answer(await queries.present_policy(context), response)


@routes.get("/key-account-policy/versions")
async def list_key_account_policy_versions(context: Injected[Context], paging: Paging) -> Page[KeyAccountPolicyOut]:
    """Every version of the policy, oldest first."""
    return await paging.page(
        BY_VERSION, {}, partial(queries.policy_versions, context), KeyAccountPolicyOut.model_validate
    )


@routes.get("/key-account-policy/versions/{number}")
@raises(PolicyVersionNotFound)
async def read_key_account_policy_version(number: VersionNumber, context: Injected[Context]) -> KeyAccountPolicyOut:
    """One version of the policy, as it held or holds."""
    return KeyAccountPolicyOut.model_validate(await queries.policy_version(context, number))


@routes.put("/key-account-policy")
@raises(KeyAccountPolicyRefused)
async def set_key_account_policy(
    body: KeyAccountPolicyIn, context: Injected[Context], caller: Caller, response: Response, expected_version: IfMatch
) -> KeyAccountPolicyOut:
    """Makes a new version: scores that are made from now on go by it, others keep theirs."""
    weights = {criterion: getattr(body.weights, criterion) for criterion in CRITERIA}
    policy = await handlers.set_policy(
        context, weights, body.volume, body.concentration, expected_version, by=caller.id
    )
    return _answer(policy, response)


def _answer(policy: KeyAccountPolicy, response: Response) -> KeyAccountPolicyOut:
    set_etag(response, policy.version)
    return KeyAccountPolicyOut.model_validate(policy)
