"""Who sees which customer (architecture 5): the team, its supervisors and department managers, and who sees all."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import httpx
import orjson
import pytest

from services.customers.heads.store.visibility import seen_by, sees
from shared.auth.principal import ADMIN, PARTNER, STAFF_ROLES
from shared.auth.visibility import SEE_EVERY_CUSTOMER
from shared.ids import new_id
from tests.customers.network import BASE, bought, colleague, made, slug, store
from tests.postgres import FreshDatabase
from tests.support import OneService, bearer, one_service

SERVED_PHONE, FOREIGN_PHONE = "+8613800138000", "+8613900139000"
NARROW: Final = sorted(set(STAFF_ROLES) - set(SEE_EVERY_CUSTOMER))


@dataclass(frozen=True, slots=True)
class Shop:
    """A customer with a purchase."""

    id: UUID
    purchase: UUID


@dataclass(frozen=True, slots=True)
class House:
    """A store that a salesperson serves, under a supervisor, in a department with a manager; and one of others."""

    customers: OneService
    seller: UUID
    supervisor: UUID
    manager: UUID
    served: Shop
    foreign: Shop

    async def get(self, path: str, headers: dict[str, str], **params: Any) -> httpx.Response:
        return await self.customers.http.get(f"{BASE}/{path}", params=params, headers=headers)

    async def listed(self, headers: dict[str, str], **params: Any) -> set[UUID]:
        page = (await self.get("customers", headers, **params)).json()
        return {UUID(item["id"]) for item in page["items"]}


@asynccontextmanager
async def house(fresh_database: FreshDatabase) -> AsyncIterator[House]:
    async with one_service(fresh_database, "customers") as customers:
        manager = await colleague(customers, "brand_manager")
        department = (await made(customers, "departments", {"name": "销售部", "manager_id": str(manager)}))["id"]
        supervisor = await colleague(customers, "sales_manager")
        seller = await colleague(customers, "salesperson", department_id=department, supervisor_id=str(supervisor))
        other = await colleague(customers, "salesperson")
        yield House(
            customers,
            seller,
            supervisor,
            manager,
            served=await _shop(customers, seller, SERVED_PHONE),
            foreign=await _shop(customers, other, FOREIGN_PHONE),
        )


async def _shop(customers: OneService, seller: UUID, phone: str) -> Shop:
    id_ = await store(customers, phones=[phone])
    seated = await customers.http.put(f"{BASE}/customers/{id_}/team", json={"salesperson": str(seller)})
    assert seated.status_code == 200, seated.text
    return Shop(id_, await bought(customers, id_, "500.00"))


def reads(shop: Shop) -> list[str]:
    """Everything about a customer that can be read by id."""
    about = f"customers/{shop.id}"
    return [about, f"{about}/team", f"{about}/tier-history", f"purchases/{shop.purchase}"]


@pytest.mark.parametrize("role", NARROW)
async def test_a_role_sees_the_customers_of_its_teams(fresh_database: FreshDatabase, role: str) -> None:
    async with house(fresh_database) as network:
        me = bearer(role, network.seller)

        assert [(await network.get(path, me)).status_code for path in reads(network.served)] == [200] * 4
        for path in reads(network.foreign):
            assert (await network.get(path, me)).status_code == 404, path
        assert await network.listed(me) == {network.served.id}
        assert await network.listed(me, q="美丽") == {network.served.id}


@pytest.mark.parametrize("role", [ADMIN, *SEE_EVERY_CUSTOMER])
async def test_customer_service_and_administration_see_all(fresh_database: FreshDatabase, role: str) -> None:
    async with house(fresh_database) as network:
        me = bearer(role, new_id())

        for path in (*reads(network.served), *reads(network.foreign)):
            assert (await network.get(path, me)).status_code == 200, path
        assert await network.listed(me) == {network.served.id, network.foreign.id}


async def test_supervisors_and_department_managers_see_what_their_people_serve(fresh_database: FreshDatabase) -> None:
    async with house(fresh_database) as network:
        for me in (bearer("sales_manager", network.supervisor), bearer("brand_manager", network.manager)):
            assert [(await network.get(path, me)).status_code for path in reads(network.served)] == [200] * 4
            assert [(await network.get(path, me)).status_code for path in reads(network.foreign)] == [404] * 4
            assert await network.listed(me) == {network.served.id}


async def test_partners_find_everybody_and_nothing_more(fresh_database: FreshDatabase) -> None:
    async with house(fresh_database) as network:
        me = bearer("partner", new_id())

        assert await network.listed(me) == {network.served.id, network.foreign.id}
        statuses = [(await network.get(path, me)).status_code for path in reads(network.foreign)]
        assert statuses == [200, 403, 403, 403]


async def test_foreign_is_answered_like_unknown(fresh_database: FreshDatabase) -> None:
    async with house(fresh_database) as network:
        me = bearer("salesperson", network.seller)
        nowhere = Shop(new_id(), new_id())

        for foreign, unknown in zip(reads(network.foreign), reads(nowhere), strict=True):
            answers = [(await network.get(path, me)).json() for path in (foreign, unknown)]
            for answer in answers:
                del answer["trace_id"]
            assert answers[0] == answers[1]


async def test_purchases_of_others_are_left_out_of_lists(fresh_database: FreshDatabase) -> None:
    async with house(fresh_database) as network:
        me = bearer("beauty_mentor", network.seller)

        mine = (await network.get("purchases", me, customer_id=network.served.id)).json()["items"]
        foreign = (await network.get("purchases", me, customer_id=network.foreign.id)).json()["items"]

        assert [item["id"] for item in mine] == [str(network.served.purchase)]
        assert foreign == []


async def test_a_call_is_shown_to_who_serves_the_caller(fresh_database: FreshDatabase) -> None:
    async with house(fresh_database) as network:
        second = await store(network.customers, "美人美容院", phones=[SERVED_PHONE])
        me = bearer("salesperson", network.seller)

        mine = (await network.get("screen-pop", me, phone=SERVED_PHONE)).json()
        foreign = await network.get("screen-pop", me, phone=FOREIGN_PHONE)
        at_service = (await network.get("screen-pop", bearer("cs_specialist", new_id()), phone=SERVED_PHONE)).json()

        assert (mine["id"], mine["others"]) == (str(network.served.id), [])
        assert slug(foreign) == (404, "unknown-caller")
        assert [other["id"] for other in at_service["others"]] == [str(second)]


async def test_what_is_anothers_is_not_written(fresh_database: FreshDatabase) -> None:
    async with house(fresh_database) as network:
        http, foreign = network.customers.http, network.foreign
        me = {**bearer("sales_manager", network.supervisor), "If-Match": "*"}
        about = f"{BASE}/customers/{foreign.id}"
        count = "SELECT (SELECT count(*) FROM event_log) + (SELECT count(*) FROM purchase)"
        before = await network.customers.database.fetchval(count)

        purchase = {"customer_id": str(foreign.id), "amount": "1.00"}
        override = {"tier": "A", "reason": "promised", "until": "2026-12-31"}
        answers = [
            await http.patch(about, json={"name": "mine"}, headers=me),
            await http.put(f"{about}/team", json={"salesperson": str(network.seller)}, headers=me),
            await http.put(f"{about}/tier-override", json=override, headers=me),
            await http.get(f"{about}/tier-override", headers=me),
            await http.delete(f"{about}/tier-override", headers=me),
            await http.post(f"{BASE}/purchases/{foreign.purchase}/returns", json={"amount": "1.00"}, headers=me),
            await http.post(f"{BASE}/purchases", json=purchase, headers=me),
        ]

        assert [slug(answer) for answer in answers[:5]] == [(404, "customer-not-found")] * 5
        assert slug(answers[5]) == (404, "unknown-purchase")
        assert slug(answers[6]) == (422, "unknown-customer"), "as for an id that nobody has"
        assert await network.customers.database.fetchval(count) == before


async def test_what_is_ones_own_is_written(fresh_database: FreshDatabase) -> None:
    async with house(fresh_database) as network:
        http, served = network.customers.http, network.served
        me = {**bearer("sales_manager", network.supervisor), "If-Match": "*"}
        about = f"{BASE}/customers/{served.id}"

        override = {"tier": "A", "reason": "promised", "until": "2026-12-31"}
        answers = [
            await http.patch(about, json={"name": "美丽人生"}, headers=me),
            await http.put(f"{about}/tier-override", json=override, headers=me),
            await http.delete(f"{about}/tier-override", headers=me),
            await http.post(f"{BASE}/purchases/{served.purchase}/returns", json={"amount": "1.00"}, headers=me),
            await http.post(f"{BASE}/purchases", json={"customer_id": str(served.id), "amount": "1.00"}, headers=me),
            await http.put(f"{about}/team", json={"beauty_mentor": str(network.seller)}, headers=me),
        ]

        assert [answer.status_code for answer in answers] == [200, 200, 204, 201, 201, 200]


async def test_who_registers_a_customer_sees_it_until_a_team_is_seated(fresh_database: FreshDatabase) -> None:
    async with house(fresh_database) as network:
        me, boss = bearer("salesperson", network.seller), bearer("sales_manager", network.supervisor)
        stranger = bearer("salesperson", new_id())
        registered = await network.customers.http.post(f"{BASE}/customers", json={"name": "新店"}, headers=me)
        about = registered.headers["Location"].removeprefix(f"{BASE}/")
        new = UUID(registered.json()["id"])

        assert [(await network.get(about, who)).status_code for who in (me, boss, stranger)] == [200, 200, 404]
        assert await network.listed(me) == {network.served.id, new}
        seated = await network.customers.http.put(
            f"{BASE}/{about}/team", json={"beauty_mentor": str(network.manager)}, headers=boss
        )

        assert seated.status_code == 200
        assert [(await network.get(about, who)).status_code for who in (me, boss, stranger)] == [404] * 3
        assert (await network.get(about, bearer("brand_manager", network.manager))).status_code == 200


async def test_who_hands_a_seat_over_no_longer_sees_the_customer(fresh_database: FreshDatabase) -> None:
    async with house(fresh_database) as network:
        heir = await colleague(network.customers, "salesperson")
        leaving = {"active": False, "successor_id": str(heir)}
        gone = await network.customers.http.patch(
            f"{BASE}/staff/{network.seller}", json=leaving, headers={"If-Match": "*"}
        )
        assert gone.status_code == 200, gone.text

        assert await network.listed(bearer("salesperson", network.seller)) == set()
        assert await network.listed(bearer("salesperson", heir)) == {network.served.id}


async def test_a_preview_lists_whom_its_reader_sees(fresh_database: FreshDatabase) -> None:
    async with house(fresh_database) as network:
        policy = await made(
            network.customers,
            "tier-policies",
            {"thresholds": {"A": "400", "B": "300", "C": "200"}, "starts_on": "2027-01-01"},
        )
        path = f"tier-policies/{policy['id']}/preview"

        mine = (await network.get(path, bearer("sales_manager", network.supervisor))).json()
        all_of_them = (await network.get(path, bearer("cs_manager", new_id()))).json()

        assert mine["moves"] == all_of_them["moves"] == {"D>A": 2}
        assert [item["customer_id"] for item in mine["items"]] == [str(network.served.id)]
        assert len(all_of_them["items"]) == 2


async def test_seeing_is_a_matter_of_indexes(fresh_database: FreshDatabase) -> None:
    """With many customers neither one customer nor a page of one's own reads them all."""
    async with house(fresh_database) as network:
        database = network.customers.database
        await database.execute(
            """
            WITH colleagues AS (INSERT INTO staff (id, version, name, role, channel, language, active)
                                SELECT uuidv7(), 1, '孙浩', 'salesperson', 'email', 'zh-CN', true
                                FROM generate_series(1, 500) RETURNING id),
                 more AS (INSERT INTO customer (id, version, tier, counts_from)
                          SELECT uuidv7(), 1, 'D', 24000 FROM generate_series(1, 10000) RETURNING id),
                 seated AS (INSERT INTO account_team (customer_id, role, staff_id)
                            SELECT c.id, 'salesperson', s.id
                            FROM (SELECT id, row_number() OVER () % 500 AS n FROM more) c
                            JOIN (SELECT id, row_number() OVER () - 1 AS n FROM colleagues) s USING (n))
            INSERT INTO archive (customer_id, kind, name, language, registered_at, personal, words, traces)
            SELECT id, 'store', 'shop', 'zh-CN', now(), '', '{}', '{}' FROM more
            """
        )
        for table in ("customer", "archive", "account_team", "staff"):
            await database.execute(f"ANALYZE {table}")
        page = f"SELECT id FROM customer c WHERE c.id = ANY (ARRAY({seen_by('$1')})) ORDER BY c.id LIMIT 51"
        one = f"SELECT id FROM customer c WHERE c.id = '{network.served.id}' AND {sees('$1', 'c.id')}"

        for statement in (page, one):
            plan = await database.fetchval(f"EXPLAIN (FORMAT JSON) {statement}", network.seller)
            read_whole = [
                node["Relation Name"]
                for node in _nodes(orjson.loads(plan)[0]["Plan"])
                if node["Node Type"] == "Seq Scan"
            ]
            assert not {"customer", "archive", "account_team"} & set(read_whole), plan


def _nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for child in plan.get("Plans", []) for node in _nodes(child))]


async def test_the_feed_tells_of_all_customers_and_is_for_those_who_see_them(fresh_database: FreshDatabase) -> None:
    async with house(fresh_database) as its:
        narrow = {role: (await its.get("events", bearer(role, its.seller))).status_code for role in NARROW}
        wide = {role: (await its.get("events", bearer(role))).status_code for role in (*SEE_EVERY_CUSTOMER, PARTNER)}

    assert set(narrow.values()) == {403}, narrow
    assert set(wide.values()) == {200}, wide
