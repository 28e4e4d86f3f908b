"""Who changed what of a customer, from what to what (domain 2.1)."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from services.customers.changes.domain import Change, said
from shared.ids import new_id
from tests.customers.network import BASE, brand, colleague, made, nobody, region, slug, store
from tests.customers.test_dates import entered
from tests.customers.test_people import person
from tests.customers.test_relations import relate, relations_of
from tests.postgres import FreshDatabase
from tests.support import ADMIN_ID, OneService, bearer, one_service

PHONE, OTHER = "+8613800135889", "+8613800135880"


async def changed(customers: OneService, path: str, body: dict[str, Any], **headers: str) -> httpx.Response:
    answer = await customers.http.patch(f"{BASE}/{path}", json=body, headers={"If-Match": "*", **headers})
    assert answer.status_code == 200, answer.text
    return answer


async def history(customers: OneService, customer: UUID, **headers: str) -> list[dict[str, Any]]:
    answer = await customers.http.get(f"{BASE}/customers/{customer}/changes", headers=headers)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def told(items: list[dict[str, Any]]) -> list[tuple[str, Any, Any]]:
    return [(each["field"], each["from"], each["to"]) for each in items]


async def test_every_change_is_kept_with_who_and_when(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, east = await store(customers, phones=[PHONE]), await region(customers)
        li = await colleague(customers, name="李娜")
        await customers.http.put(f"{BASE}/customers/{shop}/team", json={"salesperson": str(li)})

        await changed(
            customers, f"customers/{shop}", {"name": "新名", "region_id": str(east)}, **bearer("salesperson", li)
        )
        await changed(customers, f"customers/{shop}", {"phones": [OTHER]})
        await changed(customers, f"customers/{shop}", {"phones": [OTHER]})

        items = await history(customers, shop)
        assert told(items) == [
            ("phones", [PHONE], [OTHER]),
            ("region_id", None, str(east)),
            ("name", "美丽人生美容院", "新名"),
            ("team.salesperson", None, str(li)),
        ], "what says the same is no change, and registering is none"
        assert [(each["by"], each["by_name"]) for each in items][1:3] == [(str(li), "李娜")] * 2
        assert {each["at"] for each in items} == {"2026-11-04T01:00:00Z"}
        assert [each["label"] for each in items][2:] == ["Name", "Team: Salesperson"]
        in_chinese = await history(customers, shop, **{"Accept-Language": "zh-CN"})
        assert [each["label"] for each in in_chinese][:2] == ["电话", "区域"]


async def test_team_owner_contract_and_limit_stand_in_it(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, yali, east = await store(customers), await brand(customers), await region(customers)
        sun, li = await colleague(customers), await colleague(customers)
        owner = (await made(customers, "owners", {"name": "王老板"}))["id"]
        await customers.http.put(f"{BASE}/customers/{shop}/team", json={"salesperson": str(sun)})
        await made(customers, f"customers/{shop}/ownership", {"owner_id": owner})
        contract = await made(
            customers,
            "contracts",
            {"customer_id": str(shop), "brand_id": str(yali), "region_id": str(east), "starts_on": "2026-11-10"},
        )
        await changed(customers, f"contracts/{contract['id']}", {"starts_on": "2026-11-12", "reason": "写错了"})
        for amount in ("5000.00", "5000.00", "8000.00"):
            await customers.http.put(
                f"{BASE}/customers/{shop}/credit-limit", json={"amount": amount}, headers={"If-Match": "*"}
            )
        await changed(customers, f"staff/{sun}", {"active": False, "successor_id": str(li)})

        items = await history(customers, shop)
        assert told(items) == [
            ("team.salesperson", str(sun), str(li)),
            ("credit_limit", "5000.00", "8000.00"),
            ("credit_limit", None, "5000.00"),
            ("contract.starts_on", "2026-11-10", "2026-11-12"),
            ("contract.starts_on", None, "2026-11-10"),
            ("contract.region_id", None, str(east)),
            ("contract.brand_id", None, str(yali)),
            ("owner_id", None, owner),
            ("team.salesperson", None, str(sun)),
        ]
        assert items[3]["about"] == contract["id"]
        assert {each["by"] for each in items} == {str(ADMIN_ID)}


async def test_owners_invoices_potentials_and_rebates_stand_in_it(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, other = await store(customers, "一店"), await store(customers, "二店")
        owner = (await made(customers, "owners", {"name": "王老板", "phones": [PHONE]}))["id"]
        _, entry = [
            await made(customers, f"customers/{owned}/ownership", {"owner_id": owner}) for owned in (shop, other)
        ]
        await changed(customers, f"owners/{owner}", {"name": "王老板娘"})
        earlier = {"since": "2026-11-01T00:00:00Z"}
        await changed(customers, f"customers/{other}/ownership/{entry['id']}", earlier)
        bill = {"customer_id": str(shop), "invoice_no": "F1", "due_on": "2026-11-30", "amount": "10.00"}
        invoice = (await made(customers, "payments", bill))["id"]
        await changed(customers, f"payments/{invoice}", {"amount": "12.00", "customer_id": str(other)})
        for reason in ("问过", "又问过"):
            said = {"amount": "9000.00", "reason": reason}
            path = f"{BASE}/customers/{shop}/potential"
            assert (await customers.http.put(path, json=said, headers={"If-Match": "*"})).status_code == 200
        agreed = {
            "customer_id": str(shop), "from": "2026-01-01", "to": "2026-12-31",
            "steps": [{"from_amount": "100.00", "rate": "0.03"}],
        }  # fmt: skip
        rebate = (await made(customers, "rebates", agreed))["id"]
        await changed(customers, f"rebates/{rebate}", {"to": "2026-11-30"})

        items = await history(customers, shop)
        assert [(*each, item["about"]) for each, item in zip(told(items), items, strict=True)] == [
            ("rebate.ends_on", "2026-12-31", "2026-11-30", rebate),
            ("rebate.steps", None, ["100.00: 0.03"], rebate),
            ("rebate.ends_on", None, "2026-12-31", rebate),
            ("rebate.starts_on", None, "2026-01-01", rebate),
            ("potential.reason", None, None, items[4]["about"]),
            ("potential.reason", None, None, items[5]["about"]),
            ("potential.amount", None, "9000.00", items[5]["about"]),
            ("invoice.amount", "10.00", "12.00", invoice),
            ("invoice.customer_id", str(shop), str(other), invoice),
            ("owner.name", "王老板", "王老板娘", owner),
            ("owner_id", None, owner, None),
        ]
        assert told(await history(customers, other))[:4] == [
            ("invoice.amount", "10.00", "12.00"),
            ("invoice.customer_id", str(shop), str(other)),
            ("ownership.since", "2026-11-04T01:00:00Z", "2026-11-01T00:00:00Z"),
            ("owner.name", "王老板", "王老板娘"),
        ]
        kept = "SELECT count(*) FROM archive_change c WHERE row_to_json(c)::text LIKE '%王老板%'"
        assert await customers.database.fetchval(kept) == 0
        asked = {"person_id": owner, "reason": "asked for it"}
        assert (await customers.http.post(f"{BASE}/erasures", json=asked)).status_code == 202
        gone = [each for each in await history(customers, shop) if each["field"] == "owner.name"]
        assert [(each["to"], each["gone"]) for each in gone] == [(None, True)]


async def test_who_leaves_without_a_successor_leaves_an_empty_seat(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, sun = await store(customers), await colleague(customers)
        await customers.http.put(f"{BASE}/customers/{shop}/team", json={"salesperson": str(sun)})
        await changed(customers, f"staff/{sun}", {"active": False})

        assert told(await history(customers, shop))[0] == ("team.salesperson", str(sun), None)


async def test_what_is_personal_is_sealed_masked_and_entered(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        person = UUID(
            (await made(customers, "customers", {"name": "王小明", "kind": "person", "phones": [PHONE]}))["id"]
        )
        await changed(customers, f"customers/{person}", {"name": "王大明", "phones": [OTHER], "birthday": "1990-02-03"})
        driver = await colleague(customers, "logistics_manager")
        await customers.http.put(f"{BASE}/customers/{person}/team", json={"logistics_manager": str(driver)})

        kept = await customers.database.fetch("SELECT * FROM archive_change WHERE field NOT LIKE 'team.%'")
        assert [row["said"] for row in kept] == [None] * 3
        assert not any("大明".encode() in row["sealed"] or OTHER.encode() in row["sealed"] for row in kept)
        seen = {each["field"]: each for each in await history(customers, person, **bearer("logistics_manager", driver))}
        assert (seen["phones"]["to"], seen["phones"]["masked"]) == ([OTHER], False), "logistics phones"
        assert (seen["birthday"]["to"], seen["birthday"]["masked"]) == (None, True)
        by = {"made_by": str(driver), "what": "customer.unmasked"}
        [entered] = (await customers.http.get(f"{BASE}/audit", params=by)).json()["items"]
        assert entered["subject"] == str(person)

        await customers.database.execute("DELETE FROM personal_key WHERE subject_id = $1", person)
        gone = {each["field"]: each for each in await history(customers, person)}
        assert (gone["name"]["from"], gone["name"]["to"], gone["name"]["gone"]) == (None, None, True)
        assert gone["team.logistics_manager"]["to"] == str(driver)


async def test_people_their_dates_and_relations_stand_in_it_sealed_for_them(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, other = await store(customers, "一店"), await store(customers, "二店")
        seller, driver = await colleague(customers), await colleague(customers, "logistics_manager")
        team = {"salesperson": str(seller), "logistics_manager": str(driver)}
        await customers.http.put(f"{BASE}/customers/{shop}/team", json=team)
        wang = await person(customers, shop, emails=[], means=None, occupation=None, income=None, education=None)
        li = await person(customers, other, name="李静")
        await changed(customers, f"customers/{shop}/people/{wang}", {"pays": True, "phones": [OTHER]})
        birthday = await entered(customers, shop, person_id=wang)
        await changed(customers, f"customers/{shop}/dates/{birthday['id']}", {"leap": False, "day": 2, "year": None})
        opening = await entered(customers, shop, occasion="opening", calendar="solar", month=2, day=9, year=2016)
        await customers.http.delete(f"{BASE}/customers/{shop}/dates/{opening['id']}")
        related = (await relate(customers, shop, wang, "refers", li)).json()["id"]
        await customers.http.delete(f"{relations_of(shop, wang)}/{related}")

        items = await history(customers, shop)
        assert told(items)[:-2] == [
            ("relation.refers", li, None),
            ("relation.refers", None, li),
            ("date.opening", "2016-02-09", None),
            ("date.opening", None, "2016-02-09"),
            ("date.birthday", "lunar 1985-10-01", "lunar --10-02"),
            ("date.birthday", None, "lunar 1985-10-01"),
            ("person.pays", False, True),
            ("person.phones", ["+8613800138000"], [OTHER]),
            ("person.tastes", None, "喜欢龙井茶"),
            ("person.language", None, "zh-CN"),
            ("person.decides", None, True),
            ("person.job", None, "manager"),
            ("person.phones", None, ["+8613800138000"]),
            ("person.name", None, "王美丽"),
        ]
        assert [items[place]["about"] for place in (0, 2, 4, 6)] == [wang, opening["id"], birthday["id"], wang]
        assert [items[0]["label"], items[4]["label"]] == ["Relation: referred", "Date: birthday"]
        assert told(await history(customers, other))[:2] == [
            ("relation_from.refers", wang, None), ("relation_from.refers", None, wang),
        ]  # fmt: skip
        kept = await customers.database.fetch("SELECT c::text AS row FROM archive_change c")
        assert not any(said in each["row"] for each in kept for said in ("王美丽", OTHER, "1985", f'"{wang}"'))

        mine = await history(customers, shop, **bearer("salesperson", seller))
        assert [(each["to"], each["masked"]) for each in mine[:2]] == [(None, True)] * 2, "of a store they do not see"
        by_field = {
            each["field"]: each for each in await history(customers, shop, **bearer("logistics_manager", driver))
        }
        seen = {name: by_field[name]["to"] for name in ("person.name", "person.pays", "person.tastes", "date.birthday")}
        assert list(seen.values()) == ["王美丽", True, None, None]
        looked = await customers.database.fetch(
            "SELECT what, subject FROM audit_entry WHERE made_by = $1 AND what LIKE '%unmasked' ORDER BY what", seller
        )
        assert [(each["what"], str(each["subject"])) for each in looked] == [
            ("date.unmasked", wang), ("person.unmasked", wang),
        ]  # fmt: skip

        asked = {"person_id": wang, "reason": "asked for it"}
        assert (await customers.http.post(f"{BASE}/erasures", json=asked)).status_code == 202
        assert {each["gone"] for each in await history(customers, shop) if each["about"] == wang} == {True}
        assert told(await history(customers, other))[:2] == [("relation_from.refers", None, None)] * 2
        sealed = "SELECT count(*) FROM archive_change WHERE sealed IS NOT NULL AND $1 IN (sealed_for, other_id)"
        assert await customers.database.fetchval(sealed, UUID(wang)) == 0
        await customers.http.delete(f"{BASE}/customers/{other}/people/{li}")
        [removed, *_] = await history(customers, other)
        assert (removed["field"], removed["to"], removed["about"]) == ("person.removed_at", "2026-11-04T01:00:00Z", li)


async def test_it_is_read_in_pages_by_who_sees_the_customer(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        for n in range(5):
            await changed(customers, f"customers/{shop}", {"name": f"店{n}"})

        path, pages, cursor = f"{BASE}/customers/{shop}/changes", [], None
        while True:
            asked = {"limit": 2, **({"cursor": cursor} if cursor else {})}
            answer = (await customers.http.get(path, params=asked)).json()
            pages.append([each["to"] for each in answer["items"]])
            if (cursor := answer["next"]) is None:
                break
        assert pages == [["店4", "店3"], ["店2", "店1"], ["店0"]]
        stranger = bearer("salesperson", new_id())
        assert slug(await customers.http.get(path, headers=stranger)) == (404, "customer-not-found")
        assert slug(await customers.http.get(f"{BASE}/customers/{nobody()}/changes")) == (404, "customer-not-found")
        partner = await customers.http.get(path, headers=bearer("partner", new_id()))
        assert partner.status_code == 403


async def test_what_is_refused_leaves_no_trace(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        await store(customers, "别家", external_no="X-1")
        taken = await customers.http.patch(
            f"{BASE}/customers/{shop}", json={"external_no": "X-1"}, headers={"If-Match": "*"}
        )
        assert taken.status_code == 409
        assert await history(customers, shop) == []


def test_a_value_that_no_history_can_say_is_a_mistake() -> None:
    assert Change("tags", ["a"], ("a", "b")).said() == {"from": ["a"], "to": ["a", "b"]}
    with pytest.raises(TypeError):
        said(object())
