"""What complaints publishes about money: penalties from proposal to booking, rewards, funds, costs of fault, closes.

A story that is told by chance, valid in itself: a penalty is booked once, taken back once, and begins anew; a booking
counts in the month in which it falls due, or in the next one that is open. `folded` adds it up a second time, in the
plainest words.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from random import Random
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson

from shared.bus.event import Event
from shared.contracts import responsibility
from shared.contracts.base import Fact
from shared.contracts.responsibility import RESPONSIBILITY, Booked, PenaltyFact
from shared.ids import new_id
from shared.months import Month

ZONE: Final = ZoneInfo("Asia/Shanghai")
A_WEEK: Final = timedelta(days=7)


@dataclass(frozen=True)
class Payer:
    """Somebody who may pay or be paid, and where they belong."""

    id: UUID
    department_id: UUID | None
    supervisor_id: UUID | None


@dataclass(eq=False)
class _Penalty:
    id: UUID
    about: dict[str, object]
    state: str = "proposed"
    amount: Decimal = Decimal(100)
    payers: Sequence[Payer] = ()
    bookings: Sequence[Booked] = ()


class Money:
    """Tells what happens to money; `publish` takes each fact with its aggregate."""

    def __init__(
        self, random: Random, people: Sequence[Payer], now: datetime, publish: Callable[[Fact, UUID, datetime], None]
    ) -> None:
        self._random = random
        self._people = people
        self._publish = publish
        self._penalties: list[_Penalty] = []
        self._rewards: dict[UUID, list[Booked]] = {}
        self._withdrawals: dict[UUID, list[Booked]] = {}
        self._ledger = new_id()
        self._first = Month.of(now, ZONE)
        self._closed = 0
        self.now = now

    @property
    def actions(self) -> Sequence[Callable[[], None]]:
        """All that can happen; where there is nothing for it, nothing does."""
        return (
            self.propose, self.decide, self.waive, self.appeal, self.withdraw, self.book, self.reverse, self.reward,
            self.take_reward_back, self.withdraw_from_fund, self.put_back_into_fund, self.cost_of_fault, self.close,
        )  # fmt: skip

    def tell(self, turns: int) -> None:
        """So many things happen, most of them to penalties."""
        for _ in range(turns):
            self.now += timedelta(seconds=self._random.uniform(1, A_WEEK.total_seconds()))
            self._random.choice((self.propose, self.decide, self.book, *self.actions))()
        if not self._closed:  # so that no story is without a closed month
            self.now = max(self.now, self._first.ends(ZONE))
            self.close()

    def propose(self) -> None:
        rule = self._random.choice(("dissatisfied", "missed_visit"))
        basis = {"complaint_id": new_id()} if rule == "dissatisfied" else {"task_id": new_id()}
        penalty = _Penalty(new_id(), {**basis, "rule": rule})
        self._penalties.append(penalty)
        self._proposed(penalty)

    def _proposed(self, penalty: _Penalty) -> None:
        penalty.state, penalty.amount = "proposed", Decimal(self._random.randrange(5_000, 50_001)) / 100
        person = self._random.choice(self._people)
        proposed = {"amount": penalty.amount, "person_id": person.id, "department_id": person.department_id}
        month = str(Month.of(self.now, ZONE))
        self._of(responsibility.PenaltyProposed, penalty, **proposed, month=month, policy_version=1)

    def decide(self) -> None:
        """A proposal, or an appeal: that is booked at once."""
        if (penalty := self._any("proposed", "appealed")) is None:
            return
        on_appeal = penalty.state == "appealed"
        penalty.payers = penalty.payers or self._random.sample(self._people, self._random.randrange(1, 4))
        shares = [self._share(each, amount) for each, amount in self._parts(penalty)]
        until = None if on_appeal else self.now + A_WEEK
        said = {"amount": penalty.amount, "shares": shares, "by": new_id(), "appeal_until": until}
        self._of(responsibility.PenaltyDecided, penalty, **said, on_appeal=on_appeal)
        penalty.state = "decided"
        if on_appeal:
            self._booked(penalty)

    def waive(self) -> None:
        if penalty := self._any("proposed", "appealed"):
            self._of(responsibility.PenaltyWaived, penalty, by=new_id(), on_appeal=penalty.state == "appealed")
            penalty.state = "waived"

    def appeal(self) -> None:
        if penalty := self._any("decided"):
            self._of(responsibility.PenaltyAppealed, penalty, by=penalty.payers[0].id)
            penalty.state = "appealed"

    def withdraw(self) -> None:
        if penalty := self._any("proposed"):
            self._of(responsibility.PenaltyWithdrawn, penalty, reason="not_repeated")
            penalty.state = "withdrawn"

    def book(self) -> None:
        if penalty := self._any("decided"):
            self._booked(penalty)

    def _booked(self, penalty: _Penalty) -> None:
        penalty.bookings = [self._booking("penalty", amount, each) for each, amount in self._parts(penalty)]
        self._of(responsibility.PenaltyBooked, penalty, bookings=penalty.bookings)
        penalty.state = "booked"

    def reverse(self) -> None:
        """Of what was never booked nothing is taken back. Sometimes the rule is found broken again."""
        if (penalty := self._any("decided", "appealed", "booked")) is None:
            return
        taken_back = [self._taken_back(each) for each in penalty.bookings]
        self._of(responsibility.PenaltyReversed, penalty, reason="not_counted", bookings=taken_back)
        penalty.state, penalty.payers, penalty.bookings = "reversed", (), ()
        if self._random.random() < 0.5:
            self._proposed(penalty)

    def _taken_back(self, booked: Booked) -> Booked:
        anew = {"id": new_id(), "kind": "reversal", "amount": -booked.amount, "month": self._month()}
        return booked.model_copy(update={**anew, "booked_at": self.now, "reverses": booked.id})

    def reward(self) -> None:
        amount = -Decimal(self._random.randrange(50, 501))
        team = self._random.sample(self._people, self._random.randrange(1, 3))
        bookings = [self._booking("reward", amount, each) for each in team]
        id_ = self._tell(responsibility.RewardGranted, "reward_id", bookings=bookings)
        self._rewards[id_] = bookings

    def take_reward_back(self) -> None:
        if self._rewards:
            id_, bookings = self._rewards.popitem()
            taken_back = [self._taken_back(each) for each in bookings]
            fact = responsibility.RewardReversed(reward_id=id_, at=self.now, bookings=taken_back)
            self._publish(fact, id_, self.now)

    def withdraw_from_fund(self) -> None:
        departments = [each.department_id for each in self._people if each.department_id]
        fund = {"account": "department", "fund_department_id": self._random.choice(departments)}
        amount = -Decimal(self._random.randrange(1, 100_000)) / 100
        bookings = [self._booking("fund_withdrawal", amount, None, **fund)]
        department_id = fund["fund_department_id"]
        id_ = self._tell(responsibility.FundWithdrawn, "withdrawal_id", department_id=department_id, bookings=bookings)
        self._withdrawals[id_] = bookings

    def put_back_into_fund(self) -> None:
        if self._withdrawals:
            id_, [taken] = self._withdrawals.popitem()
            about = {"withdrawal_id": id_, "department_id": taken.fund_department_id, "at": self.now}
            said = {**about, "bookings": [self._taken_back(taken)]}
            self._publish(responsibility.FundWithdrawalReversed.model_validate(said), id_, self.now)

    def cost_of_fault(self) -> None:
        amount = Decimal(self._random.randrange(1, 300_000)) / 100
        booking = self._booking("fault_cost", amount, self._random.choice(self._people))
        self._tell(responsibility.FaultCostBooked, "internal_id", complaint_id=new_id(), bookings=[booking])

    def close(self) -> None:
        """The first open month, when it is over."""
        month = self._first.plus(self._closed)
        if month < Month.of(self.now, ZONE):
            self._closed += 1
            self._publish(responsibility.LedgerClosed(month=str(month), at=self.now), self._ledger, self.now)

    def _any(self, *states: str) -> _Penalty | None:
        found = [each for each in self._penalties if each.state in states]
        return self._random.choice(found) if found else None

    def _parts(self, penalty: _Penalty) -> Iterator[tuple[Payer, Decimal]]:
        """In cents, the first pays what is left."""
        cents, payers = int(penalty.amount * 100), len(penalty.payers)
        each = cents // payers
        for number, payer in enumerate(penalty.payers):
            yield payer, Decimal(each if number else cents - each * (payers - 1)) / 100

    def _share(self, payer: Payer, amount: Decimal) -> dict[str, object]:
        belongs = {"department_id": payer.department_id, "supervisor_id": payer.supervisor_id}
        return {"person_id": payer.id, "amount": amount, **belongs}

    def _booking(self, kind: str, amount: Decimal, payer: Payer | None, **more: object) -> Booked:
        fund = self._random.random() < 0.3 and payer is not None and payer.department_id is not None
        account = {"account": "department" if fund else "company"}
        if fund and payer is not None:
            account["fund_department_id"] = str(payer.department_id)
        whose = self._share(payer, amount) if payer else {}
        booked = {"id": new_id(), "kind": kind, "amount": amount, "month": self._month(), "booked_at": self.now}
        return Booked.model_validate({**whose, **booked, **account, **more})

    def _month(self) -> str:
        return str(max(Month.of(self.now, ZONE), self._first.plus(self._closed)))

    def _of(self, contract: type[PenaltyFact], penalty: _Penalty, **said: object) -> None:
        fact = contract.model_validate({"penalty_id": penalty.id, "at": self.now, **penalty.about, **said})
        self._publish(fact, penalty.id, self.now)

    def _tell(self, contract: type[Fact], name: str, **said: object) -> UUID:
        id_ = new_id()
        self._publish(contract.model_validate({name: id_, "at": self.now, **said}), id_, self.now)
        return id_


def told(random: Random, people: Sequence[Payer], now: datetime, turns: int) -> list[Event]:
    """The events of such a story."""
    versions: defaultdict[UUID, Iterator[int]] = defaultdict(lambda: count(1))
    events: list[Event] = []

    def publish(fact: Fact, aggregate: UUID, at: datetime) -> None:
        events.append(Event.of(fact, aggregate_id=aggregate, version=next(versions[aggregate]), at=at))

    Money(random, people, now, publish).tell(turns)
    return events


Sums = Mapping[tuple[str | None, str], Decimal]
"""By whom or what, and month."""


def folded(events: Sequence[Event], of: str, **only: str) -> Sums:
    """What was booked, by a field of the bookings and month; of those bookings alone whose fields are such."""
    sums: defaultdict[tuple[str | None, str], Decimal] = defaultdict(Decimal)
    for booking in bookings_of(events):
        if all(booking.get(name) == value for name, value in only.items()):
            sums[booking.get(of), booking["month"]] += Decimal(booking["amount"])
    return dict(sums)


def bookings_of(events: Sequence[Event]) -> list[dict[str, Any]]:
    """Every booking, once, as it stands in the JSON of the events."""
    found: dict[str, dict[str, Any]] = {}
    for event in events:
        if event.topic == RESPONSIBILITY:
            for booking in orjson.loads(event.data).get("bookings", []):
                found[booking["id"]] = booking
    return list(found.values())
