"""What ids stand for, many at once; and a customer with names beside ids."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from shared.ids import new_id
from tests.customers.network import BASE, brand, colleague, made, region, slug, store
from tests.postgres import FreshDatabase
from tests.support import OneService, bearer, one_service


async def named(customers: OneService, *ids: UUID, **headers: Any) -> dict[str, tuple[str, str]]:
    answer = await customers.http.get(f"{BASE}/names", params={"ids": [str(id_) for id_ in ids]}, **headers)
    assert answer.status_code == 200, answer.text
    return {each["id"]: (each["kind"], each["name"]) for each in answer.json()["items"]}


async def unmasked(customers: OneService, what: str = "customer.unmasked") -> list[tuple[str, str]]:
    entries = (await customers.http.get(f"{BASE}/audit", params={"what": what})).json()["items"]
    return [(entry["made_by"], entry["subject"]) for entry in entries]


async def test_many_ids_have_their_names_and_what_is_not_the_callers_has_none(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        seller = await colleague(customers)
        sales = UUID((await made(customers, "departments", {"name": "销售部"}))["id"])
        lotus, east = await brand(customers), await region(customers)
        shop, strange = await store(customers, "丽人美容院"), await store(customers, "他人美容院")
        person = UUID((await made(customers, "customers", {"name": "王小明", "kind": "person"}))["id"])
        for each in (shop, person):
            await customers.http.put(f"{BASE}/customers/{each}/team", json={"salesperson": str(seller)})

        rival = UUID((await made(customers, "competitors", {"name": "美莱"}))["id"])
        manager, hidden = [
            UUID((await made(customers, f"customers/{each}/people", {"name": "李店长", "job": "manager"}))["id"])
            for each in (shop, strange)
        ]
        owner, unseen = [UUID((await made(customers, "owners", {"name": "陈丽华"}))["id"]) for _ in range(2)]
        for each, whose in ((shop, owner), (strange, unseen)):
            await made(customers, f"customers/{each}/ownership", {"owner_id": str(whose)})
        met = {"name": "赵美", "source": "web", "owner_id": str(seller)}
        prospect = UUID((await made(customers, "prospects", met))["id"])
        others = UUID((await made(customers, "prospects", {**met, "owner_id": str(await colleague(customers))}))["id"])

        found = await named(
            customers, seller, sales, lotus, east, shop, strange, person, new_id(), shop, rival, manager, hidden, owner,
            unseen, prospect, others, headers=bearer("salesperson", seller),
        )  # fmt: skip

        assert found == {
            str(seller): ("staff", "孙浩"),
            str(sales): ("department", "销售部"),
            str(lotus): ("brand", "雅丽"),
            str(east): ("region", "华东"),
            str(shop): ("customer", "丽人美容院"),
            str(person): ("customer", "王小明"),
            str(rival): ("competitor", "美莱"),
            str(manager): ("person", "李店长"),
            str(owner): ("owner", "陈丽华"),
            str(prospect): ("prospect", "赵美"),
        }
        assert await unmasked(customers) == [(str(seller), str(person))], "a trading name is no secret"
        for kind, whose in (("person", manager), ("owner", owner), ("prospect", prospect)):
            assert await unmasked(customers, f"{kind}.unmasked") == [(str(seller), str(whose))]
        assert (await customers.http.post(f"{BASE}/prospects/{prospect}/customer")).is_success
        assert await named(customers, prospect) == {}, "it is a customer by now"


async def test_the_id_of_who_was_merged_has_the_name_of_the_one_who_is_kept(fresh_database: FreshDatabase) -> None:
    """It is entered under the one who is kept, and hidden from who does not see them."""
    async with one_service(fresh_database, "customers") as customers:
        said = {"name": "王小明", "kind": "person"}
        twice, kept = [UUID((await made(customers, "customers", said))["id"]) for _ in range(2)]
        assert (await customers.http.post(f"{BASE}/customers/{twice}/merge", json={"into": str(kept)})).is_success
        agent = bearer("cs_specialist", who := new_id())

        assert await named(customers, twice, headers=agent) == {str(twice): ("customer", "王小明")}
        assert await unmasked(customers) == [(str(who), str(kept))]
        assert await named(customers, twice, kept) == {
            str(twice): ("customer", "王小明"),
            str(kept): ("customer", "王小明"),
        }
        seller = await colleague(customers)
        assert await named(customers, twice, headers=bearer("salesperson", seller)) == {}


async def test_five_hundred_ids_are_one_request_and_more_are_refused(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)

        assert await named(customers, shop, *(new_id() for _ in range(499))) == {
            str(shop): ("customer", "美丽人生美容院")
        }
        both = [f"{shop},{await colleague(customers)}", str(await brand(customers))]
        answer = await customers.http.get(f"{BASE}/names", params={"ids": both})
        assert [each["kind"] for each in answer.json()["items"]] == ["customer", "staff", "brand"]
        for ids in ([str(new_id()) for _ in range(501)], [], ["17"], [f"{shop},"], [",".join([str(shop)] * 501)]):
            answer = await customers.http.get(f"{BASE}/names", params={"ids": ids})
            assert slug(answer) == (422, "invalid")
        assert slug(await customers.http.get(f"{BASE}/names", headers=bearer("partner")))[0] == 403


async def test_a_customer_is_shown_with_names_beside_ids(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        east, seller = await region(customers), await colleague(customers)
        shop = await store(customers, "丽人美容院", region_id=str(east))
        registered = customers.clock.now()

        async def shown(**headers: Any) -> dict[str, Any]:
            profile: dict[str, Any] = (await customers.http.get(f"{BASE}/customers/{shop}", **headers)).json()
            return {name: profile[name] for name in ("region_name", "owner_name", "team", "updated_at", "masked")}

        bare: dict[str, Any] = {"region_name": "华东", "owner_name": None, "team": {}, "masked": []}
        assert await shown() == {**bare, "updated_at": registered.isoformat().replace("+00:00", "Z")}
        owner = (await made(customers, "owners", {"name": "陈丽华"}))["id"]
        await made(customers, f"customers/{shop}/ownership", {"owner_id": owner})
        customers.clock.forward(timedelta(hours=1))
        seated = await customers.http.put(f"{BASE}/customers/{shop}/team", json={"salesperson": str(seller)})
        assert seated.status_code == 200, seated.text
        assert (await shown())["updated_at"] == (registered + timedelta(hours=1)).isoformat().replace("+00:00", "Z")
        agent = new_id()
        profile = await shown(headers=bearer("cs_specialist", agent))
        assert (profile["owner_name"], profile["team"]) == (
            "陈丽华",
            {"salesperson": {"id": str(seller), "name": "孙浩"}},
        )
        assert (str(agent), owner) in await unmasked(customers, "owner.unmasked"), "the owner's name is a person's"
        assert str(shop) not in {subject for _, subject in await unmasked(customers)}, "a trading name is no secret"
        partner = new_id()
        assert (await shown(headers=bearer("partner", partner)))["owner_name"] == "陈**"
        assert str(partner) not in {by for by, _ in await unmasked(customers, "owner.unmasked")}
