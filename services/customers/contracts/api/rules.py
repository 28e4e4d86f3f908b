"""Routes of the rules of the network."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.customers.context import Context
from services.customers.contracts import handlers, queries
from services.customers.contracts.domain.refusals import NetworkPolicyRefused
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Day
from shared.http.paging import Page
from shared.http.routing import Caller, router

routes = router("/customers/v1", "contracts")


class NetworkPolicyIn(BaseModel):
    """Which rules hold for what is signed from a day on."""

    model_config = ConfigDict(extra="forbid")

    same_brand: Annotated[bool, Field(strict=True, description="a brand has one contract in a region")] = True
    same_grade: Annotated[bool, Field(strict=True, description="a customer has one brand of a grade")] = True
    region_grade: Annotated[
        bool, Field(strict=True, description="two customers have no brands of one grade in a region")
    ] = False
    starts_on: Annotated[Day | None, Field(description="from when on; today unless said")] = None


class NetworkPolicyOut(BaseModel):
    """A version of the rules of the network."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID = Field(description="the id of the version")
    version: int
    same_brand: bool = Field(description="a brand has one contract in a region")
    same_grade: bool = Field(description="a customer has one brand of a grade")
    region_grade: bool = Field(description="two customers have no brands of one grade in a region")
    starts_on: Day = Field(description="from when on it judges what is signed")


@routes.post("/network-policies", status_code=201)
@raises(NetworkPolicyRefused)
async def add_network_policy(body: NetworkPolicyIn, context: Injected[Context], caller: Caller) -> NetworkPolicyOut:
    """A new version of the rules; what was signed before stays, and is in the way of what is signed from then on."""
    rules = await handlers.add_rules(
        context, body.same_brand, body.same_grade, body.region_grade, body.starts_on, by=caller.id
    )
    return NetworkPolicyOut.model_validate(rules)


@routes.get("/network-policies")
async def list_network_policies(context: Injected[Context]) -> Page[NetworkPolicyOut]:
    """Every version of the rules, on one page, the latest first."""
    return Page(items=[NetworkPolicyOut.model_validate(each) for each in await queries.rules(context)])
