"""Nobody is found by a field that is masked for who asks; looking up whose a number is counts, and stays on record."""

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.customers.archive.store import sealing
from shared.auth.principal import STAFF_ROLES
from shared.ids import new_id
from shared.personal import Vault
from tests.customers.network import BASE, colleague, made, slug, store
from tests.postgres import FreshDatabase
from tests.support import MASTER_KEY, OneService, bearer, one_service

PHONE, MAIL, NAME = "+8613800135889", "wang@example.com", "王小明"
PERSON = {"name": NAME, "kind": "person", "phones": [PHONE], "emails": [MAIL], "external_no": "P-1"}
GUESSES = [PHONE, "138 0013 5889", MAIL, MAIL.upper(), NAME]
WRONG = ["+8613800135880", "138 0013 5880", "wong@example.com", "WONG@EXAMPLE.COM", "王小朋"]


async def searched(customers: OneService, headers: Mapping[str, str], query: str) -> httpx.Response:
    return await customers.http.get(f"{BASE}/customers", params={"q": query}, headers=headers)


async def found(customers: OneService, headers: Mapping[str, str], query: str) -> list[str]:
    answer = await searched(customers, headers, query)
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


async def popped(customers: OneService, headers: Mapping[str, str], phone: str = PHONE) -> httpx.Response:
    return await customers.http.get(f"{BASE}/screen-pop", params={"phone": phone}, headers=headers)


async def entries(customers: OneService) -> list[dict[str, Any]]:
    """The audit as administration reads it, oldest first."""
    items: list[dict[str, Any]] = (await customers.http.get(f"{BASE}/audit")).json()["items"]
    return items[::-1]


async def test_a_partner_confirms_no_guess_of_what_is_masked(fresh_database: FreshDatabase) -> None:
    """Right and wrong guesses are one answer; what a partner sees in the open finds as ever."""
    async with one_service(fresh_database, "customers") as customers:
        person = (await made(customers, "customers", PERSON))["id"]
        shop = str(await store(customers, "美丽人生美容院", phones=[PHONE], emails=[MAIL]))
        partner = bearer("partner", new_id())
        [shown] = [
            item for item in (await customers.http.get(f"{BASE}/customers", headers=partner)).json()["items"]
            if item["id"] == person
        ]  # fmt: skip
        assert shown["phones"] == ["+86*****5889"]

        for guess, wrong in zip(GUESSES, WRONG, strict=True):
            right = await searched(customers, partner, guess)
            assert (right.status_code, right.content) == (200, (await searched(customers, partner, wrong)).content)
            assert right.json() == {"items": [], "next": None, "total": None}
        assert await found(customers, partner, "美丽") == [shop]
        assert await found(customers, partner, "P-1") == [person]
        assert (await popped(customers, partner)).status_code == 403
        assert await entries(customers) == [], "nobody was looked up"


@pytest.mark.parametrize("role", sorted(STAFF_ROLES))
async def test_who_sees_a_field_in_full_finds_by_it(fresh_database: FreshDatabase, role: str) -> None:
    async with one_service(fresh_database, "customers") as customers:
        person = (await made(customers, "customers", PERSON))["id"]
        me = await colleague(customers, role)
        seated = await customers.http.put(f"{BASE}/customers/{person}/team", json={"salesperson": str(me)})
        assert seated.status_code == 200, seated.text
        headers = bearer(role, me)
        masked = (await customers.http.get(f"{BASE}/customers/{person}", headers=headers)).json()["masked"]

        for field, query in (("phones", PHONE), ("emails", MAIL), ("name", NAME)):
            expected = [] if field in masked else [person]
            assert await found(customers, headers, query) == expected, field


def test_a_masked_field_is_not_even_sought() -> None:
    """So that no time tells a right guess from a wrong one."""
    vault = Vault(MASTER_KEY, "customers:traces")
    for guess in GUESSES:
        assert sealing.traces_sought(vault, guess, frozenset()) == []
        assert sealing.look_up_sought(vault, guess, frozenset()) is None
    assert len(sealing.traces_sought(vault, MAIL, {"phones", "name"})) == 1, "as a name alone"
    of_store = sealing.licences_sought(vault, "91110000600037341L", frozenset())
    assert len(of_store) == 1, "that of a store, which is masked for nobody"
    assert set(of_store) < set(sealing.licences_sought(vault, "91110000600037341L", {"licence_no"}))


async def test_the_audit_tells_who_looked_up_whom_and_never_the_number(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        person = (await made(customers, "customers", PERSON))["id"]
        agent, other = new_id(), new_id()
        await popped(customers, bearer("cs_specialist", agent))
        assert slug(await popped(customers, bearer("cs_specialist", agent), "+8613900139000"))[0] == 404
        await found(customers, bearer("cs_manager", other), "13800135889")
        await found(customers, bearer("cs_manager", other), MAIL)
        await found(customers, bearer("cs_manager", other), "nobody@example.com")
        await found(customers, bearer("cs_manager", other), "美丽")

        told = [entry for entry in await entries(customers) if entry["what"] != "customer.unmasked"]

        assert [(entry["what"], UUID(entry["made_by"]), entry["subject"]) for entry in told] == [
            ("caller.looked_up", agent, person),
            ("caller.looked_up", agent, None),
            ("customer.looked_up", other, person),
            ("customer.looked_up", other, person),
            ("customer.looked_up", other, None),
        ]
        digests = [entry["digest"] for entry in told]
        assert digests[0] == digests[2], "the same number has the same digest, however it was written"
        assert len(set(digests)) == 4
        rows = str([dict(row) for row in await customers.database.fetch("SELECT * FROM audit_entry")])
        assert "00135889" not in rows, "of fewer digits an id may have the same"
        assert "example" not in rows


async def test_looking_up_is_limited_per_caller(fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    """Screen-pop and search count together; words of names do not count, and administrators have no bound."""
    monkeypatch.setenv("CRM_LOOKUPS_PER_HOUR", "3")
    async with one_service(fresh_database, "customers") as customers:
        await made(customers, "customers", PERSON)
        agent = bearer("cs_specialist", new_id())
        await popped(customers, agent)
        await popped(customers, agent, "+8613900139000")
        await found(customers, agent, MAIL)

        for refused in (await popped(customers, agent), await searched(customers, agent, PHONE)):
            assert slug(refused) == (429, "too-many-requests")
            assert 1 <= int(refused.headers["Retry-After"]) <= 3600
        assert len([each for each in await entries(customers) if each["what"] != "customer.unmasked"]) == 3
        assert await found(customers, agent, "美丽") == []
        assert (await popped(customers, bearer("cs_specialist", new_id()))).status_code == 200
        for _ in range(5):
            assert (await popped(customers, bearer())).status_code == 200


async def test_each_whom_somebody_is_shown_in_full_is_entered(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        person = (await made(customers, "customers", PERSON))["id"]
        plain = (await made(customers, "customers", {"name": "明月美容院"}))["id"]
        shop = (await made(customers, "customers", {"name": "明珠美容院", "phones": ["13800135880"]}))["id"]
        agent, manager, partner = new_id(), new_id(), new_id()

        for id_ in (person, plain, shop):
            await customers.http.get(f"{BASE}/customers/{id_}", headers=bearer("cs_specialist", agent))
            await customers.http.get(f"{BASE}/customers/{id_}", headers=bearer("partner", partner))
        await customers.http.get(f"{BASE}/customers", headers=bearer("cs_manager", manager))
        await customers.http.get(f"{BASE}/customers", params={"limit": 1}, headers=bearer("cs_manager", manager))
        await customers.http.get(f"{BASE}/customers", headers=bearer("partner", partner))

        assert [(entry["what"], UUID(entry["made_by"]), entry["subject"]) for entry in await entries(customers)] == [
            ("customer.unmasked", agent, person),
            ("customer.unmasked", agent, shop),
            ("customer.unmasked", manager, person),
            ("customer.unmasked", manager, shop),
            ("customer.unmasked", manager, person),
        ]


async def test_who_else_has_a_number_that_calls_is_entered_too(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        first, second = [(await made(customers, "customers", {"name": "明珠", "phones": [PHONE]}))["id"] for _ in "12"]
        agent = new_id()

        await popped(customers, bearer("cs_specialist", agent))

        assert [(entry["what"], entry["subject"]) for entry in await entries(customers)] == [
            ("caller.looked_up", first),
            ("customer.unmasked", second),
        ]


async def test_looked_up_at_the_same_moment_each_has_their_own_answer_and_entry(fresh_database: FreshDatabase) -> None:
    """They share statements and commits, and nothing else: neither callers, nor who sees whom, nor what failed."""
    async with one_service(fresh_database, "customers") as customers:
        phones = [f"+86138001359{n:02}" for n in range(20)]
        shops = [(await made(customers, "customers", {"name": "明珠", "phones": [phone]}))["id"] for phone in phones]
        seller = await colleague(customers)
        for shop in shops[:10]:
            await customers.http.put(f"{BASE}/customers/{shop}/team", json={"salesperson": str(seller)})
        strangers, agents = bearer("salesperson", seller), [new_id() for _ in phones]
        calls = [(bearer("cs_specialist", agent), phone) for agent, phone in zip(agents, phones, strict=True)]

        pops = await asyncio.gather(
            *(popped(customers, headers, phone) for headers, phone in calls),
            *(popped(customers, strangers, phone) for phone in phones),
        )
        lists = await asyncio.gather(
            *(found(customers, headers, phone) for headers, phone in calls),
            *(found(customers, strangers, phone) for phone in phones),
        )

        assert [each.json()["id"] for each in pops[:20]] == shops
        assert [each.status_code for each in pops[20:]] == [200] * 10 + [404] * 10
        assert lists == [[shop] for shop in shops] + [[shop] for shop in shops[:10]] + [[]] * 10
        rows = await customers.database.fetch("SELECT made_by, what, subject FROM audit_entry")
        told = [(row["made_by"], row["what"], row["subject"]) for row in rows]
        for agent, shop in zip(agents, shops, strict=True):
            for what in ("caller.looked_up", "customer.looked_up", "customer.unmasked"):
                assert (agent, what, UUID(shop)) in told
        assert sum(by == seller and subject is None for by, _, subject in told) == 20
        assert len(told) == 2 * 20 + 2 * 20 + 20 + 10


@pytest.mark.parametrize("sort", ["registered", "name", "month_sum"])
async def test_a_page_of_a_look_up_goes_on_for_nobody_who_sees_it_masked(
    fresh_database: FreshDatabase, sort: str
) -> None:
    async with one_service(fresh_database, "customers") as customers:
        both = {(await made(customers, "customers", {**PERSON, "external_no": f"P-{n}"}))["id"] for n in range(2)}
        asked = {"q": PHONE, "sort": sort, "limit": "1"}
        first = (await customers.http.get(f"{BASE}/customers", params=asked)).json()

        async def following(headers: Mapping[str, str]) -> list[str]:
            params = {**asked, "cursor": first["next"]}
            answer = await customers.http.get(f"{BASE}/customers", params=params, headers=headers)
            assert answer.status_code == 200, answer.text
            return [item["id"] for item in answer.json()["items"]]

        assert await following(bearer("partner", new_id())) == []
        assert {first["items"][0]["id"], *await following({})} == both


async def test_the_audit_tells_for_what_somebody_was_looked_up_and_shown(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await made(customers, "customers", PERSON)
        agent = bearer("cs_manager", new_id())

        await found(customers, {**agent, "Purpose": "complaint"}, PHONE)
        await found(customers, agent, PHONE)

        assert [(each["what"], each["purpose"]) for each in await entries(customers)] == [
            ("customer.looked_up", "complaint"),
            ("customer.unmasked", "complaint"),
            ("customer.looked_up", None),
            ("customer.unmasked", None),
        ]
