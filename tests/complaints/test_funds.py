"""Funds of departments: their own schemes, what is paid by them, and what their staff agree to take out."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.complaints.funds import domain
from services.complaints.funds.domain import Count, Withdrawal, WithdrawalState
from services.complaints.ledger import store as ledger
from services.complaints.ledger.domain import NewBooking
from shared.contracts.customers import DepartmentListed, StaffListed
from shared.contracts.responsibility import (
    FundWithdrawalReversed,
    FundWithdrawn,
    PenaltyBooked,
    PenaltyProposed,
    PenaltyReversed,
    PenaltyWithdrawn,
)
from shared.contracts.scheme import PolicyVersioned
from shared.ids import new_id
from shared.money import ZERO
from tests.complaints.building import CS_MANAGER, DEPARTMENT, GENERAL, SALESPERSON, Complaints, as_role
from tests.complaints.building import complaints as complaints_service
from tests.complaints.penalising import FIRST_ADMIN, SECOND_ADMIN, a_penalty, appeal, at, decide, said
from tests.postgres import FreshDatabase
from tests.support import START

SALES = UUID("01900000-0000-7000-8000-00000000b0a1")
HEAD = UUID("01900000-0000-7000-8000-00000000a0a1")
LI, ZHAO, CHEN, WU = (UUID(f"01900000-0000-7000-8000-00000000a0b{n}") for n in range(1, 5))
TEAM = (LI, ZHAO, CHEN, WU)
LATE = {"code": "late_report", "name_en": "Late report", "name_zh": "日报迟交", "amount": "50.00"}
ABSENT = {"code": "absent", "name_en": "Absent from the morning meeting", "name_zh": "晨会缺席", "amount": "100.00"}


def _staff(id_: UUID, **fields: Any) -> StaffListed:
    return StaffListed(
        **{
            "staff_id": id_,
            "name": "某",
            "role": "salesperson",
            "department_id": SALES,
            "supervisor_id": HEAD,
            **fields,
        }
    )


async def sales(service: Complaints) -> None:
    """A department of four, whose head is not among them."""
    await service.given(
        DepartmentListed(department_id=SALES, name="销售部", manager_id=HEAD),
        _staff(HEAD, role="sales_manager", department_id=DEPARTMENT, supervisor_id=None),
        *(_staff(each) for each in TEAM),
    )


async def in_the_fund(service: Complaints, amount: str) -> None:
    """Money that was paid by the department's scheme, as its booking says."""
    context = service.service.context
    entry = NewBooking(
        kind="penalty", account="department", department_id=SALES, person_id=LI, amount=Decimal(amount),
        basis_type="penalty", basis_id=new_id(),
    )  # fmt: skip
    async with context.database.transaction() as transaction:
        await ledger.book(transaction, [entry], context.clock.now(), context.zone)


async def ask(service: Complaints, amount: str, by: UUID = LI, role: str = "salesperson") -> httpx.Response:
    body = {"amount": amount, "purpose": "部门聚餐"}
    return await service.post(f"/funds/{SALES}/withdrawals", body, **as_role(role, by))


async def asked(service: Complaints, amount: str) -> str:
    answer = await ask(service, amount)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def agree(service: Complaints, id_: str, by: UUID, *, yes: bool = True) -> httpx.Response:
    path = f"/funds/{SALES}/withdrawals/{id_}/agreement"
    return await service.post(path, {"agree": yes}, **as_role("salesperson", by))


async def end(service: Complaints, id_: str, how: str, body: object = None, **who: str) -> tuple[int, str]:
    return said(await service.post(f"/funds/{SALES}/withdrawals/{id_}/{how}", body, **who))


async def fund(service: Complaints, role: str = "admin_dept", who: UUID = FIRST_ADMIN) -> tuple[int, Any]:
    answer = await service.http.get(f"/complaints/v1/funds/{SALES}", headers=as_role(role, who))
    content = answer.json()
    return answer.status_code, content.get("slug") or (content["balance"], content["asked"], content["available"])


async def movements(service: Complaints) -> list[tuple[str, str]]:
    answer = await service.get(f"/funds/{SALES}/movements")
    assert answer.status_code == 200, answer.text
    return [(each["kind"], each["amount"]) for each in reversed(answer.json()["items"])]


# ---------------------------------------------------------------------------- taking out


@pytest.mark.example(13)
async def test_what_is_asked_for_is_there_and_more_than_half_agree(fresh_database: FreshDatabase) -> None:
    async with complaints_service(fresh_database) as service:
        await sales(service)
        await in_the_fund(service, "500")
        assert said(await ask(service, "600")) == (409, "fund-exceeded")

        id_ = await asked(service, "300")

        assert await fund(service) == (200, ("500.00", "300.00", "200.00"))
        assert said(await agree(service, id_, LI)) == (200, "asked")
        assert said(await agree(service, id_, ZHAO)) == (200, "asked"), "two of four are not more than half"
        assert await movements(service) == [("penalty", "500.00")]
        granted = await agree(service, id_, CHEN)
        assert said(granted) == (200, "granted")
        content = granted.json()
        assert (content["staff"], content["agreed"], content["disagreed"], content["share"]) == (4, 3, 0, "0.50")
        assert [each["staff_id"] for each in content["votes"]] == [str(each) for each in (LI, ZHAO, CHEN)]
        assert (content["purpose"], content["ended_by"]) == ("部门聚餐", str(CHEN))
        assert await fund(service) == (200, ("200.00", "0.00", "200.00"))
        assert await movements(service) == [("penalty", "500.00"), ("fund_withdrawal", "-300.00")]
        [told] = await service.facts(FundWithdrawn)
        [line] = told.bookings
        assert (told.department_id, line.fund_department_id, line.person_id) == (SALES, SALES, None)
        assert said(await agree(service, id_, WU)) == (409, "fund-withdrawal-ended")
        stored = await service.database.fetchval("SELECT words FROM fund_withdrawal")
        assert "聚餐".encode() not in stored


async def test_two_ask_at_once(fresh_database: FreshDatabase) -> None:
    """What one has asked for is set aside: both are looked at one after the other."""
    async with complaints_service(fresh_database) as service:
        await sales(service)
        await in_the_fund(service, "500")
        answers = await asyncio.gather(*(ask(service, "300", each) for each in TEAM))
        assert sorted(map(said, answers)) == [(201, "asked"), *[(409, "fund-exceeded")] * 3]
        assert await fund(service) == (200, ("500.00", "300.00", "200.00"))


async def test_all_agree_at_once(fresh_database: FreshDatabase) -> None:
    async with complaints_service(fresh_database) as service:
        await sales(service)
        await in_the_fund(service, "500")
        id_ = await asked(service, "500")
        answers = await asyncio.gather(*(agree(service, id_, each) for each in TEAM))
        assert sorted(map(said, answers)) == [
            (200, "asked"), (200, "asked"), (200, "granted"), (409, "fund-withdrawal-ended"),
        ]  # fmt: skip
        assert await movements(service) == [("penalty", "500.00"), ("fund_withdrawal", "-500.00")]
        assert len(await service.events(FundWithdrawn)) == 1


async def test_a_storm_of_asking_and_agreeing(fresh_database: FreshDatabase) -> None:
    """Whoever asks, agrees, takes back and puts back at the same time: the fund is what its bookings come to, and no
    cent of it is asked for twice."""
    random = Random(13)
    async with complaints_service(fresh_database) as service:
        await sales(service)
        await in_the_fund(service, "500")
        known: list[str] = []
        listed: list[dict[str, Any]] = []

        async def something() -> httpx.Response:
            if not known or random.random() < 0.3:
                return await ask(service, str(random.randrange(50, 400)), random.choice(TEAM))
            path = f"/funds/{SALES}/withdrawals/{random.choice(known)}"
            if random.random() < 0.8:
                who = as_role("salesperson", random.choice(TEAM))
                return await service.post(f"{path}/agreement", {"agree": random.random() < 0.8}, **who)
            if random.random() < 0.5:
                return await service.post(f"{path}/cancellation", None, **as_role("salesperson", random.choice(TEAM)))
            return await service.post(f"{path}/reversal", {"reason": "未发生"}, **as_role("admin_dept", FIRST_ADMIN))

        for _ in range(12):
            answers = await asyncio.gather(*(something() for _ in range(10)))
            assert {each.status_code for each in answers} <= {200, 201, 403, 409}
            known += [each.json()["id"] for each in answers if each.status_code == 201]
            listed = (await service.get(f"/funds/{SALES}/withdrawals", limit=500)).json()["items"]
            asked_for = sum(Decimal(each["amount"]) for each in listed if each["state"] == "asked")
            booked = sum(Decimal(amount) for _, amount in await movements(service))
            _, (balance, set_aside, available) = await fund(service)
            assert (Decimal(balance), Decimal(set_aside)) == (booked, asked_for)
            assert Decimal(available) >= 0

        out = {each["id"] for each in listed if each["state"] in ("granted", "reversed")}
        assert {str(each.withdrawal_id) for each in await service.facts(FundWithdrawn)} == out != set()
        back = {each["id"] for each in listed if each["state"] == "reversed"}
        assert {str(each.withdrawal_id) for each in await service.facts(FundWithdrawalReversed)} == back


async def test_who_has_left_counts_no_longer(fresh_database: FreshDatabase) -> None:
    async with complaints_service(fresh_database) as service:
        await sales(service)
        await in_the_fund(service, "500")
        id_ = await asked(service, "100")
        await agree(service, id_, LI)
        await agree(service, id_, ZHAO)
        await service.given(_staff(LI, active=False), version=2)
        await service.given(_staff(CHEN, department_id=DEPARTMENT), version=2)

        assert said(await agree(service, id_, CHEN)) == (403, "not-of-department"), "moved to another one"
        answer = await service.get(f"/funds/{SALES}/withdrawals", state="asked")
        [standing] = answer.json()["items"]
        assert (standing["staff"], standing["agreed"], len(standing["votes"])) == (2, 1, 2)
        assert said(await agree(service, id_, WU)) == (200, "granted"), "two of the two who are left"


async def test_who_leaves_settles_what_enough_of_those_who_stay_agree_to(fresh_database: FreshDatabase) -> None:
    async with complaints_service(fresh_database) as service:
        await sales(service)
        await in_the_fund(service, "500")
        agreed, undecided, too_much = [await asked(service, amount) for amount in ("100", "50", "350")]
        for id_ in (agreed, too_much):
            await agree(service, id_, LI)
            await agree(service, id_, ZHAO)
        await agree(service, undecided, CHEN, yes=False)
        await agree(service, undecided, WU)
        await in_the_fund(service, "-100")

        await service.given(_staff(WU, active=False), version=2)
        states = {
            each["id"]: each["state"] for each in (await service.get(f"/funds/{SALES}/withdrawals")).json()["items"]
        }
        assert states == {agreed: "granted", undecided: "asked", too_much: "asked"}, "300 are left: that is not there"
        [taken] = await service.facts(FundWithdrawn)
        assert (str(taken.withdrawal_id), taken.bookings[0].amount) == (agreed, Decimal(-100))
        read = (await service.get(f"/funds/{SALES}/withdrawals/{agreed}")).json()
        assert (read["ended_by"], read["ended_at"] is not None) == (None, True)

        await service.given(_staff(LI, active=False), version=2)
        await service.given(_staff(ZHAO, department_id=DEPARTMENT), version=2)
        states = {
            each["id"]: each["state"] for each in (await service.get(f"/funds/{SALES}/withdrawals")).json()["items"]
        }
        assert (states[undecided], states[too_much]) == ("refused", "asked"), "the one who stays has said no"
        assert len(await service.facts(FundWithdrawn)) == 1


async def test_everybody_of_the_department_says_it_once(fresh_database: FreshDatabase) -> None:
    async with complaints_service(fresh_database) as service:
        await sales(service)
        await in_the_fund(service, "500")
        assert said(await ask(service, "100", SALESPERSON)) == (403, "not-of-department")
        assert said(await ask(service, "0")) == (422, "invalid")
        assert said(await ask(service, "100", HEAD, "sales_manager")) == (201, "asked"), "the manager asks"
        id_ = await asked(service, "100")
        assert said(await agree(service, id_, HEAD)) == (403, "not-of-department"), "is not of the staff"
        assert said(await agree(service, id_, SALESPERSON)) == (403, "not-of-department")
        assert said(await agree(service, id_, LI, yes=False)) == (200, "asked")
        assert said(await agree(service, id_, LI)) == (409, "agreed-before")
        assert said(await agree(service, str(new_id()), LI)) == (404, "fund-withdrawal-not-found")

        assert said(await agree(service, id_, ZHAO, yes=False)) == (200, "refused"), "the other two are half, no more"

        assert await fund(service) == (200, ("500.00", "100.00", "400.00"))
        nowhere = await service.post(f"/funds/{new_id()}/withdrawals", {"amount": "1", "purpose": "x"})
        assert said(nowhere) == (404, "fund-not-found")


async def test_the_balance_is_looked_at_again_when_it_is_granted(fresh_database: FreshDatabase) -> None:
    async with complaints_service(fresh_database) as service:
        await sales(service)
        await service.post("/department-schemes", scheme(ABSENT))
        penalty = await entered(service, LI, "absent")
        await decide(service, penalty, "500")
        service.clock.forward(timedelta(days=9))
        await service.run_loops("complaints.bookings")
        id_ = await asked(service, "500")
        await agree(service, id_, LI)
        await agree(service, id_, ZHAO)
        assert said(await withdraw(service, penalty)) == (200, "reversed")

        assert said(await agree(service, id_, CHEN)) == (409, "fund-exceeded")

        assert await fund(service) == (200, ("0.00", "500.00", "-500.00"))
        listed = (await service.get(f"/funds/{SALES}/withdrawals")).json()["items"]
        assert [(each["state"], each["agreed"]) for each in listed] == [("asked", 2)], "nothing of it was kept"
        assert await service.events(FundWithdrawn) == []


async def test_administration_takes_back_what_those_who_left_can_settle_no_longer(
    fresh_database: FreshDatabase,
) -> None:
    async with complaints_service(fresh_database) as service:
        await sales(service)
        await in_the_fund(service, "500")
        id_ = await asked(service, "500")
        admin = as_role("admin_dept", FIRST_ADMIN)

        for stranger in (as_role("sales_manager", HEAD), as_role("general_manager", new_id())):
            assert await end(service, id_, "cancellation", **stranger) == (403, "forbidden")
        assert await end(service, id_, "cancellation", **admin) == (200, "cancelled")

        assert await fund(service) == (200, ("500.00", "0.00", "500.00")), "all of it can be asked for again"
        assert await end(service, id_, "cancellation", **admin) == (409, "fund-withdrawal-ended")


async def test_what_was_asked_for_is_taken_back_or_put_back(fresh_database: FreshDatabase) -> None:
    async with complaints_service(fresh_database) as service:
        await sales(service)
        await in_the_fund(service, "500")
        id_ = await asked(service, "500")
        assert await end(service, id_, "cancellation", **as_role("salesperson", ZHAO)) == (403, "forbidden")
        assert await end(service, id_, "cancellation", **as_role("salesperson", LI)) == (200, "cancelled")
        assert await end(service, id_, "cancellation", **as_role("salesperson", LI)) == (409, "fund-withdrawal-ended")
        second = await asked(service, "500")
        why, admin = {"reason": "聚餐取消"}, as_role("admin_dept", FIRST_ADMIN)
        assert await end(service, second, "reversal", why, **admin) == (409, "fund-withdrawal-not-granted")
        for each in (LI, ZHAO, CHEN):
            await agree(service, second, each)
        assert await end(service, second, "reversal", why, **as_role("sales_manager", HEAD)) == (403, "forbidden")

        answers = await asyncio.gather(*(end(service, second, "reversal", why, **admin) for _ in range(2)))

        assert sorted(answers) == [(200, "reversed"), (409, "fund-withdrawal-not-granted")]
        assert await fund(service) == (200, ("500.00", "0.00", "500.00"))
        out, back = await service.facts(FundWithdrawn, FundWithdrawalReversed)
        assert sum(each.amount for each in out.bookings + back.bookings) == ZERO


async def test_funds_are_listed_to_who_may_see_them(fresh_database: FreshDatabase) -> None:
    async with complaints_service(fresh_database) as service:
        await sales(service)
        await in_the_fund(service, "500")
        await asked(service, "120")

        async def listed(role: str, who: UUID) -> dict[str, tuple[str, str, str, int]]:
            answer = await service.http.get("/complaints/v1/funds", headers=as_role(role, who))
            figures = ("balance", "asked", "available", "staff")
            return {each["name"]: tuple(each[name] for name in figures) for each in answer.json()["items"]}

        everybodys = await listed("admin_dept", FIRST_ADMIN)
        theirs = await listed("salesperson", LI)
        assert list(theirs.values()) == [("500.00", "120.00", "380.00", 4)]
        assert theirs.items() < everybodys.items()
        assert theirs.items() <= (await listed("sales_manager", HEAD)).items(), "the manager, who is of another one"


async def test_who_sees_a_fund(fresh_database: FreshDatabase) -> None:
    async with complaints_service(fresh_database) as service:
        await sales(service)
        for role, who in (
            ("salesperson", LI), ("sales_manager", HEAD), ("cs_manager", CS_MANAGER), ("general_manager", GENERAL),
        ):  # fmt: skip
            assert await fund(service, role, who) == (200, ("0.00", "0.00", "0.00"))
        assert await fund(service, "salesperson", SALESPERSON) == (404, "fund-not-found")
        for path in ("movements", "withdrawals"):
            answer = await service.http.get(
                f"/complaints/v1/funds/{SALES}/{path}", headers=as_role("salesperson", SALESPERSON)
            )
            assert answer.status_code == 404


async def test_how_many_must_agree_is_a_policy(fresh_database: FreshDatabase) -> None:
    async with complaints_service(fresh_database) as service:
        await sales(service)
        await in_the_fund(service, "500")
        before = await asked(service, "100")
        refused = await service.post("/fund-policies", {"share": "1.00"})
        assert (refused.status_code, refused.json()["slug"]) == (422, "share-out-of-bounds")
        written = await service.post("/fund-policies", {"share": "0.00"})
        assert (written.status_code, written.json()["version"]) == (201, 2)
        after = await asked(service, "100")

        assert said(await agree(service, before, LI)) == (200, "asked"), "by the share of its time"
        assert said(await agree(service, after, LI)) == (200, "granted"), "one is more than none"
        versions = (await service.get("/fund-policies")).json()["items"]
        assert [each["share"] for each in versions] == ["0.00", "0.50"]


@given(st.integers(1, 30), st.integers(0, 30), st.integers(0, 30), st.sampled_from(["0.00", "0.50", "0.66", "0.99"]))
def test_what_is_granted_had_more_than_the_share(staff: int, agree: int, disagree: int, share: str) -> None:
    count = Count(staff, min(agree, staff), min(disagree, staff - min(agree, staff)))
    wanted = Withdrawal(
        new_id(), 0, SALES, Decimal(1), WithdrawalState.ASKED, LI, START, Decimal(share)
    )  # fmt: skip
    state = domain.counted(wanted, count, LI, START).state
    more = count.agree > wanted.share * staff
    can_be_more = staff - count.disagree > wanted.share * staff
    assert (state is WithdrawalState.GRANTED) == more
    assert (state is WithdrawalState.REFUSED) == (not more and not can_be_more)


# ---------------------------------------------------------------------------- schemes


def scheme(*violations: dict[str, str], **fields: Any) -> dict[str, Any]:
    return {"department_id": str(SALES), "violations": list(violations), **fields}


async def enter(
    service: Complaints, person: UUID, code: str, by: UUID = HEAD, role: str = "sales_manager", **fields: Any
) -> httpx.Response:
    body = {"person_id": str(person), "code": code, "at": service.clock.now().isoformat(), "reason": "没有来", **fields}
    return await service.post("/penalties", body, **as_role(role, by))


async def entered(service: Complaints, person: UUID, code: str) -> str:
    answer = await enter(service, person, code)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def withdraw(service: Complaints, id_: str, by: UUID = FIRST_ADMIN, role: str = "admin_dept") -> httpx.Response:
    return await service.post(f"/penalties/{id_}/withdrawal", {"reason": "记错了人"}, **as_role(role, by))


async def test_a_department_says_what_costs_money_there(fresh_database: FreshDatabase) -> None:
    async with complaints_service(fresh_database) as service:
        await sales(service)
        for role, who, status in (("sales_manager", new_id(), 403), ("cs_manager", CS_MANAGER, 403)):
            answer = await service.post("/department-schemes", scheme(LATE), **as_role(role, who))
            assert answer.status_code == status
        for body, slug in (
            (scheme({**LATE, "amount": "49.99"}), "scheme-refused"),
            (scheme({**LATE, "amount": "500.01"}), "scheme-refused"),
            (scheme(LATE, LATE), "scheme-refused"),
            (scheme(LATE, starts_at="2026-11-01T00:00:00+08:00"), "scheme-refused"),
            (scheme(LATE, department_id=str(new_id())), "unknown-department"),
            (scheme({**LATE, "code": "Late!"}), "invalid"),
        ):
            answer = await service.post("/department-schemes", body)
            assert (answer.status_code, answer.json()["slug"]) == (422, slug), body

        first = await service.post("/department-schemes", scheme(LATE), **as_role("sales_manager", HEAD))
        second = await service.post("/department-schemes", scheme(LATE, ABSENT, starts_at="2026-12-01T00:00:00+08:00"))

        assert (first.status_code, first.json()["version"], second.json()["version"]) == (201, 1, 2)
        told = [each for each in await service.facts(PolicyVersioned) if each.part == "department_scheme"]
        assert [(each.version, each.department_id) for each in told] == [(1, SALES), (2, SALES)]
        listed = (await service.get("/department-schemes", department_id=SALES)).json()["items"]
        assert [[each["code"] for each in one["violations"]] for one in listed] == [
            ["late_report", "absent"],
            ["late_report"],
        ]
        assert (await service.get("/department-schemes", department_id=new_id())).json()["items"] == []


async def test_two_write_a_scheme_at_once(fresh_database: FreshDatabase) -> None:
    async with complaints_service(fresh_database) as service:
        await sales(service)
        answers = await asyncio.gather(*(service.post("/department-schemes", scheme(LATE)) for _ in range(4)))
        assert sorted(each.json()["version"] for each in answers) == [1, 2, 3, 4]


async def test_a_penalty_by_the_scheme_goes_into_the_fund(fresh_database: FreshDatabase) -> None:
    async with complaints_service(fresh_database) as service:
        await sales(service)
        await service.post("/department-schemes", scheme(LATE, ABSENT))
        answer = await enter(service, LI, "absent")
        content = answer.json()
        assert answer.status_code == 201
        assert (content["rule"], content["state"], content["amount"]) == ("scheme", "proposed", "100.00")
        assert content["basis"] == {"type": "scheme", "id": str(SALES), "number": None, "round": 1}
        assert (content["violation"], content["scheme_version"]) == ("absent", 1)
        assert [(each["staff_id"], each["amount"]) for each in content["shares"]] == [(str(LI), "100.00")], "alone"
        assert [(each["what"], each["reason"]) for each in content["history"]] == [("proposed", "没有来")]
        id_ = content["id"]
        assert said(await decide(service, id_, "100", HEAD, "sales_manager")) == (403, "forbidden")
        assert said(await decide(service, id_, "100")) == (200, "decided")
        assert said(await appeal(service, id_, LI)) == (200, "appealed")
        assert said(await decide(service, id_, "60")) == (403, "same-decider")
        assert said(await decide(service, id_, "60", SECOND_ADMIN)) == (200, "decided")

        assert await movements(service) == [("penalty", "60.00")]
        assert await fund(service) == (200, ("60.00", "0.00", "60.00"))
        [proposed] = await service.facts(PenaltyProposed)
        [booked] = await service.facts(PenaltyBooked)
        assert (proposed.fund_department_id, proposed.complaint_id, proposed.rule) == (SALES, None, "scheme")
        assert [(each.account, each.fund_department_id) for each in booked.bookings] == [("department", SALES)]

        of_company = await a_penalty(service, LI)
        await decide(service, of_company, "100")
        service.clock.forward(timedelta(days=9))
        await service.run_loops("complaints.bookings")
        assert await movements(service) == [("penalty", "60.00")], "what a case costs is the company's"
        lines = (await service.get("/bookings", basis_id=of_company)).json()["items"]
        assert {each["account"] for each in lines} == {"company"}


async def test_what_a_scheme_does_not_say_costs_nothing(fresh_database: FreshDatabase) -> None:
    async with complaints_service(fresh_database) as service:
        await sales(service)
        await service.post("/department-schemes", scheme(LATE))
        assert said(await enter(service, LI, "absent")) == (422, "unknown-violation")
        before = (START - timedelta(hours=1)).isoformat()
        early = await enter(service, LI, "late_report", at=before)
        assert said(early) == (422, "unknown-violation")
        assert early.json()["errors"][0]["pointer"] == "#/at", "the code is right, the moment is not"
        unheard = await enter(service, LI, "absent", at=before)
        assert unheard.json()["errors"][0]["pointer"] == "#/code"
        ahead = (START + timedelta(hours=1)).isoformat()
        assert said(await enter(service, LI, "late_report", at=ahead)) == (422, "violation-ahead")
        assert said(await enter(service, SALESPERSON, "late_report", FIRST_ADMIN, "admin_dept")) == (
            422, "unknown-violation",
        ), "the scheme of another department"  # fmt: skip
        assert said(await enter(service, new_id(), "late_report")) == (422, "unknown-staff")
        assert said(await enter(service, LI, "late_report", LI, "salesperson")) == (403, "forbidden")
        assert said(await enter(service, SALESPERSON, "late_report")) == (403, "forbidden")
        assert (await service.get("/penalties")).json()["items"] == []

        first = await entered(service, LI, "late_report")
        await service.post("/department-schemes", scheme({**LATE, "amount": "80"}))
        await entered(service, LI, "late_report")
        amounts = {each["id"]: each["amount"] for each in (await service.get("/penalties")).json()["items"]}
        assert sorted(amounts.values()) == ["50.00", "80.00"]
        assert amounts[first] == "50.00", "a version never changes what an earlier one judged"


async def test_what_was_entered_by_mistake_is_taken_back(fresh_database: FreshDatabase) -> None:
    async with complaints_service(fresh_database) as service:
        await sales(service)
        await service.post("/department-schemes", scheme(ABSENT))
        first = await entered(service, LI, "absent")
        assert said(await withdraw(service, first, LI, "salesperson")) == (403, "own-penalty")
        assert said(await withdraw(service, first, CHEN, "salesperson")) == (403, "forbidden")
        assert said(await withdraw(service, first, HEAD, "sales_manager")) == (200, "withdrawn")
        assert said(await withdraw(service, first)) == (409, "penalty-not-open")
        assert said(await withdraw(service, await a_penalty(service, LI))) == (409, "penalty-by-rule")
        assert said(await withdraw(service, str(new_id()))) == (404, "penalty-not-found")

        second = await entered(service, LI, "absent")
        await decide(service, second, "100")
        assert said(await withdraw(service, second, HEAD, "sales_manager")) == (403, "forbidden"), "it is decided"
        service.clock.move_to(at("2026-11-13 00:00"))
        await service.run_loops("complaints.bookings")
        assert await fund(service) == (200, ("100.00", "0.00", "100.00"))
        answer = await withdraw(service, second)
        assert said(answer) == (200, "reversed")
        assert (answer.json()["reason"], answer.json()["history"][-1]["reason"]) == ("entered_wrongly", "记错了人")

        assert await movements(service) == [("penalty", "100.00"), ("reversal", "-100.00")]
        assert await fund(service) == (200, ("0.00", "0.00", "0.00"))
        [gone] = await service.facts(PenaltyWithdrawn)
        [reversed_] = await service.facts(PenaltyReversed)
        assert gone.reason == reversed_.reason == "entered_wrongly"


async def test_what_awaits_my_word(fresh_database: FreshDatabase) -> None:
    async with complaints_service(fresh_database) as service:
        await sales(service)
        await in_the_fund(service, "500")
        first, second = await asked(service, "100"), await asked(service, "200")

        async def waiting(who: UUID) -> list[str]:
            answer = await service.http.get("/complaints/v1/me", headers=as_role("salesperson", who))
            return [each["id"] for each in answer.json()["agreements"]]

        assert await waiting(ZHAO) == [first, second]
        assert await waiting(SALESPERSON) == [], "of another department"
        await agree(service, first, ZHAO)
        assert await waiting(ZHAO) == [second]
        await end(service, second, "cancellation", **as_role("salesperson", LI))
        assert await waiting(CHEN) == [first]
        one = await service.http.get(
            f"/complaints/v1/funds/{SALES}/withdrawals/{first}", headers=as_role("salesperson", CHEN)
        )
        assert (one.status_code, one.json()["agreed"]) == (200, 1)
        hidden = await service.http.get(
            f"/complaints/v1/funds/{SALES}/withdrawals/{first}", headers=as_role("salesperson", SALESPERSON)
        )
        assert said(hidden) == (404, "fund-not-found")
