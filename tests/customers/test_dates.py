"""Important dates of customers and of their people: entered, and whose fall in a period (domain 2.1)."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx
import orjson

from services.customers.dates.domain import CalendarDay, Period, falls
from services.customers.dates.queries.coming import OF_ALL, OF_VIEWER, days_asked
from services.customers.dates.store import day_trace
from shared.ids import new_id
from shared.statement import Statement
from tests.customers.network import BASE, colleague, made, nobody, slug, store
from tests.customers.test_people import person
from tests.customers.test_traits import as_before_there_were_keys, say
from tests.postgres import FreshDatabase
from tests.support import OneService, bearer, one_service

BIRTHDAY = {"occasion": "birthday", "calendar": "lunar", "month": 10, "day": 1, "year": 1985}
"""Falls on 9 November 2026 and on 29 October 2027."""


async def enter(customers: OneService, customer: UUID | str, **said: Any) -> httpx.Response:
    return await customers.http.post(f"{BASE}/customers/{customer}/dates", json={**BIRTHDAY, **said})


async def entered(customers: OneService, customer: UUID | str, **said: Any) -> dict[str, Any]:
    answer = await enter(customers, customer, **said)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def coming(customers: OneService, first: str, last: str, **asked: Any) -> list[dict[str, Any]]:
    headers = asked.pop("headers", None)
    answer = await customers.http.get(f"{BASE}/dates", params={"from": first, "to": last, **asked}, headers=headers)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_dates_of_a_store_and_its_people_fall_in_a_period(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers, "明月美容院")
        wang = await person(customers, shop)
        opening = await entered(customers, shop, occasion="opening", calendar="solar", month=2, day=29, year=2016)
        birthday = await entered(customers, shop, person_id=wang)
        assert (birthday["next_on"], opening["next_on"]) == ("2026-11-09", "2027-02-28")

        [first] = await coming(customers, "2026-11-04", "2026-11-30")
        assert first == {
            "on": "2026-11-09", "years": 41, "date_id": birthday["id"], "occasion": "birthday", "calendar": "lunar",
            "customer_id": str(shop), "customer_name": "明月美容院", "person_id": wang, "person_name": "王美丽",
        }  # fmt: skip
        year = await coming(customers, "2026-11-04", "2027-11-04")
        assert [(each["on"], each["occasion"], each["years"]) for each in year] == [
            ("2026-11-09", "birthday", 41),
            ("2027-02-28", "opening", 11),
            ("2027-10-29", "birthday", 42),
        ]

        path = f"{BASE}/customers/{shop}/dates"
        listed = (await customers.http.get(path)).json()["items"]
        assert listed == [opening, birthday]
        right = await customers.http.patch(
            f"{path}/{birthday['id']}", json={"month": 9, "day": 30, "year": None}, headers={"If-Match": '"1"'}
        )
        assert (right.json()["next_on"], right.headers["ETag"]) == ("2026-11-08", '"2"')
        assert [each["on"] for each in await coming(customers, "2026-11-04", "2026-11-30")] == ["2026-11-08"]
        assert (await customers.http.delete(f"{path}/{opening['id']}")).status_code == 204
        assert [each["occasion"] for each in await coming(customers, "2027-01-01", "2027-03-31")] == []
        left = await customers.http.patch(
            f"{BASE}/customers/{shop}/people/{wang}", json={"left_on": "2026-11-04"}, headers={"If-Match": "*"}
        )
        assert left.status_code == 200
        assert await coming(customers, "2026-11-04", "2027-11-04") == []


async def test_pages_of_a_period_go_on_where_they_ended(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shops = [await store(customers, f"{n}店") for n in range(5)]
        for n, shop in enumerate(shops):
            await entered(customers, shop, occasion="opening", calendar="solar", month=11, day=5 + n % 2, year=None)
        for role, who in (("admin", None), ("salesperson", await colleague(customers))):
            headers = None if who is None else bearer(role, who)
            if who is not None:
                for shop in shops[:4]:
                    await customers.http.put(f"{BASE}/customers/{shop}/team", json={"salesperson": str(who)})
            whole = await coming(customers, "2026-11-05", "2026-11-06", headers=headers)
            assert [each["on"] for each in whole] == ["2026-11-05"] * (3 - (who is not None)) + ["2026-11-06"] * 2
            asked, pages = {"from": "2026-11-05", "to": "2026-11-06", "limit": "1"}, []
            while True:
                page = (await customers.http.get(f"{BASE}/dates", params=asked, headers=headers)).json()
                pages += page["items"]
                if page["next"] is None:
                    break
                asked["cursor"] = page["next"]
            assert pages == whole


async def test_what_cannot_be_is_refused(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        buyer = (await made(customers, "customers", {"name": "赵敏", "kind": "person"}))["id"]
        wang = await person(customers, shop)
        for wrong in ({"month": 13}, {"day": 0}, {"day": 32}, {"leap": "no"}, {"month": "10"}, {"calendar": "maya"}):
            assert slug(await enter(customers, shop, person_id=wang, **wrong)) == (422, "invalid"), wrong
        for none in (
            {"calendar": "solar", "month": 2, "day": 30},
            {"calendar": "solar", "month": 2, "day": 29, "year": 1985},
            {"day": 31},
            {"month": 12, "leap": True, "year": None},
            {"month": 4, "leap": True},  # 1985 has no leap month
            {"year": 2026},  # the first of its tenth month is the ninth of November
        ):
            refused = await enter(customers, shop, person_id=wang, **none)
            assert slug(refused) == (422, "no-such-day"), none
            assert "1985" not in refused.json()["title"]
        assert slug(await enter(customers, shop)) == (422, "occasion-refused")
        assert slug(await enter(customers, shop, person_id=wang, occasion="opening")) == (422, "occasion-refused")
        assert slug(await enter(customers, shop, person_id=str(nobody()))) == (422, "unknown-person")
        assert slug(await enter(customers, nobody())) == (404, "customer-not-found")
        assert (await enter(customers, buyer)).status_code == 201
        assert slug(await enter(customers, buyer)) == (409, "date-stands")
        for first, last in (("2026-11-05", "2026-11-04"), ("2025-12-31", "2026-01-01"), ("2027-12-31", "2028-01-01")):
            answer = await customers.http.get(f"{BASE}/dates", params={"from": first, "to": last})
            assert slug(answer) == (422, "period-refused")
        gone = f"{BASE}/customers/{shop}/dates/{nobody()}"
        assert slug(await customers.http.delete(gone)) == (404, "date-not-found")


async def test_a_birthday_lies_sealed_and_is_shown_to_who_keeps_up_relations(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, seller = await store(customers), await colleague(customers)
        await customers.http.put(f"{BASE}/customers/{shop}/team", json={"salesperson": str(seller)})
        wang = await person(customers, shop)
        await entered(customers, shop, person_id=wang)
        rows = await customers.database.fetch(
            "SELECT d::text || f::text AS text FROM important_date d JOIN date_falls f ON f.date_id = d.id"
        )
        assert len(rows) >= 3
        assert [row["text"] for row in rows if "1985" in row["text"] or "2026-11-09" in row["text"]] == []

        mine, agent = bearer("salesperson", seller), new_id()
        assert len(await coming(customers, "2026-11-04", "2026-11-30", headers=mine)) == 1
        administration = bearer("admin_dept", agent)
        assert await coming(customers, "2026-11-04", "2026-11-30", headers=administration) == []
        listed = await customers.http.get(f"{BASE}/customers/{shop}/dates", headers=administration)
        assert listed.json()["items"] == []
        stranger = bearer("salesperson", await colleague(customers))
        assert await coming(customers, "2026-11-04", "2026-11-30", headers=stranger) == []
        foreign = await customers.http.get(f"{BASE}/customers/{shop}/dates", headers=stranger)
        assert slug(foreign) == (404, "customer-not-found")
        entries = await customers.database.fetch(
            "SELECT made_by, subject FROM audit_entry WHERE what = 'date.unmasked' ORDER BY id"
        )
        assert [(each["made_by"], str(each["subject"])) for each in entries] == [(seller, wang)]

        assert (await customers.http.delete(f"{BASE}/customers/{shop}/people/{wang}")).status_code == 204
        for table in ("important_date", "date_falls"):
            assert await customers.database.fetchval(f"SELECT count(*) FROM {table}") == 0


async def test_at_the_turn_of_a_year_no_day_is_missing(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        wang = await person(customers, shop)
        await entered(customers, shop, person_id=wang)
        day = CalendarDay("lunar", 10, 1, year=1985)
        customers.clock.forward(timedelta(days=60))

        before = await coming(customers, "2027-12-31", "2028-12-31")
        assert await customers.run_loops("customers.dates") == 1
        assert await coming(customers, "2027-12-31", "2028-12-31") == before
        assert [each["on"] for each in before] == [each.on.isoformat() for each in falls(day, 2028)]
        index = customers.service.context.traces
        kept = {row["trace"] for row in await customers.database.fetch("SELECT trace FROM date_falls")}
        assert kept == {day_trace(index, each.on) for year in (2027, 2028, 2029) for each in falls(day, year)}
        assert day_trace(index, date(2026, 11, 9)) not in kept


async def test_what_the_archive_says_falls_in_a_period_too(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers, "明月美容院", opened_on="2016-02-29")
        buyer = {"name": "赵敏", "kind": "person", "birthday": "1990-02-28"}
        zhao = (await made(customers, "customers", buyer))["id"]
        await store(customers, "后天开业", opened_on="2027-11-04")

        found = await coming(customers, "2026-11-04", "2027-11-03")

        assert [(each["on"], each["customer_name"], each["occasion"], each["years"]) for each in found] == [
            ("2027-02-28", "明月美容院", "opening", 11),
            ("2027-02-28", "赵敏", "birthday", 37),
        ]
        assert [(each["date_id"], each["person_id"], each["calendar"]) for each in found] == [(None, None, "solar")] * 2
        assert {each["customer_id"] for each in found} == {str(shop), zhao}
        without = await coming(customers, "2027-02-01", "2027-03-01", headers=bearer("admin_dept", new_id()))
        assert [each["occasion"] for each in without] == ["opening"], "whose birthday it is they need not know"
        seller = await colleague(customers)
        await customers.http.put(f"{BASE}/customers/{zhao}/team", json={"salesperson": str(seller)})
        mine = await coming(customers, "2027-02-01", "2027-03-01", headers=bearer("salesperson", seller))
        assert [each["customer_name"] for each in mine] == ["赵敏"]

        lunar = await entered(customers, zhao)
        again = await coming(customers, "2026-11-04", "2027-11-03")
        assert [(each["on"], each["date_id"]) for each in again if each["customer_id"] == zhao] == [
            ("2026-11-09", lunar["id"]),
            ("2027-10-29", lunar["id"]),
        ], "what was entered stands instead"


async def test_finding_whose_dates_come_is_a_matter_of_indexes(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        context, database = customers.service.context, customers.database
        year = days_asked(context, Period(date(2026, 11, 1), date(2027, 10, 31)))
        await database.execute(
            """
            WITH more AS (INSERT INTO customer (id, version, tier, counts_from)
                          SELECT uuidv7(), 1, 'D', 24000 FROM generate_series(1, 10000) RETURNING id),
                 kept AS (INSERT INTO archive (customer_id, kind, name, language, registered_at, opened_on, personal,
                                               words, traces)
                          SELECT id, 'store', 'shop', 'zh-CN', now(), DATE '2000-01-01' + n::integer, '', '{}', '{}'
                          FROM (SELECT id, row_number() OVER () AS n FROM more) c),
                 dates AS (INSERT INTO important_date (id, version, customer_id, occasion, own_key, sealed, filled)
                           SELECT uuidv7(), 1, id, 'wedding', false, '', 2028 FROM more RETURNING id)
            INSERT INTO date_falls (trace, date_id)
            SELECT ($1::bytea[])[1 + n % 365], id FROM (SELECT id, row_number() OVER () AS n FROM dates) d
            """,
            [trace for trace in year["traces"] if trace],
        )
        whole = ("customer", "archive", "important_date", "date_falls")
        for table in whole:
            await database.execute(f"ANALYZE {table}")
        asked = {"after_day": date.min, "after": nobody(), "personal": True, "most": 51}
        week = days_asked(context, Period(date(2026, 11, 5), date(2026, 11, 11)))
        looks: list[tuple[Statement[Any], dict[str, object], set[str]]] = [
            (OF_ALL, {**asked, **week}, {"date_falls_pkey", "archive_openings"}),
            (OF_VIEWER, {**asked, **year, "viewer": nobody()}, {"important_date_customer"}),
        ]

        for statement, values, used in looks:
            plan = await database.fetchval(f"EXPLAIN (FORMAT JSON) {statement.sql}", *statement.arguments(values))
            nodes = _nodes(orjson.loads(plan)[0]["Plan"])
            read_whole = [each["Relation Name"] for each in nodes if each["Node Type"] == "Seq Scan"]
            assert used <= {each.get("Index Name") for each in nodes}
            assert not set(whole) & set(read_whole), plan


def _nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for child in plan.get("Plans", []) for node in _nodes(child))]


async def test_a_date_from_before_there_were_keys_is_put_right_when_there_is_one(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        someone = UUID((await made(customers, "customers", {"name": "王小明", "kind": "person"}))["id"])
        await as_before_there_were_keys(customers, someone)
        path = f"{BASE}/customers/{someone}/dates"
        day = {"calendar": "solar", "month": 5, "day": 2}
        id_ = (await customers.http.post(path, json={"occasion": "birthday", **day})).json()["id"]
        assert (await say(customers, someone, "*", needs="睡眠不好")).status_code == 200, "a key comes with it"

        change = await customers.http.patch(f"{path}/{id_}", json={**day, "day": 3}, headers={"If-Match": '"1"'})

        assert change.status_code == 200, change.text
        listed = await customers.http.get(path)
        assert (listed.status_code, [each["day"] for each in listed.json()["items"]]) == (200, [3])
