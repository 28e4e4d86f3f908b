"""The people of a store (domain 1, 2.1): who they are lies sealed, and is found by their phone."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from cryptography.exceptions import InvalidTag

from services.customers.people import store as people
from services.customers.screenpop.store import ANSWER, Call, answer
from services.customers.traces.store import phone_trace
from shared.ids import new_id
from tests.customers.network import BASE, colleague, made, nobody, slug, store
from tests.postgres import FreshDatabase
from tests.support import START, OneService, bearer, one_service

WANG = {
    "name": "王美丽",
    "job": "manager",
    "phones": ["138 0013 8000"],
    "emails": ["wang@example.com"],
    "decides": True,
    "means": "phone",
    "occupation": "店长",
    "income": "from_10000",
    "education": "college",
    "tastes": "喜欢龙井茶",
}
SECRETS = ("王美丽", "13800138000", "wang@example.com", "龙井茶", "from_10000")


async def person(customers: OneService, shop: UUID, **said: Any) -> str:
    return str((await made(customers, f"customers/{shop}/people", {**WANG, **said}))["id"])


async def test_people_of_a_store_are_entered_changed_and_leave(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        path = f"{BASE}/customers/{shop}/people"
        entered = await customers.http.post(path, json=WANG)
        assert (entered.status_code, entered.headers["ETag"]) == (201, '"1"'), entered.text
        wang, li = entered.json(), await person(customers, shop, name="李静", job="beautician", phones=[], uses=True)
        assert wang["phones"] == ["+8613800138000"]
        assert [wang[name] for name in ("decides", "pays", "uses", "language", "left_on")] == [
            True, False, False, "zh-CN", None,
        ]  # fmt: skip
        assert (await customers.http.get(entered.headers["Location"])).json() == wang

        changed = await customers.http.patch(
            f"{path}/{wang['id']}", json={"pays": True, "tastes": None}, headers={"If-Match": '"1"'}
        )
        assert (changed.json(), changed.headers["ETag"]) == ({**wang, "pays": True, "tastes": None}, '"2"')
        late = await customers.http.patch(f"{path}/{wang['id']}", json={"uses": True}, headers={"If-Match": '"1"'})
        assert slug(late) == (412, "stale")
        assert slug(await customers.http.patch(f"{path}/{wang['id']}", json={})) == (428, "precondition-required")

        gone = await customers.http.patch(f"{path}/{li}", json={"left_on": "2026-11-03"}, headers={"If-Match": "*"})
        assert gone.json()["left_on"] == "2026-11-03"
        listed = (await customers.http.get(path)).json()["items"]
        assert [each["id"] for each in listed] == [wang["id"]]
        everybody = (await customers.http.get(path, params={"left": True})).json()["items"]
        assert [each["id"] for each in everybody] == [wang["id"], li]


async def test_what_cannot_be_is_refused(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, other = await store(customers), await store(customers, "明珠美容院")
        path = f"{BASE}/customers/{shop}/people"
        buyer = (await made(customers, "customers", {"name": "赵敏", "kind": "person"}))["id"]
        wrong: list[dict[str, Any]] = [
            {"phones": ["12"]}, {"phones": ["+86 138 0013 800"]}, {"phones": ["١٢٣"]}, {"job": "astronaut"},
            {"name": "  "}, {"name": "a\u0000b"}, {"name": "王" * 201}, {"emails": ["wang"]}, {"decides": "yes"},
            {"tastes": "x" * 4_001}, {"left_on": "2026-11-03"},
        ]  # fmt: skip
        for said in wrong:
            assert slug(await customers.http.post(path, json={**WANG, **said})) == (422, "invalid"), said
        large = await customers.http.post(path, json={**WANG, "tastes": "茶" * (10 * 2**20 // 3)})
        assert slug(large) == (413, "too-large")
        assert slug(await customers.http.post(f"{BASE}/customers/{buyer}/people", json=WANG)) == (409, "stores-alone")
        assert slug(await customers.http.post(f"{BASE}/customers/{nobody()}/people", json=WANG)) == (
            404,
            "customer-not-found",
        )
        wang = await person(customers, shop)
        ahead = await customers.http.patch(f"{path}/{wang}", json={"left_on": "2026-11-05"}, headers={"If-Match": "*"})
        assert slug(ahead) == (422, "leaving-refused")
        elsewhere = f"{BASE}/customers/{other}/people/{wang}"
        assert slug(await customers.http.get(elsewhere)) == (404, "person-not-found")
        assert slug(await customers.http.delete(elsewhere)) == (404, "person-not-found")


@pytest.mark.parametrize(
    "name, kept",
    [
        ("عبد الله بن عمر", "عبد الله بن عمر"),
        ("𠮷野家美容師", "𠮷野家美容師"),
        ("\u202bמשה\u202c", "משה"),
        ("e\u0301lodie", "\u00e9lodie"),
    ],
)
async def test_names_of_every_script_are_kept_without_what_turns_a_line_around(
    fresh_database: FreshDatabase, name: str, kept: str
) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        one = await person(customers, shop, name=name)
        assert (await customers.http.get(f"{BASE}/customers/{shop}/people/{one}")).json()["name"] == kept


async def test_each_is_sealed_under_a_key_of_their_own_and_erased_with_it(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        wang, li = await person(customers, shop), await person(customers, shop, name="李静")
        [row, _] = await customers.database.fetch("SELECT * FROM person ORDER BY id")
        for secret in SECRETS:
            assert secret not in str(dict(row))
            assert secret.encode() not in row["personal"]
        context = customers.service.context
        with pytest.raises(InvalidTag):
            context.personal.service.open(row["personal"], row["id"].bytes)

        async with context.database.transaction() as transaction:
            assert await people.erase(transaction, [UUID(wang), new_id()]) == {UUID(wang)}

        assert await customers.database.fetchval("SELECT array_agg(id::text) FROM person") == [li]
        assert await customers.database.fetchval("SELECT array_agg(subject_id::text) FROM personal_key") == [li]
        assert (await customers.http.delete(f"{BASE}/customers/{shop}/people/{li}")).status_code == 204
        assert await customers.database.fetchval("SELECT count(*) FROM personal_key") == 0


async def test_roles_see_what_they_need_and_every_look_is_entered(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, seller, stranger = await store(customers), await colleague(customers), await colleague(customers)
        await customers.http.put(f"{BASE}/customers/{shop}/team", json={"salesperson": str(seller)})
        path, wang = f"{BASE}/customers/{shop}/people", await person(customers, shop)

        mine = (await customers.http.get(f"{path}/{wang}", headers=bearer("salesperson", seller))).json()
        assert (mine["phones"], mine["tastes"], mine["masked"]) == (["+8613800138000"], "喜欢龙井茶", [])
        administration = new_id()
        seen = (await customers.http.get(path, headers=bearer("admin_dept", administration))).json()["items"][0]
        assert (seen["name"], seen["tastes"], seen["income"], seen["masked"]) == ("王美丽", None, None, ["traits"])
        foreign = bearer("salesperson", stranger)
        for asked in (path, f"{path}/{wang}"):
            assert slug(await customers.http.get(asked, headers=foreign)) == (404, "customer-not-found")
        assert slug(await customers.http.post(path, json=WANG, headers=foreign)) == (404, "customer-not-found")
        removed = await customers.http.delete(f"{path}/{wang}", headers=bearer("salesperson", seller))
        assert slug(removed) == (403, "forbidden")

        entries = await customers.database.fetch(
            "SELECT made_by, subject FROM audit_entry WHERE what = 'person.unmasked' ORDER BY id"
        )
        assert [(each["made_by"], str(each["subject"])) for each in entries] == [
            (seller, wang),
            (administration, wang),
        ]


async def test_people_start_anew_when_a_store_changes_hands(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        first, second = [(await made(customers, "owners", {"name": name}))["id"] for name in ("王老板", "李老板")]
        owned = f"customers/{shop}/ownership"
        wang = await person(customers, shop)
        path = f"{BASE}/customers/{shop}/people"

        await made(customers, owned, {"owner_id": first})
        assert len((await customers.http.get(path)).json()["items"]) == 1, "it is only now known whose it is"
        await made(customers, owned, {"owner_id": second, "changed_hands": False})
        assert len((await customers.http.get(path)).json()["items"]) == 1, "an entry was put right"
        await made(customers, owned, {"owner_id": first})
        assert (await customers.http.get(path)).json()["items"] == []

        gone = await customers.http.get(f"{path}/{wang}")
        assert (gone.json()["name"], gone.json()["left_on"], gone.headers["ETag"]) == ("王美丽", "2026-11-04", '"2"')
        assert await customers.database.fetchval("SELECT traces FROM person") == []
        back = await customers.http.patch(f"{path}/{wang}", json={"left_on": None}, headers={"If-Match": '"2"'})
        assert back.json()["left_on"] is None
        assert len(await customers.database.fetchval("SELECT traces FROM person")) == 3


async def test_who_was_entered_after_a_late_hand_over_stays(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, day = await store(customers), timedelta(days=1)
        first, second = [(await made(customers, "owners", {"name": name}))["id"] for name in ("王老板", "李老板")]
        owned, path = f"customers/{shop}/ownership", f"{BASE}/customers/{shop}/people"
        await made(customers, owned, {"owner_id": first})
        old = await person(customers, shop, name="旧")
        unknown = await person(customers, shop, name="早")
        await customers.database.execute("UPDATE person SET entered_at = NULL WHERE id = $1", UUID(unknown))
        customers.clock.forward(3 * day)
        new = await person(customers, shop, name="新")
        customers.clock.forward(2 * day)

        since = (START + 3 * day).isoformat()
        await made(customers, owned, {"owner_id": second, "since": since})

        assert [each["id"] for each in (await customers.http.get(path)).json()["items"]] == [new]
        everybody = (await customers.http.get(path, params={"left": True})).json()["items"]
        assert [(each["id"], each["left_on"]) for each in everybody] == [
            (old, "2026-11-07"), (unknown, "2026-11-07"), (new, None),
        ]  # fmt: skip


async def test_a_call_of_somebody_of_a_store_shows_the_store_and_who_it_is(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers, "明月美容院", phones=["021 6234 5678"])
        wang, li = await person(customers, shop), await person(customers, shop, name="李静", phones=["13800138001"])
        agent = new_id()

        async def popped(phone: str) -> httpx.Response:
            headers = bearer("cs_specialist", agent)
            return await customers.http.get(f"{BASE}/screen-pop", params={"phone": phone}, headers=headers)

        pop = (await popped("138 0013 8000")).json()
        assert (pop["id"], pop["name"]) == (str(shop), "明月美容院")
        assert [(each["id"], each["name"], each["job"]) for each in pop["callers"]] == [(wang, "王美丽", "manager")]
        assert (await popped("021 6234 5678")).json()["callers"] == []
        found = await customers.http.get(f"{BASE}/customers", params={"q": "13800138001"})
        assert [each["id"] for each in found.json()["items"]] == [str(shop)]
        entries = await customers.database.fetch(
            "SELECT subject FROM audit_entry WHERE what = 'person.unmasked' AND made_by = $1", agent
        )
        assert [str(each["subject"]) for each in entries] == [wang, li] * 2, "both are shown by each call"


async def test_a_call_shows_the_contacts_of_the_store_and_enters_whom_it_has_shown(
    fresh_database: FreshDatabase,
) -> None:
    """Who decides, pays or uses first; ten, and twenty of those who have the number, however many there are."""
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers, "明月美容院", phones=["021 6234 5678"])
        plain: dict[str, Any] = {"phones": ["13800138001"], "decides": False}
        many = [await person(customers, shop, **plain, name=f"李{n}") for n in range(22)]
        uses = await person(customers, shop, **plain, name="用", uses=True)
        pays = await person(customers, shop, **plain, name="付", pays=True)
        gone = await person(customers, shop, name="走", decides=True)
        decides = await person(customers, shop, name="定", job="owner", phones=["13900139001"], decides=True)
        left = {"left_on": "2026-11-04"}
        path = f"{BASE}/customers/{shop}/people/{gone}"
        assert (await customers.http.patch(path, json=left, headers={"If-Match": "*"})).status_code == 200
        agent = new_id()
        headers = bearer("cs_specialist", agent)

        pop = (await customers.http.get(f"{BASE}/screen-pop", params={"phone": "13800138001"}, headers=headers)).json()

        assert [each["id"] for each in pop["contacts"]] == [decides, pays, uses, *many[:7]]
        assert pop["contacts"][0] == {
            "id": decides, "name": "定", "job": "owner", "decides": True, "pays": False, "uses": False,
            "phones": ["+8613900139001"], "masked": [],
        }  # fmt: skip
        shown = {each["id"] for each in (*pop["contacts"], *pop["callers"])}
        assert shown == {decides, pays, uses, *many[:20]}
        entered = "SELECT subject FROM audit_entry WHERE what = 'person.unmasked' AND made_by = $1"
        rows = [str(row["subject"]) for row in await customers.database.fetch(entered, agent)]
        assert sorted(rows) == sorted(shown), "each once"


@pytest.mark.parametrize("phones, names", [(True, False), (False, True), (False, False)])
async def test_a_call_enters_whom_the_role_sees_in_full(
    fresh_database: FreshDatabase, phones: bool, names: bool
) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers, "明月美容院", phones=["13800138000"])
        await store(customers, "小店", phones=["13800138000"])
        twin = (await made(customers, "customers", {"name": "王丽", "kind": "person", "phones": ["13800138000"]}))["id"]
        wang, agent = await person(customers, shop), new_id()
        context = customers.service.context
        trace = phone_trace(context.traces, "+8613800138000")
        call = Call(
            trace, None, agent, context.clock.now(), context.today(), None, sees_phones=phones, sees_names=names
        )

        async with context.database.connection() as writer:
            [found] = await answer(writer, None, [call])

        assert len(found) == 3
        rows = await customers.database.fetch(
            "SELECT what, subject FROM audit_entry WHERE made_by = $1 AND what <> 'caller.looked_up'", agent
        )
        entered = [(row["what"], str(row["subject"])) for row in rows]
        assert (("person.unmasked", wang) in entered) is names
        assert (("customer.unmasked", twin) in entered) is (phones or names)
        assert len([what for what, _ in entered if what == "customer.unmasked"]) == (2 if phones else int(names))


async def test_a_call_reads_no_more_of_many_people_than_those_of_the_store(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        database = customers.database
        await database.execute(
            """
            WITH more AS (INSERT INTO customer (id, version, tier, counts_from)
                          SELECT uuidv7(), 1, 'D', 24000 FROM generate_series(1, 2000) RETURNING id)
            INSERT INTO person (id, version, customer_id, job, decides, pays, uses, language, personal, traces)
            SELECT uuidv7(), 1, more.id, 'other', false, false, false, 'zh-CN', '', '{}'
            FROM more CROSS JOIN generate_series(1, 5)
            """
        )
        await database.execute("ANALYZE customer, person")
        call: dict[str, list[Any]] = {"trace": [b""], "viewer": [None], "by": [new_id()], "now": [START]}
        call |= {"today": [START.date()], "purpose": [None], "sees_phones": [True], "sees_names": [True]}

        plan = await database.fetchval(f"EXPLAIN (FORMAT JSON) {ANSWER.sql}", *ANSWER.arguments(call))

        nodes = _nodes(json.loads(plan)[0]["Plan"])
        by_index = [each["Index Name"] for each in nodes if "customer_id =" in each.get("Index Cond", "")]
        assert "person_present" in by_index
        whole = [each for each in nodes if each["Node Type"] == "Seq Scan" and each["Relation Name"] == "person"]
        assert [each for each in whole if "customer_id" in each.get("Filter", "")] == []


def _nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for child in plan.get("Plans", []) for node in _nodes(child))]
