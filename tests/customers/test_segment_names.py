"""What the cells of both grids are called: a table that administration changes (domain 2.5)."""

from copy import deepcopy
from typing import Any

from shared.contracts.scheme import PolicyVersioned
from tests.customers.network import BASE, colleague, slug, store
from tests.postgres import FreshDatabase
from tests.support import OneService, bearer, one_service

NAMES = f"{BASE}/segment-names"


async def names(customers: OneService) -> dict[str, Any]:
    answer = await customers.http.get(NAMES)
    assert answer.status_code == 200, answer.text
    return {grid: answer.json()[grid] for grid in ("loyalty_credit", "loyalty_size")}


async def test_a_new_name_is_shown_and_the_code_stays(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, before = await store(customers), await names(customers)
        assert before["loyalty_size"]["chicken_rib"] == {"name_zh": "鸡肋", "name_en": "Chicken-rib"}
        after = deepcopy(before)
        after["loyalty_size"]["chicken_rib"] = {"name_zh": "待定", "name_en": "Undecided"}

        changed = await customers.http.put(NAMES, json=after, headers={"If-Match": '"1"'})

        assert (changed.status_code, changed.headers["ETag"], changed.json()["version"]) == (200, '"2"', 2)
        found = (await customers.http.get(f"{BASE}/customers/{shop}/segments")).json()
        assert (found["loyalty_size"], found["loyalty_size_name"]) == (
            "chicken_rib", {"name_zh": "待定", "name_en": "Undecided"},
        )  # fmt: skip
        assert found["loyalty_credit_name"] is None, "credit is unknown"
        [first, second] = (await customers.http.get(f"{NAMES}/versions")).json()["items"]
        assert (first["loyalty_size"], second["loyalty_size"]) == (before["loyalty_size"], after["loyalty_size"])
        assert (first["set_by"], (await customers.http.get(f"{NAMES}/versions/1")).json()) == (None, first)
        assert slug(await customers.http.get(f"{NAMES}/versions/3")) == (404, "no-such-policy-version")
        told = [fact for fact in await customers.facts(PolicyVersioned) if fact.part == "segment_names"]
        assert told[-1].version == 2
        again = await customers.http.put(NAMES, json=after, headers={"If-Match": '"2"'})
        assert again.headers["ETag"] == '"2"', "the same again is no version"


async def test_names_that_nobody_could_tell_apart_are_refused(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        body = await names(customers)
        for grid, cell, language, name in (
            ("loyalty_size", "tomorrow", "name_zh", "金牛"),
            ("loyalty_credit", "junk", "name_en", "GOLD"),
        ):
            wrong = deepcopy(body)
            wrong[grid][cell][language] = name
            answer = await customers.http.put(NAMES, json=wrong, headers={"If-Match": '"1"'})
            assert (slug(answer), answer.json()["errors"][0]["pointer"]) == (
                (422, "segment-names-refused"), f"#/{grid}",
            )  # fmt: skip
        del body["loyalty_size"]["tomorrow"]
        assert slug(await customers.http.put(NAMES, json=body, headers={"If-Match": '"1"'})) == (422, "invalid")


async def test_administration_alone_names_them(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        body = await names(customers)
        assert (await customers.http.put(NAMES, json=body)).status_code == 428
        body["loyalty_credit"]["star"]["name_zh"] = "新星"
        for role, status in (("salesperson", 403), ("admin_dept", 200)):
            who = bearer(role, await colleague(customers, role))
            assert (await customers.http.get(NAMES, headers=who)).status_code == 200
            answer = await customers.http.put(NAMES, json=body, headers={"If-Match": '"1"', **who})
            assert answer.status_code == status
        stale = await customers.http.put(NAMES, json=body, headers={"If-Match": '"1"'})
        assert stale.status_code == 412
