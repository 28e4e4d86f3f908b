"""The reports over HTTP: what they say, and whom and what they refuse."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.reporting.customer360 import queries
from shared.auth.visibility import SEE_EVERY_CUSTOMER
from shared.contracts import care, complaints, customers
from shared.contracts.base import Fact
from shared.ids import new_id
from tests.postgres import FreshDatabase
from tests.support import START, OneService, bearer, one_service

FOUR_HOURS = timedelta(hours=4)
NOBODY = UUID("01900000-0000-7000-8000-00000000000f")
"""Fixed, because test names are made of it and every worker must collect the same ones."""
ROUTES = (
    "/reporting/v1/tiers?month=2026-11",
    "/reporting/v1/complaints?month=2026-11",
    "/reporting/v1/service?month=2026-11",
    f"/reporting/v1/customers/{NOBODY}",
    f"/reporting/v1/customers/{NOBODY}/timeline",
    "/reporting/v1/live",
)


def registered(customer_id: UUID, **said: Any) -> customers.CustomerRegistered:
    about = {"customer_id": customer_id, "kind": "store", "registered_at": START}
    return customers.CustomerRegistered.model_validate({**about, **said})


def bought(customer_id: UUID, amount: str, **said: Any) -> customers.PurchaseRecorded:
    about = {"customer_id": customer_id, "purchase_id": new_id(), "amount": amount, "occurred_at": START}
    return customers.PurchaseRecorded.model_validate({**about, **said})


def rose(customer_id: UUID) -> customers.TierChanged:
    return customers.TierChanged(
        customer_id=customer_id,
        from_tier="C",
        to_tier="A",
        cause="purchase",
        total=Decimal("12000.00"),
        policy_version=1,
        at=START,
    )


class Case:
    """The facts of one complaint; its clock runs four hours from START."""

    def __init__(self, customer_id: UUID | None = None) -> None:
        self.about = {"complaint_id": new_id(), "customer_id": customer_id, "at": START}

    def opened(self, **said: Any) -> Fact:
        of_case = {"number": "C-1", "kind": "complaint", "subject": "product", "channel": "line"}
        return complaints.ComplaintOpened.model_validate(
            {**self.about, **of_case, "answer_due_at": START + FOUR_HOURS, **said}
        )

    def overdue(self) -> Fact:
        due = START + FOUR_HOURS
        return complaints.ComplaintOverdue.model_validate({**self.about, "at": due, "number": "C-1", "due_at": due})

    def answered(self, after: timedelta, **said: Any) -> Fact:
        about = {**self.about, "at": START + after, "in_time": after <= FOUR_HOURS}
        return complaints.ComplaintAnswered.model_validate({**about, **said})

    def step_done(self, step: str, owner_id: UUID) -> Fact:
        return complaints.ComplaintStepDone.model_validate({**self.about, "step": step, "owner_id": owner_id})

    def reopened(self, after: timedelta) -> Fact:
        began = START + after
        about = {**self.about, "round": 2, "at": began, "answer_due_at": began + FOUR_HOURS}
        return complaints.ComplaintReopened.model_validate(about)


async def read(http: httpx.AsyncClient, path: str, **params: Any) -> Any:
    answer = await http.get(f"/reporting/v1/{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


class TestCustomer360:
    async def test_everything_about_a_customer_in_one_answer(self, fresh_database: FreshDatabase) -> None:
        store, region, brand, seller = new_id(), new_id(), new_id(), new_id()
        case = Case(store)
        async with one_service(fresh_database, "reporting") as reporting:
            await reporting.given(
                customers.RegionListed(region_id=region, name="华东"),
                customers.BrandListed(brand_id=brand, name="雅", grade="mid"),
                customers.StaffListed(staff_id=seller, name="李娜", role="salesperson"),
                customers.StoreListed(customer_id=store, name="静安店"),
                registered(store, region_id=region, external_no="1001"),
                customers.AccountTeamChanged(customer_id=store, team={"salesperson": seller}),
                bought(store, "1200.50", brand_id=brand, external_no="P-1"),
                rose(store),
                case.opened(),
                case.overdue(),
                case.step_done("investigate", seller),
                *touches_of(store, seller),
            )

            seen = await read(reporting.http, f"customers/{store}")

        assert (seen["name"], seen["external_no"], seen["tier"]) == ("静安店", "1001", "A")
        assert seen["region"] == {"id": str(region), "name": "华东"}
        assert seen["team"] == {"salesperson": {"id": str(seller), "name": "李娜"}}
        [complaint] = seen["complaints"]
        assert (complaint["state"], complaint["overdue"], complaint["escalation_level"]) == ("open", True, 1)
        assert (seen["touches"]["done"], seen["touches"]["open"]) == (1, 1)
        assert seen["touches"]["last"]["state"] == "done"
        assert seen["touches"]["next"]["state"] == "open"
        purchases = seen["purchases"]
        assert (purchases["count"], purchases["sum"]) == (1, "1200.50")
        assert purchases["recent"][0]["brand"] == {"id": str(brand), "name": "雅"}
        assert {entry["type"] for entry in seen["timeline"]} >= {
            "crm.purchase.recorded",
            "crm.tier.changed",
            "crm.complaint.opened",
            "crm.complaint.overdue",
            "crm.complaint.step_done",
            "crm.touch.done",
        }
        assert seen["timeline_next"] is None

    async def test_a_return_is_taken_off(self, fresh_database: FreshDatabase) -> None:
        store = new_id()
        purchase = bought(store, "300.00")
        returned = customers.PurchaseReturned(
            customer_id=store,
            purchase_id=purchase.purchase_id,
            return_id=new_id(),
            amount=Decimal("-100.00"),
            occurred_at=START + timedelta(days=1),
        )
        async with one_service(fresh_database, "reporting") as reporting:
            await reporting.given(registered(store), purchase, returned)

            purchases = (await read(reporting.http, f"customers/{store}"))["purchases"]

        assert (purchases["count"], purchases["returns"], purchases["sum"]) == (1, 1, "200.00")
        assert [each["amount"] for each in purchases["recent"]] == ["-100.00", "300.00"]
        assert purchases["recent"][0]["returns_id"] == str(purchase.purchase_id)

    async def test_a_customer_named_by_others_first_is_filled_later(self, fresh_database: FreshDatabase) -> None:
        store = new_id()
        async with one_service(fresh_database, "reporting") as reporting:
            await reporting.given(Case(store).opened())

            stub = await read(reporting.http, f"customers/{store}")
            await reporting.given(registered(store, tier="B"))
            filled = await read(reporting.http, f"customers/{store}")

        assert (stub["tier"], len(stub["complaints"])) == (None, 1)
        assert (filled["tier"], len(filled["complaints"])) == ("B", 1)

    async def test_the_timeline_in_pages_is_the_timeline(self, fresh_database: FreshDatabase) -> None:
        store = new_id()
        purchases = [bought(store, "1.00", occurred_at=START + timedelta(minutes=n // 3)) for n in range(130)]
        async with one_service(fresh_database, "reporting") as reporting:
            await reporting.given(*purchases)

            first = await read(reporting.http, f"customers/{store}")
            pages, cursor = [first["timeline"]], first["timeline_next"]
            while cursor:
                page = await read(reporting.http, f"customers/{store}/timeline", cursor=cursor, limit=50)
                pages.append(page["items"])
                cursor = page["next"]

        assert [len(page) for page in pages] == [50, 50, 30]
        entries = [entry for page in pages for entry in page]
        assert {entry["data"]["purchase_id"] for entry in entries} == {str(each.purchase_id) for each in purchases}
        assert [entry["at"] for entry in entries] == sorted((entry["at"] for entry in entries), reverse=True)

    async def test_a_cursor_of_another_customer_is_refused(self, fresh_database: FreshDatabase) -> None:
        one, other = new_id(), new_id()
        async with one_service(fresh_database, "reporting") as reporting:
            await reporting.given(bought(one, "1.00"), bought(one, "2.00"), bought(other, "3.00"))
            cursor = (await read(reporting.http, f"customers/{one}/timeline", limit=1))["next"]

            refused = await reporting.http.get(f"/reporting/v1/customers/{other}/timeline", params={"cursor": cursor})

        assert (refused.status_code, refused.json()["slug"]) == (400, "malformed")

    async def test_one_just_registered_is_waited_for(self, fresh_database: FreshDatabase) -> None:
        store = new_id()
        async with one_service(fresh_database, "reporting") as reporting:
            asking = asyncio.create_task(read(reporting.http, f"customers/{store}"))
            await asyncio.sleep(0)  # it has asked before the event arrives
            await reporting.given(registered(store))

            assert (await asking)["tier"] == "D"

    async def test_nobody_has_named_them(self, fresh_database: FreshDatabase) -> None:
        async with one_service(fresh_database, "reporting") as reporting:
            answers = await asyncio.gather(*(reporting.http.get(route) for route in ROUTES if "customers" in route))

        assert [(each.status_code, each.json()["slug"]) for each in answers] == [(404, "customer-not-found")] * 2


def touches_of(store: UUID, seller: UUID) -> list[Fact]:
    done, ahead = new_id(), new_id()

    def about(task_id: UUID) -> dict[str, Any]:
        who = {"kind": "obligation", "role": "salesperson", "contact": "visit", "assignee_id": seller}
        return {"task_id": task_id, "customer_id": store, "at": START, **who}

    window = {"not_before": START, "due_at": START + timedelta(days=7)}
    return [
        care.TouchPlanned.model_validate({**about(done), **window}),
        care.TouchPlanned.model_validate({**about(ahead), **window}),
        care.TouchDone.model_validate({**about(done), "minutes": 30}),
    ]


class TestTiers:
    def closed(self, revision: int, a_customers: int) -> customers.MonthClosed:
        shares = {
            "A": customers.TierShare(customers=a_customers, amount=Decimal("70000.00"), share=Decimal("0.7012")),
            "D": customers.TierShare(customers=9, amount=Decimal("0.00"), share=Decimal("0.0000")),
        }
        return customers.MonthClosed(
            month="2026-10", revision=revision, closed_at=START, tiers=shares, moves={"C>A": 2}
        )

    async def test_a_month_as_closed(self, fresh_database: FreshDatabase) -> None:
        async with one_service(fresh_database, "reporting") as reporting:
            await reporting.given(self.closed(1, a_customers=3))

            month = await read(reporting.http, "tiers", month="2026-10")

        assert month["tiers"]["A"] == {
            "customers": 3,
            "amount": "70000.00",
            "share": 0.7012,
            "expected_share": 0.7,
        }
        assert (month["moves"], month["revision"]) == ({"C>A": 2}, 1)

    async def test_the_latest_revision_holds(self, fresh_database: FreshDatabase) -> None:
        async with one_service(fresh_database, "reporting") as reporting:
            await reporting.given(self.closed(2, a_customers=5), self.closed(1, a_customers=3))

            month = await read(reporting.http, "tiers", month="2026-10")

        assert (month["revision"], month["tiers"]["A"]["customers"]) == (2, 5)

    async def test_a_month_not_closed_is_empty(self, fresh_database: FreshDatabase) -> None:
        async with one_service(fresh_database, "reporting") as reporting:
            month = await read(reporting.http, "tiers", month="2026-11")

        assert (month["tiers"], month["moves"], month["revision"]) == ({}, {}, None)


class TestComplaints:
    async def figures(self, reporting: OneService, month: str = "2026-11") -> dict[str, Any]:
        answer: dict[str, Any] = await read(reporting.http, "complaints", month=month)
        return answer

    async def test_each_outcome_is_counted(self, fresh_database: FreshDatabase) -> None:
        in_time, late, left, running = Case(), Case(), Case(), Case()
        async with one_service(fresh_database, "reporting") as reporting:
            await reporting.given(*(case.opened() for case in (in_time, late, left)))
            reporting.clock.forward(timedelta(hours=6))
            await reporting.given(
                in_time.answered(timedelta(hours=4)),
                late.overdue(),
                late.answered(timedelta(hours=5)),
                left.overdue(),
                running.opened(at=reporting.clock.now(), answer_due_at=reporting.clock.now() + FOUR_HOURS),
            )

            assert await self.figures(reporting) == {
                "opened": 4,
                "reopened": 0,
                "answered_in_time": 1,
                "answered_late": 1,
                "unanswered_overdue": 1,
                "open": 1,
                "share_in_time": 0.3333,
            }

    async def test_a_solution_without_an_answer_stops_the_clock(self, fresh_database: FreshDatabase) -> None:
        case = Case()
        solved = complaints.ComplaintResolved.model_validate({**case.about, "in_time": True, "stopped_clock": True})
        async with one_service(fresh_database, "reporting") as reporting:
            await reporting.given(case.opened(), solved)

            assert (await self.figures(reporting))["answered_in_time"] == 1

    async def test_rounds_count_each_in_the_month_it_began(self, fresh_database: FreshDatabase) -> None:
        case = Case()
        december = timedelta(days=28)
        async with one_service(fresh_database, "reporting") as reporting:
            await reporting.given(case.opened(), case.answered(timedelta(hours=1)), case.reopened(december))
            reporting.clock.forward(december + timedelta(days=1))

            november = await self.figures(reporting, "2026-11")
            assert (november["opened"], november["answered_in_time"]) == (1, 1)
            assert (november["reopened"], november["share_in_time"]) == (0, 1.0)
            december_figures = await self.figures(reporting, "2026-12")
            assert (december_figures["opened"], december_figures["reopened"]) == (1, 1)
            assert december_figures["unanswered_overdue"] == 1

    async def test_a_month_begins_in_the_companys_zone(self, fresh_database: FreshDatabase) -> None:
        midnight_in_shanghai = START.replace(month=11, day=30, hour=16)
        async with one_service(fresh_database, "reporting") as reporting:
            await reporting.given(
                Case().opened(at=midnight_in_shanghai - timedelta(seconds=1)),
                Case().opened(at=midnight_in_shanghai),
            )

            assert (await self.figures(reporting, "2026-11"))["opened"] == 1
            assert (await self.figures(reporting, "2026-12"))["opened"] == 1

    async def test_a_taken_over_case_is_late_by_its_times(self, fresh_database: FreshDatabase) -> None:
        store = new_id()
        case = Case(store)
        async with one_service(fresh_database, "reporting") as reporting:
            await reporting.given(case.opened(taken_over=True), historical=True)
            reporting.clock.forward(timedelta(hours=4))

            assert (await self.figures(reporting))["unanswered_overdue"] == 1
            [seen] = (await read(reporting.http, f"customers/{store}"))["complaints"]
            assert (seen["overdue"], seen["taken_over"]) == (True, True)

    async def test_a_paused_round_is_open(self, fresh_database: FreshDatabase) -> None:
        store = new_id()
        case = Case(store)
        paused = complaints.ComplaintPaused.model_validate({**case.about, "until": START + timedelta(days=2)})
        async with one_service(fresh_database, "reporting") as reporting:
            await reporting.given(case.opened(), paused)
            reporting.clock.forward(timedelta(days=1))

            assert (await self.figures(reporting))["open"] == 1
            [seen] = (await read(reporting.http, f"customers/{store}"))["complaints"]
            assert (seen["overdue"], seen["answer_due_at"]) == (False, None)

    async def test_a_reopened_case_starts_anew_on_its_customers_page(self, fresh_database: FreshDatabase) -> None:
        store = new_id()
        case = Case(store)
        async with one_service(fresh_database, "reporting") as reporting:
            await reporting.given(
                case.opened(), case.overdue(), case.answered(timedelta(hours=5)), case.reopened(timedelta(hours=6))
            )

            [seen] = (await read(reporting.http, f"customers/{store}"))["complaints"]

        assert (seen["state"], seen["round"], seen["overdue"]) == ("open", 2, False)
        assert (seen["answered_at"], seen["escalation_level"]) == (None, 0)


class TestService:
    async def test_met_and_missed_per_role_person_and_department(self, fresh_database: FreshDatabase) -> None:
        seller, department = new_id(), new_id()
        met, missed, made_good, call = (new_id() for _ in range(4))

        def said(task_id: UUID, kind: str = "obligation") -> dict[str, Any]:
            who = {"role": "salesperson", "contact": "visit", "assignee_id": seller}
            return {"task_id": task_id, "customer_id": new_id(), "kind": kind, "at": START, **who}

        def planned(task_id: UUID, kind: str = "obligation") -> Fact:
            about = {**said(task_id, kind), "not_before": START, "due_at": START + timedelta(days=3)}
            return care.TouchPlanned.model_validate(about)

        def not_met(task_id: UUID) -> Fact:
            return care.TouchMissed.model_validate({**said(task_id), "due_at": START + timedelta(days=3)})

        def done(task_id: UUID) -> Fact:
            return care.TouchDone.model_validate(said(task_id))

        async with one_service(fresh_database, "reporting") as reporting:
            await reporting.given(
                customers.DepartmentListed(department_id=department, name="业务部"),
                customers.StaffListed(staff_id=seller, name="李娜", role="salesperson", department_id=department),
                *(planned(each) for each in (met, missed, made_good)),
                planned(call, "apology_call"),
                done(met),
                not_met(missed),
                not_met(made_good),
                done(made_good),
            )

            month = await read(reporting.http, "service", month="2026-11")
            calls = await read(reporting.http, "service", month="2026-11", kind="apology_call")

        figures = {"met": 1, "missed": 2, "made_good": 1, "open": 0, "share_met": 0.3333}
        assert month["total"] == figures
        assert month["roles"] == {"salesperson": figures}
        assert month["people"] == [{"role": "salesperson", "staff_id": str(seller), "name": "李娜", "figures": figures}]
        assert month["departments"] == [{"department_id": str(department), "name": "业务部", "figures": figures}]
        assert calls["total"]["open"] == 1

    async def test_a_window_that_ends_with_the_month_is_of_that_month(self, fresh_database: FreshDatabase) -> None:
        december_begins = datetime(2026, 11, 30, 16, tzinfo=UTC)
        about = {"kind": "obligation", "role": "salesperson", "contact": "visit", "at": START}
        open_until, missed_at = ({**about, "task_id": new_id(), "due_at": december_begins} for _ in range(2))
        async with one_service(fresh_database, "reporting") as reporting:
            await reporting.given(
                care.TouchPlanned.model_validate({**open_until, "not_before": START}),
                care.TouchMissed.model_validate(missed_at),
            )
            november, december = [
                (await read(reporting.http, "service", month=month))["total"] for month in ("2026-11", "2026-12")
            ]

        assert (november["open"], november["missed"]) == (1, 1)
        assert (december["open"], december["missed"]) == (0, 0)


class TestVisibility:
    """Customer 360 is read by who sees the customer: the team, its managers, and those who see all."""

    async def test_foreign_customers_are_not_there(
        self, fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(queries, "PATIENCE_SECONDS", 0.0)
        shop, boss, seller, department = (new_id() for _ in range(4))
        manager, other = new_id(), new_id()
        async with one_service(fresh_database, "reporting") as reporting:
            await reporting.given(
                customers.DepartmentListed(department_id=department, name="销售部", manager_id=manager),
                customers.StaffListed(
                    staff_id=seller, name="孙", role="salesperson", supervisor_id=boss, department_id=department
                ),
                registered(shop),
            )
            await reporting.given(
                customers.AccountTeamChanged(customer_id=shop, team={"salesperson": seller}), version=2
            )

            async def statuses(role: str, who: UUID) -> list[int]:
                paths = [f"/reporting/v1/customers/{shop}", f"/reporting/v1/customers/{shop}/timeline"]
                return [(await reporting.http.get(path, headers=bearer(role, who))).status_code for path in paths]

            for role, who in (("salesperson", seller), ("sales_manager", boss), ("brand_manager", manager)):
                assert await statuses(role, who) == [200, 200], role
            for role in SEE_EVERY_CUSTOMER:
                assert await statuses(role, new_id()) == [200, 200], role
            assert await statuses("salesperson", other) == [404, 404]
            refused = await reporting.http.get(f"/reporting/v1/customers/{shop}", headers=bearer("salesperson", other))
            assert refused.json()["slug"] == "customer-not-found"

    async def test_whom_nobody_serves_is_seen_by_those_who_see_all(
        self, fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(queries, "PATIENCE_SECONDS", 0.0)
        shop = new_id()
        async with one_service(fresh_database, "reporting") as reporting:
            await reporting.given(Case(shop).opened())

            paths = f"/reporting/v1/customers/{shop}"
            assert (await reporting.http.get(paths)).status_code == 200
            assert (await reporting.http.get(paths, headers=bearer("salesperson", new_id()))).status_code == 404


class TestRefusals:
    @pytest.mark.parametrize("route", ROUTES)
    async def test_a_partner_reads_no_report(self, fresh_database: FreshDatabase, route: str) -> None:
        async with one_service(fresh_database, "reporting") as reporting:
            refused = await reporting.http.get(route, headers=bearer("partner"))

        assert (refused.status_code, refused.json()["slug"]) == (403, "forbidden")

    async def test_without_a_token_nothing_is_read(self, fresh_database: FreshDatabase) -> None:
        async with one_service(fresh_database, "reporting") as reporting:
            answers = [await reporting.http.get(route, headers={"Authorization": ""}) for route in ROUTES]

        assert {answer.status_code for answer in answers} == {401}

    async def test_any_colleague_reads_reports(self, fresh_database: FreshDatabase) -> None:
        async with one_service(fresh_database, "reporting") as reporting:
            answer = await reporting.http.get(ROUTES[0], headers=bearer("beauty_mentor"))

        assert answer.status_code == 200

    @pytest.mark.parametrize("report", ["tiers", "complaints", "service"])
    @pytest.mark.parametrize("month", [None, "", "2026-13", "2026-1", "２０２６-11", "2026-11-01"])
    async def test_a_month_is_written_plainly(
        self, fresh_database: FreshDatabase, report: str, month: str | None
    ) -> None:
        async with one_service(fresh_database, "reporting") as reporting:
            params = {} if month is None else {"month": month}
            refused = await reporting.http.get(f"/reporting/v1/{report}", params=params)

        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == "query/month"

    @pytest.mark.parametrize("id_", ["1", "not-an-id"])
    async def test_an_id_is_a_uuid(self, fresh_database: FreshDatabase, id_: str) -> None:
        async with one_service(fresh_database, "reporting") as reporting:
            refused = await reporting.http.get(f"/reporting/v1/customers/{id_}")

        assert (refused.status_code, refused.json()["slug"]) == (422, "invalid")

    @pytest.mark.parametrize("last", ["x", "-1", "1.5", "9" * 30, "²"])
    async def test_a_last_event_id_is_a_number(self, fresh_database: FreshDatabase, last: str) -> None:
        async with one_service(fresh_database, "reporting") as reporting:
            headers = {b"Last-Event-ID": last.encode("latin-1")}
            refused = await reporting.http.get("/reporting/v1/live", headers=headers)

        assert (refused.status_code, refused.json()["slug"]) == (400, "malformed")
        assert refused.json()["errors"][0]["pointer"] == "header/Last-Event-ID"
