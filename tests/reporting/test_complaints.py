"""The month report of complaints, and what a customer's page says of cases."""

from datetime import timedelta
from typing import Any

from shared.contracts import complaints, settlements
from shared.ids import new_id
from tests.postgres import FreshDatabase
from tests.reporting.facts import FOUR_HOURS, Case, read, registered
from tests.support import START, OneService, one_service


async def figures(reporting: OneService, month: str = "2026-11") -> dict[str, Any]:
    answer: dict[str, Any] = await read(reporting.http, "complaints", month=month)
    return answer


async def test_each_outcome_is_counted(fresh_database: FreshDatabase) -> None:
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

        assert await figures(reporting) == {
            "opened": 4,
            "reopened": 0,
            "answered_in_time": 1,
            "answered_late": 1,
            "unanswered_overdue": 1,
            "open": 1,
            "accepted_in_time": 0,
            "not_accepted_in_time": 0,
            "compensations": 0,
            "compensated": "0.00",
            "share_in_time": 0.3333,
        }


async def test_what_customer_service_took_in_time_is_counted(fresh_database: FreshDatabase) -> None:
    by_them, taken, late, nobody, unheard = (Case() for _ in range(5))
    async with one_service(fresh_database, "reporting") as reporting:
        await reporting.given(
            by_them.opened(accepted_by=new_id()),
            *(case.opened() for case in (taken, late, nobody, unheard)),
            taken.accepted(timedelta(minutes=20)),
            late.not_accepted(),
            late.accepted(timedelta(hours=1)),
            nobody.not_accepted(),
        )

        november = await figures(reporting)
        assert (november["accepted_in_time"], november["not_accepted_in_time"]) == (2, 2)


async def test_what_was_given_counts_in_the_month_of_its_grant(fresh_database: FreshDatabase) -> None:
    """Taken back later, it leaves that month; the month is that of the company's wall."""
    case = Case(new_id())
    november = START.replace(day=30, hour=15, minute=59)

    def given(cost: str, **said: Any) -> dict[str, Any]:
        return {**case.about, "compensation_id": new_id(), "kind": "gift", "cost": cost, "at": november, **said}

    async with one_service(fresh_database, "reporting") as reporting:
        first, mistaken = given("400.00"), given("50.50")
        december = given("1.00", at=november + timedelta(minutes=1))
        await reporting.given(
            case.opened(),
            *(settlements.CompensationGranted.model_validate(each) for each in (first, mistaken, december)),
        )
        assert (await figures(reporting))["compensated"] == "450.50"

        taken_back = {**mistaken, "at": november + timedelta(days=3)}
        await reporting.given(settlements.CompensationWithdrawn.model_validate(taken_back), version=2)

        found = await figures(reporting)
        assert (found["compensations"], found["compensated"]) == (1, "400.00")
        assert (await figures(reporting, "2026-12"))["compensated"] == "1.00"


async def test_a_solution_without_an_answer_stops_the_clock(fresh_database: FreshDatabase) -> None:
    case = Case()
    solved = complaints.ComplaintResolved.model_validate({**case.about, "in_time": True, "stopped_clock": True})
    async with one_service(fresh_database, "reporting") as reporting:
        await reporting.given(case.opened(), solved)

        assert (await figures(reporting))["answered_in_time"] == 1


async def test_rounds_count_each_in_the_month_it_began(fresh_database: FreshDatabase) -> None:
    case = Case()
    december = timedelta(days=28)
    async with one_service(fresh_database, "reporting") as reporting:
        await reporting.given(case.opened(), case.answered(timedelta(hours=1)), case.reopened(december))
        reporting.clock.forward(december + timedelta(days=1))

        november = await figures(reporting, "2026-11")
        assert (november["opened"], november["answered_in_time"]) == (1, 1)
        assert (november["reopened"], november["share_in_time"]) == (0, 1.0)
        december_figures = await figures(reporting, "2026-12")
        assert (december_figures["opened"], december_figures["reopened"]) == (1, 1)
        assert december_figures["unanswered_overdue"] == 1


async def test_a_month_begins_in_the_companys_zone(fresh_database: FreshDatabase) -> None:
    midnight_in_shanghai = START.replace(month=11, day=30, hour=16)
    async with one_service(fresh_database, "reporting") as reporting:
        await reporting.given(
            Case().opened(at=midnight_in_shanghai - timedelta(seconds=1)),
            Case().opened(at=midnight_in_shanghai),
        )

        assert (await figures(reporting, "2026-11"))["opened"] == 1
        assert (await figures(reporting, "2026-12"))["opened"] == 1


async def test_a_taken_over_case_is_late_by_its_times(fresh_database: FreshDatabase) -> None:
    store = new_id()
    case = Case(store)
    async with one_service(fresh_database, "reporting") as reporting:
        await reporting.given(case.opened(taken_over=True), historical=True)
        reporting.clock.forward(timedelta(hours=4))

        assert (await figures(reporting))["unanswered_overdue"] == 1
        [seen] = (await read(reporting.http, f"customers/{store}"))["complaints"]
        assert (seen["overdue"], seen["taken_over"]) == (True, True)


async def test_a_paused_round_is_open(fresh_database: FreshDatabase) -> None:
    store = new_id()
    case = Case(store)
    paused = complaints.ComplaintPaused.model_validate({**case.about, "until": START + timedelta(days=2)})
    async with one_service(fresh_database, "reporting") as reporting:
        await reporting.given(case.opened(), paused)
        reporting.clock.forward(timedelta(days=1))

        assert (await figures(reporting))["open"] == 1
        [seen] = (await read(reporting.http, f"customers/{store}"))["complaints"]
        assert (seen["overdue"], seen["answer_due_at"]) == (False, None)


async def test_a_pause_is_over_at_its_longest_end_before_anybody_tells(fresh_database: FreshDatabase) -> None:
    store, hour = new_id(), timedelta(hours=1)
    case = Case(store)
    paused = {"until": START + 24 * hour, "due_after_pause": START + 28 * hour}
    async with one_service(fresh_database, "reporting") as reporting:

        async def shown() -> tuple[object, ...]:
            [seen] = (await read(reporting.http, f"customers/{store}"))["complaints"]
            board = await read(reporting.http, "live/board")
            [queued] = board["queue"]
            assert (seen["answer_due_at"], seen["overdue"]) == (queued["answer_due_at"], queued["overdue"])
            month = await figures(reporting)
            counted = board["paused"], board["due_soon"], board["overdue"], month["open"], month["unanswered_overdue"]
            return seen["answer_due_at"], seen["overdue"], counted

        await reporting.given(case.opened(), complaints.ComplaintPaused.model_validate({**case.about, **paused}))
        due = "2026-11-05T05:00:00Z"
        for passed, expected in (
            (timedelta(hours=24) - timedelta(seconds=1), (None, False, (1, 0, 0, 1, 0))),
            (timedelta(seconds=1), (due, False, (0, 0, 0, 1, 0))),
            (3 * hour, (due, False, (0, 1, 0, 1, 0))),
            (hour, (due, True, (0, 0, 1, 0, 1))),
        ):
            reporting.clock.forward(passed)
            assert await shown() == expected
        resumed = complaints.ComplaintResumed.model_validate({**case.about, "answer_due_at": paused["due_after_pause"]})
        await reporting.given(resumed)
        assert await shown() == (due, True, (0, 0, 1, 0, 1))
        again = {**case.about, "until": START + 20 * hour}  # as an older release told it: nobody knows what is due
        await reporting.given(complaints.ComplaintPaused.model_validate(again))
        assert await shown() == (None, False, (1, 0, 0, 1, 0))


async def test_a_reopened_case_starts_anew_on_its_customers_page(fresh_database: FreshDatabase) -> None:
    store = new_id()
    case = Case(store)
    async with one_service(fresh_database, "reporting") as reporting:
        await reporting.given(
            case.opened(), case.overdue(), case.answered(timedelta(hours=5)), case.reopened(timedelta(hours=6))
        )

        [seen] = (await read(reporting.http, f"customers/{store}"))["complaints"]

    assert (seen["state"], seen["round"], seen["overdue"]) == ("open", 2, False)
    assert (seen["answered_at"], seen["escalation_level"]) == (None, 0)


async def test_whoever_is_responsible_now_is_shown(fresh_database: FreshDatabase) -> None:
    store, first, second, third = new_id(), new_id(), new_id(), new_id()
    case = Case(store)
    assigned = complaints.ComplaintAssigned.model_validate({**case.about, "responsible_id": second})
    reopened = complaints.ComplaintReopened.model_validate(
        {**case.about, "round": 2, "answer_due_at": START + FOUR_HOURS, "responsible_id": third}
    )

    async with one_service(fresh_database, "reporting") as reporting:

        async def shown() -> tuple[str, str]:
            customer = await read(reporting.http, f"customers/{store}")
            board = await read(reporting.http, "live/board")
            return customer["complaints"][0]["responsible_id"], board["queue"][0]["responsible_id"]

        await reporting.given(registered(store), case.opened(responsible_id=first))
        assert await shown() == (str(first), str(first))
        await reporting.given(assigned, version=2)
        assert await shown() == (str(second), str(second))
        await reporting.given(case.answered(timedelta(hours=1)), version=3)
        await reporting.given(reopened, version=4)
        assert await shown() == (str(third), str(third))


async def test_an_answer_during_a_pause_leaves_the_due_moment_that_complaints_says(
    fresh_database: FreshDatabase,
) -> None:
    store = new_id()
    case = Case(store)
    due = START + timedelta(hours=6)
    async with one_service(fresh_database, "reporting") as reporting:
        await reporting.given(
            registered(store),
            case.opened(),
            complaints.ComplaintPaused.model_validate({**case.about, "until": START + timedelta(days=1)}),
            complaints.ComplaintResumed.model_validate({**case.about, "answer_due_at": due}),
            case.answered(timedelta(hours=3)),
        )
        [shown] = (await read(reporting.http, f"customers/{store}"))["complaints"]

        assert (shown["answer_due_at"], shown["overdue"]) == ("2026-11-04T07:00:00Z", False)


async def test_a_recalculated_answer_is_late_by_its_new_moment(fresh_database: FreshDatabase) -> None:
    case = Case()
    due = START + timedelta(hours=6)
    said = {"clock": "answer", "due_at": due, "policy_version": 3}
    recalculated = complaints.ComplaintClockRecalculated.model_validate({**case.about, **said})
    async with one_service(fresh_database, "reporting") as reporting:
        await reporting.given(case.opened(), recalculated)

        reporting.clock.forward(timedelta(hours=5))
        assert (await figures(reporting))["open"] == 1
        reporting.clock.forward(timedelta(hours=1))
        assert (await figures(reporting))["unanswered_overdue"] == 1


async def test_both_people_and_the_notice_are_shown(fresh_database: FreshDatabase) -> None:
    """In customer 360, on the board, and in the timeline; a second notice stands in the place of the first."""
    store, first, second = new_id(), new_id(), new_id()
    case = Case(store)
    number = {**case.about, "number": "N20261104-000001"}
    deadline = START + FOUR_HOURS
    noticed = complaints.ComplaintNoticed.model_validate({**number, "to_id": second, "deadline": deadline})
    acknowledged = complaints.ComplaintNoticeAcknowledged.model_validate({**number, "staff_id": second})
    again = complaints.ComplaintNoticed.model_validate(
        {**case.about, "number": "N20261104-000002", "to_id": first, "deadline": deadline}
    )
    async with one_service(fresh_database, "reporting") as reporting:

        async def shown() -> tuple[Any, ...]:
            customer = await read(reporting.http, f"customers/{store}")
            board = await read(reporting.http, "live/board")
            told = customer["complaints"][0]
            waiting = board["queue"][0]
            assert (told["accountable_id"], told["notice_number"]) == (
                waiting["accountable_id"],
                waiting["notice_number"],
            )
            return told["accountable_id"], told["notice_number"], told["notice_acknowledged_at"] is not None

        await reporting.given(registered(store), case.opened(accountable_id=first))
        assert await shown() == (str(first), None, False)
        await reporting.given(noticed, version=2)
        assert await shown() == (str(second), "N20261104-000001", False)
        await reporting.given(acknowledged, version=3)
        assert await shown() == (str(second), "N20261104-000001", True)
        await reporting.given(again, version=4)
        assert await shown() == (str(first), "N20261104-000002", False)
        said = {"kind": "complaint", "subject": "product", "state": "open", "recorded_at": START}
        corrected = complaints.ComplaintCorrected.model_validate({**number, **said, "accountable_id": second})
        await reporting.given(corrected, version=5)
        assert await shown() == (str(second), "N20261104-000002", False)
        timeline = (await read(reporting.http, f"customers/{store}/timeline"))["items"]
        assert {"crm.complaint.noticed", "crm.complaint.notice_acknowledged"} <= {entry["type"] for entry in timeline}


async def test_suggestions_and_enquiries_repeat_nothing(fresh_database: FreshDatabase) -> None:
    """Domain 3.4; of a complaint it is told once it is not the first."""
    store = new_id()
    cases = [Case(store), Case(store), Case(store)]
    async with one_service(fresh_database, "reporting") as reporting:
        await reporting.given(registered(store))
        for case, kind in zip(cases, ("complaint", "suggestion", "complaint"), strict=True):
            await reporting.given(case.opened(kind=kind))
        repeated = {**cases[2].about, "number": "C-3", "count": 2, "of": cases[0].about["complaint_id"]}
        await reporting.given(complaints.ComplaintRepeated.model_validate(repeated), version=2)

        shown = (await read(reporting.http, f"customers/{store}"))["complaints"]

    counts = {each["id"]: each["repeat_count"] for each in shown}
    assert [counts[str(case.about["complaint_id"])] for case in cases] == [1, 0, 2]
