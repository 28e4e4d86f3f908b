"""Who has left keeps no right: in every service, with whatever token."""

import asyncio

import pytest

from shared.contracts.customers import StaffListed
from shared.http.app import SHARED_POLICY
from shared.ids import new_id
from shared.settings import ServiceName
from tests.customers.network import colleague
from tests.postgres import FreshDatabase
from tests.security.services import ALL, operations
from tests.security.test_policy import STREAMS
from tests.support import OneService, bearer, one_service

MOMENTS = 1.5
"""Seconds."""


async def _statuses(alone: OneService, headers: dict[str, str]) -> set[tuple[int, str]]:
    """What every operation that needs a token answers."""
    policy = {**SHARED_POLICY, **alone.service.policy}
    asked = [
        operation
        for operation in operations(alone)
        if operation.name not in STREAMS and not policy[operation.name].public  # a stream has no end
    ]
    answers = [await operation.call(alone.http, headers) for operation in asked]
    needing = [answer for answer in answers if answer.status_code not in (200, 204, 429)]
    return {(answer.status_code, answer.json().get("slug")) for answer in needing}


@pytest.mark.parametrize("service", [each for each in ALL if each != "customers"])
async def test_moments_after_leaving_nothing_is_answered(fresh_database: FreshDatabase, service: ServiceName) -> None:
    leaver = new_id()
    token = bearer("cs_manager", leaver)
    listed = StaffListed(staff_id=leaver, name="夏雨", role="cs_manager")
    async with one_service(fresh_database, service) as alone:
        await alone.given(listed)
        before = await _statuses(alone, token)
        await alone.given(listed.model_copy(update={"active": False}), version=2)
        await asyncio.sleep(MOMENTS)

        after = await _statuses(alone, token)

    assert (403, "has-left") not in before
    assert {status for status, _ in after} <= {403, 404}, after
    assert (403, "has-left") in after


async def test_customers_knows_it_of_its_own_staff_and_of_who_comes_back(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        leaver = await colleague(customers)
        path, token = f"/customers/v1/staff/{leaver}", bearer("salesperson", leaver)

        async def turned(active: bool) -> tuple[int, str]:
            answer = await customers.http.patch(path, json={"active": active}, headers={"If-Match": "*"})
            assert answer.status_code == 200, answer.text
            await asyncio.sleep(MOMENTS)
            answer = await customers.http.get("/customers/v1/brands", headers=token)
            return answer.status_code, answer.json().get("slug", "")

        assert (await customers.http.get("/customers/v1/brands", headers=token)).status_code == 200
        assert await turned(active=False) == (403, "has-left")
        assert await turned(active=True) == (200, "")


async def test_whoever_is_not_on_the_staff_is_nobody_s_matter_here(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        assert (
            await customers.http.get("/customers/v1/brands", headers=bearer("partner", new_id()))
        ).status_code == 200
