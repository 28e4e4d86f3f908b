"""Penalties and appeals driven by random people who do what they may and what they may not, held against a model.

Whatever happens, in whatever order: what is refused changes nothing, the ledger adds up to the cent per penalty,
person, supervisor, department and company, each booking lies in an open month, and who reads the log alone knows the
same.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterable, Mapping
from contextlib import AsyncExitStack
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any, ClassVar, Final, TypeAlias, TypeVar
from uuid import UUID

import httpx
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from services.complaints.responsibility.domain.policies import CaseRule
from shared.contracts.care import TouchMakeGoodMissed, TouchMissed, TouchMissWithdrawn
from shared.contracts.customers import DepartmentListed
from shared.contracts.responsibility import Booked, PenaltyBooked, PenaltyReversed
from shared.ids import new_id
from shared.months import Month
from tests.complaints.building import DEPARTMENT, Complaints, as_role, complaints
from tests.complaints.penalising import propose, withdraw
from tests.complaints.penalty_model import ABOVE, COSTS, ROLES, ModelBasis, ModelPenalty, deciders
from tests.postgres import Databases

T = TypeVar("T")
Sums: TypeAlias = dict[str, Decimal]

people = st.one_of(st.sampled_from(["first", "second", "general"]), st.sampled_from(sorted(ROLES)))
"""Those who may most come often, so that much happens, and everybody comes."""
picks = st.integers(0, 11)
amounts = st.sampled_from([None, "0.01", "20", "49.99", "50", "66.67", "100", "140", "200", "500", "500.01"])
rules_of_cases: st.SearchStrategy[CaseRule] = st.sampled_from(["dissatisfied", "repeat", "not_executed", "other"])
STATEMENTS: Final = (
    "SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM penalty t",
    "SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM penalty_share t",
    "SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM case_share t",
    "SELECT count(*) FROM penalty_entry",
    "SELECT count(*) FROM booking",
    "SELECT count(*) FROM event_log",
)


class Machine(RuleBasedStateMachine):
    """Each rule lets somebody do something with whichever case, task or penalty the number picks."""

    url: ClassVar[str]
    loop: ClassVar[asyncio.AbstractEventLoop]

    def __init__(self) -> None:
        super().__init__()
        self.stack = AsyncExitStack()
        self.bases: list[ModelBasis] = []
        self.ids: dict[str, UUID] = {}
        self.versions: dict[str, int] = defaultdict(int)
        self.clock = 0

    def run(self, working: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(working)

    @initialize()
    def open_the_house(self) -> None:
        self.run(self._open())

    async def _open(self) -> None:
        databases = Databases(self.url)
        self.stack.push_async_callback(databases.drop_made)
        self.service: Complaints = await self.stack.enter_async_context(complaints(databases.fresh))
        other = new_id()
        await self.service.given(DepartmentListed(department_id=other, name="销售部", manager_id=None))
        for who in ("wang", "clerk", "general", "manager", "li", "zhao"):
            above = {"supervisor_id": self.ids[ABOVE[who]]} if who in ABOVE else {}
            self.ids[who] = await self.service.colleague(ROLES[who], **above)
        self.ids |= {"first": new_id(), "second": new_id()}
        self.names = {str(id_): who for who, id_ in self.ids.items()}
        self.ranks = sorted(self.ids, key=lambda who: self.ids[who])

    def teardown(self) -> None:
        self.run(self.stack.aclose())

    @property
    def now(self) -> Any:
        return self.service.clock.now()

    def tick(self) -> int:
        self.clock += 1
        return self.clock

    def snapshot(self) -> list[Any]:
        async def read() -> list[Any]:
            return [await self.service.database.fetchval(statement) for statement in STATEMENTS]

        return self.run(read())

    def listed(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.run(self.service.get("/penalties", limit=500)).json()["items"]
        return items

    def id_of(self, basis: ModelBasis, penalty: ModelPenalty) -> str:
        found = [each for each in self.listed() if each["basis"]["id"] == basis.id and each["rule"] == penalty.rule]
        [one] = found
        return str(one["id"])

    def picked(self, pick: int) -> tuple[ModelBasis, ModelPenalty]:
        every = [(basis, penalty) for basis in self.bases for penalty in basis.penalties]
        return every[pick % len(every)]

    def act(self, who: str, path: str, body: Any, may: bool, then: Callable[[], None]) -> None:
        """Somebody tries something: the answer is as the model says, and a refusal changes nothing."""
        before = self.snapshot()
        answer: httpx.Response = self.run(self.service.post(path, body, **as_role(ROLES[who], self.ids[who])))
        told = f"{who}: {path} {body}: {answer.status_code} {answer.text}"
        assert answer.is_success == may, told
        if may:
            then()
        else:
            assert answer.status_code in (403, 409, 422), told
            assert self.snapshot() == before, told
        self.hold()

    # what happens to cases and tasks

    @rule(person=st.sampled_from(["li", "zhao", "wang"]), first=rules_of_cases)
    def a_case(self, person: str, first: CaseRule) -> None:
        if len(self.bases) > 5:
            return
        against = {"type": "person", "id": str(self.ids[person])}
        case = self.run(self.service.record(against=against))
        self.bases.append(ModelBasis(case["id"], person))
        self.find(len(self.bases) - 1, first)

    @precondition(lambda self: self.bases)
    @rule(pick=picks, broken=rules_of_cases)
    def find(self, pick: int, broken: CaseRule) -> None:
        basis = self.bases[pick % len(self.bases)]
        if not basis.of_case:
            return
        self.run(propose(self.service, basis.id, broken))
        known = next((each for each in basis.penalties if each.rule == broken), None)
        if known is None:
            basis.penalties.append(ModelPenalty(broken, Decimal(COSTS[broken]), basis.person, self.tick()))
        else:
            known.propose_again(self.tick())
        basis.cut()
        self.hold()

    @precondition(lambda self: self.bases)
    @rule(pick=picks)
    def lose(self, pick: int) -> None:
        """The rule was not broken after all: the case is no repeat, or the miss is taken back."""
        basis, penalty = self.picked(pick)
        if basis.of_case:
            self.run(withdraw(self.service, basis.id, penalty.rule))  # type: ignore[arg-type]  # of a case
            penalty.take_back()
            basis.cut()
        else:
            self.tell(TouchMissWithdrawn(**self.touch(basis), due_at=self.now))
            for each in basis.penalties:
                each.take_back()
        self.hold()

    @rule(person=st.sampled_from(["li", "wang"]))
    def miss(self, person: str) -> None:
        if len(self.bases) > 6:
            return
        basis = ModelBasis(str(new_id()), person, of_case=False)
        self.bases.append(basis)
        fact = TouchMissed(**self.touch(basis), due_at=self.now, supervisor_id=self.ids[ABOVE.get(person, "general")])
        self.tell(fact)
        cost = Decimal(50) if person == "wang" else Decimal(30)
        basis.penalties.append(ModelPenalty("missed_visit", cost, "wang", self.tick(), amount=cost))
        self.hold()

    @precondition(lambda self: any(not basis.of_case for basis in self.bases))
    @rule(pick=picks)
    def not_made_good(self, pick: int) -> None:
        tasks = [basis for basis in self.bases if not basis.of_case]
        basis = tasks[pick % len(tasks)]
        self.tell(TouchMakeGoodMissed(**self.touch(basis), until=self.now))
        missed = basis.penalties[0]
        if missed.state in ("proposed", "decided", "appealed"):
            if len(basis.penalties) == 1:
                again = ModelPenalty("not_made_good", missed.costs, missed.person, self.tick(), amount=missed.costs)
                basis.penalties.append(again)
            else:
                basis.penalties[1].propose_again(self.tick())
        self.hold()

    def touch(self, basis: ModelBasis) -> dict[str, Any]:
        return {
            "task_id": basis.id,
            "customer_id": basis.id,
            "kind": "obligation",
            "role": "salesperson",
            "contact": "visit",
            "assignee_id": self.ids[basis.person],
            "at": self.now,
        }

    def tell(self, fact: TouchMissed | TouchMissWithdrawn | TouchMakeGoodMissed) -> None:
        key = str(fact.task_id)
        self.versions[key] += 1
        self.run(self.service.given(fact, version=self.versions[key]))

    # what people do

    @precondition(lambda self: self.bases)
    @rule(who=people, pick=picks, amount=amounts)
    def decide(self, who: str, pick: int, amount: str | None) -> None:
        basis, penalty = self.picked(pick)
        amount_ = Decimal(amount) if amount is not None else None
        body = {"waive": True, "reason": "x"} if amount is None else {"amount": amount, "reason": "x"}
        may = basis.may_decide(penalty, who, amount_)
        path = f"/penalties/{self.id_of(basis, penalty)}/decision"
        self.act(who, path, body, may, lambda: basis.decide(penalty, who, amount_, self.now, self.ranks))

    @precondition(lambda self: self.bases)
    @rule(pick=picks)
    def decide_as_it_stands(self, pick: int) -> None:
        """So that much is decided: by who may, what is proposed."""
        basis, penalty = self.picked(pick)
        payers = basis.parts_of(penalty)
        [role] = deciders(payers)
        who = {"admin_dept": "first", "general_manager": "general", "cs_manager": "manager"}[role]
        amount = penalty.amount
        may = basis.may_decide(penalty, who, amount)
        path = f"/penalties/{self.id_of(basis, penalty)}/decision"
        if amount > 0:
            body = {"amount": str(amount), "reason": "x"}
            self.act(who, path, body, may, lambda: basis.decide(penalty, who, amount, self.now, self.ranks))

    @precondition(lambda self: self.bases)
    @rule(who=st.sampled_from(sorted(ROLES)), pick=picks)
    def appeal(self, who: str, pick: int) -> None:
        basis, penalty = self.picked(pick)

        def appealed() -> None:
            penalty.state, penalty.appealed = "appealed", True

        path = f"/penalties/{self.id_of(basis, penalty)}/appeal"
        self.act(who, path, {"reason": "x"}, penalty.may_appeal(who, self.now), appealed)

    @precondition(lambda self: self.bases)
    @rule(
        who=people,
        pick=picks,
        parts=st.dictionaries(
            st.sampled_from(["li", "wang", "zhao", "clerk", "general"]), st.integers(1, 3), min_size=1
        ),
    )
    def share(self, who: str, pick: int, parts: dict[str, int]) -> None:
        basis = self.bases[pick % len(self.bases)]
        if not basis.of_case:
            return
        payers = {*parts, *basis.shares, basis.person}
        for each in basis.penalties:
            if each.state == "proposed":
                payers |= basis.parts_of(each).keys()
        may = who not in payers and ROLES[who] in deciders(payers)
        body = [{"staff_id": str(self.ids[payer]), "parts": number} for payer, number in parts.items()]

        def set_() -> None:
            basis.shares = dict(parts)

        self.act(who, f"/complaints/{basis.id}/shares", body, may, set_)

    @rule(days=st.sampled_from([1, 3, 8, 20]), runs=st.booleans())
    def time_passes(self, days: int, runs: bool) -> None:
        self.service.clock.forward(timedelta(days=days))
        if runs:
            self.book()

    @rule()
    def book(self) -> None:
        self.run(self.service.run_loops("complaints.bookings"))
        for basis in self.bases:
            for each in basis.penalties:
                if each.state == "decided" and each.until is not None and each.until <= self.now:
                    each.booked = True
        self.hold()

    @rule(back=st.integers(1, 2))
    def close_a_month(self, back: int) -> None:
        month = Month.of(self.now, self.service.service.context.zone).plus(-back)
        answer = self.run(
            self.service.post(f"/ledger/months/{month}/close", **as_role("admin_dept", self.ids["first"]))
        )
        assert answer.status_code in (200, 409), answer.text
        self.hold()

    # what always holds

    def hold(self) -> None:
        found = {(each["basis"]["id"], each["rule"]): each for each in self.listed()}
        assert found.keys() == {(basis.id, each.rule) for basis in self.bases for each in basis.penalties}
        bookings = [dict(row) for row in self.run(self.service.database.fetch("SELECT * FROM booking ORDER BY id"))]
        of_penalty: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        for row in bookings:
            of_penalty[str(row["basis_id"])][self.names[str(row["person_id"])]] += row["amount"]
        for basis in self.bases:
            for each in basis.penalties:
                listed = found[basis.id, each.rule]
                self.hold_one(each, listed, of_penalty[listed["id"]])
            if basis.of_case:
                assert sum((each.amount for each in basis.penalties if each.counts), Decimal(0)) <= 500
        self.hold_ledger(bookings)
        self.hold_log(bookings)

    def hold_one(self, penalty: ModelPenalty, listed: Mapping[str, Any], booked: Mapping[str, Decimal]) -> None:
        told = f"{listed['rule']} of {listed['basis']['id']}"
        assert listed["state"] == penalty.state, told
        if penalty.state in ("proposed", "decided", "appealed"):
            assert Decimal(listed["amount"]) == penalty.amount, told
            paid = [Decimal(share["amount"]) for share in listed["shares"]]
            assert sum(paid, Decimal(0)) == penalty.amount, told
        stands = penalty.paid if penalty.booked and penalty.state == "decided" else {}
        assert {who: amount for who, amount in booked.items() if amount} == stands, told

    def hold_ledger(self, bookings: list[dict[str, Any]]) -> None:
        """What people, supervisors and departments have paid is what the penalties that are booked come to."""
        standing: Sums = defaultdict(Decimal)
        for basis in self.bases:
            for each in basis.penalties:
                if each.booked and each.state == "decided":
                    for who, amount in each.paid.items():
                        standing[str(self.ids[who])] += amount
        per_person = sums(bookings, lambda row: row["person_id"])
        assert per_person == {who: amount for who, amount in standing.items() if amount}
        per_supervisor: Sums = defaultdict(Decimal)
        for who, amount in standing.items():
            above = ABOVE.get(self.names[who])
            per_supervisor[str(self.ids[above]) if above else "None"] += amount
        assert sums(bookings, lambda row: row["supervisor_id"]) == {k: v for k, v in per_supervisor.items() if v}
        company = sum(standing.values(), Decimal(0))
        assert sum((row["amount"] for row in bookings), Decimal(0)) == company
        assert sums(bookings, lambda row: row["person_department_id"]) == (
            {str(DEPARTMENT): company} if company else {}
        )
        assert {row["account"] for row in bookings} <= {"company"}
        assert all(row["amount"] == row["amount"].quantize(Decimal("0.01")) for row in bookings)

    def hold_log(self, bookings: list[dict[str, Any]]) -> None:
        """Who hears the events in whatever order has the same ledger, and no month is booked into once it is closed."""
        facts = self.run(self.service.facts(PenaltyBooked, PenaltyReversed))
        Random(len(facts)).shuffle(facts)
        told: dict[UUID, Booked] = {booking.id: booking for fact in facts for booking in fact.bookings}
        assert {id_: (b.amount, b.month, b.person_id) for id_, b in told.items()} == {
            row["id"]: (row["amount"], str(Month.at(row["month"])), row["person_id"]) for row in bookings
        }
        closed = self.run(self.service.database.fetch("SELECT month, closed_at FROM ledger_month"))
        for month, closed_at in (tuple(row) for row in closed):
            assert not [row for row in bookings if row["month"] == month and row["booked_at"] > closed_at]


def sums(rows: Iterable[Mapping[str, Any]], key: Callable[[Mapping[str, Any]], object]) -> Sums:
    found: Sums = defaultdict(Decimal)
    for row in rows:
        found[str(key(row))] += row["amount"]
    return {name: amount for name, amount in found.items() if amount}


EXAMPLES, STEPS_EACH = 12, 50


def test_money_adds_up_whatever_people_do(postgres_url: str) -> None:
    """The same walks each time, so that a change is judged by what it changes."""
    Machine.url = postgres_url
    Machine.loop = asyncio.new_event_loop()
    try:
        run_state_machine_as_test(
            Machine,
            settings=settings(
                max_examples=EXAMPLES,
                stateful_step_count=STEPS_EACH,
                deadline=None,
                derandomize=True,
                database=None,
                phases=[Phase.generate],  # a walk is read as it is: making it shorter takes minutes
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        Machine.loop.close()
