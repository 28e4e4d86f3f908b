"""The appraisal: a score a month from four parts, with every figure that it is made of."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.reporting.appraisal.domain import FIRST, AppraisalPolicy, Figures, parts_of, score_of
from shared.contracts import care, complaints, responsibility
from shared.contracts.base import Fact
from shared.contracts.customers import DepartmentListed, StaffListed
from shared.ids import new_id
from tests.postgres import FreshDatabase
from tests.reporting.facts import FOUR_HOURS, Case, read
from tests.support import START, OneService, bearer, one_service

LI, WANG, ZHAO, CHEN = (UUID(f"01900000-0000-7000-8000-00000000e00{n}") for n in range(1, 5))
SALES, SERVICE, EMPTY = (UUID(f"01900000-0000-7000-8000-00000000e10{n}") for n in range(1, 4))
MANAGER: Final = UUID("01900000-0000-7000-8000-00000000e201")
NOTHING: Final = {
    "answered_in_time": 0, "answered_late": 0, "unanswered_overdue": 0, "met": 0, "missed": 0, "excused": 0,
    "ratings": 0, "satisfaction": 0.0, "bookings": 0, "booked": "0.00",
}  # fmt: skip
UNKNOWN: Final = dict.fromkeys(("answers", "service", "satisfaction", "money"))


async def house(reporting: OneService) -> None:
    """Li and Chen under Wang in sales, which somebody manages; Zhao alone in service; a department of nobody. Chen has
    left."""

    def member(id_: UUID, name: str, **where: Any) -> StaffListed:
        return StaffListed(staff_id=id_, name=name, role="salesperson", **where)

    await reporting.given(
        DepartmentListed(department_id=SALES, name="销售部", manager_id=MANAGER),
        DepartmentListed(department_id=SERVICE, name="客服部"),
        DepartmentListed(department_id=EMPTY, name="新部门"),
        member(LI, "李", department_id=SALES, supervisor_id=WANG),
        member(WANG, "王", department_id=SALES),
        member(ZHAO, "赵", department_id=SERVICE),
        member(CHEN, "陈", department_id=SALES, supervisor_id=WANG, active=False),
    )


def rated(case: Case, perceived: int, expected: int) -> Fact:
    about = {**case.about, "perceived": perceived, "expected": expected}
    return complaints.ComplaintSatisfactionGiven.model_validate(about)


def touched(kind: type[Fact], person: UUID, **more: Any) -> Fact:
    about = {"task_id": new_id(), "customer_id": new_id(), "kind": "obligation", "role": "salesperson", "at": START}
    who = {"contact": "visit", "assignee_id": person}
    return kind.model_validate({**about, **who, **more})


def booked(person: UUID, amount: str) -> Fact:
    booking = {"id": new_id(), "kind": "penalty", "account": "company", "month": "2026-11", "booked_at": START}
    about = {"penalty_id": new_id(), "complaint_id": new_id(), "rule": "repeat", "at": START}
    bookings = [{**booking, "person_id": person, "amount": amount}]
    return responsibility.PenaltyBooked.model_validate({**about, "bookings": bookings})


async def a_month_of_li(reporting: OneService) -> None:
    """Three answers in time and one late; nine obligations met, three missed of which leave excuses two; satisfied
    once, and once at three quarters; 150.00 booked."""
    cases = [Case() for _ in range(4)]
    late = timedelta(hours=5)
    await reporting.given(*(each.opened(responsible_id=LI) for each in cases))
    await reporting.given(*(each.answered(FOUR_HOURS) for each in cases[:3]), cases[3].answered(late), version=2)
    await reporting.given(rated(cases[0], 9, 8), rated(cases[1], 6, 8), version=3)
    await reporting.given(
        *(touched(care.TouchDone, LI) for _ in range(9)),
        *(touched(care.TouchMissed, LI, due_at=START, excuse=excuse) for excuse in ("leave", "closed", None)),
        booked(LI, "150.00"),
    )


async def test_a_score_is_the_mean_of_its_parts_by_their_weights(fresh_database: FreshDatabase) -> None:
    """75 × 30 + 90 × 30 + 87.5 × 20 + 70 × 20 = 8100; ÷ 100 = 81."""
    async with one_service(fresh_database, "reporting") as reporting:
        await house(reporting)
        await a_month_of_li(reporting)

        found = await read(reporting.http, "appraisal", month="2026-11")

    assert (found["month"], found["closed"]) == ("2026-11", False)
    assert found["policy"] == {
        "id": str(FIRST.id), "version": 1, "answers": 30, "service": 30, "satisfaction": 20, "money": 20,
        "money_zero": "500.00", "from_month": None,
    }  # fmt: skip
    rows = {row["name"]: row for row in found["items"]}
    assert rows.keys() == {"李", "王", "赵"}, "who has left and did nothing in the month is not there"
    assert rows["李"] == {
        "id": str(LI), "name": "李", "people": 1, "score": 81.0,
        "parts": {"answers": 75.0, "service": 90.0, "satisfaction": 87.5, "money": 70.0},
        "figures": {
            "answered_in_time": 3, "answered_late": 1, "unanswered_overdue": 0, "met": 9, "missed": 3, "excused": 2,
            "ratings": 2, "satisfaction": 1.75, "bookings": 1, "booked": "150.00",
        },
    }  # fmt: skip
    assert rows["赵"] == {
        "id": str(ZHAO), "name": "赵", "people": 1, "score": None, "parts": UNKNOWN, "figures": NOTHING
    }  # fmt: skip


async def test_managers_and_departments_are_appraised_by_their_people_together(fresh_database: FreshDatabase) -> None:
    """A department without data says so and is not 100. Who has left counts where something is known of them."""
    async with one_service(fresh_database, "reporting") as reporting:
        await house(reporting)
        await reporting.given(
            *(touched(care.TouchDone, LI) for _ in range(3)),
            touched(care.TouchMissed, CHEN, due_at=START),
            booked(LI, "200.00"),
            booked(WANG, "100.00"),
        )
        managers = (await read(reporting.http, "appraisal", month="2026-11", by="manager"))["items"]
        departments = (await read(reporting.http, "appraisal", month="2026-11", by="department"))["items"]

    [wang] = managers
    assert (wang["name"], wang["people"]) == ("王", 2)
    assert (wang["figures"]["met"], wang["figures"]["missed"], wang["figures"]["booked"]) == (3, 1, "200.00")
    assert wang["parts"] == {"answers": None, "service": 75.0, "satisfaction": None, "money": 80.0}
    assert wang["score"] == 77.0  # (75 × 30 + 80 × 20) ÷ 50
    sales, service, empty = departments
    assert (sales["people"], sales["figures"]["booked"], sales["parts"]["money"]) == (3, "300.00", 80.0)
    assert (service["people"], service["score"], service["parts"]) == (1, None, UNKNOWN)
    assert (empty["people"], empty["score"], empty["parts"]) == (0, None, UNKNOWN)


async def test_an_answer_concerns_whom_a_notice_went_to_else_the_handler(fresh_database: FreshDatabase) -> None:
    """What was taken over judges nobody."""
    handled, noticed, old = Case(), Case(), Case()
    notice = {"number": "N-1", "to_id": ZHAO, "deadline": START + FOUR_HOURS}
    async with one_service(fresh_database, "reporting") as reporting:
        await house(reporting)
        await reporting.given(
            handled.opened(responsible_id=LI, accountable_id=ZHAO),
            noticed.opened(responsible_id=LI),
            old.opened(responsible_id=LI, taken_over=True),
        )
        await reporting.given(complaints.ComplaintNoticed.model_validate({**noticed.about, **notice}), version=2)
        reporting.clock.forward(timedelta(hours=5))

        found = (await read(reporting.http, "appraisal", month="2026-11"))["items"]

    late = {row["name"]: row["figures"]["unanswered_overdue"] for row in found}
    assert late == {"李": 1, "王": 0, "赵": 1}


async def test_who_sees_whose_score(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "reporting") as reporting:
        await house(reporting)
        await reporting.given(booked(LI, "1.00"), booked(ZHAO, "1.00"), booked(CHEN, "1.00"))

        async def seen(role: str, who: UUID, by: str) -> list[str]:
            params, headers = {"month": "2026-11", "by": by}, bearer(role, who)
            answer = await reporting.http.get("/reporting/v1/appraisal", params=params, headers=headers)
            return [row["name"] for row in answer.json()["items"]]

        for role in ("admin_dept", "general_manager", "cs_manager"):
            assert await seen(role, new_id(), "person") == ["李", "王", "赵", "陈"]
            assert await seen(role, new_id(), "department") == ["销售部", "客服部", "新部门"]
        assert await seen("salesperson", LI, "person") == ["李"]
        assert await seen("salesperson", LI, "manager") == []
        assert await seen("salesperson", LI, "department") == []
        assert await seen("sales_manager", WANG, "person") == ["李", "王", "陈"]
        assert await seen("sales_manager", WANG, "manager") == ["王"]
        assert await seen("brand_manager", MANAGER, "person") == ["李", "王", "陈"]
        assert await seen("brand_manager", MANAGER, "department") == ["销售部"]
        refused = await reporting.http.get(
            "/reporting/v1/appraisal", params={"month": "2026-11"}, headers=bearer("partner")
        )
        assert refused.status_code == 403


async def test_a_policy_holds_from_its_month_on_and_judges_nothing_before(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "reporting") as reporting:
        await house(reporting)
        await a_month_of_li(reporting)

        async def write(body: Mapping[str, Any], role: str = "admin_dept") -> tuple[int, Any]:
            path, headers = "/reporting/v1/appraisal-policies", bearer(role, new_id())
            answer = await reporting.http.post(path, json=body, headers=headers)
            return answer.status_code, answer.json().get("slug") or answer.json().get("version")

        assert await write({"money": 0, "from_month": "2026-12"}) == (201, 2)
        assert await _score_of_li(reporting) == 81.0
        assert await write({"answers": 0, "service": 0, "satisfaction": 0, "money": 50, "money_zero": "300.00"}) == (
            201,
            3,
        )
        assert await _score_of_li(reporting) == 50.0

        refused = (422, "appraisal-policy-refused")
        assert await write({"money": 10, "from_month": "2026-10"}) == refused
        assert await write({"money": 0}) == refused, "nothing would weigh"
        for body in ({}, {"from_month": "2027-01"}, {"money": 101}, {"money": "5"}, {"money_zero": "0"}, {"bonus": 1}):
            assert (await write(body))[0] == 422
        for role in ("cs_manager", "salesperson"):
            assert (await write({"money": 10}, role))[0] == 403
        listed = await read(reporting.http, "appraisal-policies", limit=2)
        rest = await read(reporting.http, "appraisal-policies", limit=2, cursor=listed["next"])
        said = [(each["version"], each["from_month"]) for each in (*listed["items"], *rest["items"])]
        assert said == [(3, "2026-11"), (2, "2026-12"), (1, None)]
        audit = await reporting.http.get("/reporting/v1/audit", params={"what": "appraisal_policy.added"})
        assert len(audit.json()["items"]) == 2


async def _score_of_li(reporting: OneService) -> float | None:
    rows = (await read(reporting.http, "appraisal", month="2026-11"))["items"]
    score: float | None = next(row["score"] for row in rows if row["id"] == str(LI))
    return score


async def test_two_policies_at_once_are_two_versions(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "reporting") as reporting:
        path = "/reporting/v1/appraisal-policies"
        answers = await asyncio.gather(*(reporting.http.post(path, json={"money": n}) for n in (1, 2, 3)))

        assert sorted(answer.json()["version"] for answer in answers) == [2, 3, 4]


COUNTS = st.integers(0, 40)


@given(
    figures=st.builds(
        Figures,
        answered_in_time=COUNTS,
        answered_late=COUNTS,
        unanswered_overdue=COUNTS,
        met=COUNTS,
        missed=COUNTS,
        bookings=st.integers(0, 3),
        booked=st.decimals(-5_000, 5_000, places=2),
    ),
    people=st.integers(1, 30),
    weights=st.tuples(*[st.integers(0, 100)] * 4),
)
def test_a_score_lies_between_0_and_100_and_falls_with_each_miss(
    figures: Figures, people: int, weights: tuple[int, int, int, int]
) -> None:
    policy = AppraisalPolicy(FIRST.id, 2, *weights, Decimal("500.00"), 0)
    parts = parts_of(figures, people, policy)
    score = score_of(parts, policy)
    known = [part for part, value in parts.items() if value is not None]

    assert all(value is None or 0 <= value <= 100 for value in parts.values())
    assert (score is None) == (not sum(policy.weight(part) for part in known))
    if score is None or not figures.due or not figures.answers:
        return
    assert 0 <= score <= 100
    worse = figures + Figures(answered_late=1, missed=1, bookings=1, booked=Decimal(10))
    after = score_of(parts_of(worse, people, policy), policy)
    assert after is not None
    assert after <= score
