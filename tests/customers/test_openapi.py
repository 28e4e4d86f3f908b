"""Whatever the description of customers allows or forbids: no route breaks, none answers what it has not declared."""

import pytest
from schemathesis.generation import GenerationMode

from shared.auth.policy import PolicyTable
from shared.http.routing import PolicedRoute
from tests.customers.network import bought, brand, colleague, made, region, store
from tests.fuzzing import Fuzzer
from tests.postgres import FreshDatabase
from tests.support import OneService, one_service

EXAMPLES = 6


async def something_of_each(customers: OneService) -> dict[str, str]:
    """Path parameter -> the id of something that exists."""
    shop = await store(customers)
    policy = await made(customers, "tier-policies", {"thresholds": {"A": "250", "B": "90", "C": "30"}})
    department = await made(customers, "departments", {"name": "客户服务部"})
    return {
        "customer_id": str(shop),
        "brand_id": str(await brand(customers)),
        "region_id": str(await region(customers)),
        "department_id": department["id"],
        "staff_id": str(await colleague(customers)),
        "purchase_id": str(await bought(customers, shop, "100.00")),
        "policy_id": policy["id"],
        "month": "2026-10",
    }


@pytest.mark.fuzz
@pytest.mark.timeout(900)
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: str(mode.value))
async def test_no_route_breaks(fresh_database: FreshDatabase, mode: GenerationMode) -> None:
    async with one_service(fresh_database, "customers") as customers:
        fuzzer = Fuzzer(customers.http, await something_of_each(customers), EXAMPLES)

        assert await fuzzer.try_all(customers.app, mode) > 30


async def test_every_route_stands_in_the_policy_and_every_entry_is_a_route(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        policy: PolicyTable = customers.service.policy
        routes = [route for router in customers.service.routers for route in router.routes]

        assert {route.name for route in routes if isinstance(route, PolicedRoute)} == set(policy)
