"""The numbered notice, and in whose line a late answer is told (domain 3.2, decision 17)."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import pytest
from pypdf import PdfReader

from services.complaints.watch.handlers import advancing
from shared.contracts.complaints import (
    ComplaintAssigned,
    ComplaintEscalated,
    ComplaintNoticeAcknowledged,
    ComplaintNoticed,
    ComplaintOverdue,
    ComplaintWarned,
)
from shared.contracts.customers import DepartmentListed, StaffListed
from shared.ids import new_id
from tests.complaints.building import CS_MANAGER, SPECIALIST, SUPERVISOR, Complaints, as_role, complaints
from tests.postgres import FreshDatabase
from tests.support import one_service

EIGHT: Final = datetime(2026, 11, 4, 0, 0, tzinfo=UTC)
"""08:00 of the company's day."""
NAMES: Final = ("zhao", "qian", "sun", "li", "zhou", "wu", "feng", "gao")
PEOPLE: Final = {name: UUID(int=(0x01900000 << 96) + n) for n, name in enumerate(NAMES, 1)}
SALES, CUSTOMER_SERVICE = (UUID(int=(0x01900000 << 96) + n) for n in (101, 102))


class House(Complaints):
    """A salesperson with a supervisor and a manager, a specialist under the customer-service manager."""

    async def staff(self) -> None:
        await self.given(
            DepartmentListed(department_id=SALES, name="sales", manager_id=PEOPLE["sun"]),
            DepartmentListed(department_id=CUSTOMER_SERVICE, name="service", manager_id=PEOPLE["zhou"]),
            listed("zhao", "salesperson", "qian"),
            listed("qian", "salesperson"),
            listed("sun", "sales_manager"),
            listed("feng", "salesperson"),
            listed("gao", "salesperson"),
            listed("li", "cs_specialist", "zhou", CUSTOMER_SERVICE),
            listed("zhou", "cs_manager", None, CUSTOMER_SERVICE),
            listed("wu", "general_manager", None, None),
        )

    async def case(self) -> str:
        """One against Zhao, handled by Li, recorded now."""
        customer = await self.customer(team={"cs_specialist": PEOPLE["li"]})
        opened = await self.record(customer, against={"type": "person", "id": str(PEOPLE["zhao"])})
        return str(opened["id"])

    async def notice(self, id_: str, to: UUID = PEOPLE["zhao"], **fields: Any) -> dict[str, Any]:
        """A notice that must go out."""
        answer = await self.post(f"/complaints/{id_}/notice", notice(to, self.clock.now(), **fields))
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def until(self, hour: int, minute: int = 0) -> None:
        """Lets the day go on, the timers at work every ten minutes."""
        moment = EIGHT + timedelta(hours=hour - 8, minutes=minute)
        while self.clock.now() < moment:
            self.clock.forward(min(timedelta(minutes=10), moment - self.clock.now()))
            await self.run_loops()

    async def told(self) -> list[tuple[str, str, int]]:
        """Who was told of the miss, when and at which level, as breach and escalations tell it."""
        facts = await self.facts(ComplaintOverdue, ComplaintEscalated)
        return [(clock_time(fact.at), named(fact.staff_id), getattr(fact, "level", 1)) for fact in facts]


def listed(
    name: str, role: str, supervisor: str | None = None, department: UUID | None = SALES, **fields: Any
) -> StaffListed:
    return StaffListed(
        staff_id=PEOPLE[name],
        name=name,
        role=role,
        department_id=department,
        supervisor_id=PEOPLE[supervisor] if supervisor else None,
        **fields,
    )


def notice(to: UUID, now: datetime, **fields: Any) -> dict[str, Any]:
    deadline = (now + timedelta(hours=2)).isoformat()
    return {"to": str(to), "demand": "Say what happened, and propose.", "deadline": deadline, **fields}


def clock_time(moment: datetime) -> str:
    return (moment + timedelta(hours=8)).strftime("%H:%M")


def named(staff_id: UUID | None) -> str:
    return next((name for name, id_ in PEOPLE.items() if id_ == staff_id), "nobody")


@asynccontextmanager
async def house(fresh_database: FreshDatabase) -> AsyncIterator[House]:
    async with one_service(fresh_database, "complaints", EIGHT) as alone:
        service = House(alone.service, alone.clock)
        await service.staff()
        async with service.http:
            yield service


@pytest.mark.example(1)
async def test_a_notice_before_the_miss_moves_the_chain_to_the_accountable_person(
    fresh_database: FreshDatabase,
) -> None:
    async with house(fresh_database) as service:
        id_ = await service.case()
        await service.until(11, 30)
        await service.notice(id_)
        await service.until(20)

        warned = await service.facts(ComplaintWarned)
        assert [(clock_time(fact.at), named(fact.staff_id)) for fact in warned] == [("10:00", "li"), ("11:00", "li")]
        assert await service.told() == [
            ("12:00", "zhao", 1),
            ("13:00", "qian", 2),
            ("14:00", "sun", 3),
            ("15:00", "zhou", 4),
            ("16:00", "wu", 5),
        ]


@pytest.mark.example(1)
async def test_without_a_notice_the_handler_and_their_line_are_told(fresh_database: FreshDatabase) -> None:
    """Repeated persons are skipped and use up no hour."""
    async with house(fresh_database) as service:
        await service.case()
        await service.until(20)

        assert await service.told() == [("12:00", "li", 1), ("13:00", "zhou", 2), ("14:00", "wu", 5)]


@pytest.mark.example(1)
async def test_a_notice_after_the_miss_goes_on_above_the_highest_told(fresh_database: FreshDatabase) -> None:
    async with house(fresh_database) as service:
        id_ = await service.case()
        await service.until(12, 40)
        await service.notice(id_)
        await service.until(20)

        assert await service.told() == [
            ("12:00", "li", 1),
            ("13:00", "qian", 2),
            ("14:00", "sun", 3),
            ("15:00", "zhou", 4),
            ("16:00", "wu", 5),
        ]
        [overdue] = await service.facts(ComplaintOverdue)
        assert (named(overdue.staff_id), named(overdue.accountable_id)) == ("li", "zhao")
        [miss] = await service.database.fetch("SELECT staff_id, accountable_id FROM breach WHERE level = 1")
        assert (named(miss["staff_id"]), named(miss["accountable_id"])) == ("li", "zhao")


@pytest.mark.example(1)
async def test_whoever_was_told_in_this_round_is_skipped(fresh_database: FreshDatabase) -> None:
    """The notice of 13:30 finds Li and Zhou told, at levels 1 and 2: Sun is next, then Wu without an hour for Zhou."""
    async with house(fresh_database) as service:
        id_ = await service.case()
        await service.until(13, 30)
        await service.notice(id_)
        await service.until(20)

        assert await service.told() == [
            ("12:00", "li", 1),
            ("13:00", "zhou", 2),
            ("14:00", "sun", 3),
            ("15:00", "wu", 5),
        ]


async def test_whoever_stands_above_the_highest_told_is_told_though_they_stand_below_it_too(
    fresh_database: FreshDatabase,
) -> None:
    """After Zhao and Qian the notice goes to Li, whose supervisor and department manager is Zhou, told by nobody yet:
    the next level above the highest told is Zhou's (examples 1)."""
    async with house(fresh_database) as service:
        id_ = await service.case()
        await service.until(11, 30)
        await service.notice(id_)
        await service.until(13, 20)
        await service.notice(id_, PEOPLE["li"])
        await service.until(20)

        assert await service.told() == [
            ("12:00", "zhao", 1),
            ("13:00", "qian", 2),
            ("14:00", "zhou", 3),
            ("15:00", "wu", 5),
        ]


@pytest.mark.example(1)
async def test_a_chain_that_is_exhausted_does_not_start_again(fresh_database: FreshDatabase) -> None:
    async with house(fresh_database) as service:
        id_ = await service.case()
        await service.until(14, 30)
        await service.notice(id_)
        await service.until(23)

        assert [name for _, name, _ in await service.told()] == ["li", "zhou", "wu"]


@pytest.mark.example(1)
async def test_warnings_go_to_the_handler_and_after_the_notice_to_the_accountable_person(
    fresh_database: FreshDatabase,
) -> None:
    async with house(fresh_database) as service:
        id_ = await service.case()
        await service.until(10, 30)
        await service.notice(id_)
        await service.until(11, 30)

        warned = await service.facts(ComplaintWarned)
        assert [(clock_time(fact.at), named(fact.staff_id)) for fact in warned] == [("10:00", "li"), ("11:00", "zhao")]


@pytest.mark.example(1)
async def test_who_left_is_followed_to_the_end(fresh_database: FreshDatabase) -> None:
    """Qian named Feng, Feng named Gao: Gao is told. Sun named nobody: the next level at once."""
    async with house(fresh_database) as service:
        id_ = await service.case()
        await service.notice(id_)
        await service.given(
            listed("qian", "salesperson", active=False, successor_id=PEOPLE["feng"]),
            listed("feng", "salesperson", active=False, successor_id=PEOPLE["gao"]),
            listed("sun", "sales_manager", active=False),
            version=2,
        )
        await service.until(20)

        assert await service.told() == [
            ("12:00", "zhao", 1),
            ("13:00", "gao", 2),
            ("14:00", "zhou", 4),
            ("15:00", "wu", 5),
        ]


async def test_a_notice_has_a_number_and_words_that_no_event_carries(fresh_database: FreshDatabase) -> None:
    async with house(fresh_database) as service:
        id_ = await service.case()

        answer = await service.notice(id_)

        assert answer["number"] == "N20261104-000001"
        [fact] = await service.facts(ComplaintNoticed)
        assert fact.number == answer["number"]
        assert (fact.to_id, fact.from_id) == (PEOPLE["zhao"], PEOPLE["zhao"])
        assert (fact.deadline, fact.answer_due_at) == (EIGHT + timedelta(hours=2), EIGHT + timedelta(hours=4))
        [read] = (await service.get(f"/complaints/{id_}/notices")).json()["items"]
        assert read["demand"] == "Say what happened, and propose."
        assert read["to"] == {"id": str(PEOPLE["zhao"]), "name": "zhao"}
        assert read["acknowledged_at"] is None
        [event] = await service.events(ComplaintNoticed)
        assert "propose" not in event.data
        for table in ("notice", "case_entry"):
            rows = await service.database.fetch(f"SELECT {table}::text AS everything FROM {table}")
            assert all("propose" not in row["everything"] for row in rows)


async def test_the_notice_names_who_is_accountable_and_lets_them_see_the_case(fresh_database: FreshDatabase) -> None:
    async with house(fresh_database) as service:
        customer = await service.customer(team={"cs_specialist": PEOPLE["li"]})
        id_ = (await service.record(customer, against={"type": "company"}))["id"]
        assert (await service.read(id_))["accountable"] is None

        await service.notice(id_, PEOPLE["feng"])

        assert (await service.read(id_))["accountable"] == {"id": str(PEOPLE["feng"]), "name": "feng"}
        for path in (id_, f"{id_}/notices", f"{id_}/history"):
            headers = as_role("salesperson", PEOPLE["feng"])
            assert (await service.http.get(f"/complaints/v1/complaints/{path}", headers=headers)).status_code == 200
            headers = as_role("salesperson", PEOPLE["zhao"])
            assert (await service.http.get(f"/complaints/v1/complaints/{path}", headers=headers)).status_code == 404


async def test_a_miss_that_nobody_was_accountable_for_takes_the_name_of_the_notice(
    fresh_database: FreshDatabase,
) -> None:
    async with house(fresh_database) as service:
        customer = await service.customer(team={"cs_specialist": PEOPLE["li"]})
        id_ = (await service.record(customer, against={"type": "company"}))["id"]
        await service.until(12, 40)
        await service.notice(id_)
        await service.notice(id_, PEOPLE["feng"])

        [miss] = await service.database.fetch("SELECT staff_id, accountable_id FROM breach")
        assert (named(miss["staff_id"]), named(miss["accountable_id"])) == ("li", "zhao")


async def test_a_second_notice_supersedes_the_first(fresh_database: FreshDatabase) -> None:
    async with house(fresh_database) as service:
        id_ = await service.case()
        await service.notice(id_)
        service.clock.forward(timedelta(minutes=5))
        second = await service.notice(id_, PEOPLE["feng"])

        listed_ = (await service.get(f"/complaints/{id_}/notices")).json()["items"]
        assert [(one["number"], one["superseded_at"] is None) for one in listed_] == [
            ("N20261104-000001", False),
            (second["number"], True),
        ]
        assert [(fact.from_id, fact.to_id) for fact in await service.facts(ComplaintNoticed)] == [
            (PEOPLE["zhao"], PEOPLE["zhao"]),
            (PEOPLE["zhao"], PEOPLE["feng"]),
        ]
        entries = (await service.get(f"/complaints/{id_}/history")).json()["items"]
        noticed = [entry for entry in entries if entry["what"] == "noticed"]
        assert [entry["changes"] for entry in noticed] == [
            {"notice": {"from": None, "to": "N20261104-000001"}},
            {
                "accountable_id": {"from": str(PEOPLE["zhao"]), "to": str(PEOPLE["feng"])},
                "notice": {"from": "N20261104-000001", "to": second["number"]},
            },
        ]
        await service.until(12)
        assert await service.told() == [("12:00", "feng", 1)]


async def test_whom_it_is_addressed_to_acknowledges_it_once(fresh_database: FreshDatabase) -> None:
    async with house(fresh_database) as service:
        id_ = await service.case()
        path = f"/complaints/v1/complaints/{id_}/notice/acknowledge"

        async def acknowledge(name: str, role: str = "salesperson") -> tuple[int, str]:
            answer = await service.http.post(path, headers=as_role(role, PEOPLE[name]))
            return answer.status_code, answer.json().get("slug") or named(UUID(answer.json()["acknowledged_by"]))

        assert await acknowledge("zhao") == (404, "notice-not-found")
        await service.notice(id_)
        assert await acknowledge("li", "cs_specialist") == (403, "not-addressed")
        assert await acknowledge("gao") == (404, "no-such-complaint")
        assert await acknowledge("zhao") == (200, "zhao")
        service.clock.forward(timedelta(minutes=1))
        assert await acknowledge("zhao") == (200, "zhao")

        [fact] = await service.facts(ComplaintNoticeAcknowledged)
        assert (fact.number, fact.staff_id, fact.at) == ("N20261104-000001", PEOPLE["zhao"], EIGHT)
        [read] = (await service.get(f"/complaints/{id_}/notices")).json()["items"]
        assert datetime.fromisoformat(read["acknowledged_at"]) == EIGHT


async def test_a_successor_sees_and_acknowledges_what_was_addressed_to_who_left(fresh_database: FreshDatabase) -> None:
    async with house(fresh_database) as service:
        id_ = await service.case()
        await service.notice(id_)
        await service.given(
            listed("zhao", "salesperson", "qian", active=False, successor_id=PEOPLE["feng"]),
            listed("feng", "salesperson", active=False, successor_id=PEOPLE["gao"]),
            version=2,
        )
        gao = as_role("salesperson", PEOPLE["gao"])

        assert (await service.http.get(f"/complaints/v1/complaints/{id_}", headers=gao)).status_code == 200
        answer = await service.http.post(f"/complaints/v1/complaints/{id_}/notice/acknowledge", headers=gao)
        assert (answer.status_code, named(UUID(answer.json()["acknowledged_by"]))) == (200, "gao")


async def test_what_cannot_be_a_notice_is_refused(fresh_database: FreshDatabase) -> None:
    async with house(fresh_database) as service:
        id_ = await service.case()
        now = service.clock.now()
        zhao = PEOPLE["zhao"]
        path = f"/complaints/{id_}/notice"

        for offset in (timedelta(0), -timedelta(days=1), timedelta(days=367)):
            refused = await service.refused(path, notice(zhao, now, deadline=(now + offset).isoformat()))
            assert refused == (422, "time-not-allowed")
        assert await service.refused(path, notice(new_id(), now)) == (422, "unknown-staff")
        assert await service.refused(f"/complaints/{new_id()}/notice", notice(zhao, now)) == (404, "no-such-complaint")
        assert (await service.refused(path, notice(zhao, now, demand="  ")))[0] == 422
        salesperson = as_role("salesperson", zhao)
        assert (await service.post(path, notice(zhao, now), **salesperson)).status_code == 403
        await service.given(listed("gao", "salesperson", active=False), version=2)
        assert await service.refused(path, notice(PEOPLE["gao"], now)) == (422, "unknown-staff")
        assert (await service.get(f"/complaints/{id_}/notices")).json()["items"] == []

        customer = await service.customer()
        enquiry = (await service.record(customer, kind="enquiry"))["id"]
        await service.move(enquiry, "resolve")
        await service.move(enquiry, "close")
        assert await service.refused(f"/complaints/{enquiry}/notice", notice(zhao, now)) == (409, "wrong-state")


async def test_what_was_due_before_the_notice_is_told_in_the_old_line(fresh_database: FreshDatabase) -> None:
    """The timers were away from 11:50 to 13:10, and the notice comes before they work again."""
    async with house(fresh_database) as service:
        id_ = await service.case()
        await service.until(11, 50)
        service.clock.forward(timedelta(minutes=80))
        await service.notice(id_)
        await service.until(20)

        assert await service.told() == [
            ("12:00", "li", 1),
            ("13:00", "zhou", 2),
            ("14:00", "sun", 3),
            ("15:00", "wu", 5),
        ]
        [version] = await service.database.fetch("SELECT version FROM complaint WHERE id = $1", UUID(id_))
        told = {event.aggregate_version for event in await service.events() if str(event.aggregate_id) == id_}
        assert told == set(range(1, version["version"] + 1))


@pytest.mark.parametrize("first", ["notice", "timer"])
async def test_a_notice_in_the_same_instant_as_an_escalation(fresh_database: FreshDatabase, first: str) -> None:
    """Whoever holds the case first: 13:00 is told once, in the line of before, and the next level in the new line."""
    async with house(fresh_database) as service:
        id_ = await service.case()
        await service.until(12, 50)
        service.clock.forward(timedelta(minutes=10))
        context = service.service.context

        works = [lambda: service.notice(id_), lambda: advancing.advance_batch(context)]
        await asyncio.gather(*(work() for work in (works if first == "notice" else reversed(works))))
        await service.until(20)

        assert await service.told() == [
            ("12:00", "li", 1),
            ("13:00", "zhou", 2),
            ("14:00", "sun", 3),
            ("15:00", "wu", 5),
        ]
        assert len(await service.facts(ComplaintNoticed)) == 1


async def test_an_assignment_says_from_whom_to_whom(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record(await service.customer()))["id"]
        service.clock.forward(timedelta(minutes=20))
        path = f"/complaints/v1/complaints/{id_}/responsible"
        named_ = await service.http.put(path, json={"staff_id": str(CS_MANAGER)}, headers={"If-Match": "*"})
        assert named_.status_code == 200

        [fact] = await service.facts(ComplaintAssigned)
        assert (fact.from_id, fact.responsible_id) == (SPECIALIST, CS_MANAGER)
        [entry] = (await service.get(f"/complaints/{id_}/history")).json()["items"]
        assert (entry["what"], datetime.fromisoformat(entry["at"])) == ("assigned", service.clock.now())
        assert entry["changes"] == {"responsible_id": {"from": str(SPECIALIST), "to": str(CS_MANAGER)}}


async def test_what_was_due_before_an_assignment_is_told_to_the_handler_of_before(
    fresh_database: FreshDatabase,
) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record(await service.customer()))["id"]
        service.clock.forward(timedelta(hours=5))
        path = f"/complaints/v1/complaints/{id_}/responsible"
        await service.http.put(path, json={"staff_id": str(CS_MANAGER)}, headers={"If-Match": "*"})

        [overdue] = await service.facts(ComplaintOverdue)
        [escalated] = await service.facts(ComplaintEscalated)
        assert (overdue.staff_id, escalated.staff_id) == (SPECIALIST, SUPERVISOR)


async def test_a_notice_goes_on_paper_with_what_it_demands(fresh_database: FreshDatabase) -> None:
    """In Chinese and English; what is demanded stands as it was written. Received, it says when."""
    async with house(fresh_database) as service:
        case = await service.case()
        issued = await service.notice(case, demand="请说明情况。\n并当日致电道歉。")
        path = f"/complaints/{case}/notices/{issued['id']}/pdf"

        to_sign = await service.get(path)
        await service.post(f"/complaints/{case}/notice/acknowledge", **as_role("salesperson", PEOPLE["zhao"]))
        headers = {**as_role("cs_manager", CS_MANAGER), "Accept-Language": "en-GB,en;q=0.9"}
        received = await service.http.get(f"/complaints/v1{path}", headers=headers)

        assert (to_sign.status_code, to_sign.headers["content-type"]) == (200, "application/pdf")
        assert to_sign.headers["content-disposition"] == f'attachment; filename="{issued["number"]}.pdf"'
        chinese, english = (_on_paper(each.content) for each in (to_sign, received))
        assert all(
            each in chinese
            for each in ("通知单", "请说明情况。", "并当日致电道歉。", "签收", "事由", "开封后变色", issued["number"])
        )
        assert all(
            each in english for each in ("Notice", "请说明情况。", "acknowledged on 2026-11-04", issued["number"])
        )
        assert "Received:" not in english
        assert (await service.get(f"/complaints/{case}/notices/{new_id()}/pdf")).status_code == 404


def _on_paper(content: bytes) -> str:
    [page] = PdfReader(io.BytesIO(content)).pages
    return page.extract_text().replace("\n", "")
