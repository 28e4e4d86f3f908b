"""The board of the operations page: the queue with its clocks, and what the page calls it (domain 5, live)."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.reporting.live import handlers as live
from services.reporting.live.api.page import PAGE
from services.reporting.reactions import REACTIONS
from shared.contracts import care, complaints, customers
from shared.ids import new_id
from tests.postgres import FreshDatabase
from tests.reporting.facts import Case, registered, rose
from tests.support import START, OneService, bearer, one_service

BOARD = "/reporting/v1/live/board"


async def _board(reporting: OneService, **asked: int) -> dict[str, Any]:
    answer = await reporting.http.get(BOARD, params=asked)
    assert answer.status_code == 200, answer.text
    board: dict[str, Any] = answer.json()
    return board


async def test_the_queue_is_by_present_tier_then_by_what_is_left(fresh_database: FreshDatabase) -> None:
    small, risen = new_id(), new_id()
    hour = timedelta(hours=1)
    async with one_service(fresh_database, "reporting") as reporting:
        await reporting.given(
            registered(small),
            registered(risen),
            Case(small).opened(number="first", tier="D", answer_due_at=START + 2 * hour),
            Case(small).opened(number="second", tier="D", answer_due_at=START + 3 * hour),
            Case(risen).opened(number="third", tier="C", answer_due_at=START + 4 * hour),
            Case().opened(number="nobody's", answer_due_at=START + hour),
        )
        await reporting.given(rose(risen), version=2)

        board = await _board(reporting)

        assert [case["number"] for case in board["queue"]] == ["third", "first", "second", "nobody's"]
        assert [case["tier"] for case in board["queue"]] == ["A", "D", "D", None]
        assert [case["number"] for case in (await _board(reporting, limit=1))["queue"]] == ["third"]


async def test_what_waits_is_counted_by_how_it_stands(fresh_database: FreshDatabase) -> None:
    late, soon, paused, answered = Case(), Case(), Case(), Case()
    pause = complaints.ComplaintPaused.model_validate({**paused.about, "until": START + timedelta(days=2)})
    async with one_service(fresh_database, "reporting") as reporting:
        await reporting.given(*(case.opened() for case in (late, paused, answered)))
        await reporting.given(soon.opened(answer_due_at=START + timedelta(hours=5)))
        await reporting.given(pause, answered.answered(timedelta(hours=1)))
        reporting.clock.forward(timedelta(hours=4))
        await reporting.given(late.overdue())

        board = await _board(reporting)

        figures = ("open", "overdue", "due_soon", "paused")
        assert {name: board[name] for name in figures} == {"open": 3, "overdue": 1, "due_soon": 1, "paused": 1}
        assert (board["now"], board["month"]) == ("2026-11-04T05:00:00Z", "2026-11")
        by_due = {case["answer_due_at"]: case for case in board["queue"]}
        assert by_due[None]["overdue"] is False
        assert by_due["2026-11-04T05:00:00Z"]["escalation_level"] == 1


async def test_a_chain_that_reaches_nobody_shows_until_somebody_is_named(fresh_database: FreshDatabase) -> None:
    case, other, colleague = Case(), Case(), new_id()
    escalated = {**case.about, "number": "C-1", "level": 5, "due_at": START + timedelta(hours=4)}
    assigned = complaints.ComplaintAssigned.model_validate({**case.about, "responsible_id": colleague})
    async with one_service(fresh_database, "reporting") as reporting:

        async def shown() -> tuple[int, set[bool]]:
            board = await _board(reporting)
            return board["unreached"], {each["unreached"] for each in board["queue"]}

        await reporting.given(case.opened(), other.opened(number="C-2"), case.overdue(), other.overdue())
        reached = complaints.ComplaintEscalated.model_validate({**escalated, **other.about, "staff_id": colleague})
        await reporting.given(reached, version=2)
        assert await shown() == (0, {False})
        await reporting.given(complaints.ComplaintEscalated.model_validate(escalated), version=3)
        assert await shown() == (1, {False, True})
        await reporting.given(assigned, version=4)
        assert await shown() == (0, {False})
        await reporting.given(complaints.ComplaintEscalated.model_validate(escalated), version=5)
        assert await shown() == (1, {False, True})
        noticed = {**case.about, "number": "N-1", "to_id": colleague, "deadline": START + timedelta(hours=8)}
        await reporting.given(complaints.ComplaintNoticed.model_validate(noticed), version=6)
        assert await shown() == (0, {False})

        await reporting.given(complaints.ComplaintEscalated.model_validate(escalated), version=7)
        await reporting.given(case.answered(timedelta(hours=6)), version=8)
        assert (await shown())[0] == 0
        await reporting.given(case.reopened(timedelta(hours=7)), version=9)
        assert await shown() == (0, {False})


async def test_stores_and_colleagues_are_named_persons_are_not(fresh_database: FreshDatabase) -> None:
    store, person, colleague = new_id(), new_id(), new_id()
    async with one_service(fresh_database, "reporting") as reporting:
        await reporting.given(
            customers.StoreListed(customer_id=store, name="兰芷", external_no=None, region_id=None),
            customers.StaffListed(staff_id=colleague, name="夏雨", role="cs_specialist", department_id=new_id()),
            Case(store).opened(responsible_id=colleague),
            Case(person).opened(number="C-2"),
        )

        names = {(case["customer_name"], case["responsible_name"]) for case in (await _board(reporting))["queue"]}

        assert names == {("兰芷", "夏雨"), (None, None)}


async def test_the_board_says_where_the_stream_goes_on(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "reporting") as reporting:
        assert (await _board(reporting))["shown"] == 0
        await reporting.given(Case().opened(), Case().opened(number="C-2"))
        assert (await _board(reporting))["shown"] == 2


async def test_messages_are_counted_by_the_company_s_day(fresh_database: FreshDatabase) -> None:
    """It is the 4th of November in Shanghai since 16:00 UTC of the 3rd."""
    about = {"customer_id": new_id(), "occasion": "tier_rise", "purpose": "relationship", "channel": "sms"}

    def sent(at: datetime) -> care.MessageSent:
        return care.MessageSent.model_validate({**about, "message_id": new_id(), "at": at})

    tried = new_id()
    failed = care.MessageFailed.model_validate({**about, "message_id": tried, "at": START, "reason": "timeout"})
    async with one_service(fresh_database, "reporting") as reporting:
        yesterday, today = datetime(2026, 11, 3, 15, 59, tzinfo=UTC), datetime(2026, 11, 3, 16, 0, tzinfo=UTC)
        await reporting.given(sent(yesterday), sent(today), sent(START), failed)

        board = await _board(reporting)

        assert (board["time_zone"], board["messages_sent"], board["messages_failed"]) == ("Asia/Shanghai", 2, 1)
        await reporting.given(care.MessageSent.model_validate({**about, "message_id": tried, "at": START}))
        board = await _board(reporting)
        assert (board["messages_sent"], board["messages_failed"]) == (3, 0), "what is sent at last has not failed"


@pytest.mark.parametrize("limit", [0, 201, "x"])
async def test_a_board_without_bounds_is_refused(fresh_database: FreshDatabase, limit: object) -> None:
    async with one_service(fresh_database, "reporting") as reporting:
        answer = await reporting.http.get(BOARD, params={"limit": str(limit)})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "query/limit")


async def test_the_board_is_for_those_who_see_every_case(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "reporting") as reporting:
        for role, status in (("salesperson", 403), ("partner", 403), ("cs_specialist", 200), ("general_manager", 200)):
            assert (await reporting.http.get(BOARD, headers=bearer(role))).status_code == status, role


# ------------------------------------------------------------------------------------------------ the page's words


def _words(language: str) -> dict[str, str]:
    """What the page says in a language, by key; texts within texts are left out."""
    [block] = re.findall(rf"^  {language}: {{\n(.*?)^  }},\n", PAGE, re.DOTALL | re.MULTILINE)
    flat = re.sub(r"(\w+): (\{[^}]*\}|\[[^\]]*\]|\([^)]*\) => `[^`]*`)", r'\1: "·"', block)
    return {key.strip('"'): json.loads(said) for key, said in re.findall(r'("[\w.]+"|\w+): ("(?:[^"\\]|\\.)*")', flat)}


def test_the_page_says_everything_in_both_languages() -> None:
    chinese, english = _words("zh"), _words("en")

    assert chinese.keys() == english.keys()
    used = set(re.findall(r'data-text="(\w+)"', PAGE)) | set(re.findall(r'[^.]text\("([\w.]+)"\)', PAGE))
    assert used <= chinese.keys(), "every text that is shown has words"


def test_every_event_that_is_shown_has_a_name_in_both_languages() -> None:
    shown = {type_.removeprefix("crm.") for type_, reaction in REACTIONS.items() if _shows(reaction)}

    assert {"complaint.overdue", "tier.changed", "message.failed", "month.closed"} <= shown
    assert shown <= _words("zh").keys()
    assert shown <= _words("en").keys()


def _shows(reaction: object) -> bool:
    closed_over = getattr(reaction, "__closure__", None) or ()
    return reaction is live.on_event or any(
        live.on_event in cell.cell_contents for cell in closed_over if isinstance(cell.cell_contents, tuple)
    )
