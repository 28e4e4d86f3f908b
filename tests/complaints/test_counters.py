"""Counters: kept in memory from what happens, as the database would count them."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.complaints.counters import queries, store
from services.complaints.counters.domain import CountedCase, OpenCases
from shared.ids import new_id
from tests.complaints.building import SPECIALIST, SUPERVISOR, Complaints, as_role, complaints
from tests.complaints.test_lists import assigned, found
from tests.postgres import FreshDatabase
from tests.support import START

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "AT_MOST_EVERY", 0.0)


async def published(service: Complaints) -> None:
    """Numbers what is in the log, as the relay does."""
    await service.database.execute(
        "UPDATE event_log SET sequence = id WHERE sequence IS NULL",
    )
    await service.database.execute("UPDATE relay SET last_sequence = (SELECT coalesce(max(id), 0) FROM event_log)")


async def counted(service: Complaints, role: str = "cs_specialist", who: Any = SPECIALIST) -> dict[str, Any]:
    await published(service)
    answer = await service.http.get("/complaints/v1/counters", headers=as_role(role, who))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_counters_follow_what_happens_and_the_time(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        nothing = await counted(service)
        assert (nothing["mine"]["open"], nothing["every"]["open"]) == (0, 0)
        vip = await service.customer("A")
        first, second = await service.record(vip), await service.record(vip)
        nobodys = await service.record()
        service.clock.forward(HOUR)
        third = await service.record(vip)

        now = await counted(service)
        assert now["mine"] == {
            "open": 3,
            "overdue": 0,
            "due_soon": 0,
            "paused": 0,
            "by_tier": {"A": 3, "B": 0, "C": 0, "D": 0, "unknown": 0},
        }
        assert (now["every"]["open"], now["every"]["by_tier"]["unknown"], now["every"]["unassigned"]) == (4, 1, 0)

        service.clock.forward(2.5 * HOUR)
        assert (await counted(service))["mine"]["due_soon"] == 2, "time alone moves them"
        await service.move(first["id"], "pause")
        service.clock.forward(HOUR)
        await assigned(service, second["id"], SUPERVISOR)
        moved = await counted(service)
        assert (moved["mine"]["open"], moved["mine"]["overdue"], moved["mine"]["paused"]) == (2, 0, 1)
        assert moved["mine"]["due_soon"] == 1
        assert (moved["every"]["overdue"], moved["every"]["open"]) == (2, 4)
        assert len(await found(service, "/queue", overdue=True)) == 2
        of_supervisor = await counted(service, "cs_specialist", SUPERVISOR)
        assert (of_supervisor["mine"]["open"], of_supervisor["mine"]["overdue"]) == (1, 1)

        for each in (third, nobodys):
            await service.move(each["id"], "answer")
        assert (await counted(service))["every"]["open"] == 2
        await service.move(third["id"], "reopen")
        assert (await counted(service))["every"]["open"] == 3


async def test_who_does_not_see_every_customer_counts_their_own(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        opened = await service.record()
        handler = await service.colleague("cs_specialist")
        await assigned(service, opened["id"], handler)

        mine = await counted(service, "salesperson", handler)

        assert (mine["mine"]["open"], mine["every"]) == (1, None)


async def test_all_is_read_anew_where_too_much_has_happened(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "FARTHEST", 2)
    monkeypatch.setattr(queries, "PART", 2)
    async with complaints(fresh_database) as service:
        await counted(service)
        for _ in range(5):
            await service.record()

        assert (await counted(service))["every"]["open"] == 5


async def test_a_tier_that_moves_is_counted_at_once(fresh_database: FreshDatabase) -> None:
    """Without reading all anew, in each process that counts, and whichever looked while the tier was moving."""
    async with complaints(fresh_database) as service:
        customer, other = await service.customer("D"), await service.customer("D")
        for each in (customer, customer, other):
            await service.record(each)
        answered = await service.record(customer)
        await service.move(answered["id"], "answer")
        assert (await counted(service))["every"]["by_tier"]["D"] == 3

        await service.tier_moves(customer, "A")

        now = await counted(service)
        assert now["every"]["by_tier"] == now["mine"]["by_tier"] == {"A": 2, "B": 0, "C": 0, "D": 1, "unknown": 0}
        assert (now["every"]["open"], now["mine"]["open"]) == (3, 3)
        await service.tier_moves(customer, "B", version=4)
        assert (await counted(service))["every"]["by_tier"]["B"] == 2


async def test_a_tier_that_is_written_while_others_look_is_counted_afterwards(fresh_database: FreshDatabase) -> None:
    """A transaction that began first and ends last is not passed over."""
    async with complaints(fresh_database) as service:
        early, late = [await service.record(await service.customer("D")) for _ in range(2)]
        await counted(service)
        move = "UPDATE complaint SET tier_rank = 1 WHERE id = $1"
        async with service.database.connection() as slow:
            writing = slow.transaction()
            await writing.start()
            await slow.execute(move, UUID(early["id"]))
            await store.tell_of_tiers(slow, [UUID(early["id"])], START)
            async with service.database.transaction() as quick:
                await quick.execute(move, UUID(late["id"]))
                await store.tell_of_tiers(quick, [UUID(late["id"])], START)
            assert (await counted(service))["every"]["by_tier"]["A"] == 1
            await writing.commit()

        assert (await counted(service))["every"]["by_tier"]["A"] == 2


async def test_what_everybody_has_counted_is_forgotten(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        customer = await service.customer("D")
        opened = await service.record(customer)
        await service.tier_moves(customer, "A")
        await service.database.execute("UPDATE tier_move SET moved_at = moved_at - interval '11 minutes'")

        await service.tier_moves(customer, "B", version=4)

        kept = await service.database.fetch("SELECT complaint_id FROM tier_move")
        assert [row["complaint_id"] for row in kept] == [UUID(opened["id"])]


_IDS = [new_id() for _ in range(6)]
_PEOPLE = [None, SPECIALIST, SUPERVISOR]
_CASES = st.builds(
    CountedCase,
    st.sampled_from(_IDS),
    st.booleans(),
    st.sampled_from(_PEOPLE),
    st.integers(1, 5),
    st.one_of(st.none(), st.integers(-5, 5).map(lambda hours: START + hours * HOUR)),
)


@given(st.lists(st.lists(_CASES, max_size=8), max_size=8))
def test_figures_are_those_of_counting(batches: list[list[CountedCase]]) -> None:
    kept, known = OpenCases(), {}
    for batch in batches:
        kept.count(batch)
        known.update({case.id: case for case in batch})
    waiting = [case for case in known.values() if case.open]

    for handler in _PEOPLE:
        of_one = [case for case in waiting if case.handler_id == handler]
        if handler is None:
            assert kept.unassigned == len(of_one)
            continue
        figures = kept.figures_of(handler, START)
        assert figures.open == len(of_one)
        assert figures.overdue == sum(case.due_at is not None and case.due_at <= START for case in of_one)
    figures = kept.figures(START)
    assert figures.paused == sum(case.due_at is None for case in waiting)
    assert figures.due_soon == sum(case.due_at is not None and START < case.due_at <= START + HOUR for case in waiting)
    assert list(figures.by_tier.values()) == [sum(case.tier_rank == rank for case in waiting) for rank in range(1, 6)]
