"""The desk: queue and lists with names, narrowed and ordered as a desk asks, each to whom it concerns."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.complaints.lists.domain import Wanted
from services.complaints.lists.queries.queue import queue_page
from shared.contracts.customers import BrandListed, ContactListed, DepartmentListed, StaffListed, StoreListed
from shared.ids import new_id
from tests.complaints.building import (
    CS_MANAGER,
    DEPARTMENT,
    SALESPERSON,
    SPECIALIST,
    SUPERVISOR,
    Complaints,
    as_role,
    complaints,
)
from tests.postgres import FreshDatabase
from tests.support import START

HOUR = timedelta(hours=1)


async def found(service: Complaints, path: str, headers: Mapping[str, str] | None = None, **filters: Any) -> list[str]:
    """The numbers of every case of a list, two a page."""
    numbers: list[str] = []
    asked = {"limit": 2, **filters}
    while True:
        answer = await service.http.get("/complaints/v1" + path, params=asked, headers=dict(headers or {}))
        assert answer.status_code == 200, answer.text
        page = answer.json()
        numbers += [item["number"] for item in page["items"]]
        if page["next"] is None:
            return numbers
        asked["cursor"] = page["next"]


async def assigned(service: Complaints, id_: str, to: UUID) -> None:
    answer = await service.http.put(
        f"/complaints/v1/complaints/{id_}/responsible", json={"staff_id": str(to)}, headers={"If-Match": "*"}
    )
    assert answer.status_code == 200, answer.text


async def test_lists_name_customer_complainant_handler_and_subject(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        store = await service.customer("A")
        await service.given(StoreListed(customer_id=store, name="丽人美容院", external_no="S-17"))
        person = await service.customer("B")
        await service.given(ContactListed(customer_id=person, kind="person", name="张女士"))
        for customer in (store, person, None):
            await service.record(customer, against={"type": "person", "id": str(SALESPERSON)})

        for path in ("/queue", "/complaints"):
            cases = {item["customer_id"]: item for item in (await service.get(path)).json()["items"]}
            of_store, of_person, of_nobody = (cases[key] for key in (str(store), str(person), None))

            assert of_store["customer_name"] == "丽人美容院"
            assert of_store["handler"] == {"id": str(SPECIALIST), "name": "cs_specialist"}
            assert of_store["against"] == {"type": "person", "id": str(SALESPERSON), "name": "salesperson"}
            assert (of_store["subject_name_en"], of_store["subject_name_zh"]) == ("Product", "产品")
            assert of_store["accountable"] == {"id": str(SALESPERSON), "name": "salesperson"}
            assert of_store["complainant_name"] is None
            assert (of_person["customer_name"], of_person["complainant_name"]) == ("张女士", None)
            assert (of_nobody["customer_name"], of_nobody["complainant_name"]) == (None, "王小姐")


async def test_filters_narrow_queue_and_list_alike(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        vip = await service.customer("A")
        thing = new_id()
        elsewhere = new_id()
        await service.given(
            DepartmentListed(department_id=elsewhere, name="物流部", manager_id=None),
            StoreListed(customer_id=thing, name="丽人美容院", external_no="S-17"),
            StaffListed(staff_id=thing, name="driver", role="admin_dept", department_id=elsewhere),
        )
        plain = (await service.record())["number"]
        of_vip = (await service.record(vip))["number"]
        delivery = (await service.record(subject="delivery"))["number"]
        by_web = (await service.record(channel="web"))["number"]
        against = (await service.record(against={"type": "store", "id": str(thing), "name": "x"}))["number"]
        batch = (await service.record(batch="ｂ7-\u00a0 11"))["number"]
        asking = (await service.record(kind="enquiry"))["number"]
        moved = await service.record()
        await assigned(service, moved["id"], thing)

        narrowed: list[tuple[dict[str, Any], list[str]]] = [
            ({"tier": "A"}, [of_vip]),
            ({"subject": "delivery"}, [delivery]),
            ({"channel": "web"}, [by_web]),
            ({"kind": "enquiry"}, [asking]),
            ({"batch": "b7- 11"}, [batch]),
            ({"batch": "ｂ7-  11", "tier": "A"}, []),
            ({"accountable_id": str(thing)}, []),
            ({"state": "answered"}, []),
            ({"due_before": "2026-11-04T05:00:00Z"}, []),
            ({"due_before": "2026-11-04T05:00:01Z", "channel": "web"}, [by_web]),
            ({"against_type": "store"}, [against]),
            ({"against_id": str(thing)}, [against]),
            ({"against_type": "store", "against_id": str(thing), "channel": "line"}, [against]),
            ({"handler_id": str(thing)}, [moved["number"]]),
            ({"department_id": str(elsewhere)}, [moved["number"]]),
            ({"department_id": str(elsewhere), "subject": "delivery"}, []),
            ({"unassigned": True}, []),
            ({"tier": "A", "subject": "product", "channel": "line", "handler_id": str(SPECIALIST)}, [of_vip]),
            ({"tier": "D", "department_id": str(DEPARTMENT)}, []),
            ({"subject": "nothing"}, []),
        ]
        for filters, wanted in narrowed:
            for path, orders in (("/queue", ("urgency", "due")), ("/complaints", ("newest", "oldest"))):
                for order in orders:
                    assert await found(service, path, sort=order, **filters) == wanted, (path, order, filters)
        everybody = [plain, of_vip, delivery, by_web, against, batch, asking, moved["number"]]
        assert await found(service, "/complaints", sort="oldest") == everybody
        assert await found(service, "/complaints") == everybody[::-1]
        assert sorted(await found(service, "/queue", unassigned=False)) == sorted(everybody)
        mine = as_role("cs_specialist", SPECIALIST)
        assert await found(service, "/queue", mine, mine=True) == [of_vip]
        here = await found(service, "/complaints", mine, my_department=True, sort="oldest")
        assert here == everybody[:-1], "whom nobody serves has the customer-service manager, of the same department"
        nowhere = as_role("cs_specialist", new_id())
        assert await found(service, "/queue", nowhere, my_department=True) == []


async def test_what_is_due_and_when_it_was_recorded(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        vip, small = await service.customer("A"), await service.customer("D")
        first = await service.record(small)
        service.clock.forward(HOUR)
        second = await service.record(vip)
        paused = await service.record(vip)
        await service.move(paused["id"], "pause")
        service.clock.forward(timedelta(hours=3.5))
        await service.run_loops()

        late, running, standing = first["number"], second["number"], paused["number"]
        assert await found(service, "/queue") == [running, standing, late]
        assert await found(service, "/queue", sort="due") == [late, running, standing]
        assert await found(service, "/queue", overdue=True) == [late]
        assert await found(service, "/queue", overdue=False) == [running, standing]
        assert await found(service, "/queue", overdue=True, sort="due") == [late]
        soon = (service.clock.now() + HOUR).isoformat()
        assert await found(service, "/queue", due_before=soon) == [running, late]
        assert await found(service, "/complaints", overdue=True) == [late]
        await service.move(first["id"], "answer")
        assert await found(service, "/complaints", overdue=True, state="answered") == [late]
        assert await found(service, "/queue", overdue=True) == []

        service.clock.forward(timedelta(days=1))
        today = (await service.record(small))["number"]
        assert await found(service, "/complaints", recorded_from="2026-11-05") == [today]
        assert len(await found(service, "/complaints", recorded_to="2026-11-04")) == 3
        assert await found(service, "/queue", recorded_from="2026-11-05", recorded_to="2026-11-05") == [today]
        assert await found(service, "/queue", recorded_from="2026-11-06") == []


async def test_what_was_taken_over_stands_at_its_own_time(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        recent = (await service.record())["number"]
        old = (await service.record(recorded_at="2020-05-04T10:00:00+08:00"))["number"]

        assert await found(service, "/complaints") == [recent, old]
        assert await found(service, "/complaints", recorded_to="2020-05-04") == [old]


async def test_colleagues_are_listed_what_concerns_them(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        boss, seller, stranger = new_id(), new_id(), new_id()
        await service.given(
            StaffListed(staff_id=boss, name="boss", role="sales_manager"),
            StaffListed(staff_id=seller, name="seller", role="cs_specialist", supervisor_id=boss),
        )  # who handles a case, and whose token says less
        served = await service.customer("A", team={"salesperson": seller, "cs_specialist": SPECIALIST})
        by_team = await service.record(served)
        await service.record(await service.customer())
        handled = await service.record()
        await assigned(service, handled["id"], seller)
        entered = await service.http.post(
            "/complaints/v1/complaints",
            json={"complainant": {"name": "李", "contact": "li@example.com"}, "subject": "service", "text": "慢"},
            headers=as_role("salesperson", seller),
        )
        against = await service.record(against={"type": "person", "id": str(seller)}, subject="service")
        concerning = [against["number"], entered.json()["number"], handled["number"], by_team["number"]]

        for role, who in (("salesperson", seller), ("sales_manager", boss)):
            me = as_role(role, who)
            assert await found(service, "/complaints", me) == concerning
            assert await found(service, "/complaints", me, sort="oldest") == concerning[::-1]
            assert await found(service, "/complaints", me, subject="product") == concerning[2:]
            assert await found(service, "/complaints", me, customer_id=str(served)) == concerning[3:]
            assert await found(service, "/complaints", me, accountable_id=str(seller)) == concerning[:1]
            assert await found(service, "/complaints", me, state="closed") == []
            assert await found(service, "/complaints", me, department_id=str(DEPARTMENT), tier="A") == concerning[3:]
        assert await found(service, "/complaints", as_role("salesperson", seller), mine=True) == concerning[2:3]
        assert await found(service, "/complaints", as_role("salesperson", stranger)) == []


async def test_every_party_with_an_id_has_its_name_and_a_case_that_of_its_customer(
    fresh_database: FreshDatabase,
) -> None:
    async with complaints(fresh_database) as service:
        brand, store = new_id(), await service.customer()
        person = await service.customer()
        await service.given(
            BrandListed(brand_id=brand, name="兰蔻", grade="high"),
            StoreListed(customer_id=store, name="丽人美容院", external_no="S-17"),
            ContactListed(customer_id=person, kind="person", name="张女士"),
        )
        named = {
            "person": (str(SALESPERSON), "salesperson"),
            "department": (str(DEPARTMENT), "客服部"),
            "brand": (str(brand), "兰蔻"),
            "store": (str(store), "丽人美容院"),
        }
        for type_, (id_, name) in named.items():
            case = await service.record(person, against={"type": type_, "id": id_})
            [listed] = (await service.get("/complaints", against_id=id_)).json()["items"]
            read = await service.read(case["id"])
            assert listed["against"] == read["against"] == {"type": type_, "id": id_, "name": name}
            assert listed["customer_name"] == read["customer_name"] == "张女士"
        both = {"complainant": {"name": "李先生", "contact": "+8613800000001"}, "channel": "web"}
        case = await service.record(person, **both)
        [listed] = (await service.get("/complaints", channel="web")).json()["items"]
        assert (listed["customer_name"], listed["complainant_name"]) == ("张女士", "李先生")
        assert (await service.read((await service.record())["id"]))["customer_name"] is None
        stored = await service.database.fetch("SELECT k::text AS everything FROM contact k")
        assert not any("张女士" in row["everything"] for row in stored)


async def test_a_desk_finds_the_cases_against_its_people(fresh_database: FreshDatabase) -> None:
    """Against the caller, whom they supervise or whose department they manage, or their department."""
    async with complaints(fresh_database) as service:
        boss, elsewhere = new_id(), new_id()
        await service.given(
            DepartmentListed(department_id=elsewhere, name="物流部", manager_id=boss),
            StaffListed(staff_id=boss, name="boss", role="cs_manager", department_id=elsewhere),
        )
        driver = StaffListed(
            staff_id=new_id(), name="driver", role="logistics_manager", department_id=elsewhere, supervisor_id=boss
        )
        led = StaffListed(staff_id=new_id(), name="led", role="salesperson", supervisor_id=boss)
        await service.given(driver, led)
        numbers = {
            who: (await service.record(against={"type": "person", "id": str(who)}))["number"]
            for who in (boss, driver.staff_id, led.staff_id, SPECIALIST)
        }
        department = (await service.record(against={"type": "department", "id": str(elsewhere)}))["number"]
        await service.hear_own()
        me = as_role("cs_manager", boss)
        wanted = {
            "mine": {numbers[boss], department},
            "my_people": {numbers[driver.staff_id], numbers[led.staff_id]},
            "my_department": {numbers[boss], department, numbers[driver.staff_id]},
        }
        for path in ("/queue", "/complaints"):
            for against, expected in wanted.items():
                assert sorted(await found(service, path, me, against=against)) == sorted(expected), (path, against)
        assert await found(service, "/complaints", me, against="my_people", number_part="000002") == [
            numbers[driver.staff_id]
        ]
        assert await found(service, "/complaints", me, against="my_people", q="开封后变色") == [
            numbers[led.staff_id],
            numbers[driver.staff_id],
        ]
        seller = as_role("salesperson", led.staff_id)
        assert await found(service, "/complaints", seller, against="mine") == [numbers[led.staff_id]]
        assert await found(service, "/complaints", seller, against="my_people") == []
        assert await found(service, "/complaints", seller, against="my_department") == []


@pytest.mark.parametrize(
    "asked, status",
    [
        ({"sort": "colour"}, 422),
        ({"sort": "due"}, 422),
        ({"recorded_from": "20261104"}, 422),
        ({"tier": "E"}, 422),
        ({"subject": "产品"}, 422),
        ({"mine": "perhaps"}, 422),
        ({"mine": True, "handler_id": str(SUPERVISOR)}, 422),
        ({"my_department": True, "department_id": str(DEPARTMENT)}, 422),
        ({"against": "them"}, 422),
        ({"against": "mine", "accountable_id": str(SUPERVISOR)}, 422),
        ({"colour": "red"}, 422),
    ],
)
async def test_what_is_not_asked_sensibly_is_refused(
    fresh_database: FreshDatabase, asked: dict[str, Any], status: int
) -> None:
    async with complaints(fresh_database) as service:
        assert (await service.get("/complaints", **asked)).status_code == status


async def test_a_page_goes_on_in_its_own_order_alone(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        for _ in range(2):
            await service.record()
        cursor = (await service.get("/queue", limit=1)).json()["next"]

        assert (await service.get("/queue", limit=1, cursor=cursor)).status_code == 200
        assert (await service.get("/queue", limit=1, cursor=cursor, sort="due")).status_code == 400
        me = as_role("cs_manager", CS_MANAGER)
        mine = (await service.http.get("/complaints/v1/queue?limit=1&mine=true", headers=me)).json()["next"]
        someone = as_role("cs_specialist", SPECIALIST)
        other = await service.http.get(f"/complaints/v1/queue?limit=1&mine=true&cursor={mine}", headers=someone)
        assert other.status_code == 400, "`mine` is bound to whose it is"


async def test_what_was_answered_is_due_before_no_moment(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        answered, waiting = await service.record(), await service.record()
        await service.move(answered["id"], "answer")

        later = (service.clock.now() + 24 * HOUR).isoformat()

        assert await found(service, "/complaints", due_before=later) == [waiting["number"]]
        assert await found(service, "/complaints", due_before=later, state="closed") == []


async def test_each_narrow_queue_has_an_index_in_its_order(fresh_database: FreshDatabase) -> None:
    """However many cases there are, a page of these reads a bounded part of an index and sorts nothing."""
    indexes = {
        "": Wanted(),
        "_handler": Wanted(handler_id=SPECIALIST),
        "_subject": Wanted(subject="product"),
        "_channel": Wanted(channel="line"),
        "_against": Wanted(against_id=SALESPERSON),
        "_accountable": Wanted(accountable_id=SALESPERSON),
        "_batch": Wanted(batch="B7"),
    }
    async with complaints(fresh_database) as service, service.database.connection() as connection:
        await connection.execute("SET enable_seqscan = off; SET enable_bitmapscan = off")
        place = {"tier_rank": 1, "queue_at": START, "after_id": UUID(int=0)}
        for name, wanted in indexes.items():
            statement = queue_page(wanted, "urgency", 51)
            values = {"now": START, **place, **wanted.given()}
            rows = await connection.fetch(f"EXPLAIN {statement.sql}", *statement.arguments(values))
            plan = "\n".join(row[0] for row in rows)
            assert f"using complaint_queue{name} on" in plan, plan
            assert "Sort" not in plan, plan


async def test_a_number_is_found_however_it_is_typed(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        number = (await service.record())["number"]

        assert await found(service, "/complaints", number=f" {number.lower()} ") == [number]
