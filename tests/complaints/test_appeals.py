"""Appeals and booking: once, by whom, until when, and in which month what was decided counts."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from services.complaints.context import Context
from services.complaints.responsibility.handlers import booking
from services.complaints.responsibility.store.penalties import hold_due
from shared.contracts.responsibility import (
    PenaltyAppealed,
    PenaltyBooked,
    PenaltyDecided,
    PenaltyReversed,
    PenaltyWaived,
    PenaltyWithdrawn,
)
from shared.ids import new_id
from tests.complaints.building import GENERAL, SALESPERSON, SUPERVISOR, as_role, complaints
from tests.complaints.penalising import (
    FIRST_ADMIN,
    SECOND_ADMIN,
    a_case,
    a_penalty,
    appeal,
    at,
    balance,
    booked,
    decide,
    penalties,
    propose,
    said,
    withdraw,
)
from tests.postgres import FreshDatabase

A_SECOND = timedelta(seconds=1)
ME = str(SALESPERSON)


@pytest.mark.example(8)
async def test_what_is_decided_is_booked_when_the_time_to_appeal_ends(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, start=at("2026-11-03 10:00")) as service:
        early, late = [await a_penalty(service) for _ in range(2)]
        assert (await decide(service, early, "100")).json()["appeal_until"] == "2026-11-10T16:00:00Z"
        service.clock.move_to(at("2026-11-11 00:00") - A_SECOND)
        await service.run_loops("complaints.bookings")
        assert await booked(service) == []

        service.clock.forward(A_SECOND)
        await service.run_loops("complaints.bookings")
        await service.run_loops("complaints.bookings")

        assert await booked(service) == [(ME, "100.00", "2026-11")]
        service.clock.move_to(at("2026-11-28 09:00"))
        assert (await decide(service, late, "50")).json()["appeal_until"] == "2026-12-05T16:00:00Z"
        service.clock.move_to(at("2026-12-06 00:00"))
        await service.run_loops("complaints.bookings")
        assert (await booked(service))[1:] == [(ME, "50.00", "2026-12")]
        [first, second] = await service.facts(PenaltyBooked)
        assert [(each.person_id, each.amount, each.month) for each in first.bookings] == [
            (SALESPERSON, Decimal("100.00"), "2026-11")
        ]
        assert second.bookings[0].month == "2026-12"
        assert said(await appeal(service, early)) == (409, "appeal-too-late")


@pytest.mark.example(8)
async def test_an_appeal_holds_the_booking_until_somebody_else_decides(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, start=at("2026-11-03 10:00")) as service:
        id_ = await a_penalty(service)
        await decide(service, id_, "100")
        service.clock.move_to(at("2026-11-10 18:00"))
        answer = await appeal(service, id_)
        assert said(answer) == (200, "appealed")
        assert answer.json()["history"][-1]["reason"] == "当时在路上"
        service.clock.move_to(at("2026-11-30 15:00"))
        await service.run_loops("complaints.bookings")
        assert await booked(service) == []
        assert said(await decide(service, id_, "100")) == (403, "same-decider")
        assert said(await decide(service, id_, "40", SECOND_ADMIN)) == (422, "penalty-out-of-bounds")

        answer = await decide(service, id_, "100", SECOND_ADMIN)

        assert said(answer) == (200, "decided")
        assert (answer.json()["on_appeal"], answer.json()["appeal_until"]) == (True, None)
        assert await booked(service) == [(ME, "100.00", "2026-11")], "at once"
        assert said(await appeal(service, id_)) == (409, "appealed-before")
        assert [each.by for each in await service.facts(PenaltyAppealed)] == [SALESPERSON]
        decided = await service.facts(PenaltyDecided)
        assert [(each.on_appeal, each.by) for each in decided] == [(False, FIRST_ADMIN), (True, SECOND_ADMIN)]
        versions = [
            each.aggregate_version for each in await service.events(PenaltyDecided, PenaltyAppealed, PenaltyBooked)
        ]
        assert versions == [2, 3, 4, 5]
        service.clock.move_to(at("2027-01-02 00:00"))
        await service.run_loops("complaints.bookings")
        assert len(await booked(service)) == 1


@pytest.mark.example(8)
async def test_what_is_booked_after_a_month_was_closed_counts_in_the_next(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, start=at("2026-11-03 10:00")) as service:
        one, two, three = [await a_penalty(service) for _ in range(3)]
        for id_ in (one, two):
            await decide(service, id_, "50")
        service.clock.move_to(at("2026-11-11 00:00"))
        async with service.database.transaction() as transaction:  # somebody else works on the second one
            await transaction.execute("SELECT FROM penalty WHERE id = $1 FOR UPDATE", UUID(two))
            await service.run_loops("complaints.bookings")
        service.clock.move_to(at("2026-11-25 10:00"))
        await decide(service, three, "60")
        service.clock.move_to(at("2026-12-03 09:00"))
        closed = await service.post("/ledger/months/2026-11/close", **as_role("admin_dept", FIRST_ADMIN))
        assert closed.status_code == 200

        await service.run_loops("complaints.bookings")

        assert await booked(service) == [(ME, "50.00", "2026-11"), (ME, "50.00", "2026-12"), (ME, "60.00", "2026-12")]


async def test_what_fell_due_while_nothing_ran_counts_in_its_month(fresh_database: FreshDatabase) -> None:
    """The worker was down over the end of the month: what nobody has closed takes what fell due in it."""
    async with complaints(fresh_database, start=at("2026-11-03 10:00")) as service:
        await decide(service, await a_penalty(service), "50")
        service.clock.move_to(at("2026-12-02 10:00"))
        await service.run_loops("complaints.bookings")

        assert await booked(service) == [(ME, "50.00", "2026-11")]


async def test_who_pays_appeals_and_nobody_else(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        zhao = await service.colleague("salesperson", supervisor_id=SUPERVISOR)
        id_ = await a_penalty(service, zhao)
        assert said(await appeal(service, id_, zhao)) == (409, "not-appealable"), "it is proposed"
        await decide(service, id_, "100")
        assert said(await appeal(service, id_, SALESPERSON)) == (403, "not-a-payer")
        assert said(await appeal(service, str(new_id()), zhao)) == (404, "penalty-not-found")
        for body in ({}, {"reason": ""}, {"reason": " "}):
            refused = await service.post(f"/penalties/{id_}/appeal", body, **as_role("salesperson", zhao))
            assert refused.status_code == 422

        assert said(await appeal(service, id_, SUPERVISOR, "cs_specialist")) == (200, "appealed"), "who pays a part"

        assert said(await appeal(service, id_, zhao)) == (409, "appealed-before")
        assert said(await decide(service, id_, "100", SUPERVISOR, "admin_dept")) == (403, "own-penalty")
        assert said(await decide(service, id_, "70", GENERAL, "general_manager")) == (200, "decided")
        assert await balance(service) == {str(zhao): Decimal("49.00"), str(SUPERVISOR): Decimal("21.00")}


async def test_an_appeal_can_be_waived(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = await a_penalty(service)
        await decide(service, id_, "100")
        await appeal(service, id_)
        assert said(await decide(service, id_, None, SECOND_ADMIN)) == (200, "waived")
        assert [each.on_appeal for each in await service.facts(PenaltyWaived)] == [True]
        service.clock.forward(timedelta(days=30))
        await service.run_loops()
        assert await booked(service) == []
        assert said(await appeal(service, id_)) == (409, "appealed-before")


async def test_events_name_who_is_to_hear_that_a_penalty_stands_no_longer(fresh_database: FreshDatabase) -> None:
    """On appeal and when it is reversed all who paid a part, before that whom it was proposed against."""
    async with complaints(fresh_database) as service:
        payer = await service.colleague("salesperson", supervisor_id=SUPERVISOR)
        cases = [await a_case(service, payer) for _ in range(4)]
        for case in cases:
            await propose(service, case, "dissatisfied")
        first, second, third, _ = [each["id"] for each in await penalties(service)]
        await decide(service, first, "100")
        await appeal(service, first, payer)
        await decide(service, first, by=SECOND_ADMIN)
        await decide(service, second)
        await decide(service, third, "100")
        await withdraw(service, cases[2], "dissatisfied")
        await withdraw(service, cases[3], "dissatisfied")

        both = {payer, SUPERVISOR}
        told = await service.facts(PenaltyWaived, PenaltyReversed, PenaltyWithdrawn)
        assert [(type(each), set(each.person_ids)) for each in told] == [
            (PenaltyWaived, both), (PenaltyWaived, {payer}), (PenaltyReversed, both), (PenaltyWithdrawn, {payer}),
        ]  # fmt: skip


async def test_an_appeal_in_the_instant_in_which_its_time_ends(fresh_database: FreshDatabase) -> None:
    """It is over at that moment, whether the booking has come or not; a second before it is in time, and nothing is
    booked, whatever happens at the same time."""
    async with complaints(fresh_database) as service:
        too_late, in_time = [await a_penalty(service) for _ in range(2)]
        until = at("2026-11-12 00:00")
        for id_ in (too_late, in_time):
            await decide(service, id_, "100")
        service.clock.move_to(until - A_SECOND)
        assert said(await appeal(service, in_time)) == (200, "appealed")
        service.clock.move_to(until)

        answers: list[Any] = await asyncio.gather(
            appeal(service, too_late), *(booking.book_due(service.service.context) for _ in range(3))
        )

        assert said(answers[0]) == (409, "appeal-too-late")
        await service.run_loops("complaints.bookings")
        assert await booked(service) == [(ME, "100.00", "2026-11")]
        assert {each["id"]: each["state"] for each in await penalties(service)} == {
            too_late: "decided", in_time: "appealed",
        }  # fmt: skip


async def killed(context: Context) -> None:
    """Some of what is due is booked, and the process dies before it commits."""
    async with context.database.transaction() as transaction:
        await booking.book(transaction, context, await hold_due(transaction, context.clock.now(), 3))
        raise asyncio.CancelledError


async def test_a_kill_between_decision_and_booking_books_once(fresh_database: FreshDatabase) -> None:
    """A booking that does not commit leaves nothing; the loop of the next process does it, once; so do several."""
    async with complaints(fresh_database) as service:
        ids = [await a_penalty(service) for _ in range(5)]
        for id_ in ids:
            await decide(service, id_, "100")
        service.clock.forward(timedelta(days=8))
        context = service.service.context
        with pytest.raises(asyncio.CancelledError):
            await killed(context)
        assert await booked(service) == []
        assert await service.facts(PenaltyBooked) == []

        await asyncio.gather(*(booking.book_due(context) for _ in range(4)))
        await service.run_loops("complaints.bookings")

        assert await booked(service) == [(ME, "100.00", "2026-11")] * 5
        assert sorted(str(each.penalty_id) for each in await service.facts(PenaltyBooked)) == sorted(ids)


async def test_many_are_booked_in_batches(fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    async with complaints(fresh_database) as service:
        monkeypatch.setattr(booking, "AT_ONCE", 3)
        for _ in range(7):
            await decide(service, await a_penalty(service), "50")
        service.clock.forward(timedelta(days=8))

        assert await service.run_loops("complaints.bookings") == 7
        assert len(await booked(service)) == 7
