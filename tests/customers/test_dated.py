"""Stages and warnings are dated by when they held, not by when they were noticed (domain 2.6, examples 20 and 21)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.customers.early_warnings.domain.reasons import EndingTie, Signal
from services.customers.early_warnings.domain.warnings import Now, Warned, tellings
from services.customers.worth.domain.judging import BoughtInMonth, By, Facts, Worth, judged
from services.customers.worth.domain.telling import lost_and_back, stages_told
from services.customers.worth.handlers import judge_due
from services.customers.worth_policies.domain import FIRST, WorthPolicy
from shared.contracts.early_warnings import ChurnWarned, ChurnWarningEnded, ReasonCode
from shared.contracts.losses import ChurnConfirmed
from shared.contracts.worth import LifecycleChanged, Stage
from shared.ids import new_id
from shared.money import ZERO
from shared.months import Month
from tests.customers.network import BASE, bought, close, made, store
from tests.customers.test_early_warnings import MODEL, come_to, missed, warnings, with_a_rhythm
from tests.customers.test_lifecycle import FIFTHS, noon
from tests.customers.test_worth import WORTH, history
from tests.postgres import FreshDatabase
from tests.support import OneService, one_service

LAST = FIFTHS[-1]
NOVEMBER_20 = date(2026, 11, 20)


async def told_of(customers: OneService) -> dict[str, list[tuple[Any, ...]]]:
    """What was told of stages, warnings and losses, in order, but for when it was noticed."""
    stages = await customers.facts(LifecycleChanged)
    raised = await customers.facts(ChurnWarned)
    ended = await customers.facts(ChurnWarningEnded)
    lost = await customers.facts(ChurnConfirmed)
    return {
        "stages": [(each.from_stage, each.to_stage, each.since) for each in stages],
        "warned": [(each.number, each.raised_on, each.since, _apart(each)) for each in raised],
        "ended": [(each.cause, each.since) for each in ended],
        "lost": [(each.lost_on, each.tier, each.yearly) for each in lost],
    }


def _apart(warned: ChurnWarned) -> list[Any]:
    """Its reasons, but for which tie it is."""
    return [each.model_copy(update={"tie_id": None}) for each in warned.reasons]


async def about_to_leave(customers: OneService) -> UUID:
    """The store of example 20 on the day of its last purchase, with a tie that ends in October and a miss."""
    shop = await with_a_rhythm(customers)
    await made(customers, f"customers/{shop}/ties", {"kind": "technical", "ends_on": "2026-10-01", "text": "收银系统"})
    await customers.given(missed(shop, LAST))
    await customers.run_loops(WORTH)
    return shop


@pytest.mark.example(21)
async def test_a_leap_of_three_months_tells_what_single_days_tell(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers", start=noon(FIFTHS[0])) as day_by_day:
        await about_to_leave(day_by_day)
        day = LAST
        while day < NOVEMBER_20:
            day += timedelta(days=1)
            day_by_day.clock.move_to(noon(day))
            await judge_due(day_by_day.service.context)
        expected = await told_of(day_by_day)
    async with one_service(fresh_database, "customers", start=noon(FIFTHS[0])) as leaping:
        shop = await about_to_leave(leaping)

        await come_to(leaping, NOVEMBER_20)

        assert await told_of(leaping) == expected
        assert expected["stages"][-2:] == [
            ("stable", "decline", date(2026, 9, 1)), ("decline", "lost", date(2026, 11, 6)),
        ]  # fmt: skip
        assert [(number, str(since)) for number, _, since, _ in expected["warned"]] == [
            (1, "2026-08-20"), (2, "2026-09-01"), (3, "2026-09-21"),
        ], "the tie, the trend, the rhythm"  # fmt: skip
        assert expected["ended"] == [("lost", date(2026, 11, 6))]
        assert [str(day) for day, *_ in expected["lost"]] == ["2026-11-06"]
        moves = await history(leaping, shop, "stage")
        assert [(each["to"], each["since"]) for each in moves[-2:]] == [
            ("decline", "2026-09-01"), ("lost", "2026-11-06"),
        ]  # fmt: skip
        assert {each["at"] for each in moves[-2:]} == {"2026-11-20T04:00:00Z"}, "when it was found"
        [kept] = await warnings(leaping, shop)
        said = {name: kept[name] for name in ("number", "raised_on", "since", "noticed_at", "ended_by")}
        assert said == {
            "number": 4, "raised_on": "2026-08-20", "since": "2026-11-06", "noticed_at": "2026-11-20T04:00:00Z",
            "ended_by": "lost",
        }  # fmt: skip
        assert {each.noticed_at for each in await leaping.facts(ChurnWarned)} == {noon(NOVEMBER_20)}


@pytest.mark.example(21)
async def test_a_warning_that_is_noticed_late_says_since_when_and_when(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers", start=noon(FIFTHS[0])) as customers:
        shop = await with_a_rhythm(customers)

        await come_to(customers, date(2026, 9, 23))

        [warned] = await customers.facts(ChurnWarned)
        assert (str(warned.raised_on), str(warned.since)) == ("2026-09-21", "2026-09-21"), "the 47th day"
        assert warned.noticed_at == warned.at == noon(date(2026, 9, 23))
        [interval] = [each for each in warned.reasons if each.code == "interval"]
        assert interval.days == 47, "as it was on that day"
        [shown] = await warnings(customers, shop)
        assert (shown["raised_on"], shown["since"], shown["noticed_at"]) == (
            "2026-09-21", "2026-09-21", "2026-09-23T04:00:00Z",
        )  # fmt: skip
        standing = (await customers.http.get(f"{BASE}/customers/{shop}")).json()["warning"]
        assert standing == shown
        assert [each["days"] for each in shown["reasons"] if each["code"] == "interval"] == [49], "figures are today's"

        await customers.given(missed(shop, date(2026, 9, 23)))
        await customers.run_loops(WORTH)

        [shown] = await warnings(customers, shop)
        assert (shown["raised_on"], shown["since"], shown["noticed_at"]) == ("2026-09-21", "2026-09-23", None)


async def test_who_was_lost_and_is_back_before_it_is_noticed_has_a_loss(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers", start=noon(FIFTHS[0])) as customers:
        shop = await with_a_rhythm(customers)
        customers.clock.move_to(noon(NOVEMBER_20))
        await bought(customers, shop, "100.00")

        await customers.run_loops(WORTH)

        assert [(each.to_stage, str(each.since)) for each in await customers.facts(LifecycleChanged)][-3:] == [
            ("decline", "2026-09-01"), ("lost", "2026-11-06"), ("exploration", "2026-11-20"),
        ]  # fmt: skip
        [confirmed] = await customers.facts(ChurnConfirmed)
        assert str(confirmed.lost_on) == "2026-11-06"
        [loss] = (await customers.http.get(f"{BASE}/losses")).json()["items"]
        assert (loss["lost_on"], loss["returned_on"], loss["yearly"]) == ("2026-11-06", "2026-11-20", "36900.00")
        [ended] = await customers.facts(ChurnWarningEnded)
        assert (ended.cause, str(ended.since)) == ("lost", "2026-11-06")


async def test_of_what_lies_in_a_closed_month_nobody_is_notified(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers", start=noon(FIFTHS[0])) as customers:
        await with_a_rhythm(customers)
        customers.clock.move_to(noon(NOVEMBER_20))
        for month in range(1, 10):
            await close(customers, f"2026-{month:02d}")

        await customers.run_loops(WORTH)

        stages = await customers.events(LifecycleChanged)
        assert [(event.read(LifecycleChanged).to_stage, event.historical) for event in stages[-2:]] == [
            ("decline", True), ("lost", False),
        ]  # fmt: skip
        [raised] = await customers.events(ChurnWarned)
        [ended] = await customers.events(ChurnWarningEnded)
        assert (raised.historical, ended.historical) == (True, False), "raised in September, ended in November"
        assert [event.historical for event in await customers.events(ChurnConfirmed)] == [False]


async def test_a_stage_before_the_registration_is_history(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers", start=noon(NOVEMBER_20)) as customers:
        early, same = await store(customers), await store(customers, "第二家店")
        await bought(customers, early, "100.00", noon(date(2026, 11, 10)))
        await bought(customers, same, "100.00")

        await customers.run_loops(WORTH)

        told = {event.read(LifecycleChanged).customer_id: event for event in await customers.events(LifecycleChanged)}
        assert (told[early].historical, told[same].historical) == (True, False)


async def test_what_is_entered_by_hand_into_the_past_is_not_told_step_by_step(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers", start=noon(FIFTHS[0])) as customers:
        shop = await store(customers)
        await bought(customers, shop, "5000.00")
        await customers.run_loops(WORTH)
        customers.clock.move_to(noon(FIFTHS[5]))
        for day in FIFTHS[1:6]:
            await bought(customers, shop, "5000.00", noon(day))

        await customers.run_loops(WORTH)

        moves = await history(customers, shop, "stage")
        assert [(each["to"], each["since"]) for each in moves] == [
            ("exploration", "2026-01-05"), ("stable", "2026-06-05"),
        ]  # fmt: skip


# ---------------------------------------------------------------------------- by the rules alone

DAY_ONE = date(2025, 11, 3)
AT = datetime(2026, 1, 1, tzinfo=UTC)
POLICY = WorthPolicy(1, FIRST, new_id(), AT, None)
STEPS = st.lists(
    st.tuples(st.sampled_from([1, 7, 20, 30, 31, 45, 95]), st.sampled_from(["0.01", "900.00", "4000.00"])), max_size=9
)
HAPPENED: st.SearchStrategy[list[tuple[ReasonCode, int]]] = st.lists(
    st.tuples(st.sampled_from(["missed", "overdue", "dissatisfied"]), st.integers(0, 250)), max_size=3
)
TIE = st.one_of(st.none(), st.integers(45, 400))
FITTED = st.sampled_from([None, MODEL])
EXAMPLE_20 = [(0, "5000.00"), *((days, "3000.00") for days in (31, 28, 31, 30, 31)), (30, "900.00"), (31, "900.00")]


@settings(max_examples=40, deadline=None)
@example(steps=EXAMPLE_20, happened=[("missed", 200)], tie=250, model=None, silence=107)
@example(steps=EXAMPLE_20, happened=[], tie=None, model=MODEL, silence=400)
@given(steps=STEPS, happened=HAPPENED, tie=TIE, model=FITTED, silence=st.integers(1, 130))
def test_what_is_judged_late_is_told_as_if_it_had_been_judged_each_day(
    steps: list[tuple[int, str]],
    happened: list[tuple[ReasonCode, int]],
    tie: int | None,
    model: Any,
    silence: int,
) -> None:
    by = By(1, POLICY, ZERO, None, model)
    days = [DAY_ONE]
    for wait, _ in steps:
        days.append(days[-1] + timedelta(days=wait))
    bought_ = dict(zip(days, ["100.00", *(amount for _, amount in steps)], strict=True))
    signals = [Signal(code, DAY_ONE + timedelta(days=after), None) for code, after in happened]
    ties = [] if tie is None else [EndingTie(DAY_ONE + timedelta(days=tie), new_id(), "technical", "entered")]
    life = _Life(bought_, signals, ties)
    end = max([*days, *(each.on for each in signals)]) + timedelta(days=silence)

    seldom = {*bought_, *(each.on for each in signals), end}
    daily = {DAY_ONE + timedelta(days=number) for number in range((end - DAY_ONE).days + 1)}

    assert life.told(seldom, by) == life.told(daily, by)


class _Life:
    """What happened to a store, and what is told of it by one who looks at it on some days only."""

    def __init__(self, bought_: dict[date, str], signals: list[Signal], ties: list[EndingTie]) -> None:
        self._bought, self._signals, self._ties = bought_, signals, ties
        self._id = new_id()

    def told(self, days: set[date], by: By) -> dict[str, Any]:
        worth, warned = self._new(), None
        stages: list[tuple[Stage, date | None]] = []
        warnings_: list[Any] = []
        gone: list[Any] = []
        for today in sorted(days):
            found = judged(worth, self._on(today), by, today)
            pairs = stages_told(found)
            stages += [(now.stage, now.since) for _, now in pairs]
            gone += [
                *lost_and_back(found),
                *([found.after.since] if found.moved and found.after.stage == "lost" else []),
            ]
            after, told = tellings(warned, found.course, POLICY, Now(today, AT), new_id)
            warnings_ += [(each.version, each.raised_on, each.since, each.ended_by, each.reasons) for each in told]
            warned = _open(warned, after)
            worth = replace(found.after, version=worth.version + len(pairs))
        days_lost = [getattr(each, "lost_on", each) for each in gone]
        return {
            "stages": stages, "warnings": warnings_, "lost": days_lost, "stands": warned and warned.reasons,
            "worth": replace(worth, id=self._id),
        }  # fmt: skip

    def _on(self, today: date) -> Facts:
        bought_ = {day: Decimal(amount) for day, amount in self._bought.items() if day <= today}
        months: dict[int, Decimal] = {}
        for day, amount in bought_.items():
            ordinal = Month(day.year, day.month).ordinal
            months[ordinal] = months.get(ordinal, ZERO) + amount
        signals = [each for each in self._signals if each.on <= today]
        sums = [BoughtInMonth(month, amount, amount) for month, amount in months.items()]
        return Facts(self._id, sorted(bought_), sums, (), (), False, None, signals, self._ties, {}, None, ZERO, ZERO)

    def _new(self) -> Worth:
        return Worth(
            self._id, self._id, 0, "potential", None, "low", None, "small", "rest", ZERO, None, ZERO, ZERO, ZERO, ZERO,
            None, None, None,
        )  # fmt: skip


def _open(before: Warned | None, after: list[Warned]) -> Warned | None:
    """Which warning stands."""
    if not after:
        return before
    standing = [each for each in after if each.ended_by is None]
    return standing[-1] if standing else None
