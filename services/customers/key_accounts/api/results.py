"""Routes of what a customer leaves after it was served, and of the relationship that is aimed for."""

from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from services.customers.context import Context
from services.customers.key_accounts.domain.results import (
    COUNTS,
    MARGINS,
    HowMany,
    MarginClass,
    RelationshipLevel,
    RelationshipPolicy,
    RelationshipPolicyRefused,
)
from services.customers.key_accounts.handlers import results as handlers
from services.customers.key_accounts.queries import results as queries
from services.customers.worth_policies.api import BY_VERSION, VersionNumber
from services.customers.worth_policies.domain import PolicyVersionNotFound
from shared.auth.visibility import viewer
from shared.contracts.customers import Tier
from shared.http.bodies import ANSWERED
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import NO_TEXT
from shared.http.paging import Page, Paging
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import Caller, router
from shared.money import MoneyOrNothing, SomeMoney, Sum
from shared.months import FIRST_YEAR, Month
from shared.references import CustomerNotFound

routes = router("/customers/v1", "key accounts")

_Part = Annotated[Decimal, PlainSerializer(str, return_type=str, when_used="json")]
_Count = Annotated[int, Field(ge=1, le=10_000_000), NO_TEXT]


class AccountResultOut(BaseModel):
    """What is left of a customer in some time, CNY."""

    model_config = ConfigDict(from_attributes=True)

    month: Month | None = Field(description="in which month; null: in all of them")
    sales: Sum = Field(description="what was bought as paid, net of returns")
    estimated: Sum = Field(description="of that what no line says the cost of: its margin is estimated")
    margin: Sum = Field(description="what purchases brought less what they cost")
    touches: int = Field(description="how many touches were made")
    unknown_touches: int = Field(description="of these how many nobody said the length of: they cost nothing here")
    touch_costs: Sum = Field(description="what the others cost, by their minutes")
    gifts: Sum = Field(description="what gifts cost that complaints gave")
    compensation: Sum = Field(description="what else complaints gave beyond the answer")
    result: Sum = Field(description="margin less touches, gifts and compensation")


class AccountResultsOut(BaseModel):
    """What is left of a customer in a year and in each of its months."""

    model_config = ConfigDict(from_attributes=True)

    months: list[AccountResultOut] = Field(description="month by month")
    whole: AccountResultOut = Field(description="the whole year")
    margin_share: _Part = Field(description="which part of a purchase is left where its cost is not known, 0 to 1")
    hourly: Sum = Field(description="what an hour of touches costs, CNY")


class RelationshipOut(BaseModel):
    """Which relationship is aimed for, and why."""

    model_config = ConfigDict(from_attributes=True)

    customer_id: UUID
    level: RelationshipLevel = Field(description="which is aimed for")
    margin: Sum = Field(description="CNY a month, of the last twelve complete months")
    margin_class: MarginClass = Field(description="how high that is")
    tier: Tier = Field(description="the customer's tier, whose customers are counted")
    customers: int = Field(description="how many there are, counted up to where they are many")
    how_many: HowMany = Field(description="how many that is")
    policy_version: int = Field(description="by which version of the policy")


class LevelsByMarginIn(BaseModel):
    """Which relationship is aimed for, by margin."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    low: RelationshipLevel = Field(description="with a low margin")
    medium: RelationshipLevel = Field(description="with a medium one")
    high: RelationshipLevel = Field(description="with a high one")


class RelationshipLevelsIn(BaseModel):
    """Which relationship is aimed for, by how many customers there are and by margin."""

    model_config = ConfigDict(extra="forbid")

    few: LevelsByMarginIn = Field(description="where there are few")
    medium: LevelsByMarginIn = Field(description="where there are some")
    many: LevelsByMarginIn = Field(description="where there are many")


class LevelsByMarginOut(LevelsByMarginIn):
    """Which relationship is aimed for, by margin."""

    model_config = ANSWERED


class RelationshipPolicyIn(BaseModel):
    """Which relationship is aimed for."""

    model_config = ConfigDict(extra="forbid")

    levels: RelationshipLevelsIn = Field(description="which, by how many customers there are and by margin")
    margin_from: Annotated[list[SomeMoney], Field(min_length=2, max_length=2)] = Field(
        description="from which margin a month on, CNY, it is medium, and from which on high"
    )
    customers_from: Annotated[list[_Count], Field(min_length=2, max_length=2)] = Field(
        description="from how many customers of a tier on they are medium, and from how many on many"
    )
    hourly: MoneyOrNothing = Field(description="what an hour of touches costs, CNY")

    def by_count(self) -> dict[HowMany, dict[MarginClass, RelationshipLevel]]:
        return {many: {margin: getattr(getattr(self.levels, many), margin) for margin in MARGINS} for many in COUNTS}


class RelationshipPolicyOut(BaseModel):
    """Which relationship is aimed for."""

    model_config = ConfigDict(from_attributes=True)

    version: int
    levels: dict[HowMany, LevelsByMarginOut] = Field(description="which, by how many customers there are and by margin")
    margin_from: list[SomeMoney] = Field(description="from which margin a month on, CNY, it is medium, and high")
    customers_from: list[int] = Field(description="from how many customers of a tier on they are medium, and many")
    hourly: Sum = Field(description="what an hour of touches costs, CNY")
    set_at: datetime
    set_by: UUID | None


@routes.get("/customers/{customer_id}/key-account/result")
@raises(CustomerNotFound)
async def read_account_result(
    customer_id: UUID,
    context: Injected[Context],
    caller: Caller,
    year: Annotated[int, Query(ge=FIRST_YEAR, le=2200, description="of which year")],
) -> AccountResultsOut:
    """What is left of a customer after it was served, key account or not, month by month and in the year; by what is
    known and by the policies of now."""
    return AccountResultsOut.model_validate(await queries.of_year(context, customer_id, year, viewer=viewer(caller)))


@routes.get("/customers/{customer_id}/relationship-level")
@raises(CustomerNotFound)
async def read_relationship_level(customer_id: UUID, context: Injected[Context], caller: Caller) -> RelationshipOut:
    """Which relationship with a customer is aimed for, by margin and by how many of its tier there are."""
    return RelationshipOut.model_validate(await queries.relationship(context, customer_id, viewer=viewer(caller)))


@routes.get("/relationship-policy")
async def read_relationship_policy(context: Injected[Context], response: Response) -> RelationshipPolicyOut:
    """Which relationship is aimed for, by margin and by how many customers there are."""
    return _answer(await queries.present_policy(context), response)


@routes.get("/relationship-policy/versions")
async def list_relationship_policy_versions(context: Injected[Context], paging: Paging) -> Page[RelationshipPolicyOut]:
    """Every version of the policy, oldest first."""
    return await paging.page(BY_VERSION, {}, partial(queries.policy_versions, context), _written)


@routes.get("/relationship-policy/versions/{number}")
@raises(PolicyVersionNotFound)
async def read_relationship_policy_version(number: VersionNumber, context: Injected[Context]) -> RelationshipPolicyOut:
    """One version of the policy, as it held or holds."""
    return _written(await queries.policy_version(context, number))


@routes.put("/relationship-policy")
@raises(RelationshipPolicyRefused)
async def set_relationship_policy(
    body: RelationshipPolicyIn,
    context: Injected[Context],
    caller: Caller,
    response: Response,
    expected_version: IfMatch,
) -> RelationshipPolicyOut:
    """Makes a new version, by which levels and results are answered from now on."""
    policy = await handlers.set_policy(
        context,
        body.by_count(),
        body.margin_from,
        body.customers_from,
        body.hourly,
        expected_version,
        by=caller.id,
    )
    return _answer(policy, response)


def _answer(policy: RelationshipPolicy, response: Response) -> RelationshipPolicyOut:
    set_etag(response, policy.version)
    return _written(policy)


def _written(policy: RelationshipPolicy) -> RelationshipPolicyOut:
    levels = {many: LevelsByMarginOut.model_validate(each) for many, each in policy.levels.items()}
    same = {name: getattr(policy, name) for name in RelationshipPolicyOut.model_fields if name != "levels"}
    return RelationshipPolicyOut(**same, levels=levels)
