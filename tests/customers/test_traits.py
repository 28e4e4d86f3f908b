"""What a customer is like: traits that every archive has, and kinds that are added (domain 2.1)."""

from typing import Any
from uuid import UUID

import httpx

from services.customers.personal_keys.store import key_in
from tests.customers.network import BASE, colleague, made, slug, store
from tests.postgres import FreshDatabase
from tests.support import OneService, bearer, one_service


async def say(customers: OneService, customer: UUID, tag: str | None, **traits: Any) -> httpx.Response:
    headers = {"If-Match": tag} if tag else {}
    return await customers.http.patch(f"{BASE}/customers/{customer}/traits", json=traits, headers=headers)


async def traits_of(customers: OneService, customer: UUID, **headers: str) -> httpx.Response:
    return await customers.http.get(f"{BASE}/customers/{customer}/traits", headers=headers)


async def test_traits_are_said_one_by_one_and_stand_in_the_history(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        empty = await traits_of(customers, shop)
        assert (empty.json()["size_m2"], empty.json()["more"], empty.headers["ETag"]) == (None, {}, '"0"')

        first = await say(
            customers, shop, '"0"', size_m2="120.5", staff_count=8, funds="200000.00", shelf_share="35.5",
            preferences="喜欢上午来访", more={"beds": "6"},
        )  # fmt: skip
        assert first.status_code == 200, first.text
        second = await say(customers, shop, first.headers["ETag"], staff_count=None, more={"management": "店长负责"})
        again = await say(customers, shop, second.headers["ETag"], funds="200000.00")

        said = (await traits_of(customers, shop)).json()
        now = customers.clock.now().isoformat().replace("+00:00", "Z")
        assert (empty.json()["updated_at"], first.json()["updated_at"], said["updated_at"]) == (None, now, now)
        assert said["size_m2"] == "120.5"
        assert (said["staff_count"], said["funds"], said["shelf_share"]) == (None, "200000.00", "35.50")
        assert (said["preferences"], said["more"]) == ("喜欢上午来访", {"beds": "6", "management": "店长负责"})
        assert again.headers["ETag"] == second.headers["ETag"] == '"2"', "the same again is no change"
        items = (await customers.http.get(f"{BASE}/customers/{shop}/changes")).json()["items"]
        assert [(each["field"], each["label"], each["from"], each["to"]) for each in items[:2]] == [
            ("trait.staff_count", "Staff", 8, None),
            ("trait.management", "Way of managing", None, "店长负责"),
        ]
        assert len(items) == 8


async def test_what_is_said_in_words_is_sealed_and_masked(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        person = UUID((await made(customers, "customers", {"name": "王小明", "kind": "person"}))["id"])
        await say(customers, person, "*", needs="睡眠不好", more={"occupation": "教师"})
        driver = await colleague(customers, "logistics_manager")
        await customers.http.put(f"{BASE}/customers/{person}/team", json={"logistics_manager": str(driver)})

        [row] = await customers.database.fetch("SELECT more, sealed FROM traits")
        assert row["more"] == {}
        assert "教师".encode() not in row["sealed"]
        seen = (await traits_of(customers, person, **bearer("logistics_manager", driver))).json()
        assert (seen["needs"], seen["more"], seen["masked"]) == (None, {}, ["needs", "occupation"])
        assert (await traits_of(customers, person)).json()["more"] == {"occupation": "教师"}
        what = {"what": "customer.unmasked", "subject": str(person)}
        assert len((await customers.http.get(f"{BASE}/audit", params=what)).json()["items"]) == 1, "who saw it"


async def test_a_person_of_an_older_release_gets_a_key_and_stays_readable(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        person = UUID((await made(customers, "customers", {"name": "王小明", "kind": "person"}))["id"])
        await as_before_there_were_keys(customers, person)

        assert (await say(customers, person, "*", needs="睡眠不好")).status_code == 200
        assert (await customers.http.get(f"{BASE}/customers/{person}")).json()["name"] == "王小明"
        assert (await traits_of(customers, person)).json()["needs"] == "睡眠不好"


async def as_before_there_were_keys(customers: OneService, person: UUID) -> None:
    """The archive sealed under the service's key, as releases before did."""
    context = customers.service.context
    [row] = await customers.database.fetch(
        "SELECT personal, sealed_by, wrapped FROM archive JOIN personal_key ON subject_id = customer_id"
    )
    plain = context.personal.of(person, key_in(row)).open(row["personal"], person.bytes)
    await customers.database.execute("DELETE FROM personal_key")
    await customers.database.execute(
        "UPDATE archive SET personal = $1", context.personal.service.seal(plain, person.bytes)
    )


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"size_m2": "0"}, "invalid"),
    ({"size_m2": "1e2"}, "invalid"),
    ({"staff_count": -1}, "invalid"),
    ({"staff_count": True}, "invalid"),
    ({"shelf_share": "100.01"}, "invalid"),
    ({"preferences": "字" * 2_001}, "invalid"),
    ({"more": {"beds": "many"}}, "trait-refused"),
    ({"more": {"beds": "1e3"}}, "trait-refused"),
    ({"more": {"beds": True}}, "trait-refused"),
    ({"more": {"unheard_of": "1"}}, "trait-refused"),
    ({"more": {"occupation": "教师"}}, "trait-refused"),
    ({"more": {"management": "字" * 2_001}}, "invalid"),
]


async def test_what_cannot_be_is_refused(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        for wrong, refusal in WRONG:
            assert slug(await say(customers, shop, "*", **wrong)) == (422, refusal), wrong
        assert (await traits_of(customers, shop)).headers["ETag"] == '"0"'


async def test_they_have_a_version_of_their_own(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        assert slug(await say(customers, shop, None, staff_count=1))[0] == 428
        assert (await say(customers, shop, '"0"', staff_count=1)).status_code == 200
        assert slug(await say(customers, shop, '"0"', staff_count=2))[0] == 412
        person = UUID((await made(customers, "customers", {"name": "王小明", "kind": "person"}))["id"])
        assert slug(await say(customers, person, "*", size_m2="40")) == (422, "trait-refused")


async def test_kinds_can_be_added(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        kind = {"code": "parking", "of": "store", "type": "yes_no", "name_zh": "有停车位", "name_en": "Parking"}
        await made(customers, "trait-kinds", kind)
        await made(customers, "trait-kinds", {**kind, "code": "refurbished_on", "type": "day"})
        assert slug(await customers.http.post(f"{BASE}/trait-kinds", json=kind)) == (409, "trait-kind-taken")
        await made(customers, "trait-kinds", {**kind, "code": "day", "type": "day"})  # what it says is no trait yet
        reserved = {**kind, "code": "size_m2"}
        assert slug(await customers.http.post(f"{BASE}/trait-kinds", json=reserved)) == (409, "trait-kind-taken")

        said = await say(customers, shop, "*", more={"parking": True, "refurbished_on": "2024-05-01"})
        assert said.json()["more"] == {"parking": True, "refurbished_on": "2024-05-01"}
        assert (await traits_of(customers, shop)).json()["more"] == said.json()["more"]
        for no_day in ("2024-02-30", "2026-W01-1", "2024-122"):
            assert slug(await say(customers, shop, "*", more={"refurbished_on": no_day})) == (422, "trait-refused")
        kinds = (await customers.http.get(f"{BASE}/trait-kinds")).json()["items"]
        assert [each["code"] for each in kinds][-3:] == ["day", "parking", "refurbished_on"]
        changes = await customers.http.get(f"{BASE}/customers/{shop}/changes", headers={"Accept-Language": "zh-CN"})
        assert {each["label"] for each in changes.json()["items"]} == {"有停车位"}
