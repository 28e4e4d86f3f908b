"""The ledger of reporting: bookings alone, each once, adding up to the cent however they are asked for."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, Final
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from services.reporting.schema import PROJECTIONS
from shared.bus.event import Event
from shared.contracts import responsibility
from shared.contracts.base import Fact
from shared.contracts.customers import DepartmentListed, StaffListed
from shared.ids import new_id
from shared.rebuild import rebuild
from tests.contracts.samples import facts
from tests.postgres import FreshDatabase
from tests.reporting.facts import read
from tests.reporting.money import Payer, Sums, bookings_of, folded, told
from tests.reporting.network import arrivals, batches
from tests.support import START, OneService, bearer, one_service

LI, WANG, ZHAO, CHEN = (UUID(f"01900000-0000-7000-8000-00000000e00{n}") for n in range(1, 5))
SALES, SERVICE = (UUID(f"01900000-0000-7000-8000-00000000e10{n}") for n in range(1, 3))
MANAGER = UUID("01900000-0000-7000-8000-00000000e201")
PEOPLE: Final = (
    Payer(LI, SALES, WANG),
    Payer(WANG, SALES, None),
    Payer(ZHAO, SERVICE, WANG),
    Payer(CHEN, None, None),
)
A_MONTH: Final = timedelta(days=30)
FIELDS: Final = {
    "person": "person_id",
    "supervisor": "supervisor_id",
    "department": "department_id",
    "fund": "fund_department_id",
}
YEARS: Final = {"from": "2026-11", "to": "2029-12"}


def booking(amount: str, person: UUID | None = LI, **said: Any) -> dict[str, Any]:
    about = {"id": new_id(), "kind": "penalty", "account": "company", "month": "2026-11", "booked_at": START}
    return {**about, "amount": amount, "person_id": person, **said}


def booked(*bookings: dict[str, Any], **said: Any) -> Fact:
    about = {"penalty_id": new_id(), "complaint_id": new_id(), "rule": "repeat", "at": START}
    return responsibility.PenaltyBooked.model_validate({**about, "bookings": bookings, **said})


def closed(month: str, at: datetime) -> Fact:
    return responsibility.LedgerClosed(month=month, at=at)


async def house(reporting: OneService) -> None:
    """Li and Zhao under Wang, Li and Wang in sales, which somebody manages, Zhao in service."""

    def member(id_: UUID, name: str, **where: Any) -> StaffListed:
        return StaffListed(staff_id=id_, name=name, role="salesperson", **where)

    await reporting.given(
        DepartmentListed(department_id=SALES, name="销售部", manager_id=MANAGER),
        DepartmentListed(department_id=SERVICE, name="客服部"),
        member(LI, "李", department_id=SALES, supervisor_id=WANG),
        member(WANG, "王", department_id=SALES),
        member(ZHAO, "赵", department_id=SERVICE, supervisor_id=WANG),
    )


async def amounts(reporting: OneService, caller: dict[str, str] | None = None, /, **filters: Any) -> list[str]:
    answer = await reporting.http.get("/reporting/v1/ledger", params=filters, headers=caller)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert Decimal(found["total"]) == sum(Decimal(each["amount"]) for each in found["entries"])
    assert found["bookings"] == len(found["entries"])
    return [each["amount"] for each in found["entries"]]


async def test_a_booking_says_who_pays_how_much_and_for_what(fresh_database: FreshDatabase) -> None:
    first, task = booking("70", department_id=SALES, supervisor_id=WANG), new_id()
    penalty = booked(first, complaint_id=None, task_id=task, rule="missed_visit")
    reward = responsibility.RewardGranted.model_validate(
        {"reward_id": new_id(), "at": START, "bookings": [booking("-50", kind="reward")]}
    )
    async with one_service(fresh_database, "reporting") as reporting:
        await reporting.given(penalty, reward)

        found = await read(reporting.http, "ledger", month="2026-11", person_id=LI)

    assert (found["total"], found["bookings"], found["next"]) == ("20.00", 2, None)
    latest, earliest = found["entries"]
    assert (latest["amount"], latest["kind"], latest["basis"]["type"]) == ("-50.00", "reward", "reward")
    assert earliest == {
        "id": str(first["id"]), "kind": "penalty", "account": "company", "fund_department_id": None,
        "person_id": str(LI), "department_id": str(SALES), "supervisor_id": str(WANG), "amount": "70.00",
        "month": "2026-11", "booked_at": earliest["booked_at"], "reverses": None, "closed": False, "after_close": False,
        "basis": {
            "type": "penalty", "id": str(penalty.model_dump()["penalty_id"]), "rule": "missed_visit",
            "complaint_id": None, "task_id": str(task),
        },
    }  # fmt: skip
    assert datetime.fromisoformat(earliest["booked_at"]) == START


async def test_rewards_and_withdrawals_that_were_a_mistake_are_taken_back(fresh_database: FreshDatabase) -> None:
    fund = {"account": "department", "fund_department_id": SALES}
    paid, taken = booking("-50", kind="reward"), booking("-30", None, kind="fund_withdrawal", **fund)
    reward, withdrawal = {"reward_id": new_id(), "at": START}, {"withdrawal_id": new_id(), "department_id": SALES}
    back = booking("50", kind="reversal", reverses=paid["id"])
    into = booking("30", None, kind="reversal", reverses=taken["id"], **fund)
    async with one_service(fresh_database, "reporting") as reporting:
        await reporting.given(
            responsibility.RewardReversed.model_validate({**reward, "bookings": [back]}),
            responsibility.RewardGranted.model_validate({**reward, "bookings": [paid]}),
            responsibility.FundWithdrawn.model_validate({**withdrawal, "at": START, "bookings": [taken]}),
            responsibility.FundWithdrawalReversed.model_validate({**withdrawal, "at": START, "bookings": [into]}),
        )

        found = await read(reporting.http, "ledger")
        assert (found["total"], found["bookings"]) == ("0.00", 4)
        assert {each["basis"]["type"] for each in found["entries"] if each["kind"] == "reversal"} == {
            "reward",
            "withdrawal",
        }


async def test_the_ledger_is_narrowed(fresh_database: FreshDatabase) -> None:
    fund = {"account": "department", "fund_department_id": SALES}
    penalty = booked(booking("1", department_id=SALES, supervisor_id=WANG), booking("2", WANG, **fund))
    taken = booking("-30", None, kind="fund_withdrawal", month="2026-12", **fund)
    cost = {"internal_id": new_id(), "at": START, "bookings": [booking("1800", kind="fault_cost", month="2027-01")]}
    async with one_service(fresh_database, "reporting") as reporting:
        await reporting.given(
            penalty,
            responsibility.FundWithdrawn.model_validate(
                {"withdrawal_id": new_id(), "department_id": SALES, "at": START, "bookings": [taken]}
            ),
            responsibility.FaultCostBooked.model_validate(cost),
        )

        assert await amounts(reporting) == ["1800.00", "-30.00", "2.00", "1.00"]
        assert await amounts(reporting, month="2026-12") == ["-30.00"]
        assert await amounts(reporting, **{"from": "2026-12"}) == ["1800.00", "-30.00"]
        assert await amounts(reporting, to="2026-11") == ["2.00", "1.00"]
        assert await amounts(reporting, **{"from": "2026-12", "to": "2026-12"}) == ["-30.00"]
        assert await amounts(reporting, person_id=LI) == ["1800.00", "1.00"]
        assert await amounts(reporting, department_id=SALES) == ["1.00"]
        assert await amounts(reporting, supervisor_id=WANG) == ["1.00"]
        assert await amounts(reporting, fund_id=SALES) == ["-30.00", "2.00"]
        assert await amounts(reporting, account="company") == ["1800.00", "1.00"]
        assert await amounts(reporting, kind="fund_withdrawal") == ["-30.00"]
        assert await amounts(reporting, month="2020-01") == []


async def test_pages_go_on_and_each_says_the_whole_total(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "reporting") as reporting:
        await reporting.given(booked(*(booking(f"{n}.10") for n in range(1, 6))))

        seen, cursor = [], None
        while True:
            page = await read(reporting.http, "ledger", limit=2, **({"cursor": cursor} if cursor else {}))
            assert (page["total"], page["bookings"]) == ("15.50", 5)
            seen += [each["amount"] for each in page["entries"]]
            if (cursor := page["next"]) is None:
                break
        first = await read(reporting.http, "ledger", limit=2)
        other = {"cursor": first["next"], "person_id": str(LI)}
        refused = await reporting.http.get("/reporting/v1/ledger", params=other)

    assert seen == ["5.10", "4.10", "3.10", "2.10", "1.10"]
    assert (refused.status_code, refused.json()["slug"]) == (400, "malformed")


async def test_a_summary_adds_up_by_row_and_by_month(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "reporting") as reporting:
        await house(reporting)
        await reporting.given(
            booked(booking("33.34", department_id=SALES), booking("33.33", ZHAO, month="2027-01")),
            booked(booking("-33.34", kind="reversal", month="2026-12"), booking("0.01", None)),
            closed("2026-11", START + A_MONTH),
        )

        found = await read(reporting.http, "ledger/summary", **{"from": "2026-11", "to": "2027-01"})

    assert (found["total"], found["bookings"]) == ("33.34", 4)
    assert found["rows"] == [
        {"id": str(LI), "name": "李", "total": "0.00", "bookings": 2,
         "months": {"2026-11": "33.34", "2026-12": "-33.34"}},
        {"id": str(ZHAO), "name": "赵", "total": "33.33", "bookings": 1, "months": {"2027-01": "33.33"}},
        {"id": None, "name": None, "total": "0.01", "bookings": 1, "months": {"2026-11": "0.01"}},
    ]  # fmt: skip
    said = [(each["month"], each["total"], each["closed"], each["kinds"]) for each in found["months"]]
    assert said == [
        ("2026-11", "33.35", True, {"penalty": "33.35"}),
        ("2026-12", "-33.34", False, {"reversal": "-33.34"}),
        ("2027-01", "33.33", False, {"penalty": "33.33"}),
    ]
    assert datetime.fromisoformat(found["months"][0]["closed_at"]) == START + A_MONTH


async def test_who_sees_what(fresh_database: FreshDatabase) -> None:
    """Those who follow penalties see all; others themselves and their people, and what stands under a department that
    they manage: also of somebody who has gone to another one since, and what leaves its fund."""
    fund = {"account": "department", "fund_department_id": SALES}
    async with one_service(fresh_database, "reporting") as reporting:
        await house(reporting)
        await reporting.given(
            booked(booking("1"), booking("2", WANG), booking("3", ZHAO), booking("4", CHEN, department_id=SALES)),
            booked(booking("-5", None, kind="fund_withdrawal", **fund), booking("6", CHEN)),
        )

        async def seen(role: str, who: UUID) -> list[str]:
            return await amounts(reporting, bearer(role, who))

        everything = ["6.00", "-5.00", "4.00", "3.00", "2.00", "1.00"]
        for role in ("cs_manager", "general_manager", "admin_dept", "admin"):
            assert await seen(role, new_id()) == everything
        assert await seen("salesperson", LI) == ["1.00"]
        assert await seen("sales_manager", WANG) == ["3.00", "2.00", "1.00"]
        assert await seen("brand_manager", MANAGER) == ["-5.00", "4.00", "2.00", "1.00"]
        assert await seen("cs_specialist", new_id()) == []
        summary = await reporting.http.get(
            "/reporting/v1/ledger/summary", params=YEARS, headers=bearer("sales_manager", WANG)
        )
        assert {row["name"] for row in summary.json()["rows"]} == {"李", "王", "赵"}
        assert summary.json()["total"] == "6.00"


async def test_what_cannot_be_asked(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "reporting") as reporting:

        async def refused(path: str, **params: str) -> tuple[int, str]:
            answer = await reporting.http.get(f"/reporting/v1/{path}", params=params)
            return answer.status_code, answer.json()["slug"]

        span = (422, "ledger-span-refused")
        assert await refused("ledger", month="2026-11", to="2026-12") == span
        assert await refused("ledger", **{"from": "2026-12", "to": "2026-11"}) == span
        assert await refused("ledger/summary", **{"from": "2026-12", "to": "2026-11"}) == span
        assert await refused("ledger/summary", **{"from": "2026-01", "to": "2031-01"}) == span
        for params in ({"month": "2026-13"}, {"by": "person"}, {"kind": "gift"}, {"from": "2026"}):
            assert (await refused("ledger", **params))[0] == 422
        for asked in ({"from": "2026-01"}, {**YEARS, "by": "brand"}, {**YEARS, "month": "2026-11"}):
            assert (await refused("ledger/summary", **asked))[0] == 422
        most = {"from": "2026-01", "to": "2030-12"}
        assert len((await read(reporting.http, "ledger/summary", by="month", **most))["months"]) == 60


@pytest.mark.parametrize("first", ["booking", "close"])
async def test_a_booking_that_comes_into_a_closed_month_counts_is_logged_and_listed(
    fresh_database: FreshDatabase, first: str
) -> None:
    """Complaints never does it. What was booked before the close is none, whichever was heard of first."""
    early = booked(booking("10", booked_at=START + A_MONTH - timedelta(microseconds=1)))
    late, close = booked(booking("20", booked_at=START + A_MONTH * 2)), closed("2026-11", START + A_MONTH)
    async with one_service(fresh_database, "reporting") as reporting:
        with capture_logs() as logs:
            for fact in (early, late, close) if first == "booking" else (close, early, late):
                await reporting.given(fact)

        assert await amounts(reporting, month="2026-11") == ["20.00", "10.00"]
        assert await amounts(reporting, after_close="true") == ["20.00"]
        found = (await read(reporting.http, "ledger"))["entries"]
        assert [(each["closed"], each["after_close"]) for each in found] == [(True, True), (True, False)]
        assert [entry["month"] for entry in logs if entry["event"] == "a booking came into a closed month"] == [
            "2026-11"
        ]


async def test_of_money_nothing_reaches_timelines_or_the_live_page(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "reporting") as reporting:
        await reporting.deliver(told(Random(3), PEOPLE, START, 80))

        counts = [
            await reporting.database.fetchval(f"SELECT count(*) FROM {table}")
            for table in ("ledger_entry", "ledger_month", "timeline", "live_event")
        ]
    assert counts[0] > 20
    assert counts[1] > 0
    assert counts[2:] == [0, 0]


# ---------------------------------------------------------------------------- adding up


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(seed=st.integers(0, 2**32), turns=st.integers(0, 120), most=st.sampled_from([1, 7, 500]))
async def test_it_adds_up_to_the_cent_whatever_happens_and_however_it_is_told(
    fresh_database: FreshDatabase, seed: int, turns: int, most: int
) -> None:
    random = Random(seed)
    events = told(random, PEOPLE, START, turns)
    arrived = list(batches(arrivals(events, random, repeated=0.3), random, most))
    async with one_service(fresh_database, "reporting") as reporting:
        await house(reporting)
        await _deliver(reporting, arrived)
        await _adds_up(reporting, events)
        rows = await _rows(reporting)

        await rebuild(reporting.database, "reporting", PROJECTIONS, "a person")
        assert await _rows(reporting) == []
        await _deliver(reporting, [events])
        assert await _rows(reporting) == rows


async def _deliver(reporting: OneService, arrived: Sequence[Sequence[Event]]) -> None:
    for batch in arrived:
        await reporting.deliver(batch)


async def _adds_up(reporting: OneService, events: Sequence[Event]) -> None:
    """Per person, supervisor, department and fund, month by month; and so what the company and each fund has."""
    total = sum((Decimal(each["amount"]) for each in bookings_of(events)), Decimal(0))
    for by, field in FIELDS.items():
        found = await read(reporting.http, "ledger/summary", by=by, **YEARS)
        assert _cells(found["rows"]) == folded(events, field)
        assert Decimal(found["total"]) == total == sum(Decimal(row["total"]) for row in found["rows"])
        assert sum(Decimal(month["total"]) for month in found["months"]) == total
        for row in found["rows"]:
            assert Decimal(row["total"]) == sum(map(Decimal, row["months"].values()))
    months = (await read(reporting.http, "ledger/summary", by="month", **YEARS))["months"]
    in_months = {(kind, month["month"]): Decimal(of) for month in months for kind, of in month["kinds"].items()}
    assert in_months == folded(events, "kind")
    company = await read(reporting.http, "ledger", account="company", limit=1)
    assert Decimal(company["total"]) == sum(folded(events, "account", account="company").values())
    assert Decimal((await read(reporting.http, "ledger", limit=1))["total"]) == total


def _cells(rows: Sequence[dict[str, Any]]) -> Sums:
    return {(row["id"], month): Decimal(amount) for row in rows for month, amount in row["months"].items()}


async def _rows(reporting: OneService) -> list[str]:
    tables = ("ledger_entry", "ledger_month")
    found = [await reporting.database.fetch(f"SELECT t::text AS row FROM {each} t ORDER BY 1") for each in tables]
    return [row["row"] for rows in found for row in rows]


def test_the_story_is_worth_telling() -> None:
    """Closed months with bookings, funds, appeals, and what is taken back after its month was closed."""
    events = told(Random(3), PEOPLE, START, 120)
    kinds = {event.type for event in events}
    assert kinds >= {fact.TYPE for fact in facts() if fact.TOPIC == responsibility.RESPONSIBILITY}
    assert {each["account"] for each in bookings_of(events)} == {"company", "department"}
    assert all(
        datetime.fromisoformat(each["booked_at"]) > datetime(2026, 11, 1, tzinfo=UTC) for each in bookings_of(events)
    )
