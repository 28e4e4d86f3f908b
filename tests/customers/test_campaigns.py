"""Straightening out a network: a list of contracts with how far each is; none ends by it (domain 2.2)."""

from typing import Any

from shared.ids import new_id
from tests.customers.network import BASE, brand, colleague, nobody
from tests.customers.test_contracts import DECEMBER, Network, slug
from tests.postgres import FreshDatabase
from tests.support import OneService, bearer, one_service


async def begun(customers: OneService, *contracts: str, **more: Any) -> dict[str, Any]:
    body = {"name": "2026 鹿城整顿", "reason": "窜货严重", "contracts": contracts, **more}
    answer = await customers.http.post(f"{BASE}/campaigns", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def listed(customers: OneService, campaign: str) -> list[dict[str, Any]]:
    answer = await customers.http.get(f"{BASE}/campaigns/{campaign}/contracts")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def test_it_shows_how_far_each_contract_is_and_ends_none(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        net = await Network.built(customers)
        first = await net.signed(net.x, net.m1, net.lucheng, starts_on="2026-01-01")
        second = await net.signed(net.y, net.m2, net.lucheng)
        third = await net.signed(net.y, net.h1, net.ouhai)

        campaign = await begun(customers, first, second, third, first)

        assert campaign["progress"] == {
            "contracts": 3,
            "not_begun": 3,
            **dict.fromkeys(("confirm", "approve", "letter", "aftercare", "over", "withdrawn"), 0),
        }
        assert {each["state"] for each in await listed(customers, campaign["id"])} == {"active"}, "nothing ends by it"
        await net.end(first, "2026-11-04")
        await customers.http.post(f"{BASE}/contracts/{third}/withdrawal")

        read = (await customers.http.get(f"{BASE}/campaigns/{campaign['id']}")).json()
        assert {name: many for name, many in read["progress"].items() if many} == {
            "contracts": 3,
            "not_begun": 2,
            "approve": 1,
            "over": 1,
            "withdrawn": 1,
        }
        assert [(each["contract_id"], each["step"], each["state"]) for each in await listed(customers, read["id"])] == [
            (third, None, "withdrawn"),
            (second, None, "active"),
            (first, "approve", "ended"),
        ]
        [page] = (await customers.http.get(f"{BASE}/campaigns")).json()["items"]
        assert (page["name"], page["reason"], page["progress"]) == ("2026 鹿城整顿", "窜货严重", read["progress"])
        sealed = await customers.database.fetchval("SELECT reason FROM campaign")
        assert "窜货".encode() not in sealed


async def test_contracts_come_and_go_until_it_is_closed(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        net = await Network.built(customers)
        first = await net.signed(net.x, net.m1, net.lucheng)
        second = await net.signed(net.y, net.m2, net.lucheng)
        campaign = await begun(customers, first)
        path = f"{BASE}/campaigns/{campaign['id']}"

        for _ in range(2):
            more = await customers.http.post(f"{path}/contracts", json={"contracts": [second]})
            assert (more.status_code, more.json()["progress"]["contracts"], more.headers["ETag"]) == (200, 2, '"2"')
        await net.step(first, "confirm", "brand_manager", ends_on=DECEMBER)
        out = await customers.http.delete(f"{path}/contracts/{first}")
        assert (out.json()["progress"]["contracts"], out.json()["progress"]["not_begun"]) == (1, 1)
        assert (await net.read(first))["state"] == "ending", "what was done of its ending stays"
        assert slug(await customers.http.delete(f"{path}/contracts/{first}")) == (404, "not-in-campaign")

        for _ in range(2):
            closed = await customers.http.post(f"{path}/closing")
            assert (closed.status_code, closed.json()["closed_at"] is not None) == (200, True)
        assert (await net.read(second))["state"] == "active", "closing ends nothing"
        assert slug(await customers.http.post(f"{path}/contracts", json={"contracts": [first]})) == (
            409,
            "campaign-closed",
        )
        assert slug(await customers.http.delete(f"{path}/contracts/{second}")) == (409, "campaign-closed")
        entered = await customers.database.fetch(
            "SELECT what FROM audit_entry WHERE what LIKE 'campaign.%' ORDER BY id"
        )
        assert [row["what"].removeprefix("campaign.") for row in entered] == [
            "contract_added", "begun", "contract_added", "contract_removed", "closed",
        ]  # fmt: skip


async def test_what_has_ended_or_is_not_seen_comes_into_none(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        net = await Network.built(customers)
        over = await net.signed(net.x, net.m1, net.lucheng, starts_on="2025-01-01", ends_on="2026-01-01")
        held = await net.signed(net.y, await brand(customers), net.ouhai)
        body = {"name": "整顿", "reason": "乱价"}
        for contracts in ([over], [str(nobody())], [held, over]):
            answer = await customers.http.post(f"{BASE}/campaigns", json={**body, "contracts": contracts})
            assert slug(answer) == (422, "unknown-contract")
        assert (await customers.http.post(f"{BASE}/campaigns", json={**body, "contracts": []})).status_code == 422
        assert (await customers.http.get(f"{BASE}/campaigns")).json()["items"] == [], "nothing of it was written"

        campaign = await begun(customers, held)
        manager = bearer("brand_manager", await colleague(customers, "brand_manager"))
        seen = await customers.http.get(f"{BASE}/campaigns/{campaign['id']}", headers=manager)
        assert seen.json()["progress"]["contracts"] == 0, "contracts of customers whom they do not see"
        path = f"{BASE}/campaigns/{campaign['id']}/contracts"
        assert (await customers.http.get(path, headers=manager)).json()["items"] == []
        assert slug(await customers.http.delete(f"{path}/{held}", headers=manager)) == (404, "not-in-campaign")
        assert slug(await customers.http.get(f"{BASE}/campaigns/{nobody()}")) == (404, "no-such-campaign")
        stranger = bearer("salesperson", new_id())
        assert slug(await customers.http.get(f"{BASE}/campaigns", headers=stranger)) == (403, "forbidden")


async def test_it_is_closed_by_who_sees_something_of_it_as_they_have_read_it(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        net = await Network.built(customers)
        first, second = await net.signed(net.x, net.m1, net.lucheng), await net.signed(net.y, net.m2, net.lucheng)
        campaign = await begun(customers, second)
        path = f"{BASE}/campaigns/{campaign['id']}"
        manager = bearer("brand_manager", net.manager)

        async def close(read: str | None = None) -> tuple[int, str]:
            headers = manager | ({"If-Match": read} if read else {})
            return slug(await customers.http.post(f"{path}/closing", headers=headers))

        assert await close() == (403, "campaign-not-seen"), "they serve X alone"
        await customers.http.post(f"{path}/contracts", json={"contracts": [first]})
        assert await close('"1"') == (412, "stale"), "a contract has come since"
        assert await close('"2"') == (200, "")
        assert await close('"2"') == (200, ""), "again it changes nothing"
