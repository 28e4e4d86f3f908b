"""Every route of every service stands in its policy, and the policy is what the service does (architecture 5)."""

import asyncio
from typing import Final

import pytest
from fastapi.routing import APIRoute

from shared.auth.policy import PolicyTable
from shared.auth.principal import ADMIN, ALL_ROLES, PARTNER, STAFF_ROLES
from shared.http.app import SHARED_POLICY
from shared.http.routing import PolicedRoute
from shared.ids import new_id
from shared.settings import ServiceName
from tests.postgres import FreshDatabase
from tests.security.services import ALL, operations
from tests.shared.notes import slug
from tests.support import OneService, bearer, one_service

BESIDE: Final = ("healthz", "readyz", "metrics", "openapi.json", "docs", "docs/{name}")
"""What a service answers to anybody: it tells nothing of its data."""


def _table(service: OneService) -> PolicyTable:
    return {**SHARED_POLICY, **service.service.policy}


@pytest.mark.parametrize("name", ALL)
async def test_routes_and_policy_are_the_same_list(fresh_database: FreshDatabase, name: ServiceName) -> None:
    async with one_service(fresh_database, name) as service:
        routes = [route for router in service.service.routers for route in router.routes]
        assert all(isinstance(route, PolicedRoute) for route in routes), "made by shared.http.routing.router"
        names = [route.name for route in routes if isinstance(route, APIRoute)] + list(SHARED_POLICY)
        assert sorted(names) == sorted(_table(service)), "each route once, and no entry without a route"
        described = sorted(operation.name for operation in operations(service))
        hidden = {route.name for route in routes if isinstance(route, APIRoute) and not route.include_in_schema}
        assert described == sorted(set(names) - hidden)


@pytest.mark.parametrize("name", ALL)
async def test_nothing_else_is_answered(fresh_database: FreshDatabase, name: ServiceName) -> None:
    """Whatever the app routes to is policed, but for health and its own description."""
    async with one_service(fresh_database, name) as service:
        beside = {f"/{name}/{path}" for path in BESIDE}
        for route in service.app.router.routes:
            if not isinstance(route, PolicedRoute):
                assert getattr(route, "path", "?") in beside, route
        for path in ("healthz", "readyz", "metrics", "openapi.json"):
            answer = await service.http.get(f"/{name}/{path}", headers={"Authorization": ""})
            assert answer.status_code == 200


@pytest.mark.parametrize("name", ALL)
async def test_each_operation_asks_for_a_token_and_one_of_its_roles(
    fresh_database: FreshDatabase, name: ServiceName
) -> None:
    async with one_service(fresh_database, name) as service:
        table = _table(service)
        for operation in operations(service):
            access = table[operation.name]
            nobody = await operation.call(service.http, {"Authorization": ""})
            if access.public:
                assert nobody.status_code not in (401, 403), operation
                continue
            assert (nobody.status_code, slug(nobody)) == (401, "unauthenticated"), operation
            for role in set(ALL_ROLES) - access.roles - {ADMIN}:
                refused = await operation.call(service.http, bearer(role, new_id()))
                assert (refused.status_code, slug(refused)) == (403, "forbidden"), (operation, role)
            without = await operation.call(service.http, bearer("janitor", new_id()))
            assert without.status_code == 403, operation


STREAMS: Final = ("follow_live", "follow_me")
"""These answer for as long as somebody listens; tests/reporting and tests/complaints prove who may."""


@pytest.mark.parametrize("name", ALL)
async def test_the_roles_of_an_entry_are_let_in(fresh_database: FreshDatabase, name: ServiceName) -> None:
    """Nobody in the table is refused by the gate; what the use case says to an empty request is its own matter."""
    async with one_service(fresh_database, name) as service:
        table = _table(service)
        asked = [
            (operation, role)
            for operation in operations(service)
            for role in ({ADMIN} | set(sorted(table[operation.name].roles)[:1]))
            if operation.name not in STREAMS
        ]
        answers = await asyncio.gather(*(each.call(service.http, bearer(role, new_id())) for each, role in asked))
        for each, answer in zip(asked, answers, strict=True):
            assert answer.status_code != 401, each
            if answer.status_code == 403:
                assert "this needs one of the roles" not in answer.json()["detail"], each


@pytest.mark.parametrize("name", ALL)
async def test_entries_name_roles_that_exist(fresh_database: FreshDatabase, name: ServiceName) -> None:
    async with one_service(fresh_database, name) as service:
        for operation, access in _table(service).items():
            assert access.roles <= set(ALL_ROLES), operation
            assert access.public != bool(access.roles), f"{operation}: public, or for somebody"
    assert set(ALL_ROLES) == {*STAFF_ROLES, ADMIN, PARTNER}


PUBLIC_ANYWHERE: Final = {
    "track_complaint",
    "add_tracked_file",
    "list_tracked_files",
    "post_tracked_file",
    "add_tracked_words",
    "judge_tracked_complaint",
    "show_tracked_complaint",
    "post_tracked_words",
    "post_tracked_satisfaction",
    "read_unsubscribe",
    "unsubscribe",
    "lead_to_ops_page",
    "read_ops_page",
}
"""What the contract gives to people without a login (the page holds no data); a new one is a decision."""


@pytest.mark.parametrize("name", ALL)
async def test_little_is_public(fresh_database: FreshDatabase, name: ServiceName) -> None:
    async with one_service(fresh_database, name) as service:
        public = {operation for operation, access in _table(service).items() if access.public}
        assert public <= PUBLIC_ANYWHERE
        for operation in operations(service):
            described = service.app.openapi()["paths"][operation.path][operation.method]
            if operation.name in public:
                assert described.get("security") == [], f"{operation.name} is described as needing a token"
