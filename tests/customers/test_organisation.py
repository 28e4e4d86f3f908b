"""Brands, regions, departments, staff and account teams (domain 1, decisions 18 and 25)."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from services.customers.organisation import domain
from shared.contracts.customers import (
    AccountTeamChanged,
    BrandListed,
    DepartmentListed,
    RegionListed,
    StaffChanged,
    StaffContactListed,
    StaffListed,
)
from shared.errors import DomainError
from shared.ids import new_id
from tests.customers.network import BASE, brand, colleague, made, nobody, region, slug, store
from tests.postgres import FreshDatabase
from tests.support import OneService, bearer, one_service

ANY = {"If-Match": "*"}


async def patch_staff(customers: OneService, staff_id: UUID, body: dict[str, Any], tag: str = "*") -> Any:
    return await customers.http.patch(f"{BASE}/staff/{staff_id}", json=body, headers={"If-Match": tag})


async def team_of(customers: OneService, customer_id: UUID) -> dict[str, str]:
    team: dict[str, str] = (await customers.http.get(f"{BASE}/customers/{customer_id}/team")).json()["team"]
    return team


async def seat(customers: OneService, customer_id: UUID, tag: str | None = None, **seats: UUID) -> Any:
    return await customers.http.put(
        f"{BASE}/customers/{customer_id}/team",
        json={role: str(staff_id) for role, staff_id in seats.items()},
        headers={} if tag is None else {"If-Match": tag},
    )


async def test_what_is_entered_is_listed_and_told_to_the_directory(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        high, east = await brand(customers, "high"), await region(customers)
        service = UUID((await made(customers, "departments", {"name": "客户服务部"}))["id"])
        boss = await colleague(customers, "cs_manager", department_id=str(service))
        await customers.http.patch(f"{BASE}/departments/{service}", json={"manager_id": str(boss)}, headers=ANY)

        assert (await customers.facts(BrandListed))[0].brand_id == high
        assert (await customers.facts(RegionListed))[0].region_id == east
        assert [fact.manager_id for fact in await customers.facts(DepartmentListed)] == [None, boss]
        [listed], [changed] = await customers.facts(StaffListed), await customers.facts(StaffChanged)
        assert (listed.address, listed.department_id, changed.role) == (None, service, "cs_manager")
        [contact] = await customers.facts(StaffContactListed)
        assert (contact.staff_id, contact.channel, contact.address) == (boss, "email", "sun@example.com")
        for kind in ("brands", "regions", "departments", "staff"):
            assert len((await customers.http.get(f"{BASE}/{kind}")).json()["items"]) == 1
            [item] = (await customers.http.get(f"{BASE}/{kind}")).json()["items"]
            assert (await customers.http.get(f"{BASE}/{kind}/{item['id']}")).json() == item
            assert slug(await customers.http.get(f"{BASE}/{kind}/{nobody()}")) == (404, "not-listed")
            refused = await customers.http.post(f"{BASE}/{kind}", json={}, headers=bearer("salesperson"))
            assert slug(refused) == (403, "forbidden")


async def test_lists_are_narrowed_and_paged(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        sellers = [await colleague(customers, name=f"业务{n}") for n in range(3)]
        await colleague(customers, "cs_manager")

        first = (await customers.http.get(f"{BASE}/staff?role=salesperson&limit=2")).json()
        rest = (await customers.http.get(f"{BASE}/staff?role=salesperson&limit=2&cursor={first['next']}")).json()

        assert [item["id"] for item in first["items"] + rest["items"]] == [str(seller) for seller in sellers]
        assert rest["next"] is None


async def test_names_and_grades_change_with_their_etag(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        url = f"{BASE}/brands/{await brand(customers)}"

        changed = await customers.http.patch(url, json={"grade": "high"}, headers={"If-Match": '"1"'})
        stale = await customers.http.patch(url, json={"name": "别名"}, headers={"If-Match": '"1"'})
        missing = await customers.http.patch(url, json={"name": "别名"})

        assert (changed.json()["grade"], changed.headers["ETag"]) == ("high", '"2"')
        assert slug(stale) == (412, "stale")
        assert slug(missing) == (428, "precondition-required")


@pytest.mark.parametrize(
    "channel, address, kept",
    [
        ("email", "a@b.cn", "a@b.cn"),
        ("sms", "138 0013 8000", "+8613800138000"),
        ("webhook", "https://bots.example.com/x", "https://bots.example.com/x"),
        ("email", None, None),
    ],
)
def test_a_channel_takes_its_own_kind_of_address(channel: domain.Channel, address: str | None, kept: str) -> None:
    assert domain.address_for(channel, address) == kept


@pytest.mark.parametrize(
    "channel, address", [("email", "13800138000"), ("sms", "a@b.cn"), ("webhook", "ftp://x"), ("webhook", "a@b.cn")]
)
def test_a_channel_refuses_another_kind_of_address(channel: domain.Channel, address: str) -> None:
    with pytest.raises(domain.AddressRefused):
        domain.address_for(channel, address)


def test_a_chain_that_comes_back_is_refused() -> None:
    ann, ben, cai = new_id(), new_id(), new_id()

    domain.check_chain(ann, ben, {ben: cai, cai: None})
    with pytest.raises(domain.SupervisorCycle):
        domain.check_chain(ann, ben, {ben: cai, cai: ann})
    with pytest.raises(DomainError):
        domain.check_chain(ann, ben, {ben: cai, cai: ben})


async def test_what_colleagues_know_best_is_kept_and_told(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        known = f"brand:{await brand(customers)}"
        person = {"name": "李静", "role": "cs_specialist", "skills": ["subject:delivery", known, "subject:delivery"]}
        entered = (await customers.http.post(f"{BASE}/staff", json=person)).json()
        url = f"{BASE}/staff/{entered['id']}"

        changed = await customers.http.patch(url, json={"skills": ["language:en"]}, headers={"If-Match": "*"})
        other = await customers.http.patch(url, json={"name": "李晶"}, headers={"If-Match": "*"})

        assert entered["skills"] == [known, "subject:delivery"]
        assert changed.json()["skills"] == other.json()["skills"] == ["language:en"]
        listed = await customers.facts(StaffListed)
        assert [fact.skills for fact in listed] == [(known, "subject:delivery"), ("language:en",), ("language:en",)]


async def test_wrong_staff_is_refused_and_nothing_written(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        seller = await colleague(customers)
        wrong: list[tuple[dict[str, Any], str]] = [
            ({"supervisor_id": str(nobody())}, "unknown-staff"),
            ({"department_id": str(nobody())}, "unknown-department"),
            ({"role": "partner"}, "role-refused"),
            ({"role": "Sales Person"}, "invalid"),
            ({"channel": "sms", "address": "x"}, "address-refused"),
            ({"channel": "pigeon"}, "invalid"),
            ({"active": False}, "invalid"),
            ({"skills": ["product"]}, "invalid"),
            ({"skills": [f"brand:{nobody()}"]}, "unknown-brand"),
        ]
        for fields, expected in wrong:
            person = {"name": "孙浩", "role": "salesperson", **fields}
            assert slug(await customers.http.post(f"{BASE}/staff", json=person)) == (422, expected)
        changes: list[tuple[dict[str, Any], str]] = [
            ({"supervisor_id": str(seller)}, "supervisor-cycle"),
            ({"successor_id": str(nobody())}, "successor-refused"),
            ({"active": False, "successor_id": str(seller)}, "successor-refused"),
            ({"active": False, "successor_id": str(nobody())}, "successor-refused"),
            ({"channel": "sms"}, "address-refused"),
        ]
        for body, expected in changes:
            assert slug(await patch_staff(customers, seller, body)) == (422, expected)
        assert slug(await patch_staff(customers, nobody(), {"name": "甲"})) == (404, "not-listed")
        assert slug(await patch_staff(customers, seller, {"name": "甲"}, '"9"')) == (412, "stale")
        assert len(await customers.events()) == 3


async def test_only_an_administrator_makes_or_changes_administrators(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        chief = await colleague(customers, role="admin")
        seller = await colleague(customers)
        told = await customers.events()
        for role in ("admin_dept", "general_manager"):
            headers = bearer(role)
            person = {"name": "孙浩", "role": "admin"}
            added = await customers.http.post(f"{BASE}/staff", json=person, headers=headers)
            tried = [
                await customers.http.patch(f"{BASE}/staff/{who}", json=body, headers={**headers, "If-Match": '"1"'})
                for who, body in (
                    (seller, {"role": "admin"}),
                    (chief, {"role": "cs_manager"}),
                    (chief, {"active": False}),
                )
            ]
            assert [slug(answer) for answer in (added, *tried)] == [(403, "forbidden")] * 4

        assert await customers.events() == told
        assert (await patch_staff(customers, seller, {"role": "admin"})).json()["role"] == "admin"


async def test_two_changes_at_once_never_close_a_cycle_of_supervisors(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        ann, ben = await colleague(customers), await colleague(customers)

        answers = await asyncio.gather(
            patch_staff(customers, ann, {"supervisor_id": str(ben)}),
            patch_staff(customers, ben, {"supervisor_id": str(ann)}),
        )

        assert sorted(answer.status_code for answer in answers) == [200, 422]


async def test_a_team_is_seated_as_a_whole(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        seller, mentor = await colleague(customers), await colleague(customers, "beauty_mentor")

        first = await seat(customers, shop, salesperson=seller, cs_specialist=mentor)
        without = await seat(customers, shop, beauty_mentor=mentor)
        second = await seat(customers, shop, first.headers["ETag"], beauty_mentor=mentor)
        stale = await seat(customers, shop, first.headers["ETag"], salesperson=mentor)
        again = await seat(customers, shop, second.headers["ETag"], beauty_mentor=mentor)

        assert (first.status_code, second.status_code) == (200, 200)
        assert slug(without) == (428, "precondition-required")
        assert slug(stale) == (412, "stale")
        assert again.headers["ETag"] == second.headers["ETag"]
        assert await team_of(customers, shop) == {"beauty_mentor": str(mentor)}
        assert [fact.team for fact in await customers.facts(AccountTeamChanged)] == [
            {"salesperson": seller, "cs_specialist": mentor},
            {"beauty_mentor": mentor},
        ]


async def test_a_team_that_cannot_be_seated_is_refused(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, seller = await store(customers), await colleague(customers)
        accountant, gone = await colleague(customers, "accountant"), await colleague(customers)
        await patch_staff(customers, gone, {"active": False})

        for role, staff_id in (
            ("salesperson", nobody()),
            ("salesperson", gone),
            ("salesperson", accountant),
            ("accountant", seller),
        ):
            assert slug(await seat(customers, shop, None, **{role: staff_id})) == (422, "team-refused")
        assert slug(await seat(customers, nobody(), salesperson=seller)) == (404, "customer-not-found")
        assert slug(await customers.http.get(f"{BASE}/customers/{nobody()}/team")) == (404, "customer-not-found")
        assert await team_of(customers, shop) == {}
        assert await customers.events(AccountTeamChanged) == []


async def test_who_leaves_hands_the_seats_to_the_successor(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        leaving, following, mentor = [await colleague(customers) for _ in range(3)]
        shops = [await store(customers) for _ in range(3)]
        await seat(customers, shops[0], salesperson=leaving, beauty_mentor=mentor)
        await seat(customers, shops[1], salesperson=leaving, brand_manager=leaving)
        await seat(customers, shops[2], salesperson=mentor)

        left = await patch_staff(customers, leaving, {"active": False, "successor_id": str(following)})

        assert (left.json()["active"], left.json()["successor_id"]) == (False, str(following))
        assert await team_of(customers, shops[0]) == {"beauty_mentor": str(mentor), "salesperson": str(following)}
        assert await team_of(customers, shops[1]) == {"brand_manager": str(following), "salesperson": str(following)}
        events = (await customers.events(AccountTeamChanged))[3:]
        assert {event.aggregate_id: event.read(AccountTeamChanged).team for event in events} == {
            shops[0]: {"beauty_mentor": mentor, "salesperson": following},
            shops[1]: {"brand_manager": following, "salesperson": following},
        }
        assert [event.aggregate_version for event in events] == [3, 3]
        back = (await patch_staff(customers, leaving, {"active": True})).json()
        assert (back["active"], back["successor_id"]) == (True, None)


async def test_who_leaves_without_a_successor_leaves_empty_seats(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        leaving, shop = await colleague(customers), await store(customers)
        await seat(customers, shop, salesperson=leaving)

        await patch_staff(customers, leaving, {"active": False})

        assert await team_of(customers, shop) == {}
        assert (await customers.facts(AccountTeamChanged))[-1].team == {}


async def test_nobody_is_seated_while_leaving(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        leaving, shop = await colleague(customers), await store(customers)

        await asyncio.gather(
            patch_staff(customers, leaving, {"active": False}),
            seat(customers, shop, salesperson=leaving),
        )

        assert await team_of(customers, shop) == {}
