"""A complaint on its way: asked back, answered in time, not to the customer's liking; and old ones taken over."""

from datetime import datetime, timedelta

from shared.months import Month
from shared.settings import Settings
from tests.journeys import looks
from tests.journeys.network import Company, company, post
from tests.journeys.stage import Stage

ZONE = Settings().zone
LONG_AGO = timedelta(days=70)


async def the_customer_is_asked_and_not_satisfied(stage: Stage) -> None:
    """The clock stands while the customer is asked; an answer in time that does not satisfy reopens the case."""
    brand_company = await company(stage.http)
    store = await brand_company.store()
    month = str(Month.of(await stage.now(), ZONE))
    before = await looks.month_of_complaints(stage, month)
    opened = await brand_company.complains(store, subject="product")
    case = opened["id"]

    question = {"text": "Which batch is it?", "at_most": "PT2H"}
    paused = await post(stage.http, f"/complaints/v1/complaints/{case}/pause", question)
    assert (paused["paused"], paused["answer_due_at"]) == (True, None)
    waits = looks.reported_case_says(stage, store, case, answer_due_at=None, overdue=False)
    await stage.until(waits, "customer 360 shows that the clock stands")
    resumed = await post(stage.http, f"/complaints/v1/complaints/{case}/resume", {"text": "Batch 12."})
    assert resumed["answer_due_at"] >= opened["answer_due_at"], "the pause is no part of the four hours"

    await _answered_and_resolved(stage, case)
    await stage.until(looks.promotion_held(stage, store, False), "promotion goes on")
    judged = await _judged(stage, case, perceived=4, expected=8)
    assert judged == ("dissatisfied", "open", 2)
    await stage.until(looks.promotion_held(stage, store, True), "promotion is held again")
    grown = looks.month_grew(stage, month, before, opened=2, reopened=1, answered_in_time=1, open=1)
    await stage.until(grown, "the month report counts the first round in time and the second one open")

    await _answered_and_resolved(stage, case)
    assert await _judged(stage, case, perceived=8, expected=8) == ("satisfied", "resolved", 2)
    settled = looks.month_grew(stage, month, before, opened=2, answered_in_time=2, answered_late=0, open=0)
    await stage.until(settled, "and then both in time")
    await stage.until(looks.reported_case_says(stage, store, case, state="resolved", round=2), "resolved in 360 too")


async def old_cases_are_taken_over(stage: Stage) -> None:
    """Cases from before the system keep their times: who was late is counted, and nobody is troubled (decision 15)."""
    brand_company = await company(stage.http)
    store = await brand_company.store()
    recorded_at = await stage.now() - LONG_AGO
    month = str(Month.of(recorded_at, ZONE))
    before = await looks.month_of_complaints(stage, month)
    await stage.until(looks.visits_owed(stage, store, 1), "the store's tasks are planned")
    tasks = await looks.tasks(stage, store)

    late = await _taken_over(stage, brand_company, store, recorded_at, answered_after=timedelta(hours=6))
    in_time = await _taken_over(stage, brand_company, store, recorded_at, answered_after=timedelta(hours=3))
    unanswered = await _taken_over(stage, brand_company, store, recorded_at, answered_after=None)

    counted = looks.month_grew(
        stage, month, before, opened=3, answered_late=1, answered_in_time=1, unanswered_overdue=1, open=0
    )
    await stage.until(counted, "the month of long ago counts them")
    for case, overdue in ((late, True), (in_time, False), (unanswered, True)):
        assert await looks.case_says(stage, case, taken_over=True, overdue=overdue)()
        assert await looks.reported_case_says(stage, store, case, taken_over=True, overdue=overdue)()
    await stage.quiet()
    assert await looks.tasks(stage, store) == tasks, "no apology call for what was over long ago"
    assert await looks.messages(stage, customer_id=store) == []
    for staff in brand_company.staff.values():
        assert await looks.messages(stage, staff_id=staff) == [], "no warning, no escalation"


async def _taken_over(
    stage: Stage, brand_company: Company, store: str, recorded_at: datetime, answered_after: timedelta | None
) -> str:
    case = str((await brand_company.complains(store, recorded_at=recorded_at.isoformat()))["id"])
    if answered_after is not None:
        answered_at = recorded_at + answered_after
        for step, at in (("answer", answered_at), ("resolve", answered_at + timedelta(days=1))):
            said = {"text": "As the paper file says.", "at": at.isoformat()}
            await post(stage.http, f"/complaints/v1/complaints/{case}/{step}", said)
    return case


async def _answered_and_resolved(stage: Stage, case: str) -> None:
    await post(stage.http, f"/complaints/v1/complaints/{case}/answer", {"text": "We apologise and send another."})
    await post(stage.http, f"/complaints/v1/complaints/{case}/resolve", {"text": "Sent."})


async def _judged(stage: Stage, case: str, *, perceived: int, expected: int) -> tuple[str, str, int]:
    """Verdict, state and round after the customer was asked."""
    answers = {"perceived": perceived, "expected": expected}
    judged = await post(stage.http, f"/complaints/v1/complaints/{case}/satisfaction", answers)
    return judged["verdict"], judged["state"], judged["round"]
