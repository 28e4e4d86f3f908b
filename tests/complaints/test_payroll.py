"""Wages, what is kept of them month by month, the payroll that is handed over, and the statements that people sign."""

import asyncio
import csv
import io
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import pytest
import python_calamine
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from services.complaints.ledger import store as ledger
from services.complaints.ledger.domain import Booking, NewBooking
from services.complaints.payroll.domain import figures
from services.complaints.payroll.domain.figures import Charge
from shared.contracts.customers import StaffListed
from shared.ids import new_id
from shared.money import CENT, ZERO
from tests.complaints.building import (
    CS_MANAGER,
    DEPARTMENT,
    GENERAL,
    MANAGER,
    SALESPERSON,
    SPECIALIST,
    Complaints,
    as_role,
    complaints,
)
from tests.complaints.penalising import FIRST_ADMIN, a_case, at, decide, penalties, propose, said
from tests.postgres import FreshDatabase

ADMIN = as_role("admin_dept", FIRST_ADMIN)
LI = as_role("salesperson", SALESPERSON)


def line_of(person: UUID, amount: str, **fields: Any) -> NewBooking:
    kept: dict[str, Any] = {"kind": "penalty", "basis_type": "penalty", "basis_id": new_id(), **fields}
    return NewBooking(amount=Decimal(amount), person_id=person, person_department_id=DEPARTMENT, **kept)


def reward_of(person: UUID, amount: str) -> NewBooking:
    return line_of(person, f"-{amount}", kind="reward", basis_type="reward")


async def book(service: Complaints, *entries: NewBooking) -> list[Booking]:
    context = service.service.context
    async with context.database.transaction() as transaction:
        return await ledger.book(transaction, entries, context.clock.now(), context.zone)


async def earns(
    service: Complaints, person: UUID, monthly: str, from_month: str = "2026-10", version: int | None = None
) -> httpx.Response:
    headers = {**ADMIN, **({"If-Match": f'"{version}"'} if version is not None else {})}
    body = {"monthly": monthly, "from_month": from_month}
    return await service.http.put(f"/complaints/v1/wages/{person}", json=body, headers=headers)


async def payroll(service: Complaints, month: str, **params: Any) -> dict[str, Any]:
    answer = await service.http.get(f"/complaints/v1/payroll/{month}", params=params, headers=ADMIN)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def figures_of(service: Complaints, month: str, person: UUID = SALESPERSON) -> Mapping[str, str]:
    """What was charged, carried in, kept and carried out of somebody's month."""
    [line] = [each for each in (await payroll(service, month))["lines"] if each["staff_id"] == str(person)]
    return {name: line[name] for name in ("charged", "carried_in", "deducted", "carried_out")}


async def close_ledger(service: Complaints, month: str) -> None:
    answer = await service.post(f"/ledger/months/{month}/close", **ADMIN)
    assert answer.status_code == 200, answer.text


async def hand_over(service: Complaints, month: str, **who: str) -> httpx.Response:
    return await service.post(f"/payroll/{month}/close", **(who or ADMIN))


async def statement(service: Complaints, month: str, who: Mapping[str, str] = LI) -> httpx.Response:
    return await service.http.get(f"/complaints/v1/statements/{month}", headers=dict(who))


async def sign(service: Complaints, month: str, digest: str, who: Mapping[str, str] = LI) -> httpx.Response:
    return await service.post(f"/statements/{month}/signature", {"digest": digest}, **who)


async def october(service: Complaints) -> None:
    service.clock.move_to(at("2026-10-15 10:00"))


def kept(charged: str, carried_in: str, deducted: str, carried_out: str) -> dict[str, str]:
    return {"charged": charged, "carried_in": carried_in, "deducted": deducted, "carried_out": carried_out}


# ---------------------------------------------------------------------------- what is kept


@pytest.mark.example(13)
async def test_a_share_of_the_wage_is_kept_and_the_rest_carried(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, at("2026-10-15 10:00")) as service:
        assert (await earns(service, SALESPERSON, "5000")).status_code == 200
        await book(service, *(line_of(SALESPERSON, each) for each in ("500", "500", "250")))

        assert await figures_of(service, "2026-10") == kept("1250.00", "0.00", "1000.00", "250.00")
        [line] = (await payroll(service, "2026-10"))["lines"]
        assert (line["bound"], line["net"], line["signature"]) == ("1000.00", "-1000.00", "missing")

        service.clock.move_to(at("2026-11-15 10:00"))
        assert await figures_of(service, "2026-11") == kept("0.00", "250.00", "250.00", "0.00")
        service.clock.move_to(at("2026-12-15 10:00"))
        assert (await payroll(service, "2026-12"))["lines"] == [], "nothing is left"


async def test_a_month_whose_bookings_come_to_nothing_has_its_statement(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, at("2026-10-15 10:00")) as service:
        await book(service, *(line_of(SALESPERSON, each) for each in ("30", "30", "-30", "-30")))

        assert (await statement(service, "2026-10")).status_code == 200
        assert await figures_of(service, "2026-10") == kept("0.00", "0.00", "0.00", "0.00")
        assert (await statement(service, "2026-09")).status_code == 404
        service.clock.move_to(at("2026-11-15 10:00"))
        assert (await statement(service, "2026-11")).status_code == 404
        await close_ledger(service, "2026-10")
        assert (await hand_over(service, "2026-10")).status_code == 200

        read = await statement(service, "2026-10")
        assert read.status_code == 200, "handed over, it is there still"
        assert (await sign(service, "2026-10", read.json()["digest"])).status_code == 200


AMOUNTS = st.integers(-200_000, 200_000).map(lambda cents: cents * CENT)
BOUNDS = st.none() | st.integers(0, 150_000).map(lambda cents: cents * CENT)


@given(st.lists(st.tuples(AMOUNTS, BOUNDS), min_size=1, max_size=24))
def test_nothing_is_lost_between_months_and_never_more_kept_than_the_bound(
    months: list[tuple[Decimal, Decimal | None]],
) -> None:
    person = new_id()
    charges = {n: Charge(person, n, charged, ZERO) for n, (charged, _) in enumerate(months)}
    found = figures.lines(person, range(len(months)), ZERO, charges, lambda n: months[n][1])

    carried = ZERO
    for line, (charged, bound) in zip(found, months, strict=True):
        assert line.carried_in == carried
        assert line.deducted + line.carried_out == charged + line.carried_in
        assert line.deducted <= (bound or ZERO)
        assert line.carried_out >= ZERO, "what is due to a person is given back at once"
        assert not (line.carried_out > ZERO and line.deducted < (bound or ZERO)), "as much as may be is kept"
        carried = line.carried_out
    assert sum(each.deducted for each in found) + carried == sum(charged for charged, _ in months)


@given(st.lists(st.tuples(AMOUNTS, BOUNDS), min_size=2, max_size=12), st.integers(1, 11))
def test_a_month_that_was_handed_over_is_a_beginning_like_any(
    months: list[tuple[Decimal, Decimal | None]], cut: int
) -> None:
    person, cut = new_id(), min(cut, len(months) - 1)
    charges = {n: Charge(person, n, charged, ZERO) for n, (charged, _) in enumerate(months)}
    whole = figures.lines(person, range(len(months)), ZERO, charges, lambda n: months[n][1])
    rest = figures.lines(person, range(cut, len(months)), whole[cut - 1].carried_out, charges, lambda n: months[n][1])
    assert whole[cut:] == rest


def test_a_bound_is_never_above_the_share() -> None:
    assert figures.bound(Decimal("3333.33"), Decimal("0.20")) == Decimal("666.66")
    assert figures.bound(Decimal("0.04"), Decimal("0.20")) == ZERO


async def test_without_a_wage_nothing_is_kept(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, at("2026-10-15 10:00")) as service:
        await book(service, line_of(SALESPERSON, "300"), line_of(SPECIALIST, "100"))
        await earns(service, SPECIALIST, "4000")
        await earns(service, SALESPERSON, "4000", "2026-12")

        found = await payroll(service, "2026-10")
        assert found["missing"] == [str(SALESPERSON)]
        assert await figures_of(service, "2026-10") == kept("300.00", "0.00", "0.00", "300.00")
        assert (found["deducted"], found["carried_out"]) == ("100.00", "300.00")
        service.clock.move_to(at("2026-12-15 10:00"))
        assert await figures_of(service, "2026-11") == kept("0.00", "300.00", "0.00", "300.00")
        assert await figures_of(service, "2026-12") == kept("0.00", "300.00", "300.00", "0.00")


async def test_what_is_taken_back_after_it_was_kept_is_given_back(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, at("2026-10-15 10:00")) as service:
        await earns(service, SALESPERSON, "5000")
        [first, second] = await book(service, line_of(SALESPERSON, "500"), line_of(SALESPERSON, "750"))
        assert await figures_of(service, "2026-10") == kept("1250.00", "0.00", "1000.00", "250.00")
        service.clock.move_to(at("2026-11-15 10:00"))
        await book(service, second.reversal())

        assert await figures_of(service, "2026-11") == kept("-750.00", "250.00", "-500.00", "0.00")
        await book(service, first.reversal(), line_of(SALESPERSON, "120", kind="fault_cost", basis_type="internal"))
        assert await figures_of(service, "2026-11") == kept("-1130.00", "250.00", "-880.00", "0.00")


async def test_rewards_are_paid_beside_and_taken_back_within_the_bound(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, at("2026-10-15 10:00")) as service:
        await earns(service, SALESPERSON, "1000")
        [reward] = await book(service, reward_of(SALESPERSON, "500"))
        [line] = (await payroll(service, "2026-10"))["lines"]
        assert (line["charged"], line["rewards"], line["deducted"], line["net"]) == ("0.00", "500.00", "0.00", "500.00")
        service.clock.move_to(at("2026-11-15 10:00"))
        await book(service, reward.reversal())
        assert await figures_of(service, "2026-11") == kept("500.00", "0.00", "200.00", "300.00")


async def test_the_share_is_a_policy_for_months_to_come(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, at("2026-10-15 10:00")) as service:
        await earns(service, SALESPERSON, "5000")
        await book(service, line_of(SALESPERSON, "500", due_at=None), *(line_of(SALESPERSON, "500") for _ in range(4)))
        refused = await service.post("/payroll-policies", {"share": "1.01"}, **ADMIN)
        assert said(refused) == (422, "wage-share-out-of-bounds")
        written = await service.post("/payroll-policies", {"share": "0.10"}, **ADMIN)
        assert (written.status_code, written.json()["version"]) == (201, 2)

        assert await figures_of(service, "2026-10") == kept("2500.00", "0.00", "1000.00", "1500.00"), "it had begun"
        service.clock.move_to(at("2026-11-15 10:00"))
        assert await figures_of(service, "2026-11") == kept("0.00", "1500.00", "500.00", "1000.00")
        versions = (await service.get("/payroll-policies")).json()["items"]
        assert [each["share"] for each in versions] == ["0.10", "0.20"]


# ---------------------------------------------------------------------------- wages


async def test_wages_are_for_administration_alone(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, at("2026-10-15 10:00")) as service:
        for role, who in (("cs_manager", CS_MANAGER), ("general_manager", GENERAL), ("salesperson", SALESPERSON)):
            headers = as_role(role, who)
            for path in (f"wages/{SALESPERSON}", "payroll/2026-10", "payroll/2026-10.csv", "payroll/2026-10.xlsx"):
                assert (await service.http.get(f"/complaints/v1/{path}", headers=headers)).status_code == 403, path
            body = {"monthly": "5000", "from_month": "2026-10"}
            put = await service.http.put(f"/complaints/v1/wages/{SALESPERSON}", json=body, headers=headers)
            assert put.status_code == 403
            assert (await hand_over(service, "2026-10", **headers)).status_code == 403

        first = await earns(service, SALESPERSON, "5123.45")
        assert (first.status_code, first.headers["ETag"], first.json()["version"]) == (200, '"1"', 1)
        assert said(await earns(service, SALESPERSON, "6000")) == (428, "precondition-required")
        assert said(await earns(service, SALESPERSON, "6000", version=7)) == (412, "stale")
        assert (await earns(service, SALESPERSON, "6000", "2026-12", version=1)).status_code == 200
        assert said(await earns(service, new_id(), "6000")) == (404, "colleague-not-found")
        for wrong in ("-1", "1.001"):
            assert (await earns(service, SPECIALIST, wrong)).status_code == 422

        read = await service.http.get(f"/complaints/v1/wages/{SALESPERSON}", headers=ADMIN)
        assert [(each["monthly"], each["from_month"]) for each in read.json()["wages"]] == [
            ("5123.45", "2026-10"),
            ("6000.00", "2026-12"),
        ]
        stored = await service.database.fetch("SELECT sealed FROM wage")
        assert len(stored) == 2
        assert all(b"5123" not in row["sealed"] and b"6000" not in row["sealed"] for row in stored)
        entered = await service.database.fetch(
            "SELECT what FROM audit_entry WHERE subject = $1 ORDER BY id", SALESPERSON
        )
        assert [row["what"] for row in entered] == ["wage.entered", "wage.entered", "wage.read"]
        assert [event for event in await service.events() if "5123" in str(event.data)] == []


async def test_nobody_enters_their_own_wage(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, at("2026-10-15 10:00")) as service:
        clerk = await service.colleague("admin_dept")
        body = {"monthly": "100", "from_month": "2026-10"}
        own = await service.http.put(f"/complaints/v1/wages/{clerk}", json=body, headers=as_role("admin_dept", clerk))
        assert said(own) == (403, "own-wage")
        assert (await earns(service, clerk, "5000")).status_code == 200


async def test_two_enter_a_wage_at_once(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, at("2026-10-15 10:00")) as service:
        answers = await asyncio.gather(*(earns(service, SALESPERSON, each) for each in ("5000", "6000")))
        assert sorted(each.status_code for each in answers) == [200, 428]


# ---------------------------------------------------------------------------- handing over


async def test_what_was_handed_over_stays(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, at("2026-10-15 10:00")) as service:
        await earns(service, SALESPERSON, "5000")
        await book(service, line_of(SALESPERSON, "500"), line_of(SALESPERSON, "500"), line_of(SALESPERSON, "250"))
        assert (await payroll(service, "2026-10"))["state"] == "running"
        assert said(await hand_over(service, "2026-10")) == (409, "payroll-ledger-open")
        service.clock.move_to(at("2026-11-15 10:00"))
        await book(service, line_of(SALESPERSON, "100"))
        await close_ledger(service, "2026-10")
        assert (await payroll(service, "2026-10"))["state"] == "booked"
        assert said(await hand_over(service, "2026-09")) == (404, "payroll-not-found")

        answers = await asyncio.gather(*(hand_over(service, "2026-10") for _ in range(3)))

        assert {said(each) for each in answers} == {(200, "closed")}
        closed = await payroll(service, "2026-10")
        assert (closed["state"], closed["closed_by"]) == ("closed", str(FIRST_ADMIN))
        await earns(service, SALESPERSON, "1000", version=1)
        assert await payroll(service, "2026-10") == closed, "a wage that is entered later changes nothing of it"
        assert [each["bound"] for each in closed["lines"]] == ["1000.00"]
        assert await figures_of(service, "2026-11") == kept("100.00", "250.00", "200.00", "150.00")
        stored = await service.database.fetchval("SELECT bound FROM payroll_line")
        assert b"1000" not in stored
        with pytest.raises(Exception, match="payroll_line"):
            await service.database.execute("UPDATE payroll_line SET deducted = 0")


async def test_payrolls_are_handed_over_in_order(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, at("2026-10-15 10:00")) as service:
        for path in ("2026-10", "2026-13"):
            answer = await service.http.get(f"/complaints/v1/payroll/{path}", headers=ADMIN)
            assert answer.status_code in (404, 422)
        await book(service, line_of(SALESPERSON, "100"))
        service.clock.move_to(at("2026-12-15 10:00"))
        await close_ledger(service, "2026-10")
        await close_ledger(service, "2026-11")
        assert said(await hand_over(service, "2026-11")) == (409, "payroll-month-skipped")
        ahead = await service.http.get("/complaints/v1/payroll/2027-01", headers=ADMIN)
        assert (ahead.status_code, ahead.json()["slug"]) == (404, "payroll-not-found")
        assert said(await hand_over(service, "2026-10")) == (200, "closed")
        assert said(await hand_over(service, "2026-11")) == (200, "closed")
        assert await figures_of(service, "2026-11") == kept("0.00", "100.00", "0.00", "100.00")


async def test_the_file_for_payroll_has_no_formula(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, at("2026-10-15 10:00")) as service:
        for who, name in ((SALESPERSON, "=HYPERLINK(1)"), (SPECIALIST, "李，雷")):
            listed = StaffListed(staff_id=who, name=name, role="salesperson", department_id=DEPARTMENT)
            await service.given(listed, version=2)
        await earns(service, SALESPERSON, "5000")
        await book(service, line_of(SALESPERSON, "1100"), reward_of(SPECIALIST, "80"))

        answer = await service.http.get("/complaints/v1/payroll/2026-10.csv", headers=ADMIN)
        assert answer.headers["Content-Disposition"] == 'attachment; filename="payroll-2026-10-running.csv"'
        assert answer.headers["Cache-Control"] == "no-store"
        rows = {row["staff_id"]: row for row in csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))}
        li, lei = rows[str(SALESPERSON)], rows[str(SPECIALIST)]
        assert (li["name"], li["deducted"], li["net"], li["bound"]) == (
            "'=HYPERLINK(1)",
            "1000.00",
            "-1000.00",
            "1000.00",
        )
        assert (lei["name"], lei["rewards"], lei["net"], lei["bound"]) == ("李，雷", "80.00", "80.00", "")

        book_ = await service.http.get("/complaints/v1/payroll/2026-10.xlsx", headers=ADMIN)
        sheet = python_calamine.load_workbook(io.BytesIO(book_.content)).get_sheet_by_name("2026-10").to_python()
        by_id = {row[1]: dict(zip(map(str, sheet[0]), row, strict=True)) for row in sheet[1:]}
        assert by_id[str(SALESPERSON)]["name"] == "=HYPERLINK(1)", "as text"
        assert by_id[str(SALESPERSON)]["net"] == -1000
        assert by_id[str(SPECIALIST)]["bound"] == ""
        assert by_id[str(SPECIALIST)]["state"] == "running"

        asked = {**ADMIN, "Accept-Language": "zh-CN"}
        chinese = (await service.http.get("/complaints/v1/payroll/2026-10.csv", headers=asked)).content.decode(
            "utf-8-sig"
        )
        [row] = [row for row in csv.DictReader(io.StringIO(chinese)) if row["姓名"] == "李，雷"]
        assert (row["奖励"], row["签署"], row["状态"]) == ("80.00", "未签署", "进行中")
        service.clock.move_to(at("2026-11-15 10:00"))
        await close_ledger(service, "2026-10")
        await hand_over(service, "2026-10")
        answer = await service.http.get("/complaints/v1/payroll/2026-10.xlsx", headers=ADMIN)
        assert answer.headers["Content-Disposition"] == 'attachment; filename="payroll-2026-10.xlsx"'


# ---------------------------------------------------------------------------- statements


async def test_a_statement_is_signed_as_it_was_read(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, at("2026-10-15 10:00")) as service:
        await book(service, line_of(SALESPERSON, "300"), line_of(SPECIALIST, "100"))
        early = (await statement(service, "2026-10")).json()
        assert (early["final"], early["carried_out"], "bound" in early) == (False, "300.00", False)
        assert said(await sign(service, "2026-10", early["digest"])) == (409, "statement-not-final")
        assert (await statement(service, "2026-09")).json()["slug"] == "statement-not-found"
        assert (await statement(service, "2026-10", as_role("brand_manager", MANAGER))).status_code == 404, (
            "own ones only"
        )
        service.clock.move_to(at("2026-11-15 10:00"))
        await close_ledger(service, "2026-10")
        me = (await service.http.get("/complaints/v1/me", headers=LI)).json()
        assert [(each["month"], each["signature"]) for each in me["statements"]] == [("2026-10", "missing")]
        assert said(await sign(service, "2026-10", "0" * 64)) == (409, "statement-changed")
        assert (await sign(service, "2026-10", "x")).status_code == 422

        signed = await sign(service, "2026-10", early["digest"])

        assert (signed.status_code, signed.json()["signature"]) == (200, "holds")
        again = await sign(service, "2026-10", early["digest"])
        assert again.json() == signed.json()
        assert (await service.http.get("/complaints/v1/me", headers=LI)).json()["statements"] == []
        assert (await payroll(service, "2026-10"))["unsigned"] == [str(SPECIALIST)]
        [left] = (await payroll(service, "2026-10", unsigned=True))["lines"]
        assert left["staff_id"] == str(SPECIALIST)

        await earns(service, SALESPERSON, "1000")

        changed = (await statement(service, "2026-10")).json()
        assert (changed["signature"], changed["signed_at"], changed["deducted"]) == ("outdated", None, "200.00")
        assert said(await sign(service, "2026-10", early["digest"])) == (409, "statement-changed")
        assert (await sign(service, "2026-10", changed["digest"])).json()["signature"] == "holds"
        await hand_over(service, "2026-10")
        assert (await statement(service, "2026-10")).json()["signature"] == "holds", "handed over as it was signed"


async def test_who_has_left_keeps_what_is_due_and_signs_on_paper(fresh_database: FreshDatabase) -> None:
    """Of a wage that nobody earns nothing is kept: what is due is carried until somebody settles it."""
    async with complaints(fresh_database, at("2026-10-15 10:00")) as service:
        await earns(service, SALESPERSON, "5000")
        await book(service, line_of(SALESPERSON, "1250"))
        left = StaffListed(
            staff_id=SALESPERSON, name="赵敏", role="salesperson", department_id=DEPARTMENT, active=False
        )
        await service.given(left, version=2)
        assert (await earns(service, SALESPERSON, "0", "2026-11", version=1)).status_code == 200
        service.clock.move_to(at("2026-12-02 10:00"))
        for month in ("2026-10", "2026-11"):
            await close_ledger(service, month)

        assert await figures_of(service, "2026-10") == kept("1250.00", "0.00", "1000.00", "250.00")
        assert await figures_of(service, "2026-11") == kept("0.00", "250.00", "0.00", "250.00")
        [line] = (await payroll(service, "2026-10"))["lines"]
        assert (line["at_work"], line["department_name"], line["signature"]) == (False, "客服部", "missing")

        path = f"/complaints/v1/payroll/2026-10/statements/{SALESPERSON}"
        paper = await service.http.get(f"{path}.pdf", headers=ADMIN)
        assert (paper.status_code, paper.headers["content-type"]) == (200, "application/pdf")
        body = {"digest": line["digest"], "signed_on": "2026-12-01"}

        async def enters(who: Mapping[str, str] = ADMIN, **changes: str) -> tuple[int, str]:
            answer = await service.http.post(f"{path}/signature", json={**body, **changes}, headers=dict(who))
            return answer.status_code, answer.json().get("slug") or answer.json()["signature"]

        assert await enters(digest="0" * 64) == (409, "statement-changed")
        assert await enters(signed_on="2026-12-03") == (422, "invalid")
        own = f"/complaints/v1/payroll/2026-10/statements/{FIRST_ADMIN}/signature"
        assert said(await service.http.post(own, json=body, headers=ADMIN)) == (403, "own-statement")
        assert await enters(as_role("general_manager", GENERAL)) == (403, "forbidden")
        assert await enters() == (200, "holds")
        assert (await payroll(service, "2026-10"))["unsigned"] == []
        assert (await service.http.get(f"{path}.pdf", headers=as_role("general_manager", GENERAL))).status_code == 403


async def test_everybody_lists_their_statements_and_closing_says_what_is_open(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, at("2026-10-15 10:00")) as service:
        for rule in ("dissatisfied", "repeat"):
            await propose(service, await a_case(service, SALESPERSON), rule)
        first, _ = await penalties(service)
        await book(service, line_of(SALESPERSON, "300"))
        service.clock.move_to(at("2026-11-01 10:00"))
        await book(service, line_of(SALESPERSON, "100"))
        await decide(service, first["id"], "100")

        closed = (await service.post("/ledger/months/2026-10/close", **ADMIN)).json()
        assert (closed["month"], closed["proposed"], closed["appealed"], closed["decided"]) == ("2026-10", 1, 0, 1)
        pages, after = [], None
        while True:
            params = {"limit": 1, **({"cursor": after} if after else {})}
            page = (await service.http.get("/complaints/v1/statements", params=params, headers=LI)).json()
            pages += [(each["month"], each["charged"], each["final"]) for each in page["items"]]
            if (after := page["next"]) is None:
                break
        assert pages == [("2026-11", "100.00", False), ("2026-10", "300.00", True)]


async def test_a_statement_on_paper(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, at("2026-10-15 10:00")) as service:
        listed = StaffListed(staff_id=SALESPERSON, name="赵敏", role="salesperson", department_id=DEPARTMENT)
        await service.given(listed, version=2)
        await earns(service, SALESPERSON, "5000")
        await book(service, line_of(SALESPERSON, "1250"), reward_of(SALESPERSON, "80"))
        service.clock.move_to(at("2026-11-15 10:00"))
        await close_ledger(service, "2026-10")

        async def page(language: str) -> str:
            path = "/complaints/v1/statements/2026-10.pdf"
            answer = await service.http.get(path, headers={**LI, "Accept-Language": language})
            assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf"), answer.text
            assert answer.headers["cache-control"] == "no-store"
            [only] = PdfReader(io.BytesIO(answer.content)).pages
            return only.extract_text()

        chinese = await page("zh-CN")
        for said_ in ("赵敏", "奖惩结算单", "1,250.00", "1,000.00", "250.00", "-920.00", "罚款", "签名"):
            assert said_ in chinese, said_
        english = await page("en")
        assert "Statement of 2026-10" in english
        assert "cost of fault" not in english
        digest = (await statement(service, "2026-10")).json()["digest"]
        await sign(service, "2026-10", digest)
        assert "Signed on 2026-11-15 10:00" in await page("en")
        nothing = await service.http.get("/complaints/v1/statements/2026-09.pdf", headers=LI)
        assert (nothing.status_code, nothing.json()["slug"]) == (404, "statement-not-found")


async def test_a_statement_says_what_each_booking_is_for(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, at("2026-10-15 10:00")) as service:
        case_id = await a_case(service, SALESPERSON)
        await propose(service, case_id, "dissatisfied")
        [penalty] = await penalties(service)
        await decide(service, penalty["id"], "100")
        service.clock.move_to(at("2026-10-24 10:00"))
        await service.run_loops("complaints.bookings")
        number = (await service.read(case_id))["number"]

        [item] = (await statement(service, "2026-10")).json()["items"]

        assert (item["kind"], item["rule"], item["amount"]) == ("penalty", "dissatisfied", "100.00")
        assert (item["basis_type"], item["basis_id"]) == ("penalty", penalty["id"])
        assert (item["complaint_id"], item["number"], item["month"]) == (case_id, number, "2026-10")
        assert item["at"] == "2026-10-15T02:00:00Z"
        for language, rule in (("zh-CN", "客户不满意"), ("en", "customer dissatisfied")):
            answer = await service.http.get(
                "/complaints/v1/statements/2026-10.pdf", headers={**LI, "Accept-Language": language}
            )
            [page] = PdfReader(io.BytesIO(answer.content)).pages
            assert all(word in page.extract_text() for word in (rule, number, "2026-10-15", "100.00")), language
